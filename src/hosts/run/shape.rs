//! How the documents are built, found out when an answer is odd: a field that is mapped as text has its exact values under
//! `.keyword`, one that is mapped as keyword has no such thing below it, and a filter on a field that is not there
//! matches nothing, without an error. Only when the fields are known to be there is "nothing" an answer.

use crate::hosts::es::Client;
use crate::hosts::query::{Scope, Shape};
use crate::hosts::{Error, Result};

/// Returns the fields to ask with. An error where documents are there and none of them has the host's or the time's field.
pub(in crate::hosts) async fn find_out(client: &Client, scope: &Scope, configured: &Shape) -> Result<Shape> {
    let mut shape = configured.clone();
    match usable(client, scope, &configured.ip).await? {
        Some(ip) => shape.ip = ip,
        None => return nothing(client, scope, configured).await,
    }
    if let Some(name) = usable(client, scope, &configured.name).await? {
        shape.name = name;
    }
    if scope.group.is_some() {
        shape.group = usable(client, scope, &configured.group).await?.ok_or_else(|| missing(client, "group", &configured.group))?;
    }
    Ok(shape)
}

/// Returns the field, or its other spelling, whichever documents in the range have and can be aggregated.
async fn usable(client: &Client, scope: &Scope, field: &str) -> Result<Option<String>> {
    let other = field.strip_suffix(".keyword").map_or_else(|| format!("{field}.keyword"), str::to_owned);
    for candidate in [field, &other] {
        match client.ask(scope.probe(Some(candidate), true, true)).await {
            Ok(answer) if answer.any() => return Ok(Some(candidate.to_owned())),
            Ok(_) => {}
            Err(error) if error.code == "es_refused" => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// No document in the range has the host's field: because there is none in the range, or because it is called otherwise?
async fn nothing(client: &Client, scope: &Scope, configured: &Shape) -> Result<Shape> {
    if client.ask(scope.probe(None, true, false)).await?.any() {
        return Err(missing(client, "ip", &configured.ip));
    }
    let time = &scope.fields.time;
    let timed = client.ask(scope.probe(Some(time), false, false)).await?.any();
    if !timed && client.ask(scope.probe(None, false, false)).await?.any() {
        return Err(missing(client, "time", time));
    }
    Ok(configured.clone())
}

fn missing(client: &Client, key: &str, field: &str) -> Error {
    Error::config("es_no_field", format!("no document of {} has the field {field}", client.source().index()))
        .hint(format!("set [hosts] field_{key} to what the documents have; `syncline es fields` lists it"))
}
