//! `tasks`, `sync hosts`, `hosts`, `logs runs|show` and `es` through the shipping binary and the real daemon.

use super::{Outcome, outcome, syncline};
use crate::support::daemon::Daemon;
use crate::support::elastic::{self, Node};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

pub(super) fn run(daemon: &Daemon, args: &[&str]) -> Outcome {
    outcome(syncline(daemon.home()).env("SYNCLINE_SERVER", daemon.url()).args(args))
}

/// Runs it and wants success.
pub(super) fn ok(daemon: &Daemon, args: &[&str]) -> String {
    let done = run(daemon, args);
    assert_eq!(done.code, 0, "{args:?}: {}{}", done.stdout, done.stderr);
    done.stdout
}

pub(super) async fn fill(node: &Node, index: &str, ip: &str) {
    let number = json!({"type": "double"});
    let word = json!({"type": "text", "fields": {"keyword": {"type": "keyword"}}});
    let fields = json!({"@timestamp": {"type": "date"}, "hostIp": {"type": "keyword"}, "hostName": word, "group": word, "cpu": number,
        "available_memory": number, "total_disk_space_all": number});
    node.index(index, fields).await;
    let mut lines = String::new();
    let time = (Timestamp::now() - SignedDuration::from_mins(5)).to_string();
    elastic::line(
        &mut lines,
        &json!({"@timestamp": time, "hostIp": ip, "hostName": "db", "group": "DB组", "cpu": 12.5,
        "available_memory": 64, "total_disk_space_all": 900}),
    );
    node.bulk(index, lines).await;
    node.refresh(index).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_synced_by_hand_and_by_tasks() {
    let Some(node) = elastic::opensearch() else { return };
    fill(node, "cli-tasks", "10.9.1.1").await;
    let config = format!("[hosts]\nendpoint = '{}'\nindex_pattern = 'cli-tasks'\n", node.endpoint());
    let daemon = Daemon::configured(&config).await;
    assert!(ok(&daemon, &["es", "check"]).contains("opensearch"));
    for verb in ["check", "fields"] {
        let missing = run(&daemon, &["es", verb, "--index-pattern", "nothing-like-this-*"]);
        assert!(missing.code == 5 && missing.stderr.contains("no index matches"), "{verb}: {} {}", missing.code, missing.stderr);
    }
    assert!(ok(&daemon, &["es", "fields", "--range", "1d", "-o", "csv"]).contains("cpu,cpu,"));
    // The pool: by CSV, by hand, and out again.
    let file = daemon.home().join("hosts.csv");
    std::fs::write(&file, "host_ip,host_name\n10.9.1.1,\n10.9.1.2,web\n").unwrap();
    let dry = run(&daemon, &["hosts", "import", file.to_str().unwrap(), "--dry-run"]);
    assert!(dry.code == 0 && dry.stdout.contains("would add 2,"), "{}{}", dry.stdout, dry.stderr);
    assert_eq!(ok(&daemon, &["hosts", "list", "-q"]), "");
    assert_eq!(ok(&daemon, &["hosts", "import", file.to_str().unwrap()]), "2 added, 0 updated, 0 unchanged\n");
    ok(&daemon, &["hosts", "update", "10.9.1.2", "--group", "前端"]);
    assert!(ok(&daemon, &["hosts", "export"]).contains("10.9.1.2,web,,前端"));
    assert_eq!(run(&daemon, &["hosts", "add", "10.9.1.2"]).code, 8);
    assert_eq!(run(&daemon, &["hosts", "show", "10.9.1.3"]).code, 5);
    // One has data, one has none, one is not in the pool: partly done.
    let synced = run(&daemon, &["sync", "hosts", "10.9.1.1", "10.9.1.2", "10.9.1.3", "-o", "csv"]);
    assert_eq!(synced.code, 9, "{}{}", synced.stdout, synced.stderr);
    let of = |ip: &str| synced.stdout.lines().find(|l| l.starts_with(ip)).unwrap_or_default().to_owned();
    assert!(of("10.9.1.1").contains(",updated,12.50,64.00,900.00,1,"), "{}", synced.stdout);
    assert!(of("10.9.1.2").contains(",no_data,") && of("10.9.1.3").contains(",not_in_pool,"), "{}", synced.stdout);
    assert!(ok(&daemon, &["logs", "show", "1"]).contains("1 of 3 hosts, 1 without data, 1 not in the pool"));
    assert!(ok(&daemon, &["hosts", "show", "10.9.1.1"]).contains("12.50 %"));
    let list = daemon.home().join("list.txt");
    std::fs::write(&list, "# ours\n10.9.1.1 # db\n").unwrap();
    assert_eq!(run(&daemon, &["sync", "hosts", "--file", list.to_str().unwrap()]).code, 0);
    std::fs::write(&list, "10.9.1.1\n10.9.1\n").unwrap();
    let bad = run(&daemon, &["sync", "hosts", "--file", list.to_str().unwrap()]);
    assert!(bad.code == 2 && bad.stderr.contains("line 2"), "{}", bad.stderr);
    assert_eq!(run(&daemon, &["sync", "hosts", "--full", "--group", "DB组"]).code, 0);
    let nobody = run(&daemon, &["sync", "hosts", "--full", "--group", "nope"]);
    assert!(nobody.code == 5 && nobody.stderr.contains("\"nope\"") && nobody.stderr.contains("DB组"), "{} {}", nobody.code, nobody.stderr);
    let wrong = run(&daemon, &["sync", "hosts", "10.9.1.1", "--range", "9x"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("--range: \"9x\" is not a range"), "{}", wrong.stderr);
    // A task, told to run.
    ok(&daemon, &["tasks", "create", "nightly", "--cron", "0 0 2 * * ?", "--time-zone", "Asia/Shanghai", "--host", "10.9.1.1"]);
    assert_eq!(run(&daemon, &["tasks", "create", "nightly"]).code, 8);
    let wrong = run(&daemon, &["tasks", "create", "x", "--cron", "0 0 25 * * ?"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("hour"), "{} {}", wrong.code, wrong.stderr);
    assert!(ok(&daemon, &["tasks", "next", "nightly", "-n", "2"]).lines().filter(|l| l.contains("T02:00:00+08:00")).count() == 2);
    let ran = run(&daemon, &["tasks", "run", "nightly", "--wait", "-o", "json"]);
    assert!(ran.code == 0 && ran.stdout.contains("\"completed\""), "{}{}", ran.stdout, ran.stderr);
    let number = serde_json::from_str::<serde_json::Value>(&ran.stdout).unwrap()["number"].to_string();
    assert!(ok(&daemon, &["tasks", "history", "nightly", "-q"]).trim() == number);
    assert!(ok(&daemon, &["logs", "show", &number, "--items", "--state", "updated", "-o", "csv"]).contains("10.9.1.1,"));
    assert!(ok(&daemon, &["logs", "runs", "--kind", "hosts", "--state", "partial", "-q"]).lines().count() == 1);
    let lines = ok(&daemon, &["logs", "task/nightly"]);
    assert!(lines.contains("the run has ended") && lines.lines().all(|l| l.contains("task=nightly")), "{lines}");
    ok(&daemon, &["tasks", "disable", "nightly"]);
    assert!(ok(&daemon, &["tasks", "show", "nightly"]).contains("disabled"));
    assert_eq!(run(&daemon, &["tasks", "cancel", "nightly"]).code, 8);
    let file = daemon.home().join("task.toml");
    std::fs::write(&file, "name = 'nightly'\ncron = '0 0 4 * * ?'\nenabled = true\n[hosts]\nfull = true\n").unwrap();
    assert!(ok(&daemon, &["tasks", "apply", "-f", file.to_str().unwrap()]).contains("0 0 4 * * ?"));
    assert!(
        ok(&daemon, &["tasks", "cron-check", "0 0 12 ? * 6L", "--time-zone", "UTC", "-q"]).lines().all(|l| l.ends_with("T12:00:00+00:00"))
    );
    assert_eq!(run(&daemon, &["tasks", "delete", "nightly"]).code, 2, "it asks, and nobody is there");
    ok(&daemon, &["tasks", "delete", "nightly", "--yes"]);
    assert_eq!(run(&daemon, &["tasks", "show", "nightly"]).code, 5);
    // Whoever changed what, hosts of the pool too.
    let audit = ok(&daemon, &["logs", "audit", "-o", "csv"]);
    for line in [
        ",task.delete,task-1,",
        ",host.import,hosts,\"2 added, 0 updated, 0 unchanged\"",
        ",host.update,host/10.9.1.2,",
        ",run.start,run/1,",
    ] {
        assert!(audit.contains(line), "{line}: {audit}");
    }
    assert_eq!(ok(&daemon, &["logs", "audit", "--object", "host/10.9.1.2", "-o", "csv"]).lines().count(), 2);
    // Old runs go when they are told to; what runs or is young stays.
    let runs = ok(&daemon, &["logs", "runs", "-q"]).lines().count();
    assert!(ok(&daemon, &["logs", "prune", "--older-than", "1h", "--yes"]).contains("0 runs deleted"));
    let dry = run(&daemon, &["logs", "prune", "--older-than", "0s", "--dry-run"]);
    assert!(dry.code == 0 && dry.stdout.contains(&format!("would delete {runs} runs")), "{}", dry.stdout);
    assert_eq!(run(&daemon, &["logs", "prune", "--older-than", "0s"]).code, 2, "it asks, and nobody is there");
    assert!(ok(&daemon, &["logs", "prune", "--older-than", "0s", "--yes"]).contains(&format!("{runs} runs deleted")));
    assert_eq!(ok(&daemon, &["logs", "runs", "-q"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_says_its_own_limits_and_all_of_a_type_run() {
    let daemon = Daemon::configured("[hosts]\nendpoint = 'http://127.0.0.1:1'\nindex_pattern = 'none'\n").await;
    let json = |args: &[&str]| serde_json::from_str::<serde_json::Value>(&ok(&daemon, &[args, &["-o", "json"]].concat())).unwrap();
    let made = json(&["tasks", "create", "a", "--grace", "0s", "--deadline", "2h"]);
    assert_eq!(made["limits"], json!({"grace_seconds": 0, "deadline_seconds": 7200}));
    let changed = json(&["tasks", "update", "a", "--deadline", "default"]);
    assert_eq!(changed["limits"], json!({"grace_seconds": 0, "deadline_seconds": null}));
    assert!(ok(&daemon, &["tasks", "show", "a"]).contains("grace"));
    let wrong = run(&daemon, &["tasks", "update", "a", "--deadline", "0s"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("--deadline: 0 leaves"), "{} {}", wrong.code, wrong.stderr);
    // What it is to do goes out as a file and in again.
    let file = daemon.home().join("a.toml");
    std::fs::write(&file, ok(&daemon, &["tasks", "show", "a", "--config"])).unwrap();
    assert_eq!(json(&["tasks", "apply", "-f", file.to_str().unwrap()]), changed);
    std::fs::write(&file, "name = 'a'\nkind = 'hosts'\n[hosts]\npattern = 'x'\n").unwrap();
    let wrong = run(&daemon, &["tasks", "apply", "-f", file.to_str().unwrap()]);
    assert!(wrong.stderr.contains("kind: unknown field") && wrong.stderr.contains("hosts.pattern: unknown field"), "{}", wrong.stderr);
    ok(&daemon, &["tasks", "create", "b", "--disabled"]);
    // Nobody is in the pool: a run over no hosts is a success. The disabled one stays out.
    let ran = json(&["tasks", "run", "--all", "--type", "hosts", "--wait"]);
    assert_eq!((&ran["name"], &ran["state"]), (&json!("a"), &json!("completed")), "{ran}");
    assert_eq!(ran["message"], "there are no hosts to sync");
    assert_eq!(run(&daemon, &["tasks", "run", "--all", "--type", "moon"]).code, 2);
}
