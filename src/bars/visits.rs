//! Peers that came by themselves: slaves that pull without standing in the list here, and masters that push to a slave which
//! names none. Told by the API as it answers them, shown by `sync status`, `nodes` and dms' own list.
//!
//! Where a visitor is to be found nobody knows, only where its connections come from (a proxy's address, if one stands between) and
//! the port that it says it listens on. So nobody can be asked whether it lives: it is late when it has not come for some multiple
//! of the pace that it told.
//!
//! One daemon stands there once. Its store is what it is known by; one that comes with another store under the name of one that came
//! before is that one, set up anew: at once where it comes from the same address and listens at the same port, else as soon as the
//! other is late (or, where that comes only when it is told to, has not come for [`UNTOLD`]).
//!
//! Held in memory and kept in the store, there not with every visit: a restart may set one back by [`KEEP_EVERY`]. What they say
//! of themselves decides nothing; it is bounded in number and length.

use super::Result;
use super::replica::{Introduced, Says};
use super::store::Store;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// After this long without a visit nobody waits for it any more.
pub(super) const LATELY: SignedDuration = SignedDuration::from_hours(7 * 24);
const MOST: usize = 100;
const KEEP_EVERY: SignedDuration = SignedDuration::from_secs(30);
/// One that comes more often has as long: a restart is no reason to worry.
const SHORTEST: SignedDuration = SignedDuration::from_mins(1);
/// Of one that does not tell its pace.
const UNTOLD: SignedDuration = SignedDuration::from_mins(5);
/// So many of its own intervals may pass.
const PACES: u32 = 3;

/// One that came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Visit {
    /// What it calls itself.
    pub name: String,
    /// The name of its store.
    pub store: String,
    /// Where its last connection came from.
    pub from: IpAddr,
    /// Where it says that it listens; None: it does not say.
    pub port: Option<u16>,
    /// The last time.
    pub at: Timestamp,
    /// Since when it is waited for: that, or a later start of this daemon.
    pub(super) awaited: Timestamp,
    /// How often it comes, as it says; zero: only when it is told to.
    pub every: Option<Duration>,
    /// Up to where it has followed the own store, if it takes bars from here.
    pub version: Option<u64>,
    /// When it last had everything.
    pub in_step: Option<Timestamp>,
    /// Series of which it has more than the own store, as it says; not kept.
    pub extra: Option<u64>,
    /// What it calls this daemon, if it says so; not kept.
    pub called: Option<String>,
    /// How it was then, as it says; not kept.
    pub says: Says,
    /// When the store last took it in.
    pub(super) kept: Timestamp,
}

impl Visit {
    /// Whether it should have come again by now.
    fn is_late(&self, now: Timestamp) -> bool {
        let allowed = match self.every {
            Some(Duration::ZERO) => return false,
            Some(every) => SignedDuration::try_from(every.saturating_mul(PACES)).unwrap_or(SignedDuration::MAX).max(SHORTEST),
            None => UNTOLD,
        };
        now.duration_since(self.awaited) > allowed
    }

    /// Whether it comes by itself, and so often that what it said is true until it is late.
    pub fn keeps_coming(&self) -> bool {
        self.every.is_some_and(|every| !every.is_zero())
    }

    /// Whether one of its name, with another store, is this one that was set up anew.
    fn gives_way(&self, from: IpAddr, port: Option<u16>, now: Timestamp) -> bool {
        let is_same_place = self.from == from && self.port.is_some() && self.port == port;
        let is_silent = || self.every == Some(Duration::ZERO) && now.duration_since(self.awaited) > UNTOLD;
        is_same_place || self.is_late(now) || is_silent()
    }

    /// Says so, if it is.
    pub fn problem(&self, now: Timestamp) -> Option<String> {
        let pace = match self.every {
            Some(every) => format!("; it comes every {} s", every.as_secs()),
            None => String::new(),
        };
        let at = self.at.strftime("%Y-%m-%dT%H:%M:%SZ");
        self.is_late(now).then(|| format!("it has not come since {at}{pace}"))
    }
}

/// What somebody comes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// A slave that has followed up to a version; `head` is the newest one here.
    Pull { version: u64, head: u64 },
    /// One in the midst of that or of a push, or a slave that wants a single symbol: no news of one that is not known.
    Take,
    /// A master.
    Push,
}

/// What the store is to keep of a visit.
#[derive(Debug)]
pub(crate) struct News {
    pub(super) visit: Visit,
    /// Stores of others that it takes the place of.
    pub(super) gone: Vec<String>,
}

/// A cheap handle.
#[derive(Debug, Clone, Default)]
pub struct Visits(Arc<Mutex<BTreeMap<String, Visit>>>);

