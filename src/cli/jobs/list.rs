//! `syncline jobs list`.

use super::rows;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, json};
use crate::cli::session::Session;
use crate::client::JobQuery;
use crate::wire::native::jobs::{JobKind, JobState};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs list
  syncline jobs list --state failed -o wide
  syncline jobs list --state paused -q | xargs -r syncline jobs resume")]
pub struct Args {
    /// Only jobs of this kind: migration, sync or subscription
    #[arg(long, value_parser = parse_word::<JobKind>)]
    kind: Option<JobKind>,
    /// Only jobs in this state, e.g. failed
    #[arg(long, value_parser = parse_word::<JobState>)]
    state: Option<JobState>,
    /// Only jobs with this name, or the one with this id
    #[arg(long)]
    name: Option<String>,
}

/// Parses a word of the wire; the error lists the words there are.
fn parse_word<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|e| e.to_string().replace("variant", "word"))
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { kind, state, name } = args;
    let nothing = nothing(kind, state, name.as_deref());
    let list = session.client()?.jobs(&JobQuery { kind, state, name }).await?;
    let mut listing = rows::listing(&list.jobs, json(&list), session.out.format == Format::Wide);
    if let Some(nothing) = nothing {
        listing.empty = nothing.into();
    }
    session.out.list(&listing)?;
    Ok(Exit::Ok)
}

/// What a filter that no job passes has to say; None without a filter.
fn nothing(kind: Option<JobKind>, state: Option<JobState>, name: Option<&str>) -> Option<String> {
    let kind = kind.map(|k| format!(" of kind {}", rows::kind_word(k))).unwrap_or_default();
    let name = name.map(|n| format!(" with the name or id {n:?}")).unwrap_or_default();
    match state {
        Some(state) => Some(format!("no job{kind}{name} is {}", rows::state_word(state))),
        None if kind.is_empty() && name.is_empty() => None,
        None => Some(format!("there is no job{kind}{name}")),
    }
}
