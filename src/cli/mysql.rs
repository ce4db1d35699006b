//! `syncline mysql`: a look at a database before a job uses it.

use super::endpoint::{self, Password, Tls};
use super::error::Error;
use super::exit::Exit;
use super::jobs;
use super::output::{self, Cell, Column, Listing, json};
use super::session::Session;
use crate::wire::native::jobs::Endpoint;
use crate::wire::native::mysql::{CheckRequest, ColumnsRequest, Role, SchemasRequest, ServerColumn, ServerSchema};
use std::path::PathBuf;
use std::time::Duration;

const CHECK_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Check that a server can be the source or the target of a job
    Check(Check),
    /// List a server's schemas and tables
    Schemas(Schemas),
    /// List a table's columns
    Columns(Columns),
}

/// A server and how to log in there.
#[derive(Debug, clap::Args)]
struct Server {
    /// The account: user@host or user@host:port
    #[arg(value_name = "USER@HOST")]
    address: String,
    /// File that holds the password
    #[arg(long, value_name = "FILE", conflicts_with = "password_env")]
    password_file: Option<PathBuf>,
    /// Environment variable that holds the password
    #[arg(long, value_name = "VARIABLE")]
    password_env: Option<String>,
    /// TLS towards the server
    #[arg(long, value_enum, value_name = "MODE", default_value_t)]
    tls: Tls,
    /// PEM file with the authorities to trust, on the daemon's machine
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
}

impl Server {
    /// Returns the endpoint, and its name for messages.
    fn read(self) -> Result<(Endpoint, String), Error> {
        let Self { address, password_file, password_env, tls, tls_ca } = self;
        let address = endpoint::address("USER@HOST", &address)?;
        let name = format!("{}@{}:{}", address.user, address.host, address.port);
        let password = Password { file: password_file.as_deref(), env: password_env.as_deref() }.read_or_ask(&address, "password-")?;
        Ok((endpoint::endpoint(address, password, tls, tls_ca), name))
    }
}

#[derive(Debug, clap::Args)]
#[command(after_help = "The daemon connects, not this program: what is checked is what a job will meet.

Examples:
  syncline mysql check repl@db1:3306 --password-file src.pw
  syncline mysql check app@db2 --role target --print-grants

Exit code: 0 when the server can take the role, 1 when a finding of severity error stands against it.")]
pub struct Check {
    #[command(flatten)]
    server: Server,
    /// What it is to be
    #[arg(long, value_enum, default_value_t)]
    role: Side,
    /// Print the GRANT statements that the account needs, and nothing else
    #[arg(long)]
    print_grants: bool,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "What the account may not see is not listed; nor are the server's own schemas, ours, and views.

Examples:
  syncline mysql schemas repl@db1:3306 --password-file src.pw
  syncline mysql schemas repl@db1 --password-env DB1_PW -o csv")]
pub struct Schemas {
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline mysql columns repl@db1:3306 shop.orders --password-file src.pw
  syncline mysql columns repl@db1 shop.orders --password-env DB1_PW -o name")]
pub struct Columns {
    #[command(flatten)]
    server: Server,
    /// The table: schema.table
    #[arg(value_name = "SCHEMA.TABLE")]
    table: String,
}

#[derive(Debug, Clone, Copy, Default, clap::ValueEnum)]
enum Side {
    #[default]
    Source,
    Target,
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Check(args) => check(session, args).await,
        Command::Schemas(args) => schemas(session, args).await,
        Command::Columns(args) => columns(session, args).await,
    }
}

async fn check(session: &Session, args: Check) -> Result<Exit, Error> {
    let Check { server, role, print_grants } = args;
    let (endpoint, name) = server.read()?;
    let (role, word) = match role {
        Side::Source => (Role::Source, "source"),
        Side::Target => (Role::Target, "target"),
    };
    let request = CheckRequest { endpoint, role };
    let reply = session
        .client_with(session.patience().unwrap_or(CHECK_TIMEOUT))?
        .check_mysql(&request)
        .await
        .map_err(|e| Error::from(e).about("server", &name))?;
    if print_grants {
        output::print(&reply.grants.iter().map(|g| format!("{};\n", g.trim_end_matches(';'))).collect::<String>())?;
        return Ok(Exit::Ok);
    }
    session.out.note(&format!("{name}: {} {}", reply.flavor, reply.version));
    session.out.list(&jobs::findings(&reply.findings, json(&reply)))?;
    if reply.ok {
        session.out.note(&format!("it can be a {word}"));
        return Ok(Exit::Ok);
    }
    Err(Error::failed("preflight_failed", format!("{name} cannot be a {word} yet"))
        .hint("each finding above says what helps; --print-grants lists the grants that its account needs"))
}

async fn schemas(session: &Session, args: Schemas) -> Result<Exit, Error> {
    let (endpoint, name) = args.server.read()?;
    let client = session.client_with(session.patience().unwrap_or(CHECK_TIMEOUT))?;
    let reply = client.mysql_schemas(&SchemasRequest { endpoint }).await.map_err(|e| Error::from(e).about("server", &name))?;
    let (mut ids, mut rows) = (Vec::new(), Vec::new());
    for ServerSchema { schema, tables } in &reply.schemas {
        if tables.is_empty() {
            ids.push(schema.clone());
            rows.push(vec![Cell::new(schema), Cell::new("")]);
        }
        ids.extend(tables.iter().map(|table| format!("{schema}.{table}")));
        rows.extend(tables.iter().map(|table| vec![Cell::new(schema), Cell::new(table)]));
    }
    session.out.list(&Listing {
        reply: json(&reply),
        items: reply.schemas.iter().map(json).collect(),
        noun: "table",
        ids,
        columns: vec![Column::new("schema"), Column::new("table")],
        rows,
        empty: format!("{name} shows no schemas").into(),
    })?;
    Ok(Exit::Ok)
}

async fn columns(session: &Session, args: Columns) -> Result<Exit, Error> {
    let Columns { server, table } = args;
    let Some((schema, table)) = table.split_once('.').filter(|(s, t)| !s.is_empty() && !t.is_empty()) else {
        return Err(Error::usage("SCHEMA.TABLE: write schema.table"));
    };
    let (endpoint, name) = server.read()?;
    let client = session.client_with(session.patience().unwrap_or(CHECK_TIMEOUT))?;
    let request = ColumnsRequest { endpoint, schema: schema.to_owned(), table: table.to_owned() };
    let reply = client.mysql_columns(&request).await.map_err(|e| Error::from(e).about("server", &name))?;
    let yes = |flag: bool| if flag { "yes" } else { "" };
    let row = |c: &ServerColumn| {
        let ServerColumn { name, column_type, nullable, generated } = c;
        vec![Cell::new(name), Cell::new(column_type), Cell::pair(yes(*nullable), nullable), Cell::pair(yes(*generated), generated)]
    };
    session.out.list(&Listing {
        reply: json(&reply),
        items: reply.columns.iter().map(json).collect(),
        noun: "column",
        ids: reply.columns.iter().map(|c| c.name.clone()).collect(),
        columns: vec![Column::new("column"), Column::new("type"), Column::new("nullable"), Column::new("generated")],
        rows: reply.columns.iter().map(row).collect(),
        empty: "no columns".into(),
    })?;
    Ok(Exit::Ok)
}
