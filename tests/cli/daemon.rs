//! Every leaf against the real daemon. The databases of these jobs are dead ports: nothing here needs a server.

use super::{Outcome, outcome, syncline};
use crate::support::daemon::Daemon;
use crate::support::port::unused;
use crate::support::until::until;
use serde_json::Value;

fn at(daemon: &Daemon, args: &[&str]) -> Outcome {
    outcome(syncline(daemon.home()).env("SYNCLINE_SERVER", daemon.url()).args(args))
}

fn json(daemon: &Daemon, args: &[&str]) -> Value {
    let args = [args, &["-o", "json"]].concat();
    let shown = at(daemon, &args);
    assert_eq!(shown.code, 0, "{args:?}: {}", shown.stderr);
    serde_json::from_str(&shown.stdout).expect("-o json prints JSON")
}

/// Puts a job file into the daemon's home.
fn job_file(daemon: &Daemon, name: &str) -> String {
    let side = |user: &str| serde_json::json!({ "host": "127.0.0.1", "port": unused(), "user": user, "password": "s3cret" });
    let job =
        serde_json::json!({ "name": name, "kind": "sync", "source": side("a"), "target": side("b"), "include": [{ "schema": "shop" }] });
    let path = daemon.home().join(format!("{name}.json"));
    std::fs::write(&path, job.to_string()).expect("the home is there");
    path.display().to_string()
}