impl Visits {
    /// Takes in what the store has kept, when the daemon starts.
    pub(super) async fn recall(&self, store: &Store) {
        match store.visits().await {
            Ok(kept) => self.remember(kept, Timestamp::now()),
            Err(error) => tracing::warn!(%error, "who came by itself before is not known"),
        }
    }

    /// Notes that one came, here and as far as need be in the store.
    pub async fn came(&self, store: &Store, who: Introduced, from: IpAddr, errand: Errand) {
        let Some(news) = self.note(who, from, errand, super::micros(Timestamp::now())) else { return };
        if let Err(error) = store.keep_visit(news).await {
            tracing::warn!(%error, "who came by itself was not kept");
        }
    }

    /// Waits no more for daemons of a name; false: none came. One that lives comes again.
    pub async fn forget(&self, store: &Store, name: &str) -> Result<bool> {
        let gone = self.drop(name);
        let has_come = !gone.is_empty();
        store.forget_visits(gone).await?;
        Ok(has_come)
    }

    /// They are waited for from now on.
    fn remember(&self, kept: Vec<Visit>, now: Timestamp) {
        let mut known = self.lock();
        for visit in kept {
            let awaited = visit.awaited.max(now);
            known.entry(visit.store.clone()).or_insert(Visit { awaited, ..visit });
        }
    }

    /// Returns what is to be kept.
    pub(crate) fn note(&self, who: Introduced, from: IpAddr, errand: Errand, now: Timestamp) -> Option<News> {
        let Introduced { name, store, every, port, extra, called, says } = who;
        // As an operator reads it, also where a listener of IPv6 takes IPv4.
        let from = from.to_canonical();
        let mut known = self.lock();
        let is_new = !known.contains_key(&store);
        if is_new && errand == Errand::Take {
            return None;
        }
        let is_it = |visit: &Visit| visit.name == name && visit.store != store && visit.gives_way(from, port, now);
        let gone: Vec<String> = known.values().filter(|visit| is_it(visit)).map(|visit| visit.store.clone()).collect();
        known.retain(|_, visit| !is_it(visit) && now.duration_since(visit.at) < LATELY);
        if is_new && known.len() >= MOST {
            return None;
        }
        let (new_name, id) = (name.clone(), store.clone());
        let visit = known.entry(store).or_insert_with(|| Visit {
            name: new_name,
            store: id,
            from,
            port,
            at: now,
            awaited: now,
            every,
            version: None,
            in_step: None,
            extra,
            called: None,
            says,
            kept: now,
        });
        let is_other = (&visit.name, visit.from, visit.port, visit.every) != (&name, from, port, every);
        (visit.name, visit.from, visit.port, visit.every, visit.at, visit.awaited) = (name, from, port, every, now, now);
        visit.says = says;
        visit.extra = extra.or(visit.extra);
        visit.called = called.or(visit.called.take());
        let mut has_moved = false;
        if let Errand::Pull { version, head } = errand {
            has_moved = visit.version.replace(version) != Some(version);
            if version >= head && says.lacking.unwrap_or(0) == 0 {
                has_moved |= visit.in_step.replace(now).is_none();
            }
        }
        if !(is_new || is_other || has_moved || now.duration_since(visit.kept) >= KEEP_EVERY) {
            return None;
        }
        visit.kept = now;
        Some(News { visit: visit.clone(), gone })
    }

    /// Those that came within the last week.
    pub fn lately(&self, now: Timestamp) -> Vec<Visit> {
        self.lock().values().filter(|visit| now.duration_since(visit.at) < LATELY).cloned().collect()
    }

