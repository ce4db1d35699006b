//! What a comparison does with rows that differ: the running job repairs them, or the statements for it go to a file.
//!
//! The file lies in a folder of the job's beside its spool, readable for the daemon's account only, until the job's next
//! comparison with statements or its end; who fetches it is recorded, because it holds values.

use super::super::handle::{By, Selector};
use super::super::jobs::resolve;
use super::super::verify::Mending;
use super::super::{Refused, Result, retry};
use super::{Actor, command};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::replicate::TableFilter;
use crate::replicate::repair::{self, Damaged, Statements};
use crate::replicate::verify::Repair;
use crate::replicate::{Error, Result as EngineResult, error};
use crate::store::{audit, sequences, verifications};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Mutex, watch};

/// A file of statements grows no larger.
const FILE_BYTES: u64 = 1 << 30;
/// A repair waits so long for a job that begins again.
const RESTART: Duration = Duration::from_secs(60);
/// And so long for a running one to take it up, and to be done.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a comparison is to do, before its servers are known.
pub(super) struct Mender {
    mending: Mending,
    engines: watch::Receiver<Option<repair::Mender>>,
    file: PathBuf,
    about: String,
}

/// The same, at work.
pub(super) struct Open {
    engines: watch::Receiver<Option<repair::Mender>>,
    writing: Option<Mutex<Writing>>,
}

struct Writing {
    statements: Statements,
    file: File,
    bytes: u64,
}

impl Mender {
    pub(super) fn new(mending: Mending, engines: watch::Receiver<Option<repair::Mender>>, file: PathBuf, about: &str) -> Self {
        Self { mending, engines, file, about: about.to_owned() }
    }

    pub(super) async fn open(self, source: &MysqlEndpoint, target: &MysqlEndpoint, tables: &TableFilter) -> EngineResult<Open> {
        let Self { mending, engines, file, about } = self;
        let writing = match mending {
            Mending::Nothing | Mending::Repair => None,
            Mending::Statements => {
                if let Some(folder) = file.parent() {
                    // Those of the one before; what is not there need not go.
                    let _ = tokio::fs::remove_dir_all(folder).await;
                }
                let statements = Statements::open(source, target, tables).await?;
                let mut file = create(&file).await.map_err(unwritten)?;
                let head = Statements::head(&about);
                file.write_all(head.as_bytes()).await.map_err(unwritten)?;
                Some(Mutex::new(Writing { statements, file, bytes: 0 }))
            }
        };
        Ok(Open { engines, writing })
    }
}

impl Open {
    /// Repairs rows, or writes down how.
    pub(super) async fn mend(&self, damaged: Damaged) -> EngineResult<Repair> {
        let Some(writing) = &self.writing else { return self.repair(damaged).await.map(Repair::Done) };
        let mut writing = writing.lock().await;
        let Writing { statements, file, bytes } = &mut *writing;
        let (text, keys) = statements.of(&damaged).await?;
        *bytes += text.len() as u64;
        if *bytes > FILE_BYTES {
            let message = format!("the statements for {} outgrow {} MB", damaged.target, FILE_BYTES >> 20);
            return Err(Error::permanent("too_many_differences", message).hint("copy the table again (jobs tables reload)"));
        }
        file.write_all(&text).await.map_err(unwritten)?;
        file.flush().await.map_err(unwritten)?;
        Ok(Repair::Noted(keys))
    }

    /// A run that ended leaves the rows as they were, or repaired: they are asked for again of the next one.
    async fn repair(&self, damaged: Damaged) -> EngineResult<repair::Mended> {
        let mut engines = self.engines.clone();
        let mut failed = 0;
        loop {
            let engine = engines.borrow_and_update().clone();
            let Some(engine) = engine else {
                return Err(Error::transient("repair_interrupted", "the job does not run"));
            };
            let done = tokio::time::timeout(PATIENCE, engine.mend(damaged.clone())).await;
            match done {
                Err(_) => {
                    let message = format!("repair {}: the job did not get to it in {} seconds", damaged.target, PATIENCE.as_secs());
                    return Err(
                        Error::transient("repair_late", message).hint("rows are repaired by a job that follows the log: wait for its copy")
                    );
                }
                Ok(Err(e)) if e.code == "repair_interrupted" => {
                    if !matches!(tokio::time::timeout(RESTART, engines.changed()).await, Ok(Ok(()))) {
                        return Err(e);
                    }
                }
                // A server was away for the repair alone, and the job goes on.
                Ok(Err(e)) if error::passes(e.code) => match retry::beside(&e, failed) {
                    Some(rest) => {
                        failed += 1;
                        tokio::time::sleep(rest).await;
                    }
                    None => return Err(e),
                },
                Ok(done) => return done,
            }
        }
    }
}

async fn create(file: &Path) -> std::io::Result<File> {
    if let Some(folder) = file.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let mut options = tokio::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    options.mode(0o600);
    options.open(file).await
}

fn unwritten(error: std::io::Error) -> Error {
    Error::permanent("statements_unwritten", format!("write the statements to the data directory: {error}"))
}

impl Actor {
    /// Where the statements of a comparison are.
    pub(super) fn statements_file(&self, job_number: u64, number: u64) -> PathBuf {
        self.settings.spool_root.join(format!("statements-{job_number}")).join(format!("{number}.sql"))
    }

    /// Lets go of them with the job.
    pub(super) async fn forget_statements(&self, job_number: u64) {
        if let Some(folder) = self.statements_file(job_number, 0).parent() {
            // There is none where nobody ever asked for them.
            let _ = tokio::fs::remove_dir_all(folder).await;
        }
    }

    pub(super) async fn statements(&mut self, job: &Selector, number: u64, by: By) -> Result<PathBuf> {
        let id = resolve(&self.jobs, job)?;
        let job_number = self.jobs.get(&id).map_or(0, |e| e.job.number);
        let row = self.store.read(move |db| verifications::get(db, job_number, number)).await?;
        if row.state == verifications::State::Running {
            let message = format!("comparison {number} of {id} is still running");
            return Err(Refused::new("verify_running", message, "wait for it: its statements are not complete").into());
        }
        if row.state == verifications::State::Interrupted {
            let message = format!("comparison {number} of {id} ended with the daemon: its statements are not complete");
            return Err(Refused::new("no_statements", message, "begin another: `syncline jobs verify --repair-sql FILE`").into());
        }
        let file = self.statements_file(job_number, number);
        if !tokio::fs::try_exists(&file).await.unwrap_or(false) {
            let message = format!("comparison {number} of {id} has no statements");
            return Err(Refused::new(
                "no_statements",
                message,
                "ask for them when it begins, and fetch them before the next one that has some",
            )
            .into());
        }
        let audit = audit::Entry { detail: number.to_string(), ..command::audit_row("job.verify.statements", &id, by) };
        self.store
            .write(move |db| {
                sequences::next(db, sequences::Sequence::Index)?;
                audit::add(db, &audit)
            })
            .await?;
        Ok(file)
    }
}
