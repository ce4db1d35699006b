//! Exit codes that need no daemon; the others are provoked in `daemon.rs`.

use super::run;
use crate::support::port::unused;
use syncline::cli::Exit;

#[test]
fn nobody_there_is_7_and_says_so_in_the_form_that_was_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let server = format!("http://127.0.0.1:{}", unused());
    let plain = run(home.path(), &["jobs", "list", "--server", &server]);
    assert_eq!((plain.code, plain.stdout.as_str()), (i32::from(Exit::Unreachable.code()), ""));
    assert!(plain.stderr.starts_with("error: ") && plain.stderr.contains("[daemon_unreachable]\n  hint: "), "{}", plain.stderr);
    let json = run(home.path(), &["jobs", "list", "--server", &server, "-o", "json"]);
    let error: serde_json::Value = serde_json::from_str(&json.stderr).unwrap();
    assert_eq!((error["error"]["code"].as_str(), error["error"]["exit_code"].as_u64()), (Some("daemon_unreachable"), Some(7)));
}

#[test]
fn every_code_is_documented() {
    let home = tempfile::tempdir().unwrap();
    let topic = run(home.path(), &["help", "exit-codes"]).stdout;
    let page = run(home.path(), &["man"]).stdout;
    for exit in Exit::ALL {
        assert!(topic.lines().any(|line| line.trim_start().starts_with(&format!("{}  {}", exit.code(), exit.meaning()))), "{exit:?}");
        assert!(page.contains(&format!("\\fB{}\\fR", exit.code())), "{exit:?}");
    }
}

#[test]
fn a_code_is_explained_and_an_unknown_one_says_what_is_near() {
    let home = tempfile::tempdir().unwrap();
    let shown = run(home.path(), &["explain", "[position_lost]"]);
    assert!(
        shown.code == 0 && ["was purged", "RESET MASTER", "failover without GTIDs"].iter().all(|cause| shown.stdout.contains(cause)),
        "{}{}",
        shown.stdout,
        shown.stderr
    );
    let near = run(home.path(), &["explain", "position"]);
    assert!(near.code == 5 && near.stderr.contains("position_lost"), "{}", near.stderr);
    let all = run(home.path(), &["explain", "-q"]).stdout;
    for code in ["not_supported", "preflight_failed", "job_paused", "wait_timed_out"] {
        assert!(all.lines().any(|line| line == code), "{code}");
    }
    // Whatever a reply can carry is there.
    let topic = run(home.path(), &["help", "exit-codes"]).stdout;
    let replies = topic.split("Error codes of the daemon").nth(1).unwrap().lines().filter_map(|l| l.strip_prefix("  "));
    for code in replies.filter_map(|l| l.split_whitespace().next()) {
        assert!(all.lines().any(|line| line == code), "{code}");
    }
}

#[test]
fn version_needs_no_daemon() {
    let home = tempfile::tempdir().unwrap();
    let server = format!("http://127.0.0.1:{}", unused());
    let shown = run(home.path(), &["version", "-o", "json", "--server", &server]);
    let version: serde_json::Value = serde_json::from_str(&shown.stdout).unwrap();
    assert_eq!((shown.code, version["client"]["version"].as_str()), (0, Some(env!("CARGO_PKG_VERSION"))));
    assert!(version["server"]["version"].is_null());
}
