//! `syncline sync`: figures of hosts brought over now, and bars to backups and slaves.

mod add;
mod bars;
mod hosts;
mod targets;

pub(super) use targets::{besides, kind, place, placed};

use super::error::Error;
use super::exit::Exit;
use super::session::Session;

#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// CPU, memory and disk figures of hosts, out of Elasticsearch into the inventory
    Hosts(hosts::Hosts),
    /// Backups and slaves of market data, and how far each is
    Status(targets::Status),
    /// What was brought where: a row for each symbol and interval
    History(targets::History),
    /// Bring backups up to date
    Trigger(bars::Trigger),
    /// Bring bars to a slave
    Push(bars::Push),
    /// At a slave: take bars from its master
    Request(bars::Request),
    /// Where bars are brought to
    #[command(subcommand, visible_alias = "target")]
    Targets(targets::Command),
}

pub(super) async fn run(session: &Session, command: Command) -> Result<Exit, Error> {
    match command {
        Command::Hosts(args) => hosts::run(session, args).await,
        Command::Status(args) => targets::status(session, args).await,
        Command::History(args) => targets::history(session, args).await,
        Command::Trigger(args) => bars::trigger(session, args).await,
        Command::Push(args) => bars::push(session, args).await,
        Command::Request(args) => bars::request(session, args).await,
        Command::Targets(command) => targets::run(session, command).await,
    }
}
