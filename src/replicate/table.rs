//! A table's definition as both ends of a job need it, read from information_schema (`schema/read.rs`).

use crate::model::replicate::TableName;
use serde::{Deserialize, Serialize};

/// The class of a column; decides how a value is read, compared and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum TypeClass {
    /// TINYINT … BIGINT, YEAR excluded.
    Int,
    Decimal,
    Float,
    Double,
    Bit,
    Year,
    Date,
    Time,
    Datetime,
    Timestamp,
    /// CHAR, VARCHAR.
    Char,
    /// TINYTEXT … LONGTEXT.
    Text,
    /// BINARY.
    Binary,
    /// VARBINARY.
    Varbinary,
    Blob,
    Enum,
    Set,
    /// MySQL's own JSON; MariaDB's is Text with a check.
    Json,
    Geometry,
    /// MariaDB UUID, INET4, INET6 (binary in the log, text in SQL).
    Uuid,
    Inet4,
    Inet6,
    Vector,
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Generated {
    No,
    Virtual,
    Stored,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    pub name: String,
    pub class: TypeClass,
    /// As `COLUMN_TYPE` says it, e.g. `int(10) unsigned`.
    pub column_type: String,
    /// `DATA_TYPE`, lower case, e.g. `mediumint`.
    pub data_type: String,
    pub unsigned: bool,
    pub nullable: bool,
    pub charset: Option<String>,
    pub collation: Option<String>,
    /// Characters for strings, bytes for binaries; BINARY(n) keys are padded to it.
    pub length: Option<u64>,
    /// Fraction digits of temporal types.
    pub fraction: u8,
    pub generated: Generated,
    pub invisible: bool,
    pub auto_increment: bool,
    /// ENUM and SET members in the order of their numbers, unquoted, as bytes in the column's own charset: what the
    /// server stores and sends on a `SET NAMES binary` session. Members outside Unicode's basic plane read as `?`,
    /// because both flavours print them so.
    pub members: Vec<Vec<u8>>,
}

#[cfg(test)]
impl Column {
    /// One that may not be NULL and has nothing special.
    pub(crate) fn plain(name: &str, class: TypeClass) -> Self {
        Self {
            name: name.to_owned(),
            class,
            column_type: String::new(),
            data_type: String::new(),
            unsigned: false,
            nullable: false,
            charset: None,
            collation: None,
            length: None,
            fraction: 0,
            generated: Generated::No,
            invisible: false,
            auto_increment: false,
            members: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    pub name: String,
    pub primary: bool,
    pub unique: bool,
    /// Indexes into `Table::columns`; None in `prefix` = whole column. `usable` is false where a part is an expression
    /// (it is left out here), and for keys that are no B-tree (FULLTEXT, SPATIAL, MariaDB's unique HASH).
    pub columns: Vec<usize>,
    pub prefix: Vec<Option<u32>>,
    pub usable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    pub name: TableName,
    pub columns: Vec<Column>,
    pub keys: Vec<Key>,
    pub engine: String,
    pub rows_estimated: u64,
    pub data_bytes: u64,
    /// The next value of the counter, where there is one.
    pub auto_increment: Option<u64>,
    /// `SHOW CREATE TABLE` without its AUTO_INCREMENT, the fingerprint of the definition.
    pub create: String,
}

impl Table {
    /// The columns that are read and written: all but the generated ones.
    pub fn stored_columns(&self) -> impl Iterator<Item = (usize, &Column)> {
        self.columns.iter().enumerate().filter(|(_, c)| c.generated == Generated::No)
    }
    /// The key by which rows are found: the primary key, else the first unique key without NULLs or prefixes.
    pub fn row_key(&self) -> Option<&Key> {
        self.row_key_of(|_| true)
    }
    /// The same among keys of these columns only.
    pub fn row_key_of(&self, has: impl Fn(usize) -> bool) -> Option<&Key> {
        let fits = |k: &&Key| {
            k.columns.iter().all(|&c| has(c))
                && k.unique
                && k.usable
                && k.prefix.iter().all(Option::is_none)
                && k.columns.iter().all(|&c| !self.columns[c].nullable && self.columns[c].generated == Generated::No)
        };
        self.keys.iter().find(|k| k.primary).filter(fits).or_else(|| self.keys.iter().find(fits))
    }
}
