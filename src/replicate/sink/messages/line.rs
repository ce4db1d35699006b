//! A message as one line of JSON that stands alone: `{"table":"shop.orders","key":{"id":1},"value":{…}}`.
//!
//! `key` is what Kafka would have as the message's key, null where the table has none; `value` is null in a tombstone.

use crate::replicate::encode::Message;

/// Appends the line, with its end.
pub(in crate::replicate::sink) fn append(out: &mut Vec<u8>, table: &str, message: &Message) {
    // A header says nothing that the two do not.
    let Message { key, value, partition: _, header: _ } = message;
    out.extend_from_slice(b"{\"table\":");
    out.extend_from_slice(serde_json::Value::from(table).to_string().as_bytes());
    for (name, part) in [(&b",\"key\":"[..], key), (b",\"value\":", value)] {
        out.extend_from_slice(name);
        // Both are JSON without a line break, whatever the format.
        out.extend_from_slice(part.as_deref().unwrap_or(b"null"));
    }
    out.extend_from_slice(b"}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_json_and_stands_alone() {
        let line = |key: Option<&str>, value: Option<&str>| {
            let bytes = |text: Option<&str>| text.map(|t| t.as_bytes().to_vec());
            let mut out = Vec::new();
            append(&mut out, "s\"hop.t", &Message { key: bytes(key), value: bytes(value), partition: Vec::new(), header: None });
            String::from_utf8(out).unwrap()
        };
        assert_eq!(line(Some("[1]"), Some("{}")), "{\"table\":\"s\\\"hop.t\",\"key\":[1],\"value\":{}}\n");
        assert_eq!(line(None, None), "{\"table\":\"s\\\"hop.t\",\"key\":null,\"value\":null}\n");
    }
}
