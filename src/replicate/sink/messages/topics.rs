//! The topics that the job writes to: how many partitions each has, and what it has got.
//!
//! A key's partition follows from the count, so a count that changes ends the order of keys across the change. The count
//! is kept with the position and asked for again while the job runs; a change is taken up at once, told among the job's
//! events and noted in its figures.

use crate::model::progress::TopicProgress;
use crate::model::run::RunEventKind;
use crate::replicate::report::Report;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// A topic of this run.
#[derive(Debug)]
pub(in crate::replicate::sink) struct Topic {
    pub(in crate::replicate::sink) name: String,
    partitions: AtomicU32,
    /// Acknowledged in this run.
    messages: AtomicU64,
    bytes: AtomicU64,
}

impl Topic {
    pub(in crate::replicate::sink) fn partitions(&self) -> u32 {
        self.partitions.load(Ordering::Relaxed)
    }
    pub(in crate::replicate::sink) fn got(&self, messages: u64, bytes: u64) {
        self.messages.fetch_add(messages, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }
}

pub(in crate::replicate::sink) struct Topics {
    report: Report,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    used: BTreeMap<String, Arc<Topic>>,
    /// Partitions by topic, as kept.
    kept: BTreeMap<String, u32>,
    /// Counts that are not kept yet.
    changed: Vec<(String, u32)>,
}

impl Topics {
    pub(super) fn new(report: Report, kept: BTreeMap<String, u32>) -> Self {
        Self { report, state: Mutex::new(State { kept, ..State::default() }) }
    }

    pub(super) fn get(&self, name: &str) -> Option<Arc<Topic>> {
        self.state.lock().expect("nothing panics while holding it").used.get(name).map(Arc::clone)
    }

    pub(in crate::replicate::sink) fn names(&self) -> Vec<String> {
        self.state.lock().expect("nothing panics while holding it").used.keys().cloned().collect()
    }

    /// Takes up how many partitions a topic has, as the brokers say now.
    pub(in crate::replicate::sink) fn counted(&self, name: &str, partitions: u32) -> Arc<Topic> {
        let mut state = self.state.lock().expect("nothing panics while holding it");
        let before = state.kept.insert(name.to_owned(), partitions);
        if before != Some(partitions) {
            state.changed.push((name.to_owned(), partitions));
        }
        let make = || {
            Arc::new(Topic { name: name.to_owned(), partitions: AtomicU32::new(0), messages: AtomicU64::new(0), bytes: AtomicU64::new(0) })
        };
        let topic = Arc::clone(state.used.entry(name.to_owned()).or_insert_with(make));
        topic.partitions.store(partitions, Ordering::Relaxed);
        drop(state);
        if let Some(before) = before.filter(|n| *n != partitions) {
            let what = format!("topic {name} has {partitions} partitions and had {before}: keys moved, their order ends at the change");
            self.report.update(|p| p.note(&what, |n| n + 1));
            self.report.event(None, RunEventKind::Note, what);
        }
        topic
    }

    /// Takes the counts that are to be kept.
    pub(super) fn take_changed(&self) -> Vec<(String, u32)> {
        std::mem::take(&mut self.state.lock().expect("nothing panics while holding it").changed)
    }

    /// Returns what each topic has got, on top of `before`.
    pub(super) fn figures(&self, before: &[TopicProgress]) -> Vec<TopicProgress> {
        let state = self.state.lock().expect("nothing panics while holding it");
        let mut all: BTreeMap<&str, TopicProgress> = before.iter().map(|t| (t.topic.as_str(), t.clone())).collect();
        for (name, topic) in &state.used {
            let shown = all.entry(name).or_insert_with(|| TopicProgress { topic: name.clone(), ..TopicProgress::default() });
            shown.partitions = topic.partitions();
            shown.messages += topic.messages.load(Ordering::Relaxed);
            shown.bytes += topic.bytes.load(Ordering::Relaxed);
        }
        all.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_go_on_and_a_changed_count_is_told_once() {
        let (report, seen, mut events) = Report::new();
        let topics = Topics::new(report, BTreeMap::from([("a".to_owned(), 3)]));
        topics.counted("a", 3).got(2, 20);
        topics.counted("b", 1).got(1, 5);
        assert!(events.try_recv().is_err(), "as before, and new");
        assert_eq!(topics.take_changed(), [("b".to_owned(), 1)]);
        topics.counted("a", 6).got(1, 10);
        topics.counted("a", 6);
        assert!(events.try_recv().is_ok_and(|e| e.message.contains("6 partitions and had 3")) && events.try_recv().is_err());
        assert_eq!((seen.borrow().notes.len(), topics.take_changed()), (1, vec![("a".to_owned(), 6)]));
        let before = TopicProgress { topic: "a".into(), partitions: 3, messages: 10, bytes: 100 };
        let shown = topics.figures(&[before]);
        assert_eq!(shown[0], TopicProgress { topic: "a".into(), partitions: 6, messages: 13, bytes: 130 });
        assert_eq!((shown[1].messages, shown.len()), (1, 2));
    }
}
