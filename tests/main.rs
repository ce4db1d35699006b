//! The one integration-test binary: real servers, the shipping daemon and the shipping client.

mod api;
mod cli;
mod engine;
mod repo;
mod support;
