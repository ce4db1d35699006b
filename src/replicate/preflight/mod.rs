//! Looks at both ends before a job starts and says what is wrong, and what to do about it.
//!
//! Never fails: a server that cannot be reached is a finding like any other. A job with an error finding does not
//! start. Called by `jobs validate`, `jobs create`, the start of each run, and `mysql check`. It changes nothing.
//!
//! Order: filter → both servers (variables, privileges) → the pair → the job's tables at the source → the same at the
//! target. Each step looks at what the steps before it read.

mod both_ways;
pub mod grants;
mod names;
mod pair;
pub mod privileges;
mod relations;
mod report;
mod row_filters;
mod sequences;
mod server;
mod source;
mod start;
mod subscription;
mod tables;
mod target;
mod target_tables;

use crate::model::endpoint::MysqlEndpoint;
use crate::model::finding::{Check, Finding, Preflight, Side};
use crate::model::job::JobId;
use crate::model::replicate::{ReplicateSpec, SYSTEM_SCHEMAS, SinkSpec, TableFilter};
use crate::replicate::connect::{Flavor, ServerInfo};
use crate::replicate::{Error, Recorded};
pub use both_ways::check as both_ways;
use report::Findings;
use server::Server;

/// Checks a whole job. Rows of tables that are `recorded` are its own, and their definitions may be apart by a DDL that is
/// still on its way.
pub async fn run(spec: &ReplicateSpec, job: Option<&JobId>, recorded: &Recorded) -> Preflight {
    let SinkSpec::Mysql(sink) = &spec.dest.sink else { return subscription::run(spec, job, recorded).await };
    let filter = &spec.src.filter;
    let mut found = Findings::default();
    system_schemas(filter, &mut found);
    let (source, target) = tokio::join!(Server::ask(&spec.src.endpoint), Server::ask(&sink.endpoint));
    let mut source = reached(source, Side::Src, &spec.src.endpoint, &mut found);
    let mut target = reached(target, Side::Dest, &sink.endpoint, &mut found);
    if let Some(source) = &mut source {
        source::check(source, &mut found).await;
    }
    // Progress that is saved wins over a start that is given.
    if let (Some(source), Some(gtid), false) = (&mut source, &spec.src.start_gtid, recorded.started()) {
        start::check(source, gtid, &mut found).await;
    }
    if let Some(target) = &target {
        target::check(target, &mut found);
    }
    if let (Some(source), Some(target)) = (&source, &target) {
        pair::check(source, target, &mut found);
    }
    let mut keyless = Vec::new();
    if let Some(source) = &mut source {
        match tables::check(spec, source, target.as_mut(), recorded, &mut found).await {
            Ok(schemas) => keyless = schemas,
            Err(e) => failed(&e, Side::Src, "the job's tables", &mut found),
        }
    }
    let src_grants = source_grants(source.as_ref(), &spec.src.endpoint, filter, &keyless);
    let dest_grants = target_grants(target.as_ref(), &sink.endpoint, filter);
    for server in [source, target].into_iter().flatten() {
        // A failed farewell leaves nothing behind at the server.
        server.conn.disconnect().await;
    }
    let errors = found.0.iter().filter(|f| f.severity == crate::model::finding::Severity::Error).count();
    tracing::debug!(job.id = job.map(|j| j.0.as_str()), findings = found.0.len(), errors, "preflight");
    Preflight { findings: found.0, src_grants, dest_grants }
}

/// Checks one server by itself, for `mysql check`: what it is, what is wrong, what an account needs there.
pub async fn check_server(endpoint: &MysqlEndpoint, role: Side) -> (Option<ServerInfo>, Vec<Finding>, Vec<String>) {
    let mut found = Findings::default();
    let mut server = reached(Server::ask(endpoint).await, role, endpoint, &mut found);
    let all = TableFilter::default();
    let grants = match role {
        Side::Src => {
            if let Some(server) = &mut server {
                source::check(server, &mut found).await;
            }
            source_grants(server.as_ref(), endpoint, &all, &[])
        }
        Side::Dest => {
            if let Some(server) = &server {
                target::check(server, &mut found);
                target::privileges(server, &mut found);
            }
            target_grants(server.as_ref(), endpoint, &all)
        }
    };
    let info = server.as_ref().map(|s| s.info.clone());
    if let Some(server) = server {
        server.conn.disconnect().await;
    }
    (info, found.0, grants)
}

