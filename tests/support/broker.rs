//! A real Kafka broker for the tests, and a consumer that reads topics whole.
//!
//! Where Apache Kafka cannot be had, a compatible broker stands in (`scripts/services install kafka-standin`); with
//! `SYNCLINE_TEST_BROKER=standin` it does so in any case. Every test says which one it ran on, on stderr as `BROKER: …`. With
//! `SYNCLINE_TEST_REQUIRE=1` nothing stands in unasked.

use super::servers::{run, skip};
use rdkafka::TopicPartitionList;
use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::config::ClientConfig;
use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Headers as _, Message as _};
use rdkafka::topic_partition_list::Offset;
use serde_json::Value;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub(crate) struct Broker {
    port: u16,
    dir: PathBuf,
    /// What it is.
    name: &'static str,
    /// Keeps the pipe open; the broker lives as long as it.
    _guard: Child,
}

/// One message as a consumer gets it.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pub(crate) partition: i32,
    pub(crate) key: Option<Vec<u8>>,
    /// None: a tombstone.
    pub(crate) value: Option<Value>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
}

/// Returns the shared broker, or None where Kafka cannot be had (the skip is printed).
pub(crate) fn kafka() -> Option<&'static Broker> {
    static BROKER: OnceLock<Result<Broker, String>> = OnceLock::new();
    match BROKER.get_or_init(|| start("kafka")) {
        Ok(broker) => {
            broker.say();
            Some(broker)
        }
        Err(missing) => {
            skip(missing);
            None
        }
    }
}

/// Starts a broker for one test alone, which may freeze it.
pub(crate) fn own(name: &str) -> Option<Broker> {
    match start(&format!("kafka-own-{name}")) {
        Ok(broker) => {
            broker.say();
            Some(broker)
        }
        Err(missing) => {
            skip(&missing);
            None
        }
    }
}

fn start(name: &str) -> Result<Broker, String> {
    const STANDIN: &str = "noida-db, which stands in for Apache Kafka";
    let standin = || run("kafka-standin", name, &[]).map(|ran| (ran, STANDIN));
    let set = |name: &str, value: &str| std::env::var_os(name).is_some_and(|v| v == value);
    let ran = if set("SYNCLINE_TEST_BROKER", "standin") {
        standin()
    } else {
        match run("kafka", name, &[]) {
            Ok(ran) => Ok((ran, "Apache Kafka")),
            Err(missing) if set("SYNCLINE_TEST_REQUIRE", "1") => Err(missing),
            Err(missing) => standin().map_err(|also| format!("{missing}; {also}")),
        }
    };
    let ((port, dir, guard), name) = ran?;
    Ok(Broker { port, dir, name, _guard: guard })
}

impl Broker {
    /// Says on what a test runs. Written past the test harness, which hides the output of passing tests.
    fn say(&self) {
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let _ = writeln!(std::io::stderr(), "BROKER: {} ({test})", self.name);
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Sends a signal to the broker: `STOP` lets it answer nobody, `CONT` goes on.
    pub(crate) fn signal(&self, name: &str) {
        let pid = std::fs::read_to_string(self.dir.join("pid")).expect("the script wrote it");
        let sent = Command::new("kill").args([&format!("-{name}"), pid.trim()]).status().expect("kill is here");
        assert!(sent.success(), "the broker was there to be told");
    }

    pub(crate) async fn create_topic(&self, topic: &str, partitions: i32) {
        let made = self.admin().create_topics(&[NewTopic::new(topic, partitions, TopicReplication::Fixed(1))], &AdminOptions::new()).await;
        made.expect("the broker answers").into_iter().for_each(|r| drop(r.expect("the topic is made")));
    }

    /// Raises a topic's partitions to so many.
    pub(crate) async fn add_partitions(&self, topic: &str, partitions: usize) {
        let made = self.admin().create_partitions(&[NewPartitions::new(topic, partitions)], &AdminOptions::new()).await;
        made.expect("the broker answers").into_iter().for_each(|r| drop(r.expect("the partitions are made")));
    }

    fn admin(&self) -> AdminClient<DefaultClientContext> {
        ClientConfig::new().set("bootstrap.servers", self.address()).create().expect("a client")
    }

    /// Reads a topic from its beginning to where it ends now, partition by partition.
    pub(crate) async fn read(&self, topic: &str) -> Vec<Record> {
        let (address, topic) = (self.address(), topic.to_owned());
        tokio::task::spawn_blocking(move || read(&address, &topic)).await.expect("reading does not panic")
    }
}

fn read(address: &str, topic: &str) -> Vec<Record> {
    const PATIENCE: Duration = Duration::from_secs(20);
    let consumer: BaseConsumer = ClientConfig::new()
        .set("bootstrap.servers", address)
        .set("group.id", "test")
        .set("enable.partition.eof", "false")
        .set("enable.auto.commit", "false")
        .create()
        .expect("a consumer");
    let metadata = consumer.fetch_metadata(Some(topic), PATIENCE).expect("the broker answers");
    let partitions = metadata.topics().iter().find(|t| t.name() == topic).map_or(0, |t| t.partitions().len());
    let mut assigned = TopicPartitionList::new();
    let mut ends = Vec::new();
    for partition in 0..i32::try_from(partitions).expect("a few") {
        // A topic that is being made has no leader for a moment.
        let young = |e: &KafkaError| {
            use RDKafkaErrorCode::{LeaderNotAvailable, NotLeaderForPartition, UnknownTopicOrPartition};
            e.rdkafka_error_code().is_some_and(|c| matches!(c, LeaderNotAvailable | NotLeaderForPartition | UnknownTopicOrPartition))
        };
        let begun = Instant::now();
        let (low, high) = loop {
            match consumer.fetch_watermarks(topic, partition, PATIENCE) {
                Err(e) if young(&e) && begun.elapsed() < PATIENCE => std::thread::yield_now(),
                found => break found.expect("the broker answers"),
            }
        };
        if high > low {
            assigned.add_partition_offset(topic, partition, Offset::Beginning).expect("a valid offset");
            ends.push((partition, high));
        }
    }
    consumer.assign(&assigned).expect("the partitions are there");
    let mut records = Vec::new();
    while !ends.is_empty() {
        let Some(message) = consumer.poll(PATIENCE) else { panic!("the broker stopped sending; left: {ends:?}") };
        let message = message.expect("a message");
        records.push(Record {
            partition: message.partition(),
            key: message.key().map(<[u8]>::to_vec),
            headers: message.headers().map_or_else(Vec::new, |all| {
                all.iter().map(|h| (h.key.to_owned(), h.value.map_or_else(Vec::new, <[u8]>::to_vec))).collect()
            }),
            value: message.payload().map(|p| serde_json::from_slice(p).expect("JSON")),
        });
        ends.retain(|(partition, high)| !(*partition == message.partition() && message.offset() + 1 >= *high));
    }
    records
}
