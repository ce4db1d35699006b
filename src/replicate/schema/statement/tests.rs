use super::*;
use crate::replicate::schema::dialect::tests::dialect;

fn said(statement: &str, from: Flavor, mode: Mode) -> Result<Said> {
    let to = if from == Flavor::Mysql { Flavor::Mariadb } else { Flavor::Mysql };
    let schema_collation = if from == Flavor::Mysql { "utf8mb4_0900_ai_ci" } else { "utf8mb4_general_ci" };
    let defaults = Defaults {
        schema_collation: Some(schema_collation.to_owned()),
        server_collation: "latin1_swedish_ci".to_owned(),
        plain_timestamps: true,
    };
    translate(statement, mode, &dialect(from), &dialect(to), &defaults).map_err(|unsaid| unsaid.why)
}

fn to_mysql(statement: &str) -> Result<String> {
    said(statement, Flavor::Mariadb, Mode::default()).map(|s| s.statement)
}

fn to_mariadb(statement: &str) -> Result<String> {
    said(statement, Flavor::Mysql, Mode::default()).map(|s| s.statement)
}

#[test]
fn what_both_say_alike_stays() {
    for statement in [
        "ALTER TABLE s.t ADD COLUMN c INT",
        "ALTER TABLE t ADD COLUMN `a b` DECIMAL(10,2) UNSIGNED NOT NULL DEFAULT 1.50 COMMENT 'it''s, DROP' AFTER `c``d`",
        "ALTER TABLE t ADD COLUMN (a INT, b VARCHAR(20) DEFAULT 'x,y')",
        "ALTER TABLE t DROP COLUMN c, ADD UNIQUE KEY k (a, b(10) DESC), DROP INDEX j, DROP PRIMARY KEY, ADD PRIMARY KEY (a)",
        "ALTER TABLE t MODIFY COLUMN c DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3) FIRST",
        "ALTER TABLE t CHANGE COLUMN a b ENUM('x','y') NULL DEFAULT NULL",
        "ALTER TABLE t ALTER COLUMN c SET DEFAULT 5, ALTER COLUMN d DROP DEFAULT",
        "ALTER TABLE t RENAME COLUMN a TO b, RENAME INDEX i TO j, RENAME TO s.u",
        "ALTER TABLE t ADD FOREIGN KEY f (a) REFERENCES p (id) ON DELETE SET NULL ON UPDATE CASCADE, DROP FOREIGN KEY g",
        "ALTER TABLE t COMMENT='x', ROW_FORMAT=DYNAMIC, AUTO_INCREMENT=100, ENGINE=InnoDB, FORCE",
        "ALTER TABLE t ADD COLUMN g INT GENERATED ALWAYS AS (a * 2) STORED",
        "ALTER TABLE t ADD PARTITION (PARTITION p3 VALUES LESS THAN (300))",
        "ALTER TABLE t DROP PARTITION p1, p2",
        "TRUNCATE TABLE t",
        "RENAME TABLE a TO swap, b TO a, swap TO b",
        "DROP TABLE IF EXISTS a, s.b",
        "DROP DATABASE IF EXISTS s",
        "CREATE TABLE a LIKE b",
        "DROP INDEX i ON t",
    ] {
        assert_eq!(to_mysql(statement).as_deref(), Ok(statement));
        assert_eq!(to_mariadb(statement).as_deref(), Ok(statement));
    }
}

