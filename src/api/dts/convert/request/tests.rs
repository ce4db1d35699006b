use super::*;
use crate::model::kafka::{Fallback, PartitionBy, TopicRule};
use crate::model::live::{RateLimit, Throttle};
use crate::model::messages::MessageFormat;
use serde_json::{Value, json};

const SAMPLE: &str = include_str!("../../../../../tests/api/contracts/dts/submit.request.json");

fn sample() -> Value {
    serde_json::from_str::<Value>(SAMPLE).unwrap()["task"].take()
}

fn task(task: &Value) -> wire::Task {
    serde_json::from_value(task.clone()).unwrap()
}

/// The sample with the value at a pointer replaced, added or, for null, taken away.
fn with(changes: &[(&str, Value)]) -> Value {
    let mut task = sample();
    for (pointer, value) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        task.pointer_mut(parent).unwrap()[key] = value.clone();
    }
    task
}

fn asked(changes: &[(&str, Value)]) -> Asked {
    submit(&task(&with(changes))).unwrap()
}

fn kafka(asked: &Asked) -> &crate::model::kafka::KafkaSinkSpec {
    asked.spec.dest.sink.kafka().unwrap()
}

#[test]
fn the_sample_is_canal_json_by_key_into_one_topic_from_now_on() {
    let asked = asked(&[]);
    let src = &asked.spec.src;
    assert_eq!((src.endpoint.address().as_str(), src.endpoint.user.as_str()), ("127.0.0.1:5306", "xes_replicator"));
    let takes = |table: &str| src.filter.includes("oa_data_service", table);
    assert!(takes("xes_class_students_7") && takes("check_delay"));
    assert!(!takes("bak_xes_class_students_7") && !takes("xes_class_students_7_old") && !takes("check_delay_x"));
    let kafka = kafka(&asked);
    assert_eq!((kafka.topic.clone(), kafka.messages.format), (TopicRule::Fixed("replicator_test".into()), MessageFormat::Canal));
    assert_eq!(kafka.partition_by, PartitionBy::PrimaryKey);
    assert_eq!((asked.from_now, asked.note.as_str()), (true, ""));
    assert_eq!(super::super::kafka::shown(kafka).addr, "127.0.0.1:9092");
}

#[test]
fn options_mean_what_they_say() {
    let template = |text: &str| TopicRule::Template(text.into());
    for (topic, mode, rule, noted) in [
        (json!("t"), Value::Null, TopicRule::Fixed("t".into()), false),
        (json!("t"), json!(0), template("{schema}"), true),
        (json!("t"), json!("1"), template("{schema}_{table}"), true),
        (json!(""), json!(1), template("{schema}_{table}"), false),
        (Value::Null, Value::Null, template("{schema}"), false),
    ] {
        let asked = asked(&[("/kafka/topic", topic.clone()), ("/kafka/topic_mode", mode.clone())]);
        assert_eq!((kafka(&asked).topic.clone(), !asked.note.is_empty()), (rule, noted), "{topic} {mode}");
    }
    let by = |columns: &[&str], fallback| PartitionBy::Columns { columns: columns.iter().map(|c| (*c).to_owned()).collect(), fallback };
    for (mode, columns, fallback, expected) in [
        ("table", json!([]), Value::Null, PartitionBy::Table),
        ("primary_key", Value::Null, json!("table"), PartitionBy::PrimaryKey),
        ("column", json!(["a", "b"]), Value::Null, by(&["a", "b"], Fallback::Table)),
        ("column", json!(["a"]), json!("primary_key"), by(&["a"], Fallback::PrimaryKey)),
    ] {
        let asked = asked(&[
            ("/kafka/partition_mode", json!(mode)),
            ("/kafka/partition_columns", columns),
            ("/kafka/producer_partition_by_fallback", fallback),
        ]);
        assert_eq!(kafka(&asked).partition_by, expected);
    }
    for (flat, maxwell, format) in [
        (json!(true), Value::Null, MessageFormat::Flat),
        (json!(false), json!(true), MessageFormat::Maxwell),
        (Value::Null, Value::Null, MessageFormat::Canal),
    ] {
        let asked = asked(&[("/kafka/flat_format", flat), ("/kafka/maxwell_format", maxwell)]);
        assert_eq!(kafka(&asked).messages.format, format);
    }
    let limit = |per_second, burst| Some(RateLimit { per_second, burst });
    for (sent, expected) in [
        (json!({ "rate": 100, "capacity": 250 }), limit(100, 250)),
        (json!({ "rate": "100" }), limit(100, 100)),
        (json!({ "rate": 100, "capacity": 0 }), limit(100, 100)),
        (json!({ "rate": 0, "capacity": 9 }), None),
        (Value::Null, None),
    ] {
        assert_eq!(asked(&[("/rate_limit", sent.clone())]).spec.throttle, Throttle { rows: expected, bytes: None }, "{sent}");
    }
    let several = asked(&[("/kafka/addr", json!("a:9092, b:9093")), ("/source/port", Value::Null), ("/incr", Value::Null)]);
    assert_eq!((kafka(&several).addresses().as_str(), several.spec.src.endpoint.port, several.from_now), ("a:9092,b:9093", 3306, false));
}

