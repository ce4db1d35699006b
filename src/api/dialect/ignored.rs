//! The fields of a request that had no effect, told in a header of the reply.

use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponseParts, ResponseParts};
use std::convert::Infallible;

/// Names the fields of a request that nobody knows.
const IGNORED: HeaderName = HeaderName::from_static("x-syncline-ignored");
/// Enough to find a typo by; a longer list is cut.
const MOST_IGNORED: usize = 32;

/// Fields that nobody knows, named in a header of the reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::api) struct Ignored(pub(super) Vec<String>);

impl Ignored {
    /// Adds fields that are known and have no effect.
    pub(in crate::api) fn and(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.0.extend(names);
        self
    }
}

impl IntoResponseParts for Ignored {
    type Error = Infallible;
    fn into_response_parts(self, mut reply: ResponseParts) -> Result<ResponseParts, Infallible> {
        let names: Vec<String> = self.0.iter().take(MOST_IGNORED).map(|name| printable(name)).collect();
        if !names.is_empty()
            && let Ok(value) = HeaderValue::from_str(&names.join(", "))
        {
            reply.headers_mut().insert(IGNORED, value);
        }
        Ok(reply)
    }
}

/// Percent-encodes what a header cannot carry or a list would be cut at; long names are shortened.
fn printable(name: &str) -> String {
    name.bytes()
        .take(128)
        .map(|b| if b.is_ascii_graphic() && b != b',' && b != b'%' { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_ascii() {
        assert_eq!(printable("作,a b"), "%E4%BD%9C%2Ca%20b");
    }
}
