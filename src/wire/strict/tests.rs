//! What wrong bodies, files and queries are told.

use super::*;
use crate::wire::native::jobs::JobCreate;

fn body() -> Value {
    json!({"name": "a", "kind": "sync", "include": [{"schema": "s"}],
        "source": {"host": "h", "user": "u"}, "target": {"host": "h", "port": 3307, "user": "u"}})
}

fn wrong(change: impl FnOnce(&mut Value)) -> Vec<Wrong> {
    let mut body = body();
    from_value::<JobCreate>(&body).unwrap();
    change(&mut body);
    from_value::<JobCreate>(&body).unwrap_err()
}

#[test]
fn the_wrong_field_is_named_and_the_words_are_for_people() {
    let one = |change: fn(&mut Value)| {
        let found = wrong(change);
        assert_eq!(found.len(), 1, "{found:?}");
        format!("{}: {}", found[0].path, found[0].message)
    };
    assert!(one(|b| b["source"]["hots"] = json!("x")).starts_with("source.hots: unknown field; there are host, port,"));
    let port = "target.port: must be a whole number from 0 to 65535";
    assert_eq!(one(|b| b["target"]["port"] = json!("hunter2")), format!("{port}, not a text"));
    assert_eq!(one(|b| b["target"]["port"] = json!(70000)), port);
    assert_eq!(one(|b| b["target"]["port"] = json!(-1)), port);
    assert_eq!(
        one(|b| b["include"][0]["tables"] = json!([1])),
        "include[0].tables[0]: must be a text, not a whole number (put it in quotes)"
    );
    assert_eq!(one(|b| b["include"] = json!("shop")), "include: must be a list, not a text");
    assert_eq!(one(|b| b["kind"] = json!("copy")), "kind: \"copy\" is not one of migration, sync, subscription");
    assert_eq!(one(|b| drop(b.as_object_mut().unwrap().remove("name"))), "name: is missing");
    assert_eq!(one(|b| b["name"] = Value::Null), "name: must be a text, not null");
    assert_eq!(one(|b| *b = json!([])), ": must be an object, not a list");
}

#[test]
fn a_query_has_texts_for_everything() {
    #[derive(Debug, PartialEq, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Q {
        limit: Option<u32>,
        #[serde(default)]
        dry_run: bool,
    }
    let read = |pairs: &[(&str, &str)]| from_query::<Q>(pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())));
    assert_eq!(read(&[("limit", "7"), ("dry_run", "true")]).unwrap(), Q { limit: Some(7), dry_run: true });
    let told: Vec<String> = read(&[("limit", "many"), ("dry_run", "yes"), ("x", "")])
        .unwrap_err()
        .iter()
        .map(|w| format!("{}: {}", w.path, w.message))
        .collect();
    assert_eq!(
        told,
        [
            "limit: must be a whole number from 0 to 4294967295",
            "dry_run: must be true or false, not a text",
            "x: unknown field; there are limit, dry_run"
        ]
    );
    let wrong = from_value::<Q>(&json!({ "limit": "x" })).unwrap_err();
    assert_eq!(wrong[0].message, "must be a whole number, not a text");
}

#[test]
fn all_that_is_wrong_is_told_at_once() {
    let found = wrong(|b| {
        b["source"]["hots"] = json!("x");
        b["target"] = json!({"port": "many"});
        b["kind"] = json!(7);
        b["include"] = json!([{"tables": [1, true]}, {"schema": "ok"}]);
        drop(b.as_object_mut().unwrap().remove("name"));
    });
    let mut paths: Vec<String> = found.iter().map(|w| w.path.to_string()).collect();
    paths.sort();
    let expected = [
        "include[0].schema",
        "include[0].tables[0]",
        "include[0].tables[1]",
        "kind",
        "name",
        "source.hots",
        "target.host",
        "target.port",
        "target.user",
    ];
    assert_eq!(paths, expected);
    let none = from_value::<JobCreate>(&json!({})).unwrap_err();
    let paths: Vec<String> = none.iter().map(|w| w.path.to_string()).collect();
    assert_eq!(paths, ["name", "kind", "source"], "what a missing object lacks is not told");
}
