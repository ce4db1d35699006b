//! Another daemon, asked over HTTP for the same five things.

use super::message::{Applied, Block, Delivery, Entry, Followed, Head, Need, Page};
use super::{Introduced, Says, Status};
use crate::bars::store::{NAMED, Waiting};
use crate::bars::{Error, Result};
use crate::model::bars::Symbol;
use crate::secret::Secret;
use futures::future::BoxFuture;
use jiff::Timestamp;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::{Client, RequestBuilder, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Where the five answers stand.
pub const PREFIX: &str = "api/dms/replica/";
const TIMEOUT: Duration = Duration::from_secs(60);
/// An answer's most bytes: a page or blocks of one series.
const MOST_BYTES: usize = 64 << 20;
/// Of another server's words in a message: what it calls itself, and why it refuses something.
const LONGEST_WORD: usize = 200;
const LONGEST_REASON: usize = 600;

/// Returns the addresses that a host may be asked at; an error: it may not be.
pub type Admit = Arc<dyn Fn(String, u16) -> BoxFuture<'static, Result<Vec<SocketAddr>, String>> + Send + Sync>;

/// The client asks it for every name that it connects to; of an address it asks nobody, so we do.
#[derive(Clone)]
struct Admitted {
    admit: Admit,
    port: u16,
}

impl std::fmt::Debug for Admitted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admitted").field("port", &self.port).finish_non_exhaustive()
    }
}

