//! Jobs that are steered while they run: limits, and what is decided about a statement. The run goes on.

use super::kafka::{self, caught_up};
use super::replicate_zoo::{drop_at, expect_equal};
use crate::support::broker;
use crate::support::daemon::Daemon;
use crate::support::job::{Job, PATIENCE};
use crate::support::servers::{self, direction};
use crate::support::sql;
use crate::support::until::{until, until_some};
use std::time::{Duration, Instant};
use syncline::model::job::JobState;
use syncline::model::live::{RateLimit, Replacement, Throttle};
use syncline::model::progress::Question;
use syncline::replicate::connect::Flavor;
use syncline::wire::native::jobs as wire;

fn rows(per_second: u64, burst: u64) -> Throttle {
    Throttle { rows: Some(RateLimit { per_second, burst }), bytes: None }
}

/// Copy and stream keep to one limit, say so, and feel its change at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_holds_in_copy_and_stream_and_is_changed_while_they_run() {
    for (from, to) in servers::directions().into_iter().take(2) {
        let way = direction(from, to);
        let schema = sql::scratch("throttle", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, v VARCHAR(50))")).await;
        let values = |ids: std::ops::Range<u32>| ids.map(|n| format!("({n}, 'v{n}')")).collect::<Vec<_>>().join(",");
        sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES {}", values(0..6_000))).await;
        let mut job = Job::new(&schema, from, to);
        job.spec.throttle = rows(2_000, 1_000);
        let began = Instant::now();
        let mut run = job.start();
        run.until("the copy is held back", |p| p.state == JobState::Copying && p.held_back).await;
        run.until("the copy is over", |p| p.tables.iter().any(|t| t.rows_copied == 6_000)).await;
        assert!(began.elapsed() >= Duration::from_millis(2_400), "{way}: {:?}", began.elapsed());

        // A hundred rows in the stream at ten a second, for ever; then as they come.
        run.tell(|live| live.throttle = rows(10, 10));
        for n in 0..20 {
            let id = 10_000 + n * 50;
            sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES {}", values(id..id + 50))).await;
        }
        run.until("the stream is held back", |p| p.state == JobState::Throttled && p.dest.row_events_applied > 0).await;
        assert!(run.progress.borrow().dest.row_events_applied < 500, "{way}: 1,000 rows take a minute and a half");
        run.tell(|live| live.throttle = Throttle { rows: None, bytes: Some(RateLimit::even(1 << 30)) });
        run.until("the rest comes as it can", |p| p.dest.row_events_applied >= 1_000 && p.state == JobState::Streaming).await;
        run.finish().await;
        expect_equal(from, to, &schema, 1).await;
    }
}

fn side(server: &servers::Server) -> serde_json::Value {
    let e = server.endpoint();
    serde_json::json!({ "host": e.host, "port": e.port, "user": e.user, "password": e.password.expose() })
}

/// The limit is the job's: the run it is set in goes on, and so does the limit over a kill.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_of_bytes_is_set_without_a_restart_and_survives_one() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = sql::scratch("throttled", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, v VARCHAR(1000))")).await;
    let mut daemon = Daemon::start(&[]).await;
    let job =
        serde_json::json!({ "name": schema, "kind": "sync", "source": side(from), "target": side(to), "include": [{ "schema": schema }] });
    let id = daemon.client().create_job(&serde_json::from_value(job).unwrap()).await.expect("the job is created").id;
    until(Duration::from_secs(60), "it streams", async || daemon.client().job(&id).await.unwrap().state == wire::JobState::Streaming).await;
    let before = daemon.client().job(&id).await.unwrap();
    let limit = wire::Throttle { max_bytes_per_second: Some(2_000), ..wire::Throttle::default() };
    let told = daemon.client().throttle_job(&id, &limit).await.expect("it is told");
    assert_eq!(told.config.max_bytes_per_second, Some(2_000));
    let values = (0..200).map(|n| format!("({n}, REPEAT('x', 500))")).collect::<Vec<_>>();
    for some in values.chunks(10) {
        sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.t VALUES {}", some.join(","))).await;
    }
    let throttled = async |daemon: &Daemon| {
        until(Duration::from_secs(60), "it is held back", async || {
            daemon.client().job(&id).await.unwrap().state == wire::JobState::Throttled
        })
        .await;
    };
    throttled(&daemon).await;
    let now = daemon.client().job(&id).await.unwrap();
    assert_eq!((now.run.as_ref().unwrap().number, now.run.unwrap().restarts), (before.run.unwrap().number, 0), "the same run");
    let events = daemon.client().job_events(&id).await.unwrap().events;
    assert!(events.iter().any(|e| e.message.contains("throttle: at most 2000 bytes per second")), "{events:?}");
    // Nothing holds back a job that rests.
    let rests = daemon.client().pause_job(&id).await.expect("it is paused").progress.unwrap();
    assert!(!rests.held_back && rests.apply_rows_per_second == 0.0, "{rests:?}");
    daemon.client().resume_job(&id).await.expect("it is resumed");
    throttled(&daemon).await;
    daemon.kill9();
    daemon.restart().await;
    throttled(&daemon).await;
    let mut target = sql::connect(to).await;
    assert!(sql::count(&mut target, &format!("`{schema}`.t")).await < 200, "100 kB at 2 kB a second are not there yet");
    daemon.client().throttle_job(&id, &wire::Throttle::default()).await.expect("it is told");
    until(Duration::from_secs(60), "the rest is there", async || sql::count(&mut target, &format!("`{schema}`.t")).await == 200).await;
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
}

