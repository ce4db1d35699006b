//! Jobs, their runs and nodes → replies.

use super::defaults;
use crate::api::dtle;
use crate::api::figures::description;
use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::Side;
use crate::model::job::{Job, JobKind, JobSpec, JobState};
use crate::model::kafka::KafkaSinkSpec;
use crate::model::messages::LinesSinkSpec;
use crate::model::node::Node;
use crate::model::replicate::{DestTask, ExistingTable, MysqlSinkSpec, ReplicateSpec, SchemaRule, SinkSpec, SrcTask, TableFilter};
use crate::model::run::{RunEvent, RunSide};
use crate::scheduler::RunParts;
use crate::secret::MASK;
use crate::wire::dtle3::{reply as wire, request};
use jiff::Timestamp;

/// Which jobs a later route lists; None takes any.
pub(in crate::api::dtle3) struct Filter {
    pub(in crate::api::dtle3) kind: JobKind,
    /// The id begins so.
    pub(in crate::api::dtle3) id: Option<String>,
    pub(in crate::api::dtle3) status: Option<String>,
    /// Host and port.
    pub(in crate::api::dtle3) src: (Option<String>, Option<String>),
    pub(in crate::api::dtle3) dest: (Option<String>, Option<String>),
}

impl Filter {
    pub(in crate::api::dtle3) fn takes(&self, job: &Job) -> bool {
        let JobSpec::Replicate(spec) = &job.spec;
        let at = |(host, port): &(Option<String>, Option<String>), endpoint: &MysqlEndpoint| {
            host.as_ref().is_none_or(|h| h.eq_ignore_ascii_case(&endpoint.host))
                && port.as_ref().is_none_or(|p| *p == endpoint.port.to_string())
        };
        job.kind == self.kind
            && self.id.as_ref().is_none_or(|prefix| job.id.0.starts_with(prefix))
            && self.status.as_ref().is_none_or(|s| s.eq_ignore_ascii_case(status(&job.state).0))
            && at(&self.src, &spec.src.endpoint)
            && spec.dest.sink.endpoint().map_or(self.dest == (None, None), |to| at(&self.dest, to))
    }
}

/// Returns a line of the job list. dtle's own says `running` about anything; ours says what is.
pub(in crate::api::dtle3) fn row(job: &Job) -> wire::JobRow {
    let (job_status, job_status_description) = status(&job.state);
    wire::JobRow { job_id: job.id.0.clone(), job_name: job.name.clone(), job_status, job_status_description }
}

fn status(state: &JobState) -> (&'static str, String) {
    let word = match state {
        JobState::Pending => "pending",
        JobState::Copying | JobState::Streaming | JobState::Lagging | JobState::Throttled | JobState::Waiting(_) | JobState::Stalled(_) => {
            "running"
        }
        JobState::Paused => "paused",
        JobState::Failed(_) => "failed",
        JobState::Complete => "complete",
    };
    (word, description(state))
}

/// Returns the echo of a create: defaults filled in, lists that were not sent null.
pub(in crate::api::dtle3) fn echo(name: &str, id: &str, sent: &request::JobConfig, spec: &ReplicateSpec) -> wire::JobConfig {
    let sent_src = sent.src_task.as_ref();
    let include = sent_src.and_then(|s| s.replicate_do_db.as_deref());
    let ignore = sent_src.and_then(|s| s.replicate_ignore_db.as_deref());
    let ReplicateSpec { kind: _, src, dest, failover, throttle: _, gates: _ } = spec;
    wire::JobConfig {
        job_name: name.to_owned(),
        job_id: id.to_owned(),
        failover: *failover,
        is_mysql_password_encrypted: sent.is_mysql_password_encrypted.unwrap_or(false),
        src_task: wire::SrcConfig {
            replicate_do_db: include.map(echo_schemas),
            replicate_ignore_db: ignore.map(echo_schemas),
            ..source(src)
        },
        dest_task: destination(dest),
    }
}

fn echo_schemas(schemas: &[request::Schema]) -> Vec<wire::SchemaConfig> {
    let table = |t: &request::Table| wire::TableConfig {
        table_name: t.table_name.clone().unwrap_or_default(),
        table_rename: t.table_rename.clone().unwrap_or_default(),
        column_map_from: t.column_map_from.clone(),
        filter: t.filter.clone().unwrap_or_default(),
    };
    schemas
        .iter()
        .map(|s| wire::SchemaConfig {
            table_schema: s.table_schema.clone().unwrap_or_default(),
            table_schema_rename: s.table_schema_rename.clone(),
            tables: s.tables.as_ref().map(|tables| tables.iter().map(table).collect()),
        })
        .collect()
}

