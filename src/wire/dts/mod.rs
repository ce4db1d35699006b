//! The dts family under `/v1/dispatch` and `/v1/task`: what its clients send and expect, key for key in the order of the
//! contract's samples.
//!
//! `request` is read leniently (`wire::lenient`); `reply` is only written. Samples of both are under
//! `tests/api/contracts/dts`.

pub mod reply;
pub mod request;
