//! Names that a header of the reply tells: the fields of a request that had no effect, and what else a body has no place for.

use crate::model::job::JobId;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponseParts, ResponseParts};
use std::convert::Infallible;

/// Names the fields of a request that nobody knows.
const IGNORED: HeaderName = HeaderName::from_static("x-syncline-ignored");
/// Enough to find a typo by; a longer list is cut, and says so.
const MOST: usize = 32;

/// Fields that nobody knows, named in a header of the reply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::api) struct Ignored(pub(super) Vec<String>);

impl Ignored {
    /// Adds fields that are known and have no effect.
    pub(in crate::api) fn and(mut self, names: impl IntoIterator<Item = String>) -> Self {
        self.0.extend(names);
        self
    }

    /// Also tells them in the job's log: a script rarely looks at headers, and a job that is not what was meant is looked at there.
    pub(in crate::api) fn warn(&self, job: &JobId) {
        if let Some(fields) = told(&self.0) {
            tracing::warn!(job.id = %job, fields, "fields of the request had no effect: no contract knows them, or they have none");
        }
    }
}

impl IntoResponseParts for Ignored {
    type Error = Infallible;
    fn into_response_parts(self, mut reply: ResponseParts) -> Result<ResponseParts, Infallible> {
        list(reply.headers_mut(), IGNORED, &self.0);
        Ok(reply)
    }
}

/// Puts names into a header; where there is none there is no header.
pub(in crate::api) fn list(headers: &mut HeaderMap, header: HeaderName, names: &[String]) {
    if let Some(Ok(value)) = told(names).map(|text| HeaderValue::from_str(&text)) {
        headers.insert(header, value);
    }
}

/// The names as one text of printable ASCII; None: there are none.
fn told(names: &[String]) -> Option<String> {
    let mut text = names.iter().take(MOST).map(|name| printable(name)).collect::<Vec<_>>().join(", ");
    if let more @ 1.. = names.len().saturating_sub(MOST) {
        text.push_str(&format!(" and {more} more"));
    }
    (!names.is_empty()).then_some(text)
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

    #[test]
    fn a_list_that_is_cut_says_so() {
        for (count, end) in [(0, None), (2, Some("n0, n1")), (32, Some(", n31")), (34, Some(", n31 and 2 more"))] {
            let mut headers = HeaderMap::new();
            list(&mut headers, IGNORED, &(0..count).map(|n| format!("n{n}")).collect::<Vec<_>>());
            let found = headers.get(IGNORED).map(|value| value.to_str().unwrap());
            assert!(found.is_some() == end.is_some() && found.unwrap_or_default().ends_with(end.unwrap_or_default()), "{found:?}");
        }
    }
}
