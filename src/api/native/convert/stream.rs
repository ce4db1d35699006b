//! Changes that pass.

use crate::scheduler::{Missed, Shown};
use crate::wire::native::stream as wire;
use jiff::Timestamp;
use serde_json::value::RawValue;

pub(in crate::api::native) fn change(shown: Shown) -> wire::Change {
    let Shown { unix_ms, op, table, gtid, position, key, data, old, statement, note } = shown;
    // It was made as JSON.
    let raw = |text: Option<String>| text.and_then(|text| RawValue::from_string(text).ok());
    wire::Change {
        time: Timestamp::from_millisecond(unix_ms).unwrap_or_default().to_string(),
        op: op.as_str().to_owned(),
        table: if table.table.is_empty() { table.schema } else { table.to_string() },
        gtid,
        position,
        key,
        data: raw(data),
        old: raw(old),
        statement,
        note,
    }
}

pub(in crate::api::native) fn missed(missed: Missed) -> wire::Missed {
    let Missed { rows, events } = missed;
    wire::Missed { rows, events }
}
