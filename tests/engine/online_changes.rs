//! Schema changes by gh-ost and pt-online-schema-change on a table that the job names by itself: the tools' statements, as
//! their sources have them, and the tool itself where it is installed. The differ judges.

use super::replicate_zoo::{AT_ONCE, drop_at};
use crate::support::job::Job;
use crate::support::servers::{self, PASSWORD, Server, USER, direction};
use crate::support::sql;
use crate::support::writer::Writer;
use std::process::Command;
use syncline::model::finding::Severity;
use syncline::model::replicate::{Mapping, SchemaRule, TableFilter, TableName};
use syncline::replicate::verify::{Outcome, verify};
use syncline::replicate::{Orders, preflight};
use tokio_util::sync::CancellationToken;

/// gh-ost: applier.go, with its options to drop what was left behind before and what it leaves behind. `{s}` is the schema.
const GH_OST: [&str; 20] = [
    "drop /* gh-ost */ table if exists `{s}`.`_t_gho`",
    "drop /* gh-ost */ table if exists `{s}`.`_t_del`",
    "drop /* gh-ost */ table if exists `{s}`.`_t_ghc`",
    "create /* gh-ost */ table `{s}`.`_t_ghc` (id bigint unsigned auto_increment, last_update timestamp not null DEFAULT CURRENT_TIMESTAMP \
     ON UPDATE CURRENT_TIMESTAMP, hint varchar(64) charset ascii not null, value varchar(4096) charset ascii not null, primary key(id), \
     unique key hint_uidx(hint)) auto_increment=256",
    "create /* gh-ost */ table `{s}`.`_t_gho` like `{s}`.`t`",
    "alter /* gh-ost */ table `{s}`.`_t_gho` add column c varchar(20) not null default 'new', add key (c)",
    "insert /* gh-ost */ into `{s}`.`_t_ghc` (id, hint, value) values (NULLIF(2, 0), 'state', 'GhostTableMigrated') \
     on duplicate key update last_update=NOW(), value=VALUES(value)",
    "insert /* gh-ost `{s}`.`t` */ ignore into `{s}`.`_t_gho` (`id`, `n`) (select `id`, `n` from `{s}`.`t` force index (`PRIMARY`) \
     where `id` <= 20 lock in share mode)",
    "UPDATE `{s}`.t SET n = 77 WHERE id = 2",
    "replace /* gh-ost `{s}`.`_t_gho` */ into `{s}`.`_t_gho` (`id`, `n`) values (2, 77)",
    "insert /* gh-ost `{s}`.`t` */ ignore into `{s}`.`_t_gho` (`id`, `n`) (select `id`, `n` from `{s}`.`t` where `id` > 20 lock in share mode)",
    "DELETE FROM `{s}`.t WHERE id IN (4, 5)",
    "delete /* gh-ost `{s}`.`_t_gho` */ from `{s}`.`_t_gho` where `id` in (4, 5)",
    "create /* gh-ost */ table `{s}`.`_t_del` (id int auto_increment primary key) engine=InnoDB comment='ghost-cut-over-sentry'",
    "drop /* gh-ost */ table if exists `{s}`.`_t_del`",
    "rename /* gh-ost */ table `{s}`.`t` to `{s}`.`_t_del`, `{s}`.`_t_gho` to `{s}`.`t`",
    "INSERT INTO `{s}`.t (id, n, c) VALUES (101, 1, 'after'), (102, 1, 'after')",
    "drop /* gh-ost */ table if exists `{s}`.`_t_ghc`",
    "drop /* gh-ost */ table if exists `{s}`.`_t_del`",
    "UPDATE `{s}`.t SET c = 'last' WHERE id IN (6, 7)",
];

