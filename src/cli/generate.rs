//! `syncline generate`: the files of the source tree that follow from the code: `completions/` and `man/` from the command
//! tree, `config.example.toml` from the table of keys.
//!
//! Run by whoever changes a command; `tests/cli` fails while the files are stale. Invariant: the output depends on the
//! command tree alone, not on the machine, the time or the environment.

use super::Cli;
use super::error::Error;
use super::exit::{self, Exit};
use super::output::{Cell, Column, Listing};
use super::session::Session;
use clap::CommandFactory as _;
use clap_complete::{Generator as _, Shell};
use serde_json::json;
use std::fs;
use std::path::{Path, PathBuf};

const SHELLS: [Shell; 4] = [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell];

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline generate
  syncline generate --check      # exit 3 and the names of stale files")]
pub struct Args {
    /// The source tree
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    dir: PathBuf,
    /// Write nothing; say what is stale
    #[arg(long)]
    check: bool,
}

pub(super) fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { dir, check } = args;
    let mut files: Vec<(PathBuf, String)> =
        SHELLS.into_iter().map(|shell| (Path::new("completions").join(shell.file_name("syncline")), completion(shell))).collect();
    files.extend(pages()?);
    files.push((PathBuf::from("config.example.toml"), crate::config::example()));
    let mut changed: Vec<(PathBuf, &str)> = Vec::new();
    for (path, text) in &files {
        let old = fs::read_to_string(dir.join(path)).ok();
        if old.as_ref() != Some(text) {
            changed.push((path.clone(), if old.is_some() { "stale" } else { "missing" }));
        }
    }
    changed.extend(left_over(&dir, &files).into_iter().map(|path| (path, "left over")));
    if !check {
        for (path, text) in &files {
            write(&dir.join(path), text)?;
        }
        for (path, _) in changed.iter().filter(|(_, state)| *state == "left over") {
            fs::remove_file(dir.join(path)).map_err(|e| failed(path, &e))?;
        }
    }
    session.out.list(&listing(&changed))?;
    match (changed.is_empty(), check) {
        (true, _) | (_, false) => Ok(Exit::Ok),
        (false, true) => Err(Error::new(Exit::Different, "stale", format!("{} generated files are stale", changed.len()))
            .hint("`syncline generate` writes them")),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let folder = path.parent().expect("every generated file is in the folder that --dir names");
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).map_err(|e| failed(path, &e))
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::failed("generate", format!("{} cannot be written: {error}", path.display()))
}

/// Pages of commands that are gone.
fn left_over(dir: &Path, files: &[(PathBuf, String)]) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(dir.join("man")) else { return Vec::new() };
    let pages =
        entries.flatten().map(|entry| Path::new("man").join(entry.file_name())).filter(|path| path.extension().is_some_and(|e| e == "1"));
    let mut pages: Vec<PathBuf> = pages.filter(|path| !files.iter().any(|(known, _)| known == path)).collect();
    pages.sort();
    pages
}

fn listing(changed: &[(PathBuf, &str)]) -> Listing {
    let items: Vec<_> = changed.iter().map(|(path, state)| json!({ "file": path, "state": state })).collect();
    Listing {
        reply: json!({ "changed": items }),
        items,
        noun: "file",
        ids: changed.iter().map(|(path, _)| path.display().to_string()).collect(),
        columns: vec![Column::new("file"), Column::new("was")],
        rows: changed.iter().map(|(path, state)| vec![Cell::new(path.display().to_string()), Cell::new(*state)]).collect(),
        empty: "every generated file is fresh".into(),
    }
}

/// The completion script of one shell.
pub(super) fn completion(shell: Shell) -> String {
    let mut command = Cli::command();
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command, "syncline", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Every manual page, as a path in the source tree and its text.
pub(super) fn pages() -> Result<Vec<(PathBuf, String)>, Error> {
    let mut root = Cli::command();
    root.build();
    let mut pages = Vec::new();
    collect(&root, "syncline", &mut pages)?;
    Ok(pages)
}

fn collect(command: &clap::Command, name: &str, pages: &mut Vec<(PathBuf, String)>) -> Result<(), Error> {
    let shown = command.clone().name(name.to_owned()).disable_help_flag(true);
    let mut text = Vec::new();
    let page = clap_mangen::Man::new(shown)
        .title(name.to_uppercase())
        .manual("Syncline")
        .source(format!("syncline {}", env!("CARGO_PKG_VERSION")));
    page.render(&mut text)?;
    let mut text = String::from_utf8_lossy(&text).into_owned();
    if name == "syncline" {
        text.push_str(&exit_status());
    }
    pages.push((Path::new("man").join(format!("{name}.1")), text));
    for child in command.get_subcommands().filter(|c| !c.is_hide_set()) {
        collect(child, &format!("{name}-{}", child.get_name()), pages)?;
    }
    Ok(())
}

/// The section that every exit code and error code stands in.
fn exit_status() -> String {
    let mut text = String::from(".SH \"EXIT STATUS\"\n");
    for exit in Exit::ALL {
        text.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", exit.code(), exit.meaning()));
    }
    text.push_str(".SH \"ERROR CODES\"\nOne of these codes stands in brackets behind the message of an error: that of the daemon's reply, or that there is no reply.\n");
    for (code, exit) in exit::codes() {
        text.push_str(&format!(".TP\n\\fB{code}\\fR\nexit status {}\n", exit.code()));
    }
    text
}
