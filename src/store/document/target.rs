//! The stored form of a place that bars are brought to, its password sealed.

use super::super::cipher::Cipher;
use super::super::{Error, Result};
use crate::model::bars::{BarsBackup, BarsPlace};
use serde::{Deserialize, Serialize};
use std::time::Duration;

const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
struct Target {
    version: u32,
    place: Place,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    Slave {
        host: String,
        port: u16,
    },
    Backup {
        host: String,
        port: u16,
        tls: bool,
        database: String,
        user: Option<String>,
        /// Sealed.
        password: Option<String>,
        timeout_seconds: u64,
    },
}

/// Where the password belongs: one that is moved to another target does not open.
fn seal(name: &str) -> String {
    format!("sync target {name}")
}

pub(in crate::store) fn target_to(name: &str, place: &BarsPlace, cipher: &Cipher) -> Result<String> {
    let place = match place.clone() {
        BarsPlace::Slave { host, port } => Place::Slave { host, port },
        BarsPlace::Backup(BarsBackup { host, port, tls, database, account, timeout }) => {
            let (user, password) = account.unzip();
            let password = password.map(|clear| cipher.seal(&clear, &seal(name))).transpose()?;
            Place::Backup { host, port, tls, database, user, password, timeout_seconds: timeout.as_secs() }
        }
    };
    super::write(&Target { version: VERSION, place })
}

pub(in crate::store) fn target_from(name: &str, text: &str, cipher: &Cipher) -> Result<BarsPlace> {
    let Target { version, place } = super::read("sync target", text)?;
    super::check(version, "sync target")?;
    Ok(match place {
        Place::Slave { host, port } => BarsPlace::Slave { host, port },
        Place::Backup { host, port, tls, database, user, password, timeout_seconds } => {
            let account = match (user, password) {
                (Some(user), Some(sealed)) => Some((user, cipher.open(&sealed, &seal(name))?)),
                (None, None) => None,
                _ => return Err(Error::io(format!("stored sync target {name} has one of user and password"))),
            };
            BarsPlace::Backup(BarsBackup { host, port, tls, database, account, timeout: Duration::from_secs(timeout_seconds) })
        }
    })
}
