//! What an answer says, and whether it is whole.
//!
//! A search that could not read everything still answers 200 with figures: of the shards that did, until the time was up,
//! of the clusters that were there. Such figures are wrong for somebody, and nobody can say for whom, so the whole answer
//! is refused; the run asks again in smaller pieces.

use crate::hosts::{Error, Kind, Result};
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Debug, Deserialize)]
struct Envelope {
    #[serde(default)]
    timed_out: bool,
    #[serde(rename = "_shards")]
    shards: Option<Shards>,
    #[serde(rename = "_clusters")]
    clusters: Option<Clusters>,
    hits: Option<Hits>,
    aggregations: Option<Map<String, Value>>,
    error: Option<Value>,
    status: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
struct Shards {
    total: Option<u64>,
    #[serde(default)]
    failed: u64,
    #[serde(default)]
    failures: Vec<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Clusters {
    skipped: u64,
    partial: u64,
    failed: u64,
}

#[derive(Debug, Deserialize)]
struct Hits {
    total: Option<Value>,
    #[serde(default)]
    hits: Vec<Value>,
}

/// A whole answer.
#[derive(Debug)]
pub(in crate::hosts) struct Answer {
    /// Matching documents; None: not counted, or counted up to a limit only.
    pub(in crate::hosts) total: Option<u64>,
    pub(in crate::hosts) hits: Vec<Value>,
    /// Shards that were asked; None: it does not say.
    pub(in crate::hosts) shards: Option<u64>,
    some: bool,
    aggregations: Map<String, Value>,
}

/// One bucket of a terms or composite aggregation.
#[derive(Debug)]
pub(in crate::hosts) struct Bucket<'a> {
    pub(in crate::hosts) key: &'a Value,
    pub(in crate::hosts) doc_count: u64,
    /// The aggregations below it, and the two above.
    pub(in crate::hosts) sub: &'a Map<String, Value>,
}

impl Answer {
    pub(in crate::hosts) fn aggregation(&self, name: &str) -> Result<&Value> {
        self.aggregations.get(name).ok_or_else(|| bad(&format!("it lacks the aggregation {name}")))
    }

    /// Says whether anything matched, also where matches were not counted to the end.
    pub(in crate::hosts) fn any(&self) -> bool {
        self.some
    }

    pub(in crate::hosts) fn aggregations(&self) -> &Map<String, Value> {
        &self.aggregations
    }
}

/// Returns an aggregation's buckets.
pub(in crate::hosts) fn buckets(aggregation: &Value) -> Result<Vec<Bucket<'_>>> {
    let list = aggregation.get("buckets").and_then(Value::as_array).ok_or_else(|| bad("an aggregation lacks its buckets"))?;
    list.iter().map(|bucket| read(bucket).ok_or_else(|| bad("a bucket lacks its key or its count"))).collect()
}

fn read(bucket: &Value) -> Option<Bucket<'_>> {
    let sub = bucket.as_object()?;
    Some(Bucket { key: sub.get("key")?, doc_count: sub.get("doc_count")?.as_u64()?, sub })
}

pub(in crate::hosts) fn bad(why: &str) -> Error {
    Error::permanent("es_bad_answer", format!("the answer cannot be used: {why}"))
        .hint("see that the endpoint is Elasticsearch or OpenSearch itself (style search) or a proxy of its search (style proxy)")
}

/// Reads an answer of status 200; anything that makes it less than whole is an error.
pub(super) fn judge(bytes: &[u8]) -> Result<Answer> {
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(|e| bad("it is not a search answer in JSON").because(e))?;
    let Envelope { timed_out, shards, clusters, hits, aggregations, error, status } = envelope;
    if let Some(error) = error.filter(|e| !e.is_null()) {
        let status = status.and_then(|s| s.as_u64()).and_then(|s| u16::try_from(s).ok()).unwrap_or(500);
        return Err(refusal(status, &error));
    }
    if timed_out {
        return Err(Error::transient("es_timeout", "the search ran out of time and answered with a part only"));
    }
    let shards = shards.unwrap_or_default();
    if shards.failed > 0 {
        return Err(partial(&shards));
    }
    let clusters = clusters.unwrap_or_default();
    let absent = clusters.skipped + clusters.partial + clusters.failed;
    if absent > 0 {
        return Err(Error::transient("es_partial", format!("{absent} of the clusters did not answer, or only in part")));
    }
    if shards.total == Some(0) {
        return Err(no_index("no index matches the pattern"));
    }
    let Some(hits) = hits else { return Err(bad("it has no hits")) };
    let some = hits.total.as_ref().and_then(|t| t.as_u64().or_else(|| t.get("value")?.as_u64())).is_some_and(|n| n > 0);
    Ok(Answer {
        total: total(hits.total.as_ref()),
        hits: hits.hits,
        shards: shards.total,
        some,
        aggregations: aggregations.unwrap_or_default(),
    })
}

/// `{"value": n, "relation": "eq"}`, or the bare number of older servers.
fn total(value: Option<&Value>) -> Option<u64> {
    let value = value?;
    if value.is_u64() {
        return value.as_u64();
    }
    let exact = value.get("relation").and_then(Value::as_str).is_none_or(|r| r == "eq");
    value.get("value").and_then(Value::as_u64).filter(|_| exact)
}

fn no_index(message: impl Into<String>) -> Error {
    Error::config("es_no_index", message)
        .hint("check the index pattern of the task, or [hosts] index_pattern; `syncline es check` asks for it")
}

