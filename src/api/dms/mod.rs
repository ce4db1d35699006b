//! The dms family: `/api/dms/*`, market data as the contract has it.
//!
//! | route | for | what it does |
//! |---|---|---|
//! | `GET status`, `nodes` | both | this daemon; all of them with their lag |
//! | `POST read/batch`, `GET read/{symbol}` | both | bars, streamed |
//! | `GET symbols`, `symbol/{symbol}/info`, `export` | both | what there is; CSV |
//! | `POST import` | master | CSV |
//! | `GET slaves`, `slaves/{slave_name}/status`, `POST slaves/{slave_name}/sync` | master | its slaves |
//! | `GET tasks`, `tasks/{task_name}/status`, `maintenance/log`, `POST tasks/trigger`, `tasks/trigger-all` | master | tasks |
//! | `GET sync/status`, `sync/history` | both | what was brought where |
//! | `POST sync/trigger` | master | backups |
//! | `POST sync/request`, `GET master/status` | slave | its master |
//! | `replica/*` | both | what daemons of ours ask each other |
//!
//! What the contract has ignores parameters that nobody knows and names them in the reply (X-Syncline-Ignored), since old clients may
//! send them; `symbols`, `symbol/{symbol}/info`, `export` and `import`, which it does not have, refuse them.
//!
//! `extract` reads requests and says which role a call is for (403), and whether there is a store (503); `bars` and `carry`
//! stream; `nodes` asks the others, `visitors` knows who came by itself; `tasks` and `sync` ask the scheduler; `error` is the
//! family's shape.

mod bars;
mod carry;
mod error;
mod extract;
pub(super) mod nodes;
mod replica;
mod symbols;
mod sync;
mod tasks;
pub(super) mod visitors;

use super::openapi::Op;
use super::route::{Permission, Route};
use crate::config::Role;
use crate::wire::dms as wire;
use axum::http::Method;
use jiff::Timestamp;
use serde_json::json;

/// A time as the samples have it: whole seconds, in UTC. Old clients read it by that very form.
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

