//! What becomes of a rule's tables at a database target: other names, other columns.

use super::replicate::TableName;
use super::tables::{SchemaRule, TableFilter, TableMatch};

/// The default: everything is called what it is called at the source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    pub schema: Option<String>,
    /// A name; behind a pattern, with `${1}` for what its groups matched.
    pub table: Option<String>,
    /// The columns that are taken, in the target's order. Empty: all.
    pub columns: Vec<MappedColumn>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MappedColumn {
    pub from: String,
    pub to: String,
}

impl Mapping {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Says what is wrong with it, whatever the tables are: the field's name and why.
    pub fn wrong(&self, rule: &SchemaRule) -> Option<(&'static str, String)> {
        let name = |field, text: &Option<String>| match text.as_deref() {
            Some("") => Some((field, "must not be empty".to_owned())),
            Some(text) if text.chars().any(char::is_control) => Some((field, "control characters are not allowed".to_owned())),
            _ => None,
        };
        let twice = |field, of: fn(&MappedColumn) -> &String| {
            let folded: Vec<String> = self.columns.iter().map(|c| of(c).to_lowercase()).collect();
            let at = (0..folded.len()).find(|&i| folded[i].is_empty() || folded[..i].contains(&folded[i]))?;
            let what = of(&self.columns[at]);
            Some((field, if what.is_empty() { "a column has no name".to_owned() } else { format!("column {what} is named twice") }))
        };
        let everything = || {
            let what = "a rule that names no tables takes all of its schema: name the tables that it is for";
            [("to_table", self.table.is_some()), ("columns", !self.columns.is_empty())]
                .into_iter()
                .find(|(_, said)| *said && rule.tables.is_empty())
                .map(|(field, _)| (field, what.to_owned()))
        };
        let system = || {
            let schema = self.schema.as_deref()?;
            let system = super::replicate::SYSTEM_SCHEMAS.iter().any(|s| s.eq_ignore_ascii_case(schema));
            system.then(|| ("to_schema", format!("{schema} belongs to the server or to us")))
        };
        name("to_schema", &self.schema)
            .or_else(|| name("to_table", &self.table))
            .or_else(everything)
            .or_else(system)
            .or_else(|| twice("columns", |c| &c.from))
            .or_else(|| twice("to_columns", |c| &c.to))
    }
}

impl TableFilter {
    /// What becomes of a table; None: it stays what it is.
    pub fn mapping(&self, table: &TableName) -> Option<&Mapping> {
        let rule = &self.include[self.rule(&table.schema, &table.table)?];
        (!rule.to.is_empty()).then_some(&rule.to)
    }

    /// A table's name at the target.
    pub fn target(&self, table: &TableName) -> TableName {
        let Some(rule) = self.rule(&table.schema, &table.table).map(|at| &self.include[at]) else { return table.clone() };
        let Mapping { schema, table: name, columns: _ } = &rule.to;
        let beside = self.beside(&table.schema, &table.table);
        let base = beside.map_or(table.table.as_str(), |b| b.base);
        let named = name.as_ref().map(|template| {
            let pattern = rule.tables.iter().find(|t| t.matches(base)).and_then(|t| match t {
                TableMatch::Name(_) => None,
                TableMatch::Pattern(pattern) => pattern.expand(base, template),
            });
            let named = pattern.unwrap_or_else(|| template.clone());
            beside.map_or(named.clone(), |b| b.of(&named))
        });
        TableName::new(schema.as_ref().unwrap_or(&table.schema), named.as_ref().unwrap_or(&table.table))
    }

    /// The columns that a table has at the target, in its order; empty: all of the source's.
    pub fn columns(&self, table: &TableName) -> &[MappedColumn] {
        self.mapping(table).map_or(&[], |mapping| &mapping.columns)
    }

    /// Says whether another of these tables has its name at the target.
    pub fn merges<'t>(&self, table: &TableName, mut among: impl Iterator<Item = &'t TableName>) -> bool {
        self.maps() && among.any(|other| other != table && self.target(other) == self.target(table))
    }

    /// Says whether anything has another name or other columns at the target.
    pub fn maps(&self) -> bool {
        self.include.iter().any(|rule| !rule.to.is_empty())
    }

    /// The schemas that tables of this one are in at the target.
    pub fn target_schemas<'a>(&'a self, schema: &'a str) -> Vec<&'a str> {
        let rules = self.include.iter().filter(|rule| rule.schema == schema);
        let mut all: Vec<&str> = rules.map(|rule| rule.to.schema.as_deref().unwrap_or(schema)).collect();
        if all.is_empty() {
            all.push(schema);
        }
        all.sort_unstable();
        all.dedup();
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(schema: &str, tables: &[&str], to: Mapping) -> SchemaRule {
        SchemaRule { to, ..SchemaRule::new(schema, tables.iter().map(|t| TableMatch::parse(t).unwrap())) }
    }
    fn to(schema: Option<&str>, table: Option<&str>) -> Mapping {
        Mapping { schema: schema.map(str::to_owned), table: table.map(str::to_owned), columns: vec![] }
    }

    #[test]
    fn names_at_the_target_follow_the_rule_that_decides() {
        let filter = TableFilter {
            include: vec![
                rule("a", &["one"], to(None, Some("$1 two"))),
                rule("a", &[r"/(?<what>\w+)_(\d+)/"], to(Some("b"), Some("${2}_${what}"))),
                rule("a", &["/x.*/"], to(None, Some("all_x"))),
                rule("a", &[], to(Some("c"), None)),
                rule("d", &[], Mapping::default()),
            ],
            ignore: vec![],
            shadows: false,
        };
        for (schema, table, expected) in [
            ("a", "one", "a.$1 two"),
            ("a", "orders_12", "b.12_orders"),
            ("a", "x1", "a.all_x"),
            ("a", "x2", "a.all_x"),
            ("a", "other", "c.other"),
            ("d", "t", "d.t"),
            ("e", "t", "e.t"),
        ] {
            assert_eq!(filter.target(&TableName::new(schema, table)).to_string(), expected);
        }
        assert_eq!(
            (filter.target_schemas("a"), filter.target_schemas("d"), filter.target_schemas("e")),
            (vec!["a", "b", "c"], vec!["d"], vec!["e"])
        );
        assert!(filter.mapping(&TableName::new("d", "t")).is_none() && filter.maps());
    }

    #[test]
    fn mappings_that_cannot_be_are_named() {
        let columns = |pairs: &[(&str, &str)]| Mapping {
            columns: pairs.iter().map(|(from, to)| MappedColumn { from: (*from).into(), to: (*to).into() }).collect(),
            ..Mapping::default()
        };
        let wrong = |tables: &[&str], to: Mapping| to.wrong(&rule("a", tables, to.clone())).map(|(field, _)| field);
        assert_eq!(wrong(&["t"], columns(&[("a", "b"), ("b", "a")])), None);
        assert_eq!(wrong(&["t"], columns(&[("a", "b"), ("A", "c")])), Some("columns"));
        assert_eq!(wrong(&["t"], columns(&[("a", "b"), ("b", "B")])), Some("to_columns"));
        assert_eq!(wrong(&[], columns(&[("a", "b")])), Some("columns"));
        assert_eq!(wrong(&[], to(Some("b"), Some("t"))), Some("to_table"));
        assert_eq!(wrong(&[], to(Some("b"), None)), None);
        assert_eq!(wrong(&[], to(Some("MySQL"), None)), Some("to_schema"));
        assert_eq!(wrong(&["t"], to(Some(""), None)), Some("to_schema"));
    }
}
