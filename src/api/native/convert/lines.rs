//! A destination of lines, in both directions, and what it shares with Kafka's.

use crate::api::error::{Error, Result};
use crate::model::messages::{FileName, LinesSinkSpec, LinesTo, MessageFormat, MessageSpec};
use crate::wire::native::kafka;
use crate::wire::native::lines as wire;

pub(super) fn spec(lines: wire::Lines) -> Result<LinesSinkSpec> {
    let wire::Lines { file, format: form, message_schema, tombstones, exclude_columns } = lines;
    let named = |why| Error::bad_request(format!("lines.file: {why}")).field("lines.file");
    Ok(LinesSinkSpec {
        to: file.map_or(Ok(LinesTo::Caller), |name| FileName::parse(&name).map(LinesTo::File)).map_err(named)?,
        messages: MessageSpec { format: format(form, message_schema), exclude_columns, tombstones },
    })
}

pub(super) fn shown(sink: LinesSinkSpec) -> wire::Lines {
    let LinesSinkSpec { to, messages: MessageSpec { format, exclude_columns, tombstones } } = sink;
    let (format, message_schema) = shown_format(format, false);
    wire::Lines {
        file: match to {
            LinesTo::File(name) => Some(name.as_str().to_owned()),
            LinesTo::Caller => None,
        },
        format,
        message_schema,
        tombstones,
        exclude_columns,
    }
}

pub(super) fn format(format: kafka::MessageFormat, schema: bool) -> MessageFormat {
    match format {
        kafka::MessageFormat::Debezium => MessageFormat::Debezium { schema },
        kafka::MessageFormat::Canal => MessageFormat::Canal,
        kafka::MessageFormat::Flat => MessageFormat::Flat,
        kafka::MessageFormat::Maxwell => MessageFormat::Maxwell,
    }
}

/// `unsaid`: what stands for the schema where the format has none.
pub(super) fn shown_format(format: MessageFormat, unsaid: bool) -> (kafka::MessageFormat, bool) {
    match format {
        MessageFormat::Debezium { schema } => (kafka::MessageFormat::Debezium, schema),
        MessageFormat::Canal => (kafka::MessageFormat::Canal, unsaid),
        MessageFormat::Flat => (kafka::MessageFormat::Flat, unsaid),
        MessageFormat::Maxwell => (kafka::MessageFormat::Maxwell, unsaid),
    }
}