/// The same buckets hold a subscription.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_keeps_to_its_limit_and_to_a_new_one() {
    let (Some(from), Some(broker)) = (servers::mariadb(1), broker::kafka()) else { return };
    let schema = sql::scratch("throttlekafka", &[from]).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, v VARCHAR(40))")).await;
    let values = (0..1_000).map(|n| format!("({n}, 1, 'v')")).collect::<Vec<_>>().join(",");
    sql::exec(&mut conn, &format!("INSERT INTO `{schema}`.a VALUES {values}")).await;
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let mut job = kafka::job(&format!("throttle-{schema}"), from, broker, &schema, kafka::plain(&schema));
    (job.max_rows_per_second, job.burst_rows) = (Some(20), Some(5));
    let id = client.create_job(&job).await.expect("the job is created").id;
    until(Duration::from_secs(60), "it is held back", async || {
        let job = client.job(&id).await.unwrap();
        job.progress.is_some_and(|p| p.held_back && p.topics.iter().any(|t| t.messages > 0))
    })
    .await;
    let sent = client.job(&id).await.unwrap().progress.unwrap().topics[0].messages;
    assert!(sent < 1_000, "{sent} of what takes fifty seconds");
    client.throttle_job(&id, &wire::Throttle::default()).await.expect("it is told");
    caught_up(&daemon, from, &id).await;
    until(Duration::from_secs(60), "all of it is acknowledged", async || {
        client.job(&id).await.unwrap().progress.unwrap().topics[0].messages >= 1_000
    })
    .await;
    client.delete_job(&id, false).await.expect("the job is deleted");
}

