//! Collects findings.

use crate::model::finding::{Check, Finding, Severity, Side};
use crate::model::replicate::TableName;

#[derive(Debug, Default)]
pub(super) struct Findings(pub(super) Vec<Finding>);

impl Findings {
    #[expect(clippy::too_many_arguments, reason = "a finding has these fields, and its callers name them in this order")]
    pub(super) fn add(
        &mut self,
        severity: Severity,
        side: Side,
        check: Check,
        code: &'static str,
        object: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.0.push(Finding { code, severity, side, check, object: object.into(), rule: None, message: message.into(), hint: hint.into() });
    }
    /// What is wrong with tables of the job that come with the log, in which their statement is still ahead, keeps no run from
    /// beginning: it asks at that statement.
    pub(super) fn ahead(&mut self, tables: &[&TableName]) {
        let names: Vec<String> = tables.iter().map(ToString::to_string).collect();
        let about = |object: &str| {
            names.iter().any(|n| object.strip_prefix(n.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
        };
        for finding in self.0.iter_mut().filter(|f| f.severity == Severity::Error && f.check == Check::Schema && about(&f.object)) {
            finding.severity = Severity::Warning;
            finding.message.push_str(" (it comes with the log, and the job asks when it does)");
        }
    }
    /// Adds what is wrong with the row filter of a rule.
    pub(super) fn row_filter(
        &mut self,
        rule: usize,
        code: &'static str,
        object: impl Into<String>,
        message: String,
        hint: impl Into<String>,
    ) {
        self.error(Side::Src, Check::Schema, code, object, message, hint);
        if let Some(added) = self.0.last_mut() {
            added.rule = Some(rule);
        }
    }
    pub(super) fn error(
        &mut self,
        side: Side,
        check: Check,
        code: &'static str,
        object: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Severity::Error, side, check, code, object, message, hint);
    }
    pub(super) fn warning(
        &mut self,
        side: Side,
        check: Check,
        code: &'static str,
        object: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Severity::Warning, side, check, code, object, message, hint);
    }
    pub(super) fn info(
        &mut self,
        side: Side,
        check: Check,
        code: &'static str,
        object: impl Into<String>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        self.add(Severity::Info, side, check, code, object, message, hint);
    }
}
