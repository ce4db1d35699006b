//! What is kept at the target of a table's definition as of its copy: whether its rows there are all ours (the table was
//! absent or empty), a digest of the source's definition, and for a table whose columns are mapped that definition itself:
//! the target's does not say how the log's rows are read.
//!
//! Written by the copy and by what asks for a new one (`run/list.rs`), read by both and by the sink. Only a table of our
//! own may be emptied when its copy begins again.

use super::table::Table;
use sha2::{Digest as _, Sha256};

const OURS: &str = "ours";
const SHARED: &str = "shared";
/// The same, and found to hold what the source has since.
const ALIKE: &str = "alike";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fingerprint {
    pub(super) ours: bool,
    /// The rows of others were compared with the source's.
    alike: bool,
    digest: String,
    definition: Option<Table>,
}

impl Fingerprint {
    /// `whole`: the definition is needed later.
    pub(super) fn of(table: &Table, ours: bool, whole: bool) -> Self {
        let digest = Sha256::digest(table.create.as_bytes());
        // What changes with every row says nothing.
        let definition = || Table { rows_estimated: 0, data_bytes: 0, auto_increment: None, ..table.clone() };
        Self { ours, alike: false, digest: digest.iter().map(|b| format!("{b:02x}")).collect(), definition: whole.then(definition) }
    }

    /// What is kept of a table that is to be copied again: no definition is as that one.
    pub(super) fn again(ours: bool) -> Self {
        Self { ours, alike: false, digest: String::new(), definition: None }
    }

    pub(super) fn parse(text: &str) -> Self {
        let (whose, rest) = text.split_once(':').unwrap_or(("", text));
        let (digest, definition) = rest.split_once(':').unwrap_or((rest, ""));
        // One that cannot be read is as one that is not there: who needs it says so.
        let definition = serde_json::from_str(definition).ok();
        Self { ours: whose == OURS, alike: whose == ALIKE, digest: digest.to_owned(), definition }
    }

    pub(super) fn text(&self) -> String {
        let whose = match (self.ours, self.alike) {
            (true, _) => OURS,
            (false, true) => ALIKE,
            (false, false) => SHARED,
        };
        let definition = self.definition.as_ref().and_then(|d| serde_json::to_string(d).ok());
        format!("{whose}:{}{}", self.digest, definition.map_or(String::new(), |text| format!(":{text}")))
    }

    /// The same of a table whose rows were compared, and are the source's now; None: there was nothing to find out.
    pub(super) fn compared(text: &str) -> Option<String> {
        Self::held_rows(text).then(|| Self { alike: true, ..Self::parse(text) }.text())
    }

    /// Says whether rows that the table held before its copy stayed, as far as is known. Of one whose copy has not begun nothing is known.
    pub(super) fn held_rows(text: &str) -> bool {
        text.starts_with(SHARED)
    }

    /// Says whether the table is still defined that way.
    pub(super) fn is_of(&self, table: &Table) -> bool {
        self.digest == Self::of(table, self.ours, false).digest
    }

    pub(super) fn into_definition(self) -> Option<Table> {
        self.definition
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::replicate::TableName;

    #[test]
    fn a_fingerprint_tells_definitions_apart_and_whose_the_rows_are() {
        let mut t = Table {
            name: TableName::new("d", "t"),
            columns: vec![],
            keys: vec![],
            engine: "InnoDB".into(),
            rows_estimated: 0,
            data_bytes: 0,
            auto_increment: None,
            create: "CREATE TABLE `t:` …".into(),
        };
        for whole in [false, true] {
            let print = Fingerprint::of(&t, true, whole);
            assert_eq!(Fingerprint::parse(&print.text()), print);
            assert_eq!(print.into_definition().is_some(), whole);
        }
        let shared = Fingerprint::of(&t, false, true).text();
        let compared = Fingerprint::compared(&shared).unwrap();
        assert!(Fingerprint::held_rows(&shared) && !Fingerprint::held_rows(&compared));
        assert_eq!((Fingerprint::compared(&compared), Fingerprint::parse(&compared).text()), (None, compared.clone()));
        assert!(!Fingerprint::parse(&compared).ours && Fingerprint::parse(&compared).is_of(&t), "it is not to be emptied");
        let print = Fingerprint::of(&t, true, true);
        t.rows_estimated = 5;
        assert!(print.is_of(&t) && Fingerprint::of(&t, true, true) == print);
        t.create.push('x');
        assert!(!print.is_of(&t) && !Fingerprint::again(true).is_of(&t));
        assert!(!Fingerprint::parse("something else").ours && Fingerprint::parse("ours:").ours);
    }
}
