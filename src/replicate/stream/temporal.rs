//! Temporal columns of the log as the server's own text, old and new formats.
//!
//! Nothing is validated or normalised: `0000-00-00`, `2023-02-31` and `-838:59:59.000000` are values a source may hold.

use super::cursor::{Cursor, Malformed, Parsed};
use super::value::ShortText;

/// Bytes that hold `fraction` digits.
fn fraction_bytes(fraction: u16) -> Parsed<usize> {
    if fraction <= 6 { Ok(usize::from(fraction).div_ceil(2)) } else { Err(Malformed("a temporal column has more than 6 fraction digits")) }
}

/// Prints `.ffff`: the stored number has an even count of digits, of which the first `fraction` count.
fn push_fraction(text: &mut ShortText, stored: u64, fraction: u16) {
    if fraction > 0 {
        text.push(b'.');
        let odd = fraction % 2 == 1;
        text.digits(if odd { stored / 10 } else { stored }, u32::from(fraction));
    }
}

fn push_date(text: &mut ShortText, year: u64, month: u64, day: u64) {
    text.digits(year, 4);
    text.push(b'-');
    text.digits(month, 2);
    text.push(b'-');
    text.digits(day, 2);
}

fn push_clock(text: &mut ShortText, hour: u64, minute: u64, second: u64) {
    text.digits(hour, if hour > 99 { 3 } else { 2 });
    text.push(b':');
    text.digits(minute, 2);
    text.push(b':');
    text.digits(second, 2);
}

/// DATE and NEWDATE: 3 bytes, year·512 + month·32 + day.
pub(super) fn date(bytes: &mut Cursor<'_>) -> Parsed<ShortText> {
    let n = bytes.uint(3)?;
    let mut text = ShortText::new();
    push_date(&mut text, n >> 9, n >> 5 & 15, n & 31);
    Ok(text)
}

/// TIME2. The whole number, fraction included, is stored with an offset, so its magnitude is one subtraction away.
pub(super) fn time2(bytes: &mut Cursor<'_>, fraction: u16) -> Parsed<ShortText> {
    let width = fraction_bytes(fraction)?;
    let raw = bytes.uint_be(3 + width)?;
    let offset = 1_u64 << (23 + 8 * width);
    let magnitude = raw.abs_diff(offset);
    let (whole, rest) = (magnitude >> (8 * width), magnitude & ((1 << (8 * width)) - 1));
    let mut text = ShortText::new();
    if raw < offset {
        text.push(b'-');
    }
    push_clock(&mut text, whole >> 12 & 0x3ff, whole >> 6 & 63, whole & 63);
    push_fraction(&mut text, rest, fraction);
    Ok(text)
}

/// DATETIME2: 5 bytes (year·13 + month, day, hour, minute, second) and the fraction.
pub(super) fn datetime2(bytes: &mut Cursor<'_>, fraction: u16) -> Parsed<ShortText> {
    let whole = bytes.uint_be(5)?.wrapping_sub(0x80_0000_0000) & 0x7f_ffff_ffff;
    let rest = bytes.uint_be(fraction_bytes(fraction)?)?;
    let (months, seconds) = (whole >> 22, whole & 0x1_ffff);
    let mut text = ShortText::new();
    push_date(&mut text, months / 13, months % 13, whole >> 17 & 31);
    text.push(b' ');
    push_clock(&mut text, seconds >> 12, seconds >> 6 & 63, seconds & 63);
    push_fraction(&mut text, rest, fraction);
    Ok(text)
}

/// TIMESTAMP2: unsigned seconds (MariaDB reaches 2106) and the fraction, printed in UTC.
pub(super) fn timestamp2(bytes: &mut Cursor<'_>, fraction: u16) -> Parsed<ShortText> {
    let seconds = bytes.uint_be(4)?;
    let rest = bytes.uint_be(fraction_bytes(fraction)?)?;
    Ok(timestamp_text(seconds, rest, fraction))
}

/// TIMESTAMP before fractions: 4 bytes, little endian.
pub(super) fn timestamp_old(bytes: &mut Cursor<'_>) -> Parsed<ShortText> {
    Ok(timestamp_text(bytes.uint(4)?, 0, 0))
}

