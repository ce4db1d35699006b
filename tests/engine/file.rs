//! Subscriptions into a file of the real daemon's: every change exactly once and in order, whatever kills the daemon.

use super::kafka::{ROWS, caught_up, held, load, refusal, state, writer as writer_of};
use crate::support::daemon::Daemon;
use crate::support::servers::{self, Server};
use crate::support::sql::{connect, exec, exec_all, scratch};
use crate::support::until::until;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::time::Duration;
use syncline::wire::native::error::Code;
use syncline::wire::native::jobs::{JobCreate, JobState};

fn job(name: &str, source: &Server, schema: &str, file: &str) -> JobCreate {
    let e = source.endpoint();
    let job = json!({
        "name": name, "kind": "subscription",
        "source": { "host": e.host, "port": e.port, "user": e.user, "password": e.password.expose() },
        "lines": { "file": file },
        "include": [{ "schema": schema }],
    });
    serde_json::from_value(job).expect("a job as operators write it")
}

/// A daemon that may write files, and where.
async fn daemon() -> (Daemon, PathBuf, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let dir = folder.path().join("files");
    std::fs::create_dir(&dir).expect("the folder is there");
    let daemon = Daemon::configured(&format!("[files]\ndir = '{}'\n", dir.display())).await;
    (daemon, dir, folder)
}

/// The file's lines, each whole.
fn lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is whole");
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// What a reader ends with. Nothing may be there twice, no row may go back.
fn replayed(lines: &[Value]) -> BTreeMap<i64, (i64, String)> {
    let mut seen = HashSet::new();
    let mut newest: BTreeMap<i64, i64> = BTreeMap::new();
    let mut state = BTreeMap::new();
    let mut streaming = false;
    for line in lines {
        let value = &line["value"];
        let source = &value["source"];
        let image = if value["after"].is_null() { &value["before"] } else { &value["after"] };
        let (id, version) = (image["id"].as_i64().unwrap(), image["version"].as_i64().unwrap());
        assert_eq!(line["key"], json!({ "id": id }), "{line}");
        if value["op"] == "r" {
            assert!(!streaming, "the copy comes before the stream: {line}");
            assert!(seen.insert(("r".to_owned(), id.to_string(), String::new())), "twice: {line}");
        } else {
            streaming = true;
            let name =
                (format!("{}{}{}", source["gtid"], source["file"], source["pos"]), source["row"].to_string(), value["op"].to_string());
            assert!(seen.insert(name), "twice: {line}");
        }
        let last = newest.entry(id).or_insert(0);
        assert!(version >= *last, "row {id} goes back from {last} to {version}: {line}");
        *last = version;
        if value["op"] == "d" {
            state.remove(&id);
        } else {
            state.insert(id, (version, image["v"].as_str().unwrap_or_default().to_owned()));
        }
    }
    state
}

