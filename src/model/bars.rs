//! Market data: symbols, intervals, bars, and the exchanges that say when a bar exists and when it is closed.
//!
//! Pure values, used by the engine ([`crate::bars`]) and the dialects. `symbol` how symbols are written, `interval` how
//! long a bar is and which block of the store it stands in, `time` one kind of time for all of them, `bar` the figures,
//! `range` what a reader asks for, `exchange` time zones, sessions and holidays (`new_york` its own), `task` what a task does and what became
//! of each symbol, `sync` what is brought to other places, `target` which those are.
//!
//! Two rules hold everywhere. A daily or longer bar is named by its exchange's own trading date, never by an instant (an
//! instant would put Hong Kong's bars on the day before); an intraday bar by the instant it begins. And no figure is ever
//! NaN or infinite: a [`Bar`] cannot be made of one.

mod bar;
mod exchange;
mod interval;
mod new_york;
mod range;
mod symbol;
mod sync;
mod target;
mod task;
mod time;

pub use bar::{BadBar, Bar, Volume};
pub use exchange::{Exchange, Exchanges, Holidays};
pub use interval::Interval;
pub use range::{Range, read_time, read_written};
pub use symbol::{Market, Symbol};
pub use sync::{BarsSyncSpec, SyncCounts, SyncMode};
pub use target::{BarsBackup, BarsPlace, BarsTarget, TargetId, TargetKind};
pub use task::{BarCounts, BarsSpec, Gone, Issue, SymbolOutcome, SymbolResult, TaskKind, moved, split};
pub use time::BarTime;
