//! The stored form of a job's figures: what was counted. What was measured is measured again.

use super::super::Result;
use super::progress::{progress_from, progress_to};
use super::{check, read, write};
use crate::model::progress::{ConflictChange, ConflictDecision, ConflictSeen, Errors, Progress, TablePhase, TableProgress, TopicProgress};
use crate::model::replicate::TableName;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Stored {
    version: u32,
    src: String,
    dest: String,
    #[serde(default)]
    tables: Vec<StoredTable>,
    #[serde(default)]
    topics: Vec<StoredTopic>,
    #[serde(default)]
    source_position: String,
    #[serde(default)]
    notes: Vec<(String, u64)>,
    #[serde(default)]
    copied_total: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log_kept_seconds: Option<f64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    conflicts: Vec<StoredConflict>,
    #[serde(default)]
    errors: StoredErrors,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct StoredTable {
    schema: String,
    table: String,
    phase: String,
    rows_copied: u64,
    rows_estimated: u64,
    bytes_copied: u64,
    inserts: u64,
    updates: u64,
    deletes: u64,
    conflicts: u64,
    filtered: u64,
    held_rows: bool,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct StoredTopic {
    topic: String,
    partitions: u32,
    messages: u64,
    bytes: u64,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct StoredErrors {
    last: Option<String>,
    last_at: Option<Timestamp>,
    recovered_at: Option<Timestamp>,
    count: u64,
    restarts: u64,
}

#[derive(Serialize, Deserialize)]
struct StoredConflict {
    time: Timestamp,
    schema: String,
    table: String,
    key: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    values: Vec<Option<String>>,
    transaction: String,
    change: String,
    decision: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    differs: Vec<String>,
}

impl StoredConflict {
    fn of(seen: ConflictSeen) -> Self {
        let ConflictSeen { time, table: TableName { schema, table }, key, values, transaction, change, decision, differs } = seen;
        let (change, decision) = (change.as_str().to_owned(), decision.as_str().to_owned());
        Self { time, schema, table, key, values, transaction, change, decision, differs }
    }

    /// None: its words are of a later release.
    fn into_model(self) -> Option<ConflictSeen> {
        let Self { time, schema, table, key, values, transaction, change, decision, differs } = self;
        let changes = [ConflictChange::Insert, ConflictChange::Update, ConflictChange::Delete];
        let decisions = [ConflictDecision::Stopped, ConflictDecision::Overwritten, ConflictDecision::Skipped, ConflictDecision::Removed];
        let change = changes.into_iter().find(|c| c.as_str() == change)?;
        let decision = decisions.into_iter().find(|d| d.as_str() == decision)?;
        Some(ConflictSeen { time, table: TableName::new(schema, table), key, values, transaction, change, decision, differs })
    }
}

pub(in crate::store) fn figures_to(figures: &Progress) -> Result<String> {
    let Progress {
        state: _,
        src,
        dest,
        tables,
        topics,
        messages_per_second: _,
        source_position,
        applied: _,
        in_step: _,
        spool_bytes: _,
        target_stands: _,
        copy_rows_per_second: _,
        copy_bytes_per_second: _,
        apply_rows_per_second: _,
        eta_seconds: _,
        notes,
        copied_total,
        log_kept_seconds,
        conflicts,
        held_back: _,
        held_by: _,
        finishes_when: _,
        // It is met again.
        question: _,
        busy: _,
        errors: Errors { last, last_at, recovered_at, count, restarts },
    } = figures.clone();
    let table = |progress| {
        let TableProgress {
            table: TableName { schema, table },
            phase,
            rows_copied,
            rows_estimated,
            bytes_copied,
            inserts,
            updates,
            deletes,
            conflicts,
            filtered,
            held_rows,
        } = progress;
        let phase = phase.as_str().to_owned();
        StoredTable {
            schema,
            table,
            phase,
            rows_copied,
            rows_estimated,
            bytes_copied,
            inserts,
            updates,
            deletes,
            conflicts,
            filtered,
            held_rows,
        }
    };
    write(&Stored {
        version: VERSION,
        src: progress_to(&src)?,
        dest: progress_to(&dest)?,
        tables: tables.into_iter().map(table).collect(),
        topics: topics
            .into_iter()
            .map(|TopicProgress { topic, partitions, messages, bytes }| StoredTopic { topic, partitions, messages, bytes })
            .collect(),
        source_position,
        notes,
        copied_total,
        log_kept_seconds,
        conflicts: conflicts.into_iter().map(StoredConflict::of).collect(),
        errors: StoredErrors { last, last_at, recovered_at, count, restarts },
    })
}

pub(in crate::store) fn figures_from(text: &str) -> Result<Progress> {
    let Stored { version, src, dest, tables, topics, source_position, notes, copied_total, log_kept_seconds, conflicts, errors } =
        read("figures", text)?;
    check(version, "figures")?;
    let StoredErrors { last, last_at, recovered_at, count, restarts } = errors;
    let phases = [TablePhase::Pending, TablePhase::Copying, TablePhase::Converging, TablePhase::Exact, TablePhase::Followed];
    let table = |stored| {
        let StoredTable {
            schema,
            table,
            phase,
            rows_copied,
            rows_estimated,
            bytes_copied,
            inserts,
            updates,
            deletes,
            conflicts,
            filtered,
            held_rows,
        } = stored;
        // A phase that is not known is shown as not begun; the target knows better once it is asked.
        let phase = phases.into_iter().find(|p| p.as_str() == phase).unwrap_or_default();
        let table = TableName::new(schema, table);
        TableProgress { table, phase, rows_copied, rows_estimated, bytes_copied, inserts, updates, deletes, conflicts, filtered, held_rows }
    };
    Ok(Progress {
        src: progress_from(&src)?,
        dest: progress_from(&dest)?,
        tables: tables.into_iter().map(table).collect(),
        topics: topics
            .into_iter()
            .map(|StoredTopic { topic, partitions, messages, bytes }| TopicProgress { topic, partitions, messages, bytes })
            .collect(),
        source_position,
        notes,
        copied_total,
        log_kept_seconds,
        conflicts: conflicts.into_iter().filter_map(StoredConflict::into_model).collect(),
        errors: Errors { last, last_at, recovered_at, count, restarts },
        ..Progress::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_round_trip_and_those_of_version_1_load_for_ever() {
        let mut figures = Progress { copied_total: 7, notes: vec![("views".into(), 2)], ..Progress::default() };
        figures.dest.delay_seconds = Some(1.5);
        figures.errors = Errors { last: Some("lost".into()), count: 3, ..Errors::default() };
        let table = TableProgress {
            rows_copied: 5,
            updates: 4,
            held_rows: true,
            ..TableProgress::new(TableName::new("a", "b"), TablePhase::Exact)
        };
        figures.tables.push(table);
        figures.topics.push(TopicProgress { topic: "t".into(), partitions: 3, messages: 8, bytes: 80 });
        figures.conflicts.push(ConflictSeen {
            time: Timestamp::UNIX_EPOCH,
            table: TableName::new("a", "b"),
            key: vec!["id".into()],
            values: vec![Some("5".into())],
            transaction: "0-1-7".into(),
            change: ConflictChange::Update,
            decision: ConflictDecision::Skipped,
            differs: vec!["v".into()],
        });
        assert_eq!(figures_from(&figures_to(&figures).unwrap()).unwrap(), figures);
        let old = r#"{"version":1,"src":"{}","dest":"{\"tx_applied\":9}","tables":[{"schema":"a","table":"b","phase":"exact","rows_copied":5}],"notes":[["views",2]]}"#;
        let loaded = figures_from(old).unwrap();
        assert_eq!((loaded.dest.tx_applied, loaded.tables[0].rows_copied, loaded.tables[0].phase), (9, 5, TablePhase::Exact));
        assert!(figures_from(r#"{"version":2,"src":"{}","dest":"{}"}"#).is_err());
    }
}
