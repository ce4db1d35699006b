//! Text that must not be seen: passwords and tokens from the moment they are parsed.

pub mod file;

use secrecy::{ExposeSecret as _, SecretString};
use std::fmt;
use subtle::ConstantTimeEq as _;

/// The mask that replies carry in place of a secret, and that an update may carry to keep the stored one.
pub const MASK: &str = "*";

/// A secret. `Debug` prints the mask; there is no `Display` and no `Serialize`; memory is wiped on drop.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(text: impl Into<String>) -> Self {
        Self(SecretString::from(text.into()))
    }
    /// Returns the clear text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
    /// An update that carries the mask (or nothing) keeps what is stored.
    pub fn is_mask(&self) -> bool {
        self.expose() == MASK
    }
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(*)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose().as_bytes().ct_eq(other.expose().as_bytes()).into()
    }
}
impl Eq for Secret {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_never_shows_the_text() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(*)");
    }
}
