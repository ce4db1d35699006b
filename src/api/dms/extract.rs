//! Requests of `/api/dms`, read as every dialect reads them (`api/dialect.rs`), with refusals in the family's shape; and the
//! role that a call is for.

use super::error::{Error, Result};
use crate::api::{App, carry, dialect};
use crate::bars::replica::Filter;
use crate::bars::store::Store;
use crate::config::DmsRole;
use crate::model::bars::{Interval, Range, Symbol};
use axum::extract::{FromRequest, FromRequestParts, Path, Request};
use axum::http::StatusCode;
use axum::http::request::Parts;
use std::ops::Deref;

pub(super) struct Input(dialect::Input);

impl Deref for Input {
    type Target = dialect::Input;
    fn deref(&self) -> &dialect::Input {
        &self.0
    }
}

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Error;
    async fn from_request(request: Request, state: &S) -> Result<Self> {
        Ok(Self(dialect::Input::read(request, state).await?))
    }
}

impl Input {
    /// The interval, one day if none is said.
    pub(super) fn interval(&self) -> Result<Interval> {
        interval(self.text("interval")?.as_deref())
    }
    /// A range of which either end may be open.
    pub(super) fn open_range(&self, interval: Interval) -> Result<Range> {
        open_range(interval, self.text("start_date")?.as_deref(), self.text("end_date")?.as_deref())
    }
}

pub(super) fn interval(text: Option<&str>) -> Result<Interval> {
    Ok(carry::interval(text)?)
}

pub(super) fn symbol(text: &str) -> Result<Symbol> {
    Ok(carry::symbol(text)?)
}

pub(super) fn open_range(interval: Interval, start: Option<&str>, end: Option<&str>) -> Result<Range> {
    // The ends of what there is, as they are written.
    Range::parse(interval, start.unwrap_or("1800-01-01"), end.unwrap_or("2199-12-31")).map_err(Error::bad)
}

/// Reads which bars are meant; both ends as days: what lies in a block with them travels along.
pub(super) fn filter(input: &Input) -> Result<Filter> {
    let paper = input.text("symbol")?.map(|s| symbol(&s)).transpose()?;
    let (start, end) = (input.text("start_date")?, input.text("end_date")?);
    let days = interval(None)?;
    let range = (start.is_some() || end.is_some()).then(|| open_range(days, start.as_deref(), end.as_deref())).transpose()?;
    Ok(Filter { symbol: paper, range })
}

/// Reads limit and offset.
pub(super) fn page(input: &Input) -> Result<(u32, u32)> {
    let read = |name: &str, usual: u32, allowed: std::ops::RangeInclusive<u32>| match input.text(name)? {
        None => Ok(usual),
        Some(text) => text.trim().parse().ok().filter(|n| allowed.contains(n)).ok_or_else(|| {
            let (from, to) = (allowed.start(), allowed.end());
            Error::bad(format!("{name}: {text:?} is not a number from {from} to {to}"))
        }),
    };
    Ok((read("limit", 100, 1..=1000)?, read("offset", 0, 0..=u32::MAX)?))
}

/// The symbol of a path; `%2F` is a slash in it.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(text)| Self(text)).map_err(|_| Error::bad("the path is not readable"))
    }
}

/// Returns the store, whichever role this daemon has.
pub(super) fn store(app: &App) -> Result<Store> {
    app.dms.bars.get().cloned().map_err(|why| Error::unavailable(format!("not initialised: {why}")))
}

/// Whoever asks for what only a master does is told so before anything else of the request is looked at.
pub(super) struct Master;

impl FromRequestParts<App> for Master {
    type Rejection = Error;
    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self> {
        only(app, DmsRole::Master).map(|_| Self)
    }
}

/// The same of a slave.
pub(super) struct Slave;

impl FromRequestParts<App> for Slave {
    type Rejection = Error;
    async fn from_request_parts(_: &mut Parts, app: &App) -> Result<Self> {
        only(app, DmsRole::Slave).map(|_| Self)
    }
}

/// Returns the store if this daemon is what a call is for.
pub(super) fn only(app: &App, role: DmsRole) -> Result<Store> {
    // A daemon without market data is neither.
    let store = store(app)?;
    if app.config.dms.role != role {
        let (call, here) = (role.as_str(), app.config.dms.role.as_str());
        return Err(Error::new(StatusCode::FORBIDDEN, format!("this is a call for a {call}; this daemon is a {here}")));
    }
    Ok(store)
}