impl Resolve for Admitted {
    fn resolve(&self, name: Name) -> Resolving {
        let asked = (self.admit)(name.as_str().to_owned(), self.port);
        Box::pin(async move {
            let addresses = asked.await?;
            if addresses.is_empty() {
                return Err("the name does not resolve".into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[derive(Debug, Clone)]
pub struct Peer {
    name: String,
    base: Url,
    token: Option<Secret>,
    client: Client,
    /// Of a base that is no name.
    literal: Option<Admitted>,
    /// Who asks, in a transfer.
    introduced: Option<Box<Introduced>>,
}

impl Peer {
    /// `base` is the daemon's address, e.g. `http://10.0.0.2:11183`; `admit` decides at each connection what its name may
    /// resolve to. None: the configuration names it, and its name is as it resolves.
    pub fn new(name: &str, base: &str, token: Option<Secret>, admit: Option<Admit>) -> Result<Self> {
        let wrong = |e: &dyn std::fmt::Display| Error::config("bars_peer_address", format!("address {base:?} of {name}: {e}"));
        let mut base_url = Url::parse(base).map_err(|e| wrong(&e))?;
        if !matches!(base_url.scheme(), "http" | "https") || base_url.host_str().is_none_or(str::is_empty) {
            return Err(wrong(&"expected http:// or https:// and a host, e.g. http://10.0.0.2:11183"));
        }
        if !base_url.path().ends_with('/') {
            base_url.set_path(&format!("{}/", base_url.path()));
        }
        let mut client = crate::bars::client::client().timeout(TIMEOUT).connect_timeout(Duration::from_secs(5));
        let admitted = admit.map(|admit| Admitted { admit, port: base_url.port_or_known_default().unwrap_or_default() });
        if let Some(admitted) = admitted.clone() {
            client = client.dns_resolver(Arc::new(admitted));
        }
        let literal = admitted.filter(|_| base_url.domain().is_none());
        let client = client.build().map_err(|e| wrong(&e))?;
        Ok(Self { name: name.to_owned(), base: base_url, token, client, literal, introduced: None })
    }

    /// The same, which tells with each request who asks.
    pub fn introduced(self, who: &Introduced) -> Self {
        let called = Some(self.name.clone());
        Self { introduced: Some(Box::new(Introduced { called, ..who.clone() })), ..self }
    }

    /// The same, which tells what who asks has besides, and lacks.
    pub(super) fn telling(self, followed: &Followed) -> Self {
        let (extra, lacking) = (followed.extra.as_ref().map(|extra| extra.series), Some(followed.lacking.len() as u64));
        let telling = |who: Introduced| Introduced { extra, says: Says { lacking, ..who.says }, ..who };
        Self { introduced: self.introduced.map(|who| Box::new(telling(*who))), ..self }
    }

    /// The same, which tells how who asks is.
    pub(in crate::bars) fn saying(self, says: Says) -> Self {
        Self { introduced: self.introduced.map(|who| Box::new(Introduced { says, ..*who })), ..self }
    }

    /// The same, which tells what the newest change is that who asks has, when it was made, and how many series it is to bring, as far
    /// as that is known better than before.
    pub(super) fn heading(self, head: u64, head_at: Option<Timestamp>, behind: Option<u64>) -> Self {
        let heading = |says: Says| Says { head: Some(head), head_at, behind: behind.or(says.behind), ..says };
        Self { introduced: self.introduced.map(|who| Box::new(Introduced { says: heading(who.says), ..*who })), ..self }
    }

    /// The same, which does not tell who asks.
    pub(super) fn unknown(self) -> Self {
        Self { introduced: None, ..self }
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) async fn page(&self, since: u64, query: &[(&str, String)]) -> Result<Page> {
        self.send(self.client.get(self.url("page")?).query(&[("since", since.to_string())]).query(query)).await
    }
    pub(super) async fn needs(&self, entries: &[Entry]) -> Result<Vec<Need>> {
        self.post("needs", entries).await
    }
    pub(super) async fn blocks(&self, need: &Need) -> Result<Vec<Block>> {
        self.post("blocks", need).await
    }
    pub(super) async fn apply(&self, delivery: &Delivery) -> Result<Applied> {
        self.post("apply", delivery).await
    }
    pub(super) async fn followed(&self, store: &str) -> Result<Followed> {
        self.send(self.client.get(self.url("followed")?).query(&[("store", store)])).await
    }
    pub(super) async fn set_followed(&self, store: &str, followed: Followed) -> Result<()> {
        let request = self.client.put(self.url("followed")?).query(&[("store", store)]).json(&followed);
        self.send::<Value>(request).await.map(drop)
    }

    /// Asks how it is, by the contract's own call: answered by any dms, ours or not.
    pub async fn status(&self) -> Result<Status> {
        let url = self.base.join("api/dms/status").map_err(|e| Error::config("bars_peer_address", e.to_string()))?;
        let said = self.send(self.client.get(url)).await?;
        Status::read(&said).ok_or_else(|| self.foreign("something that no dms says", ""))
    }

    /// Asks for its newest change.
    pub async fn head(&self) -> Result<Head> {
        // After a version that never comes: no series.
        let Page { store, head, head_at, name, opening, .. } = self.page(u64::MAX >> 1, &[]).await?;
        Ok(Head { store, version: head, at: head_at, name, opening })
    }

    /// Says since when it has changes after a version, and of how many series; None: it has none, or does not know.
    pub async fn waiting(&self, version: u64) -> Result<Option<Waiting>> {
        let Page { waiting_since, behind, series, .. } = self.page(version, &[]).await?;
        let names = series.iter().take(NAMED).map(|entry| format!("{} {}", entry.symbol, entry.interval)).collect();
        Ok(waiting_since.zip(behind).map(|(since, series)| Waiting { since, series, names }))
    }

    /// Says whether it has bars of a symbol.
    pub async fn has(&self, symbol: &Symbol) -> Result<bool> {
        let query = super::here::query(&super::Filter { symbol: Some(symbol.clone()), range: None });
        Ok(self.page(0, &query).await?.series.iter().any(|entry| !entry.blocks.is_empty()))
    }

    /// How far it has followed a store.
    pub async fn has_followed(&self, store: &str) -> Result<Followed> {
        self.followed(store).await
    }

    /// Host and port, as an operator finds them in a firewall.
    pub(in crate::bars) fn place(&self) -> String {
        format!("{}:{}", self.base.host_str().unwrap_or_default(), self.base.port_or_known_default().unwrap_or_default())
    }

    fn url(&self, path: &str) -> Result<Url> {
        self.base.join(&format!("{PREFIX}{path}")).map_err(|e| Error::config("bars_peer_address", format!("address of {}: {e}", self.name)))
    }

    async fn post<T: DeserializeOwned>(&self, path: &str, body: &(impl Serialize + ?Sized)) -> Result<T> {
        self.send(self.client.post(self.url(path)?).json(body)).await
    }

    async fn send<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T> {
        if let Some(Admitted { admit, port }) = &self.literal {
            let host = self.base.host_str().unwrap_or_default().to_owned();
            admit(host, *port).await.map_err(|why| Error::config("bars_peer_address", format!("{}: {why}", self.name)))?;
        }
        let request = match &self.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        };
        let request = match &self.introduced {
            Some(who) => request.header(Introduced::HEADER, who.header()),
            None => request,
        };
        let name = &self.name;
        let unreachable = |e: reqwest::Error| {
            let message = format!("{name} at {} {}", self.place(), crate::bars::client::broken(&e));
            Error::transient("bars_peer_unreachable", message).because(e.without_url())
        };
        let mut answer = request.send().await.map_err(unreachable)?;
        let status = answer.status().as_u16();
        let server = server(answer.headers());
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(unreachable)? {
            body.extend_from_slice(&part);
            if body.len() > MOST_BYTES {
                return Err(Error::permanent("bars_peer_unreadable", format!("{name} answered more than {MOST_BYTES} bytes")));
            }
        }
        let json = serde_json::from_slice::<Value>(if body.is_empty() { b"null" } else { &body });
        match (status, json) {
            (200..=299, Ok(said)) => serde_json::from_value(said)
                .map_err(|e| Error::permanent("bars_peer_unreadable", format!("the answer of {name} cannot be read")).because(e)),
            (200..=299, Err(_)) => Err(self.foreign("something that is no JSON", &server)),
            (_, json) => {
                let detail = json.ok().and_then(|said| said["detail"].as_str().map(|why| short(why, LONGEST_REASON)));
                Err(self.refused(status, detail.as_deref(), &server))
            }
        }
    }

    /// What an answer means that is no success. One of a dms says why in `detail`; without it something else answers there.
    fn refused(&self, status: u16, detail: Option<&str>, server: &str) -> Error {
        let (name, place) = (&self.name, self.place());
        match (status, detail) {
            (408 | 429 | 500..=599, why) => {
                let why = why.map(|why| format!(": {why}")).unwrap_or_default();
                Error::transient("bars_peer_failed", format!("{name} at {place} answered {status}{why}"))
            }
            (_, None) => self.foreign(&format!("HTTP {status}"), server),
            (401, Some(_)) => {
                let message = format!("{name} at {place} refuses our token (401); both need the same one ([dms] cluster_token_file)");
                Error::config("bars_peer_denied", message)
            }
            (403, Some(why)) => Error::config("bars_peer_denied", format!("{name} at {place} refuses it (403): {why}")),
            (_, Some(why)) => Error::permanent("bars_peer_refused", format!("{name} at {place} answered {status}: {why}")),
        }
    }

    fn foreign(&self, said: &str, server: &str) -> Error {
        let (name, place) = (&self.name, self.place());
        let server = if server.is_empty() { String::new() } else { format!(" ({server})") };
        let message = format!(
            "{name}: what answers at {place}{server} is no dms process, it said {said}; name the port of its dms listener, often 11183"
        );
        Error::config("bars_peer_foreign", message)
    }
}

/// What a server calls itself, as far as it does.
fn server(headers: &HeaderMap) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(|word| short(word, LONGEST_WORD));
    let influx = text("x-influxdb-version").map(|version| format!("InfluxDB {version}"));
    influx.or_else(|| text("server")).unwrap_or_default()
}

/// What another server said, fit for a message.
fn short(text: &str, longest: usize) -> String {
    text.chars().filter(|c| !c.is_control()).take(longest).collect()
}
