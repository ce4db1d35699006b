//! `syncline tasks list|show|history|next|cron-check`.

use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::logs;
use crate::cli::output::{self, Cell, Column, Document, Listing, Tone, json};
use crate::cli::session::Session;
use crate::cli::sync;
use crate::client::RunQuery;
use crate::wire::native::runs::{self, RunItem};
use crate::wire::native::tasks::{HostWork, LastRun, Task, TaskCreate, TaskList, Times};
use jiff::Timestamp;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks list
  syncline tasks list --disabled -q | xargs -r syncline tasks enable")]
pub struct List {
    /// Only tasks of this kind
    #[arg(long, value_parser = runs::TASK_KINDS)]
    kind: Option<String>,
    /// Only those that are enabled
    #[arg(long, conflicts_with = "disabled")]
    enabled: bool,
    /// Only those that are disabled
    #[arg(long)]
    disabled: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks show nightly
  syncline tasks show nightly --config > nightly.toml     # for tasks apply")]
pub struct Show {
    /// Name or number
    #[arg(value_name = "NAME")]
    name: String,
    /// Only what it is to do, as a file that apply reads
    #[arg(long)]
    config: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks history nightly
  syncline tasks history nightly --state failed -o csv")]
pub struct History {
    /// Name or number
    #[arg(value_name = "NAME")]
    name: String,
    /// Only runs in this state
    #[arg(long, value_parser = runs::STATES)]
    state: Option<String>,
    /// Most runs
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    limit: u64,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline tasks next
  syncline tasks next nightly -n 10")]
pub struct Next {
    /// Name or number; all tasks when it is left out
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// How many times
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5)]
    count: u32,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Six fields: second minute hour day month weekday; five begin with the minute, and only tasks over bars take them.
* , - / as everywhere, ? for a day, L and W for days, 6#3 is the third Saturday, 6L the last; Sunday is 0 or 7.

Examples:
  syncline tasks cron-check '0 0 2 * * ?' --time-zone Asia/Shanghai
  syncline tasks cron-check '0 30 9 ? * MON-FRI' -n 10")]
pub struct CronCheck {
    /// The expression, in quotes
    #[arg(value_name = "EXPR")]
    expr: String,
    /// IANA name; the daemon's zone when it is left out
    #[arg(long, value_name = "ZONE")]
    time_zone: Option<String>,
    /// The kind of task that it is for, which refuses what such tasks refuse
    #[arg(long, value_parser = runs::TASK_KINDS)]
    kind: Option<String>,
    /// How many times
    #[arg(short = 'n', long, value_name = "N", default_value_t = 5)]
    count: u32,
}

pub(super) async fn list(session: &Session, args: List) -> Result<Exit, Error> {
    let List { kind, enabled, disabled } = args;
    let enabled = (enabled || disabled).then_some(enabled);
    let list = session.client()?.tasks(kind.as_deref(), enabled).await?;
    session.out.list(&listing(&list.tasks, json(&list)))?;
    Ok(Exit::Ok)
}

pub(super) fn listing(tasks: &[Task], reply: serde_json::Value) -> Listing {
    let now = Timestamp::now();
    Listing {
        reply,
        items: tasks.iter().map(json).collect(),
        noun: "task",
        ids: tasks.iter().map(|t| t.number.to_string()).collect(),
        columns: vec![
            Column::new("task"),
            Column::new("name"),
            Column::new("kind"),
            Column::new("state"),
            Column::new("cron"),
            Column::new("next"),
            Column::new("last"),
            Column::new("result"),
            Column::wide("zone"),
            Column::wide("does"),
            Column::wide("runs"),
            Column::wide("took"),
            Column::wide("description"),
        ],
        rows: tasks.iter().map(|task| row(task, now)).collect(),
        empty: "no tasks".into(),
    }
}

fn row(task: &Task, now: Timestamp) -> Vec<Cell> {
    let time = |t: &Option<String>| t.as_ref().map_or_else(|| Cell::new(""), |t| Cell::pair(human::away(t, now), t));
    let state = match task.state.as_str() {
        "running" => Tone::Busy,
        "broken" => Tone::Bad,
        _ => Tone::Plain,
    };
    vec![
        Cell::new(task.number.to_string()),
        Cell::new(&task.name),
        sync::kind(&task.kind, task.bars_sync.as_ref().and_then(|work| work.kind.as_deref()).unwrap_or_default()),
        Cell::new(&task.state).tone(state),
        Cell::new(task.cron.clone().unwrap_or_default()),
        time(&task.next),
        time(&task.last),
        Cell::new(task.last_result.clone().unwrap_or_default()).tone(logs::tone(task.last_result.as_deref().unwrap_or_default())),
        Cell::new(&task.time_zone),
        Cell::new(does(task)),
        Cell::count(task.runs),
        took(task).map_or_else(|| Cell::new(""), |s| Cell::decimal(human::seconds(s), s)),
        Cell::new(&task.description),
    ]
}

fn does(task: &Task) -> String {
    let Task { hosts, bars, bars_sync, .. } = task;
    let texts = [hosts.as_ref().map(over_hosts), bars.as_ref().map(super::bars::does), bars_sync.as_ref().map(super::bars::brings)];
    texts.into_iter().flatten().next().unwrap_or_default()
}

fn over_hosts(work: &HostWork) -> String {
    let range = work.range.as_deref().unwrap_or("30d");
    match (&work.addresses, work.full) {
        (Some(list), _) => format!("{}, {range}", human::counted(list.len() as u64, "host")),
        (None, true) => format!("full sync of {}, {range}", work.group.as_deref().unwrap_or("the default group")),
        (None, false) => format!("all hosts of the pool, {range}"),
    }
}

pub(super) async fn show(session: &Session, args: Show) -> Result<Exit, Error> {
    session.out.refuse_csv("a task")?;
    let task = session.client()?.task(&args.name).await.map_err(|e| Error::from(e).about("task", &args.name))?;
    if args.config {
        return configuration(session, &task);
    }
    session.out.document(&Document { reply: json(&task), name: format!("task/{}", task.number), text: text(&task) })?;
    Ok(Exit::Ok)
}

fn configuration(session: &Session, task: &Task) -> Result<Exit, Error> {
    let Task { number, name, cron, time_zone, enabled, description, limits, hosts, bars, bars_sync, .. } = task;
    let file = TaskCreate {
        name: name.clone(),
        cron: cron.clone(),
        time_zone: cron.as_ref().map(|_| time_zone.clone()),
        enabled: Some(*enabled),
        description: Some(description.clone()),
        limits: *limits,
        hosts: hosts.clone(),
        bars: bars.clone(),
        bars_sync: bars_sync.clone(),
    };
    let text = toml::to_string(&file).map_err(|e| Error::failed("bug", format!("the task cannot be written as TOML: {e}")))?;
    session.out.document(&Document { reply: json(&file), name: format!("task/{number}"), text })?;
    Ok(Exit::Ok)
}

pub(super) fn text(task: &Task) -> String {
    let now = Timestamp::now();
    let time = |t: &Option<String>| t.as_ref().map(|t| human::when(t, now)).unwrap_or_default();
    let running = task.running.as_ref().map(|r| {
        let hosts = r
            .hosts
            .as_ref()
            .map(|h| format!(", {} of {}", h.inserted + h.updated + h.failed + h.not_in_pool, human::counted(h.total, "host")));
        let bars = r.bars.as_ref().map(|b| format!(", {} of {}", logs::done(b), human::counted(b.total, "symbol")));
        let sync = r.bars_sync.as_ref().map(|s| format!(", {} series", s.carried));
        format!("run {}{}, for {}", r.run, hosts.or(bars).or(sync).unwrap_or_default(), human::age(&r.started, now))
    });
    let last = task.last_run.as_ref().map(last_run).unwrap_or_default();
    let by = if task.created_by.is_empty() { String::new() } else { format!("by {}", task.created_by) };
    let limit = |n: Option<u32>| n.map(|n| human::seconds(n.into())).unwrap_or_default();
    let or_default = |t: &Option<String>| t.clone().unwrap_or_else(|| "the daemon's [hosts]".into());
    let fields = [
        ("task", task.number.to_string()),
        ("name", task.name.clone()),
        ("kind", task.kind.clone()),
        ("state", task.state.clone()),
        ("problem", task.problem.clone()),
        ("cron", task.cron.as_ref().map(|c| format!("{c} ({})", task.time_zone)).unwrap_or_default()),
        ("grace", limit(task.limits.grace_seconds)),
        ("deadline", limit(task.limits.deadline_seconds)),
        ("next", time(&task.next)),
        ("last", time(&task.last)),
        ("last result", task.last_result.clone().unwrap_or_default()),
        ("last run", last[0].clone()),
        ("reason", last[1].clone()),
        ("all of it", last[2].clone()),
        ("running", running.unwrap_or_default()),
        ("does", does(task)),
        ("endpoint", task.hosts.as_ref().map(|h| or_default(&h.endpoint)).unwrap_or_default()),
        ("index pattern", task.hosts.as_ref().map(|h| or_default(&h.index_pattern)).unwrap_or_default()),
        ("symbols", task.bars.as_ref().and_then(|b| b.symbols.as_ref()).map(|s| s.join(" ")).unwrap_or_default()),
        ("runs", runs(task)),
        (
            "took",
            took(task)
                .map(|s| format!("{} a run, {} in all", human::seconds(s), human::seconds(task.duration_ms as f64 / 1e3)))
                .unwrap_or_default(),
        ),
        ("description", task.description.clone()),
        ("created", [human::when(&task.created, now).as_str(), by.as_str()].join(" ").trim().to_owned()),
    ];
    output::pairs(&fields)
}

/// The last run, why it did not go through whole, and what shows all of it.
fn last_run(run: &LastRun) -> [String; 3] {
    let LastRun { number, state, message, error } = run;
    let message = if message.is_empty() { String::new() } else { format!(": {message}") };
    let all = if error.is_empty() { String::new() } else { format!("syncline logs show {number} --items") };
    [format!("run {number}, {state}{message}"), error.clone(), all]
}

/// How long a run took on average, in seconds; None: there was none.
fn took(task: &Task) -> Option<f64> {
    (task.runs > 0).then(|| task.duration_ms as f64 / 1e3 / task.runs as f64)
}

/// Runs that neither went through whole nor failed are partly done.
fn runs(task: &Task) -> String {
    let Task { runs, successes, failures, .. } = task;
    let partly = runs.saturating_sub(successes + failures);
    let partly = if partly > 0 { format!(", {partly} partly") } else { String::new() };
    format!("{runs} ({successes} without a failure{partly}, {failures} failed)")
}

pub(super) async fn history(session: &Session, args: History) -> Result<Exit, Error> {
    let History { name, state, limit } = args;
    let client = session.client()?;
    // A task that is gone keeps its runs under its id.
    let job = match client.task(&name).await {
        Ok(task) => task.id,
        Err(crate::client::Error::Api { status: 404, .. }) if name.starts_with("task-") => name,
        Err(e) => return Err(Error::from(e).about("task", &name)),
    };
    let list = client.runs(&RunQuery { job: Some(job), state, limit: Some(limit), ..RunQuery::default() }).await?;
    session.out.list(&logs::task_runs_listing(&list))?;
    Ok(Exit::Ok)
}

pub(super) async fn next(session: &Session, args: Next) -> Result<Exit, Error> {
    let client = session.client()?;
    if let Some(name) = &args.name {
        let times = client.task_times(name, args.count).await.map_err(|e| Error::from(e).about("task", name))?;
        return print(session, &times);
    }
    let mut tasks = client.tasks(None, None).await?.tasks;
    tasks.retain(|t| t.next.is_some());
    tasks.sort_by_key(|t| t.next.as_ref().and_then(|t| t.parse::<Timestamp>().ok()));
    let list = TaskList { tasks };
    let mut listing = listing(&list.tasks, json(&list));
    listing.empty = "no task has a next time".into();
    session.out.list(&listing)?;
    Ok(Exit::Ok)
}

pub(super) async fn cron_check(session: &Session, args: CronCheck) -> Result<Exit, Error> {
    let CronCheck { expr, time_zone, kind, count } = args;
    let times = session.client()?.cron(&expr, kind.as_deref(), time_zone.as_deref(), count).await?;
    match times.fields {
        Some(5) => session.out.note("read as five fields, minutes first: for tasks over bars; tasks over hosts need the seconds in front"),
        Some(6) => session.out.note("read as six fields, seconds first"),
        _ => {}
    }
    print(session, &times)
}

fn print(session: &Session, times: &Times) -> Result<Exit, Error> {
    let now = Timestamp::now();
    session.out.list(&Listing {
        reply: json(times),
        items: times.times.iter().map(json).collect(),
        noun: "time",
        ids: times.times.clone(),
        columns: vec![Column::new("time"), Column::new("in"), Column::wide("zone")],
        rows: times.times.iter().map(|t| vec![Cell::new(t), Cell::new(human::away(t, now)), Cell::new(&times.time_zone)]).collect(),
        empty: "no times: it runs when it is told to".into(),
    })?;
    Ok(Exit::Ok)
}

/// Columns of a run's items over hosts.
pub(in crate::cli) fn items_columns() -> Vec<Column> {
    vec![
        Column::new("host"),
        Column::new("name"),
        Column::new("outcome"),
        Column::figures("cpu max"),
        Column::figures("memory max"),
        Column::figures("disk max"),
        Column::figures("points"),
        Column::new("error"),
        Column::wide("cpu avg"),
        Column::wide("memory avg"),
        Column::wide("disk avg"),
    ]
}

pub(in crate::cli) fn items_row(item: &RunItem) -> Vec<Cell> {
    let RunItem { key, label, outcome, count, measures, error } = item;
    let figure =
        |metric: &str, of: &str| measures[metric][of].as_f64().map_or_else(|| Cell::new(""), |n| Cell::decimal(format!("{n:.1}"), n));
    let tone = match outcome.as_str() {
        "failed" => Tone::Bad,
        "no_data" | "not_in_pool" => Tone::Busy,
        _ => Tone::Good,
    };
    vec![
        Cell::new(key),
        Cell::new(label),
        Cell::new(outcome).tone(tone),
        figure("cpu", "max"),
        figure("memory", "max"),
        figure("disk", "max"),
        Cell::count(*count),
        Cell::new(error),
        figure("cpu", "avg"),
        figure("memory", "avg"),
        figure("disk", "avg"),
    ]
}
