//! The server's temporal text as numbers. None: the date does not exist (zero, or like 31 February).

/// Days since 1970-01-01 of `YYYY-MM-DD…`.
pub(super) fn days(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (year, month, day) = (number(bytes.get(..4)?)?, number(bytes.get(5..7)?)?, number(bytes.get(8..10)?)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) {
        return None;
    }
    // Hinnant's algorithm on eras of 400 years, years from March.
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let doy = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    Some(era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468)
}

/// Microseconds since the epoch of `YYYY-MM-DD hh:mm:ss[.ffffff]`, read as UTC.
pub(super) fn micros(text: &str) -> Option<i64> {
    let clock = clock(text.get(11..)?)?;
    Some(days(text)? * 86_400_000_000 + clock)
}

/// Microseconds of `[-]hhh:mm:ss[.ffffff]`.
pub(super) fn time(text: &str) -> Option<i64> {
    match text.strip_prefix('-') {
        Some(rest) => clock(rest).map(|n| -n),
        None => clock(text),
    }
}

fn clock(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut parts = whole.split(':');
    let mut part = || number(parts.next()?.as_bytes());
    let seconds = part()? * 3600 + part()? * 60 + part()?;
    let scale = 10_i64.pow(6_u32.checked_sub(u32::try_from(fraction.len()).ok()?)?);
    Some(seconds * 1_000_000 + number(fraction.as_bytes())? * scale)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0_i64, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}
