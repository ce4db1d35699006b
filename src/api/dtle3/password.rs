//! Passwords of a request: clear, masked, or encrypted with the operator's RSA key (`is_mysql_password_encrypted`).
//!
//! Encrypted means base64 of PKCS#1 v1.5, as dtle's clients make it. Every failure to decrypt reads the same, so that
//! the endpoint tells nothing about the padding.

use super::error::{Error, Result};
use crate::secret::{MASK, Secret};
use aws_lc_rs::rsa::{Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::pem::PemObject as _;

/// The setting that holds the path of the private key.
const SETTING: &str = "[security] rsa_private_key_file";

/// How to read the passwords of one request.
pub(super) enum Passwords {
    Clear,
    Encrypted(Key),
}

pub(super) struct Key(Pkcs1PrivateDecryptingKey);

impl Passwords {
    /// Returns the password of one server. The mask, or nothing, keeps what is stored.
    pub(super) fn read(&self, field: &str, sent: Option<&str>, stored: Option<&Secret>) -> Result<Secret> {
        match (sent, self) {
            (None, _) => stored.cloned().ok_or_else(|| Error::field(field, "required")),
            (Some(MASK), _) => stored.cloned().ok_or_else(|| Error::field(field, "the password is masked, send it")),
            (Some(clear), Self::Clear) => Ok(Secret::new(clear)),
            (Some(sent), Self::Encrypted(key)) => key.decrypt(sent).ok_or_else(|| Error::field(field, "the password cannot be decrypted")),
        }
    }
}

impl Key {
    /// Reads a private key, PKCS#1 or PKCS#8 in PEM.
    pub(super) fn from_pem(pem: &[u8]) -> Result<Self> {
        let broken = |what: &str| Error::misconfigured(format!("{SETTING}: {what}"));
        let pkcs8 = match PrivateKeyDer::from_pem_slice(pem).map_err(|_| broken("no private key in PEM form"))? {
            PrivateKeyDer::Pkcs8(key) => key.secret_pkcs8_der().to_vec(),
            PrivateKeyDer::Pkcs1(key) => pkcs8_of_pkcs1(key.secret_pkcs1_der()),
            _ => return Err(broken("not an RSA key")),
        };
        let key = PrivateDecryptingKey::from_pkcs8(&pkcs8).map_err(|_| broken("not an RSA key of 2048 to 8192 bits"))?;
        Ok(Self(Pkcs1PrivateDecryptingKey::new(key).map_err(|_| broken("not an RSA key that can decrypt"))?))
    }

    fn decrypt(&self, sent: &str) -> Option<Secret> {
        let sent = STANDARD.decode(sent.trim()).ok()?;
        let mut room = vec![0; self.0.min_output_size()];
        let clear = self.0.decrypt(&sent, &mut room).ok()?;
        let secret = std::str::from_utf8(clear).ok().map(Secret::new);
        zeroize::Zeroize::zeroize(&mut room);
        secret
    }
}

/// Reads the key that encrypted passwords need.
pub(super) async fn key(file: Option<&std::path::Path>) -> Result<Key> {
    let Some(file) = file else {
        return Err(Error::field("is_mysql_password_encrypted", format!("this daemon has no RSA key; set {SETTING}")));
    };
    let pem = tokio::fs::read(file).await.map_err(|e| Error::misconfigured(format!("{SETTING}: {e}")))?;
    Key::from_pem(&pem)
}

/// Wraps a PKCS#1 key in the PKCS#8 envelope, the only form that aws-lc reads for decryption.
fn pkcs8_of_pkcs1(pkcs1: &[u8]) -> Vec<u8> {
    /// Version 0, then the algorithm: rsaEncryption with NULL parameters.
    const HEAD: [u8; 18] = [2, 1, 0, 0x30, 13, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 13, 1, 1, 1, 5, 0];
    let mut inner = HEAD.to_vec();
    inner.extend(der(4, pkcs1));
    der(0x30, &inner)
}

/// One DER element.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    let length = content.len().to_be_bytes();
    match content.len() {
        0..128 => element.push(length[length.len() - 1]),
        _ => {
            let digits = length.iter().position(|b| *b != 0).map_or(&length[..0], |first| &length[first..]);
            element.push(0x80 | u8::try_from(digits.len()).expect("a usize has at most 8 bytes"));
            element.extend_from_slice(digits);
        }
    }
    element.extend_from_slice(content);
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A fresh key in both PEM forms, and a text encrypted for it.
    fn key_and_password(clear: &str) -> ([String; 2], String) {
        use aws_lc_rs::encoding::AsDer as _;
        /// What stands in front of the PKCS#1 key of 2048 bits: two lengths, version, algorithm, one more length.
        const ENVELOPE: usize = 4 + HEAD_BYTES + 4;
        const HEAD_BYTES: usize = 18;
        let key = PrivateDecryptingKey::generate(aws_lc_rs::rsa::KeySize::Rsa2048).unwrap();
        let der = key.as_der().unwrap();
        let pem = |kind: &str, der: &[u8]| format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der));
        let public = aws_lc_rs::rsa::Pkcs1PublicEncryptingKey::new(key.public_key()).unwrap();
        let mut room = vec![0; public.ciphertext_size()];
        let encrypted = STANDARD.encode(public.encrypt(clear.as_bytes(), &mut room).unwrap());
        ([pem("PRIVATE KEY", der.as_ref()), pem("RSA PRIVATE KEY", &der.as_ref()[ENVELOPE..])], encrypted)
    }

    #[test]
    fn both_pem_forms_decrypt() {
        let (pems, encrypted) = key_and_password("pässwörd");
        for pem in pems {
            let passwords = Passwords::Encrypted(Key::from_pem(pem.as_bytes()).unwrap());
            assert_eq!(passwords.read("p", Some(&encrypted), None).unwrap().expose(), "pässwörd");
            for wrong in ["", "not base64!", "AAAA", &STANDARD.encode([7; 256])] {
                let error = passwords.read("p", Some(wrong), None).unwrap_err();
                assert_eq!(error.message, "p: the password cannot be decrypted");
            }
        }
    }

    #[tokio::test]
    async fn a_missing_or_broken_key_names_the_setting() {
        let error = key(None).await.err().unwrap();
        assert_eq!((error.status.as_u16(), error.message.contains(SETTING)), (400, true));
        for pem in ["", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
            assert!(Key::from_pem(pem.as_bytes()).err().unwrap().message.contains(SETTING));
        }
    }

    #[test]
    fn the_mask_and_silence_keep_what_is_stored() {
        let stored = Secret::new("old");
        for sent in [None, Some(MASK)] {
            assert_eq!(Passwords::Clear.read("p", sent, Some(&stored)).unwrap(), stored);
            assert_eq!(Passwords::Clear.read("p", sent, None).unwrap_err().status.as_u16(), 400);
        }
        assert_eq!(Passwords::Clear.read("p", Some("new"), Some(&stored)).unwrap().expose(), "new");
    }
}
