//! `syncline jobs show`: the three questions of every operator first, then table by table.

mod sections;
mod tables;

use super::rows::{self, address, copy_fraction, destination, kind_word, percent, state_word};
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::cli::human;
use crate::cli::output::{Document, json};
use crate::cli::session::Session;
use crate::wire::native::jobs::{Job, JobState, Progress};
use crate::wire::native::verify::{VerifyRound, VerifyStanding};
use jiff::Timestamp;
use owo_colors::OwoColorize as _;
pub(super) use sections::gates;
use sections::{allocations, config, positions};
use std::fmt::Write as _;
pub(super) use tables::{table_columns, table_row};
use tables::{tables, topics};

/// The variable of a source that says for how long it keeps its log.
const KEEPS: &str = "binlog_expire_logs_seconds";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  syncline jobs show orders-sync
  syncline jobs show 3 --position --config
  syncline jobs show orders-sync -o json | jq .progress.lag_seconds")]
pub struct Args {
    /// Id, number or name
    #[arg(value_name = "ID")]
    id: String,
    /// Also the positions in the source's log, in full
    #[arg(long)]
    position: bool,
    /// Also the run, its two sides and their queues
    #[arg(long)]
    allocations: bool,
    /// Also what the job was asked to do
    #[arg(long)]
    config: bool,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    session.out.refuse_csv("a job")?;
    let job = session.client()?.job(&args.id).await.map_err(|e| Error::from(e).about("job", &args.id))?;
    let now = Timestamp::now();
    // What one waits for may be for somebody to decide. A server that does not say has its reason in the job all the same.
    let decides = match job.state {
        JobState::Waiting => session.client()?.job_ddl(&job.id).await.is_ok_and(|ddl| ddl.waiting.is_some()),
        _ => false,
    };
    let mut text = summary(&job, decides, now);
    text.push_str(&tables(&job));
    text.push_str(&topics(&job));
    if args.position {
        text.push_str(&positions(&job));
    }
    if args.allocations {
        text.push_str(&allocations(&job, now));
    }
    if args.config {
        text.push_str(&config(&job));
    }
    session.out.document(&Document { reply: json(&job), name: format!("job/{}", job.id), text })?;
    Ok(Exit::Ok)
}

/// `decides`: it waits with a statement for somebody's decision.
fn summary(job: &Job, decides: bool, now: Timestamp) -> String {
    let mut text = String::new();
    let state = state_word(job.state);
    let _ = writeln!(
        text,
        "{} ({}, number {}): {} for {}",
        job.id.bold(),
        kind_word(job.kind),
        job.number,
        state,
        human::age(&job.state_since, now)
    );
    let _ = writeln!(text, "{} -> {}", address(&job.config.source), destination(&job.config));
    if !job.description.is_empty() {
        let _ = writeln!(text, "{}", job.description);
    }
    let same = job.verify.as_ref().map(|verify| same(verify, now)).or_else(|| held_rows(job)).map(|same| ("Is it the same?", same));
    let finishes = job.progress.as_ref().and_then(|p| p.finishes_when.as_ref()).filter(|_| job.desired == "finished");
    let answers = [("Is it moving?", moving(job, now)), ("How far behind?", behind(job)), ("What went wrong?", wrong(job, decides, now))];
    text.push('\n');
    for (question, answer) in answers.into_iter().chain(same) {
        let mut lines = answer.lines();
        let _ = writeln!(text, "{}  {}", format!("{question:<16}").bold(), lines.next().unwrap_or_default());
        for line in lines {
            let _ = writeln!(text, "{:18}{line}", "");
        }
    }
    if let Some(when) = finishes {
        let _ = writeln!(text, "{}  when {when}", format!("{:<16}", "Finishes").bold());
    }
    text
}

