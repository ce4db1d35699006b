//! Who looks: takes what passed out of its ring, reads rows by the source's definitions, and shows as many as it may.
//!
//! `next` can be dropped at any await and asked again: what it was at work on stays.

use super::shown::{Op, Shown};
use super::{Passed, Ring, Tap, Wanted};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::live::RateLimit;
use crate::model::messages::{MessageFormat, MessageSpec};
use crate::model::position::TxId;
use crate::model::replicate::{ReplicateSpec, SinkSpec, TableFilter, TableName};
use crate::replicate::connect;
use crate::replicate::encode::{Change, Message, Origin, TableEncoder};
use crate::replicate::event::{RowsEvent, RowsKind};
use crate::replicate::sink::RowBlock;
use crate::replicate::sink::messages::{Known, Naming, Tables, passing};
use crate::replicate::stream::rows::RowReader;
use crate::replicate::table::Table;
use crate::replicate::throttle::Bucket;
use crate::replicate::{Error, Result};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// How long the source may take to say what a table is, and how long it is not asked again when it does not.
const PATIENCE: Duration = Duration::from_secs(3);
const PAUSE: Duration = Duration::from_secs(30);

/// What was not shown since the last time that this was asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Missed {
    /// Rows beyond the rate.
    pub rows: u64,
    /// Events that passed faster than they were taken.
    pub events: u64,
}

/// What decides about the rows of a job: which are its own, and which of their columns.
#[derive(Debug, PartialEq, Eq)]
struct Of {
    source: MysqlEndpoint,
    filter: TableFilter,
    messages: MessageSpec,
}

impl Of {
    fn new(spec: &ReplicateSpec) -> Self {
        let messages = match &spec.dest.sink {
            SinkSpec::Kafka(sink) => Some(&sink.messages),
            SinkSpec::Lines(sink) => Some(&sink.messages),
            SinkSpec::Mysql(_) => None,
        };
        // Whatever the job writes: of all forms it shows values best to people.
        let format = MessageFormat::Maxwell;
        let exclude_columns = messages.map(|m| m.exclude_columns.clone()).unwrap_or_default();
        let messages = MessageSpec { format, exclude_columns, tombstones: false };
        Self { source: spec.src.endpoint.clone(), filter: spec.src.filter.clone(), messages }
    }
}

/// One look at a job. Dropping it ends it.
pub struct Viewer {
    tap: Tap,
    ring: Ring,
    passed: mpsc::Receiver<Passed>,
    current: Option<Passed>,
    ready: VecDeque<Shown>,
    bucket: Bucket,
    values: bool,
    of: Of,
    tables: Option<Tables>,
    /// Tables that the source did not tell of, until when it is not asked again.
    unknown: HashMap<TableName, Instant>,
    missed: Missed,
}

impl std::fmt::Debug for Viewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Viewer").finish_non_exhaustive()
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.tap.leave(&self.ring);
    }
}

impl Viewer {
    /// Begins to look. The job's source tells what the tables are.
    pub fn new(tap: Tap, spec: &ReplicateSpec, table: Option<String>, values: bool, rows_per_second: u64) -> Self {
        let (ring, passed) = tap.join(table.map(Wanted));
        let limit = RateLimit::even(rows_per_second);
        Self {
            tap,
            ring,
            passed,
            current: None,
            ready: VecDeque::new(),
            bucket: Bucket::new(limit, Instant::now()),
            values,
            of: Of::new(spec),
            tables: None,
            unknown: HashMap::new(),
            missed: Missed::default(),
        }
    }

    /// Takes up what the job is to do by now.
    pub fn follow(&mut self, spec: &ReplicateSpec) {
        let of = Of::new(spec);
        if of != self.of {
            (self.of, self.tables) = (of, None);
            self.unknown.clear();
        }
    }

    /// Returns the next change that is to be shown.
    pub async fn next(&mut self) -> Shown {
        loop {
            if let Some(shown) = self.ready.pop_front() {
                return shown;
            }
            let current = match self.current.clone() {
                Some(current) => current,
                None => {
                    let Some(passed) = self.passed.recv().await else { return std::future::pending().await };
                    self.ring.bytes.fetch_sub(passed.bytes(), Ordering::Relaxed);
                    self.current.insert(passed).clone()
                }
            };
            match current {
                Passed::Rows { id, unix_time, event } => self.rows(&id, unix_time, &event).await,
                Passed::Copied { table, rows, more, unix_ms } => self.copied(&table, &rows, more, unix_ms).await,
                Passed::Statement { id, ddl } => {
                    let shown = self.blank(Op::Statement, TableName::new(&ddl.default_schema, ""), ddl.unix_time.saturating_mul(1000));
                    let statement = self.values.then_some(ddl.statement);
                    self.ready.push_back(Shown { statement, ..at(&id, shown) });
                }
            }
            self.current = None;
        }
    }

    /// Takes what was missed since the last time; None: nothing.
    pub fn take_missed(&mut self) -> Option<Missed> {
        self.missed.events += self.ring.lost.swap(0, Ordering::Relaxed);
        let missed = std::mem::take(&mut self.missed);
        (missed != Missed::default()).then_some(missed)
    }

