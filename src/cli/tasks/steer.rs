//! `syncline tasks enable|disable|run|cancel`, and following a run to its end.

use super::look;
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::jobs;
use crate::cli::logs;
use crate::cli::output::json;
use crate::cli::session::Session;
use crate::client::Client;
use crate::wire::native::runs::{Run as RunRow, RunDetail, RunList};
use crate::wire::native::tasks::{Task, TaskList};
use indicatif::{ProgressBar, ProgressStyle};
use std::time::Duration;

/// Kinds of tasks, and what those over bars do.
const TYPES: [&str; 7] = ["hosts", "bars", "bars_sync", "incremental", "full_sync", "validation", "repair"];
/// Between two looks at a run.
const LOOK: Duration = Duration::from_millis(300);

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks enable nightly")]
pub struct Enable {
    #[command(flatten)]
    tasks: Tasks,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks disable nightly")]
pub struct Disable {
    #[command(flatten)]
    tasks: Tasks,
}

#[derive(Debug, clap::Args)]
struct Tasks {
    /// Names or numbers
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks run nightly --wait
  syncline tasks run --all --type incremental

With --wait also for what follows: a task with --sync brings its bars to backups and slaves when it is done.

Exit code with --wait: 0 when all runs completed, 9 when some of their hosts or symbols failed, were not to be had or could not be
brought on, 1 when a run failed.")]
pub struct Run {
    /// Names or numbers
    #[arg(value_name = "NAME", required_unless_present = "all")]
    names: Vec<String>,
    /// All enabled tasks
    #[arg(long, conflicts_with = "names")]
    all: bool,
    /// Of all, only those of this kind, or over bars of this type
    #[arg(long = "type", value_name = "TYPE", requires = "all", value_parser = TYPES)]
    of_type: Option<String>,
    /// Wait until the runs have ended
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    mutation: Mutation,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks cancel nightly
  syncline tasks cancel --run 17")]
pub struct Cancel {
    /// Names or numbers of tasks
    #[arg(value_name = "NAME", required_unless_present = "runs")]
    names: Vec<String>,
    /// The number of a run instead
    #[arg(long = "run", value_name = "RUN", conflicts_with = "names")]
    runs: Vec<u64>,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn enable(session: &Session, args: Enable) -> Result<Exit, Error> {
    set(session, args.tasks, true).await
}

pub(super) async fn disable(session: &Session, args: Disable) -> Result<Exit, Error> {
    set(session, args.tasks, false).await
}

async fn set(session: &Session, tasks: Tasks, enabled: bool) -> Result<Exit, Error> {
    let client = session.client()?;
    let (mut done, mut failed): (Vec<Task>, Vec<Error>) = (Vec::new(), Vec::new());
    for name in &tasks.names {
        let reply = if tasks.mutation.dry_run { client.task(name).await } else { client.enable_task(name, enabled).await };
        match reply {
            Ok(task) => done.push(task),
            Err(e) => failed.push(Error::from(e).about("task", name)),
        }
    }
    if tasks.mutation.dry_run {
        let verb = if enabled { "enable" } else { "disable" };
        if !done.is_empty() {
            session.out.would(&done.iter().map(|t| format!("{verb} {}, which is {}", t.name, t.state)).collect::<Vec<_>>())?;
        }
    } else if !done.is_empty() {
        let reply = if tasks.names.len() == 1 { json(&done[0]) } else { json(&TaskList { tasks: done.clone() }) };
        session.out.list(&look::listing(&done, reply))?;
    }
    jobs::outcome(session, done.len(), failed)
}

pub(super) async fn run(session: &Session, args: Run) -> Result<Exit, Error> {
    let client = session.client()?;
    let names = if args.all {
        let is_wanted = |t: &Task| args.of_type.as_ref().is_none_or(|of| t.kind == *of || t.bars.as_ref().is_some_and(|b| b.kind == *of));
        client.tasks(None, Some(true)).await?.tasks.into_iter().filter(is_wanted).map(|t| t.number.to_string()).collect()
    } else {
        args.names
    };
    if names.is_empty() {
        session.out.note(&match &args.of_type {
            Some(of) => format!("no enabled task is of the type {of}"),
            None => "no task is enabled".to_owned(),
        });
    }
    let (mut begun, mut failed, mut would) = (Vec::new(), Vec::new(), Vec::new());
    for name in &names {
        if args.mutation.dry_run {
            match client.task(name).await {
                Ok(task) => would.push(format!("run {}, which is {}", task.name, task.state)),
                Err(e) => failed.push(Error::from(e).about("task", name)),
            }
            continue;
        }
        match client.run_task(name).await {
            Ok(run) => begun.push(run),
            Err(e) => failed.push(Error::from(e).about("task", name)),
        }
    }
    let (mut worst, mut then) = (Exit::Ok, Vec::new());
    if args.wait {
        for run in &mut begun {
            let detail = follow(session, &client, run.number).await?;
            *run = detail.run;
            worst = worse(worst, outcome_of(run));
            for next in detail.then {
                let next = follow(session, &client, next.number).await?.run;
                // The task did what it does; what it has was not brought on.
                worst = worse(worst, if outcome_of(&next) == Exit::Ok { Exit::Ok } else { Exit::Partial });
                then.push(next);
            }
        }
    }
    if !begun.is_empty() {
        let reply = (names.len() == 1).then(|| {
            let mut reply = json(&begun[0]);
            reply["then"] = json(&then);
            reply
        });
        begun.extend(then);
        let list = RunList { runs: begun };
        let mut listing = logs::task_runs_listing(&list);
        if let Some(reply) = reply {
            listing.reply = reply;
        }
        session.out.list(&listing)?;
        let exit = jobs::outcome(session, list.runs.len(), failed)?;
        return Ok(worse(worst, exit));
    }
    if !would.is_empty() {
        session.out.would(&would)?;
    }
    jobs::outcome(session, would.len(), failed)
}

pub(super) async fn cancel(session: &Session, args: Cancel) -> Result<Exit, Error> {
    let Cancel { names, mut runs, mutation } = args;
    let client = session.client()?;
    let mut failed = Vec::new();
    for name in &names {
        match client.task(name).await {
            Ok(task) => match task.running {
                Some(active) => runs.push(active.run),
                None => {
                    let error = Error::new(Exit::Conflict, "wrong_state", format!("task {name} is not running"));
                    failed.push(error.hint(format!("syncline tasks show {name} says when it last did")));
                }
            },
            Err(e) => failed.push(Error::from(e).about("task", name)),
        }
    }
    if mutation.dry_run {
        if !runs.is_empty() {
            session.out.would(&runs.iter().map(|run| format!("cancel run {run}")).collect::<Vec<_>>())?;
        }
        return jobs::outcome(session, runs.len(), failed);
    }
    let mut done = Vec::new();
    for run in runs {
        match client.cancel_run(run).await {
            Ok(run) => done.push(run),
            Err(e) => failed.push(Error::from(e).about("run", &run.to_string())),
        }
    }
    if !done.is_empty() {
        session.out.list(&logs::task_runs_listing(&RunList { runs: done.clone() }))?;
    }
    jobs::outcome(session, done.len(), failed)
}

/// How a run's end is told to a shell.
pub(in crate::cli) fn outcome_of(run: &RunRow) -> Exit {
    match run.state.as_str() {
        "completed" => Exit::Ok,
        "partial" => Exit::Partial,
        _ => Exit::Failed,
    }
}

fn worse(a: Exit, b: Exit) -> Exit {
    match (a, b) {
        (Exit::Ok, other) | (other, Exit::Ok) => other,
        (first, _) => first,
    }
}

/// Waits for a run's end, with a bar on a terminal. The run goes on when this is interrupted.
pub(in crate::cli) async fn follow(session: &Session, client: &Client, number: u64) -> Result<RunDetail, Error> {
    let bar = session.out.live().then(|| {
        let bar = ProgressBar::new(0);
        bar.set_style(ProgressStyle::with_template("{msg} {wide_bar} {pos}/{len} {elapsed}").expect("the template is a constant"));
        bar.set_message(format!("run {number}"));
        bar
    });
    let deadline = session.patience().map(|limit| tokio::time::Instant::now() + limit);
    loop {
        let active =
            client.runs(&crate::client::RunQuery { state: Some("running".into()), limit: Some(1000), ..Default::default() }).await?;
        // The list has an end: a run that is not in it has mostly, not surely, ended.
        let run = if let Some(run) = active.runs.into_iter().find(|run| run.number == number) {
            run
        } else {
            let detail = client.run(number).await?;
            if detail.run.state != "running" {
                if let Some(bar) = &bar {
                    bar.finish_and_clear();
                }
                return Ok(detail);
            }
            detail.run
        };
        if let (Some(bar), Some(hosts)) = (&bar, &run.hosts) {
            bar.set_length(hosts.total);
            bar.set_position(hosts.inserted + hosts.updated + hosts.failed + hosts.not_in_pool);
            let bad = hosts.failed + hosts.not_in_pool;
            bar.set_message(if bad == 0 { format!("run {number}") } else { format!("run {number}, {bad} not synced") });
        }
        if let (Some(bar), Some(bars)) = (&bar, &run.bars) {
            bar.set_length(bars.total);
            bar.set_position(logs::done(bars));
            bar.set_message(if bars.failed == 0 { format!("run {number}") } else { format!("run {number}, {} failed", bars.failed) });
        }
        if deadline.is_some_and(|end| tokio::time::Instant::now() >= end) {
            let message = format!("run {number} has not ended in time; it goes on");
            return Err(Error::new(Exit::TimedOut, "timed_out", message).hint(format!("look again: syncline logs show {number}")));
        }
        tokio::time::sleep(LOOK).await;
    }
}
