//! What a job is ordered to do once: copy tables again, go on from another position (`replicate::Orders`).
//!
//! Servers are asked here, beside the event loop; the loop then records the order if the job still stands as it was looked at.

use super::actor::Message;
use super::handle::{By, Handle, Selector};
use super::view::JobView;
use super::{Error, Refused, Result};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::job::{JobId, JobSpec, JobState};
use crate::model::position::Position;
use crate::model::replicate::{ReplicateSpec, TableName};
use crate::replicate::Orders;
use crate::replicate::catalog;
use crate::replicate::coordinates::{Asked, Moved};
use crate::store::memory;
use jiff::Timestamp;
use std::time::Duration;

/// Where a job stands in its source's log.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    pub view: JobView,
    /// Where it was told to go on at its next start.
    pub ordered: Option<String>,
    /// Where the source's log stood, and when, if that is known. A job that runs asks all the time; of one that rests the source is
    /// asked, where it answers.
    pub source: (String, Option<Timestamp>),
}

/// How long a source may take to say where it stands.
const ANSWER: Duration = Duration::from_secs(5);

/// What going on from another position means.
#[derive(Debug, Clone, PartialEq)]
pub struct Repositioned {
    pub place: Place,
    pub to: String,
    pub skipped: String,
    pub repeated: String,
    pub warnings: Vec<String>,
}

impl Handle {
    pub async fn place(&self, job: &Selector) -> Result<Place> {
        let view = self.get(job).await?;
        let id = view.job.id.0.clone();
        let documents = self.store.read(move |db| memory::load(db, &id)).await?;
        let ordered = Orders::of(&documents)?.position.map(|at| at.display());
        let rests = !view.job.state.is_active() && !view.progress.dest.position.is_empty();
        let now = if rests { self.source_now(&view).await } else { None };
        let source = now.unwrap_or_else(|| (view.progress.source_position.clone(), view.progress.src.at));
        Ok(Place { view, ordered, source })
    }

    async fn source_now(&self, view: &JobView) -> Option<(String, Option<Timestamp>)> {
        let JobSpec::Replicate(spec) = &view.job.spec;
        let ask = async {
            self.check_endpoint(&spec.src.endpoint).await.ok()?;
            self.engine.position(&spec.src.endpoint).await.ok()
        };
        Some((tokio::time::timeout(ANSWER, ask).await.ok()??, Some(Timestamp::now())))
    }

    /// Copies tables again: a job that runs, waits or has failed starts again for that, and applies nothing of the log until they are
    /// copied. A paused one does it when it is resumed.
    pub async fn reload(&self, job: &Selector, tables: &[String], by: By) -> Result<JobView> {
        let view = self.get(job).await?;
        let JobSpec::Replicate(spec) = &view.job.spec;
        // A database says in its tables how far their copies are, also before the log is read.
        let begun = spec.dest.sink.mysql().is_some() && !view.progress.tables.is_empty();
        if view.progress.dest.position.is_empty() && !begun {
            return Err(not_begun(&view).into());
        }
        let mut names = Vec::new();
        for text in tables {
            let name = table_name(text)?;
            let known = view.progress.tables.iter().any(|t| t.table == name);
            let included = spec.src.filter.includes(&name.schema, &name.table);
            if !included || !known && !self.is_there(&spec.src.endpoint, &name).await? {
                let message = format!("{name} is no table of the job {}", view.job.id);
                return Err(Refused::new("not_a_table_of_it", message, "`syncline jobs tables list` shows those that are").into());
            }
            names.push(name);
        }
        if names.is_empty() {
            return Err(Error::Invalid("tables: name at least one".into()));
        }
        self.ask(|reply| Message::Order { job: job.clone(), orders: Orders { reload: names, position: None }, by, reply }).await
    }

    /// Says of which tables not all is applied again: what the log did before a table's copy is left out, the copy has it.
    async fn not_again(&self, job: &JobId, spec: &ReplicateSpec, to: &Position) -> Option<String> {
        const NAMED: usize = 5;
        let target = spec.dest.sink.endpoint()?;
        let asked = async {
            self.check_endpoint(target).await?;
            Ok::<_, Error>(self.engine.copied_later(job, spec, to).await?)
        };
        let later = match asked.await {
            Ok(later) => later,
            Err(e) => return Some(format!("tables that were copied later than that take none of what is older than their copy: {e}")),
        };
        let named: Vec<String> = later.iter().take(NAMED).map(ToString::to_string).collect();
        let (first, more) = (named.first()?, later.len().saturating_sub(NAMED));
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        Some(format!(
            "what is older than its copy is not applied to a table again, and so it is with {}{more}; rows that are missing there come with \
             `syncline jobs verify {job} --repair` or a new copy, `syncline jobs tables reload {job} {first}`",
            named.join(", ")
        ))
    }

    /// Says whether the source has the table: then it is one that the log has still to make, e.g. by the statement that the job
    /// waits with, or that no row has come for yet.
    async fn is_there(&self, source: &MysqlEndpoint, table: &TableName) -> Result<bool> {
        self.check_endpoint(source).await?;
        Ok(Box::pin(catalog::columns(source, table)).await?.is_some())
    }

    /// Lets a paused job go on from another position of its source's log. `dry_run`: only says what that means.
    pub async fn reposition(&self, job: &Selector, asked: Asked, dry_run: bool, by: By) -> Result<Repositioned> {
        let place = self.place(job).await?;
        let view = &place.view;
        let JobSpec::Replicate(spec) = view.job.spec.clone();
        if view.job.state != JobState::Paused {
            let message = format!("the job is {}: the position of a paused one can be set", view.job.state.as_str());
            return Err(Refused::new("job_not_paused", message, "`syncline jobs pause` it, and resume it afterwards").into());
        }
        let from = &view.progress.dest;
        if from.position.is_empty() {
            return Err(not_begun(view).into());
        }
        self.check_endpoint(&spec.src.endpoint).await?;
        let Moved { to, skipped, repeated } = self.engine.locate(&spec.src.endpoint, &asked, &from.position, &from.file, from.pos).await?;
        let mut warnings = Vec::new();
        if !skipped.is_empty() {
            warnings
                .push(format!("what the source did in {skipped} will be missing at the destination, if it is not there by other means"));
        }
        if !repeated.is_empty() {
            let what = if spec.dest.sink.mysql().is_some() {
                "is applied again, as what may be there already; tables without a key take none of it, and a statement that is done already makes the job wait"
            } else {
                "is sent again"
            };
            warnings.push(format!("{repeated} {what}"));
            warnings.extend(self.not_again(&view.job.id, &spec, &to).await);
        }
        let orders = Orders { reload: Vec::new(), position: Some(to.clone()) };
        let place = if dry_run {
            place
        } else {
            let view = self.ask(|reply| Message::Order { job: job.clone(), orders, by, reply }).await?;
            Place { view, ordered: Some(to.display()), source: place.source }
        };
        Ok(Repositioned { place, to: to.display(), skipped, repeated, warnings })
    }
}

fn not_begun(view: &JobView) -> Refused {
    Refused::new("job_not_begun", format!("the job {} has not begun to read its source's log", view.job.id), "wait until it has copied")
}

pub(super) fn table_name(text: &str) -> Result<TableName> {
    match text.split_once('.') {
        Some((schema, table)) if !schema.is_empty() && !table.is_empty() => Ok(TableName::new(schema, table)),
        _ => Err(Error::Invalid(format!("{text:?} is not schema.table"))),
    }
}
