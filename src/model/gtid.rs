//! GTID sets of both flavours: what a server executed, what a position holds.
//!
//! Used by positions, the log reader, the sink's bookkeeping and the dialects. Reads and prints the servers' own text
//! forms (MySQL's with tags: `UUID:1-9:mytag:1-3`; MariaDB's `0-1-12,5-1-1`), because the driver's parser refuses them.
//! Invariant: intervals are sorted, merged, never empty; a sid without intervals is not kept.

mod text;

use std::collections::BTreeMap;
use uuid::Uuid;

/// A source of MySQL GTIDs: server UUID and optional tag ("" = none).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sid {
    pub uuid: Uuid,
    pub tag: String,
}

/// One transaction's id, in either flavour.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Gtid {
    Mysql { sid: Sid, gno: u64 },
    Mariadb { domain: u32, server: u32, seq: u64 },
}

/// What has been executed. MySQL: intervals per sid (half open, sorted, merged). MariaDB: the last GTID per domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GtidSet {
    Mysql(BTreeMap<Sid, Vec<(u64, u64)>>),
    Mariadb(BTreeMap<u32, (u32, u64)>),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad GTID set {text:?}: {reason}")]
pub struct ParseGtidError {
    pub text: String,
    pub reason: String,
}

impl ParseGtidError {
    pub(in crate::model) fn new(text: &str, reason: impl Into<String>) -> Self {
        Self { text: text.chars().take(200).collect(), reason: reason.into() }
    }
}

impl GtidSet {
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Mysql(sids) => sids.is_empty(),
            Self::Mariadb(domains) => domains.is_empty(),
        }
    }

    /// Says whether the transaction is in the set. A GTID of the other flavour never is.
    pub fn contains(&self, gtid: &Gtid) -> bool {
        match (self, gtid) {
            (Self::Mysql(sids), Gtid::Mysql { sid, gno }) => sids.get(sid).is_some_and(|list| covers(list, *gno, gno + 1)),
            (Self::Mariadb(domains), Gtid::Mariadb { domain, seq, .. }) => domains.get(domain).is_some_and(|(_, last)| seq <= last),
            _ => false,
        }
    }

    /// Every transaction of `other` is in `self`.
    pub fn contains_set(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Mysql(mine), Self::Mysql(theirs)) => {
                theirs.iter().all(|(sid, list)| mine.get(sid).is_some_and(|own| list.iter().all(|&(start, end)| covers(own, start, end))))
            }
            (Self::Mariadb(mine), Self::Mariadb(theirs)) => {
                theirs.iter().all(|(domain, (_, seq))| mine.get(domain).is_some_and(|(_, own)| seq <= own))
            }
            _ => other.is_empty(),
        }
    }

    /// Adds one transaction. One of the other flavour changes nothing: a source has one flavour.
    pub fn add(&mut self, gtid: &Gtid) {
        match (self, gtid) {
            (Self::Mysql(sids), Gtid::Mysql { sid, gno }) => match sids.get_mut(sid) {
                Some(list) => insert(list, *gno, gno + 1),
                None => {
                    sids.insert(sid.clone(), vec![(*gno, gno + 1)]);
                }
            },
            (Self::Mariadb(domains), Gtid::Mariadb { domain, server, seq }) => {
                let last = domains.entry(*domain).or_insert((*server, *seq));
                if *seq >= last.1 {
                    *last = (*server, *seq);
                }
            }
            _ => {}
        }
    }

    /// Adds every transaction of `other`.
    pub fn add_set(&mut self, other: &Self) {
        match (self, other) {
            (Self::Mysql(mine), Self::Mysql(theirs)) => {
                for (sid, list) in theirs {
                    let own = mine.entry(sid.clone()).or_default();
                    list.iter().for_each(|&(start, end)| insert(own, start, end));
                }
            }
            (mine @ Self::Mariadb(_), Self::Mariadb(theirs)) => {
                for (&domain, &(server, seq)) in theirs {
                    mine.add(&Gtid::Mariadb { domain, server, seq });
                }
            }
            _ => {}
        }
    }

    /// MySQL: what `self` has and `other` has not. MariaDB: the domains in which `self` is ahead, with their last GTID.
    pub fn subtract(&self, other: &Self) -> Self {
        match (self, other) {
            (Self::Mysql(mine), Self::Mysql(theirs)) => Self::Mysql(
                mine.iter()
                    .filter_map(|(sid, list)| {
                        let rest = theirs.get(sid).map_or_else(|| list.clone(), |taken| difference(list, taken));
                        (!rest.is_empty()).then(|| (sid.clone(), rest))
                    })
                    .collect(),
            ),
            (Self::Mariadb(mine), Self::Mariadb(theirs)) => Self::Mariadb(
                mine.iter()
                    .filter(|(domain, (_, seq))| theirs.get(domain).is_none_or(|(_, taken)| seq > taken))
                    .map(|(domain, last)| (*domain, *last))
                    .collect(),
            ),
            _ => self.clone(),
        }
    }

    /// Counts the transactions that `self` has and `other` has not; for MariaDB by the numbers of each domain.
    pub fn count_missing(&self, other: &Self) -> u64 {
        match (self.subtract(other), other) {
            (Self::Mysql(rest), _) => rest.values().flatten().fold(0, |sum: u64, (start, end)| sum.saturating_add(end - start)),
            (Self::Mariadb(rest), Self::Mariadb(theirs)) => rest
                .iter()
                .fold(0, |sum: u64, (domain, (_, seq))| sum.saturating_add(seq - theirs.get(domain).map_or(0, |(_, taken)| *taken))),
            (Self::Mariadb(rest), Self::Mysql(_)) => rest.values().fold(0, |sum: u64, (_, seq)| sum.saturating_add(*seq)),
        }
    }
}

