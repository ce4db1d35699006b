//! Preflight against real servers: what is wrong is named, what is right passes, and nothing is changed by looking.

use crate::support::servers::{Server, direction, directions, mariadb, mysql, own};
use crate::support::sql::{connect, exec, exec_all, one, rows, scratch};
use crate::support::until::until;
use std::time::Duration;
use syncline::model::finding::{Finding, Preflight, Severity, Side};
use syncline::model::job::JobId;
use syncline::model::messages::{LinesSinkSpec, LinesTo, MessageFormat, MessageSpec};
use syncline::model::replicate::{ExistingTable, ReplicateSpec, SchemaRule, SinkSpec};
use syncline::replicate::connect::Flavor;
use syncline::replicate::{Recorded, preflight, recorded};
use syncline::secret::Secret;

fn job(schema: &str, from: &Server, to: &Server) -> ReplicateSpec {
    crate::support::job::Job::new(schema, from, to).spec
}

async fn run(spec: &ReplicateSpec) -> Preflight {
    preflight::run(spec, None, &Recorded::default()).await
}

fn named<'a>(found: &'a Preflight, code: &str) -> &'a Finding {
    found.findings.iter().find(|f| f.code == code).unwrap_or_else(|| panic!("no {code} in {found:#?}"))
}

fn codes(found: &Preflight, severity: Severity) -> Vec<&'static str> {
    found.findings.iter().filter(|f| f.severity == severity).map(|f| f.code).collect()
}

#[tokio::test]
async fn good_job_passes_in_every_direction() {
    for (from, to) in directions() {
        let schema = scratch("pre_good", &[from]).await;
        let mut conn = connect(from).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, v VARCHAR(20), KEY (v))")).await;
        let found = run(&job(&schema, from, to)).await;
        assert!(found.passed(), "{}: {found:#?}", direction(from, to));
        assert!(codes(&found, Severity::Warning).is_empty(), "{}: {found:#?}", direction(from, to));
        assert!(found.src_grants.len() == 4 && found.dest_grants.len() == 5, "{found:#?}");
        // By itself a server is told of the same, for all schemas.
        let this = format!("`{}`.*", schema.replace('_', "\\_"));
        for (server, side, grants) in [(from, Side::Src, found.src_grants), (to, Side::Dest, found.dest_grants)] {
            let (_, _, alone) = preflight::check_server(&server.endpoint(), side).await;
            assert_eq!(alone, grants.iter().map(|g| g.replace(&this, "*.*")).collect::<Vec<_>>(), "{}", direction(from, to));
        }
        let mut target = connect(to).await;
        let there = one(&mut target, &format!("SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '{schema}'")).await;
        assert_eq!(there.as_deref(), Some("0"), "looking changes nothing");
    }
}

#[tokio::test]
async fn unreachable_server_and_wrong_password_are_findings() {
    let (Some(from), Some(to)) = (mariadb(1), mariadb(2)) else { return };
    let mut spec = job("nowhere", from, to);
    spec.src.endpoint.password = Secret::new("wrong");
    let SinkSpec::Mysql(sink) = &mut spec.dest.sink else { unreachable!() };
    // A port that was free a moment ago.
    sink.endpoint.port = crate::support::port::unused();
    let found = run(&spec).await;
    assert_eq!((named(&found, "access_denied").side, named(&found, "unreachable").side), (Side::Src, Side::Dest));
    assert!(!found.passed() && !format!("{found:?}").contains("wrong"));
    assert!(found.src_grants[0].starts_with("GRANT REPLICATION SLAVE"), "grants are printed anyhow");
}

#[tokio::test]
async fn unknown_account_of_mysql_is_access_denied() {
    let Some(server) = mysql(1) else { return };
    // The server picks a plugin by the name; some of them the client does not know.
    for name in ["nobody", "no_one", "few", "ghost", "reader"] {
        let mut endpoint = server.endpoint();
        endpoint.user = name.into();
        let (info, findings, _) = preflight::check_server(&endpoint, Side::Src).await;
        assert!(info.is_none() && findings[0].code == "access_denied" && !findings[0].hint.is_empty(), "{findings:?}");
    }
}

