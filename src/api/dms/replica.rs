//! `/api/dms/replica`: what daemons of one version ask each other (`bars::replica`). Thin: each answer is the store's own. Bars
//! that a slave takes in are its master's, and stand in its history.

use super::error::{Error, Result};
use super::extract::{only, store};
use crate::api::App;
use crate::bars::Errand;
use crate::bars::replica::message::{Applied, Block, Delivery, Entry, Followed, Need, Page};
use crate::bars::replica::{Filter, Introduced, taken_out};
use crate::bars::store::{Damage, Store, Transfer};
use crate::config::DmsRole;
use crate::model::bars::{SyncMode, TargetId};
use axum::Json;
use axum::extract::{ConnectInfo, FromRequest, FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

const MOST_BYTES: usize = 64 << 20;

/// A query of a peer, which has nothing in it but what we know.
pub(super) struct Asked(BTreeMap<String, String>);

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Self(form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

impl Asked {
    /// Refuses what this call has no use for.
    fn only(self, known: &[&str]) -> Result<Self> {
        match self.0.keys().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(Error::bad(format!("{unknown}: is not known; the other daemon is of another version"))),
            None => Ok(self),
        }
    }
    fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>> {
        let wrong = |text: &str| Error::bad(format!("{name}: {text:?} is not a number"));
        self.0.get(name).map(|text| text.parse().map_err(|_| wrong(text))).transpose()
    }
    /// The one parameter of the calls about a store that is followed.
    fn store(self) -> Result<String> {
        self.only(&["store"])?.0.remove("store").ok_or_else(|| Error::bad("store: is missing"))
    }
}

/// A body of a peer: the size of some blocks, and of our own making.
pub(super) struct Said<T>(T);

impl<T: DeserializeOwned> FromRequest<App> for Said<T> {
    type Rejection = Error;
    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let bytes = axum::body::to_bytes(request.into_body(), MOST_BYTES).await;
        let bytes = bytes.map_err(|_| Error::new(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|e| Error::bad(format!("the body is not what a replica says: {e}")))
    }
}

/// Who asks, if it said so, and from where.
pub(super) struct By(Option<(Introduced, IpAddr)>);

impl<S: Send + Sync> FromRequestParts<S> for By {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let said = parts.headers.get(Introduced::HEADER).and_then(|value| value.to_str().ok());
        let from = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(from)| from.ip());
        Ok(Self(said.and_then(Introduced::read).zip(from)))
    }
}

/// Notes who came, and what it said of itself then: with each question, for what it has moves on while it is there.
async fn came(app: &App, store: &Store, who: Option<(Introduced, IpAddr)>, errand: Errand) {
    if let Some((who, from)) = who {
        app.dms.visits.came(store, who, from, errand).await;
    }
}

pub(super) async fn page(State(app): State<App>, By(who): By, asked: Asked) -> Result<Json<Page>> {
    let asked = asked.only(&["since", "symbol", "from", "to"])?;
    let filter = Filter::from_query(asked.0.get("symbol").map(String::as_str), asked.number("from")?, asked.number("to")?)?;
    let since = asked.number("since")?.unwrap_or(0);
    let store = store(&app)?;
    let page = store.replica_page(since, &filter).await?;
    // A transfer begins with a look at the head alone, after a version that never comes.
    let who = who.filter(|_| filter.is_all() && since <= page.head);
    came(&app, &store, who, Errand::Pull { version: since, head: page.head }).await;
    Ok(Json(Page { name: Some(app.dms.own_name().to_owned()), ..page }))
}

pub(super) async fn needs(State(app): State<App>, By(who): By, Said(entries): Said<Vec<Entry>>) -> Result<Json<Vec<Need>>> {
    let store = store(&app)?;
    came(&app, &store, who, Errand::Take).await;
    Ok(Json(store.replica_needs(&entries).await?))
}

pub(super) async fn blocks(State(app): State<App>, By(who): By, Said(need): Said<Need>) -> Result<Json<Vec<Block>>> {
    let store = store(&app)?;
    // Much to take takes long: it is there all the while.
    came(&app, &store, who, Errand::Take).await;
    // Of this series, and not of the daemon: the others go on.
    let damaged = |e: crate::bars::Error| match e.code {
        Damage::CODE => Error::new(StatusCode::CONFLICT, e.message),
        _ => e.into(),
    };
    Ok(Json(store.replica_blocks(&need).await.map_err(damaged)?))
}

pub(super) async fn apply(State(app): State<App>, By(who): By, Said(delivery): Said<Delivery>) -> Result<Json<Applied>> {
    // Bars are brought to slaves only: a master's are its own.
    let store = only(&app, DmsRole::Slave)?;
    let (who, from) = who.ok_or_else(|| Error::bad(format!("{}: is missing; whoever brings bars says who it is", Introduced::HEADER)))?;
    app.dms.admit(&store, &who.store, Some(&who.name), true).await?;
    came(&app, &store, Some((who, from)), Errand::Push).await;
    let started = Timestamp::now();
    let series = (delivery.entry.symbol.clone(), delivery.entry.interval.clone());
    let applied = store.replica_apply(delivery).await?;
    if applied.bars + applied.removed > 0 {
        let TargetId { kind, name: target } = TargetId::slave(app.dms.own_name());
        let (mode, ended, bars) = (SyncMode::Incremental, Timestamp::now(), applied.bars);
        store
            .keep_transfers(vec![Transfer {
                id: 0,
                target,
                kind: Some(kind),
                series: Some(series),
                mode,
                started,
                ended,
                bars,
                error: String::new(),
                note: if applied.removed > 0 { taken_out(applied.removed) } else { String::new() },
            }])
            .await?;
    }
    Ok(Json(applied))
}

pub(super) async fn followed(State(app): State<App>, By(who): By, asked: Asked) -> Result<Json<Followed>> {
    let (of, store) = (asked.store()?, store(&app)?);
    let is_slave = app.config.dms.role == DmsRole::Slave;
    if is_slave {
        // Whoever is refused is so before it looks at what there is.
        app.dms.admit(&store, &of, who.as_ref().map(|(who, _)| who.name.as_str()), false).await?;
    }
    came(&app, &store, who.filter(|_| is_slave), Errand::Push).await;
    Ok(Json(store.followed(&of).await?))
}

pub(super) async fn set_followed(
    State(app): State<App>,
    By(who): By,
    asked: Asked,
    Said(followed): Said<Followed>,
) -> Result<Json<Followed>> {
    let (store, of) = (only(&app, DmsRole::Slave)?, asked.store()?);
    app.dms.admit(&store, &of, who.as_ref().map(|(who, _)| who.name.as_str()), true).await?;
    store.set_followed(&of, followed.clone()).await?;
    came(&app, &store, who, Errand::Push).await;
    if followed.synced.is_some() {
        store.set_synced(&TargetId::slave(app.dms.own_name()), Timestamp::now()).await?;
    }
    Ok(Json(followed))
}
