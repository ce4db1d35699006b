//! `jobs create --sink stdout|file` and `jobs tap` against the real daemon and a real source.

use super::{Outcome, outcome, syncline};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, scratch};
use crate::support::until::{until, until_some};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;
use syncline::client::{JobQuery, RunQuery, TapQuery};
use syncline::wire::native::jobs::JobState;
use syncline::wire::native::stream::Piece;

const PATIENCE: Duration = Duration::from_secs(60);

fn at(daemon: &Daemon, args: &[&str]) -> Outcome {
    outcome(syncline(daemon.home()).env("SYNCLINE_SERVER", daemon.url()).args(args))
}

/// The flags that name a source.
fn source(daemon: &Daemon, server: &Server) -> Vec<String> {
    let e = server.endpoint();
    let file = daemon.home().join("src.pw");
    std::fs::write(&file, e.password.expose()).expect("the home is there");
    let address = format!("{}@{}:{}", e.user, e.host, e.port);
    ["--source", &address, "--source-password-file", &file.display().to_string()].map(str::to_owned).to_vec()
}

/// `jobs create --sink stdout` of a schema, with more flags.
fn stdout(daemon: &Daemon, server: &Server, schema: &str, more: &[&str]) -> Vec<String> {
    let mut args: Vec<String> =
        ["jobs", "create", "--kind", "subscription", "--sink", "stdout", "--include", schema].map(str::to_owned).to_vec();
    args.extend(source(daemon, server));
    args.extend(more.iter().map(|a| (*a).to_owned()));
    args
}

/// A command that goes on, and its output line by line.
struct Running {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Running {
    fn start(daemon: &Daemon, args: &[String]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_syncline"))
            .env_clear()
            .env("HOME", daemon.home())
            .env("SYNCLINE_SERVER", daemon.url())
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let lines = BufReader::new(child.stdout.take().expect("it is piped"));
        Self { child, lines }
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("it is readable");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("{e}: {line:?}, {}", self.complaints()))
    }

    fn complaints(&mut self) -> String {
        let mut text = String::new();
        // Only of a command that ended, or is about to.
        let _ = self.child.kill();
        let _ = self.child.stderr.take().expect("it is piped").read_to_string(&mut text);
        text
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([&format!("-{name}"), &self.child.id().to_string()]).status().expect("kill is here");
        assert!(sent.success());
    }

    /// Waits until it has ended by itself.
    async fn ended(mut self) -> Outcome {
        let status = until_some(PATIENCE, "the command ends", async || self.child.try_wait().expect("a child of ours")).await;
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.lines.read_to_string(&mut stdout).expect("UTF-8");
        self.child.stderr.take().expect("it is piped").read_to_string(&mut stderr).expect("UTF-8");
        Outcome { code: status.code().unwrap_or(-1), stdout, stderr }
    }
}

async fn no_job_is_left(daemon: &Daemon) {
    until(PATIENCE, "the job is gone", async || daemon.client().jobs(&JobQuery::default()).await.expect("it answers").jobs.is_empty())
        .await;
    let db = daemon.data_dir().join("state.sqlite");
    let kept: i64 = rusqlite::Connection::open(db).unwrap().query_row("SELECT COUNT(*) FROM memory", [], |row| row.get(0)).unwrap();
    assert_eq!(kept, 0, "nothing of it is kept");
    let runs = daemon.client().runs(&RunQuery::default()).await.unwrap().runs;
    assert!(!runs.is_empty() && runs.iter().all(|r| r.ended.is_some()), "its history is: {runs:?}");
}

