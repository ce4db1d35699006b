//! `syncline jobs verify`: starts a comparison of both sides, follows it, and shows where they differ.

use super::rows;
use super::wait::Spinner;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{self, Cell, Column, Format, Listing, Tone, json};
use crate::cli::session::Session;
use crate::client::{Client, Download};
use crate::wire::native::verify::{Verification, VerifiedTable, VerifyAlways, VerifyRequest};
use std::num::NonZeroU64;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::time::Instant;

const POLL: Duration = Duration::from_millis(300);

#[derive(Debug, clap::Args)]
#[command(after_help = "A comparison works beside a running job: rows that differ are looked at again until the job has caught up.

Tables with a key are gone through in ranges: both servers add up their rows (SHA-256), and only ranges that differ are read. Tables whose types or key the two servers do not treat alike, and all with --by-rows, are read row by row.

With --repair the running job puts right what differs, from a snapshot of the source: no newer change is overwritten. At a MySQL source that holds the table still for a moment (LOCK TABLES). A table without a key is only copied again: `jobs tables reload`.

Examples:
  syncline jobs verify orders-sync
  syncline jobs verify orders-sync --repair
  syncline jobs verify orders-sync --repair-sql mend.sql
  syncline jobs verify orders-sync --every 6h
  syncline jobs verify orders-sync --table shop.orders -o json

With -o csv there is a line per row that differs, with its key.

Exit code: 0 equal (also after --repair), 3 different, 1 when a table could not be compared.")]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// Only this table, db.table; may be repeated
    #[arg(long = "table", value_name = "DB.TABLE", value_delimiter = ',')]
    tables: Vec<String>,
    /// Most differences listed per table [default: 100]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    max_differences: u64,
    /// Read every row of both sides, also where the servers could add them up
    #[arg(long)]
    by_rows: bool,
    /// Have the running job repair the rows that differ
    #[arg(long)]
    repair: bool,
    /// With --repair: answer the question with yes
    #[arg(short, long, requires = "repair")]
    yes: bool,
    /// Write the statements that would make the target equal to this file, - for stdout; they hold the rows' values
    #[arg(long, value_name = "FILE", conflicts_with_all = ["repair", "no_wait"])]
    repair_sql: Option<PathBuf>,
    /// Compare all the time, e.g. every 6h, while the job follows its log; off ends it
    #[arg(long, value_name = "TIME", value_parser = every, conflicts_with_all = ["tables", "max_differences", "by_rows", "no_wait", "repair_sql"])]
    every: Option<Every>,
    /// The same without a break
    #[arg(long, conflicts_with_all = ["every", "tables", "max_differences", "by_rows", "no_wait", "repair_sql"])]
    continuous: bool,
    /// With --every or --continuous: most rows read per second [default: a tenth of the time]
    #[arg(long, value_name = "N")]
    rows_per_s: Option<NonZeroU64>,
    /// Start the comparison and return its number at once
    #[arg(long)]
    no_wait: bool,
    /// Show the comparison with this number instead of starting one
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["tables", "max_differences", "by_rows", "no_wait", "repair", "every", "continuous"])]
    number: Option<u64>,
    /// End the comparison that is under way
    #[arg(long, conflicts_with_all = ["tables", "max_differences", "by_rows", "no_wait", "number", "repair", "repair_sql", "every", "continuous"])]
    cancel: bool,
}

/// Seconds between two; None: none any more.
#[derive(Debug, Clone, Copy)]
struct Every(Option<u64>);

