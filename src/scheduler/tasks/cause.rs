//! Why the items of a run failed, gathered while they come: what all of them have in common is said once, in the run's own
//! error, which names the first of them where others succeeded; and an item that was cut short says what cut it short.
//!
//! Called by `work`, which keeps the items; pure but for the cell in which the event loop leaves its reason.

use super::decide::Stop;
use crate::model::run::{Outcome, RunItem};
use serde_json::json;
use std::sync::{Arc, OnceLock};

/// The code of an item that was cut short; the engines know no more than that.
pub(super) const CANCELLED: &str = "cancelled";

#[derive(Default)]
pub(super) struct Cause {
    /// Why the run was told to stop, once it was.
    why: Arc<OnceLock<Stop>>,
    first: Option<First>,
    alike: u64,
    same_text: bool,
    same_code: bool,
    failed: Few,
    /// Of the first that failed.
    reason: String,
    /// Found faulty, which is no failure of the run.
    faulty: Few,
    /// Done, and not to be trusted; and why the first of them is not.
    doubtful: Few,
    doubt: String,
    /// Not known to their source any more, with the day since when.
    gone: Few,
    since: Vec<String>,
    listed: Listed,
}

/// Where the symbols of a task are listed, so that one can be taken out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Listed {
    /// In the task that has this name or number.
    Task(String),
    /// In a file that the operator has.
    File(String),
    /// It has no list, or is no task.
    #[default]
    Nowhere,
}

/// Items that are named where there are many.
const NAMED: usize = 3;

/// Items of which one thing is told: how many they are, and who are the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Few {
    count: u64,
    names: Vec<String>,
}

impl Few {
    fn hear(&mut self, item: &RunItem) {
        self.count += 1;
        if self.names.len() < NAMED {
            self.names.push(item.key.clone());
        }
    }

    /// The names but the first `skipped`, and how many more there are; empty: there are none.
    fn told(&self, skipped: usize) -> String {
        let names = self.names.get(skipped..).unwrap_or_default().join(", ");
        match self.count - self.names.len() as u64 {
            0 => names,
            more => format!("{names} and {more} more"),
        }
    }
}

/// What is said of all items of a run that did not come out well.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Reasons {
    /// What all that failed have in common.
    pub(super) common: Option<String>,
    failed: Few,
    /// Why the first of them did.
    why: String,
    faulty: Few,
    doubtful: Few,
    doubt: String,
    /// What is not known to its source any more, since when, and what takes it out; empty: nothing.
    pub(super) gone: String,
}

impl Reasons {
    /// Names what failed, what was found faulty and what is doubtful; `noun` of one and of many. Empty: nothing did.
    pub(super) fn named(&self, [one, many]: [&str; 2]) -> String {
        let Self { common: _, failed, why, faulty, doubtful, doubt, gone: _ } = self;
        let noun = |few: &Few| if few.count == 1 { one.to_owned() } else { many.to_owned() };
        let mut told = Vec::new();
        for (few, what, why) in [(failed, "failed", why), (doubtful, "doubtful", doubt)] {
            let Some(first) = few.names.first() else { continue };
            let others = few.told(1);
            let also = if others.is_empty() { String::new() } else { format!("; also {others}") };
            told.push(format!("{} {} {what}: {first}: {why}{also}", few.count, noun(few)));
        }
        if faulty.count > 0 {
            told.push(format!("{} {} with issues: {}", faulty.count, noun(faulty), faulty.told(0)));
        }
        told.join("; ")
    }
}

struct First {
    key: String,
    code: String,
    text: String,
}

impl Cause {
    pub(super) fn new(why: Arc<OnceLock<Stop>>, listed: Listed) -> Self {
        Self { why, listed, ..Self::default() }
    }

