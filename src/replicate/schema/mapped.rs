//! A table of the source as it is to be at the target: by another name, with other columns. What is made of it is made
//! from the definition that results (`translate`), compared with it (`preflight`), and indexed by it (`definition`).
//!
//! Keys and constraints that name a column which is left out are left out too, but for the key by which rows are found:
//! without that the table is refused.

use super::definition::{Definition, ItemKind, kind};
use super::edits::Edits;
use super::tokens::{Kind, Tokens, unquote};
use crate::model::replicate::{MappedColumn, TableFilter, TableName, quote};
use crate::replicate::table::{Column, Generated, Key, Table};
use crate::replicate::{Error, Result};

/// Returns the table as it is to be at the target; an error names what cannot be.
pub fn mapped(table: &Table, filter: &TableFilter) -> Result<Table> {
    if !filter.maps() {
        return Ok(table.clone());
    }
    let name = filter.target(&table.name);
    if name.table.is_empty() || name.schema.is_empty() || [&name.table, &name.schema].iter().any(|n| n.chars().count() > 64) {
        let what = format!("{} would be called {name} at the target, which is no name of 1 to 64 characters", table.name);
        return Err(Error::config("target_name", what).hint("change to_table or to_schema of its rule"));
    }
    let pairs = filter.columns(&table.name);
    let places = places(table, pairs)?;
    let definition = Definition::parse(&table.create);
    let create = definition.map(|definition| renamed(definition, table, pairs, filter, &name)).transpose()?;
    let place = |column: usize| places.iter().position(|(at, _)| *at == column);
    let columns = places.iter().map(|(at, to)| Column { name: to.clone(), ..table.columns[*at].clone() }).collect();
    let key = |key: &Key| {
        let columns = key.columns.iter().map(|&c| place(c)).collect::<Option<Vec<_>>>()?;
        Some(Key { columns, ..key.clone() })
    };
    let keys = table.keys.iter().filter_map(key).collect();
    Ok(Table { name, columns, keys, create: create.unwrap_or_else(|| table.create.clone()), ..table.clone() })
}

/// Says whether two tables have the same columns under the names that they have at the target.
pub fn same_columns(filter: &TableFilter, one: &Table, other: &Table) -> bool {
    let columns = |t: &Table| match filter.columns(&t.name) {
        [] => t.columns.iter().map(|c| (c.name.to_lowercase(), c.column_type.clone(), c.collation.clone())).collect::<Vec<_>>(),
        pairs => {
            let of = |p: &MappedColumn| {
                let c = t.columns.iter().find(|c| c.name.to_lowercase() == p.from.to_lowercase())?;
                Some((p.to.to_lowercase(), c.column_type.clone(), c.collation.clone()))
            };
            pairs.iter().filter_map(of).collect()
        }
    };
    columns(one) == columns(other)
}

/// The columns at the target: their places in the source's table, and their names.
fn places(table: &Table, pairs: &[MappedColumn]) -> Result<Vec<(usize, String)>> {
    if pairs.is_empty() {
        return Ok(table.columns.iter().enumerate().map(|(at, c)| (at, c.name.clone())).collect());
    }
    let refuse = |code, what: String| Err(Error::config(code, what).hint("change the columns of its rule"));
    let mut out = Vec::with_capacity(pairs.len());
    for pair in pairs {
        let found = table.columns.iter().position(|c| c.name.to_lowercase() == pair.from.to_lowercase());
        let Some(at) = found else { return refuse("mapped_column_unknown", format!("table {} has no column {}", table.name, pair.from)) };
        if table.columns[at].generated != Generated::No {
            let what = format!("column {} of {} is generated, and those are not copied", pair.from, table.name);
            return refuse("mapped_column_generated", what);
        }
        out.push((at, pair.to.clone()));
    }
    let left_out = |at: &usize| !out.iter().any(|(taken, _)| taken == at);
    if let Some(at) = table.row_key().and_then(|key| key.columns.iter().copied().find(left_out)) {
        let what = format!(
            "column {} is of the key by which rows of {} are found, and its rule leaves it out",
            table.columns[at].name, table.name
        );
        return refuse("mapped_key_column", what);
    }
    Ok(out)
}

