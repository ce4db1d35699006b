//! A job as a file: TOML, YAML or JSON with the fields of [`JobCreate`], and passwords by reference.
//!
//! An error names the line and the field. It never shows the line itself, which may hold a password.

mod gates;

use super::lines;
use crate::cli::endpoint::Password;
use crate::cli::error::Error;
use crate::cli::exit::Exit;
use crate::wire::native::error::{Code, Detail};
use crate::wire::native::jobs::{
    ConflictDetection, ConflictPolicy, Endpoint, ExistingTable, JobCreate, JobKind, Replacement, SchemaRule, TlsMode,
};
use crate::wire::native::kafka::Kafka;
use crate::wire::native::later;
use crate::wire::native::lines::Lines;
use crate::wire::strict;
use gates::GatesFile;
use serde::Deserialize;
use serde_json::Value;
use std::io::Read as _;
use std::path::{Path, PathBuf};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct JobFile {
    name: String,
    id: Option<String>,
    kind: JobKind,
    #[serde(default)]
    description: String,
    source: EndpointFile,
    target: Option<EndpointFile>,
    kafka: Option<Kafka>,
    lines: Option<Lines>,
    #[serde(default)]
    include: Vec<SchemaRule>,
    #[serde(default)]
    ignore: Vec<SchemaRule>,
    #[serde(default)]
    existing_tables: ExistingTable,
    #[serde(default)]
    on_conflict: ConflictPolicy,
    #[serde(default)]
    detect_conflicts: ConflictDetection,
    #[serde(default)]
    skip_create: bool,
    start_gtid: Option<String>,
    chunk_rows: Option<u64>,
    copy_workers: Option<u32>,
    apply_workers: Option<u32>,
    group_bytes: Option<u64>,
    queue_length: Option<u32>,
    #[serde(default)]
    skip: Vec<String>,
    #[serde(default)]
    replace: Vec<Replacement>,
    max_rows_per_second: Option<u64>,
    burst_rows: Option<u64>,
    max_bytes_per_second: Option<u64>,
    #[serde(default)]
    gates: GatesFile,
    #[serde(default)]
    paused: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EndpointFile {
    host: String,
    #[serde(default = "default_port")]
    port: u16,
    user: String,
    password: Option<String>,
    /// Relative to the job file's folder.
    password_file: Option<PathBuf>,
    password_env: Option<String>,
    #[serde(default)]
    tls: TlsMode,
    tls_ca: Option<String>,
}

fn default_port() -> u16 {
    3306
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    Toml,
    Yaml,
    Json,
}

/// Reads a job from a file, or from stdin if it is `-`.
pub(super) fn load(path: &Path) -> Result<JobCreate, Error> {
    let (name, text) = open(path)?;
    let file = parse(&text, syntax(path, &text)).map_err(|wrong| refused(&name, wrong))?;
    let folder = if path == Path::new("-") { Path::new("") } else { path.parent().unwrap_or(Path::new("")) };
    resolve(file, folder)
}

/// Reads any type of the wire the same way.
pub(in crate::cli) fn typed<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let (name, text) = open(path)?;
    parse(&text, syntax(path, &text)).map_err(|wrong| refused(&name, wrong))
}

/// Returns a file's name for messages, and its text.
fn open(path: &Path) -> Result<(String, String), Error> {
    let stdin = path == Path::new("-");
    let name = if stdin { "stdin".to_owned() } else { path.display().to_string() };
    let text = if stdin {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(path)
    };
    let text = text.map_err(|e| Error::usage(format!("{name} cannot be read: {e}")))?;
    Ok((name, text))
}

/// One error for all that is wrong with a file.
fn refused(name: &str, mut wrong: Vec<Detail>) -> Error {
    let later = wrong.iter().all(|d| d.code == Code::NotSupported.word());
    let code = if later { Code::NotSupported.word() } else { "job_file".to_owned() };
    if wrong.len() > 1 {
        let message = format!("{} things in {name} are wrong", wrong.len());
        return Error { details: wrong.into(), ..Error::new(Exit::Usage, &code, message) };
    }
    let Detail { code: _, field, object, message, hint } = wrong.pop().unwrap_or_default();
    let at: String = [Some(object).filter(|o| !o.is_empty()), field].into_iter().flatten().map(|part| format!("{part}: ")).collect();
    Error::new(Exit::Usage, &code, format!("{name}: {at}{message}")).hint(hint)
}

fn syntax(path: &Path, text: &str) -> Syntax {
    match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("toml") => return Syntax::Toml,
        Some("yaml" | "yml") => return Syntax::Yaml,
        Some("json") => return Syntax::Json,
        _ => {}
    }
    let first = text.lines().map(str::trim).find(|l| !l.is_empty() && !l.starts_with('#')).unwrap_or_default();
    if first.starts_with('{') {
        return Syntax::Json;
    }
    let key = first.find(['=', ':']).map(|at| &first[at..=at]);
    if first.starts_with('[') || key == Some("=") { Syntax::Toml } else { Syntax::Yaml }
}

