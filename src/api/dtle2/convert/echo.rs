//! The configs of a request as they came, with the JSON types that clients chose, for replies to repeat.
//!
//! Only names that the family knows are kept: what else was sent may hold secrets, and replies must not.

use crate::secret::MASK;
use serde_json::{Map, Value, json};

const CONFIG: [&str; 25] = [
    "ConnectionConfig",
    "ReplicateDoDb",
    "ReplicateIgnoreDb",
    "Gtid",
    "ChunkSize",
    "GroupMaxSize",
    "ReplChanBufferSize",
    "ParallelWorkers",
    "DropTableIfExists",
    "SkipCreateDbTable",
    "ExpandSyntaxSupport",
    "TrafficAgainstLimits",
    "NatsAddr",
    "ApproveHeterogeneous",
    "SqlMode",
    "BytesLimit",
    "MsgsLimit",
    "KafkaConfig",
    "Topic",
    "Brokers",
    "Converter",
    "TimeZone",
    "MessageGroupMaxSize",
    "MessageGroupTimeout",
    "TopicWithSchemaTable",
];
/// The last seven of these, also where they stand under `KafkaConfig`.
const KAFKA: &[&str] = CONFIG.split_at(CONFIG.len() - 7).1;
const CONNECTION: [&str; 4] = ["Host", "Port", "User", "Charset"];

/// Returns the document that is stored with the job.
pub(in crate::api::dtle2) fn document(job: &Map<String, Value>) -> Value {
    json!({ "v": 1, "Src": config(job, "Src"), "Dest": config(job, "Dest") })
}

fn config(job: &Map<String, Value>, role: &str) -> Map<String, Value> {
    let tasks = job.get("Tasks").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let mine = |task: &&Value| task.get("Type").and_then(Value::as_str).is_some_and(|t| t.eq_ignore_ascii_case(role));
    let sent = tasks.iter().find(mine).and_then(|task| task.get("Config")).and_then(Value::as_object);
    let mut kept = known(sent, &CONFIG);
    if let Some(connection) = kept.get_mut("ConnectionConfig") {
        *connection = Value::Object(known(connection.as_object(), &CONNECTION));
    }
    if let Some(kafka) = kept.get_mut("KafkaConfig") {
        *kafka = Value::Object(known(kafka.as_object(), KAFKA));
    }
    kept
}

/// Null is as good as absent.
fn known(object: Option<&Map<String, Value>>, names: &[&str]) -> Map<String, Value> {
    let fields = object.into_iter().flatten();
    fields.filter(|(name, value)| names.contains(&name.as_str()) && !value.is_null()).map(|(n, v)| (n.clone(), v.clone())).collect()
}

/// Puts what came over what the model says, and the mask over the password.
pub(super) fn over(mut config: Map<String, Value>, document: Option<&Value>, role: &str) -> Map<String, Value> {
    let came = document.and_then(|d| d.get(role)).and_then(Value::as_object);
    if came.is_some_and(|came| came.contains_key("Topic")) {
        // They came beside it, and are shown where they came.
        config.remove("KafkaConfig");
    }
    for (name, value) in came.into_iter().flatten() {
        match (config.get_mut(name), value) {
            (Some(Value::Object(there)), Value::Object(came)) => there.extend(came.clone()),
            _ => drop(config.insert(name.clone(), value.clone())),
        }
    }
    if let Some(Value::Object(connection)) = config.get_mut("ConnectionConfig") {
        connection.insert("Password".to_owned(), json!(MASK));
    }
    config
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_kept_and_secrets_are_not() {
        let job = json!({"Tasks": [
            {"Type": "src", "Config": {"ChunkSize": 7, "KafkaConfig": {"Topic": "t", "Password": "hunter2"}, "ReplChanBufferSize": "60", "Gtid": null, "Token": "hunter2",
                "ConnectionConfig": {"Port": 3306, "Password": "hunter2", "Other": "hunter2"}}},
        ]});
        let document = document(job.as_object().unwrap());
        assert_eq!(
            document,
            json!({"v": 1, "Src": {"ChunkSize": 7, "ReplChanBufferSize": "60", "ConnectionConfig": {"Port": 3306}, "KafkaConfig": {"Topic": "t"}}, "Dest": {}})
        );
        let base = json!({"ChunkSize": "2000", "ConnectionConfig": {"Host": "h", "Port": "1", "Password": "x"}});
        let shown = over(base.as_object().unwrap().clone(), Some(&document), "Src");
        assert_eq!(shown["ConnectionConfig"], json!({"Host": "h", "Port": 3306, "Password": "*"}));
        assert_eq!((&shown["ChunkSize"], &shown["ReplChanBufferSize"]), (&json!(7), &json!("60")));
    }
}
