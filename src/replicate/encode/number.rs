//! Decimal numbers as Kafka Connect's Decimal: the unscaled integer in two's complement, big endian, as short as it gets.

/// DECIMAL has at most 65 digits: 216 bits and a sign.
pub(super) const WIDEST: usize = 28;

/// Writes the unscaled number of a decimal's text and returns where it starts in the buffer. None: it is no number.
pub(super) fn unscaled<'a>(text: &str, buffer: &'a mut [u8; WIDEST]) -> Option<&'a [u8]> {
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    *buffer = [0; WIDEST];
    if digits.len() <= 19 {
        let number =
            digits.bytes().filter(|b| *b != b'.').try_fold(0_i128, |n, b| b.is_ascii_digit().then(|| n * 10 + i128::from(b - b'0')))?;
        let number = if negative { -number } else { number };
        buffer[WIDEST - 16..].copy_from_slice(&number.to_be_bytes());
        return Some(shortest(&buffer[WIDEST - 16..]));
    }
    for digit in digits.bytes().filter(|b| *b != b'.') {
        let mut carry = u32::from(digit.is_ascii_digit().then(|| digit - b'0')?);
        for byte in buffer.iter_mut().rev() {
            carry += u32::from(*byte) * 10;
            *byte = carry as u8;
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    if negative {
        let mut carry = true;
        for byte in buffer.iter_mut().rev() {
            (*byte, carry) = (!*byte).overflowing_add(u8::from(carry));
        }
    }
    Some(shortest(buffer))
}

/// Leaves away leading bytes that only repeat the sign.
fn shortest(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [first, second, ..] = rest
        && (*first == 0 && second & 0x80 == 0 || *first == 0xff && second & 0x80 != 0)
    {
        rest = &rest[1..];
    }
    rest
}

/// The same of an unsigned integer.
pub(super) fn unsigned(number: u64, buffer: &mut [u8; 9]) -> &[u8] {
    buffer[0] = 0;
    buffer[1..].copy_from_slice(&number.to_be_bytes());
    shortest(buffer)
}

/// BIT(n) as a number.
pub(super) fn bits(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |n, b| n << 8 | u64::from(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_twos_complement_as_java_makes_it() {
        let of = |text| unscaled(text, &mut [0; 28]).unwrap().to_vec();
        assert_eq!(of("0"), [0]);
        assert_eq!(of("0.00"), [0]);
        assert_eq!(of("-1"), [0xff]);
        assert_eq!(of("127"), [0x7f]);
        assert_eq!(of("128"), [0, 0x80]);
        assert_eq!(of("-128"), [0x80]);
        assert_eq!(of("-129"), [0xff, 0x7f]);
        assert_eq!(of("-200"), [0xff, 0x38]);
        assert_eq!(of("-2.00"), [0xff, 0x38]);
        assert_eq!(of("-32769"), [0xff, 0x7f, 0xff]);
        assert_eq!(of("12345.67"), [0x12, 0xd6, 0x87]);
        let widest = "9".repeat(65);
        assert_eq!(of(&widest).len(), 28);
        assert_eq!(of(&format!("-{widest}")).len(), 28);
        assert_eq!(unscaled("1e5", &mut [0; 28]), None);
        assert_eq!(unsigned(u64::MAX, &mut [0; 9]), [0, 255, 255, 255, 255, 255, 255, 255, 255]);
        assert_eq!((unsigned(0, &mut [0; 9]), unsigned(127, &mut [0; 9])), (&[0][..], &[127][..]));
    }
}
