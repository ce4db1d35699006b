//! The statements that real servers write to their logs are all read, and read as what they are.

use crate::support::servers::{self, Server};
use crate::support::sql;
use syncline::replicate::ddl::{Ddl, SchemaAction, TableAction, classify};

/// What is run, and how it must be read when it comes back from the log. `{s}` is the schema.
const COMMON: &[(&str, &str)] = &[
    ("CREATE TABLE a (id INT PRIMARY KEY, `select` INT, t TEXT, p POINT NOT NULL) COMMENT='it''s; DROP TABLE x'", "Create a"),
    ("/* why */ CREATE TABLE IF NOT EXISTS `a b``c` LIKE a -- what", "CreateLike a b`c a"),
    ("CREATE TABLE child (id INT PRIMARY KEY, a INT, FOREIGN KEY f (a) REFERENCES `a` (id))", "Create child a"),
    ("CREATE TABLE copied (PRIMARY KEY (id)) SELECT 1 AS id", "Create copied"),
    (
        "CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (10), PARTITION p1 VALUES LESS THAN MAXVALUE)",
        "Create parts",
    ),
    ("CREATE TABLE swapped (id INT PRIMARY KEY)", "Create swapped"),
    ("ALTER TABLE parts EXCHANGE PARTITION p0 WITH TABLE swapped", "Alter parts swapped"),
    ("ALTER TABLE parts TRUNCATE PARTITION p0", "Alter parts"),
    ("ALTER TABLE a ADD COLUMN n INT DEFAULT 5 FIRST, ADD INDEX i (n), RENAME COLUMN `select` TO s", "Alter a"),
    ("ALTER TABLE `{s}`.swapped RENAME TO `{s}`.renamed", "Alter swapped renamed"),
    ("CREATE FULLTEXT INDEX ft ON a (t)", "CreateIndex a"),
    ("CREATE SPATIAL INDEX sp ON a (p)", "CreateIndex a"),
    ("DROP INDEX ft ON a", "DropIndex a"),
    ("RENAME TABLE renamed TO x1, x1 TO x2", "Rename renamed x1 x1 x2"),
    ("TRUNCATE TABLE copied", "Truncate copied"),
    ("CREATE VIEW v AS SELECT id FROM a", "note view"),
    ("CREATE TRIGGER tr BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1", "note trigger"),
    ("CREATE PROCEDURE pr() BEGIN DELETE FROM a; SELECT 1; END", "note routine"),
    ("CREATE FUNCTION fn() RETURNS INT DETERMINISTIC RETURN 1", "note function"),
    ("CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DO DELETE FROM a", "note event"),
    ("DROP EVENT ev", "note event"),
    ("CREATE USER '{s}'@'localhost' IDENTIFIED BY 'x'", "note account"),
    ("GRANT SELECT ON `{s}`.* TO '{s}'@'localhost'", "note grant"),
    ("DROP USER '{s}'@'localhost'", "note account"),
    ("ANALYZE TABLE a", "note table maintenance"),
    ("OPTIMIZE TABLE a", "note table maintenance"),
    ("ALTER DATABASE `{s}` COLLATE utf8mb4_general_ci", "Alter schema"),
    ("DROP TABLE IF EXISTS child, x2, nosuch", "Drop child x2 nosuch"),
    ("DROP VIEW v", "note view"),
    ("DROP DATABASE `{s}`", "Drop schema"),
];

#[tokio::test]
async fn what_mariadb_logs_is_read() {
    let Some(server) = servers::mariadb(1) else { return };
    let mut cases = COMMON.to_vec();
    let last = cases.pop().expect("DROP DATABASE");
    cases.extend([
        ("CREATE OR REPLACE TABLE o (id INT) WITH SYSTEM VERSIONING", "Create o"),
        ("SET STATEMENT lock_wait_timeout=60 FOR ALTER TABLE o DROP SYSTEM VERSIONING", "Alter o"),
        ("ALTER TABLE parts CONVERT PARTITION p0 TO TABLE single", "Alter parts single"),
        ("CREATE SEQUENCE sq INCREMENT BY 3", "note sequence"),
        ("DROP SEQUENCE sq", "note sequence"),
        ("ALTER ONLINE TABLE o WAIT 60 ADD COLUMN IF NOT EXISTS z INT INVISIBLE", "Alter o"),
    ]);
    cases.push(last);
    run_and_read(server, &cases).await;
}

