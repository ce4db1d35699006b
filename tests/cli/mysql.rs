//! `syncline mysql schemas|columns` against a real server, through the real daemon.

use super::{outcome, syncline};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, PASSWORD, USER};
use crate::support::sql;

#[tokio::test(flavor = "multi_thread")]
async fn a_server_is_looked_at_before_a_job_uses_it() {
    let Some(server) = servers::mariadb(1) else { return };
    let schema = sql::scratch("looked", &[server]).await;
    let mut conn = sql::connect(server).await;
    sql::exec(&mut conn, &format!("CREATE TABLE {schema}.orders (id INT UNSIGNED NOT NULL, `名` TEXT, n INT AS (id + 1) VIRTUAL)")).await;
    let daemon = Daemon::start(&[]).await;
    let password = daemon.home().join("pw");
    std::fs::write(&password, PASSWORD).unwrap();
    let account = format!("{USER}@127.0.0.1:{}", server.port);
    let run = |verb: &str, more: &[&str]| {
        let mut command = syncline(daemon.home());
        command.env("SYNCLINE_SERVER", daemon.url()).args(["mysql", verb, &account]).args(more);
        outcome(command.arg("--password-file").arg(&password))
    };
    let listed = run("schemas", &["-o", "csv"]);
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    assert!(listed.stdout.starts_with("schema,table\n") && listed.stdout.contains(&format!("{schema},orders")), "{}", listed.stdout);
    assert!(!listed.stdout.contains("information_schema"));
    assert!(run("schemas", &["-o", "name"]).stdout.contains(&format!("table/{schema}.orders")));
    let table = format!("{schema}.orders");
    let columns = run("columns", &[&table, "-o", "csv"]);
    assert_eq!(columns.code, 0, "{}", columns.stderr);
    let lines: Vec<&str> = columns.stdout.lines().collect();
    assert_eq!(lines[..2], ["column,type,nullable,generated", "id,int(10) unsigned,false,false"]);
    assert!(lines[2].starts_with("名,text,true,false") && lines[3].ends_with("true,true"), "{lines:?}");

    let missing = run("columns", &[&format!("{schema}.none")]);
    assert_eq!(missing.code, 5, "{}", missing.stderr);
    assert!(missing.stderr.contains("does not exist"), "{}", missing.stderr);
    assert_eq!(run("columns", &["none"]).code, 2);
    std::fs::write(&password, "hunter2").unwrap();
    let refused = run("schemas", &[]);
    assert_ne!(refused.code, 0);
    assert!(refused.stderr.contains("check user and password") && !refused.stderr.contains("hunter2"), "{}", refused.stderr);
}
