//! Replies that go on: `/api/v1/jobs/stream` and `/api/v1/jobs/{id}/tap`.

use super::{Client, Error, error_body};
use crate::wire::native::jobs::JobCreate;
use crate::wire::native::stream::Piece;
use bytes::{Bytes, BytesMut};
use reqwest::{Method, RequestBuilder};
use std::collections::VecDeque;
use std::time::Duration;

/// The daemon says something every few seconds.
const SILENCE: Duration = Duration::from_secs(60);
/// There is no limit on the whole; the type wants one.
const ENDLESS: Duration = Duration::from_secs(366 * 24 * 3600);

/// How to look at a job's changes.
#[derive(Debug, Clone, Default)]
pub struct TapQuery {
    pub values: bool,
    /// `schema.table`, or a table's name in any schema.
    pub table: Option<String>,
    /// Rows a second.
    pub rate: Option<u64>,
}

/// Pieces of a reply as they come. Dropping it closes the connection.
#[derive(Debug)]
pub struct Pieces {
    reply: reqwest::Response,
    server: String,
    /// What came and is no whole line yet.
    rest: BytesMut,
    lines: VecDeque<Bytes>,
}

impl Client {
    /// Creates a job that is read while it runs, and ends with the reader.
    pub async fn stream_job(&self, job: &JobCreate) -> Result<Pieces, Error> {
        self.pieces(self.request(Method::POST, &["jobs", "stream"]).json(job)).await
    }

    /// Looks at a job's changes as they pass.
    pub async fn tap_job(&self, id: &str, query: &TapQuery) -> Result<Pieces, Error> {
        let TapQuery { values, table, rate } = query;
        let mut pairs = vec![("values", values.to_string())];
        pairs.extend(table.clone().map(|t| ("table", t)));
        pairs.extend(rate.map(|r| ("rate", r.to_string())));
        self.pieces(self.request(Method::GET, &["jobs", id, "tap"]).query(&pairs)).await
    }

    async fn pieces(&self, request: RequestBuilder) -> Result<Pieces, Error> {
        let reply = request.timeout(ENDLESS).send().await.map_err(|e| self.unreachable(e))?;
        let status = reply.status();
        if !status.is_success() {
            let body = reply.bytes().await.map_err(|e| self.unreachable(e))?;
            return Err(Error::Api { status: status.as_u16(), body: error_body(status.as_u16(), &body) });
        }
        Ok(Pieces { reply, server: self.server().to_owned(), rest: BytesMut::new(), lines: VecDeque::new() })
    }
}

/// A reply that is not looked at, as it comes.
#[derive(Debug)]
pub struct Download {
    reply: reqwest::Response,
    server: String,
}

impl Client {
    pub(super) async fn download(&self, path: &[&str]) -> Result<Download, Error> {
        let Pieces { reply, server, .. } = self.pieces(self.request(Method::GET, path)).await?;
        Ok(Download { reply, server })
    }
}

impl Download {
    /// Returns the next block; None at the end.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let broken = |reason: String, timed_out| Error::Unreachable { server: self.server.clone(), reason, timed_out };
        match tokio::time::timeout(SILENCE, self.reply.chunk()).await {
            Err(_) => Err(broken("it has said nothing for a minute".to_owned(), true)),
            Ok(read) => read.map_err(|e| broken(super::root_cause(&e), false)),
        }
    }
}

impl Pieces {
    /// Returns the next piece; None when the daemon has closed the reply. Nothing is lost where it is dropped.
    pub async fn next(&mut self) -> Result<Option<Piece>, Error> {
        loop {
            while let Some(line) = self.lines.pop_front() {
                if !line.is_empty() {
                    let wrong = |e: serde_json::Error| Error::Decode { server: self.server.clone(), reason: e.to_string() };
                    return serde_json::from_slice(&line).map(Some).map_err(wrong);
                }
            }
            let broken = |reason: String| Error::Unreachable { server: self.server.clone(), reason, timed_out: false };
            match tokio::time::timeout(SILENCE, self.reply.chunk()).await {
                Err(_) => return Err(broken("it has said nothing for a minute".to_owned())),
                Ok(Err(e)) => return Err(broken(super::root_cause(&e))),
                Ok(Ok(None)) => return Ok(None),
                Ok(Ok(Some(chunk))) => self.take(&chunk),
            }
        }
    }

    /// Says whether another piece has come already.
    pub fn has_more(&self) -> bool {
        !self.lines.is_empty()
    }

    fn take(&mut self, chunk: &[u8]) {
        let mut chunk = chunk;
        while let Some(end) = chunk.iter().position(|b| *b == b'\n') {
            self.rest.extend_from_slice(&chunk[..end]);
            self.lines.push_back(self.rest.split().freeze());
            chunk = &chunk[end + 1..];
        }
        self.rest.extend_from_slice(chunk);
    }
}
