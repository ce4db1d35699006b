use super::*;
use crate::model::replicate::ConflictPolicy;
use serde_json::{Value, json};

const SAMPLE: &str = include_str!("../../../../../tests/api/contracts/dtle3/migration.request.json");

fn sample() -> Value {
    serde_json::from_str(SAMPLE).unwrap()
}

fn read(config: &Value, stored: Option<&ReplicateSpec>) -> Result<ReplicateSpec> {
    let config: wire::JobConfig = serde_json::from_value(config.clone()).unwrap();
    let nodes = ["n1".to_owned()];
    spec(&config, &Context { kind: ReplicateKind::Migration, passwords: &Passwords::Clear, stored, nodes: &nodes })
}

/// The sample with the value at a pointer replaced (or added).
fn with(pointer: &str, value: Value) -> Value {
    let mut config = sample();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    config.pointer_mut(parent).unwrap()[key] = value;
    config
}

#[test]
fn the_sample_becomes_a_spec_with_dtles_ways() {
    let spec = read(&sample(), None).unwrap();
    assert_eq!((spec.src.endpoint.port, spec.src.endpoint.password.expose()), (3307, "test"));
    assert_eq!((spec.src.chunk_rows, spec.src.group_bytes, spec.src.queue_length), (None, None, None));
    assert_eq!((spec.src.existing_table, spec.failover), (ExistingTable::Upsert, Some(true)));
    let sink = spec.dest.sink.mysql().unwrap();
    assert_eq!((sink.conflict, sink.apply_workers, sink.endpoint.port), (ConflictPolicy::Overwrite, None, 3308));
}

#[test]
fn options_that_are_sent_mean_what_they_say() {
    let mut config = sample();
    config["src_task"] = json!({
        "task_name": "Source", "node_id": "n1", "gtid": " 0-1-5 ", "group_max_size": 100, "chunk_size": 7, "repl_chan_buffer_size": 9,
        "drop_table_if_exists": true,
        "replicate_do_db": [{"table_schema": "a", "table_schema_rename": "", "tables": [{"table_name": "t", "where": "id>1", "column_map_from": []}]}, {"table_schema": "b"}],
        "replicate_ignore_db": [{"table_schema": "a", "tables": [{"table_name": "u"}]}],
        "mysql_connection_config": config["src_task"]["mysql_connection_config"],
    });
    config["dest_task"]["parallel_workers"] = json!(3);
    let ReplicateSpec { src, dest, .. } = read(&config, None).unwrap();
    assert_eq!((src.chunk_rows, src.group_bytes, src.queue_length), (Some(7), Some(100), Some(9)));
    assert_eq!((src.start_gtid.as_deref(), src.node_id.as_deref()), (Some("0-1-5"), Some("n1")));
    assert_eq!((src.existing_table, src.skip_create), (ExistingTable::Drop, false));
    assert_eq!((src.filter.rows("a", "t"), src.filter.rows("b", "x")), (Some("id>1"), None));
    assert!(src.filter.includes("a", "t") && src.filter.includes("b", "x") && !src.filter.includes("a", "u"));
    let sink = dest.sink.mysql().unwrap();
    assert_eq!(sink.apply_workers, Some(3));
}

