//! Which tables and rows: `replicate_do_db` and `replicate_ignore_db`.

use super::super::super::error::{Error, Result};
use super::{refuse, refuse_text, required, wire};
use crate::api::dtle::{self, May};
use crate::model::replicate::{Mapping, SchemaRule, TableMatch};

pub(super) fn rules(field: &str, schemas: Option<&[wire::Schema]>, may: May) -> Result<Vec<SchemaRule>> {
    Ok(named(field, schemas, may)?.into_iter().map(|(rule, _)| rule).collect())
}

/// Returns where the row filter of each rule stands.
pub(super) fn row_filter_fields(field: &str, schemas: Option<&[wire::Schema]>) -> Vec<String> {
    named(field, schemas, May { filter: true, map: true }).unwrap_or_default().into_iter().map(|(_, field)| field).collect()
}

fn named(field: &str, schemas: Option<&[wire::Schema]>, may: May) -> Result<Vec<(SchemaRule, String)>> {
    let mut all = Vec::new();
    for (i, schema) in schemas.unwrap_or_default().iter().enumerate() {
        all.extend(schema_rules(&format!("{field}[{i}]"), schema, may)?);
    }
    Ok(all)
}

fn schema_rules(field: &str, schema: &wire::Schema, may: May) -> Result<Vec<(SchemaRule, String)>> {
    let wire::Schema { table_schema, table_schema_rename, table_schema_regex, tables } = schema;
    refuse_text(field, "table_schema_regex", table_schema_regex.as_deref())?;
    let to_schema = sent(table_schema_rename);
    refuse(field, "table_schema_rename", to_schema.is_some() && !may.map)?;
    let schema = required(&format!("{field}.table_schema"), table_schema.as_deref())?;
    let whole = SchemaRule { to: Mapping { schema: to_schema, ..Mapping::default() }, ..SchemaRule::new(schema, []) };
    let mut all = Vec::new();
    for (i, table) in tables.iter().flatten().enumerate() {
        let field = format!("{field}.tables[{i}]");
        all.push((table_rule(&field, table, &whole, may)?, format!("{field}.where")));
    }
    Ok(dtle::grouped(all, whole))
}

/// `whole`: what holds for all of its schema.
fn table_rule(field: &str, table: &wire::Table, whole: &SchemaRule, may: May) -> Result<SchemaRule> {
    let wire::Table { table_name, table_rename, table_regex, column_map_from, column_map_to, filter } = table;
    let at = |name: &str| format!("{field}.{name}");
    let filter = filter.as_deref().filter(|text| !text.trim().is_empty());
    if let Some(text) = filter {
        refuse(field, "where", !may.filter)?;
        crate::scheduler::row_filter(text).map_err(|e| Error::unfit(&at("where"), e))?;
    }
    let columns = dtle::columns(column_map_from.as_deref(), column_map_to.as_deref());
    let columns = columns.map_err(|e| Error::unfit(&at("column_map_to"), format!("{e} of column_map_from")))?;
    let to = Mapping { schema: whole.to.schema.clone(), table: sent(table_rename), columns };
    for (name, said) in [("table_rename", to.table.is_some()), ("column_map_from", !to.columns.is_empty())] {
        refuse(field, name, said && !may.map)?;
    }
    let table = match (sent(table_name), sent(table_regex)) {
        (Some(_), Some(_)) => return Err(Error::unfit(&at("table_regex"), "goes instead of table_name, not beside it")),
        (None, Some(regex)) => dtle::anywhere(&regex).map_err(|e| Error::unfit(&at("table_regex"), e.to_string()))?,
        (name, None) => {
            let at = at("table_name");
            TableMatch::parse(required(&at, name.as_deref())?).map_err(|e| Error::unfit(&at, e.to_string()))?
        }
    };
    let rule = SchemaRule { filter: filter.map(str::to_owned), to, ..SchemaRule::new(whole.schema.clone(), [table]) };
    let Some((what, why)) = rule.to.wrong(&rule) else { return Ok(rule) };
    let name = match what {
        "to_table" => "table_rename",
        "columns" => "column_map_from",
        "to_columns" => "column_map_to",
        _ => "table_schema_rename",
    };
    Err(Error::unfit(&at(name), why))
}

fn sent(text: &Option<String>) -> Option<String> {
    text.clone().filter(|t| !t.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn tables_with_one_row_filter_are_one_rule() {
        let read = |tables: Value, filters| {
            let schemas: Vec<wire::Schema> = serde_json::from_value(json!([{"table_schema": "a", "tables": tables}])).unwrap();
            rules("do", Some(&schemas), May { filter: filters, map: true })
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
            rules("do", Some(&[serde_json::from_value(json!({"table_schema": "a"})).unwrap()]), May { filter: true, map: true }).unwrap(),
            [SchemaRule::new("a", [])]
        );
    }

    #[test]
    fn names_and_columns_at_the_target_are_those_of_dtle() {
        let read = |schema: Value, map| rules("do", Some(&[serde_json::from_value(schema).unwrap()]), May { filter: true, map });
        let schema = json!({"table_schema": "a", "table_schema_rename": "b", "tables": [
            {"table_name": "t", "table_rename": "u", "column_map_from": ["x", "y"]},
            {"table_regex": r"ord_(\d+)", "table_rename": "o${1}", "column_map_from": ["x"], "column_map_to": ["z"]},
        ]});
        let filter = crate::model::replicate::TableFilter { include: read(schema.clone(), true).unwrap(), ignore: vec![], shadows: false };
        let at = |table: &str| {
            let name = crate::model::replicate::TableName::new("a", table);
            let columns: Vec<_> = filter.columns(&name).iter().map(|c| format!("{}={}", c.from, c.to)).collect();
            format!("{} {columns:?}", filter.target(&name))
        };
        assert_eq!((at("t").as_str(), at("new_ord_12x").as_str()), (r#"b.u ["x=x", "y=y"]"#, r#"b.o12 ["x=z"]"#));
        let refused = |schema: Value, map| read(schema, map).unwrap_err().message;
        assert!(refused(schema, false).starts_with("do[0].table_schema_rename: not supported"));
        let table = |table: Value| json!({"table_schema": "a", "tables": [table]});
        for (schema, field) in [
            (table(json!({"table_regex": "x", "table_name": "y"})), "table_regex: goes instead of table_name"),
            (table(json!({"table_name": "y", "column_map_from": ["a", "A"]})), "column_map_from: column A is named twice"),
            (table(json!({"table_name": "y", "column_map_from": ["a"], "column_map_to": ["b", "c"]})), "column_map_to: 2 names for 1"),
        ] {
            let message = refused(schema, true);
            assert!(message.starts_with(&format!("do[0].tables[0].{field}")), "{message}");
        }
    }
}