fn partial(shards: &Shards) -> Error {
    let types: Vec<&str> = shards.failures.iter().filter_map(|f| f.pointer("/reason/type").and_then(Value::as_str)).collect();
    let of = shards.total.map_or_else(String::new, |t| format!(" of {t}"));
    let why = types.first().map_or_else(String::new, |t| format!(" ({t})"));
    let message = format!("{}{of} shards failed{why}", shards.failed);
    // All shards may have failed for what the question is about; then it is the question's fault, not a shard's.
    if types.contains(&"es_rejected_execution_exception") || types.contains(&"opensearch_rejected_execution_exception") {
        return Error::transient("es_overloaded", message);
    }
    if types.contains(&"illegal_argument_exception") {
        return Error::permanent("es_refused", message);
    }
    Error::transient("es_partial", message)
}

/// Turns an error body into an error. `error` is an object of Elasticsearch's, or a proxy's text.
pub(super) fn refusal(status: u16, error: &Value) -> Error {
    let kind = error.get("type").and_then(Value::as_str).unwrap_or_default();
    let inner = error.pointer("/root_cause/0/type").and_then(Value::as_str).unwrap_or(kind);
    let reason = error
        .pointer("/root_cause/0/reason")
        .or_else(|| error.get("reason"))
        .and_then(Value::as_str)
        .or_else(|| error.as_str())
        .map(first_sentence)
        .unwrap_or_default();
    let shown = [inner, &reason].into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(": ");
    let shown = if shown.is_empty() { format!("status {status}") } else { shown };
    match (status, inner) {
        (_, "index_not_found_exception" | "no_such_remote_cluster_exception") => no_index(shown),
        (401 | 403, _) | (_, "security_exception") => denied(status),
        (429 | 503, _) | (_, "es_rejected_execution_exception" | "circuit_breaking_exception") => {
            Error::transient("es_overloaded", format!("the search was turned away ({shown})"))
        }
        (408 | 504, _) => Error::transient("es_timeout", format!("the search took too long ({shown})")),
        (400..500, _) => Error::permanent("es_refused", format!("the search was refused ({shown})")),
        _ => Error::new(Kind::Transient, "es_failed", format!("the search failed ({shown})")),
    }
}

pub(super) fn denied(status: u16) -> Error {
    Error::config("es_denied", format!("access to the endpoint was denied (status {status})"))
        .hint("check [hosts] user and password_file, api_key_file or bearer_file; they are sent to [hosts] endpoint only")
}

/// The servers' reasons go on with advice; the first sentence says what is wrong.
fn first_sentence(text: &str) -> String {
    let end = text.find(". ").unwrap_or(text.len());
    text[..end].chars().filter(|c| !c.is_control()).take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(body: Value) -> &'static str {
        judge(body.to_string().as_bytes()).map_or_else(|e| e.code, |_| "whole")
    }

    #[test]
    fn only_a_whole_answer_passes() {
        let whole = json!({"timed_out": false, "_shards": {"total": 2, "successful": 2, "failed": 0}, "hits": {"total": {"value": 3, "relation": "eq"}}});
        let with = |pointer: &str, value: Value| {
            let mut body = whole.clone();
            let (at, key) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(at).unwrap()[key] = value;
            body
        };
        assert_eq!(code(whole.clone()), "whole");
        assert_eq!(code(with("/timed_out", json!(true))), "es_timeout");
        assert_eq!(code(with("/_shards/failed", json!(1))), "es_partial");
        assert_eq!(code(with("/_shards/total", json!(0))), "es_no_index");
        assert_eq!(code(with("/_clusters", json!({"total": 2, "successful": 1, "skipped": 1}))), "es_partial");
        assert_eq!(code(with("/error", json!("boom"))), "es_failed");
        assert_eq!(code(with("/error", json!(null))), "whole");
        assert_eq!(code(json!({"code": 0, "message": "ok"})), "es_bad_answer");
        assert_eq!(code(json!([])), "es_bad_answer");
        let rejected = json!({"total": 2, "failed": 1, "failures": [{"reason": {"type": "es_rejected_execution_exception"}}]});
        assert_eq!(code(with("/_shards", rejected)), "es_overloaded");
        assert_eq!(judge(b"{\"hits\": {").unwrap_err().code, "es_bad_answer");
    }

    #[test]
    fn a_count_that_is_not_exact_is_none() {
        assert_eq!(total(Some(&json!({"value": 10000, "relation": "gte"}))), None);
        assert_eq!(total(Some(&json!({"value": 8640, "relation": "eq"}))), Some(8640));
        assert_eq!(total(Some(&json!(12))), Some(12));
        assert_eq!(total(None), None);
    }

    #[test]
    fn refusals_are_told_apart_by_type() {
        let error = |kind: &str| json!({"root_cause": [{"type": kind, "reason": "Long story. With advice."}], "type": "search_phase_execution_exception"});
        for (status, kind, code) in [
            (404, "index_not_found_exception", "es_no_index"),
            (400, "illegal_argument_exception", "es_refused"),
            (403, "security_exception", "es_denied"),
            (429, "circuit_breaking_exception", "es_overloaded"),
            (500, "null_pointer_exception", "es_failed"),
        ] {
            let refused = refusal(status, &error(kind));
            assert_eq!(refused.code, code, "{refused}");
            assert!(!refused.message.contains("advice"), "{refused}");
        }
    }
}
