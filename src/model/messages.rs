//! Row changes as messages: what every destination of messages has in common, and the destination that is lines of text.

/// What the messages are like, wherever they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MessageSpec {
    pub format: MessageFormat,
    /// Columns of any table that are left out of the messages.
    pub exclude_columns: Vec<String>,
    /// A message without a value behind each delete, for compaction; of tables with a key.
    pub tombstones: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MessageFormat {
    /// As Debezium's MySQL connector with Kafka Connect's JSON converter; `schema` puts the schema into every message.
    Debezium {
        schema: bool,
    },
    /// Canal's flat message.
    Canal,
    /// One object per row with the metadata beside the columns.
    Flat,
    Maxwell,
}

/// Messages as lines of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinesSinkSpec {
    pub to: LinesTo,
    pub messages: MessageSpec,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinesTo {
    /// A file of this name in the daemon's `[files] dir`.
    File(FileName),
    /// Whoever asked for the job; it ends with them.
    Caller,
}

impl LinesSinkSpec {
    /// The form in which messages name the other end.
    pub fn address(&self) -> String {
        match &self.to {
            LinesTo::File(name) => name.as_str().to_owned(),
            LinesTo::Caller => "the caller".to_owned(),
        }
    }
}

/// A plain name: it can only mean a file directly in the folder that it is joined to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FileName(String);

/// What file systems take, less what we put behind it.
const LONGEST: usize = 200;

impl FileName {
    /// Reads a name; says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let plain = |c: char| c.is_alphanumeric() || "._-+=@, ".contains(c);
        if text.is_empty() || text.len() > LONGEST {
            return Err(format!("a file name has 1 to {LONGEST} bytes"));
        }
        if text.starts_with(['.', '-', ' ']) || text.ends_with(' ') || !text.chars().all(plain) {
            return Err(format!(
                "{text:?} is not a plain file name: letters, digits and ._-+=@, without a folder, and no dot or dash in front"
            ));
        }
        Ok(Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_leads_nowhere_else() {
        for good in ["orders.ndjson", "a", "orders-2026.ndjson", "größe.ndjson", "a..b"] {
            assert_eq!(FileName::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", ".", "..", "../x", "/etc/passwd", "a/b", "a\\b", ".hidden", "-rf", "a\0b", "a\nb", " a", "a ", "C:x", "~x", "*"] {
            assert!(FileName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(FileName::parse(&"x".repeat(201)).is_err());
    }
}