/// Returns a job in full. `runs` come oldest first; each is an allocation of either side.
pub(in crate::api::dtle3) fn detail(job: &Job, runs: &[RunParts]) -> wire::JobDetail {
    let JobSpec::Replicate(spec) = &job.spec;
    let ReplicateSpec { kind: _, src, dest, failover, throttle: _, gates: _ } = spec.as_ref();
    wire::JobDetail {
        job_id: job.id.0.clone(),
        job_name: job.name.clone(),
        failover: failover.unwrap_or(true),
        src_task_detail: wire::TaskDetail { allocations: allocations(runs, Side::Src), task_config: source(src) },
        dest_task_detail: wire::TaskDetail { allocations: allocations(runs, Side::Dest), task_config: destination(dest) },
        message: wire::OK.to_owned(),
    }
}

/// Lists are never null here, unlike in the echo.
fn source(task: &SrcTask) -> wire::SrcConfig {
    let SrcTask {
        task_name,
        node_id,
        endpoint,
        // The last follows from the sink.
        filter: TableFilter { include, ignore, shadows: _ },
        start_gtid,
        chunk_rows,
        group_bytes,
        queue_length,
        skip_create,
        existing_table,
        skip: _,
        replace: _,
    } = task;
    wire::SrcConfig {
        task_name: task_name.clone(),
        node_id: node_id.clone(),
        gtid: start_gtid.clone().unwrap_or_default(),
        group_max_size: group_bytes.unwrap_or(defaults::GROUP_MAX_SIZE),
        chunk_size: chunk_rows.unwrap_or(defaults::CHUNK_SIZE),
        drop_table_if_exists: matches!(existing_table, ExistingTable::Drop),
        skip_create_db_table: *skip_create,
        repl_chan_buffer_size: queue_length.map_or(defaults::REPL_CHAN_BUFFER_SIZE, u64::from),
        replicate_do_db: Some(schemas(include)),
        replicate_ignore_db: Some(schemas(ignore)),
        mysql_connection_config: connection(endpoint),
    }
}

fn destination(task: &DestTask) -> wire::DestConfig {
    let DestTask { task_name, node_id, sink } = task;
    let mut config = wire::DestConfig {
        task_name: task_name.clone(),
        node_id: node_id.clone(),
        parallel_workers: None,
        mysql_connection_config: None,
        kafka_broker_addrs: None,
        kafka_topic: None,
        message_group_max_size: None,
        message_group_timeout: None,
    };
    match sink {
        // Copy connections and the conflict policy have no word in this dialect.
        SinkSpec::Mysql(MysqlSinkSpec { endpoint, apply_workers, copy_workers: _, conflict: _, detection: _ }) => {
            config.parallel_workers = Some(apply_workers.map_or(defaults::PARALLEL_WORKERS, u64::from));
            config.mysql_connection_config = Some(connection(endpoint));
        }
        // Of the rest this dialect knows no words either: its messages have one form.
        SinkSpec::Kafka(KafkaSinkSpec { brokers, topic, group_bytes, group_millis, .. }) => {
            config.kafka_broker_addrs = Some(brokers.iter().map(ToString::to_string).collect());
            config.kafka_topic = Some(dtle::topic(topic).0.to_owned());
            config.message_group_max_size = Some(group_bytes.unwrap_or(defaults::MESSAGE_GROUP_MAX_SIZE));
            config.message_group_timeout = Some(group_millis.unwrap_or(defaults::MESSAGE_GROUP_TIMEOUT));
        }
        // It has no words for lines of JSON: the name tells where they go.
        SinkSpec::Lines(sink @ LinesSinkSpec { to: _, messages: _ }) => {
            config.kafka_broker_addrs = Some(Vec::new());
            config.kafka_topic = Some(sink.address());
        }
    }
    config
}

fn connection(endpoint: &MysqlEndpoint) -> wire::Connection {
    let MysqlEndpoint { host, port, user, password: _, tls: _, tls_ca: _ } = endpoint;
    wire::Connection { mysql_host: host.clone(), mysql_port: *port, mysql_user: user.clone(), mysql_password: MASK }
}

