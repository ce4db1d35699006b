//! The parts of `jobs show` that are asked for: positions, the run, what the job was asked to do.

use crate::cli::human;
use crate::cli::jobs::rows::{address, destination};
use crate::cli::output::json;
use crate::wire::native::jobs::{Gates, Job, JobCreate, SchemaRule};
use crate::wire::native::kafka::{Kafka, MessageFormat};
use crate::wire::native::lines::Lines;
use jiff::Timestamp;
use owo_colors::OwoColorize as _;
use std::fmt::Write as _;
use std::time::Duration;

fn section(title: &str, pairs: &[(&str, String)]) -> String {
    let mut text = format!("\n{}\n", title.bold());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "  {name:<18}{value}");
    }
    text
}

pub(super) fn positions(job: &Job) -> String {
    let progress = job.progress.clone().unwrap_or_default();
    let file = if progress.file.is_empty() { String::new() } else { format!("{}:{}", progress.file, progress.file_position) };
    let known = |text: String| if text.is_empty() { "not known yet".to_owned() } else { text };
    section(
        "Position",
        &[("applied up to", known(progress.position)), ("in the log at", file), ("source is at", known(progress.source_position))],
    )
}

pub(super) fn allocations(job: &Job, now: Timestamp) -> String {
    let Some(run) = &job.run else { return section("Run", &[("state", "never started".into())]) };
    let progress = job.progress.clone().unwrap_or_default();
    let waiting = super::backlog(&progress);
    section(
        "Run",
        &[
            ("number", run.number.to_string()),
            ("node", run.node.clone()),
            ("started", human::ago(&run.started, now)),
            ("restarts", run.restarts.to_string()),
            ("source side", run.src_allocation.clone()),
            ("target side", run.dest_allocation.clone()),
            ("stage", progress.stage),
            ("transactions read", human::count(progress.transactions_read)),
            ("waiting", waiting),
            ("figures from", progress.at.map(|at| human::ago(&at, now)).unwrap_or_default()),
        ],
    )
}

/// A subscription's messages in a line: `debezium with schema, partitioned by primary_key`.
fn messages(kafka: &Kafka) -> String {
    let columns = kafka.partition_columns.join(" ");
    let mut text = form(kafka.format, kafka.message_schema);
    let _ = write!(text, ", partitioned by {}", json(&kafka.partition_by).as_str().unwrap_or_default());
    if !columns.is_empty() {
        let _ = write!(text, " {columns}");
    }
    text + &without(&kafka.exclude_columns)
}

/// The same of lines.
fn lines(lines: &Lines) -> String {
    form(lines.format, lines.message_schema) + &without(&lines.exclude_columns)
}

fn form(format: MessageFormat, schema: bool) -> String {
    let schema = match format {
        MessageFormat::Debezium if schema => " with schema",
        MessageFormat::Debezium => " without schema",
        MessageFormat::Canal | MessageFormat::Flat | MessageFormat::Maxwell => "",
    };
    format!("{}{schema}", json(&format).as_str().unwrap_or_default())
}

fn without(excluded: &[String]) -> String {
    if excluded.is_empty() { String::new() } else { format!(", without {}", excluded.join(" ")) }
}

/// `1,000 rows/s (burst 50), 10 MiB/s`; empty: no limit.
fn throttle(config: &JobCreate) -> String {
    let rows = config.max_rows_per_second.map(|rows| {
        let burst = config.burst_rows.map_or(String::new(), |burst| format!(" (at once {})", human::count(burst)));
        format!("{} rows/s{burst}", human::count(rows))
    });
    let bytes = config.max_bytes_per_second.map(|bytes| format!("{}/s", human::bytes(bytes)));
    rows.into_iter().chain(bytes).collect::<Vec<_>>().join(", ")
}

/// `source load Threads_running=25; lag 5 s of db3:3306`; empty: nothing holds it.
pub(in crate::cli::jobs) fn gates(gates: &Gates) -> String {
    let Gates { max_source_load, max_target_load, critical_source_load, critical_target_load, max_replica_lag_ms, replicas } = gates;
    let load = |side: &str, load: &std::collections::BTreeMap<String, u64>| {
        let said: Vec<String> = load.iter().map(|(variable, most)| format!("{variable}={most}")).collect();
        (!said.is_empty()).then(|| format!("{side} load {}", said.join(",")))
    };
    let named: Vec<String> = replicas.iter().map(|r| format!("{}:{}", r.host, r.port)).collect();
    let lag = max_replica_lag_ms.map(|ms| format!("lag {} s of {}", Duration::from_millis(ms).as_secs_f64(), named.join(" ")));
    let critical = [load("critical source", critical_source_load), load("critical target", critical_target_load)];
    let ends = [load("source", max_source_load), load("target", max_target_load)].into_iter().chain(critical).chain([lag]);
    ends.flatten().collect::<Vec<_>>().join("; ")
}

