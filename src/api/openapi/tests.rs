use super::*;
use crate::api::described;
use crate::config::Family;
use std::collections::BTreeSet;

fn made(families: &[Family]) -> Value {
    serde_json::to_value(document(&described(families))).unwrap()
}

/// Calls `see` with every `$ref` in the document.
fn references(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| match value {
            Value::String(text) if key == "$ref" => see(text),
            other => references(other, see),
        }),
        Value::Array(list) => list.iter().for_each(|v| references(v, see)),
        _ => {}
    }
}

#[test]
fn every_route_is_an_operation_and_every_operation_a_route() {
    let document = made(&Family::ALL);
    assert_eq!(document["openapi"], "3.1.0");
    let mut documented = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        documented.extend(item.as_object().unwrap().keys().map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let served: BTreeSet<String> = crate::api::routes().iter().map(|r| format!("{} {}", r.method, plain(&r.path))).collect();
    assert_eq!(documented, served);
}

#[test]
fn an_operation_says_what_it_does_what_it_answers_and_who_may() {
    let document = made(&Family::ALL);
    let mut ids = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{method} {path}");
            assert!(operation["summary"].as_str().is_some_and(|s| !s.is_empty()), "{name}");
            assert!(ids.insert(operation["operationId"].as_str().unwrap().to_owned()), "{name}: its id is taken");
            let replies = operation["responses"].as_object().unwrap();
            assert!(replies.keys().any(|status| status.starts_with(['2', '3'])), "{name}");
            assert!(replies["400"]["content"].as_object().is_some_and(|c| !c.is_empty()), "{name}: its errors have a body");
            for body in operation["requestBody"]["content"].as_object().into_iter().flat_map(|c| c.values()) {
                assert!(!body["example"].is_null(), "{name}: its body has an example");
            }
            for one in operation["parameters"].as_array().into_iter().flatten() {
                assert!(one["description"].as_str().is_some_and(|d| !d.is_empty()), "{name}: {}", one["name"]);
            }
            let public = ["/livez", "/readyz", "/openapi.json"].contains(&path.as_str()) || path.starts_with("/swagger");
            assert_eq!(public, operation["x-syncline-role"].is_null(), "{name}");
        }
    }
}

#[test]
fn references_lead_somewhere_and_no_name_has_two_meanings() {
    let document = made(&Family::ALL);
    references(&document, &mut |at| {
        assert!(document.pointer(&at[1..]).is_some(), "{at} leads nowhere");
    });
    let mut seen: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
    for (_, op) in described(&Family::ALL) {
        for (name, schema) in op.schemas {
            if let Some(other) = seen.get(&name) {
                assert!(*other == schema, "two types are called {name}");
            }
            seen.insert(name, schema);
        }
    }
}

#[test]
fn a_listener_documents_its_own_families() {
    let document = made(&[Family::Dtle3]);
    let paths: Vec<&String> = document["paths"].as_object().unwrap().keys().collect();
    assert!(paths.iter().any(|p| p.starts_with("/v2/")) && !paths.iter().any(|p| p.starts_with("/api/v1")), "{paths:?}");
}
