//! The stored form of a host-metrics spec.

use crate::model::hosts::{EsStyle, HostMetricsSpec, HostSelection, QueryRange};
use crate::store::{Error, Result};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

#[derive(Serialize, Deserialize)]
pub(super) struct HostMetrics {
    endpoint: Option<String>,
    style: Option<String>,
    index_pattern: Option<String>,
    range: String,
    selection: Selection,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Selection {
    Pool,
    List { hosts: Vec<IpAddr> },
    FullSync { group: Option<String> },
}

impl HostMetrics {
    pub(super) fn of(spec: &HostMetricsSpec) -> Self {
        let HostMetricsSpec { endpoint, style, index_pattern, range, selection } = spec.clone();
        Self {
            endpoint,
            style: style.map(|s| s.as_str().to_owned()),
            index_pattern,
            range: range.to_string(),
            selection: match selection {
                HostSelection::Pool => Selection::Pool,
                HostSelection::List(hosts) => Selection::List { hosts },
                HostSelection::FullSync { group } => Selection::FullSync { group },
            },
        }
    }

    pub(super) fn model(self) -> Result<HostMetricsSpec> {
        let Self { endpoint, style, index_pattern, range, selection } = self;
        let unknown = |what: &str, text: &str| Error::io(format!("stored task: unknown {what} {text:?}"));
        Ok(HostMetricsSpec {
            endpoint,
            style: style.map(|s| EsStyle::parse(&s).ok_or_else(|| unknown("style", &s))).transpose()?,
            index_pattern,
            range: QueryRange::parse(&range).map_err(|_| unknown("range", &range))?,
            selection: match selection {
                Selection::Pool => HostSelection::Pool,
                Selection::List { hosts } => HostSelection::List(hosts),
                Selection::FullSync { group } => HostSelection::FullSync { group },
            },
        })
    }
}