fn moving(job: &Job, now: Timestamp) -> String {
    let progress = job.progress.clone().unwrap_or_default();
    let applied = format!(
        "{} in {} applied",
        human::counted(progress.row_events_applied, "row change"),
        human::counted(progress.transactions_applied, "transaction")
    );
    let filtered: u64 = progress.tables.iter().map(|t| t.filtered).sum();
    let left_out = || format!(", {} left out by row filters", human::counted(filtered, "row"));
    let applied = applied + &if filtered > 0 { left_out() } else { String::new() };
    let sent =
        if job.config.kafka.is_some() { format!(", {} messages/s", human::rate(progress.messages_per_second)) } else { String::new() };
    match job.state {
        JobState::Pending if progress.position.is_empty() => "not yet: it is about to start".into(),
        JobState::Pending => "not now: it is about to go on from its position".into(),
        JobState::Copying if !progress.held_by.is_empty() => {
            format!("no: {}\n{}", held(&progress, now), copying(&progress))
        }
        JobState::Copying => format!("yes: {}{sent}", copying(&progress)),
        JobState::Streaming | JobState::Lagging
            if progress.apply_rows_per_second < 0.05 && progress.queue == 0 && progress.lag_seconds.is_some_and(|lag| lag < 2.0) =>
        {
            format!("yes: idle, nothing to apply; {applied} so far")
        }
        JobState::Streaming | JobState::Lagging if progress.apply_rows_per_second < 0.05 && progress.queue > 0 => {
            let waits = if progress.queue == 1 { "waits" } else { "wait" };
            format!("not just now: {} {waits} to be applied, and none was lately; {applied} so far", backlog(&progress))
        }
        JobState::Streaming | JobState::Lagging => {
            format!("yes: {} row changes/s{sent}; {applied} so far", human::rate(progress.apply_rows_per_second))
        }
        JobState::Throttled if !progress.held_by.is_empty() => format!("no: {}; {applied} so far", held(&progress, now)),
        JobState::Throttled => {
            format!("yes, held back by its throttle: {} row changes/s{sent}; {applied} so far", human::rate(progress.apply_rows_per_second))
        }
        JobState::Waiting => format!("no: it waits{}", reason(job)),
        JobState::Stalled => format!("no: it makes no progress although the source does; {applied} so far"),
        JobState::Paused => format!("no: paused; `syncline jobs resume {}` continues it", job.id),
        JobState::Failed => format!("no: it failed; `syncline jobs retry {}` starts it again from its position", job.id),
        JobState::Complete => format!("no: complete; {applied}"),
    }
}

/// What the copy does not know of tables that held rows before it.
fn held_rows(job: &Job) -> Option<String> {
    let tables = job.progress.as_ref().map_or(0, |p| p.tables.iter().filter(|t| t.held_rows).count());
    (tables > 0).then(|| {
        let held = if tables == 1 { "1 table held rows".to_owned() } else { format!("{tables} tables held rows") };
        let id = &job.id;
        format!(
            "{held} before the copy: those that only the target has stay, and the job does not look for them\n\
             `syncline jobs verify {id}` finds them, `--repair` takes them away"
        )
    })
}

/// The comparisons that go on all the time.
fn same(verify: &VerifyStanding, now: Timestamp) -> String {
    let VerifyStanding { every_seconds, repair, max_rows_per_second: _, next, last } = verify;
    let mut text = match last {
        None => "not known yet".to_owned(),
        Some(VerifyRound { number, state, ended, different, repaired }) => {
            let answer = match state.as_str() {
                "equal" => "yes".to_owned(),
                "different" => format!("no: {} (syncline jobs verify --number {number})", human::counted(*different, "different row")),
                other => format!("not known: the last comparison ({number}) {other}"),
            };
            let repaired = if *repaired > 0 { format!(", {} repaired", human::counted(*repaired, "row")) } else { String::new() };
            format!("{answer}{repaired}; as of {}", human::ago(ended, now))
        }
    };
    let often = if *every_seconds == 0 { "without a break".to_owned() } else { format!("every {}", human::seconds(*every_seconds as f64)) };
    let _ = write!(text, "; compared {often}{}", if *repair { ", and repaired" } else { "" });
    if *every_seconds > 0 && next.parse::<Timestamp>().is_ok_and(|next| next > now) {
        let _ = write!(text, ", next at {next}");
    }
    text
}