#[test]
fn what_mysql_says_differently() {
    for (statement, expected) in [
        ("alter online table t wait 5 add c int, algorithm=instant, lock none", "ALTER TABLE t ADD COLUMN c int"),
        ("ALTER TABLE t ADD c JSON NOT NULL", "ALTER TABLE t ADD COLUMN c LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL"),
        ("ALTER TABLE t ADD c TEXT DEFAULT 'x' NOT NULL", "ALTER TABLE t ADD COLUMN c TEXT NOT NULL DEFAULT ('x')"),
        ("ALTER TABLE t ADD c DATE DEFAULT curdate()", "ALTER TABLE t ADD COLUMN c DATE DEFAULT (curdate())"),
        ("ALTER TABLE t ADD c INT DEFAULT (1 + 2)", "ALTER TABLE t ADD COLUMN c INT DEFAULT (1 + 2)"),
        ("ALTER TABLE t ADD c INT AS (a) PERSISTENT", "ALTER TABLE t ADD COLUMN c INT GENERATED ALWAYS AS (a) STORED"),
        (
            "ALTER TABLE t ADD c VARCHAR(9) NOT NULL COLLATE utf8mb4_uca1400_ai_ci",
            "ALTER TABLE t ADD COLUMN c VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci NOT NULL",
        ),
        (
            "ALTER TABLE t ADD c CHAR(1) CHARACTER SET utf8mb4 COLLATE uca1400_ai_ci",
            "ALTER TABLE t ADD COLUMN c CHAR(1) CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_ai_ci",
        ),
        ("ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4", "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"),
        ("ALTER TABLE t ADD KEY k (a) IGNORED", "ALTER TABLE t ADD KEY k (a) INVISIBLE"),
        ("ALTER TABLE t ALTER INDEX k NOT IGNORED", "ALTER TABLE t ALTER INDEX k VISIBLE"),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)", "ALTER TABLE t ADD CHECK (a > 0)"),
        ("ALTER TABLE t ADD c TIMESTAMP", "ALTER TABLE t ADD COLUMN c TIMESTAMP NULL"),
        ("ALTER TABLE t ADD c INT /*M!100301 COMPRESSED*/ /* x */", "ALTER TABLE t ADD COLUMN c INT"),
        ("ALTER TABLE t ENGINE=Aria TRANSACTIONAL=1", "ALTER TABLE t ENGINE=InnoDB"),
        ("DROP TABLE a WAIT 3 RESTRICT", "DROP TABLE a"),
        ("RENAME TABLE a NOWAIT TO b", "RENAME TABLE a TO b"),
        ("CREATE DATABASE d", "CREATE DATABASE d CHARACTER SET latin1 COLLATE latin1_swedish_ci"),
        (
            "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a TEXT, KEY (a(5)), CONSTRAINT c CHECK (id > 0)) ENGINE=Aria PAGE_CHECKSUM=1;",
            "CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a TEXT, KEY (a(5)), CHECK (id > 0)) \
             ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
        ),
        (
            "CREATE TABLE t (id INT) DEFAULT CHARSET latin1 PARTITION BY HASH (id) PARTITIONS 4",
            "CREATE TABLE t (id INT) ENGINE=InnoDB DEFAULT CHARACTER SET latin1 COLLATE latin1_swedish_ci PARTITION BY HASH (id) PARTITIONS 4",
        ),
        (
            "CREATE UNIQUE INDEX i USING BTREE ON s.t (a) COMMENT 'c' ALGORITHM=COPY",
            "CREATE UNIQUE INDEX i USING BTREE ON s.t (a) COMMENT 'c'",
        ),
    ] {
        assert_eq!(to_mysql(statement).as_deref(), Ok(expected), "{statement}");
    }
}

#[test]
fn what_mariadb_says_differently() {
    for (statement, expected) in [
        ("ALTER TABLE t ADD c INT, ALGORITHM = INSTANT", "ALTER TABLE t ADD COLUMN c INT"),
        ("ALTER TABLE t ADD c JSON", "ALTER TABLE t ADD COLUMN c JSON"),
        (
            "ALTER TABLE t ADD c VARCHAR(9) CHARACTER SET utf8mb4",
            "ALTER TABLE t ADD COLUMN c VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_nopad_ai_ci",
        ),
        ("ALTER TABLE t ADD c VARCHAR(9) DEFAULT (_utf8mb4'it\\'s')", "ALTER TABLE t ADD COLUMN c VARCHAR(9) DEFAULT ('it\\'s')"),
        ("ALTER TABLE t ADD c VARCHAR(9) DEFAULT _utf8mb4'x'", "ALTER TABLE t ADD COLUMN c VARCHAR(9) DEFAULT 'x'"),
        ("ALTER TABLE t ADD g INT AS (a + 1) STORED NOT NULL", "ALTER TABLE t ADD COLUMN g INT GENERATED ALWAYS AS (a + 1) STORED"),
        ("ALTER TABLE t ADD c INT DEFAULT 1 /*!80023 INVISIBLE */", "ALTER TABLE t ADD COLUMN c INT DEFAULT 1 INVISIBLE"),
        (
            "ALTER TABLE t ADD INDEX k (a) INVISIBLE, ALTER INDEX j VISIBLE",
            "ALTER TABLE t ADD KEY k (a) IGNORED, ALTER INDEX j NOT IGNORED",
        ),
        ("ALTER TABLE t DROP CHECK c", "ALTER TABLE t DROP CONSTRAINT c"),
        ("ALTER TABLE t ADD p POINT NOT NULL SRID 4326", "ALTER TABLE t ADD COLUMN p POINT NOT NULL"),
        ("ALTER TABLE t ADD c INT COLUMN_FORMAT DYNAMIC STORAGE DISK", "ALTER TABLE t ADD COLUMN c INT"),
        (
            "CREATE TABLE t (id BIGINT UNSIGNED NOT NULL, PRIMARY KEY (id)) COLLATE=utf8mb4_bin ENCRYPTION='N'",
            "CREATE TABLE t (id BIGINT UNSIGNED NOT NULL, PRIMARY KEY (id)) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
        ),
        (
            "CREATE SCHEMA IF NOT EXISTS d DEFAULT CHARACTER SET = utf8mb4 DEFAULT ENCRYPTION='N'",
            "CREATE DATABASE IF NOT EXISTS d CHARACTER SET utf8mb4 COLLATE utf8mb4_uca1400_nopad_ai_ci",
        ),
    ] {
        assert_eq!(to_mariadb(statement).as_deref(), Ok(expected), "{statement}");
    }
}

