//! Charsets of columns and of clients into UTF-8.
//!
//! Single-byte charsets go by the servers' own tables, the others by `encoding_rs` with the servers' characters where they
//! differ from the web's. Compared code by code with MariaDB 10.11 and MySQL 9; what is left: Big5's ETEN range (C6A1 …
//! C8D3) and 18 characters of GB 18030 read as on the web, the user-defined rows of ujis and eucjpms become U+FFFD.

mod tables;

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
    /// A character per byte.
    Single(Box<[char; 256]>),
    /// And the characters that the servers have in the place of the web's.
    Many(&'static Encoding, &'static [(char, char)]),
}

/// sjis and ujis; cp932 and eucjpms are as on the web.
const JIS: [(char, char); 7] = [('＼', '\\'), ('～', '〜'), ('∥', '‖'), ('－', '−'), ('￠', '¢'), ('￡', '£'), ('￢', '¬')];

const BIG5: [(char, char); 11] = [
    ('‧', '•'),
    ('﹑', '､'),
    ('¯', '‾'),
    ('～', '∼'),
    ('⊕', '♁'),
    ('⊙', '☉'),
    ('∕', '／'),
    ('﹨', '＼'),
    ('￥', '¥'),
    ('￠', '¢'),
    ('￡', '£'),
];

impl Charset {
    /// The one of a client, by the number of one of its collations, which both flavours number alike; None: UTF-8, or not known.
    pub(super) fn of_client(collation: u16) -> Option<Self> {
        Self::named(match collation {
            1 | 84 => "big5",
            2 | 9 | 21 | 27 | 77 => "latin2",
            3 | 69 => "dec8",
            4 | 80 => "cp850",
            5 | 8 | 15 | 31 | 47..=49 | 94 => "latin1",
            6 | 72 => "hp8",
            7 | 74 => "koi8r",
            10 | 82 => "swe7",
            12 | 91 => "ujis",
            13 | 88 => "sjis",
            14 | 23 | 50..=52 => "cp1251",
            16 | 71 => "hebrew",
            18 | 89 => "tis620",
            19 | 85 => "euckr",
            20 | 41 | 42 | 79 => "latin7",
            22 | 75 => "koi8u",
            24 | 86 => "gb2312",
            25 | 70 => "greek",
            26 | 34 | 44 | 66 | 99 => "cp1250",
            28 | 87 => "gbk",
            29 | 58 | 59 => "cp1257",
            30 | 78 => "latin5",
            32 | 64 => "armscii8",
            36 | 68 => "cp866",
            37 | 73 => "keybcs2",
            38 | 43 => "macce",
            39 | 53 => "macroman",
            40 | 81 => "cp852",
            57 | 67 => "cp1256",
            92 | 93 => "geostd8",
            95 | 96 => "cp932",
            97 | 98 => "eucjpms",
            248..=250 => "gb18030",
            _ => return None,
        })
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "utf8" | "utf8mb3" | "utf8mb4" | "ascii" => Self::Utf8,
            "binary" => Self::Binary,
            "ucs2" | "utf16" => Self::Utf16Be,
            "utf16le" => Self::Utf16Le,
            "utf32" => Self::Utf32,
            "gbk" => Self::Many(encoding_rs::GBK, &[]),
            "gb2312" => Self::Many(encoding_rs::GBK, &[('·', '・'), ('—', '―')]),
            "gb18030" => Self::Many(encoding_rs::GB18030, &[]),
            "big5" => Self::Many(encoding_rs::BIG5, &BIG5),
            "sjis" => Self::Many(encoding_rs::SHIFT_JIS, &JIS),
            "cp932" => Self::Many(encoding_rs::SHIFT_JIS, &[]),
            "ujis" => Self::Many(encoding_rs::EUC_JP, &JIS),
            "eucjpms" => Self::Many(encoding_rs::EUC_JP, &[]),
            "euckr" => Self::Many(encoding_rs::EUC_KR, &[]),
            "swe7" => Self::Single(swe7()),
            _ => Self::Single(single(tables::upper(name)?)),
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
            Self::Single(table) if table[usize::from(b'@')] == '@' && bytes.is_ascii() => String::from_utf8_lossy(bytes),
            Self::Single(table) => Cow::Owned(bytes.iter().map(|b| table[usize::from(*b)]).collect()),
            Self::Many(encoding, differ) => {
                let text = encoding.decode_without_bom_handling(bytes).0;
                let other = |c: char| differ.iter().find(|(from, _)| *from == c).map(|(_, to)| *to);
                if text.chars().any(|c| other(c).is_some()) { text.chars().map(|c| other(c).unwrap_or(c)).collect() } else { text }
            }
        }
    }
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks(2).map(|c| <[u8; 2]>::try_from(c).map_or(0xfffd, unit));
    char::decode_utf16(units).map(|c| c.unwrap_or('\u{fffd}')).collect()
}