/// What becomes of a rule's tables at a database: ` as archive.orders(id, address)`; empty: they stay what they are.
fn mapped(rule: &SchemaRule) -> String {
    let SchemaRule { schema, tables: _, filter: _, to_schema, to_table, columns, to_columns } = rule;
    let names = if to_columns.is_empty() { columns } else { to_columns };
    let columns = if names.is_empty() { String::new() } else { format!("({})", names.join(", ")) };
    if to_schema.is_none() && to_table.is_none() && columns.is_empty() {
        return String::new();
    }
    format!(" as {}.{}{columns}", to_schema.as_ref().unwrap_or(schema), to_table.as_deref().unwrap_or("*"))
}

pub(super) fn config(job: &Job) -> String {
    let config = &job.config;
    let account = |endpoint: &crate::wire::native::jobs::Endpoint| {
        let tls = json(&endpoint.tls);
        format!("{}@{} (tls {})", endpoint.user, address(endpoint), tls.as_str().unwrap_or_default())
    };
    let rules = |rules: &[SchemaRule], none: &str| {
        let names = rules.iter().map(|r| {
            let tables = if r.tables.is_empty() {
                format!("{}.*", r.schema)
            } else {
                r.tables.iter().map(|t| format!("{}.{t}", r.schema)).collect::<Vec<_>>().join(" ")
            };
            r.filter.iter().fold(tables, |tables, filter| format!("{tables} (where {filter})")) + &mapped(r)
        });
        if rules.is_empty() { none.to_owned() } else { names.collect::<Vec<_>>().join(" ") }
    };
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let of_target = |text: String| if config.target.is_some() { text } else { String::new() };
    section(
        "Configuration",
        &[
            ("source", account(&config.source)),
            ("target", config.target.as_ref().map(account).unwrap_or_default()),
            ("kafka", config.kafka.as_ref().map(|_| destination(config)).unwrap_or_default()),
            ("lines to", config.lines.as_ref().map(|_| destination(config)).unwrap_or_default()),
            ("messages", config.kafka.as_ref().map(messages).or(config.lines.as_ref().map(lines)).unwrap_or_default()),
            ("include", rules(&config.include, "every schema but the system's")),
            ("ignore", rules(&config.ignore, "")),
            ("existing tables", of_target(word(json(&config.existing_tables)))),
            ("on conflict", of_target(word(json(&config.on_conflict)))),
            ("conflicts by", of_target(word(json(&config.detect_conflicts)))),
            ("create tables", of_target(if config.skip_create { "no" } else { "yes" }.into())),
            ("at most", throttle(config)),
            ("held back by", gates(&config.gates)),
            ("left out", config.skip.join(" ")),
            ("replaced", config.replace.iter().map(|r| r.transaction.as_str()).collect::<Vec<_>>().join(" ")),
            ("start after", config.start_gtid.clone().unwrap_or_default()),
            ("chunk rows", config.chunk_rows.map(|n| n.to_string()).unwrap_or_else(|| "automatic".into())),
            ("copy workers", config.copy_workers.map(|n| n.to_string()).unwrap_or_else(|| "automatic".into())),
            ("apply workers", of_target(config.apply_workers.map(|n| n.to_string()).unwrap_or_else(|| "automatic".into()))),
            ("group bytes", of_target(config.group_bytes.map(|n| n.to_string()).unwrap_or_else(|| "automatic".into()))),
            ("queue length", config.queue_length.map(|n| n.to_string()).unwrap_or_else(|| "automatic".into())),
            ("desired", job.desired.clone()),
            ("came through", job.origin.clone()),
            ("created", format!("{} by {}", job.created, if job.created_by.is_empty() { "-" } else { &job.created_by })),
            ("index", job.job_modify_index.to_string()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::job;
    use super::*;
    use crate::wire::native::jobs::{JobState, Replacement};

    #[test]
    fn what_becomes_of_tables_and_statements_is_shown() {
        let mut job = job(JobState::Streaming);
        let rule = |schema: &str| SchemaRule { schema: schema.into(), ..SchemaRule::default() };
        let orders = SchemaRule { to_schema: Some("archive".into()), to_table: Some("orders".into()), ..rule("shop") };
        let users = SchemaRule { columns: vec!["id".into(), "mail".into()], ..rule("crm") };
        job.config.include = vec![orders, users, rule("plain")];
        job.config.skip = vec!["0-1-7".into()];
        job.config.replace = vec![Replacement { transaction: "0-1-8".into(), statement: "DROP TABLE t".into() }];
        let text = config(&job);
        let line = |name: &str| text.lines().find_map(|l| l.trim_start().strip_prefix(name)).map(str::trim).unwrap_or_default();
        assert_eq!(line("include"), "shop.* as archive.orders crm.* as crm.*(id, mail) plain.*");
        assert_eq!((line("left out"), line("replaced")), ("0-1-7", "0-1-8"));
    }
}
