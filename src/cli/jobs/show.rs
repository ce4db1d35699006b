//! `syncline jobs show`: the three questions of every operator first, then table by table.

use super::rows::{address, copy_fraction, destination, kind_word, percent, state_word};
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{self, Cell, Column, Document, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{Job, JobState, Progress, SchemaRule, TableProgress, TopicProgress};
use crate::wire::native::kafka::{Kafka, MessageFormat};
use crate::wire::native::lines::Lines;
use jiff::Timestamp;
use owo_colors::OwoColorize as _;
use std::fmt::Write as _;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs show orders-sync
  syncline jobs show 3 --position --config
  syncline jobs show orders-sync -o json | jq .progress.lag_seconds")]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// Also the positions in the source's log, in full
    #[arg(long)]
    position: bool,
    /// Also the run, its two sides and their queues
    #[arg(long)]
    allocations: bool,
    /// Also what the job was asked to do
    #[arg(long)]
    config: bool,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    session.out.refuse_csv("a job")?;
    let job = session.client()?.job(&args.id).await.map_err(|e| Error::from(e).about("job", &args.id))?;
    let now = Timestamp::now();
    let mut text = summary(&job, now);
    text.push_str(&tables(&job));
    text.push_str(&topics(&job));
    if args.position {
        text.push_str(&positions(&job));
    }
    if args.allocations {
        text.push_str(&allocations(&job, now));
    }
    if args.config {
        text.push_str(&config(&job));
    }
    session.out.document(&Document { reply: json(&job), name: format!("job/{}", job.id), text })?;
    Ok(Exit::Ok)
}

fn summary(job: &Job, now: Timestamp) -> String {
    let mut text = String::new();
    let state = state_word(job.state);
    let _ = writeln!(
        text,
        "{} ({}, number {}): {} for {}",
        job.id.bold(),
        kind_word(job.kind),
        job.number,
        state,
        human::age(&job.state_since, now)
    );
    let _ = writeln!(text, "{} -> {}", address(&job.config.source), destination(&job.config));
    if !job.description.is_empty() {
        let _ = writeln!(text, "{}", job.description);
    }
    let answers = [("Is it moving?", moving(job)), ("How far behind?", behind(job)), ("What went wrong?", wrong(job, now))];
    text.push('\n');
    for (question, answer) in answers {
        let mut lines = answer.lines();
        let _ = writeln!(text, "{}  {}", format!("{question:<16}").bold(), lines.next().unwrap_or_default());
        for line in lines {
            let _ = writeln!(text, "{:18}{line}", "");
        }
    }
    text
}

fn moving(job: &Job) -> String {
    let progress = job.progress.clone().unwrap_or_default();
    let applied = format!(
        "{} row changes in {} transactions applied",
        human::count(progress.row_events_applied),
        human::count(progress.transactions_applied)
    );
    let sent =
        if job.config.kafka.is_some() { format!(", {} messages/s", human::rate(progress.messages_per_second)) } else { String::new() };
    match job.state {
        JobState::Pending => "not yet: it is about to start".into(),
        JobState::Copying => format!("yes: {}{sent}", copying(&progress)),
        JobState::Streaming | JobState::Lagging
            if progress.apply_rows_per_second < 0.05 && progress.queue == 0 && progress.lag_seconds.is_some_and(|lag| lag < 2.0) =>
        {
            format!("yes: idle, nothing to apply; {applied} so far")
        }
        JobState::Streaming | JobState::Lagging => {
            format!("yes: {} row changes/s{sent}; {applied} so far", human::rate(progress.apply_rows_per_second))
        }
        JobState::Throttled => {
            format!("yes, held back by its throttle: {} row changes/s{sent}; {applied} so far", human::rate(progress.apply_rows_per_second))
        }
        JobState::Waiting => format!("no: it waits{}", reason(job)),
        JobState::Stalled => format!("no: it makes no progress although the source does{}", reason(job)),
        JobState::Paused => format!("no: paused; `syncline jobs resume {}` continues it", job.id),
        JobState::Failed => format!("no: it failed; `syncline jobs retry {}` starts it again from its position", job.id),
        JobState::Complete => format!("no: complete; {applied}"),
    }
}

fn reason(job: &Job) -> String {
    if job.reason.is_empty() { String::new() } else { format!(": {}", job.reason) }
}

fn copying(progress: &Progress) -> String {
    let mut text = format!(
        "copying, {} of about {} rows",
        human::count(progress.rows_copied),
        human::count(progress.rows_estimated.max(progress.rows_copied))
    );
    if let Some(fraction) = copy_fraction(progress) {
        let _ = write!(text, " ({})", percent(fraction));
    }
    let _ =
        write!(text, ", {} rows/s, {}/s", human::rate(progress.copy_rows_per_second), human::bytes(progress.copy_bytes_per_second as u64));
    if let Some(eta) = progress.eta_seconds {
        let _ = write!(text, ", about {} left", human::seconds(eta as f64));
    }
    text
}

