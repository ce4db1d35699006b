//! What is refused, and in which words.

use super::{call, get, post, slave_of, started, stocks};
use crate::support::daemon::Daemon;
use reqwest::Method;
use serde_json::{Value, json};
use syncline::wire::native::tasks::{BarsWork, RunCreate, SyncWork, TaskCreate};

async fn refused(daemon: &Daemon, method: Method, path: &str, body: &str) -> (u16, String) {
    let (status, text) = call(daemon, method, path, body).await;
    let reply: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path}: {e}: {text}"));
    let keys: Vec<&String> = reply.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["detail"], "{path}: every error is the family's");
    (status.as_u16(), reply["detail"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn bad_requests_say_what_is_wrong() {
    let daemon = started("").await;
    post(&daemon, "import", stocks()).await;
    let batch = |symbols: Value, start: &str, end: &str, interval: &str| {
        json!({"symbols": symbols, "start_date": start, "end_date": end, "interval": interval}).to_string()
    };
    let many: Vec<String> = (0..1001).map(|n| format!("S{n}")).collect();
    for (method, path, body, status, says) in [
        (Method::GET, "read/FB?end_date=2012-01-01", String::new(), 400, "start_date: required"),
        (Method::GET, "read/FB", String::new(), 400, "start_date, end_date: required"),
        (Method::GET, "read/FB?start_date=2013-01-01&end_date=2012-01-01", String::new(), 400, "is after"),
        (Method::GET, "read/FB?start_date=soon&end_date=2012-01-01", String::new(), 400, "is not a time"),
        (Method::GET, "read/FB?start_date=2012-01-01&end_date=2012-01-01&interval=2d", String::new(), 400, "interval: \"2d\""),
        (Method::GET, "read/NOPE?start_date=2012-01-01&end_date=2012-01-01", String::new(), 404, "US.NOPE"),
        (Method::GET, "read/A'B?start_date=2012-01-01&end_date=2012-01-01", String::new(), 400, "'\\''"),
        (Method::POST, "read/batch", "{}".to_owned(), 400, "missing field"),
        (Method::POST, "read/batch", batch(json!([]), "2012-01-01", "2012-01-02", "1d"), 400, "symbols"),
        (Method::POST, "read/batch", batch(json!(many), "2012-01-01", "2012-01-02", "1d"), 400, "1001"),
        (Method::POST, "read/batch", batch(json!("FB"), "2012-01-01", "2012-01-02", "1d"), 400, "symbols"),
        (Method::POST, "read/batch", batch(json!(["FB"]), "2012-01-03", "2012-01-02", "1d"), 400, "is after"),
        (Method::POST, "read/batch", batch(json!(["FB"]), "2012-01-01", "2012-01-02", "1D"), 400, "interval"),
        (Method::POST, "read/batch", "{\"symbols\": [\"FB\"".to_owned(), 400, "JSON"),
        (Method::POST, "read/batch", "[1".to_owned(), 400, "the body is not valid JSON: EOF"),
        (Method::POST, "read/batch", "[1]".to_owned(), 400, "the body is not a JSON object"),
        (Method::POST, "read/batch", String::new(), 400, "empty"),
        (
            Method::POST,
            "read/batch?interval=1m",
            batch(json!(["FB"]), "2012-01-01", "2012-01-02", "1d"),
            400,
            "interval: belongs into the body",
        ),
        (Method::GET, "read/batch", String::new(), 405, "method"),
        (Method::GET, "nothing", String::new(), 404, "nothing at this path"),
        (Method::GET, "tasks/nope/status", String::new(), 404, "nope"),
        (Method::POST, "tasks/trigger?task_name=nope", String::new(), 404, "nope"),
        (Method::POST, "tasks/trigger", String::new(), 400, "task_name: required"),
        (
            Method::POST,
            "tasks/trigger-all?task_type=bogus",
            String::new(),
            400,
            "task_type: \"bogus\" is not one of incremental, full_sync, validation, repair",
        ),
        (Method::GET, "maintenance/log?limit=0", String::new(), 400, "limit"),
        (Method::GET, "maintenance/log?limit=1001", String::new(), 400, "limit"),
        (Method::GET, "sync/history?offset=-1", String::new(), 400, "offset"),
        (Method::POST, "sync/trigger", String::new(), 400, "no backup"),
        (Method::POST, "sync/trigger?backup_name=nope", String::new(), 404, "nope"),
        (Method::GET, "sync/history?backup_name=nope", String::new(), 404, "there is no backup or slave \"nope\""),
        (Method::GET, "slaves/nope/status", String::new(), 404, "nope"),
        (Method::POST, "slaves/nope/sync", String::new(), 404, "nope"),
        (Method::POST, "import", "Date,Open\n".to_owned(), 400, "CSV line 1"),
        (Method::POST, "import?interval=2d", "Date,Open\n".to_owned(), 400, "interval"),
        (Method::POST, "read/batch", batch(json!(["FB", ""]), "2012-01-01", "2012-01-02", "1d"), 400, "symbols[1]: the symbol is empty"),
        (Method::GET, "export?symbols=FB,,IBM", String::new(), 400, "symbols[1]: the symbol is empty"),
        (Method::POST, "import?symbol=", "Date,Open\n".to_owned(), 400, "symbol: the symbol is empty"),
        (
            Method::POST,
            "import",
            "Symbol,Date,Open,High,Low,Close\n,2012-01-03,1,1,1,1\n".to_owned(),
            400,
            "line 2: column Symbol: the symbol is empty",
        ),
        (Method::POST, "import", "Symbol,Date,Open,High,Low,CloseA,2012-01-03,1,1,1,1".to_owned(), 400, "curl --data-binary @FILE"),
        (Method::POST, "import?colour=red", String::new(), 400, "colour"),
        (Method::GET, "replica/page?store=x", String::new(), 400, "store: is not known"),
        (Method::GET, "replica/followed?store=x&since=1", String::new(), 400, "since: is not known"),
        (Method::POST, "import?symbol=X&names=true", String::new(), 400, "names: unknown"),
        (Method::POST, "import", "Date,Open,High,Low,Close\n2012-01-01,1,1,1,1\n".to_owned(), 400, "Symbol"),
        (Method::POST, "import?symbol=X", "Date,Open,High,Low,Close\n2012-01-03,1,1,1,1\n2012-01-04,1,x,1,1\n".to_owned(), 400, "line 3"),
    ] {
        let (code, detail) = refused(&daemon, method.clone(), path, &body).await;
        assert_eq!(code, status, "{method} {path}: {detail}");
        assert!(detail.contains(says) && !detail.starts_with(':'), "{method} {path}: {detail}");
    }
    // Nothing of a file with a line that cannot be read is there, as the answer said.
    let symbols = get(&daemon, "symbols").await;
    assert!(!symbols["symbols"].as_array().unwrap().contains(&json!("US.X")), "{symbols}");
}

/// What is a file's of one's own, a slave's, or a backup's that takes whole series.
#[tokio::test]
async fn runs_and_tasks_that_cannot_be_say_what_can() {
    let daemon = started("[[dms.backups]]\nname = 'b'\nhost = '127.0.0.1'\nport = 1\n").await;
    let run = async |sync: SyncWork| {
        let create = RunCreate { name: "x".into(), bars_sync: Some(sync), ..RunCreate::default() };
        daemon.client().judge_run(&create).await.unwrap_err().to_string()
    };
    let request = run(SyncWork { target: "master".into(), ..SyncWork::default() }).await;
    assert!(request.contains("this daemon is a master") && request.contains("`syncline sync push SLAVE`"), "{request}");
    let part = run(SyncWork { target: "b".into(), from: Some("2024-01-01".into()), ..SyncWork::default() }).await;
    assert!(part.contains("from, to: the backup b is brought whole series"), "{part}");
    let empty = run(SyncWork { target: "b".into(), symbol: Some(String::new()), ..SyncWork::default() }).await;
    assert!(empty.contains("bars_sync.symbol: the symbol is empty"), "{empty}");
    let task = async |work: BarsWork| {
        let create = TaskCreate { name: "x".into(), bars: Some(work), ..TaskCreate::default() };
        daemon.client().create_task(&create, true).await.unwrap_err().to_string()
    };
    let check = BarsWork { kind: "validation".into(), ..BarsWork::default() };
    let list = task(BarsWork { symbols: Some(vec!["A".into(), " ".into()]), ..check.clone() }).await;
    assert!(list.contains("bars.symbols[1]: the symbol is empty"), "{list}");
    let file = task(BarsWork { symbols_file: Some("/etc/passwd".into()), ..check.clone() }).await;
    assert!(file.contains("bars.symbols_file: only a task of the configuration file has one"), "{file}");
    let days = task(BarsWork { days: Some(73_001), ..check }).await;
    assert!(days.contains("bars.days: must be 1 to 73000"), "{days}");
    let form = reqwest::Client::builder().no_proxy().build().unwrap().post(format!("{}/api/dms/import", daemon.url()));
    let reply = form.header("content-type", "multipart/form-data; boundary=x").body("--x\r\n").send().await.unwrap();
    let (status, text) = (reply.status().as_u16(), reply.text().await.unwrap());
    assert!(status == 415 && text.contains("multipart form, not CSV") && text.contains("curl --data-binary @FILE"), "{status} {text}");
}

/// A task that wants no source.
const LOOK: &str = "[[dms.tasks]]\nname = 'look'\ntype = 'validation'\n";

/// Whatever has no effect is named, also where there are no parameters at all.
#[tokio::test]
async fn what_nobody_knows_is_named_in_the_reply() {
    let slave = started("[dms]\nrole = \"slave\"\n").await;
    let master = started(&format!("{}{}{LOOK}", super::master_of(&slave), super::BACKUPS)).await;
    let pulling = started(&slave_of(&master)).await;
    post(&master, "import", stocks()).await;
    let batch = json!({"symbols": ["FB"], "start_date": "2012-06-01", "end_date": "2012-06-02", "colour": 1}).to_string();
    let day = "start_date=2012-06-01&end_date=2012-06-01";
    for (daemon, method, path, body) in [
        (&master, Method::GET, "status?colour=1", ""),
        (&master, Method::GET, "nodes?colour=1", ""),
        (&master, Method::GET, "sync/status?colour=1", ""),
        (&master, Method::GET, "sync/history?limit=1&colour=1", ""),
        (&master, Method::GET, &format!("read/FB?{day}&colour=1"), ""),
        (&master, Method::POST, "read/batch", &batch),
        (&master, Method::POST, "read/batch?colour=1", &batch.replace(",\"colour\":1", "")),
        (&master, Method::GET, "slaves?colour=1", ""),
        (&master, Method::GET, "slaves/gone/status?colour=1", ""),
        (&master, Method::POST, "slaves/backup1/sync", "{\"symbol\": \"FB\", \"colour\": 1}"),
        (&master, Method::GET, "tasks?colour=1", ""),
        (&master, Method::POST, "tasks/trigger-all?colour=1", ""),
        (&master, Method::POST, "tasks/trigger-all", "{\"task_type\": \"repair\", \"colour\": 1}"),
        (&master, Method::POST, "tasks/trigger", "{\"task_name\": \"look\", \"colour\": 1}"),
        (&master, Method::GET, "maintenance/log?colour=1", ""),
        (&master, Method::POST, "sync/trigger", "{\"backup_name\": \"backup1\", \"colour\": 1}"),
        (&master, Method::POST, "sync/trigger?wait=true&colour=1", ""),
        (&pulling, Method::POST, "sync/request", "{\"symbol\": \"FB\", \"colour\": 1}"),
        (&pulling, Method::GET, "master/status?colour=1", ""),
    ] {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = client.request(method, format!("{}/api/dms/{path}", daemon.url())).body(body.to_owned());
        let reply = request.send().await.unwrap();
        let ignored = reply.headers().get("x-syncline-ignored").map(|names| names.to_str().unwrap().to_owned());
        assert_eq!((reply.status().as_u16(), ignored.as_deref()), (200, Some("colour")), "{path}: {}", reply.text().await.unwrap());
    }
}

/// No old client knows what the contract does not have.
#[tokio::test]
async fn what_nobody_knows_is_refused_where_the_contract_has_no_such_call() {
    let master = started("").await;
    post(&master, "import", stocks()).await;
    for (method, path, known) in [
        (Method::GET, "symbols?colour=1", "interval"),
        (Method::GET, "symbol/FB/info?interval=1d&colour=1", "interval"),
        (Method::GET, "export?symbols=FB&colour=1", "symbols, interval, start_date, end_date"),
        (Method::POST, "import?colour=1", "interval, symbol, time_zone, dates, dry_run, lenient, overwrite"),
    ] {
        assert_eq!(refused(&master, method, path, "").await, (400, format!("colour: unknown; there are {known}")), "{path}");
    }
}

#[tokio::test]
async fn a_call_for_the_other_role_is_forbidden() {
    let master = started("").await;
    let slave = started(&slave_of(&master)).await;
    for (daemon, method, path) in [
        (&slave, Method::GET, "slaves"),
        (&slave, Method::GET, "slaves/x/status"),
        (&slave, Method::POST, "slaves/x/sync"),
        (&slave, Method::POST, "import"),
        (&slave, Method::GET, "tasks"),
        (&slave, Method::GET, "tasks/x/status"),
        (&slave, Method::POST, "tasks/trigger?task_name=x"),
        (&slave, Method::POST, "tasks/trigger-all"),
        (&slave, Method::GET, "maintenance/log"),
        (&slave, Method::POST, "sync/trigger"),
        (&master, Method::POST, "sync/request"),
        (&master, Method::GET, "master/status"),
    ] {
        // Whatever it brings: nothing of that is looked at.
        let body = if method == Method::POST { "{" } else { "" };
        let (status, detail) = refused(daemon, method, path, body).await;
        assert_eq!(status, 403, "{path}: {detail}");
    }
    // An unconfigured daemon is a master with nothing in it.
    assert_eq!(get(&master, "slaves").await, json!([]));
    assert_eq!(get(&started("").await, "nodes").await["total_nodes"], json!(1));
    assert_eq!(get(&master, "tasks").await, json!([]));
    assert_eq!(get(&master, "maintenance/log").await, json!({"logs": []}));
    for daemon in [&master, &slave] {
        assert_eq!(get(daemon, "sync/status").await, json!({"backups": [], "total_backups": 0}));
        assert_eq!(get(daemon, "sync/history").await, json!({"history": []}));
    }
    let nothing = post(&master, "tasks/trigger-all?task_type=repair", "").await;
    assert_eq!((nothing["success"].clone(), nothing["result"]["triggered_count"].clone()), (json!(true), json!(0)));
    // A slave without a master can be told of none.
    let alone = started("[dms]\nrole = \"slave\"\n").await;
    assert_eq!(refused(&alone, Method::POST, "sync/request", "").await.0, 400);
    assert_eq!(refused(&alone, Method::GET, "master/status", "").await.0, 400);
    let orphan = started("[dms]\nrole = \"slave\"\nmaster = \"http://127.0.0.1:1\"\n").await;
    assert_eq!(refused(&orphan, Method::POST, "sync/request", "").await.0, 503);
    assert_eq!(refused(&orphan, Method::GET, "master/status", "").await.0, 503);
    let off = Daemon::configured("[dms]\nenabled = false\n").await;
    for path in ["status", "symbols", "slaves", "master/status", "tasks", "maintenance/log", "sync/status", "sync/history"] {
        assert_eq!(refused(&off, Method::GET, path, "").await.0, 503);
    }
}
