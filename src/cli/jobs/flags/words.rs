//! The words that flags of a job take.

use crate::wire::native::jobs::{ConflictDetection, ConflictPolicy, ExistingTable, JobKind};

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Kind {
    // Copies, follows, and ends when told to finish
    Migration,
    // Copies and follows on
    Sync,
    // Publishes row changes as messages
    Subscription,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Existing {
    // Do not start
    Refuse,
    // Write over rows with the same key
    Upsert,
    // Drop the table and make it anew
    Drop,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Conflict {
    // Stop the job
    Error,
    // The source wins
    Overwrite,
    // The target wins
    Skip,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Detection {
    // A row is missing, or one is in the way
    Key,
    // Or it is not what the source's was before the change
    Row,
}

impl From<Kind> for JobKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Migration => Self::Migration,
            Kind::Sync => Self::Sync,
            Kind::Subscription => Self::Subscription,
        }
    }
}

impl From<Existing> for ExistingTable {
    fn from(existing: Existing) -> Self {
        match existing {
            Existing::Refuse => Self::Refuse,
            Existing::Upsert => Self::Upsert,
            Existing::Drop => Self::Drop,
        }
    }
}

impl From<Detection> for ConflictDetection {
    fn from(detection: Detection) -> Self {
        match detection {
            Detection::Key => Self::Key,
            Detection::Row => Self::Row,
        }
    }
}

impl From<Conflict> for ConflictPolicy {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::Error => Self::Error,
            Conflict::Overwrite => Self::Overwrite,
            Conflict::Skip => Self::Skip,
        }
    }
}
