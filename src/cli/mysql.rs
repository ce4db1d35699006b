//! `syncline mysql`: a look at a database before a job uses it.

use super::endpoint::{self, Password, Tls};
use super::error::Error;
use super::exit::Exit;
use super::jobs;
use super::output::{self, json};
use super::session::Session;
use crate::wire::native::mysql::{CheckRequest, Role};
use std::path::PathBuf;
use std::time::Duration;

const CHECK_TIMEOUT: Duration = Duration::from_secs(60);

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Check that a server can be the source or the target of a job
    Check(Check),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "The daemon connects, not this program: what is checked is what a job will meet.

Examples:
  syncline mysql check repl@db1:3306 --password-file src.pw
  syncline mysql check app@db2 --role target --print-grants

Exit code: 0 when the server can take the role, 1 when a finding of severity error stands against it.")]
pub struct Check {
    /// The account: user@host or user@host:port
    #[arg(value_name = "USER@HOST")]
    address: String,
    /// What it is to be
    #[arg(long, value_enum, default_value_t)]
    role: Side,
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
    /// Print the GRANT statements that the account needs, and nothing else
    #[arg(long)]
    print_grants: bool,
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
    }
}

async fn check(session: &Session, args: Check) -> Result<Exit, Error> {
    let Check { address, role, password_file, password_env, tls, tls_ca, print_grants } = args;
    let address = endpoint::address("USER@HOST", &address)?;
    let name = format!("{}@{}:{}", address.user, address.host, address.port);
    let password = Password { file: password_file.as_deref(), env: password_env.as_deref() }.read_or_ask(&address, "password-")?;
    let (role, word) = match role {
        Side::Source => (Role::Source, "source"),
        Side::Target => (Role::Target, "target"),
    };
    let request = CheckRequest { endpoint: endpoint::endpoint(address, password, tls, tls_ca), role };
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
        .hint("--print-grants lists the grants that its account needs"))
}
