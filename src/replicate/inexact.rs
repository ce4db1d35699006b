//! Numbers of JSON that a server does not keep as they are: it reads what is no integer of 64 bits as a double. A MySQL source can have
//! decimals in a document (made by its functions, never by reading text), and a MariaDB source any text. Nothing but text says to
//! another server what a document holds, so what is lost is counted.

/// The note's words.
pub(super) const NOTE: &str = "rows with JSON numbers of more digits than the target keeps (it has doubles)";

/// Says whether a document has a number that comes to be another one.
pub(super) fn is_inexact(json: &[u8]) -> bool {
    let mut at = 0;
    while at < json.len() {
        match json[at] {
            b'"' => at = behind_string(json, at),
            b'-' | b'0'..=b'9' => {
                let length = json[at..].iter().take_while(|b| matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
                if std::str::from_utf8(&json[at..at + length]).is_ok_and(changes) {
                    return true;
                }
                at += length;
            }
            _ => at += 1,
        }
    }
    false
}

fn behind_string(json: &[u8], from: usize) -> usize {
    let mut at = from + 1;
    while at < json.len() && json[at] != b'"' {
        at += if json[at] == b'\\' { 2 } else { 1 };
    }
    at + 1
}

fn changes(number: &str) -> bool {
    // A double has all numbers of so many digits.
    if number.len() <= 15 || number.parse::<i64>().is_ok() || number.parse::<u64>().is_ok() {
        return false;
    }
    // What cannot be read is refused by the target.
    let (Some(before), Ok(double)) = (parts(number), number.parse::<f64>()) else { return false };
    parts(&format!("{double:e}")) != Some(before)
}

/// Digits without outer zeros, and the power of ten behind them.
fn parts(number: &str) -> Option<(String, i64)> {
    let number = number.trim_start_matches('-').to_ascii_lowercase();
    let (mantissa, power) = number.split_once('e').unwrap_or((&number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let short = digits.trim_end_matches('0');
    let power = power.parse::<i64>().ok()? - i64::try_from(fraction.len()).ok()? + i64::try_from(digits.len() - short.len()).ok()?;
    let short = short.trim_start_matches('0').to_owned();
    Some(if short.is_empty() { (short, 0) } else { (short, power) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_a_double_does_not_hold() {
        for (json, lost) in [
            ("{}", false),
            (r#"{"a": 1.5, "b": [0.1, -2.50, 1e300]}"#, false),
            ("[18446744073709551615, -9223372036854775808]", false),
            // A double has it, and shows other digits.
            ("18446744073709551616", true),
            ("18446744073709551617", true),
            ("[12345678901234567890.123456789]", true),
            (r#"{"price": -0.12345678901234567891}"#, true),
            ("0.30000000000000004", false),
            ("2.2250738585072014e-308", false),
            ("[100000000000000000000.000000]", false),
            (r#"["12345678901234567890.123456789\"", "\\"]"#, false),
            (r#"{"12345678901234567890.123456789": 1}"#, false),
        ] {
            assert_eq!(is_inexact(json.as_bytes()), lost, "{json}");
        }
    }
}
