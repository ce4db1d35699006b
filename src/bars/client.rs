//! How every HTTP client of this engine begins: no redirects (an address that was checked is the one that is asked), no proxy
//! of the environment, and the one crypto provider of the daemon.

use reqwest::{Client, ClientBuilder, Url};
use std::net::SocketAddr;

pub(super) fn client() -> ClientBuilder {
    // Set by the daemon at its start already; whoever uses the engine alone needs it here.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().user_agent(concat!("syncline/", env!("CARGO_PKG_VERSION")))
}

/// Says that a host cannot be found: of its name no address is known (`addresses`, none where it does not resolve). One that is an
/// address needs none.
pub(super) fn lost(url: &Url, addresses: &[SocketAddr]) -> Option<String> {
    let host = url.domain().filter(|_| addresses.is_empty())?;
    Some(format!("{host}:{} cannot be found: the name does not resolve", url.port_or_known_default().unwrap_or_default()))
}

/// Says what broke an exchange, without the URL (it may hold a key): fits after the name of the other side.
pub(super) fn broken(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "did not answer in time".to_owned();
    }
    // The outer layers say "error sending request"; the innermost says what happened.
    let innermost = std::iter::successors(Some(error as &dyn std::error::Error), |e| e.source()).last();
    let cause = innermost.map(ToString::to_string).unwrap_or_default();
    let what = if error.is_connect() { "cannot be reached" } else { "broke the connection" };
    format!("{what}: {}", cause.trim_end_matches('.'))
}
