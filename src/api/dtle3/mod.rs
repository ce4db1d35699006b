//! The dtle 3.x family: `/v2/*`.
mod convert;
mod error;
mod extract;
mod password;
