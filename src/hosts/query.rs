//! The questions: bodies of searches, and what their answers say of each host.
//!
//! Two forms ask the same. The batched one puts many hosts into one terms aggregation, where a bucket's `doc_count` is
//! the exact number of points; the form of one host is the contract's own, with exact total hits. Both filter by host and
//! time, so a host's figures do not depend on the others in its batch.

use super::Result;
use super::address::{read, spellings};
use super::es::{Answer, Bucket, bad, buckets};
use super::settings::{Fields, MetricField};
use crate::model::hosts::{HostMetrics, Measure, QueryRange};
use serde_json::{Map, Value, json};
use std::collections::HashMap;
use std::net::IpAddr;

/// Hosts per page of a group's list. Servers allow 10,000 buckets and more.
const PAGE: usize = 5000;
/// Groups that are named to who asked for another one.
const GROUPS: usize = 20;
/// Buckets beyond those asked for: documents of several addresses bring the others along.
const SLACK: usize = 50;

/// The fields as the documents turn out to have them: `hostIp` may have to be `hostIp.keyword`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) ip: String,
    pub(super) name: String,
    pub(super) group: String,
}

impl Shape {
    pub(super) fn of(fields: &Fields) -> Self {
        Self { ip: fields.ip.clone(), name: fields.name.clone(), group: fields.group.clone() }
    }
}

/// What all questions of a run have in common.
#[derive(Debug, Clone)]
pub(super) struct Scope {
    pub(super) fields: Fields,
    pub(super) range: QueryRange,
    /// Only documents of this group.
    pub(super) group: Option<String>,
}

/// What an answer has of one host.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Found {
    pub(super) name: String,
    pub(super) metrics: HostMetrics,
}

type Body = Map<String, Value>;

