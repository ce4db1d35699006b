//! `[[dms.providers]]`: where bars come from.

use super::{Wrong, interval, secret};
use crate::bars::Source;
use crate::bars::dates::Dates;
use crate::bars::provider::{Files, Format, HttpSettings, Pace, Shape, Template};
use crate::config::{self, Provider, ProviderKind};
use crate::model::bars::Interval;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::time::Duration;

/// What both kinds have.
struct Common {
    zone: Option<TimeZone>,
    dates: Dates,
    /// The source's own words for intervals.
    words: BTreeMap<Interval, String>,
}

/// An error is every mistake of the entry.
pub(super) fn source(provider: &Provider) -> Result<Source, Vec<String>> {
    let mut wrong = Wrong::default();
    let zone = |name: &String| TimeZone::get(name).map_err(|_| format!("time_zone: {name:?} is not known"));
    let known = |word: &String| Dates::parse(word).ok_or_else(|| format!("dates: {word:?} is not one of {}", Dates::WORDS.join(", ")));
    let zone = wrong.keep(provider.time_zone.as_ref().map(zone).transpose()).flatten();
    let dates = wrong.keep(provider.dates.as_ref().map(known).transpose()).flatten().unwrap_or_default();
    let word = |(name, word): (&String, &String)| Ok((interval("intervals", Some(name))?, word.clone()));
    let words = provider.intervals.iter().filter_map(|pair| wrong.keep(word(pair))).collect();
    let common = Common { zone, dates, words };
    let made = match provider.kind {
        ProviderKind::Csv => files(provider, common, &mut wrong),
        ProviderKind::Http => http(provider, common, &mut wrong),
    };
    wrong.unless(made)
}

fn files(provider: &Provider, common: Common, wrong: &mut Wrong) -> Option<Source> {
    let Provider { name, dir, pattern, interval: plain, url, format, rows, fields, header_files, .. } = provider;
    let Provider { spacing_ms, attempts, backoff_ms, longest_wait_seconds, timeout_seconds, .. } = provider;
    let http = [
        ("url", url.is_some()),
        ("format", format.is_some()),
        ("rows", rows.is_some()),
        ("fields", !fields.is_empty()),
        ("header_files", !header_files.is_empty()),
        ("spacing_ms", spacing_ms.is_some()),
        ("attempts", attempts.is_some()),
        ("backoff_ms", backoff_ms.is_some()),
        ("longest_wait_seconds", longest_wait_seconds.is_some()),
        ("timeout_seconds", timeout_seconds.is_some()),
    ];
    refuse(&http, "csv", wrong);
    let Common { zone, dates, words } = common;
    let pattern = pattern.as_ref().and_then(|text| template("pattern", text, words, wrong));
    let plain = wrong.keep(interval("interval", plain.as_ref()));
    let dir = wrong.keep(dir.as_ref().ok_or_else(|| "dir: is missing".to_owned()))?;
    // Else every symbol of every run would say it.
    wrong.keep(std::fs::read_dir(dir).map_err(|e| format!("dir: cannot read the directory {}: {e}", dir.display())))?;
    Some(Source::Files(Files::new(name, dir, pattern, plain?, zone).dates(dates)))
}

fn http(provider: &Provider, common: Common, wrong: &mut Wrong) -> Option<Source> {
    let Provider { name, dir, pattern, interval: plain, url, format, rows, fields, header_files, .. } = provider;
    let Provider { spacing_ms, attempts, backoff_ms, longest_wait_seconds, timeout_seconds, .. } = provider;
    refuse(&[("dir", dir.is_some()), ("pattern", pattern.is_some()), ("interval", plain.is_some())], "http", wrong);
    let format = wrong.keep(format.ok_or_else(|| "format: is missing; there are csv, json and yahoo".to_owned()));
    if format.is_some_and(|format| format != config::Format::Json) {
        refuse(&[("rows", rows.is_some()), ("fields", !fields.is_empty())], "http whose format is not json", wrong);
    }
    let shape = wrong.keep(shape(rows.as_ref(), fields));
    let zeros = [("attempts", *attempts == Some(0)), ("timeout_seconds", *timeout_seconds == Some(0))];
    wrong.0.extend(zeros.iter().filter(|(_, is_zero)| *is_zero).map(|(key, _)| format!("{key}: must be 1 or more")));
    let mut headers = Vec::new();
    for (header, file) in header_files {
        headers.extend(wrong.keep(secret(&format!("header_files.{header}"), file)).map(|value| (header.clone(), value)));
    }
    let Common { zone, dates, words } = common;
    let url = wrong.keep(url.as_ref().ok_or_else(|| "url: is missing".to_owned()));
    let url = url.and_then(|text| template("url", text, words, wrong))?;
    let format = match format? {
        config::Format::Csv => Format::Csv,
        config::Format::Yahoo => Format::Yahoo,
        config::Format::Json => Format::Json(shape?),
    };
    let mut settings = HttpSettings::new(name, url, format);
    (settings.zone, settings.dates, settings.headers) = (zone, dates, headers);
    settings.spacing = spacing_ms.map_or(settings.spacing, Duration::from_millis);
    settings.attempts = attempts.unwrap_or(settings.attempts);
    settings.backoff = backoff_ms.map_or(settings.backoff, Duration::from_millis);
    settings.longest_wait = longest_wait_seconds.map_or(settings.longest_wait, Duration::from_secs);
    settings.timeout = timeout_seconds.map_or(settings.timeout, Duration::from_secs);
    wrong.keep(settings.host().map_err(|e| format!("url: {e}")))?;
    let source = Source::Http(Box::new(settings), Pace::default());
    // Headers that are none are said now, and not at the first run.
    wrong.keep(source.open(&[]).map_err(|e| format!("header_files: {e}")))?;
    Some(source)
}

/// Keys of the other kind.
fn refuse(pairs: &[(&str, bool)], kind: &str, wrong: &mut Wrong) {
    let there = pairs.iter().filter(|(_, is_there)| *is_there);
    wrong.0.extend(there.map(|(name, _)| format!("{name}: a provider of the kind {kind} has none")));
}

fn template(key: &str, text: &str, words: BTreeMap<Interval, String>, wrong: &mut Wrong) -> Option<Template> {
    wrong.keep(match Template::parse(text).map(|t| t.words(words)) {
        Ok(template) if template.names_symbol() => Ok(template),
        Ok(_) => Err(format!("{key}: {text:?} is the same for all symbols: it needs {{symbol}}, {{code}} or {{yahoo}}")),
        Err(e) => Err(format!("{key}: {e}")),
    })
}

fn shape(rows: Option<&String>, fields: &BTreeMap<String, String>) -> Result<Shape, String> {
    const NAMES: [&str; 6] = ["time", "open", "high", "low", "close", "volume"];
    if let Some(unknown) = fields.keys().find(|name| !NAMES.contains(&name.as_str())) {
        return Err(format!("fields: {unknown:?} is not one of {}", NAMES.join(", ")));
    }
    Ok(Shape {
        rows: rows.map(|path| path.split('.').filter(|p| !p.is_empty()).map(str::to_owned).collect()).unwrap_or_default(),
        fields: NAMES.map(|name| fields.get(name).cloned()),
    })
}
