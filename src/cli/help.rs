//! `syncline help`: a command's help, or a topic that no single command owns.

use super::Cli;
use super::error::Error;
use super::exit::{self, Exit};
use super::output;
use super::session::Session;
use clap::{CommandFactory as _, Parser as _};

#[derive(Debug, clap::Args)]
#[command(after_help = "Topics: exit-codes, environment, output, security

Examples:
  syncline help exit-codes
  syncline help jobs create")]
pub struct Args {
    /// A command, word by word, or a topic
    #[arg(value_name = "COMMAND|TOPIC")]
    words: Vec<String>,
}

pub(super) fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    session.out.refuse_csv("help")?;
    let words: Vec<&str> = args.words.iter().map(String::as_str).collect();
    let text = match words.as_slice() {
        ["exit-codes"] => exit_codes(),
        ["environment"] => include_str!("topics/environment.txt").to_owned(),
        ["output"] => include_str!("topics/output.txt").to_owned(),
        ["security"] => include_str!("topics/security.txt").to_owned(),
        words => command(words)?,
    };
    output::print(&text)?;
    Ok(Exit::Ok)
}

fn exit_codes() -> String {
    let mut text = String::from("Exit codes. Their meaning does not change.\n\n");
    for exit in Exit::ALL {
        text.push_str(&format!("  {:>3}  {}\n", exit.code(), exit.meaning()));
    }
    text.push_str("\nError codes of the daemon (and that it does not answer), as they stand in brackets behind a message, and the exit they lead to:\n\n");
    for (code, exit) in exit::codes() {
        text.push_str(&format!("  {code:<24}{}\n", exit.code()));
    }
    text
}

/// The text that `--help` behind these words would print.
fn command(words: &[&str]) -> Result<String, Error> {
    let mut root = Cli::command();
    root.build();
    let mut found = &root;
    for word in words {
        let next = found.get_subcommands().find(|c| c.get_name() == *word || c.get_all_aliases().any(|a| a == *word));
        let unknown = || {
            Error::usage(format!("there is no command or topic {:?}", words.join(" ")))
                .hint("`syncline help` lists the commands and topics")
        };
        found = next.ok_or_else(unknown)?;
    }
    let line = std::iter::once("syncline").chain(words.iter().copied()).chain(std::iter::once("--help"));
    match Cli::try_parse_from(line) {
        Err(help) => Ok(help.render().ansi().to_string()),
        Ok(_) => unreachable!("--help ends every command line"),
    }
}
