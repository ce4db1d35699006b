//! Which tables and rows a job takes: rules of names and patterns.
//!
//! Asked by the engine for every table it meets, and shown by every dialect. A table is one word in a list: its name, or
//! a regular expression between slashes (`/shard_\d+/`), which must match the whole name. The expressions are of the
//! kind that needs linear time, so that a rule cannot hold up a job.

use super::mapping::Mapping;
use super::replicate::TableName;
use std::fmt;

/// One schema of `do` or `ignore`: all its tables, or those that are named or match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaRule {
    pub schema: String,
    /// Empty: every table of the schema, also later ones.
    pub tables: Vec<TableMatch>,
    /// The row filter of the tables that this rule brings in (`replicate/filter`); None = every row. Never in `ignore`.
    pub filter: Option<String>,
    /// What becomes of them at a database target. Never in `ignore`.
    pub to: Mapping,
}

impl SchemaRule {
    /// A rule for every row of these tables.
    pub fn new(schema: impl Into<String>, tables: impl IntoIterator<Item = TableMatch>) -> Self {
        Self { schema: schema.into(), tables: tables.into_iter().collect(), filter: None, to: Mapping::default() }
    }

    /// Says whether it takes tables that it does not name.
    pub fn is_open(&self) -> bool {
        self.tables.is_empty() || self.tables.iter().any(|t| t.name().is_none())
    }

    pub fn hits(&self, schema: &str, table: &str) -> bool {
        self.schema == schema && (self.tables.is_empty() || self.tables.iter().any(|t| t.matches(table)))
    }
}

/// A table in a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TableMatch {
    Name(String),
    Pattern(Pattern),
}

impl TableMatch {
    /// Reads one word of a list: a pattern between slashes, else a name. So no name can begin and end with a slash.
    pub fn parse(text: &str) -> Result<Self, BadPattern> {
        let inside = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        match inside {
            Some(inside) => Pattern::new(inside).map(Self::Pattern).map_err(|e| BadPattern { at: e.at + 1, ..e }),
            None => Ok(Self::Name(text.to_owned())),
        }
    }

    pub fn matches(&self, table: &str) -> bool {
        match self {
            Self::Name(name) => name == table,
            Self::Pattern(pattern) => pattern.matches(table),
        }
    }

    /// The name, where it is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) => Some(name),
            Self::Pattern(_) => None,
        }
    }
}

/// As [`TableMatch::parse`] reads it.
impl fmt::Display for TableMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Pattern(pattern) => write!(f, "/{pattern}/"),
        }
    }
}

/// A literal name.
impl From<&str> for TableMatch {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

/// A regular expression that matches whole names. Two are equal if their texts are.
#[derive(Clone)]
pub struct Pattern {
    text: String,
    whole: regex::Regex,
}

/// Most memory of one compiled pattern.
const LARGEST: usize = 1 << 20;

impl Pattern {
    pub fn new(text: &str) -> Result<Self, BadPattern> {
        let refused = |at: usize, what: String| {
            let at = text.get(..at).map_or(0, |before| before.chars().count()) + 1;
            BadPattern { at, what }
        };
        // By itself first: what it lacks must not be made up for by the anchors, and they would move its positions.
        regex_syntax::Parser::new().parse(text).map_err(|e| match e {
            regex_syntax::Error::Parse(e) => refused(e.span().start.offset, e.kind().to_string()),
            regex_syntax::Error::Translate(e) => refused(e.span().start.offset, e.kind().to_string()),
            _ => refused(0, "it cannot be read".to_owned()),
        })?;
        // The only text that is well by itself and not between these ends in a comment that swallows the anchor.
        let whole = regex::RegexBuilder::new(&format!(r"\A(?:{text})\z")).size_limit(LARGEST).build().map_err(|e| match e {
            regex::Error::CompiledTooBig(_) => refused(0, "it is too large".to_owned()),
            _ => refused(0, "it ends in a comment".to_owned()),
        })?;
        Ok(Self { text: text.to_owned(), whole })
    }

    pub fn matches(&self, name: &str) -> bool {
        self.whole.is_match(name)
    }

    /// Puts what its groups match into a template: `${1}`, `${name}`. None: it does not match.
    pub fn expand(&self, name: &str, template: &str) -> Option<String> {
        let mut out = String::new();
        self.whole.captures(name)?.expand(template, &mut out);
        Some(out)
    }
}

/// Without the slashes.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Pattern {}

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the pattern at character {at}: {what}")]
pub struct BadPattern {
    /// Counted from 1, in the text as it was given.
    pub at: usize,
    pub what: String,
}

/// Which tables take part. `ignore` beats `include`; an empty `include` is the whole instance without system schemas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableFilter {
    /// The first rule that hits a table decides about its rows.
    pub include: Vec<SchemaRule>,
    pub ignore: Vec<SchemaRule>,
    /// The tables that an online schema change makes beside one take part with it (`shadows`): at database targets.
    pub shadows: bool,
}

/// Schemas that no job ever reads: the servers' own and our bookkeeping.
pub const SYSTEM_SCHEMAS: [&str; 6] = ["mysql", "information_schema", "performance_schema", "sys", "syncline", "dtle"];

