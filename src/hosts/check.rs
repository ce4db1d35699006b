//! What an operator asks before using an endpoint: does it answer, what is it, does the pattern match, and which fields do
//! the documents have where the settings expect them.

use super::es::{Answer, Client, buckets};
use super::query::{Scope, Shape};
use super::run::shape;
use super::settings::{MetricField, Plan, Source};
use super::{Error, Result};
use crate::model::hosts::{EsStyle, HostSelection, QueryRange};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Sample values are cut off here.
const SHOWN: usize = 80;
/// How deep documents are looked into.
const DEEPEST: usize = 8;

/// What stands behind an endpoint and a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// `opensearch 2.19.3`, `elasticsearch 7.17.28`; None: it does not say (a proxy, or not allowed).
    pub version: Option<String>,
    /// Shards that the pattern reaches; None: it does not say.
    pub shards: Option<u64>,
    pub documents: Option<u64>,
    /// Times of the oldest and the newest document, as the server writes them.
    pub oldest: Option<String>,
    pub newest: Option<String>,
    /// How long the search took.
    pub took: Duration,
}

/// A field that the settings name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The setting's name without `field_`: `ip`, `cpu`, `cpu_avg`, …
    pub role: String,
    pub path: String,
    /// As the mapping has it; several where indices differ; none where it is not mapped, or a proxy does not tell.
    pub types: Vec<String>,
    /// Documents in the range that have it.
    pub documents: u64,
    /// A field that there is instead.
    pub suggestion: Option<String>,
}

/// A field that there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Present {
    pub path: String,
    pub types: Vec<String>,
    /// Its value in the newest document, cut off.
    pub sample: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    /// Documents in the range.
    pub documents: u64,
    pub expected: Vec<Expected>,
    pub present: Vec<Present>,
}

/// Asks the endpoint what it is and what the pattern reaches.
pub async fn check(source: &Source, addresses: &[SocketAddr]) -> Result<Checked> {
    let client = Client::new(source, addresses, CancellationToken::new())?;
    let version = match source.style {
        EsStyle::Proxy => None,
        EsStyle::Search => match client.get(&[], &[]).await {
            Ok(about) => version(&about),
            Err(error) if error.code == "es_unreachable" || error.code == "es_tls" => return Err(error),
            // Not everybody may ask this; the search below says what counts.
            Err(_) => None,
        },
    };
    let time = &source.fields.time;
    let aggs = json!({"oldest": {"min": {"field": time}}, "newest": {"max": {"field": time}}});
    let body = json!({"size": 0, "track_total_hits": true, "query": {"match_all": {}}, "aggs": aggs});
    let begun = Instant::now();
    let answer = client.ask(object(body)).await?;
    let took = begun.elapsed();
    let when = |name: &str| answer.aggregation(name).ok()?.get("value_as_string")?.as_str().map(str::to_owned);
    Ok(Checked { version, shards: answer.shards, documents: answer.total, oldest: when("oldest"), newest: when("newest"), took })
}

fn version(about: &Value) -> Option<String> {
    let number = about.pointer("/version/number")?.as_str()?;
    let name = about.pointer("/version/distribution").and_then(Value::as_str).unwrap_or("elasticsearch");
    Some(format!("{name} {number}"))
}

/// Says whether Elasticsearch has the group that a full sync is about: NotFound, with the groups that it has instead.
pub async fn group(plan: &Plan, addresses: &[SocketAddr]) -> Result<()> {
    let Plan { source, range, selection, group } = plan;
    if !matches!(selection, HostSelection::FullSync { .. }) {
        return Ok(());
    }
    let client = Client::new(source, addresses, CancellationToken::new())?;
    let scope = Scope { fields: source.fields.clone(), range: *range, group: Some(group.clone()) };
    let configured = Shape::of(&scope.fields);
    match client.ask(scope.groups(&configured)).await {
        Ok(answer) if is_there(&answer) => return Ok(()),
        Err(error) if error.code != "es_refused" => return Err(error),
        _ => {}
    }
    // Nothing is only believed once the fields are known to be there.
    let found = shape::find_out(&client, &scope, &configured).await?;
    let answer = client.ask(scope.groups(&found)).await?;
    if is_there(&answer) {
        return Ok(());
    }
    let known = buckets(answer.aggregation("groups")?)?;
    let names: Vec<&str> = known.iter().filter_map(|bucket| bucket.key.as_str()).collect();
    let hint = match names.as_slice() {
        [] => format!("no document of the last {range} has a group; --range reaches further back"),
        names => format!("there are: {}", names.join(", ")),
    };
    Err(Error::new(
        super::Kind::NotFound,
        "es_group_unknown",
        format!("{} has no host of the group {group:?} in the last {range}", source.index()),
    )
    .hint(hint))
}

