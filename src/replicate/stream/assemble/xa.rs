//! XA transactions in the log: their first part is one of its own, and what ends it comes later.

use super::Assembler;
use crate::replicate::Result;
use crate::replicate::stream::events::Header;
use crate::replicate::stream::refused;
use crate::replicate::stream::words::Xa;

impl Assembler {
    /// XA passes where it is no business of the job's: prepared without a change of the job's tables, in this log. What was
    /// prepared before it may have any, invisible to the copy, so its commit stops the job.
    pub(super) fn xa(&mut self, step: Xa, name: &[u8], header: &Header) -> Result<()> {
        let left_out = self.tx.as_ref().is_some_and(|tx| tx.left_out);
        match step {
            Xa::Start | Xa::End => {
                let Some(tx) = &mut self.tx else { return Err(refused::xa("the log begins within")) };
                (tx.xa, tx.xa_name) = (true, name.to_vec());
                self.begin();
                Ok(())
            }
            Xa::Commit if !self.prepared.remove(name) && !left_out => Err(refused::xa("a commit ends")),
            Xa::Commit => self.commit(header, None),
            Xa::Rollback => {
                self.prepared.remove(name);
                self.commit(header, None)
            }
            Xa::Other if left_out => Ok(()),
            Xa::Other => Err(refused::xa("a statement belongs to")),
        }
    }

    /// The end of an XA transaction's first part; its body begins with "in one phase".
    pub(super) fn xa_prepare(&mut self, header: &Header, body: &[u8]) -> Result<()> {
        if let Some(tx) = self.tx.as_mut().filter(|_| body.first() == Some(&0)) {
            self.prepared.insert(std::mem::take(&mut tx.xa_name));
        }
        self.commit(header, None)
    }
}
