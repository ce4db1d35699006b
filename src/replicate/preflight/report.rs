//! Collects findings.

use crate::model::finding::{Check, Finding, Severity, Side};

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
