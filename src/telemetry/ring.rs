//! The newest log lines, bounded by bytes. Writers never wait for readers; a reader that is too slow is told how many
//! lines it lost.

use jiff::Timestamp;
use serde_json::{Map, Value};
use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id};
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Rises by one per line.
    pub seq: u64,
    pub time: Timestamp,
    pub level: Level,
    pub target: String,
    pub message: String,
    pub job: Option<String>,
    pub run: Option<u64>,
    pub fields: Map<String, Value>,
}

/// Whose lines are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Target {
    /// All of the daemon.
    #[default]
    Server,
    Job(String),
    Run(u64),
}

#[derive(Debug, Clone, Default)]
pub struct Query {
    pub target: Target,
    /// Lines at least as severe.
    pub level: Option<Level>,
    pub since: Option<Timestamp>,
    pub until: Option<Timestamp>,
    /// A part of the message, any case.
    pub grep: Option<String>,
    /// None: the newest `limit` lines; else those behind this number.
    pub after: Option<u64>,
    pub limit: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub lines: Vec<Line>,
    /// Pass as `after` to go on.
    pub next: u64,
    /// Lines that were pushed out before they could be read.
    pub lost: u64,
}

pub struct Ring {
    max_bytes: usize,
    inner: Mutex<Inner>,
    newest: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    lines: VecDeque<(usize, Line)>,
    bytes: usize,
    next: u64,
}

impl Ring {
    pub fn new(max_bytes: u64) -> Self {
        let max_bytes = usize::try_from(max_bytes).unwrap_or(usize::MAX);
        Self { max_bytes, inner: Mutex::new(Inner { next: 1, ..Inner::default() }), newest: watch::channel(0).0 }
    }

    fn push(&self, mut line: Line) {
        let seq = {
            let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
            line.seq = inner.next;
            inner.next += 1;
            let size = weight(&line);
            inner.bytes += size;
            let seq = line.seq;
            inner.lines.push_back((size, line));
            while inner.bytes > self.max_bytes
                && let Some((size, _)) = inner.lines.pop_front()
            {
                inner.bytes -= size;
            }
            seq
        };
        self.newest.send_replace(seq);
    }

    /// Returns a value that moves with every line.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.newest.subscribe()
    }

    pub fn read(&self, query: &Query) -> Page {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let limit = query.limit.max(1);
        let wanted = |line: &&Line| query.wants(line);
        let lines = inner.lines.iter().map(|(_, line)| line);
        let Some(after) = query.after else {
            let mut newest: Vec<Line> = lines.rev().filter(wanted).take(limit).cloned().collect();
            newest.reverse();
            return Page { lines: newest, next: inner.next - 1, lost: 0 };
        };
        let oldest = inner.lines.front().map_or(inner.next, |(_, line)| line.seq);
        let lost = oldest.saturating_sub(after + 1);
        let page: Vec<Line> = lines.filter(|l| l.seq > after).filter(wanted).take(limit).cloned().collect();
        let next = if page.len() == limit { page.last().map_or(after, |l| l.seq) } else { inner.next - 1 };
        Page { lines: page, next, lost }
    }
}

/// What a line costs, roughly.
fn weight(line: &Line) -> usize {
    let fields: usize = line.fields.iter().map(|(k, v)| k.len() + 24 + v.as_str().map_or(8, str::len)).sum();
    160 + line.message.len() + line.target.len() + fields
}

impl Query {
    fn wants(&self, line: &Line) -> bool {
        let Self { target, level, since, until, grep, after: _, limit: _ } = self;
        let target = match target {
            Target::Server => true,
            Target::Job(job) => line.job.as_ref() == Some(job),
            Target::Run(run) => line.run == Some(*run),
        };
        // Levels order from ERROR (least) to TRACE (most).
        target
            && level.is_none_or(|l| line.level <= l)
            && since.is_none_or(|t| line.time >= t)
            && until.is_none_or(|t| line.time <= t)
            && grep.as_ref().is_none_or(|g| line.message.to_lowercase().contains(&g.to_lowercase()))
    }
}

/// The layer that fills the ring.
pub(super) struct Tap(Arc<Ring>);

impl Tap {
    pub(super) fn new(ring: Arc<Ring>) -> Self {
        Self(ring)
    }
}

/// A span's fields, kept with the span for its events.
struct SpanFields(Map<String, Value>);

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Tap {
    fn on_new_span(&self, attrs: &Attributes<'_>, id: &Id, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        attrs.record(&mut fields);
        if let Some(span) = ctx.span(id) {
            span.extensions_mut().insert(SpanFields(fields.map));
        }
    }

    fn on_event(&self, event: &Event<'_>, ctx: Context<'_, S>) {
        let mut fields = Fields::default();
        for span in ctx.event_scope(event).into_iter().flatten() {
            if let Some(SpanFields(of_span)) = span.extensions().get() {
                for (name, value) in of_span {
                    fields.map.entry(name.clone()).or_insert_with(|| value.clone());
                }
            }
        }
        event.record(&mut fields);
        let Fields { message, map } = fields;
        let text = |name: &str| map.get(name).and_then(Value::as_str).map(str::to_owned);
        self.0.push(Line {
            seq: 0,
            time: Timestamp::now(),
            level: *event.metadata().level(),
            target: event.metadata().target().to_owned(),
            message,
            job: text("job.id").or_else(|| text("job")),
            run: map.get("run").and_then(Value::as_u64),
            fields: map,
        });
    }
}

#[derive(Default)]
struct Fields {
    message: String,
    map: Map<String, Value>,
}

impl Fields {
    fn put(&mut self, field: &Field, value: Value) {
        self.map.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.message = format!("{value:?}");
        } else {
            self.put(field, Value::String(format!("{value:?}")));
        }
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Value::String(value.to_owned()));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, value.into());
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, value.into());
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put(field, value.into());
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, value.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tracing_subscriber::layer::SubscriberExt as _;

    #[test]
    fn lines_carry_the_job_of_their_span_and_are_bounded_by_bytes() {
        let ring = Arc::new(Ring::new(20_000));
        let subscriber = tracing_subscriber::registry().with(Tap::new(Arc::clone(&ring)));
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::info_span!("job", job.id = %"orders-sync");
            span.in_scope(|| tracing::warn!(rows = 7u64, "Copied a chunk"));
            tracing::info!("other");
        });
        let query = Query { target: Target::Job("orders-sync".into()), limit: 10, ..Query::default() };
        let page = ring.read(&query);
        assert_eq!(page.lines.len(), 1);
        assert_eq!((page.lines[0].message.as_str(), &page.lines[0].fields["rows"]), ("Copied a chunk", &Value::from(7u64)));
        assert_eq!(page.next, 2);
        let grep = Query { grep: Some("COPIED".into()), level: Some(Level::WARN), limit: 10, ..Query::default() };
        assert_eq!(ring.read(&grep).lines.len(), 1);

        let subscriber = tracing_subscriber::registry().with(Tap::new(Arc::clone(&ring)));
        tracing::subscriber::with_default(subscriber, || (0..1000).for_each(|n| tracing::info!(n, "filler")));
        let page = ring.read(&Query { after: Some(2), limit: 5, ..Query::default() });
        assert!(page.lost > 800, "{}", page.lost);
        assert_eq!(page.lines.len(), 5);
        assert_eq!(page.next, page.lines[4].seq);
    }
}
