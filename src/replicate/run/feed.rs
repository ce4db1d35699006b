//! The log on its way to the pump, bounded by bytes.

use super::RunContext;
use crate::model::position::Position;
use crate::replicate::connect::ServerInfo;
use crate::replicate::event::Event;
use crate::replicate::stream::{Log, LogConfig, LogStats, Spooled};
use crate::replicate::{Error, Result};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

/// The log on a task of its own: decoding runs beside the pump, and receiving can be cancelled at any await.
pub(super) struct Feed {
    events: mpsc::Receiver<(Event, OwnedSemaphorePermit)>,
    stats: watch::Receiver<LogStats>,
    spooled: Spooled,
    error: watch::Receiver<Option<Arc<Error>>>,
    task: JoinHandle<()>,
}

/// Decoded events waiting for the pump.
const FEED_BYTES: usize = 4 << 20;
const PERMIT: usize = 1024;

impl Feed {
    pub(super) async fn open(ctx: &RunContext, info: &ServerInfo, target: Option<&ServerInfo>, from: &Position) -> Result<Self> {
        let config = LogConfig {
            endpoint: ctx.spec.src.endpoint.clone(),
            info: info.clone(),
            server_id: ctx.server_id,
            spool_dir: ctx.spool_dir.clone(),
            spool_bytes: ctx.limits.spool_bytes,
            filter: ctx.spec.src.filter.clone(),
            target: target.map(|t| t.origin.clone()),
            live: ctx.control.watch(),
        };
        let mut log = Log::open(config, from, ctx.cancel.child_token()).await?;
        let ((tell, stats), spooled) = (watch::channel(log.stats()), log.spooled());
        let (send, events) = mpsc::channel(ctx.spec.src.queue_length.map_or(256, |n| n.max(1) as usize));
        let (fail, error) = watch::channel(None);
        let room = Arc::new(Semaphore::new(FEED_BYTES / PERMIT));
        let task = tokio::spawn(async move {
            loop {
                let event = tokio::select! {
                    event = log.next() => event,
                    () = send.closed() => break,
                };
                tell.send_replace(log.stats());
                match event {
                    Ok(event) => {
                        let permits = weight(&event).div_ceil(PERMIT).clamp(1, FEED_BYTES / PERMIT) as u32;
                        let Ok(permit) = Arc::clone(&room).acquire_many_owned(permits).await else { break };
                        if send.send((event, permit)).await.is_err() {
                            break;
                        }
                    }
                    Err(e) => {
                        fail.send_replace(Some(Arc::new(e)));
                        break;
                    }
                }
            }
            log.close().await;
        });
        Ok(Self { events, stats, spooled, error, task })
    }

    /// Decoded events that nobody has taken yet.
    pub(super) fn waiting(&self) -> u64 {
        self.events.len() as u64
    }

    pub(super) async fn next(&mut self) -> Result<(Event, OwnedSemaphorePermit)> {
        match self.events.recv().await {
            Some(event) => Ok(event),
            None => Err(self.failed().await),
        }
    }

    /// Waits for the log's error. While tables are copied nobody receives events, and yet a dead log must be noticed.
    pub(super) async fn failed(&self) -> Error {
        let mut error = self.error.clone();
        let found = match error.wait_for(Option::is_some).await {
            Ok(found) => found.clone(),
            Err(_) => None,
        };
        match found {
            Some(e) => Error { kind: e.kind, code: e.code, message: e.message.clone(), hint: e.hint.clone(), source: None },
            None => Error::transient("log_ended", "the log reader ended without a word"),
        }
    }

    /// As of the last event that was decoded; what has come to the disk since counts, also where the target takes nothing.
    pub(super) fn stats(&self) -> LogStats {
        let told = self.stats.borrow().clone();
        LogStats { spool_bytes: self.spooled.behind(told.decoded_bytes), ..told }
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Bytes that an event keeps in memory, about.
pub(super) fn weight(event: &Event) -> usize {
    match event {
        Event::Rows(rows) => rows.rows.len() + 256,
        Event::Ddl { ddl, .. } => ddl.statement.len() + 256,
        _ => 256,
    }
}