/// Says whether one of the intervals holds all of `start..end`.
fn covers(list: &[(u64, u64)], start: u64, end: u64) -> bool {
    let after = list.partition_point(|&(s, _)| s <= start);
    after > 0 && list[after - 1].1 >= end
}

/// Puts `start..end` into a sorted, merged list and keeps it so.
fn insert(list: &mut Vec<(u64, u64)>, start: u64, end: u64) {
    // The stream adds at the end of the last interval nearly always.
    if let Some(last) = list.last_mut()
        && last.1 == start
    {
        last.1 = end;
        return;
    }
    let from = list.partition_point(|&(_, e)| e < start);
    let to = list.partition_point(|&(s, _)| s <= end);
    if from == to {
        list.insert(from, (start, end));
    } else {
        let merged = (list[from].0.min(start), list[to - 1].1.max(end));
        list.splice(from..to, [merged]);
    }
}

fn difference(list: &[(u64, u64)], taken: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut rest = Vec::new();
    for &(mut start, end) in list {
        for &(from, to) in taken {
            if to <= start || from >= end {
                continue;
            }
            if from > start {
                rest.push((start, from));
            }
            start = start.max(to);
        }
        if start < end {
            rest.push((start, end));
        }
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const A: &str = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
    const B: &str = "b1d02f30-0000-11e1-9e33-c80aa9429562";

    fn mysql(text: &str) -> GtidSet {
        GtidSet::parse_mysql(text).unwrap()
    }

    fn gtid(text: &str) -> Gtid {
        text.parse().unwrap()
    }

    #[test]
    fn mysql_sets_print_as_the_server_does() {
        for (given, printed) in [
            (String::new(), String::new()),
            (format!("{A}:1-9:mytag:1-3"), format!("{A}:1-9:mytag:1-3")),
            (format!("{A}:1-3:4-5:9 ,\n {B}:7"), format!("{A}:1-5:9,{B}:7")),
            (format!("{}:5:1-2", A.to_uppercase()), format!("{A}:1-2:5")),
            (format!("{A}:MyTag:1,{A}:2"), format!("{A}:2:mytag:1")),
        ] {
            assert_eq!(mysql(&given).to_string(), printed);
        }
    }

    #[test]
    fn bad_sets_are_refused() {
        for text in ["x", A, &format!("{A}:"), &format!("{A}:0"), &format!("{A}:3-2"), &format!("{A}:1-"), &format!("{A}:tag"), "0-1-2"] {
            assert!(GtidSet::parse_mysql(text).is_err(), "{text}");
        }
        for text in ["x", "0-1", "0-1-2-3", "0-1-2,0-2-3", "4294967296-1-1", "0--1"] {
            assert!(GtidSet::parse_mariadb(text).is_err(), "{text}");
        }
    }

    #[test]
    fn mariadb_sets_are_the_last_of_each_domain() {
        let mut set = GtidSet::parse_mariadb(" 5-1-1,0-1-12 ").unwrap();
        assert_eq!(set.to_string(), "0-1-12,5-1-1");
        assert!(set.contains(&gtid("0-9-12")) && !set.contains(&gtid("0-1-13")) && !set.contains(&gtid("7-1-1")));
        let before = set.clone();
        set.add(&gtid("0-2-14"));
        set.add(&gtid("7-2-3"));
        assert_eq!(set.to_string(), "0-2-14,5-1-1,7-2-3");
        assert_eq!(set.count_missing(&before), 5);
        assert!(set.contains_set(&before) && !before.contains_set(&set));
    }

    #[test]
    fn gtids_round_trip() {
        for text in [format!("{A}:5"), format!("{A}:mytag:5"), "0-1-18446744073709551615".to_owned()] {
            assert_eq!(gtid(&text).to_string(), text);
        }
        assert!("5".parse::<Gtid>().is_err() && format!("{A}:1-2").parse::<Gtid>().is_err());
    }

    #[test]
    fn tags_are_sources_of_their_own() {
        let mut set = mysql(&format!("{A}:1-9:mytag:1-3"));
        assert!(set.contains(&gtid(&format!("{A}:mytag:3"))) && !set.contains(&gtid(&format!("{A}:mytag:4"))));
        assert!(!set.contains(&gtid(&format!("{A}:other:1"))));
        set.add(&gtid(&format!("{A}:other:1")));
        assert_eq!(set.to_string(), format!("{A}:1-9:mytag:1-3:other:1"));
    }

    fn numbers() -> impl Strategy<Value = BTreeSet<u64>> {
        prop::collection::btree_set(1_u64..40, 0..30)
    }

    fn of(numbers: &BTreeSet<u64>) -> GtidSet {
        let mut set = GtidSet::Mysql(BTreeMap::new());
        numbers.iter().rev().for_each(|n| set.add(&gtid(&format!("{A}:{n}"))));
        set
    }

    proptest! {
        #[test]
        fn sets_of_intervals_behave_like_sets_of_numbers(a in numbers(), b in numbers()) {
            let (x, y) = (of(&a), of(&b));
            for n in 1..41 {
                prop_assert_eq!(x.contains(&gtid(&format!("{A}:{n}"))), a.contains(&n));
            }
            prop_assert_eq!(x.contains_set(&y), a.is_superset(&b));
            prop_assert_eq!(x.subtract(&y), of(&a.difference(&b).copied().collect()));
            prop_assert_eq!(x.count_missing(&y), a.difference(&b).count() as u64);
            let mut sum = x.clone();
            sum.add_set(&y);
            prop_assert_eq!(&sum, &of(&a.union(&b).copied().collect()));
            prop_assert_eq!(mysql(&sum.to_string()), sum);
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in "[0-9a-f:, \n-]{0,60}") {
            let _ = GtidSet::parse_mysql(&text);
            let _ = GtidSet::parse_mariadb(&text);
            let _ = text.parse::<Gtid>();
        }
    }
}
