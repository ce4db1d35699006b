//! The dtle 2.x family: `/v1/*`, a view over the one job model in the words of dtle's older API.
//!
//! | route | what it does |
//! |---|---|
//! | `GET /v1/jobs`, `POST`/`PUT /v1/jobs` | lists; creates a job, or updates the one of that ID |
//! | `GET /v1/job/{ID}` | shows one |
//! | `DELETE /v1/job/{ID}` | removes it and keeps its position: the same job posted again goes on |
//! | `POST`/`PUT /v1/job/{ID}/pause`, `/resume` | what this API could not do in dtle |
//! | `GET /v1/job/{ID}/allocations`, `/v1/agent/allocation/{ID}/stats` | its runs; the figures of one side of one |
//! | `GET /v1/leader`, `/v1/members`, `/v1/nodes` | the cluster |
//!
//! `extract` reads requests, `convert` stands between wire and model, `error` is plain text; `jobs`, `allocations` and
//! `cluster` are the handlers. A job of another dialect is shown from the model; one of this dialect echoes its `Config`
//! as it came, from the echo document that is stored with it.

mod allocations;
mod cluster;
mod convert;
mod error;
mod extract;
mod jobs;

use super::openapi::Op;
use super::route::{Permission, Route};
use crate::config::Role;
use crate::wire::dtle2::{allocation, cluster as nodes, job, request};
use axum::http::Method;
use serde_json::{Value, json};

pub(super) fn routes() -> Vec<Route> {
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    let write = || {
        Op::new("Creates or updates a job")
            .about(
                "The bare job or `{\"Job\": {…}}`. Without an ID one is made, or that of the job of this Name whose position was kept. \
                 `EnforceIndex` with `JobModifyIndex` is compare-and-set.",
            )
            .body::<request::Job>(example())
            .reply::<job::Written>(200, "The index is the job's.")
    };
    let pause = || Op::new("Pauses a job").about("Idempotent; the position is kept.").reply::<job::Written>(200, "It is paused.");
    let resume = || Op::new("Resumes a job").about("Idempotent.").reply::<job::Written>(200, "It runs.");
    vec![
        Route::new(&get, "/jobs", view, jobs::list).doc(Op::new("Lists jobs").reply::<Vec<job::Row>>(200, "The jobs, oldest first.")),
        Route::new(&post, "/jobs", operate, jobs::post).doc(write()),
        Route::new(&put, "/jobs", operate, jobs::post).doc(write()),
        Route::new(&get, "/job/{id}", view, jobs::show).doc(Op::new("Shows a job").reply::<job::Job>(200, "The job, passwords masked.")),
        Route::new(&Method::DELETE, "/job/{id}", operate, jobs::delete).doc(
            Op::new("Deletes a job and keeps its position")
                .about("The same job posted again within 30 days goes on where this one stopped.")
                .reply::<job::Written>(200, "It is gone."),
        ),
        Route::new(&post, "/job/{id}/pause", operate, jobs::pause).doc(pause()),
        Route::new(&put, "/job/{id}/pause", operate, jobs::pause).doc(pause()),
        Route::new(&post, "/job/{id}/resume", operate, jobs::resume).doc(resume()),
        Route::new(&put, "/job/{id}/resume", operate, jobs::resume).doc(resume()),
        Route::new(&get, "/job/{id}/allocations", view, allocations::list).doc(Op::new("Lists a job's allocations").reply::<Vec<
            allocation::Allocation,
        >>(
            200,
            "Those of the last ten runs.",
        )),
        Route::new(&get, "/agent/allocation/{id}/stats", view, allocations::stats)
            .doc(Op::new("Shows the figures of one allocation").reply::<allocation::Stats>(200, "Under the name of its task.")),
        Route::new(&get, "/leader", view, cluster::leader).doc(Op::new("Names the leader").reply::<String>(200, "Its address.")),
        Route::new(&get, "/members", view, cluster::members)
            .doc(Op::new("Lists members").reply::<nodes::MemberList>(200, "The members, and which one answers.")),
        Route::new(&get, "/nodes", view, cluster::nodes).doc(Op::new("Lists nodes").reply::<Vec<nodes::Node>>(200, "The nodes.")),
    ]
}

/// A body that the document shows, and that the Swagger page fills in.
fn example() -> Value {
    let connection = |host| json!({ "Host": host, "Port": "3306", "User": "syncline", "Password": "<the password>" });
    json!({
        "Name": "shop",
        "Type": "synchronous",
        "Tasks": [
            {
                "Type": "Src",
                "Driver": "MySQL",
                "Config": {
                    "ReplicateDoDb": [{ "TableSchema": "shop", "Tables": [{ "TableName": "orders" }] }],
                    "ConnectionConfig": connection("db1.example.com"),
                },
            },
            { "Type": "Dest", "Driver": "MySQL", "Config": { "ConnectionConfig": connection("db2.example.com") } },
        ],
    })
}
