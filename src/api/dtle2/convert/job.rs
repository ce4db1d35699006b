//! Jobs → replies. A job of this dialect shows its configs as they came; one from elsewhere shows them from its spec.

use super::{defaults, echo};
use crate::api::dtle;
use crate::api::figures::{description, gtids};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::Side;
use crate::model::job::{Job, JobSpec, JobState};
use crate::model::kafka::KafkaSinkSpec;
use crate::model::messages::LinesSinkSpec;
use crate::model::node::Node;
use crate::model::replicate::{
    DestTask, ExistingTable, MappedColumn, MysqlSinkSpec, ReplicateSpec, SchemaRule, SinkSpec, SrcTask, TableFilter,
};
use crate::scheduler::JobView;
use crate::secret::MASK;
use crate::wire::dtle2::job as wire;
use serde_json::{Map, Value, json};

/// The one type that there is.
pub(super) const TYPE: &str = "synchronous";

/// Returns a line of the job list.
pub(in crate::api::dtle2) fn row(view: &JobView, node: &Node) -> wire::Row {
    let job_summary = job(view, node);
    wire::Row {
        create_index: job_summary.create_index,
        id: job_summary.id.clone(),
        job_modify_index: job_summary.job_modify_index,
        modify_index: job_summary.modify_index,
        name: job_summary.name.clone(),
        status: job_summary.status,
        status_description: job_summary.status_description.clone(),
        kind: job_summary.kind,
        job_summary,
    }
}

pub(in crate::api::dtle2) fn job(view: &JobView, node: &Node) -> wire::Job {
    let JobView { job, progress, run: _, patrol: _, warnings: _ } = view;
    let Job {
        id,
        number: _,
        kind: _,
        name,
        spec: JobSpec::Replicate(spec),
        trigger: _,
        limits: _,
        desired: _,
        origin: _,
        echo,
        description: _,
        created_by: _,
        created: _,
        updated: _,
        deleted: _,
        create_index,
        modify_index,
        job_modify_index,
        next_fire: _,
        state,
        state_since: _,
        stats: _,
    } = job;
    let ReplicateSpec { kind: _, src, dest, failover, throttle: _, gates: _ } = spec.as_ref();
    let executed = gtids(&progress.dest);
    let gtid = if executed.is_empty() { src.start_gtid.as_deref().unwrap_or_default() } else { executed };
    let task = |side: Side, config: Map<String, Value>, node_id: &Option<String>| {
        let role = super::role(side);
        let mut config = echo::over(config, echo.as_ref(), role);
        // Also over what came: it is where the job is now, on both sides.
        config.insert("Gtid".to_owned(), json!(gtid));
        wire::Task {
            config,
            config_lock: Map::new(),
            constraints: None,
            driver: if side == Side::Dest && dest.sink.kafka().is_some() { "Kafka" } else { "MySQL" },
            leader: side == Side::Dest,
            node_id: node_id.clone().unwrap_or_default(),
            node_name: node.name.clone(),
            role,
        }
    };
    wire::Job {
        constraints: None,
        create_index: *create_index,
        datacenters: vec![node.datacenter.clone()],
        enforce_index: false,
        failover: failover.unwrap_or(false),
        id: id.0.clone(),
        job_modify_index: *job_modify_index,
        modify_index: *modify_index,
        name: name.clone(),
        orders: [],
        region: node.region.clone(),
        status: status(state),
        status_description: description(state),
        tasks: vec![task(Side::Src, source(src), &src.node_id), task(Side::Dest, destination(dest, src), &dest.node_id)],
        kind: TYPE,
    }
}

fn status(state: &JobState) -> &'static str {
    match state {
        JobState::Pending => "pending",
        JobState::Copying | JobState::Streaming | JobState::Lagging | JobState::Throttled | JobState::Waiting(_) | JobState::Stalled(_) => {
            "running"
        }
        JobState::Paused => "pause",
        JobState::Failed(_) => "dead",
        JobState::Complete => "complete",
    }
}

