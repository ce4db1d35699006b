//! Queries about the places that bars are brought to and that the configuration file does not have.

use super::document::{target_from, target_to};
use super::{Db, Error, Result, micros};
use crate::model::bars::BarsTarget;
use crate::model::job::Origin;
use jiff::Timestamp;
use rusqlite::params;

/// Keeps a new one. Conflict where there is one of its name.
pub fn add(db: &Db<'_>, target: &BarsTarget, now: Timestamp) -> Result<()> {
    let BarsTarget { name, place, enabled, origin: _ } = target;
    let spec = target_to(name, place, db.cipher)?;
    let sql = "INSERT INTO sync_targets (name, kind, enabled, spec, created, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?5) \
               ON CONFLICT (name) DO NOTHING";
    match db.conn.execute(sql, params![name, target.kind().as_str(), enabled, spec, micros(now)])? {
        0 => Err(Error::Conflict(format!("a backup or slave named {name:?} is stored already"))),
        _ => Ok(()),
    }
}

pub fn switch(db: &Db<'_>, name: &str, enabled: bool, now: Timestamp) -> Result<()> {
    db.conn.execute("UPDATE sync_targets SET enabled = ?2, updated = ?3 WHERE name = ?1", params![name, enabled, micros(now)])?;
    Ok(())
}

pub fn remove(db: &Db<'_>, name: &str) -> Result<()> {
    db.conn.execute("DELETE FROM sync_targets WHERE name = ?1", [name])?;
    Ok(())
}

/// Returns all, oldest first.
pub fn all(db: &Db<'_>) -> Result<Vec<BarsTarget>> {
    let mut query = db.conn.prepare_cached("SELECT name, enabled, spec FROM sync_targets ORDER BY created, name")?;
    let mut rows = query.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let (name, enabled): (String, bool) = (row.get(0)?, row.get(1)?);
        let place = target_from(&name, &row.get::<_, String>(2)?, db.cipher)?;
        found.push(BarsTarget { name, place, enabled, origin: Origin::Native });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bars::{BarsBackup, BarsPlace};
    use crate::secret::Secret;
    use crate::store::Store;
    use std::time::Duration;

    fn backup(name: &str, account: Option<(&str, &str)>) -> BarsTarget {
        let account = account.map(|(user, password)| (user.to_owned(), Secret::new(password)));
        let (host, database) = ("influx.invalid".to_owned(), "dms_data".to_owned());
        let place = BarsPlace::Backup(BarsBackup { host, port: 8086, tls: true, database, account, timeout: Duration::from_secs(30) });
        BarsTarget { name: name.to_owned(), place, enabled: true, origin: Origin::Native }
    }

    fn slave(name: &str) -> BarsTarget {
        let place = BarsPlace::Slave { host: "10.0.0.2".to_owned(), port: 11183 };
        BarsTarget { name: name.to_owned(), place, enabled: true, origin: Origin::Native }
    }

    #[tokio::test]
    async fn a_target_survives_and_its_password_is_sealed() {
        let dir = tempfile::tempdir().unwrap();
        let all = [backup("b", Some(("u", "hunter2"))), slave("s")];
        let store = Store::open(dir.path()).unwrap();
        for (n, target) in (1..).zip(all.clone()) {
            store.write(move |db| add(db, &target, Timestamp::from_second(n).unwrap())).await.unwrap();
        }
        let again = backup("s", None);
        assert!(matches!(store.write(move |db| add(db, &again, Timestamp::UNIX_EPOCH)).await, Err(Error::Conflict(_))));
        store.close().await.unwrap();
        drop(store);
        let bytes = std::fs::read(dir.path().join("state.sqlite")).unwrap();
        assert!(!bytes.windows(7).any(|w| w == b"hunter2"));
        let store = Store::open(dir.path()).unwrap();
        assert_eq!(store.read(super::all).await.unwrap(), all);
        // A password in another target's place is none.
        let stolen = store.write(|db| {
            db.conn.execute("UPDATE sync_targets SET spec = (SELECT spec FROM sync_targets WHERE name = 'b') WHERE name = 's'", [])?;
            super::all(db)
        });
        assert!(stolen.await.unwrap_err().to_string().contains("sync target s"));
        store.write(|db| switch(db, "s", false, Timestamp::UNIX_EPOCH)).await.unwrap();
        store.write(|db| remove(db, "b")).await.unwrap();
        let left = store.read(super::all).await.unwrap();
        assert_eq!(left, [BarsTarget { enabled: false, ..slave("s") }]);
    }

    #[tokio::test]
    async fn targets_of_version_1_load_for_ever() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(dir.path()).unwrap();
        let read = |text: &'static str| store.read(move |db| target_from("b", text, db.cipher));
        assert_eq!(read(include_str!("document/fixtures/target_v1_backup.json")).await.unwrap(), backup("b", None).place);
        assert_eq!(read(include_str!("document/fixtures/target_v1_slave.json")).await.unwrap(), slave("s").place);
    }
}
