//! Errors of the engine. They are classified where they are made and never retried here: `scheduler/retry.rs` decides.

use crate::model::fault::{Fault, Kinds};
use crate::model::position::TxId;
use std::fmt;

/// What a retry could do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// May pass by itself: connection lost, lock timeout, server restarting.
    Transient,
    /// Will be the same again: data, schema, statement. The job stops with a hint.
    Permanent,
    /// A statement of the log that the engine does not run by itself: somebody has to say what becomes of it.
    Undecided,
    /// The operator's settings: credentials, privileges, preflight findings.
    Config,
    /// Another owner took the job over; this run ends in silence.
    Fenced,
}

impl Kinds for Kind {
    const TRANSIENT: Self = Self::Transient;
    const PERMANENT: Self = Self::Permanent;
    const CONFIG: Self = Self::Config;
}

pub type Error = Fault<Kind>;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The last way out of a hint: what the target has by then is in the way of a new copy.
pub(super) const COPY_AGAIN: &str =
    "delete the job and create it again for a new copy (with --existing-tables drop: the job's tables at the target are made anew)";

impl Error {
    /// Names the transaction of the log that it is about, in the form in which `skip` of a job takes it.
    pub fn of_transaction(mut self, id: &TxId) -> Self {
        self.message = format!("{} (transaction {id})", self.message);
        self
    }
    /// Classifies an error of the MySQL client by its code, never by its text.
    pub fn mysql(doing: impl fmt::Display, error: mysql_async::Error) -> Self {
        use mysql_async::Error as E;
        let (kind, code) = match &error {
            E::Io(_) => (Kind::Transient, "connection_lost"),
            E::Driver(mysql_async::DriverError::ConnectionClosed | mysql_async::DriverError::PoolDisconnected) => {
                (Kind::Transient, "connection_lost")
            }
            E::Server(e) => classify(e.code),
            _ => (Kind::Permanent, "mysql_client"),
        };
        let message = format!("{doing}: {}", words(&error));
        Self { kind, code, message, hint: hint(code).to_owned(), source: None }
    }
}

/// Says whether a code is of what passes by itself, also where only the code is left of an error (preflight's findings).
pub fn passes(code: &str) -> bool {
    matches!(
        code,
        "unreachable"
            | "connection_lost"
            | "too_many_connections"
            | "server_shutting_down"
            | "server_not_ready"
            | "lock_conflict"
            | "server_read_only"
            | "target_read_only"
            | "disk_full"
            | "storage_engine"
            | "server_id_in_use"
    )
}

/// Says whether the server's text of this code names at most accounts, schemas, tables, columns, files and settings. Every other
/// text of a statement with rows is withheld: 1062, 1366 and the like quote values, and 1644 says what a trigger likes to.
pub(super) fn quotes_no_row(code: u16) -> bool {
    matches!(
        code,
        // Disk, memory, locks.
        3 | 20 | 1021 | 1026 | 1030 | 1037 | 1038 | 1041 | 1114 | 1180 | 1205 | 1206 | 1213
        // Accounts and privileges, connections, the server itself.
        | 1040 | 1044 | 1045 | 1047 | 1053 | 1142 | 1143 | 1153 | 1203 | 1226 | 1227 | 1370 | 1698 | 3168
        // It is read only; the statement was ended.
        | 1290 | 1317 | 1792 | 1836 | 1874 | 1927 | 1969 | 3024
        // Names of schemas, tables, columns and constraints.
        | 1049 | 1054 | 1146 | 1364 | 3819 | 4025
    )
}

/// What to do about what a server answered.
fn hint(code: &str) -> &'static str {
    match code {
        "server_read_only" => "the job goes on by itself when the server is writable again (read_only, super_read_only)",
        "disk_full" | "storage_engine" => "make room on the server's disk: the job goes on by itself",
        "unknown_schema" | "unknown_table" => {
            "it was dropped or renamed at this server: put it back as it was and retry the job, or delete the job and create it again"
        }
        _ => "",
    }
}

