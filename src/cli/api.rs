//! `syncline api`: one raw call with the context's address and token, for what has no command of its own.

use super::error::Error;
use super::exit::Exit;
use super::output::{self, Format};
use super::session::Session;
use crate::client::{self, Raw};
use serde_json::Value;
use std::io::Read as _;
use std::path::Path;

#[derive(Debug, clap::Args)]
#[command(after_help = "The body goes to stdout as it came, also that of an error; the exit code follows the status as everywhere.
A path without a slash in front is one of the native API: jobs is /api/v1/jobs.

Examples:
  syncline api GET jobs
  syncline api GET /v2/jobs/sync -o yaml
  syncline api PUT log-level -d '{\"level\":\"debug\"}'
  syncline api POST jobs/validate -d @job.json")]
pub struct Args {
    /// The method
    #[arg(value_enum, ignore_case = true)]
    method: Method,
    /// The path, with its query
    #[arg(value_name = "PATH")]
    path: String,
    /// The body: JSON, @FILE or @- for stdin
    #[arg(short, long, value_name = "JSON|@FILE")]
    data: Option<String>,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Method {
    #[value(name = "GET")]
    Get,
    #[value(name = "POST")]
    Post,
    #[value(name = "PUT")]
    Put,
    #[value(name = "DELETE")]
    Delete,
}

pub(super) async fn run(session: &Session, args: Args) -> Result<Exit, Error> {
    session.out.refuse_csv("a raw reply")?;
    let Args { method, path, data } = args;
    let body = data.map(|text| body(&text)).transpose()?;
    let method = match method {
        Method::Get => "GET",
        Method::Post => "POST",
        Method::Put => "PUT",
        Method::Delete => "DELETE",
    };
    let path = if path.starts_with('/') { path } else { format!("/api/v1/{path}") };
    let Raw { status, body, ignored } = session.client()?.raw(method, &path, body).await?;
    show(session, &body)?;
    if let Some(fields) = ignored {
        output::warn(&format!("had no effect: {fields}"));
    }
    if (200..300).contains(&status) {
        return Ok(Exit::Ok);
    }
    // The body is on stdout already: here stands what a person or a script looks for on stderr.
    let error = Error::from(client::Error::Api { status, body: client::error_body(status, &body) });
    Err(Error { message: format!("HTTP {status}: {}", error.message), details: Box::default(), ..error })
}

fn body(text: &str) -> Result<Vec<u8>, Error> {
    let failed = |e: std::io::Error| Error::usage(format!("{text}: {e}"));
    match text.strip_prefix('@') {
        Some("-") => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(failed)?;
            Ok(bytes)
        }
        Some(file) => std::fs::read(Path::new(file)).map_err(failed),
        None => Ok(text.as_bytes().to_vec()),
    }
}

fn show(session: &Session, body: &[u8]) -> Result<(), Error> {
    if let (Format::Json | Format::Yaml | Format::Ndjson, Ok(value)) = (session.out.format, serde_json::from_slice::<Value>(body)) {
        return session.out.value(&value);
    }
    let mut text = String::from_utf8_lossy(body).into_owned();
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    output::print(&text)
}
