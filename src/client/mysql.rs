//! `/api/v1/mysql`.

use super::{Client, Error};
use crate::wire::native::mysql::{CheckReply, CheckRequest, ColumnList, ColumnsRequest, SchemaList, SchemasRequest};

impl Client {
    /// Has the daemon look at one server, before a job uses it.
    pub async fn check_mysql(&self, request: &CheckRequest) -> Result<CheckReply, Error> {
        self.post(&["mysql", "check"], &[], request).await
    }

    pub async fn mysql_schemas(&self, request: &SchemasRequest) -> Result<SchemaList, Error> {
        self.post(&["mysql", "schemas"], &[], request).await
    }

    pub async fn mysql_columns(&self, request: &ColumnsRequest) -> Result<ColumnList, Error> {
        self.post(&["mysql", "columns"], &[], request).await
    }
}
