//! Checks of the GTIDs that a job is told to start after: can the source's log be read from there?

use super::failed;
use super::report::Findings;
use super::server::Server;
use crate::model::finding::{Check, Side};
use crate::model::replicate::NOW;
use crate::replicate::coordinates::place::{self, Inside};
use crate::replicate::coordinates::{self, Lost};

pub(super) async fn check(source: &mut Server, gtid: &str, found: &mut Findings) {
    // Where its log ends is where it can be read from.
    if gtid == NOW {
        return;
    }
    let mut error = |code, message: String, hint: &str| found.error(Side::Src, Check::GtidMode, code, gtid, message, hint);
    let at = match coordinates::parse_start(&source.info, gtid) {
        Ok(at) => at,
        Err(e) => return error(e.code, e.message, &e.hint),
    };
    if at.gtid.is_some() && !source.info.gtid {
        let message = "the job starts after a GTID, and GTIDs are off at the source".to_owned();
        return error("start_gtid_without_gtids", message, "switch GTIDs on at the source, start at file:offset, or start with a copy");
    }
    match coordinates::lost(&mut source.conn, &source.info, &at).await {
        // GTIDs say where whole transactions end.
        Ok(None) if at.gtid.is_some() => {}
        Ok(None) => match place::inside(&mut source.conn, &at.file, at.offset).await {
            Ok(None) => {}
            Ok(Some(Inside { why, next })) => {
                let next =
                    next.map_or(String::new(), |next| format!("start at {}:{next}, where the next transaction begins; or ", at.file));
                let hint = format!("{next}SHOW BINLOG EVENTS IN '{}' shows them: a transaction begins with its event Gtid", at.file);
                error("start_gtid_inside", format!("no transaction begins at {gtid}: {why}"), &hint);
            }
            Err(e) => failed(&e, Side::Src, "start_gtid", found),
        },
        Ok(Some(Lost::Purged(why))) => {
            let message = format!("the source's log does not reach back to start_gtid: {why}");
            error("start_gtid_purged", message, "start after newer GTIDs with a newer state at the target, or start with a copy");
        }
        Ok(Some(Lost::NotExecuted(why))) => {
            let message = format!("the source has not been at start_gtid: {why}");
            error("start_gtid_not_executed", message, "take it from this source, or from one whose log this source has");
        }
        Err(e) => failed(&e, Side::Src, "start_gtid", found),
    }
}
