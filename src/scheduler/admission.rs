//! Whether a job may be stored, new or changed: what can be said of it by itself, then what both servers say.

use super::actor::Message;
use super::actor::command::{keep_ends, keep_secrets};
use super::handle::{By, Check, Handle, NewJob, Selector};
use super::judge::{elsewhere, goes_back, judge, new_id};
use super::view::JobView;
use super::{Error, Result};
use crate::model::finding::{self, Finding, Preflight, Severity, Side};
use crate::model::gtid::{GtidSet, ParseGtidError};
use crate::model::job::{JobId, JobSpec, JobState};
use crate::model::position::{Position, TxId};
use crate::model::progress::SideProgress;
use crate::model::replicate::{ReplicateKind, ReplicateSpec};
use crate::store::memory;

impl Handle {
    /// Stores a new job and starts it, unless it is to be paused.
    pub async fn create(&self, mut new: NewJob, check: Check, by: By) -> Result<JobView> {
        let warnings = self.admit(&new, check).await?;
        self.begin(&mut new).await?;
        let new = Box::new(new);
        let view = self.ask(|reply| Message::Create { new, number: None, caller: None, by, reply }).await?;
        Ok(JobView { warnings, ..view })
    }

    /// Stores a new job whose id and name are made of its number; both ends are asked first, so that one that is refused
    /// uses up no number.
    pub async fn create_numbered(&self, mut new: NewJob, named: impl Fn(u64) -> (JobId, String), by: By) -> Result<JobView> {
        (new.id, new.name) = named(0);
        self.can_run(&new, Check::Preflight).await?;
        self.begin(&mut new).await?;
        let number = self.reserve_number(|number| named(number).0).await?;
        (new.id, new.name) = named(number);
        let new = Box::new(new);
        self.ask(|reply| Message::Create { new, number: Some(number), caller: None, by, reply }).await
    }

    /// Changes a job's spec. Passwords that are `*` or empty keep what is stored, if host, port and user do.
    /// `if_index` is compare-and-set on `job_modify_index`.
    /// A change that cannot run is refused by the check, so that it does not stop a job that does. A server that is away for
    /// the moment is no reason, unless the change leads there: then nobody has connected with it yet.
    pub async fn update(&self, mut new: NewJob, if_index: Option<u64>, check: Check, by: By) -> Result<JobView> {
        judge(&new.name, &new.spec)?;
        self.judge_endpoints(&new.spec).await?;
        self.check_files(&new.spec)?;
        let before = self.get(&Selector::Id(new.id.clone())).await?;
        let JobSpec::Replicate(stored) = before.job.spec;
        if new.from_now {
            // "Now" was when it was created.
            new.spec.src.start_gtid.clone_from(&stored.src.start_gtid);
            new.from_now = stored.src.start_gtid.is_none();
        }
        let mut warnings = Vec::new();
        if check != Check::Later {
            let mut spec = new.to_check();
            // What cannot be changed is said before somebody is asked whether it would work.
            keep_ends(&spec, &stored)?;
            keep_secrets(&mut spec, &stored)?;
            let must_answer = |side| check == Check::Answering || elsewhere(&spec, &stored, side);
            match self.preflight(&spec, &new.id).await {
                // A server whose name does not resolve is one that is away.
                Err(error) if error.is_unreachable() && ![Side::Src, Side::Dest].into_iter().any(must_answer) => {}
                asked => {
                    let report = asked?;
                    if report.errors().any(|f| must_answer(f.side) || !crate::replicate::error::passes(f.code)) {
                        return Err(Error::Preflight(Box::new(report)));
                    }
                    warnings = report.warnings();
                }
            }
        }
        let named = new.spec.src.skip.iter().filter(|said| !stored.src.skip.contains(said));
        warnings.extend(named.filter(|said| is_past(said, &before.progress.dest)).map(|said| skipped_late(said)));
        self.begin(&mut new).await?;
        let view = self.ask(|reply| Message::Update(Box::new(new), if_index, by, reply)).await?;
        Ok(JobView { warnings, ..view })
    }

    /// Says where a job begins that begins now: stored with it, so that nothing is missed from then on.
    pub(super) async fn begin(&self, new: &mut NewJob) -> Result<()> {
        if new.from_now {
            new.spec.src.start_gtid = Some(self.engine.position(&new.spec.src.endpoint).await?);
        }
        Ok(())
    }

    /// Refuses a new job that is wrong in itself, whose id is taken, or that could not run. Returns what there is to be warned of.
    pub(super) async fn admit(&self, new: &NewJob, check: Check) -> Result<Vec<Finding>> {
        if let Some(taken) = self.list().await?.iter().find(|v| v.job.id == new.id) {
            return Err(Error::Exists(format!("a job with the id {:?} exists already (number {})", new.id.0, taken.job.number)));
        }
        new_id(&new.id, &new.name, new.spec.kind)?;
        self.can_run(new, check).await
    }

