//! A server that is away for a while ends no comparison: what was being read is read again over new connections, after the pauses
//! that whoever began the comparison allows, and what was known before stays.

use crate::replicate::{Error, Result};
use std::time::Duration;

/// Says when to try again after an error, by how many failed in a row before it; None: not at all.
pub type Again<'a> = &'a (dyn Fn(&Error, u32) -> Option<Duration> + Sync);

/// Attempts at one step.
pub(super) struct Attempts<'a> {
    again: Again<'a>,
    failed: u32,
}

impl<'a> Attempts<'a> {
    pub(super) fn new(again: Again<'a>) -> Self {
        Self { again, failed: 0 }
    }

    /// Waits until the next one; the error where there is none.
    pub(super) async fn next(&mut self, error: Error) -> Result<()> {
        match (self.again)(&error, self.failed) {
            Some(rest) => {
                self.failed += 1;
                tracing::debug!(error = %error, failed = self.failed, "a comparison lost a server and asks again");
                tokio::time::sleep(rest).await;
                Ok(())
            }
            None if self.failed == 0 => Err(error),
            None => Err(error.context(format!("{} attempts", self.failed + 1))),
        }
    }
}
