//! `syncline es`: a look at an Elasticsearch endpoint before a task uses it.

use super::error::Error;
use super::exit::Exit;
use super::human;
use super::output::{self, Cell, Column, Document, Listing, Tone, json};
use super::session::Session;
use super::tasks::Source;
use crate::wire::native::hosts::{EsChecked, EsField, EsRequest};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Check that an endpoint answers, and what its index pattern reaches
    Check(Check),
    /// Compare the configured fields with those that the documents have
    Fields(Fields),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "The daemon connects, not this program: what is checked is what a task will meet.

Examples:
  syncline es check
  syncline es check --endpoint http://es:9200 --index-pattern 'data-zabbix-*'")]
pub struct Check {
    #[command(flatten)]
    source: Source,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline es fields --range 1d
  syncline es fields -o csv

Exit code: 1 when a configured field is in no document of the range.")]
pub struct Fields {
    #[command(flatten)]
    source: Source,
    /// Also list all fields that there are
    #[arg(long)]
    all: bool,
}

fn request(source: Source) -> EsRequest {
    let Source { endpoint, style, index_pattern, range } = source;
    EsRequest { endpoint, style, index_pattern, range }
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Check(args) => check(session, args).await,
        Command::Fields(args) => fields(session, args).await,
    }
}

async fn check(session: &Session, args: Check) -> Result<Exit, Error> {
    session.out.refuse_csv("a check")?;
    let found = session.client()?.es_check(&request(args.source)).await?;
    let EsChecked { endpoint, index_pattern, style, version, shards, documents, oldest, newest, took_ms } = &found;
    let number = |n: &Option<u64>| n.map_or_else(|| "it does not say".to_owned(), human::count);
    let text = output::pairs(&[
        ("endpoint", endpoint.clone()),
        ("style", style.clone()),
        ("version", version.clone().unwrap_or_else(|| "it does not say".into())),
        ("index pattern", index_pattern.clone()),
        ("shards", number(shards)),
        ("documents", number(documents)),
        ("oldest", oldest.clone().unwrap_or_default()),
        ("newest", newest.clone().unwrap_or_default()),
        ("took", format!("{took_ms} ms")),
    ]);
    session.out.document(&Document { reply: json(&found), name: "es/check".into(), text })?;
    Ok(Exit::Ok)
}

async fn fields(session: &Session, args: Fields) -> Result<Exit, Error> {
    let found = session.client()?.es_fields(&request(args.source)).await?;
    let shown: Vec<&EsField> = found.fields.iter().filter(|f| args.all || !f.role.is_empty()).collect();
    let row = |f: &&EsField| {
        let missing = f.documents == Some(0);
        let documents = f.documents.map_or_else(|| Cell::new(""), Cell::count);
        vec![
            Cell::new(&f.role),
            Cell::new(&f.path),
            Cell::new(f.types.join(", ")),
            if missing { documents.tone(Tone::Bad) } else { documents },
            Cell::new(f.suggestion.clone().unwrap_or_default()),
            Cell::new(human::short(&f.sample, 40)),
        ]
    };
    session.out.list(&Listing {
        reply: json(&found),
        items: shown.iter().map(json).collect(),
        noun: "field",
        ids: shown.iter().map(|f| f.path.clone()).collect(),
        columns: vec![
            Column::new("role"),
            Column::new("field"),
            Column::new("type"),
            Column::figures("documents"),
            Column::new("instead"),
            Column::wide("sample"),
        ],
        rows: shown.iter().map(row).collect(),
        empty: "no fields".into(),
    })?;
    let missing = found.fields.iter().any(|f| !f.role.is_empty() && f.documents == Some(0));
    Ok(if missing { Exit::Failed } else { Exit::Ok })
}
