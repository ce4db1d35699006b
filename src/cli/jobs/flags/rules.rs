//! `--include`, `--ignore` and `--where`: tables by name or pattern, and which of their rows.

use crate::cli::error::Error;
use crate::wire::native::jobs::SchemaRule;

/// Splits lists at their commas, but for those within a pattern.
fn words(lists: &[String]) -> Vec<&str> {
    let mut words = Vec::new();
    for list in lists {
        let (mut start, mut pattern) = (0, false);
        for (at, c) in list.char_indices() {
            match c {
                ',' if !pattern => {
                    words.push(&list[start..at]);
                    start = at + 1;
                }
                '/' if !pattern => pattern = list[start..at].ends_with('.'),
                '/' => pattern = !matches!(list[at + 1..].chars().next(), None | Some(',')),
                _ => {}
            }
        }
        words.push(&list[start..]);
    }
    words
}

/// Makes a rule of `db.table=condition`, in front of those that take the table too: the first one decides. A condition for
/// a schema is that of its other tables.
pub(super) fn filter(include: &mut Vec<SchemaRule>, text: &str) -> Result<(), Error> {
    let split = if text.contains("./") { text.find("/=").map(|at| at + 1) } else { text.find('=') };
    let usage = || Error::usage(format!("{text:?} is not DB.TABLE=CONDITION"));
    let (name, condition) = split.map(|at| (text[..at].trim(), text[at + 1..].trim())).ok_or_else(usage)?;
    let mut rule = rules(&[name.to_owned()])?.pop().ok_or_else(usage)?;
    rule.filter = (!condition.is_empty()).then(|| condition.to_owned());
    let same = |r: &SchemaRule| r.schema == rule.schema;
    if rule.tables.is_empty() {
        match include.iter_mut().find(|r| same(r) && r.tables.is_empty()) {
            Some(whole) => whole.filter = rule.filter,
            None => include.push(rule),
        }
        return Ok(());
    }
    for other in include.iter_mut().filter(|r| same(r) && r.tables.iter().any(|t| rule.tables.contains(t))) {
        other.tables.retain(|t| !rule.tables.contains(t));
        // Without tables it would mean all of them.
        if other.tables.is_empty() {
            other.schema.clear();
        }
    }
    let at = include.iter().position(same).unwrap_or(include.len());
    include.insert(at, rule);
    include.retain(|r| !r.schema.is_empty());
    Ok(())
}

/// Groups `db`, `db.*`, `db.table` and `db./regex/` by schema; a schema named alone means all of it.
pub(super) fn rules(names: &[String]) -> Result<Vec<SchemaRule>, Error> {
    let mut rules: Vec<SchemaRule> = Vec::new();
    let mut whole: Vec<&str> = Vec::new();
    for name in words(names) {
        let (schema, table) = name.split_once('.').map_or((name, None), |(schema, table)| (schema, Some(table)));
        if schema.is_empty()
            || table.is_some_and(|t| t.is_empty() || (t.contains('.') && !(t.len() > 1 && t.starts_with('/') && t.ends_with('/'))))
        {
            return Err(Error::usage(format!("{name:?} is not db or db.table")).hint("names with a dot in them can be given in a job file"));
        }
        let rule = match rules.iter().position(|r| r.schema == schema) {
            Some(at) => &mut rules[at],
            None => {
                rules.push(SchemaRule { schema: schema.into(), ..SchemaRule::default() });
                rules.last_mut().expect("it was just pushed")
            }
        };
        match table {
            None | Some("*") => whole.push(schema),
            Some(table) if !rule.tables.iter().any(|t| t == table) => rule.tables.push(table.into()),
            Some(_) => {}
        }
    }
    for rule in &mut rules {
        if whole.contains(&rule.schema.as_str()) {
            rule.tables.clear();
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_grouped_by_schema_and_a_schema_alone_means_all_of_it() {
        let group = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
            rules(&names).map(|rules| rules.into_iter().map(|r| (r.schema, r.tables.join("+"))).collect::<Vec<_>>())
        };
        let pair = |s: &str, t: &str| (s.to_owned(), t.to_owned());
        assert_eq!(group(&["a.x", "b", "a.y", "a.x"]).unwrap(), [pair("a", "x+y"), pair("b", "")]);
        assert_eq!(group(&["a", "a.x"]).unwrap(), [pair("a", "")]);
        assert_eq!(group(&["a.*"]).unwrap(), [pair("a", "")], "as `jobs show --config` writes it");
        let patterns = [r"a./s_\d{1,3}/,b./x.y/", "a.z,c./1/,d"];
        let grouped = [pair("a", r"/s_\d{1,3}/+z"), pair("b", "/x.y/"), pair("c", "/1/"), pair("d", "")];
        assert_eq!(group(&patterns).unwrap(), grouped, "a comma within a pattern is its own");
        let filtered = |include: &[&str], filters: &[&str]| {
            let mut rules = rules(&include.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
            filters.iter().try_for_each(|f| filter(&mut rules, f)).map_err(|_| ())?;
            let words = |r: SchemaRule| format!("{}.{} {}", r.schema, r.tables.join("+"), r.filter.unwrap_or_default());
            Ok(rules.into_iter().map(words).collect::<Vec<_>>())
        };
        assert_eq!(filtered(&["a", "b.x"], &["a.t=id >= 5"]).unwrap(), ["a.t id >= 5", "a. ", "b.x "], "the first one decides");
        assert_eq!(filtered(&["a.t,a.u"], &["a.t = id=5", "c=1", "a.t="]).unwrap(), ["a.t ", "a.u ", "c. 1"]);
        assert_eq!(filtered(&[], &[r"a./s=\d+/=id = 5"]).unwrap(), [r"a./s=\d+/ id = 5"]);
        assert_eq!(filtered(&["a.t"], &["a=1", "a.t=2", "a=3"]).unwrap(), ["a.t 2", "a. 3"]);
        assert!(filtered(&[], &["a.t"]) == Err(()) && filtered(&[], &["=1"]) == Err(()));
        assert!(group(&["a.b.c"]).is_err() && group(&[".x"]).is_err() && group(&["a."]).is_err());
    }
}
