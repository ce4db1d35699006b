//! The native family under `/api/v1`: typed and uniform, what our own client speaks. One file per noun.

mod bars;
mod convert;
mod extract;
mod hosts;
mod jobs;
mod logs;
mod mysql;
mod nodes;
mod runs;
mod server;
mod steer;
mod stream;
mod sync;
mod tasks;

use super::openapi::Op;
use super::route::{Permission, Route};
use crate::config::Role;
use crate::wire::native as wire;
use axum::http::Method;
use serde_json::json;

pub(super) fn routes() -> Vec<Route> {
    let mut routes = steering();
    routes.extend(bars::routes());
    routes.extend(sync::routes());
    routes
}

/// Jobs, runs, nodes, this daemon, and servers that are looked at.
fn steering() -> Vec<Route> {
    let (get, post) = (Method::GET, Method::POST);
    let [view, operate, admin] = [Role::Viewer, Role::Operator, Role::Admin].map(Permission::Role);
    let mut routes = vec![
        Route::new(&get, "/jobs", view, jobs::list)
            .doc(Op::new("Lists jobs").query::<jobs::ListQuery>().reply::<wire::jobs::JobList>(200, "The jobs.")),
        Route::new(&post, "/jobs", operate, jobs::create).doc(
            Op::new("Creates a job")
                .about("A job with an error finding is not created. With `dry_run` nothing is stored and the findings are the reply.")
                .query::<jobs::CreateQuery>()
                .body::<wire::jobs::JobCreate>(example::job())
                .reply::<wire::jobs::Job>(201, "The job as it was created.")
                .reply::<wire::jobs::Validation>(200, "Dry run: the findings."),
        ),
        Route::new(&post, "/jobs/stream", operate, stream::create).doc(
            Op::new("Creates a job whose messages are the reply")
                .about(
                    "A subscription with `lines` and no file in it. The reply goes on (chunked): the job, its messages, and when it \
                     is over why. The job ends with the connection and leaves nothing but the history of its run; a slow reader \
                     slows it.",
                )
                .body::<wire::jobs::JobCreate>(example::stream())
                .lines::<wire::stream::Piece>(200, "A piece a line; empty lines keep the connection alive."),
        ),
        Route::new(&post, "/jobs/validate", operate, jobs::validate).doc(
            Op::new("Checks a job without creating it")
                .body::<wire::jobs::JobCreate>(example::job())
                .reply::<wire::jobs::Validation>(200, "Findings, and the exact grants that the two accounts need."),
        ),
        Route::new(&get, "/jobs/{id}", view, jobs::show)
            .doc(Op::new("Shows a job").reply::<wire::jobs::Job>(200, "The job with its live figures.")),
        Route::new(&Method::PUT, "/jobs/{id}", operate, jobs::update).doc(
            Op::new("Updates a job")
                .about(
                    "Replaces what the job is to do; its name, its kind and whether it is paused stay. A password that is `*` or absent \
                     stays as it is stored, towards the same server and user. With `index`, or the header If-Match, it is \
                     compare-and-set on `job_modify_index`: 409 if somebody else was there first.",
                )
                .query::<jobs::UpdateQuery>()
                .body::<wire::jobs::JobCreate>(example::job())
                .reply::<wire::jobs::Job>(200, "The job as it is now."),
        ),
        Route::new(&Method::DELETE, "/jobs/{id}", operate, jobs::delete).doc(
            Op::new("Deletes a job")
                .about("User data stays; our bookkeeping at the target goes, unless the progress is to be kept.")
                .query::<jobs::DeleteQuery>()
                .reply::<wire::jobs::Deleted>(200, "It is gone; the note says what could not be cleaned up."),
        ),
        Route::new(&post, "/jobs/{id}/pause", operate, jobs::pause).doc(
            Op::new("Pauses a job")
                .about("The position is kept; a copy goes on where it stood. Idempotent.")
                .reply::<wire::jobs::Job>(200, "The job."),
        ),
        Route::new(&post, "/jobs/{id}/resume", operate, jobs::resume)
            .doc(Op::new("Resumes a job").about("Idempotent.").reply::<wire::jobs::Job>(200, "The job.")),
        Route::new(&post, "/jobs/{id}/finish", operate, jobs::finish).doc(
            Op::new("Finishes a job")
                .about(
                    "It catches up with the source as of now and ends as complete; or waits for a source that is read-only, for a \
                     cut-over. Where both ends stand then, and what was not brought, is its handover.",
                )
                .query::<jobs::FinishQuery>()
                .reply::<wire::jobs::Job>(200, "The job."),
        ),
        Route::new(&post, "/jobs/{id}/retry", operate, jobs::retry)
            .doc(Op::new("Starts a failed or waiting job again").reply::<wire::jobs::Job>(200, "The job.")),
        Route::new(&get, "/jobs/{id}/handover", view, jobs::handover).doc(
            Op::new("Shows what a finished job left to do")
                .about("Where both ends stood, and what the job did not bring: triggers, events, routines, views, sequences, counters.")
                .reply::<wire::jobs::Handover>(200, "The handover."),
        ),
        Route::new(&get, "/jobs/{id}/events", view, jobs::events)
            .doc(Op::new("Lists a job's events").reply::<wire::jobs::EventList>(200, "Oldest first.")),
        Route::new(&get, "/jobs/{id}/tap", view, stream::tap).doc(
            Op::new("Shows a job's changes as they pass")
                .about(
                    "Sampled: rows beyond the rate and events that pass faster than they are read are counted, and the job never \
                     waits. Values need the role operator.",
                )
                .query::<stream::TapQuery>()
                .lines::<wire::stream::Piece>(200, "A piece a line; empty lines keep the connection alive."),
        ),
        Route::new(&post, "/jobs/{id}/verify", operate, jobs::verify).doc(
            Op::new("Compares source and target")
                .about("Runs in the background; differing rows are looked at again until lag has passed.")
                .body::<wire::verify::VerifyRequest>(example::verify())
                .reply::<wire::verify::Verification>(202, "It has begun; ask for it by its number."),
        ),
        Route::new(&post, "/jobs/{id}/verify/always", operate, jobs::verify_always).doc(
            Op::new("Compares source and target all the time")
                .about(
                    "While the job follows its log, for a tenth of the time, and over restarts; what it finds is an event and stands in \
                     the job. Without `every_seconds` it ends.",
                )
                .body::<wire::verify::VerifyAlways>(example::verify_always())
                .reply::<wire::jobs::Job>(200, "The job."),
        ),
        Route::new(&post, "/jobs/{id}/verify/cancel", operate, jobs::cancel_verify)
            .doc(Op::new("Ends the comparison that is under way").reply::<wire::verify::Verification>(200, "What it has found so far.")),
        Route::new(&get, "/jobs/{id}/verify/{number}/statements", operate, jobs::statements).doc(
            Op::new("Returns the statements that would make the target equal")
                .about("Of a comparison that was asked for them. They hold the rows' values, in printable ASCII.")
                .text(200, "application/sql", "SQL for a session of its own."),
        ),
        Route::new(&get, "/jobs/{id}/verify/{number}", view, jobs::verification)
            .doc(Op::new("Shows a comparison").reply::<wire::verify::Verification>(200, "What it has found so far.")),
        Route::new(&get, "/runs", view, runs::list).doc(
            Op::new("Lists runs")
                .about("A run is one attempt of a job.")
                .query::<runs::ListQuery>()
                .reply::<wire::runs::RunList>(200, "Newest first."),
        ),
        Route::new(&get, "/runs/{number}", view, runs::show)
            .doc(Op::new("Shows a run").reply::<wire::runs::RunDetail>(200, "The run with its items and events.")),
        Route::new(&Method::DELETE, "/runs", admin, runs::prune).doc(
            Op::new("Deletes runs that ended long ago")
                .about("By age, on top of what `[history]` does by itself; a job's totals stay.")
                .query::<runs::PruneQuery>()
                .reply::<wire::runs::Pruned>(200, "How many."),
        ),
        Route::new(&get, "/nodes", view, nodes::list).doc(Op::new("Lists nodes").reply::<wire::nodes::NodeList>(200, "The nodes.")),
        Route::new(&get, "/nodes/{id}", view, nodes::show).doc(Op::new("Shows a node").reply::<wire::nodes::Node>(200, "The node.")),
        Route::new(&get, "/server", view, server::status)
            .doc(Op::new("Shows the daemon's state").reply::<wire::server::ServerStatus>(200, "Version, listeners, jobs by state.")),
        Route::new(&get, "/server/config", admin, server::config).doc(
            Op::new("Lists the settings in effect")
                .about("With the origin of each; none is secret.")
                .reply::<wire::server::ConfigList>(200, "The settings."),
        ),
        Route::new(&get, "/log-level", admin, server::log_level)
            .doc(Op::new("Says what is logged").reply::<wire::server::LogLevel>(200, "The level now, and the configured one.")),
        Route::new(&Method::PUT, "/log-level", admin, server::set_log_level).doc(
            Op::new("Changes what is logged, at once")
                .about("On this node, until it restarts.")
                .body::<wire::server::LogLevelChange>(json!({ "level": "debug" }))
                .reply::<wire::server::LogLevel>(200, "The level now, and the configured one."),
        ),
        Route::new(&get, "/logs", view, logs::read).doc(
            Op::new("Reads recent log lines")
                .about("`after` and `wait_ms` follow the log.")
                .query::<logs::ReadQuery>()
                .reply::<wire::logs::LogPage>(200, "The lines, oldest first."),
        ),
        Route::new(&get, "/audit", view, logs::audit).doc(
            Op::new("Says who changed what, and when").query::<logs::AuditQuery>().reply::<wire::logs::AuditList>(200, "Newest first."),
        ),
        Route::new(&post, "/mysql/check", operate, mysql::check).doc(
            Op::new("Inspects a server before it is used")
                .body::<wire::mysql::CheckRequest>(example::check())
                .reply::<wire::mysql::CheckReply>(200, "Version, findings and grants."),
        ),
        Route::new(&post, "/mysql/schemas", operate, mysql::schemas).doc(
            Op::new("Lists a server's schemas and tables")
                .body::<wire::mysql::SchemasRequest>(example::schemas())
                .reply::<wire::mysql::SchemaList>(200, "What the account may see, without views."),
        ),
        Route::new(&post, "/mysql/columns", operate, mysql::columns).doc(
            Op::new("Lists a table's columns")
                .body::<wire::mysql::ColumnsRequest>(example::columns())
                .reply::<wire::mysql::ColumnList>(200, "In the table's order."),
        ),
    ];
    routes.extend(steer::routes());
    routes.extend(task_routes());
    routes.extend(host_routes());
    routes
}

