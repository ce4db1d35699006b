//! What the OpenAPI document says of routes that are alike.

use super::jobs::{FILTERS, Verb, Write};
use crate::api::openapi::Op;
use crate::model::replicate::ReplicateKind;
use crate::wire::dtle3::{reply, request};
use serde_json::{Value, json};

/// A config that the document shows, and that the Swagger page fills in.
pub(super) fn config(kind: &str) -> Value {
    let connection = |host| json!({ "mysql_host": host, "mysql_port": 3306, "mysql_user": "syncline", "mysql_password": "<the password>" });
    json!({
        "job_name": format!("shop-{kind}"),
        "src_task": {
            "task_name": "src",
            "replicate_do_db": [{ "table_schema": "shop", "tables": [{ "table_name": "orders" }] }],
            "mysql_connection_config": connection("db1.example.com"),
        },
        "dest_task": match kind {
            "subscription" => json!({ "task_name": "dest", "kafka_broker_addrs": ["kafka.example.com:9092"], "kafka_topic": "shop" }),
            _ => json!({ "task_name": "dest", "mysql_connection_config": connection("db2.example.com") }),
        },
    })
}

pub(super) fn write(kind: ReplicateKind, write: Write) -> Op {
    let (summary, about) = match write {
        Write::Either => (
            "Creates or updates a job",
            "The id is `job_id` or `job_name` with the type behind it; a job of that id is updated. The same object under \
             `<type>_job_config` is taken too.",
        ),
        Write::Create => ("Creates a job", "A job of that id is a conflict."),
        Write::Update => ("Updates a job", "There must be a job of that id."),
    };
    Op::new(summary)
        .about(about)
        .body::<request::JobConfig>(config(kind.as_str()))
        .reply::<reply::Created>(200, "The job as it was understood, with the defaults.")
}

pub(super) fn verb(verb: Verb) -> Op {
    let (summary, about, done) = match verb {
        Verb::Pause => ("Pauses a job", "Idempotent; the position is kept.", "It is paused."),
        Verb::Resume => ("Resumes a job", "Idempotent.", "It runs."),
        Verb::Delete => ("Deletes a job", "Forgets its position; user data stays.", "It is gone."),
    };
    Op::new(summary).about(about).form(&[("job_id", "The job's id.", "shop-sync")]).reply::<reply::Message>(200, done)
}

pub(super) fn list() -> Op {
    let about = |name: &str| match name {
        "filter_job_id" => "The id begins so.",
        "filter_job_status" => "`pending`, `running`, `paused`, `failed` or `complete`.",
        "order_by" => "`job_id`, `job_name` or `job_status`.",
        "filter_job_src_ip" => "The source's host.",
        "filter_job_src_port" => "The source's port.",
        "filter_job_dest_ip" => "The target's host.",
        _ => "The target's port.",
    };
    let op = FILTERS.iter().fold(Op::new("Lists jobs of this type"), |op, name| op.parameter(name, about(name), false, ""));
    op.reply::<reply::JobList>(200, "The jobs.")
}

pub(super) fn validation() -> Op {
    Op::new("Checks a job without creating it")
        .about("`driver_config_validated` is false about a config that no job can have; then no server was asked.")
        .reply::<reply::Validation>(200, "One report per task; a section that does not apply is null.")
}

/// The server to look at; the caller adds the reply.
pub(super) fn server(summary: &'static str) -> Op {
    Op::new(summary)
        .parameter("mysql_host", "The server's host.", true, "db1.example.com")
        .parameter("mysql_port", "Its port.", true, "3306")
        .parameter("mysql_user", "The account.", true, "syncline")
        .parameter("mysql_password", "Its password.", true, "<the password>")
        .parameter("mysql_character_set", "Any gives the same names.", false, "utf8mb4")
        .parameter("is_mysql_password_encrypted", "The password is encrypted for the daemon's RSA key.", false, "false")
}