fn behind(job: &Job) -> String {
    let progress = job.progress.clone().unwrap_or_default();
    let mut text = match (job.state, progress.lag_seconds) {
        (JobState::Complete, _) => return "not at all: it applied everything it was to apply".into(),
        (JobState::Copying, _) => "the copy is not done; changes made meanwhile are kept and applied as it goes".into(),
        (JobState::Streaming | JobState::Lagging | JobState::Throttled, Some(lag)) => format!("{} behind the source", human::seconds(lag)),
        // Nothing is applied: the figure is the time since both ends were last known to agree.
        (_, Some(lag)) => format!("{}, and falling behind: it was last in step so long ago", human::seconds(lag)),
        (_, None) => "not known yet".into(),
    };
    if progress.queue > 0 || progress.spool_bytes > 0 {
        let _ = write!(
            text,
            "; waiting to be applied: {} transactions, {} on disk",
            human::count(progress.queue),
            human::bytes(progress.spool_bytes)
        );
    }
    text
}

fn wrong(job: &Job, now: Timestamp) -> String {
    let progress = job.progress.clone().unwrap_or_default();
    let mut lines = Vec::new();
    if let Some(failure) = &job.failure {
        lines.push(format!("{} [{}]", failure.message.red(), failure.code));
        lines.extend((!failure.hint.is_empty()).then(|| format!("hint: {}", failure.hint)));
    } else if job.state == JobState::Waiting {
        lines.push(format!("it waits: {}", job.reason));
    } else if let Some(error) = &progress.last_error {
        let when = progress.last_error_at.as_deref().map(|at| human::ago(at, now)).unwrap_or_else(|| "earlier".into());
        let restarts = job.run.as_ref().map_or(0, |r| r.restarts);
        match progress.last_error_recovered_at {
            Some(_) => lines.push(format!("nothing now; {when} it got over: {error} ({restarts} restarts in this run)")),
            None => lines.push(format!("{when}, not got over yet: {error} ({restarts} restarts in this run)")),
        }
    }
    let conflicts: u64 = progress.tables.iter().map(|t| t.conflicts).sum();
    let filtered: u64 = progress.tables.iter().map(|t| t.filtered).sum();
    lines.extend((filtered > 0).then(|| format!("{} rows were left out by row filters", human::count(filtered))));
    lines.extend((conflicts > 0).then(|| format!("{} rows at the target were not what the source's log said", human::count(conflicts))));
    lines.extend(progress.notes.iter().map(|note| format!("note: {} ({})", note.what, human::count(note.count))));
    if lines.is_empty() { "nothing".into() } else { lines.join("\n") }
}

fn tables(job: &Job) -> String {
    let tables = job.progress.as_ref().map(|p| p.tables.as_slice()).unwrap_or_default();
    if tables.is_empty() {
        return String::new();
    }
    let columns = [
        Column::new("table"),
        Column::new("phase"),
        Column::figures("rows copied"),
        Column::figures("of about"),
        Column::figures("size"),
        Column::figures("inserts"),
        Column::figures("updates"),
        Column::figures("deletes"),
        Column::figures("conflicts"),
        Column::figures("filtered"),
    ];
    let rows: Vec<Vec<Cell>> = tables.iter().map(table_row).collect();
    format!("\n{}", output::aligned(&columns, &rows))
}

fn table_row(progress: &TableProgress) -> Vec<Cell> {
    let TableProgress { schema, table, phase, rows_copied, rows_estimated, bytes_copied, inserts, updates, deletes, conflicts, filtered } =
        progress;
    vec![
        Cell::new(format!("{schema}.{table}")),
        Cell::new(phase),
        Cell::count(*rows_copied),
        Cell::count((*rows_estimated).max(*rows_copied)),
        Cell::bytes(*bytes_copied),
        Cell::count(*inserts),
        Cell::count(*updates),
        Cell::count(*deletes),
        Cell::count(*conflicts),
        Cell::count(*filtered),
    ]
}

fn topics(job: &Job) -> String {
    let topics = job.progress.as_ref().map(|p| p.topics.as_slice()).unwrap_or_default();
    if topics.is_empty() {
        return String::new();
    }
    let columns = [Column::new("topic"), Column::figures("partitions"), Column::figures("messages"), Column::figures("size")];
    let row = |TopicProgress { topic, partitions, messages, bytes }: &TopicProgress| {
        vec![Cell::new(topic), Cell::count(u64::from(*partitions)), Cell::count(*messages), Cell::bytes(*bytes)]
    };
    format!("\n{}", output::aligned(&columns, &topics.iter().map(row).collect::<Vec<_>>()))
}

fn section(title: &str, pairs: &[(&str, String)]) -> String {
    let mut text = format!("\n{}\n", title.bold());
    for (name, value) in pairs.iter().filter(|(_, value)| !value.is_empty()) {
        let _ = writeln!(text, "  {name:<18}{value}");
    }
    text
}

fn positions(job: &Job) -> String {
    let progress = job.progress.clone().unwrap_or_default();
    let file = if progress.file.is_empty() { String::new() } else { format!("{}:{}", progress.file, progress.file_position) };
    let known = |text: String| if text.is_empty() { "not known yet".to_owned() } else { text };
    section(
        "Position",
        &[("applied up to", known(progress.position)), ("in the log at", file), ("source is at", known(progress.source_position))],
    )
}

