//! A destination of lines, in both directions, and what it shares with Kafka's.

use crate::api::error::{Error, Result};
use crate::model::messages::{FileName, LinesSinkSpec, LinesTo, MessageFormat, MessageSpec, RateLimit};
use crate::wire::native::kafka;
use crate::wire::native::lines as wire;

pub(super) fn spec(lines: wire::Lines) -> Result<LinesSinkSpec> {
    let wire::Lines { file, format: form, message_schema, tombstones, exclude_columns, rows_per_second, burst_rows } = lines;
    let named = |why| Error::bad_request(format!("lines.file: {why}")).field("lines.file");
    Ok(LinesSinkSpec {
        to: file.map_or(Ok(LinesTo::Caller), |name| FileName::parse(&name).map(LinesTo::File)).map_err(named)?,
        messages: MessageSpec {
            format: format(form, message_schema),
            exclude_columns,
            tombstones,
            rate: rate("lines", rows_per_second, burst_rows)?,
        },
    })
}

pub(super) fn shown(sink: LinesSinkSpec) -> wire::Lines {
    let LinesSinkSpec { to, messages: MessageSpec { format, exclude_columns, tombstones, rate } } = sink;
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
        rows_per_second: rate.map(|r| r.rows_per_second),
        burst_rows: rate.map(|r| r.burst),
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

pub(super) fn rate(of: &str, rows_per_second: Option<u64>, burst_rows: Option<u64>) -> Result<Option<RateLimit>> {
    if burst_rows.is_some() && rows_per_second.is_none() {
        let field = format!("{of}.burst_rows");
        return Err(Error::bad_request(format!("{field}: goes with rows_per_second")).field(field));
    }
    let limit = |rows_per_second: u64| RateLimit { rows_per_second, burst: burst_rows.unwrap_or(rows_per_second).max(1) };
    Ok(rows_per_second.filter(|n| *n > 0).map(limit))
}