fn single(upper: &str) -> Box<[char; 256]> {
    let mut table = Box::new(['\u{fffd}'; 256]);
    for (place, c) in table.iter_mut().zip((0..128).map(char::from).chain(upper.chars())) {
        *place = c;
    }
    table
}

/// Swedish in seven bits: letters in the place of brackets.
fn swe7() -> Box<[char; 256]> {
    let mut table = single("");
    for (byte, c) in b"@[\\]^`{|}~\x7f".iter().zip("ÉÄÖÅÜéäöåü\u{fffd}".chars()) {
        table[usize::from(*byte)] = c;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_charset_of_both_servers_is_known() {
        let names = "big5 dec8 cp850 hp8 koi8r latin1 latin2 swe7 ascii ujis sjis hebrew tis620 euckr koi8u gb2312 greek cp1250 gbk \
                     latin5 armscii8 utf8mb3 ucs2 cp866 keybcs2 macce macroman cp852 latin7 utf8mb4 cp1251 utf16 utf16le cp1256 \
                     cp1257 utf32 binary geostd8 cp932 eucjpms gb18030 utf8";
        for name in names.split_whitespace() {
            let charset = Charset::named(name).unwrap_or_else(|| panic!("{name}"));
            if let Charset::Single(table) = &charset {
                assert_eq!((table[usize::from(b'A')], table[usize::from(b'1')]), ('A', '1'), "{name}");
            }
        }
        assert_eq!(Charset::named("klingon"), None);
    }

    #[test]
    fn text_is_what_the_server_converts_it_to() {
        for (name, bytes, text) in [
            ("utf8mb4", &b"\xf0\x9f\x98\x80"[..], "😀"),
            ("utf8mb4", b"a\xffb", "a\u{fffd}b"),
            ("latin1", b"\x80\x81\x8d\x8f\x90\x9d\xe9", "€\u{81}\u{8d}\u{8f}\u{90}\u{9d}é"),
            ("latin2", b"\xb1", "ą"),
            ("latin5", b"\xfd\x80", "ı\u{80}"),
            ("cp1251", b"\xcf\xf0", "Пр"),
            ("swe7", b"{a}", "äaå"),
            ("tis620", b"\xa1", "ก"),
            ("gbk", b"\xd6\xd0\x81 ", "中\u{fffd} "),
            ("gb2312", b"\xd6\xd0\xa1\xaa", "中―"),
            ("gb18030", b"\x94\x39\xfc\x36", "😀"),
            ("big5", b"\xa4\xa4\xa2\x46", "中¢"),
            ("sjis", b"\x93\xfa\x81\x60", "日〜"),
            ("cp932", b"\x93\xfa\x81\x60", "日～"),
            ("ujis", b"\xc6\xfc\xa1\xc1", "日〜"),
            ("eucjpms", b"\xc6\xfc\xa1\xc1", "日～"),
            ("euckr", b"\xb0\xa1", "가"),
            ("ucs2", b"\x4e\x2d", "中"),
            ("utf16", b"\xd8\x3d\xde\x00", "😀"),
            ("utf16le", b"\x3d\xd8\x00\xde", "😀"),
            ("utf32", b"\0\x01\xf6\0", "😀"),
        ] {
            assert_eq!(Charset::named(name).unwrap().decode(bytes), text, "{name}");
        }
    }
}
