//! What a server said of a statement that carries rows, without the rows: what it says may end in logs and on screens.

use super::session::Failed;
use crate::replicate::Error;
use crate::replicate::error::{COPY_AGAIN, quotes_no_row};

/// Keeps of the server's answer its code and the column, and its text where that never quotes a value.
pub(super) fn value_free(failed: Failed, doing: &str) -> Error {
    match &failed.error {
        mysql_async::Error::Server(e) => {
            let said = if quotes_no_row(e.code) { format!(": {}", e.message.trim_end_matches('.')) } else { of_column(&e.message) };
            let message = format!("{doing}: the target answered error {} ({}){said}", e.code, e.state);
            let classified = Error::mysql("", mysql_async::Error::Server(e.clone()));
            match e.code {
                1146 | 1049 => Error::permanent("target_table_gone", message).hint(format!(
                    "the table or its schema was dropped or renamed at the target: put it back as it was and retry the job, or {COPY_AGAIN}"
                )),
                // Too long, out of range, truncated, wrong value or string, NULL where none may be.
                1406 | 1264 | 1265 | 1366 | 1292 | 1048 => {
                    Error::permanent("value_refused", message).hint("compare the column's type and character set at both ends")
                }
                _ => Error { message, ..classified },
            }
        }
        _ => failed.into_error(doing),
    }
}

/// The column that a server's message names, for the reader; nothing is decided by it.
pub(super) fn of_column(message: &str) -> String {
    let name = message.split_once("column '").and_then(|(_, rest)| rest.split_once('\''));
    name.map_or(String::new(), |(name, _)| format!(" for column {name}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_text_is_told_where_it_quotes_no_row() {
        let told = |code, text: &str| {
            let error = mysql_async::ServerError { code, message: text.into(), state: "HY000".into() };
            value_free(Failed { at: 0, error: mysql_async::Error::Server(error) }, "insert of t")
        };
        for (code, text, kind) in [
            (1114, "The table 't' is full", "disk_full"),
            (1021, "Disk full (/tmp/x); waiting for someone to free some space... (errno: 28)", "disk_full"),
            (1030, "Got error 28 \"No space left on device\" from storage engine InnoDB", "storage_engine"),
            (1206, "The total number of locks exceeds the lock table size", "lock_conflict"),
            (1290, "The MySQL server is running with the --super-read-only option so it cannot execute this statement", "server_read_only"),
            (1142, "INSERT command denied to user 'u'@'h' for table `s`.`t`", "missing_privilege"),
        ] {
            let error = told(code, text);
            assert_eq!((error.message, error.code), (format!("insert of t: the target answered error {code} (HY000): {text}"), kind));
        }
        for (code, text, said) in [
            (1062, "Duplicate entry 'hunter2' for key 'PRIMARY'", ""),
            (1366, "Incorrect string value: 'hunter2' for column 'c' at row 1", " for column c"),
            (1644, "no hunter2 here", ""),
            (1690, "BIGINT UNSIGNED value is out of range in 'hunter2'", ""),
            (1105, "hunter2", ""),
        ] {
            assert_eq!(told(code, text).message, format!("insert of t: the target answered error {code} (HY000){said}"));
        }
    }
}