fn timestamp_text(seconds: u64, rest: u64, fraction: u16) -> ShortText {
    let mut text = ShortText::new();
    if seconds == 0 && rest == 0 {
        push_date(&mut text, 0, 0, 0);
    } else {
        let (year, month, day) = civil(seconds / 86_400);
        push_date(&mut text, year, month, day);
    }
    text.push(b' ');
    let clock = seconds % 86_400;
    push_clock(&mut text, clock / 3600, clock / 60 % 60, clock % 60);
    push_fraction(&mut text, rest, fraction);
    text
}

/// Days since 1970-01-01 → year, month, day (Hinnant's algorithm on eras of 400 years).
fn civil(days: u64) -> (u64, u64, u64) {
    let z = days + 719_468;
    let (era, doe) = (z / 146_097, z % 146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (era * 400 + yoe + u64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// TIME before fractions: 3 bytes, the signed decimal number hhmmss.
pub(super) fn time_old(bytes: &mut Cursor<'_>) -> Parsed<ShortText> {
    let n = (bytes.uint(3)? << 40) as i64 >> 40;
    let mut text = ShortText::new();
    if n < 0 {
        text.push(b'-');
    }
    let n = n.unsigned_abs();
    push_clock(&mut text, n / 10_000, n / 100 % 100, n % 100);
    Ok(text)
}

/// DATETIME before fractions: 8 bytes, the decimal number YYYYMMDDhhmmss.
pub(super) fn datetime_old(bytes: &mut Cursor<'_>) -> Parsed<ShortText> {
    let n = bytes.u64()?;
    let (day, clock) = (n / 1_000_000, n % 1_000_000);
    let mut text = ShortText::new();
    push_date(&mut text, day / 10_000 % 10_000, day / 100 % 100, day % 100);
    text.push(b' ');
    push_clock(&mut text, clock / 10_000, clock / 100 % 100, clock % 100);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_with_a_fraction_keep_sign_and_digits() {
        let of = |bytes: &[u8], fraction| time2(&mut Cursor(bytes), fraction).unwrap().as_str().to_owned();
        assert_eq!(of(&[0x80, 0, 0], 0), "00:00:00");
        assert_eq!(of(&[0x7f, 0xff, 0xfe, 206], 2), "-00:00:01.50");
        assert_eq!(of(&[0x7f, 0xff, 0xfe, 206], 1), "-00:00:01.5");
        assert_eq!(of(&[0xb4, 0x6e, 0xfb], 0), "838:59:59");
        assert_eq!(of(&[0x4b, 0x91, 0x05, 0, 0, 0], 6), "-838:59:59.000000");
        assert!(time2(&mut Cursor(&[0; 9]), 7).is_err() && time2(&mut Cursor(&[0x80, 0]), 0).is_err());
    }

    #[test]
    fn dates_need_not_exist() {
        assert_eq!(date(&mut Cursor(&[0, 0, 0])).unwrap().as_str(), "0000-00-00");
        let n: u32 = 2023 << 9 | 2 << 5 | 31;
        assert_eq!(date(&mut Cursor(&n.to_le_bytes()[..3])).unwrap().as_str(), "2023-02-31");
        assert_eq!(datetime2(&mut Cursor(&[0x80, 0, 0, 0, 0, 0, 0, 7]), 6).unwrap().as_str(), "0000-00-00 00:00:00.000007");
    }

    #[test]
    fn timestamps_reach_2106_and_zero_is_the_zero_date() {
        let of = |seconds: u32| timestamp2(&mut Cursor(&seconds.to_be_bytes()), 0).unwrap().as_str().to_owned();
        assert_eq!(of(0), "0000-00-00 00:00:00");
        assert_eq!(of(1), "1970-01-01 00:00:01");
        assert_eq!(of(951_782_400), "2000-02-29 00:00:00");
        assert_eq!(of(u32::MAX), "2106-02-07 06:28:15");
    }

    #[test]
    fn old_formats_are_decimal_numbers() {
        assert_eq!(datetime_old(&mut Cursor(&20_231_231_235_958_u64.to_le_bytes())).unwrap().as_str(), "2023-12-31 23:59:58");
        assert_eq!(time_old(&mut Cursor(&(-8_385_959_i32).to_le_bytes()[..3])).unwrap().as_str(), "-838:59:59");
    }
}