/// Reads the file, or says all that is wrong with it; `object` is the line.
fn parse<T: serde::de::DeserializeOwned>(text: &str, syntax: Syntax) -> Result<T, Vec<Detail>> {
    let value: Value = read(text, syntax).map_err(|(line, message)| {
        let code = "job_file".to_owned();
        vec![Detail { code, object: line.map(at).unwrap_or_default(), message, ..Detail::default() }]
    })?;
    strict::from_value(&value).map_err(|wrong| {
        let told = |w: &strict::Wrong| Detail { object: lines::line(text, syntax, &w.path).map(at).unwrap_or_default(), ..later::judge(w) };
        wrong.iter().map(told).collect()
    })
}

fn at(line: u64) -> String {
    format!("line {line}")
}

/// Reads the text as a value; an error is the line and what is wrong there.
fn read(text: &str, syntax: Syntax) -> Result<Value, (Option<u64>, String)> {
    match syntax {
        Syntax::Toml => toml::from_str(text).map_err(|e| {
            let line = e.span().map(|span| text[..span.start.min(text.len())].matches('\n').count() as u64 + 1);
            (line, e.message().to_owned())
        }),
        Syntax::Yaml => serde_saphyr::from_str(text).map_err(|e| (e.location().map(|l| l.line()), yaml_message(&e))),
        Syntax::Json => serde_json::from_str(text).map_err(|e| {
            let message = e.to_string();
            let bare = message.rsplit_once(" at line ").map_or(message.as_str(), |(bare, _)| bare).to_owned();
            (Some(e.line() as u64).filter(|l| *l > 0), bare)
        }),
    }
}

fn yaml_message(error: &serde_saphyr::Error) -> String {
    let shown = error.without_snippet().to_string();
    let first = shown.lines().next().unwrap_or_default();
    // The line stands in front already.
    first.rsplit_once(" at line ").map_or(first, |(bare, _)| bare).to_owned()
}

fn resolve(file: JobFile, folder: &Path) -> Result<JobCreate, Error> {
    let JobFile {
        name,
        id,
        kind,
        description,
        source,
        target,
        kafka,
        lines,
        include,
        ignore,
        existing_tables,
        on_conflict,
        detect_conflicts,
        skip_create,
        start_gtid,
        chunk_rows,
        copy_workers,
        skip,
        replace,
        apply_workers,
        group_bytes,
        queue_length,
        max_rows_per_second,
        burst_rows,
        max_bytes_per_second,
        gates,
        paused,
    } = file;
    Ok(JobCreate {
        name,
        id,
        kind,
        description,
        source: resolve_endpoint(source, "source", folder)?,
        target: target.map(|target| resolve_endpoint(target, "target", folder)).transpose()?,
        kafka,
        lines,
        include,
        ignore,
        existing_tables,
        on_conflict,
        detect_conflicts,
        skip_create,
        start_gtid,
        chunk_rows,
        copy_workers,
        skip,
        replace,
        apply_workers,
        group_bytes,
        queue_length,
        max_rows_per_second,
        burst_rows,
        max_bytes_per_second,
        gates: gates.resolve(folder)?,
        paused,
    })
}

