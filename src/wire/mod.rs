//! What goes over HTTP, as serde types and nothing else. `native/` is our own API (requests refuse unknown fields,
//! replies are read tolerantly); each dialect has a file of its own. No type here knows the model: `api/*/convert.rs`
//! stands between.

pub mod dms;
pub mod dtle2;
pub mod dtle3;
pub mod dts;
pub mod es_sync;
pub(crate) mod lenient;
pub mod native;
pub mod strict;
