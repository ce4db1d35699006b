//! The members of ENUM and SET columns: read from `COLUMN_TYPE`, turned into the bytes that rows carry.

use super::read::{ask, text};
use super::tokens::{Kind, Tokens, unquote};
use crate::replicate::connect::Conn;
use crate::replicate::table::Table;
use crate::replicate::{Error, Result};

/// The members of an ENUM or SET as the server prints them, in UTF-8.
pub(super) fn members(column_type: &str) -> Vec<Vec<u8>> {
    let tokens = Tokens::of(column_type);
    (0..tokens.list.len()).filter(|&at| tokens.kind(at) == Some(Kind::Text)).map(|at| unquote(tokens.str(at)).into_bytes()).collect()
}

/// Turns ENUM and SET members from the UTF-8 of information_schema into the bytes of their column's charset.
pub(super) async fn encode_members(conn: &mut Conn, table: &mut Table) -> Result<()> {
    for column in table.columns.iter_mut().filter(|c| !c.members.is_empty()) {
        let Some(charset) = column.charset.as_deref() else { continue };
        let wide = matches!(charset, "ucs2" | "utf16" | "utf16le" | "utf32");
        let same = matches!(charset, "utf8" | "utf8mb3" | "utf8mb4" | "ascii" | "binary");
        if same || !(wide || column.members.iter().any(|m| !m.is_ascii())) {
            continue;
        }
        // HEX, because the session's charset would change the bytes on their way. An empty member stays empty.
        for members in column.members.chunks_mut(500) {
            let parts = members.iter().map(|m| format!("HEX(CONVERT(_utf8mb4 x'{}' USING {charset}))", hex(m))).collect::<Vec<_>>();
            let rows = ask(conn, &format!("SELECT {}", parts.join(", ")), "convert the members of an ENUM or SET").await?;
            let row = rows.first().ok_or_else(|| Error::permanent("mysql_server", "empty reply to a conversion"))?;
            for (i, member) in members.iter_mut().enumerate() {
                *member = unhex(&text(row, i));
            }
        }
    }
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02X}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |b: u8| (b as char).to_digit(16).unwrap_or(0) as u8;
    text.as_bytes().chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_with_quotes_and_commas() {
        assert_eq!(members("enum('it''s','a,b','','中','back\\\\slash')"), [&b"it's"[..], b"a,b", b"", "中".as_bytes(), b"back\\slash"]);
        assert_eq!(members("set('x')"), [b"x"]);
    }
}