fn create_paused(daemon: &Daemon, name: &str) -> String {
    let created = at(daemon, &["jobs", "create", "-f", &job_file(daemon, name), "--paused", "-q"]);
    assert_eq!(created.code, 0, "{}", created.stderr);
    created.stdout.trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_in_every_output_form() {
    let daemon = Daemon::start(&[]).await;
    let empty = at(&daemon, &["jobs", "list"]);
    assert_eq!((empty.code, empty.stdout.as_str()), (0, ""));
    assert!(empty.stderr.contains("no jobs yet"));
    assert_eq!(create_paused(&daemon, "one"), "one-sync");
    assert_eq!(create_paused(&daemon, "two"), "two-sync");
    let list = json(&daemon, &["jobs", "list"]);
    assert_eq!((list["jobs"][0]["id"].as_str(), list["jobs"][1]["state"].as_str()), (Some("one-sync"), Some("paused")));
    assert!(!list.to_string().contains("s3cret"));
    assert_eq!(at(&daemon, &["jobs", "list", "-q"]).stdout, "one-sync\ntwo-sync\n");
    assert_eq!(at(&daemon, &["jobs", "list", "-o", "name"]).stdout, "job/one-sync\njob/two-sync\n");
    let lines = at(&daemon, &["jobs", "list", "-o", "ndjson"]).stdout;
    assert!(lines.lines().count() == 2 && lines.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{lines}");
    let csv = at(&daemon, &["jobs", "list", "-o", "csv"]).stdout;
    assert!(
        csv.starts_with("id,kind,state,since,") && csv.lines().nth(1).is_some_and(|line| line.starts_with("one-sync,sync,paused,20")),
        "{csv}"
    );
    let yaml = at(&daemon, &["jobs", "list", "-o", "yaml"]).stdout;
    assert_eq!(serde_saphyr::from_str::<Value>(&yaml).unwrap()["jobs"][0]["number"], list["jobs"][0]["number"]);
    let table = at(&daemon, &["jobs", "list"]).stdout;
    assert!(table.starts_with("ID ") && table.lines().count() == 3 && table.lines().all(|line| line == line.trim_end()), "{table}");
    assert!(at(&daemon, &["jobs", "list", "-o", "wide"]).stdout.contains("TARGET"));
    assert_eq!(at(&daemon, &["jobs", "list", "--state", "failed", "-q"]).stdout, "");
    for name in ["two", "two-sync"] {
        assert_eq!(at(&daemon, &["jobs", "list", "--name", name, "-q"]).stdout, "two-sync\n");
    }
    for (args, text) in [
        (&["--state", "failed"][..], "no job is failed\n"),
        (&["--state", "paused", "--kind", "migration"], "no job of kind migration is paused\n"),
        (&["--name", "three"], "there is no job with the name or id \"three\"\n"),
    ] {
        let none = at(&daemon, &[&["jobs", "list"], args].concat());
        assert_eq!((none.code, none.stdout.as_str(), none.stderr.as_str()), (0, "", text));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_shown_steered_and_forgotten() {
    let daemon = Daemon::start(&[]).await;
    let id = create_paused(&daemon, "one");
    for name in ["one-sync", "one", "1"] {
        assert_eq!(json(&daemon, &["jobs", "show", name])["id"], id.as_str(), "{name}");
    }
    let shown = at(&daemon, &["jobs", "show", &id, "--position", "--allocations", "--config"]).stdout;
    for part in ["Is it moving?     no: paused", "How far behind?", "What went wrong?  nothing", "shop.*"] {
        assert!(shown.contains(part), "{part:?} is not in\n{shown}");
    }
    assert_eq!(at(&daemon, &["jobs", "wait", &id, "--for", "paused", "--timeout", "5s"]).code, 0);
    let late = at(&daemon, &["jobs", "wait", &id, "--for", "incremental", "--timeout", "300ms"]);
    assert_eq!(late.code, 6);
    assert!(late.stderr.contains("it is paused") && late.stderr.contains("--for 'incremental'"), "{}", late.stderr);
    let watched = at(&daemon, &["jobs", "watch", &id, "--timeout", "300ms", "-o", "ndjson"]);
    assert_eq!((watched.code, watched.stdout.lines().count()), (6, 1));
    let some = at(&daemon, &["jobs", "pause", &id, "nobody"]);
    assert_eq!(some.code, 9, "one of two");
    assert!(some.stdout.contains(&id) && some.stderr.contains("nobody"));
    assert_eq!(at(&daemon, &["jobs", "resume", &id, "--dry-run"]).code, 0);
    assert_eq!(json(&daemon, &["jobs", "show", &id])["state"], "paused", "a dry run changes nothing");
    assert_eq!(at(&daemon, &["jobs", "delete", &id]).code, 2, "no terminal, no --yes");
    assert_eq!(at(&daemon, &["jobs", "delete", &id, "--yes", "-q"]).stdout, "one-sync\n");
    assert_eq!(at(&daemon, &["jobs", "show", &id]).code, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_applied_and_updated() {
    let daemon = Daemon::start(&[]).await;
    let file = job_file(&daemon, "one");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace("\"name\"", "\"paused\":true,\"name\"")).unwrap();
    for (word, file_text) in [("created", None), ("unchanged", None), ("updated", Some(("shop", "crm")))] {
        if let Some((from, to)) = file_text {
            let text = std::fs::read_to_string(&file).unwrap();
            std::fs::write(&file, text.replace(from, to)).unwrap();
        }
        let applied = at(&daemon, &["jobs", "apply", "-f", &file]);
        assert_eq!(applied.code, 0, "{}", applied.stderr);
        assert!(applied.stderr.starts_with(&format!("{word} one-sync")), "{word}: {}", applied.stderr);
    }
    let job = json(&daemon, &["jobs", "show", "one-sync"]);
    assert_eq!(job["config"]["include"][0]["schema"], "crm");
    let dry = at(&daemon, &["jobs", "update", "one", "--ignore", "crm.audit", "--dry-run"]);
    assert_eq!((dry.code, dry.stderr.as_str()), (0, "would change ignore of one-sync\n"));
    let updated = json(&daemon, &["jobs", "update", "one", "--ignore", "crm.audit", "--source-password-file", &file]);
    assert_eq!(
        (updated["config"]["ignore"][0]["tables"][0].as_str(), updated["config"]["include"].clone()),
        (Some("audit"), job["config"]["include"].clone())
    );
    assert_eq!(updated["config"]["source"]["password"], "*");
    assert!(updated["job_modify_index"].as_u64() > job["job_modify_index"].as_u64());
    let elsewhere = at(&daemon, &["jobs", "update", "one", "--target", "b@127.0.0.1:1"]);
    for part in ["password of 127.0.0.1:1 is masked", "--target-password-file"] {
        assert!(elsewhere.code == 2 && elsewhere.stderr.contains(part), "{}", elsewhere.stderr);
    }
    assert_eq!(at(&daemon, &["jobs", "update", "nobody", "--ignore", "x"]).code, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_fails_while_waited_for_is_1_with_its_reason() {
    let daemon = Daemon::start(&[]).await;
    let id = create_paused(&daemon, "one");
    let resumed = at(&daemon, &["jobs", "resume", &id, "--wait=incremental", "--timeout", "3s"]);
    let state = json(&daemon, &["jobs", "show", &id])["state"].clone();
    // A dead source is waited for, or given up: never called done.
    assert!(resumed.code == 1 && state == "failed" || resumed.code == 6, "{} {state}: {}", resumed.code, resumed.stderr);
    let run = json(&daemon, &["jobs", "show", &id])["run"]["number"].to_string();
    let lines = at(&daemon, &["logs", &format!("run/{run}")]).stdout;
    assert!(lines.contains("job is waiting") || lines.contains("job failed"), "the run's lines carry its number: {lines:?}");
    assert!(!lines.contains("Input/output error"), "{lines}");
    let table = at(&daemon, &["jobs", "list"]).stdout;
    assert!(table.lines().nth(1).is_some_and(|line| !line.contains('(')), "the state is one word: {table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn replies_that_are_errors_become_their_exit_codes() {
    let daemon = Daemon::start(&[]).await;
    let file = job_file(&daemon, "one");
    create_paused(&daemon, "one");
    for (args, code, word) in [
        (&["jobs", "create", "-f", &file, "--paused"][..], 8, "already_exists"),
        (&["jobs", "show", "nobody"], 5, "not_found"),
        (&["jobs", "finish", "nobody", "--yes"], 5, "not_found"),
        (&["jobs", "finish", "nobody"], 5, "not_found"),
        (&["jobs", "delete", "nobody"], 5, "not_found"),
        (&["jobs", "delete", "one", "nobody"], 5, "not_found"),
        (&["jobs", "events", "nobody"], 5, "not_found"),
        (&["jobs", "logs", "nobody"], 5, "not_found"),
        (&["jobs", "verify", "nobody"], 5, "not_found"),
        (&["logs", "show", "999"], 5, "not_found"),
        (&["nodes", "show", "nobody"], 5, "not_found"),
    ] {
        let shown = at(&daemon, args);
        assert_eq!((shown.code, shown.stdout.as_str()), (code, ""), "{args:?}: {}", shown.stderr);
        assert!(shown.stderr.contains(&format!("[{word}]")), "{args:?}: {}", shown.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_around() {
    let mut daemon = Daemon::start(&[]).await;
    let status = json(&daemon, &["server", "status"]);
    assert_eq!(status["pid"], daemon.pid());
    assert!(at(&daemon, &["server", "status"]).stdout.contains("listens on"));
    let nodes = json(&daemon, &["nodes", "list"]);
    let node = nodes["nodes"][0]["id"].as_str().unwrap();
    assert_eq!(json(&daemon, &["nodes", "show", node])["id"], node);
    assert!(at(&daemon, &["logs"]).stdout.contains("listening on"));
    assert_eq!(at(&daemon, &["logs", "--grep", "no line has this"]).stdout, "");
    assert!(at(&daemon, &["logs", "-f", "--timeout", "300ms", "-o", "ndjson"]).stdout.lines().count() > 0);
    assert_eq!(json(&daemon, &["logs", "runs"])["runs"].as_array().map(Vec::len), Some(0));
    assert_eq!(json(&daemon, &["version"])["server"]["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(daemon.stop().code(), Some(0), "SIGTERM ends it in order");
    assert_eq!(at(&daemon, &["server", "status"]).code, 7);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_level_changes_at_once_and_a_restart_takes_it_back() {
    let mut daemon = Daemon::start(&[]).await;
    let answered = |daemon: &Daemon| json(daemon, &["logs", "--level", "debug", "--grep", "answered", "-n", "5000"])["lines"].clone();
    assert_eq!(json(&daemon, &["server", "log-level"])["level"], "info");
    assert_eq!(answered(&daemon), serde_json::json!([]));
    assert_eq!(json(&daemon, &["server", "log-level", "debug", "--dry-run"])["level"], "info");
    let changed = json(&daemon, &["server", "log-level", "debug"]);
    assert_eq!((changed["level"].as_str(), changed["configured"].as_str()), (Some("debug"), Some("info")));
    at(&daemon, &["jobs", "list"]);
    assert_ne!(answered(&daemon), serde_json::json!([]), "requests are told at debug");
    let wrong = at(&daemon, &["server", "log-level", "loud"]);
    assert!(wrong.code == 2 && wrong.stderr.contains("loud"), "{}", wrong.stderr);
    assert_eq!(json(&daemon, &["server", "log-level"])["level"], "debug");
    daemon.stop();
    daemon.restart().await;
    assert_eq!(json(&daemon, &["server", "log-level"])["level"], "info");
}

#[tokio::test(flavor = "multi_thread")]
async fn raw_calls_print_the_body_and_exit_by_the_status() {
    let daemon = Daemon::start(&[]).await;
    create_paused(&daemon, "one");
    let list: Value = serde_json::from_str(&at(&daemon, &["api", "GET", "jobs?state=paused"]).stdout).unwrap();
    assert_eq!(list["jobs"][0]["id"], "one-sync");
    assert_eq!(at(&daemon, &["api", "get", "/livez"]).stdout, "ok\n");
    let changed = at(&daemon, &["api", "PUT", "log-level", "-d", "{\"level\":\"debug\"}", "-o", "yaml"]);
    assert!(changed.code == 0 && changed.stdout.starts_with("level: debug\n"), "{}{}", changed.stdout, changed.stderr);
    let file = job_file(&daemon, "one");
    let taken = at(&daemon, &["api", "POST", "/api/v1/jobs", "-d", &format!("@{file}")]);
    assert_eq!(taken.code, 8, "{}", taken.stderr);
    assert!(taken.stdout.contains("already_exists") && taken.stderr.contains("HTTP 409: "), "{}{}", taken.stdout, taken.stderr);
    assert_eq!(at(&daemon, &["api", "GET", "jobs/nobody"]).code, 5);
    let dialect = at(&daemon, &["api", "GET", "/v2/nothing"]);
    assert!(dialect.code == 5 && dialect.stderr.contains("[http_404]"), "{}", dialect.stderr);
    // A field of a dialect that has no effect is told here, and in the job's log.
    let body = include_str!("../api/contracts/dtle3/migration.request.json").replacen('{', r#"{"retries": 2, "#, 1);
    let made = at(&daemon, &["api", "POST", "/v2/job/migration", "-d", &body, "-o", "json"]);
    assert!(made.code == 0 && made.stderr.contains("had no effect: retries"), "{}{}", made.stdout, made.stderr);
    let id = serde_json::from_str::<Value>(&made.stdout).unwrap()["job"]["job_id"].as_str().unwrap().to_owned();
    let told = at(&daemon, &["jobs", "logs", &id]);
    assert!(told.stdout.contains("WARN") && told.stdout.contains("fields=retries"), "{}{}", told.stdout, told.stderr);
    assert_eq!(at(&daemon, &["api", "DELETE", "jobs/one-sync"]).code, 0);
    assert_eq!(at(&daemon, &["api", "GET", "jobs", "-d", "@gone.json"]).code, 2);
    assert!(at(&daemon, &["server", "metrics"]).stdout.contains("syncline_jobs{state=\"paused\"} 0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_the_daemon_at_once() {
    use std::io::Write as _;
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut daemon = Daemon::start(&[]).await;
        // A request whose body never ends keeps the first signal's orderly end waiting.
        let mut hanging = std::net::TcpStream::connect(daemon.url().trim_start_matches("http://")).unwrap();
        hanging
            .write_all(b"POST /api/v1/jobs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{")
            .unwrap();
        // Requests on other connections are answered meanwhile: the daemon has seen this one before them.
        let busy = async || daemon.client().server_status().await.is_ok();
        until(std::time::Duration::from_secs(10), "the daemon answers", busy).await;
        daemon.signal("TERM");
        let told = async || daemon.log().contains("a second signal ends at once");
        until(std::time::Duration::from_secs(10), "the daemon is stopping", told).await;
        daemon.signal(signal);
        let began = std::time::Instant::now();
        assert_eq!(daemon.ended().code(), Some(code), "{}", daemon.log());
        assert!(began.elapsed().as_secs() < 10, "it did not wait for the request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_opens_what_its_role_allows() {
    let folder = tempfile::tempdir().unwrap();
    let token = |name: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, format!("{name}-{}\n", "0123456789abcdef".repeat(2))).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (viewer, operator) = (token("viewer"), token("operator"));
    let entry = |role: &str, file: &str| format!("{{ name = \"{role}\", role = \"{role}\", token_file = \"{file}\" }}");
    let daemon = Daemon::configured(&format!("[auth]\ntokens = [{}, {}]\n", entry("viewer", &viewer), entry("operator", &operator))).await;
    let none = at(&daemon, &["jobs", "list"]);
    assert_eq!(none.code, 4);
    assert!(none.stderr.contains("--token-file"), "{}", none.stderr);
    assert_eq!(at(&daemon, &["jobs", "list", "--token-file", &viewer]).code, 0);
    let file = job_file(&daemon, "one");
    assert_eq!(at(&daemon, &["jobs", "create", "-f", &file, "--paused", "--token-file", &viewer]).code, 4);
    assert_eq!(at(&daemon, &["jobs", "create", "-f", &file, "--paused", "--token-file", &operator]).code, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_daemon_comes_back_with_its_jobs() {
    let mut daemon = Daemon::start(&[]).await;
    let id = create_paused(&daemon, "one");
    let before = daemon.client().job(&id).await.unwrap();
    daemon.kill9();
    assert_eq!(at(&daemon, &["jobs", "list"]).code, 7);
    daemon.restart().await;
    let after = daemon.client().job(&id).await.unwrap();
    assert_eq!((after.number, after.state, after.config), (before.number, before.state, before.config));
}
