//! What a JSON document is after an update that was logged as its changes (MySQL, binlog_row_value_options=PARTIAL_JSON).
//!
//! The log then has, in place of a document, steps: replace, insert or remove what a path points to. The image before has the
//! whole document (row images that are not full are refused), so taking the same steps in the same order gives the document that
//! the server has. A step that does not fit is an error, never passed over. Members stand in the server's order, by length and
//! then by bytes, so that what comes out is what `json::text` prints of the server's own document.

use super::cursor::{Cursor, Malformed, Parsed};
use super::json;
use serde_json::value::RawValue;
use std::collections::HashMap;

const REPLACE: u8 = 0;
const INSERT: u8 = 1;
const REMOVE: u8 = 2;

/// The server refuses documents deeper than 100.
const MAX_LEGS: usize = 101;

const MISFIT: Malformed = Malformed("a part of a JSON document does not fit the document before");

enum Leg {
    Member(String),
    Cell(usize),
}

/// Takes the steps of an after image on the document that was there before.
pub(super) fn apply(document: &str, steps: &[u8]) -> Parsed<String> {
    let mut bytes = Cursor(steps);
    let mut document = document.to_owned();
    while !bytes.is_empty() {
        let step = bytes.u8()?;
        let length = bytes.lenenc_usize()?;
        let path = std::str::from_utf8(bytes.take(length)?).map_err(|_| Malformed("a JSON path is not UTF-8"))?;
        let value = match step {
            REPLACE | INSERT => {
                let length = bytes.lenenc_usize()?;
                Some(json::text(bytes.take(length)?)?)
            }
            REMOVE => None,
            _ => return Err(Malformed("a step on a JSON document is unknown")),
        };
        document = stepped(&document, &legs(path)?, step == INSERT, value)?;
    }
    Ok(document)
}

/// The document with one step taken: `value` in place of what is there, or in front of it, or nothing.
fn stepped(document: &str, legs: &[Leg], insert: bool, value: Option<String>) -> Parsed<String> {
    let Some((leg, below)) = legs.split_first() else {
        return value.filter(|_| !insert).ok_or(MISFIT);
    };
    let misfit = |_| MISFIT;
    match leg {
        Leg::Member(name) => {
            let mut members: HashMap<String, Box<RawValue>> = serde_json::from_str(document).map_err(misfit)?;
            if below.is_empty() {
                let there = members.remove(name).is_some();
                // Only what is new is inserted, only what is there is replaced or removed.
                if there == insert {
                    return Err(MISFIT);
                }
                if let Some(value) = value {
                    members.insert(name.clone(), raw(value)?);
                }
            } else {
                let inner = members.get_mut(name).ok_or(MISFIT)?;
                *inner = raw(stepped(inner.get(), below, insert, value)?)?;
            }
            let mut members: Vec<_> = members.into_iter().collect();
            members.sort_unstable_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
            let mut out = String::from("{");
            for (at, (name, value)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                json::quoted(&mut out, name.as_bytes())?;
                out.push_str(": ");
                out.push_str(value.get());
            }
            out.push('}');
            Ok(out)
        }
        Leg::Cell(at) => {
            let mut cells: Vec<Box<RawValue>> = serde_json::from_str(document).map_err(misfit)?;
            match (below.is_empty(), value) {
                // What comes behind the end comes at the end, however far behind the server was told.
                (true, Some(value)) if insert => cells.insert(cells.len().min(*at), raw(value)?),
                (true, Some(value)) => *cells.get_mut(*at).ok_or(MISFIT)? = raw(value)?,
                (true, None) => {
                    if *at >= cells.len() {
                        return Err(MISFIT);
                    }
                    cells.remove(*at);
                }
                (false, value) => {
                    let inner = cells.get_mut(*at).ok_or(MISFIT)?;
                    *inner = raw(stepped(inner.get(), below, insert, value)?)?;
                }
            }
            let cells: Vec<&str> = cells.iter().map(|cell| cell.get()).collect();
            Ok(format!("[{}]", cells.join(", ")))
        }
    }
}

fn raw(value: String) -> Parsed<Box<RawValue>> {
    RawValue::from_string(value).map_err(|_| MISFIT)
}

