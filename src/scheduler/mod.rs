//! Who runs, when, and again after failure.
//!
//! ```text
//!  Handle ──commands──▶ actor (one event loop, owns every job) ──▶ drive (one task per running job) ──▶ replicate::run
//!                         │  decide(standing, event, now) → next standing + actions        │ progress, events, end
//!                         └──▶ store (one transaction per decision)  ◀─────────────────────┘
//! ```
//! Called by the API through [`Handle`]; drives the engine; writes the store. Invariant: what a decision changes is on
//! disk before its effects are seen outside. `decide` and `retry` are pure; `actor` applies them; `drive` owns one
//! engine run; `admission` judges what is to be stored; `cron` knows times, `tasks` runs what has some; `policy` says which
//! endpoints may be reached; `verify` runs comparisons; `decided` keeps the statements that somebody has decided about; `caller` is
//! about jobs that end with their reader; `leftovers` collects what deleted jobs left behind.

mod actor;
mod admission;
mod allocation;
mod caller;
mod catalog;
pub mod cron;
mod decide;
mod decided;
mod drive;
mod engine;
mod error;
mod handle;
mod jobs;
mod judge;
mod keeper;
mod kept;
mod leftovers;
mod live;
mod orders;
mod patrol;
pub mod policy;
mod record;
mod retry;
mod tap;
pub mod tasks;
mod verify;
mod view;

pub use crate::replicate::coordinates::Asked;
pub use crate::replicate::handover::{self, FinishWhen, Handover};
pub use crate::replicate::run::Limits;
pub use crate::replicate::tap::{Missed, Shown};
pub use actor::{Settings, start};
pub use allocation::{AllocationView, RunParts};
pub use caller::Reading;
pub use catalog::{ColumnView, Schema};
pub use decided::Decided;
pub use error::{Error, Refused, Result};
pub use handle::{By, Check, CheckedServer, Deletion, Handle, NewJob, Selector};
pub use judge::row_filter;
pub use live::{DdlChoice, replacement, shown_replacement};
pub use orders::{Place, Repositioned};
pub use patrol::{Patrol, Round, Standing as PatrolStanding};
pub use tap::{Look, Tapping};
pub use verify::{ComparedTable, Comparison, Mending, RowDifference, Wish};
pub use view::{JobView, RunView};