#[tokio::test]
async fn names_that_are_not_there_are_named() {
    for (from, to) in directions() {
        let schema = scratch("pre_names", &[from]).await;
        let mut conn = connect(from).await;
        exec_all(
            &mut conn,
            [format!("CREATE TABLE `{schema}`.Orders (id INT PRIMARY KEY)"), format!("CREATE VIEW `{schema}`.v AS SELECT 1")],
        )
        .await;
        let mut spec = job(&schema, from, to);
        let rule = |schema: &str, tables: &[&str]| SchemaRule::new(schema, tables.iter().map(|t| (*t).into()));
        spec.src.filter.include = vec![rule(&schema, &["orders", "gone", "v"]), rule("pre_no_such_schema", &[]), rule("mysql", &[])];
        let found = run(&spec).await;
        let unknown: Vec<_> =
            found.findings.iter().filter(|f| f.code == "unknown_table").map(|f| (f.object.as_str(), f.hint.as_str())).collect();
        assert_eq!(unknown.len(), 3, "{found:#?}");
        assert!(unknown[0].1.contains("did you mean") && unknown[0].1.contains("Orders"), "{unknown:?}");
        assert_eq!(named(&found, "unknown_schema").object, "pre_no_such_schema");
        assert_eq!(named(&found, "system_schema").object, "mysql");
        assert!(codes(&found, Severity::Error).contains(&"no_tables"));
    }
}

#[tokio::test]
async fn missing_privileges_are_named_and_the_printed_grants_are_enough() {
    for (from, to) in directions() {
        let schema = scratch("pre_priv", &[from, to]).await;
        let account = format!("few_{schema}");
        for server in [from, to] {
            let mut conn = connect(server).await;
            exec_all(
                &mut conn,
                [
                    format!("DROP USER IF EXISTS '{account}'@'%'"),
                    format!("CREATE USER '{account}'@'%' IDENTIFIED BY 'few'"),
                    format!("CREATE TABLE IF NOT EXISTS `{schema}`.t (id INT PRIMARY KEY, p INT)"),
                ],
            )
            .await;
        }
        let mut spec = job(&schema, from, to);
        let SinkSpec::Mysql(sink) = &mut spec.dest.sink else { unreachable!() };
        for endpoint in [&mut spec.src.endpoint, &mut sink.endpoint] {
            endpoint.user.clone_from(&account);
            endpoint.password = Secret::new("few");
        }
        let before = run(&spec).await;
        let lacks: Vec<_> = before.findings.iter().filter(|f| f.code == "missing_privilege").map(|f| f.object.as_str()).collect();
        assert!(lacks.contains(&"REPLICATION SLAVE") && lacks.contains(&"syncline"), "{}: {before:#?}", direction(from, to));

        // What is printed, granted as it is, is enough.
        let printed = run(&spec).await;
        for (server, grants) in [(from, &printed.src_grants), (to, &printed.dest_grants)] {
            exec_all(&mut connect(server).await, grants.iter().map(|g| g.trim_end_matches(';'))).await;
        }
        let after = run(&spec).await;
        assert!(after.passed(), "{}: {after:#?}", direction(from, to));
        for server in [from, to] {
            exec(&mut connect(server).await, &format!("DROP USER '{account}'@'%'")).await;
        }
    }
}

#[tokio::test]
async fn privileges_of_a_default_role_count() {
    for server in [mariadb(1), mysql(1)].into_iter().flatten() {
        let schema = scratch("pre_role", &[server]).await;
        let (account, role) = (format!("u_{schema}"), format!("r_{schema}"));
        let mut conn = connect(server).await;
        let default = if server.is_mysql() {
            format!("SET DEFAULT ROLE '{role}' TO '{account}'@'%'")
        } else {
            format!("SET DEFAULT ROLE '{role}' FOR '{account}'@'%'")
        };
        exec_all(
            &mut conn,
            [
                format!("DROP USER IF EXISTS '{account}'@'%'"),
                format!("DROP ROLE IF EXISTS '{role}'"),
                format!("CREATE ROLE '{role}'"),
                format!("CREATE USER '{account}'@'%' IDENTIFIED BY 'few'"),
                format!("GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO '{role}'"),
                format!("GRANT '{role}' TO '{account}'@'%'"),
            ],
        )
        .await;
        let mut endpoint = server.endpoint();
        (endpoint.user, endpoint.password) = (account.clone(), Secret::new("few"));
        let (_, findings, _) = preflight::check_server(&endpoint, Side::Src).await;
        let lacking = findings.iter().filter(|f| f.code == "missing_privilege").collect::<Vec<_>>();
        assert!(lacking.len() == 2 && lacking[0].hint.contains("SET DEFAULT ROLE"), "{findings:#?}");
        exec(&mut conn, &default).await;
        let (_, findings, _) = preflight::check_server(&endpoint, Side::Src).await;
        assert!(findings.iter().all(|f| f.code != "missing_privilege"), "{findings:#?}");
        exec_all(&mut conn, [format!("DROP USER '{account}'@'%'"), format!("DROP ROLE '{role}'")]).await;
    }
}

