//! The Kafka client: idempotent, acknowledged by all replicas, and what it says of failures.

use crate::model::kafka::{Heartbeat, KafkaSinkSpec};
use crate::replicate::encode::{Beside, Header, Message, partition};
use crate::replicate::sink::messages::ledger::Entry;
use crate::replicate::sink::messages::signals::Signals;
use crate::replicate::sink::messages::topics::{Topic, Topics};
use crate::replicate::{Error, Kind, Result};
use rdkafka::client::ClientContext;
use rdkafka::config::{ClientConfig, RDKafkaLogLevel};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{self, DeliveryResult, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _, ProducerContext, ThreadedProducer};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::{Instant, MissedTickBehavior};

/// Messages that wait in the client, by bytes; what the client keeps beside each of them is as much again for small ones,
/// so their number is bounded too.
const QUEUE_KBYTES: u32 = 16 << 10;
const QUEUE_MESSAGES: u32 = 100_000;
/// Messages sent together: below a broker's usual limit of 1 MB, so that only a single message can be too large.
const BATCH_BYTES: u64 = 900_000;
const LINGER_MILLIS: u64 = 5;
const METADATA: Duration = Duration::from_secs(5);
/// Between two questions for the partitions of the topics.
const RECOUNT: Duration = Duration::from_secs(15);
/// How long a topic may take to come into being.
const TOPIC_PATIENCE: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub(in crate::replicate::sink) struct Producer(Arc<Inner>);

struct Inner {
    client: ThreadedProducer<Context>,
    events: Events,
    topics: Arc<Topics>,
    beat: Option<Beat>,
}

/// What heartbeats are made of.
struct Beat {
    heartbeat: Heartbeat,
    beside: Beside,
    /// The source's name in messages.
    server: String,
}

#[derive(Clone)]
struct Events {
    signals: Signals,
    /// There is room in the client's queue again.
    room: Arc<Notify>,
}

struct Context(Events);

impl ClientContext for Context {
    fn log(&self, level: RDKafkaLogLevel, fac: &str, message: &str) {
        match level {
            RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical | RDKafkaLogLevel::Error => {
                tracing::warn!(facility = fac, "kafka client: {message}");
            }
            _ => tracing::debug!(facility = fac, "kafka client: {message}"),
        }
    }
    fn error(&self, error: KafkaError, reason: &str) {
        tracing::warn!(code = ?error.rdkafka_error_code(), "kafka client: {reason}");
        self.0.signals.say_trouble(error.rdkafka_error_code().map(|code| code.to_string()));
        if let KafkaError::Global(RDKafkaErrorCode::Fatal) = error {
            self.0.signals.fail(Error::transient("kafka_fatal", format!("the Kafka client gave up: {reason}")));
        }
    }
}

impl ProducerContext for Context {
    type DeliveryOpaque = Arc<Entry>;
    fn delivery(&self, result: &DeliveryResult<'_>, entry: Self::DeliveryOpaque) {
        self.0.room.notify_one();
        match result {
            Ok(_) => self.0.signals.delivered(&entry),
            // Purged by `close`: nobody counts on it.
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::PurgeQueue | RDKafkaErrorCode::PurgeInflight), _)) => {}
            Err((error, message)) => {
                let size = message.payload().map_or(0, <[u8]>::len);
                self.0.signals.fail(refused(error, message.topic(), message.key(), size));
            }
        }
    }
}

fn config(sink: &KafkaSinkSpec) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", sink.addresses()).set("client.id", "syncline");
    config
}

