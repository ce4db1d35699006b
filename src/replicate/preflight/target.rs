//! Checks of the target server: may we write there, and will it take what comes?

use super::grants::{BOOKKEEPING, BOOKKEEPING_SCHEMA, TARGET_SCHEMA, schema};
use super::privileges::Grants;
use super::report::Findings;
use super::server::{Server, Variables};
use crate::model::finding::{Check, Side};
use crate::replicate::connect::{Flavor, ServerInfo};

const SIDE: Side = Side::Dest;

/// Checks that hold for any job that writes to this server.
pub(super) fn check(server: &Server, found: &mut Findings) {
    super::version(&server.info, SIDE, found);
    settings(&server.info, &server.variables, &server.grants, found);
    missing(server, BOOKKEEPING_SCHEMA, &BOOKKEEPING, found);
}

fn settings(info: &ServerInfo, v: &Variables, grants: &Grants, found: &mut Findings) {
    // read_only lets these pass; SUPER no more since MariaDB 10.11. super_read_only lets nobody.
    let may: &[&str] = match info.flavor {
        Flavor::Mysql => &["SUPER", "CONNECTION_ADMIN"],
        Flavor::Mariadb if info.version >= (10, 11, 0) => &["READ_ONLY ADMIN", "READ ONLY ADMIN"],
        Flavor::Mariadb => &["READ_ONLY ADMIN", "READ ONLY ADMIN", "SUPER"],
    };
    let may = may.iter().any(|p| grants.global(p));
    for (name, passes) in [("super_read_only", false), ("innodb_read_only", false), ("read_only", may)] {
        if v.on(name) && !passes {
            let hint = format!("SET GLOBAL {name} = OFF;");
            found.error(SIDE, Check::Other, "target_read_only", name, format!("the target is read-only ({name} is on)"), hint);
            break;
        }
    }
    if v.off("local_infile") && info.flavor == Flavor::Mysql {
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

/// What the account lacks where it may do some of what a job does, whichever schemas a job will have.
pub(super) fn privileges(server: &Server, found: &mut Findings) {
    for (name, lacks) in server.grants.short_of(&TARGET_SCHEMA) {
        let lacks = lacks.join(", ");
        let message = format!("{} lacks {lacks} on {name} at the target, which a job into it needs", server.account.0);
        // The grant names it as a pattern already.
        let object = format!("{}.*", crate::model::replicate::quote(name));
        found.warning(SIDE, Check::Privileges, "missing_privilege", name, message, server.grant_hint(&lacks, &object));
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
        let found = |flavor, variables: &[(&str, &str)], grants: &str| {
            let info = ServerInfo {
                flavor,
                version: (10, 11, 0),
                version_text: String::new(),
                server_id: 1,
                uuid: String::new(),
                origin: String::new(),
                gtid: true,
                logs_cascades: true,
                connection_id: 1,
            };
            let v = Variables(variables.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
            let mut found = Findings::default();
            settings(&info, &v, &Grants::parse(grants.lines(), false), &mut found);
            found.0.into_iter().map(|f| (f.code, f.severity)).collect::<Vec<_>>()
        };
        let (mysql, mariadb) = (Flavor::Mysql, Flavor::Mariadb);
        let read_only = [("target_read_only", Severity::Error)];
        let on = [("read_only", "ON")];
        let super_on = [("read_only", "ON"), ("super_read_only", "ON")];
        for (flavor, variables, grants, want) in [
            (mariadb, &on[..], "", &read_only[..]),
            (mariadb, &on, "GRANT SUPER ON *.* TO `u`@`%`", &read_only),
            (mariadb, &on, "GRANT SELECT, READ_ONLY ADMIN ON *.* TO `u`@`%`", &[]),
            (mysql, &on, "GRANT CONNECTION_ADMIN ON *.* TO `u`@`%`", &[]),
            (mysql, &super_on, "GRANT SUPER ON *.* TO `u`@`%`", &read_only),
            (mysql, &[("local_infile", "OFF")], "", &[("local_infile_off", Severity::Info)]),
            (mariadb, &[("local_infile", "OFF")], "", &[]),
            (mysql, &[("explicit_defaults_for_timestamp", "OFF")], "", &[("implicit_timestamp_defaults", Severity::Warning)]),
            (mysql, &[("read_only", "OFF"), ("local_infile", "ON")], "", &[]),
        ] {
            assert_eq!(found(flavor, variables, grants), want, "{flavor:?} {variables:?} {grants}");
        }
    }
}