#[tokio::test]
async fn tables_at_the_target_are_compared() {
    for (from, to) in directions() {
        let schema = scratch("pre_target", &[from, to]).await;
        let (mut a, mut b) = (connect(from).await, connect(to).await);
        let q = |table: &str, body: &str| format!("CREATE TABLE `{schema}`.{table} ({body}) CHARACTER SET latin1");
        exec_all(
            &mut a,
            [
                q("same", "id INT PRIMARY KEY, v VARCHAR(9)"),
                q("cols", "id INT PRIMARY KEY, v VARCHAR(9), w INT"),
                q("types", "id INT PRIMARY KEY, v VARCHAR(9), n INT"),
                q("unkeyed", "id INT PRIMARY KEY"),
                q("fired", "id INT PRIMARY KEY"),
                q("coll", "id VARCHAR(9) COLLATE latin1_bin PRIMARY KEY"),
            ],
        )
        .await;
        exec_all(
            &mut b,
            [
                q("same", "id INT PRIMARY KEY, v VARCHAR(9)"),
                format!("INSERT INTO `{schema}`.same VALUES (1, 'x')"),
                q("cols", "id INT PRIMARY KEY, v VARCHAR(9), x INT"),
                q("types", "id INT PRIMARY KEY, v VARCHAR(5), n BIGINT"),
                q("unkeyed", "id INT"),
                q("fired", "id INT PRIMARY KEY"),
                format!("CREATE TRIGGER `{schema}`.tr BEFORE INSERT ON `{schema}`.fired FOR EACH ROW SET NEW.id = 1"),
                q("coll", "id VARCHAR(9) COLLATE latin1_swedish_ci PRIMARY KEY"),
            ],
        )
        .await;
        let mut spec = job(&schema, from, to);
        let found = run(&spec).await;
        let way = direction(from, to);
        assert_eq!(named(&found, "target_not_empty").severity, Severity::Error, "{way}");
        let differ: Vec<_> =
            found.findings.iter().filter(|f| f.code == "target_columns_differ").map(|f| (f.object.clone(), f.message.clone())).collect();
        assert_eq!(differ.len(), 2, "{way}: {found:#?}");
        assert!(differ[0].1.contains("missing at the target: w") && differ[0].1.contains("only at the target: x"), "{way}: {differ:?}");
        assert!(differ[1].1.contains("v is varchar(9)") && differ[1].1.contains("n is int"), "{way}: {differ:?}");
        assert_eq!(named(&found, "target_key_missing").object, format!("{schema}.unkeyed"), "{way}");
        assert_eq!(named(&found, "target_trigger").object, format!("{schema}.tr"), "{way}");
        assert_eq!(named(&found, "key_collation_differs").object, format!("{schema}.coll.id"), "{way}");

        spec.src.existing_table = ExistingTable::Upsert;
        assert_eq!(named(&run(&spec).await, "target_not_empty").severity, Severity::Warning, "{way}");
        spec.src.existing_table = ExistingTable::Drop;
        let drop = run(&spec).await;
        assert_eq!(named(&drop, "target_not_empty").severity, Severity::Info, "{way}");
        assert!(!codes(&drop, Severity::Error).contains(&"target_columns_differ"), "{way}");
    }
}

