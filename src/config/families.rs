//! The API families that a listener can serve.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    Native,
    Dtle2,
    Dtle3,
    Dts,
    Dms,
    EsSync,
}

impl Family {
    pub const ALL: [Self; 6] = [Self::Native, Self::Dtle2, Self::Dtle3, Self::Dts, Self::Dms, Self::EsSync];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Dtle2 => "dtle2",
            Self::Dtle3 => "dtle3",
            Self::Dts => "dts",
            Self::Dms => "dms",
            Self::EsSync => "es_sync",
        }
    }

    /// Returns all names, for messages.
    pub(super) fn names() -> String {
        Self::ALL.map(Self::as_str).join(", ")
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        // As the original writes itself, too.
        if let Some(family) = Self::ALL.into_iter().find(|f| f.as_str() == text.replace('-', "_")) {
            return Ok(family);
        }
        Err(format!("unknown family {text:?}; there are {}", Self::names()))
    }
}
