//! Which tables and rows: `replicate_do_db` and `replicate_ignore_db`.

use super::super::super::error::{Error, Result};
use super::{refuse, refuse_text, required, wire};
use crate::api::dtle::{self, TableEntry};
use crate::model::replicate::{SchemaRule, TableMatch};

/// `filters`: whether tables may have row filters.
pub(super) fn rules(field: &str, schemas: Option<&[wire::Schema]>, filters: bool) -> Result<Vec<SchemaRule>> {
    Ok(named(field, schemas, filters)?.into_iter().map(|(rule, _)| rule).collect())
}

/// Returns where the row filter of each rule stands.
pub(super) fn row_filter_fields(field: &str, schemas: Option<&[wire::Schema]>) -> Vec<String> {
    named(field, schemas, true).unwrap_or_default().into_iter().map(|(_, field)| field).collect()
}

fn named(field: &str, schemas: Option<&[wire::Schema]>, filters: bool) -> Result<Vec<(SchemaRule, String)>> {
    let mut all = Vec::new();
    for (i, schema) in schemas.unwrap_or_default().iter().enumerate() {
        all.extend(schema_rules(&format!("{field}[{i}]"), schema, filters)?);
    }
    Ok(all)
}

fn schema_rules(field: &str, schema: &wire::Schema, filters: bool) -> Result<Vec<(SchemaRule, String)>> {
    let wire::Schema { table_schema, table_schema_rename, table_schema_regex, tables } = schema;
    refuse_text(field, "table_schema_rename", table_schema_rename.as_deref())?;
    refuse_text(field, "table_schema_regex", table_schema_regex.as_deref())?;
    let schema = required(&format!("{field}.table_schema"), table_schema.as_deref())?;
    let mut entries = Vec::new();
    for (i, table) in tables.iter().flatten().enumerate() {
        let field = format!("{field}.tables[{i}]");
        let wire::Table { table_name, table_rename, table_regex, column_map_from, column_map_to, filter } = table;
        refuse_text(&field, "table_rename", table_rename.as_deref())?;
        refuse(&field, "column_map_from", column_map_from.as_ref().is_some_and(|c| !c.is_empty()))?;
        refuse(&field, "column_map_to", column_map_to.as_ref().is_some_and(|c| !c.is_empty()))?;
        let filter = filter.as_deref().filter(|text| !text.trim().is_empty());
        if let Some(text) = filter {
            refuse(&field, "where", !filters)?;
            crate::scheduler::row_filter(text).map_err(|e| Error::unfit(&format!("{field}.where"), e))?;
        }
        let sent = |text: &Option<String>| text.clone().filter(|t| !t.is_empty());
        let table = match (sent(table_name), sent(table_regex)) {
            (Some(_), Some(_)) => return Err(Error::unfit(&format!("{field}.table_regex"), "goes instead of table_name, not beside it")),
            (None, Some(regex)) => dtle::anywhere(&regex).map_err(|e| Error::unfit(&format!("{field}.table_regex"), e.to_string()))?,
            (name, None) => {
                let at = format!("{field}.table_name");
                TableMatch::parse(required(&at, name.as_deref())?).map_err(|e| Error::unfit(&at, e.to_string()))?
            }
        };
        entries.push(TableEntry { table, filter: filter.map(str::to_owned), field: format!("{field}.where") });
    }
    Ok(dtle::grouped(schema, entries))
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
        let [regex] = read(json!([{"table_regex": "^t_\\d", "table_name": ""}]), true).unwrap().try_into().unwrap();
        assert!(regex.tables[0].matches("t_1x") && !regex.tables[0].matches("at_1"), "as dtle: anywhere in the name");
        let bad = read(json!([{"table_regex": "t("}]), true).unwrap_err().message;
        assert!(bad.contains("do[0].tables[0].table_regex"), "{bad}");
        assert!(refused("id>1", false).contains("do[0].tables[0].where: not supported yet"));
        assert!(refused("id>", true).contains("do[0].tables[0].where: read the filter at character 4"));
        assert_eq!(
            rules("do", Some(&[serde_json::from_value(json!({"table_schema": "a"})).unwrap()]), true).unwrap(),
            [SchemaRule::new("a", [])]
        );
    }
}
