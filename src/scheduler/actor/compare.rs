//! Comparisons of both sides: one at a time per job, each a task of its own whose outcome is stored.

use super::super::handle::{By, Selector};
use super::super::jobs::resolve;
use super::super::orders::table_name;
use super::super::patrol::{Place, Standing};
use super::super::record::Plan;
use super::super::retry;
use super::super::verify::{ComparedTable, Comparison, Mending, Wish, overall, table};
use super::super::{Error, Refused, Result};
use super::mend;
use super::patrol::is_busy;
use super::{Actor, command, now};
use crate::model::finding::Side;
use crate::model::job::{JobId, JobSpec};
use crate::model::position::Position;
use crate::model::progress::{Progress, TablePhase, TableProgress};
use crate::model::replicate::TableName;
use crate::model::run::RunEventKind;
use crate::replicate::repair::{Damaged, Mender};
use crate::replicate::sink::mysql::MysqlSink;
use crate::replicate::verify::{Beside, Options, Outcome, Pace, Reached, Repairer, TableVerdict, verify_copied};
use crate::store::verifications::{self, State, Verification};
use crate::store::{audit, memory, sequences};
use futures::FutureExt as _;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The part of the time in which a round works.
const SHARE: f64 = 0.1;

#[derive(Default)]
pub(super) struct Comparisons {
    tasks: JoinSet<Compared>,
    live: HashMap<u64, Live>,
}

/// One that is under way.
struct Live {
    job: JobId,
    tables: watch::Receiver<Vec<ComparedTable>>,
    cancel: CancellationToken,
    /// One of those that come by themselves.
    round: bool,
    /// Of all tables.
    whole: bool,
    /// It makes room and goes on later.
    cut_off: bool,
}

pub(super) struct Compared {
    row: Verification,
    result: Result<Vec<ComparedTable>, String>,
}

impl Comparisons {
    /// Returns the next one that ended; None = none is under way.
    pub(super) async fn join_next(&mut self) -> Option<Compared> {
        loop {
            match self.tasks.join_next().await? {
                Ok(ended) => return Some(ended),
                // Aborted at shutdown: the row says running until the next boot marks it interrupted.
                Err(e) => tracing::debug!(error = %e, "a comparison was lost"),
            }
        }
    }

    pub(super) fn cancel(&self, job: &JobId) {
        self.live.values().filter(|l| l.job == *job).for_each(|l| l.cancel.cancel());
    }

    pub(super) fn is_comparing(&self, job: &JobId) -> bool {
        self.live.values().any(|l| l.job == *job)
    }

    /// Ends a round for now.
    pub(super) fn cut_off(&mut self, job: &JobId) {
        for live in self.live.values_mut().filter(|l| l.job == *job && l.round) {
            live.cut_off = true;
            live.cancel.cancel();
        }
    }

    pub(super) fn abort(&mut self) {
        self.tasks.abort_all();
    }
}

/// Whoever brings the job's changes, over all runs.
type Bringing = watch::Receiver<(bool, watch::Receiver<Progress>)>;

/// Says how far the job is with these tables. What is at the target stays there: a run that has ended since was there too, and
/// `before` is what the target said when the comparison began.
fn reached(bringing: &Bringing, tables: &[TableName], before: Option<&Position>) -> Reached {
    let (works, figures) = bringing.borrow().clone();
    let p = figures.borrow();
    // Until a table is copied what is applied says nothing of it.
    let open = |t: &&TableProgress| matches!(t.phase, TablePhase::Pending | TablePhase::Copying);
    let copied = !p.tables.iter().filter(open).any(|t| tables.contains(&t.table));
    let copying: u64 = p.tables.iter().map(|t| t.rows_copied).sum();
    // One that waits with a statement brings nothing until somebody decides.
    if !works || p.question.is_some() {
        return if copied { Reached::Rests(p.applied.as_ref().or(before).cloned()) } else { Reached::Uncopied };
    }
    let moves =
        [p.dest.tx_applied, p.dest.row_events_applied, p.src.row_events_read, copying].iter().fold(0, |a: u64, n| a.wrapping_add(*n));
    Reached::At { position: p.applied.clone().filter(|_| copied), moves }
}

/// Tells a running engine which tables hold what the source has, if it has the time: the next comparison says it again.
async fn alike(engines: &watch::Receiver<Option<Mender>>, tables: Vec<TableName>) {
    const PATIENCE: Duration = Duration::from_secs(5);
    let engine = engines.borrow().clone();
    if let Some(engine) = engine.filter(|_| !tables.is_empty()) {
        drop(tokio::time::timeout(PATIENCE, engine.alike(tables)).await);
    }
}