/// pt-online-schema-change 3.2. It takes another underscore where a name is taken.
const PT_OSC: [&str; 16] = [
    "CREATE TABLE `{s}`.`__t_new` (`id` int NOT NULL, `n` int DEFAULT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB",
    "ALTER TABLE `{s}`.`__t_new` ADD COLUMN c varchar(20) NOT NULL DEFAULT 'new'",
    "CREATE TRIGGER `{s}`.`pt_osc_t_del` AFTER DELETE ON `{s}`.`t` FOR EACH ROW DELETE IGNORE FROM `{s}`.`__t_new` \
     WHERE `{s}`.`__t_new`.`id` <=> OLD.`id`",
    "CREATE TRIGGER `{s}`.`pt_osc_t_upd` AFTER UPDATE ON `{s}`.`t` FOR EACH ROW BEGIN DELETE IGNORE FROM `{s}`.`__t_new` \
     WHERE !(OLD.`id` <=> NEW.`id`) AND `{s}`.`__t_new`.`id` <=> OLD.`id`;REPLACE INTO `{s}`.`__t_new` (`id`, `n`) VALUES (NEW.`id`, NEW.`n`);END",
    "CREATE TRIGGER `{s}`.`pt_osc_t_ins` AFTER INSERT ON `{s}`.`t` FOR EACH ROW REPLACE INTO `{s}`.`__t_new` (`id`, `n`) VALUES (NEW.`id`, NEW.`n`)",
    "UPDATE `{s}`.t SET n = 77 WHERE id IN (2, 3)",
    "INSERT LOW_PRIORITY IGNORE INTO `{s}`.`__t_new` (`id`, `n`) SELECT `id`, `n` FROM `{s}`.`t` LOCK IN SHARE MODE /*pt-online-schema-change 1 copy table*/",
    "DELETE FROM `{s}`.t WHERE id IN (4, 5)",
    "UPDATE `{s}`.t SET id = id + 200 WHERE id IN (8, 9)",
    "ANALYZE TABLE `{s}`.`__t_new` /* pt-online-schema-change */",
    "RENAME TABLE `{s}`.`t` TO `{s}`.`__t_old`, `{s}`.`__t_new` TO `{s}`.`t`",
    "INSERT INTO `{s}`.t (id, n, c) VALUES (101, 1, 'after'), (102, 1, 'after')",
    "DROP TABLE IF EXISTS `{s}`.`__t_old`",
    "DROP TRIGGER IF EXISTS `{s}`.`pt_osc_t_del`",
    "DROP TRIGGER IF EXISTS `{s}`.`pt_osc_t_upd`",
    "DROP TRIGGER IF EXISTS `{s}`.`pt_osc_t_ins`",
];

