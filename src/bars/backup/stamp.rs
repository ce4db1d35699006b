//! Whether a backup is as this database left it.
//!
//! What a backup has is marked in the bars database, by versions: who restores an older copy of it restores older marks and older
//! versions, which agree with each other and not with the backup. So both ends hold a stamp, which is another one before something
//! is written there and again when all is. Where they differ (an older copy, another life of the backup) nothing that is marked is
//! believed, and all is compared. Each bars database has a stamp of its own there: several may write to one InfluxDB.

use super::{Influx, found};
use crate::bars::Result;
use crate::bars::store::Store;

fn note(influx: &Influx) -> String {
    format!("stamp:{}", influx.name())
}

/// That nobody has compared all of it since.
fn unknown(influx: &Influx) -> String {
    format!("unknown:{}", influx.name())
}

/// Says whether the backup is as it was left, and all that is there is known; changes nothing.
pub(super) async fn is_left(store: &Store, influx: &Influx) -> Result<bool> {
    let (here, there) = (store.value(&note(influx)).await?, influx.stamp(store.id()).await?);
    Ok(here == there && store.value(&unknown(influx)).await?.is_none_or(|said| said.is_empty()))
}

/// Says whether all that is there is known: a backup that is as it was left, or one that is new. If it is not, nothing is marked any
/// more, until [`compared`] says so whoever asks.
pub(super) async fn settle(store: &Store, influx: &Influx, is_new: bool) -> Result<bool> {
    let (here, there) = (store.value(&note(influx)).await?, influx.stamp(store.id()).await?);
    if here == there && !is_new {
        return Ok(store.value(&unknown(influx)).await?.is_none_or(|said| said.is_empty()));
    }
    found::forget(store, influx).await?;
    let known = store.unmark(influx.name()).await?;
    if known > 0 {
        tracing::warn!(target_name = influx.name(), series = known, "the backup is not what this bars database left: all is compared");
    }
    store.set_value(&unknown(influx), if is_new { "" } else { "yes" }).await?;
    renew(store, influx).await?;
    Ok(is_new)
}

/// All of it was compared.
pub(super) async fn compared(store: &Store, influx: &Influx) -> Result<()> {
    store.set_value(&unknown(influx), "").await
}

/// Another one at both ends; there first, since one that is only there costs a comparison, and one that is only here as well.
pub(super) async fn renew(store: &Store, influx: &Influx) -> Result<()> {
    let stamp = uuid::Uuid::new_v4().to_string();
    influx.set_stamp(store.id(), &stamp).await?;
    store.set_value(&note(influx), &stamp).await
}
