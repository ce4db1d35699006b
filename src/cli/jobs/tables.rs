//! `syncline jobs tables`: which tables a job has, tables that join or leave it, tables that are copied again.
//!
//! `add` and `remove` change the job's rules, as `jobs update` would.

use super::create::PREFLIGHT_TIMEOUT;
use super::wait::{self, Condition};
use super::{rows, show, update};
use crate::cli::args::Mutation;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{Format, Listing, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{Job, JobCreate, JobState, Reload, SchemaRule};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The tables, how far their copies are and what the stream changed in them
    #[command(visible_alias = "ls")]
    List(List),
    /// Copy tables again, while the job runs
    Reload(Named),
    /// Take tables into the job; they are copied first
    Add(Named),
    /// Take tables out of the job; what they have at the target stays
    Remove(Named),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs tables list orders-sync
  syncline jobs tables list orders-sync -o csv")]
pub struct List {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "The job begins again from its position, also one that waits or has failed, and the stream waits until what is to be copied is.
A paused job does it when it is resumed.
Tables that are merged into one are copied again together.

Examples:
  syncline jobs tables reload orders-sync shop.orders --wait=caught-up
  syncline jobs tables add orders-sync crm.people crm.firms
  syncline jobs tables remove orders-sync shop.log"
)]
pub struct Named {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// Tables as db.table
    #[arg(value_name = "TABLE", required = true)]
    tables: Vec<String>,
    /// Wait until the job is there: running (the default), incremental, caught-up, ...
    #[arg(long, value_name = "STATE", num_args = 0..=1, require_equals = true, default_missing_value = "running", conflicts_with = "dry_run")]
    wait: Option<Condition>,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::List(List { id }) => list(session, &id).await,
        Command::Reload(args) => reload(session, args).await,
        Command::Add(args) => Box::pin(change(session, args, add)).await,
        Command::Remove(args) => Box::pin(change(session, args, remove)).await,
    }
}

async fn list(session: &Session, id: &str) -> Result<Exit, Error> {
    let found = session.client()?.job_tables(id).await.map_err(|e| Error::from(e).about("job", id))?;
    session.out.list(&Listing {
        reply: json(&found),
        items: found.tables.iter().map(json).collect(),
        noun: "table",
        ids: found.tables.iter().map(|t| format!("{}.{}", t.schema, t.table)).collect(),
        columns: show::table_columns().into(),
        rows: found.tables.iter().map(show::table_row).collect(),
        empty: "the job knows of no tables yet".into(),
    })?;
    Ok(Exit::Ok)
}

async fn reload(session: &Session, args: Named) -> Result<Exit, Error> {
    let Named { id, tables, wait, mutation } = args;
    let client = session.client()?;
    let about = |e: crate::client::Error| Error::from(e).about("job", &id);
    let job = client.job(&id).await.map_err(about)?;
    let list = tables.join(", ");
    if mutation.dry_run {
        session.out.note(&format!("would copy {list} again"));
        return print(session, &job);
    }
    if job.config.target.is_some() {
        let question =
            format!("{list} at {}: dropped and copied again; nothing else is applied meanwhile. Go on?", rows::destination(&job.config));
        session.confirm(&question, mutation.yes)?;
    }
    let mut job = client.reload_tables(&job.id, &Reload { tables }).await.map_err(about)?;
    if job.state == JobState::Paused {
        session.out.note(&format!("{0} is paused: it copies {list} when it is resumed (syncline jobs resume {0})", job.id));
    }
    if let Some(condition) = wait {
        job = wait::until(session, &job.id, &condition).await?;
    }
    print(session, &job)
}

async fn change(session: &Session, args: Named, by: fn(&mut JobCreate, &str, &str) -> Result<(), String>) -> Result<Exit, Error> {
    let Named { id, tables, wait, mutation } = args;
    let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
    let job = client.job(&id).await.map_err(|e| Error::from(e).about("job", &id))?;
    let mut wanted = job.config.clone();
    for table in &tables {
        let (schema, name) = split(table).ok_or_else(|| Error::usage(format!("{table:?} is not db.table")))?;
        by(&mut wanted, schema, name)
            .map_err(|why| Error::usage(format!("{table}: {why}")).hint("`syncline jobs update` can say anything"))?;
    }
    update::change(session, &client, &job, wanted, wait, &mutation).await
}

fn split(text: &str) -> Option<(&str, &str)> {
    text.split_once('.').filter(|(schema, table)| !schema.is_empty() && !table.is_empty())
}

