//! SHOW CREATE TABLE as its parts: columns, keys and constraints, and the options behind them.
//!
//! Also splits off the indexes that a copy builds after its last row: filling them row by row costs more.

use super::tokens::{Kind, Tokens, unquote};
use crate::model::replicate::TableName;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Columns, keys and constraints, each as the server printed it.
    pub items: Vec<String>,
    /// What stands behind the closing parenthesis.
    pub options: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ItemKind {
    Column,
    Primary,
    Unique,
    Index,
    Fulltext,
    Spatial,
    ForeignKey,
    Check,
    /// PERIOD FOR, VECTOR KEY and what servers will think of.
    Other,
}

impl Definition {
    pub fn parse(create: &str) -> Option<Self> {
        let tokens = Tokens::of(create);
        let (open, close) = tokens.body()?;
        let items = tokens.items(open + 1, close).into_iter().map(|r| create[tokens.span(r)].to_owned()).collect();
        Some(Self { items, options: create[tokens.list[close].at.end..].trim().to_owned() })
    }

    /// Renders the statement that creates the table where it is missing.
    pub fn render(&self, name: &TableName) -> String {
        format!("CREATE TABLE IF NOT EXISTS {} (\n  {}\n) {}", name.quoted(), self.items.join(",\n  "), self.options).trim_end().to_owned()
    }
}

/// Says what an item is.
pub fn kind(item: &Tokens) -> ItemKind {
    if item.kind(0) == Some(Kind::Name) {
        return ItemKind::Column;
    }
    // CONSTRAINT `name` comes before what it constrains.
    let at = if item.is_word(0, "CONSTRAINT") { if item.kind(1) == Some(Kind::Name) { 2 } else { 1 } } else { 0 };
    match item.str(at).to_ascii_uppercase().as_str() {
        "PRIMARY" => ItemKind::Primary,
        "UNIQUE" => ItemKind::Unique,
        "KEY" | "INDEX" => ItemKind::Index,
        "FULLTEXT" => ItemKind::Fulltext,
        "SPATIAL" => ItemKind::Spatial,
        "FOREIGN" => ItemKind::ForeignKey,
        "CHECK" => ItemKind::Check,
        _ => ItemKind::Other,
    }
}

/// A foreign key as its table's definition says it; information_schema shows it only to those who may write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForeignKey {
    pub name: String,
    pub columns: Vec<String>,
    pub parent: TableName,
    pub parent_columns: Vec<String>,
    /// Upper case; RESTRICT where nothing is said.
    pub on_delete: String,
    pub on_update: String,
}

/// What a foreign key does to a child's row when its parent's changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Nothing,
    Cascade,
    SetNull,
}

impl Action {
    fn of(words: &str) -> Self {
        match words {
            "CASCADE" => Self::Cascade,
            "SET NULL" => Self::SetNull,
            _ => Self::Nothing,
        }
    }
}

impl ForeignKey {
    pub fn deletes(&self) -> Action {
        Action::of(&self.on_delete)
    }
    pub fn updates(&self) -> Action {
        Action::of(&self.on_update)
    }
    /// Says whether a change of the parent changes rows of the child.
    pub fn cascades(&self) -> bool {
        [&self.on_delete, &self.on_update].iter().any(|a| matches!(a.as_str(), "CASCADE" | "SET NULL" | "SET DEFAULT"))
    }
}

/// Returns the foreign keys of a table.
pub fn foreign_keys(create: &str, table: &TableName) -> Vec<ForeignKey> {
    let Some(definition) = Definition::parse(create) else { return Vec::new() };
    definition.items.iter().filter_map(|item| foreign_key(&Tokens::of(item), table)).collect()
}

fn foreign_key(item: &Tokens, table: &TableName) -> Option<ForeignKey> {
    if kind(item) != ItemKind::ForeignKey {
        return None;
    }
    let names = |open: usize, close: usize| {
        (open + 1..close).filter(|&at| item.kind(at) == Some(Kind::Name)).map(|at| unquote(item.str(at))).collect()
    };
    let open = (0..item.list.len()).find(|&at| item.is_symbol(at, "("))?;
    let close = item.closing(open)?;
    let at = (close..item.list.len()).find(|&at| item.is_word(at, "REFERENCES"))? + 1;
    let (parent, next) = if item.is_symbol(at + 1, ".") {
        (TableName::new(unquote(item.str(at)), unquote(item.str(at + 2))), at + 3)
    } else {
        (TableName::new(table.schema.clone(), unquote(item.str(at))), at + 1)
    };
    let end = item.closing(next)?;
    let action = |what: &str| {
        let Some(at) = (end..item.list.len()).find(|&at| item.are_words(at, &["ON", what])) else { return "RESTRICT".to_owned() };
        let two = item.is_word(at + 2, "SET") || item.is_word(at + 2, "NO");
        item.text[item.span(at + 2..at + 3 + usize::from(two))].to_ascii_uppercase()
    };
    Some(ForeignKey {
        name: key_name(item),
        columns: names(open, close),
        parent,
        parent_columns: names(next, end),
        on_delete: action("DELETE"),
        on_update: action("UPDATE"),
    })
}

/// The name of a key: the first name of its item.
pub fn key_name(item: &Tokens) -> String {
    (0..item.list.len()).find(|&at| item.kind(at) == Some(Kind::Name)).map_or_else(String::new, |at| unquote(item.str(at)))
}

