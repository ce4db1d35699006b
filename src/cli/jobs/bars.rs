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
/// Longest name shown; of a longer one the end tells it from its like.
const NAME_WIDTH: usize = 40;

pub(super) struct Bars {
    screen: MultiProgress,
    jobs: HashMap<usize, ProgressBar>,
    /// In the order of their appearance.
    tables: Vec<TableBar>,
}

struct TableBar {
    job: usize,
    name: String,
    bar: ProgressBar,
    begun: Instant,
    /// Rows when it appeared: a resumed copy did not make them in this time.
    rows_then: u64,
}

impl Bars {
    pub(super) fn new() -> Self {
        Self { screen: MultiProgress::new(), jobs: HashMap::new(), tables: Vec::new() }
    }

    /// Shows a new look at job number `i` of the watch.
    pub(super) fn update(&mut self, i: usize, job: &Job) {
        let summary = self.jobs.entry(i).or_insert_with(|| {
            let bar = self.screen.add(ProgressBar::new_spinner());
            bar.set_style(ProgressStyle::with_template("{spinner} {wide_msg}").expect("the template is a constant"));
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
            bar
        });
        let tables = job.progress.as_ref().map(|p| p.tables.as_slice()).unwrap_or_default();
        let copied = tables.iter().filter(|t| t.is_copied()).count();
        let count = if job.state == JobState::Copying { format!(" ({copied} of {} tables)", tables.len()) } else { String::new() };
        summary.set_message(format!("{}{count}", line(job)));
        let copying: Vec<&TableProgress> =
            if rows::ended(job.state) { Vec::new() } else { tables.iter().filter(|t| t.phase == "copying").take(MOST_BARS).collect() };
        let width = tables.iter().map(|t| t.schema.chars().count() + t.table.chars().count() + 1).max().unwrap_or(0).min(NAME_WIDTH);
        let names: Vec<String> = copying.iter().map(|t| format!("{}.{}", t.schema, t.table)).collect();
        self.tables.retain(|table| {
            let stays = table.job != i || names.contains(&table.name);
            if !stays {
                table.bar.finish_and_clear();
                self.screen.remove(&table.bar);
            }
            stays
        });
        for (table, name) in copying.into_iter().zip(names) {
            let known = self.tables.iter().position(|t| t.job == i && t.name == name);
            let at = known.unwrap_or_else(|| {
                let last = self.tables.iter().rev().find(|t| t.job == i).map_or(&*summary, |t| &t.bar);
                let bar = add(&self.screen, last, &name, width);
                self.tables.push(TableBar { job: i, name, bar, begun: Instant::now(), rows_then: table.rows_copied });
                self.tables.len() - 1
            });
            self.tables[at].show(table);
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        for table in &self.tables {
            table.bar.finish_and_clear();
        }
        for bar in self.jobs.values() {
            bar.finish_and_clear();
        }
    }
}

fn add(screen: &MultiProgress, after: &ProgressBar, name: &str, width: usize) -> ProgressBar {
    let bar = screen.insert_after(after, ProgressBar::new(1));
    let style = ProgressStyle::with_template("  {prefix} [{bar:20}] {percent:>3} %  {wide_msg}").expect("the template is a constant");
    bar.set_style(style.progress_chars("=> "));
    bar.set_prefix(format!("{:<width$}", human::short_front(name, width)));
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
