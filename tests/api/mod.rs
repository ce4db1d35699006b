//! The HTTP frame and the native family, against the real server on port 0.

mod auth;
mod bodies;
mod contract;
mod dms;
mod dtle2;
mod dtle3;
mod dts;
mod es_sync;
mod jobs;
mod openapi;
mod routes;
pub(crate) mod served;
mod start;
