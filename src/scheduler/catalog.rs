//! What servers hold, asked on behalf of callers that have no job yet.

use super::{Error, Handle, Result};
use crate::model::endpoint::MysqlEndpoint;
use crate::model::replicate::TableName;
use crate::replicate::catalog;

pub use crate::replicate::catalog::Schema;

/// A column as its server describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnView {
    pub name: String,
    /// As `COLUMN_TYPE` says it, e.g. `int(10) unsigned`.
    pub column_type: String,
    pub nullable: bool,
    pub generated: bool,
}

impl Handle {
    /// Lists a server's schemas and base tables, the system's and ours left out.
    pub async fn schemas(&self, endpoint: &MysqlEndpoint) -> Result<Vec<Schema>> {
        self.check_endpoint(endpoint).await?;
        Ok(Box::pin(catalog::schemas(endpoint)).await?)
    }

    pub async fn columns(&self, endpoint: &MysqlEndpoint, table: &TableName) -> Result<Vec<ColumnView>> {
        self.check_endpoint(endpoint).await?;
        let columns = Box::pin(catalog::columns(endpoint, table)).await?;
        let columns = columns.ok_or_else(|| Error::NotFound(format!("table {table} at {}", endpoint.address())))?;
        let view = |c: crate::replicate::table::Column| ColumnView {
            name: c.name,
            column_type: c.column_type,
            nullable: c.nullable,
            generated: c.generated != crate::replicate::table::Generated::No,
        };
        Ok(columns.into_iter().map(view).collect())
    }

    /// Connects to a server and says which version it is.
    pub async fn ping(&self, endpoint: &MysqlEndpoint) -> Result<String> {
        self.check_endpoint(endpoint).await?;
        Ok(Box::pin(catalog::ping(endpoint)).await?.version_text)
    }
}