    /// Names what is gone and says how it is taken out of the task; empty: nothing is.
    fn gone(&self) -> String {
        if self.gone.count == 0 {
            return String::new();
        }
        let dated: Vec<String> = self.gone.names.iter().zip(&self.since).map(|(name, since)| format!("{name} (since {since})")).collect();
        let more = match self.gone.count - dated.len() as u64 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let how = match &self.listed {
            Listed::Task(task) => {
                let symbols: String = self.gone.names.iter().map(|name| format!(" --drop-symbol {name}")).collect();
                format!("; out of the task: `syncline tasks update {task}{symbols}`")
            }
            Listed::File(file) => format!("; {file} lists it"),
            Listed::Nowhere => String::new(),
        };
        format!("not known to the source any more: {}{more}{how}", dated.join(", "))
    }

    /// Hears of an item before it is kept.
    pub(super) fn hear(&mut self, item: &mut RunItem) {
        if item.outcome == Outcome::Different {
            self.faulty.hear(item);
        }
        if item.measures["doubtful"] == true {
            self.doubtful.hear(item);
            if self.doubtful.count == 1 {
                self.doubt.clone_from(&item.error);
            }
        }
        if let Some(since) = item.measures["gone_since"].as_str() {
            self.gone.hear(item);
            // The day of it.
            self.since.push(since.chars().take(10).collect());
            self.since.truncate(NAMED);
        }
        let text = match item.outcome {
            Outcome::Failed => String::new(),
            Outcome::NoData => "there is no data of it".to_owned(),
            Outcome::NotInPool => "it is not in the pool".to_owned(),
            _ => return,
        };
        if let Some(why) = self.why.get().filter(|_| item.measures["code"] == CANCELLED) {
            item.measures["code"] = json!(why.code());
            item.error = why.to_string();
        }
        let text = if item.error.is_empty() { text } else { item.error.clone() };
        if item.outcome == Outcome::Failed {
            self.failed.hear(item);
            if self.failed.count == 1 {
                self.reason.clone_from(&text);
            }
        }
        let code = item.measures["code"].as_str().unwrap_or(item.outcome.as_str()).to_owned();
        self.alike += 1;
        match &self.first {
            None => {
                (self.same_text, self.same_code) = (true, true);
                self.first = Some(First { key: item.key.clone(), code, text });
            }
            Some(first) => {
                self.same_text &= first.text == text;
                self.same_code &= first.code == code;
            }
        }
    }

