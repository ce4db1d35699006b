//! The form of an engine's error. Engines differ in what can be the matter (their `Kind`); all else is the same: classified
//! where it is made, a stable code, what failed on which object, and what to do about it.
//!
//! Each engine has it as `Error`, with its own kinds and the makers that only it needs.

use std::fmt;

/// What every engine tells apart.
pub trait Kinds: Copy {
    /// May pass by itself.
    const TRANSIENT: Self;
    /// Will be the same again.
    const PERMANENT: Self;
    /// The operator's settings.
    const CONFIG: Self;
}

#[derive(Debug)]
pub struct Fault<K> {
    pub kind: K,
    /// Stable, e.g. `source_unreachable`.
    pub code: &'static str,
    /// What failed, on which object; lowercase, no full stop.
    pub message: String,
    /// What to do, if there is something.
    pub hint: String,
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl<K> Fault<K> {
    pub fn new(kind: K, code: &'static str, message: impl Into<String>) -> Self {
        Self { kind, code, message: message.into(), hint: String::new(), source: None }
    }
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
    /// Puts what was being done in front of the message.
    pub fn context(mut self, doing: impl fmt::Display) -> Self {
        self.message = format!("{doing}: {}", self.message);
        self
    }
}

impl<K: Kinds> Fault<K> {
    pub fn transient(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(K::TRANSIENT, code, message)
    }
    pub fn permanent(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(K::PERMANENT, code, message)
    }
    pub fn config(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(K::CONFIG, code, message)
    }
}

impl<K> fmt::Display for Fault<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl<K: fmt::Debug> std::error::Error for Fault<K> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|e| e as _)
    }
}
