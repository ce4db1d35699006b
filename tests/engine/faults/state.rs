//! What the daemon keeps on its own disk: the spool and the state file damaged while it is down, and a disk that is full.

use super::bench::Bench;
use crate::engine::kill::job;
use crate::support::daemon::Daemon;
use crate::support::servers;
use crate::support::sql::{connect, count, exec, exec_all, scratch};
use crate::support::until::until;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use syncline::wire::native::jobs::JobState;

/// All files below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(found) = std::fs::read_dir(dir) else { return Vec::new() };
    found.flatten().flat_map(|f| if f.path().is_dir() { files(&f.path()) } else { vec![f.path()] }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_that_is_damaged_while_the_daemon_is_down() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let mut bench = Bench::start("spool", from, to).await;
    bench.in_copy().await;
    for remove in [false, true] {
        bench.daemon.kill9();
        let spool: Vec<_> = files(&bench.daemon.data_dir()).into_iter().filter(|f| f.extension().is_some_and(|e| e == "spool")).collect();
        assert!(!spool.is_empty(), "the log was spooled");
        for file in spool {
            if remove {
                std::fs::remove_file(file).unwrap();
            } else {
                let half = std::fs::metadata(&file).unwrap().len() / 2;
                std::fs::OpenOptions::new().write(true).open(file).unwrap().set_len(half).unwrap();
            }
        }
        bench.daemon.restart().await;
        bench.in_stream().await;
    }
    bench.ends_equal().await;
}

/// A daemon on these files ends at once; returns what it said.
fn refused(data_dir: &Path) -> String {
    let serve = Command::new(env!("CARGO_BIN_EXE_syncline"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .env("HOME", data_dir)
        .output()
        .expect("it runs");
    assert!(!serve.status.success());
    String::from_utf8_lossy(&serve.stderr).into_owned()
}

/// A state file that was cut is refused by name. Where it is lost, the same job goes on where its target stands.
#[tokio::test(flavor = "multi_thread")]
async fn a_state_file_that_is_truncated_or_lost() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    let mut bench = Bench::start("state", from, to).await;
    bench.in_stream().await;
    let mut at = connect(to).await;
    let made = format!("`{}`.a", bench.schema);
    // Who copies a table makes it anew.
    exec(&mut at, &format!("ALTER TABLE {made} COMMENT = 'made once'")).await;
    let data = bench.daemon.data_dir();
    let state = data.join("state.sqlite");
    // In order, so that the file itself holds everything.
    assert!(bench.daemon.stop().success());
    let whole = std::fs::read(&state).unwrap();
    for (part, words) in [(whole.len() / 2, "damaged"), (0, "truncated")] {
        std::fs::write(&state, &whole[..part]).unwrap();
        let said = refused(&data);
        assert!(said.contains(words) || said.contains("malformed"), "{part} bytes: {said}");
        assert!(said.contains("state.sqlite") && said.contains("create the jobs again"), "{said}");
    }
    for file in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] {
        // The last two need not be there.
        let _ = std::fs::remove_file(data.join(file));
    }
    bench.daemon.restart().await;
    assert!(bench.daemon.log().contains("starts without any job"), "{}", bench.daemon.log());
    bench.create_again().await;
    bench.in_stream().await;
    let comment = format!("information_schema.tables WHERE table_schema = '{}' AND table_comment = 'made once'", bench.schema);
    assert_eq!(count(&mut at, &comment).await, 1, "it was copied again");
    bench.ends_equal().await;
}

/// SQLite takes a log that was cut off for one that ends there: the last changes would be gone without a word.
#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_the_state_file_that_is_cut_off_or_lost() {
    let (Some(from), Some(to)) = (servers::mysql(1), servers::mysql(2)) else { return };
    let mut bench = Bench::start("statelog", from, to).await;
    bench.in_stream().await;
    bench.daemon.kill9();
    let data = bench.daemon.data_dir();
    let (log, written) = (data.join("state.sqlite-wal"), data.join("state.written"));
    let whole = std::fs::read(&log).unwrap();
    assert!(!whole.is_empty(), "a daemon that is killed leaves its log");
    for part in [whole.len() / 2, 0] {
        std::fs::write(&log, &whole[..part]).unwrap();
        let said = refused(&data);
        assert!(said.contains("was cut off or is gone") && said.contains("state.written"), "{part} bytes: {said}");
    }
    std::fs::remove_file(written).unwrap();
    bench.daemon.restart().await;
    // It may be from before there was any job.
    if bench.daemon.client().jobs(&syncline::client::JobQuery::default()).await.is_ok_and(|list| list.jobs.is_empty()) {
        bench.create_again().await;
    }
    bench.in_stream().await;
    bench.ends_equal().await;
}

