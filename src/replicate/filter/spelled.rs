//! A filter as SQL again, from its tree and never from its text: the server decides by it where it is the oracle
//! (`verify`). Also which columns a filter looks at.
//!
//! Literals are spelled so that neither the session's charset nor its sql_mode changes what they mean: strings as hex with
//! an introducer, which the server converts to the column's charset as it does with the operator's own.

use super::Filter;
use super::parse::{Comparison, Expression, Node, Operator};
use crate::model::replicate::quote;
use crate::replicate::table::Table;
use std::collections::BTreeSet;
use std::fmt::Write as _;

impl Filter {
    /// The condition, complete in parentheses; None: every row passes.
    pub fn sql(&self) -> Option<String> {
        let mut out = String::new();
        spell(self.statement.condition.as_ref()?, &mut out);
        Some(out)
    }

    /// The columns that the condition looks at, by their places in the table, as far as the table has them.
    pub fn looks_at(&self, table: &Table) -> BTreeSet<usize> {
        let mut names = Vec::new();
        if let Some(condition) = &self.statement.condition {
            names_in(condition, &mut names);
        }
        let place = |name: &&str| table.columns.iter().position(|c| c.name.to_lowercase() == name.to_lowercase());
        names.iter().filter_map(place).collect()
    }

    /// Says whether it compares a column with a string: then the column's character set may matter.
    pub fn compares_text(&self) -> bool {
        self.statement.condition.as_ref().is_some_and(has_text)
    }

    /// Says whether it looks at a column of this name.
    pub fn names(&self, column: &str) -> bool {
        let mut names = Vec::new();
        if let Some(condition) = &self.statement.condition {
            names_in(condition, &mut names);
        }
        names.iter().any(|name| name.to_lowercase() == column.to_lowercase())
    }
}

fn names_in<'a>(node: &'a Node, out: &mut Vec<&'a str>) {
    match &node.is {
        Expression::Null | Expression::Number(_) | Expression::Text(_) => {}
        Expression::Column { name, binary: _ } => out.push(name),
        Expression::Arithmetic(_, a, b) | Expression::Compare(_, a, b) => [a, b].into_iter().for_each(|n| names_in(n, out)),
        Expression::Between(a, b, c) => [a, b, c].into_iter().for_each(|n| names_in(n, out)),
        Expression::In(a, list) => {
            names_in(a, out);
            list.iter().for_each(|n| names_in(n, out));
        }
        Expression::Like(a, _) | Expression::IsNull(a) | Expression::Not(a) => names_in(a, out),
        Expression::And(all) | Expression::Or(all) => all.iter().for_each(|n| names_in(n, out)),
    }
}

/// Two columns beside each other may be strings.
fn has_text(node: &Node) -> bool {
    match &node.is {
        Expression::Null | Expression::Number(_) | Expression::IsNull(_) => false,
        Expression::Text(_) | Expression::Like(..) => true,
        Expression::Column { .. } => false,
        Expression::Arithmetic(..) => false,
        Expression::Compare(_, a, b) => {
            matches!((&a.is, &b.is), (Expression::Column { .. }, Expression::Column { .. })) || has_text(a) || has_text(b)
        }
        Expression::Between(a, b, c) => [a, b, c].into_iter().any(|n| has_text(n)),
        Expression::In(a, list) => has_text(a) || list.iter().any(has_text),
        Expression::Not(a) => has_text(a),
        Expression::And(all) | Expression::Or(all) => all.iter().any(has_text),
    }
}

fn spell(node: &Node, out: &mut String) {
    match &node.is {
        Expression::Null => out.push_str("NULL"),
        Expression::Number(text) => out.push_str(text),
        Expression::Text(text) => literal(text, out),
        Expression::Column { name, binary } => {
            out.push_str(if *binary { "BINARY " } else { "" });
            out.push_str(&quote(name));
        }
        Expression::Arithmetic(Operator::Minus, zero, b) if matches!(&zero.is, Expression::Number(text) if text.is_empty()) => {
            out.push_str("(-");
            spell(b, out);
            out.push(')');
        }
        Expression::Arithmetic(operator, a, b) => {
            let sign = match operator {
                Operator::Plus => " + ",
                Operator::Minus => " - ",
                Operator::Times => " * ",
                Operator::Divide => " / ",
                Operator::Modulo => " % ",
            };
            joined([&**a, &**b], sign, out);
        }
        Expression::Compare(comparison, a, b) => {
            let sign = match comparison {
                Comparison::Equal => " = ",
                Comparison::Same => " <=> ",
                Comparison::Unequal => " <> ",
                Comparison::Less => " < ",
                Comparison::LessEqual => " <= ",
                Comparison::Greater => " > ",
                Comparison::GreaterEqual => " >= ",
            };
            joined([&**a, &**b], sign, out);
        }
        Expression::In(a, list) => {
            out.push('(');
            spell(a, out);
            out.push_str(" IN ");
            joined(list, ", ", out);
            out.push(')');
        }
        Expression::Between(a, low, high) => {
            out.push('(');
            spell(a, out);
            out.push_str(" BETWEEN ");
            spell(low, out);
            out.push_str(" AND ");
            spell(high, out);
            out.push(')');
        }
        Expression::Like(a, pattern) => {
            out.push('(');
            spell(a, out);
            out.push_str(" LIKE ");
            literal(pattern, out);
            out.push(')');
        }
        Expression::IsNull(a) => {
            out.push('(');
            spell(a, out);
            out.push_str(" IS NULL)");
        }
        Expression::Not(a) => {
            out.push_str("(NOT ");
            spell(a, out);
            out.push(')');
        }
        Expression::And(all) => joined(all, " AND ", out),
        Expression::Or(all) => joined(all, " OR ", out),
    }
}

fn joined<'a>(nodes: impl IntoIterator<Item = &'a Node>, with: &str, out: &mut String) {
    out.push('(');
    for (i, node) in nodes.into_iter().enumerate() {
        if i > 0 {
            out.push_str(with);
        }
        spell(node, out);
    }
    out.push(')');
}

fn literal(text: &str, out: &mut String) {
    out.push_str("_utf8mb4 X'");
    for byte in text.bytes() {
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02X}");
    }
    out.push('\'');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_spelled_from_its_tree() {
        let sql = |text: &str| Filter::parse(text).unwrap().sql();
        assert_eq!(sql(""), None);
        assert_eq!(sql("select a from t"), None);
        for (text, expected) in [
            ("a = 1 and not b like 'x%'", "((`a` = 1) AND (NOT (`b` LIKE _utf8mb4 X'7825')))"),
            ("a in (1, -2.5) or c is not null", "((`a` IN (1, (-2.5))) OR (NOT (`c` IS NULL)))"),
            ("- - a = -(1)", "((-(-`a`)) = (-1))"),
            ("`a``b` between 1 and 2 + 3 * 4", "(`a``b` BETWEEN 1 AND (2 + (3 * 4)))"),
            ("select a from t where binary b <=> 'é'", "(BINARY `b` <=> _utf8mb4 X'C3A9')"),
            ("a", "`a`"),
        ] {
            assert_eq!(sql(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_a_filter_looks_at() {
        let filter = Filter::parse("select x from t where Ä > 1 and (b = c or d in (e, 5)) and f is null").unwrap();
        for name in ["ä", "b", "C", "d", "e", "f"] {
            assert!(filter.names(name), "{name}");
        }
        assert!(!filter.names("x") && !filter.names("g"));
    }
}