fn schemas(rules: &[SchemaRule]) -> Vec<wire::SchemaConfig> {
    let shown = |SchemaRule { schema, tables, filter, to }: &SchemaRule| {
        let table = |name: String| wire::TableConfig {
            table_name: name,
            table_rename: to.table.clone().unwrap_or_default(),
            column_map_from: (!to.columns.is_empty()).then(|| to.columns.iter().map(|c| c.from.clone()).collect()),
            filter: filter.clone().unwrap_or_default(),
        };
        // The dialect has a row filter for a table only.
        let all = (tables.is_empty() && filter.is_some()).then(|| "/.*/".to_owned());
        wire::SchemaConfig {
            table_schema: schema.clone(),
            table_schema_rename: Some(to.schema.clone().unwrap_or_default()),
            tables: Some(tables.iter().map(ToString::to_string).chain(all).map(table).collect()),
        }
    };
    // Rules of one schema were one entry, unless one is for all of it.
    let mut all: Vec<wire::SchemaConfig> = Vec::new();
    for entry in rules.iter().map(shown) {
        match (all.last_mut(), entry.tables) {
            (Some(wire::SchemaConfig { table_schema, table_schema_rename, tables: Some(tables) }), Some(more))
                if *table_schema == entry.table_schema
                    && *table_schema_rename == entry.table_schema_rename
                    && !tables.is_empty()
                    && !more.is_empty() =>
            {
                tables.extend(more);
            }
            (_, tables) => all.push(wire::SchemaConfig { tables, ..entry }),
        }
    }
    all
}

fn allocations(runs: &[RunParts], side: Side) -> Vec<wire::Allocation> {
    runs.iter().flat_map(|run| run.sides.iter().filter(|s| s.side == side).map(|s| allocation(s, &run.events))).collect()
}

fn allocation(side: &RunSide, events: &[RunEvent]) -> wire::Allocation {
    let RunSide { run: _, side: which, allocation_id, node, state, started, ended, progress: _ } = side;
    let mine = |e: &&RunEvent| e.side.is_none_or(|s| s == *which);
    let time = |t: &Option<Timestamp>| t.map_or_else(|| wire::NO_TIME.to_owned(), |t| t.to_string());
    wire::Allocation {
        node_id: node.clone(),
        allocation_id: allocation_id.clone(),
        task_status: wire::TaskStatus {
            task_events: events.iter().filter(mine).map(event).collect(),
            started_at: time(started),
            finished_at: time(ended),
            status: state.as_str(),
        },
    }
}

fn event(event: &RunEvent) -> wire::TaskEvent {
    let RunEvent { run: _, side: _, kind, time, message, setup_error } = event;
    wire::TaskEvent { event_type: kind.as_str(), setup_error: setup_error.clone(), message: message.clone(), time: format!("{time:.0}") }
}