    async fn can_run(&self, new: &NewJob, check: Check) -> Result<Vec<Finding>> {
        judge(&new.name, &new.spec)?;
        self.judge_endpoints(&new.spec).await?;
        self.check_files(&new.spec)?;
        if check == Check::Later {
            return Ok(Vec::new());
        }
        let report = self.preflight(&new.to_check(), &new.id).await?;
        if report.passed() { Ok(report.warnings()) } else { Err(Error::Preflight(Box::new(report))) }
    }

    /// Asks both servers whether the job could run. Nothing is stored.
    pub async fn preflight(&self, spec: &ReplicateSpec, id: &JobId) -> Result<Preflight> {
        self.policy.check_spec(spec).await?;
        self.check_files(spec)?;
        self.check_gates(spec).await?;
        let job = id.0.clone();
        let kept = self.store.read(move |db| Ok(!memory::load(db, &job)?.is_empty())).await?;
        let back: Vec<_> = self.list().await?.into_iter().filter_map(|view| opposite(view, spec, id)).collect();
        Ok(self.engine.preflight(spec, id, kept, &back).await)
    }

    /// Refuses a gate that is to watch what its server does not have: it would hold the job back for ever.
    pub(super) async fn check_gates(&self, spec: &ReplicateSpec) -> Result<()> {
        match Box::pin(self.engine.lacking(spec)).await {
            Some(why) => Err(Error::BadField { field: "gates", why }),
            None => Ok(()),
        }
    }

    /// Says what is wrong with a job in itself, without asking a server.
    pub fn judge(&self, name: &str, spec: &ReplicateSpec) -> Result<()> {
        judge(name, spec)
    }

    /// Refuses an id that no new job may have; one that a job has is its own.
    pub async fn check_id(&self, id: &JobId, name: &str, kind: ReplicateKind) -> Result<()> {
        match new_id(id, name, kind) {
            Err(_) if self.list().await?.iter().any(|v| v.job.id == *id) => Ok(()),
            judged => judged,
        }
    }

    /// Says why a job's endpoints may never be connected to; it is stored, and the run will see.
    pub(super) async fn judge_endpoints(&self, spec: &ReplicateSpec) -> Result<()> {
        self.policy.judge_spec(spec).await.map_err(Error::EndpointRefused)
    }
}

/// Another job that is not over and goes back where this one comes from.
fn opposite(view: JobView, spec: &ReplicateSpec, id: &JobId) -> Option<(JobId, ReplicateSpec)> {
    let JobSpec::Replicate(other) = view.job.spec;
    let lives = view.job.id != *id && view.job.state != JobState::Complete;
    (lives && goes_back(spec, &other)).then_some((view.job.id, *other))
}

/// Says whether a transaction, as somebody names it, is among what the target has.
fn is_past(said: &str, at: &SideProgress) -> bool {
    let has = |parse: fn(&str) -> Result<GtidSet, ParseGtidError>| match (parse(&at.position), parse(said)) {
        (Ok(there), Ok(named)) => !named.is_empty() && there.contains_set(&named),
        _ => false,
    };
    let begins = said.rsplit_once(':').and_then(|(file, offset)| Some((file, offset.parse().ok()?)));
    let there = Position { gtid: None, file: at.file.clone(), offset: at.pos };
    has(GtidSet::parse_mysql)
        || has(GtidSet::parse_mariadb)
        || begins.is_some_and(|(file, start_offset)| {
            file.rsplit_once('.').map(|f| f.0) == at.file.rsplit_once('.').map(|f| f.0)
                && there.contains(&TxId { gtid: None, file: file.to_owned(), start_offset })
        })
}

fn skipped_late(said: &str) -> Finding {
    Finding {
        code: "skip_passed",
        severity: Severity::Warning,
        side: Side::Dest,
        check: finding::Check::Other,
        object: said.to_owned(),
        rule: None,
        message: format!("transaction {said} is behind the job: the target has it, and to leave it out changes nothing"),
        hint: "the job's error, or `syncline jobs ddl list`, names the one that it stands before".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transaction_that_the_target_has_is_known_by_every_name() {
        let at =
            |position: &str| SideProgress { position: position.into(), file: "bin.000004".into(), pos: 700, ..SideProgress::default() };
        let sid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
        for (position, said, expected) in [
            ("0-1-9,5-2-3", "0-1-9", true),
            ("0-1-9,5-2-3", "0-1-10", false),
            ("0-1-9", "7-1-1", false),
            (&format!("{sid}:1-9"), &format!("{}:9", sid.to_uppercase()), true),
            (&format!("{sid}:1-9"), &format!("{sid}:10"), false),
            ("bin.000004:700", "bin.000003:900", true),
            ("bin.000004:700", "bin.000004:699", true),
            ("bin.000004:700", "bin.000004:700", false),
            ("bin.000004:700", "other.000003:9", false),
            ("", "0-1-9", false),
        ] {
            assert_eq!(is_past(said, &at(position)), expected, "{said} at {position}");
        }
    }
}
