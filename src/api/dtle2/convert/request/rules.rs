//! Which tables and rows: `ReplicateDoDb` and `ReplicateIgnoreDb`.

use super::super::super::error::{Error, Result};
use super::{given, unsupported, wire};
use crate::model::replicate::{MappedColumn, Mapping, SchemaRule, TableMatch};

/// What a list of tables may say beside their names.
#[derive(Debug, Clone, Copy)]
pub(super) struct May {
    pub(super) filter: bool,
    pub(super) map: bool,
}

pub(super) fn rules(field: &str, schemas: Option<&[wire::Schema]>, may: May) -> Result<Vec<SchemaRule>> {
    let mut all = Vec::new();
    for (i, schema) in schemas.unwrap_or_default().iter().enumerate() {
        all.extend(schema_rules(&format!("{field}[{i}]"), schema, may)?);
    }
    Ok(all)
}

/// Neighbours with the same row filter and mapping make one rule.
fn schema_rules(field: &str, schema: &wire::Schema, may: May) -> Result<Vec<SchemaRule>> {
    let wire::Schema { table_schema, table_schema_rename, table_schema_regex, tables } = schema;
    unsupported(field, "TableSchemaRegex", table_schema_regex.as_deref())?;
    let mapped = |field: &str, name: &str, text: Option<&str>| match given(text) {
        Some(_) if !may.map => Err(Error::field(&format!("{field}.{name}"), "has no meaning here")),
        text => Ok(text.map(str::to_owned)),
    };
    let to_schema = mapped(field, "TableSchemaRename", table_schema_rename.as_deref())?;
    let required = |at: &str, text: Option<&str>| given(text).map(str::to_owned).ok_or_else(|| Error::field(at, "required"));
    let schema = required(&format!("{field}.TableSchema"), table_schema.as_deref())?;
    let mut rules: Vec<SchemaRule> = Vec::new();
    for (i, table) in tables.iter().flatten().enumerate() {
        let field = format!("{field}.Tables[{i}]");
        let at = |name: &str| format!("{field}.{name}");
        let wire::Table {
            table_name,
            table_rename,
            table_regex,
            table_schema,
            table_schema_rename,
            column_map_from,
            column_map_to,
            filter,
        } = table;
        if given(table_schema.as_deref()).is_some_and(|s| s != schema) {
            return Err(Error::field(&at("TableSchema"), "is not the schema that it stands in"));
        }
        if given(table_schema_rename.as_deref()).is_some_and(|s| Some(s) != to_schema.as_deref()) {
            return Err(Error::field(&at("TableSchemaRename"), "is not that of the schema that it stands in"));
        }
        let filter = filter.as_deref().filter(|text| !text.trim().is_empty());
        if let Some(text) = filter {
            if !may.filter {
                return Err(Error::field(&at("Where"), "tables that are left out have no rows to choose from"));
            }
            crate::scheduler::row_filter(text).map_err(|e| Error::field(&at("Where"), e))?;
        }
        let to_table = mapped(&field, "TableRename", table_rename.as_deref())?;
        let (from, to) = (column_map_from.as_deref().unwrap_or_default(), column_map_to.as_deref().unwrap_or_default());
        mapped(&field, "ColumnMapFrom", from.first().map(String::as_str))?;
        if !to.is_empty() && to.len() != from.len() {
            return Err(Error::field(&at("ColumnMapTo"), format!("{} names for {} columns of ColumnMapFrom", to.len(), from.len())));
        }
        let to = if to.is_empty() { from } else { to };
        let columns = from.iter().zip(to).map(|(from, to)| MappedColumn { from: from.clone(), to: to.clone() }).collect();
        let name = match given(table_regex.as_deref()) {
            Some(_) if given(table_name.as_deref()).is_some() => {
                return Err(Error::field(&at("TableRegex"), "cannot be sent together with TableName"));
            }
            Some(_) if to_table.is_none() && may.map => return Err(Error::field(&at("TableRename"), "required with TableRegex")),
            // dtle matches it anywhere in a name.
            Some(regex) => crate::api::dtle::anywhere(regex).map_err(|e| Error::field(&at("TableRegex"), e.to_string()))?,
            None => {
                let text = required(&at("TableName"), table_name.as_deref())?;
                TableMatch::parse(&text).map_err(|e| Error::field(&at("TableName"), e.to_string()))?
            }
        };
        let to = Mapping { schema: to_schema.clone(), table: to_table, columns };
        let rule = SchemaRule { filter: filter.map(str::to_owned), to, ..SchemaRule::new(schema.clone(), [name]) };
        if let Some((what, why)) = rule.to.wrong(&rule) {
            let name = match what {
                "to_table" => "TableRename",
                "columns" => "ColumnMapFrom",
                "to_columns" => "ColumnMapTo",
                _ => "TableSchemaRename",
            };
            return Err(Error::field(&at(name), why));
        }
        match rules.last_mut() {
            Some(last) if last.filter == rule.filter && last.to == rule.to => last.tables.extend(rule.tables),
            _ => rules.push(rule),
        }
    }
    if rules.is_empty() {
        let to = Mapping { schema: to_schema, ..Mapping::default() };
        rules.push(SchemaRule { to, ..SchemaRule::new(schema, []) });
    }
    Ok(rules)
}
