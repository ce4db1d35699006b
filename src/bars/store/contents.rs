//! All of a store in one digest: two stores with the same bars have the same one, whatever their versions.

use super::read::head;
use super::{Digest, Result, Store};
use jiff::Timestamp;
use rusqlite::Connection;

/// A store's newest change, and what there was then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contents {
    pub head: u64,
    pub head_at: Option<Timestamp>,
    /// The sum of its series' digests, each with its name; a series without bars is none.
    pub digest: Digest,
}

impl Store {
    /// Says what there is, in one snapshot; asked again before the next change it costs nothing.
    pub async fn contents(&self) -> Result<Contents> {
        let known = self.inner.contents.lock().map(|known| *known).unwrap_or_default();
        let read = self.reading(move |conn| {
            let (head, head_at) = head(conn)?;
            match known.filter(|known| known.head == head) {
                Some(known) => Ok(known),
                None => Ok(Contents { head, head_at, digest: digest(conn)? }),
            }
        });
        let contents = read.await?;
        if let Ok(mut known) = self.inner.contents.lock() {
            *known = Some(contents);
        }
        Ok(contents)
    }

    /// What is noted to be damaged has another digest, and no new version.
    pub(super) fn forget_contents(&self) {
        if let Ok(mut known) = self.inner.contents.lock() {
            *known = None;
        }
    }
}

fn digest(conn: &Connection) -> Result<Digest> {
    let mut query = conn.prepare_cached("SELECT symbol, interval, digest FROM series WHERE bars > 0")?;
    let mut rows = query.query([])?;
    let mut sum = Digest::default();
    while let Some(row) = rows.next()? {
        let (symbol, interval, digest): (String, String, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        sum = sum.plus(Digest::of_series(&symbol, &interval, &digest));
    }
    Ok(sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bars::testing::{real_bars, split, symbol};
    use crate::model::bars::{Interval, Range};

    #[tokio::test]
    async fn the_same_bars_have_the_same_digest_however_they_came() {
        let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let [one, other] = [0, 1].map(|n: usize| Store::open(dirs[n].path()).unwrap());
        let (aapl, fb) = (symbol("AAPL"), symbol("FB"));
        let real = real_bars();
        assert_eq!(one.contents().await.unwrap().digest, Digest::default(), "of nothing");
        one.upsert(&aapl, Interval::D1, real[&aapl].clone()).await.unwrap();
        one.upsert(&fb, Interval::D1, real[&fb].clone()).await.unwrap();
        other.upsert(&fb, Interval::D1, split(&real[&fb], 0.5)).await.unwrap();
        other.upsert(&fb, Interval::W1, real[&fb][..1].to_vec()).await.unwrap();
        other.upsert(&aapl, Interval::D1, real[&aapl].clone()).await.unwrap();
        let (here, there) = (one.contents().await.unwrap(), other.contents().await.unwrap());
        assert_eq!((here, here.head), (one.contents().await.unwrap(), one.head().await.unwrap().0));
        assert_ne!(here.digest, there.digest);
        other.upsert(&fb, Interval::D1, real[&fb].clone()).await.unwrap();
        assert_ne!(here.digest, other.contents().await.unwrap().digest, "there is a series too many");
        other.remove(&fb, vec![(Interval::W1, Range::ALL)]).await.unwrap();
        assert_eq!(here.digest, other.contents().await.unwrap().digest);
    }
}
