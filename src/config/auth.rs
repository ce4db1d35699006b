//! `[auth] tokens`: who may call. Only hashes are kept; a clear token stands in a file of its own or nowhere.

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

/// Returns the form in which tokens are kept and compared.
fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// A token's entry as the file has it.
#[derive(Default)]
pub(super) struct Raw {
    pub(super) name: Option<String>,
    pub(super) role: Option<String>,
    pub(super) token_file: Option<PathBuf>,
    pub(super) token_sha256: Option<String>,
}

impl Raw {
    pub(super) fn check(self, at: &str, complaints: &mut Vec<String>) -> Option<Token> {
        let before = complaints.len();
        let name = self.name.unwrap_or_default();
        if name.is_empty() {
            complaints.push(format!("{at}.name: is missing"));
        }
        let role = match self.role.as_deref().map(|r| (r, Role::parse(r))) {
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
        let sha256 = match (self.token_file, self.token_sha256) {
            (Some(file), None) => match std::fs::read_to_string(&file) {
                Ok(text) if text.trim().len() >= 16 => hash(text.trim()),
                Ok(_) => {
                    complaints.push(format!("{at}.token_file: {} must hold a token of at least 16 characters", file.display()));
                    [0; 32]
                }
                Err(e) => {
                    complaints.push(format!("{at}.token_file: cannot read {}: {e}", file.display()));
                    [0; 32]
                }
            },
            (None, Some(hex)) => parse_hex(&hex).unwrap_or_else(|| {
                complaints.push(format!("{at}.token_sha256: must be 64 hexadecimal digits"));
                [0; 32]
            }),
            _ => {
                complaints.push(format!("{at}: give exactly one of token_file and token_sha256"));
                [0; 32]
            }
        };
        (complaints.len() == before).then_some(Token { name, role, sha256 })
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
