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
        self.0.push(Finding { code, severity, side, check, object: object.into(), message: message.into(), hint: hint.into() });
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
