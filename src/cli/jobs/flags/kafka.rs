//! The flags of a subscription's destination.

use crate::wire::native::kafka::{Kafka, MessageFormat, PartitionBy, PartitionFallback};

/// Where a subscription's messages go.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Without a file, of a subscription")]
pub(super) struct KafkaArgs {
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
        rows_per_second: None,
        burst_rows: None,
    }
}

impl KafkaArgs {
    /// All flags, with whether they are given.
    pub(super) fn flags(&self) -> [(&'static str, bool); 5] {
        [
            ("--kafka", !self.kafka.is_empty()),
            ("--topic", self.topic.is_some()),
            ("--format", self.format.is_some()),
            ("--no-message-schema", self.no_message_schema),
            ("--partition-by", self.partition_by.is_some()),
        ]
    }

    /// Those that a new subscription cannot do without.
    pub(super) fn needed(&self) -> impl Iterator<Item = (&'static str, bool)> {
        self.flags().into_iter().take(2)
    }

    pub(super) fn put_into(self, job: &mut Kafka) {
        let Self { kafka, topic, format, no_message_schema, partition_by } = self;
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
