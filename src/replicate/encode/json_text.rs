//! One text for a JSON document of MySQL, from the log and from SQL.
//!
//! Both sides print alike but for floating-point numbers, so those are brought into one notation; by their digits, not
//! through `f64`, because decimals inside a document have more of them.

use std::borrow::Cow;

/// Returns the document with its numbers in one notation.
pub(super) fn normal(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let (mut out, mut copied, mut at) = (None::<String>, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = string_end(bytes, at),
            b'-' | b'0'..=b'9' => {
                let end = bytes[at..].iter().position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
                let end = end.map_or(bytes.len(), |n| at + n);
                let number = &text[at..end];
                if number.contains(['e', 'E', '.'])
                    && let Some(written) = notation(number)
                    && written != number
                {
                    let out = out.get_or_insert_with(|| String::with_capacity(text.len()));
                    out.push_str(&text[copied..at]);
                    out.push_str(&written);
                    copied = end;
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    match out {
        Some(mut out) => {
            out.push_str(&text[copied..]);
            Cow::Owned(out)
        }
        None => Cow::Borrowed(text),
    }
}

/// Behind the closing quote.
fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

/// A number that is no integer: with an exponent as `d.ddde±n` beyond 10^17 and below 10^-5, else with a point and at least
/// one digit on both sides.
fn notation(number: &str) -> Option<String> {
    let (sign, rest) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (mantissa, exponent) = rest.split_once(['e', 'E']).unwrap_or((rest, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if exponent == "0" && rest.len() < 18 && !whole.is_empty() && !fraction.is_empty() && (whole.len() == 1 || !whole.starts_with('0')) {
        // Decimals keep the zeros of their scale.
        let tiny = whole == "0" && fraction.starts_with("00000");
        if !tiny {
            return None;
        }
    }
    let exponent: i64 = exponent.parse().ok()?;
    let digits = format!("{whole}{fraction}");
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let leading = digits.bytes().take_while(|b| *b == b'0').count();
    let power = exponent + i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? - 1;
    let digits = digits.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return Some(format!("{sign}0.0"));
    }
    Some(match power {
        0..17 => {
            let point = usize::try_from(power).ok()? + 1;
            if digits.len() <= point {
                format!("{sign}{digits:0<point$}.0")
            } else {
                format!("{sign}{}.{}", &digits[..point], &digits[point..])
            }
        }
        -5..0 => format!("{sign}0.{}{digits}", "0".repeat(usize::try_from(-power - 1).ok()?)),
        _ if digits.len() == 1 => format!("{sign}{digits}e{power}"),
        _ => format!("{sign}{}.{}e{power}", &digits[..1], &digits[1..]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_have_one_notation() {
        for (text, one) in [
            ("1e16", "10000000000000000.0"),
            ("10000000000000000.0", "10000000000000000.0"),
            ("1e17", "1e17"),
            ("1.5e+300", "1.5e300"),
            ("1.50", "1.50"),
            ("0.00001", "0.00001"),
            ("0.000001", "1e-6"),
            ("1e-6", "1e-6"),
            ("1.25e-5", "0.0000125"),
            ("-1e2", "-100.0"),
            ("0e0", "0.0"),
            ("-0.0", "-0.0"),
            ("123456789012345678", "123456789012345678"),
            (r#"{"1e5": "\\\"1e5", "b": [1e5, -2]}"#, r#"{"1e5": "\\\"1e5", "b": [100000.0, -2]}"#),
        ] {
            assert_eq!(normal(text), one, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_number_keeps_its_value(number in any::<f64>().prop_filter("finite", |n| n.is_finite())) {
            for text in [format!("{number:e}"), format!("{number:?}")] {
                let one = normal(&text);
                prop_assert_eq!(one.parse::<f64>().unwrap(), number);
                prop_assert_eq!(normal(&one), one.clone());
            }
            // Notations of one number are one.
            let (exponent, plain) = (format!("{number:e}"), format!("{number:?}"));
            if exponent.contains(['.']) || exponent.contains('e') {
                prop_assert_eq!(normal(&exponent), normal(&plain));
            }
        }

        #[test]
        fn no_text_makes_it_panic(text in ".{0,40}", numbers in "[-+.eE0-9\"\\\\]{0,20}") {
            let _ = (normal(&text), normal(&numbers));
        }
    }
}
