//! Checks of the two servers against each other.

use super::report::Findings;
use super::server::Server;
use crate::model::finding::{Check, Side};

pub(super) fn check(source: &Server, target: &Server, found: &mut Findings) {
    if same_server(source, target) {
        let message = "source and target are the same server: a job would write into the tables that it reads";
        found.error(Side::Dest, Check::ServerId, "same_server", &target.info.version_text, message, "name two servers");
    }
    let (from, to) = (&source.variables, &target.variables);
    if let (Some(a), Some(b)) = (from.get("lower_case_table_names"), to.get("lower_case_table_names"))
        && (a == "0") != (b == "0")
    {
        let message = format!("lower_case_table_names is {a} at the source and {b} at the target; names in capitals will look different");
        found.warning(Side::Dest, Check::Schema, "lower_case_table_names_differ", "lower_case_table_names", message, "");
    }
    packets(from.number("max_allowed_packet"), to.number("max_allowed_packet"), found);
}

/// A packet of ours holds up to 1 MB of grouped statements, and any one row whole.
const LEAST_PACKET: f64 = 4.0 * 1_048_576.0;

fn packets(source: Option<f64>, target: Option<f64>, found: &mut Findings) {
    let Some(target) = target else { return };
    let (object, mb) = ("max_allowed_packet", |bytes: f64| bytes / 1_048_576.0);
    if target < LEAST_PACKET {
        let message = format!("the target takes packets up to {:.0} MB only (max_allowed_packet)", mb(target));
        found.error(
            Side::Dest,
            Check::Capacity,
            "max_allowed_packet_too_small",
            object,
            message,
            "SET GLOBAL max_allowed_packet = 67108864;",
        );
    } else if let Some(source) = source.filter(|s| target < *s) {
        let message =
            format!("the target takes rows up to {:.0} MB only, the source up to {:.0} MB (max_allowed_packet)", mb(target), mb(source));
        found.warning(
            Side::Dest,
            Check::Capacity,
            "max_allowed_packet_smaller",
            object,
            message,
            format!("SET GLOBAL max_allowed_packet = {source:.0};"),
        );
    }
}

/// By what servers say of themselves: two names may lead to one.
fn same_server(a: &Server, b: &Server) -> bool {
    if a.info.flavor != b.info.flavor {
        return false;
    }
    let same = |name: &str| a.variables.get(name).is_some() && a.variables.get(name) == b.variables.get(name);
    // server_uid is made of the machine and the port: copied data directories do not copy it. server_uuid they do.
    (a.info.uuid == b.info.uuid) && same("hostname") && same("port") && same("datadir") && a.info.server_id == b.info.server_id
}
