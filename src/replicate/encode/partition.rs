//! Which partition a message goes to.

use super::number;
use super::{Datum, Layout, json};
use crate::model::kafka::{Fallback, PartitionBy};
use crate::replicate::table::Table;

/// The partition that Kafka's Java client chooses for these bytes as a key.
pub fn partition(bytes: &[u8], count: u32) -> u32 {
    (murmur2(bytes) & 0x7fff_ffff) % count.max(1)
}

fn murmur2(bytes: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let mut hash = 0x9747_b28c ^ bytes.len() as u32;
    let mut words = bytes.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes([word[0], word[1], word[2], word[3]]).wrapping_mul(M);
        k = (k ^ k >> 24).wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
    }
    let rest = words.remainder();
    if !rest.is_empty() {
        for (i, byte) in rest.iter().enumerate() {
            hash ^= u32::from(*byte) << (8 * i);
        }
        hash = hash.wrapping_mul(M);
    }
    hash = (hash ^ hash >> 13).wrapping_mul(M);
    hash ^ hash >> 15
}

/// What a table's messages are partitioned by.
#[derive(Debug)]
pub(super) enum Route {
    Table(Vec<u8>),
    /// The bytes of the message's key.
    MessageKey,
    Columns(Vec<usize>),
}

impl Route {
    pub(super) fn new(table: &Table, layout: &Layout, by: &PartitionBy, debezium: bool) -> Self {
        let named = || Self::Table(table.name.to_string().into_bytes());
        let keyed = || match &layout.key {
            None => named(),
            Some(_) if debezium => Self::MessageKey,
            Some(columns) => Self::Columns(columns.clone()),
        };
        match by {
            PartitionBy::Table => named(),
            PartitionBy::PrimaryKey => keyed(),
            PartitionBy::Columns { columns, fallback } => {
                let place =
                    |name: &String| table.stored_columns().find(|(_, c)| c.name.to_lowercase() == name.to_lowercase()).map(|(i, _)| i);
                let places: Vec<usize> = columns.iter().filter_map(place).collect();
                match fallback {
                    _ if !places.is_empty() => Self::Columns(places),
                    Fallback::Table => named(),
                    Fallback::PrimaryKey => keyed(),
                }
            }
        }
    }

    pub(super) fn bytes(&self, layout: &Layout, key: Option<&[u8]>, image: &[Datum<'_>]) -> Vec<u8> {
        match self {
            Self::Table(name) => name.clone(),
            Self::MessageKey => key.unwrap_or_default().to_vec(),
            Self::Columns(columns) => values(layout, columns, image),
        }
    }
}

/// Values as a JSON array: readable, and no two different lists of values give the same bytes. It is the key of Canal's
/// and flat messages too. Bytes are base64, ENUM and SET their text, BIT a number.
pub(super) fn values(layout: &Layout, columns: &[usize], image: &[Datum<'_>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(24);
    out.push(b'[');
    for (i, &column) in columns.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        value(&mut out, layout, column, &image[column]);
    }
    out.push(b']');
    out
}

/// A value in JSON's own types, as keys have it.
pub(super) fn value(out: &mut Vec<u8>, layout: &Layout, column: usize, datum: &Datum<'_>) {
    let field = &layout.fields[column];
    match datum {
        Datum::Null => out.extend_from_slice(b"null"),
        Datum::Int(n) => json::signed(out, *n),
        Datum::UInt(n) => json::unsigned(out, *n),
        Datum::Float(n) => json::float(out, *n),
        Datum::Double(n) => json::double(out, *n),
        Datum::Decimal(text) => out.extend_from_slice(text.as_bytes()),
        Datum::Text(text) | Datum::Json(text) => json::string(out, text),
        Datum::Date(text) | Datum::Time(text) | Datum::Datetime(text) | Datum::Timestamp(text) => json::string(out, text),
        Datum::Bytes(bytes) => json::base64(out, bytes),
        Datum::Geometry(bytes) | Datum::Vector(bytes) => json::base64(out, bytes),
        Datum::Bits(bits) => json::unsigned(out, number::bits(bits)),
        Datum::Year(year) => json::unsigned(out, u64::from(*year)),
        Datum::Enum(number) => json::string(out, field.member(*number)),
        Datum::Set(set) => json::list(out, field.chosen(*set)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_kafkas_java_client() {
        // org.apache.kafka.common.utils.UtilsTest.
        for (text, hash) in [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
            ("abc", 479_470_107),
        ] {
            assert_eq!(murmur2(text.as_bytes()) as i32, hash, "{text}");
        }
        assert_eq!(partition(b"21", 12), ((-973_932_308_i32 & 0x7fff_ffff) % 12) as u32);
        assert_eq!(partition(b"x", 0), 0);
    }
}