fn renamed(definition: Definition, table: &Table, pairs: &[MappedColumn], filter: &TableFilter, name: &TableName) -> Result<String> {
    let Definition { items, options } = definition;
    let mut out = Vec::new();
    if pairs.is_empty() {
        out.extend(items.into_iter().map(|item| parent(item, &table.name, filter).0));
        return Ok(Definition { items: out, options }.render(name));
    }
    let own = |item: &String| (kind(&Tokens::of(item)) == ItemKind::Column).then(|| unquote(Tokens::of(item).str(0)));
    // The columns in the target's order, then the rest as it was.
    for pair in pairs {
        let item = items.iter().find(|item| own(item).is_some_and(|n| n.to_lowercase() == pair.from.to_lowercase()));
        if let Some(item) = item {
            let Some(item) = with_columns(item, table, pairs) else {
                let what = format!("the definition of column {} of {} leans on columns that its rule leaves out", pair.from, table.name);
                return Err(
                    Error::config("mapped_column_depends", what).hint("take those columns too, or make the table at the target by hand")
                );
            };
            out.push(item);
        }
    }
    for item in items.iter().filter(|item| own(item).is_none()) {
        let (item, whole) = parent(item.clone(), &table.name, filter);
        out.extend(whole.then(|| with_columns(&item, table, pairs)).flatten());
    }
    let Some(options) = with_columns(&options, table, pairs) else {
        let what = format!("{} is partitioned by a column that its rule leaves out", table.name);
        return Err(Error::config("mapped_column_depends", what).hint("take that column too, or make the table at the target by hand"));
    };
    Ok(Definition { items: out, options }.render(name))
}

/// Puts the target's names of columns for the source's; None: it names one that is left out.
fn with_columns(item: &str, table: &Table, pairs: &[MappedColumn]) -> Option<String> {
    let tokens = Tokens::of(item);
    // The columns of a parent are of another table, and set right already.
    let end = (0..tokens.list.len()).find(|&at| tokens.is_word(at, "REFERENCES")).unwrap_or(tokens.list.len());
    // A key's or constraint's own name stands before its columns.
    let from = match kind(&tokens) {
        ItemKind::Column | ItemKind::Other => 0,
        _ => (0..end).find(|&at| tokens.is_symbol(at, "(")).unwrap_or(0),
    };
    let mut edits = Edits::default();
    for at in (from..end).filter(|&at| tokens.kind(at) == Some(Kind::Name)) {
        let name = unquote(tokens.str(at)).to_lowercase();
        if !table.columns.iter().any(|c| c.name.to_lowercase() == name) {
            continue;
        }
        let pair = pairs.iter().find(|pair| pair.from.to_lowercase() == name)?;
        edits.replace(tokens.list[at].at.clone(), &quote(&pair.to));
    }
    Some(edits.apply(item))
}