#[test]
fn what_has_no_words_there_is_refused() {
    for statement in [
        "CREATE OR REPLACE TABLE t (id INT)",
        "ALTER TABLE t ADD COLUMN IF NOT EXISTS c INT",
        "ALTER TABLE t DROP COLUMN IF EXISTS c",
        "ALTER TABLE t ADD c UUID",
        "ALTER TABLE t ADD c INET6",
        "ALTER TABLE t ADD SYSTEM VERSIONING",
        "ALTER TABLE t ADD c INT REFERENCES p (id)",
        "ALTER TABLE t ADD c BIGINT DEFAULT NEXTVAL(s)",
        "ALTER TABLE t ADD c VARCHAR(5) CHARACTER SET DEFAULT",
        "ALTER TABLE t EXCHANGE PARTITION p WITH TABLE u",
        "ALTER TABLE t ADD c INT WHATEVER",
        "ALTER TABLE t WHATEVER=5",
        "ALTER TABLE t ADD PARTITION IF NOT EXISTS (PARTITION p VALUES LESS THAN (5))",
        "CREATE TABLE t (id INT) UNION=(a, b)",
        "CREATE TABLE t (id INT",
        "ALTER TABLE t ADD c NVARCHAR(5)",
        "ALTER TABLE t ADD c CHAR(5) BINARY",
        "CREATE VIEW v AS SELECT 1",
        "ALTER TABLE t IMPORT TABLESPACE",
    ] {
        assert!(to_mysql(statement).is_err(), "{statement}: {:?}", to_mysql(statement));
    }
    for statement in [
        "ALTER TABLE t ADD INDEX k ((a + 1))",
        "ALTER TABLE t ADD c VECTOR(3)",
        "ALTER TABLE t ADD c BINARY(16) DEFAULT (uuid_to_bin(uuid()))",
        "ALTER TABLE t ADD c INT NOT NULL INVISIBLE",
        "ALTER TABLE t ADD c VARCHAR(5) COLLATE gb18030_chinese_ci",
        "ALTER TABLE t ALTER CHECK c NOT ENFORCED",
        "ALTER DATABASE d READ ONLY = 1",
    ] {
        assert!(to_mariadb(statement).is_err(), "{statement}: {:?}", to_mariadb(statement));
    }
}

#[test]
fn timestamps_without_a_word_need_the_plain_setting() {
    let defaults = Defaults { schema_collation: None, server_collation: "utf8mb4_bin".into(), plain_timestamps: false };
    let translate = |s: &str| translate(s, Mode::default(), &dialect(Flavor::Mariadb), &dialect(Flavor::Mysql), &defaults);
    assert!(translate("ALTER TABLE t ADD c TIMESTAMP").is_err() && translate("ALTER TABLE t ADD c TIMESTAMP NOT NULL").is_err());
    for kept in ["ALTER TABLE t ADD COLUMN c TIMESTAMP NULL", "ALTER TABLE t ADD COLUMN c TIMESTAMP DEFAULT CURRENT_TIMESTAMP"] {
        assert_eq!(translate(kept).unwrap().statement, kept);
    }
    // A table whose schema is gone has the target's default.
    assert_eq!(translate("CREATE TABLE t (id INT)").unwrap().statement, "CREATE TABLE t (id INT) ENGINE=InnoDB");
}

#[test]
fn quotes_are_read_as_the_session_read_them() {
    let mode = Mode { ansi_quotes: true, no_backslash_escapes: true };
    let statement = r#"ALTER TABLE "t" ADD COLUMN "a,b" VARCHAR(5) DEFAULT '\'"#;
    assert_eq!(said(statement, Flavor::Mariadb, mode).unwrap().statement, statement);
}

#[test]
fn notes_say_what_is_not_as_it_was() {
    let aria = said("CREATE TABLE t (c CHAR(5) COLLATE utf8mb4_uca1400_ai_ci) ENGINE=Aria", Flavor::Mariadb, Mode::default()).unwrap();
    assert_eq!(aria.notes.len(), 2, "{:?}", aria.notes);
    let json = said("ALTER TABLE t ADD j JSON", Flavor::Mariadb, Mode::default()).unwrap();
    assert_eq!(json.notes, ["JSON is LONGTEXT, without the check that it is valid"]);
}
