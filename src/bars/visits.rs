//! Peers that came by themselves: slaves that pull without standing in the list here, and masters that push to a slave which
//! names none. Told by the API as it answers them, shown by `sync status`.
//!
//! Where a visitor is to be found nobody knows, only where its connections come from (a proxy's address, if one stands between).
//!
//! Held in memory: a restart forgets them, and their next visit brings them back. What they say of themselves decides nothing; it
//! is bounded in number and length.

use super::replica::Introduced;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// After this long without a visit nobody waits for it any more.
const LATELY: SignedDuration = SignedDuration::from_hours(24);
const MOST: usize = 100;

/// One that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// What it calls itself.
    pub name: String,
    /// The name of its store.
    pub store: String,
    /// Where its last connection came from.
    pub from: IpAddr,
    /// The last time.
    pub at: Timestamp,
    /// Up to where it has followed the own store, if it takes bars from here.
    pub version: Option<u64>,
    /// When it last had everything.
    pub in_step: Option<Timestamp>,
}

/// A cheap handle.
#[derive(Debug, Clone, Default)]
pub struct Visits(Arc<Mutex<BTreeMap<String, Visit>>>);

impl Visits {
    /// One that pulls says up to where it has come; `head` is the newest version here.
    pub fn pulled(&self, who: Introduced, from: IpAddr, version: u64, head: u64, now: Timestamp) {
        self.note(who, from, now, |visit| {
            visit.version = Some(version);
            if version >= head {
                visit.in_step = Some(now);
            }
        });
    }

    /// One that pushes here.
    pub fn pushed(&self, who: Introduced, from: IpAddr, now: Timestamp) {
        self.note(who, from, now, |_| {});
    }

    fn note(&self, who: Introduced, from: IpAddr, now: Timestamp, change: impl FnOnce(&mut Visit)) {
        let Introduced { name, store } = who;
        // As an operator reads it, also where a listener of IPv6 takes IPv4.
        let from = from.to_canonical();
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, visit| now.duration_since(visit.at) < LATELY);
        if known.len() >= MOST && !known.contains_key(&store) {
            return;
        }
        let new = Visit { name: String::new(), store: store.clone(), from, at: now, version: None, in_step: None };
        let visit = known.entry(store).or_insert(new);
        (visit.name, visit.from, visit.at) = (name, from, now);
        change(visit);
    }

    /// Those that came within the last day.
    pub fn lately(&self, now: Timestamp) -> Vec<Visit> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().filter(|visit| now.duration_since(visit.at) < LATELY).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_is_known_for_a_day_and_says_how_far_it_came() {
        let visits = Visits::default();
        let at = |seconds| Timestamp::from_second(seconds).unwrap();
        let who = |store: &str| Introduced { name: "ny".to_owned(), store: store.to_owned() };
        let [home, away] = ["10.0.0.2", "::ffff:10.0.0.3"].map(|text| text.parse().unwrap());
        visits.pulled(who("a"), home, 3, 5, at(0));
        assert_eq!((visits.lately(at(9))[0].version, visits.lately(at(9))[0].in_step), (Some(3), None));
        visits.pulled(who("a"), home, 5, 5, at(10));
        visits.pulled(who("a"), away, 5, 6, at(20));
        visits.pushed(who("b"), home, at(20));
        let all = visits.lately(at(30));
        assert_eq!((all.len(), all[0].in_step, all[0].at, all[1].version), (2, Some(at(10)), at(20), None));
        assert_eq!([all[0].from.to_string(), all[1].from.to_string()], ["10.0.0.3", "10.0.0.2"]);
        assert!(visits.lately(at(20 + 86_400)).is_empty());
        (0..300).for_each(|n| visits.pushed(who(&n.to_string()), home, at(40)));
        assert_eq!(visits.lately(at(41)).len(), MOST);
    }
}
