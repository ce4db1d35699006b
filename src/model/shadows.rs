//! The tables that tools for online schema changes make beside the one that they change, told by their names.
//!
//! gh-ost and pt-online-schema-change build the changed table under another name, fill it while the old one is in use, and
//! swap the two in one RENAME. A target follows that only if the other names take part too: they belong to their table's rule
//! (its row filter, its names at the target) although no rule names them. What a tool leaves behind, the table as it was,
//! takes part only once a statement of the log has made it so (`pump/tables`): one that is there already may be anything.
//!
//! Where a rule maps columns or makes one table of many, statements stop the job anyway; there its tables stand alone.

use super::tables::{SchemaRule, TableFilter};

/// What a table is to the one that is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It takes the other's place.
    Shadow,
    /// It is what the other was.
    Trash,
    /// The tool's own notes: nothing that a target needs.
    Notes,
}

/// A table of an online change, and the table that is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Beside<'n> {
    pub part: Part,
    pub base: &'n str,
    before: &'n str,
    behind: &'n str,
    /// The place in `include` of the rule that the table is taken by.
    pub(super) rule: usize,
}

impl Beside<'_> {
    /// The name that belongs to a table of another name.
    pub(super) fn of(&self, base: &str) -> String {
        format!("{}{base}{}", self.before, self.behind)
    }
}

const ENDINGS: [(&str, Part); 6] = [
    ("_gho", Part::Shadow),
    ("_new", Part::Shadow),
    ("_del", Part::Trash),
    ("_old", Part::Trash),
    ("_ghc", Part::Notes),
    ("_ghk", Part::Notes),
];
/// pt-online-schema-change puts more underscores before a name that is taken, ten at most.
const MOST_BEFORE: usize = 10;
/// What gh-ost may put between a table's name and `_del`: when it began, and that it takes a change back.
const STAMP: usize = "_20060102150405".len();
const REVERTED: &str = "_rev";

/// The tables that one of this name may belong to: its part, and where their names begin and end in it.
fn read(name: &str) -> impl Iterator<Item = (Part, usize, usize)> {
    let ending = ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).copied();
    let underscores = name.bytes().take(MOST_BEFORE).take_while(|b| *b == b'_').count();
    ending.into_iter().flat_map(move |(ending, part)| {
        let end = name.len() - ending.len();
        let plain = name.get(..end).unwrap_or_default();
        let reverted = plain.strip_suffix(REVERTED).filter(|_| ending == "_del").unwrap_or(plain);
        let stamped = reverted.len().checked_sub(STAMP).filter(|at| ending == "_del" && is_stamp(&reverted.as_bytes()[*at..]));
        let mut ends = vec![end, reverted.len(), stamped.unwrap_or(end)];
        ends.dedup();
        ends.into_iter().flat_map(move |end| (1..=underscores).filter(move |begin| *begin < end).map(move |begin| (part, begin, end)))
    })
}

fn is_stamp(text: &[u8]) -> bool {
    text.first() == Some(&b'_') && text[1..].iter().all(u8::is_ascii_digit)
}

impl TableFilter {
    /// What a table that no rule names is to one that takes part.
    pub fn beside<'n>(&self, schema: &str, table: &'n str) -> Option<Beside<'n>> {
        if !self.shadows || self.names(schema, table) {
            return None;
        }
        read(table).filter(|(part, _, _)| *part != Part::Notes).find_map(|(part, begin, end)| {
            let base = &table[begin..end];
            let rule = self.include.iter().position(|rule| rule.hits(schema, base)).filter(|at| stands_for_one(&self.include[*at]))?;
            let ignored = self.ignore.iter().any(|rule| rule.hits(schema, base));
            (!ignored).then_some(Beside { part, base, before: &table[..begin], behind: &table[end..], rule })
        })
    }

    /// Says whether it is what a table was before an online change, and no rule takes it for itself: it takes part only in
    /// statements, and once one of the log made it.
    pub fn is_trash(&self, schema: &str, table: &str) -> bool {
        let direct = || self.include.is_empty() || self.include.iter().any(|rule| rule.hits(schema, table));
        self.beside(schema, table).is_some_and(|b| b.part == Part::Trash) && !direct()
    }

    /// Says whether the job has the rows of a table that it finds.
    pub fn copies(&self, schema: &str, table: &str) -> bool {
        self.includes(schema, table) && !self.is_trash(schema, table)
    }

    /// The ignored table that a table no rule names is left out with.
    pub fn left_out_with<'n>(&self, schema: &str, table: &'n str) -> Option<&'n str> {
        if !self.shadows || self.ignore.is_empty() || self.names(schema, table) {
            return None;
        }
        let ignored = |base: &str| self.ignore.iter().any(|rule| !rule.tables.is_empty() && rule.hits(schema, base));
        read(table).map(|(_, begin, end)| &table[begin..end]).find(|base| ignored(base))
    }

    fn names(&self, schema: &str, table: &str) -> bool {
        let named = |rule: &SchemaRule| rule.schema == schema && rule.tables.iter().any(|t| t.name() == Some(table));
        self.include.iter().any(named)
    }
}