    fn drop(&self, name: &str) -> Vec<String> {
        let mut known = self.lock();
        let gone: Vec<String> = known.values().filter(|visit| visit.name == name).map(|visit| visit.store.clone()).collect();
        known.retain(|_, visit| visit.name != name);
        gone
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Visit>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    fn who(store: &str, every: Option<u64>) -> Introduced {
        Introduced {
            name: "ny".to_owned(),
            store: store.to_owned(),
            every: every.map(Duration::from_secs),
            port: None,
            extra: None,
            called: None,
            says: Says::default(),
        }
    }

    fn pull(version: u64, head: u64) -> Errand {
        Errand::Pull { version, head }
    }

    #[test]
    fn a_visit_is_known_for_a_week_and_says_how_far_it_came() {
        let visits = Visits::default();
        let [home, away] = ["10.0.0.2", "::ffff:10.0.0.3"].map(|text| text.parse().unwrap());
        visits.note(who("a", None), home, pull(3, 5), at(0));
        assert_eq!((visits.lately(at(9))[0].version, visits.lately(at(9))[0].in_step), (Some(3), None));
        visits.note(who("a", None), home, pull(5, 5), at(10));
        visits.note(who("a", None), away, pull(5, 6), at(20));
        visits.note(who("b", None), home, Errand::Push, at(20));
        visits.note(who("c", None), home, Errand::Take, at(20));
        visits.note(who("a", None), away, Errand::Take, at(21));
        let all = visits.lately(at(30));
        assert_eq!((all.len(), all[0].in_step, all[0].at, all[1].version), (2, Some(at(10)), at(21), None));
        assert_eq!([all[0].from.to_string(), all[1].from.to_string()], ["10.0.0.3", "10.0.0.2"]);
        // In the midst of a push it says how far it is by then; who asks before it came for something is nobody.
        let heads = |head| Introduced { says: Says { head: Some(head), behind: Some(2), ..Says::default() }, ..who("b", None) };
        for (errand, head) in [(Errand::Push, 7), (Errand::Take, 8)] {
            visits.note(heads(head), home, errand, at(21));
            let visit = visits.lately(at(30)).remove(1);
            assert_eq!((visit.version, visit.says.head, visit.says.behind), (None, Some(head), Some(2)));
        }
        assert!(visits.lately(at(21 + 7 * 86_400)).is_empty());
        (0..300).for_each(|n| drop(visits.note(who(&n.to_string(), None), home, Errand::Push, at(40))));
        assert_eq!(visits.lately(at(41)).len(), MOST);
    }

    #[test]
    fn one_that_does_not_come_at_its_own_pace_is_late() {
        let home = "10.0.0.2".parse().unwrap();
        // How often it comes, when it is on time yet, and when it is late.
        for (every, fine, late) in [(Some(1), 60, 61), (Some(600), 1800, 1801), (None, 300, 301), (Some(0), 600_000, 600_001)] {
            let visits = Visits::default();
            visits.note(who("a", every), home, pull(5, 5), at(0));
            assert_eq!(visits.lately(at(fine))[0].problem(at(fine)), None, "{every:?}");
            let is_late = visits.lately(at(late))[0].is_late(at(late));
            assert_eq!(is_late, every != Some(0), "{every:?}");
        }
        let visits = Visits::default();
        visits.note(who("a", Some(30)), home, pull(5, 5), at(0));
        let told = visits.lately(at(91))[0].problem(at(91));
        assert_eq!(told.as_deref(), Some("it has not come since 1970-01-01T00:00:00Z; it comes every 30 s"));
        // Begun anew, in an empty directory: not a second one.
        visits.note(who("b", Some(30)), home, pull(0, 5), at(200));
        assert_eq!(visits.lately(at(200)).len(), 1);
    }

    #[test]
    fn one_that_is_set_up_anew_takes_its_own_place() {
        let [home, away] = ["10.0.0.2".parse().unwrap(), "10.0.0.3".parse().unwrap()];
        let on = |store, every, port| Introduced { port: Some(port), ..who(store, Some(every)) };
        // How often it comes, where the new one comes from and listens, how long after the old one, and how many there are then.
        for (every, from, port, after, count) in [
            (30, home, 11183, 1, 1),
            // Another place, or another listener of that place: two of one name, until the first is late.
            (30, away, 11183, 1, 2),
            (30, home, 11184, 1, 2),
            (30, away, 11184, 91, 1),
            // One that comes when it is told to is late for nobody; whoever comes in its place takes it.
            (0, home, 11183, 1, 1),
            (0, away, 11183, 299, 2),
            (0, away, 11183, 301, 1),
        ] {
            let visits = Visits::default();
            visits.note(on("a", every, 11183), home, pull(5, 5), at(0));
            // In the midst of a pull, too.
            visits.note(on("b", every, port), from, pull(0, 5), at(after));
            let stores: Vec<String> = visits.lately(at(after)).into_iter().map(|visit| visit.store).collect();
            assert_eq!(stores.len(), count, "{every} {from} {port} {after}: {stores:?}");
            assert!(stores.contains(&"b".to_owned()), "{stores:?}");
        }
    }

    #[test]
    fn what_is_to_be_kept_is_what_moved_and_the_rest_now_and_then() {
        let (visits, home) = (Visits::default(), "10.0.0.2".parse().unwrap());
        let pulled = |version, seconds| visits.note(who("a", Some(1)), home, pull(version, 5), at(seconds)).is_some();
        assert!(pulled(3, 0), "a new one");
        assert!(!pulled(3, 1));
        assert!(pulled(5, 2), "it has all");
        assert!(!pulled(5, 3) && pulled(5, 32));
        // After a restart it is waited for from then on.
        let kept = visits.lately(at(40));
        let after = Visits::default();
        after.remember(kept, at(10_000));
        let visit = after.lately(at(10_000)).remove(0);
        assert_eq!((visit.at, visit.version, visit.in_step), (at(32), Some(5), Some(at(32))));
        assert!(!visit.is_late(at(10_060)) && visit.is_late(at(10_061)));
    }
}
