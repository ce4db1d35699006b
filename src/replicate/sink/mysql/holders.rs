//! Who holds what a session of the job waits for, so that an operator need not look for it.
//!
//! Servers tell it in tables of their own, to accounts that may read them. What waits for rows is in InnoDB's tables, since
//! MySQL 8 in performance_schema; what waits for a definition only there, and MariaDB has it switched off. Statements are left
//! out: they hold values.

use super::session::{Session, server_code};
use crate::replicate::processes::Process;

/// Each asks for the waiting connection, the one that it waits for, and the table. A server has one of the first two.
const WAITS: [&str; 3] = [
    "SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id, CONCAT(l.OBJECT_SCHEMA, '.', l.OBJECT_NAME) \
     FROM performance_schema.data_lock_waits w \
     JOIN performance_schema.data_locks l ON l.ENGINE_LOCK_ID = w.REQUESTING_ENGINE_LOCK_ID \
     JOIN information_schema.innodb_trx r ON r.trx_id = w.REQUESTING_ENGINE_TRANSACTION_ID \
     JOIN information_schema.innodb_trx b ON b.trx_id = w.BLOCKING_ENGINE_TRANSACTION_ID",
    "SELECT r.trx_mysql_thread_id, b.trx_mysql_thread_id, REPLACE(l.lock_table, '`', '') FROM information_schema.innodb_lock_waits w \
     JOIN information_schema.innodb_locks l ON l.lock_id = w.requested_lock_id \
     JOIN information_schema.innodb_trx r ON r.trx_id = w.requesting_trx_id \
     JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id",
    "SELECT r.PROCESSLIST_ID, b.PROCESSLIST_ID, CONCAT(w.OBJECT_SCHEMA, '.', w.OBJECT_NAME) FROM performance_schema.metadata_locks w \
     JOIN performance_schema.metadata_locks h USING (OBJECT_TYPE, OBJECT_SCHEMA, OBJECT_NAME) \
     JOIN performance_schema.threads r ON r.THREAD_ID = w.OWNER_THREAD_ID \
     JOIN performance_schema.threads b ON b.THREAD_ID = h.OWNER_THREAD_ID \
     WHERE w.LOCK_STATUS = 'PENDING' AND h.LOCK_STATUS = 'GRANTED' AND h.OWNER_THREAD_ID <> w.OWNER_THREAD_ID",
];

/// One of ours, what it waits for and who has that.
type Wait = (Option<u64>, Option<u64>, Option<String>);

/// Tells of each connection of `ours` that waits for a lock who holds it.
pub(super) async fn told(session: &mut Session, ours: &[u64], living: &[Process]) -> Vec<String> {
    let (mut lines, mut denied) = (Vec::new(), false);
    for sql in WAITS {
        match session.query::<Wait>(sql.as_bytes()).await {
            Ok(found) => lines.extend(found.iter().filter_map(|wait| line(wait, ours, living))),
            Err(e) => denied |= matches!(server_code(&e), Some(1044 | 1142 | 1143 | 1227)),
        }
    }
    // Two waits for one holder's rows of one table are one thing to do.
    lines.sort();
    lines.dedup();
    if lines.is_empty() && denied {
        lines.push(
            "who holds locks there is not shown to the job's account (it needs PROCESS, and SELECT on performance_schema)".to_owned(),
        );
    }
    lines
}

fn line((waits, holds, table): &Wait, ours: &[u64], living: &[Process]) -> Option<String> {
    let (waits, holds) = (waits.filter(|id| ours.contains(id))?, (*holds)?);
    let table = table.as_deref().unwrap_or("a table");
    let who = match living.iter().find(|p| p.id == holds) {
        _ if ours.contains(&holds) => ", the job's too".to_owned(),
        Some(Process { user, from, command, seconds, .. }) => {
            let doing = if command == "Sleep" { "without a statement" } else { "in a statement" };
            format!(" ({user}@{from}, {doing} for {seconds} s; `KILL {holds}` there ends it)")
        }
        None => String::new(),
    };
    Some(format!("connection {waits} waits for a lock in {table} that connection {holds} holds{who}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(id: u64, command: &str) -> Process {
        let (user, from) = ("app".to_owned(), "10.0.0.5:3214".to_owned());
        Process { id, user, from, command: command.to_owned(), seconds: "80".to_owned(), state: String::new() }
    }

    #[test]
    fn a_holder_is_told_with_what_ends_it() {
        let living = [process(7, "Query"), process(34, "Sleep"), process(35, "Query")];
        let told = |waits, holds| line(&(Some(waits), Some(holds), Some("shop.orders".into())), &[7, 8], &living);
        assert_eq!(
            told(7, 34).unwrap(),
            "connection 7 waits for a lock in shop.orders that connection 34 holds (app@10.0.0.5:3214, without a statement for 80 s; \
             `KILL 34` there ends it)"
        );
        assert!(told(7, 35).unwrap().contains("in a statement for 80 s"));
        assert!(told(7, 8).unwrap().ends_with("connection 8 holds, the job's too"), "nobody is told to end the job's own");
        assert!(told(7, 99).unwrap().ends_with("connection 99 holds"), "not seen by the account, or gone");
        assert_eq!(told(34, 35), None, "others wait for each other all the time");
    }
}
