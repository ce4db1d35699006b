//! Column charsets into UTF-8.

use encoding_rs::Encoding;
use std::borrow::Cow;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// utf8mb3, utf8mb4, ascii.
    Utf8,
    /// No text.
    Binary,
    Utf16Be,
    Utf16Le,
    Utf32,
    Known(&'static Encoding),
}

impl Charset {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "utf8" | "utf8mb3" | "utf8mb4" | "ascii" => Self::Utf8,
            "binary" => Self::Binary,
            "ucs2" | "utf16" => Self::Utf16Be,
            "utf16le" => Self::Utf16Le,
            "utf32" => Self::Utf32,
            "latin1" => Self::Known(encoding_rs::WINDOWS_1252),
            "gbk" => Self::Known(encoding_rs::GBK),
            _ => return None,
        })
    }

    /// The text; what is none in this charset becomes U+FFFD.
    pub(super) fn decode<'a>(&self, bytes: &'a [u8]) -> Cow<'a, str> {
        match self {
            Self::Utf8 | Self::Binary => String::from_utf8_lossy(bytes),
            Self::Utf16Be => Cow::Owned(wide(bytes, u16::from_be_bytes)),
            Self::Utf16Le => Cow::Owned(wide(bytes, u16::from_le_bytes)),
            Self::Utf32 => {
                let unit = |c: &[u8]| char::from_u32(c.iter().fold(0, |n, b| n << 8 | u32::from(*b))).unwrap_or('\u{fffd}');
                Cow::Owned(bytes.chunks(4).map(unit).collect())
            }
            Self::Known(encoding) => encoding.decode_without_bom_handling(bytes).0,
        }
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).map(|c| <[u8; 2]>::try_from(c).map_or(0xfffd, unit));
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
}
