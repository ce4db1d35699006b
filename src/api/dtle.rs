//! What both dtle dialects share: a Kafka destination (dtle's messages have Debezium's form, one topic per table), and
//! regular expressions.

use crate::model::kafka::{TopicRule, check_topic};
use crate::model::messages::{MessageFormat, MessageSpec};
use crate::model::replicate::{BadPattern, TableMatch};

/// What dtle puts behind the topic that a job names.
const PER_TABLE: &str = ".{schema}.{table}";

/// dtle's own form of a message.
pub(super) fn own_messages() -> MessageSpec {
    MessageSpec { format: MessageFormat::Debezium { schema: true }, exclude_columns: Vec::new(), tombstones: true }
}

/// Returns the rule that a job's topic stands for; says what is wrong with it.
pub(super) fn topic_rule(topic: &str, per_table: bool) -> Result<TopicRule, String> {
    check_topic(topic)?;
    TopicRule::parse(&format!("{topic}{}", if per_table { PER_TABLE } else { "" }))
}

/// Returns the topic that stands for a rule, and whether it is only the first part of each table's.
pub(super) fn topic(rule: &TopicRule) -> (&str, bool) {
    match rule.text().strip_suffix(PER_TABLE) {
        Some(topic) => (topic, true),
        None => (rule.text(), false),
    }
}

/// dtle's regular expressions match anywhere in a name, ours the whole of it.
pub(super) fn anywhere(regex: &str) -> Result<TableMatch, BadPattern> {
    // What the slashes put before it is not the caller's.
    TableMatch::parse(&format!("/.*(?:{regex}).*/")).map_err(|e| BadPattern { at: e.at.saturating_sub("/.*(?:".len()), ..e })
}