impl Actor {
    pub(super) async fn verify(&mut self, job: &Selector, wish: Wish, by: By) -> Result<Comparison> {
        let id = resolve(&self.jobs, job)?;
        // What comes by itself makes room.
        self.comparisons.cut_off(&id);
        let audit = audit::Entry { detail: wish.mending.as_str().to_owned(), ..command::audit_row("job.verify", &id, by) };
        self.compare(&id, wish, Some(audit), false).await
    }

    /// Begins one; a round rests between its pages.
    pub(super) async fn compare(&mut self, id: &JobId, wish: Wish, audit: Option<audit::Entry>, round: bool) -> Result<Comparison> {
        let Wish { tables, max_differences, mending, by_rows } = wish;
        let id = id.clone();
        let tables = tables.iter().map(|t| table_name(t)).collect::<Result<Vec<_>>>()?;
        let whole = tables.is_empty();
        if let Some((number, _)) = self.comparisons.live.iter().find(|(_, l)| l.job == id && !l.cut_off) {
            let message = format!("verification {number} of {id} is still running");
            return Err(Refused::new("verify_running", message, "wait for it, or end it: `syncline jobs verify --cancel`").into());
        }
        let entry = self.jobs.get(&id).ok_or_else(|| Error::NotFound(format!("job {id}")))?;
        let JobSpec::Replicate(spec) = entry.job.spec.clone();
        let Some(dest) = spec.dest.sink.endpoint().cloned() else {
            let message = format!("{id} writes messages: there are no tables to compare");
            return Err(Refused::new("nothing_to_compare", message, "a migration or sync can be compared").into());
        };
        if mending == Mending::Repair && entry.reins.is_none() {
            let message = format!("the job is {}, and rows are repaired beside the stream", entry.job.state.as_str());
            let hint = "resume it first; or take the statements and run them yourself: `syncline jobs verify --repair-sql FILE`";
            return Err(Refused::new("job_not_running", message, hint).into());
        }
        let mut row = Verification {
            number: 0,
            job_number: entry.job.number,
            state: State::Running,
            started: now(),
            ended: None,
            error: String::new(),
            result: "[]".to_owned(),
        };
        let row = self
            .store
            .write(move |db| {
                verifications::insert(db, &mut row)?;
                sequences::next(db, sequences::Sequence::Index)?;
                audit.as_ref().map_or(Ok(()), |audit| audit::add(db, audit))?;
                Ok(row)
            })
            .await?;
        let cancel = CancellationToken::new();
        let (seen, tables_seen) = watch::channel(Vec::new());
        let live = Live { job: id.clone(), tables: tables_seen, cancel: cancel.clone(), round, whole, cut_off: false };
        self.comparisons.live.insert(row.number, live);
        let options = Options {
            max_differences: if max_differences == 0 { 100 } else { usize::try_from(max_differences.min(10_000)).unwrap_or(100) },
            ..Options::default()
        };
        let shown = comparison(row.clone(), id, None);
        let policy = Arc::clone(&self.policy);
        let (bringing, figures) = (entry.bringing.subscribe(), entry.progress.clone());
        let file = self.statements_file(entry.job.number, row.number);
        let mender = mend::Mender::new(mending, entry.mender.subscribe(), file, &format!("comparison {} of job {}", row.number, shown.job));
        let engines = entry.mender.subscribe();
        let patrol = entry.patrol.clone().filter(|_| round);
        let (store, whose, job) = (self.store.clone(), shown.job.clone(), shown.job.0.clone());
        self.comparisons.tasks.spawn(async move {
            let src = &spec.src.endpoint;
            let place = patrol.as_ref().and_then(|p| p.place.clone());
            let after = place.as_ref().map(Place::name);
            let (past, mut passed) = mpsc::unbounded_channel();
            let found = std::sync::Mutex::new(place.unwrap_or_default());
            let seen = &seen;
            let progress = move |verdict: TableVerdict| {
                let table = table(verdict);
                {
                    let mut found = found.lock().expect("nothing panics while holding it");
                    let (different, repaired) = (found.different + table.different, found.repaired + table.repaired);
                    *found = Place { schema: table.schema.clone(), table: table.table.clone(), different, repaired };
                    // Heard as long as the comparison goes on.
                    let _ = past.send(found.clone());
                }
                seen.send_modify(|t: &mut Vec<ComparedTable>| t.push(table));
            };
            let keep = async {
                while let Some(place) = passed.recv().await {
                    let (job, document) = (job.clone(), Standing::place_document(Some(&place)));
                    // Lost, the round begins at an earlier table after a crash.
                    if round && let Err(e) = store.write(move |db| memory::put(db, &job, &[document])).await {
                        tracing::debug!(error = %e, "the place of a comparison could not be recorded");
                    }
                }
            };
            let busy = || is_busy(&figures);
            let pace = patrol.as_ref().map(|p| Pace { share: SHARE, rows_per_second: p.patrol.rows_per_second, busy: &busy });
            let work = async {
                policy.check_spec(&spec).await.map_err(|barred| barred.to_string())?;
                if let Some(pace) = pace {
                    // Cancelled, the comparison itself says so.
                    let _ = cancel.run_until_cancelled(pace.rest(Duration::ZERO, 0)).await;
                }
                // A job that rests since the daemon's start has no figures of that, nor has a run that fails before it applies anything.
                let rests = !bringing.borrow().0;
                let before = match MysqlSink::watermark(&dest, &whose).await {
                    Err(e) if rests => return Err(e.message),
                    said => said.unwrap_or_default(),
                };
                let arrived = |tables: &[TableName]| reached(&bringing, tables, before.as_ref());
                let filter = &spec.src.filter;
                let mender = mender.open(src, &dest, filter).await.map_err(|e| e.message)?;
                let repairer = |damaged: Damaged| mender.mend(damaged).boxed();
                let repairer: Option<Repairer<'_>> = if mending == Mending::Nothing { None } else { Some(&repairer) };
                let beside = Beside { arrived: &arrived, again: &retry::beside, repairer, by_sums: !by_rows, pace, after: after.as_ref() };
                let report = verify_copied(src, &dest, &tables, filter, options, beside, progress, &cancel).await;
                if let Ok(report) = &report {
                    let equal = report.tables.iter().filter(|t| t.outcome == Outcome::Equal);
                    alike(&engines, equal.map(|t| t.table.clone()).collect()).await;
                }
                report.map_err(|e| e.message)
            };
            let (result, ()) = tokio::join!(AssertUnwindSafe(Box::pin(work)).catch_unwind(), keep);
            let result = match result {
                Ok(report) => report.map(|report| report.tables.into_iter().map(table).collect()),
                Err(_) => Err("the comparison panicked; this is a defect of ours".to_owned()),
            };
            Compared { row, result }
        });
        Ok(shown)
    }

