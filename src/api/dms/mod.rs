//! The dms family: `/api/dms/*`, market data as the contract has it. What tasks and backups need of the scheduler is not
//! here yet.
//!
//! | route | for | what it does |
//! |---|---|---|
//! | `GET status`, `nodes` | both | this daemon; all of them with their lag |
//! | `POST read/batch`, `GET read/{symbol}` | both | bars, streamed |
//! | `GET symbols`, `symbol/{symbol}/info`, `export` | both | what there is; CSV |
//! | `POST import` | master | CSV |
//! | `GET slaves`, `slaves/{slave_name}/status`, `POST slaves/{slave_name}/sync` | master | its slaves |
//! | `POST sync/request`, `GET master/status` | slave | its master |
//!
//! `extract` reads requests and says which role a call is for (403), and whether there is a store (503); `bars` and `carry`
//! stream; `nodes` asks the others; `desk` is what the daemon holds for the family; `error` its shape.

mod bars;
mod carry;
mod desk;
mod error;
mod extract;
mod nodes;
mod symbols;

pub use desk::Desk;

use super::openapi::Op;
use super::route::{Permission, Route};
use crate::config::Role;
use crate::wire::dms as wire;
use axum::http::Method;
use serde_json::json;

pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    let range = |op: Op, required: bool| {
        op.parameter("start_date", "A date or time, included.", required, "2024-01-01")
            .parameter("end_date", "A date or time, included; a date or midnight means all of that day.", required, "2024-01-23")
            .parameter("interval", "1m 5m 15m 30m 1h 1d 1wk 1mo; absent: 1d.", false, "1d")
    };
    let some = json!({ "symbol": "US.AAPL", "start_date": "2024-01-01T00:00:00", "end_date": "2024-01-23T00:00:00" });
    vec![
        Route::new(&get, "/status", view, nodes::status)
            .doc(Op::new("Shows this daemon's state").reply::<wire::Status>(200, "Its role and uptime.")),
        Route::new(&get, "/nodes", view, nodes::list).doc(
            Op::new("Lists dms daemons")
                .about(
                    "A master lists itself and its enabled slaves, a slave its master and itself. One that does not answer is `offline`.",
                )
                .reply::<wire::Nodes>(200, "The daemons with their lag."),
        ),
        Route::new(&post, "/read/batch", view, bars::batch).doc(
            Op::new("Reads many symbols")
                .about("A map from each symbol as requested to its `data` and `index`; null where there is nothing. Streamed.")
                .body::<wire::BatchRequest>(json!({
                    "symbols": ["US.AAPL", "US.TSLA"], "start_date": "2024-01-01", "end_date": "2024-01-23", "interval": "1d"
                }))
                .reply::<std::collections::BTreeMap<String, wire::Series>>(200, "The bars."),
        ),
        Route::new(&get, "/read/{symbol}", view, bars::one)
            .doc(range(Op::new("Reads one symbol"), true).reply::<wire::Series>(200, "Its bars.")),
        Route::new(&get, "/symbols", view, symbols::list).doc(
            Op::new("Lists symbols")
                .parameter("interval", "Only those with bars of this interval.", false, "1d")
                .reply::<wire::Symbols>(200, "All symbols."),
        ),
        Route::new(&get, "/symbol/{symbol}/info", view, symbols::info).doc(
            Op::new("Says what there is of a symbol")
                .parameter("interval", "Absent: 1d.", false, "1d")
                .reply::<wire::SymbolInfo>(200, "Bounds and count."),
        ),
        Route::new(&get, "/export", view, carry::export).doc(
            range(Op::new("Writes bars as CSV"), false)
                .parameter("symbols", "Separated by commas; absent: all.", false, "US.AAPL,US.IBM")
                .text(200, "text/csv", "Symbol, Interval, Time, Open, High, Low, Close, Volume."),
        ),
        Route::new(&post, "/import", operate, carry::import).doc(
            Op::new("Reads bars from CSV")
                .about(
                    "The body is CSV with a heading; the columns may come in any order. Read as it comes, up to `[limits] import_bytes`.",
                )
                .parameter("interval", "Absent: 1d.", false, "1d")
                .parameter("symbol", "Of all rows, if there is no column Symbol.", false, "US.AAPL")
                .parameter("time_zone", "Of naive intraday times; absent: UTC.", false, "America/New_York")
                .reply::<wire::Imported>(200, "What it came to."),
        ),
        Route::new(&get, "/slaves", view, nodes::slaves)
            .doc(Op::new("Lists slaves").reply::<Vec<wire::Slave>>(200, "All that are configured.")),
        Route::new(&get, "/slaves/{slave_name}/status", view, nodes::slave)
            .doc(Op::new("Shows a slave's state").reply::<wire::SlaveStatus>(200, "As it says itself; `offline` if it does not answer.")),
        Route::new(&post, "/slaves/{slave_name}/sync", operate, nodes::push).doc(
            Op::new("Brings changes to a slave")
                .about("Queued; returns at once.")
                .body::<wire::SyncRequest>(some.clone())
                .reply::<wire::Done>(200, "It is queued."),
        ),
        Route::new(&post, "/sync/request", operate, nodes::pull).doc(
            Op::new("Takes changes from the master")
                .about("Returns when it is done.")
                .body::<wire::SyncRequest>(some)
                .reply::<wire::Done>(200, "It is done."),
        ),
        Route::new(&get, "/master/status", view, nodes::master)
            .doc(Op::new("Shows the master's state").reply::<wire::Status>(200, "As it says itself.")),
    ]
}
