//! Changes that the source logs as statements, as pt-table-checksum makes them for its own table: they read the job's tables
//! and write another, so they pass. On a table of the job they stop it by name.

use super::replicate_ddl::streaming;
use super::replicate_zoo::expect_equal;
use crate::support::servers::{self, PASSWORD, USER, direction};
use crate::support::sql;
use std::process::Command;

/// Each in the session that the tool works in.
async fn by_statement(conn: &mut mysql_async::Conn, statements: &[String]) {
    sql::exec_all(conn, ["SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ", "SET @@binlog_format := 'STATEMENT'"]).await;
    sql::exec_all(conn, statements.iter().map(String::as_str)).await;
    sql::exec(conn, "SET @@binlog_format := 'ROW'").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn checksums_of_the_jobs_tables_pass() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        let (schema, mut conn, _job, run) = streaming("checksums", from, to).await;
        let own = format!("{schema}_percona");
        let table = format!("`{own}`.`checksums`");
        let statements = [
            format!("CREATE DATABASE IF NOT EXISTS `{own}` /* pt-table-checksum */"),
            format!(
                "CREATE TABLE IF NOT EXISTS {table} (db CHAR(64) NOT NULL, tbl CHAR(64) NOT NULL, chunk INT NOT NULL, chunk_time FLOAT NULL, \
                 this_crc CHAR(40) NOT NULL, this_cnt INT NOT NULL, master_crc CHAR(40) NULL, PRIMARY KEY (db, tbl, chunk)) ENGINE=InnoDB"
            ),
            format!("DELETE FROM {table} WHERE db = '{schema}' AND tbl = 'a'"),
            format!(
                "REPLACE INTO {table} (db, tbl, chunk, this_cnt, this_crc) SELECT '{schema}', 'a', '1', COUNT(*) AS cnt, \
                 COALESCE(LOWER(CONV(BIT_XOR(CAST(CRC32(CONCAT_WS('#', `id`, `n`)) AS UNSIGNED)), 10, 16)), 0) AS crc \
                 FROM `{schema}`.`a` FORCE INDEX(`PRIMARY`) WHERE ((`id` >= '1')) AND ((`id` <= '2')) /*checksum chunk*/"
            ),
            format!("UPDATE {table} SET chunk_time = '0.1', master_crc = 'x' WHERE db = '{schema}' AND tbl = 'a' AND chunk = '1'"),
        ];
        by_statement(&mut conn, &statements).await;
        sql::exec(&mut conn, "INSERT INTO a VALUES (3, 3)").await;
        run.finish().await;
        expect_equal(from, to, &schema, 1).await;
        sql::exec(&mut conn, &format!("DROP DATABASE `{own}`")).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_that_changes_a_table_of_the_job_stops_it() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        let (_, mut conn, _job, run) = streaming("bystatement", from, to).await;
        by_statement(&mut conn, &["INSERT INTO a VALUES (3, 3)".to_owned()]).await;
        let error = run.error().await;
        assert_eq!(error.code, "statement_based_event", "{}: {error:?}", direction(from, to));
        assert!(error.hint.contains("binlog_format=ROW") && error.hint.contains("--ignore"), "{error:?}");
    }
}

/// The tool itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pt_table_checksum_itself_passes() {
    if Command::new("pt-table-checksum").arg("--version").output().is_err() {
        servers::skip("pt-table-checksum is not installed (scripts/services install percona-toolkit); its statements are tested");
        return;
    }
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let (schema, mut conn, _job, run) = streaming("pttablesum", from, to).await;
    let mut tool = Command::new("pt-table-checksum");
    tool.args(["--databases", &schema, "--replicate", &format!("{schema}_percona.checksums"), "--recursion-method", "none"]);
    tool.args(["--no-version-check", &format!("h=127.0.0.1,P={},u={USER},p={PASSWORD}", from.port)]);
    let done = tokio::task::spawn_blocking(move || tool.output()).await.expect("no panic").expect("it starts");
    let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
    assert!(said.contains(&format!("{schema}.a")), "{said}");
    sql::exec(&mut conn, "INSERT INTO a VALUES (3, 3)").await;
    run.finish().await;
    expect_equal(from, to, &schema, 1).await;
    sql::exec(&mut conn, &format!("DROP DATABASE `{schema}_percona`")).await;
}
