//! How source transactions are named in `syncline.applied`.
//!
//! The key's `source` is what numbers rise in: a MySQL server UUID with its tag, a MariaDB domain, or a log file. `ids`
//! holds all transactions of one target transaction as ranges: `source:5-9,12;source:3`. MariaDB's server id, which
//! belongs to the GTID but not to the key, stands with the source as `domain-server`.

use crate::model::gtid::{Gtid, Sid};
use crate::model::position::TxId;
use std::fmt;

/// What transaction numbers rise in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Source {
    Mysql(Sid),
    Mariadb { domain: u32 },
    File(String),
}

impl Source {
    /// The key of one transaction: its source and its number there.
    pub(super) fn of(tx: &TxId) -> (Self, u64) {
        match &tx.gtid {
            Some(Gtid::Mysql { sid, gno }) => (Self::Mysql(sid.clone()), *gno),
            Some(Gtid::Mariadb { domain, seq, .. }) => (Self::Mariadb { domain: *domain }, *seq),
            None => (Self::File(tx.file.clone()), tx.start_offset),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mysql(sid) if sid.tag.is_empty() => write!(f, "{}", sid.uuid),
            Self::Mysql(sid) => write!(f, "{}:{}", sid.uuid, sid.tag),
            Self::Mariadb { domain } => write!(f, "{domain}"),
            Self::File(name) => f.write_str(name),
        }
    }
}

/// The name under which a transaction's numbers stand in `ids`.
fn label(tx: &TxId) -> (String, u64) {
    match &tx.gtid {
        Some(Gtid::Mysql { sid, gno }) => (format!("{}/{}", sid.uuid, sid.tag), *gno),
        Some(Gtid::Mariadb { domain, server, seq }) => (format!("{domain}-{server}"), *seq),
        None => (format!("@{}", tx.file), tx.start_offset),
    }
}

/// Writes the transactions as ranges.
pub(super) fn encode<'a>(ids: impl Iterator<Item = &'a TxId>) -> String {
    let mut parts: Vec<(String, Vec<(u64, u64)>)> = Vec::new();
    for tx in ids {
        let (name, number) = label(tx);
        let at = parts.iter().position(|(n, _)| *n == name).unwrap_or_else(|| {
            parts.push((name, Vec::new()));
            parts.len() - 1
        });
        match parts[at].1.last_mut() {
            Some((_, last)) if number == *last + 1 => *last = number,
            _ => parts[at].1.push((number, number)),
        }
    }
    let range = |&(a, b): &(u64, u64)| if a == b { a.to_string() } else { format!("{a}-{b}") };
    let part = |(name, ranges): &(String, Vec<(u64, u64)>)| format!("{name}:{}", ranges.iter().map(range).collect::<Vec<_>>().join(","));
    parts.iter().map(part).collect::<Vec<_>>().join(";")
}

/// Reads what `encode` wrote; None if it is something else.
pub(super) fn decode(text: &str) -> Option<Vec<TxId>> {
    let mut all = Vec::new();
    for part in text.split(';').filter(|p| !p.is_empty()) {
        let (name, ranges) = part.rsplit_once(':')?;
        for range in ranges.split(',') {
            let (first, last) = range.split_once('-').unwrap_or((range, range));
            for number in first.parse::<u64>().ok()?..=last.parse().ok()? {
                all.push(transaction(name, number)?);
            }
        }
    }
    Some(all)
}

fn transaction(name: &str, number: u64) -> Option<TxId> {
    let gtid = |gtid| Some(TxId { gtid: Some(gtid), file: String::new(), start_offset: 0 });
    if let Some(file) = name.strip_prefix('@') {
        return Some(TxId { gtid: None, file: file.to_owned(), start_offset: number });
    }
    if let Some((uuid, tag)) = name.split_once('/') {
        return gtid(Gtid::Mysql { sid: Sid { uuid: uuid.parse().ok()?, tag: tag.to_owned() }, gno: number });
    }
    let (domain, server) = name.split_once('-')?;
    gtid(Gtid::Mariadb { domain: domain.parse().ok()?, server: server.parse().ok()?, seq: number })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mariadb(server: u32, seq: u64) -> TxId {
        TxId { gtid: Some(Gtid::Mariadb { domain: 3, server, seq }), file: String::new(), start_offset: 0 }
    }

    #[test]
    fn ids_are_read_as_they_were_written() {
        let sid = |tag: &str| Sid { uuid: uuid::Uuid::from_u128(77), tag: tag.into() };
        let mysql = |tag: &str, gno| TxId { gtid: Some(Gtid::Mysql { sid: sid(tag), gno }), file: String::new(), start_offset: 0 };
        let file = |start_offset| TxId { gtid: None, file: "bin-a:b.000001".into(), start_offset };
        for (ids, text) in [
            (vec![mariadb(1, 5), mariadb(1, 6), mariadb(2, 7), mariadb(1, 8)], "3-1:5-6,8;3-2:7".to_owned()),
            (vec![mysql("", 4), mysql("t", 1), mysql("", 5)], format!("{0}/:4-5;{0}/t:1", uuid::Uuid::from_u128(77))),
            (vec![file(4), file(900)], "@bin-a:b.000001:4,900".to_owned()),
        ] {
            assert_eq!(encode(ids.iter()), text);
            let mut back = decode(&text).unwrap();
            back.sort_by_key(|t| ids.iter().position(|i| i == t));
            assert_eq!(back, ids);
        }
        assert_eq!(decode("x"), None);
    }
}
