//! Requests to a source over HTTP: spaced, tried again where the other side allows it, bounded in time and size.
//!
//! Redirects are not followed and only addresses that passed the caller's policy are connected to: the host part of a URL is
//! fixed, whatever a symbol is called.

use super::template::url_escape;
use super::{Got, Pace, Provider, Shape, Template, Want, yahoo};
use crate::bars::csv::{self, Reading};
use crate::bars::dates::Dates;
use crate::bars::{Error, Kind, Result};
use crate::model::bars::{Interval, Symbol};
use crate::secret::Secret;
use async_trait::async_trait;
use futures::StreamExt as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode, Url};
use std::net::SocketAddr;
use std::time::Duration;

/// What an answer is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Format {
    Csv,
    Json(Shape),
    Yahoo,
}

#[derive(Debug, Clone)]
pub struct HttpSettings {
    pub name: String,
    /// Its scheme, host and port are fixed.
    pub url: Template,
    pub format: Format,
    /// Keys and tokens of the source.
    pub headers: Vec<(String, Secret)>,
    /// Of naive intraday times; None: UTC, which is told.
    pub zone: Option<TimeZone>,
    /// How dates with slashes are read.
    pub dates: Dates,
    /// Least time between the beginnings of two requests, over all symbols and tasks.
    pub spacing: Duration,
    /// Requests for one answer, the first included.
    pub attempts: u32,
    /// Wait before the second attempt; doubles with each more.
    pub backoff: Duration,
    /// A source that asks for a longer wait than this has failed.
    pub longest_wait: Duration,
    /// For one request, connecting and the whole answer included.
    pub timeout: Duration,
    pub most_bytes: usize,
}

impl HttpSettings {
    /// The settings of a source that says nothing else.
    pub fn new(name: &str, url: Template, format: Format) -> Self {
        Self {
            name: name.to_owned(),
            url,
            format,
            headers: Vec::new(),
            zone: None,
            dates: Dates::Guess,
            spacing: Duration::from_millis(500),
            attempts: 4,
            backoff: Duration::from_secs(1),
            longest_wait: Duration::from_secs(120),
            timeout: Duration::from_secs(30),
            most_bytes: 64 << 20,
        }
    }

    /// Returns host and port for the caller's policy.
    pub fn host(&self) -> Result<(String, u16)> {
        let url = self.server()?;
        let host = url.host_str().map(str::to_owned).unwrap_or_default();
        Ok((host, url.port_or_known_default().unwrap_or(443)))
    }

    /// The fixed beginning of the URL, with a host.
    fn server(&self) -> Result<Url> {
        let wrong = |why: &str| Error::config("bars_provider_url", format!("url of provider {}: {why}", self.name));
        // What follows the host is not filled in yet; a name inside of the host would let a symbol choose it.
        let start = self.url.start();
        let scheme_end = start.find("://").ok_or_else(|| wrong("it must begin with http:// or https:// and a host"))? + 3;
        if !start[scheme_end..].contains(['/', '?']) && !self.url.is_fixed() {
            return Err(wrong("a name in braces stands in the host"));
        }
        let url = Url::parse(start).map_err(|e| wrong(&e.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
            return Err(wrong("http or https, and credentials in headers"));
        }
        if url.host_str().is_none() {
            return Err(wrong("it names no host"));
        }
        Ok(url)
    }
}

#[derive(Debug)]
pub struct Http {
    settings: HttpSettings,
    client: Client,
    pace: Pace,
    /// Why nobody can be asked.
    lost: Option<String>,
}

impl Http {
    /// `addresses` are what the host may be: no other is connected to. None: its name does not resolve, and each request says so.
    pub fn new(settings: HttpSettings, addresses: &[SocketAddr]) -> Result<Self> {
        Self::paced(settings, addresses, Pace::default())
    }

