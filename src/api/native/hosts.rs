//! `/api/v1/hosts` and `/api/v1/es`.

use super::convert::tasks::es_style;
use super::extract::{Body, Path, Query};
use crate::api::app::App;
use crate::api::auth::Caller;
use crate::api::error::{Error, Result};
use crate::hosts::inventory::{HostFilter, Imported, read_csv, write_csv};
use crate::hosts::{Source, check, read_address};
use crate::model::hosts::{Host, HostChange, HostFacts, HostMetricsSpec, HostResources, HostSelection, QueryRange};
use crate::scheduler;
use crate::store::audit;
use crate::wire::native::hosts as wire;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use std::net::{IpAddr, SocketAddr};
use utoipa::IntoParams;

const MAX_LIMIT: usize = 10_000;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Only hosts of this group.
    group: Option<String>,
    /// Part of the name or of the address.
    text: Option<String>,
    /// Only hosts with a higher id: the last of the page before.
    after: Option<u64>,
    /// At most so many; 10000 when absent.
    limit: Option<usize>,
}

type Reply<T> = Result<Json<T>>;

fn failed(error: crate::hosts::Error) -> Error {
    scheduler::Error::Hosts(error).into()
}

pub(super) async fn list(State(app): State<App>, Query(query): Query<ListQuery>) -> Reply<wire::HostList> {
    let ListQuery { group, text, after, limit } = query;
    let filter = HostFilter { group, text, after, limit: limit.unwrap_or(MAX_LIMIT).clamp(1, MAX_LIMIT) };
    let found = app.hosts.inventory.list(&filter).await.map_err(failed)?;
    Ok(Json(wire::HostList { hosts: found.into_iter().map(|(host, resources)| shown(host, resources)).collect() }))
}

fn shown(host: Host, resources: HostResources) -> wire::Host {
    let Host { id, ip, facts, created: _, updated: _ } = host;
    let HostFacts { name, host_type, group, cpus, memory_gb, disk_gb, remark } = facts;
    let HostResources { cpu_load, used_memory, total_disk, updated } = resources;
    wire::Host {
        id,
        ip: ip.to_string(),
        name,
        host_type,
        group,
        cpus,
        memory_gb,
        disk_gb,
        remark,
        cpu_load,
        used_memory,
        total_disk,
        measured: updated.map(|t| t.to_string()),
    }
}

/// Leaves the line of a change in the audit log. The inventory may be another server's: its change and the line cannot be
/// one transaction, so the line comes after the change, and without the line there is no success.
async fn told(app: &App, caller: Caller, action: &'static str, object: String, detail: String) -> Result<()> {
    let entry = caller.entry(action, object, detail);
    Ok(app.store.write(move |db| audit::add(db, &entry)).await?)
}

fn address(text: &str) -> Result<IpAddr> {
    read_address(text).ok_or_else(|| Error::bad_request(format!("ip: {text:?} is no IP address")).field("ip"))
}

/// What stands in a line of a list and behind a flag.
fn plain(field: &str, text: Option<&String>) -> Result<()> {
    let is_plain = text.is_none_or(|t| t.trim() == t && !t.contains(char::is_control));
    let why = "must be without control characters, and without blanks at either end";
    if is_plain { Ok(()) } else { Err(Error::bad_request(format!("{field}: {why}")).field(field)) }
}

pub(super) async fn add(
    State(app): State<App>,
    caller: Caller,
    Body(body): Body<wire::HostChange>,
) -> Result<(StatusCode, Json<wire::Host>)> {
    let wire::HostChange { ip, name, host_type, group, cpus, memory_gb, disk_gb, remark } = body;
    plain("name", name.as_ref())?;
    plain("group", group.as_ref())?;
    let ip = address(&ip.ok_or_else(|| Error::bad_request("ip: required").field("ip"))?)?;
    let text = Option::unwrap_or_default;
    let facts =
        HostFacts { name: text(name), host_type: text(host_type), group: text(group), cpus, memory_gb, disk_gb, remark: text(remark) };
    let host = app.hosts.inventory.add(ip, &facts).await.map_err(failed)?;
    told(&app, caller, "host.add", format!("host/{ip}"), String::new()).await?;
    Ok((StatusCode::CREATED, Json(shown(host, HostResources::default()))))
}

/// Finds a host by its id, or by its address.
async fn find(app: &App, host: &str) -> Result<(Host, HostResources)> {
    if let Ok(id) = host.parse() {
        return app.hosts.inventory.get(id).await.map_err(failed);
    }
    let ip = address(host)?;
    app.hosts.inventory.find(ip).await.map_err(failed)?.ok_or_else(|| Error::not_found(format!("host {ip} does not exist")))
}

pub(super) async fn show(State(app): State<App>, Path(host): Path<String>) -> Reply<wire::Host> {
    let (host, resources) = find(&app, &host).await?;
    Ok(Json(shown(host, resources)))
}

pub(super) async fn update(
    State(app): State<App>,
    caller: Caller,
    Path(host): Path<String>,
    Body(body): Body<wire::HostChange>,
) -> Reply<wire::Host> {
    let wire::HostChange { ip, name, host_type, group, cpus, memory_gb, disk_gb, remark } = body;
    plain("name", name.as_ref())?;
    plain("group", group.as_ref())?;
    let (found, resources) = find(&app, &host).await?;
    let ip = ip.map(|text| address(&text)).transpose()?;
    let (cpus, memory_gb, disk_gb) = (cpus.map(Some), memory_gb.map(Some), disk_gb.map(Some));
    let change = HostChange { ip, name, host_type, group, cpus, memory_gb, disk_gb, remark };
    let host = app.hosts.inventory.update(found.id, &change).await.map_err(failed)?;
    let moved = if host.ip == found.ip { String::new() } else { format!("now {}", host.ip) };
    told(&app, caller, "host.update", format!("host/{}", found.ip), moved).await?;
    Ok(Json(shown(host, resources)))
}

