//! Databases on the command line: `user@host:port`, and passwords from anywhere but there.

use super::error::Error;
use super::prompt;
use crate::wire::native::jobs::{Endpoint, TlsMode};
use std::path::{Path, PathBuf};

const DEFAULT_PORT: u16 = 3306;

/// An account at a server, as it is typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub user: String,
    pub host: String,
    pub port: u16,
}

/// Parses `[mysql://]user@host[:port]`. A password in it is refused by name: other users of the machine see it.
fn parse_address(text: &str) -> Result<Address, String> {
    let bare = text.strip_prefix("mysql://").or_else(|| text.strip_prefix("mariadb://")).unwrap_or(text).trim_end_matches('/');
    let (user, server) = bare.rsplit_once('@').ok_or("write user@host:port")?;
    if user.contains(':') {
        return Err("a password does not belong on the command line, where every user of this machine can read it; \
                    use the -password-file or -password-env option, or type it when asked"
            .into());
    }
    let (host, port) = match server.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or("the address begins with [ and has no ]")?;
            (host, port.strip_prefix(':'))
        }
        None if server.matches(':').count() > 1 => return Err("write an IPv6 address in brackets: user@[::1]:3306".into()),
        None => server.split_once(':').map_or((server, None), |(host, port)| (host, Some(port))),
    };
    let port = port.map_or(Ok(DEFAULT_PORT), |p| p.parse().map_err(|_| format!("{p:?} is no port")))?;
    if user.is_empty() || host.is_empty() || host.contains('/') || port == 0 {
        return Err("write user@host:port".into());
    }
    Ok(Address { user: user.into(), host: host.into(), port })
}

/// Parses the value of `flag`. Not clap's business, which would repeat the text in its message, password and all.
pub(super) fn address(flag: &str, text: &str) -> Result<Address, Error> {
    parse_address(text).map_err(|e| Error::usage(format!("{flag}: {e}")))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum Tls {
    Disabled,
    // Where the server offers it
    #[default]
    Preferred,
    Required,
    // And the certificate must name the host
    VerifyIdentity,
}

impl From<Tls> for TlsMode {
    fn from(tls: Tls) -> Self {
        match tls {
            Tls::Disabled => Self::Disabled,
            Tls::Preferred => Self::Preferred,
            Tls::Required => Self::Required,
            Tls::VerifyIdentity => Self::VerifyIdentity,
        }
    }
}

/// Where a password comes from, and the flags (or keys) that say so.
pub(super) struct Password<'a> {
    pub file: Option<&'a Path>,
    pub env: Option<&'a str>,
}

impl Password<'_> {
    /// Reads the password where a place is named.
    pub(super) fn read(&self) -> Result<Option<String>, Error> {
        match (self.file, self.env) {
            (Some(file), _) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|e| Error::usage(format!("password file {} cannot be read: {e}", file.display())))?;
                Ok(Some(without_line_end(&text).to_owned()))
            }
            (None, Some(name)) => match std::env::var(name) {
                Ok(text) => Ok(Some(text)),
                Err(_) => Err(Error::usage(format!("the environment variable {name} with the password is not set"))),
            },
            (None, None) => Ok(None),
        }
    }

    /// Reads the password, or asks for it on a terminal.
    pub(super) fn read_or_ask(&self, address: &Address, flag: &str) -> Result<String, Error> {
        if let Some(password) = self.read()? {
            return Ok(password);
        }
        let account = format!("{}@{}:{}", address.user, address.host, address.port);
        if !prompt::possible() {
            return Err(Error::usage(format!("the password of {account} is missing, and there is no terminal to ask on"))
                .hint(format!("name it with --{flag}file FILE or --{flag}env VARIABLE")));
        }
        prompt::password(&format!("Password of {account}"))
    }
}

/// An editor ends a file with a newline that is not part of the password.
fn without_line_end(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

/// Builds the endpoint of the wire.
pub(super) fn endpoint(address: Address, password: String, tls: Tls, tls_ca: Option<PathBuf>) -> Endpoint {
    let Address { user, host, port } = address;
    Endpoint { host, port, user, password, tls: tls.into(), tls_ca: tls_ca.map(|p| p.to_string_lossy().into_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (text, user, host, port) in [
            ("repl@db1", "repl", "db1", 3306),
            ("repl@db1:3307", "repl", "db1", 3307),
            ("mysql://repl@db1:3307/", "repl", "db1", 3307),
            ("a@b@db1", "a@b", "db1", 3306),
            ("repl@[::1]:3307", "repl", "::1", 3307),
            ("repl@[fe80::2]", "repl", "fe80::2", 3306),
        ] {
            assert_eq!(parse_address(text), Ok(Address { user: user.into(), host: host.into(), port }), "{text}");
        }
        for text in
            ["", "db1", "@db1", "repl@", "repl@db1:x", "repl@db1:0", "repl@::1:3306", "repl@[::1", "repl@db1/shop", "repl@db1:99999"]
        {
            assert!(parse_address(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_password_on_the_command_line_is_refused_and_not_repeated() {
        let error = parse_address("repl:hunter2@db1:3306").unwrap_err();
        assert!(error.contains("-password-file") && !error.contains("hunter2"));
    }

    #[test]
    fn one_line_end_is_not_part_of_the_password() {
        assert_eq!(["a\n", "a\r\n", "a", "a\n\n", " a "].map(without_line_end), ["a", "a", "a", "a\n", " a "]);
    }
}
