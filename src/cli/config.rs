//! `syncline config`: the daemon's settings on this machine, without a daemon.

use super::args::Mutation;
use super::error::Error;
use super::exit::Exit;
use super::output::{self, Cell, Column, Listing};
use super::session::Session;
use crate::config::{self, Complaints, Config, Flags};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// The settings that `serve` would run with here
    Show(Show),
    /// Check a configuration file and the environment; every complaint at once
    Check(Check),
    /// Write a configuration file with every key and its default
    Init(Init),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline config show
  syncline config show --effective --origin
  SYNCLINE_LOG_LEVEL=debug syncline config show --origin")]
pub struct Show {
    /// The file, instead of the usual places
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Also the keys that have their default
    #[arg(long)]
    effective: bool,
    /// Also where each value comes from
    #[arg(long)]
    origin: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline config check
  syncline config check --config /etc/syncline/syncline.toml

Exit code: 0 when a daemon could start with it, 2 when not.")]
pub struct Check {
    /// The file, instead of the usual places
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline config init
  syncline config init /etc/syncline/syncline.toml
  syncline config init - | less")]
pub struct Init {
    /// Where to write it; - is stdout
    #[arg(value_name = "FILE", default_value = "syncline.toml")]
    file: PathBuf,
    #[command(flatten)]
    mutation: Mutation,
}

pub(super) fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Show(args) => show(session, &args),
        Command::Check(args) => check(session, &args),
        Command::Init(args) => init(session, &args),
    }
}

/// Loads the settings of this machine; the complaints are an error of usage.
fn load(path: Option<&Path>, flags: &Flags) -> Result<Config, Error> {
    Config::load(path, env(), flags).map_err(|e| refused(&e))
}

/// The same, and only if a daemon can start with them.
pub(super) fn load_to_serve(path: Option<&Path>, flags: &Flags) -> Result<Config, Error> {
    let (config, mut complaints) = Config::read(path, env(), flags);
    if complaints.is_empty() {
        crate::serve::judge(&config).map_err(|e| refused(&e))?;
        return Ok(config);
    }
    // Of the rest nobody knows what it would be without them.
    complaints.extend(crate::serve::judge_market(&config));
    Err(refused(&Complaints(complaints)))
}

/// A name or value that is not UTF-8 is none of ours.
fn env() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

fn refused(complaints: &Complaints) -> Error {
    Error::new(Exit::Usage, "config", complaints.to_string()).hint("`syncline config init -` prints every key with its default")
}

struct Setting {
    key: String,
    value: String,
    origin: String,
}

fn settings(config: &Config) -> Vec<Setting> {
    let mut settings: Vec<Setting> =
        config.entries().iter().map(|e| Setting { key: e.key.clone(), value: e.value.clone(), origin: e.origin.clone() }).collect();
    // Lists stand in the file only.
    let file = config.file().map(|f| format!("file {}", f.display())).unwrap_or_default();
    let tokens = config.tokens.iter().enumerate();
    settings.extend(tokens.map(|(i, token)| Setting {
        key: format!("auth.tokens[{i}]"),
        value: format!("{} ({})", token.name, token.role.as_str()),
        origin: file.clone(),
    }));
    // The first is the one of [server] listen, if there is one.
    let own = usize::from(settings.iter().any(|s| s.key == "server.listen" && !s.value.is_empty()));
    settings.extend(config.listeners.iter().skip(own).enumerate().map(|(i, listener)| Setting {
        key: format!("listeners[{i}]"),
        value: format!("{} ({})", listener.address, listener.families.iter().map(|f| f.as_str()).collect::<Vec<_>>().join(", ")),
        origin: file.clone(),
    }));
    settings.extend(config.dts_users.iter().enumerate().map(|(i, user)| Setting {
        key: format!("dts.users[{i}]"),
        value: format!("{} ({})", user.name, user.role.as_str()),
        origin: file.clone(),
    }));
    settings
}

fn show(session: &Session, args: &Show) -> Result<Exit, Error> {
    let config = load(args.config.as_deref(), &Flags::default())?;
    let mut settings = settings(&config);
    if !args.effective {
        settings.retain(|s| s.origin != "default");
    }
    let item = |s: &Setting| json!({ "key": s.key, "value": s.value, "origin": s.origin });
    let items: Vec<Value> = settings.iter().map(item).collect();
    let origin = if args.origin { Column::new("origin") } else { Column::wide("origin") };
    session.out.list(&Listing {
        reply: json!({ "file": config.file(), "settings": items }),
        items,
        noun: "setting",
        ids: settings.iter().map(|s| s.key.clone()).collect(),
        columns: vec![Column::new("key"), Column::new("value"), origin],
        rows: settings.iter().map(|s| vec![Cell::new(&s.key), Cell::new(&s.value), Cell::new(&s.origin)]).collect(),
        empty: "every key has its default; --effective shows them".into(),
    })?;
    Ok(Exit::Ok)
}

fn check(session: &Session, args: &Check) -> Result<Exit, Error> {
    let config = load_to_serve(args.config.as_deref(), &Flags::default())?;
    let file = config.file().map_or_else(|| "no file".to_owned(), |f| f.display().to_string());
    let changed = settings(&config).iter().filter(|s| s.origin != "default").count();
    session.out.list(&Listing {
        reply: json!({ "ok": true, "file": config.file(), "changed": changed }),
        items: vec![json!({ "ok": true, "file": config.file(), "changed": changed })],
        noun: "config",
        ids: vec![file.clone()],
        columns: vec![Column::new("file"), Column::new("result"), Column::figures("keys changed")],
        rows: vec![vec![Cell::new(file), Cell::new("ok"), Cell::count(changed as u64)]],
        empty: "".into(),
    })?;
    Ok(Exit::Ok)
}

fn init(session: &Session, args: &Init) -> Result<Exit, Error> {
    session.out.refuse_csv("a configuration file")?;
    let Init { file, mutation } = args;
    let text = config::example();
    if file == Path::new("-") || mutation.dry_run {
        output::print(&text)?;
        return Ok(Exit::Ok);
    }
    if file.exists() {
        session.confirm(&format!("{} exists already. Replace it?", file.display()), mutation.yes)?;
    }
    let written = std::fs::File::create(file).and_then(|mut f| f.write_all(text.as_bytes()));
    written.map_err(|e| Error::failed("config", format!("{} cannot be written: {e}", file.display())))?;
    session.out.note(&format!("wrote {0}; check it with: syncline config check --config {0}", file.display()));
    Ok(Exit::Ok)
}