impl TableFilter {
    /// Says whether the job replicates this table.
    pub fn includes(&self, schema: &str, table: &str) -> bool {
        if SYSTEM_SCHEMAS.iter().any(|s| s.eq_ignore_ascii_case(schema)) {
            return false;
        }
        !self.ignore.iter().any(|r| r.hits(schema, table))
            && self.left_out_with(schema, table).is_none()
            && (self.include.is_empty() || self.rule(schema, table).is_some())
    }
    /// Says whether any table of this schema can take part.
    pub fn touches_schema(&self, schema: &str) -> bool {
        !SYSTEM_SCHEMAS.iter().any(|s| s.eq_ignore_ascii_case(schema))
            && !self.ignore.iter().any(|r| r.schema == schema && r.tables.is_empty())
            && (self.include.is_empty() || self.include.iter().any(|r| r.schema == schema))
    }
    /// Says whether objects that are no tables are the job's to speak of: any that is in a schema of its own. What is in no
    /// schema, as accounts are, is so where the job takes the whole server.
    pub fn concerns(&self, objects: &[TableName]) -> bool {
        if objects.is_empty() { self.include.is_empty() } else { objects.iter().any(|o| self.touches_schema(&o.schema)) }
    }
    /// Returns the place in `include` of the rule that decides about this table's rows.
    pub fn rule(&self, schema: &str, table: &str) -> Option<usize> {
        let direct = || self.include.iter().position(|r| r.hits(schema, table));
        self.beside(schema, table).map(|b| b.rule).or_else(direct)
    }
    /// Returns the row filter of a table that the job replicates; None = every row.
    pub fn rows(&self, schema: &str, table: &str) -> Option<&str> {
        self.include[self.rule(schema, table)?].filter.as_deref()
    }
    /// Says whether any table has a row filter.
    pub fn filters_rows(&self) -> bool {
        self.include.iter().any(|r| r.filter.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(schema: &str, tables: &[&str]) -> SchemaRule {
        SchemaRule::new(schema, tables.iter().map(|t| TableMatch::parse(t).unwrap()))
    }

    #[test]
    fn ignore_beats_include_and_system_schemas_never_take_part() {
        let all = TableFilter::default();
        assert!(all.includes("a", "t") && !all.includes("mysql", "user") && !all.includes("syncline", "fence"));
        let some = TableFilter { include: vec![rule("a", &[]), rule("b", &["x"])], ignore: vec![rule("a", &["secret"])], shadows: false };
        assert!(some.includes("a", "t") && !some.includes("a", "secret") && some.includes("b", "x"));
        assert!(!some.includes("b", "y") && !some.includes("c", "x"));
        assert!(some.touches_schema("b") && !some.touches_schema("c"));
    }

    #[test]
    fn what_is_in_no_schema_of_a_job_does_not_concern_it() {
        let (all, some) = (TableFilter::default(), TableFilter { include: vec![rule("a", &["t"])], ..TableFilter::default() });
        let objects = |schemas: &[&str]| schemas.iter().map(|s| TableName::new(*s, "v")).collect::<Vec<_>>();
        for (schemas, of_all, of_some) in [(&["a"][..], true, true), (&["b"], true, false), (&["b", "a"], true, true), (&[], true, false)] {
            assert_eq!((all.concerns(&objects(schemas)), some.concerns(&objects(schemas))), (of_all, of_some), "{schemas:?}");
        }
    }

    #[test]
    fn a_pattern_matches_the_whole_name_and_only_it() {
        let filter = TableFilter {
            include: vec![rule("a", &["t", r"/shard_\d+/", "/x|yy/"]), rule("b", &["/(?i)abc/"])],
            ignore: vec![rule("a", &["/.*_9/"])],
            shadows: false,
        };
        let taken = |table: &&str| filter.includes("a", table);
        let names = ["t", "shard_1", "shard_22", "shard_", "shard_1x", "xshard_1", "shard_9", "x", "yy", "xy", "y", "shard_1\n"];
        assert_eq!(names.iter().filter(|n| taken(n)).collect::<Vec<_>>(), [&"t", &"shard_1", &"shard_22", &"x", &"yy"]);
        assert!(filter.includes("b", "ABC") && !filter.includes("b", "ABCD") && filter.touches_schema("b"));
        assert_eq!((TableMatch::parse("/").unwrap().name(), TableMatch::parse("/a").unwrap().name()), (Some("/"), Some("/a")));
        for text in ["t", r"/a\d+/", "//"] {
            assert_eq!(TableMatch::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(TableMatch::parse("/a/"), TableMatch::parse("/a/"));
        assert_ne!(TableMatch::parse("/a/"), TableMatch::parse("/[a]/"));
    }

    #[test]
    fn a_bad_pattern_is_refused_with_its_place() {
        let at = |text: &str| TableMatch::parse(text).map_err(|e| e.at);
        assert_eq!(at("/ab(/"), Err(4), "the slash counts");
        assert_eq!(at("/ä[z-a]/"), Err(4), "characters, not bytes");
        assert_eq!(at("/a)(?:b/"), Err(3), "what the anchors would make up for");
        assert_eq!(at("/(?x)a #/"), Err(2), "a comment does not swallow the anchor");
        assert_eq!(at(r"/(a)\1/"), Err(5), "back-references need more than linear time");
        assert_eq!(at("/(?:(?:a{1000}){1000}){9}/"), Err(2));
        let text = TableMatch::parse("/ab(/").unwrap_err().to_string();
        assert_eq!(text, "read the pattern at character 4: unclosed group");
    }

    #[test]
    fn the_first_rule_that_hits_decides_about_rows() {
        let with = |tables: &[&str], filter: &str| SchemaRule { filter: Some(filter.into()), ..rule("a", tables) };
        let filter = TableFilter {
            include: vec![with(&["t"], "id > 1"), rule("a", &["u"]), with(&["/.*/"], "id > 2")],
            ignore: vec![],
            shadows: false,
        };
        assert_eq!((filter.rows("a", "t"), filter.rows("a", "u"), filter.rows("a", "v")), (Some("id > 1"), None, Some("id > 2")));
        assert_eq!((filter.rows("b", "t"), filter.filters_rows()), (None, true));
    }
}
