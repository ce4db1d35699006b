//! `syncline man`.

use super::error::Error;
use super::exit::Exit;
use super::generate;
use super::output;
use super::session::Session;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline man | man -l -
  syncline man jobs create | man -l -")]
pub struct Args {
    /// The command, word by word; none: the program as a whole
    #[arg(value_name = "COMMAND")]
    words: Vec<String>,
}

pub(super) fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    session.out.refuse_csv("a manual page")?;
    let name = std::iter::once("syncline".to_owned()).chain(args.words).collect::<Vec<_>>().join("-");
    let pages = generate::pages()?;
    let file = format!("{name}.1");
    let page = pages.into_iter().find(|(path, _)| path.file_name().is_some_and(|f| f.to_string_lossy() == file));
    let Some((_, text)) = page else {
        return Err(Error::usage(format!("there is no page {name}(1)")).hint("`syncline help` lists the commands"));
    };
    output::print(&text)?;
    Ok(Exit::Ok)
}
