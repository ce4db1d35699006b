//! The engine against real servers.

mod sink_contract;
mod zoo;