fn allocations(job: &Job, now: Timestamp) -> String {
    let Some(run) = &job.run else { return section("Run", &[("state", "never started".into())]) };
    let progress = job.progress.clone().unwrap_or_default();
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
            ("queue", format!("{} of {}", progress.queue, progress.queue_capacity)),
            ("spool", human::bytes(progress.spool_bytes)),
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
    text + &limits(&kafka.exclude_columns, kafka.rows_per_second)
}

/// The same of lines.
fn lines(lines: &Lines) -> String {
    form(lines.format, lines.message_schema) + &limits(&lines.exclude_columns, lines.rows_per_second)
}

fn form(format: MessageFormat, schema: bool) -> String {
    let schema = match format {
        MessageFormat::Debezium if schema => " with schema",
        MessageFormat::Debezium => " without schema",
        MessageFormat::Canal | MessageFormat::Flat | MessageFormat::Maxwell => "",
    };
    format!("{}{schema}", json(&format).as_str().unwrap_or_default())
}

fn limits(excluded: &[String], rate: Option<u64>) -> String {
    let mut text = String::new();
    if !excluded.is_empty() {
        let _ = write!(text, ", without {}", excluded.join(" "));
    }
    if let Some(rate) = rate {
        let _ = write!(text, ", at most {rate} rows/s");
    }
    text
}

fn config(job: &Job) -> String {
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
            r.filter.iter().fold(tables, |tables, filter| format!("{tables} (where {filter})"))
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
            ("create tables", of_target(if config.skip_create { "no" } else { "yes" }.into())),
            ("start after", config.start_gtid.clone().unwrap_or_default()),
            ("chunk rows", config.chunk_rows.map(|n| n.to_string()).unwrap_or_else(|| "automatic".into())),
            ("copy workers", config.copy_workers.map(|n| n.to_string()).unwrap_or_else(|| "automatic".into())),
            ("desired", job.desired.clone()),
            ("came through", job.origin.clone()),
            ("created", format!("{} by {}", job.created, if job.created_by.is_empty() { "-" } else { &job.created_by })),
            ("index", job.job_modify_index.to_string()),
        ],
    )
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::wire::native::jobs::{Failure, JobCreate, JobKind, Note};

    pub(in crate::cli) fn job(state: JobState) -> Job {
        let config: JobCreate = serde_json::from_value(serde_json::json!({
            "name": "orders", "kind": "sync",
            "source": {"host": "db1", "user": "repl", "password": "*"}, "target": {"host": "db2", "port": 3307, "user": "app", "password": "*"},
            "include": [{"schema": "shop"}],
        }))
        .unwrap();
        Job {
            id: "orders-sync".into(),
            number: 3,
            name: "orders".into(),
            kind: JobKind::Sync,
            description: String::new(),
            state,
            reason: String::new(),
            state_since: "2026-01-31T11:50:00Z".into(),
            desired: "running".into(),
            failure: None,
            origin: "native".into(),
            created: "2026-01-31T11:00:00Z".into(),
            updated: "2026-01-31T11:00:00Z".into(),
            created_by: String::new(),
            job_modify_index: 7,
            config,
            progress: Some(Progress {
                rows_copied: 400_000,
                rows_estimated: 1_000_000,
                bytes_copied: 80 << 20,
                copy_rows_per_second: 50_000.0,
                copy_bytes_per_second: (10u64 << 20) as f64,
                eta_seconds: Some(12),
                ..Progress::default()
            }),
            run: None,
        }
    }

    fn shown(job: &Job) -> String {
        anstream::adapter::strip_str(&summary(job, "2026-01-31T12:00:00Z".parse().unwrap())).to_string()
    }

    #[test]
    fn the_three_questions_are_answered_in_every_state() {
        for state in [JobState::Pending, JobState::Waiting, JobState::Stalled, JobState::Paused, JobState::Complete, JobState::Throttled] {
            let text = shown(&job(state));
            assert!(text.contains(state_word(state)) && text.matches('?').count() == 3, "{text}");
        }
        insta::assert_snapshot!("copying", shown(&job(JobState::Copying)));
        let mut streaming = job(JobState::Streaming);
        let progress = streaming.progress.as_mut().unwrap();
        progress.lag_seconds = Some(0.4);
        progress.apply_rows_per_second = 1234.0;
        progress.row_events_applied = 56_789;
        progress.transactions_applied = 9_876;
        progress.last_error = Some("connection closed".into());
        progress.last_error_at = Some("2026-01-31T11:57:00Z".into());
        progress.last_error_recovered_at = Some("2026-01-31T11:57:03Z".into());
        progress.notes = vec![Note { what: "views not copied".into(), count: 3 }];
        insta::assert_snapshot!("streaming", shown(&streaming));
        let mut failed = job(JobState::Failed);
        failed.failure =
            Some(Failure { code: "access_denied".into(), message: "access denied for repl@db1".into(), hint: "check the password".into() });
        insta::assert_snapshot!("failed", shown(&failed));
    }
}
