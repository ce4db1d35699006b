//! es-sync under `/api/cmdb/v1`: host metrics out of Elasticsearch into a CMDB. Replies have the contract's keys in its
//! order; what is beyond its samples stands behind them.

pub mod reply;
pub mod request;
