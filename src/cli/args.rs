//! Flags that mean the same everywhere.

use super::human::parse_timeout;
use super::output::Format;
use clap::Args;
use std::path::PathBuf;
use std::time::Duration;

/// Flags of every leaf.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Globals {
    /// Form of the data on stdout
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        hide_possible_values = true,
        value_name = "FORM",
        help = "Form of the data on stdout: table, wide, json, yaml, ndjson, csv or name"
    )]
    pub output: Format,
    /// Print ids only
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Use this context instead of the current one [env: SYNCLINE_CONTEXT]
    #[arg(long, global = true, value_name = "NAME")]
    pub context: Option<String>,
    /// Address of the daemon [env: SYNCLINE_SERVER] [default: http://127.0.0.1:8190]
    #[arg(long, global = true, value_name = "URL")]
    pub server: Option<String>,
    /// File that holds the token [env: SYNCLINE_TOKEN_FILE; the token itself: SYNCLINE_TOKEN]
    #[arg(long, global = true, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// Give up after this time, e.g. 30s, 10m: a request (default 30s), or the whole wait of a verb that waits
    #[arg(long, global = true, value_name = "TIME", value_parser = parse_timeout)]
    pub timeout: Option<Duration>,
}

/// Flags of every leaf that changes something.
#[derive(Debug, Clone, Args)]
pub struct Mutation {
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Answer every question with yes
    #[arg(short, long)]
    pub yes: bool,
}