/// The client's error in words for people: its own text names the kind of the error once per layer, and a connection
/// that TLS saw closed comes with a link into a library's manual.
fn words(error: &mysql_async::Error) -> String {
    use mysql_async::{Error as E, IoError};
    let text = match error {
        E::Io(IoError::Io(e)) if e.kind() == std::io::ErrorKind::UnexpectedEof => "the server closed the connection".to_owned(),
        E::Io(IoError::Io(e)) => e.to_string(),
        E::Io(IoError::Tls(e)) => format!("TLS: {e}"),
        E::Server(e) => e.to_string(),
        E::Driver(e) => e.to_string(),
        E::Url(e) => e.to_string(),
        E::Other(e) => e.to_string(),
    };
    text.trim_end_matches('.').to_owned()
}

/// Says whether a server that answered with this code will do so again.
pub(super) fn is_permanent(code: u16) -> bool {
    classify(code).0 == Kind::Permanent
}

/// Server error codes that say more than "this statement is wrong".
fn classify(code: u16) -> (Kind, &'static str) {
    match code {
        1044 | 1045 | 1698 | 1251 | 1524 => (Kind::Config, "access_denied"),
        1142 | 1143 | 1227 | 1370 => (Kind::Config, "missing_privilege"),
        1049 => (Kind::Config, "unknown_schema"),
        1040 | 1203 | 1226 => (Kind::Transient, "too_many_connections"),
        1053 | 1077 | 1079 | 3168 => (Kind::Transient, "server_shutting_down"),
        // 1206: the lock table is full; smaller transactions of others pass.
        1205 | 1206 | 1213 => (Kind::Transient, "lock_conflict"),
        1317 | 1927 | 1969 | 3024 | 1158..=1161 | 1152 | 1184 | 4031 => (Kind::Transient, "connection_lost"),
        1146 => (Kind::Permanent, "unknown_table"),
        1290 | 1836 | 1874 => (Kind::Transient, "server_read_only"),
        // 3 and 20: the file system's own answers (cannot write, disk full), given as they are.
        3 | 20 | 1021 | 1026 | 1114 => (Kind::Transient, "disk_full"),
        // "Got error … from storage engine", "during COMMIT": mostly no room; the number inside is text only.
        1030 | 1180 => (Kind::Transient, "storage_engine"),
        1047 => (Kind::Transient, "server_not_ready"),
        1153 => (Kind::Config, "packet_too_large"),
        1236 => (Kind::Permanent, "position_lost"),
        4052 => (Kind::Transient, "server_id_in_use"),
        _ => (Kind::Permanent, "mysql_server"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::ErrorKind;

    #[test]
    fn a_lost_connection_is_told_once_and_without_links() {
        let told = |kind, text: &str| Error::mysql("read rows", std::io::Error::new(kind, text.to_owned()).into()).message;
        assert_eq!(told(ErrorKind::ConnectionRefused, "connection refused"), "read rows: connection refused");
        let eof = "peer closed connection without sending TLS close_notify: https://docs.rs/rustls/latest/rustls/manual/";
        assert_eq!(told(ErrorKind::UnexpectedEof, eof), "read rows: the server closed the connection");
    }

    fn answered(code: u16) -> Error {
        let server = mysql_async::ServerError { code, message: "whatever it says".into(), state: "HY000".into() };
        Error::mysql("write", mysql_async::Error::Server(server))
    }

    #[test]
    fn a_server_that_cannot_be_written_to_is_waited_for_and_what_is_gone_is_not() {
        use Kind::{Config, Permanent, Transient};
        for (codes, kind, name, hints) in [
            (&[1290, 1836, 1874][..], Transient, "server_read_only", true),
            (&[3, 20, 1021, 1026, 1114], Transient, "disk_full", true),
            (&[1030, 1180], Transient, "storage_engine", true),
            (&[1053, 1077, 3168], Transient, "server_shutting_down", false),
            (&[1205, 1206, 1213], Transient, "lock_conflict", false),
            (&[1049], Config, "unknown_schema", true),
            (&[1146], Permanent, "unknown_table", true),
            (&[1045, 1044], Config, "access_denied", false),
            (&[1142, 1227], Config, "missing_privilege", false),
            (&[1064, 1452, 1054], Permanent, "mysql_server", false),
        ] {
            for code in codes {
                let e = answered(*code);
                assert_eq!((e.kind, e.code, !e.hint.is_empty()), (kind, name, hints), "{code}");
            }
        }
    }

    #[test]
    fn what_passes_is_known_by_its_code_too() {
        for code in 1..5000 {
            let e = answered(code);
            assert_eq!(e.kind == Kind::Transient, passes(e.code), "{code} {}", e.code);
        }
    }
}
