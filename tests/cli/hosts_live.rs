//! Host metrics while things happen to the daemon: killed in the middle of a run, watched on a terminal, asked on the port
//! that old clients know.

use super::tasks::{ok, run};
use super::{Outcome, outcome, syncline};
use crate::support::daemon::Daemon;
use crate::support::scripted::{Asked, Fleet, Reply, Scripted};
use crate::support::servers::skip;
use crate::support::until::until;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use syncline::client::RunQuery;

const PATIENCE: Duration = Duration::from_secs(30);

fn hosts(count: u32) -> Vec<String> {
    (1..=count).map(|n| format!("10.9.3.{n}")).collect()
}

fn import(daemon: &Daemon, hosts: &[String]) {
    let file = daemon.home().join("hosts.csv");
    std::fs::write(&file, format!("host_ip\n{}\n", hosts.join("\n"))).unwrap();
    ok(daemon, &["hosts", "import", file.to_str().unwrap()]);
}

/// The runs that the state file has as running, read past the daemon.
fn running_rows(state: &PathBuf) -> u32 {
    let db = rusqlite::Connection::open_with_flags(state, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    db.query_row("SELECT count(*) FROM runs WHERE state = 'running' AND kind = 'hosts'", [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_a_kill_ended_is_interrupted_and_the_next_one_is_well() {
    let ips = hosts(3);
    let state: Arc<Mutex<Option<PathBuf>>> = Arc::default();
    let (rows, well) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
    let script = {
        let (state, rows, well) = (Arc::clone(&state), Arc::clone(&rows), Arc::clone(&well));
        move |_: usize, _: &Asked| {
            if let Some(file) = &*state.lock().unwrap() {
                rows.lock().unwrap().push(running_rows(file));
            }
            if well.load(Ordering::SeqCst) { Reply::Truth } else { Reply::Silence }
        }
    };
    let es = Scripted::start(Fleet::of(ips.clone()), script).await;
    let mut daemon = Daemon::configured(&format!("[hosts]\nendpoint = '{}'\nindex_pattern = 'i'\n", es.endpoint())).await;
    *state.lock().unwrap() = Some(daemon.data_dir().join("state.sqlite"));
    import(&daemon, &ips);
    ok(&daemon, &["tasks", "create", "often", "--cron", "*/1 * * * * ?"]);
    until(PATIENCE, "it asks", async || !es.asked().is_empty()).await;
    daemon.kill9();
    assert_eq!(rows.lock().unwrap()[0], 1, "the run's row was there, as running, before its first question");
    well.store(true, Ordering::SeqCst);
    daemon.restart().await;
    let client = daemon.client();
    let ended = async |state: &str| {
        let query = RunQuery { kind: Some("hosts".into()), state: Some(state.into()), limit: Some(1000), ..RunQuery::default() };
        client.runs(&query).await.unwrap().runs
    };
    let dead = ended("interrupted").await;
    assert_eq!((dead.len(), dead[0].number, dead[0].error.as_str()), (1, 1, "the daemon died under it"));
    until(PATIENCE, "the next fire runs, whole", async || {
        ended("completed").await.iter().any(|run| run.hosts.as_ref().is_some_and(|h| h.updated == 3))
    })
    .await;
    // Clients of es-sync read it as failed, and why.
    let reply = reqwest::Client::new().get(format!("{}/api/cmdb/v1/es-sync-execution-detail/1", daemon.url())).send().await.unwrap();
    let log = reply.json::<Value>().await.unwrap()["execution_log"].clone();
    assert_eq!(log["execution_status"], "failed", "{log}");
    assert!(log["error_message"].as_str().unwrap().contains("the daemon died under it"), "{log}");
    assert!(ok(&daemon, &["tasks", "show", "often"]).contains("scheduled") || ok(&daemon, &["tasks", "show", "often"]).contains("running"));
}

/// One that answers for the first host, keeps silent about the second until the daemon gives up, and answers again.
async fn slow(ips: &[String]) -> Scripted {
    let second = ips[1].clone();
    Scripted::start(Fleet::of(ips.to_vec()), move |_, asked| if asked.about(&second) { Reply::Silence } else { Reply::Truth }).await
}

fn config(es: &Scripted) -> String {
    format!("[hosts]\nendpoint = '{}'\nindex_pattern = 'i'\nbatch_hosts = 1\nin_flight = 1\nrequest_seconds = 2\n", es.endpoint())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_shows_how_far_it_is_on_a_terminal_only_and_ends_as_partly_done() {
    let ips = hosts(3);
    let es = slow(&ips).await;
    let daemon = Daemon::configured(&config(&es)).await;
    import(&daemon, &ips);
    let args = ["sync", "hosts", "--pool", "-o", "csv"];
    let plain = run(&daemon, &args[..3]);
    assert!(plain.stderr.contains("run 1 partial: 2 of 3 hosts, 1 failed") && !plain.stderr.contains('\r'), "{:?}", plain.stderr);
    let plain = run(&daemon, &args);
    assert_eq!(plain.code, 9, "{}{}", plain.stdout, plain.stderr);
    let of = |said: &str, ip: &str| said.lines().find(|l| l.starts_with(ip)).unwrap_or_default().to_owned();
    assert!(of(&plain.stdout, &ips[0]).contains(",updated,") && of(&plain.stdout, &ips[1]).contains(",failed,"), "{}", plain.stdout);
    let Some(seen) = on_a_terminal(&daemon, &args[..3]) else { return };
    assert_eq!(seen.code, 9, "{}", seen.stdout);
    assert!(seen.stdout.contains("1/3") && seen.stdout.contains("run 3"), "{:?}", seen.stdout);
    assert!(seen.stdout.rfind("1/3") < seen.stdout.find(&ips[0]), "the table comes after the bar: {:?}", seen.stdout);
}

/// Runs it on a terminal of its own; what it writes there is the outcome's stdout.
fn on_a_terminal(daemon: &Daemon, args: &[&str]) -> Option<Outcome> {
    if Command::new("script").arg("--version").output().is_err() {
        skip("script(1) of util-linux is missing");
        return None;
    }
    let line = format!("{} {}", env!("CARGO_BIN_EXE_syncline"), args.join(" "));
    let mut command = assert_cmd::Command::new("script");
    let terminal = command.env_clear().env("HOME", daemon.home()).env("PATH", std::env::var_os("PATH").unwrap_or_default());
    Some(outcome(terminal.env("TERM", "xterm").env("SYNCLINE_SERVER", daemon.url()).args(["-qec", &line, "/dev/null"])))
}

#[tokio::test(flavor = "multi_thread")]
async fn old_clients_find_their_api_and_nothing_else_on_a_port_of_their_own() {
    let ips = hosts(1);
    let es = Scripted::start(Fleet::of(ips.clone()), |_, _| Reply::Truth).await;
    let dir = tempfile::tempdir().unwrap();
    let token = dir.path().join("token");
    std::fs::write(&token, "0123456789abcdef0123456789abcdef\n").unwrap();
    std::fs::set_permissions(&token, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let text = format!(
        "[hosts]\nendpoint = '{}'\nindex_pattern = 'i'\n[auth]\ntokens = [{{ name = 'cmdb', role = 'operator', token_file = '{}' }}]\n\
         [[listeners]]\naddress = '127.0.0.1:0'\nfamilies = ['es_sync']\n",
        es.endpoint(),
        token.display()
    );
    let daemon = Daemon::configured(&text).await;
    let announced = std::fs::read_to_string(daemon.data_dir().join("serve.addr")).unwrap();
    let port = announced.lines().nth(1).expect("the second listener").to_owned();
    // As the contract's examples send it.
    let ask = |path: &str, more: &[&str]| {
        let out = Command::new("curl")
            .args(["-s", "-w", "\n%{http_code}", "-H", "Content-Type: application/json"])
            .args(["-H", "Authorization: Bearer 0123456789abcdef0123456789abcdef"])
            .args(more)
            .arg(format!("http://{port}{path}"))
            .output()
            .expect("curl is here");
        let text = String::from_utf8(out.stdout).unwrap();
        let (body, status) = text.rsplit_once('\n').unwrap();
        (status.parse::<u16>().unwrap(), serde_json::from_str::<Value>(body).unwrap_or(json!(body)))
    };
    let full = ask(
        "/api/cmdb/v1/es-sync-full-sync",
        &["-X", "POST", "-d", r#"{"group_name":"DB组","query_time_range":"30d","task_name":"初始化同步"}"#],
    );
    assert_eq!(
        (full.0, &full.1["message"], &full.1["new_host_ip_list"]),
        (200, &json!("同步完成: 新增1个, 更新0个, 失败0个"), &json!(ips))
    );
    assert_eq!(ask("/api/v1/hosts", &[]).0, 404, "the native API is not on this port");
    assert_eq!(ask("/v2/jobs", &[]).0, 404);
    let mine = outcome(syncline(daemon.home()).env("SYNCLINE_SERVER", daemon.url()).args([
        "hosts",
        "list",
        "-q",
        "--token-file",
        token.to_str().unwrap(),
    ]));
    assert_eq!((mine.code, mine.stdout.trim()), (0, ips[0].as_str()), "{}", mine.stderr);
}
