//! The flags of a subscription's destination.

use crate::wire::native::kafka::{Kafka, MessageFormat, PartitionBy, PartitionFallback};
use crate::wire::native::lines::Lines;

/// Where a subscription's messages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Sink {
    // Tables at --target
    Mysql,
    // Topics of --kafka
    Kafka,
    // Lines to this command, with which the job ends
    Stdout,
    // Lines in a file of the daemon's
    File,
}

/// Where a subscription's messages go, as flags.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Without a file, of a subscription")]
pub(super) struct KafkaArgs {
    #[arg(
        help = "Where it goes: to --target, to --kafka, to this command's stdout, or into a file in the daemon's [files] dir",
        long,
        value_enum,
        value_name = "WHERE"
    )]
    pub(super) sink: Option<Sink>,
    /// The file's name [default: NAME.ndjson]
    #[arg(long, value_name = "NAME")]
    sink_file: Option<String>,
    /// Kafka's brokers
    #[arg(long, value_name = "HOST:PORT", value_delimiter = ',', conflicts_with = "target")]
    kafka: Vec<String>,
    /// The topic; {schema} and {table} in it are replaced
    #[arg(long, value_name = "NAME")]
    topic: Option<String>,
    /// The form of the messages [default: debezium]
    #[arg(long, value_enum, value_name = "FORM")]
    format: Option<Form>,
    /// Leave the schema out of Debezium's messages
    #[arg(long)]
    no_message_schema: bool,
    /// What rows have in common that stay in order [default: primary-key]
    #[arg(long, value_enum, value_name = "WHAT")]
    partition_by: Option<Partition>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Form {
    // As Debezium's MySQL connector
    Debezium,
    // Canal's flat message
    Canal,
    // One object per row
    Flat,
    // As Maxwell's daemon
    Maxwell,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Partition {
    // The table
    Table,
    // The primary key
    PrimaryKey,
}

/// A subscription whose flags have nothing but defaults.
pub(super) fn unsaid() -> Kafka {
    Kafka {
        brokers: Vec::new(),
        topic: String::new(),
        format: MessageFormat::default(),
        message_schema: true,
        tombstones: None,
        partition_by: PartitionBy::default(),
        partition_columns: Vec::new(),
        partition_fallback: PartitionFallback::default(),
        exclude_columns: Vec::new(),
        ddl_topic: None,
        transaction_topic: None,
        heartbeat_topic: None,
        heartbeat_seconds: None,
    }
}

impl KafkaArgs {
    /// All flags, with whether they are given.
    pub(super) fn flags(&self) -> [(&'static str, bool); 7] {
        [
            ("--sink", self.sink.is_some()),
            ("--sink-file", self.sink_file.is_some()),
            ("--kafka", !self.kafka.is_empty()),
            ("--topic", self.topic.is_some()),
            ("--format", self.format.is_some()),
            ("--no-message-schema", self.no_message_schema),
            ("--partition-by", self.partition_by.is_some()),
        ]
    }

    /// Those that a new subscription cannot do without.
    pub(super) fn needed(&self) -> impl Iterator<Item = (&'static str, bool)> {
        let kafka = !matches!(self.sink, Some(Sink::Stdout | Sink::File));
        self.flags().into_iter().filter(move |(flag, _)| kafka && ["--kafka", "--topic"].contains(flag))
    }

    /// Those that say something of a destination which the job does not have.
    pub(super) fn foreign(&self, kafka: bool, lines: bool) -> impl Iterator<Item = &'static str> {
        let said = self.flags().into_iter().filter(|(_, given)| *given);
        said.map(|(flag, _)| flag).filter(move |flag| match *flag {
            "--sink" => false,
            "--sink-file" => !lines,
            "--format" => !kafka && !lines,
            _ => !kafka,
        })
    }

    /// Lines whose flags have nothing but defaults; None: the messages go to Kafka.
    pub(super) fn unsaid_lines(&self, name: &str) -> Option<Lines> {
        match self.sink? {
            Sink::Stdout => Some(Lines::default()),
            Sink::File => Some(Lines { file: Some(format!("{name}.ndjson")), ..Lines::default() }),
            Sink::Mysql | Sink::Kafka => None,
        }
    }

    pub(super) fn put_into_lines(self, job: &mut Lines) {
        let Self { sink: _, sink_file, kafka: _, topic: _, format, no_message_schema: _, partition_by: _ } = self;
        job.file = sink_file.or(job.file.take());
        job.format = format.map_or(job.format, Into::into);
    }

    pub(super) fn put_into(self, job: &mut Kafka) {
        let Self { sink: _, sink_file: _, kafka, topic, format, no_message_schema, partition_by } = self;
        if !kafka.is_empty() {
            job.brokers = kafka;
        }
        job.topic = topic.unwrap_or_else(|| std::mem::take(&mut job.topic));
        job.format = format.map_or(job.format, Into::into);
        job.message_schema &= !no_message_schema;
        if let Some(by) = partition_by {
            (job.partition_by, job.partition_columns) = (by.into(), Vec::new());
        }
    }
}

impl From<Form> for MessageFormat {
    fn from(form: Form) -> Self {
        match form {
            Form::Debezium => Self::Debezium,
            Form::Canal => Self::Canal,
            Form::Flat => Self::Flat,
            Form::Maxwell => Self::Maxwell,
        }
    }
}

impl From<Partition> for PartitionBy {
    fn from(partition: Partition) -> Self {
        match partition {
            Partition::Table => Self::Table,
            Partition::PrimaryKey => Self::PrimaryKey,
        }
    }
}