fn task_routes() -> Vec<Route> {
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    vec![
        Route::new(&get, "/tasks", view, tasks::list)
            .doc(Op::new("Lists tasks").query::<tasks::ListQuery>().reply::<wire::tasks::TaskList>(200, "The tasks.")),
        Route::new(&post, "/tasks", operate, tasks::create).doc(
            Op::new("Creates a task")
                .about("A job that runs at its times, or, without times, when it is told to.")
                .query::<tasks::Trying>()
                .body::<wire::tasks::TaskCreate>(example::task())
                .reply::<wire::tasks::Task>(201, "The task as it was created.")
                .reply::<wire::tasks::Task>(200, "Dry run: the task as it would be."),
        ),
        Route::new(&get, "/tasks/{id}", view, tasks::show).doc(Op::new("Shows a task").reply::<wire::tasks::Task>(200, "The task.")),
        Route::new(&put, "/tasks/{id}", operate, tasks::update).doc(
            Op::new("Changes a task")
                .about("What is absent stays. A run that is under way ends with its old settings.")
                .query::<tasks::UpdateQuery>()
                .body::<wire::tasks::TaskChange>(json!({ "cron": "0 0 3 * * ?" }))
                .reply::<wire::tasks::Task>(200, "The task as it is now."),
        ),
        Route::new(&Method::DELETE, "/tasks/{id}", operate, tasks::delete).doc(
            Op::new("Deletes a task")
                .about("Its runs stay.")
                .query::<tasks::Trying>()
                .reply::<wire::tasks::TaskDeleted>(200, "It is gone."),
        ),
        Route::new(&post, "/tasks/{id}/enable", operate, tasks::enable)
            .doc(Op::new("Enables a task").about("Idempotent.").reply::<wire::tasks::Task>(200, "The task.")),
        Route::new(&post, "/tasks/{id}/disable", operate, tasks::disable)
            .doc(Op::new("Disables a task").about("Idempotent.").reply::<wire::tasks::Task>(200, "The task.")),
        Route::new(&post, "/tasks/{id}/run", operate, tasks::run)
            .doc(Op::new("Runs a task now").about("Enabled or not. 409 while it runs.").reply::<wire::runs::Run>(202, "It has begun.")),
        Route::new(&get, "/tasks/{id}/next", view, tasks::next)
            .doc(Op::new("Lists a task's next times").query::<tasks::NextQuery>().reply::<wire::tasks::Times>(200, "The times.")),
        Route::new(&get, "/cron", view, tasks::cron).doc(
            Op::new("Says when a cron expression comes true")
                .query::<tasks::CronQuery>()
                .reply::<wire::tasks::Times>(200, "Its next times."),
        ),
        Route::new(&post, "/runs", operate, tasks::start).doc(
            Op::new("Begins a run that belongs to no task")
                .query::<tasks::Trying>()
                .body::<wire::tasks::RunCreate>(json!({ "name": "by hand", "hosts": { "addresses": ["10.1.1.1"], "range": "7d" } }))
                .reply::<wire::runs::Run>(202, "It has begun; ask for it by its number.")
                .reply::<wire::tasks::RunJudged>(
                    200,
                    "Dry run: it would begin. Of `bars_sync` to a backup with mode repair or full also what it would change, which takes \
                     as long as reading all of it.",
                ),
        ),
        Route::new(&post, "/runs/{number}/cancel", operate, tasks::cancel)
            .doc(Op::new("Cancels a task's run").about("409 where it has ended.").reply::<wire::runs::Run>(202, "It was told to stop.")),
    ]
}

