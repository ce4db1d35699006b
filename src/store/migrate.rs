//! Brings the state file to this build's form: an array of scripts, `PRAGMA user_version` counts those that ran.

use super::{Error, Result};
use rusqlite::Connection;

const SCRIPTS: [&str; 6] = [
    include_str!("migrations/0001_domain.sql"),
    include_str!("migrations/0002_figures.sql"),
    include_str!("migrations/0003_kept_progress.sql"),
    include_str!("migrations/0004_memory.sql"),
    include_str!("migrations/0005_task_limits.sql"),
    include_str!("migrations/0006_epochs.sql"),
];

pub(super) fn run(conn: &mut Connection) -> Result<()> {
    let done: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let known = u32::try_from(SCRIPTS.len()).expect("a handful of scripts");
    if done > known {
        return Err(Error::io(format!(
            "the state database is of a newer syncline (form {done}, this build knows {known}); use that build or restore a backup"
        )));
    }
    for (number, script) in (1u32..).zip(SCRIPTS).skip(done as usize) {
        let tx = conn.transaction()?;
        tx.execute_batch(script).map_err(|e| Error::because(format!("migration {number}"), e))?;
        tx.pragma_update(None, "user_version", number)?;
        tx.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_once_and_refuses_a_newer_file() {
        let mut conn = Connection::open_in_memory().unwrap();
        run(&mut conn).unwrap();
        run(&mut conn).unwrap();
        conn.pragma_update(None, "user_version", 999).unwrap();
        assert!(run(&mut conn).unwrap_err().to_string().contains("newer"));
    }
}
