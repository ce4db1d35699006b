//! `syncline explain`: what an error code means and what to do about it, without a daemon.

use super::error::Error;
use super::exit::Exit;
use super::output::{self, Cell, Column, Document, Listing};
use super::session::Session;
use crate::wire::native::codes::{self, Meaning};
use serde_json::{Value, json};

#[derive(Debug, clap::Args)]
#[command(after_help = "A code stands in brackets behind an error, in the code column of findings, and in `jobs show`.

Examples:
  syncline explain position_lost
  syncline explain                    # every code
  syncline explain -o json")]
pub struct Args {
    /// The code; none: all of them
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

pub(super) fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Some(wanted) = args.code else { return list(session) };
    let wanted = wanted.trim_matches(['[', ']']);
    let Some(meaning) = codes::find(wanted) else {
        let near: Vec<&str> = codes::all().map(|m| m.code).filter(|c| c.contains(wanted) || wanted.contains(c)).collect();
        let hint =
            if near.is_empty() { "`syncline explain` lists every code".to_owned() } else { format!("there are: {}", near.join(", ")) };
        return Err(Error::new(Exit::NotFound, "not_found", format!("there is no code {wanted:?}")).hint(hint));
    };
    session.out.refuse_csv("a code")?;
    let Meaning { code, means, what_to_do } = meaning;
    let text = output::pairs(&[("code", code.to_owned()), ("means", means.to_owned()), ("do", what_to_do.to_owned())]);
    session.out.document(&Document { reply: value(meaning), name: format!("code/{code}"), text })?;
    Ok(Exit::Ok)
}

fn value(meaning: Meaning) -> Value {
    let Meaning { code, means, what_to_do } = meaning;
    json!({ "code": code, "means": means, "what_to_do": what_to_do })
}

fn list(session: &Session) -> Result<Exit, Error> {
    let items: Vec<Value> = codes::all().map(value).collect();
    session.out.list(&Listing {
        reply: json!({ "codes": items }),
        items,
        noun: "code",
        ids: codes::all().map(|m| m.code.to_owned()).collect(),
        columns: vec![Column::new("code"), Column::new("means"), Column::wide("what to do")],
        rows: codes::all().map(|m| vec![Cell::new(m.code), Cell::new(m.means), Cell::new(m.what_to_do)]).collect(),
        empty: "".into(),
    })?;
    Ok(Exit::Ok)
}