async fn table(server: &'static Server, name: &str) -> String {
    let schema = scratch(name, &[server]).await;
    let mut conn = connect(server).await;
    exec_all(
        &mut conn,
        [
            format!("CREATE TABLE `{schema}`.a (id INT PRIMARY KEY, v VARCHAR(40))"),
            format!("INSERT INTO `{schema}`.a VALUES (1, 'one'), (2, 'two'), (3, 'three')"),
        ],
    )
    .await;
    schema
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_come_to_stdout_and_the_job_ends_with_the_command() {
    for server in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let schema = table(server, "stdout").await;
        let mut conn = connect(server).await;
        let daemon = Daemon::start(&[]).await;
        // Enough.
        let args = stdout(&daemon, server, &schema, &["--limit", "2"]);
        let some = at(&daemon, &args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!((some.code, some.stdout.lines().count()), (0, 2), "{}", some.stderr);
        assert!(some.stdout.lines().all(|l| serde_json::from_str::<Value>(l).is_ok_and(|v| v["table"] == format!("{schema}.a"))));
        assert!(some.stderr.contains("it ends with this command"), "{}", some.stderr);
        no_job_is_left(&daemon).await;

        // From now on: what is there already does not come.
        let mut running = Running::start(&daemon, &stdout(&daemon, server, &schema, &["--name", "now", "--start-gtid", "now"]));
        until(PATIENCE, "it streams", async || {
            daemon.client().job("now").await.is_ok_and(|job| matches!(job.state, JobState::Streaming | JobState::Lagging))
        })
        .await;
        exec(&mut conn, &format!("INSERT INTO `{schema}`.a VALUES (4, 'four')")).await;
        assert_eq!(running.line()["value"]["after"]["id"], 4);
        running.signal("INT");
        running.ended().await;
        exec(&mut conn, &format!("DELETE FROM `{schema}`.a WHERE id = 4")).await;

        // Ctrl-C, in the stream.
        let mut running = Running::start(&daemon, &stdout(&daemon, server, &schema, &["--name", "mine", "--format", "maxwell"]));
        for id in 1..=3 {
            assert_eq!(running.line()["value"]["data"]["id"], id);
        }
        exec(&mut conn, &format!("UPDATE `{schema}`.a SET v = 'more' WHERE id = 2")).await;
        let line = running.line();
        assert_eq!((line["value"]["type"].as_str(), line["value"]["data"]["v"].as_str()), (Some("update"), Some("more")));
        let paused = at(&daemon, &["jobs", "pause", "mine"]);
        assert!(paused.code == 8 && paused.stderr.contains("cannot rest"), "{}", paused.stderr);
        running.signal("INT");
        assert_eq!(running.ended().await.code, 130);
        no_job_is_left(&daemon).await;

        // Whoever read it has gone, while nothing happens.
        let mut running = Running::start(&daemon, &stdout(&daemon, server, &schema, &[]));
        running.line();
        let Running { mut child, lines } = running;
        drop(lines);
        let status = until_some(PATIENCE, "the command notices", async || child.try_wait().expect("a child of ours")).await;
        assert_eq!(status.code(), Some(0));
        no_job_is_left(&daemon).await;

        // Somebody else deletes it.
        let mut running = Running::start(&daemon, &stdout(&daemon, server, &schema, &["--name", "mine"]));
        running.line();
        assert_eq!(at(&daemon, &["jobs", "delete", "mine", "--yes"]).code, 0);
        let ended = running.ended().await;
        assert!(ended.code == 1 && ended.stderr.contains("the job was deleted [job_deleted]"), "{}", ended.stderr);
        no_job_is_left(&daemon).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_on_stdout_ends_with_the_daemon_and_the_command_says_so() {
    let Some(server) = servers::mariadb(1) else { return };
    let schema = table(server, "stdoutend").await;
    let mut daemon = Daemon::start(&[]).await;
    let mut running = Running::start(&daemon, &stdout(&daemon, server, &schema, &[]));
    running.line();
    daemon.kill9();
    let ended = running.ended().await;
    assert!(ended.code == 7 && ended.stderr.contains("the job has ended with the connection"), "{}: {}", ended.code, ended.stderr);
    daemon.restart().await;
    no_job_is_left(&daemon).await;

    let mut running = Running::start(&daemon, &stdout(&daemon, server, &schema, &[]));
    running.line();
    assert_eq!(daemon.stop().code(), Some(0), "a reader does not hold a stop up");
    let ended = running.ended().await;
    assert!(ended.code == 7 && ended.stderr.contains("the daemon was stopped"), "{}: {}", ended.code, ended.stderr);
    daemon.restart().await;
    no_job_is_left(&daemon).await;

    // The job's own failure is the command's.
    let mut conn = connect(server).await;
    let mut running = Running::start(&daemon, &stdout(&daemon, server, &schema, &[]));
    running.line();
    exec(&mut conn, &format!("SET SESSION binlog_format = 'STATEMENT'; INSERT INTO `{schema}`.a VALUES (9, 'nine')")).await;
    let ended = running.ended().await;
    assert!(ended.code == 1 && ended.stderr.contains("[statement_based_event]"), "{}: {}", ended.code, ended.stderr);
    no_job_is_left(&daemon).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_slows_the_job_and_loses_nothing() {
    const ROWS: u64 = 40_000;
    let Some(server) = servers::mariadb(1) else { return };
    let schema = scratch("stdoutslow", &[server]).await;
    let mut conn = connect(server).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.a (id INT PRIMARY KEY, v TEXT)")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a SELECT seq, REPEAT('x', 2000) FROM `{schema}`.seq_1_to_{ROWS}")).await;
    let daemon = Daemon::start(&[]).await;
    let mut running = Running::start(&daemon, &stdout(&daemon, server, &schema, &["--name", "slow", "--limit", &ROWS.to_string()]));
    running.line();
    // It comes to a stop long before the end: the same place at many looks in a row.
    let (mut last, mut same) = (0, 0);
    until(PATIENCE, "the job waits for its reader", async || {
        let job = daemon.client().job("slow").await.expect("the job is there");
        let sent = job.progress.map_or(0, |p| p.rows_copied.max(p.row_events_applied));
        (last, same) = if sent == last { (last, same + 1) } else { (sent, 0) };
        same > 50
    })
    .await;
    assert_eq!(daemon.client().job("slow").await.unwrap().state, JobState::Copying, "{last}");
    assert!(daemon.peak_memory() < 400 << 20, "peak memory {} MB", daemon.peak_memory() >> 20);
    let mut seen = 1;
    for line in running.lines.by_ref().lines() {
        let line: Value = serde_json::from_str(&line.expect("UTF-8")).expect("JSON");
        seen += u64::from(line["value"]["op"] == "r");
    }
    assert_eq!(seen, ROWS);
    assert_eq!(running.ended().await.code, 0);
    no_job_is_left(&daemon).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_by_flags_and_what_does_not_go_together() {
    let Some(server) = servers::mysql(1) else { return };
    let schema = table(server, "sinkfile").await;
    let folder = tempfile::tempdir().unwrap();
    let daemon = Daemon::configured(&format!("[files]\ndir = '{}'\n", folder.path().display())).await;
    let with = |args: &[&str]| {
        let all: Vec<String> = args.iter().map(|a| (*a).to_owned()).chain(source(&daemon, server)).collect();
        at(&daemon, &all.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let made =
        with(&["jobs", "create", "--name", "log", "--kind", "subscription", "--sink", "file", "--include", &schema, "--wait=caught-up"]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let text = std::fs::read_to_string(folder.path().join("log.ndjson")).unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    let shown = at(&daemon, &["jobs", "show", "log", "--config"]).stdout;
    assert!(shown.contains("file log.ndjson") && shown.contains("debezium without schema"), "{shown}");
    let taken = with(&["jobs", "create", "--name", "log2", "--kind", "subscription", "--sink", "file", "--sink-file", "log.ndjson"]);
    assert!(taken.code == 8 && taken.stderr.contains("log-subscription"), "{}", taken.stderr);
    for (args, word) in [
        (&["--sink", "file", "--sink-file", "../x", "--name", "x"][..], "lines.file"),
        (&["--sink", "file", "--limit", "3", "--name", "x"], "--limit"),
        (&["--sink", "stdout", "--wait"], "--wait"),
        (&["--sink", "stdout", "--paused"], "--paused"),
        (&["--sink", "stdout", "--topic", "t"], "--topic"),
        (&["--sink", "stdout", "-o", "csv"], "-o"),
        (&["--sink", "mysql", "--name", "x"], "--kafka"),
    ] {
        let wrong = with(&[&["jobs", "create", "--kind", "subscription"], args].concat());
        assert!(wrong.code == 2 && wrong.stderr.contains(word), "{args:?}: {} {}", wrong.code, wrong.stderr);
    }
    assert_eq!(at(&daemon, &["jobs", "update", "log", "--sink", "kafka"]).code, 2);
}

/// Writes rows until the command has ended, and returns what it said.
async fn tapped(daemon: &Daemon, server: &'static Server, schema: &str, args: &[&str]) -> Outcome {
    let args: Vec<String> = args.iter().map(|a| (*a).to_owned()).collect();
    let mut running = Running::start(daemon, &args);
    let mut conn = connect(server).await;
    let mut id = 1000;
    until(PATIENCE, "it has seen enough", async || {
        id += 1;
        exec(&mut conn, &format!("REPLACE INTO `{schema}`.a VALUES ({}, 'hunter2')", id % 2000 + 1000)).await;
        exec(&mut conn, &format!("REPLACE INTO `{schema}`.other VALUES ({id})")).await;
        running.child.try_wait().expect("a child of ours").is_some()
    })
    .await;
    running.ended().await
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_pass_by_without_their_values_unless_they_are_asked_for() {
    for (server, target) in [servers::mariadb(1).zip(servers::mariadb(2)), servers::mysql(1).zip(servers::mysql(2))].into_iter().flatten() {
        let schema = table(server, "tap").await;
        let mut conn = connect(server).await;
        exec(&mut conn, &format!("CREATE TABLE `{schema}`.other (id INT PRIMARY KEY)")).await;
        exec(&mut connect(target).await, &format!("DROP DATABASE IF EXISTS `{schema}`")).await;
        let daemon = Daemon::start(&[]).await;
        let name = format!("tap-{schema}");
        let id = format!("{name}-sync");
        let to = target.endpoint();
        std::fs::write(daemon.home().join("dst.pw"), to.password.expose()).unwrap();
        let address = format!("{}@{}:{}", to.user, to.host, to.port);
        let mut args =
            ["jobs", "create", "--name", &name, "--kind", "sync", "--include", &schema, "--target", &address].map(str::to_owned).to_vec();
        args.extend(["--target-password-file".to_owned(), daemon.home().join("dst.pw").display().to_string()]);
        args.extend(source(&daemon, server));
        let made = at(&daemon, &args.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(made.code, 0, "{}", made.stderr);
        until(PATIENCE, "it streams", async || {
            matches!(daemon.client().job(&id).await.expect("it is there").state, JobState::Streaming | JobState::Lagging)
        })
        .await;
        let plain = tapped(&daemon, server, &schema, &["jobs", "tap", &id, "--limit", "5", "-o", "ndjson"]).await;
        assert_eq!((plain.code, plain.stdout.lines().count()), (0, 5), "{}", plain.stderr);
        assert!(!plain.stdout.contains("hunter2"), "{}", plain.stdout);
        for line in plain.stdout.lines() {
            let change: Value = serde_json::from_str(line).unwrap();
            assert!(change["table"].as_str().unwrap().starts_with(&schema) && change["gtid"].is_string(), "{change}");
            assert_eq!((change["key"][0].as_str(), change.get("data")), (Some("id"), None), "{change}");
        }
        let args = ["jobs", "tap", &id, "--values", "--table", "a", "--limit", "3", "--rate", "20/s"];
        let shown = tapped(&daemon, server, &schema, &args).await;
        assert_eq!((shown.code, shown.stdout.lines().count()), (0, 3), "{}", shown.stderr);
        assert!(
            shown.stdout.lines().all(|l| l.contains(&format!("{schema}.a key=id")) && l.contains("\"v\":\"hunter2\"")),
            "{}",
            shown.stdout
        );
        assert_eq!(at(&daemon, &["jobs", "tap", "nobody"]).code, 5);

        // It ends when the job rests, and does not begin then.
        let mut running = Running::start(&daemon, &["jobs", "tap", &id, "-o", "ndjson"].map(str::to_owned));
        let first = tokio::task::spawn_blocking(move || {
            running.line();
            running
        });
        let mut n = 0;
        until(PATIENCE, "it looks", async || {
            n += 1;
            exec(&mut conn, &format!("REPLACE INTO `{schema}`.a VALUES (1, 'x{n}')")).await;
            first.is_finished()
        })
        .await;
        let running = first.await.expect("it shows a change");
        assert_eq!(at(&daemon, &["jobs", "pause", &id]).code, 0);
        let ended = running.ended().await;
        assert!(ended.code == 1 && ended.stderr.contains("the job was paused"), "{}: {}", ended.code, ended.stderr);
        assert_eq!(at(&daemon, &["jobs", "tap", &id]).code, 8);
    }
}

/// What passes is what is sent: behind filter and projection, and a changed key is two changes with values or without.
#[tokio::test(flavor = "multi_thread")]
async fn a_tap_shows_what_is_sent() {
    for server in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let schema = table(server, "tapsent").await;
        let mut conn = connect(server).await;
        let daemon = Daemon::start(&[]).await;
        let filter = format!("{schema}.a=select id from a where id >= 100");
        let mut sent = Running::start(&daemon, &stdout(&daemon, server, &schema, &["--name", "sent", "--where", &filter]));
        until(PATIENCE, "it streams", async || {
            daemon.client().job("sent").await.is_ok_and(|job| matches!(job.state, JobState::Streaming | JobState::Lagging))
        })
        .await;
        let client = daemon.client();
        let mut taps = Vec::new();
        for values in [false, true] {
            let mut tap = client.tap_job("sent", &TapQuery { values, table: None, rate: None }).await.expect("it may look");
            // Said when it looks.
            assert!(matches!(tap.next().await.expect("the job comes first"), Some(Piece::Job(_))));
            taps.push((values, tap));
        }
        exec_all(
            &mut conn,
            [
                format!("INSERT INTO `{schema}`.a VALUES (50, 'hunter2'), (1000, 'hunter2')"),
                format!("UPDATE `{schema}`.a SET id = 500 WHERE id = 50"),
                format!("UPDATE `{schema}`.a SET id = 600, v = 'x' WHERE id = 500"),
                format!("UPDATE `{schema}`.a SET v = 'y' WHERE id = 600"),
                format!("DELETE FROM `{schema}`.a WHERE id = 600"),
            ],
        )
        .await;
        for (values, mut tap) in taps {
            let mut seen = Vec::new();
            while seen.len() < 6 {
                match tap.next().await.expect("it goes on") {
                    Some(Piece::Event(change)) => {
                        let id = change.data.as_ref().map(|data| data.get().to_owned());
                        seen.push((change.op, id.unwrap_or_default()));
                    }
                    Some(Piece::Job(_)) => {}
                    other => panic!("{other:?}"),
                }
            }
            let id = |id: u32| if values { format!("{{\"id\":{id}}}") } else { String::new() };
            let expected = [("insert", 1000), ("insert", 500), ("delete", 500), ("insert", 600), ("update", 600), ("delete", 600)];
            assert_eq!(seen, expected.map(|(op, n)| (op.to_owned(), id(n))), "values: {values}");
        }
        sent.line();
        sent.signal("INT");
        sent.ended().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_may_look_but_not_at_values_and_may_not_stream() {
    let folder = tempfile::tempdir().unwrap();
    let token = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{name}-{}\n", "0123456789abcdef".repeat(2))).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (viewer, operator) = (token("viewer"), token("operator"));
    let entry = |name: &str, file: &str| format!("{{ name = '{name}', role = '{name}', token_file = '{file}' }}");
    let daemon = Daemon::configured(&format!("[auth]\ntokens = [{}, {}]\n", entry("viewer", &viewer), entry("operator", &operator))).await;
    let with = |token: &str, args: &[&str]| at(&daemon, &[&["--token-file", token], args].concat());
    assert_eq!(with(&viewer, &["jobs", "tap", "nobody"]).code, 5, "it may look");
    let values = with(&viewer, &["jobs", "tap", "nobody", "--values"]);
    assert!(values.code == 4 && values.stderr.contains("operator"), "{}", values.stderr);
    assert_eq!(with(&operator, &["jobs", "tap", "nobody", "--values"]).code, 5);
    let pw = daemon.home().join("pw");
    std::fs::write(&pw, "x").unwrap();
    let create = ["jobs", "create", "--kind", "subscription", "--sink", "stdout", "--source", "a@127.0.0.1:1", "--source-password-file"];
    let denied = with(&viewer, &[&create[..], &[pw.to_str().unwrap()]].concat());
    assert_eq!(denied.code, 4, "{}", denied.stderr);
}