/// Returns a node; its address goes without the port.
pub(in crate::api::dtle3) fn node(node: &Node) -> wire::Node {
    let Node { id, name, http_address, region: _, datacenter, role: _, started_at: _, state, reason, build: _, leader: _, source: _ } =
        node;
    let host = http_address.rsplit_once(':').map_or(http_address.as_str(), |(host, _)| host);
    wire::Node {
        node_address: host.trim_start_matches('[').trim_end_matches(']').to_owned(),
        node_name: name.clone(),
        node_id: id.clone(),
        node_status: state.as_str(),
        node_status_description: reason.clone(),
        datacenter: datacenter.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::password::Passwords;
    use super::super::request::{Context, identity, spec};
    use super::*;
    use crate::model::job::{Failure, Trigger};
    use crate::model::replicate::ReplicateKind;
    use crate::model::run::{Run, RunEventKind, RunState, SideState};
    use serde_json::{Value, json};

    fn echoed(request: &str, kind: ReplicateKind) -> Value {
        let config: request::JobConfig = serde_json::from_str(request).unwrap();
        let spec = spec(&config, &Context { kind, passwords: &Passwords::Clear, stored: None, nodes: &[] }).unwrap();
        let (name, id) = identity(&config, kind).unwrap();
        serde_json::to_value(echo(&name, &id, &config, &spec)).unwrap()
    }

    #[test]
    fn the_echo_is_the_samples_to_the_letter() {
        for (request, reply, kind) in [
            (
                include_str!("../../../../tests/api/contracts/dtle3/migration.request.json"),
                include_str!("../../../../tests/api/contracts/dtle3/migration.response.json"),
                ReplicateKind::Migration,
            ),
            (
                include_str!("../../../../tests/api/contracts/dtle3/sync.request.json"),
                include_str!("../../../../tests/api/contracts/dtle3/sync.response.json"),
                ReplicateKind::Sync,
            ),
        ] {
            let expected: Value = serde_json::from_str(reply).unwrap();
            // Order of keys included.
            assert_eq!(echoed(request, kind).to_string(), expected["job"].to_string());
        }
    }

    #[test]
    fn the_echo_has_null_for_what_was_not_sent() {
        let request = json!({
            "job_name": "a",
            "src_task": {"task_name": "src", "replicate_do_db": [{"table_schema": "s", "tables": [{"table_name": "t"}]}, {"table_schema": "u"}],
                "mysql_connection_config": {"mysql_host": "h", "mysql_port": 1, "mysql_user": "u", "mysql_password": "secret"}},
            "dest_task": {"task_name": "dest",
                "mysql_connection_config": {"mysql_host": "h", "mysql_port": 1, "mysql_user": "u", "mysql_password": "secret"}},
        });
        let echo = echoed(&request.to_string(), ReplicateKind::Sync);
        assert_eq!((&echo["failover"], &echo["is_mysql_password_encrypted"]), (&Value::Null, &json!(false)));
        assert_eq!(
            echo["src_task"]["replicate_do_db"],
            json!([
                {"table_schema": "s", "table_schema_rename": null,
                 "tables": [{"table_name": "t", "table_rename": "", "column_map_from": null, "where": ""}]},
                {"table_schema": "u", "table_schema_rename": null, "tables": null},
            ])
        );
        assert!(!echo.to_string().contains("secret"));
        assert!(echo["src_task"].get("node_id").is_none());
    }

    #[test]
    fn a_detail_has_no_null_lists() {
        let rules = [SchemaRule::new("db1", ["tb1".into()])];
        let sample: Value =
            serde_json::from_str(include_str!("../../../../tests/api/contracts/dtle3/subscription_detail.response.json")).unwrap();
        assert_eq!(serde_json::to_value(schemas(&rules)).unwrap(), sample["src_task_detail"]["task_config"]["replicate_do_db"]);
        let filtered = SchemaRule { filter: Some("id > 1".into()), ..SchemaRule::new("a", ["t".into()]) };
        let shown = schemas(&[filtered.clone(), SchemaRule::new("a", ["u".into()]), SchemaRule::new("a", [])]);
        let words =
            |s: &wire::SchemaConfig| s.tables.iter().flatten().map(|t| format!("{} {}", t.table_name, t.filter)).collect::<Vec<_>>();
        assert_eq!(shown.iter().map(words).collect::<Vec<_>>(), [vec!["t id > 1".to_owned(), "u ".to_owned()], vec![]]);
        assert_eq!(words(&schemas(&[SchemaRule { tables: vec![], ..filtered }])[0]), ["/.*/ id > 1"]);
    }

    #[test]
    fn an_allocation_shows_its_sides_events_and_times() {
        let time: Timestamp = "2021-06-04T09:11:56.105007762Z".parse().unwrap();
        let event = |side, kind, message: &str| RunEvent { run: 1, side, kind, time, message: message.into(), setup_error: String::new() };
        let side = |side, ended| RunSide {
            run: 1,
            side,
            allocation_id: "a".into(),
            node: "n".into(),
            state: SideState::Running,
            started: Some(time),
            ended,
            progress: Default::default(),
        };
        let run = RunParts {
            run: Run {
                number: 1,
                job: None,
                kind: JobKind::Sync,
                name: String::new(),
                trigger: Trigger::Continuous,
                started: time,
                ended: None,
                state: RunState::Running,
                success: None,
                message: String::new(),
                error: String::new(),
                counters: None,
                eval_id: String::new(),
                create_index: 1,
                modify_index: 1,
            },
            sides: vec![side(Side::Src, None), side(Side::Dest, Some(time))],
            events: vec![
                event(Some(Side::Src), RunEventKind::Received, "Task received by client"),
                event(Some(Side::Dest), RunEventKind::Driver, "job_stage_full"),
                event(None, RunEventKind::Signaling, "pause"),
            ],
        };
        let dest = serde_json::to_value(allocations(&[run], Side::Dest)).unwrap();
        assert_eq!(
            dest,
            json!([{"node_id": "n", "allocation_id": "a", "task_status": {
                "task_events": [
                    {"event_type": "Driver", "setup_error": "", "message": "job_stage_full", "time": "2021-06-04T09:11:56Z"},
                    {"event_type": "Signaling", "setup_error": "", "message": "pause", "time": "2021-06-04T09:11:56Z"},
                ],
                "started_at": "2021-06-04T09:11:56.105007762Z", "finished_at": "2021-06-04T09:11:56.105007762Z", "status": "running"}}])
        );
    }

    #[test]
    fn every_state_has_one_of_five_words() {
        let failed = JobState::Failed(Failure { code: "c".into(), message: "m".into(), hint: "do this".into() });
        for (state, word, description) in [
            (JobState::Pending, "pending", "waiting to be started"),
            (JobState::Streaming, "running", ""),
            (JobState::Waiting("source unreachable".into()), "running", "waiting: source unreachable"),
            (JobState::Paused, "paused", "paused by an operator"),
            (failed, "failed", "c: m (do this)"),
            (JobState::Complete, "complete", ""),
        ] {
            assert_eq!(status(&state), (word, description.to_owned()));
        }
    }
}