/// Ordinary run: 10 kills; SYNCLINE_TEST_LONG=1: 50. The first half falls into the copy.
async fn killed(source: &'static Server) {
    let kills = if std::env::var_os("SYNCLINE_TEST_LONG").is_some() { 50 } else { 10 };
    let schema = scratch("filekill", &[source]).await;
    load(source, &schema).await;
    // A second table, so that one is recorded as copied while the other is cut.
    let mut conn = connect(source).await;
    exec(&mut conn, &format!("CREATE TABLE `{schema}`.b (id BIGINT PRIMARY KEY, version BIGINT NOT NULL, v VARCHAR(40))")).await;
    exec(&mut conn, &format!("INSERT INTO `{schema}`.b SELECT * FROM `{schema}`.a")).await;
    let writer = writer_of(source, schema.clone());
    let (mut daemon, dir, _folder) = daemon().await;
    let name = format!("kill-{schema}");
    let id = format!("{name}-subscription");
    let mut job = job(&name, source, &schema, "kill.ndjson");
    // Slow enough to be killed in the middle of it.
    (job.max_rows_per_second, job.burst_rows) = (Some(10_000), Some(500));
    let path = dir.join("kill.ndjson");
    daemon.client().create_job(&job).await.expect("the job is created");
    let length = || std::fs::metadata(&path).map_or(0, |m| m.len());
    let mut torn = 0;
    for n in 0..kills {
        if n == kills / 2 {
            until(Duration::from_secs(120), "the copy is over", async || {
                matches!(state(&daemon, &id).await, JobState::Streaming | JobState::Lagging | JobState::Throttled)
            })
            .await;
        }
        let (before, written) = (length(), writer.done());
        // The file of a copy that was cut is cut as well.
        until(Duration::from_secs(120), "it has work in hand", async || {
            length() != before && length() > 100_000 && writer.done() > written + 5
        })
        .await;
        daemon.kill9();
        torn += u32::from(!std::fs::read(&path).expect("it is there").ends_with(b"\n"));
        daemon.restart().await;
    }
    assert!(writer.finish().await > 50);
    caught_up(&daemon, source, &id).await;
    let text = std::fs::read_to_string(&path).expect("UTF-8");
    let all = lines(&text);
    let (a, b): (Vec<Value>, Vec<Value>) = all.into_iter().partition(|l| l["table"] == format!("{schema}.a"));
    assert_eq!(replayed(&a), held(source, &schema).await, "{torn} torn lines");
    assert_eq!((b.len() as u64, replayed(&b).len() as u64), (ROWS, ROWS), "the table that rests is copied once");
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    assert!(path.exists(), "what is written stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_copy_and_stream_each_change_is_there_once_mariadb() {
    let Some(source) = servers::mariadb(1) else { return };
    killed(source).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_copy_and_stream_each_change_is_there_once_mysql() {
    let Some(source) = servers::mysql(1) else { return };
    killed(source).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_the_jobs_own_plainly_named_and_in_its_folder() {
    let Some(source) = servers::mariadb(1) else { return };
    let schema = scratch("fileown", &[source]).await;
    let mut conn = connect(source).await;
    exec_all(
        &mut conn,
        [format!("CREATE TABLE `{schema}`.a (id INT PRIMARY KEY, v TEXT)"), format!("INSERT INTO `{schema}`.a VALUES (1, 'one')")],
    )
    .await;
    let none = Daemon::start(&[]).await;
    let (code, message) = refusal(none.client().create_job(&job("none", source, &schema, "a.ndjson")).await);
    assert!(code == Code::BadRequest && message.contains("[files] dir"), "{code:?} {message}");
    drop(none);

    let (daemon, dir, folder) = daemon().await;
    let client = daemon.client();
    for bad in ["../a", "/tmp/a", "a/b", "..", ".a", "", "a\nb"] {
        match client.create_job(&job("bad", source, &schema, bad)).await.expect_err(bad) {
            syncline::client::Error::Api { status, body } => {
                assert_eq!((status, body.field.as_deref()), (400, Some("lines.file")), "{bad:?}: {}", body.message);
            }
            other => panic!("{other:?}"),
        }
    }
    // What is there already, and what leads elsewhere, is left alone.
    std::fs::write(dir.join("taken.ndjson"), "mine\n").unwrap();
    std::fs::write(folder.path().join("outside"), "").unwrap();
    std::os::unix::fs::symlink(folder.path().join("outside"), dir.join("link.ndjson")).unwrap();
    for name in ["taken", "link"] {
        let id = format!("{name}-subscription");
        client.create_job(&job(name, source, &schema, &format!("{name}.ndjson"))).await.expect("the file is looked at by the run");
        until(Duration::from_secs(60), "the job has failed", async || state(&daemon, &id).await == JobState::Failed).await;
        let failure = client.job(&id).await.unwrap().failure.expect("it says why");
        assert_eq!(failure.code, "file_exists", "{failure:?}");
        client.delete_job(&id, false).await.expect("the job is deleted");
    }
    assert_eq!(std::fs::read_to_string(dir.join("taken.ndjson")).unwrap(), "mine\n");
    assert_eq!(std::fs::read_to_string(folder.path().join("outside")).unwrap(), "");

    client.create_job(&job("one", source, &schema, "one.ndjson")).await.expect("the job is created");
    let (code, message) = refusal(client.create_job(&job("two", source, &schema, "one.ndjson")).await);
    assert!(code == Code::AlreadyExists && message.contains("one-subscription"), "{code:?} {message}");
    caught_up(&daemon, source, "one-subscription").await;
    assert_eq!(lines(&std::fs::read_to_string(dir.join("one.ndjson")).unwrap()).len(), 1);
    let mut there: Vec<String> = std::fs::read_dir(&dir).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    there.sort();
    assert_eq!(there, ["link.ndjson", "one.ndjson", "taken.ndjson"], "nothing else is written");

    // Moved away while the job rests, a new one is begun; one that was cut is not written on.
    client.pause_job("one-subscription").await.expect("it pauses");
    std::fs::rename(dir.join("one.ndjson"), dir.join("one.old")).unwrap();
    exec(&mut conn, &format!("INSERT INTO `{schema}`.a VALUES (2, 'two')")).await;
    client.resume_job("one-subscription").await.expect("it goes on");
    caught_up(&daemon, source, "one-subscription").await;
    let next = lines(&std::fs::read_to_string(dir.join("one.ndjson")).unwrap());
    assert_eq!((next.len(), next[0]["value"]["after"]["v"].as_str()), (1, Some("two")));
    client.pause_job("one-subscription").await.expect("it pauses");
    std::fs::write(dir.join("one.ndjson"), "short\n").unwrap();
    client.resume_job("one-subscription").await.expect("it goes on");
    until(Duration::from_secs(60), "the job has failed", async || state(&daemon, "one-subscription").await == JobState::Failed).await;
    assert_eq!(client.job("one-subscription").await.unwrap().failure.expect("it says why").code, "file_shorter");
    assert_eq!(std::fs::read_to_string(dir.join("one.ndjson")).unwrap(), "short\n");
}

/// A folder on a disk of its own, which is small; gone with it. None: this account may not mount.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mounted = mount(&["-t", "tmpfs", "-o", &format!("size={size}"), "none"], folder.path());
        mounted.then_some(Self(folder))
    }
    fn grow(&self, size: &str) {
        assert!(mount(&["-o", &format!("remount,size={size}")], self.0.path()), "it grows");
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a daemon may still hold the file.
        let _ = std::process::Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

fn mount(arguments: &[&str], at: &std::path::Path) -> bool {
    let done = std::process::Command::new("mount").args(arguments).arg(at).output();
    done.is_ok_and(|done| done.status.success())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_makes_the_job_wait_and_room_lets_it_go_on() {
    let Some(source) = servers::mariadb(1) else { return };
    let Some(disk) = SmallDisk::mount("1m") else { return servers::skip("a disk that is full: this account may not mount a tmpfs") };
    let schema = scratch("filefull", &[source]).await;
    load(source, &schema).await;
    let mut daemon = Daemon::configured(&format!("[files]\ndir = '{}'\n", disk.0.path().display())).await;
    let (name, path) = (format!("full-{schema}"), disk.0.path().join("full.ndjson"));
    let id = format!("{name}-subscription");
    daemon.client().create_job(&job(&name, source, &schema, "full.ndjson")).await.expect("the job is created");
    // Full in the copy.
    let full = async |daemon: &Daemon| {
        until(Duration::from_secs(60), "it says that the disk is full", async || {
            let job = daemon.client().job(&id).await.expect("the job is there");
            let said = job.progress.unwrap_or_default().last_error.unwrap_or_default();
            assert_ne!(job.state, JobState::Failed, "{:?}", job.failure);
            job.state == JobState::Waiting && format!("{said}{}", job.reason).contains("No space left on device")
        })
        .await;
    };
    full(&daemon).await;
    disk.grow("16m");
    daemon.client().retry_job(&id).await.expect("it need not wait out its time");
    caught_up(&daemon, source, &id).await;
    // Full in the stream, and the daemon is killed while it is: what is torn is cut off.
    let length = std::fs::metadata(&path).expect("it is there").len();
    disk.grow(&(length + 40_000).to_string());
    exec(&mut connect(source).await, &format!("UPDATE `{schema}`.a SET version = version + 1000000, v = 'more'")).await;
    full(&daemon).await;
    daemon.kill9();
    disk.grow("64m");
    daemon.restart().await;
    caught_up(&daemon, source, &id).await;
    assert_eq!(replayed(&lines(&std::fs::read_to_string(&path).expect("UTF-8"))), held(source, &schema).await);
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    drop(daemon);
}

/// The copy that the change cuts is taken back; the next one goes by the new filter, and so does the stream.
#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_changes_during_the_copy_is_the_only_one_that_counts() {
    for source in [servers::mariadb(1), servers::mysql(1)].into_iter().flatten() {
        let schema = scratch("filerule", &[source]).await;
        load(source, &schema).await;
        let (daemon, dir, _folder) = daemon().await;
        let name = format!("rule-{schema}");
        let id = format!("{name}-subscription");
        let mut wanted = job(&name, source, &schema, "rule.ndjson");
        (wanted.max_rows_per_second, wanted.burst_rows) = (Some(2_000), Some(100));
        wanted.include[0].filter = Some("id % 2 = 0".into());
        daemon.client().create_job(&wanted).await.expect("the job is created");
        let path = dir.join("rule.ndjson");
        until(Duration::from_secs(60), "it copies", async || std::fs::metadata(&path).is_ok_and(|m| m.len() > 100_000)).await;
        assert_eq!(state(&daemon, &id).await, JobState::Copying);
        wanted.include[0].filter = Some("id % 2 = 1".into());
        (wanted.max_rows_per_second, wanted.burst_rows) = (None, None);
        daemon.client().update_job(&id, &wanted, None).await.expect("a filter may change at any time");
        caught_up(&daemon, source, &id).await;
        exec(&mut connect(source).await, &format!("UPDATE `{schema}`.a SET version = version + 1000000 WHERE id <= 10")).await;
        caught_up(&daemon, source, &id).await;
        let mut odd = held(source, &schema).await;
        odd.retain(|id, _| id % 2 == 1);
        assert_eq!(replayed(&lines(&std::fs::read_to_string(&path).expect("UTF-8"))), odd);
        daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    }
}