/// The spool and the state do not fit; with room they do, and nobody has to say so.
#[tokio::test(flavor = "multi_thread")]
async fn a_disk_of_ours_that_is_full() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mariadb(2)) else { return };
    let schema = scratch("full", &[from, to]).await;
    let mut daemon = crate::support::daemon::Daemon::start(&[]).await;
    daemon.kill9();
    let data = daemon.data_dir();
    for file in files(&data) {
        std::fs::remove_file(file).unwrap();
    }
    let mount = |options: &str| {
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "none"]).arg(&data).output();
        done.is_ok_and(|done| done.status.success())
    };
    if !mount("size=3m,mode=700") {
        return servers::skip("a disk that is full: this account may not mount a tmpfs");
    }
    struct Mounted(std::path::PathBuf);
    impl Drop for Mounted {
        fn drop(&mut self) {
            // The folder is temporary; a mount that stays does no harm.
            let _ = Command::new("umount").arg("-l").arg(&self.0).status();
        }
    }
    let _mounted = Mounted(data.clone());
    daemon.restart().await;
    let mut source = connect(from).await;
    exec(&mut source, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, pad CHAR(200) NOT NULL)")).await;
    exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES (0, 'p')")).await;
    let id = daemon.client().create_job(&job(&format!("full-{schema}"), from, to, &schema)).await.expect("the job is created").id;
    let look = async || {
        let job = daemon.client().job(&id).await.expect("the job is there");
        assert!(job.failure.is_none(), "{:?}", job.failure);
        job
    };
    until(Duration::from_secs(60), "the job streams", async || look().await.state == JobState::Streaming).await;
    // The target takes nothing, so that the log stays here.
    let mut other = connect(to).await;
    exec_all(&mut other, ["BEGIN".to_owned(), format!("SELECT * FROM `{schema}`.t WHERE id = 0 FOR UPDATE")]).await;
    exec(&mut source, &format!("UPDATE `{schema}`.t SET pad = 'q' WHERE id = 0")).await;
    let mut have = 1;
    while have < 65_536 {
        exec(&mut source, &format!("INSERT INTO `{schema}`.t SELECT id + {have}, REPEAT('p', 200) FROM `{schema}`.t")).await;
        have *= 2;
    }
    until(Duration::from_secs(90), "the job waits for room", async || {
        let job = look().await;
        let named = job.reason.contains("space") || job.reason.contains("is full");
        job.state == JobState::Waiting && named && job.reason.contains(&*data.to_string_lossy()) && job.reason.contains("make room")
    })
    .await;
    // Without any room the state is not written either.
    let filler = data.join("filler");
    assert!(std::fs::write(&filler, vec![0; 4 << 20]).is_err(), "it does not fit");
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    until(Duration::from_secs(90), "it is not ready", async || {
        let reply = http.get(format!("{}/readyz", daemon.url())).send().await.unwrap();
        reply.status() == 503 && reply.text().await.unwrap().contains("disk_full")
    })
    .await;
    std::fs::remove_file(filler).unwrap();
    exec(&mut other, "ROLLBACK").await;
    assert!(mount("remount,size=300m"), "it grows");
    until(Duration::from_secs(120), "everything arrives", async || {
        look().await;
        count(&mut other, &format!("`{schema}`.t")).await == 65_536 && look().await.state == JobState::Streaming
    })
    .await;
    assert_eq!(count(&mut other, &format!("`{schema}`.t WHERE id = 0 AND pad = 'q'")).await, 1);
    daemon.client().delete_job(&id, false).await.expect("the job is deleted");
    daemon.kill9();
}

/// They hold statements as their logs had them, or as somebody gave them: passwords, too.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn databases_are_closed_to_other_accounts() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut daemon = Daemon::start(&[]).await;
    let databases = |daemon: &Daemon| -> Vec<PathBuf> {
        files(&daemon.data_dir()).into_iter().filter(|f| f.to_string_lossy().contains(".sqlite")).collect()
    };
    let mode = |file: &PathBuf| std::fs::metadata(file).expect("it is there").permissions().mode();
    let open_to_others = |daemon: &Daemon| databases(daemon).into_iter().filter(|f| mode(f) & 0o077 != 0).collect::<Vec<_>>();
    let made: Vec<_> = databases(&daemon).iter().map(|f| f.file_name().expect("a file").to_string_lossy().into_owned()).collect();
    for of in ["state.sqlite", "bars.sqlite", "hosts.sqlite"] {
        assert!(["", "-wal", "-shm"].iter().all(|beside| made.contains(&format!("{of}{beside}"))), "{of}: {made:?}");
    }
    assert_eq!(open_to_others(&daemon), Vec::<PathBuf>::new(), "as they are made");
    daemon.kill9();
    for file in databases(&daemon) {
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o644)).expect("it is ours");
    }
    daemon.restart().await;
    assert_eq!(open_to_others(&daemon), Vec::<PathBuf>::new(), "as an earlier version made them");
}