#[tokio::test]
async fn rows_without_a_key_are_never_copied_onto_rows() {
    for (from, to) in directions() {
        let schema = scratch("pre_keyless", &[from, to]).await;
        for server in [from, to] {
            let mut conn = connect(server).await;
            exec(&mut conn, &format!("CREATE TABLE `{schema}`.bare (a INT)")).await;
            exec(&mut conn, &format!("INSERT INTO `{schema}`.bare VALUES (1)")).await;
        }
        let mut spec = job(&schema, from, to);
        spec.src.existing_table = ExistingTable::Upsert;
        let found = run(&spec).await;
        let finding = named(&found, "target_not_empty");
        assert!(finding.severity == Severity::Error && finding.message.contains("double"), "{finding:?}");
        spec.src.existing_table = ExistingTable::Drop;
        assert_eq!(named(&run(&spec).await, "target_not_empty").severity, Severity::Info);
    }
}

#[tokio::test]
async fn what_this_release_cannot_do_is_refused_by_name() {
    for (from, to) in directions() {
        let schema = scratch("pre_refuse", &[from]).await;
        let mut a = connect(from).await;
        if from.is_mysql() {
            exec(&mut a, "SET restrict_fk_on_non_standard_key = 0").await;
        }
        exec_all(
            &mut a,
            [
                format!("CREATE TABLE `{schema}`.parent (id INT PRIMARY KEY)"),
                format!("CREATE TABLE `{schema}`.outside (id INT PRIMARY KEY)"),
                format!("CREATE TABLE `{schema}`.child (id INT PRIMARY KEY, p INT, CONSTRAINT casc_{schema} FOREIGN KEY (p) REFERENCES `{schema}`.parent (id) ON DELETE SET NULL, \
                    q INT, CONSTRAINT out_{schema} FOREIGN KEY (q) REFERENCES `{schema}`.outside (id) ON DELETE CASCADE, \
                    o INT, FOREIGN KEY (o) REFERENCES `{schema}`.outside (id))"),
                format!("CREATE TABLE `{schema}`.loose (id INT PRIMARY KEY, n INT, KEY (n), m INT, CONSTRAINT loose_{schema} FOREIGN KEY (m) REFERENCES `{schema}`.loose (n))"),
                format!("CREATE TABLE `{schema}`.bare (a INT, UNIQUE KEY (a))"),
                format!("CREATE TABLE `{schema}`.aged (id INT PRIMARY KEY) ENGINE=MyISAM"),
            ],
        )
        .await;
        if !from.is_mysql() {
            exec(&mut a, &format!("CREATE TABLE `{schema}`.versioned (id INT PRIMARY KEY) WITH SYSTEM VERSIONING")).await;
            exec(&mut a, &format!("CREATE TABLE `{schema}`.ids (id UUID PRIMARY KEY)")).await;
            exec(
                &mut a,
                &format!(
                    "CREATE TABLE `{schema}`.spans (id INT, a DATE, b DATE, PERIOD FOR p (a, b), PRIMARY KEY (id, p WITHOUT OVERLAPS))"
                ),
            )
            .await;
        } else {
            exec(&mut a, &format!("CREATE TABLE `{schema}`.made (a INT, b INT AS (a + 1) STORED, PRIMARY KEY (b))")).await;
        }
        let mut spec = job(&schema, from, to);
        spec.src.filter.ignore = vec![SchemaRule::new(&schema, ["outside".into()])];
        let (found, way) = (run(&spec).await, direction(from, to));
        // MySQL 9.6 and later log what foreign keys do.
        if from.is_mysql() {
            assert!(found.findings.iter().all(|f| !f.code.contains("cascad")), "{way}: {found:#?}");
        } else {
            assert_eq!(named(&found, "cascading_foreign_key").object, format!("{schema}.child.out_{schema}"), "{way}");
            assert_eq!(named(&found, "cascade_repeated").object, format!("{schema}.child.casc_{schema}"), "{way}");
        }
        assert_eq!(named(&found, "foreign_key_not_unique").object, format!("{schema}.loose.loose_{schema}"), "{way}");
        assert!(named(&found, "foreign_key_outside").message.contains("outside"), "{way}");
        assert_eq!(named(&found, "no_key").object, format!("{schema}.bare"), "{way}");
        assert_eq!(named(&found, "source_not_transactional").object, format!("{schema}.aged"), "{way}");
        if !from.is_mysql() {
            assert_eq!(named(&found, "system_versioned").severity, Severity::Error, "{way}");
            assert_eq!(named(&found, "period_key").object, format!("{schema}.spans.key PRIMARY"), "{way}");
            let refused = found.findings.iter().any(|f| f.code == "type_not_portable");
            assert_eq!(refused, to.is_mysql(), "{way}: {found:#?}");
        } else {
            let refused = found.findings.iter().any(|f| f.code == "generated_primary_key" && f.severity == Severity::Error);
            assert_eq!(refused, !to.is_mysql(), "{way}: {found:#?}");
            let told = found.findings.iter().find(|f| f.code == "no_key" && f.object == format!("{schema}.made"));
            assert!(told.is_some_and(|f| f.message.contains("over generated columns")), "{way}: {found:#?}");
        }
    }
}

