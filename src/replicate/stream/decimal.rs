//! DECIMAL as the log packs it: nine digits in four bytes, the sign in the top bit, negative numbers inverted.

use super::cursor::{Cursor, Malformed, Parsed};

/// Bytes for 0–8 digits left over from the groups of nine.
const BYTES: [usize; 9] = [0, 1, 1, 2, 2, 3, 3, 4, 4];

/// Reads one number of the given precision and scale as text, all digits of the scale kept.
pub(super) fn decimal(bytes: &mut Cursor<'_>, precision: usize, scale: usize) -> Parsed<String> {
    if precision > 65 || scale > precision || precision == 0 {
        return Err(Malformed("a DECIMAL column has impossible digits"));
    }
    let whole = precision - scale;
    let size = whole / 9 * 4 + BYTES[whole % 9] + scale / 9 * 4 + BYTES[scale % 9];
    let mut raw = [0_u8; 32];
    raw[..size].copy_from_slice(bytes.take(size)?);
    let negative = raw[0] & 0x80 == 0;
    raw[0] ^= 0x80;
    if negative {
        raw[..size].iter_mut().for_each(|b| *b = !*b);
    }
    let mut groups = Cursor(&raw[..size]);
    let mut text = String::with_capacity(precision + 2);
    if negative {
        text.push('-');
    }
    let sign = text.len();
    group(&mut text, &mut groups, whole % 9)?;
    for _ in 0..whole / 9 {
        group(&mut text, &mut groups, 9)?;
    }
    let zeros = text[sign..].bytes().take_while(|b| *b == b'0').count();
    text.replace_range(sign..sign + zeros, if zeros == text.len() - sign { "0" } else { "" });
    if scale > 0 {
        text.push('.');
        for _ in 0..scale / 9 {
            group(&mut text, &mut groups, 9)?;
        }
        group(&mut text, &mut groups, scale % 9)?;
    }
    Ok(text)
}

fn group(text: &mut String, groups: &mut Cursor<'_>, digits: usize) -> Parsed<()> {
    let number = groups.uint_be(if digits == 9 { 4 } else { BYTES[digits] })?;
    if number >= 10_u64.pow(digits as u32) {
        return Err(Malformed("a DECIMAL value has digits above nine"));
    }
    for i in (0..digits).rev() {
        text.push(char::from(b'0' + (number / 10_u64.pow(i as u32) % 10) as u8));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_keep_their_scale() {
        let of = |bytes: &[u8], p, s| decimal(&mut Cursor(bytes), p, s);
        // MySQL's own example: 1234567890.1234 in DECIMAL(14,4).
        let mut bytes = [0x81, 0x0d, 0xfb, 0x38, 0xd2, 0x04, 0xd2];
        assert_eq!(of(&bytes, 14, 4).unwrap(), "1234567890.1234");
        bytes.iter_mut().for_each(|b| *b = !*b);
        assert_eq!(of(&bytes, 14, 4).unwrap(), "-1234567890.1234");
        assert_eq!(of(&[0x80, 0x32], 4, 2).unwrap(), "0.50");
        assert_eq!(of(&[0x80], 2, 2).unwrap(), ".00".replace('.', "0."));
        assert_eq!(of(&[0x80], 1, 0).unwrap(), "0");
        assert!(of(&[0xff, 0xff], 4, 2).is_err() && of(&[], 4, 2).is_err() && of(&[0; 40], 66, 0).is_err());
    }
}
