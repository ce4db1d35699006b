//! Source transactions as target transactions.
//!
//! A group is composed packet by packet from its rows, so that neither its SQL nor its decoded rows are ever held as a
//! whole, and composed again where a deadlock asks for a repeat. The COMMIT is held back until the fence and every count
//! have been looked at. Where a count is wrong, the group is rolled back and run again *carefully*: one row per packet, so
//! that it is known which one differs; it is settled as the policy says, or named in the error that ends the run.

use super::bookkeeping::{self, Books};
use super::conflict::{Conflict, Found};
use super::lane::{Group, Rows};
use super::net::{Net, Taken, Written};
use super::session::{Failed, LOCK_REPEATS, PING_AFTER, Session};
use super::statement::{Change, Composer, Expect, Packet};
use super::targets::Target;
use super::transactions::{self, Source};
use super::{Settings, ledger::Counts};
use crate::model::position::TxId;
use crate::model::progress::{ConflictDecision, ConflictSeen};
use crate::replicate::event::RowsKind;
use crate::replicate::sink::Mode;
use crate::replicate::stream::{RowReader, Value};
use crate::replicate::{Error, Kind, Result, error};
use std::sync::Arc;

/// Bound of a packet; a single row may be larger.
const PACKET_BYTES: usize = 1 << 20;

/// A target transaction under way.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) composer: Composer,
    /// The source's transaction whose rows are composed.
    pub(super) of: &'a TxId,
    /// One row per packet, so that it is known which one differs.
    pub(super) careful: bool,
    /// None: every change by itself.
    pub(super) net: Option<Net<'a>>,
}

/// One apply session.
#[derive(Debug)]
pub(super) struct Applier {
    pub(super) settings: Settings,
    pub(super) books: Books,
    pub(super) session: Session,
    /// The change that ended a transaction here.
    pub(super) stopped: Option<ConflictSeen>,
}