/// Lets the rules take a table. Only names are looked at: what a pattern takes is the daemon's to know.
fn add(job: &mut JobCreate, schema: &str, table: &str) -> Result<(), String> {
    for rule in job.ignore.iter_mut().filter(|r| r.schema == schema) {
        if rule.tables.is_empty() {
            return Err(format!("the job leaves out all of {schema}"));
        }
        rule.tables.retain(|t| t != table);
        if rule.tables.is_empty() {
            rule.schema.clear();
        }
    }
    job.ignore.retain(|r| !r.schema.is_empty());
    let takes = |r: &SchemaRule| r.schema == schema && (r.tables.is_empty() || r.tables.iter().any(|t| t == table));
    if job.include.is_empty() || job.include.iter().any(takes) {
        return Ok(());
    }
    let plain = |r: &&mut SchemaRule| {
        let SchemaRule { schema: of, tables: _, filter, to_schema, to_table, columns, to_columns: _ } = &**r;
        of == schema && filter.is_none() && to_schema.is_none() && to_table.is_none() && columns.is_empty()
    };
    match job.include.iter_mut().find(plain) {
        Some(rule) => rule.tables.push(table.to_owned()),
        None => job.include.push(SchemaRule { schema: schema.to_owned(), tables: vec![table.to_owned()], ..SchemaRule::default() }),
    }
    Ok(())
}

/// Lets the rules leave a table out: those that name it no longer do, and where others may take it, it is ignored.
fn remove(job: &mut JobCreate, schema: &str, table: &str) -> Result<(), String> {
    let had = !job.include.is_empty();
    for rule in job.include.iter_mut().filter(|r| r.schema == schema && r.tables.iter().any(|t| t == table)) {
        rule.tables.retain(|t| t != table);
        // Without tables it would mean all of them.
        if rule.tables.is_empty() {
            rule.schema.clear();
        }
    }
    job.include.retain(|r| !r.schema.is_empty());
    if had && job.include.is_empty() {
        return Err("it is all that the job has".to_owned());
    }
    let may = |r: &SchemaRule| r.schema == schema && (r.tables.is_empty() || r.tables.iter().any(|t| t.starts_with('/')));
    if had && !job.include.iter().any(may) {
        return Ok(());
    }
    match job.ignore.iter_mut().find(|r| r.schema == schema) {
        Some(rule) if rule.tables.is_empty() || rule.tables.iter().any(|t| t == table) => {}
        Some(rule) => rule.tables.push(table.to_owned()),
        None => job.ignore.push(SchemaRule { schema: schema.to_owned(), tables: vec![table.to_owned()], ..SchemaRule::default() }),
    }
    Ok(())
}

fn print(session: &Session, job: &Job) -> Result<Exit, Error> {
    session.out.list(&rows::listing(std::slice::from_ref(job), json(job), session.out.format == Format::Wide))?;
    Ok(Exit::Ok)
}

#[cfg(test)]
mod tests {
    use super::super::show::tests::job;
    use super::*;

    #[test]
    fn rules_take_and_leave_tables_by_name() {
        let rules = |rules: &[(&str, &[&str])]| {
            let rule = |(schema, tables): &(&str, &[&str])| SchemaRule {
                schema: (*schema).into(),
                tables: tables.iter().map(|t| (*t).into()).collect(),
                ..SchemaRule::default()
            };
            rules.iter().map(rule).collect::<Vec<_>>()
        };
        let shown =
            |rules: &[SchemaRule]| rules.iter().map(|r| format!("{}.{}", r.schema, r.tables.join("+"))).collect::<Vec<_>>().join(" ");
        let by = |change: fn(&mut JobCreate, &str, &str) -> Result<(), String>, include: &[(&str, &[&str])], ignore: &[(&str, &[&str])]| {
            let mut config = job(JobState::Streaming).config;
            (config.include, config.ignore) = (rules(include), rules(ignore));
            change(&mut config, "a", "t").map(|()| format!("{} | {}", shown(&config.include), shown(&config.ignore)))
        };
        let ok = |text: &str| Ok::<_, String>(text.to_owned());
        assert_eq!(by(add, &[("b", &[])], &[]), ok("b. a.t | "));
        assert_eq!(by(add, &[("a", &["x"])], &[("a", &["t", "u"])]), ok("a.x+t | a.u"));
        assert_eq!(by(add, &[("a", &[])], &[("a", &["t"])]), ok("a. | "));
        assert!(by(add, &[], &[("a", &[])]).is_err());
        assert_eq!(by(remove, &[("a", &["t", "u"])], &[]), ok("a.u | "));
        assert_eq!(by(remove, &[("a", &["t", "/.*/"])], &[]), ok("a./.*/ | a.t"));
        assert_eq!(by(remove, &[], &[("a", &["x"])]), ok(" | a.x+t"));
        assert_eq!(by(remove, &[("a", &[])], &[]), ok("a. | a.t"));
        assert!(by(remove, &[("a", &["t"])], &[]).is_err());
    }
}
