//! Getting the figures of a batch: all at once, and in smaller pieces where that fails, down to one host at a time, so
//! that what is wrong with one host is one host's failure.
//!
//! Falling back has an end: settings that are wrong for all (no index, access denied) and an endpoint that failed
//! [`GIVE_UP`] times in a row end the asking, and the hosts that are left fail with that reason.

use super::{Asked, Target, failure, shape};
use crate::hosts::es::Client;
use crate::hosts::query::{Found, Scope, Shape};
use crate::hosts::{Error, Kind, Result};
use crate::model::hosts::HostFailure;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Mutex;
use tokio::sync::OnceCell;

/// Questions in a row without a good answer, after which nothing more is asked.
const GIVE_UP: u32 = 30;

pub(super) struct Asker<'a> {
    client: &'a Client,
    scope: Scope,
    /// As configured.
    configured: Shape,
    /// As found out, once an answer was odd.
    found_out: OnceCell<Shape>,
    health: Mutex<Health>,
}

#[derive(Debug, Default)]
struct Health {
    in_a_row: u32,
    given_up: Option<HostFailure>,
}

/// What came of one question.
enum Piece {
    /// Each host's figures, or that there are none.
    Answered(HashMap<IpAddr, Found>),
    /// To be asked again, in these pieces.
    Split(Vec<Vec<Target>>),
    Failed(HostFailure),
}

impl<'a> Asker<'a> {
    pub(super) fn new(client: &'a Client, scope: Scope) -> Self {
        let configured = Shape::of(&scope.fields);
        Self { client, scope, configured, found_out: OnceCell::new(), health: Mutex::default() }
    }

    pub(super) fn client(&self) -> &'a Client {
        self.client
    }

    pub(super) fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(super) fn shape(&self) -> Shape {
        self.found_out.get().unwrap_or(&self.configured).clone()
    }

    /// Finds out once how the documents are built; says whether that differs from what was asked so far. An error says
    /// that the configured fields cannot be right.
    pub(super) async fn adapt(&self) -> Result<bool> {
        let before = self.shape();
        let found = self.found_out.get_or_try_init(|| shape::find_out(self.client, &self.scope, &self.configured)).await?;
        Ok(*found != before)
    }

    /// Returns what Elasticsearch has of each of the targets.
    pub(super) async fn ask(&self, targets: Vec<Target>) -> Vec<Asked> {
        let mut done = Vec::with_capacity(targets.len());
        let mut open = FuturesUnordered::new();
        open.push(self.piece(targets));
        while let Some((targets, piece)) = open.next().await {
            match piece {
                Piece::Split(smaller) => open.extend(smaller.into_iter().map(|targets| self.piece(targets))),
                Piece::Failed(failure) => done.extend(targets.into_iter().map(|t| (t, Err(failure.clone())))),
                Piece::Answered(mut found) => done.extend(targets.into_iter().map(|t| {
                    let figures = found.remove(&t.ip);
                    (t, Ok(figures))
                })),
            }
        }
        done
    }

    /// Asks one question. A piece that is to be split is not returned with its targets: they are in the smaller ones.
    async fn piece(&self, targets: Vec<Target>) -> (Vec<Target>, Piece) {
        if let Some(failure) = self.given_up() {
            return (targets, Piece::Failed(failure));
        }
        let asked = self.shape();
        match self.question(&asked, &targets).await {
            Ok(found) => {
                self.good();
                match self.odd(&targets, &found).await {
                    Ok(false) => (targets, Piece::Answered(found)),
                    Ok(true) => (Vec::new(), Piece::Split(vec![targets])),
                    Err(error) => (targets, Piece::Failed(self.bad(&error))),
                }
            }
            Err(error) => self.fall_back(targets, &asked, &error).await,
        }
    }

    /// Sees to an answer without any of the hosts, or without names where names were asked for: fields that are not in the
    /// documents look just like that. Says whether to ask again with other fields.
    async fn odd(&self, targets: &[Target], found: &HashMap<IpAddr, Found>) -> Result<bool> {
        let nothing = found.is_empty();
        let no_name = wants_names(targets) && found.values().all(|f| f.name.is_empty());
        if self.found_out.initialized() || !(nothing || no_name) {
            return Ok(false);
        }
        match self.adapt().await {
            Err(_) if !nothing => Ok(false),
            other => other,
        }
    }

    async fn fall_back(&self, targets: Vec<Target>, asked: &Shape, error: &Error) -> (Vec<Target>, Piece) {
        if error.code == "cancelled" {
            return (targets, Piece::Failed(failure(error)));
        }
        // A refused question may name a field that cannot be asked this way.
        if error.code == "es_refused" && self.adapt().await.is_ok() && self.shape() != *asked {
            return (Vec::new(), Piece::Split(vec![targets]));
        }
        let failed = self.bad(error);
        if targets.len() < 2 || ends_all(error) {
            return (targets, Piece::Failed(failed));
        }
        let smaller = match error.code {
            // The question's form is at fault; the form of one host is another one.
            "es_refused" => targets.into_iter().map(|t| vec![t]).collect(),
            _ => targets.chunks(targets.len().div_ceil(2)).map(<[Target]>::to_vec).collect(),
        };
        (Vec::new(), Piece::Split(smaller))
    }

    async fn question(&self, shape: &Shape, targets: &[Target]) -> Result<HashMap<IpAddr, Found>> {
        let names = wants_names(targets);
        if let [only] = targets {
            let answer = self.client.ask(self.scope.single(shape, only.ip, names)).await?;
            return Ok(self.scope.read_single(&answer)?.map(|found| (only.ip, found)).into_iter().collect());
        }
        let ips: Vec<IpAddr> = targets.iter().map(|t| t.ip).collect();
        let answer = self.client.ask(self.scope.batch(shape, &ips, names)).await?;
        self.scope.read_batch(&answer)
    }

    fn given_up(&self) -> Option<HostFailure> {
        self.health.lock().map_or(None, |health| health.given_up.clone())
    }

    fn good(&self) {
        if let Ok(mut health) = self.health.lock() {
            health.in_a_row = 0;
        }
    }

    /// Counts a failure and returns it in the form that hosts carry.
    fn bad(&self, error: &Error) -> HostFailure {
        let failed = failure(error);
        if let Ok(mut health) = self.health.lock() {
            health.in_a_row += 1;
            if health.given_up.is_none() && (ends_all(error) || health.in_a_row >= GIVE_UP) {
                let why = if ends_all(error) {
                    String::new()
                } else {
                    format!("given up after {} failures in a row; the last: ", health.in_a_row)
                };
                health.given_up = Some(HostFailure { code: failed.code, message: format!("{why}{}", failed.message) });
            }
        }
        failed
    }
}

/// What is wrong now is wrong for every host.
fn ends_all(error: &Error) -> bool {
    error.kind == Kind::Config || error.code == "es_unreachable"
}

/// Names are asked for where the pool has none.
fn wants_names(targets: &[Target]) -> bool {
    targets.iter().any(|t| t.host.as_ref().is_none_or(|h| h.facts.name.is_empty()))
}
