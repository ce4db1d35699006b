//! Checks of the source server: can its log be read, and does it say all that exactness needs?

use super::grants::{SOURCE_GLOBAL, spelled};
use super::report::Findings;
use super::server::{Server, Variables};
use crate::model::finding::{Check, Side};
use crate::model::replicate::TableFilter;
use crate::replicate::connect::{Flavor, ServerInfo};
use crate::replicate::schema::read::{ask, text};

const SIDE: Side = Side::Src;

/// Checks that hold for any job that reads from this server.
pub(super) async fn check(server: &mut Server, found: &mut Findings) {
    super::version(&server.info, SIDE, found);
    log(&server.variables, &server.info, found);
    replica(server, found).await;
    for privilege in SOURCE_GLOBAL {
        if !server.grants.global(privilege) {
            let name = spelled(privilege, server.info.flavor);
            let message = format!("{} lacks {name} on *.* at the source", server.account.0);
            found.error(SIDE, Check::Privileges, "missing_privilege", name, message, server.grant_hint(name, "*.*"));
        }
    }
}

/// What the server's settings make of its log.
fn log(v: &Variables, info: &ServerInfo, found: &mut Findings) {
    let mut error = |code, object: &str, message: String, hint: &str| found.error(SIDE, Check::Binlog, code, object, message, hint);
    if !v.on("log_bin") {
        error("binlog_off", "log_bin", "the source writes no binary log".into(), "start the server with --log-bin");
    }
    // MySQL 9 may not have the variable any more: its log has rows then.
    if let Some(format) = v.get("binlog_format").filter(|f| !f.eq_ignore_ascii_case("ROW")) {
        let hint = "SET GLOBAL binlog_format = 'ROW'; and in the server's configuration; sessions that are open keep the old one";
        error("binlog_format_not_row", "binlog_format", format!("binlog_format is {format}, so changes are not logged as rows"), hint);
    }
    if let Some(image) = v.get("binlog_row_image").filter(|i| !i.eq_ignore_ascii_case("FULL")) {
        let message = format!("binlog_row_image is {image}: the log leaves out columns that a copy in progress needs");
        error(
            "binlog_row_image_not_full",
            "binlog_row_image",
            message,
            "SET GLOBAL binlog_row_image = 'FULL'; and in the server's configuration",
        );
    }
    if info.server_id == 0 {
        found.error(
            SIDE,
            Check::ServerId,
            "server_id_zero",
            "server_id",
            "the source's server_id is 0, so it gives its log to nobody",
            "SET GLOBAL server_id = 1;",
        );
    }
    if !info.gtid {
        let message = "GTIDs are off at the source; its file and position are used, which do not survive a failover";
        found.info(SIDE, Check::GtidMode, "gtid_off", "gtid_mode", message, "");
    }
    if let Some(kept) = kept_seconds(v).filter(|s| *s < 86_400.0) {
        let message = format!("the source keeps its log for {:.1} hours; a job that rests longer must copy again", kept / 3600.0);
        found.warning(
            SIDE,
            Check::Binlog,
            "binlog_expiry_short",
            "binlog_expire_logs_seconds",
            message,
            "SET GLOBAL binlog_expire_logs_seconds = 259200;",
        );
    }
}

/// How long the source keeps its log; None: for ever, or it does not say.
fn kept_seconds(v: &Variables) -> Option<f64> {
    let seconds = v.number("binlog_expire_logs_seconds").filter(|s| *s > 0.0);
    seconds.or(v.number("expire_logs_days").filter(|d| *d > 0.0).map(|d| d * 86_400.0))
}

/// Bytes per second that a copy makes on modest machines.
const COPY_SPEED: f64 = 20e6;

/// A copy that is interrupted reads the log again from where it began: that must still be there.
pub(super) fn log_outlives_copy(variables: &Variables, bytes: u64, found: &mut Findings) {
    let took = bytes as f64 / COPY_SPEED;
    let Some(kept) = kept_seconds(variables).filter(|kept| took * 1.5 > *kept) else { return };
    let message = format!(
        "the copy of {:.1} GB may take {:.1} hours, and the source keeps its log for {:.1} hours: a job that is interrupted late in it would have to begin again",
        bytes as f64 / 1e9,
        took / 3600.0,
        kept / 3600.0
    );
    let hint = format!("SET GLOBAL binlog_expire_logs_seconds = {:.0}; until it is copied", (took * 3.0).max(259_200.0));
    found.warning(SIDE, Check::Binlog, "binlog_expires_before_copied", "binlog_expire_logs_seconds", message, hint);
}

