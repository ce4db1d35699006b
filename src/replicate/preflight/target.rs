//! Checks of the target server: may we write there, and will it take what comes?

use super::grants::{BOOKKEEPING, BOOKKEEPING_SCHEMA, TARGET_SCHEMA, schema};
use super::privileges::Grants;
use super::report::Findings;
use super::server::{Server, Variables};
use crate::model::finding::{Check, Side};

const SIDE: Side = Side::Dest;

/// Checks that hold for any job that writes to this server.
pub(super) fn check(server: &Server, found: &mut Findings) {
    super::version(&server.info, SIDE, found);
    settings(&server.variables, &server.grants, found);
    missing(server, BOOKKEEPING_SCHEMA, &BOOKKEEPING, found);
}

fn settings(v: &Variables, grants: &Grants, found: &mut Findings) {
    // MySQL's read_only lets SUPER and CONNECTION_ADMIN pass, MariaDB's READ ONLY ADMIN; super_read_only nobody.
    let may = ["SUPER", "CONNECTION_ADMIN", "READ ONLY ADMIN", "READ_ONLY ADMIN"].iter().any(|p| grants.global(p));
    for (name, passes) in [("super_read_only", false), ("innodb_read_only", false), ("read_only", may)] {
        if v.on(name) && !passes {
            let hint = format!("SET GLOBAL {name} = OFF;");
            found.error(SIDE, Check::Other, "target_read_only", name, format!("the target is read-only ({name} is on)"), hint);
            break;
        }
    }
    if v.off("local_infile") {
        let message = "local_infile is off at the target; rows are written by multi-row REPLACE, which is slower";
        found.info(SIDE, Check::Capacity, "local_infile_off", "local_infile", message, "SET GLOBAL local_infile = ON;");
    }
    if v.off("explicit_defaults_for_timestamp") {
        let message = "TIMESTAMP columns without a default get one at the target (explicit_defaults_for_timestamp is off)";
        found.warning(
            SIDE,
            Check::Schema,
            "implicit_timestamp_defaults",
            "explicit_defaults_for_timestamp",
            message,
            "SET GLOBAL explicit_defaults_for_timestamp = ON;",
        );
    }
    if v.on("wsrep_on") {
        found.warning(SIDE, Check::Other, "galera_untested", "wsrep_on", "the target is a Galera cluster, which was not tried", "");
    }
}

/// What the account lacks on the job's schemas.
pub(super) fn schemas(server: &Server, schemas: &[&str], found: &mut Findings) {
    for name in schemas {
        missing(server, name, &TARGET_SCHEMA, found);
    }
}

fn missing(server: &Server, name: &str, needed: &[&str], found: &mut Findings) {
    let lacks: Vec<_> = needed.iter().filter(|p| !server.grants.schema(p, name)).copied().collect();
    if !lacks.is_empty() {
        let (lacks, object) = (lacks.join(", "), schema(name, server.literal()));
        let message = format!("{} lacks {lacks} on {name} at the target", server.account.0);
        found.error(SIDE, Check::Privileges, "missing_privilege", name, message, server.grant_hint(&lacks, &object));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::finding::Severity;

    #[test]
    fn settings_of_the_target() {
        let found = |variables: &[(&str, &str)], grants: &str| {
            let v = Variables(variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
            let mut found = Findings::default();
            settings(&v, &Grants::parse(grants.lines(), false), &mut found);
            found.0.into_iter().map(|f| (f.code, f.severity)).collect::<Vec<_>>()
        };
        let read_only = [("target_read_only", Severity::Error)];
        assert_eq!(found(&[("read_only", "ON")], ""), read_only);
        assert_eq!(found(&[("read_only", "ON")], "GRANT READ ONLY ADMIN ON *.* TO `u`@`%`"), []);
        assert_eq!(found(&[("read_only", "ON"), ("super_read_only", "ON")], "GRANT SUPER ON *.* TO `u`@`%`"), read_only);
        assert_eq!(found(&[("local_infile", "OFF")], ""), [("local_infile_off", Severity::Info)]);
        assert_eq!(found(&[("explicit_defaults_for_timestamp", "OFF")], ""), [("implicit_timestamp_defaults", Severity::Warning)]);
        assert_eq!(found(&[("read_only", "OFF"), ("local_infile", "ON")], ""), []);
    }
}
