//! What a check found: one line of a preflight report.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    Info,
    Warning,
    /// A job with an error finding does not start.
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    Src,
    Dest,
}

impl Side {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Src => "src",
            Self::Dest => "dest",
        }
    }
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Src, Self::Dest].into_iter().find(|s| s.as_str() == text)
    }
}

/// The check that a finding belongs to; the dtle validation report groups by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Check {
    Connection,
    Privileges,
    GtidMode,
    ServerId,
    Binlog,
    Schema,
    Capacity,
    Other,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable, e.g. `binlog_format_not_row`.
    pub code: &'static str,
    pub severity: Severity,
    pub side: Side,
    pub check: Check,
    /// What it is about: a table, a variable, an account.
    pub object: String,
    /// The rule of the job's tables whose row filter it is about, by its place; families have their own names for it.
    pub rule: Option<usize>,
    pub message: String,
    /// What to do, as a sentence or a statement to run; empty if there is nothing to do.
    pub hint: String,
}

/// The outcome of a preflight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Preflight {
    pub findings: Vec<Finding>,
    /// Exact GRANT statements for the source account.
    pub src_grants: Vec<String>,
    /// Exact GRANT statements for the target account.
    pub dest_grants: Vec<String>,
}

impl Preflight {
    pub fn passed(&self) -> bool {
        self.findings.iter().all(|f| f.severity < Severity::Error)
    }
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|f| f.severity == Severity::Error)
    }
    pub fn warnings(self) -> Vec<Finding> {
        self.findings.into_iter().filter(|f| f.severity == Severity::Warning).collect()
    }
}
