//! A TLS front of a real node, as operators put one there: it shows a certificate of an authority that the test made, and
//! lets through who proves to be the one it knows. Everything else is the node's own.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use std::path::Path;
use std::sync::Arc;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{AbortHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// An authority that nobody has heard of.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    pub(crate) fn write(&self, file: &Path) {
        std::fs::write(file, &self.pem).unwrap();
    }

    /// A server with a certificate for this name.
    fn server(&self, name: &str) -> ServerConfig {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap()
    }
}

/// Who is let through, checked as Elasticsearch does.
#[derive(Clone, Copy)]
pub(crate) enum LetsIn {
    Basic(&'static str, &'static str),
    /// Id and key; they come as base64 of both.
    ApiKey(&'static str, &'static str),
    Bearer(&'static str),
}

impl LetsIn {
    fn lets(self, authorization: &str) -> bool {
        let Some((scheme, proof)) = authorization.split_once(' ') else { return false };
        let pair = || STANDARD.decode(proof.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match self {
            Self::Basic(user, password) => scheme.eq_ignore_ascii_case("basic") && pair() == Some(format!("{user}:{password}")),
            Self::ApiKey(id, key) => scheme.eq_ignore_ascii_case("apikey") && pair() == Some(format!("{id}:{key}")),
            Self::Bearer(token) => scheme.eq_ignore_ascii_case("bearer") && proof.trim() == token,
        }
    }
}

pub(crate) struct Front {
    pub(crate) port: u16,
    task: AbortHandle,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    /// Starts one before the node at this loopback port. `name` is what its certificate is for.
    pub(crate) async fn start(node: u16, authority: &Authority, name: &str, lets_in: LetsIn) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(authority.server(name)));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let task = tokio::spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                // A client that does not trust us, or goes away, is its own matter.
                open.spawn(async move { drop(pass(acceptor, stream, node, lets_in).await) });
            }
        });
        Self { port, task: task.abort_handle() }
    }
}

/// One request, one reply, and the connection ends.
async fn pass(acceptor: TlsAcceptor, stream: TcpStream, node: u16, lets_in: LetsIn) -> std::io::Result<()> {
    let mut client = acceptor.accept(stream).await?;
    let mut request = Vec::new();
    let head = loop {
        if let Some(at) = request.windows(4).position(|w| w == b"\r\n\r\n") {
            break at;
        }
        if client.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    };
    let text = String::from_utf8_lossy(&request[..head]).into_owned();
    let header = |name: &str| {
        let mut pairs = text.lines().filter_map(|line| line.split_once(':'));
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
    };
    let length: usize = header("content-length").and_then(|n| n.parse().ok()).unwrap_or(0);
    while request.len() < head + 4 + length {
        if client.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let reply = if header("authorization").is_some_and(|proof| lets_in.lets(&proof)) {
        request.splice(head..head, *b"\r\nconnection: close");
        let mut server = TcpStream::connect(("127.0.0.1", node)).await?;
        server.write_all(&request).await?;
        let mut reply = Vec::new();
        server.read_to_end(&mut reply).await?;
        let line = reply.windows(2).position(|w| w == b"\r\n").unwrap_or(0);
        reply.splice(line..line, *b"\r\nconnection: close");
        reply
    } else {
        let challenge =
            "HTTP/1.1 401 Unauthorized\r\nwww-authenticate: Basic realm=\"security\"\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";
        challenge.as_bytes().to_vec()
    };
    client.write_all(&reply).await?;
    client.shutdown().await
}