    async fn rows(&mut self, id: &TxId, unix_time: i64, event: &RowsEvent) {
        let (known, note) = match self.definition(event).await {
            Ok(known) => (Some(known), None),
            Err(e) => (None, Some(format!("its definition is not known: {}", e.message))),
        };
        // A transaction that comes in parts has its time at its end.
        let unix_ms = if unix_time > 0 { unix_time.saturating_mul(1000) } else { jiff::Timestamp::now().as_millisecond() };
        let op = match event.kind {
            RowsKind::Insert => Op::Insert,
            RowsKind::Update => Op::Update,
            RowsKind::Delete => Op::Delete,
        };
        let unsigned = known.as_ref().map(|k| k.encoder.unsigned().to_vec()).unwrap_or_default();
        let mut reader = RowReader::new(event, &unsigned);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        // What cannot be read stops the job, not the viewer.
        while reader.next(&mut before, &mut after).unwrap_or(false) {
            let mut shown = at(id, self.blank(op, event.map.table.clone(), unix_ms));
            shown.note.clone_from(&note);
            let Some(known) = &known else {
                self.show(vec![shown]);
                continue;
            };
            shown.key = key(&known.table);
            let row = || -> Result<_> {
                let old = if before.is_empty() { Vec::new() } else { known.encoder.from_log(&before)? };
                let new = if after.is_empty() { Vec::new() } else { known.encoder.from_log(&after)? };
                match passing(known, event.kind, &old, &new)? {
                    Some((change, _)) => encoded(&known.encoder, &change),
                    None => Ok(Vec::new()),
                }
            };
            let all = changes(&shown, row(), self.values);
            self.show(all);
        }
    }

    /// Shows a row's changes if the rate allows.
    fn show(&mut self, changes: Vec<Shown>) {
        if changes.is_empty() {
        } else if self.bucket.try_take(Instant::now()) {
            self.ready.extend(changes);
        } else {
            self.missed.rows += 1;
        }
    }

    async fn copied(&mut self, table: &Arc<Table>, rows: &RowBlock, more: u64, unix_ms: i64) {
        self.missed.rows += more;
        let known = match self.tables().await {
            Ok(tables) => tables.copied(table),
            Err(e) => Err(e),
        };
        let columns: Vec<usize> = table.stored_columns().map(|(i, _)| i).collect();
        for row in 0..rows.rows() {
            let mut shown = self.blank(Op::Copy, table.name.clone(), unix_ms);
            shown.key = key(table);
            let read = || -> Result<_> {
                let known = known.as_ref().map_err(|e| Error::new(e.kind, e.code, e.message.clone()))?;
                let row = known.encoder.from_copy(rows, row, &columns)?;
                if known.keeps(&row)? { encoded(&known.encoder, &Change::Read(&row)) } else { Ok(Vec::new()) }
            };
            let all = changes(&shown, read(), self.values);
            self.show(all);
        }
    }

    fn blank(&self, op: Op, table: TableName, unix_ms: i64) -> Shown {
        Shown {
            unix_ms,
            op,
            table,
            gtid: None,
            position: String::new(),
            key: Vec::new(),
            data: None,
            old: None,
            statement: None,
            note: None,
        }
    }

    async fn definition(&mut self, event: &RowsEvent) -> Result<Arc<Known>> {
        let name = &event.map.table;
        if self.unknown.get(name).is_some_and(|until| *until > Instant::now()) {
            return Err(Error::transient("definition_unknown", "the source did not tell it"));
        }
        let asked = tokio::time::timeout(PATIENCE, async { self.tables().await?.of(&event.map).await }).await;
        let found = asked.unwrap_or_else(|_| Err(Error::transient("unreachable", "the source does not answer in time")));
        match &found {
            Ok(_) => drop(self.unknown.remove(name)),
            Err(_) => drop(self.unknown.insert(name.clone(), Instant::now() + PAUSE)),
        }
        found
    }

    async fn tables(&mut self) -> Result<&Tables> {
        if self.tables.is_none() {
            let Of { source, filter, messages } = &self.of;
            let mut conn = connect::open(source, false).await?;
            let info = connect::inspect(&mut conn, source).await;
            // A failed farewell leaves nothing behind.
            conn.disconnect().await;
            self.tables = Some(Tables::new(source.clone(), filter, info?, Naming::Tables, messages, Vec::new())?);
        }
        self.tables.as_ref().ok_or_else(|| Error::permanent("definition_unknown", "there are no definitions"))
    }
}

fn at(id: &TxId, shown: Shown) -> Shown {
    let gtid = id.gtid.as_ref().map(ToString::to_string);
    Shown { gtid, position: format!("{}:{}", id.file, id.start_offset), ..shown }
}

fn key(table: &Table) -> Vec<String> {
    table.row_key().map(|key| key.columns.iter().map(|&c| table.columns[c].name.clone()).collect()).unwrap_or_default()
}

/// The rows of a message as Maxwell's form has them.
#[derive(Deserialize)]
struct Row<'a> {
    r#type: &'a str,
    #[serde(borrow)]
    data: &'a RawValue,
    #[serde(borrow)]
    old: Option<&'a RawValue>,
}

fn encoded(encoder: &TableEncoder, change: &Change<'_>) -> Result<Vec<Message>> {
    let mut messages = Vec::new();
    encoder.encode(change, &Origin::default(), &mut messages)?;
    Ok(messages)
}

/// What a change looks like: as its messages are, so that an update of the key is a delete and an insert.
fn changes(shown: &Shown, messages: Result<Vec<Message>>, values: bool) -> Vec<Shown> {
    let messages = match messages {
        Ok(messages) => messages,
        Err(e) => return vec![Shown { note: Some(format!("its values cannot be shown: {}", e.message)), ..shown.clone() }],
    };
    let rows = messages.iter().filter_map(|m| serde_json::from_slice::<Row<'_>>(m.value.as_deref()?).ok());
    let one = |row: Row<'_>| {
        let op = match row.r#type {
            "insert" => Op::Insert,
            "update" => Op::Update,
            "delete" => Op::Delete,
            _ => Op::Copy,
        };
        let text = |raw: &RawValue| raw.get().to_owned();
        let (data, old) = if values { (Some(text(row.data)), row.old.map(text)) } else { (None, None) };
        Shown { op, data, old, ..shown.clone() }
    };
    rows.map(one).collect()
}
