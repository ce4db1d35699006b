//! What a source's log may hold and this program cannot replay: each by a code of its own, with what to do about it.
//!
//! Made by `assemble.rs`, which names the transaction or the place in the log in front of it; row images that are refused are
//! in `changes.rs`. All are permanent: the log stays as it is.

use crate::replicate::Error;
use std::fmt::Display;

/// How a job goes on behind a change that cannot be replayed. To copy the table again alone leads back to it.
pub(super) const GO_ON: &str = "leave the transaction out (`syncline jobs skip JOB TRANSACTION`), then have the table copied again \
     (`syncline jobs tables reload`); where there are many, `syncline jobs position set` leads behind them";

pub(super) fn xa(what: &str) -> Error {
    Error::permanent("xa_not_supported", format!("{what} an XA transaction, which is not supported")).hint(
        "end the prepared ones at the source (XA RECOVER), leave the transaction out (`syncline jobs skip JOB TRANSACTION`; then the one \
         that ends it, if the job stops there too), have the tables copied again that it changed (`syncline jobs tables reload`), and \
         keep XA off them; where there are many, `syncline jobs position set` leads behind them",
    )
}

pub(super) fn rolled_back() -> Error {
    Error::permanent("rollback_not_supported", "the source's log rolls back changes that it holds")
        .hint("a transaction mixed transactional and other tables; convert those to InnoDB, and reload the job")
}

pub(super) fn two_phase_alter() -> Error {
    Error::permanent("two_phase_alter_not_supported", "the source logs ALTER TABLE in two phases")
        .hint("set binlog_alter_two_phase=OFF at the source, and start the job anew")
}

pub(super) fn cut() -> Error {
    Error::permanent("transaction_cut", "it has no end in the source's log")
        .hint("the source crashed while writing it; reload the job or start it at a later position")
}

pub(super) fn incident() -> Error {
    Error::permanent("source_incident", "the source's log says that it lost events")
        .hint("reload the job: changes are missing from the log")
}

pub(super) fn unknown(what: impl Display) -> Error {
    Error::permanent("unknown_event", format!("the source's log has {what} which is not known here"))
        .hint("the source may be newer than this program; upgrade it")
}