#[tokio::test]
async fn what_mysql_logs_is_read() {
    let Some(server) = servers::mysql(1) else { return };
    let mut cases = COMMON.to_vec();
    let last = cases.pop().expect("DROP DATABASE");
    cases.extend([
        ("CREATE TABLE tabled TABLE copied", "Create tabled"),
        ("CREATE TABLE vec (id INT PRIMARY KEY, v VECTOR(3), KEY k ((id + 1)), i INT INVISIBLE)", "Create vec"),
        ("ALTER TABLE vec ALTER INDEX k INVISIBLE, ALGORITHM=INPLACE", "Alter vec"),
    ]);
    cases.push(last);
    run_and_read(server, &cases).await;
}

/// Runs the statements and compares what the log says of them. Others use the server too, so only statements of our
/// schema are looked at: by the session's default schema, and by name for those about schemas and accounts.
async fn run_and_read(server: &Server, cases: &[(&str, &str)]) {
    let schema = sql::scratch("ddl_log", &[server]).await;
    let mut conn = sql::connect(server).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    for (statement, _) in cases {
        sql::rows(&mut conn, &statement.replace("{s}", &schema)).await;
    }
    let mut got = vec![];
    for statement in logged(server, &schema).await {
        let read = classify(&statement, &schema, false).unwrap_or_else(|e| panic!("{e}: {statement}"));
        if let Some(said) = brief(&read, &statement, &schema) {
            got.push(said);
        }
    }
    let expected: Vec<String> = cases.iter().map(|(_, expected)| (*expected).to_owned()).collect();
    assert_eq!(got, expected, "{}", server.flavor.as_str());
}

/// All statements of the log that ran in this schema or name it, after its creation.
async fn logged(server: &Server, schema: &str) -> Vec<String> {
    let mut conn = sql::connect(server).await;
    let mut out = vec![];
    for file in sql::rows(&mut conn, "SHOW BINARY LOGS").await {
        let events = format!("SHOW BINLOG EVENTS IN '{}'", file[0].clone().unwrap_or_default());
        for event in sql::rows(&mut conn, &events).await {
            let [_, _, Some(kind), _, _, Some(info)] = &event[..] else { continue };
            if kind != "Query" || !info.contains(schema) {
                continue;
            }
            // What the servers show of the session in front of the statement.
            let statement = info.strip_prefix(&format!("use `{schema}`; ")).unwrap_or(info);
            let statement = statement.strip_prefix("set foreign_key_checks=0; ").unwrap_or(statement);
            // MySQL shows what it noted beside the statement.
            let statement = statement.split(" /* xid=").next().unwrap_or_default();
            out.push(statement.to_owned());
        }
    }
    out
}

/// None for what is not a case: transaction control and the making of the schema itself.
fn brief(read: &Ddl, statement: &str, schema: &str) -> Option<String> {
    Some(match read {
        Ddl::Table(t) => {
            let action = if t.action == TableAction::CreateSelect { TableAction::Create } else { t.action };
            let names = t.tables.iter().inspect(|n| assert_eq!(n.name.schema, schema, "{statement}")).map(|n| n.name.table.clone());
            format!("{action:?} {}", names.collect::<Vec<_>>().join(" "))
        }
        Ddl::Schema { action: SchemaAction::Create, .. } | Ddl::Transaction(_) => return None,
        Ddl::Schema { action: SchemaAction::Drop, .. } if statement.contains("IF EXISTS") => return None,
        Ddl::Schema { action, schema: named, .. } => {
            assert_eq!(named, schema);
            format!("{action:?} schema")
        }
        Ddl::Ignorable { what, .. } => format!("note {what}"),
        other => panic!("{other:?}: {statement}"),
    })
}
