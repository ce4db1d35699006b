//! `syncline completions`.

use super::error::Error;
use super::exit::Exit;
use super::generate;
use super::output;
use super::session::Session;
use clap_complete::Shell;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline completions bash > ~/.local/share/bash-completion/completions/syncline
  syncline completions zsh > \"${fpath[1]}/_syncline\"
  syncline completions fish > ~/.config/fish/completions/syncline.fish")]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(super) fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    session.out.refuse_csv("a script")?;
    output::print(&generate::completion(args.shell))?;
    Ok(Exit::Ok)
}