/// Why a target transaction was not made.
#[derive(Debug)]
pub(super) enum Problem {
    /// The server refused a statement.
    Failed(Failed, Option<Expect>),
    /// The `applied` row is there already.
    Applied,
    /// A row at the target is not what the log says.
    Conflict(Box<Conflict>),
    Refused(Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl Problem {
    fn is_lock_conflict(&self) -> bool {
        matches!(self, Self::Failed(f, _) if f.is_lock_conflict())
    }
    fn conflict(expect: Expect, found: Found) -> Self {
        Self::Conflict(Box::new(Conflict { expect, found, values: Vec::new() }))
    }
    /// Says whether it will be the same again, for what a transaction of the source is.
    fn stays(&self) -> bool {
        match self {
            Self::Failed(failed, _) => failed.code().is_some_and(error::is_permanent),
            Self::Conflict(_) => true,
            Self::Refused(error) => error.kind == Kind::Permanent,
            Self::Applied => false,
        }
    }
    /// Names the source's transaction.
    pub(super) fn of(self, id: &TxId) -> Self {
        match self {
            Self::Conflict(conflict) => Self::Refused(conflict.into_error(Some(id))),
            problem if problem.stays() => Self::Refused(problem.into_error().of_transaction(id)),
            other => other,
        }
    }
    pub(super) fn into_error(self) -> Error {
        match self {
            Self::Failed(f, Some(expect)) => super::value_free(f, &format!("{} of {}", super::verb(expect.kind), expect.target.table.name)),
            Self::Failed(f, None) => f.into_error("apply a transaction at the target"),
            Self::Applied => Error::permanent("applied_twice", "a transaction is recorded at the target and was sent again"),
            Self::Conflict(conflict) => conflict.into_error(None),
            Self::Refused(error) => error,
        }
    }
}

impl Applier {
    pub(super) fn new(settings: Settings, books: Books, session: Session) -> Self {
        Self { settings, books, session, stopped: None }
    }

    pub(super) async fn open(settings: Settings, books: Books) -> Result<Self> {
        let session = Session::open(&settings.endpoint, &books).await?;
        Ok(Self { settings, books, session, stopped: None })
    }

    pub(super) async fn close(self) {
        self.session.close(&self.books).await;
    }

    /// Pings an idle session.
    pub(super) async fn ping(&mut self) -> Result<()> {
        if self.session.idle() < PING_AFTER { Ok(()) } else { self.session.ping().await }
    }

    /// Pings an idle session and opens a new one where it is gone; never inside a transaction.
    pub(super) async fn wake(&mut self) -> Result<()> {
        if self.ping().await.is_err() {
            self.session = Session::open(&self.settings.endpoint, &self.books).await?;
        }
        Ok(())
    }

    /// Runs statements of the bookkeeping as one transaction.
    pub(super) async fn fenced(&mut self, statements: &[String]) -> Result<()> {
        self.session.fenced(&self.books, statements).await
    }

    /// Applies a group as one target transaction; returns what it did and the rows it left in `applied`.
    pub(super) async fn apply(&mut self, mut group: Group) -> Result<(Counts, Vec<(String, u64)>)> {
        let (mut repeats, mut careful) = (0, false);
        let (mut counts, mut keys) = (Counts::default(), Vec::new());
        while !group.transactions.is_empty() {
            let problem = match self.attempt(&group, careful).await {
                Ok((done, key)) => {
                    counts = done;
                    keys.push(key);
                    break;
                }
                Err(problem) => problem,
            };
            let repeat = match &problem {
                Problem::Applied => {
                    self.session.rollback().await?;
                    keys.push(self.leave_out_applied(&mut group).await?);
                    true
                }
                problem if !careful && problem.stays() => {
                    careful = true;
                    true
                }
                p if p.is_lock_conflict() && repeats < LOCK_REPEATS => {
                    repeats += 1;
                    true
                }
                _ => false,
            };
            let rolled_back = self.session.rollback().await;
            if !repeat {
                return Err(problem.into_error());
            }
            rolled_back?;
        }
        counts.lock_repeats = u64::from(repeats);
        Ok((counts, keys))
    }

    async fn attempt(&mut self, group: &Group, careful: bool) -> Result<(Counts, (String, u64)), Problem> {
        let mut counts = Counts::default();
        let first = &group.transactions.first().expect("the caller has looked").id;
        let (source, number) = Source::of(first);
        let ids = transactions::encode(group.transactions.iter().map(|tx| &tx.id));
        let mut work = Work { composer: self.start(&source, number, &ids), of: first, careful, net: (!careful).then(Net::default) };
        for tx in &group.transactions {
            counts.transactions += 1;
            work.of = &tx.id;
            for rows in &tx.rows {
                let outcome = self.rows(&mut work, rows, &mut counts).await;
                // Only then is it known which transaction differs: before, rows of several share a packet.
                outcome.map_err(|problem| if careful { self.named(problem, &tx.id) } else { problem })?;
            }
        }
        self.finish(&mut work).await?;
        self.session.commit().await?;
        Ok((counts, (source.to_string(), number)))
    }

    /// Names the source's transaction, and keeps what is remembered of a conflict.
    pub(super) fn named(&mut self, problem: Problem, id: &TxId) -> Problem {
        if let Problem::Conflict(conflict) = &problem {
            self.stopped = Some(conflict.seen(id, ConflictDecision::Stopped));
        }
        problem.of(id)
    }

    pub(super) fn start(&self, source: &Source, number: u64, ids: &str) -> Composer {
        let mut composer = Composer::default();
        composer.plain("START TRANSACTION");
        composer.fence(&self.books.insert_applied(source, number, ids));
        composer
    }

    /// Composes the rows of one event and sends what is full.
    pub(super) async fn rows<'g>(&mut self, work: &mut Work<'g>, rows: &'g Rows, counts: &mut Counts) -> Result<(), Problem> {
        let Rows { event, mode, target, behind } = rows;
        counts.bytes += event.rows.len() as u64;
        let (mode, Some(target)) = (*mode, target) else { return Ok(()) };
        let mut reader = RowReader::new(event, &target.unsigned);
        let (mut before, mut after) = (Vec::new(), Vec::new());
        let (mut inserted, mut updated, mut deleted, mut filtered) = (0, 0, 0, 0);
        while reader.next(&mut before, &mut after)? {
            let mut kind = event.kind;
            // Also of a row that the job leaves out: its children may be the job's.
            if !event.foreign_keys_off && target.below.as_ref().is_some_and(|below| below.is_set_off(kind, &before, &after)) {
                self.compose_collected(work).await?;
                self.follow(&mut work.composer, target, behind, kind, (&before, &after)).await?;
            }
            if let Some(rows) = &target.rows {
                let Some(passing) = rows.change(Change { kind, mode, before: &before, after: &after })? else {
                    filtered += 1;
                    continue;
                };
                kind = passing.kind;
            }
            counts.inexact += u64::from(kind != RowsKind::Delete && target.rounds(&after));
            // An update that crosses the filter has lost an image.
            match kind {
                RowsKind::Insert => (inserted += 1, before.clear()),
                RowsKind::Update => (updated += 1, ()),
                RowsKind::Delete => (deleted += 1, after.clear()),
            };
            if !self.collect(work, target, (kind, mode), &mut before, &mut after).await? {
                self.single(work, target, &Change { kind, mode, before: &before, after: &after }, counts).await?;
            }
        }
        for (kind, rows) in [(RowsKind::Insert, inserted), (RowsKind::Update, updated), (RowsKind::Delete, deleted)] {
            if rows > 0 {
                counts.rows(&event.map.table, kind, rows);
            }
        }
        counts.filtered(&event.map.table, filtered);
        Ok(())
    }

    /// Joins a change with others of its group; false: it is to be written by itself, and may be now.
    async fn collect<'g>(
        &mut self,
        work: &mut Work<'g>,
        target: &Arc<Target>,
        change: (RowsKind, Mode),
        before: &mut Vec<Value<'g>>,
        after: &mut Vec<Value<'g>>,
    ) -> Result<bool, Problem> {
        let Some(net) = &mut work.net else { return Ok(false) };
        let mut taken = net.take(target, change, before, after);
        if taken != Taken::Yes {
            let written = net.of(target);
            self.write(&mut work.composer, written).await?;
        }
        if taken == Taken::NotNow {
            taken = work.net.as_mut().map_or(Taken::Never, |net| net.take(target, change, before, after));
        }
        if work.net.as_ref().is_some_and(Net::is_full) {
            self.finish(work).await?;
        }
        Ok(taken == Taken::Yes)
    }

