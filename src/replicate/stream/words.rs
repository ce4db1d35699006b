//! What a logged statement is, as far as transactions go: the few that servers write themselves, in their own spelling.
//!
//! Called by `assemble.rs` before anything else looks at a statement; what is `Other` goes to the DDL classifier.

/// What a logged statement is, as far as transactions go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Words<'t> {
    Begin,
    Commit,
    Rollback,
    RollbackTo,
    Savepoint,
    /// Named by the identifier as the server writes it.
    Xa(Xa, &'t [u8]),
    /// On temporary tables, or nothing at all.
    Temporary,
    Other,
}

/// The steps of an XA transaction that the log has as statements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Xa {
    Start,
    End,
    Commit,
    Rollback,
    Other,
}

impl<'t> Words<'t> {
    pub(super) fn of(text: &'t [u8]) -> Self {
        let text = text.trim_ascii();
        let text = text.strip_suffix(b";").unwrap_or(text);
        let starts = |word: &str| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word.as_bytes()));
        match text {
            _ if text.eq_ignore_ascii_case(b"BEGIN") => Self::Begin,
            _ if text.eq_ignore_ascii_case(b"COMMIT") => Self::Commit,
            _ if text.eq_ignore_ascii_case(b"ROLLBACK") => Self::Rollback,
            _ if starts("ROLLBACK ") => Self::RollbackTo,
            _ if starts("SAVEPOINT ") || starts("RELEASE SAVEPOINT ") => Self::Savepoint,
            _ if starts("XA ") => Self::xa(&text[3..]),
            _ if starts("DROP TEMPORARY ") || starts("CREATE TEMPORARY ") || starts("CREATE OR REPLACE TEMPORARY ") => Self::Temporary,
            _ if starts("DROP /*!40005 TEMPORARY */ ") || starts("# Dummy event") || text.is_empty() => Self::Temporary,
            _ => Self::Other,
        }
    }
    fn xa(text: &'t [u8]) -> Self {
        let at = text.iter().position(|b| *b == b' ').unwrap_or(text.len());
        let (verb, name) = (text[..at].to_ascii_uppercase(), text[at..].trim_ascii());
        let name = name.strip_suffix(b" ONE PHASE").unwrap_or(name);
        let step = match verb.as_slice() {
            b"START" | b"BEGIN" => Xa::Start,
            b"END" => Xa::End,
            b"COMMIT" => Xa::Commit,
            b"ROLLBACK" => Xa::Rollback,
            _ => Xa::Other,
        };
        Self::Xa(step, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_as_servers_write_them() {
        for (text, words) in [
            ("BEGIN", Words::Begin),
            ("COMMIT", Words::Commit),
            ("commit;", Words::Commit),
            ("ROLLBACK", Words::Rollback),
            ("ROLLBACK TO `s`", Words::RollbackTo),
            ("SAVEPOINT `s`", Words::Savepoint),
            ("XA START X'61',X'62',5", Words::Xa(Xa::Start, b"X'61',X'62',5")),
            ("XA COMMIT X'61',X'62',5 ONE PHASE", Words::Xa(Xa::Commit, b"X'61',X'62',5")),
            ("XA", Words::Other),
            ("XA ", Words::Other),
            ("XA x", Words::Xa(Xa::Other, b"")),
            ("DROP TEMPORARY TABLE IF EXISTS `t`", Words::Temporary),
            ("BEGINNING", Words::Other),
            ("DROP TABLE `temporary`", Words::Other),
            ("", Words::Temporary),
        ] {
            assert_eq!(Words::of(text.as_bytes()), words, "{text}");
        }
    }
}
