//! The two streams of a command: stdout is data, in the form that `-o` names; stderr is everything else.
//!
//! A leaf hands over a [`Listing`] (rows of one table) or a [`Document`] (text for people), each with the reply as the
//! API sent it; this module alone decides what is printed. Invariant: machine forms carry the API's own shape, raw
//! figures and RFC 3339 times; only `table` and `wide` are for people. Colour is written always and taken out by
//! `anstream` where the stream is no terminal or `NO_COLOR` says so.

mod table;

#[cfg(test)]
pub(super) use table::csv;
pub(super) use table::{Cell, Column, Tone};

use super::error::Error;
use super::exit::Exit;
use rustix::event::{PollFd, PollFlags, Timespec};
use serde::Serialize;
use serde_json::{Value, json as object};
use std::borrow::Cow;
use std::io::{ErrorKind, IsTerminal as _, Write};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Format {
    // Columns for people
    #[default]
    Table,
    // More columns
    Wide,
    // One JSON document, the shape of the API
    Json,
    // The same as YAML
    Yaml,
    // One JSON document a line
    Ndjson,
    // One table with a header line, raw figures
    Csv,
    // noun/id, one a line
    Name,
}

/// Rows of one kind of thing.
pub(super) struct Listing {
    /// The reply, as the API sent it.
    pub reply: Value,
    /// Its parts, for `ndjson`.
    pub items: Vec<Value>,
    pub noun: &'static str,
    pub ids: Vec<String>,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
    /// What a person reads (on stderr) when there is nothing.
    pub empty: Cow<'static, str>,
}

/// One thing, described.
pub(super) struct Document {
    pub reply: Value,
    /// `noun/id`.
    pub name: String,
    pub text: String,
}

/// A value as the JSON that the API would send.
pub(super) fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("wire types have text keys and no failing serialisers")
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Output {
    pub format: Format,
    pub quiet: bool,
}

impl Output {
    /// Says whether notes and progress for people belong next to the data.
    pub(super) fn for_people(self) -> bool {
        !self.quiet && matches!(self.format, Format::Table | Format::Wide)
    }

    /// Says whether moving pictures are in place: both streams are a terminal and the data is for people.
    pub(super) fn live(self) -> bool {
        self.for_people() && std::io::stderr().is_terminal() && std::io::stdout().is_terminal()
    }

    /// Refuses `csv` for a reply that is not one table; called before anything is sent.
    pub(super) fn refuse_csv(self, what: &str) -> Result<(), Error> {
        if self.format == Format::Csv {
            return Err(Error::usage(format!("{what} is not one table, so there is no csv of it")).hint("use -o json, yaml or ndjson"));
        }
        Ok(())
    }

    pub(super) fn list(self, listing: &Listing) -> Result<(), Error> {
        if self.quiet {
            return print(&lines(&listing.ids));
        }
        match self.format {
            Format::Table | Format::Wide => {
                if listing.rows.is_empty() {
                    self.note(&listing.empty);
                    return Ok(());
                }
                print(&table::render(&listing.columns, &listing.rows, self.format == Format::Wide))
            }
            Format::Csv => print(&table::csv(&listing.columns, &listing.rows)),
            Format::Ndjson => print(&lines(&listing.items)),
            Format::Name => print(&lines(&listing.ids.iter().map(|id| format!("{}/{id}", listing.noun)).collect::<Vec<_>>())),
            Format::Json | Format::Yaml => self.value(&listing.reply),
        }
    }

    pub(super) fn document(self, document: &Document) -> Result<(), Error> {
        if self.quiet {
            return print(&format!("{}\n", document.name.split_once('/').map_or(document.name.as_str(), |(_, id)| id)));
        }
        match self.format {
            Format::Table | Format::Wide => print(&document.text),
            Format::Name => print(&format!("{}\n", document.name)),
            Format::Csv => self.refuse_csv(&document.name),
            Format::Json | Format::Yaml | Format::Ndjson => self.value(&document.reply),
        }
    }

    /// One value in a machine form.
    pub(super) fn value(self, value: &Value) -> Result<(), Error> {
        match self.format {
            Format::Yaml => print(&yaml(value)?),
            Format::Ndjson => print(&format!("{value}\n")),
            _ => print(&format!("{value:#}\n")),
        }
    }

    /// What a trial found: the data of a command that was told to do nothing. Each line fits after "would".
    pub(super) fn would(self, lines: &[String]) -> Result<Exit, Error> {
        if !self.quiet {
            match self.format {
                Format::Json | Format::Yaml | Format::Ndjson => self.value(&object!({ "dry_run": true, "would": lines }))?,
                _ => print(&lines.iter().map(|line| format!("would {line}\n")).collect::<String>())?,
            }
        }
        Ok(Exit::Ok)
    }

    /// A line for people on stderr; silent with `-q` and machine forms.
    pub(super) fn note(self, line: &str) {
        if self.for_people() {
            warn(line);
        }
    }
}

/// A line on stderr, whatever the output form.
pub(super) fn warn(line: &str) {
    // There is nobody left to tell if stderr is gone.
    let _ = writeln!(anstream::stderr().lock(), "{line}");
}

/// Writes data to stdout. A reader that went away (`| head`) ends the command in peace.
pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut stdout = anstream::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Ok(()) => Ok(()),
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Err(Error::new(Exit::Ok, "closed", "")),
        Err(e) => Err(Error::failed("output", format!("stdout cannot be written: {e}"))),
    }
}

/// Says whether whoever read stdout has gone. A command that has nothing to write would not notice.
pub(super) fn unread() -> bool {
    let stdout = std::io::stdout();
    let mut asked = [PollFd::new(&stdout, PollFlags::empty())];
    // What cannot be asked is found out by writing.
    rustix::event::poll(&mut asked, Some(&Timespec::default())).is_ok() && asked[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

fn yaml(value: &Value) -> Result<String, Error> {
    let mut text = serde_saphyr::to_string(value).map_err(|e| Error::failed("output", format!("the reply has no YAML form: {e}")))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    Ok(text)
}

fn lines<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}

/// A table inside a document.
pub(super) fn aligned(columns: &[Column], rows: &[Vec<Cell>]) -> String {
    table::render(columns, rows, false)
}

/// Names and values of a document, aligned; empty ones left out.
pub(super) fn pairs(pairs: &[(&str, String)]) -> String {
    let width = pairs.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + 2;
    pairs.iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| format!("{name:<width$}{value}\n")).collect()
}
