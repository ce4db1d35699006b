//! Which tables and rows: `replicate_do_db` and `replicate_ignore_db`.

use super::super::super::error::{Error, Result};
use super::{refuse, refuse_text, required, wire};
use crate::model::replicate::{SchemaRule, TableMatch};

/// `filters`: whether tables may have row filters.
pub(super) fn rules(field: &str, schemas: Option<&[wire::Schema]>, filters: bool) -> Result<Vec<SchemaRule>> {
    let mut all = Vec::new();
    for (i, schema) in schemas.unwrap_or_default().iter().enumerate() {
        all.extend(schema_rules(&format!("{field}[{i}]"), schema, filters)?);
    }
    Ok(all)
}

/// Neighbours with the same row filter make one rule.
fn schema_rules(field: &str, schema: &wire::Schema, filters: bool) -> Result<Vec<SchemaRule>> {
    let wire::Schema { table_schema, table_schema_rename, table_schema_regex, tables } = schema;
    refuse_text(field, "table_schema_rename", table_schema_rename.as_deref())?;
    refuse_text(field, "table_schema_regex", table_schema_regex.as_deref())?;
    let schema = required(&format!("{field}.table_schema"), table_schema.as_deref())?;
    let mut rules: Vec<SchemaRule> = Vec::new();
    for (i, table) in tables.iter().flatten().enumerate() {
        let field = format!("{field}.tables[{i}]");
        let wire::Table { table_name, table_rename, table_regex, column_map_from, column_map_to, filter } = table;
        refuse_text(&field, "table_rename", table_rename.as_deref())?;
        refuse_text(&field, "table_regex", table_regex.as_deref())?;
        refuse(&field, "column_map_from", column_map_from.as_ref().is_some_and(|c| !c.is_empty()))?;
        refuse(&field, "column_map_to", column_map_to.as_ref().is_some_and(|c| !c.is_empty()))?;
        let filter = filter.as_deref().filter(|text| !text.trim().is_empty());
        if let Some(text) = filter {
            refuse(&field, "where", !filters)?;
            crate::scheduler::row_filter(text).map_err(|e| Error::unfit(&format!("{field}.where"), e))?;
        }
        let field = format!("{field}.table_name");
        let name = required(&field, table_name.as_deref())?;
        let name = TableMatch::parse(name).map_err(|e| Error::unfit(&field, e.to_string()))?;
        match rules.last_mut() {
            Some(rule) if rule.filter.as_deref() == filter => rule.tables.push(name),
            _ => rules.push(SchemaRule { filter: filter.map(str::to_owned), ..SchemaRule::new(schema, [name]) }),
        }
    }
    if rules.is_empty() {
        rules.push(SchemaRule::new(schema, []));
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn tables_with_one_row_filter_are_one_rule() {
        let read = |tables: Value, filters| {
            let schemas: Vec<wire::Schema> = serde_json::from_value(json!([{"table_schema": "a", "tables": tables}])).unwrap();
            rules("do", Some(&schemas), filters)
        };
        let tables = json!([
            {"table_name": "t", "where": "id>1"}, {"table_name": r"/s\d/", "where": "id>1"}, {"table_name": "u", "where": " "},
        ]);
        let [filtered, rest] = read(tables, true).unwrap().try_into().unwrap();
        assert_eq!((filtered.tables.len(), filtered.filter.as_deref(), rest.tables.len(), rest.filter), (2, Some("id>1"), 1, None));
        let refused = |text: &str, filters| read(json!([{"table_name": "t", "where": text}]), filters).unwrap_err().message;
        assert!(refused("id>1", false).contains("do[0].tables[0].where: not supported yet"));
        assert!(refused("id>", true).contains("do[0].tables[0].where: read the filter at character 4"));
        assert_eq!(
            rules("do", Some(&[serde_json::from_value(json!({"table_schema": "a"})).unwrap()]), true).unwrap(),
            [SchemaRule::new("a", [])]
        );
    }
}
