//! The dts family: `/v1/dispatch/*` and `/v1/task/*`, tasks that bring row changes into Kafka, a view over the one job
//! model: a task is a subscription, and its id is the job's number.
//!
//! | route | what it does |
//! |---|---|
//! | `POST /v1/dispatch/submit` | creates a task; both ends are asked first, and nothing is left behind when one says no |
//! | `PUT /v1/dispatch/alter/{number}` | changes it at once; it goes on from its position |
//! | `PUT /v1/dispatch/{pause,recover}/{number}` | stops and resumes it, or starts a failed one again |
//! | `DELETE /v1/dispatch/delete/{number}` | removes it with its position |
//! | `GET /v1/task/list?per_page=&page=` | lists the jobs with a Kafka destination, whoever made them |
//! | `GET /v1/task/detail/{number}` | shows one with its settings |
//!
//! `extract` reads requests, `convert` stands between wire and model, `error` has the family's shape; `tasks` holds the
//! handlers. Every reply is kratos' envelope; its headers are put on by the frame (`api/frame.rs`), so that the errors
//! that no handler makes carry them too. Callers are the configuration's `[dts] users` (`api/auth.rs`).

mod convert;
mod error;
mod extract;
mod tasks;

use super::openapi::Op;
use super::route::{Permission, Route};
use crate::config::Role;
use crate::wire::dts::{reply, request};
use axum::http::Method;
use serde_json::{Value, json};

/// A function, since a route is used up by the router that it is put into.
type Routes = fn() -> Vec<Route>;

/// The family's two prefixes.
pub(super) const ROUTES: [(&str, Routes); 2] = [("/v1/dispatch", dispatch), ("/v1/task", task)];

fn dispatch() -> Vec<Route> {
    let put = Method::PUT;
    let operate = Permission::Role(Role::Operator);
    let done = |op: Op, about| op.reply::<reply::Envelope<reply::Nothing>>(200, about);
    vec![
        Route::new(&Method::POST, "/submit", operate, tasks::submit).doc(
            Op::new("Submits a task")
                .about(
                    "`topic_mode` 0 names topics `dbname`, 1 `dbname_tablename`; without it `topic` is the topic of everything. \
                     `incr: true` begins at this moment, and that position is stored before the reply; false copies what is there first.",
                )
                .body::<request::Body>(example())
                .reply::<reply::Envelope<reply::Submitted>>(200, "It is stored and starts."),
        ),
        Route::new(&put, "/alter/{number}", operate, tasks::alter).doc(done(
            Op::new("Changes a task")
                .about(
                    "`kafka` and `filters` are required and replace what was. `rate_limit` that is absent stays. `source` and `incr` may be \
                     absent and must not differ, but for the password. A stopped task stays stopped, a failed one starts again.",
                )
                .body::<request::Body>(example()),
            "It is changed.",
        )),
        Route::new(&put, "/pause/{number}", operate, tasks::pause)
            .doc(done(Op::new("Stops a task").about("Idempotent; the position is kept."), "It is stopped.")),
        Route::new(&put, "/recover/{number}", operate, tasks::recover)
            .doc(done(Op::new("Starts a task that was stopped or has failed").about("Idempotent."), "It runs.")),
        Route::new(&Method::DELETE, "/delete/{number}", operate, tasks::delete)
            .doc(done(Op::new("Deletes a task").about("Its position goes with it; what was sent stays in Kafka."), "It is gone.")),
    ]
}

fn task() -> Vec<Route> {
    let view = Permission::Role(Role::Viewer);
    vec![
        Route::new(&Method::GET, "/list", view, tasks::list).doc(
            Op::new("Lists tasks")
                .parameter("per_page", "Tasks per page: 10 if absent or 0, 1000 at most.", false, "10")
                .parameter("page", "The page, from 1.", false, "1")
                .reply::<reply::Envelope<reply::TaskList>>(200, "The tasks of the page, by id."),
        ),
        Route::new(&Method::GET, "/detail/{number}", view, tasks::detail)
            .doc(Op::new("Shows a task").reply::<reply::Envelope<reply::Detail>>(200, "The task, its password masked.")),
    ]
}

/// A body that the document shows, and that the Swagger page fills in.
fn example() -> Value {
    json!({
        "task": {
            "source": { "host": "db1.example.com", "port": 3306, "username": "syncline", "password": "<the password>" },
            "kafka": { "addr": "kafka.example.com:9092", "topic": "shop", "flat_format": false },
            "filters": [{ "dbname": "shop", "match": "/orders_\\d+/", "filter": "" }, { "dbname": "shop", "match": "items", "filter": "" }],
            "incr": true,
        },
    })
}
