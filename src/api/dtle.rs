//! What both dtle dialects share: a Kafka destination (dtle's messages have Debezium's form, one topic per table), and the
//! tables of a schema.

use crate::model::kafka::{TopicRule, check_topic};
use crate::model::messages::{MessageFormat, MessageSpec};
use crate::model::replicate::{BadPattern, MappedColumn, SchemaRule, TableMatch};

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

/// What a list of tables may say beside their names.
#[derive(Debug, Clone, Copy)]
pub(super) struct May {
    pub(super) filter: bool,
    pub(super) map: bool,
}

/// Makes rules of a schema's tables, each of them with where its row filter stands: neighbours with the same filter and
/// mapping share a rule, which is named by the first of them. No tables: `schema`, which is for all of it.
pub(super) fn grouped(tables: Vec<(SchemaRule, String)>, schema: SchemaRule) -> Vec<(SchemaRule, String)> {
    let mut rules: Vec<(SchemaRule, String)> = Vec::new();
    for (rule, field) in tables {
        match rules.last_mut() {
            Some((last, _)) if last.filter == rule.filter && last.to == rule.to => last.tables.extend(rule.tables),
            _ => rules.push((rule, field)),
        }
    }
    if rules.is_empty() {
        rules.push((schema, String::new()));
    }
    rules
}

/// Pairs columns with their names at the target, which are their own where none are sent; says what is wrong with those.
pub(super) fn columns(from: Option<&[String]>, to: Option<&[String]>) -> Result<Vec<MappedColumn>, String> {
    let from = from.unwrap_or_default();
    let to = to.filter(|to| !to.is_empty()).unwrap_or(from);
    if to.len() != from.len() {
        return Err(format!("{} names for {} columns", to.len(), from.len()));
    }
    Ok(from.iter().zip(to).map(|(from, to)| MappedColumn { from: from.clone(), to: to.clone() }).collect())
}

/// dtle's regular expressions match anywhere in a name, ours the whole of it.
pub(super) fn anywhere(regex: &str) -> Result<TableMatch, BadPattern> {
    // What the slashes put before it is not the caller's.
    TableMatch::parse(&format!("/.*(?:{regex}).*/")).map_err(|e| BadPattern { at: e.at.saturating_sub("/.*(?:".len()), ..e })
}