/// The first column of a key or foreign key: the first name in its parentheses.
fn first_column(item: &Tokens) -> String {
    let open = (0..item.list.len()).find(|&at| item.is_symbol(at, "("));
    open.filter(|&at| item.kind(at + 1) == Some(Kind::Name)).map_or_else(String::new, |at| unquote(item.str(at + 1)))
}

/// Says whether an index can wait for the end of the copy: not unique, and neither a foreign key nor the counter needs it.
fn can_wait(item: &Tokens, needed: &[String]) -> bool {
    match kind(item) {
        ItemKind::Index => !needed.contains(&first_column(item)),
        ItemKind::Fulltext | ItemKind::Spatial => true,
        _ => false,
    }
}

fn needed_columns(definition: &Definition) -> Vec<String> {
    let mut needed = Vec::new();
    for item in &definition.items {
        let tokens = Tokens::of(item);
        match kind(&tokens) {
            ItemKind::ForeignKey => needed.push(first_column(&tokens)),
            ItemKind::Column if (1..tokens.list.len()).any(|at| tokens.is_word(at, "AUTO_INCREMENT")) => {
                needed.push(unquote(tokens.str(0)));
            }
            _ => {}
        }
    }
    needed
}

/// Returns the statement without the indexes that can wait.
pub fn without_deferred(create: &str, name: &TableName) -> String {
    let Some(mut definition) = Definition::parse(create) else { return create.to_owned() };
    let needed = needed_columns(&definition);
    definition.items.retain(|item| !can_wait(&Tokens::of(item), &needed));
    definition.render(name)
}

/// Returns the statements that add the indexes which waited, but for those that `present` names: asking what is there
/// makes the step repeatable after a crash, since ADD KEY is not. FULLTEXT and SPATIAL come one per statement, as InnoDB
/// builds them one at a time.
pub fn deferred(create: &str, name: &TableName, present: &[&str]) -> Vec<String> {
    let Some(definition) = Definition::parse(create) else { return Vec::new() };
    let needed = needed_columns(&definition);
    let (mut together, mut alone) = (Vec::new(), Vec::new());
    for item in &definition.items {
        let tokens = Tokens::of(item);
        if !can_wait(&tokens, &needed) || present.iter().any(|p| p.eq_ignore_ascii_case(&key_name(&tokens))) {
            continue;
        }
        let add = format!("ADD {item}");
        if kind(&tokens) == ItemKind::Index { together.push(add) } else { alone.push(add) }
    }
    let all = (!together.is_empty()).then(|| together.join(", ")).into_iter().chain(alone);
    all.map(|adds| format!("ALTER TABLE {} {adds}", name.quoted())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREATE: &str = "CREATE TABLE `t` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  `a` varchar(9) DEFAULT 'x,(',\n  `p` int(11) DEFAULT NULL,\n  \
        PRIMARY KEY (`a`),\n  UNIQUE KEY `u` (`a`),\n  KEY `id` (`id`),\n  KEY `ka` (`a`(3),`p`),\n  KEY `p` (`p`),\n  FULLTEXT KEY `f` (`a`),\n  \
        CONSTRAINT `fk` FOREIGN KEY (`p`) REFERENCES `q` (`id`)\n) ENGINE=InnoDB COMMENT='KEY (`a`)'";

    #[test]
    fn indexes_that_nothing_needs_are_deferred() {
        let name = TableName::new("s", "t");
        let create = without_deferred(CREATE, &name);
        assert!(create.starts_with("CREATE TABLE IF NOT EXISTS `s`.`t` (\n  `id` int(11)"), "{create}");
        for kept in ["PRIMARY KEY", "UNIQUE KEY `u`", "KEY `id`", "KEY `p`", "FOREIGN KEY", "COMMENT='KEY (`a`)'"] {
            assert!(create.contains(kept), "{kept} in {create}");
        }
        assert!(!create.contains("`ka`") && !create.contains("FULLTEXT"), "{create}");
        assert_eq!(
            deferred(CREATE, &name, &[]),
            ["ALTER TABLE `s`.`t` ADD KEY `ka` (`a`(3),`p`)", "ALTER TABLE `s`.`t` ADD FULLTEXT KEY `f` (`a`)"]
        );
        assert_eq!(deferred(CREATE, &name, &["ka", "F"]), Vec::<String>::new());
    }

    #[test]
    fn foreign_keys_with_their_actions() {
        let create = "CREATE TABLE `c` (`a` int, `b` int, CONSTRAINT `x` FOREIGN KEY (`a`,`b`) REFERENCES `o`.`p` (`i`,`j`) ON DELETE SET NULL ON UPDATE CASCADE, \
            CONSTRAINT `y` FOREIGN KEY (`a`) REFERENCES `c` (`b`) ON UPDATE NO ACTION)";
        let keys = foreign_keys(create, &TableName::new("s", "c"));
        assert_eq!(keys[0].parent, TableName::new("o", "p"));
        assert_eq!((keys[0].columns.len(), keys[0].parent_columns.len()), (2, 2));
        assert_eq!((keys[0].on_delete.as_str(), keys[0].on_update.as_str(), keys[0].cascades()), ("SET NULL", "CASCADE", true));
        assert_eq!(keys[1].parent, TableName::new("s", "c"));
        assert_eq!((keys[1].on_delete.as_str(), keys[1].on_update.as_str(), keys[1].cascades()), ("RESTRICT", "NO ACTION", false));
    }

    #[test]
    fn parts_render_back() {
        let definition = Definition::parse(CREATE).unwrap();
        assert_eq!(definition.items.len(), 10);
        assert_eq!(definition.render(&TableName::new("s", "t")).replace("IF NOT EXISTS `s`.", ""), CREATE);
    }
}
