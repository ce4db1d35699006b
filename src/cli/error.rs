//! Why a command did not do what was asked: what failed, a stable code, a hint, and the exit it leads to.
//!
//! Made in the leaves and from [`client::Error`]; turned into text once, in [`Error::print`].

use super::exit::{DAEMON_UNREACHABLE, Exit};
use super::output::Format;
use crate::client;
use crate::wire::native::error::{Code, Detail};
use serde_json::json;
use std::io::Write as _;

const TOKEN_HINT: &str = "name a token with --token-file, SYNCLINE_TOKEN or `syncline context add NAME --token-file FILE`";

#[derive(Debug, Clone)]
pub struct Error {
    pub exit: Exit,
    pub code: Box<str>,
    /// The daemon's more precise code; empty: there is none.
    pub reason: Box<str>,
    pub message: String,
    pub hint: String,
    /// The field of the request that is wrong; `typed` makes a flag of it.
    pub field: Option<Box<str>>,
    /// Each thing that is wrong, where there are several.
    pub details: Box<[Detail]>,
}

impl Error {
    pub(super) fn new(exit: Exit, code: &str, message: impl Into<String>) -> Self {
        let (message, reason, details) = (message.into(), Box::default(), Box::default());
        Self { exit, code: code.into(), reason, message, hint: String::new(), field: None, details }
    }

    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    pub(super) fn failed(code: &str, message: impl Into<String>) -> Self {
        Self::new(Exit::Failed, code, message)
    }

    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Names the object that a message of the server leaves out.
    pub(super) fn about(mut self, what: &str, object: &str) -> Self {
        if !self.message.contains(object) {
            self.message = format!("{what} {object}: {}", self.message);
        }
        self
    }

    /// Writes the error to stderr, in the form that fits the chosen output.
    pub fn print(&self, format: Format) {
        let mut stderr = anstream::stderr().lock();
        // There is nobody left to tell if stderr is gone.
        let _ = match format {
            Format::Json | Format::Ndjson => {
                let Self { exit, code, reason, message, hint, field: _, details } = self;
                let mut error = json!({ "code": code, "message": message, "hint": hint, "exit_code": exit.code() });
                if !reason.is_empty() {
                    error["reason"] = json!(reason);
                }
                if !details.is_empty() {
                    error["details"] = json!(details);
                }
                writeln!(stderr, "{}", json!({ "error": error }))
            }
            _ => write!(stderr, "{}", self.text()),
        };
    }

    pub(super) fn text(&self) -> String {
        use owo_colors::OwoColorize as _;
        let code = if self.reason.is_empty() { &self.code } else { &self.reason };
        let mut text = format!("{} {} [{code}]\n", "error:".red().bold(), self.message);
        let mut told: Vec<&str> = vec![&self.hint];
        for Detail { code, field, object, message, hint } in self.details.iter() {
            let at: String = [object.as_str(), field.as_deref().unwrap_or_default()]
                .into_iter()
                .filter(|p| !p.is_empty())
                .map(|p| format!("{p}: "))
                .collect();
            text.push_str(&format!("  - {at}{message} [{code}]\n"));
            // What many have in common is said once.
            if !hint.is_empty() && !told.contains(&hint.as_str()) {
                told.push(hint);
                text.push_str(&format!("    {} {hint}\n", "hint:".cyan()));
            }
        }
        for line in self.hint.lines() {
            text.push_str(&format!("  {} {line}\n", "hint:".cyan()));
        }
        text
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::failed("system", error.to_string())
    }
}

impl From<client::Error> for Error {
    fn from(error: client::Error) -> Self {
        let message = error.to_string();
        match error {
            client::Error::BadServer { .. } => Self::usage(message),
            client::Error::Unreachable { timed_out, .. } => {
                let hint = if timed_out {
                    "--timeout gives it more time"
                } else {
                    "is `syncline serve` running there? --server or SYNCLINE_SERVER names another one"
                };
                Self::new(Exit::Unreachable, DAEMON_UNREACHABLE, message).hint(hint)
            }
            client::Error::Broken { .. } => Self::failed("answer_broken", message).hint("the daemon's log says more, if it was the daemon"),
            client::Error::Decode { .. } => {
                Self::failed("unexpected_reply", message).hint("is this a Syncline daemon of another version? `syncline version` compares")
            }
            client::Error::Api { status, body } => {
                let body = *body;
                let code = body.code.word();
                let code = if code == "other" { format!("http_{status}") } else { code }.into();
                let exit = Exit::of(body.code, status);
                // The daemon speaks of HTTP headers; here a token has other ways in.
                let hint = if body.code == Code::Unauthorized { TOKEN_HINT.to_owned() } else { body.hint };
                let (reason, field) = (body.reason.into(), body.field.map(Into::into));
                Self { exit, code, reason, message: body.message, hint, field, details: body.details.into() }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::typed::Typed;
    use super::*;
    use crate::wire::native::error::ErrorBody;

    #[test]
    fn an_api_error_keeps_its_code_and_its_field() {
        let body =
            ErrorBody { code: Code::BadRequest, message: "must not be empty".into(), field: Some("name".into()), ..ErrorBody::default() };
        let error = Error::from(client::Error::Api { status: 400, body: Box::new(body) });
        assert_eq!((error.exit, &*error.code, error.message.as_str()), (Exit::Usage, "bad_request", "must not be empty"));
        assert_eq!(error.in_words_of(&Typed::default()).message, "name: must not be empty");
    }

    #[test]
    fn text_ends_with_the_hint() {
        let text = Error::usage("no").hint("do this").text();
        assert_eq!(anstream::adapter::strip_str(&text).to_string(), "error: no [usage]\n  hint: do this\n");
    }
}
