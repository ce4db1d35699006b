//! Debezium's messages beside the rows: where transactions begin and end, and heartbeats.

use super::{Message, json};
use crate::model::messages::MessageFormat;
use crate::model::replicate::TableName;

/// What the messages of a job's transactions are written with.
#[derive(Debug, Clone, Copy)]
pub struct Beside {
    /// Every message carries its schema.
    pub schema: bool,
}

/// A transaction's name: its GTID, else where it begins.
pub fn transaction_id(gtid: Option<&str>, file: &str, offset: u64) -> String {
    gtid.map_or_else(|| format!("file={file},pos={offset}"), ToOwned::to_owned)
}

impl Beside {
    /// Formats without a schema of their own have none beside the rows either.
    pub fn of(format: MessageFormat) -> Self {
        Self { schema: matches!(format, MessageFormat::Debezium { schema: true }) }
    }

    pub fn begin(self, id: &str, ts_ms: i64) -> Message {
        let mut value = b"{\"status\":\"BEGIN\",\"id\":".to_vec();
        json::string(&mut value, id);
        value.extend_from_slice(b",\"event_count\":null,\"data_collections\":null,\"ts_ms\":");
        json::signed(&mut value, ts_ms);
        value.push(b'}');
        self.transaction(id, &value)
    }

    /// `tables`: messages per table, in the order of their first.
    pub fn end(self, id: &str, ts_ms: i64, tables: &[(TableName, u64)]) -> Message {
        let mut value = b"{\"status\":\"END\",\"id\":".to_vec();
        json::string(&mut value, id);
        value.extend_from_slice(b",\"event_count\":");
        json::unsigned(&mut value, tables.iter().map(|(_, n)| n).sum());
        value.extend_from_slice(b",\"data_collections\":[");
        for (i, (table, count)) in tables.iter().enumerate() {
            value.extend_from_slice(if i > 0 { b",{\"data_collection\":" } else { b"{\"data_collection\":" });
            json::string(&mut value, &table.to_string());
            value.extend_from_slice(b",\"event_count\":");
            json::unsigned(&mut value, *count);
            value.push(b'}');
        }
        value.extend_from_slice(b"],\"ts_ms\":");
        json::signed(&mut value, ts_ms);
        value.push(b'}');
        self.transaction(id, &value)
    }

    pub fn heartbeat(self, server: &str, ts_ms: i64) -> Message {
        let mut key = b"{\"serverName\":".to_vec();
        json::string(&mut key, server);
        key.push(b'}');
        let mut value = b"{\"ts_ms\":".to_vec();
        json::signed(&mut value, ts_ms);
        value.push(b'}');
        let (key, value) = (self.message(SERVER_NAME, &key), self.message(HEARTBEAT, &value));
        // Debezium's go to partition 0.
        Message { key: Some(key), value: Some(value), ..Message::default() }
    }

    fn transaction(self, id: &str, value: &[u8]) -> Message {
        let mut key = b"{\"id\":".to_vec();
        json::string(&mut key, id);
        key.push(b'}');
        let key = self.message(TRANSACTION_KEY, &key);
        Message { partition: key.clone(), key: Some(key), value: Some(self.message(TRANSACTION_VALUE, value)), header: None }
    }

    fn message(self, schema: &str, payload: &[u8]) -> Vec<u8> {
        if !self.schema {
            return payload.to_vec();
        }
        [b"{\"schema\":", schema.as_bytes(), b",\"payload\":", payload, b"}"].concat()
    }
}

const TRANSACTION_KEY: &str = concat!(
    r#"{"type":"struct","fields":[{"type":"string","optional":false,"field":"id"}],"optional":false,"#,
    r#""name":"io.debezium.connector.common.TransactionMetadataKey","version":1}"#
);
const TRANSACTION_VALUE: &str = concat!(
    r#"{"type":"struct","fields":[{"type":"string","optional":false,"field":"status"},{"type":"string","optional":false,"field":"id"},"#,
    r#"{"type":"int64","optional":true,"field":"event_count"},{"type":"array","items":{"type":"struct","fields":["#,
    r#"{"type":"string","optional":false,"field":"data_collection"},{"type":"int64","optional":false,"field":"event_count"}],"#,
    r#""optional":true,"name":"event.collection","version":1},"optional":true,"field":"data_collections"},"#,
    r#"{"type":"int64","optional":false,"field":"ts_ms"}],"optional":false,"#,
    r#""name":"io.debezium.connector.common.TransactionMetadataValue","version":1}"#
);
const SERVER_NAME: &str = concat!(
    r#"{"type":"struct","fields":[{"type":"string","optional":false,"field":"serverName"}],"optional":false,"#,
    r#""name":"io.debezium.connector.common.ServerNameKey","version":1}"#
);
const HEARTBEAT: &str = concat!(
    r#"{"type":"struct","fields":[{"type":"int64","optional":false,"field":"ts_ms"}],"optional":false,"#,
    r#""name":"io.debezium.connector.common.Heartbeat","version":1}"#
);

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &Option<Vec<u8>>) -> String {
        String::from_utf8(bytes.clone().unwrap()).unwrap()
    }

    #[test]
    fn transactions_and_heartbeats_are_debeziums() {
        let plain = Beside { schema: false };
        let begin = plain.begin("u:5", 7);
        assert_eq!(text(&begin.key), r#"{"id":"u:5"}"#);
        assert_eq!(text(&begin.value), r#"{"status":"BEGIN","id":"u:5","event_count":null,"data_collections":null,"ts_ms":7}"#);
        let end = plain.end("u:5", 8, &[(TableName::new("d", "a"), 2), (TableName::new("d", "b"), 1)]);
        assert_eq!(
            text(&end.value),
            r#"{"status":"END","id":"u:5","event_count":3,"data_collections":[{"data_collection":"d.a","event_count":2},{"data_collection":"d.b","event_count":1}],"ts_ms":8}"#
        );
        assert_eq!(begin.partition, end.partition);
        let beat = plain.heartbeat("srv", 9);
        assert_eq!((text(&beat.key), text(&beat.value)), (r#"{"serverName":"srv"}"#.into(), r#"{"ts_ms":9}"#.into()));
        assert_eq!((transaction_id(None, "b.1", 4), transaction_id(Some("u:1"), "b.1", 4)), ("file=b.1,pos=4".into(), "u:1".into()));
    }

    #[test]
    fn schemas_name_every_field_of_the_payload() {
        let with = Beside { schema: true };
        for message in [with.begin("x", 1), with.end("x", 1, &[(TableName::new("d", "a"), 2)]), with.heartbeat("s", 1)] {
            for part in [&message.key, &message.value] {
                let part: serde_json::Value = serde_json::from_str(&text(part)).unwrap();
                let fields: Vec<&str> = part["schema"]["fields"].as_array().unwrap().iter().map(|f| f["field"].as_str().unwrap()).collect();
                let mut named: Vec<&str> = part["payload"].as_object().unwrap().keys().map(String::as_str).collect();
                named.sort_by_key(|n| fields.iter().position(|f| f == n));
                assert_eq!(named, fields);
            }
        }
    }
}
