//! Table definitions: read from a server, translated for another one, and what survives the way.
//!
//! - [`read`]: tables of a job and their definitions, from information_schema and SHOW CREATE TABLE
//!   (with `members` and `printed`).
//! - [`dialect`]: what a server's SQL offers, collations above all.
//! - [`translate`] (with `options`, `constraints`, `expressions`, `edits`): a definition of the source as statements for the target.
//! - [`statement`]: a statement of the log in the other flavour's words.
//! - [`definition`]: a definition's parts; indexes that a copy builds last.
//! - [`fidelity`]: identical, mapped or refused, per type and direction.
//! - [`tokens`]: a printed definition with its tokens.
//!
//! Used by preflight, copy (what to read), sink (what to write) and the stream's DDL. Definitions are never changed by
//! matching on text: strings and comments in them may hold anything, so all work is done on tokens.

mod constraints;
pub mod definition;
pub mod dialect;
mod edits;
mod expressions;
pub mod fidelity;
pub mod mapped;
mod members;
mod options;
mod printed;
pub mod read;
pub mod statement;
pub mod tokens;
pub mod translate;
