//! An Elasticsearch that does as it is told: it answers searches out of a small fleet as the real one would, and a script
//! says, request by request, what goes wrong. HTTP is spoken by hand, so that an answer can drip, stop or be cut off.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) path: String,
    /// Names in small letters.
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

impl Asked {
    /// The addresses that the search filters by.
    pub(crate) fn hosts(&self) -> Vec<String> {
        filters(&self.body)
            .filter_map(|f| f.get("terms").or_else(|| f.get("term")))
            .filter_map(|t| t.get("hostIp").or_else(|| t.get("hostIp.keyword")))
            .flat_map(|v| v.as_array().cloned().unwrap_or_else(|| vec![v.clone()]))
            .filter_map(|v| v.as_str().map(str::to_owned))
            .collect()
    }
    pub(crate) fn about(&self, host: &str) -> bool {
        self.hosts().iter().any(|h| h == host)
    }
}

fn filters(body: &Value) -> impl Iterator<Item = &Value> {
    body.pointer("/query/bool/filter").and_then(Value::as_array).into_iter().flatten()
}

/// What the script wants.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// What the fleet has.
    Truth,
    /// The same with these keys on top.
    TruthWith(Value),
    /// Status, further header lines, body.
    Status(u16, &'static str, String),
    /// One byte now and then, for ever.
    Drip,
    /// Half an answer, then the connection is reset.
    Reset,
    /// Nothing at all.
    Silence,
}

/// Figures of one host.
#[derive(Debug, Clone)]
pub(crate) struct Figures {
    pub(crate) points: u64,
    pub(crate) cpu: Option<f64>,
    pub(crate) name: String,
    pub(crate) group: String,
}

/// What the documents have.
#[derive(Debug, Clone)]
pub(crate) struct Fleet {
    pub(crate) hosts: BTreeMap<String, Figures>,
    /// The one field that addresses can be found and aggregated by.
    pub(crate) ip_field: &'static str,
    /// Another field that exists but refuses to be aggregated.
    pub(crate) text_field: Option<&'static str>,
}

impl Fleet {
    pub(crate) fn of(addresses: impl IntoIterator<Item = String>) -> Self {
        let one = |(n, ip): (u32, String)| {
            (ip, Figures { points: 8640, cpu: Some(f64::from(n % 100)), name: format!("host-{n}"), group: "DB组".into() })
        };
        Self { hosts: (0..).zip(addresses).map(one).collect(), ip_field: "hostIp", text_field: None }
    }

    fn refuses(&self, asked: &Asked) -> bool {
        let text = asked.body.to_string();
        self.text_field.is_some_and(|f| {
            ["hosts", "any"].iter().any(|agg| {
                let agg = asked.body.pointer(&format!("/aggs/{agg}"));
                agg.is_some_and(|a| a.to_string().contains(&format!("\"field\":\"{f}\"")))
            }) && text.contains(f)
        })
    }

    fn answer(&self, asked: &Asked) -> Value {
        let (mut field, mut group, mut wanted, mut exists) = (None, None, None, None);
        for filter in filters(&asked.body) {
            let pair = |kind: &str| filter.get(kind).and_then(Value::as_object).and_then(|o| o.iter().next());
            if let Some((name, value)) = pair("terms").or_else(|| pair("term")) {
                if name.starts_with("group") {
                    group = value.as_str().map(str::to_owned);
                } else {
                    field = Some(name.clone());
                    wanted = Some(asked.hosts());
                    let _ = value;
                }
            }
            if let Some((_, name)) = pair("exists") {
                exists = name.as_str().map(str::to_owned);
            }
        }
        let by = |name: &Option<String>| name.as_ref().is_none_or(|f| f == self.ip_field || Some(f.as_str()) == self.text_field);
        let known_field = |name: &Option<String>| {
            by(name) || name.as_ref().is_some_and(|f| ["hostName.keyword", "group.keyword", "@timestamp"].contains(&f.as_str()))
        };
        let found: Vec<(&String, &Figures)> = self
            .hosts
            .iter()
            .filter(|(ip, f)| {
                by(&field)
                    && known_field(&exists)
                    && wanted.as_ref().is_none_or(|w| w.contains(ip))
                    && group.as_ref().is_none_or(|g| *g == f.group)
            })
            .collect();
        let total: u64 = found.iter().map(|(_, f)| f.points).sum();
        let aggs = asked.body.get("aggs").and_then(Value::as_object).cloned().unwrap_or_default();
        let mut out = Map::new();
        for (name, agg) in &aggs {
            out.insert(name.clone(), self.aggregation(agg, &found));
        }
        json!({
            "took": 1, "timed_out": false, "_shards": {"total": 3, "successful": 3, "skipped": 0, "failed": 0},
            "hits": {"total": {"value": total, "relation": "eq"}, "hits": []}, "aggregations": out,
        })
    }

