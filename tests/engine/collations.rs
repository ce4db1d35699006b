//! What parallel apply takes for granted about collations (`replicate/collation.rs`), asked of both servers with every text
//! of one and of two characters.

use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, rows, scratch};
use syncline::replicate::collation::ascii_is_plain;

async fn ascii_holds(server: &'static Server) {
    let schema = scratch("collations", &[server]).await;
    let mut conn = connect(server).await;
    exec(&mut conn, &format!("USE `{schema}`")).await;
    exec(&mut conn, "CREATE TABLE t (a VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin)").await;
    let all: Vec<char> = (' '..='~').collect();
    let quoted = |s: String| format!("('{}')", s.replace('\\', "\\\\").replace('\'', "''"));
    let mut texts: Vec<String> = all.iter().map(|c| quoted(c.to_string())).collect();
    texts.extend(all.iter().flat_map(|a| all.iter().map(move |b| quoted(format!("{a}{b}")))));
    exec(&mut conn, &format!("INSERT INTO t VALUES {}", texts.join(","))).await;
    let column = if server.is_mysql() { "COLLATION_NAME" } else { "FULL_COLLATION_NAME" };
    let found = rows(
        &mut conn,
        &format!(
            "SELECT CHARACTER_SET_NAME, {column} FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY \
             WHERE CHARACTER_SET_NAME IN ('utf8mb4', 'utf8mb3', 'utf8', 'latin1', 'ascii')"
        ),
    )
    .await;
    let mut held = 0;
    for row in found {
        let (charset, collation) = (row[0].clone().expect("a name"), row[1].clone().expect("a name"));
        let fold = "CAST(UPPER(RTRIM(a)) AS BINARY)";
        let bad = format!(
            "SELECT GROUP_CONCAT(a SEPARATOR '|') FROM t GROUP BY CONVERT(a USING {charset}) COLLATE {collation} HAVING COUNT(DISTINCT {fold}) > 1"
        );
        let bad = rows(&mut conn, &bad).await;
        if !ascii_is_plain(&charset, &collation) {
            continue;
        }
        assert!(bad.is_empty(), "{collation}: {bad:?}");
        held += 1;
    }
    assert!(held > 80, "only {held} were asked");
    exec(&mut conn, &format!("DROP DATABASE `{schema}`")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ascii_texts_are_equal_only_in_case_mariadb() {
    let Some(server) = servers::mariadb(1) else { return };
    ascii_holds(server).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ascii_texts_are_equal_only_in_case_mysql() {
    let Some(server) = servers::mysql(1) else { return };
    ascii_holds(server).await;
}
