//! The servers' own text forms of GTIDs and sets of them.

use super::{Gtid, GtidSet, ParseGtidError, Sid, insert};
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// Highest transaction number MySQL hands out.
const GNO_MAX: u64 = i64::MAX as u64 - 1;

impl GtidSet {
    /// Reads MySQL's text form; white space and line breaks are of no account.
    pub fn parse_mysql(text: &str) -> Result<Self, ParseGtidError> {
        let mut sids: BTreeMap<Sid, Vec<(u64, u64)>> = BTreeMap::new();
        for member in text.split(',').map(str::trim).filter(|m| !m.is_empty()) {
            let mut parts = member.split(':').map(str::trim);
            let uuid = parse_uuid(parts.next().unwrap_or("")).map_err(|reason| ParseGtidError::new(text, reason))?;
            let mut tag = String::new();
            let mut intervals = 0_usize;
            for part in parts {
                if is_tag(part) {
                    tag = part.to_ascii_lowercase();
                    continue;
                }
                let (start, end) = parse_interval(part).map_err(|reason| ParseGtidError::new(text, reason))?;
                insert(sids.entry(Sid { uuid, tag: tag.clone() }).or_default(), start, end);
                intervals += 1;
            }
            if intervals == 0 {
                return Err(ParseGtidError::new(text, format!("{uuid} has no transaction numbers")));
            }
        }
        Ok(Self::Mysql(sids))
    }

    /// Reads MariaDB's text form, one GTID per domain.
    pub fn parse_mariadb(text: &str) -> Result<Self, ParseGtidError> {
        let mut domains = BTreeMap::new();
        for member in text.split(',').map(str::trim).filter(|m| !m.is_empty()) {
            let (domain, server, seq) =
                parse_triple(member).ok_or_else(|| ParseGtidError::new(text, format!("{member:?} is not D-S-N")))?;
            if domains.insert(domain, (server, seq)).is_some() {
                return Err(ParseGtidError::new(text, format!("domain {domain} occurs twice")));
            }
        }
        Ok(Self::Mariadb(domains))
    }
}

/// The server's own form: `UUID:1-9:tag:1-3,UUID:5` or `0-1-12,5-1-1`.
impl fmt::Display for GtidSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mysql(sids) => {
                let mut last: Option<Uuid> = None;
                for (sid, list) in sids {
                    if last != Some(sid.uuid) {
                        write!(f, "{}{}", if last.is_some() { "," } else { "" }, sid.uuid)?;
                        last = Some(sid.uuid);
                    }
                    if !sid.tag.is_empty() {
                        write!(f, ":{}", sid.tag)?;
                    }
                    for &(start, end) in list {
                        if end - start == 1 { write!(f, ":{start}")? } else { write!(f, ":{start}-{}", end - 1)? }
                    }
                }
                Ok(())
            }
            Self::Mariadb(domains) => {
                for (i, (domain, (server, seq))) in domains.iter().enumerate() {
                    write!(f, "{}{domain}-{server}-{seq}", if i > 0 { "," } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for Gtid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mysql { sid: Sid { uuid, tag }, gno } if tag.is_empty() => write!(f, "{uuid}:{gno}"),
            Self::Mysql { sid: Sid { uuid, tag }, gno } => write!(f, "{uuid}:{tag}:{gno}"),
            Self::Mariadb { domain, server, seq } => write!(f, "{domain}-{server}-{seq}"),
        }
    }
}

impl FromStr for Gtid {
    type Err = ParseGtidError;

    fn from_str(text: &str) -> Result<Self, ParseGtidError> {
        let bad = |reason: &str| ParseGtidError::new(text, reason);
        if let Some((domain, server, seq)) = parse_triple(text.trim()) {
            return Ok(Self::Mariadb { domain, server, seq });
        }
        let (uuid, rest) = text.trim().split_once(':').ok_or_else(|| bad("neither UUID:N nor D-S-N"))?;
        let (tag, number) = rest.split_once(':').map_or(("", rest), |(tag, number)| (tag, number));
        if !tag.is_empty() && !is_tag(tag) {
            return Err(bad("bad tag"));
        }
        let uuid = parse_uuid(uuid).map_err(|reason| bad(&reason))?;
        match parse_interval(number) {
            Ok((gno, end)) if end - gno == 1 => Ok(Self::Mysql { sid: Sid { uuid, tag: tag.to_ascii_lowercase() }, gno }),
            _ => Err(bad("not one transaction number")),
        }
    }
}

fn parse_uuid(text: &str) -> Result<Uuid, String> {
    let text = text.trim();
    match Uuid::parse_str(text) {
        // The server knows the hyphenated form only; `uuid` also takes braces and URNs.
        Ok(uuid) if text.len() == 36 => Ok(uuid),
        _ => Err(format!("{text:?} is not a UUID")),
    }
}

/// A tag starts with a letter or `_`, so it cannot be taken for a number.
fn is_tag(text: &str) -> bool {
    text.len() <= 32
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn parse_number(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Reads `3` or `3-7`; returns it half open.
fn parse_interval(text: &str) -> Result<(u64, u64), String> {
    let (start, end) = text.split_once('-').unwrap_or((text, text));
    match (parse_number(start), parse_number(end)) {
        (Some(start), Some(end)) if start >= 1 && start <= end && end <= GNO_MAX => Ok((start, end + 1)),
        _ => Err(format!("{text:?} is not a range of transaction numbers")),
    }
}

fn parse_triple(text: &str) -> Option<(u32, u32, u64)> {
    let mut parts = text.split('-').map(parse_number);
    let triple = (parts.next()??.try_into().ok()?, parts.next()??.try_into().ok()?, parts.next()??);
    parts.next().is_none().then_some(triple)
}