    pub(super) async fn verification(&self, job: &Selector, number: u64) -> Result<Comparison> {
        let id = resolve(&self.jobs, job)?;
        let job_number = self.jobs.get(&id).map_or(0, |e| e.job.number);
        let row = self.store.read(move |db| verifications::get(db, job_number, number)).await?;
        let live = self.comparisons.live.get(&number).filter(|_| row.state == State::Running).map(|l| l.tables.borrow().clone());
        Ok(comparison(row, id, live))
    }

    pub(super) async fn cancel_verify(&mut self, job: &Selector, by: By) -> Result<Comparison> {
        let id = resolve(&self.jobs, job)?;
        let live = self.comparisons.live.iter().find(|(_, l)| l.job == id && !l.cut_off).map(|(number, l)| (*number, l.cancel.clone()));
        let Some((number, cancel)) = live else {
            return Err(Refused::new("no_verify_runs", format!("no verification of {id} is running"), "").into());
        };
        let audit = command::audit_row("job.verify.cancel", &id, by);
        self.store
            .write(move |db| {
                sequences::next(db, sequences::Sequence::Index)?;
                audit::add(db, &audit)
            })
            .await?;
        cancel.cancel();
        self.verification(job, number).await
    }

    /// A difference, and what was repaired, is among the job's events.
    async fn tell_difference(&self, id: &JobId, number: u64, tables: &[ComparedTable]) {
        let (different, repaired) = tables.iter().fold((0, 0), |(d, r), t| (d + t.different, r + t.repaired));
        let Some(entry) = self.jobs.get(id).filter(|_| different + repaired > 0) else { return };
        let of = tables.iter().filter(|t| t.different > 0).map(|t| format!("{}.{}", t.schema, t.table)).take(5).collect::<Vec<_>>();
        let mut text = format!("comparison {number}: {different} rows differ");
        if !of.is_empty() {
            text.push_str(&format!(" in {}", of.join(", ")));
        }
        if repaired > 0 {
            text.push_str(&format!(", {repaired} were repaired"));
        }
        let mut plan = Plan::new(now(), entry.job.clone(), entry.run.clone());
        plan.emit_on(Some(Side::Dest), RunEventKind::Note, &text);
        if let Err(e) = plan.commit(&self.store).await {
            tracing::error!(job.id = %id, error = %e, "an event of the job could not be recorded");
        }
    }