#[tokio::test]
async fn one_server_on_both_sides_is_refused() {
    for server in [mariadb(1), mysql(1)].into_iter().flatten() {
        let schema = scratch("pre_self", &[server]).await;
        assert_eq!(named(&run(&job(&schema, server, server)).await, "same_server").severity, Severity::Error);
    }
}

async fn make(conn: &mut syncline::replicate::connect::Conn, statements: impl IntoIterator<Item = String>) {
    for statement in statements {
        conn.query_drop(&statement).await.unwrap_or_else(|e| panic!("{e}\nin: {statement}"));
    }
}

#[tokio::test]
async fn translated_definitions_are_accepted_and_mean_the_same() {
    use syncline::replicate::connect::{faithful, inspect};
    use syncline::replicate::schema::{definition, dialect::Dialect, read, translate};
    for (from, to) in directions() {
        let schema = scratch("pre_xlate", &[from, to]).await;
        let mut setup = connect(from).await;
        exec(&mut setup, &format!("USE `{schema}`")).await;
        exec_all(&mut setup, COMMON).await;
        exec_all(&mut setup, if from.is_mysql() { MYSQL } else { MARIADB }).await;
        let (mut a, mut b) = (faithful(&from.endpoint(), true).await.unwrap(), faithful(&to.endpoint(), true).await.unwrap());
        let (ia, ib) = (inspect(&mut a, &from.endpoint()).await.unwrap(), inspect(&mut b, &to.endpoint()).await.unwrap());
        let (da, db) = (Dialect::read(&mut a, &ia).await.unwrap(), Dialect::read(&mut b, &ib).await.unwrap());
        let filter = job(&schema, from, to).src.filter;
        let names: Vec<_> = read::list(&mut a, &filter).await.unwrap().tables.into_iter().map(|t| t.name).collect();
        for table in read::read_tables(&mut a, &ia, &names).await.unwrap() {
            let way = format!("{} {}", direction(from, to), table.name);
            let translated = translate::table(&table, &da, &db);
            assert!(translated.refused().next().is_none(), "{way}: {:?}", translated.changes);
            make(&mut b, translate::in_utf8(definition::without_deferred(&translated.create, &table.name))).await;
            let first = read::read_table(&mut b, &ib, &table.name).await.unwrap().unwrap();
            let present: Vec<_> = first.keys.iter().map(|k| k.name.as_str()).collect();
            make(&mut b, definition::deferred(&translated.create, &table.name, &present)).await;
            let made = read::read_table(&mut b, &ib, &table.name).await.unwrap().unwrap();
            if from.flavor == to.flavor && made.create != table.create {
                // An index that was added later is printed later.
                let sorted = |text: &str| {
                    let mut lines: Vec<_> = text.lines().map(|l| l.trim_end_matches(',').to_owned()).collect();
                    lines.sort();
                    lines
                };
                assert_eq!(sorted(&made.create), sorted(&table.create), "{way}");
            }
            assert_eq!(made.auto_increment.unwrap_or(1), table.auto_increment.unwrap_or(1), "{way}");
            let plain = |t: &syncline::replicate::table::Table| {
                t.columns
                    .iter()
                    .map(|c| (c.name.clone(), c.members.clone(), c.generated, c.invisible, c.unsigned, c.fraction))
                    .collect::<Vec<_>>()
            };
            assert_eq!(plain(&made), plain(&table), "{way}");
            assert_eq!(made.keys.iter().filter(|k| k.unique).count(), table.keys.iter().filter(|k| k.unique).count(), "{way}");
        }
        let default = rows(&mut connect(to).await, &format!("SELECT COLUMN_DEFAULT FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='{schema}' AND TABLE_NAME='strs' AND COLUMN_NAME='v'")).await;
        assert!(default[0][0].as_deref().is_some_and(|d| d.contains('é')), "{default:?}");
    }
}