pub(super) async fn remove(State(app): State<App>, caller: Caller, Path(host): Path<String>) -> Reply<wire::HostRemoved> {
    let (host, _) = find(&app, &host).await?;
    app.hosts.inventory.remove(host.id).await.map_err(failed)?;
    told(&app, caller, "host.remove", format!("host/{}", host.ip), String::new()).await?;
    Ok(Json(wire::HostRemoved { id: host.id, ip: host.ip.to_string() }))
}

pub(super) async fn import(State(app): State<App>, caller: Caller, Body(body): Body<wire::HostImport>) -> Reply<wire::HostImported> {
    let wire::HostImport { csv, dry_run } = body;
    let read = read_csv(csv.as_bytes()).map_err(failed)?;
    let Imported { inserted, updated, unchanged } = if dry_run {
        app.hosts.inventory.pool().await.map_err(failed)?.importing(&read.hosts)
    } else {
        app.hosts.inventory.import(&read.hosts).await.map_err(failed)?
    };
    if !dry_run {
        let counts = format!("{inserted} added, {updated} updated, {unchanged} unchanged");
        told(&app, caller, "host.import", "hosts".to_owned(), counts).await?;
    }
    Ok(Json(wire::HostImported { inserted, updated, unchanged, ignored: read.ignored }))
}

pub(super) async fn export(State(app): State<App>) -> Reply<wire::HostExport> {
    let all = app.hosts.inventory.list(&HostFilter::default()).await.map_err(failed)?;
    Ok(Json(wire::HostExport { csv: write_csv(&all).map_err(failed)? }))
}

/// Returns where to ask, and the addresses that the policy lets pass.
async fn source(app: &App, request: &wire::EsRequest) -> Result<(Source, Vec<SocketAddr>)> {
    let wire::EsRequest { endpoint, style, index_pattern, range: _ } = request;
    let style = style.as_deref().map(|text| es_style(text, "style")).transpose()?;
    let source = app.hosts.settings.source(endpoint.as_deref(), style, index_pattern.as_deref()).map_err(failed)?;
    let addresses = app.scheduler.admit_source(&source).await?;
    Ok((source, addresses))
}

/// How long a run may be held up to find out whether its group is there.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(10);

/// Refuses a full sync of a group that nobody has. What cannot be asked now is the run's to tell.
pub(super) async fn know_group(app: &App, spec: &HostMetricsSpec) -> Result<()> {
    if !matches!(spec.selection, HostSelection::FullSync { .. }) {
        return Ok(());
    }
    let plan = app.hosts.settings.plan(spec).map_err(failed)?;
    let addresses = app.scheduler.admit_source(&plan.source).await?;
    let asked = tokio::time::timeout(PATIENCE, Box::pin(check::group(&plan, &addresses))).await;
    match asked {
        Ok(Err(error)) if error.kind == crate::hosts::Kind::NotFound => Err(failed(error)),
        _ => Ok(()),
    }
}

/// To a run an index that is not there is a wrong setting; whoever asks for it has looked for what does not exist.
fn looked_for(error: crate::hosts::Error) -> Error {
    if error.code == "es_no_index" {
        return Error::not_found(error.to_string()).hint(error.hint);
    }
    failed(error)
}

pub(super) async fn es_check(State(app): State<App>, Body(body): Body<wire::EsRequest>) -> Reply<wire::EsChecked> {
    if body.range.is_some() {
        return Err(Error::bad_request("range: a check looks at all documents; the fields of a range are in es/fields").field("range"));
    }
    let (source, addresses) = source(&app, &body).await?;
    let check::Checked { version, shards, documents, oldest, newest, took } =
        Box::pin(check::check(&source, &addresses)).await.map_err(looked_for)?;
    Ok(Json(wire::EsChecked {
        endpoint: source.url().to_owned(),
        index_pattern: source.index().to_owned(),
        style: source.style().as_str().to_owned(),
        version,
        shards,
        documents,
        oldest,
        newest,
        took_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
    }))
}

pub(super) async fn es_fields(State(app): State<App>, Body(body): Body<wire::EsRequest>) -> Reply<wire::EsFields> {
    let (source, addresses) = source(&app, &body).await?;
    let wrong = |why| Error::bad_request(format!("range: {why}")).field("range");
    let range = body.range.map(|text| QueryRange::parse(&text).map_err(wrong)).transpose()?.unwrap_or_default();
    let check::Fields { documents, expected, present } = Box::pin(check::fields(&source, &addresses, range)).await.map_err(looked_for)?;
    let named = expected.into_iter().map(|check::Expected { role, path, types, documents, suggestion }| wire::EsField {
        role,
        path,
        types,
        documents: Some(documents),
        suggestion,
        sample: String::new(),
    });
    let there = present.into_iter().map(|check::Present { path, types, sample }| wire::EsField {
        role: String::new(),
        path,
        types,
        documents: None,
        suggestion: None,
        sample,
    });
    Ok(Json(wire::EsFields { documents, fields: named.chain(there).collect() }))
}