#[test]
fn a_match_is_a_pattern_a_list_or_a_name() {
    let takes = |text: &str, tables: &[&str]| {
        let asked = asked(&[("/filters", json!([{ "dbname": "s", "match": text }]))]);
        tables.iter().map(|t| asked.spec.src.filter.includes("s", t)).collect::<Vec<_>>()
    };
    assert_eq!(takes("a,b , c", &["a", "b", "c", "d", "a,b , c"]), [true, true, true, false, false]);
    assert_eq!(takes("/a{1,2}/", &["a", "aa", "aaa", "a{1"]), [true, true, false, false], "before the list");
    assert_eq!(takes("a.c", &["a.c", "abc"]), [true, false], "a name is no pattern");
    assert_eq!(takes("/a", &["/a", "a"]), [true, false]);
    let rows = asked(&[("/filters", json!([{ "dbname": "s", "match": "t", "filter": " id > 1 " }, { "dbname": "s", "match": "/.*/" }]))]);
    assert_eq!((rows.spec.src.filter.rows("s", "t"), rows.spec.src.filter.rows("s", "u")), (Some("id > 1"), None));
}

#[test]
fn what_is_wrong_is_refused_by_its_full_name() {
    let filters = |one: Value| ("/filters", json!([one]));
    for (change, message) in [
        (("/source", Value::Null), "task.source: required"),
        (("/source/host", json!("")), "task.source.host: required"),
        (("/source/username", Value::Null), "task.source.username: required"),
        (("/source/password", Value::Null), "task.source.password: required"),
        (("/source/password", json!("*")), "task.source.password: password is masked"),
        (("/source/port", json!(70000)), "task.source.port: expected a port"),
        (("/source/port", json!(-1)), "task.source.port: expected a port"),
        (("/kafka", Value::Null), "task.kafka: required"),
        (("/kafka/addr", Value::Null), "task.kafka.addr: required"),
        (("/kafka/addr", json!("nowhere")), "task.kafka.addr: \"nowhere\" is not HOST:PORT"),
        (("/kafka/topic", json!("a b")), "task.kafka.topic: a topic has"),
        (("/kafka/topic_mode", json!(2)), "task.kafka.topic_mode: expected 0"),
        (("/kafka/topic_mode", json!(-1)), "task.kafka.topic_mode: expected 0"),
        (("/kafka/partition_mode", json!("random")), "task.kafka.partition_mode: expected table"),
        (("/kafka/partition_mode", json!("column")), "task.kafka.partition_columns: required"),
        (("/kafka/partition_columns", json!(["a"])), "task.kafka.partition_columns: goes with"),
        (("/kafka/producer_partition_by_fallback", json!("database")), "task.kafka.producer_partition_by_fallback: expected"),
        (("/rate_limit", json!({ "rate": -1 })), "task.rate_limit.rate: expected 0 or more"),
        (("/rate_limit", json!({ "rate": 1, "capacity": -1 })), "task.rate_limit.capacity: expected 0 or more"),
        (("/filters", Value::Null), "task.filters: required"),
        (("/filters", json!([])), "task.filters: must name at least one"),
        (("/filter", json!([])), "task.filter: is another name"),
        (filters(json!({ "match": "t" })), "task.filters[0].dbname: required"),
        (filters(json!({ "dbname": "s" })), "task.filters[0].match: required"),
        (filters(json!({ "dbname": "s", "match": "/a(/" })), "task.filters[0].match: read the pattern at character 3"),
        (filters(json!({ "dbname": "s", "match": "a,,b" })), "task.filters[0].match: there is an empty name"),
        (filters(json!({ "dbname": "s", "match": "a,/b/" })), "task.filters[0].match: \"/b/\" is a pattern"),
    ] {
        let error = submit(&task(&with(std::slice::from_ref(&change)))).expect_err(message).0;
        assert_eq!(error.status.as_u16(), 400);
        assert!(error.message.starts_with(message), "{}: {}", change.0, error.message);
    }
    let both = with(&[("/kafka/flat_format", json!(true)), ("/kafka/maxwell_format", json!(true))]);
    assert!(submit(&task(&both)).unwrap_err().0.message.starts_with("task.kafka.maxwell_format"));
    let mut other_name = sample();
    other_name["filter"] = other_name["filters"].take();
    assert_eq!(submit(&task(&other_name)).unwrap().spec, asked(&[]).spec);
}