    /// The same with a pace that others keep too.
    pub fn paced(settings: HttpSettings, addresses: &[SocketAddr], pace: Pace) -> Result<Self> {
        let (host, _) = settings.host()?;
        let wrong = |what: String| Error::config("bars_provider_settings", format!("provider {}: {what}", settings.name));
        let mut headers = HeaderMap::new();
        for (name, value) in &settings.headers {
            let name: HeaderName = name.parse().map_err(|_| wrong(format!("{name:?} is no name of a header")))?;
            let mut value = HeaderValue::from_str(value.expose()).map_err(|_| wrong(format!("the value of {name} is no header's")))?;
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        let client = crate::bars::client::client()
            .default_headers(headers)
            .timeout(settings.timeout)
            .resolve_to_addrs(&host, addresses)
            .build()
            .map_err(|e| wrong("cannot be set up".to_owned()).because(e))?;
        let lost = crate::bars::client::lost(&settings.server()?, addresses);
        Ok(Self { settings, client, pace, lost })
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>> {
        if let Some(lost) = &self.lost {
            return Err(Error::transient("bars_provider_unreachable", format!("provider {} at {lost}", self.settings.name)));
        }
        let mut wait = self.settings.backoff;
        for attempt in 1.. {
            self.pace.turn(&self.settings.name, self.settings.spacing, self.settings.longest_wait).await?;
            let (error, asked) = match self.once(url).await {
                Ok(body) => return Ok(body),
                Err(failed) => failed,
            };
            if let (Kind::Transient, Some(asked)) = (error.kind, asked) {
                self.pace.asked(asked).await;
            }
            if error.kind != Kind::Transient || attempt >= self.settings.attempts {
                return Err(after(error, attempt));
            }
            // One that asks for nothing, or for a time that has passed, is no sooner to be well.
            if asked.is_none_or(|asked| asked < wait) {
                tokio::time::sleep(wait).await;
            }
            wait = (wait * 2).min(self.settings.longest_wait);
        }
        Err(Error::config("bars_provider_settings", format!("provider {} has no attempts", self.settings.name)))
    }

    /// One request; an error comes with the wait that the source asks for.
    async fn once(&self, url: &str) -> Result<Vec<u8>, (Error, Option<Duration>)> {
        let name = &self.settings.name;
        let unreachable = |e: reqwest::Error| {
            let place = self.settings.host().map(|(host, port)| format!("{host}:{port}")).unwrap_or_default();
            let message = format!("provider {name} at {place} {}", crate::bars::client::broken(&e));
            (Error::transient("bars_provider_unreachable", message).because(e.without_url()), None)
        };
        let answer = self.client.get(url).send().await.map_err(unreachable)?;
        if let Some(error) = refused(name, answer.status()) {
            return Err((error, wait_asked(&answer)));
        }
        let mut body = Vec::new();
        let mut stream = answer.bytes_stream();
        while let Some(part) = stream.next().await {
            let part = part.map_err(unreachable)?;
            if body.len() + part.len() > self.settings.most_bytes {
                let message = format!("provider {name}: the answer is larger than {} bytes", self.settings.most_bytes);
                return Err((Error::permanent("bars_answer_too_large", message), None));
            }
            body.extend_from_slice(&part);
        }
        Ok(body)
    }
}

/// The same, which says how often it was tried.
fn after(error: Error, attempts: u32) -> Error {
    if attempts < 2 { error } else { Error { message: format!("{} (after {attempts} attempts)", error.message), ..error } }
}

fn refused(name: &str, status: StatusCode) -> Option<Error> {
    let said = |what: &str| format!("provider {name} answered {}{what}", status.as_u16());
    Some(match status.as_u16() {
        200..=299 => return None,
        300..=399 => Error::permanent("bars_provider_redirects", said(": redirects are not followed")),
        401 | 403 => Error::config("bars_provider_denied", said(": it wants other credentials")),
        404 | 410 => Error::not_found("bars_symbol_not_found", said(": it has no such symbol")),
        408 | 425 | 429 => Error::transient("bars_provider_busy", said("")),
        500..=599 => Error::transient("bars_provider_failed", said("")),
        _ => Error::permanent("bars_provider_refused", said("")),
    })
}

/// Reads Retry-After: seconds or a date.
fn wait_asked(answer: &Response) -> Option<Duration> {
    let text = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = jiff::fmt::rfc2822::parse(text).ok()?.timestamp();
    Some(Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or(Duration::ZERO))
}

#[async_trait]
impl Provider for Http {
    fn name(&self) -> &str {
        &self.settings.name
    }
    fn gives_all(&self) -> bool {
        false
    }
    async fn mark(&self, _: &Symbol, _: Interval) -> Result<Option<String>> {
        Ok(None)
    }
    async fn fetch(&self, want: &Want) -> Result<Got> {
        let body = self.get(&self.settings.url.fill(want, url_escape)).await?;
        let zone = want.zone(self.settings.zone.as_ref());
        let read = match &self.settings.format {
            Format::Yahoo => yahoo::read(&body, want, &self.settings.url.spellings(want)),
            Format::Json(shape) => shape.read(&body, want, &zone, self.settings.dates),
            Format::Csv => super::text(body, "the answer")
                .and_then(|text| csv::read(&text, &want.symbol, Reading { interval: want.interval, zone, dates: self.settings.dates })),
        };
        // Sources round ranges to their taste.
        read.map(|mut got| {
            got.bars.retain(|b| want.from <= b.time() && b.time() <= want.to);
            got.assumed_utc &= self.settings.zone.is_none();
            got
        })
        .map_err(|mut e| {
            e.message = format!("provider {}: {}", self.settings.name, e.message);
            e
        })
    }
}
