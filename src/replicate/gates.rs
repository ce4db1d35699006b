//! The gates of a job at work: they are asked once a second, each server on a connection of its own and by a task of its own,
//! and who is about to load a server waits here while one is shut.
//!
//! The copy waits before it reads a page (of a table without a key that is all of it), whichever gate is shut, and before it
//! writes a block, if it is the target's or a replica's. What is read is written also where the source is busy: a page that
//! nobody takes keeps a thread of the source running, and its own gate would never open. The stream waits between two
//! transactions, never within one, since that would keep rows locked at the target, and only while the target's own gate is
//! shut: replicas have to bear the source's changes anyway. What the stream does not take stays in its spool, and what the copy
//! has read stays within its budget, so that a gate may be shut for as long as it likes.
//!
//! A load that is critical is no gate: where it is seen twice in a row, a second apart, the run ends, and with it every connection
//! of the job, the reader of the source's log among them. It ends as for anything that passes, so the job comes again after a
//! pause that grows to half a minute, asks first, and stays where the load is not critical any more.
//!
//! A gate is shut until its server was asked for the first time, and where the server cannot be asked or does not say what it
//! was asked for: a limit that nobody can watch is no limit. An operator who does not care takes the gate away.

mod ask;

use super::Error;
use super::run::RunContext;
use crate::model::finding::Side;
use crate::model::gates::Gates as Wanted;
use crate::model::live::Live;
use crate::model::progress::HeldBy;
use crate::model::replicate::ReplicateSpec;
use crate::model::run::RunEventKind;
use ask::{Look, Server};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

const EVERY: Duration = Duration::from_secs(1);
/// For an answer; a connection that is silent for longer is made anew.
const PATIENCE: Duration = Duration::from_secs(5);
/// A gate that opens and shuts all the time is told of so often.
const TOLD: Duration = Duration::from_secs(60);

/// Who waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    Read,
    Write,
    Stream,
}

/// Whose load a gate watches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Source,
    Target,
    Replica,
}

impl Of {
    fn side(self) -> Side {
        if self == Self::Source { Side::Src } else { Side::Dest }
    }

    fn holds(self, who: Who) -> bool {
        match who {
            Who::Read => true,
            Who::Write => self != Self::Source,
            Who::Stream => self == Self::Target,
        }
    }
}

/// Clones share one state.
#[derive(Debug, Clone)]
pub(super) struct Gates(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// By the server's name.
    shut: watch::Sender<BTreeMap<String, Shut>>,
    /// Readers, writers, streams.
    waiting: [AtomicUsize; 3],
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Shut {
    reason: String,
    since: Timestamp,
    of: Of,
}

/// Somebody waits as long as this lives.
struct Waiting<'a>(&'a AtomicUsize);

impl Gates {
    /// What is wanted is shut until it was asked.
    pub(super) fn new(wanted: &Wanted) -> Self {
        let gates = Self(Arc::new(Shared { shut: watch::channel(BTreeMap::new()).0, waiting: Default::default() }));
        gates.only(wanted);
        gates
    }

    /// Waits until no gate is shut.
    pub(super) async fn pass(&self, who: Who) {
        let open = |shut: &BTreeMap<String, Shut>| !shut.values().any(|s| s.of.holds(who));
        if open(&self.0.shut.borrow()) {
            return;
        }
        let _waiting = Waiting::new(&self.0.waiting[who as usize]);
        // The sender is ours.
        let _ = self.0.shut.subscribe().wait_for(open).await;
    }

    /// Returns the gates that one of these waits at.
    pub(super) fn held(&self, who: &[Who]) -> Vec<HeldBy> {
        let waits = |who: &&Who| self.0.waiting[**who as usize].load(Ordering::Relaxed) > 0;
        let waiting: Vec<&Who> = who.iter().filter(waits).collect();
        let held = |s: &Shut| HeldBy { reason: s.reason.clone(), since: s.since };
        self.0.shut.borrow().values().filter(|s| waiting.iter().any(|who| s.of.holds(**who))).map(held).collect()
    }

    /// Shuts or opens one.
    fn set(&self, name: &str, reason: Option<String>, of: Of) {
        self.0.shut.send_if_modified(|shut| {
            let before = shut.get(name).cloned();
            match reason {
                Some(reason) => {
                    let since = before.as_ref().map_or_else(Timestamp::now, |b| b.since);
                    shut.insert(name.to_owned(), Shut { reason, since, of });
                }
                None => drop(shut.remove(name)),
            }
            shut.get(name) != before.as_ref()
        });
    }

    /// Forgets those that are not wanted any more; new ones are shut until they are asked.
    fn only(&self, wanted: &Wanted) {
        let names = ask::named(wanted);
        self.0.shut.send_modify(|shut| shut.retain(|name, _| names.contains_key(name)));
        for (name, of) in names {
            let known = self.0.shut.borrow().contains_key(&name);
            if !known {
                self.set(&name, Some(format!("{name} has not been asked yet")), of);
            }
        }
    }
}

