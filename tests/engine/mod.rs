//! The engine against real servers.

mod zoo;
