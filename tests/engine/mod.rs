//! The engine against real servers.

mod sink_contract;
mod verify;
mod verify_keys;
mod zoo;
