//! `syncline tasks`: jobs that run at their times, or when they are told to.

mod bars;
mod change;
mod look;
mod steer;

pub(super) use look::{items_columns, items_row};
pub(super) use steer::{follow, outcome_of};

use super::error::Error;
use super::exit::Exit;
use super::human;
use super::session::Session;
use crate::wire::native::tasks::{HostWork, TaskLimits};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// All tasks: when they run next, how they ran last
    #[command(visible_alias = "ls")]
    List(look::List),
    /// One task
    Show(look::Show),
    /// Create a task from a file or from flags
    Create(change::Create),
    /// Change a task by flags; what is not said stays
    Update(change::Update),
    /// Create the task of a file, or update it to what the file says
    Apply(change::Apply),
    /// Forget tasks; their runs stay in the log
    #[command(visible_alias = "rm")]
    Delete(change::Delete),
    /// Let tasks run at their times
    Enable(steer::Enable),
    /// Let tasks run no more at their times
    Disable(steer::Disable),
    /// Run tasks now
    Run(steer::Run),
    /// Stop the running run of tasks
    Cancel(steer::Cancel),
    /// A task's runs, newest first
    History(look::History),
    /// When tasks run next
    Next(look::Next),
    /// When a cron expression comes true
    CronCheck(look::CronCheck),
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::List(args) => look::list(session, args).await,
        Command::Show(args) => look::show(session, args).await,
        Command::Create(args) => change::create(session, args).await,
        Command::Update(args) => change::update(session, args).await,
        Command::Apply(args) => change::apply(session, args).await,
        Command::Delete(args) => change::delete(session, args).await,
        Command::Enable(args) => steer::enable(session, args).await,
        Command::Disable(args) => steer::disable(session, args).await,
        Command::Run(args) => steer::run(session, args).await,
        Command::Cancel(args) => steer::cancel(session, args).await,
        Command::History(args) => look::history(session, args).await,
        Command::Next(args) => look::next(session, args).await,
        Command::CronCheck(args) => look::cron_check(session, args).await,
    }
}

/// What a task says itself of its times and its runs.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
struct Limits {
    /// How late a missed time still runs, e.g. 10m; 0s = on time or not at all, default = as the daemon is told
    #[arg(long, value_name = "TIME", value_parser = parse_limit)]
    grace: Option<Limit>,
    /// Longest time that a run may take, e.g. 2h; default = as the daemon is told
    #[arg(long, value_name = "TIME", value_parser = parse_limit)]
    deadline: Option<Limit>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limit {
    Default,
    Seconds(u32),
}

fn parse_limit(text: &str) -> Result<Limit, String> {
    if text == "default" {
        return Ok(Limit::Default);
    }
    let time = human::parse_duration(text)?;
    u32::try_from(time.as_secs()).map(Limit::Seconds).map_err(|_| format!("{text:?} is too long"))
}

impl Limits {
    fn says_something(self) -> bool {
        self.grace.is_some() || self.deadline.is_some()
    }

    /// What is not said stays.
    fn over(self, stored: TaskLimits) -> TaskLimits {
        let Self { grace, deadline } = self;
        let pick = |said: Option<Limit>, stored| match said {
            None => stored,
            Some(Limit::Default) => None,
            Some(Limit::Seconds(n)) => Some(n),
        };
        TaskLimits { grace_seconds: pick(grace, stored.grace_seconds), deadline_seconds: pick(deadline, stored.deadline_seconds) }
    }
}

/// Where host metrics come from; what is not said is the daemon's `[hosts]`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(super) struct Source {
    /// Elasticsearch or OpenSearch, e.g. http://es:9200
    #[arg(long, value_name = "URL")]
    pub(super) endpoint: Option<String>,
    /// How it is asked: search or proxy
    #[arg(long, value_name = "STYLE", value_parser = ["search", "proxy"])]
    pub(super) style: Option<String>,
    /// Index pattern, e.g. 'cluster*:data-zabbix-host-monitor-*'
    #[arg(long, value_name = "PATTERN")]
    pub(super) index_pattern: Option<String>,
    /// How far back: a number and one of s, m, h, d, w, M, y
    #[arg(long, value_name = "RANGE")]
    pub(super) range: Option<String>,
}

impl Source {
    pub(super) fn work(self) -> HostWork {
        let Self { endpoint, style, index_pattern, range } = self;
        HostWork { endpoint, style, index_pattern, range, ..HostWork::default() }
    }

    fn says_something(&self) -> bool {
        self.endpoint.is_some() || self.style.is_some() || self.index_pattern.is_some() || self.range.is_some()
    }
}
