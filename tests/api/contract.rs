//! The contracts' own samples (`contracts/<family>/<name>.{request,response}.json`), and the comparison of a reply with
//! one: every key of the sample is there, with the sample's JSON type. More keys are fine.

use serde_json::Value;
use std::path::Path;

/// Returns a sample's text as the contract prints it.
pub(crate) fn text(family: &str, name: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/contracts").join(family).join(format!("{name}.json"));
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

pub(crate) fn json(family: &str, name: &str) -> Value {
    serde_json::from_str(&text(family, name)).unwrap_or_else(|e| panic!("{family}/{name}: {e}"))
}

/// Returns the names of a family's samples of replies, sorted.
pub(crate) fn samples(family: &str) -> Vec<String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api/contracts").join(family);
    let files = std::fs::read_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
    let names = files.map(|f| f.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> =
        names.filter_map(|n| n.strip_suffix(".json").map(str::to_owned)).filter(|n| n.ends_with(".response")).collect();
    names.sort();
    names
}

/// Panics unless the reply has the sample's shape. `nullable` names keys that may be null although the sample has a
/// value there.
pub(crate) fn assert_shape(reply: &Value, sample: &Value, nullable: &[&str]) {
    let mut wrong = Vec::new();
    compare(reply, sample, nullable, "$", &mut wrong);
    assert!(wrong.is_empty(), "{}\nreply: {reply:#}", wrong.join("\n"));
}

fn compare(reply: &Value, sample: &Value, nullable: &[&str], path: &str, wrong: &mut Vec<String>) {
    match (reply, sample) {
        (Value::Object(reply), Value::Object(sample)) => {
            for (key, sample) in sample {
                match reply.get(key) {
                    None => wrong.push(format!("{path}.{key} is missing")),
                    Some(Value::Null) if nullable.contains(&key.as_str()) => {}
                    Some(reply) => compare(reply, sample, nullable, &format!("{path}.{key}"), wrong),
                }
            }
        }
        (Value::Array(reply), Value::Array(sample)) => {
            if let Some(first) = sample.first() {
                if reply.is_empty() {
                    wrong.push(format!("{path} is empty, the sample is not"));
                }
                for (i, element) in reply.iter().enumerate() {
                    compare(element, sample.get(i).unwrap_or(first), nullable, &format!("{path}[{i}]"), wrong);
                }
            }
        }
        // The sample has no value to tell the type by.
        (_, Value::Null) => {}
        (reply, sample) if kind(reply) == kind(sample) => {}
        (reply, sample) => wrong.push(format!("{path} is {}, the sample has {}", kind(reply), kind(sample))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[test]
fn the_comparison_can_fail() {
    let sample = serde_json::json!({"a": 1, "b": [{"c": "x"}], "n": null});
    let wrong = |reply: Value| {
        let mut wrong = Vec::new();
        compare(&reply, &sample, &[], "$", &mut wrong);
        wrong
    };
    assert!(wrong(serde_json::json!({"a": 2, "b": [{"c": "", "d": 1}], "n": 3, "more": 0})).is_empty());
    assert_eq!(
        wrong(serde_json::json!({"a": "2", "b": [], "n": 1})),
        ["$.a is a text, the sample has a number", "$.b is empty, the sample is not"]
    );
    assert_eq!(
        wrong(serde_json::json!({"a": 2, "b": [{}, {"c": null}]})),
        ["$.b[0].c is missing", "$.b[1].c is null, the sample has a text", "$.n is missing"]
    );
}
