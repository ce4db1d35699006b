//! A provider that asks to be left alone.

use super::{ok, ready, run};
use crate::support::daemon::Daemon;
use crate::support::scripted::{Fleet, Reply, Scripted};

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_asked_for_holds_also_after_the_daemon_was_killed() {
    let answer = |_, _: &_| Reply::Status(429, "retry-after: 1800\r\n", String::new());
    let provider = Scripted::start(Fleet::of([]), answer).await;
    let config = |name: &str| {
        let url = format!("http://127.0.0.1:{}/{{code}}", provider.port);
        format!("[[dms.providers]]\nname = '{name}'\nkind = 'http'\nformat = 'csv'\nurl = '{url}'\nspacing_ms = 0\n")
    };
    let mut daemon = Daemon::configured(&config("web")).await;
    ready(&daemon).await;
    ok(&daemon, &["tasks", "create", "us", "--type", "incremental", "--symbol", "FB", "--days", "20000"]);
    for asked in 1..=2 {
        let done = run(&daemon, &["tasks", "run", "us", "--wait"]);
        assert_eq!((done.code, provider.asked().len()), (1, 1), "run {asked}: {}{}", done.stdout, done.stderr);
        let shown = ok(&daemon, &["tasks", "show", "us"]);
        assert!(shown.contains("asked to be left alone for 1800 s"), "{shown}");
        daemon.kill9();
        daemon.restart().await;
        ready(&daemon).await;
    }
}
