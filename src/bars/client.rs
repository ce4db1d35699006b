//! How every HTTP client of this engine begins: no redirects (an address that was checked is the one that is asked), no proxy
//! of the environment, and the one crypto provider of the daemon.

use reqwest::{Client, ClientBuilder};

pub(super) fn client() -> ClientBuilder {
    // Set by the daemon at its start already; whoever uses the engine alone needs it here.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().user_agent(concat!("syncline/", env!("CARGO_PKG_VERSION")))
}
