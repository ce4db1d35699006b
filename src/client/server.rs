//! `/api/v1/server`.

use super::{Client, Error};
use crate::wire::native::server::ServerStatus;

impl Client {
    pub async fn server_status(&self) -> Result<ServerStatus, Error> {
        self.get(&["server"], &[]).await
    }
}
