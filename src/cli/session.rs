//! What a leaf works with: the output, the daemon it talks to, and the questions it may ask.
//!
//! The address: `--server` > `--context` > `SYNCLINE_SERVER` > `SYNCLINE_CONTEXT` > the current context > loopback.
//! The token: `--token-file` > the file of a context named by flag > `SYNCLINE_TOKEN` > `SYNCLINE_TOKEN_FILE` > the file
//! of the context in use. Invariant: a context's token goes to that context's server only.

use super::args::Globals;
use super::contexts::{self, Contexts};
use super::error::Error;
use super::output::{Output, warn};
use super::prompt;
use crate::client::Client;
use crate::secret::Secret;
use std::path::{Path, PathBuf};
use std::time::Duration;

const DEFAULT_SERVER: &str = "http://127.0.0.1:8190";
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) struct Session {
    globals: Globals,
    pub out: Output,
}

/// Where to go and with which token.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Destination {
    server: String,
    token: TokenSource,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum TokenSource {
    None,
    File(PathBuf),
    Env(Secret),
}

/// The variables that take part, apart so that the rule is a function of its inputs.
#[derive(Debug, Default)]
struct Environment {
    server: Option<String>,
    context: Option<String>,
    token: Option<String>,
    token_file: Option<String>,
}

impl Environment {
    fn read() -> Self {
        let get = |name| std::env::var(name).ok().filter(|v| !v.is_empty());
        Self {
            server: get("SYNCLINE_SERVER"),
            context: get("SYNCLINE_CONTEXT"),
            token: get("SYNCLINE_TOKEN"),
            token_file: get("SYNCLINE_TOKEN_FILE"),
        }
    }
}

impl Session {
    pub(super) fn new(globals: Globals) -> Self {
        let out = Output { format: globals.output, quiet: globals.quiet };
        Self { globals, out }
    }

    pub(super) fn server_flag(&self) -> Option<&str> {
        self.globals.server.as_deref()
    }

    pub(super) fn token_file_flag(&self) -> Option<&Path> {
        self.globals.token_file.as_deref()
    }

    /// How long a verb that waits may wait; None = until it is decided.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.globals.timeout
    }

    /// Returns the client for a single request.
    pub(super) fn client(&self) -> Result<Client, Error> {
        self.client_with(self.globals.timeout.unwrap_or(REQUEST_TIMEOUT))
    }

    /// Returns the client for a verb that asks again and again: `--timeout` bounds the whole, not each request.
    pub(super) fn patient_client(&self) -> Result<Client, Error> {
        self.client_with(REQUEST_TIMEOUT)
    }

    /// Returns the client for a request that the daemon answers only after work of its own.
    pub(super) fn client_with(&self, timeout: Duration) -> Result<Client, Error> {
        let destination = destination(&self.globals, &Environment::read(), &Contexts::load()?)?;
        let token = match destination.token {
            TokenSource::None => None,
            TokenSource::Env(token) => Some(token),
            TokenSource::File(path) => Some(read_token(&path)?),
        };
        Ok(Client::new(&destination.server, token, timeout)?)
    }

    /// Returns a client of another daemon that was named by hand: it gets the token that was given by flag or variable, never
    /// a context's.
    pub(super) fn client_of(&self, server: &str) -> Result<Client, Error> {
        let environment = Environment::read();
        let token = match (&self.globals.token_file, environment.token, environment.token_file) {
            (Some(path), ..) => Some(read_token(path)?),
            (None, Some(token), _) => Some(Secret::new(token)),
            (None, None, Some(path)) => Some(read_token(Path::new(&path))?),
            (None, None, None) => None,
        };
        Ok(Client::new(server, token, self.globals.timeout.unwrap_or(REQUEST_TIMEOUT))?)
    }

    /// Asks before something that cannot be undone. Without a terminal it refuses and names the flag.
    pub(super) fn confirm(&self, question: &str, yes: bool) -> Result<(), Error> {
        if yes {
            return Ok(());
        }
        if !prompt::possible() {
            return Err(Error::usage(format!("{question} There is no terminal to ask on")).hint("--yes answers the question"));
        }
        if prompt::confirm(question)? { Ok(()) } else { Err(Error::failed("declined", "not confirmed; nothing was changed")) }
    }
}