    pub(super) fn reasons(self) -> Reasons {
        let gone = self.gone();
        let Self { first, alike, same_text, same_code, failed, reason, faulty, doubtful, doubt, .. } = self;
        let common = first.and_then(|First { key, code: _, text }| match (same_text, same_code) {
            (true, _) => Some(text),
            // The texts name what they are about.
            (false, true) => Some(format!("{key}: {text}; and {} more like it", alike - 1)),
            (false, false) => None,
        });
        Reasons { common, failed, why: reason, faulty, doubtful, doubt, gone }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    fn item(key: &str, outcome: Outcome, code: &str, error: &str) -> RunItem {
        RunItem {
            number: 0,
            run: 0,
            key: key.to_owned(),
            label: String::new(),
            outcome,
            measures: json!({ "code": code }),
            started: None,
            ended: None,
            count: 0,
            error: error.to_owned(),
        }
    }

    fn reasons(items: &[(&str, Outcome, &str, &str)]) -> Reasons {
        let mut cause = Cause::default();
        items.iter().for_each(|(key, outcome, code, error)| cause.hear(&mut item(key, *outcome, code, error)));
        cause.reasons()
    }

    #[test]
    fn what_all_have_in_common_is_said_once() {
        use Outcome::{Failed, NoData, Updated};
        let refused = ("b", Failed, "es_unreachable", "no connection");
        for (items, said) in [
            (vec![("a", Failed, "es_unreachable", "no connection"), refused], Some("no connection")),
            (vec![("a", NoData, "", ""), ("b", NoData, "", "")], Some("there is no data of it")),
            (vec![("a", Failed, "x", "no file for a"), ("b", Failed, "x", "no file for b")], Some("a: no file for a; and 1 more like it")),
            (vec![("a", Failed, "x", "this"), refused], None),
            (vec![("a", Updated, "", ""), refused], Some("no connection")),
            (vec![], None),
        ] {
            assert_eq!(reasons(&items).common.as_deref(), said, "{items:?}");
        }
    }

    #[test]
    fn what_failed_beside_others_is_named() {
        use Outcome::{Different, Failed, NoData, Updated};
        let bad = |key| (key, Failed, "x", "no connection");
        for (items, said) in [
            (vec![("a", Updated, "", ""), bad("b")], "1 symbol failed: b: no connection"),
            (vec![bad("a"), ("b", Failed, "y", "no file"), ("n", NoData, "", "")], "2 symbols failed: a: no connection; also b"),
            (["a", "b", "c", "d", "e"].map(bad).to_vec(), "5 symbols failed: a: no connection; also b, c and 2 more"),
            (vec![("a", Different, "", "a gap"), bad("b")], "1 symbol failed: b: no connection; 1 symbol with issues: a"),
            (vec![("a", Updated, "", ""), ("n", NoData, "", "")], ""),
        ] {
            assert_eq!(reasons(&items).named(["symbol", "symbols"]), said, "{items:?}");
        }
    }

    #[test]
    fn what_is_doubtful_is_named_with_the_reason_of_the_first() {
        let mut cause = Cause::default();
        for (key, why) in [("a", "twice with different figures"), ("b", "another scale")] {
            let mut one = item(key, Outcome::Updated, "", why);
            one.measures["doubtful"] = json!(true);
            cause.hear(&mut one);
        }
        cause.hear(&mut item("c", Outcome::Updated, "", "just a note"));
        let said = cause.reasons().named(["symbol", "symbols"]);
        assert_eq!(said, "2 symbols doubtful: a: twice with different figures; also b");
    }

    #[test]
    fn what_is_gone_is_told_with_what_takes_it_out() {
        for (listed, how) in [
            (
                Listed::Task("us".to_owned()),
                "; out of the task: `syncline tasks update us --drop-symbol a --drop-symbol b --drop-symbol c`",
            ),
            (Listed::File("/etc/us.txt".to_owned()), "; /etc/us.txt lists it"),
            (Listed::Nowhere, ""),
        ] {
            let mut cause = Cause::new(Arc::default(), listed);
            for key in ["a", "b", "c", "d"] {
                let mut one = item(key, Outcome::NoData, "", "404");
                one.measures["gone_since"] = json!("2026-11-20T08:00:00Z");
                cause.hear(&mut one);
            }
            let said = "not known to the source any more: a (since 2026-11-20), b (since 2026-11-20), c (since 2026-11-20) and 1 more";
            assert_eq!(cause.reasons().gone, format!("{said}{how}"));
        }
        assert_eq!(Cause::default().reasons().gone, "");
    }

    #[test]
    fn an_item_that_was_cut_short_says_what_cut_it_short() {
        let why = Arc::new(OnceLock::new());
        let mut cause = Cause::new(Arc::clone(&why), Listed::Nowhere);
        let mut one = item("a", Outcome::Failed, CANCELLED, "the run was cancelled");
        cause.hear(&mut one);
        assert_eq!(one.error, "the run was cancelled");
        why.set(Stop::Deadline(SignedDuration::from_secs(90))).unwrap();
        cause.hear(&mut one);
        assert_eq!((one.measures["code"].as_str(), one.error.as_str()), (Some("deadline"), "it took longer than 1m 30s"));
        // What failed by itself keeps its own reason.
        let mut other = item("b", Outcome::Failed, "es_timeout", "no answer");
        cause.hear(&mut other);
        assert_eq!(other.error, "no answer");
    }
}