const COMMON: &[&str] = &[
    "CREATE TABLE ints (a TINYINT, b TINYINT UNSIGNED, d MEDIUMINT UNSIGNED ZEROFILL, f BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, g BIT(13) DEFAULT b'101', y YEAR) AUTO_INCREMENT=77",
    "CREATE TABLE nums (id INT PRIMARY KEY, d DECIMAL(65,30) DEFAULT -1.5, f FLOAT DEFAULT 1e10) COMMENT='it''s AUTO_INCREMENT=4 x'",
    "CREATE TABLE times (id INT PRIMARY KEY, t TIME(3) DEFAULT '-12:00:00', dt DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6), ts TIMESTAMP NULL)",
    "CREATE TABLE strs (id INT PRIMARY KEY, c CHAR(10) CHARACTER SET gbk DEFAULT '中', v VARCHAR(100) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT 'é', \
        m MEDIUMTEXT CHARACTER SET utf8mb3, e ENUM('a','it''s','中,b') CHARACTER SET gbk DEFAULT 'a', s SET('é','x') CHARACTER SET latin1, \
        b BINARY(4) DEFAULT 0xff00, vb VARBINARY(20) DEFAULT 'x', w VARCHAR(5) CHARACTER SET utf16 DEFAULT 'é', tx TEXT, FULLTEXT KEY (tx)) COMMENT 'é中'",
    "CREATE TABLE gen (id INT PRIMARY KEY, a INT, v INT AS (a+1) VIRTUAL COMMENT 'c, d', s VARCHAR(20) AS (CONCAT('é',a)) STORED, hid INT NOT NULL DEFAULT 3 INVISIBLE, \
        c INT CHECK (c > 0), CONSTRAINT pos CHECK (a > -5), KEY kk (s(3), a DESC), UNIQUE KEY (v))",
    "CREATE TABLE par (id INT, d DATE NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (TO_DAYS(d)) (PARTITION p0 VALUES LESS THAN (TO_DAYS('2020-01-01')), PARTITION p1 VALUES LESS THAN MAXVALUE)",
    "CREATE TABLE child (id INT PRIMARY KEY, p INT, CONSTRAINT fk1 FOREIGN KEY (p) REFERENCES nums (id))",
    "CREATE TABLE geo (id INT PRIMARY KEY, g POINT NOT NULL, gg GEOMETRYCOLLECTION, SPATIAL KEY (g))",
];

const MARIADB: &[&str] = &[
    "CREATE TABLE ma (id CHAR(36) NOT NULL DEFAULT UUID() PRIMARY KEY, d DATE DEFAULT CURDATE(), t TEXT DEFAULT 'it''s', j JSON DEFAULT JSON_ARRAY(), z DATETIME DEFAULT '0000-00-00 00:00:00', \
        bl BLOB DEFAULT 'zz', cz VARCHAR(100) COMPRESSED, n INT, KEY (n) IGNORED) PAGE_COMPRESSED=1",
    "CREATE TABLE ma2 (id INT PRIMARY KEY, a INT, CONSTRAINT pos CHECK (a > -5), u VARCHAR(50) COLLATE utf8mb4_uca1400_ai_ci)",
];

const MYSQL: &[&str] = &[
    "CREATE TABLE my (id CHAR(36) NOT NULL DEFAULT (UUID()) PRIMARY KEY, d DATE DEFAULT (CURDATE()), t TEXT DEFAULT ('it''s'), j JSON DEFAULT (JSON_ARRAY()), js VARCHAR(10) AS (j->>'$.a') VIRTUAL, \
        bl BLOB DEFAULT (_binary'zz'), zh VARCHAR(9) COLLATE utf8mb4_zh_0900_as_cs, n INT, KEY (n) INVISIBLE, g GEOMETRY NOT NULL SRID 4326, v INT AS (n+1) STORED NOT NULL) \
        COLLATE utf8mb4_0900_ai_ci STATS_PERSISTENT=1",
];

