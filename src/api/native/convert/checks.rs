//! What checks and comparisons found.

use crate::api::error::row_filter_field;
use crate::model::finding::{Finding, Preflight, Severity, Side};
use crate::scheduler::{CheckedServer, ComparedTable, Comparison, RowDifference};
use crate::wire::native::{jobs as wire, mysql, verify};

pub(in crate::api::native) fn validation(report: Preflight) -> wire::Validation {
    let valid = report.passed();
    let Preflight { findings, src_grants, dest_grants } = report;
    wire::Validation { valid, findings: findings.into_iter().map(finding).collect(), source_grants: src_grants, target_grants: dest_grants }
}

pub(super) fn finding(finding: Finding) -> wire::Finding {
    let Finding { code, severity, side, check: _, object, rule, message, hint } = finding;
    wire::Finding {
        code: code.to_owned(),
        severity: match severity {
            Severity::Info => wire::Severity::Info,
            Severity::Warning => wire::Severity::Warning,
            Severity::Error => wire::Severity::Error,
        },
        side: match side {
            Side::Src => "source".to_owned(),
            Side::Dest => "target".to_owned(),
        },
        object,
        field: rule.map(row_filter_field),
        message,
        hint,
    }
}

pub(in crate::api::native) fn check_reply(checked: CheckedServer) -> mysql::CheckReply {
    let CheckedServer { flavor, version, findings, grants } = checked;
    let findings: Vec<wire::Finding> = findings.into_iter().map(finding).collect();
    let ok = findings.iter().all(|f| f.severity != wire::Severity::Error);
    mysql::CheckReply { ok, flavor, version, findings, grants }
}

pub(in crate::api::native) fn verification(comparison: Comparison) -> verify::Verification {
    let Comparison { number, job, state, started, ended, error, tables } = comparison;
    verify::Verification {
        number,
        job: job.0,
        state: state.as_str().to_owned(),
        started: started.to_string(),
        ended: ended.map(|t| t.to_string()),
        error,
        tables: tables.into_iter().map(compared).collect(),
    }
}

fn compared(table: ComparedTable) -> verify::VerifiedTable {
    let ComparedTable { schema, table, state, source_rows, target_rows, different, repaired, differences, error } = table;
    let difference = |RowDifference { kind, key, columns }| verify::Difference { kind, key, columns };
    verify::VerifiedTable {
        schema,
        table,
        state,
        source_rows,
        target_rows,
        different,
        repaired,
        differences: differences.into_iter().map(difference).collect(),
        error,
    }
}