/// `t` with forty rows, beside tables that are nobody's: one of them has a name of the tools'.
async fn table(name: &str, from: &Server, to: &Server) -> (String, mysql_async::Conn) {
    let schema = sql::scratch(name, &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    let values: Vec<String> = (1..=40).map(|id| format!("({id}, {})", id * 3)).collect();
    sql::exec_all(
        &mut conn,
        [
            "CREATE TABLE t (id INT PRIMARY KEY, n INT)".to_owned(),
            format!("INSERT INTO t VALUES {}", values.join(", ")),
            "CREATE TABLE _t_old (what INT PRIMARY KEY)".to_owned(),
            "INSERT INTO _t_old VALUES (1)".to_owned(),
            "CREATE TABLE other (id INT PRIMARY KEY)".to_owned(),
        ],
    )
    .await;
    (schema, conn)
}

/// The job of `t` alone: half of its rows, and another name at the target.
fn job(schema: &str, from: &Server, to: &Server) -> Job {
    let mut job = Job::new(schema, from, to);
    let to = Mapping { table: Some("kept".to_owned()), ..Mapping::default() };
    job.spec.src.filter.include = vec![SchemaRule { filter: Some("id % 2 = 0".to_owned()), to, ..SchemaRule::new(schema, ["t".into()]) }];
    job
}

async fn expect_equal(from: &Server, to: &Server, filter: &TableFilter) {
    let report =
        verify(&from.endpoint(), &to.endpoint(), &[], filter, AT_ONCE, |_| {}, &CancellationToken::new()).await.expect("both answer");
    let outcomes: Vec<_> = report.tables.iter().map(|t| (t.table.to_string(), &t.outcome)).collect();
    assert!(outcomes.len() == 1 && outcomes.iter().all(|(_, o)| **o == Outcome::Equal), "{}: {report:#?}", direction(from, to));
}

async fn tables_of(server: &Server, schema: &str) -> Vec<String> {
    let rows = sql::rows(&mut sql::connect(server).await, &format!("SHOW TABLES FROM `{schema}`")).await;
    rows.into_iter().filter_map(|row| row.into_iter().next().flatten()).collect()
}

async fn changed_while_streaming(name: &str, steps: &[&str], every: usize) {
    for (from, to) in servers::directions() {
        let (schema, mut conn) = table(name, from, to).await;
        let mut job = job(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        for (n, step) in steps.iter().enumerate() {
            sql::exec(&mut conn, &step.replace("{s}", &schema)).await;
            if n % every == every - 1 {
                run.crash().await;
                run = job.start();
            }
        }
        // What has such a name and is nobody's passes.
        sql::exec_all(&mut conn, ["INSERT INTO _t_old VALUES (2)", "ALTER TABLE _t_old ADD COLUMN x INT"]).await;
        // One of the job's by its name goes, the others are not its own.
        sql::exec_all(&mut conn, ["CREATE TABLE _t_gho (id INT PRIMARY KEY)", "DROP TABLE IF EXISTS other, _t_gho, _t_old"]).await;
        run.finish().await;
        expect_equal(from, to, &job.spec.src.filter).await;
        assert_eq!(tables_of(to, &schema).await, ["kept"], "{}: and nothing is left over", direction(from, to));
        let mut target = sql::connect(to).await;
        let rows = format!("SELECT COUNT(*), SUM(c = 'after'), SUM(id % 2) FROM `{schema}`.kept");
        assert_eq!(sql::rows(&mut target, &rows).await[0][1..], [Some("1".to_owned()), Some("0".to_owned())], "{}", direction(from, to));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gh_ost_changes_a_table_that_the_job_names() {
    changed_while_streaming("ghost", &GH_OST, 3).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pt_osc_changes_a_table_that_the_job_names() {
    changed_while_streaming("ptosc", &PT_OSC, 4).await;
}

/// What is there of the change is copied, and the rest comes by the log; also when the swap comes before the copy is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_may_begin_in_the_middle_of_a_change() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        for (steps, begins, waits) in [(&GH_OST[..], 8, true), (&GH_OST[..], 13, false), (&PT_OSC[..], 6, true), (&PT_OSC[..], 9, false)] {
            let (schema, mut conn) = table("midchange", from, to).await;
            let mut job = job(&schema, from, to);
            let say = |step: &str| step.replace("{s}", &schema);
            for step in &steps[..begins] {
                sql::exec(&mut conn, &say(step)).await;
            }
            let report = preflight::run(&job.spec, None, &Default::default()).await;
            let told: Vec<_> = report.findings.iter().filter(|f| f.code == "online_change_table").collect();
            assert!(told.len() == 1 && told[0].severity == Severity::Warning, "{:?}", report.findings);
            assert_eq!(report.errors().count(), 0, "{:?}", report.findings);
            let mut run = job.start();
            if waits {
                run.streaming().await;
            }
            for (n, step) in steps[begins..].iter().enumerate() {
                sql::exec(&mut conn, &say(step)).await;
                if n == 2 {
                    run.crash().await;
                    run = job.start();
                }
            }
            // A run that finds a table of its copy changed ends, and the next one copies it.
            while let Err(error) = run.try_finish().await {
                assert_eq!(error.kind, syncline::replicate::Kind::Transient, "{}: {error:?}", direction(from, to));
                run = job.start();
            }
            expect_equal(from, to, &job.spec.src.filter).await;
            assert_eq!(tables_of(to, &schema).await, ["kept"], "{}", direction(from, to));
        }
    }
}

/// A job for a whole schema without `t` has nothing to do with its change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_an_ignored_table_is_none_of_the_jobs() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        for steps in [&GH_OST[..], &PT_OSC[..]] {
            let (schema, mut conn) = table("ignoredchange", from, to).await;
            let mut job = Job::new(&schema, from, to);
            job.spec.src.filter.ignore = vec![SchemaRule::new(&schema, ["t".into()])];
            let report = preflight::run(&job.spec, None, &Default::default()).await;
            assert!(
                report.findings.iter().any(|f| f.code == "online_change_ignored" && f.object.ends_with("._t_old")),
                "{:?}",
                report.findings
            );
            let mut run = job.start();
            run.streaming().await;
            for step in steps {
                sql::exec(&mut conn, &step.replace("{s}", &schema)).await;
            }
            let progress = run.progress.clone();
            run.finish().await;
            assert_eq!(tables_of(to, &schema).await, ["other"], "{}", direction(from, to));
            let notes = &progress.borrow().notes;
            assert!(notes.iter().any(|(what, _)| what.contains("ignored tables")), "{notes:?}");
        }
    }
}

/// A column that the row filter looks at cannot go: it is said at the tool's first statement about it, before rows are moved.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_of_a_filtered_column_stops_the_job_at_the_shadow() {
    let Some(from) = servers::mariadb(1) else { return };
    let Some(to) = servers::mariadb(2) else { return };
    let (schema, mut conn) = table("shadowfilter", from, to).await;
    let mut job = job(&schema, from, to);
    job.spec.src.filter.include[0].filter = Some("n > 30".to_owned());
    let mut run = job.start();
    run.streaming().await;
    sql::exec_all(&mut conn, ["create table _t_gho like t", "alter table _t_gho drop column n"]).await;
    let error = run.error().await;
    assert_eq!(error.code, "filter_column_changed", "{error:?}");
}

