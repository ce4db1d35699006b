//! The source's log: read from the socket, spooled to disk, decoded into the pump's events.

mod compressed;
mod cursor;
mod decimal;
mod json;
pub mod rows;
mod temporal;
mod value;

pub use rows::RowReader;
pub use value::{ShortText, Value};
