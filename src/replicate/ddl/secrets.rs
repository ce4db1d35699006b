//! Statements as people are told of them: a string that may be a secret is left out, everything else is as it was written.
//!
//! Tables have such: `CONNECTION='mysql://user:password@host/…'` of FEDERATED and CONNECT, what SPIDER reads in its COMMENT.

use super::Mode;
use crate::replicate::lexer::{self, Kind};
use std::borrow::Cow;
use std::ops::Range;

const HIDDEN: &str = "'…'";

/// Hides what may be a secret.
pub fn without_secrets(statement: &str, mode: Mode) -> Cow<'_, str> {
    let hidden = secrets(statement, mode);
    if hidden.is_empty() {
        return Cow::Borrowed(statement);
    }
    let (mut text, mut from) = (String::new(), 0);
    for at in hidden {
        text.push_str(&statement[from..at.start]);
        text.push_str(HIDDEN);
        from = at.end;
    }
    text.push_str(&statement[from..]);
    Cow::Owned(text)
}

/// Says whether a string of it was hidden: it is not what somebody wrote.
pub fn is_hidden(statement: &str, mode: Mode) -> bool {
    lexer::tokens(statement, mode).0.iter().any(|token| token.kind == Kind::Text && &statement[token.at.clone()] == HIDDEN)
}

/// Where strings are that may be secrets.
fn secrets(statement: &str, mode: Mode) -> Vec<Range<usize>> {
    let tokens = lexer::tokens(statement, mode).0;
    let word = |at: usize| tokens.get(at).filter(|t| t.kind == Kind::Word).map_or("", |t| &statement[t.at.clone()]);
    let is = |at: usize, words: &[&str]| words.iter().any(|w| word(at).eq_ignore_ascii_case(w));
    let of_account = (0..tokens.len()).any(|at| is(at, &["IDENTIFIED"]));
    // The word that a string belongs to, over `=` and `(`.
    let owner = |at: usize| (0..at).rev().find(|&at| !matches!(tokens[at].kind, Kind::Symbol(b'=' | b'(') | Kind::Comment));
    let hides = |at: usize| {
        let text = statement[tokens[at].at.clone()].to_ascii_lowercase();
        of_account || owner(at).is_some_and(|at| is(at, &["CONNECTION", "PASSWORD"])) || text.contains("password") || text.contains("://")
    };
    (0..tokens.len()).filter(|&at| tokens[at].kind == Kind::Text && hides(at)).map(|at| tokens[at].at.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_that_may_be_secrets_are_hidden_and_no_others() {
        for (statement, told) in [
            ("ALTER TABLE t ADD password VARCHAR(9) DEFAULT 'x' COMMENT 'of the user'", None),
            ("CREATE TABLE f (a INT DEFAULT 1 COMMENT 'x') ENGINE=FEDERATED CONNECTION = 'mysql://u:it''s@h/d'", Some("CONNECTION = '…'")),
            ("CREATE TABLE f (a INT) ENGINE=FEDERATED connection=\"plain\" COMMENT 'y'", Some("connection='…' COMMENT 'y'")),
            ("CREATE TABLE s (a INT) ENGINE=SPIDER COMMENT='host \"h\", Password \"p\"'", Some("COMMENT='…'")),
            ("CREATE TABLE l (a INT) PASSWORD='p' COMMENT='y'", Some("PASSWORD='…' COMMENT='y'")),
            ("GRANT ALL ON *.* TO u IDENTIFIED BY 'secret'", Some("BY '…'")),
            ("ALTER TABLE t COMMENT 'see http://u:p@h/", Some("COMMENT '…'")),
        ] {
            let shown = without_secrets(statement, Mode::default());
            match told {
                None => assert!(shown == statement && !is_hidden(statement, Mode::default())),
                Some(end) => assert!(shown.ends_with(end) && shown != statement && is_hidden(&shown, Mode::default()), "{shown}"),
            }
        }
        let ansi = Mode { ansi_quotes: true, ..Mode::default() };
        let named = "CREATE TABLE \"password\" (a INT) CONNECTION 'c'";
        assert_eq!(without_secrets(named, ansi), "CREATE TABLE \"password\" (a INT) CONNECTION '…'");
    }
}
