//! Asks a source for its log from a position on: session variables, then the dump command.
//!
//! MySQL with GTIDs is asked for "all but these"; MariaDB knows no such command and takes its GTIDs from a session
//! variable; without GTIDs either is asked for a file and an offset. `coordinates::validate_resume` belongs before it:
//! MariaDB answers an unknown domain or an empty state with its oldest file, in silence.

use super::LogConfig;
use crate::model::gtid::GtidSet;
use crate::model::position::Position;
use crate::replicate::connect::{self, Flavor};
use crate::replicate::{Error, Result};
use mysql_async::{BinlogStream, BinlogStreamRequest, Sid};
use std::time::Duration;

/// An idle source speaks this often.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(5);

/// Where the server was asked to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    pub(super) file: String,
    pub(super) offset: u64,
    /// The command's offset has 32 bits: a later place in a large file is reached by passing over what is before it.
    pub(super) skip: bool,
}

/// Opens the dump. The first event says whether the server agreed.
pub(super) async fn open(cfg: &LogConfig, from: &Position) -> Result<(BinlogStream, Start)> {
    let mut conn = connect::open(&cfg.endpoint, false).await?;
    let doing = || format!("ask {} for its log", cfg.endpoint.address());
    let period = HEARTBEAT.as_nanos();
    // A full spool stops reading for as long as the target needs: the server is to bear it for an hour.
    let mut set = format!("SET @master_heartbeat_period={period}, @source_heartbeat_period={period}, SESSION net_write_timeout=3600");
    let gtid = from.gtid.as_ref().filter(|set| by_gtid(cfg, set));
    if cfg.info.flavor == Flavor::Mariadb {
        set.push_str(", @mariadb_slave_capability=4, @slave_gtid_strict_mode=1, @slave_gtid_ignore_duplicates=0");
        if let Some(gtid) = gtid {
            set.push_str(&format!(", @slave_connect_state='{gtid}'"));
        }
    }
    conn.query_drop(set).await.map_err(|e| Error::mysql(doing(), e))?;
    let request = BinlogStreamRequest::new(cfg.server_id);
    if let Some(gtid) = gtid {
        let start = Start { file: String::new(), offset: 4, skip: false };
        let request = match gtid {
            GtidSet::Mysql(_) => request.with_gtid().with_gtid_set(sids(gtid)?),
            GtidSet::Mariadb(_) => request,
        };
        let stream = conn.into_log(request).await.map_err(|e| Error::mysql(doing(), e))?;
        return Ok((stream, start));
    }
    if from.file.is_empty() {
        return Err(Error::config("position_incomplete", format!("{}: the position has neither GTIDs that it knows nor a file", doing())));
    }
    let start = Start { file: from.file.clone(), offset: from.offset, skip: u32::try_from(from.offset).is_err() };
    let offset = if start.skip { 4 } else { from.offset.max(4) };
    let request = request.with_filename(from.file.as_bytes()).with_pos(offset);
    let stream = conn.into_log(request).await.map_err(|e| Error::mysql(doing(), e))?;
    Ok((stream, start))
}

/// An empty MySQL set means "from the beginning"; an empty MariaDB state would mean the same by accident, when what is
/// meant is "no transaction with a GTID before this file and offset".
fn by_gtid(cfg: &LogConfig, set: &GtidSet) -> bool {
    match set {
        GtidSet::Mysql(_) => cfg.info.flavor == Flavor::Mysql && cfg.info.gtid,
        GtidSet::Mariadb(domains) => cfg.info.flavor == Flavor::Mariadb && !domains.is_empty(),
    }
}

/// One sid per source and tag: the driver refuses the server's own joined form.
fn sids(set: &GtidSet) -> Result<Vec<Sid<'static>>> {
    let GtidSet::Mysql(sids) = set else { return Ok(Vec::new()) };
    sids.iter()
        .map(|(sid, list)| {
            let one = GtidSet::Mysql([(sid.clone(), list.clone())].into());
            one.to_string().parse::<Sid<'static>>().map_err(|e| Error::config("position_incomplete", format!("read the GTIDs {one}: {e}")))
        })
        .collect()
}