/// Jobs in both directions: what has no key is told, whatever they compare.
#[tokio::test]
async fn a_table_without_a_key_that_another_job_brings_back_is_told() {
    for (from, to) in directions() {
        let schema = scratch("pre_back", &[from, to]).await;
        exec(&mut connect(from).await, &format!("CREATE TABLE `{schema}`.bare (a INT)")).await;
        exec(&mut connect(from).await, &format!("CREATE TABLE `{schema}`.t (a INT PRIMARY KEY)")).await;
        let back = [(JobId("back".to_owned()), job(&schema, to, from))];
        let found = preflight::both_ways(&job(&schema, from, to), &back).await;
        let of = |code: &str| found.iter().filter(|f| f.code == code).map(|f| f.object.as_str()).collect::<Vec<_>>();
        assert_eq!(of("both_ways_no_key"), [format!("{schema}.bare")], "{}", direction(from, to));
        assert_eq!(of("both_ways_by_key"), ["back"], "{}", direction(from, to));
        assert!(preflight::both_ways(&job(&schema, from, to), &[]).await.is_empty());
    }
}

/// The start is judged before anything begins: read, executed, still in the log.
#[tokio::test]
async fn a_start_that_cannot_be_is_named() {
    for flavor in [Flavor::Mariadb, Flavor::Mysql] {
        let (Some(from), Some(to)) = (own(flavor, "start"), mariadb(2)) else { return };
        let schema = scratch("pre_start", &[&from, to]).await;
        let mut conn = connect(&from).await;
        let mut target = connect(to).await;
        for conn in [&mut conn, &mut target] {
            exec(conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY)")).await;
        }
        let mysql = flavor == Flavor::Mysql;
        let asked = if mysql { "SELECT @@GLOBAL.gtid_executed" } else { "SELECT @@GLOBAL.gtid_binlog_pos" };
        let early = one(&mut conn, asked).await.expect("GTIDs are on");
        exec_all(&mut conn, (1..4).map(|n| format!("INSERT INTO `{schema}`.t VALUES ({n})"))).await;
        exec(&mut conn, "FLUSH BINARY LOGS").await;
        let now = one(&mut conn, asked).await.expect("GTIDs are on");
        let ahead = if mysql { format!("{}:900-901", now.split(':').next().unwrap()) } else { "0-1-999999".to_owned() };
        let mut spec = job(&schema, &from, to);
        let mut at = async |gtid: &str| {
            spec.src.start_gtid = Some(gtid.to_owned());
            let found = run(&spec).await;
            found.findings.into_iter().filter(|f| f.severity == Severity::Error).map(|f| f.code).collect::<Vec<_>>()
        };
        let name = flavor.as_str();
        assert_eq!(at("nonsense").await, ["bad_gtid"], "{name}");
        assert_eq!(at(&ahead).await, ["start_gtid_not_executed"], "{name}");
        assert!(at(&early).await.is_empty() && at(&now).await.is_empty(), "{name}");
        let logs = rows(&mut conn, "SHOW BINARY LOGS").await;
        let last = logs.last().and_then(|row| row[0].clone()).expect("there is a log");
        // MariaDB keeps a log until its checkpoint is written, and says nothing.
        until(Duration::from_secs(30), "the older logs are gone", async || {
            exec(&mut conn, &format!("PURGE BINARY LOGS TO '{last}'")).await;
            rows(&mut conn, "SHOW BINARY LOGS").await.len() == 1
        })
        .await;
        assert_eq!(at(&early).await, ["start_gtid_purged"], "{name}");
        assert!(at(&now).await.is_empty(), "{name}");
        // A job that writes messages is judged alike, until it has begun.
        spec.src.start_gtid = Some(early.clone());
        let format = MessageFormat::Debezium { schema: false };
        let messages = MessageSpec { format, exclude_columns: Vec::new(), tombstones: true };
        spec.dest.sink = SinkSpec::Lines(LinesSinkSpec { to: LinesTo::Caller, messages });
        for (begun, expected) in [(false, vec!["start_gtid_purged"]), (true, vec![])] {
            let recorded = recorded(&JobId("j".to_owned()), &spec, begun).await.expect("nobody is asked");
            let found = preflight::run(&spec, None, &recorded).await;
            assert_eq!(codes(&found, Severity::Error), expected, "{name}, begun: {begun}");
        }
    }
}
