//! `syncline jobs handover`: what a finished job left to do, and where both ends stood.

use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{Document, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{BehindCounter, Handover, LogEnd, MissingObject};
use owo_colors::OwoColorize as _;
use std::fmt::Write as _;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Of a job that was finished. A native replica of the source would go on from the source's position, and a replica of the
target (the old source, for a way back) from the target's. Objects that the job did not bring are to be made at the target by
hand: the statement named asks the source for their definition. A counter that is behind would give out numbers again: the
statement named makes it go on at the target, where a sequence has to be made first.

Examples:
  syncline jobs handover orders-migration
  syncline jobs handover orders-migration -o json | jq -r '.missing[].statement' | mysql -h db1
  syncline jobs handover orders-migration -o json | jq -r '.counters[].statement + \";\"' | mysql -h db2"
)]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    session.out.refuse_csv("a handover")?;
    let handover = session.client()?.job_handover(&args.id).await.map_err(|e| Error::from(e).about("job", &args.id))?;
    session.out.document(&Document { reply: json(&handover), name: format!("handover/{}", args.id), text: text(&handover) })?;
    Ok(Exit::Ok)
}

/// As people read it.
pub(super) fn text(handover: &Handover) -> String {
    let Handover { at, source_read_only, source, target, missing, counters, unknown } = handover;
    let mut text = String::new();
    let frozen = if *source_read_only { ", which was read-only" } else { "" };
    let _ = writeln!(text, "{} {at}", "Finished".bold());
    let _ = writeln!(text, "  source  {}{frozen}", end(source));
    let _ = writeln!(text, "  target  {}", end(target));
    if !missing.is_empty() {
        let _ = writeln!(text, "\n{}", "Not at the target".bold());
    }
    for MissingObject { kind, schema, name, statement } in missing {
        let _ = writeln!(text, "  {:<10}{schema}.{name}   {statement}", kind.to_lowercase());
    }
    if !counters.is_empty() {
        let _ = writeln!(text, "\n{}", "Behind at the target".bold());
    }
    for BehindCounter { kind, schema, name, source, target, statement } in counters {
        let there = target.map_or("absent".to_owned(), |t| t.to_string());
        let _ = writeln!(
            text,
            "  {:<16}{schema}.{name}   next {source} at the source, {there} at the target   {statement}",
            kind.to_lowercase()
        );
    }
    for what in unknown {
        let _ = writeln!(text, "not known: {what}");
    }
    text
}

fn end(end: &LogEnd) -> String {
    let LogEnd { server, gtid, file, file_position, unsaid } = end;
    let place = match (unsaid, file.is_empty()) {
        (true, _) => ", which did not say where its log stands".to_owned(),
        (false, true) => ", which has no binary log".to_owned(),
        (false, false) => format!(" at {file}:{file_position}"),
    };
    let gtid = if gtid.is_empty() { String::new() } else { format!(", GTIDs {gtid}") };
    format!("{server}{place}{gtid}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_to_do_is_listed() {
        let log = |server: &str, gtid: &str, file: &str| LogEnd {
            server: server.into(),
            gtid: gtid.into(),
            file: file.into(),
            file_position: 77,
            unsaid: false,
        };
        let handover = Handover {
            at: "2026-11-21T20:00:00Z".into(),
            source_read_only: true,
            source: log("a:3306", "0-1-7", "bin.000002"),
            target: log("b:3306", "", ""),
            missing: vec![MissingObject {
                kind: "TRIGGER".into(),
                schema: "shop".into(),
                name: "t".into(),
                statement: "SHOW CREATE TRIGGER `shop`.`t`".into(),
            }],
            counters: vec![BehindCounter {
                kind: "SEQUENCE".into(),
                schema: "shop".into(),
                name: "s".into(),
                source: 12,
                target: None,
                statement: "ALTER SEQUENCE `shop`.`s` RESTART WITH 12".into(),
            }],
            unknown: vec![],
        };
        let text = text(&handover);
        assert!(text.contains("source  a:3306 at bin.000002:77, GTIDs 0-1-7, which was read-only\n"), "{text}");
        assert!(text.contains("target  b:3306, which has no binary log\n"), "{text}");
        assert!(text.contains("trigger   shop.t   SHOW CREATE TRIGGER `shop`.`t`\n"), "{text}");
        assert!(
            text.contains(
                "sequence        shop.s   next 12 at the source, absent at the target   ALTER SEQUENCE `shop`.`s` RESTART WITH 12\n"
            ),
            "{text}"
        );
    }
}
