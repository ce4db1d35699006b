//! The tasks over bars that the configuration file has.

use super::{Wrong, at, interval};
use crate::bars::{Desk, Settings, Source, choose_source, read_symbols};
use crate::config::{BarsTask, Config};
use crate::model::bars::{BarsSpec, Interval, Range, Symbol, TaskKind};
use crate::model::job::{JobKind, Origin, TaskLimits, TaskSpec, Trigger};
use crate::scheduler::policy::Policy;
use crate::scheduler::tasks::{NewTask, TaskChange, TaskView, Tasks};
use crate::scheduler::{By, Selector};
use std::collections::{BTreeMap, BTreeSet};

/// The tasks of the file; an error is every complaint about them.
pub(super) fn tasks(config: &Config) -> Result<Vec<NewTask>, Vec<String>> {
    let (mut all, mut complaints) = (Vec::new(), Vec::new());
    for (number, entry) in config.dms.lists.tasks.iter().enumerate() {
        match task(config, entry) {
            Ok(task) => all.push(task),
            Err(wrong) => complaints.extend(wrong.into_iter().map(|why| at("tasks", number, why))),
        }
    }
    if complaints.is_empty() { Ok(all) } else { Err(complaints) }
}

/// An error is every mistake of the entry.
fn task(config: &Config, task: &BarsTask) -> Result<NewTask, Vec<String>> {
    let BarsTask { name, kind, provider, symbols: _, symbols_file, interval: text, days, from: _, to: _, .. } = task;
    let BarsTask { overlap, extreme_move, sync, cron, time_zone, description, enabled, .. } = task;
    let mut wrong = Wrong::default();
    let words = || TaskKind::ALL.map(TaskKind::as_str).join(", ");
    let known = wrong.keep(TaskKind::parse(kind).ok_or_else(|| format!("type: {kind:?} is not one of {}", words())));
    let length = wrong.keep(interval("interval", text.as_ref()));
    // What asks the least stands in for a type that is none.
    let mut spec = BarsSpec::new(known.unwrap_or(TaskKind::Validation), length.unwrap_or(Interval::D1));
    spec.symbols = symbols(task, &mut wrong);
    spec.symbols_file.clone_from(symbols_file);
    spec.range = range(task, spec.interval, &mut wrong);
    spec.provider.clone_from(provider);
    spec.days = *days;
    spec.overlap = overlap.unwrap_or(spec.overlap);
    spec.extreme_move = extreme_move.unwrap_or(spec.extreme_move);
    spec.sync = *sync;
    wrong.0.extend(spec.judge());
    let providers: Vec<&str> = config.dms.lists.providers.iter().map(|p| p.name.as_str()).collect();
    wrong.keep(choose_source(&spec, &providers).map_err(|e| format!("provider: {e}")));
    let trigger = match cron {
        Some(expr) => Trigger::Cron { expr: expr.clone(), time_zone: time_zone.clone().unwrap_or_default() },
        None => Trigger::Manual,
    };
    if cron.is_none() && time_zone.is_some() {
        wrong.0.push("time_zone: needs cron".to_owned());
    }
    let judged = crate::scheduler::tasks::judge(JobKind::Bars, &trigger, &config.tasks.time_zone);
    wrong.keep(judged.map_err(|e| format!("{}: {e}", e.part.field())));
    wrong.unless(Some(NewTask {
        name: name.clone(),
        spec: TaskSpec::Bars(spec),
        trigger,
        limits: TaskLimits::default(),
        enabled: *enabled,
        origin: Origin::Config,
        description: description.clone(),
        created_by: Some("config".to_owned()),
    }))
}

fn symbols(task: &BarsTask, wrong: &mut Wrong) -> Option<Vec<Symbol>> {
    match (&task.symbols, &task.symbols_file) {
        (Some(_), Some(_)) => wrong.keep(Err("symbols: either symbols, or symbols_file".to_owned())),
        (Some(list), None) => {
            let parse = |(number, text): (usize, &String)| Symbol::parse(text).map_err(|e| format!("symbols[{number}]: {e}"));
            let all: Vec<Option<Symbol>> = list.iter().enumerate().map(|entry| wrong.keep(parse(entry))).collect();
            all.into_iter().collect()
        }
        (None, Some(file)) => wrong.keep(read_symbols(file).map_err(|e| e.to_string())),
        (None, None) => None,
    }
}

fn range(task: &BarsTask, interval: Interval, wrong: &mut Wrong) -> Option<Range> {
    const ALL: [&str; 2] = ["1800-01-01", "2199-12-31"];
    let (start, end) = (task.from.as_deref(), task.to.as_deref());
    if start.is_none() && end.is_none() {
        return None;
    }
    let mut parse = |start: &str, end: &str| wrong.keep(Range::parse(interval, start, end).map_err(|e| named(&e)));
    let (start, end) = (start.unwrap_or(ALL[0]), end.unwrap_or(ALL[1]));
    // Each by itself, then whether they are one behind the other.
    let each = [parse(start, ALL[1]), parse(ALL[0], end)];
    if each.iter().all(Option::is_some) { parse(start, end) } else { None }
}