fn every(text: &str) -> Result<Every, String> {
    if text == "off" { Ok(Every(None)) } else { human::parse_duration(text).map(|d| Every(Some(d.as_secs().max(1)))) }
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let Args { id, tables, max_differences, by_rows, repair, yes, repair_sql, every, continuous, rows_per_s, no_wait, number, cancel } =
        args;
    let client = session.patient_client()?;
    let about = |e: crate::client::Error| Error::from(e).about("job", &id);
    if repair {
        session.confirm(&format!("Rows of {id}'s target that differ from the source are overwritten or deleted. Go on?"), yes)?;
    }
    if let Some(every) = every.or(continuous.then_some(Every(Some(0)))) {
        let wish = VerifyAlways { every_seconds: every.0, repair, max_rows_per_second: rows_per_s.map(NonZeroU64::get) };
        let job = client.verify_always(&id, &wish).await.map_err(about)?;
        let what = match every.0 {
            None => "is no longer compared by itself".to_owned(),
            Some(0) => "is compared without a break; see it with: syncline jobs show".to_owned(),
            Some(n) => format!("is compared every {}; see it with: syncline jobs show", human::seconds(n as f64)),
        };
        session.out.note(&format!("{} {what}", job.id));
        session.out.list(&rows::listing(std::slice::from_ref(&job), json(&job), false))?;
        return Ok(Exit::Ok);
    }
    if rows_per_s.is_some() {
        return Err(Error::usage("--rows-per-s goes with --every or --continuous"));
    }
    if cancel {
        let ended = client.cancel_verification(&id).await.map_err(about)?;
        session.out.note(&format!("comparison {} of {} is ended", ended.number, ended.job));
        session.out.list(&listing(&ended))?;
        return Ok(Exit::Ok);
    }
    let begun = match number {
        Some(number) => client.verification(&id, number).await.map_err(about)?,
        None => {
            let request = VerifyRequest { tables, max_differences, repair, statements: repair_sql.is_some(), by_rows };
            client.verify_job(&id, &request).await.map_err(about)?
        }
    };
    if no_wait {
        session.out.note(&format!("comparison {0} began; see it with: syncline jobs verify {id} --number {0}", begun.number));
        session.out.list(&listing(&begun))?;
        return Ok(Exit::Ok);
    }
    let verification = follow(session, &client, &id, begun).await?;
    if let Some(file) = repair_sql.filter(|_| verification.state != "interrupted") {
        let statements = client.verification_statements(&id, verification.number).await.map_err(about)?;
        save(session, &file, statements).await?;
        // On stdout they are alone.
        if file.as_os_str() == "-" {
            return judge(&id, &verification);
        }
    }
    session.out.list(&if session.out.format == Format::Csv { by_row(&verification) } else { listing(&verification) })?;
    if session.out.for_people() {
        output::print(&differences(&verification))?;
    }
    judge(&id, &verification)
}

/// Compares once, for `--wait=verified`; differences are an error.
pub(super) async fn until_equal(session: &Session, client: &Client, id: &str) -> Result<(), Error> {
    let begun = client.verify_job(id, &VerifyRequest::default()).await.map_err(|e| Error::from(e).about("job", id))?;
    let verification = follow(session, client, id, begun).await?;
    match judge(id, &verification)? {
        Exit::Ok => Ok(()),
        exit => Err(Error::new(exit, "different", format!("job {id}: source and target differ"))
            .hint(format!("syncline jobs verify {id} --number {}", verification.number))),
    }
}

/// Writes the statements where they are wanted.
async fn save(session: &Session, file: &Path, mut statements: Download) -> Result<(), Error> {
    let failed = |e: std::io::Error| Error::failed("output", format!("{} cannot be written: {e}", file.display()));
    let mut out: Box<dyn tokio::io::AsyncWrite + Send + Unpin> = if file.as_os_str() == "-" {
        Box::new(tokio::io::stdout())
    } else {
        Box::new(tokio::fs::File::create(file).await.map_err(failed)?)
    };
    while let Some(block) = statements.next().await? {
        out.write_all(&block).await.map_err(failed)?;
    }
    out.flush().await.map_err(failed)?;
    if file.as_os_str() != "-" {
        session.out.note(&format!("the statements are in {}; they hold the rows' values", file.display()));
    }
    Ok(())
}

async fn follow(session: &Session, client: &Client, id: &str, mut verification: Verification) -> Result<Verification, Error> {
    let begun = Instant::now();
    let spinner = Spinner::new(session);
    while verification.state == "running" {
        let done = verification.tables.iter().filter(|t| t.state != "pending" && t.state != "running").count();
        spinner.say(format!("comparing: {done} of {} tables", verification.tables.len()));
        if session.patience().is_some_and(|patience| begun.elapsed() >= patience) {
            let number = verification.number;
            return Err(Error::new(Exit::TimedOut, "wait_timed_out", format!("comparison {number} of job {id} is not done yet"))
                .hint(format!("it goes on; see it with: syncline jobs verify {id} --number {number}")));
        }
        tokio::time::sleep(POLL).await;
        verification = client.verification(id, verification.number).await.map_err(|e| Error::from(e).about("job", id))?;
    }
    Ok(verification)
}

fn judge(id: &str, verification: &Verification) -> Result<Exit, Error> {
    match verification.state.as_str() {
        "equal" => Ok(Exit::Ok),
        "different" => Ok(Exit::Different),
        "cancelled" => {
            Err(Error::failed("verify_cancelled", format!("comparison {} of job {id} was ended before it was done", verification.number)))
        }
        "interrupted" => {
            let message = format!("comparison {} of job {id} ended with the daemon, before it was done", verification.number);
            Err(Error::failed("verify_interrupted", message).hint(format!("begin another: syncline jobs verify {id}")))
        }
        _ => {
            let error = verification.tables.iter().map(|t| &t.error).find(|e| !e.is_empty()).unwrap_or(&verification.error);
            let error = if verification.error.is_empty() { error } else { &verification.error };
            Err(Error::failed("verify_failed", format!("job {id} could not be compared: {error}")))
        }
    }
}

