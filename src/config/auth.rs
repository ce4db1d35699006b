//! `[auth] tokens` and `[dts] users`: who may call. Only hashes are kept; a clear secret stands in a file of its own, a
//! user's password also in a variable, or nowhere.

use sha2::{Digest as _, Sha256};
use std::path::PathBuf;
use subtle::ConstantTimeEq as _;

/// What a caller may do; each role includes the ones before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    Viewer,
    Operator,
    Admin,
}

impl Role {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Admin => "admin",
        }
    }
    fn parse(text: &str) -> Option<Self> {
        [Self::Viewer, Self::Operator, Self::Admin].into_iter().find(|r| r.as_str() == text)
    }
}

/// A token's owner and the SHA-256 of its text.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    pub name: String,
    pub role: Role,
    pub sha256: [u8; 32],
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({} {})", self.name, self.role.as_str())
    }
}

impl Token {
    /// Compares in constant time.
    pub fn matches(&self, text: &str) -> bool {
        hash(text).ct_eq(&self.sha256).into()
    }
}

/// A dts client: HTTP Basic, in that family alone.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    pub name: String,
    pub role: Role,
    pub sha256: [u8; 32],
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "User({} {})", self.name, self.role.as_str())
    }
}

impl User {
    /// Compares both in constant time, so that the time does not say which names there are.
    pub fn matches(&self, name: &str, password: &str) -> bool {
        (hash(name).ct_eq(&hash(&self.name)) & hash(password).ct_eq(&self.sha256)).into()
    }
}

/// Returns the form in which secrets are kept and compared.
fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// An entry as the file has it.
pub(super) struct Raw {
    /// `token` or `password`.
    noun: &'static str,
    pub(super) name: Option<String>,
    pub(super) role: Option<String>,
    pub(super) file: Option<PathBuf>,
    pub(super) sha256: Option<String>,
    /// What the variable holds, and its name.
    pub(super) variable: Option<(Option<String>, String)>,
}

impl Raw {
    pub(super) fn new(noun: &'static str) -> Self {
        Self { noun, name: None, role: None, file: None, sha256: None, variable: None }
    }

    /// Returns name, role and hash, unless there is something to complain about.
    pub(super) fn check(self, at: &str, complaints: &mut Vec<String>) -> Option<(String, Role, [u8; 32])> {
        let before = complaints.len();
        let Self { noun, name, role, file, sha256, variable } = self;
        let name = name.unwrap_or_default();
        if name.is_empty() {
            complaints.push(format!("{at}.name: is missing"));
        }
        let role = match role.as_deref().map(|r| (r, Role::parse(r))) {
            Some((_, Some(role))) => role,
            Some((text, None)) => {
                complaints.push(format!("{at}.role: unknown role {text:?}; there are viewer, operator and admin"));
                Role::Viewer
            }
            None => {
                complaints.push(format!("{at}.role: is missing"));
                Role::Viewer
            }
        };
        // Tokens are made by machines; passwords are what old clients have.
        let least = if noun == "token" { 16 } else { 8 };
        let long = |text: &str, what: &str| match text.trim() {
            text if text.len() >= least => Ok(hash(text)),
            _ => Err(format!("{what} must hold a {noun} of at least {least} characters")),
        };
        let hashed = match (file, sha256, variable) {
            (Some(file), None, None) => match std::fs::read_to_string(&file) {
                Ok(text) => long(&text, &file.display().to_string()),
                Err(e) => Err(format!("cannot read {}: {e}", file.display())),
            }
            .map_err(|why| format!("{at}.{noun}_file: {why}")),
            (None, Some(hex), None) => parse_hex(&hex).ok_or_else(|| format!("{at}.{noun}_sha256: must be 64 hexadecimal digits")),
            (None, None, Some((Some(text), variable))) => long(&text, &variable).map_err(|why| format!("{at}.{noun}_env: {why}")),
            (None, None, Some((None, variable))) => Err(format!("{at}.{noun}_env: {variable} is not set")),
            _ if noun == "token" => Err(format!("{at}: give exactly one of token_file and token_sha256")),
            _ => Err(format!("{at}: give exactly one of {noun}_file, {noun}_env and {noun}_sha256")),
        };
        match hashed {
            Ok(sha256) if complaints.len() == before => Some((name, role, sha256)),
            Ok(_) => None,
            Err(complaint) => {
                complaints.push(complaint);
                None
            }
        }
    }
}

fn parse_hex(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}
