//! The API families that a listener can serve.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Native,
    Dtle2,
    Dtle3,
    Dts,
    Dms,
}

/// Families that are known and not served by this build: named, so that the refusal can say so.
const LATER: [&str; 1] = ["es_sync"];

impl Family {
    pub const ALL: [Self; 5] = [Self::Native, Self::Dtle2, Self::Dtle3, Self::Dts, Self::Dms];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Dtle2 => "dtle2",
            Self::Dtle3 => "dtle3",
            Self::Dts => "dts",
            Self::Dms => "dms",
        }
    }

    /// Returns all names, for messages.
    pub(super) fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(family) = Self::ALL.into_iter().find(|f| f.as_str() == text) {
            return Ok(family);
        }
        if LATER.contains(&text) {
            return Err(format!("the family {text:?} is not available yet; this build serves {}", Self::names()));
        }
        Err(format!("unknown family {text:?}; there are {}", Self::names()))
    }
}
