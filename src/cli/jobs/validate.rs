//! `syncline jobs validate`: the preflight of a job, finding by finding.

use super::create::PREFLIGHT_TIMEOUT;
use super::flags::JobArgs;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::output::{self, Cell, Column, Listing, Tone, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{Finding, JobCreate, Severity, Validation};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs validate -f orders.toml
  syncline jobs validate -f orders.toml --print-grants=source | mysql -h db1 -u root -p

Exit code: 0 when the job could start, 1 when a finding of severity error stands against it.")]
pub struct Args {
    #[command(flatten)]
    job: JobArgs,
    /// Print the GRANT statements that the accounts need, of one side or of both
    #[arg(long, value_enum, value_name = "SIDE", num_args = 0..=1, require_equals = true, default_missing_value = "both")]
    print_grants: Option<Sides>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Sides {
    Source,
    Target,
    Both,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    let job = args.job.build()?;
    let client = session.client_with(session.patience().unwrap_or(PREFLIGHT_TIMEOUT))?;
    let validation = client.validate_job(&job).await?;
    let Some(sides) = args.print_grants else { return report(session, &job, &validation) };
    let mut statements = Vec::new();
    if sides != Sides::Target {
        statements.extend(validation.source_grants);
    }
    if sides != Sides::Source {
        statements.extend(validation.target_grants);
    }
    output::print(&statements.iter().map(|s| format!("{};\n", s.trim_end_matches(';'))).collect::<String>())?;
    Ok(Exit::Ok)
}

/// Prints the findings; an error among them is the outcome.
pub(super) fn report(session: &Session, job: &JobCreate, validation: &Validation) -> Result<Exit, Error> {
    session.out.list(&findings(&validation.findings, json(validation)))?;
    let count = |severity| validation.findings.iter().filter(|f| f.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if validation.valid {
        session.out.note(&format!("job {:?} can start; {warnings} warning{}", job.name, if warnings == 1 { "" } else { "s" }));
        return Ok(Exit::Ok);
    }
    let what = if errors == 1 { "1 finding stands".to_owned() } else { format!("{errors} findings stand") };
    Err(Error::failed("preflight_failed", format!("job {:?} cannot start: {what} against it", job.name)))
}

/// Findings as a table; `mysql check` shows the same.
pub(in crate::cli) fn findings(findings: &[Finding], reply: serde_json::Value) -> Listing {
    Listing {
        reply,
        items: findings.iter().map(json).collect(),
        noun: "finding",
        ids: findings.iter().map(|f| f.code.clone()).collect(),
        columns: vec![
            Column::new("severity"),
            Column::new("side"),
            Column::new("code"),
            Column::new("object"),
            Column::new("message"),
            Column::new("hint"),
        ],
        rows: findings.iter().map(row).collect(),
        empty: "no findings".into(),
    }
}

fn row(finding: &Finding) -> Vec<Cell> {
    // A field is of a body, which is made of flags here.
    let Finding { code, severity, side, object, field: _, message, hint } = finding;
    let (word, tone) = match severity {
        Severity::Info => ("info", Tone::Plain),
        Severity::Warning => ("warning", Tone::Busy),
        Severity::Error => ("error", Tone::Bad),
    };
    vec![Cell::new(word).tone(tone), Cell::new(side), Cell::new(code), Cell::new(object), Cell::new(message), Cell::new(hint)]
}
