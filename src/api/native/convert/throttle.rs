//! What a job may move per second, in both directions.

use crate::api::error::{Error, Result};
use crate::model::live::{RateLimit, Throttle};
use crate::wire::native::jobs as wire;

pub(in crate::api::native) fn throttle(throttle: wire::Throttle) -> Result<Throttle> {
    let wire::Throttle { max_rows_per_second, burst_rows, max_bytes_per_second } = throttle;
    if burst_rows.is_some() && max_rows_per_second.is_none() {
        return Err(Error::bad_request("burst_rows: goes with max_rows_per_second").field("burst_rows"));
    }
    for (field, limit) in
        [("max_rows_per_second", max_rows_per_second), ("burst_rows", burst_rows), ("max_bytes_per_second", max_bytes_per_second)]
    {
        if limit == Some(0) {
            return Err(Error::bad_request(format!("{field}: must be at least 1; leave it out for no limit")).field(field));
        }
    }
    let rows = |per_second| RateLimit { per_second, burst: burst_rows.unwrap_or(per_second) };
    Ok(Throttle { rows: max_rows_per_second.map(rows), bytes: max_bytes_per_second.map(RateLimit::even) })
}

pub(super) fn shown(throttle: Throttle) -> wire::Throttle {
    let Throttle { rows, bytes } = throttle;
    wire::Throttle {
        max_rows_per_second: rows.map(|r| r.per_second),
        burst_rows: rows.filter(|r| r.burst != r.per_second).map(|r| r.burst),
        max_bytes_per_second: bytes.map(|b| b.per_second),
    }
}