#[test]
fn what_is_wrong_or_not_there_yet_is_refused_by_name() {
    let table = |extra: Value| {
        let mut table = json!({"table_name": "t"});
        table.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        json!([{"table_schema": "a", "tables": [table]}])
    };
    for (pointer, value, field) in [
        ("/src_task", Value::Null, "src_task"),
        ("/dest_task/mysql_connection_config", Value::Null, "dest_task.mysql_connection_config"),
        ("/src_task/mysql_connection_config/mysql_port", json!(70000), "src_task.mysql_connection_config.mysql_port"),
        ("/src_task/mysql_connection_config/mysql_host", json!(""), "src_task.mysql_connection_config.mysql_host"),
        ("/src_task/mysql_connection_config/mysql_password", json!("*"), "src_task.mysql_connection_config.mysql_password"),
        ("/dest_task/mysql_connection_config/mysql_password", Value::Null, "dest_task.mysql_connection_config.mysql_password"),
        ("/src_task/task_name", json!("dest"), "src_task.task_name"),
        ("/dest_task/task_name", json!("sink"), "dest_task.task_name"),
        ("/dest_task/parallel_workers", json!(65), "dest_task.parallel_workers"),
        ("/dest_task/kafka_topic", json!("t"), "dest_task.kafka_topic"),
        ("/src_task/chunk_size", json!(-1), "src_task.chunk_size"),
        ("/src_task/repl_chan_buffer_size", json!(5_000_000_000u64), "src_task.repl_chan_buffer_size"),
        ("/src_task/node_id", json!("nowhere"), "src_task.node_id"),
        ("/failover", json!(false), "src_task.node_id"),
        ("/src_task/gtid", json!("yesterday"), "src_task.gtid"),
        ("/src_task/replicate_do_db", json!([{"tables": []}]), "src_task.replicate_do_db[0].table_schema"),
        (
            "/src_task/replicate_ignore_db",
            json!([{"table_schema": "a", "table_schema_rename": "b"}]),
            "src_task.replicate_ignore_db[0].table_schema_rename",
        ),
        ("/src_task/replicate_ignore_db", json!([{"table_schema_regex": "b"}]), "src_task.replicate_ignore_db[0].table_schema_regex"),
        ("/src_task/replicate_do_db", table(json!({"where": "now()>1"})), "src_task.replicate_do_db[0].tables[0].where"),
        ("/src_task/replicate_ignore_db", table(json!({"where": "id>1"})), "src_task.replicate_ignore_db[0].tables[0].where"),
        ("/src_task/replicate_ignore_db", table(json!({"table_rename": "x"})), "src_task.replicate_ignore_db[0].tables[0].table_rename"),
        ("/src_task/replicate_do_db", table(json!({"table_regex": "x"})), "src_task.replicate_do_db[0].tables[0].table_regex"),
        (
            "/src_task/replicate_do_db",
            table(json!({"column_map_from": ["x", "x"]})),
            "src_task.replicate_do_db[0].tables[0].column_map_from",
        ),
        ("/src_task/replicate_do_db", table(json!({"table_name": ""})), "src_task.replicate_do_db[0].tables[0].table_name"),
    ] {
        let error = read(&with(pointer, value.clone()), None).expect_err(pointer);
        assert_eq!(error.status.as_u16(), 400);
        assert!(error.message.starts_with(&format!("{field}: ")), "{pointer} {value}: {}", error.message);
    }
}

#[test]
fn an_update_keeps_the_stored_password() {
    let stored = read(&sample(), None).unwrap();
    let masked = with("/src_task/mysql_connection_config/mysql_password", json!("*"));
    assert_eq!(read(&masked, Some(&stored)).unwrap(), stored);
    let mut absent = sample();
    absent["dest_task"]["mysql_connection_config"].as_object_mut().unwrap().remove("mysql_password");
    assert_eq!(read(&absent, Some(&stored)).unwrap(), stored);
    let mut elsewhere = masked;
    elsewhere["src_task"]["mysql_connection_config"]["mysql_host"] = json!("evil.invalid");
    assert!(read(&elsewhere, Some(&stored)).is_err());
}

#[test]
fn the_id_carries_the_type_once() {
    let id = |job_name: &str, job_id: &str, kind| {
        let config = wire::JobConfig { job_name: Some(job_name.into()), job_id: Some(job_id.into()), ..Default::default() };
        identity(&config, kind).map(|(_, id)| id).map_err(|e| e.message)
    };
    use ReplicateKind::{Migration, Sync};
    assert_eq!(id("job1", "", Migration).unwrap(), "job1-migration");
    assert_eq!(id("job1", "x", Sync).unwrap(), "x-sync");
    assert_eq!(id("job1", "x-sync", Sync).unwrap(), "x-sync");
    assert_eq!(id("job1", "x-sync", Migration).unwrap(), "x-sync-migration");
    assert_eq!(id("a-sync", "", Sync).unwrap(), "a-sync-sync");
    assert_eq!(id("作业", "", Sync).unwrap(), "作业-sync");
    assert_eq!(id("", "x", Sync).unwrap_err(), "job_name: required");
    assert!(id("a\nb", "", Sync).is_err());
}