/// By the file's own names of both ends.
fn named(complaint: &str) -> String {
    complaint.replacen(' ', ": ", 1).replacen("start_date", "from", 1).replacen("end_date", "to", 1)
}

/// Says which tasks ask a server that may not be asked, whatever its name resolves to: a start refuses them too.
pub(super) fn refused(tasks: &[NewTask], settings: &Settings, policy: &Policy) -> Vec<String> {
    let names: Vec<&str> = settings.sources.keys().map(String::as_str).collect();
    let source = |spec: &BarsSpec| settings.sources.get(choose_source(spec, &names).ok()??);
    let of = |task: &NewTask| {
        let (host, port) = server(task, source)?;
        policy.refuses(&host, port)
    };
    tasks.iter().enumerate().filter_map(|(number, task)| Some(at("tasks", number, format!("provider: {}", of(task)?)))).collect()
}

/// Host and port that a task asks.
fn server<'a>(task: &NewTask, source: impl Fn(&BarsSpec) -> Option<&'a Source>) -> Option<(String, u16)> {
    match &task.spec {
        TaskSpec::Bars(spec) => source(spec)?.server().ok()?,
        TaskSpec::HostMetrics(_) | TaskSpec::BarsSync(_) => None,
    }
}

/// Says which tasks ask a server that may not be asked, as its name resolves now. Each name is asked for once, all at the same time:
/// where DNS does not answer a daemon starts all the same, and soon.
async fn barred(tasks: &[NewTask], desk: &Desk, policy: &Policy) -> Vec<String> {
    let servers: Vec<_> = tasks.iter().map(|task| server(task, |spec| desk.source(spec).ok()?)).collect();
    let distinct: BTreeSet<&(String, u16)> = servers.iter().flatten().collect();
    let judged = distinct.into_iter().map(async |server| {
        let (host, port) = server;
        policy.judge(host, *port, &format!("{host}:{port}")).await.err().map(|why| (server, why))
    });
    let refused: BTreeMap<&(String, u16), String> = futures::future::join_all(judged).await.into_iter().flatten().collect();
    let of = |server: &Option<(String, u16)>| refused.get(server.as_ref()?);
    servers.iter().enumerate().filter_map(|(number, server)| Some(at("tasks", number, format!("provider: {}", of(server)?)))).collect()
}

/// Makes the tasks of the file what they are there: new ones are created, others follow it, and those that are no longer in
/// it go. Whether one is enabled follows the file only where it says no, so that one that was disabled by hand stays so.
pub(in crate::serve) async fn settle_tasks(config: &Config, tasks: &Tasks, desk: &Desk, policy: &Policy) -> Result<(), Vec<String>> {
    let wanted = self::tasks(config)?;
    let refused = barred(&wanted, desk, policy).await;
    if !refused.is_empty() {
        return Err(refused);
    }
    let mut complaints = Vec::new();
    let by = || By { who: "config".to_owned(), request_id: String::new() };
    let known = tasks.list(Some(JobKind::Bars)).await.map_err(|e| vec![e.to_string()])?;
    for gone in known.iter().filter(|t| t.job.origin == Origin::Config && !wanted.iter().any(|w| w.name == t.job.name)) {
        complaints.extend(tasks.drop_of_file(&Selector::Id(gone.job.id.clone()), by()).await.err().map(|e| e.to_string()));
    }
    for (number, task) in wanted.into_iter().enumerate() {
        let name = task.name.clone();
        let done = match known.iter().find(|t| t.job.name == name) {
            None => tasks.create(task, by()).await.map(drop),
            Some(TaskView { job, .. }) if job.origin == Origin::Config => {
                let NewTask { name: _, spec, trigger, limits, enabled, origin: _, description, created_by: _ } = task;
                let enabled = (!enabled).then_some(false);
                let change = TaskChange {
                    name: None,
                    description: Some(description),
                    spec: Some(spec),
                    trigger: Some(trigger),
                    limits: Some(limits),
                    enabled,
                };
                tasks.settle(&Selector::Id(job.id.clone()), change, by()).await.map(drop)
            }
            Some(_) => {
                tracing::warn!(task = name, "[[dms.tasks]] has a task whose name another one has; the other one stays");
                Ok(())
            }
        };
        complaints.extend(done.err().map(|e| at("tasks", number, format!("name ({name}): {e}"))));
    }
    if complaints.is_empty() { Ok(()) } else { Err(complaints) }
}
