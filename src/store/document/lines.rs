//! A destination of lines as it is stored, and what it shares with Kafka's.

use super::super::{Error, Result};
use crate::model::live::RateLimit;
use crate::model::messages as model;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub(super) struct Lines {
    /// Absent: to the caller.
    file: Option<String>,
    format: Format,
    exclude_columns: Vec<String>,
    tombstones: bool,
    /// Stood here once; the spec has it now.
    #[serde(default, skip_serializing)]
    pub(super) rate: Option<Rate>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    Debezium { schema: bool },
    Canal,
    Flat,
    Maxwell,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
pub(super) struct Rate {
    #[serde(alias = "rows_per_second")]
    per_second: u64,
    burst: u64,
}

impl Lines {
    pub(super) fn of(sink: &model::LinesSinkSpec) -> Self {
        let model::LinesSinkSpec { to, messages: model::MessageSpec { format, exclude_columns, tombstones } } = sink;
        Self {
            file: match to {
                model::LinesTo::File(name) => Some(name.as_str().to_owned()),
                model::LinesTo::Caller => None,
            },
            format: Format::of(*format),
            exclude_columns: exclude_columns.clone(),
            tombstones: *tombstones,
            rate: None,
        }
    }

    pub(super) fn into_model(self) -> Result<model::LinesSinkSpec> {
        let Self { file, format, exclude_columns, tombstones, rate: _ } = self;
        let to = match file {
            Some(name) => model::LinesTo::File(model::FileName::parse(&name).map_err(Error::io)?),
            None => model::LinesTo::Caller,
        };
        let messages = model::MessageSpec { format: format.into_model(), exclude_columns, tombstones };
        Ok(model::LinesSinkSpec { to, messages })
    }
}

impl Format {
    pub(super) fn of(format: model::MessageFormat) -> Self {
        match format {
            model::MessageFormat::Debezium { schema } => Self::Debezium { schema },
            model::MessageFormat::Canal => Self::Canal,
            model::MessageFormat::Flat => Self::Flat,
            model::MessageFormat::Maxwell => Self::Maxwell,
        }
    }
    pub(super) fn into_model(self) -> model::MessageFormat {
        match self {
            Self::Debezium { schema } => model::MessageFormat::Debezium { schema },
            Self::Canal => model::MessageFormat::Canal,
            Self::Flat => model::MessageFormat::Flat,
            Self::Maxwell => model::MessageFormat::Maxwell,
        }
    }
}

impl Rate {
    pub(super) fn of(rate: RateLimit) -> Self {
        let RateLimit { per_second, burst } = rate;
        Self { per_second, burst }
    }
    pub(super) fn into_model(self) -> RateLimit {
        let Self { per_second, burst } = self;
        RateLimit { per_second, burst }
    }
}