impl Producer {
    pub(in crate::replicate::sink) fn open(spec: &KafkaSinkSpec, topics: Arc<Topics>, signals: Signals) -> Result<Self> {
        let events = Events { signals, room: Arc::default() };
        let beat = spec.heartbeat.clone().map(|heartbeat| Beat {
            heartbeat,
            beside: Beside::of(spec.messages.format),
            server: spec.topic.prefix().to_owned(),
        });
        // A group of 1 byte is dtle's word for "none".
        let batch = spec.group_bytes.filter(|n| *n > 1).unwrap_or(BATCH_BYTES).min(BATCH_BYTES);
        let client: ThreadedProducer<Context> = config(spec)
            .set("enable.idempotence", "true")
            .set("acks", "all")
            // What is not acknowledged is neither lost nor given up: it waits for the brokers to come back.
            .set("message.timeout.ms", "0")
            .set("compression.type", "lz4")
            .set("linger.ms", spec.group_millis.unwrap_or(LINGER_MILLIS).to_string())
            .set("batch.size", batch.to_string())
            // The broker's limit decides, not the client's.
            .set("message.max.bytes", "100000000")
            .set("queue.buffering.max.kbytes", QUEUE_KBYTES.to_string())
            .set("queue.buffering.max.messages", QUEUE_MESSAGES.to_string())
            .create_with_context(Context(events.clone()))
            .map_err(|e| Error::config("kafka_settings", format!("set up the Kafka client: {e}")))?;
        Ok(Self(Arc::new(Inner { client, events, topics, beat })))
    }