/// `held back for 12 s: the source has Threads_running 31, which is more than 25`
fn held(progress: &Progress, now: Timestamp) -> String {
    let said: Vec<String> = progress.held_by.iter().map(|h| format!("held back for {}: {}", human::age(&h.since, now), h.reason)).collect();
    said.join("\n")
}

fn reason(job: &Job) -> String {
    if job.reason.is_empty() { String::new() } else { format!(": {}", job.reason) }
}

fn copying(progress: &Progress) -> String {
    let mut text = format!(
        "copying, {} of about {} rows",
        human::count(progress.rows_copied),
        human::count(progress.rows_estimated.max(progress.rows_copied))
    );
    if let Some(fraction) = copy_fraction(progress) {
        let _ = write!(text, " ({})", percent(fraction));
    }
    let _ =
        write!(text, ", {} rows/s, {}/s", human::rate(progress.copy_rows_per_second), human::bytes(progress.copy_bytes_per_second as u64));
    if progress.held_back {
        text.push_str(", held back by its throttle");
    }
    if let Some(eta) = progress.eta_seconds {
        let _ = write!(text, ", about {} left", human::seconds(eta as f64));
    }
    text
}

fn behind(job: &Job) -> String {
    let progress = job.progress.clone().unwrap_or_default();
    let mut text = match (job.state, progress.lag_seconds) {
        (JobState::Complete, _) => return "not at all: it applied everything it was to apply".into(),
        (JobState::Copying, _) => "the copy is not done; changes made meanwhile are kept and applied as it goes".into(),
        (JobState::Streaming | JobState::Lagging | JobState::Throttled, Some(lag)) => format!("{} behind the source", human::seconds(lag)),
        (_, Some(lag)) if lag < 1.0 => "not when it stopped; nothing is applied since".into(),
        // Nothing is applied: the figure is the time since both ends were last known to agree.
        (_, Some(lag)) => format!("{}, and falling behind: it was last in step so long ago", human::seconds(lag)),
        (_, None) => "not known yet".into(),
    };
    if progress.queue > 0 || progress.spool_bytes > 0 {
        let _ = write!(text, "; waiting to be applied: {}", backlog(&progress));
    }
    text
}

/// Transactions as far as the log is decoded; what is on disk behind them has no number yet.
fn backlog(progress: &Progress) -> String {
    let transactions = human::counted(progress.queue, "transaction");
    match progress.spool_bytes {
        0 => transactions,
        bytes => format!("{transactions}, and {} of log behind them", human::bytes(bytes)),
    }
}

fn wrong(job: &Job, decides: bool, now: Timestamp) -> String {
    let progress = job.progress.clone().unwrap_or_default();
    let mut lines = Vec::new();
    if let Some(failure) = &job.failure {
        lines.push(format!("{} [{}]", failure.message.red(), failure.code));
        lines.extend((!failure.hint.is_empty()).then(|| format!("hint: {}", failure.hint)));
    } else if job.state == JobState::Waiting {
        lines.push(format!("it waits: {}", job.reason));
        lines.extend(decides.then(|| format!("`syncline jobs ddl list {}` shows the statement, and how to go on", job.id)));
    } else if job.state == JobState::Stalled {
        lines.push(job.reason.clone());
        lines.push(format!("`syncline jobs events {}` says what each part waited for; it begins again by itself", job.id));
    } else if let Some(stands) = progress.target_stands.as_ref().filter(|_| rows::incremental(job.state)) {
        lines.push(stands.clone());
        lines.push("a lock or a full disk there looks like this; the target's error log says more".to_owned());
    } else if let Some(error) = &progress.last_error {
        let when = progress.last_error_at.as_deref().map(|at| human::ago(at, now)).unwrap_or_else(|| "earlier".into());
        let restarts = job.run.as_ref().map_or(0, |r| r.restarts);
        match progress.last_error_recovered_at {
            Some(_) => lines.push(format!("nothing now; {when} it got over: {error} ({restarts} restarts in this run)")),
            None => lines.push(format!("{when}, not got over yet: {error} ({restarts} restarts in this run)")),
        }
    }
    lines.extend(purge(job));
    let conflicts: u64 = progress.tables.iter().map(|t| t.conflicts).sum();
    lines.extend((conflicts > 0).then(|| format!("{} at the target not as the source's log said", human::counted(conflicts, "row"))));
    lines.extend(progress.notes.iter().map(|note| format!("note: {} ({})", note.what, human::count(note.count))));
    if lines.is_empty() { "nothing".into() } else { lines.join("\n") }
}