/// A statement that the target refuses waits; what is decided is carried out once, the run goes
/// on, and what came behind the statement is applied then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_statement_waits_until_it_is_tried_again_replaced_or_left_out() {
    for (from, to) in servers::directions() {
        let way = direction(from, to);
        let schema = sql::scratch("choice", &[from]).await;
        drop_at(to, &schema).await;
        let mut conn = sql::connect(from).await;
        sql::exec(&mut conn, &format!("USE `{schema}`")).await;
        sql::exec_all(&mut conn, ["CREATE TABLE t (id INT PRIMARY KEY, n INT)", "INSERT INTO t VALUES (1, 1)"]).await;
        let mut job = Job::new(&schema, from, to);
        let mut run = job.start();
        run.streaming().await;
        let mut target = sql::connect(to).await;
        // In the way of the source's statement.
        sql::exec(&mut target, &format!("ALTER TABLE `{schema}`.t ADD COLUMN c INT")).await;
        sql::exec_all(&mut conn, ["ALTER TABLE t ADD COLUMN c INT", "INSERT INTO t VALUES (2, 2, 2)"]).await;
        let question = asked(&mut run, "ALTER TABLE t ADD COLUMN c INT").await;
        assert_eq!(question.code, "ddl_failed", "{way}: {question:?}");
        assert_eq!(sql::count(&mut target, &format!("`{schema}`.t")).await, 1, "{way}: what follows waits");
        if to.flavor == Flavor::Mysql {
            // It is there already: by hand.
            run.tell(|live| live.skip.push(question.transaction.clone()));
        } else {
            run.tell(|live| live.retries += 1);
            let again = run.progress.clone();
            until(PATIENCE, "it was tried again", async || again.borrow().question.as_ref().is_some_and(|q| q.since > question.since))
                .await;
            sql::exec(&mut target, &format!("ALTER TABLE `{schema}`.t DROP COLUMN c")).await;
            run.tell(|live| live.retries += 1);
        }
        run.until("what follows", |p| p.question.is_none() && p.tables.iter().any(|t| t.inserts == 1)).await;

        // Another in its place, under a restart between the decision and the statement.
        sql::exec(&mut target, &format!("CREATE INDEX other ON `{schema}`.t (n)")).await;
        sql::exec_all(&mut conn, ["CREATE INDEX other ON t (n, c)", "INSERT INTO t VALUES (3, 3, 3)"]).await;
        let question = asked(&mut run, "CREATE INDEX other ON t (n, c)").await;
        run.crash().await;
        job.spec.src.replace.push(Replacement { transaction: question.transaction, statement: "CREATE INDEX here ON t (c, n)".into() });
        let mut run = job.start();
        run.until("what follows", |p| p.tables.iter().any(|t| t.inserts == 1)).await;
        let indexes = format!("SELECT COUNT(DISTINCT index_name) FROM information_schema.statistics WHERE table_schema = '{schema}'");
        assert_eq!(sql::one(&mut target, &indexes).await.as_deref(), Some("3"), "{way}: PRIMARY, other, here");
        let notes = run.progress.borrow().notes.clone();
        assert!(notes.iter().any(|(what, n)| what == "statements replaced, as the job says" && *n == 1), "{way}: {notes:?}");

        // Over a crash behind it, it is not run again (it would be refused), and nothing is asked.
        sql::exec(&mut conn, "INSERT INTO t VALUES (4, 4, 4)").await;
        run.until("one more", |p| p.tables.iter().any(|t| t.inserts == 2)).await;
        run.crash().await;
        let mut run = job.start();
        run.streaming().await;
        sql::exec(&mut conn, "INSERT INTO t VALUES (5, 5, 5)").await;
        run.until("one more", |p| p.tables.iter().any(|t| t.inserts >= 1)).await;
        assert_eq!(run.progress.borrow().question, None);
        run.finish().await;
        assert_eq!(sql::count(&mut target, &format!("`{schema}`.t")).await, 5, "{way}");
    }
}

async fn asked(run: &mut crate::support::job::Run, statement: &str) -> Question {
    run.until("it asks", |p| p.question.is_some() && matches!(p.state, JobState::Waiting(_))).await;
    let question = run.progress.borrow().question.clone().expect("it was there");
    assert_eq!(question.statement, statement);
    question
}