    /// Hands one message to the client, waiting for room; returns its size. `entry` counts it until it is acknowledged.
    pub(in crate::replicate::sink) async fn send(
        &self,
        topic: &Topic,
        message: &Message,
        time_ms: i64,
        entry: &Arc<Entry>,
    ) -> Result<usize> {
        let at = if message.partition.is_empty() { 0 } else { partition(&message.partition, topic.partitions()) };
        let topic = topic.name.as_str();
        let Message { key, value, partition: _, header } = message;
        let size = key.as_ref().map_or(0, Vec::len) + value.as_ref().map_or(0, Vec::len);
        entry.sent();
        let mut record = BaseRecord::with_opaque_to(topic, Arc::clone(entry)).partition(i32::try_from(at).unwrap_or(0));
        if time_ms > 0 {
            record = record.timestamp(time_ms);
        }
        record.key = key.as_deref();
        record.payload = value.as_deref();
        if let Some(Header { name, value }) = header {
            record = record.headers(OwnedHeaders::new().insert(message::Header { key: name, value: Some(value) }));
        }
        loop {
            self.0.events.signals.check()?;
            match self.0.client.send(record) {
                Ok(()) => return Ok(size),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), back)) => {
                    record = back;
                    // A failure makes no room: it is looked at again after a while.
                    let _ = tokio::time::timeout(Duration::from_millis(100), self.0.events.room.notified()).await;
                }
                Err((error, _)) => {
                    entry.acknowledged();
                    return Err(refused(&error, topic, key.as_deref(), size));
                }
            }
        }
    }

    /// Returns a topic to send to; a broker that makes topics by itself is given time to.
    pub(in crate::replicate::sink) async fn topic(&self, topic: &str) -> Result<Arc<Topic>> {
        let since = Instant::now();
        loop {
            if let Some(count) = self.partitions(topic).await? {
                return Ok(self.0.topics.counted(topic, count));
            }
            if since.elapsed() > TOPIC_PATIENCE {
                return Err(Error::config("topic_missing", format!("the brokers have no topic {topic} and do not make it"))
                    .hint("create the topic, or let the brokers make topics (auto.create.topics.enable=true)"));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Asks the brokers how many partitions a topic has; None while they have none of that name.
    async fn partitions(&self, topic: &str) -> Result<Option<u32>> {
        let (this, name) = (self.clone(), topic.to_owned());
        let asked = tokio::task::spawn_blocking(move || this.0.client.client().fetch_metadata(Some(&name), METADATA)).await;
        let metadata = asked.map_err(|e| Error::permanent("panic", format!("ask for a topic: {e}")))?.map_err(|e| unreachable(&e))?;
        let found = metadata.topics().iter().find(|t| t.name() == topic);
        let count = found.filter(|t| t.error().is_none()).map_or(0, |t| t.partitions().len());
        Ok(u32::try_from(count).ok().filter(|n| *n > 0))
    }

    /// Does what is to be done at regular intervals.
    pub(in crate::replicate::sink) async fn attend(&self) {
        if let ((), Err(error)) = tokio::join!(self.recount(), self.beat()) {
            self.0.events.signals.fail(error);
        }
    }

    /// Sends heartbeats. They are no part of the stream: no position waits for them.
    async fn beat(&self) -> Result<()> {
        let Some(Beat { heartbeat: Heartbeat { topic, seconds }, beside, server }) = &self.0.beat else { return Ok(()) };
        let topic = self.topic(topic).await?;
        let mut clock = tokio::time::interval(Duration::from_secs(u64::from(*seconds)));
        // After a time in which nothing went one is enough.
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            clock.tick().await;
            let now = jiff::Timestamp::now().as_millisecond();
            let entry = Arc::new(Entry::new(None, 0, Vec::new()));
            let bytes = self.send(&topic, &beside.heartbeat(server, now), now, &entry).await?;
            entry.complete().await;
            topic.got(1, bytes as u64);
        }
    }

    /// Asks for the partitions of all topics in use, again and again.
    async fn recount(&self) {
        loop {
            tokio::time::sleep(RECOUNT).await;
            for name in self.0.topics.names() {
                // Brokers that are away are the business of whoever sends.
                if let Ok(Some(count)) = self.partitions(&name).await {
                    self.0.topics.counted(&name, count);
                }
            }
        }
    }

    /// Messages that wait to be acknowledged.
    pub(in crate::replicate::sink) fn waiting(&self) -> usize {
        usize::try_from(self.0.client.in_flight_count()).unwrap_or_default()
    }

    /// Drops what is not acknowledged: it is asked for again from the kept position.
    pub(in crate::replicate::sink) async fn close(&self) {
        let this = self.clone();
        // Ending the client's threads takes a moment; a panic there has been logged.
        let _ = tokio::task::spawn_blocking(move || {
            this.0.client.purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
            drop(this);
        })
        .await;
    }
}

/// A message that the brokers do not take.
fn refused(error: &KafkaError, topic: &str, key: Option<&[u8]>, size: usize) -> Error {
    let key = key.map_or_else(|| "none".to_owned(), |k| String::from_utf8_lossy(&k[..k.len().min(200)]).into_owned());
    let code = error.rdkafka_error_code();
    let about = format!("topic {topic}, key {key}, {size} bytes");
    match code {
        Some(RDKafkaErrorCode::MessageSizeTooLarge) => {
            Error::permanent("message_too_large", format!("the message is larger than the topic takes ({about})"))
                .hint("raise max.message.bytes of the topic (message.max.bytes of the brokers), or leave columns out with exclude_columns")
        }
        Some(RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed) => {
            Error::config("kafka_not_allowed", format!("the brokers do not let us write ({about})")).hint("grant WRITE on the topic")
        }
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownPartition) => {
            Error::transient("topic_changed", format!("the topic or its partition is not there any more ({about})"))
        }
        Some(RDKafkaErrorCode::InvalidMessage | RDKafkaErrorCode::InvalidRecord | RDKafkaErrorCode::PolicyViolation) => {
            Error::permanent("message_refused", format!("the brokers refuse the message: {error} ({about})"))
        }
        _ => Error::transient("kafka_write", format!("write to Kafka: {error} ({about})")),
    }
}

fn unreachable(error: &KafkaError) -> Error {
    let reason = error.rdkafka_error_code().map_or_else(|| error.to_string(), |code| code.to_string());
    Error::new(Kind::Transient, "unreachable", format!("no broker answers: {reason}")).hint(
        "check the brokers' addresses, that they run, and that this is a listener without TLS and accounts: others are not supported yet",
    )
}

/// Asks the brokers for their metadata; an error says why none answered.
pub async fn reach(sink: &KafkaSinkSpec) -> Result<()> {
    let mut config = config(sink);
    let asked = tokio::task::spawn_blocking(move || {
        let client: BaseProducer = config.set("log_level", "0").create()?;
        client.client().fetch_metadata(None, METADATA).map(|_| ())
    });
    asked.await.map_err(|e| Error::permanent("panic", format!("reach the brokers: {e}")))?.map_err(|e| unreachable(&e))
}
