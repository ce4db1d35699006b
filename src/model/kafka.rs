//! Kafka as a destination: brokers, topics, partitions.

use super::messages::MessageSpec;
use super::replicate::TableName;
use std::fmt;

/// Row changes as messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KafkaSinkSpec {
    /// At least one.
    pub brokers: Vec<Broker>,
    pub topic: TopicRule,
    pub messages: MessageSpec,
    pub partition_by: PartitionBy,
    /// Where the job's DDL statements go; None = nowhere.
    pub ddl_topic: Option<String>,
    /// Where the beginning and the end of each transaction are told, as Debezium does; its messages then say their place in
    /// the transaction. None = nowhere.
    pub transaction_topic: Option<String>,
    pub heartbeat: Option<Heartbeat>,
    /// Bytes of messages sent together; None = auto.
    pub group_bytes: Option<u64>,
    /// Milliseconds that a message waits for others; None = auto.
    pub group_millis: Option<u64>,
}

impl KafkaSinkSpec {
    /// The form in which messages name the cluster.
    pub fn addresses(&self) -> String {
        self.brokers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

/// A message at regular intervals, whatever happens at the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heartbeat {
    pub topic: String,
    /// At least 1.
    pub seconds: u32,
}

/// One broker of a cluster, from which the client learns of the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broker {
    /// An IPv6 address stands without brackets.
    pub host: String,
    pub port: u16,
}

impl Broker {
    /// Reads `host:port`; says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let parts = text.rsplit_once(':').and_then(|(host, port)| Some((host, port.parse::<u16>().ok().filter(|p| *p > 0)?)));
        let bare = |host: &str| host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host).to_owned();
        let Some((host, port)) = parts.map(|(host, port)| (bare(host), port)).filter(|(host, _)| !host.is_empty()) else {
            return Err(format!("{text:?} is not HOST:PORT"));
        };
        if host.contains(|c: char| c == ',' || c == '/' || c.is_whitespace() || c.is_control()) {
            return Err(format!("{text:?} is not HOST:PORT"));
        }
        Ok(Self { host, port })
    }
}

impl fmt::Display for Broker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') { write!(f, "[{}]:{}", self.host, self.port) } else { write!(f, "{}:{}", self.host, self.port) }
    }
}

/// The topic of a table's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TopicRule {
    /// One for all.
    Fixed(String),
    /// With `{schema}` and `{table}` in it.
    Template(String),
}

const SCHEMA: &str = "{schema}";
const TABLE: &str = "{table}";
/// What Kafka takes.
const TOPIC_LENGTH: usize = 249;

fn topic_character(c: char) -> bool {
    c.is_ascii_alphanumeric() || "._-".contains(c)
}

impl TopicRule {
    /// Reads a name or a template; says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        plain_topic(&text.replace(SCHEMA, "").replace(TABLE, ""), text)?;
        let template = text.contains(SCHEMA) || text.contains(TABLE);
        Ok(if template { Self::Template(text.to_owned()) } else { Self::Fixed(text.to_owned()) })
    }

    pub fn text(&self) -> &str {
        let (Self::Fixed(text) | Self::Template(text)) = self;
        text
    }

    /// Returns the topic of a table; characters that Kafka does not take are `_`.
    pub fn topic(&self, table: &TableName) -> String {
        match self {
            Self::Fixed(name) => name.clone(),
            Self::Template(text) => {
                let name = text.replace(SCHEMA, &table.schema).replace(TABLE, &table.table);
                name.chars().map(|c| if topic_character(c) { c } else { '_' }).collect()
            }
        }
    }

    /// What all topics of the rule begin with: the name under which messages know the source.
    pub fn prefix(&self) -> &str {
        match self {
            Self::Fixed(name) => name,
            Self::Template(text) => text.split(['{', '.']).next().filter(|t| !t.is_empty()).unwrap_or("syncline"),
        }
    }
}

/// Says what is wrong with the name of one topic.
pub fn check_topic(name: &str) -> Result<(), String> {
    plain_topic(name, name)
}

fn plain_topic(plain: &str, whole: &str) -> Result<(), String> {
    let dots = whole == "." || whole == "..";
    if whole.is_empty() || dots || plain.len() > TOPIC_LENGTH || !plain.chars().all(topic_character) {
        return Err(format!("a topic has 1 to {TOPIC_LENGTH} letters, digits, dots, dashes and underscores"));
    }
    Ok(())
}

/// Which messages share a partition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PartitionBy {
    Table,
    /// Tables without a key go by their name.
    PrimaryKey,
    /// By those of the columns that the table has; if it has none, by the fallback.
    Columns {
        columns: Vec<String>,
        fallback: Fallback,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    Table,
    PrimaryKey,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brokers_are_host_and_port() {
        let read = |text| Broker::parse(text).map(|b| b.to_string());
        assert_eq!(read("kafka-1:9092"), Ok("kafka-1:9092".into()));
        assert_eq!(read("[::1]:9092"), Ok("[::1]:9092".into()));
        for bad in ["", "kafka", "kafka:", ":9092", "kafka:0", "kafka:65536", "a,b:1", "a b:1", "http://k:1"] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_template_names_each_table_s_topic() {
        let table = TableName::new("shop", "größe");
        let topic = |text: &str| TopicRule::parse(text).map(|t| t.topic(&table));
        assert_eq!(topic("all"), Ok("all".into()));
        assert_eq!(topic("x.{schema}.{table}"), Ok("x.shop.gr__e".into()));
        assert_eq!(topic("{schema}"), Ok("shop".into()));
        for bad in ["", ".", "..", "a b", "{tables}", &"x".repeat(250)] {
            assert!(topic(bad).is_err(), "{bad}");
        }
        assert_eq!(TopicRule::parse("x.{schema}").unwrap().prefix(), "x");
        assert_eq!(TopicRule::parse("{schema}").unwrap().prefix(), "syncline");
    }
}