#[test]
fn an_alter_replaces_kafka_and_filters_and_keeps_the_rest() {
    let mut stored = asked(&[("/rate_limit", json!({ "rate": 5 }))]).spec;
    stored.src.start_gtid = Some("0-1-7".into());
    let change = |changes: &[(&str, Value)]| alter(&task(&with(changes)), &stored);
    let same = change(&[]).unwrap();
    assert_eq!(same.spec, stored.clone(), "with what was submitted nothing changes");
    let bare = change(&[("/source", Value::Null), ("/incr", Value::Null), ("/kafka/topic", json!("other"))]).unwrap().spec;
    assert_eq!((&bare.src.endpoint, bare.src.start_gtid.as_deref()), (&stored.src.endpoint, Some("0-1-7")));
    assert_eq!((bare.dest.sink.kafka().unwrap().topic.text(), bare.throttle.rows.is_some()), ("other", true));
    let unlimited = change(&[("/rate_limit", json!({ "rate": 0 }))]).unwrap().spec;
    assert_eq!(unlimited.throttle.rows, None);
    let masked = change(&[("/source/password", json!("*"))]).unwrap();
    assert_eq!((masked.spec, masked.new_password), (stored.clone(), false));
    let password = change(&[("/source/password", json!("another"))]).unwrap();
    assert_eq!((password.spec.src.endpoint.password.expose(), password.new_password), ("another", true));
    for (change_of, message) in [
        (("/source/host", json!("elsewhere")), "task.source.host: the source cannot be changed"),
        (("/source/port", json!(1)), "task.source.port: the source cannot be changed"),
        (("/source/username", json!("root")), "task.source.username: the source cannot be changed"),
        (("/source/host", Value::Null), "task.source.host: the source cannot be changed"),
        (("/incr", json!(false)), "task.incr: cannot be changed"),
        (("/kafka", Value::Null), "task.kafka: required"),
        (("/filters", Value::Null), "task.filters: required"),
        (("/filters", json!([])), "task.filters: must name at least one"),
    ] {
        let error = change(&[change_of]).expect_err(message).0;
        assert!(error.status.as_u16() == 400 && error.message.starts_with(message), "{}", error.message);
    }
}

#[test]
fn what_the_dialect_has_no_word_for_stays() {
    let mut stored = asked(&[]).spec;
    let SinkSpec::Kafka(sink) = &mut stored.dest.sink else { unreachable!() };
    (sink.messages.format, sink.messages.tombstones, sink.ddl_topic, sink.group_millis) =
        (MessageFormat::Debezium { schema: false }, true, Some("ddl".into()), Some(5));
    let kept = alter(&task(&with(&[("/kafka/flat_format", Value::Null), ("/incr", Value::Null)])), &stored).unwrap().spec;
    assert_eq!(kept, stored);
    let canal = alter(&task(&with(&[("/incr", Value::Null)])), &stored).unwrap().spec;
    assert_eq!(canal.dest.sink.kafka().unwrap().messages.format, MessageFormat::Canal, "flat_format: false says so");
}