impl<'a> Waiting<'a> {
    fn new(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Asks the servers as long as it is awaited: a run does both until it ends. Returns the error that ends it, of a load that is
/// critical.
pub(super) async fn keep(ctx: &RunContext) -> Error {
    let gates = ctx.control.gates();
    let mut live = ctx.control.watch();
    let wanted = |live: &Live| live.gates.clone();
    let mut now = wanted(&live.borrow_and_update());
    loop {
        gates.only(&now);
        let mut tasks = JoinSet::new();
        for server in Server::all(&now, &ctx.spec) {
            tasks.spawn(look_after(server, gates.clone(), ctx.clone()));
        }
        // Those that were asked by then start anew: a change is rare.
        let changed = async {
            loop {
                if live.changed().await.is_err() {
                    // Nobody is left to change it.
                    std::future::pending::<()>().await;
                }
                let next = wanted(&live.borrow_and_update());
                if next != now {
                    return next;
                }
            }
        };
        tokio::select! {
            next = changed => now = next,
            Some(Ok(error)) = tasks.join_next() => return error,
        }
    }
}

/// Until its load is critical.
async fn look_after(mut server: Server, gates: Gates, ctx: RunContext) -> Error {
    let mut tick = tokio::time::interval(EVERY);
    tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Shut since, and whether that was told.
    let (mut shut, mut told): (Option<(Instant, bool)>, Option<Instant>) = (None, None);
    let mut was_critical = false;
    loop {
        tick.tick().await;
        let Look { shut: reason, critical } = match tokio::time::timeout(PATIENCE, server.look()).await {
            Ok(look) => look,
            Err(_) => {
                server.hang_up();
                Look { shut: Some(format!("{} does not answer", server.name())), critical: None }
            }
        };
        if let Some(why) = critical.as_ref().filter(|_| was_critical) {
            let message = format!("{why}, and that is critical: the job has let go of its servers, and comes again by itself");
            return Error::transient("critical_load", message);
        }
        was_critical = critical.is_some();
        gates.set(server.name(), reason.clone(), server.of());
        let note = |text: String| ctx.report.event(Some(server.of().side()), RunEventKind::Note, text);
        match (shut, reason) {
            (None, Some(reason)) => {
                let tell = told.is_none_or(|at| at.elapsed() >= TOLD);
                shut = Some((Instant::now(), tell));
                ctx.report.update(|p| p.note("times that a gate was shut", |n| n + 1));
                if tell {
                    told = Some(Instant::now());
                    note(format!("held back: {reason}"));
                }
            }
            (Some((since, tell)), None) => {
                shut = None;
                if tell {
                    note(format!("{} does not hold the job back any more, after {} s", server.name(), since.elapsed().as_secs()));
                }
            }
            (None, None) | (Some(_), Some(_)) => {}
        }
    }
}

/// Says what a gate is to watch and its server does not have: a status variable, or a lag.
pub async fn lacking(spec: &ReplicateSpec) -> Option<String> {
    for mut server in Server::all(&spec.gates, spec) {
        if let Some(lacks) = tokio::time::timeout(PATIENCE, server.lacks()).await.ok().flatten() {
            return Some(lacks);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gates::{LoadLimit, Replica};
    use crate::secret::Secret;

    fn wanted() -> Wanted {
        let limit = LoadLimit { variable: "Threads_running".into(), most: 5 };
        let replica = Replica { host: "r".into(), port: 3306, user: "me".into(), password: Secret::new("") };
        Wanted { source: vec![limit], lag: Some(Duration::from_secs(5)), replicas: vec![replica], ..Wanted::default() }
    }

    #[tokio::test]
    async fn a_reader_waits_for_every_gate_a_writer_and_the_stream_for_the_targets() {
        let gates = Gates::new(&wanted());
        let open = |who| !gates.0.shut.borrow().values().any(|s| s.of.holds(who));
        assert!(open(Who::Stream) && !open(Who::Write), "the replica's");
        assert!(gates.held(&[Who::Read, Who::Write]).is_empty(), "nobody waits yet");
        gates.pass(Who::Stream).await;
        let waiter = gates.clone();
        let read = tokio::spawn(async move { waiter.pass(Who::Read).await });
        while gates.held(&[Who::Read, Who::Write]).is_empty() {
            tokio::task::yield_now().await;
        }
        let held = gates.held(&[Who::Read]);
        let reasons: Vec<_> = held.iter().map(|h| h.reason.as_str()).collect();
        assert_eq!(reasons, ["replica r:3306 has not been asked yet", "the source has not been asked yet"]);
        gates.set("the source", Some("the source is busy".into()), Of::Source);
        let now = gates.held(&[Who::Read]);
        assert_eq!((now[1].since, now[1].reason.as_str()), (held[1].since, "the source is busy"), "since it was shut, whatever it says");
        gates.set("the source", None, Of::Source);
        assert!(!read.is_finished());
        // The replica is not asked any more; the source is asked again.
        gates.only(&Wanted { lag: None, replicas: vec![], ..wanted() });
        assert!(open(Who::Write) && !open(Who::Read));
        gates.only(&Wanted::default());
        read.await.unwrap();
        gates.set("the target", Some("busy".into()), Of::Target);
        assert!(!open(Who::Stream) && !open(Who::Write));
    }
}