fn host_routes() -> Vec<Route> {
    let (get, post, put) = (Method::GET, Method::POST, Method::PUT);
    let [view, operate] = [Role::Viewer, Role::Operator].map(Permission::Role);
    let es = || json!({ "endpoint": "http://es.example.com:9200", "index_pattern": "cluster*:data-zabbix-host-monitor-*" });
    vec![
        Route::new(&get, "/hosts", view, hosts::list).doc(
            Op::new("Lists hosts")
                .about("The pool, with the figures last written of each.")
                .query::<hosts::ListQuery>()
                .reply::<wire::hosts::HostList>(200, "The hosts, by id."),
        ),
        Route::new(&post, "/hosts", operate, hosts::add).doc(
            Op::new("Adds a host")
                .body::<wire::hosts::HostChange>(json!({ "ip": "10.1.1.1", "name": "db-1", "group": "DB组" }))
                .reply::<wire::hosts::Host>(201, "The host."),
        ),
        Route::new(&post, "/hosts/import", operate, hosts::import).doc(
            Op::new("Imports hosts")
                .about("All or nothing; an empty field keeps what is there.")
                .body::<wire::hosts::HostImport>(json!({ "csv": "host_ip,host_name\n10.1.1.1,db-1\n" }))
                .reply::<wire::hosts::HostImported>(200, "What it did."),
        ),
        Route::new(&get, "/hosts/export", view, hosts::export)
            .doc(Op::new("Exports hosts").reply::<wire::hosts::HostExport>(200, "CSV that can be imported.")),
        Route::new(&get, "/hosts/{host}", view, hosts::show)
            .doc(Op::new("Shows a host").about("By id or address.").reply::<wire::hosts::Host>(200, "The host.")),
        Route::new(&put, "/hosts/{host}", operate, hosts::update).doc(
            Op::new("Changes a host")
                .about("What is absent stays.")
                .body::<wire::hosts::HostChange>(json!({ "name": "db-1" }))
                .reply::<wire::hosts::Host>(200, "The host as it is now."),
        ),
        Route::new(&Method::DELETE, "/hosts/{host}", operate, hosts::remove).doc(
            Op::new("Removes a host")
                .about("Softly: adding it again brings it back.")
                .reply::<wire::hosts::HostRemoved>(200, "It is gone."),
        ),
        Route::new(&post, "/es/check", operate, hosts::es_check).doc(
            Op::new("Inspects an Elasticsearch endpoint before it is used")
                .body::<wire::hosts::EsRequest>(es())
                .reply::<wire::hosts::EsChecked>(200, "What it is, and what the pattern reaches."),
        ),
        Route::new(&post, "/es/fields", operate, hosts::es_fields).doc(
            Op::new("Compares the configured fields with those that there are")
                .body::<wire::hosts::EsRequest>(es())
                .reply::<wire::hosts::EsFields>(200, "Configured fields first, then all that there are."),
        ),
    ]
}

