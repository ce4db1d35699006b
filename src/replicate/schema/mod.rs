//! Table definitions: read from a server, translated for another one, and what survives the way.
//!
//! - [`read`]: tables of a job and their definitions, from information_schema and SHOW CREATE TABLE.
//! - [`lexer`]: tokens of SHOW CREATE TABLE with their byte ranges.
//!
//! Used by preflight, copy (what to read), sink (what to write) and the stream's DDL. Definitions are never changed by
//! matching on text: strings and comments in them may hold anything, so all work is done on tokens.

pub mod lexer;
pub mod read;
