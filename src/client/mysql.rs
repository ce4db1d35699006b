//! `/api/v1/mysql`.

use super::{Client, Error};
use crate::wire::native::mysql::{CheckReply, CheckRequest};

impl Client {
    /// Has the daemon look at one server, before a job uses it.
    pub async fn check_mysql(&self, request: &CheckRequest) -> Result<CheckReply, Error> {
        self.post(&["mysql", "check"], &[], request).await
    }
}
