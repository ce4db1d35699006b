//! Secrets at rest: AES-256-GCM with a key file beside the database.
//!
//! A sealed text is `1:` and base64 of nonce and ciphertext; the place it belongs to (job and side) is bound in, so that
//! a value moved to another row does not open. A sealed probe in `meta` tells a wrong key at boot, not at the first use.

use super::{Error, Result};
use crate::secret::Secret;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{Connection, OptionalExtension as _};
use std::io::Write as _;
use std::path::Path;
use zeroize::Zeroizing;

const KEY_LEN: usize = 32;
const PROBE: &str = "syncline";

pub struct Cipher(LessSafeKey);

impl Cipher {
    fn new(key: &[u8]) -> Result<Self> {
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| Error::io("the key is not of the cipher's length"))?;
        Ok(Self(LessSafeKey::new(key)))
    }

    pub(super) fn seal(&self, secret: &Secret, place: &str) -> Result<String> {
        let failed = |_| Error::io("seal a secret");
        let mut nonce = [0u8; NONCE_LEN];
        rand::fill(&mut nonce).map_err(failed)?;
        let mut text = secret.expose().as_bytes().to_vec();
        self.0.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(place), &mut text).map_err(failed)?;
        Ok(format!("1:{}", STANDARD.encode([&nonce[..], &text].concat())))
    }

    pub(super) fn open(&self, sealed: &str, place: &str) -> Result<Secret> {
        let wrong = || Error::io(format!("the stored secret of {place} cannot be opened: secret.key is not the one it was sealed with"));
        let bytes = STANDARD.decode(sealed.strip_prefix("1:").ok_or_else(wrong)?).map_err(|_| wrong())?;
        let (nonce, text) = bytes.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut text = Zeroizing::new(text.to_vec());
        let clear = self.0.open_in_place(nonce, Aad::from(place), &mut text).map_err(|_| wrong())?;
        Ok(Secret::new(std::str::from_utf8(clear).map_err(|_| wrong())?))
    }
}

/// Loads the key file, or makes it when nothing was sealed yet.
pub(super) fn open(dir: &Path, conn: &Connection) -> Result<Cipher> {
    let path = dir.join("secret.key");
    let probe: Option<String> = conn.query_row("SELECT value FROM meta WHERE key = 'key_probe'", [], |row| row.get(0)).optional()?;
    let key = match std::fs::read(&path) {
        Ok(key) => Zeroizing::new(key),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound && probe.is_none() => make_key(&path)?,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            return Err(Error::io(format!(
                "{} is missing, but the database holds secrets sealed with it; restore the file from a backup",
                path.display()
            )));
        }
        Err(e) => return Err(Error::because(format!("read {}", path.display()), e)),
    };
    if key.len() != KEY_LEN {
        let way_out = if probe.is_some() {
            "restore the file from a backup"
        } else {
            "nothing was sealed with it yet: remove the file, and a new one is made"
        };
        return Err(Error::io(format!("{} holds {} bytes, and a key has {KEY_LEN} bytes; {way_out}", path.display(), key.len())));
    }
    let cipher = Cipher::new(&key)?;
    match probe {
        Some(probe) if cipher.open(&probe, PROBE).is_ok() => {}
        Some(_) => {
            return Err(Error::io(format!(
                "{} is not the key that the database was sealed with; restore the right file from a backup",
                path.display()
            )));
        }
        None => {
            let probe = cipher.seal(&Secret::new(PROBE), PROBE)?;
            conn.execute("INSERT INTO meta (key, value) VALUES ('key_probe', ?1)", [probe])?;
        }
    }
    Ok(cipher)
}

fn make_key(path: &Path) -> Result<Zeroizing<Vec<u8>>> {
    let failed = |e: std::io::Error| Error::because(format!("make {}", path.display()), e);
    let mut key = Zeroizing::new(vec![0u8; KEY_LEN]);
    rand::fill(&mut key).map_err(|_| Error::io("no random numbers for secret.key"))?;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(&key).map_err(failed)?;
    // A key that is lost with the power takes every stored password along.
    file.sync_all().map_err(failed)?;
    if let Some(dir) = path.parent() {
        std::fs::File::open(dir).and_then(|d| d.sync_all()).map_err(failed)?;
    }
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_text_opens_only_in_its_place() {
        let cipher = Cipher::new(&[7; KEY_LEN]).unwrap();
        let sealed = cipher.seal(&Secret::new("hunter2"), "job a src").unwrap();
        assert!(!sealed.contains("hunter2"));
        assert_eq!(cipher.open(&sealed, "job a src").unwrap().expose(), "hunter2");
        assert!(cipher.open(&sealed, "job b src").is_err());
        assert!(Cipher::new(&[8; KEY_LEN]).unwrap().open(&sealed, "job a src").is_err());
    }
}
