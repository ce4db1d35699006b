//! Types that the other flavour does not have come in by a statement: no replacement brings their rows, and that is said at once,
//! with the steps that lead out.

use super::kill::{job, verified};
use super::replicate_zoo::drop_at;
use super::verify_late::streams;
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql;
use crate::support::until::{until, until_some};
use mysql_async::Conn;
use std::time::Duration;
use syncline::wire::native::jobs::{DdlAction, DdlDecision, JobState, Reload, WaitingDdl};

const PATIENCE: Duration = Duration::from_secs(60);
const WORDS: &str = "CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci";

struct Bench {
    schema: String,
    daemon: Daemon,
    id: String,
    source: Conn,
    target: Conn,
}

impl Bench {
    /// A job that streams one table.
    async fn start(name: &str, from: &Server, to: &Server) -> Self {
        let schema = sql::scratch(name, &[from]).await;
        drop_at(to, &schema).await;
        let mut source = sql::connect(from).await;
        let create = format!("CREATE TABLE t (id INT PRIMARY KEY) {WORDS}");
        sql::exec_all(&mut source, [format!("USE `{schema}`"), create, "INSERT INTO t VALUES (1)".to_owned()]).await;
        let daemon = Daemon::start(&[]).await;
        let id = daemon.client().create_job(&job(&schema, from, to, &schema)).await.expect("the job is created").id;
        streams(&daemon, &id).await;
        Self { schema, daemon, id, source, target: sql::connect(to).await }
    }

    async fn waits(&self, code: &str) -> WaitingDdl {
        let waiting = async || self.daemon.client().job_ddl(&self.id).await.unwrap().waiting.filter(|w| w.code == code);
        until_some(PATIENCE, code, waiting).await
    }

    async fn decide(&self, action: DdlAction, statement: Option<String>) {
        let decision = DdlDecision { action, transaction: None, statement };
        self.daemon.client().decide_ddl(&self.id, &decision).await.expect("it is decided");
    }

    /// As the hint says: nothing else is done.
    async fn leads_out(&mut self, waiting: &WaitingDdl, table: &str) {
        let Self { schema, daemon, id, source, target } = self;
        let steps = [
            format!("ALTER TABLE {schema}.{table} MODIFY u …: CHAR(36) for UUID"),
            format!("syncline jobs tables reload {id} {schema}.{table}"),
        ];
        assert!(steps.iter().all(|step| waiting.hint.contains(step)), "{waiting:?}");
        sql::exec(source, &format!("ALTER TABLE {schema}.{table} MODIFY u CHAR(36)")).await;
        let reload = Reload { tables: vec![format!("{schema}.{table}")] };
        daemon.client().reload_tables(id, &reload).await.expect("it is ordered");
        sql::exec(source, &format!("INSERT INTO {table} VALUES (30, 'behind it')")).await;
        let rows = format!("SELECT id, u FROM `{schema}`.{table} ORDER BY id");
        let there = format!("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema='{schema}' AND table_name='{table}'");
        until(PATIENCE, "what follows", async || {
            let there = sql::one(target, &there).await.as_deref() == Some("2");
            there && sql::rows(target, &rows).await == sql::rows(source, &rows).await
        })
        .await;
        assert_eq!(verified(daemon, id).await.state, "equal");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_uuid_column_is_refused_with_its_replacement_and_the_way_out_leads_out() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let mut bench = Bench::start("ddltypes", from, to).await;
    let grow = ["ALTER TABLE t ADD COLUMN u UUID", "INSERT INTO t VALUES (2, '00112233-4455-6677-8899-aabbccddeeff')"];
    sql::exec_all(&mut bench.source, grow).await;
    bench.waits("type_not_portable").await;
    bench.decide(DdlAction::Replace, Some("ALTER TABLE t ADD COLUMN u CHAR(36)".to_owned())).await;
    let listed = async || bench.daemon.client().job_ddl(&bench.id).await.unwrap().decided.into_iter().find(|d| d.decision == "failed");
    let failed = until_some(PATIENCE, "the replacement is refused", listed).await;
    assert!(failed.error.contains("t.u"), "{failed:?}");
    let columns = format!("SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = '{}'", bench.schema);
    assert_eq!(sql::one(&mut bench.target, &columns).await.as_deref(), Some("1"), "nothing was changed");
    let waiting = bench.waits("type_not_portable").await;
    bench.leads_out(&waiting, "t").await;
}

/// The target has nothing of it, and the job knows of it by the statement alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_table_that_comes_with_a_uuid_is_led_in() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let mut bench = Bench::start("ddltypesnew", from, to).await;
    let create = format!("CREATE TABLE fresh (id INT PRIMARY KEY, u UUID) {WORDS}");
    let fill = "INSERT INTO fresh VALUES (2, '00112233-4455-6677-8899-aabbccddeeff')".to_owned();
    sql::exec_all(&mut bench.source, [create, fill]).await;
    let waiting = bench.waits("type_not_portable").await;
    let nobodys = Reload { tables: vec![format!("{}.frehs", bench.schema)] };
    assert!(bench.daemon.client().reload_tables(&bench.id, &nobodys).await.is_err(), "the source has no such table");
    // Who changed the type and tried the statement again is told what is left to do.
    sql::exec(&mut bench.source, "ALTER TABLE fresh MODIFY u CHAR(36)").await;
    bench.decide(DdlAction::Retry, None).await;
    let changed = format!("copy it as it is now: syncline jobs tables reload {} {}.fresh", bench.id, bench.schema);
    let told = async || bench.daemon.client().job_ddl(&bench.id).await.unwrap().waiting.filter(|w| w.hint.contains(&changed));
    until_some(PATIENCE, "it is told", told).await;
    bench.leads_out(&waiting, "fresh").await;
}