/// Reads `$.name."quoted name"[3]`, the form in which the server writes a path down.
fn legs(path: &str) -> Parsed<Vec<Leg>> {
    const UNREAD: Malformed = Malformed("a JSON path is not understood");
    let mut rest = path.strip_prefix('$').ok_or(UNREAD)?;
    let mut legs = Vec::new();
    while !rest.is_empty() {
        if legs.len() >= MAX_LEGS {
            return Err(UNREAD);
        }
        if let Some(cell) = rest.strip_prefix('[') {
            let (number, after) = cell.split_once(']').ok_or(UNREAD)?;
            legs.push(Leg::Cell(number.trim().parse().map_err(|_| UNREAD)?));
            rest = after;
            continue;
        }
        let member = rest.strip_prefix('.').ok_or(UNREAD)?;
        if member.starts_with('"') {
            let mut read = serde_json::Deserializer::from_str(member).into_iter::<String>();
            let name = read.next().and_then(Result::ok).ok_or(UNREAD)?;
            rest = member.get(read.byte_offset()..).ok_or(UNREAD)?;
            legs.push(Leg::Member(name));
        } else {
            let end = member.find(['.', '[']).unwrap_or(member.len());
            legs.push(Leg::Member(member[..end].to_owned()));
            rest = &member[end..];
        }
    }
    Ok(legs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn step(kind: u8, path: &str, value: &[u8]) -> Vec<u8> {
        let mut out = vec![kind, path.len() as u8];
        out.extend(path.as_bytes());
        if kind != REMOVE {
            out.push(value.len() as u8);
            out.extend(value);
        }
        out
    }

    #[test]
    fn steps_are_taken_in_their_order() {
        let two = [5, 2, 0];
        let x = [12, 1, b'x'];
        for (document, steps, expected) in [
            (r#"{"b": 1, "aa": [1, 2]}"#, vec![step(REPLACE, "$.b", &two)], r#"{"b": 2, "aa": [1, 2]}"#),
            (r#"{"b": 1, "aa": 3}"#, vec![step(INSERT, "$.a", &x), step(REMOVE, "$.b", &[])], r#"{"a": "x", "aa": 3}"#),
            (r#"{"k": [1, {"a b": 1.0}]}"#, vec![step(REPLACE, r#"$.k[1]."a b""#, &two)], r#"{"k": [1, {"a b": 2}]}"#),
            ("[1, 3]", vec![step(INSERT, "$[1]", &two), step(INSERT, "$[3]", &x), step(REMOVE, "$[0]", &[])], r#"[2, 3, "x"]"#),
            (
                r#"{"q\"]": 18446744073709551615}"#,
                vec![step(INSERT, r#"$."a\"].b""#, &two)],
                r#"{"q\"]": 18446744073709551615, "a\"].b": 2}"#,
            ),
            ("[1]", vec![step(INSERT, "$[9]", &two)], "[1, 2]"),
            ("1", vec![step(REPLACE, "$", &x)], r#""x""#),
            ("[1]", vec![], "[1]"),
        ] {
            assert_eq!(apply(document, &steps.concat()).unwrap(), expected, "{document}");
        }
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let two = [5, 2, 0];
        for (document, step) in [
            (r#"{"b": 1}"#, step(REPLACE, "$.a", &two)),
            (r#"{"b": 1}"#, step(INSERT, "$.b", &two)),
            (r#"{"b": 1}"#, step(REMOVE, "$.b.c", &[])),
            (r#"{"b": 1}"#, step(REPLACE, "$[0]", &two)),
            ("[1]", step(REPLACE, "$[1]", &two)),
            ("[1]", step(REMOVE, "$[1]", &[])),
            ("[1]", step(REMOVE, "$", &[])),
            ("[1]", step(7, "$[0]", &two)),
            ("[1]", step(REPLACE, "$[last]", &two)),
            ("[1]", step(REPLACE, "x", &two)),
        ] {
            assert!(apply(document, &step).is_err(), "{document} {step:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(prop_oneof![any::<u8>(), proptest::sample::select(b"$.[]\"ab0".to_vec())], 0..60)) {
            let _ = apply(r#"{"a": [1, {"b": 2}]}"#, &bytes);
            let _ = apply("[1]", &[&[0, 4], bytes.as_slice()].concat());
        }
    }
}