/// The tool itself, under load.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pt_online_schema_change_itself_runs_through() {
    if Command::new("pt-online-schema-change").arg("--version").output().is_err() {
        servers::skip("pt-online-schema-change is not installed (scripts/services install percona-toolkit); its statements are tested");
        return;
    }
    for (from, to) in servers::directions().into_iter().filter(|(f, _)| !f.is_mysql()) {
        let (schema, mut conn) = table("pttool", from, to).await;
        let mut job = job(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        let at = schema.clone();
        let writer = Writer::start(from, move |pick| {
            let id = pick.below(1000);
            vec![format!("REPLACE INTO `{at}`.t (id, n) VALUES ({id}, 1)"), format!("DELETE FROM `{at}`.t WHERE id = {}", pick.below(1000))]
        });
        for alter in ["ADD COLUMN c INT NOT NULL DEFAULT 7", "DROP COLUMN c, ADD KEY (n)"] {
            let dsn = format!("h=127.0.0.1,P={},u={USER},p={PASSWORD},D={schema},t=t", from.port);
            let mut tool = Command::new("pt-online-schema-change");
            tool.args(["--execute", "--alter", alter, "--recursion-method", "none", "--no-version-check", &dsn]);
            let done = tokio::task::spawn_blocking(move || tool.output()).await.expect("no panic").expect("it starts");
            let said = String::from_utf8_lossy(&done.stdout).into_owned() + &String::from_utf8_lossy(&done.stderr);
            assert!(done.status.success() && said.contains("Successfully altered"), "{said}");
        }
        writer.finish().await;
        sql::exec(&mut conn, "INSERT INTO t (id, n) VALUES (2000, 5)").await;
        run.finish().await;
        expect_equal(from, to, &job.spec.src.filter).await;
        assert_eq!(tables_of(to, &schema).await, ["kept"], "{}", direction(from, to));
    }
}

/// A table that is made like one whose copy is of a later time is not what it was made as at the source.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_made_like_one_that_is_copied_later_is_the_sources() {
    for (from, to) in servers::directions().into_iter().filter(|(f, t)| f.flavor == t.flavor) {
        let way = direction(from, to);
        let schema = sql::scratch("madelike", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec_all(
            &mut conn,
            [
                format!("USE `{schema}`"),
                "CREATE TABLE t (id INT PRIMARY KEY, e ENUM('a','b','c') NOT NULL, v VARCHAR(20))".to_owned(),
                "INSERT INTO t VALUES (1, 'a', 'x'), (2, 'b', 'y'), (3, 'c', 'z')".to_owned(),
            ],
        )
        .await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        run.crash().await;
        let made = [
            "CREATE TABLE n LIKE t",
            "INSERT INTO n SELECT * FROM t",
            "ALTER TABLE t MODIFY e ENUM('c','b','a','q') NOT NULL, MODIFY v VARCHAR(90), ADD COLUMN late INT DEFAULT 7",
            "CREATE TABLE m LIKE n",
            "INSERT INTO m SELECT * FROM n",
            "INSERT INTO n VALUES (5, 'c', 'late')",
        ];
        sql::exec_all(&mut conn, made.map(str::to_owned)).await;
        // gh-ost's way, all of it behind the job.
        let steps = GH_OST.map(|step| step.replace("{s}", &schema));
        sql::exec_all(&mut conn, ["ALTER TABLE t ADD COLUMN n INT".to_owned()].into_iter().chain(steps[..7].to_vec())).await;
        sql::exec_all(
            &mut conn,
            [
                "insert into _t_gho (id, e, v, late, n) select id, e, v, late, n from t".to_owned(),
                "rename table t to _t_del, _t_gho to t".to_owned(),
                "INSERT INTO t (id, e, c) VALUES (101, 'q', 'after')".to_owned(),
                "drop table if exists _t_ghc, _t_del".to_owned(),
            ],
        )
        .await;
        job.order(&Orders { reload: vec![TableName::new(&schema, "t")], position: None });
        let mut run = job.start();
        while let Err(error) = run.try_finish().await {
            assert_eq!(error.kind, syncline::replicate::Kind::Transient, "{way}: {error:?}");
            run = job.start();
        }
        super::replicate_zoo::expect_equal(from, to, &schema, 3).await;
        let shown = async |server: &Server, table: &str| {
            let rows = sql::rows(&mut sql::connect(server).await, &format!("SHOW CREATE TABLE `{schema}`.`{table}`")).await;
            rows[0][1].clone().expect("it is there")
        };
        for table in ["t", "n", "m"] {
            assert_eq!(shown(from, table).await, shown(to, table).await, "{way}");
        }
    }
}
