//! A server's list of its connections, as far as ours are looked for in it.
//!
//! Without a privilege of its own an account sees its own connections there, and these are all that anybody asks after. Called
//! by [`super::answer`], [`super::connect`] and the take-over at the target.

use mysql_async::Row;

pub(super) const LIST: &str = "SHOW PROCESSLIST";

/// One connection. Its statement is left out: it holds values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Process {
    pub(super) id: u64,
    pub(super) user: String,
    /// Where the server sees it come from: an address and a port, which no other has at the same time.
    pub(super) from: String,
    pub(super) command: String,
    pub(super) seconds: String,
    pub(super) state: String,
}

/// Reads the rows of [`LIST`].
pub(super) fn read(rows: &[Row]) -> Vec<Process> {
    rows.iter().filter_map(process).collect()
}

fn process(row: &Row) -> Option<Process> {
    let text = |at: usize| {
        let bytes = row.get_opt::<Option<Vec<u8>>, _>(at).and_then(Result::ok).flatten().unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    let id = row.get_opt::<u64, _>(0)?.ok()?;
    Some(Process { id, user: text(1), from: text(2), command: text(4), seconds: text(5), state: text(6) })
}