fn reached(server: crate::replicate::Result<Server>, side: Side, endpoint: &MysqlEndpoint, found: &mut Findings) -> Option<Server> {
    server.map_err(|e| failed(&e, side, &endpoint.address(), found)).ok()
}

fn failed(error: &Error, side: Side, object: &str, found: &mut Findings) {
    found.error(side, Check::Connection, error.code, object, &error.message, &error.hint);
}

/// What the source's account of a job into a database needs, with what it needs to be shown what the job leaves out.
fn source_grants(server: Option<&Server>, endpoint: &MysqlEndpoint, filter: &TableFilter, keyless: &[String]) -> Vec<String> {
    let mut grants = log_grants(server, endpoint, filter, keyless);
    grants.extend(shown_grants(server, filter.include.iter().map(|rule| rule.schema.as_str())));
    grants
}

/// What the source's account of any job needs.
fn log_grants(server: Option<&Server>, endpoint: &MysqlEndpoint, filter: &TableFilter, keyless: &[String]) -> Vec<String> {
    let keyless: Vec<_> = keyless.iter().map(String::as_str).collect();
    match server {
        Some(s) => grants::source(&s.info, &s.account, filter, &keyless, s.literal()),
        // Both flavours understand REPLICATION CLIENT.
        None => {
            let info = ServerInfo {
                flavor: Flavor::Mysql,
                version: (0, 0, 0),
                version_text: String::new(),
                server_id: 0,
                uuid: String::new(),
                origin: String::new(),
                gtid: true,
                logs_cascades: true,
                connection_id: 0,
            };
            grants::source(&info, &grants::Account::of_user(&endpoint.user), filter, &keyless, false)
        }
    }
}

/// What the target's account needs, with what it needs to be shown what the job leaves out and where its log stands.
fn target_grants(server: Option<&Server>, endpoint: &MysqlEndpoint, filter: &TableFilter) -> Vec<String> {
    let mut grants = match server {
        Some(s) => grants::target(&s.account, filter, s.literal()),
        None => grants::target(&grants::Account::of_user(&endpoint.user), filter, false),
    };
    grants.extend(shown_grants(server, grants::target_schemas(filter)));
    grants.extend(server.map(|s| grants::place(s.info.flavor, &s.account)));
    grants
}

/// What a server that answers wants besides of those whom it shows what a job into a database leaves out.
fn shown_grants<'s>(server: Option<&Server>, schemas: impl Iterator<Item = &'s str>) -> Vec<String> {
    server.map_or_else(Vec::new, |s| grants::shown(s.info.flavor, &s.account, schemas, s.literal()))
}

/// A rule that names a schema which no job ever reads would otherwise do nothing in silence.
fn system_schemas(filter: &TableFilter, found: &mut Findings) {
    for rule in &filter.include {
        if SYSTEM_SCHEMAS.iter().any(|s| s.eq_ignore_ascii_case(&rule.schema)) {
            let message = format!("{} belongs to the server or to us and is never replicated", rule.schema);
            found.error(Side::Src, Check::Schema, "system_schema", &rule.schema, message, "take it out of the job's tables");
        }
    }
}

fn version(info: &ServerInfo, side: Side, found: &mut Findings) {
    let text = &info.version_text;
    match info.flavor {
        Flavor::Mariadb if info.version < (10, 5, 0) => {
            found.error(
                side,
                Check::Connection,
                "version_unsupported",
                text,
                format!("MariaDB {text} is too old"),
                "MariaDB 10.5 is the oldest that works",
            );
        }
        Flavor::Mysql if info.version < (5, 7, 0) => {
            found.error(
                side,
                Check::Connection,
                "version_unsupported",
                text,
                format!("MySQL {text} is too old"),
                "MySQL 5.7 is the oldest that works",
            );
        }
        Flavor::Mysql if info.version < (8, 0, 0) => {
            found.warning(
                side,
                Check::Connection,
                "version_untested",
                text,
                format!("MySQL {text} was not tried, it is supported by its documents only"),
                "",
            );
        }
        Flavor::Mysql if info.version < (9, 0, 0) => {
            found.info(
                side,
                Check::Connection,
                "version_untested",
                text,
                format!("MySQL {text} was not tried, it is supported by its documents only"),
                "",
            );
        }
        _ => {}
    }
}