/// The same through the API: the run is the same, the decision is audited and told among the events, and a kill -9 between
/// the decision and the next statement neither loses nor repeats it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_decision_is_the_jobs_and_outlives_a_kill() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let schema = sql::scratch("decide", &[from]).await;
    drop_at(to, &schema).await;
    let mut conn = sql::connect(from).await;
    sql::exec(&mut conn, &format!("USE `{schema}`")).await;
    sql::exec_all(&mut conn, ["CREATE TABLE t (id INT PRIMARY KEY, n INT)", "INSERT INTO t VALUES (1, 1)"]).await;
    let mut daemon = Daemon::start(&[]).await;
    let job =
        serde_json::json!({ "name": schema, "kind": "sync", "source": side(from), "target": side(to), "include": [{ "schema": schema }] });
    let client = daemon.client();
    let id = client.create_job(&serde_json::from_value(job).unwrap()).await.expect("the job is created").id;
    until(Duration::from_secs(60), "it streams", async || client.job(&id).await.unwrap().state == wire::JobState::Streaming).await;
    let decide = |action, transaction: Option<&str>, statement: Option<&str>| wire::DdlDecision {
        action,
        transaction: transaction.map(str::to_owned),
        statement: statement.map(str::to_owned),
    };
    let refused = client.decide_ddl(&id, &decide(wire::DdlAction::Skip, None, None)).await.expect_err("nothing waits");
    assert!(format!("{refused:?}").contains("waits with no statement"), "{refused:?}");
    // MySQL has no such word.
    let statement = "ALTER TABLE t ADD COLUMN IF NOT EXISTS c INT";
    sql::exec_all(&mut conn, [statement, "INSERT INTO t VALUES (2, 2, 2)"]).await;
    let waits = async |daemon: &Daemon| {
        until_some(Duration::from_secs(60), "it waits", async || daemon.client().job_ddl(&id).await.unwrap().waiting).await
    };
    let waiting = waits(&daemon).await;
    assert_eq!((waiting.code.as_str(), waiting.statement.as_str()), ("ddl_not_translatable", statement));
    until(Duration::from_secs(60), "its state says so", async || {
        let job = client.job(&id).await.unwrap();
        job.state == wire::JobState::Waiting && job.reason.contains(statement)
    })
    .await;
    for (decision, says) in [
        (decide(wire::DdlAction::Skip, Some("0-1-1"), None), "and not of 0-1-1"),
        (decide(wire::DdlAction::Replace, None, Some("DELETE FROM t")), "changes tables or schemas"),
        (decide(wire::DdlAction::Replace, None, None), "action replace needs it"),
    ] {
        let refused = client.decide_ddl(&id, &decision).await.expect_err(says);
        assert!(format!("{refused:?}").contains(says), "{refused:?}");
    }
    let replace = decide(wire::DdlAction::Replace, Some(&waiting.transaction), Some("ALTER TABLE t ADD COLUMN c BIGINT COMMENT 'here'"));
    client.decide_ddl(&id, &replace).await.expect("it is decided");
    daemon.kill9();
    daemon.restart().await;
    let mut target = sql::connect(to).await;
    let rows = format!("`{schema}`.t");
    until(Duration::from_secs(60), "what follows", async || sql::count(&mut target, &rows).await == 2).await;
    let client = daemon.client();
    // The next one is left out, in the run that it is met in.
    sql::exec_all(&mut conn, ["ALTER TABLE t DROP COLUMN IF EXISTS nobody, COMMENT 'his password'", "INSERT INTO t VALUES (3, 3, 3)"])
        .await;
    let waiting = waits(&daemon).await;
    let run = client.job(&id).await.unwrap().run.unwrap();
    let job = client.decide_ddl(&id, &decide(wire::DdlAction::Skip, Some(&waiting.transaction), None)).await.expect("it is decided");
    assert_ne!(job.state, wire::JobState::Waiting, "the answer is of afterwards");
    until(Duration::from_secs(60), "what follows", async || sql::count(&mut target, &rows).await == 3).await;
    assert_eq!(client.job(&id).await.unwrap().run.unwrap().number, run.number, "the run went on");
    let ddl = client.job_ddl(&id).await.unwrap();
    let decided: Vec<_> = ddl.decided.iter().map(|d| d.decision.as_str()).collect();
    assert_eq!((ddl.waiting, decided), (None, vec!["skip", "replace"]));
    // What it was is kept, over the kill too.
    let originals: Vec<_> = ddl.decided.iter().map(|d| d.original.as_deref()).collect();
    assert_eq!(originals, [Some("ALTER TABLE t DROP COLUMN IF EXISTS nobody, COMMENT '…'"), Some(statement)]);
    let told: Vec<String> = client.job_events(&id).await.unwrap().events.into_iter().map(|e| e.message).collect();
    for what in
        ["waits for a decision", "job.ddl.replace", "job.ddl.skip", "applied in place of the log's statement", "left out, as the job says"]
    {
        assert!(told.iter().any(|m| m.contains(what)), "{what}: {told:?}");
    }
    // One that the target has is not left out any more, and that is said.
    let wire::Job { config: mut wanted, progress, .. } = client.job(&id).await.unwrap();
    let passed = progress.unwrap().position.split(',').next().unwrap().to_owned();
    wanted.skip.push(passed.clone());
    let updated = client.update_job(&id, &wanted, None).await.expect("it is no error");
    assert!(updated.warnings.iter().any(|w| w.code == "skip_passed" && w.message.contains(&passed)), "{:?}", updated.warnings);
    client.delete_job(&id, false).await.expect("the job is deleted");
}
