//! `syncline context`: names for daemons, so that `--server` and `--token-file` need not be typed.

use super::args::Mutation;
use super::contexts::{self, Context, Contexts};
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Cell, Column, Document, Listing};
use super::session::Session;
use crate::client::Client;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Duration;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Add a context, or change one
    #[command(
        after_help = "Examples:\n  syncline context add prod --server https://sync.example --token-file ~/.config/syncline/prod.token --use"
    )]
    Add(Add),
    /// Make a context the current one
    #[command(after_help = "Examples:\n  syncline context use prod")]
    Use {
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        mutation: Mutation,
    },
    /// All contexts
    #[command(visible_alias = "ls", after_help = "Examples:\n  syncline context list")]
    List,
    /// One context; without a name the current one
    #[command(after_help = "Examples:\n  syncline context show prod")]
    Show {
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Forget a context; its token file stays
    #[command(visible_alias = "rm", after_help = "Examples:\n  syncline context remove prod --yes")]
    Remove {
        #[arg(value_name = "NAME")]
        name: String,
        #[command(flatten)]
        mutation: Mutation,
    },
}

#[derive(Debug, clap::Args)]
pub struct Add {
    #[arg(value_name = "NAME")]
    name: String,
    /// Make it the current one
    #[arg(long = "use")]
    select: bool,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    let mut contexts = Contexts::load()?;
    match command {
        Command::Add(args) => {
            let context = context(session, &args.name)?;
            let replaced = contexts.contexts.get(&args.name).is_some_and(|old| *old != context);
            if replaced && !args.mutation.dry_run {
                session.confirm(
                    &format!("context {:?} names another server or token file already. Replace it?", args.name),
                    args.mutation.yes,
                )?;
            }
            contexts.contexts.insert(args.name.clone(), context);
            // The first one is what the user works with from now on.
            if args.select || contexts.current.is_none() {
                contexts.current = Some(args.name);
            }
            save(session, &contexts, &args.mutation)?;
        }
        Command::Use { name, mutation } => {
            contexts.get(&name)?;
            contexts.current = Some(name);
            save(session, &contexts, &mutation)?;
        }
        Command::List => {}
        Command::Show { name } => return show(session, &contexts, name),
        Command::Remove { name, mutation } => {
            contexts.get(&name)?;
            if !mutation.dry_run {
                session.confirm(&format!("context {name:?} will be forgotten. Go on?"), mutation.yes)?;
            }
            contexts.contexts.remove(&name);
            contexts.current = contexts.current.filter(|current| *current != name);
            save(session, &contexts, &mutation)?;
        }
    }
    session.out.list(&listing(&contexts))?;
    Ok(Exit::Ok)
}

/// The context that the global flags describe.
fn context(session: &Session, name: &str) -> Result<Context, Error> {
    if name.is_empty() || name.contains(char::is_whitespace) {
        return Err(Error::usage("a context needs a name without spaces"));
    }
    let Some(server) = session.server_flag() else {
        return Err(Error::usage("--server is missing").hint(format!("syncline context add {name} --server https://HOST:PORT")));
    };
    // A typing error shows now and not when the context is first used.
    Client::new(server, None, Duration::from_secs(1))?;
    let token_file = match session.token_file_flag() {
        Some(path) => Some(absolute(path)?),
        None => None,
    };
    if let Some(path) = token_file.as_deref().filter(|path| contexts::open_to_others(path)) {
        output::warn(&format!("warning: token file {0} can be read by others; `chmod 600 {0}` closes it", path.display()));
    }
    Ok(Context { server: server.to_owned(), token_file })
}

fn absolute(path: &std::path::Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(|e| Error::usage(format!("token file {}: {e}", path.display())))
}

fn save(session: &Session, contexts: &Contexts, mutation: &Mutation) -> Result<(), Error> {
    if mutation.dry_run {
        session.out.note("nothing is written; the contexts would be:");
        return Ok(());
    }
    contexts.save()
}

fn show(session: &Session, contexts: &Contexts, name: Option<String>) -> Result<Exit, Error> {
    session.out.refuse_csv("a context")?;
    let Some(name) = name.or_else(|| contexts.current.clone()) else {
        return Err(
            Error::new(Exit::Usage, "no_context", "no context is in use").hint("`syncline context add NAME --server URL --use` makes one")
        );
    };
    let context = contexts.get(&name)?;
    let token_file = context.token_file.as_ref().map(|p| p.display().to_string()).unwrap_or_default();
    let file = contexts::path()?.display().to_string();
    let text = output::pairs(&[("name", name.clone()), ("server", context.server.clone()), ("token file", token_file), ("kept in", file)]);
    session.out.document(&Document { reply: value(&name, context, contexts), name: format!("context/{name}"), text })?;
    Ok(Exit::Ok)
}

fn value(name: &str, context: &Context, contexts: &Contexts) -> Value {
    json!({ "name": name, "server": context.server, "token_file": context.token_file, "current": contexts.current.as_deref() == Some(name) })
}

fn listing(contexts: &Contexts) -> Listing {
    let items: Vec<Value> = contexts.contexts.iter().map(|(name, context)| value(name, context, contexts)).collect();
    let row = |(name, context): (&String, &Context)| {
        let current = contexts.current.as_ref() == Some(name);
        vec![
            Cell::pair(if current { "*" } else { "" }, current),
            Cell::new(name),
            Cell::new(&context.server),
            Cell::new(context.token_file.as_ref().map(|p| p.display().to_string()).unwrap_or_default()),
        ]
    };
    Listing {
        reply: json!({ "contexts": items }),
        items,
        noun: "context",
        ids: contexts.contexts.keys().cloned().collect(),
        columns: vec![Column::new("current"), Column::new("name"), Column::new("server"), Column::new("token file")],
        rows: contexts.contexts.iter().map(row).collect(),
        empty: "no contexts; commands talk to http://127.0.0.1:8190".into(),
    }
}