    /// Composes one change by itself.
    async fn single(&mut self, work: &mut Work<'_>, target: &Arc<Target>, change: &Change<'_>, counts: &mut Counts) -> Result<(), Problem> {
        let (composer, careful) = (&mut work.composer, work.careful);
        let large = change.large(target);
        if !large.is_empty() {
            self.send(composer.take()).await?;
            self.fill_variables(target, &large).await?;
        }
        if careful && change.mode == Mode::Exact {
            self.send(composer.take()).await?;
            self.carefully(target, work.of, change, counts).await?;
            return self.clear_variables(&large).await;
        }
        composer.change(target, change);
        if careful || !large.is_empty() || composer.bytes() >= self.packet_bytes() {
            self.send(composer.take()).await?;
        }
        self.clear_variables(&large).await
    }

    /// Composes rows that were made of several changes.
    async fn write(&mut self, composer: &mut Composer, rows: Vec<Written<'_>>) -> Result<(), Problem> {
        for row in rows {
            composer.written(&row);
            if composer.bytes() >= self.packet_bytes() {
                self.send(composer.take()).await?;
            }
        }
        Ok(())
    }

    /// Sends everything that was collected and composed.
    pub(super) async fn finish(&mut self, work: &mut Work<'_>) -> Result<(), Problem> {
        self.compose_collected(work).await?;
        self.send(work.composer.take()).await
    }

    /// Composes everything that was collected.
    async fn compose_collected(&mut self, work: &mut Work<'_>) -> Result<(), Problem> {
        if let Some(net) = &mut work.net {
            let written = net.all();
            self.write(&mut work.composer, written).await?;
        }
        Ok(())
    }

    fn packet_bytes(&self) -> usize {
        PACKET_BYTES.min(self.session.max_packet / 2)
    }

    /// Sends a packet and holds every answer against what it must be.
    pub(super) async fn send(&mut self, packet: Option<Packet>) -> Result<(), Problem> {
        let Some(Packet { sql, expects, fence }) = packet else { return Ok(()) };
        let answers = match self.session.batch(&sql).await {
            Ok(answers) => answers,
            Err(failed) => {
                let expect = expects.get(failed.at).cloned().flatten();
                return Err(match (failed.code(), expect) {
                    (Some(1062), Some(expect)) => Problem::conflict(expect, Found::Duplicate),
                    (Some(1062), None) if fence == Some(failed.at) => Problem::Applied,
                    (_, expect) => Problem::Failed(failed, expect),
                });
            }
        };
        drop(sql);
        if fence.is_some_and(|at| answers.get(at).is_none_or(|a| a.affected != 1)) {
            return Err(bookkeeping::fenced().into());
        }
        for (answer, expect) in answers.iter().zip(expects) {
            let Some(expect) = expect else { continue };
            if expect.rows.is_some_and(|rows| rows != answer.affected) {
                return Err(Problem::conflict(expect, Found::Rows(answer.affected)));
            }
            if expect.warnings.is_some_and(|warnings| warnings != answer.warnings) {
                let name = &expect.target.table.name;
                return Err(Error::permanent(
                    "apply_warnings",
                    format!("the target changed values of a row of {name} with an invalid ENUM value"),
                )
                .into());
            }
        }
        Ok(())
    }

    /// Takes out of a group what the row in `applied` under its first key stands for.
    async fn leave_out_applied(&mut self, group: &mut Group) -> Result<(String, u64)> {
        let (source, number) = Source::of(&group.transactions.first().expect("the caller has looked").id);
        let sql = self.books.applied_ids(&source, number);
        let ids = self.session.first_bytes(&sql).await?.and_then(|ids| transactions::decode(&String::from_utf8_lossy(&ids)));
        let ids = ids.ok_or_else(|| Problem::Applied.into_error())?;
        group.transactions.retain(|tx| !ids.iter().any(|id| Source::of(id) == Source::of(&tx.id)));
        Ok((source.to_string(), number))
    }
}
