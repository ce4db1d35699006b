//! A file as a carrier of messages (`sink/messages`): lines of JSON in the daemon's `[files] dir`, each change exactly
//! once and in the order of the log.
//!
//! ```text
//!  lines ─▶ buffer ─▶ file ──fdatasync──▶ kept: position + tables + length of the file, in one transaction of the store
//! ```
//! Why exactly once: the file is only ever appended to, by one writer that holds a lock on it, and the length that is
//! kept is the one that belongs to the kept position: everything of what the position covers is below it and durable
//! (fdatasync comes before the store's commit), and nothing beyond it is covered. So whatever ends the daemon, the next
//! start cuts the file back to the kept length, a torn last line included, and reads on from the kept position.
//! In the middle of a transaction that comes in parts no length is kept. The copy goes table by table (`copy/engine.rs`),
//! so that the length kept at a table's start has nothing of it and the one kept at its end all of it: a table whose copy
//! was cut is cut out of the file and read again.
//!
//! What belongs to somebody else is never touched: a file that is there before the job is refused, and so is one that is
//! shorter than what is kept. One that was moved away is begun anew (that is how it is rotated, while the job is paused).
//!
//! [`place`]: which file that is. [`writer`]: appending to it.

mod place;
mod writer;

pub(super) use place::Place;
pub use place::check;
pub(super) use writer::FileWriter;
