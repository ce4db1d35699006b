//! `syncline jobs delete`.

use super::{rows, steer};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{Cell, Column, Listing, json};
use crate::cli::session::Session;
use crate::client::Client;
use crate::wire::native::jobs::Deleted;
use std::time::Duration;

/// The daemon ends the engine and clears its rows at the target before it answers.
const DELETE_TIMEOUT: Duration = Duration::from_secs(120);

#[derive(Debug, clap::Args)]
#[command(after_help = "The job and its position are forgotten, also at the target; your data there stays, and so does the
schema `syncline`, which other jobs may use: drop it by hand when no job of any daemon writes to that server. Where another
daemon has taken the job over, its position at the target stays for that one.

Examples:
  syncline jobs delete orders-sync
  syncline jobs delete orders-sync --yes --keep-progress")]
pub struct Args {
    /// Ids, numbers or names
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Keep the position, so that a new job with this id continues from it
    #[arg(long)]
    keep_progress: bool,
    /// Return only when the job is gone (it always does; accepted like everywhere)
    #[arg(long, hide = true)]
    wait: bool,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { ids, keep_progress, wait: _, mutation } = args;
    let client = session.client_with(session.patience().unwrap_or(DELETE_TIMEOUT))?;
    if !mutation.dry_run && !mutation.yes {
        steer::exist(session, &ids).await?;
        let what = if keep_progress { "the job" } else { "the job and its position" };
        session.confirm(&format!("{}: {what} will be forgotten; data at the target stays. Go on?", ids.join(", ")), mutation.yes)?;
    }
    let mut done = Vec::new();
    let mut failed = Vec::new();
    for id in &ids {
        match one(session, &client, id, keep_progress, mutation.dry_run).await {
            Ok(deleted) => done.push(deleted),
            Err(error) => failed.push(error.about("job", id)),
        }
    }
    if !done.is_empty() {
        session.out.list(&listing(&done, ids.len() == 1))?;
    }
    steer::outcome(session, done.len(), failed)
}

async fn one(session: &Session, client: &Client, id: &str, keep_progress: bool, dry_run: bool) -> Result<Deleted, Error> {
    if dry_run {
        let job = client.job(id).await?;
        session.out.note(&format!("would delete {}, which is {}", job.id, rows::in_words(&job)));
        if job.failure.as_ref().is_some_and(|failure| failure.code == "taken_over") {
            session.out.note("its position at the target stays: another daemon goes on from it");
        }
        return Ok(Deleted { id: job.id, note: "not deleted: dry run".into() });
    }
    Ok(client.delete_job(id, keep_progress).await?)
}

fn listing(done: &[Deleted], single: bool) -> Listing {
    Listing {
        reply: if single { json(&done[0]) } else { json(&done) },
        items: done.iter().map(json).collect(),
        noun: "job",
        ids: done.iter().map(|d| d.id.clone()).collect(),
        columns: vec![Column::new("deleted"), Column::new("note")],
        rows: done.iter().map(|d| vec![Cell::new(&d.id), Cell::new(&d.note)]).collect(),
        empty: "".into(),
    }
}
