//! What `jobs update` changes of a job at work: it holds, and `jobs show` tells it as it is.

use super::replicate_zoo::drop_at;
use crate::support::daemon::Daemon;
use crate::support::servers;
use crate::support::sql;
use crate::support::until::until;
use std::time::Duration;
use syncline::wire::native::jobs as wire;

const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn policies_limits_and_gates_are_shown_as_they_hold() {
    let (Some(from), Some(to)) = (servers::mariadb(1), servers::mysql(2)) else { return };
    let schema = sql::scratch("changed", &[from]).await;
    drop_at(to, &schema).await;
    let (mut source, mut target) = (sql::connect(from).await, sql::connect(to).await);
    sql::exec(&mut source, &format!("CREATE TABLE `{schema}`.t (id INT PRIMARY KEY, v INT)")).await;
    sql::exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES (1, 1), (2, 2), (3, 3)")).await;
    let daemon = Daemon::start(&[]).await;
    let client = daemon.client();
    let id = client.create_job(&super::kill::job(&schema, from, to, &schema)).await.expect("the job is created").id;
    let cli = |args: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_syncline"));
        command.env_clear().env("HOME", daemon.home()).env("SYNCLINE_SERVER", daemon.url()).arg("jobs").args(args);
        let output = command.stdin(std::process::Stdio::null()).output().expect("the binary runs");
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let show = || cli(&["show", &id, "--config"]);
    let update = |args: &[&str]| {
        cli(&[&["update", &id], args].concat());
        show()
    };
    let streams = async || client.job(&id).await.unwrap().state == wire::JobState::Streaming;
    until(PATIENCE, "it streams", streams).await;
    let shows = async |what: &str, of: &[&str]| {
        until(PATIENCE, what, async || {
            let text = show();
            of.iter().all(|part| text.contains(part))
        })
        .await;
    };

    // A policy begins a run anew, and counts from then on.
    let text = update(&["--on-conflict", "skip", "--detect-conflicts", "row", "--wait=caught-up", "--timeout", "60s"]);
    assert!(text.contains("on conflict       skip") && text.contains("conflicts by      row"), "{text}");
    sql::exec(&mut target, &format!("UPDATE `{schema}`.t SET v = 100 WHERE id = 1")).await;
    sql::exec(&mut source, &format!("UPDATE `{schema}`.t SET v = 10 WHERE id = 1")).await;
    shows("the conflict", &["1 row at the target not as the source's log said"]).await;
    assert_eq!(sql::count(&mut target, &format!("`{schema}`.t WHERE v = 100")).await, 1, "skipped");
    update(&["--on-conflict", "overwrite", "--wait=caught-up", "--timeout", "60s"]);
    sql::exec(&mut source, &format!("UPDATE `{schema}`.t SET v = 11 WHERE id = 1")).await;
    shows("the second", &["2 rows at the target not as the source's log said"]).await;
    assert_eq!(sql::count(&mut target, &format!("`{schema}`.t WHERE v = 11")).await, 1, "overwritten");

    // Limits and gates hold in the same run.
    let run = client.job(&id).await.unwrap().run.unwrap();
    let text = update(&["--rows-per-s", "2"]);
    assert!(text.contains("at most           2 rows/s"), "{text}");
    for n in 10..40 {
        sql::exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES ({n}, 0)")).await;
    }
    shows("it is held back", &["yes, held back by its throttle"]).await;
    let text = update(&["--rows-per-s", "100000", "--max-target-load", "Threads_connected=1"]);
    assert!(
        text.contains("at most           100,000 rows/s") && text.contains("held back by      target load Threads_connected=1"),
        "{text}"
    );
    sql::exec(&mut source, &format!("INSERT INTO `{schema}`.t VALUES (99, 0)")).await;
    shows("the gate holds", &["no: held back for", "the target has Threads_connected"]).await;
    update(&["--max-target-load", "none"]);
    until(PATIENCE, "the rest is there", async || sql::count(&mut target, &format!("`{schema}`.t")).await == 34).await;
    shows("it is idle", &["yes: idle, nothing to apply"]).await;
    let text = show();
    assert!(!text.contains("held back by"), "{text}");
    let now = client.job(&id).await.unwrap();
    assert_eq!((now.run.as_ref().unwrap().number, now.run.unwrap().restarts), (run.number, run.restarts), "the same run");
    let progress = now.progress.unwrap();
    assert!(!progress.held_back && progress.held_by.is_empty(), "{progress:?}");
    client.delete_job(&id, false).await.expect("the job is deleted");
}
