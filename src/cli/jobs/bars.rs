//! The moving picture of `jobs watch`: a bar per table that is being copied, one line per job.

use super::rows;
use super::watch::line;
use crate::cli::human;
use crate::wire::native::jobs::{Job, JobState, TableProgress};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::HashMap;
use std::time::Instant;

/// Tables shown at once; the job's line counts all of them.
const MOST_BARS: usize = 12;
const NAME_WIDTH: usize = 28;

pub(super) struct Bars {
    screen: MultiProgress,
    jobs: HashMap<usize, ProgressBar>,
    tables: HashMap<(usize, String), TableBar>,
}

struct TableBar {
    bar: ProgressBar,
    begun: Instant,
    /// Rows when it appeared: a resumed copy did not make them in this time.
    rows_then: u64,
}

impl Bars {
    pub(super) fn new() -> Self {
        Self { screen: MultiProgress::new(), jobs: HashMap::new(), tables: HashMap::new() }
    }

    /// Shows a new look at job number `i` of the watch.
    pub(super) fn update(&mut self, i: usize, job: &Job) {
        let summary = self.jobs.entry(i).or_insert_with(|| {
            let bar = self.screen.add(ProgressBar::new_spinner());
            bar.set_style(ProgressStyle::with_template("{spinner} {msg}").expect("the template is a constant"));
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            bar
        });
        let tables = job.progress.as_ref().map(|p| p.tables.as_slice()).unwrap_or_default();
        let copied = tables.iter().filter(|t| t.phase == "converging" || t.phase == "exact").count();
        let count = if job.state == JobState::Copying { format!(" ({copied} of {} tables)", tables.len()) } else { String::new() };
        summary.set_message(format!("{}{count}", line(job)));
        let copying: Vec<&TableProgress> =
            if rows::ended(job.state) { Vec::new() } else { tables.iter().filter(|t| t.phase == "copying").take(MOST_BARS).collect() };
        let names: Vec<String> = copying.iter().map(|t| format!("{}.{}", t.schema, t.table)).collect();
        self.tables.retain(|(job, name), table| {
            let stays = *job != i || names.contains(name);
            if !stays {
                table.bar.finish_and_clear();
                self.screen.remove(&table.bar);
            }
            stays
        });
        for (table, name) in copying.into_iter().zip(names) {
            let shown = self.tables.entry((i, name.clone())).or_insert_with(|| TableBar {
                bar: add(&self.screen, summary, &name),
                begun: Instant::now(),
                rows_then: table.rows_copied,
            });
            shown.show(table);
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        for table in self.tables.values() {
            table.bar.finish_and_clear();
        }
        for bar in self.jobs.values() {
            bar.finish_and_clear();
        }
    }
}

fn add(screen: &MultiProgress, after: &ProgressBar, name: &str) -> ProgressBar {
    let bar = screen.insert_after(after, ProgressBar::new(1));
    let style = ProgressStyle::with_template("  {prefix:28} [{bar:24}] {percent:>3} %  {msg}").expect("the template is a constant");
    bar.set_style(style.progress_chars("=> "));
    bar.set_prefix(human::short(name, NAME_WIDTH));
    bar
}

impl TableBar {
    fn show(&self, table: &TableProgress) {
        let total = table.rows_estimated.max(table.rows_copied).max(1);
        let passed = self.begun.elapsed().as_secs_f64();
        let rate = if passed > 0.0 { table.rows_copied.saturating_sub(self.rows_then) as f64 / passed } else { 0.0 };
        let left = total.saturating_sub(table.rows_copied);
        let eta = if rate >= 1.0 && left > 0 { format!(", {} left", human::seconds(left as f64 / rate)) } else { String::new() };
        self.bar.set_length(total);
        self.bar.set_position(table.rows_copied);
        self.bar.set_message(format!(
            "{} rows, {}, {} rows/s{eta}",
            human::count(table.rows_copied),
            human::bytes(table.bytes_copied),
            human::rate(rate)
        ));
    }
}
