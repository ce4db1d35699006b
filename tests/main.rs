//! The one integration-test binary: real servers, the shipping daemon and the shipping client.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on panics, in its helpers too; clippy excuses only #[test] functions")]

mod api;
mod cli;
mod engine;
mod repo;
mod support;
