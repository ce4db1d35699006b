//! Statements as servers of both flavours log them, and what each must be read as.

use super::*;

/// One line per statement: `action [temporary] names`, roles marked as `>to`, `~like`, `=partner`, `^referenced`.
fn brief(statement: &str, mode: Mode) -> String {
    match classify_in(statement, "d", mode) {
        Err(e) => format!("error: {}", e.what),
        Ok(Ddl::Table(t)) => {
            let mut words = vec![format!("{:?}", t.action)];
            words.extend(t.temporary.then(|| "temporary".to_owned()));
            words.extend(t.start_transaction_at.map(|_| "transaction".to_owned()));
            words.extend(t.tables.iter().map(|n| {
                let mark = match n.role {
                    Role::Main | Role::From => "",
                    Role::To => ">",
                    Role::Like => "~",
                    Role::Partner => "=",
                    Role::Referenced => "^",
                };
                format!("{mark}{}", n.name)
            }));
            words.join(" ")
        }
        Ok(Ddl::Schema { action, schema, at }) => format!("{action:?} schema {schema}{}", if at.is_none() { " (default)" } else { "" }),
        Ok(Ddl::Transaction(t)) => format!("{t:?}"),
        Ok(Ddl::Dml { tables }) => format!("dml {}", tables.iter().map(|t| t.name.to_string()).collect::<Vec<_>>().join(" ")),
        Ok(Ddl::Ignorable { what, .. }) => format!("note: {what}"),
        Ok(Ddl::Unknown { verb }) => format!("unknown: {verb}"),
    }
}