    fn aggregation(&self, agg: &Value, found: &[(&String, &Figures)]) -> Value {
        if let Some(composite) = agg.get("composite") {
            let size = usize::try_from(composite["size"].as_u64().unwrap()).unwrap();
            let after = composite.pointer("/after/ip").and_then(Value::as_str).unwrap_or("");
            let page: Vec<&String> = found.iter().map(|(ip, _)| *ip).filter(|ip| ip.as_str() > after).take(size).collect();
            let buckets: Vec<Value> = page.iter().map(|ip| json!({"key": {"ip": ip}, "doc_count": self.hosts[*ip].points})).collect();
            return match page.last() {
                Some(last) => json!({"after_key": {"ip": last}, "buckets": buckets}),
                None => json!({"buckets": buckets}),
            };
        }
        if let Some(terms) = agg.get("terms") {
            if terms["field"].as_str().is_some_and(|f| f.starts_with("hostName")) {
                let names: Vec<Value> = found.iter().take(1).map(|(_, f)| json!({"key": f.name, "doc_count": f.points})).collect();
                return json!({"sum_other_doc_count": 0, "buckets": names});
            }
            let here = terms["field"] == self.ip_field;
            let sub = agg.get("aggs").and_then(Value::as_object).cloned().unwrap_or_default();
            let bucket = |(ip, f): &(&String, &Figures)| {
                let mut bucket = json!({"key": ip, "doc_count": f.points});
                for (name, agg) in &sub {
                    bucket[name] = self.aggregation(agg, &[(*ip, *f)]);
                }
                bucket
            };
            let buckets: Vec<Value> = found.iter().filter(|_| here).map(bucket).collect();
            return json!({"sum_other_doc_count": 0, "buckets": buckets});
        }
        let cpu = agg.pointer("/stats/field").is_some_and(|f| f == "cpu");
        let value = found.first().and_then(|(_, f)| f.cpu).map(|v| if cpu { v } else { 100.0 });
        json!({"count": found.len(), "max": value, "avg": value.map(|v| v / 2.0)})
    }
}

type Script = dyn Fn(usize, &Asked) -> Reply + Send + Sync;

pub(crate) struct Scripted {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    most: Arc<AtomicUsize>,
    task: AbortHandle,
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Scripted {
    /// Starts a server; the script is given each request with its number from 0.
    pub(crate) async fn start(fleet: Fleet, script: impl Fn(usize, &Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, most) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicUsize::new(0)));
        let shared = Arc::new(Shared {
            fleet,
            script: Box::new(script),
            asked: Arc::clone(&asked),
            now: AtomicUsize::new(0),
            most: Arc::clone(&most),
        });
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                open.spawn(connection(stream, Arc::clone(&shared)));
            }
        });
        Self { port, asked, most, task: task.abort_handle() }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
    /// The most requests that were under way at a time.
    pub(crate) fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

struct Shared {
    fleet: Fleet,
    script: Box<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
    now: AtomicUsize,
    most: Arc<AtomicUsize>,
}

async fn connection(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut buffer = Vec::new();
    while let Some(asked) = Box::pin(request(&mut stream, &mut buffer)).await {
        let number = {
            let mut all = shared.asked.lock().unwrap();
            all.push(asked.clone());
            all.len() - 1
        };
        let now = shared.now.fetch_add(1, Ordering::SeqCst) + 1;
        shared.most.fetch_max(now, Ordering::SeqCst);
        let alive = reply(&mut stream, &shared, number, &asked).await;
        shared.now.fetch_sub(1, Ordering::SeqCst);
        if !alive {
            return;
        }
    }
}

async fn reply(stream: &mut TcpStream, shared: &Shared, number: usize, asked: &Asked) -> bool {
    let truth = || match shared.fleet.refuses(asked) {
        true => {
            let why = json!({"type": "illegal_argument_exception", "reason": "Text fields are not optimised. Use another."});
            (400, json!({"error": {"root_cause": [why], "type": "search_phase_execution_exception"}, "status": 400}))
        }
        false => (200, shared.fleet.answer(asked)),
    };
    match (shared.script)(number, asked) {
        Reply::Truth => {
            let (status, body) = truth();
            send(stream, status, "", &body.to_string()).await
        }
        Reply::TruthWith(more) => {
            let (status, mut body) = truth();
            for (key, value) in more.as_object().unwrap() {
                body[key] = value.clone();
            }
            send(stream, status, "", &body.to_string()).await
        }
        Reply::Status(status, headers, body) => send(stream, status, headers, &body).await,
        Reply::Drip => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n").await;
            while stream.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            false
        }
        Reply::Reset => {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n{\"took\"").await;
            let _ = stream.flush().await;
            let _ = stream.set_zero_linger();
            false
        }
        Reply::Silence => std::future::pending().await,
    }
}

async fn send(stream: &mut TcpStream, status: u16, headers: &str, body: &str) -> bool {
    let head = format!("HTTP/1.1 {status} X\r\ncontent-type: application/json\r\n{headers}content-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.is_ok() && stream.write_all(body.as_bytes()).await.is_ok()
}

/// Reads one request; None at the end of the connection.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Asked> {
    let head = loop {
        if let Some(at) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        Box::pin(more(stream, buffer)).await?;
    };
    let text = String::from_utf8_lossy(&buffer[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let header = |line: &str| line.split_once(':').map(|(k, v)| (k.trim().to_ascii_lowercase(), v.trim().to_owned()));
    let headers: BTreeMap<String, String> = lines.filter_map(header).collect();
    let length: usize = headers.get("content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
    while buffer.len() < head + 4 + length {
        Box::pin(more(stream, buffer)).await?;
    }
    let body = serde_json::from_slice(&buffer[head + 4..head + 4 + length]).unwrap_or(Value::Null);
    buffer.drain(..head + 4 + length);
    Some(Asked { path, headers, body })
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 16 << 10];
    match stream.read(&mut chunk).await {
        Ok(n) if n > 0 => {
            buffer.extend_from_slice(&chunk[..n]);
            Some(())
        }
        _ => None,
    }
}
