//! What a job is ordered to do once, at its next start: copy tables again, go on from another position.
//!
//! Kept among the job's documents (`memory`) by whoever orders it, carried out by `run/orders.rs`. An order is taken away only
//! when it is recorded at the destination and before anything is copied or applied, so that a crash in between carries it
//! out again from the same standing, which changes nothing.

use super::{Error, Result};
use crate::model::position::Position;
use crate::model::replicate::TableName;
use std::collections::BTreeMap;

const POSITION: &str = "order position";
const RELOAD: &str = "order reload";

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Orders {
    /// Tables that are copied again.
    pub reload: Vec<TableName>,
    /// Where the stream goes on.
    pub position: Option<Position>,
}

impl Orders {
    pub fn is_empty(&self) -> bool {
        self.reload.is_empty() && self.position.is_none()
    }

    /// Reads them from a job's documents.
    pub fn of(documents: &BTreeMap<String, String>) -> Result<Self> {
        let unreadable = |why: String| Error::permanent("memory_unreadable", format!("read what the job is ordered to do: {why}"));
        let position = documents.get(POSITION).map(|text| Position::from_document(text)).transpose();
        let reload = documents.get(RELOAD).map(|text| serde_json::from_str(text)).transpose();
        Ok(Self {
            reload: reload.map_err(|e| unreadable(e.to_string()))?.unwrap_or_default(),
            position: position.map_err(|e| unreadable(e.to_string()))?,
        })
    }

    /// The documents that say it; None takes one away.
    pub fn documents(&self) -> Vec<(String, Option<String>)> {
        let reload = (!self.reload.is_empty()).then(|| serde_json::to_string(&self.reload).expect("names always serialise"));
        vec![(POSITION.to_owned(), self.position.as_ref().map(Position::to_document)), (RELOAD.to_owned(), reload)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_read_as_they_were_written_and_an_empty_one_takes_all_away() {
        let at = Position { gtid: None, file: "b.000001".into(), offset: 4 };
        let orders = Orders { reload: vec![TableName::new("a", "b")], position: Some(at) };
        let documents = |orders: &Orders| orders.documents().into_iter().filter_map(|(name, text)| Some((name, text?))).collect();
        assert_eq!(Orders::of(&documents(&orders)).unwrap(), orders);
        let none: BTreeMap<String, String> = documents(&Orders::default());
        assert!(none.is_empty() && Orders::default().documents().len() == 2);
        assert!(Orders::of(&[(RELOAD.to_owned(), "x".to_owned())].into()).is_err());
    }
}