fn purge(job: &Job) -> Option<String> {
    let kept = human::seconds(job.progress.as_ref()?.log_kept_seconds?);
    let soon = rows::purge(job)?;
    let first =
        if job.state == JobState::Paused { format!("resume the job, or raise {KEEPS} there") } else { format!("raise {KEEPS} there") };
    Some(format!("warning: the source keeps its log for {kept}: {soon} ({first})"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::wire::native::jobs::{Failure, JobCreate, JobKind, Note, TableProgress};

    pub(in crate::cli) fn job(state: JobState) -> Job {
        let config: JobCreate = serde_json::from_value(serde_json::json!({
            "name": "orders", "kind": "sync",
            "source": {"host": "db1", "user": "repl", "password": "*"}, "target": {"host": "db2", "port": 3307, "user": "app", "password": "*"},
            "include": [{"schema": "shop"}],
        }))
        .unwrap();
        Job {
            id: "orders-sync".into(),
            number: 3,
            name: "orders".into(),
            kind: JobKind::Sync,
            description: String::new(),
            state,
            reason: String::new(),
            state_since: "2026-01-31T11:50:00Z".into(),
            desired: "running".into(),
            failure: None,
            origin: "native".into(),
            created: "2026-01-31T11:00:00Z".into(),
            updated: "2026-01-31T11:00:00Z".into(),
            created_by: String::new(),
            job_modify_index: 7,
            config,
            progress: Some(Progress {
                rows_copied: 400_000,
                rows_estimated: 1_000_000,
                bytes_copied: 80 << 20,
                copy_rows_per_second: 50_000.0,
                copy_bytes_per_second: (10u64 << 20) as f64,
                eta_seconds: Some(12),
                ..Progress::default()
            }),
            verify: None,
            run: None,
            warnings: Vec::new(),
        }
    }

    fn progress_of(job: &mut Job) -> &mut Progress {
        job.progress.get_or_insert_default()
    }

    fn shown(job: &Job) -> String {
        anstream::adapter::strip_str(&summary(job, false, "2026-01-31T12:00:00Z".parse().unwrap())).to_string()
    }

    #[test]
    fn the_three_questions_are_answered_in_every_state() {
        for state in [JobState::Pending, JobState::Waiting, JobState::Stalled, JobState::Paused, JobState::Complete, JobState::Throttled] {
            let text = shown(&job(state));
            assert!(text.contains(state_word(state)) && text.matches('?').count() == 3, "{text}");
        }
        let waits = wrong(&job(JobState::Waiting), true, Timestamp::UNIX_EPOCH);
        assert!(waits.contains("`syncline jobs ddl list orders-sync` shows the statement"), "{waits}");
        insta::assert_snapshot!("copying", shown(&job(JobState::Copying)));
        let mut streaming = job(JobState::Streaming);
        let progress = streaming.progress.as_mut().unwrap();
        progress.lag_seconds = Some(0.4);
        progress.apply_rows_per_second = 1234.0;
        progress.row_events_applied = 56_789;
        progress.transactions_applied = 9_876;
        progress.last_error = Some("connection closed".into());
        progress.last_error_at = Some("2026-01-31T11:57:00Z".into());
        progress.last_error_recovered_at = Some("2026-01-31T11:57:03Z".into());
        progress.notes = vec![Note { what: "views not copied".into(), count: 3 }];
        insta::assert_snapshot!("streaming", shown(&streaming));
        let progress = streaming.progress.as_mut().unwrap();
        (progress.apply_rows_per_second, progress.queue) = (0.0, 3);
        assert!(shown(&streaming).contains("not just now: 3 transactions wait to be applied"), "{}", shown(&streaming));
        let progress = streaming.progress.as_mut().unwrap();
        (progress.apply_rows_per_second, progress.queue) = (1234.0, 0);
        (progress.log_kept_seconds, progress.purge_in_seconds) = (Some(86_400.0), Some(5_400.0));
        assert!(shown(&streaming).contains("may be gone in 1 h 30 min (raise"), "{}", shown(&streaming));
        progress_of(&mut streaming).purge_in_seconds = Some(-5.0);
        assert!(shown(&streaming).contains("may be gone already"), "{}", shown(&streaming));
        let mut paused = streaming.clone();
        paused.state = JobState::Paused;
        progress_of(&mut paused).purge_in_seconds = Some(45.0);
        assert!(shown(&paused).contains("may be gone in 45 s (resume the job, or raise"), "{}", shown(&paused));
        progress_of(&mut streaming).purge_in_seconds = Some(86_000.0);
        assert!(!shown(&streaming).contains("warning"), "{}", shown(&streaming));
        // One is one, what filters leave out is nothing that went wrong, and a job that was changed goes on.
        let progress = streaming.progress.as_mut().unwrap();
        (progress.row_events_applied, progress.transactions_applied, progress.position) = (1, 1, "0-1-7".into());
        progress.tables = vec![TableProgress {
            schema: "s".into(),
            table: "t".into(),
            phase: "exact".into(),
            rows_copied: 0,
            rows_estimated: 0,
            bytes_copied: 0,
            inserts: 0,
            updates: 0,
            deletes: 0,
            conflicts: 0,
            filtered: 7,
            held_rows: false,
        }];
        let text = shown(&streaming);
        assert!(text.contains("1 row change in 1 transaction applied, 7 rows left out by row filters so far\n"), "{text}");
        assert!(!text.split_once("What went wrong?").unwrap().1.contains("filter"), "{text}");
        assert!(!text.contains("Is it the same?"), "{text}");
        progress_of(&mut streaming).tables[0].held_rows = true;
        let text = shown(&streaming);
        assert!(text.contains("Is it the same?   1 table held rows before the copy") && text.contains("jobs verify orders"), "{text}");
        streaming.state = JobState::Pending;
        assert!(shown(&streaming).contains("about to go on from its position"));
        let mut failed = job(JobState::Failed);
        failed.failure =
            Some(Failure { code: "access_denied".into(), message: "access denied for repl@db1".into(), hint: "check the password".into() });
        insta::assert_snapshot!("failed", shown(&failed));
        // A long reason is told once.
        let mut stalled = job(JobState::Stalled);
        stalled.reason = "no progress for 60 s".into();
        progress_of(&mut stalled).last_error = Some("no progress for 60 s".into());
        let text = shown(&stalled);
        assert!(text.matches("for 60 s").count() == 1 && text.contains("jobs events orders-sync"), "{text}");
        // It does not count as stalled yet.
        let mut stands = job(JobState::Streaming);
        progress_of(&mut stands).target_stands = Some("the target has taken nothing for 12 s: connection 7".into());
        assert!(shown(&stands).contains("What went wrong?  the target has taken nothing for 12 s: connection 7\n"), "{}", shown(&stands));
    }
}
