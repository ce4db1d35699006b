//! What was typed: an error of the daemon names a field of its API, and whoever typed a flag knows the flag.
//!
//! Called by `main` around every leaf, so that no leaf has to: the one place where the fields of replies become flags. A field
//! that no typed flag or argument filled (it came out of a file, or is the daemon's own) keeps its name.

use super::error::Error;
use crate::wire::native::error::Detail;
use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

/// Fields whose flag is called otherwise.
const OTHERWISE: [(&str, &str); 4] = [("text", "grep"), ("symbols", "symbol"), ("addresses", "host"), ("cron", "expr")];

/// The flags and arguments of one command line.
#[derive(Debug, Default)]
pub struct Typed(Vec<Word>);

#[derive(Debug)]
struct Word {
    /// As fields are called: with underscores.
    names: Vec<String>,
    /// As it is typed.
    shown: String,
}

impl Typed {
    pub(super) fn of(command: &Command, matches: &ArgMatches) -> Self {
        if let Some((name, below)) = matches.subcommand()
            && let Some(command) = command.find_subcommand(name)
        {
            return Self::of(command, below);
        }
        let is_typed = |id: &str| matches.try_contains_id(id).is_ok() && matches.value_source(id) == Some(ValueSource::CommandLine);
        let word = |arg: &clap::Arg| match arg.get_long() {
            Some(long) => Word { names: vec![long.replace('-', "_")], shown: format!("--{long}") },
            None => {
                let shown =
                    arg.get_value_names().and_then(|names| names.first()).map_or_else(|| arg.get_id().to_string(), ToString::to_string);
                Word { names: vec![arg.get_id().to_string(), shown.to_lowercase()], shown }
            }
        };
        Self(command.get_arguments().filter(|arg| is_typed(arg.get_id().as_str())).map(word).collect())
    }

    /// Returns the flag that filled a field, e.g. `--range` of `hosts.range`, `--source` of `source.host`.
    fn flag(&self, field: &str) -> Option<&str> {
        let plain = |part: &str| part.split('[').next().unwrap_or_default().to_owned();
        let parts: Vec<String> = field.split('.').map(plain).collect();
        let whole = parts.join("_");
        let last = parts.last().map(String::as_str).unwrap_or_default();
        let short = last.trim_end_matches("_seconds");
        let otherwise = OTHERWISE.iter().filter(|(name, _)| *name == last).map(|(_, other)| *other);
        let parents = parts.iter().rev().skip(1).map(String::as_str);
        let mut candidates = [whole.as_str(), last, short].into_iter().chain(otherwise).chain(parents);
        candidates.find_map(|name| self.0.iter().find(|word| word.names.iter().any(|n| n == name))).map(|word| word.shown.as_str())
    }
}

impl Typed {
    /// A message with flags for the other fields that it names in backticks.
    fn others(&self, message: &str) -> String {
        let named = self.0.iter().flat_map(|word| word.names.iter().map(|name| (format!("`{name}`"), &word.shown)));
        named.fold(message.to_owned(), |message, (name, shown)| message.replace(&name, shown))
    }
}

impl Error {
    /// Names flags instead of the fields that they filled.
    #[must_use]
    pub fn in_words_of(mut self, typed: &Typed) -> Self {
        if let Some(field) = self.field.take() {
            self.message = typed.others(&told(typed, &field, &self.message));
        }
        for Detail { field, message, .. } in self.details.iter_mut() {
            let Some((name, flag)) = field.as_deref().and_then(|f| Some((f.to_owned(), typed.flag(f)?.to_owned()))) else { continue };
            if let Some(rest) = message.strip_prefix(&format!("{name}: ")) {
                *message = rest.to_owned();
            }
            *field = Some(flag);
        }
        self
    }
}

/// A message with its field, or with the flag that filled it.
fn told(typed: &Typed, field: &str, message: &str) -> String {
    let named = format!("{field}: ");
    match typed.flag(field) {
        Some(flag) if message.contains(&named) => message.replacen(&named, &format!("{flag}: "), 1),
        Some(flag) if message.contains(flag) => message.to_owned(),
        Some(flag) => format!("{flag}: {message}"),
        None if message.contains(field) => message.to_owned(),
        None => format!("{named}{message}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Cli;
    use super::*;
    use clap::CommandFactory as _;

    fn typed(line: &str) -> Typed {
        let command = Cli::command();
        let matches = command.clone().try_get_matches_from(line.split(' ')).unwrap();
        Typed::of(&command, &matches)
    }

    #[test]
    fn a_field_is_named_as_it_was_typed() {
        let update = "syncline tasks update nightly --range x --deadline 0s --index-pattern y --symbol Z";
        for (line, field, flag) in [
            (update, "hosts.range", Some("--range")),
            (update, "limits.deadline_seconds", Some("--deadline")),
            (update, "hosts.index_pattern", Some("--index-pattern")),
            (update, "bars.symbols[3]", Some("--symbol")),
            // It was not typed.
            (update, "cron", None),
            ("syncline tasks create a/b", "name", Some("NAME")),
            ("syncline tasks cron-check x", "cron", Some("EXPR")),
            ("syncline sync hosts 10.0.0", "hosts.addresses", Some("IP")),
            ("syncline hosts list --grep x", "text", Some("--grep")),
            ("syncline bars import --symbol a,b f.csv", "symbol", Some("--symbol")),
            ("syncline logs runs --state failed", "state", Some("--state")),
            ("syncline jobs create --name a --kind sync --source u@h --target u@h", "source.host", Some("--source")),
        ] {
            assert_eq!(typed(line).flag(field), flag, "{line}: {field}");
        }
    }

    #[test]
    fn the_message_begins_with_the_flag() {
        let line = "syncline tasks update nightly --range x";
        let error = |field: &str, message: &str| {
            let error = Error { field: Some(field.into()), ..Error::usage(message) };
            error.in_words_of(&typed(line)).message
        };
        assert_eq!(error("hosts.range", "hosts.range: \"x\" is not a range"), "--range: \"x\" is not a range");
        assert_eq!(error("hosts.range", "is not a range"), "--range: is not a range");
        assert_eq!(error("hosts.range", "task nightly: hosts.range: is none"), "task nightly: --range: is none");
        let read = "syncline bars read FB --from 2013-02-20 --to 2013-02-01";
        let both = Error { field: Some("from".into()), ..Error::usage("from: 2013-02-20 is after `to`, 2013-02-01") };
        assert_eq!(both.in_words_of(&typed(read)).message, "--from: 2013-02-20 is after --to, 2013-02-01");
        assert_eq!(error("cron", "cron: five fields"), "cron: five fields");
        assert_eq!(error("cron", "five fields"), "cron: five fields");
    }
}