/// Bodies that the document shows, and that the Swagger page fills in.
mod example {
    use serde_json::{Value, json};

    pub(super) fn task() -> Value {
        json!({
            "name": "nightly",
            "cron": "0 0 2 * * ?",
            "time_zone": "Asia/Shanghai",
            "hosts": { "range": "30d" },
        })
    }

    pub(super) fn job() -> Value {
        json!({
            "name": "orders",
            "kind": "sync",
            "source": endpoint("db1.example.com"),
            "target": endpoint("db2.example.com"),
            "include": [{ "schema": "shop", "tables": ["orders", "customers"] }],
        })
    }

    pub(super) fn stream() -> Value {
        json!({
            "name": "look",
            "kind": "subscription",
            "source": endpoint("db1.example.com"),
            "lines": { "format": "debezium" },
            "include": [{ "schema": "shop" }],
        })
    }

    pub(super) fn verify() -> Value {
        json!({ "tables": ["shop.orders"], "max_differences": 100 })
    }

    pub(super) fn verify_always() -> Value {
        json!({ "every_seconds": 21600, "repair": false })
    }

    pub(super) fn check() -> Value {
        json!({ "endpoint": endpoint("db1.example.com"), "role": "source" })
    }

    pub(super) fn schemas() -> Value {
        json!({ "endpoint": endpoint("db1.example.com") })
    }

    pub(super) fn columns() -> Value {
        json!({ "endpoint": endpoint("db1.example.com"), "schema": "shop", "table": "orders" })
    }

    fn endpoint(host: &str) -> Value {
        json!({ "host": host, "port": 3306, "user": "syncline", "password": "<the password>", "tls": "preferred" })
    }
}