/// A job that failed starts for what it is to copy.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reload_starts_a_job_that_failed_over_a_skipped_column() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let mut bench = Bench::start("ddltypesskip", from, to).await;
    sql::exec(&mut bench.source, "ALTER TABLE t ADD COLUMN u UUID").await;
    let waiting = bench.waits("type_not_portable").await;
    bench.decide(DdlAction::Skip, None).await;
    sql::exec(&mut bench.source, "INSERT INTO t VALUES (3, '00112233-4455-6677-8899-aabbccddeeff')").await;
    let failed = async || bench.daemon.client().job(&bench.id).await.is_ok_and(|job| job.state == JobState::Failed);
    until(PATIENCE, "it fails over the column that is not there", failed).await;
    bench.leads_out(&waiting, "t").await;
}

/// The steps name the source's tables, where the target calls them otherwise, too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_steps_of_a_renamed_table_are_the_sources() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let schema = sql::scratch("ddltypesmap", &[from]).await;
    let there = format!("{schema}_there");
    drop_at(to, &there).await;
    let mut source = sql::connect(from).await;
    sql::exec(&mut source, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY) {WORDS}")).await;
    let daemon = Daemon::start(&[]).await;
    let mut create = job(&schema, from, to, &schema);
    create.include[0].to_schema = Some(there.clone());
    let id = daemon.client().create_job(&create).await.expect("the job is created").id;
    streams(&daemon, &id).await;
    sql::exec(&mut source, &format!("ALTER TABLE `{schema}`.t ADD COLUMN u UUID")).await;
    let steps = [format!("ALTER TABLE {schema}.t MODIFY u"), format!("jobs tables reload {id} {schema}.t;")];
    let waiting = async || daemon.client().job_ddl(&id).await.unwrap().waiting;
    let waiting = until_some(PATIENCE, "it waits", waiting).await;
    assert!(waiting.code == "type_not_portable" && steps.iter().all(|step| waiting.hint.contains(step)), "{waiting:?}");
    drop_at(to, &there).await;
}