/// Says whether each of its tables has one of its own at the target, with the columns of the source's.
fn stands_for_one(rule: &SchemaRule) -> bool {
    let many = rule.tables.len() > 1 || rule.is_open();
    rule.to.columns.is_empty() && rule.to.table.as_ref().is_none_or(|name| !many || name.contains('$'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mapping::{MappedColumn, Mapping};
    use crate::model::replicate::TableName;
    use crate::model::tables::TableMatch;

    fn rule(tables: &[&str]) -> SchemaRule {
        SchemaRule::new("a", tables.iter().map(|t| TableMatch::parse(t).unwrap()))
    }
    fn filter(include: Vec<SchemaRule>, ignore: Vec<SchemaRule>) -> TableFilter {
        TableFilter { include, ignore, shadows: true }
    }

    #[test]
    fn the_names_that_the_tools_give_belong_to_the_table() {
        let filter = filter(vec![SchemaRule { filter: Some("id > 5".into()), ..rule(&["t", r"/x_\d/", "_u_new"]) }], vec![]);
        let part = |name| filter.beside("a", name).map(|b| (b.part, b.base));
        for (name, base, expected) in [
            ("_t_gho", "t", Part::Shadow),
            ("_t_new", "t", Part::Shadow),
            ("__________t_new", "t", Part::Shadow),
            ("_x_3_gho", "x_3", Part::Shadow),
            ("__u_new_new", "_u_new", Part::Shadow),
            ("_t_del", "t", Part::Trash),
            ("__t_old", "t", Part::Trash),
            ("_t_20260102030405_del", "t", Part::Trash),
            ("_t_rev_del", "t", Part::Trash),
            ("_t_20260102030405_rev_del", "t", Part::Trash),
        ] {
            assert_eq!(part(name), Some((expected, base)), "{name}");
            assert!(filter.includes("a", name), "{name}");
            assert_eq!(filter.copies("a", name), expected == Part::Shadow, "{name}");
            assert_eq!(filter.rows("a", name), Some("id > 5"), "{name}");
        }
        for name in [
            "t_gho",
            "_t_ghc",
            "_t_ghk",
            "_t",
            "_gho",
            "__gho",
            "_u_gho",
            "_x_33_gho",
            "___________t_new",
            "_t_1_del",
            "_t_rev_old",
            "_é_new",
        ] {
            assert!(!filter.includes("a", name), "{name}");
        }
        assert!(!filter.includes("b", "_t_gho"));
        assert_eq!(part("_u_new"), None, "it is named for itself");
        let without = TableFilter { shadows: false, ..filter.clone() };
        assert!(!without.includes("a", "_t_gho") && without.includes("a", "t"));
    }

    #[test]
    fn ignoring_a_table_leaves_its_shadow_out() {
        let filter = filter(vec![rule(&[])], vec![rule(&["t", "_v_gho"])]);
        for name in ["_t_gho", "_t_new", "_t_del", "_t_ghc", "_v_gho"] {
            assert!(!filter.includes("a", name), "{name}");
        }
        assert_eq!((filter.left_out_with("a", "__t_old"), filter.left_out_with("a", "_v_new")), (Some("t"), None));
        assert!(filter.includes("a", "_v_new") && filter.includes("a", "_v_ghc"), "they are part of the schema");
        assert!(filter.copies("a", "_v_del"), "a rule for all takes it for itself");
        let named = TableFilter { include: vec![rule(&["_t_new", "/.*/"])], ..filter };
        assert!(named.includes("a", "_t_new") && !named.includes("a", "_t_old"));
    }

    #[test]
    fn names_at_the_target_follow_the_table() {
        let to = |table: &str| Mapping { schema: Some("b".into()), table: Some(table.into()), columns: vec![] };
        let filter = filter(
            vec![
                SchemaRule { to: to("there"), ..rule(&["t"]) },
                SchemaRule { to: to("n${1}"), ..rule(&[r"/o(\d)/"]) },
                SchemaRule { to: to("all"), ..rule(&[r"/s\d/"]) },
                SchemaRule {
                    to: Mapping { columns: vec![MappedColumn { from: "a".into(), to: "b".into() }], ..Mapping::default() },
                    ..rule(&["c"])
                },
            ],
            vec![],
        );
        let target = |table| filter.target(&TableName::new("a", table)).to_string();
        assert_eq!(
            (target("_t_gho"), target("__t_old"), target("_o7_new")),
            ("b._there_gho".into(), "b.__there_old".into(), "b._n7_new".into())
        );
        for left in ["_s1_gho", "_c_new"] {
            assert!(!filter.includes("a", left), "{left}: a statement on its table stops the job");
        }
    }
}