    pub(super) async fn compared(&mut self, ended: Compared) {
        let Compared { mut row, result } = ended;
        row.ended = Some(now());
        let live = self.comparisons.live.remove(&row.number);
        let cancelled = live.as_ref().is_some_and(|l| l.cancel.is_cancelled());
        match result {
            Ok(tables) => {
                (row.state, row.error) = overall(&tables);
                row.result = serde_json::to_string(&tables).expect("plain texts and numbers become JSON");
            }
            Err(_) if cancelled => {
                row.state = State::Cancelled;
                // What was found until then stands.
                let found = live.as_ref().map(|l| l.tables.borrow().clone()).unwrap_or_default();
                row.result = serde_json::to_string(&found).expect("plain texts and numbers become JSON");
            }
            Err(why) => (row.state, row.error) = (State::Failed, why),
        }
        if let Some(live) = &live {
            let tables: Vec<ComparedTable> = serde_json::from_str(&row.result).unwrap_or_default();
            Box::pin(self.tell_difference(&live.job, row.number, &tables)).await;
            if live.round {
                self.round_ended(&live.job, &row, &tables, live.cut_off).await;
            } else if live.whole && matches!(row.state, State::Equal | State::Different) {
                self.stands_for_a_round(&live.job, &row, &tables).await;
            }
        }
        let number = row.number;
        tracing::info!(
            job.id = live.map(|l| l.job.0),
            verification = number,
            outcome = row.state.as_str(),
            error = row.error,
            "verification ended"
        );
        if let Err(e) = self.store.write(move |db| verifications::update(db, &row)).await {
            tracing::error!(verification = number, error = %e, "the outcome of a comparison could not be recorded");
        }
        self.changed();
    }
}

fn comparison(row: Verification, job: JobId, live: Option<Vec<ComparedTable>>) -> Comparison {
    let Verification { number, job_number: _, state, started, ended, error, result } = row;
    // An unreadable result is shown as none: the state beside it still stands.
    let tables = live.unwrap_or_else(|| serde_json::from_str(&result).unwrap_or_default());
    Comparison { number, job, state, started, ended, error, tables }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::job::JobState;
    use crate::model::progress::Question;

    #[test]
    fn how_far_a_job_is_says_the_run_that_is_there() {
        let table = TableName::new("s", "t");
        let at = |offset| Position { gtid: None, file: "bin.000001".into(), offset };
        let position = |bringing: &Bringing| match reached(bringing, std::slice::from_ref(&table), None) {
            Reached::At { position, .. } => position,
            other => panic!("{other:?}"),
        };
        // Figures of before the line broke say streaming, no lag, and the same position at both ends.
        let mut figures = Progress { state: JobState::Streaming, source_position: "b:9".into(), ..Progress::default() };
        figures.dest.position = "b:9".into();
        let (run, seen) = watch::channel(figures.clone());
        let (tell, bringing) = watch::channel((true, seen));
        assert_eq!(position(&bringing), None, "this run has not said yet what is applied");
        run.send_modify(|p| p.applied = Some(at(9)));
        assert_eq!(position(&bringing), Some(at(9)));
        run.send_modify(|p| p.tables.push(TableProgress::new(table.clone(), TablePhase::Copying)));
        assert_eq!(position(&bringing), None, "it is not copied yet");
        run.send_modify(|p| p.tables[0].phase = TablePhase::Converging);
        let question = Question {
            transaction: "b:9".to_owned(),
            statement: "DROP TABLE t".to_owned(),
            default_schema: String::new(),
            code: "ddl_failed".to_owned(),
            message: String::new(),
            hint: String::new(),
            inside: false,
            since: now(),
        };
        run.send_modify(|p| p.question = Some(question));
        assert_eq!(reached(&bringing, std::slice::from_ref(&table), None), Reached::Rests(Some(at(9))), "it waits for somebody");
        run.send_modify(|p| p.question = None);
        drop(run);
        assert_eq!(position(&bringing), Some(at(9)), "what is at the target stays there");
        tell.send_replace((true, watch::channel(figures.carried()).1));
        assert_eq!(position(&bringing), None, "the next run");
        // At rest: what its last run had applied, or what the target said.
        let (run, seen) = watch::channel(figures.carried());
        tell.send_replace((false, seen));
        assert_eq!(reached(&bringing, &[], None), Reached::Rests(None));
        assert_eq!(reached(&bringing, &[], Some(&at(7))), Reached::Rests(Some(at(7))));
        run.send_modify(|p| p.applied = Some(at(9)));
        assert_eq!(reached(&bringing, &[], Some(&at(7))), Reached::Rests(Some(at(9))));
        run.send_modify(|p| p.tables.push(TableProgress::new(table.clone(), TablePhase::Copying)));
        assert_eq!(reached(&bringing, &[], None), Reached::Rests(Some(at(9))), "others are copied");
        assert_eq!(reached(&bringing, std::slice::from_ref(&table), Some(&at(7))), Reached::Uncopied);
    }
}