/// A source that is a replica must log what it applies.
async fn replica(server: &mut Server, found: &mut Findings) {
    let v = &server.variables;
    if !(v.off("log_slave_updates") || v.off("log_replica_updates")) {
        return;
    }
    let sql = match server.info.flavor {
        Flavor::Mariadb => "SHOW ALL SLAVES STATUS",
        Flavor::Mysql if server.info.version >= (8, 0, 22) => "SHOW REPLICA STATUS",
        Flavor::Mysql => "SHOW SLAVE STATUS",
    };
    let (code, object) = ("log_slave_updates_off", "log_slave_updates");
    let hint = "start the source with --log-slave-updates, or replicate from its own source";
    match ask(&mut server.conn, sql, "ask whether the source is a replica").await {
        Ok(rows) if rows.is_empty() => {}
        Ok(_) => found.error(SIDE, Check::Binlog, code, object, "the source is a replica and does not log what it applies", hint),
        Err(_) => {
            let message = "if the source is a replica, what it applies is not in its log; the account may not ask";
            found.warning(SIDE, Check::Binlog, code, object, message, hint);
        }
    }
}

/// A log that leaves out a schema of the job.
pub(super) async fn log_filters(server: &mut Server, filter: &TableFilter, schemas: &[&str], found: &mut Findings) {
    let sql = match server.info.flavor {
        Flavor::Mysql if server.info.version >= (8, 2, 0) => "SHOW BINARY LOG STATUS",
        _ => "SHOW MASTER STATUS",
    };
    // Without the privilege there is a finding about that already.
    let Ok(rows) = ask(&mut server.conn, sql, "ask for the log's filters").await else { return };
    let Some(row) = rows.first() else { return };
    let list = |at| text(row, at).split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect::<Vec<_>>();
    let (only, never) = (list(2), list(3));
    for schema in schemas.iter().filter(|s| filter.touches_schema(s)) {
        let logged = (only.is_empty() || only.iter().any(|s| s == schema)) && !never.iter().any(|s| s == schema);
        if !logged {
            let message = format!("the source's binlog-do-db / binlog-ignore-db leave {schema} out of its log");
            found.error(
                SIDE,
                Check::Binlog,
                "binlog_filtered",
                *schema,
                message,
                "take the filter out of the source's configuration, or the schema out of the job",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_expires_before_the_copy_ends_is_told() {
        let codes = |seconds: &str, gigabytes: u64| {
            let v = Variables([("binlog_expire_logs_seconds".to_owned(), seconds.to_owned())].into());
            let mut found = Findings::default();
            log_outlives_copy(&v, gigabytes << 30, &mut found);
            found.0.into_iter().map(|f| f.code).collect::<Vec<_>>()
        };
        assert_eq!(codes("86400", 2000), ["binlog_expires_before_copied"]);
        assert!(codes("86400", 100).is_empty() && codes("0", 5000).is_empty());
    }

    #[test]
    fn settings_of_the_log() {
        let good = [("log_bin", "ON"), ("binlog_format", "ROW"), ("binlog_row_image", "FULL"), ("binlog_expire_logs_seconds", "2592000")];
        let info = |gtid, server_id| ServerInfo {
            flavor: Flavor::Mysql,
            version: (9, 7, 4),
            version_text: "9.7.4".into(),
            server_id,
            uuid: String::new(),
            origin: String::new(),
            gtid,
            logs_cascades: true,
            connection_id: 1,
        };
        let codes = |change: &[(&str, &str)], gtid, server_id| {
            let mut v = Variables(good.iter().chain(change).map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect());
            v.0.retain(|_, value| value != "absent");
            let mut found = Findings::default();
            log(&v, &info(gtid, server_id), &mut found);
            found.0.into_iter().map(|f| f.code).collect::<Vec<_>>()
        };
        for (name, value, code) in [
            ("log_bin", "OFF", Some("binlog_off")),
            ("log_bin", "1", None),
            ("binlog_format", "STATEMENT", Some("binlog_format_not_row")),
            ("binlog_format", "MIXED", Some("binlog_format_not_row")),
            ("binlog_format", "absent", None),
            ("binlog_row_image", "MINIMAL", Some("binlog_row_image_not_full")),
            ("binlog_row_image", "FULL_NODUP", Some("binlog_row_image_not_full")),
            ("binlog_row_value_options", "PARTIAL_JSON", None),
            ("binlog_row_value_options", "", None),
            ("binlog_expire_logs_seconds", "3600", Some("binlog_expiry_short")),
            ("binlog_expire_logs_seconds", "0", None),
        ] {
            assert_eq!(codes(&[(name, value)], true, 1), code.into_iter().collect::<Vec<_>>(), "{name}={value}");
        }
        assert_eq!(codes(&[("binlog_expire_logs_seconds", "0"), ("expire_logs_days", "0.5")], true, 1), ["binlog_expiry_short"]);
        assert_eq!(codes(&[], false, 1), ["gtid_off"]);
        assert_eq!(codes(&[], true, 0), ["server_id_zero"]);
    }
}
