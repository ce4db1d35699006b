//! Values of a row as the filter sees them, and when two are the same.

use super::parse::Operator;
use std::borrow::Cow;
use std::cmp::Ordering;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    /// The number of units of 10^-scale.
    Number(i128, u32),
    Float(f64),
    Text(Cow<'a, str>),
    Bytes(Cow<'a, [u8]>),
}

/// How two values of one class are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    Number,
    /// Dates as their text.
    Moment,
    /// Byte by byte; `pad`: spaces at the end do not count.
    Bytes {
        pad: bool,
    },
    /// Without case, if both are printable ASCII.
    Caseless {
        pad: bool,
    },
}

/// Only the server could tell, or a number is too large.
#[derive(Debug)]
pub(super) enum Undecided {
    Collation,
    Overflow,
}

pub(super) fn number(text: &str) -> Option<Scalar<'static>> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let parse = |n: i128, b: u8| n.checked_mul(10)?.checked_add(i128::from(b.is_ascii_digit().then(|| b - b'0')?));
    let units = whole.bytes().chain(fraction.bytes()).try_fold(0, parse)?;
    Some(Scalar::Number(if negative { -units } else { units }, u32::try_from(fraction.len()).ok()?))
}

fn scaled(units: i128, by: u32) -> Option<i128> {
    10_i128.checked_pow(by).and_then(|factor| units.checked_mul(factor))
}

fn float(scalar: &Scalar<'_>) -> Option<f64> {
    match scalar {
        // As text: the nearest double, which a division of two rounded ones might miss.
        Scalar::Number(units, scale) => format!("{units}e-{scale}").parse().ok(),
        Scalar::Float(number) => Some(*number),
        _ => None,
    }
}

/// None: NULL.
pub(super) fn arithmetic<'a>(operator: Operator, a: &Scalar<'_>, b: &Scalar<'_>) -> Result<Scalar<'a>, Undecided> {
    if let (Scalar::Number(x, xs), Scalar::Number(y, ys)) = (a, b) {
        return exact(operator, (*x, *xs), (*y, *ys)).ok_or(Undecided::Overflow);
    }
    let (Some(x), Some(y)) = (float(a), float(b)) else { return Ok(Scalar::Null) };
    let result = match operator {
        Operator::Plus => x + y,
        Operator::Minus => x - y,
        Operator::Times => x * y,
        Operator::Divide | Operator::Modulo if y == 0.0 => return Ok(Scalar::Null),
        Operator::Divide => x / y,
        Operator::Modulo => x % y,
    };
    if result.is_finite() { Ok(Scalar::Float(result)) } else { Err(Undecided::Overflow) }
}

/// None: too large, or not the same at each server. A quotient has four digits more than the dividend; the check lets only
/// those pass that end within them.
fn exact<'a>(operator: Operator, (x, xs): (i128, u32), (y, ys): (i128, u32)) -> Option<Scalar<'a>> {
    let scale = xs.max(ys);
    let same = || Some((scaled(x, scale - xs)?, scaled(y, scale - ys)?));
    Some(match operator {
        Operator::Plus => same().and_then(|(x, y)| Some(Scalar::Number(x.checked_add(y)?, scale)))?,
        Operator::Minus => same().and_then(|(x, y)| Some(Scalar::Number(x.checked_sub(y)?, scale)))?,
        Operator::Times => Scalar::Number(x.checked_mul(y)?, xs + ys),
        Operator::Divide | Operator::Modulo if y == 0 => Scalar::Null,
        Operator::Divide => {
            let (x, scale) = (scaled(x, ys + 4)?, xs + 4);
            if scale > 30 || x.checked_rem(y)? != 0 {
                return None;
            }
            Scalar::Number(x.checked_div(y)?, scale)
        }
        Operator::Modulo => {
            let (x, y) = same()?;
            let rest = x.checked_rem(y)?;
            // MariaDB has a decimal -0.0, which is not 0.
            if rest == 0 && x < 0 && scale > 0 {
                return None;
            }
            Scalar::Number(rest, scale)
        }
    })
}

/// None: one of them is NULL. `equality`: only whether they are equal matters.
pub(super) fn order(how: How, a: &Scalar<'_>, b: &Scalar<'_>, equality: bool) -> Result<Option<Ordering>, Undecided> {
    Ok(match (a, b) {
        (Scalar::Null, _) | (_, Scalar::Null) => None,
        (Scalar::Number(x, xs), Scalar::Number(y, ys)) => Some(numbers((*x, *xs), (*y, *ys))),
        (Scalar::Text(x), Scalar::Text(y)) => Some(texts(how, x, y, equality)?),
        (Scalar::Text(x), Scalar::Bytes(y)) => Some(x.as_bytes().cmp(y)),
        (Scalar::Bytes(x), Scalar::Text(y)) => Some(x.as_ref().cmp(y.as_bytes())),
        (Scalar::Bytes(x), Scalar::Bytes(y)) => Some(x.cmp(y)),
        _ => float(a).zip(float(b)).and_then(|(x, y)| x.partial_cmp(&y)),
    })
}

