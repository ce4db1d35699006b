//! SHOW CREATE TABLE as its parts: columns, keys and constraints, and the options behind them.
//!
//! Also splits off the indexes that a copy builds after its last row: filling them row by row costs more.

use super::lexer::{Kind, Tokens, unquote};
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
        Some(Self { items, options: create[tokens.list[close].range.end..].trim().to_owned() })
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
    fn parts_render_back() {
        let definition = Definition::parse(CREATE).unwrap();
        assert_eq!(definition.items.len(), 10);
        assert_eq!(definition.render(&TableName::new("s", "t")).replace("IF NOT EXISTS `s`.", ""), CREATE);
    }
}
