//! `/api/v1/bars/replica`: what dms daemons ask each other (`bars::replica`). Thin: each answer is the store's own.

use super::extract::{Body, Query};
use crate::api::App;
use crate::api::error::{Error, Result};
use crate::bars::replica::Filter;
use crate::bars::replica::message::{Applied, Block, Delivery, Entry, Followed, Need, Page};
use crate::bars::store::Store;
use crate::config::DmsRole;
use crate::wire::native::error::Code;
use axum::Json;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use utoipa::IntoParams;

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(super) struct PageQuery {
    /// Only what changed after this version.
    since: u64,
    /// Only this symbol.
    symbol: Option<String>,
    /// Only blocks with bars between these, in seconds.
    from: Option<String>,
    to: Option<String>,
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default, deny_unknown_fields)]
pub(super) struct StoreQuery {
    /// The id of the store that is followed.
    store: String,
}

/// A body of a peer: the size of some blocks, and of our own making.
pub(super) struct Said<T>(T);

const MOST_BYTES: usize = 64 << 20;

impl<T: DeserializeOwned> FromRequest<App> for Said<T> {
    type Rejection = Error;
    async fn from_request(request: Request, _: &App) -> Result<Self> {
        let bytes = axum::body::to_bytes(request.into_body(), MOST_BYTES).await;
        let bytes = bytes.map_err(|_| Error::new(StatusCode::PAYLOAD_TOO_LARGE, Code::PayloadTooLarge, "the body is too large"))?;
        serde_json::from_slice(&bytes).map(Self).map_err(|e| Error::bad_request(format!("the body is not what a replica says: {e}")))
    }
}

pub(super) fn store(app: &App) -> Result<Store> {
    let unavailable =
        |why: &str| Error::new(StatusCode::SERVICE_UNAVAILABLE, Code::ShuttingDown, format!("market data is not served: {why}"));
    app.dms.bars.get().cloned().map_err(unavailable)
}

/// Bars are brought to slaves only: a master's are its own.
fn slave(app: &App) -> Result<Store> {
    if app.config.dms.role == DmsRole::Slave {
        return store(app);
    }
    Err(Error::new(StatusCode::FORBIDDEN, Code::Forbidden, "this daemon is a master and takes no bars from others").hint("[dms] role"))
}

pub(super) async fn page(State(app): State<App>, Query(query): Query<PageQuery>) -> Result<Json<Page>> {
    let PageQuery { since, symbol, from, to } = query;
    let seconds = |name: &str, text: Option<String>| {
        let wrong = |t: &str| Error::bad_request(format!("{name}: {t:?} is not a number of seconds")).field(name);
        text.map(|t| t.parse::<i64>().map_err(|_| wrong(&t))).transpose()
    };
    let filter = Filter::from_query(symbol.as_deref(), seconds("from", from)?, seconds("to", to)?)?;
    Ok(Json(store(&app)?.replica_page(since, &filter).await?))
}

pub(super) async fn needs(State(app): State<App>, Said(entries): Said<Vec<Entry>>) -> Result<Json<Vec<Need>>> {
    Ok(Json(store(&app)?.replica_needs(&entries).await?))
}

pub(super) async fn blocks(State(app): State<App>, Said(need): Said<Need>) -> Result<Json<Vec<Block>>> {
    Ok(Json(store(&app)?.replica_blocks(&need).await?))
}

pub(super) async fn apply(State(app): State<App>, Said(delivery): Said<Delivery>) -> Result<Json<Applied>> {
    Ok(Json(slave(&app)?.replica_apply(delivery).await?))
}

pub(super) async fn followed(State(app): State<App>, Query(query): Query<StoreQuery>) -> Result<Json<Followed>> {
    Ok(Json(store(&app)?.followed(&query.store).await?))
}

pub(super) async fn set_followed(
    State(app): State<App>,
    Query(query): Query<StoreQuery>,
    Body(followed): Body<Followed>,
) -> Result<Json<Followed>> {
    slave(&app)?.set_followed(&query.store, followed).await?;
    Ok(Json(followed))
}
