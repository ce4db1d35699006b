//! Which tables and rows: `ReplicateDoDb` and `ReplicateIgnoreDb`.

use super::super::super::error::{Error, Result};
use super::{given, unsupported, wire};
use crate::api::dtle::{self, May};
use crate::model::replicate::{Mapping, SchemaRule, TableMatch};

pub(super) fn rules(field: &str, schemas: Option<&[wire::Schema]>, may: May) -> Result<Vec<SchemaRule>> {
    let mut all = Vec::new();
    for (i, schema) in schemas.unwrap_or_default().iter().enumerate() {
        all.extend(schema_rules(&format!("{field}[{i}]"), schema, may)?);
    }
    Ok(all)
}

fn schema_rules(field: &str, schema: &wire::Schema, may: May) -> Result<Vec<SchemaRule>> {
    let wire::Schema { table_schema, table_schema_rename, table_schema_regex, tables } = schema;
    unsupported(field, "TableSchemaRegex", table_schema_regex.as_deref())?;
    let to_schema = mapped(field, "TableSchemaRename", table_schema_rename.as_deref(), may)?.map(str::to_owned);
    let schema = required(&format!("{field}.TableSchema"), table_schema.as_deref())?;
    let whole = SchemaRule { to: Mapping { schema: to_schema, ..Mapping::default() }, ..SchemaRule::new(schema, []) };
    let mut all = Vec::new();
    for (i, table) in tables.iter().flatten().enumerate() {
        let field = format!("{field}.Tables[{i}]");
        all.push((table_rule(&field, table, &whole, may)?, format!("{field}.Where")));
    }
    Ok(dtle::grouped(all, whole).into_iter().map(|(rule, _)| rule).collect())
}

/// `whole`: what holds for all of its schema.
fn table_rule(field: &str, table: &wire::Table, whole: &SchemaRule, may: May) -> Result<SchemaRule> {
    let wire::Table { table_name, table_rename, table_regex, table_schema, table_schema_rename, column_map_from, column_map_to, filter } =
        table;
    let at = |name: &str| format!("{field}.{name}");
    if given(table_schema.as_deref()).is_some_and(|s| s != whole.schema) {
        return Err(Error::field(&at("TableSchema"), "is not the schema that it stands in"));
    }
    if given(table_schema_rename.as_deref()).is_some_and(|s| Some(s) != whole.to.schema.as_deref()) {
        return Err(Error::field(&at("TableSchemaRename"), "is not that of the schema that it stands in"));
    }
    let filter = filter.as_deref().filter(|text| !text.trim().is_empty());
    match filter {
        Some(_) if !may.filter => return Err(Error::field(&at("Where"), "tables that are left out have no rows to choose from")),
        Some(text) => crate::scheduler::row_filter(text).map_err(|e| Error::field(&at("Where"), e))?,
        None => {}
    }
    let to_table = mapped(field, "TableRename", table_rename.as_deref(), may)?.map(str::to_owned);
    mapped(field, "ColumnMapFrom", column_map_from.as_ref().and_then(|c| c.first()).map(String::as_str), may)?;
    let columns = dtle::columns(column_map_from.as_deref(), column_map_to.as_deref());
    let columns = columns.map_err(|e| Error::field(&at("ColumnMapTo"), format!("{e} of ColumnMapFrom")))?;
    let table = match (given(table_name.as_deref()), given(table_regex.as_deref())) {
        (Some(_), Some(_)) => return Err(Error::field(&at("TableRegex"), "goes instead of TableName, not beside it")),
        (None, Some(regex)) => dtle::anywhere(regex).map_err(|e| Error::field(&at("TableRegex"), e.to_string()))?,
        (name, None) => {
            let at = at("TableName");
            TableMatch::parse(required(&at, name)?).map_err(|e| Error::field(&at, e.to_string()))?
        }
    };
    let to = Mapping { schema: whole.to.schema.clone(), table: to_table, columns };
    let rule = SchemaRule { filter: filter.map(str::to_owned), to, ..SchemaRule::new(whole.schema.clone(), [table]) };
    let Some((what, why)) = rule.to.wrong(&rule) else { return Ok(rule) };
    let name = match what {
        "to_table" => "TableRename",
        "columns" => "ColumnMapFrom",
        "to_columns" => "ColumnMapTo",
        _ => "TableSchemaRename",
    };
    Err(Error::field(&at(name), why))
}

fn mapped<'a>(field: &str, name: &str, text: Option<&'a str>, may: May) -> Result<Option<&'a str>> {
    match given(text) {
        Some(_) if !may.map => Err(Error::field(&format!("{field}.{name}"), "has no meaning here")),
        text => Ok(text),
    }
}

fn required<'a>(field: &str, text: Option<&'a str>) -> Result<&'a str> {
    given(text).ok_or_else(|| Error::field(field, "required"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn tables_by_regex_keep_their_names_where_none_is_sent() {
        let read = |table: Value| {
            let schema = json!({ "TableSchema": "a", "TableSchemaRename": "b", "Tables": [table] });
            rules("do", Some(&[serde_json::from_value(schema).unwrap()]), May { filter: true, map: true })
        };
        let at = |table: Value| {
            let filter = crate::model::replicate::TableFilter { include: read(table).unwrap(), ignore: vec![], shadows: false };
            filter.target(&crate::model::replicate::TableName::new("a", "new_ord_12")).to_string()
        };
        assert_eq!(at(json!({ "TableRegex": r"ord_(\d+)" })), "b.new_ord_12");
        assert_eq!(at(json!({ "TableRegex": r"ord_(\d+)", "TableRename": "o${1}" })), "b.o12");
        let wrong = |table: Value| read(table).unwrap_err().0.message;
        for (table, expected) in [
            (json!({ "TableRegex": "x", "TableName": "y" }), "do[0].Tables[0].TableRegex: goes instead of TableName"),
            (json!({ "TableName": "y", "ColumnMapFrom": ["a"], "ColumnMapTo": ["b", "c"] }), "do[0].Tables[0].ColumnMapTo: 2 names for 1"),
            (json!({ "TableName": "y", "ColumnMapFrom": ["a", "A"] }), "do[0].Tables[0].ColumnMapFrom: column A is named twice"),
            (json!({ "TableName": "y", "Where": "now() > 1" }), "do[0].Tables[0].Where: "),
        ] {
            let message = wrong(table);
            assert!(message.starts_with(expected), "{message}");
        }
    }
}
