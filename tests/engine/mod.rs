//! The engine against real servers.

mod ddl_log;
mod verify;
mod verify_keys;
mod zoo;
