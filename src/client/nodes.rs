//! `/api/v1/nodes`.

use super::{Client, Error};
use crate::wire::native::nodes::{Node, NodeList};

impl Client {
    pub async fn nodes(&self) -> Result<NodeList, Error> {
        self.get(&["nodes"], &[]).await
    }

    pub async fn node(&self, id: &str) -> Result<Node, Error> {
        self.get(&["nodes", id], &[]).await
    }
}