fn check(cases: &[(&str, &str)], mode: Mode) {
    let wrong: Vec<String> = cases
        .iter()
        .filter_map(|(statement, expected)| {
            let got = brief(statement, mode);
            (got.trim_end() != *expected).then(|| format!("{statement}\n  expected {expected}\n  got      {got}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn create_table_statements() {
    check(
        &[
            ("CREATE TABLE t (a INT)", "Create d.t"),
            ("create table if not exists `s`.`t` (a int) engine=InnoDB", "Create s.t"),
            ("CREATE OR REPLACE TABLE s . t (a INT)", "Create s.t"),
            ("CREATE TEMPORARY TABLE tmp (a INT)", "Create temporary d.tmp"),
            ("CREATE /*!40001 TEMPORARY */ TABLE tmp (a INT)", "Create temporary d.tmp"),
            ("CREATE TABLE `a``b`.`c d` (x INT)", "Create a`b.c d"),
            ("CREATE TABLE 表 (a INT)", "Create d.表"),
            ("CREATE TABLE t1.2024 (a INT)", "Create t1.2024"),
            ("CREATE TABLE 2024_t (a INT)", "Create d.2024_t"),
            ("CREATE TABLE t LIKE s.u", "CreateLike d.t ~s.u"),
            ("CREATE TABLE t (LIKE s.u)", "CreateLike d.t ~s.u"),
            ("CREATE TABLE IF NOT EXISTS t LIKE u;", "CreateLike d.t ~d.u"),
            ("CREATE TABLE t AS SELECT * FROM u", "CreateSelect d.t"),
            ("CREATE TABLE t (PRIMARY KEY (a)) ENGINE=InnoDB IGNORE SELECT 1 AS a", "CreateSelect d.t"),
            ("CREATE TABLE t (SELECT 1)", "CreateSelect d.t"),
            ("CREATE TABLE t WITH c AS (SELECT 1) SELECT * FROM c", "CreateSelect d.t"),
            ("CREATE TABLE t TABLE u", "CreateSelect d.t"),
            ("CREATE TABLE t VALUES ROW(1)", "CreateSelect d.t"),
            ("CREATE TABLE `t` (\n  `a` int DEFAULT NULL\n) START TRANSACTION", "Create transaction d.t"),
            ("CREATE TABLE t (`select` INT, `references` INT, c VARCHAR(9) DEFAULT 'SELECT REFERENCES x')", "Create d.t"),
            ("CREATE TABLE t (a INT REFERENCES p(id), FOREIGN KEY (a) REFERENCES `x`.`y` (id) ON DELETE CASCADE)", "Create d.t ^d.p ^x.y"),
            ("CREATE TABLE s.t (a INT, FOREIGN KEY (a) REFERENCES p (id))", "Create s.t ^s.p"),
            ("CREATE TABLE t (a INT) ENGINE=MERGE UNION=(a, s.b) INSERT_METHOD=LAST", "Create d.t ^d.a ^s.b"),
            ("CREATE TABLE t (a INT) WITH SYSTEM VERSIONING", "Create d.t"),
            (
                "CREATE TABLE t (a INT, f TEXT, FULLTEXT KEY k (f) WITH PARSER ngram) /*!50100 PARTITION BY RANGE (a)\n(PARTITION p0 VALUES LESS THAN (10) ENGINE = InnoDB) */",
                "Create d.t",
            ),
            ("CREATE TABLE t (a INT, b INT GENERATED ALWAYS AS (a*2) STORED, CHECK (a > 0)) /* end */ -- x", "Create d.t"),
            ("# why\n-- what\nCREATE TABLE t (a INT) COMMENT='it''s \\' ) ; x'", "Create d.t"),
            ("CREATE TABLE t (a INT); ", "Create d.t"),
            ("CREATE TABLE /*M!100100 IF NOT EXISTS */ t (a INT /*M!100301 COMPRESSED*/)", "Create d.t"),
            ("CREATE TABLE t (a DECIMAL(10,2) UNSIGNED ZEROFILL, KEY (a) INVISIBLE)", "Create d.t"),
        ],
        Mode::default(),
    );
}

#[test]
fn alter_table_statements() {
    check(
        &[
            ("ALTER TABLE t ADD COLUMN (a INT, b INT)", "Alter d.t"),
            ("ALTER TABLE `s`.`t` ADD COLUMN c INT INVISIBLE FIRST, ALGORITHM=INSTANT", "Alter s.t"),
            ("ALTER ONLINE TABLE t ENGINE=InnoDB", "Alter d.t"),
            ("ALTER IGNORE TABLE t ADD UNIQUE (a)", "Alter d.t"),
            ("ALTER TABLE IF EXISTS t NOWAIT DROP COLUMN IF EXISTS a", "Alter d.t"),
            ("ALTER TABLE t WAIT 10 FORCE", "Alter d.t"),
            ("ALTER TABLE t RENAME COLUMN a TO b, RENAME INDEX i TO j, RENAME KEY k TO l", "Alter d.t"),
            ("ALTER TABLE t RENAME TO s.u", "Alter d.t >s.u"),
            ("ALTER TABLE t RENAME u", "Alter d.t >d.u"),
            ("ALTER TABLE t RENAME = u", "Alter d.t >d.u"),
            ("ALTER TABLE t ADD a INT, RENAME AS `u v`", "Alter d.t >d.u v"),
            ("ALTER TABLE t EXCHANGE PARTITION p0 WITH TABLE s.u WITHOUT VALIDATION", "Alter d.t =s.u"),
            ("ALTER TABLE t CONVERT PARTITION p0 TO TABLE u", "Alter d.t =d.u"),
            ("ALTER TABLE t CONVERT TABLE u TO PARTITION p0 VALUES LESS THAN (5)", "Alter d.t =d.u"),
            ("ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "Alter d.t"),
            ("ALTER TABLE t ADD PARTITION (PARTITION p1 VALUES LESS THAN (20))", "Alter d.t"),
            ("ALTER TABLE t DROP PARTITION p0, p1", "Alter d.t"),
            ("ALTER TABLE t TRUNCATE PARTITION ALL", "Alter d.t"),
            (
                "ALTER TABLE t REORGANIZE PARTITION p0 INTO (PARTITION a VALUES LESS THAN (5), PARTITION b VALUES LESS THAN (10))",
                "Alter d.t",
            ),
            ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id)", "Alter d.t ^d.p"),
            // A parent without a schema is in its child's, not in the session's.
            ("ALTER TABLE s.t ADD FOREIGN KEY (a) REFERENCES p (id)", "Alter s.t ^s.p"),
            ("ALTER TABLE t COMMENT='RENAME TO x, RENAME TO y'", "Alter d.t"),
            ("ALTER TABLE t DISABLE KEYS", "Alter d.t"),
            ("ALTER TABLE t ORDER BY a, b DESC", "Alter d.t"),
            ("ALTER TABLE t ALTER a SET DEFAULT 5, MODIFY b DECIMAL(10,2) ZEROFILL", "Alter d.t"),
            ("/* ApplicationName=x */ ALTER TABLE t AUTO_INCREMENT=5", "Alter d.t"),
            ("ALTER TABLE t ADD COLUMN e ENUM('a','b;c') DEFAULT 'b;c'", "Alter d.t"),
            ("SET STATEMENT max_statement_time=5, lock_wait_timeout=1 FOR ALTER TABLE t ADD a INT", "Alter d.t"),
        ],
        Mode::default(),
    );
}

#[test]
fn other_table_statements() {
    check(
        &[
            ("DROP TABLE `t` /* generated by server */", "Drop d.t"),
            ("DROP TABLE IF EXISTS a, s.b, `c` CASCADE", "Drop d.a s.b d.c"),
            ("DROP TEMPORARY TABLE IF EXISTS `tmp`", "Drop temporary d.tmp"),
            ("DROP /*!40005 TEMPORARY */ TABLE IF EXISTS `tmp`", "Drop temporary d.tmp"),
            ("DROP TABLES a WAIT 5 RESTRICT", "Drop d.a"),
            ("TRUNCATE TABLE s.t", "Truncate s.t"),
            ("truncate t", "Truncate d.t"),
            ("TRUNCATE TABLE t NOWAIT", "Truncate d.t"),
            ("RENAME TABLE a TO b, s.c TO d.e", "Rename d.a >d.b s.c >d.e"),
            ("RENAME TABLES IF EXISTS a WAIT 1 TO b", "Rename d.a >d.b"),
            ("CREATE INDEX i ON t (a)", "CreateIndex d.t"),
            ("CREATE UNIQUE INDEX IF NOT EXISTS i USING BTREE ON s.t (a(10) DESC) LOCK=NONE", "CreateIndex s.t"),
            ("CREATE FULLTEXT INDEX i ON t (a) WITH PARSER ngram", "CreateIndex d.t"),
            ("CREATE OR REPLACE SPATIAL INDEX i ON t (g)", "CreateIndex d.t"),
            ("CREATE VECTOR INDEX v ON t (g)", "CreateIndex d.t"),
            ("DROP INDEX `on` ON t", "DropIndex d.t"),
            ("DROP INDEX IF EXISTS i ON s.t ALGORITHM=INPLACE", "DropIndex s.t"),
        ],
        Mode::default(),
    );
}

#[test]
fn schema_statements() {
    check(
        &[
            ("CREATE DATABASE x", "Create schema x"),
            ("CREATE SCHEMA IF NOT EXISTS `x y` CHARACTER SET utf8mb4 /*!80016 DEFAULT ENCRYPTION='N' */", "Create schema x y"),
            ("CREATE DATABASE /*!32312 IF NOT EXISTS*/ `x`", "Create schema x"),
            ("CREATE OR REPLACE DATABASE x", "Create schema x"),
            ("ALTER DATABASE x COLLATE utf8mb4_bin", "Alter schema x"),
            ("ALTER DATABASE CHARACTER SET latin1", "Alter schema d (default)"),
            ("ALTER SCHEMA `default` READ ONLY = 1", "Alter schema default"),
            ("DROP DATABASE IF EXISTS x", "Drop schema x"),
            ("drop schema `x`;", "Drop schema x"),
        ],
        Mode::default(),
    );
}

#[test]
fn transactions_and_row_statements() {
    check(
        &[
            ("BEGIN", "Begin"),
            ("START TRANSACTION WITH CONSISTENT SNAPSHOT", "Begin"),
            ("COMMIT /* x */", "Commit"),
            ("ROLLBACK", "Rollback"),
            ("ROLLBACK WORK", "Rollback"),
            ("ROLLBACK TO `sp`", "Savepoint"),
            ("SAVEPOINT `sp`", "Savepoint"),
            ("XA START X'61',X'',1", "Xa"),
            ("XA COMMIT X'61',X'',1 ONE PHASE", "Xa"),
            ("INSERT INTO t VALUES (1,'a')", "dml d.t"),
            ("INSERT IGNORE `s`.`t` (a,b) SELECT * FROM u", "dml s.t"),
            ("INSERT INTO only SELECT a FROM u", "dml d.only"),
            ("INSERT /* x */ t TABLE u", "dml d.t"),
            ("REPLACE LOW_PRIORITY INTO t SET a=1", "dml d.t"),
            ("UPDATE t SET a = 1 WHERE b = 2", "dml d.t"),
            ("UPDATE a, s.b SET a.x = 1", "dml d.a s.b"),
            ("UPDATE LOW_PRIORITY IGNORE a JOIN (SELECT x FROM c) q ON q.x = a.x SET a.x = (SELECT 1 FROM u) WHERE 1", "dml d.a d.c"),
            ("DELETE FROM t WHERE a=1", "dml d.t"),
            ("DELETE QUICK FROM t WHERE a IN (SELECT a FROM u)", "dml d.t"),
            (
                "REPLACE INTO `percona`.`checksums` (db, tbl, chunk, this_crc) SELECT 's', 't', '1', LOWER(CONV(BIT_XOR(CAST(CRC32(`id`) AS UNSIGNED)), 10, 16)) \
                 AS crc FROM `s`.`t` FORCE INDEX(`PRIMARY`) WHERE ((`id` >= '1')) /*checksum chunk*/",
                "dml percona.checksums",
            ),
            ("UPDATE `percona`.`checksums` SET chunk_time = '0.1', master_crc = 'x' WHERE db = 's' AND tbl = 't'", "dml percona.checksums"),
            ("DELETE a FROM a JOIN s.b USING (id)", "dml d.a d.a s.b d.id"),
            ("LOAD DATA LOCAL INFILE '/x' REPLACE INTO TABLE `t` (a)", "dml d.t"),
            ("LOAD DATA LOW_PRIORITY INFILE '/x' IGNORE INTO TABLE t (@a) SET a = (SELECT 1 FROM u)", "dml d.t"),
            ("SELECT `d`.`f`(1)", "dml"),
            ("CALL p(1)", "dml"),
            ("WITH c AS (SELECT 1) UPDATE t SET a=1", "dml"),
        ],
        Mode::default(),
    );
}

#[test]
fn known_and_left_out() {
    check(
        &[
            ("CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`%` SQL SECURITY DEFINER VIEW `v` AS select 1", "note: view"),
            ("CREATE OR REPLACE VIEW v AS SELECT 1; ", "note: view"),
            ("ALTER VIEW v AS SELECT 2", "note: view"),
            ("DROP VIEW IF EXISTS v", "note: view"),
            ("CREATE DEFINER='u'@'h' TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a=1; END", "note: trigger"),
            ("CREATE DEFINER=CURRENT_USER() PROCEDURE p() BEGIN DROP TABLE x; END", "note: routine"),
            ("CREATE DEFINER=`a`@`b` FUNCTION f() RETURNS INT DETERMINISTIC RETURN 1", "note: function"),
            ("CREATE AGGREGATE FUNCTION f RETURNS INTEGER SONAME 'x.so'", "note: function"),
            ("CREATE DEFINER=`a`@`b` EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t", "note: event"),
            ("CREATE USER 'a'@'%' IDENTIFIED WITH 'caching_sha2_password' AS '$A$005$x'", "note: account"),
            ("ALTER USER a IDENTIFIED BY 'x'", "note: account"),
            ("DROP ROLE IF EXISTS r", "note: account"),
            ("RENAME USER a TO b", "note: account"),
            ("GRANT ALL ON *.* TO a", "note: grant"),
            ("REVOKE SELECT ON t FROM a", "note: grant"),
            ("CREATE SEQUENCE s INCREMENT BY 2", "note: sequence"),
            ("ANALYZE TABLE t", "note: table maintenance"),
            ("OPTIMIZE TABLE t", "note: table maintenance"),
            ("FLUSH TABLES", "note: administration"),
            ("SET PASSWORD FOR a='x'", "note: session setting"),
            ("CREATE SPATIAL REFERENCE SYSTEM 4120 NAME 'x'", "note: spatial reference system"),
            ("ALTER INSTANCE ROTATE INNODB MASTER KEY", "note: instance setting"),
            ("CREATE UNDO TABLESPACE u ADD DATAFILE 'x.ibu'", "note: tablespace"),
            ("/* only a comment */ -- x", "note: empty statement"),
        ],
        Mode::default(),
    );
}

/// What is counted is counted for the job whose schema it is in.
#[test]
fn what_is_left_out_is_named() {
    for (statement, names) in [
        ("CREATE OR REPLACE DEFINER=`root`@`%` SQL SECURITY DEFINER VIEW s.`v` AS select 1", "s.v"),
        ("DROP VIEW IF EXISTS v, s.w CASCADE", "d.v s.w"),
        ("CREATE DEFINER='u'@'h' TRIGGER IF NOT EXISTS s.tr BEFORE INSERT ON t FOR EACH ROW SET NEW.a=1", "s.tr"),
        ("CREATE DEFINER=`a`@`b` PROCEDURE `s`.`p`(a INT) BEGIN END", "s.p"),
        ("CREATE PACKAGE BODY s.p AS END", "s.p"),
        ("DROP FUNCTION s.f", "s.f"),
        ("ALTER EVENT e RENAME TO f", "d.e"),
        ("CREATE OR REPLACE SEQUENCE IF NOT EXISTS s.q START WITH 5", "s.q"),
        ("DROP SEQUENCE `q` /* generated by server */", "d.q"),
        ("OPTIMIZE LOCAL TABLE t, s.u", "d.t s.u"),
        ("CREATE USER 'a'@'%'", ""),
        ("GRANT ALL ON s.* TO a", ""),
        ("DROP VIEW 'x", "error"),
    ] {
        let read = match classify(statement, "d", false) {
            Ok(Ddl::Ignorable { objects, .. }) => objects.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
            _ => "error".to_owned(),
        };
        assert_eq!(read, names, "{statement}");
    }
}

#[test]
fn what_cannot_be_read_says_so() {
    check(
        &[
            ("CREATE TABLE", "error: a name is missing"),
            ("CREATE TABLE 'x' (a INT)", "error: a name is expected"),
            ("DROP TABLE t u", "error: the statement goes on after its end"),
            ("CREATE TABLE t (a INT); DROP TABLE u", "error: a second statement follows"),
            ("ALTER TABLE t ADD a INT; DROP TABLE u", "error: a second statement follows"),
            ("CREATE TABLE t (a VARCHAR(9) DEFAULT 'x)", "error: a quote has no end"),
            ("DROP TABLE t /* x", "error: a comment has no end"),
            ("DROP TABLE t /*!50000 x", "error: a comment has no end"),
            ("RENAME TABLE a", "error: TO is expected"),
            ("IMPORT TABLE FROM 'x.sdi'", "unknown: IMPORT"),
            ("CREATE THING x", "unknown: CREATE THING"),
            ("BEGIN NOT ATOMIC DROP TABLE t; END", "unknown: BEGIN"),
            ("(SELECT 1)", "unknown:"),
            ("FROBNICATE t", "unknown: FROBNICATE"),
        ],
        Mode::default(),
    );
    assert!(classify("DROP TABLE t", "", false).is_err(), "no default schema to put it in");
    assert!(classify("DROP TABLE s.t", "", false).is_ok());
}

#[test]
fn quotes_follow_the_sql_mode() {
    let ansi = Mode { ansi_quotes: true, ..Mode::default() };
    check(&[("CREATE TABLE \"a \"\"b\".\"c\" (x INT DEFAULT 'y')", "Create a \"b.c")], ansi);
    check(&[("ALTER TABLE t COMMENT \"RENAME TO x\"", "Alter d.t")], Mode::default());
    // A backslash ends nothing and escapes nothing there.
    let plain = Mode { no_backslash_escapes: true, ..Mode::default() };
    check(&[(r"ALTER TABLE t COMMENT='\', RENAME TO u", "Alter d.t >d.u")], plain);
    check(&[(r"ALTER TABLE t COMMENT='\', RENAME TO u'", "Alter d.t")], Mode::default());
    assert_eq!(Mode::from_sql_mode(4 | 1 << 20), Mode { ansi_quotes: true, no_backslash_escapes: true });
}

#[test]
fn spans_allow_a_name_to_be_replaced() {
    let statement = "RENAME TABLE `a`.`b` TO /* x */ c";
    let Ok(Ddl::Table(t)) = classify(statement, "d", false) else { panic!("not a table statement") };
    assert_eq!(&statement[t.tables[0].schema_at.clone().unwrap()], "`a`");
    assert_eq!(&statement[t.tables[0].table_at.clone()], "`b`");
    assert_eq!((t.tables[1].schema_at.clone(), &statement[t.tables[1].table_at.clone()]), (None, "c"));
    let renames: Vec<_> = t.renames().map(|(a, b)| (a.to_string(), b.to_string())).collect();
    assert_eq!(renames, [("a.b".to_owned(), "d.c".to_owned())]);
    let Ok(Ddl::Table(t)) = classify("CREATE TABLE t (a INT) START /**/ TRANSACTION", "d", false) else { panic!("not a table statement") };
    assert_eq!(t.start_transaction_at, Some(23..45));
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,80}") {
        let _ = classify(&text, "d", false);
        let _ = classify(&format!("ALTER TABLE {text}"), "d", true);
        let _ = classify(&format!("CREATE {text}"), "", true);
        let _ = classify(&format!("CREATE DEFINER={text}"), "", true);
    }
}

#[test]
fn a_drop_of_some_tables_keeps_every_other_byte() {
    let cases = [
        (
            "DROP TABLE IF EXISTS `_t_gho`, `t`, other.`u` /* generated by server */",
            &["t"][..],
            Some("DROP TABLE IF EXISTS `t` /* generated by server */"),
        ),
        ("DROP TABLE a,b , other.c CASCADE", &["a", "c"], Some("DROP TABLE a, other.c CASCADE")),
        ("DROP TABLE a, b", &["a", "b"], None),
        ("DROP TABLE a, b", &[], None),
        ("RENAME TABLE a TO b, c TO d", &["a"], None),
    ];
    for (statement, wanted, expected) in cases {
        let Ok(Ddl::Table(table)) = classify(statement, "d", false) else { panic!("{statement}") };
        let cut = table.drop_of(statement, |t| wanted.contains(&t.table.as_str()));
        assert_eq!(cut.as_deref(), expected, "{statement}");
    }
}