fn listing(verification: &Verification) -> Listing {
    Listing {
        reply: json(verification),
        items: verification.tables.iter().map(json).collect(),
        noun: "verification",
        ids: vec![verification.number.to_string()],
        columns: vec![
            Column::new("table"),
            Column::new("result"),
            Column::figures("source rows"),
            Column::figures("target rows"),
            Column::figures("different"),
            Column::figures("repaired"),
            Column::new("error"),
        ],
        rows: verification.tables.iter().map(row).collect(),
        empty: "no tables to compare".into(),
    }
}

/// For csv: a line per row that differs, with its key; a line per table that has none.
fn by_row(verification: &Verification) -> Listing {
    let mut listing = listing(verification);
    listing.columns.extend([Column::new("at the target"), Column::new("key"), Column::new("columns")]);
    let lines = |table: &VerifiedTable| -> Vec<Vec<Cell>> {
        let line = |kind: &str, key: &str, columns: String| {
            let mut cells = row(table);
            cells.extend([Cell::new(kind), Cell::new(key), Cell::new(columns)]);
            cells
        };
        if table.differences.is_empty() {
            return vec![line("", "", String::new())];
        }
        table.differences.iter().map(|d| line(&d.kind, &d.key, d.columns.join(" "))).collect()
    };
    listing.rows = verification.tables.iter().flat_map(lines).collect();
    listing
}

fn row(table: &VerifiedTable) -> Vec<Cell> {
    let VerifiedTable { schema, table, state, source_rows, target_rows, different, repaired, differences: _, error } = table;
    let tone = match state.as_str() {
        "equal" => Tone::Good,
        "different" | "failed" => Tone::Bad,
        _ => Tone::Busy,
    };
    vec![
        Cell::new(format!("{schema}.{table}")),
        Cell::new(state).tone(tone),
        Cell::count_if_known(*source_rows),
        Cell::count_if_known(*target_rows),
        Cell::count(*different),
        Cell::count(*repaired),
        Cell::new(error),
    ]
}

/// The rows that differ, for people; machine forms have them in the reply.
fn differences(verification: &Verification) -> String {
    let mut rows = Vec::new();
    let mut unlisted = 0;
    for table in &verification.tables {
        unlisted += table.different.saturating_sub(table.differences.len() as u64);
        rows.extend(table.differences.iter().map(|d| {
            vec![
                Cell::new(format!("{}.{}", table.schema, table.table)),
                Cell::new(&d.kind),
                Cell::new(&d.key),
                Cell::new(d.columns.join(", ")),
            ]
        }));
    }
    if rows.is_empty() {
        return String::new();
    }
    let columns = [Column::new("table"), Column::new("at the target"), Column::new("key"), Column::new("columns")];
    let more = if unlisted > 0 { format!("and {} more\n", human::count(unlisted)) } else { String::new() };
    format!("\n{}{more}", output::aligned(&columns, &rows))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::native::verify::Difference;

    #[test]
    fn csv_has_a_line_per_row_that_differs() {
        let table = |table: &str, state: &str, differences: Vec<Difference>| VerifiedTable {
            schema: "shop".into(),
            table: table.into(),
            state: state.into(),
            source_rows: Some(3),
            target_rows: (state != "unsettled").then_some(2),
            different: differences.len() as u64,
            repaired: 0,
            differences,
            error: String::new(),
        };
        let difference = |kind: &str, key: &str, columns: &[&str]| Difference {
            kind: kind.into(),
            key: key.into(),
            columns: columns.iter().map(|c| (*c).into()).collect(),
        };
        let verification = Verification {
            number: 1,
            job: "a".into(),
            state: "different".into(),
            started: String::new(),
            ended: None,
            error: String::new(),
            tables: vec![
                table("orders", "different", vec![difference("missing", "id=7", &[]), difference("changed", "id=8", &["sum", "paid"])]),
                table("items", "equal", Vec::new()),
                table("later", "unsettled", Vec::new()),
            ],
        };
        let Listing { columns, rows, .. } = by_row(&verification);
        assert_eq!(
            output::csv(&columns, &rows),
            "table,result,source_rows,target_rows,different,repaired,error,at_the_target,key,columns\n\
             shop.orders,different,3,2,2,0,,missing,id=7,\n\
             shop.orders,different,3,2,2,0,,changed,id=8,sum paid\n\
             shop.items,equal,3,2,0,0,,,,\n\
             shop.later,unsettled,3,,0,0,,,,\n"
        );
    }
}
