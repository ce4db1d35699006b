//! Large values on their way to the target: not in a statement but in variables of the session, filled in pieces.
//!
//! A statement that holds a value of 64 MB is held again by the driver and by the server, and the server takes no packet
//! beyond max_allowed_packet. Used by `apply.rs` for the rows that [`super::statement::large`] finds; a variable lives
//! until the row's statement has run.

use super::apply::{Applier, Problem};
use super::literal;
use super::targets::Target;
use crate::replicate::Error;

/// Piece of a large value on its way into a variable. The driver keeps a buffer of up to 4 MB for every packet that was
/// under way at once, and the allocator keeps what lies between its own bounds: small packets leave nothing behind.
const PIECE_BYTES: usize = 256 << 10;
/// Pieces that are joined before they are appended: the server copies the whole value at each of its appends.
const PIECES_JOINED: usize = 16;

impl Applier {
    /// Puts large values into variables of the session, piece by piece. A value beyond the server's packet limit becomes
    /// NULL there with a warning, so warnings end the run.
    pub(super) async fn fill_variables(&mut self, target: &Target, large: &[(String, &[u8])]) -> Result<(), Problem> {
        let piece = PIECE_BYTES.min(self.session.max_packet / 4).max(1);
        let mut sql = Vec::with_capacity(2 * piece + 64);
        for (name, bytes) in large {
            self.assign_variable(target, bytes.len(), &format!("SET {name}=''")).await?;
            for stage in bytes.chunks(piece * PIECES_JOINED) {
                for (i, part) in stage.chunks(piece).enumerate() {
                    sql.clear();
                    sql.extend_from_slice(if i == 0 { b"SET @piece=" } else { b"SET @piece=CONCAT(@piece," });
                    literal::quoted(&mut sql, "_binary", part);
                    sql.extend_from_slice(if i == 0 { b"" } else { b")" });
                    self.session.run(&sql).await.map_err(|f| Problem::Failed(f, None))?;
                }
                self.assign_variable(target, bytes.len(), &format!("SET {name}=CONCAT({name},@piece)")).await?;
            }
        }
        Ok(())
    }

    async fn assign_variable(&mut self, target: &Target, length: usize, sql: &str) -> Result<(), Problem> {
        let answer = self.session.run(sql.as_bytes()).await.map_err(|f| Problem::Failed(f, None))?;
        if answer.warnings == 0 {
            return Ok(());
        }
        let message = format!("a value of {length} bytes in {} is larger than max_allowed_packet of the target", target.table.name);
        Err(Error::config("packet_too_large", message)
            .hint("raise max_allowed_packet at the target, then `syncline jobs retry` the job")
            .into())
    }

    pub(super) async fn clear_variables(&mut self, large: &[(String, &[u8])]) -> Result<(), Problem> {
        if large.is_empty() {
            return Ok(());
        }
        let names: String = large.iter().map(|(name, _)| format!("{name}=NULL,")).collect();
        self.session.run(format!("SET {names}@piece=NULL").as_bytes()).await.map(drop).map_err(|f| Problem::Failed(f, None))
    }
}
