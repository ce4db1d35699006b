//! The dtle 3.x family under `/v2`: what its clients send and expect, key for key in the order of the contract's samples.
//!
//! `request` is read leniently (`lenient`: dtle's clients send numbers as text and null for absent), `reply` is only
//! written. Samples of both are under `tests/api/contracts/dtle3`.

mod lenient;
pub mod reply;
pub mod request;
