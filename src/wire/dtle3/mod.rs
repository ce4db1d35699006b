//! The dtle 3.x family under `/v2`: what its clients send and expect, key for key in the order of the contract's samples.
//!
//! `request` is read leniently (`wire::lenient`: dtle's clients send numbers as text and null for absent); `reply`,
//! `monitor` and `mysql` are only written. Samples of both are under `tests/api/contracts/dtle3`.

pub mod monitor;
pub mod mysql;
pub mod reply;
pub mod request;