/// Puts the target's names for the parent that a foreign key refers to; false: its columns are not all there.
fn parent(item: String, table: &TableName, filter: &TableFilter) -> (String, bool) {
    let tokens = Tokens::of(&item);
    let Some(at) = (0..tokens.list.len()).find(|&at| tokens.is_word(at, "REFERENCES")).map(|at| at + 1) else { return (item, true) };
    let qualified = tokens.is_symbol(at + 1, ".");
    let (parent, open) = if qualified {
        (TableName::new(unquote(tokens.str(at)), unquote(tokens.str(at + 2))), at + 3)
    } else {
        (TableName::new(table.schema.clone(), unquote(tokens.str(at))), at + 1)
    };
    let mut edits = Edits::default();
    edits.replace(tokens.span(at..open), &filter.target(&parent).quoted());
    let (pairs, mut whole) = (filter.columns(&parent), true);
    for at in (open..tokens.closing(open).unwrap_or(open)).filter(|&at| tokens.kind(at) == Some(Kind::Name) && !pairs.is_empty()) {
        let name = unquote(tokens.str(at)).to_lowercase();
        match pairs.iter().find(|pair| pair.from.to_lowercase() == name) {
            Some(pair) => edits.replace(tokens.list[at].at.clone(), &quote(&pair.to)),
            None => whole = false,
        }
    }
    (edits.apply(&item), whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::{Mapping, SchemaRule, TableMatch};
    use crate::replicate::table::TypeClass;

    const CREATE: &str = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  `a` varchar(9) DEFAULT '`id`',\n  `b` int(11) DEFAULT NULL,\n  \
        `c` int(11) DEFAULT NULL CHECK (`c` > 0),\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `a` (`a`,`c`),\n  KEY `b` (`b`),\n  KEY `c` (`c`),\n  \
        CONSTRAINT `fk` FOREIGN KEY (`b`) REFERENCES `p` (`id`) ON DELETE CASCADE,\n  CONSTRAINT `k` CHECK (`a` <> `b`)\n) ENGINE=InnoDB";

    fn table() -> Table {
        let column = |name: &str| Column { nullable: name != "id", ..Column::plain(name, TypeClass::Int) };
        let key = |name: &str, columns: &[usize]| Key {
            name: name.into(),
            primary: name == "PRIMARY",
            unique: true,
            columns: columns.to_vec(),
            prefix: vec![None; columns.len()],
            usable: true,
        };
        Table {
            name: TableName::new("s", "t"),
            columns: ["id", "a", "b", "c"].map(column).to_vec(),
            keys: vec![key("PRIMARY", &[0]), key("a", &[1, 3])],
            engine: "InnoDB".into(),
            rows_estimated: 0,
            data_bytes: 0,
            auto_increment: None,
            create: CREATE.into(),
        }
    }
    fn filter(schema: Option<&str>, to: &str, columns: &[(&str, &str)]) -> TableFilter {
        let columns = columns.iter().map(|(from, to)| MappedColumn { from: (*from).into(), to: (*to).into() }).collect();
        let rule = |table: &str, to| SchemaRule { to, ..SchemaRule::new("s", [TableMatch::from(table)]) };
        let mapping = Mapping { schema: schema.map(Into::into), table: Some(to.into()), columns };
        let parent = Mapping { schema: schema.map(Into::into), table: Some("q".into()), columns: vec![] };
        TableFilter { include: vec![rule("t", mapping), rule("p", parent)], ignore: vec![], shadows: false }
    }

    #[test]
    fn a_renamed_table_names_its_parents_by_their_new_names() {
        let mapped = mapped(&table(), &filter(Some("x"), "u", &[])).unwrap();
        assert_eq!((mapped.name.to_string(), mapped.columns.len(), mapped.keys.len()), ("x.u".to_owned(), 4, 2));
        assert!(mapped.create.starts_with("CREATE TABLE IF NOT EXISTS `x`.`u` ("), "{}", mapped.create);
        assert!(mapped.create.contains("FOREIGN KEY (`b`) REFERENCES `x`.`q` (`id`) ON DELETE CASCADE"), "{}", mapped.create);
    }

    #[test]
    fn columns_are_renamed_reordered_and_left_out_with_what_names_them() {
        let mapped = mapped(&table(), &filter(None, "t", &[("c", "sea"), ("ID", "nr"), ("a", "b")])).unwrap();
        assert_eq!(mapped.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["sea", "nr", "b"]);
        assert_eq!(mapped.keys.iter().map(|k| k.columns.clone()).collect::<Vec<_>>(), [vec![1], vec![2, 0]]);
        assert_eq!(
            mapped.create,
            "CREATE TABLE IF NOT EXISTS `s`.`t` (\n  `sea` int(11) DEFAULT NULL CHECK (`sea` > 0),\n  `nr` int(11) NOT NULL AUTO_INCREMENT,\n  \
             `b` varchar(9) DEFAULT '`id`',\n  PRIMARY KEY (`nr`),\n  UNIQUE KEY `a` (`b`,`sea`),\n  KEY `c` (`sea`)\n) ENGINE=InnoDB"
        );
    }

    #[test]
    fn what_cannot_be_is_refused_by_name() {
        let code = |to: &str, columns: &[(&str, &str)], change: fn(&mut Table)| {
            let mut table = table();
            change(&mut table);
            mapped(&table, &filter(None, to, columns)).map(|_| ()).map_err(|e| e.code)
        };
        let same = |_: &mut Table| {};
        assert_eq!(code("t", &[("a", "a")], same), Err("mapped_key_column"));
        assert_eq!(code("t", &[("id", "id"), ("x", "x")], same), Err("mapped_column_unknown"));
        assert_eq!(code("t", &[("id", "id"), ("a", "a")], |t| t.columns[1].generated = Generated::Stored), Err("mapped_column_generated"));
        let depends = |t: &mut Table| t.create = t.create.replace("DEFAULT '`id`'", "CHECK (`b` > 0)");
        assert_eq!(code("t", &[("id", "id"), ("a", "a")], depends), Err("mapped_column_depends"));
        assert_eq!(code(&"x".repeat(65), &[], same), Err("target_name"));
    }
}