fn is_there(answer: &Answer) -> bool {
    answer.aggregation("wanted").ok().and_then(|wanted| wanted.get("doc_count")?.as_u64()).is_some_and(|n| n > 0)
}

/// Compares the fields that the settings name with those that the documents have.
pub async fn fields(source: &Source, addresses: &[SocketAddr], range: QueryRange) -> Result<Fields> {
    let client = Client::new(source, addresses, CancellationToken::new())?;
    let expected = expected(source);
    let time = &source.fields.time;
    let sorted = json!({"size": 1, "query": {"match_all": {}}, "sort": [{time: {"order": "desc", "unmapped_type": "date"}}]});
    let newest = client.ask(object(sorted)).await?;
    let mut present = BTreeMap::new();
    if let Some(document) = newest.hits.first().and_then(|h| h.get("_source")) {
        flatten("", document, 0, &mut present);
    }
    if source.style == EsStyle::Search {
        mapped(&client, &mut present).await?;
    }
    let filters: Map<String, Value> =
        expected.iter().map(|(role, path)| (role.clone(), json!({"filter": {"exists": {"field": path}}}))).collect();
    let body = json!({
        "size": 0, "track_total_hits": true,
        "query": {"range": {time: {"gte": format!("now-{range}"), "lte": "now"}}}, "aggs": filters,
    });
    let counted = client.ask(object(body)).await?;
    let judge = |(role, path): (String, String)| {
        let documents = counted.aggregation(&role).ok().and_then(|a| a.get("doc_count")?.as_u64()).unwrap_or_default();
        let types = present.get(&path).map(|p: &Present| p.types.clone()).unwrap_or_default();
        let suggestion = suggestion(&role, &path, documents, &types, &present);
        Expected { role, path, types, documents, suggestion }
    };
    let expected = expected.into_iter().map(judge).collect();
    Ok(Fields { documents: counted.total.unwrap_or_default(), expected, present: present.into_values().collect() })
}

fn expected(source: &Source) -> Vec<(String, String)> {
    let super::Fields { time, ip, name, group, cpu, memory, disk } = &source.fields;
    let mut all: Vec<(String, String)> =
        [("time", time), ("ip", ip), ("name", name), ("group", group)].map(|(role, path)| (role.to_owned(), path.clone())).to_vec();
    for (role, MetricField { max, avg }) in [("cpu", cpu), ("memory", memory), ("disk", disk)] {
        all.push((role.to_owned(), max.clone()));
        if avg != max {
            all.push((format!("{role}_avg"), avg.clone()));
        }
    }
    all
}

/// A field that can be used in place of one that cannot.
fn suggestion(role: &str, path: &str, documents: u64, types: &[String], present: &BTreeMap<String, Present>) -> Option<String> {
    let text = types.iter().any(|t| t == "text");
    if documents > 0 && !text && !types.iter().any(|t| t == "object") {
        return None;
    }
    let candidates = match role {
        "ip" | "name" | "group" => vec![format!("{path}.keyword"), path.trim_end_matches(".keyword").to_owned()],
        "cpu" | "memory" | "disk" => vec![format!("{path}.value_max"), format!("{path}.max")],
        "cpu_avg" | "memory_avg" | "disk_avg" => vec![format!("{path}.value_avg"), format!("{path}.avg")],
        _ => Vec::new(),
    };
    candidates.into_iter().find(|c| c != path && present.contains_key(c))
}

/// Adds what the mappings say.
async fn mapped(client: &Client, present: &mut BTreeMap<String, Present>) -> Result<()> {
    let index = client.source().index().to_owned();
    let caps = client.get(&[&index, "_field_caps"], &[("fields", "*")]).await?;
    let Some(fields) = caps.get("fields").and_then(Value::as_object) else {
        return Err(Error::permanent("es_bad_answer", "the list of fields has another form"));
    };
    for (path, types) in fields.iter().filter(|(path, _)| !path.starts_with('_')) {
        let entry = present.entry(path.clone()).or_insert_with(|| Present { path: path.clone(), ..Present::default() });
        entry.types = types.as_object().map(|t| t.keys().cloned().collect()).unwrap_or_default();
    }
    Ok(())
}

fn flatten(path: &str, value: &Value, depth: usize, into: &mut BTreeMap<String, Present>) {
    match value {
        Value::Object(map) if depth < DEEPEST => {
            for (name, value) in map {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, depth + 1, into);
            }
        }
        value => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let sample = text.chars().filter(|c| !c.is_control()).take(SHOWN).collect();
            into.insert(path.to_owned(), Present { path: path.to_owned(), types: Vec::new(), sample });
        }
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
