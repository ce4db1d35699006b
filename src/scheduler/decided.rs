//! What the statements were that somebody has decided about: the job's spec names their transactions only.
//!
//! A document of the job each, recorded with the decision while the statement waits and taken away with it. Nothing is read from
//! it but for people, so that one that is shortened, or missing because the transaction was named beforehand, does no harm.

use super::Result;
use super::handle::{Handle, Selector};
use super::view::JobView;
use crate::model::job::JobSpec;
use crate::model::progress::Question;
use crate::model::replicate::ReplicateSpec;
use crate::store::memory;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

const STATEMENT: &str = "decided statement ";
const VERSION: u32 = 1;
/// Characters that are kept of one.
const MOST: usize = 16_384;

#[derive(Serialize, Deserialize)]
struct Document {
    v: u32,
    statement: String,
}

/// A job with the statements that were decided about, by their transactions.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    pub view: JobView,
    pub statements: HashMap<String, String>,
}

impl Handle {
    /// Returns the statement that the job waits with, and what is known of those that were decided about.
    pub async fn decided(&self, job: &Selector) -> Result<Decided> {
        let view = self.get(job).await?;
        let id = view.job.id.0.clone();
        let documents = self.store.read(move |db| memory::load(db, &id)).await?;
        let JobSpec::Replicate(spec) = &view.job.spec;
        let statements = named(spec).filter_map(|transaction| Some((transaction.to_owned(), read(&documents, transaction)?))).collect();
        Ok(Decided { view, statements })
    }
}

/// The documents that go with a change of the spec: of the statement that waits, if it is decided about now, and of those of
/// which nothing is said any more.
pub(super) fn documents(waits: Option<&Question>, new: &ReplicateSpec, stored: &ReplicateSpec) -> Vec<(String, Option<String>)> {
    let gone = named(stored).filter(|said| !named(new).any(|still| still == *said)).map(|said| (name(said), None));
    let decided = waits.and_then(|question| {
        let said = named(new).find(|said| said.eq_ignore_ascii_case(&question.transaction))?;
        let mut statement: String = question.statement.chars().take(MOST).collect();
        if statement.len() < question.statement.len() {
            statement.push('…');
        }
        let document = Document { v: VERSION, statement };
        Some((name(said), Some(serde_json::to_string(&document).expect("texts and numbers always serialise"))))
    });
    gone.chain(decided).collect()
}

/// The transactions about which a job says something.
fn named(spec: &ReplicateSpec) -> impl Iterator<Item = &str> {
    spec.src.skip.iter().chain(spec.src.replace.iter().map(|r| &r.transaction)).map(String::as_str)
}

fn name(transaction: &str) -> String {
    format!("{STATEMENT}{transaction}")
}

/// One of a later release, or that cannot be read, is as none.
fn read(documents: &BTreeMap<String, String>, transaction: &str) -> Option<String> {
    let document: Document = serde_json::from_str(documents.get(&name(transaction))?).ok()?;
    (document.v == VERSION).then_some(document.statement)
}

#[cfg(test)]
mod tests {
    use super::super::actor::tests::new_job;
    use super::*;
    use crate::model::live::Replacement;
    use crate::model::replicate::ReplicateKind;
    use jiff::Timestamp;

    #[test]
    fn a_statement_is_kept_as_long_as_something_is_said_of_its_transaction() {
        let stored = new_job(ReplicateKind::Sync).spec;
        let question = |statement: &str| Question {
            transaction: "0-1-7".into(),
            statement: statement.into(),
            default_schema: "s".into(),
            code: "ddl_failed".into(),
            message: String::new(),
            hint: String::new(),
            inside: false,
            since: Timestamp::UNIX_EPOCH,
        };
        let mut new = stored.clone();
        assert!(documents(Some(&question("ALTER TABLE t ADD c INT")), &new, &stored).is_empty(), "another change");
        new.src.skip.push("0-1-7".into());
        let kept = documents(Some(&question("ALTER TABLE t ADD c INT")), &new, &stored);
        assert_eq!(
            read(&kept.iter().cloned().filter_map(|(n, d)| Some((n, d?))).collect(), "0-1-7").as_deref(),
            Some("ALTER TABLE t ADD c INT")
        );
        let long = documents(Some(&question(&"x".repeat(100_000))), &new, &stored);
        assert!(long[0].1.as_ref().is_some_and(|d| d.len() < MOST + 100));
        assert!(documents(None, &new, &stored).is_empty(), "it was named beforehand");
        let mut other = stored.clone();
        other.src.replace.push(Replacement { transaction: "0-1-8".into(), statement: "x".into() });
        assert_eq!(documents(None, &other, &new), [("decided statement 0-1-7".to_owned(), None)]);
    }

    #[test]
    fn documents_of_version_1_load_for_ever() {
        let document = (name("b.000001:4"), r#"{"v":1,"statement":"DROP TABLE t"}"#.to_owned());
        assert_eq!(read(&[document].into(), "b.000001:4").as_deref(), Some("DROP TABLE t"));
    }
}
