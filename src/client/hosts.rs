//! `/api/v1/hosts` and `/api/v1/es`.

use super::{Client, Error};
use crate::wire::native::hosts::{
    EsChecked, EsFields, EsRequest, Host, HostChange, HostExport, HostImport, HostImported, HostList, HostRemoved,
};

impl Client {
    pub async fn hosts(&self, group: Option<&str>, text: Option<&str>) -> Result<HostList, Error> {
        let pairs: Vec<_> = [("group", group), ("text", text)].into_iter().filter_map(|(k, v)| Some((k, v?.to_owned()))).collect();
        self.get(&["hosts"], &pairs).await
    }
    pub async fn host(&self, host: &str) -> Result<Host, Error> {
        self.get(&["hosts", host], &[]).await
    }
    pub async fn add_host(&self, host: &HostChange) -> Result<Host, Error> {
        self.post(&["hosts"], &[], host).await
    }
    pub async fn update_host(&self, host: &str, change: &HostChange) -> Result<Host, Error> {
        self.put(&["hosts", host], &[], change).await
    }
    pub async fn remove_host(&self, host: &str) -> Result<HostRemoved, Error> {
        self.delete(&["hosts", host], &[]).await
    }
    pub async fn import_hosts(&self, csv: String, dry_run: bool) -> Result<HostImported, Error> {
        self.post(&["hosts", "import"], &[], &HostImport { csv, dry_run }).await
    }
    pub async fn export_hosts(&self) -> Result<HostExport, Error> {
        self.get(&["hosts", "export"], &[]).await
    }
    pub async fn es_check(&self, request: &EsRequest) -> Result<EsChecked, Error> {
        self.post(&["es", "check"], &[], request).await
    }
    pub async fn es_fields(&self, request: &EsRequest) -> Result<EsFields, Error> {
        self.post(&["es", "fields"], &[], request).await
    }
}