/// What both tasks' configs print.
fn both(src: &SrcTask, endpoint: &MysqlEndpoint) -> Map<String, Value> {
    let SrcTask {
        task_name: _,
        node_id: _,
        endpoint: _,
        filter: _,
        start_gtid,
        chunk_rows: _,
        group_bytes: _,
        queue_length,
        skip_create,
        existing_table,
        skip: _,
        replace: _,
    } = src;
    let MysqlEndpoint { host, port, user, password: _, tls: _, tls_ca: _ } = endpoint;
    let mut config = Map::new();
    let mut put = |name: &str, value: Value| drop(config.insert(name.to_owned(), value));
    put("ConnectionConfig", json!({ "Host": host, "Port": port.to_string(), "User": user, "Password": MASK }));
    put("Gtid", json!(start_gtid.as_deref().unwrap_or_default()));
    put("ReplChanBufferSize", json!(queue_length.map_or(defaults::REPL_CHAN_BUFFER_SIZE, u64::from).to_string()));
    put("SkipCreateDbTable", json!(skip_create));
    put("DropTableIfExists", json!(matches!(existing_table, ExistingTable::Drop)));
    put("ExpandSyntaxSupport", json!(false));
    put("ApproveHeterogeneous", json!(true));
    put("NatsAddr", json!(""));
    config
}

fn source(task: &SrcTask) -> Map<String, Value> {
    // Follows from the sink.
    let TableFilter { include, ignore, shadows: _ } = &task.filter;
    let mut config = both(task, &task.endpoint);
    let mut put = |name: &str, value: Value| drop(config.insert(name.to_owned(), value));
    put("ReplicateDoDb", schemas(include));
    if !ignore.is_empty() {
        put("ReplicateIgnoreDb", schemas(ignore));
    }
    put("ChunkSize", json!(task.chunk_rows.unwrap_or(defaults::CHUNK_SIZE).to_string()));
    if let Some(bytes) = task.group_bytes {
        put("GroupMaxSize", json!(bytes));
    }
    put("TrafficAgainstLimits", json!(0));
    config
}

fn destination(task: &DestTask, src: &SrcTask) -> Map<String, Value> {
    let DestTask { task_name: _, node_id: _, sink } = task;
    // Copy connections and the conflict policy have no word in this dialect.
    let MysqlSinkSpec { endpoint, apply_workers, copy_workers: _, conflict: _, detection: _ } = match sink {
        SinkSpec::Mysql(sink) => sink,
        // Of the rest it knows no words: its messages have one form.
        SinkSpec::Kafka(KafkaSinkSpec { brokers, topic, group_bytes, group_millis, .. }) => {
            let brokers: Vec<String> = brokers.iter().map(ToString::to_string).collect();
            let (topic, per_table) = dtle::topic(topic);
            let mut kafka = json!({ "Brokers": brokers, "Topic": topic, "Converter": "json", "TopicWithSchemaTable": per_table });
            for (name, number) in [("MessageGroupMaxSize", group_bytes), ("MessageGroupTimeout", group_millis)] {
                if let Some(number) = number {
                    kafka[name] = json!(number);
                }
            }
            return Map::from_iter([("KafkaConfig".to_owned(), kafka)]);
        }
        // It has no words for lines of JSON: the name tells where they go.
        SinkSpec::Lines(sink @ LinesSinkSpec { to: _, messages: _ }) => {
            let kafka = json!({ "Brokers": [], "Topic": sink.address(), "Converter": "json" });
            return Map::from_iter([("KafkaConfig".to_owned(), kafka)]);
        }
    };
    let mut config = both(src, endpoint);
    if let Some(workers) = apply_workers {
        config.insert("ParallelWorkers".to_owned(), json!(workers));
    }
    config
}

fn schemas(rules: &[SchemaRule]) -> Value {
    let shown = |SchemaRule { schema, tables, filter, to }: &SchemaRule| {
        let names = |of: fn(&MappedColumn) -> &String| (!to.columns.is_empty()).then(|| to.columns.iter().map(of).collect::<Vec<_>>());
        let table = |name: String| {
            let fields = [
                ("TableName", Some(json!(name))),
                ("Where", filter.as_ref().map(|f| json!(f))),
                ("TableRename", to.table.as_ref().map(|t| json!(t))),
                ("ColumnMapFrom", names(|c| &c.from).map(|c| json!(c))),
                ("ColumnMapTo", names(|c| &c.to).map(|c| json!(c))),
            ];
            Value::Object(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
        };
        let all = (tables.is_empty() && filter.is_some()).then(|| "/.*/".to_owned());
        let tables: Vec<_> = tables.iter().map(ToString::to_string).chain(all).map(table).collect();
        match &to.schema {
            Some(renamed) => json!({ "TableSchema": schema, "TableSchemaRename": renamed, "Tables": tables }),
            None => json!({ "TableSchema": schema, "Tables": tables }),
        }
    };
    rules.iter().map(shown).collect()
}