fn body(value: Value) -> Body {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

impl Scope {
    fn in_range(&self) -> Value {
        json!({"range": {&self.fields.time: {"gte": format!("now-{}", self.range), "lte": "now"}}})
    }

    fn query(&self, shape: &Shape, host: Option<Value>) -> Value {
        let group = self.group.as_ref().map(|g| json!({"term": {&shape.group: g}}));
        let filter: Vec<Value> = host.into_iter().chain(group).chain([self.in_range()]).collect();
        json!({"bool": {"filter": filter}})
    }

    fn figures(&self, shape: &Shape, names: bool) -> Value {
        let mut aggs = Map::new();
        for (name, field) in self.metrics() {
            if field.max == field.avg {
                aggs.insert(format!("{name}_stats"), json!({"stats": {"field": field.max}}));
            } else {
                aggs.insert(format!("{name}_max"), json!({"max": {"field": field.max}}));
                aggs.insert(format!("{name}_avg"), json!({"avg": {"field": field.avg}}));
            }
        }
        if names {
            aggs.insert("hostname".into(), json!({"terms": {"field": shape.name, "size": 1}}));
        }
        Value::Object(aggs)
    }

    fn metrics(&self) -> [(&'static str, &MetricField); 3] {
        [("cpu", &self.fields.cpu), ("memory", &self.fields.memory), ("disk", &self.fields.disk)]
    }

    /// One host, the contract's form.
    pub(super) fn single(&self, shape: &Shape, ip: IpAddr, names: bool) -> Body {
        let spelled = spellings(ip);
        let host = match spelled.as_slice() {
            [one] => json!({"term": {&shape.ip: one}}),
            many => json!({"terms": {&shape.ip: many}}),
        };
        body(json!({"size": 0, "track_total_hits": true, "query": self.query(shape, Some(host)), "aggs": self.figures(shape, names)}))
    }

    /// Many hosts at once.
    pub(super) fn batch(&self, shape: &Shape, ips: &[IpAddr], names: bool) -> Body {
        let spelled: Vec<String> = ips.iter().flat_map(|ip| spellings(*ip)).collect();
        let size = spelled.len() + SLACK;
        body(json!({
            "size": 0, "track_total_hits": false,
            "query": self.query(shape, Some(json!({"terms": {&shape.ip: spelled}}))),
            "aggs": {"hosts": {"terms": {"field": shape.ip, "size": size}, "aggs": self.figures(shape, names)}},
        }))
    }

    /// A page of the addresses that the range has (of the group, if there is one).
    pub(super) fn addresses(&self, shape: &Shape, after: Option<&Value>) -> Body {
        let mut composite = json!({"size": PAGE, "sources": [{"ip": {"terms": {"field": shape.ip}}}]});
        if let Some(after) = after {
            composite["after"] = after.clone();
        }
        body(json!({
            "size": 0, "track_total_hits": false, "query": self.query(shape, None), "aggs": {"hosts": {"composite": composite}},
        }))
    }

    /// Whether documents of the range are of the group, and which groups there are.
    pub(super) fn groups(&self, shape: &Shape) -> Body {
        body(json!({
            "size": 0, "track_total_hits": false, "query": {"bool": {"filter": [self.in_range()]}},
            "aggs": {
                "wanted": {"filter": {"term": {&shape.group: self.group}}},
                "groups": {"terms": {"field": shape.group, "size": GROUPS}},
            },
        }))
    }

    /// Whether a document with this field can be had, in the range or at all, and whether it can be aggregated.
    pub(super) fn probe(&self, field: Option<&str>, in_range: bool, aggregate: bool) -> Body {
        let exists = field.map(|f| json!({"exists": {"field": f}}));
        let range = in_range.then(|| self.in_range());
        let filter: Vec<Value> = exists.into_iter().chain(range).collect();
        let mut probe = body(json!({"size": 0, "track_total_hits": true, "terminate_after": 1, "query": {"bool": {"filter": filter}}}));
        if let (Some(field), true) = (field, aggregate) {
            probe.insert("aggs".into(), json!({"any": {"terms": {"field": field, "size": 1}}}));
        }
        probe
    }

    /// Reads the answer to [`Scope::single`].
    pub(super) fn read_single(&self, answer: &Answer) -> Result<Option<Found>> {
        let points = answer.total.ok_or_else(|| bad("it does not say exactly how many documents match"))?;
        if points == 0 {
            return Ok(None);
        }
        Ok(Some(self.found(answer.aggregations(), points)?))
    }

    /// Reads the answer to [`Scope::batch`]; hosts that it has nothing of are not in the map.
    pub(super) fn read_batch(&self, answer: &Answer) -> Result<HashMap<IpAddr, Found>> {
        let hosts = answer.aggregation("hosts")?;
        if hosts.get("sum_other_doc_count").and_then(Value::as_u64).is_some_and(|n| n > 0) {
            return Err(bad("it left out hosts"));
        }
        let mut found: HashMap<IpAddr, Found> = HashMap::new();
        for bucket in buckets(hosts)? {
            let Some(ip) = address(&bucket) else { continue };
            let this = self.found(bucket.sub, bucket.doc_count)?;
            match found.get_mut(&ip) {
                None => {
                    found.insert(ip, this);
                }
                // The same address, spelled differently.
                Some(known) => merge(known, this),
            }
        }
        Ok(found)
    }

    fn found(&self, aggregations: &Map<String, Value>, points: u64) -> Result<Found> {
        let [cpu, memory, disk] = self.metrics().map(|(name, field)| measure(aggregations, name, field));
        let name = match aggregations.get("hostname") {
            Some(names) => buckets(names)?.first().and_then(|b| b.key.as_str()).unwrap_or_default().to_owned(),
            None => String::new(),
        };
        Ok(Found { name, metrics: HostMetrics { cpu: cpu?, memory: memory?, disk: disk?, points } })
    }
}

/// One page of addresses: texts as they stand in the documents, and where the next page begins.
pub(super) fn read_addresses(answer: &Answer) -> Result<(Vec<String>, Option<Value>)> {
    let hosts = answer.aggregation("hosts")?;
    let page = buckets(hosts)?
        .iter()
        .map(|b| b.key.get("ip").and_then(Value::as_str).map(str::to_owned).ok_or_else(|| bad("a bucket lacks its address")))
        .collect::<Result<Vec<_>>>()?;
    let next = hosts.get("after_key").filter(|k| !page.is_empty() && !k.is_null()).cloned();
    Ok((page, next))
}

fn address(bucket: &Bucket<'_>) -> Option<IpAddr> {
    read(bucket.key.as_str()?)
}

fn measure(aggregations: &Map<String, Value>, name: &str, field: &MetricField) -> Result<Measure> {
    let number = |aggregation: String, figure: &str| -> Result<Option<f64>> {
        let value = aggregations.get(&aggregation).ok_or_else(|| bad(&format!("it lacks the aggregation {aggregation}")))?;
        Ok(value.get(figure).and_then(Value::as_f64).filter(|n| n.is_finite()))
    };
    if field.max == field.avg {
        return Ok(Measure { max: number(format!("{name}_stats"), "max")?, avg: number(format!("{name}_stats"), "avg")? });
    }
    Ok(Measure { max: number(format!("{name}_max"), "value")?, avg: number(format!("{name}_avg"), "value")? })
}

fn merge(known: &mut Found, other: Found) {
    let (a, b) = (known.metrics.points, other.metrics.points);
    let weighed = |x: Option<f64>, y: Option<f64>| match (x, y) {
        #[expect(clippy::cast_precision_loss, reason = "counts of documents are far below 2^52")]
        (Some(x), Some(y)) => Some((x * a as f64 + y * b as f64) / (a + b) as f64),
        (x, y) => x.or(y),
    };
    let larger = |x: Option<f64>, y: Option<f64>| match (x, y) {
        (Some(x), Some(y)) => Some(x.max(y)),
        (x, y) => x.or(y),
    };
    let both = |x: Measure, y: Measure| Measure { max: larger(x.max, y.max), avg: weighed(x.avg, y.avg) };
    known.metrics = HostMetrics {
        cpu: both(known.metrics.cpu, other.metrics.cpu),
        memory: both(known.metrics.memory, other.metrics.memory),
        disk: both(known.metrics.disk, other.metrics.disk),
        points: a + b,
    };
    if known.name.is_empty() {
        known.name = other.name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hosts::es::tests::whole;

    fn scope() -> Scope {
        Scope { fields: Fields::default(), range: QueryRange::default(), group: None }
    }

    #[test]
    fn one_host_is_asked_for_as_the_contract_does() {
        let asked = scope().single(&Shape::of(&Fields::default()), "10.1.1.1".parse().unwrap(), true);
        let expected = json!({
            "size": 0, "track_total_hits": true,
            "query": {"bool": {"filter": [{"term": {"hostIp": "10.1.1.1"}}, {"range": {"@timestamp": {"gte": "now-30d", "lte": "now"}}}]}},
            "aggs": {
                "cpu_stats": {"stats": {"field": "cpu"}},
                "memory_stats": {"stats": {"field": "available_memory"}},
                "disk_stats": {"stats": {"field": "total_disk_space_all"}},
                "hostname": {"terms": {"field": "hostName.keyword", "size": 1}},
            },
        });
        assert_eq!(Value::Object(asked), expected);
    }

    #[test]
    fn spellings_of_one_address_are_one_host() {
        let bucket = |key: &str, n: u64, max: f64| json!({"key": key, "doc_count": n, "cpu_stats": {"max": max, "avg": max}, "memory_stats": {"max": null, "avg": null}, "disk_stats": {"max": 1.0, "avg": 1.0}});
        let hosts = json!({"sum_other_doc_count": 0, "buckets": [bucket("2001:DB8::1", 1, 4.0), bucket("2001:db8:0:0:0:0:0:1", 3, 8.0), bucket("::ffff:10.0.0.1", 2, 1.0), bucket("who", 1, 1.0)]});
        let found = scope().read_batch(&whole(json!({"hosts": hosts}))).unwrap();
        let six = &found[&"2001:db8::1".parse::<IpAddr>().unwrap()];
        assert_eq!((six.metrics.points, six.metrics.cpu), (4, Measure { max: Some(8.0), avg: Some(7.0) }));
        assert_eq!(six.metrics.memory, Measure::default());
        assert_eq!(found[&"10.0.0.1".parse::<IpAddr>().unwrap()].metrics.points, 2);
        assert_eq!(found.len(), 2);
    }

    #[test]
    fn an_answer_that_left_out_hosts_is_refused() {
        let hosts = json!({"sum_other_doc_count": 7, "buckets": []});
        assert_eq!(scope().read_batch(&whole(json!({"hosts": hosts}))).unwrap_err().code, "es_bad_answer");
    }
}
