//! Findings of a preflight → dtle's validation report.
//!
//! dtle said `validated: true` as soon as it had looked; here it is true only if the check passed. What does not belong
//! to one of the five sections stands in `job_validation_error` and `_warning`.

use super::request::row_filter_fields;
use crate::model::finding::{Check, Finding, Preflight, Severity, Side};
use crate::model::replicate::ReplicateSpec;
use crate::wire::dtle3::{reply as wire, request};

/// Returns the report of a job whose config was understood.
pub(in crate::api::dtle3) fn report(spec: &ReplicateSpec, preflight: Preflight, config: &request::JobConfig) -> wire::Validation {
    let Preflight { mut findings, src_grants: _, dest_grants: _ } = preflight;
    let fields = row_filter_fields(config);
    for finding in &mut findings {
        if let Some(field) = finding.rule.and_then(|rule| fields.get(rule)) {
            finding.object.clone_from(field);
        }
    }
    let findings = findings.as_slice();
    wire::Validation {
        driver_config_validated: true,
        mysql_task_validation_report: vec![
            task(&spec.src.task_name, Side::Src, findings, true),
            task(&spec.dest.task_name, Side::Dest, findings, spec.dest.sink.mysql().is_some()),
        ],
        job_validation_error: lines(findings.iter().filter(|f| f.severity == Severity::Error && section(f.check, f.side).is_none())),
        job_validation_warning: lines(findings.iter().filter(|f| f.severity == Severity::Warning)),
        message: wire::OK.to_owned(),
    }
}

/// Returns the report of a config that no job can have: no server was asked.
pub(in crate::api::dtle3) fn unfit(names: [String; 2], why: String) -> wire::Validation {
    let unasked = |task_name| wire::TaskReport {
        task_name,
        connection_validation: None,
        privileges_validation: None,
        gtid_mode_validation: None,
        server_id_validation: None,
        binlog_validation: None,
    };
    wire::Validation {
        driver_config_validated: false,
        mysql_task_validation_report: names.map(unasked).into(),
        job_validation_error: why,
        job_validation_warning: String::new(),
        message: wire::OK.to_owned(),
    }
}

/// The tasks' names as they were sent.
pub(in crate::api::dtle3) fn task_names(config: &request::JobConfig) -> [String; 2] {
    let src = config.src_task.as_ref().and_then(|t| t.task_name.clone());
    let dest = config.dest_task.as_ref().and_then(|t| t.task_name.clone());
    [src.unwrap_or_default(), dest.unwrap_or_default()]
}

/// The sections of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Connection,
    Privileges,
    GtidMode,
    ServerId,
    Binlog,
}

/// Says where a finding of this check stands. A target's log is nobody's business in dtle's report.
fn section(check: Check, side: Side) -> Option<Part> {
    match (check, side) {
        (Check::Connection, _) => Some(Part::Connection),
        (Check::Privileges, _) => Some(Part::Privileges),
        (Check::GtidMode, Side::Src) => Some(Part::GtidMode),
        (Check::ServerId, Side::Src) => Some(Part::ServerId),
        (Check::Binlog, Side::Src) => Some(Part::Binlog),
        (Check::GtidMode | Check::ServerId | Check::Binlog, Side::Dest) => None,
        (Check::Schema | Check::Capacity | Check::Other, _) => None,
    }
}

/// `mysql`: it is a server; brokers can only be reached or not.
fn task(name: &str, side: Side, findings: &[Finding], mysql: bool) -> wire::TaskReport {
    let errors = |part: Part| {
        lines(findings.iter().filter(|f| f.side == side && f.severity == Severity::Error && section(f.check, f.side) == Some(part)))
    };
    let made = |part: Part| {
        let error = errors(part);
        Some(wire::Section { validated: error.is_empty(), error })
    };
    // Behind a connection that failed nothing was looked at.
    let reached = errors(Part::Connection).is_empty();
    let when = |applies: bool, part: Part| if applies { made(part) } else { None };
    wire::TaskReport {
        task_name: name.to_owned(),
        connection_validation: made(Part::Connection),
        privileges_validation: when(reached && mysql, Part::Privileges),
        gtid_mode_validation: when(reached && side == Side::Src, Part::GtidMode),
        server_id_validation: when(reached && side == Side::Src, Part::ServerId),
        binlog_validation: when(reached && side == Side::Src, Part::Binlog),
    }
}

fn lines<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    findings.map(line).collect::<Vec<_>>().join("\n")
}

fn line(finding: &Finding) -> String {
    let Finding { code: _, severity: _, side: _, check: _, object, rule: _, message, hint } = finding;
    let object = if object.is_empty() { String::new() } else { format!("{object}: ") };
    let hint = if hint.is_empty() { String::new() } else { format!(" ({hint})") };
    format!("{object}{message}{hint}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn finding(severity: Severity, side: Side, check: Check) -> Finding {
        Finding { code: "c", severity, side, check, object: "o".into(), rule: None, message: "m".into(), hint: "h".into() }
    }

    fn tasks(findings: &[Finding]) -> Value {
        json!([task("src", Side::Src, findings, true), task("dest", Side::Dest, findings, true)])
    }

    #[test]
    fn no_findings_are_the_contracts_sample() {
        let sample: Value = serde_json::from_str(include_str!("../../../../tests/api/contracts/dtle3/validation.response.json")).unwrap();
        assert_eq!(tasks(&[]), sample["mysql_task_validation_report"]);
    }

    #[test]
    fn an_error_stands_in_its_section_and_only_there() {
        let report = tasks(&[
            finding(Severity::Error, Side::Src, Check::Binlog),
            finding(Severity::Warning, Side::Src, Check::GtidMode),
            finding(Severity::Error, Side::Dest, Check::Privileges),
        ]);
        let failed = json!({"validated": false, "error": "o: m (h)"});
        assert_eq!(report[0]["binlog_validation"], failed);
        assert_eq!(report[0]["gtid_mode_validation"]["validated"], json!(true));
        assert_eq!(report[1]["privileges_validation"], failed);
        assert_eq!(report[0]["privileges_validation"]["validated"], json!(true));
    }

    #[test]
    fn of_brokers_only_the_connection_is_checked() {
        let report = json!(task("dest", Side::Dest, &[finding(Severity::Error, Side::Src, Check::Connection)], false));
        assert_eq!((&report["connection_validation"]["validated"], &report["privileges_validation"]), (&json!(true), &Value::Null));
    }

    #[test]
    fn behind_a_failed_connection_nothing_was_checked() {
        let report = tasks(&[finding(Severity::Error, Side::Src, Check::Connection)]);
        assert_eq!(report[0]["connection_validation"]["validated"], json!(false));
        for section in ["privileges_validation", "gtid_mode_validation", "server_id_validation", "binlog_validation"] {
            assert_eq!(report[0][section], Value::Null);
        }
        assert_eq!(report[1]["connection_validation"]["validated"], json!(true));
    }
}
