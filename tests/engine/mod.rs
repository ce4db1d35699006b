//! The engine against real servers.

mod verify;
mod verify_keys;
mod zoo;