fn resolve_endpoint(file: EndpointFile, side: &str, folder: &Path) -> Result<Endpoint, Error> {
    let EndpointFile { host, port, user, password, password_file, password_env, tls, tls_ca } = file;
    let given = [password.is_some(), password_file.is_some(), password_env.is_some()];
    if given.into_iter().filter(|given| *given).count() > 1 {
        return Err(Error::usage(format!("{side}: give one of password, password_file and password_env")));
    }
    let path = password_file.map(|p| folder.join(p));
    let read = Password { file: path.as_deref(), env: password_env.as_deref() }.read().map_err(|e| e.about("in", side))?;
    Ok(Endpoint { host, port, user, password: password.or(read).unwrap_or_default(), tls, tls_ca })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOML: &str = "name = \"a\"\nkind = \"sync\"\n[source]\nhost = \"h\"\nuser = \"u\"\npassword = \"p\"\n[target]\nhost = \"t\"\nuser = \"u\"\nport = 3307\n[[include]]\nschema = \"shop\"\n";
    const YAML: &str = "name: a\nkind: sync\nsource: {host: h, user: u, password: p}\ntarget:\n  host: t\n  user: u\n  port: 3307\ninclude:\n  - schema: shop\n";
    const JSON: &str = r#"{"name":"a","kind":"sync","source":{"host":"h","user":"u","password":"p"},"target":{"host":"t","user":"u","port":3307},"include":[{"schema":"shop"}]}"#;

    #[test]
    fn three_syntaxes_say_the_same() {
        let jobs = [TOML, YAML, JSON].map(|text| resolve(parse(text, syntax(Path::new("-"), text)).unwrap(), Path::new("")).unwrap());
        assert_eq!(jobs[0], jobs[1]);
        assert_eq!(jobs[1], jobs[2]);
        assert_eq!(
            (jobs[0].source.password.as_str(), jobs[0].target.as_ref().map(|t| t.port), jobs[0].include[0].schema.as_str()),
            ("p", Some(3307), "shop")
        );
    }

    #[test]
    fn syntax_comes_from_the_extension_else_from_the_text() {
        for (path, text, expected) in [
            ("a.yml", "x = 1", Syntax::Yaml),
            ("a.toml", "{", Syntax::Toml),
            ("a.json", "", Syntax::Json),
            ("-", "# c\n\n { }", Syntax::Json),
            ("-", "[source]", Syntax::Toml),
            ("-", "name = \"a: b\"", Syntax::Toml),
            ("-", "name: a=b", Syntax::Yaml),
            ("job", "---\nname: a", Syntax::Yaml),
        ] {
            assert_eq!(syntax(Path::new(path), text), expected, "{path} {text}");
        }
    }

    /// What a file that is wrong gets to read.
    fn told(text: &str) -> String {
        let error = refused("job", parse::<JobFile>(text, syntax(Path::new("-"), text)).unwrap_err());
        anstream::adapter::strip_str(&error.text()).to_string()
    }

    #[test]
    fn errors_name_line_and_field_and_show_no_password() {
        let wrong = |text: &str| text.replace("port", "prot");
        for (text, line) in [(wrong(TOML), "line 10"), (wrong(YAML), "line 7"), (wrong(JSON), "line 1")] {
            let told = told(&text);
            assert!(told.starts_with(&format!("error: job: {line}: target.prot: unknown field; there are host")), "{told}");
        }
        for text in ["name = \"a\"\npassword = hunter2\n", "name: a\npassword: \"hunter2\n", "{\"name\": \"a\",\n\"password\": hunter2}"] {
            let told = told(text);
            assert!(told.contains("job: line ") && !told.contains("hunter2"), "{told}");
        }
        let port = told(&TOML.replace("3307", "\"hunter2\""));
        assert!(
            port.contains("line 10: target.port: must be a whole number from 0 to 65535, not a text") && !port.contains("hunter2"),
            "{port}"
        );
    }

    #[test]
    fn all_that_is_wrong_is_told_at_once() {
        let text = "kind: copy\nsource: {host: h, prot: 1}\ntarget:\n  host: t\n  user: u\n  port: 70000\n";
        insta::assert_snapshot!(told(text), @r#"
        error: 5 things in job are wrong [job_file]
          - line 1: kind: "copy" is not one of migration, sync, subscription [bad_request]
          - line 2: source.prot: unknown field; there are host, port, user, password, password_file, password_env, tls, tls_ca [unknown_field]
          - line 2: source.user: is missing [bad_request]
          - line 6: target.port: must be a whole number from 0 to 65535 [bad_request]
          - name: is missing [bad_request]
        "#);
    }

    #[test]
    fn what_this_release_has_not_is_refused_by_name() {
        for (from, to, field) in [
            ("schema = \"shop\"", "schema = \"shop\"\nrename = \"store\"", "line 13: include[0].rename: names at the target"),
            (
                "schema = \"shop\"",
                "schema = \"shop\"\ntables = [{ table = \"a\", where = \"x\" }]",
                "line 13: include[0].tables[0]: settings of single tables",
            ),
            ("kind = \"sync\"", "kind = \"sync\"\ndriver = \"kafka\"", "line 3: driver: targets that are named like this"),
            ("port = 3307", "kind = \"kafka\"", "line 10: target.kind: targets that are named like this"),
        ] {
            let told = told(&TOML.replace(from, to));
            assert!(told.contains(field) && told.contains("[not_supported]\n  hint: "), "{field}\n{told}");
        }
    }

    #[test]
    fn a_password_comes_from_one_place() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("pw"), "s3cret\n").unwrap();
        let file = |text: &str| resolve(parse(text, Syntax::Toml).unwrap(), folder.path());
        let job = file(&TOML.replace("password = \"p\"", "password_file = \"pw\"")).unwrap();
        assert_eq!(job.source.password, "s3cret");
        assert!(file(&TOML.replace("password = \"p\"", "password = \"p\"\npassword_file = \"pw\"")).is_err());
    }
}