fn destination(globals: &Globals, env: &Environment, contexts: &Contexts) -> Result<Destination, Error> {
    let by_flag = globals.context.as_deref().map(|name| contexts.get(name)).transpose()?;
    let context = if globals.server.is_some() {
        None
    } else if by_flag.is_some() {
        by_flag
    } else if env.server.is_some() {
        None
    } else {
        env.context.as_deref().or(contexts.current.as_deref()).map(|name| contexts.get(name)).transpose()?
    };
    let server = match (&globals.server, context) {
        (Some(server), _) => server.clone(),
        (None, Some(context)) => context.server.clone(),
        (None, None) => env.server.clone().unwrap_or_else(|| DEFAULT_SERVER.into()),
    };
    let file_of_flag_context = if globals.server.is_none() { by_flag.and_then(|c| c.token_file.clone()) } else { None };
    let token = if let Some(file) = globals.token_file.clone().or(file_of_flag_context) {
        TokenSource::File(file)
    } else if let Some(token) = &env.token {
        TokenSource::Env(Secret::new(token.trim()))
    } else if let Some(file) = env.token_file.clone().map(PathBuf::from).or_else(|| context.and_then(|c| c.token_file.clone())) {
        TokenSource::File(file)
    } else {
        TokenSource::None
    };
    Ok(Destination { server, token })
}

fn read_token(path: &Path) -> Result<Secret, Error> {
    let text = std::fs::read_to_string(path).map_err(|e| Error::usage(format!("token file {} cannot be read: {e}", path.display())))?;
    if contexts::open_to_others(path) {
        warn(&format!("warning: token file {0} can be read by others; `chmod 600 {0}` closes it", path.display()));
    }
    let token = text.trim();
    if token.is_empty() || token.contains(char::is_whitespace) {
        return Err(Error::usage(format!("token file {} does not hold one token", path.display())));
    }
    Ok(Secret::new(token))
}

#[cfg(test)]
mod tests {
    use super::super::contexts::Context;
    use super::*;

    fn globals(server: Option<&str>, context: Option<&str>, token_file: Option<&str>) -> Globals {
        Globals {
            output: Default::default(),
            quiet: false,
            context: context.map(Into::into),
            server: server.map(Into::into),
            token_file: token_file.map(Into::into),
            timeout: None,
        }
    }

    fn contexts() -> Contexts {
        let of = |name: &str| Context { server: format!("http://{name}"), token_file: Some(format!("/{name}.token").into()) };
        Contexts { current: Some("now".into()), contexts: [("now".into(), of("now")), ("other".into(), of("other"))].into() }
    }

    fn env(server: Option<&str>, token: Option<&str>) -> Environment {
        Environment { server: server.map(Into::into), token: token.map(Into::into), ..Default::default() }
    }

    #[test]
    fn address_and_token_follow_the_order() {
        let file = |path: &str| TokenSource::File(path.into());
        let clear = |token: &str| TokenSource::Env(Secret::new(token));
        for (g, e, server, token) in [
            (globals(None, None, None), env(None, None), "http://now", file("/now.token")),
            (globals(None, Some("other"), None), env(Some("http://e"), Some("t")), "http://other", file("/other.token")),
            (globals(None, None, None), env(Some("http://e"), None), "http://e", TokenSource::None),
            (globals(None, None, None), env(None, Some("t")), "http://now", clear("t")),
            (globals(Some("http://f"), None, None), env(Some("http://e"), None), "http://f", TokenSource::None),
            (globals(Some("http://f"), Some("other"), None), env(None, None), "http://f", TokenSource::None),
            (globals(Some("http://f"), None, Some("/mine")), env(None, Some("t")), "http://f", file("/mine")),
        ] {
            let found = destination(&g, &e, &contexts()).unwrap();
            assert_eq!(found, Destination { server: server.into(), token }, "{g:?} {e:?}");
        }
        let none = destination(&globals(None, None, None), &env(None, None), &Contexts::default()).unwrap();
        assert_eq!(none, Destination { server: DEFAULT_SERVER.into(), token: TokenSource::None });
        assert_eq!(
            destination(&globals(None, Some("gone"), None), &env(None, None), &contexts()).unwrap_err().code.as_ref(),
            "unknown_context"
        );
    }
}
