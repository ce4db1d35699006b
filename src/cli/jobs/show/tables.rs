//! The tables of a job, and the topics of a subscription, each a line with its figures.

use crate::cli::output::{self, Cell, Column};
use crate::wire::native::jobs::{Job, TableProgress, TopicProgress};

pub(super) fn tables(job: &Job) -> String {
    let tables = job.progress.as_ref().map(|p| p.tables.as_slice()).unwrap_or_default();
    if tables.is_empty() {
        return String::new();
    }
    let columns = table_columns();
    let rows: Vec<Vec<Cell>> = tables.iter().map(table_row).collect();
    format!("\n{}", output::aligned(&columns, &rows))
}

pub(in crate::cli::jobs) fn table_columns() -> [Column; 10] {
    [
        Column::new("table"),
        Column::new("phase"),
        Column::figures("rows copied"),
        Column::figures("of about"),
        Column::figures("size"),
        Column::figures("inserts"),
        Column::figures("updates"),
        Column::figures("deletes"),
        Column::figures("conflicts"),
        Column::figures("filtered"),
    ]
}

pub(in crate::cli::jobs) fn table_row(progress: &TableProgress) -> Vec<Cell> {
    let TableProgress {
        schema,
        table,
        phase,
        rows_copied,
        rows_estimated,
        bytes_copied,
        inserts,
        updates,
        deletes,
        conflicts,
        filtered,
        held_rows,
    } = progress;
    // Of rows that only the target has the copy knows nothing.
    let of = if *held_rows { " (source's rows)" } else { "" };
    vec![
        Cell::new(format!("{schema}.{table}")),
        Cell::new(format!("{phase}{of}")),
        Cell::count(*rows_copied),
        Cell::count((*rows_estimated).max(*rows_copied)),
        Cell::bytes(*bytes_copied),
        Cell::count(*inserts),
        Cell::count(*updates),
        Cell::count(*deletes),
        Cell::count(*conflicts),
        Cell::count(*filtered),
    ]
}

pub(super) fn topics(job: &Job) -> String {
    let topics = job.progress.as_ref().map(|p| p.topics.as_slice()).unwrap_or_default();
    if topics.is_empty() {
        return String::new();
    }
    let columns = [Column::new("topic"), Column::figures("partitions"), Column::figures("messages"), Column::figures("size")];
    let row = |TopicProgress { topic, partitions, messages, bytes }: &TopicProgress| {
        vec![Cell::new(topic), Cell::count(u64::from(*partitions)), Cell::count(*messages), Cell::bytes(*bytes)]
    };
    format!("\n{}", output::aligned(&columns, &topics.iter().map(row).collect::<Vec<_>>()))
}