pub(super) fn routes() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    let range = |op: Op, required: bool| {
        op.parameter("start_date", "A date or time, included.", required, "2024-01-01")
            .parameter("end_date", "A date or time, included; a date or midnight means all of that day.", required, "2024-01-23")
            .parameter("interval", "1m 5m 15m 30m 1h 1d 1wk 1mo; absent: 1d.", false, "1d")
    };
    let paged = |op: Op| op.parameter("limit", "1 to 1000; absent: 100.", false, "100").parameter("offset", "Absent: 0.", false, "0");
    let peers = |summary| Op::new(summary).about("Between daemons of one version; not for others.");
    let followed = |summary| peers(summary).parameter("store", "The id of the store that is followed.", true, "a uuid");
    let some = json!({ "symbol": "US.AAPL", "start_date": "2024-01-01T00:00:00", "end_date": "2024-01-23T00:00:00" });
    vec![
        Route::new(&get, "/status", view, nodes::status)
            .doc(Op::new("Shows this daemon's state").reply::<wire::Status>(200, "Its role and uptime.")),
        Route::new(&get, "/nodes", view, nodes::list).doc(
            Op::new("Lists dms daemons")
                .about(
                    "A master lists itself and its enabled slaves, a slave its master and itself. One that does not answer is `offline`. \
                     Slaves that pull without standing in the list follow, as they were when they last came (within a week): their port \
                     is the one that they say they listen on (0: an older one that does not say), their uptime is what they said (null: an older one), and they are \
                     `offline` when they have not come for three of their own intervals (a minute at least).",
                )
                .reply::<wire::Nodes>(200, "The daemons with their lag."),
        ),
        Route::new(&post, "/read/batch", view, bars::batch).doc(
            Op::new("Reads many symbols")
                .about(
                    "A map from each symbol as requested to its `data` and `index`; null where there is nothing in the range. Symbols \
                        without any bar of the interval are named in X-Syncline-Unknown-Symbols. Streamed.",
                )
                .body::<wire::BatchRequest>(json!({
                    "symbols": ["US.AAPL", "US.TSLA"], "start_date": "2024-01-01", "end_date": "2024-01-23", "interval": "1d"
                }))
                .reply::<std::collections::BTreeMap<String, Option<wire::Series>>>(200, "The bars."),
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
                    "The body is the CSV itself with a heading (curl --data-binary @FILE); the columns may come in any order. Up to \
                     `[limits] import_bytes`; nothing is stored of one with a wrong row.",
                )
                .parameter("interval", "Absent: 1d.", false, "1d")
                .parameter("symbol", "Of all rows, if there is no column Symbol.", false, "US.AAPL")
                .parameter("time_zone", "Of naive intraday times; absent: UTC.", false, "America/New_York")
                .parameter(
                    "lenient",
                    "Take rows that contradict themselves or say a bar twice, and bars that are not over.",
                    false,
                    "false",
                )
                .parameter("overwrite", "Take bars that do not fit to those that are stored, and tell it.", false, "false")
                .parameter("dates", "month-first or day-first: how 3/4/2024 is read.", false, "month-first")
                .parameter("dry_run", "Only count what would be stored.", false, "false")
                .reply::<wire::Imported>(200, "What it came to."),
        ),
        Route::new(&get, "/slaves", view, nodes::slaves)
            .doc(Op::new("Lists slaves").reply::<Vec<wire::Slave>>(200, "All that are configured.")),
        Route::new(&get, "/slaves/{slave_name}/status", view, nodes::slave)
            .doc(Op::new("Shows a slave's state").reply::<wire::SlaveStatus>(200, "As it says itself; `offline` if it does not answer.")),
        Route::new(&post, "/slaves/{slave_name}/sync", operate, sync::push).doc(
            Op::new("Brings changes to a slave")
                .about(
                    "Queued; returns at once, and `success` says that it is queued: a slave that refuses or does not answer has a failed \
                     row in `sync/history`, or ask with `wait`. All fields may be absent; what has no effect is named in \
                     X-Syncline-Ignored.",
                )
                .parameter("wait", "Answer when it is done, with how it ended.", false, "false")
                .body::<wire::SyncRequest>(some.clone())
                .reply::<wire::Done>(200, "It is queued; with `wait` how it ended."),
        ),
        Route::new(&post, "/sync/request", operate, sync::pull).doc(
            Op::new("Takes changes from the master")
                .about(
                    "Returns when it is done; `success` is false where series failed. A master that does not answer or refuses: 503. All \
                     fields may be absent; what has no effect is named in X-Syncline-Ignored.",
                )
                .body::<wire::SyncRequest>(some)
                .reply::<wire::Done>(200, "It is done."),
        ),
        Route::new(&get, "/master/status", view, nodes::master)
            .doc(Op::new("Shows the master's state").reply::<wire::Status>(200, "As it says itself.")),
        Route::new(&get, "/tasks", view, tasks::list).doc(Op::new("Lists tasks").reply::<Vec<wire::Task>>(200, "Tasks over bars.")),
        Route::new(&get, "/tasks/{task_name}/status", view, tasks::show)
            .doc(Op::new("Shows a task").reply::<wire::TaskStatus>(200, "How its last run ended, and its totals.")),
        Route::new(&post, "/tasks/trigger", operate, tasks::trigger).doc(
            Op::new("Runs a task now")
                .about("In the background. One that runs already is not begun again: `result.success` is false.")
                .parameter("task_name", "Its name.", true, "daily_update_us")
                .reply::<wire::TriggeredReply>(200, "It is running."),
        ),
        Route::new(&post, "/tasks/trigger-all", operate, tasks::trigger_all).doc(
            Op::new("Runs all enabled tasks now")
                .about("In the background; `success` says that the call was carried out, `results` which tasks were begun.")
                .parameter("task_type", "Only these: incremental, full_sync, validation, repair.", false, "incremental")
                .reply::<wire::TriggeredAllReply>(200, "What was begun."),
        ),
        Route::new(&get, "/maintenance/log", view, tasks::log).doc(
            paged(Op::new("Lists runs of tasks"))
                .parameter("task_name", "Only of this task.", false, "daily_update")
                .reply::<wire::MaintenanceLog>(200, "Newest first."),
        ),
        Route::new(&get, "/sync/status", view, sync::status)
            .doc(Op::new("Lists backups").reply::<wire::SyncStatus>(200, "With the time when all of it was last seen there.")),
        Route::new(&get, "/sync/history", view, sync::history).doc(
            paged(Op::new("Lists what was brought where"))
                .parameter("backup_name", "Only to this backup or slave.", false, "backup1")
                .reply::<wire::SyncHistory>(200, "Newest first; a slave lists what it received."),
        ),
        Route::new(&post, "/sync/trigger", operate, sync::trigger).doc(
            Op::new("Brings backups up to date")
                .about(
                    "In the background: `results` says for each whether its run was begun (false: one is under way). With `wait` they, \
                     and `success`, say whether all of it is there.",
                )
                .parameter("backup_name", "Absent: all.", false, "backup1")
                .parameter("wait", "Answer when it is done, with how it ended.", false, "false")
                .reply::<wire::SyncTriggered>(200, "What was begun."),
        ),
        Route::new(&get, "/replica/page", operate, replica::page).doc(
            peers("Lists what changed")
                .parameter("since", "Only what changed after this version.", false, "7")
                .parameter("symbol", "Only this one.", false, "US.AAPL")
                .parameter("from", "Only blocks with bars between these, in seconds.", false, "0")
                .parameter("to", "The other end.", false, "86400")
                .reply::<serde_json::Value>(200, "A page."),
        ),
        Route::new(&post, "/replica/needs", operate, replica::needs)
            .doc(peers("Says what is lacking").reply::<serde_json::Value>(200, "Blocks.")),
        Route::new(&post, "/replica/blocks", operate, replica::blocks)
            .doc(peers("Hands out blocks").reply::<serde_json::Value>(200, "Blocks.")),
        Route::new(&post, "/replica/apply", operate, replica::apply)
            .doc(peers("Takes blocks in").reply::<serde_json::Value>(200, "What it led to.")),
        Route::new(&get, "/replica/followed", operate, replica::followed)
            .doc(followed("Says how far a store was followed").reply::<serde_json::Value>(200, "A version.")),
        Route::new(&Method::PUT, "/replica/followed", operate, replica::set_followed)
            .doc(followed("Notes how far a store was followed").reply::<serde_json::Value>(200, "The same.")),
    ]
}
