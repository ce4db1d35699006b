//! The dtle 2.x family under `/v1`: what its clients send and expect, key for key as in the contract's samples.
//!
//! `request` is read leniently (`wire::lenient`); `job`, `allocation` and `cluster` are only written. Samples are under
//! `tests/api/contracts/dtle2`.

pub mod allocation;
pub mod cluster;
pub mod job;
pub mod request;