/// What does not fit when brought to one scale is larger than all that does.
fn numbers((x, xs): (i128, u32), (y, ys): (i128, u32)) -> Ordering {
    let scale = xs.max(ys);
    match (scaled(x, scale - xs), scaled(y, scale - ys)) {
        (Some(x), Some(y)) => x.cmp(&y),
        (None, _) => x.cmp(&0),
        (_, None) => 0.cmp(&y),
    }
}

fn texts(how: How, x: &str, y: &str, equality: bool) -> Result<Ordering, Undecided> {
    match how {
        How::Number | How::Bytes { pad: false } => Ok(x.cmp(y)),
        How::Bytes { pad: true } => Ok(padded(x.bytes(), y.bytes())),
        How::Moment => Ok(moments(x, y)),
        How::Caseless { pad } => {
            let (x, y) = if pad { (x.trim_end_matches(' '), y.trim_end_matches(' ')) } else { (x, y) };
            if x == y {
                return Ok(Ordering::Equal);
            }
            if printable(x) && printable(y) {
                return Ok(padded(x.bytes().map(|b| b.to_ascii_uppercase()), y.bytes().map(|b| b.to_ascii_uppercase())));
            }
            let apart = |a: &str, b: &str| printable(a) && (b.chars().any(foreign) || has_more(b, a));
            if equality && (apart(x, y) || apart(y, x)) { Ok(x.cmp(y)) } else { Err(Undecided::Collation) }
        }
    }
}

fn printable(text: &str) -> bool {
    text.bytes().all(|b| (0x20..0x7f).contains(&b))
}

/// Letters that no collation takes for ASCII: Greek, Cyrillic, Japanese, Chinese, Korean.
fn foreign(c: char) -> bool {
    matches!(u32::from(c), 0x391..=0x3c9 | 0x410..=0x44f | 0x3041..=0x3096 | 0x30a1..=0x30fa | 0x3400..=0x9fff | 0xac00..=0xd7a3)
}

/// Says whether there is an ASCII letter or digit more often in `b` than in `a`, in either case: each stands for itself in these
/// collations, whatever other letters become or take after.
fn has_more(b: &str, a: &str) -> bool {
    let mut rest = [0_usize; 128];
    a.bytes().filter(u8::is_ascii).for_each(|c| rest[usize::from(c.to_ascii_uppercase())] += 1);
    b.bytes().filter(u8::is_ascii_alphanumeric).any(|c| match &mut rest[usize::from(c.to_ascii_uppercase())] {
        0 => true,
        n => {
            *n -= 1;
            false
        }
    })
}

/// The shorter one is continued with spaces.
fn padded(mut x: impl Iterator<Item = u8>, mut y: impl Iterator<Item = u8>) -> Ordering {
    loop {
        let (a, b) = match (x.next(), y.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or(b' '), b.unwrap_or(b' ')),
        };
        if a != b {
            return a.cmp(&b);
        }
    }
}

/// Dates with and without a time or a fraction: what is missing is zero.
fn moments(x: &str, y: &str) -> Ordering {
    let common = x.len().min(y.len());
    let zero = |rest: &[u8]| rest.iter().all(|b| !(b'1'..=b'9').contains(b));
    let (x, y) = (x.as_bytes(), y.as_bytes());
    x[..common].cmp(&y[..common]).then_with(|| zero(&y[common..]).cmp(&zero(&x[common..])))
}

/// One character of a LIKE pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wild {
    Any,
    One,
    Char(char),
}

pub(super) fn pattern(text: &str) -> Vec<Wild> {
    let mut chars = text.chars();
    let mut out = Vec::with_capacity(text.len());
    while let Some(c) = chars.next() {
        out.push(match c {
            '%' => Wild::Any,
            '_' => Wild::One,
            '\\' => Wild::Char(chars.next().unwrap_or('\\')),
            c => Wild::Char(c),
        });
    }
    out
}

/// LIKE, character by character; spaces at the end count.
pub(super) fn like(how: How, text: &str, pattern: &[Wild]) -> Result<bool, Undecided> {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut p, mut retry) = (0, 0, None);
    while at < text.len() {
        let fits = match pattern.get(p) {
            Some(Wild::Any) => {
                retry = Some((p + 1, at));
                p += 1;
                continue;
            }
            Some(Wild::One) => true,
            Some(Wild::Char(c)) => alike(how, *c, text[at])?,
            None => false,
        };
        if fits {
            (at, p) = (at + 1, p + 1);
        } else if let Some((after, from)) = retry {
            (p, at) = (after, from + 1);
            retry = Some((after, from + 1));
        } else {
            return Ok(false);
        }
    }
    Ok(pattern[p..].iter().all(|w| *w == Wild::Any))
}

fn alike(how: How, a: char, b: char) -> Result<bool, Undecided> {
    let plain = |c: char| (' '..='~').contains(&c);
    match how {
        How::Caseless { .. } if a == b => Ok(true),
        How::Caseless { .. } if plain(a) && plain(b) => Ok(a.eq_ignore_ascii_case(&b)),
        How::Caseless { .. } if plain(a) && foreign(b) || plain(b) && foreign(a) => Ok(false),
        How::Caseless { .. } => Err(Undecided::Collation),
        _ => Ok(a == b),
    }
}
