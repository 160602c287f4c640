//! Exact decimals: reading them from text and writing them without superfluous zeros.

use crate::{Decimal, Text};

/// Digits that always fit 64 bits.
const SAFE_DIGITS: usize = 19;

/// The largest scale of a [`Decimal`].
const MAX_SCALE: i64 = 28;

/// The most a [`Decimal`] can hold, scale apart: 96 bits.
const MAX_MANTISSA: u128 = (1 << 96) - 1;

/// The longest text of a [`Decimal`]: a sign, 29 digits, a point and a zero before it, with some room.
const BUFFER: usize = 40;

/// Reads a JSON number (`-12.50`, `1e3`) exactly; leading zeros are allowed. `None` where it is not a number or needs more than 28
/// digits.
#[must_use]
pub fn parse(text: &str) -> Option<Decimal> {
    parse_bytes(text.as_bytes())
}

/// [`parse`] for text that is still bytes.
pub(crate) fn parse_bytes(text: &[u8]) -> Option<Decimal> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    // Nearly every number that is ever met is short and has no exponent.
    if digits.len() > SAFE_DIGITS {
        return parse_long(negative, digits);
    }
    let mut mantissa = 0u64;
    let mut point = None;
    for (index, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() && index > 0 => point = Some(index),
            b'e' | b'E' => return parse_long(negative, digits),
            _ => return None,
        }
    }
    let scale = match point {
        Some(at) if at + 1 == digits.len() => return None,
        Some(at) => digits.len() - at - 1,
        None if digits.is_empty() => return None,
        None => 0,
    };
    Some(decimal(negative, u128::from(mantissa), u32::try_from(scale).ok()?))
}

/// A number of any length, with or without an exponent.
fn parse_long(negative: bool, text: &[u8]) -> Option<Decimal> {
    let mut digits = Digits::default();
    let (whole, rest) = leading_digits(text);
    if whole.is_empty() {
        return None;
    }
    digits.push(whole);
    let (fraction, rest) = match rest {
        [b'.', rest @ ..] => {
            let (fraction, rest) = leading_digits(rest);
            if fraction.is_empty() {
                return None;
            }
            (fraction, rest)
        }
        _ => (&[][..], rest),
    };
    digits.push(fraction);
    let exponent = match rest {
        [] => 0,
        [b'e' | b'E', rest @ ..] => exponent(rest)?,
        _ => return None,
    };
    let power = exponent.checked_add(digits.zeros)?.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    match digits.significant {
        Some(0) => Some(Decimal::ZERO),
        Some(mantissa) if power < 0 => {
            let scale = power.checked_neg().filter(|scale| *scale <= MAX_SCALE)?;
            (mantissa <= MAX_MANTISSA).then(|| decimal(negative, mantissa, u32::try_from(scale).unwrap_or_default()))
        }
        Some(mantissa) => {
            let factor = 10u128.checked_pow(u32::try_from(power).ok()?)?;
            let mantissa = mantissa.checked_mul(factor).filter(|mantissa| *mantissa <= MAX_MANTISSA)?;
            Some(decimal(negative, mantissa, 0))
        }
        None => None,
    }
}

/// Significant digits as they come, zeros at the end counted apart, so that only digits that matter need room.
struct Digits {
    /// `None`: more than 128 bits.
    significant: Option<u128>,
    zeros: i64,
}

impl Default for Digits {
    fn default() -> Self {
        Self { significant: Some(0), zeros: 0 }
    }
}

impl Digits {
    fn push(&mut self, digits: &[u8]) {
        for digit in digits {
            if *digit == b'0' {
                self.zeros += 1;
                continue;
            }
            let factor = u32::try_from(self.zeros).ok().and_then(|zeros| 10u128.checked_pow(zeros + 1));
            self.significant = match (self.significant, factor) {
                (Some(0), _) => Some(u128::from(digit - b'0')),
                (Some(known), Some(factor)) => known.checked_mul(factor).and_then(|known| known.checked_add(u128::from(digit - b'0'))),
                _ => None,
            };
            self.zeros = 0;
        }
    }
}

fn leading_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(text.len()))
}

/// The exponent after the `e`; one that is out of all proportion is as large as can be.
fn exponent(text: &[u8]) -> Option<i64> {
    /// Beyond any exponent that can be made good by digits.
    const ENDLESS: i64 = i64::MAX / 4;
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0i64, |size, digit| (size.saturating_mul(10).saturating_add(i64::from(digit - b'0'))).min(ENDLESS));
    Some(if negative { -size } else { size })
}

#[allow(clippy::cast_possible_truncation)]
const fn decimal(negative: bool, mantissa: u128, scale: u32) -> Decimal {
    Decimal::from_parts(mantissa as u32, (mantissa >> 32) as u32, (mantissa >> 64) as u32, negative && mantissa != 0, scale)
}

/// Writes a number plainly, without superfluous zeros: `1500.5`.
#[must_use]
pub fn plain(number: Decimal) -> Text {
    let mut buffer = [0; BUFFER];
    Text::new(render(number, &mut buffer))
}

/// Appends a number as [`plain`] writes it.
pub fn write(number: Decimal, out: &mut String) {
    let mut buffer = [0; BUFFER];
    out.push_str(render(number, &mut buffer));
}

fn render(number: Decimal, buffer: &mut [u8; BUFFER]) -> &str {
    let mut scale = number.scale() as usize;
    let mantissa = number.mantissa();
    let mut at = BUFFER;
    let mut written = 0;
    // From the last digit to the first; while nothing is written yet, zeros after the point are dropped.
    let mut digit = |digit: u8, at: &mut usize| {
        if scale > 0 && written == 0 && digit == 0 {
            scale -= 1;
            return;
        }
        if scale > 0 && written == scale {
            *at -= 1;
            buffer[*at] = b'.';
        }
        *at -= 1;
        buffer[*at] = b'0' + digit;
        written += 1;
    };
    let mut large = mantissa.unsigned_abs();
    while large > u128::from(u64::MAX) {
        digit((large % 10) as u8, &mut at);
        large /= 10;
    }
    let mut small = u64::try_from(large).unwrap_or_default();
    while small > 0 {
        digit((small % 10) as u8, &mut at);
        small /= 10;
    }
    // A zero before the point, and those between it and the first digit.
    while mantissa != 0 && written <= scale {
        if scale > 0 && written == scale {
            at -= 1;
            buffer[at] = b'.';
        }
        at -= 1;
        buffer[at] = b'0';
        written += 1;
    }
    if mantissa == 0 {
        return "0";
    }
    if mantissa < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    std::str::from_utf8(&buffer[at..]).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(parse(text).map(plain).as_deref(), expected, "{text}");
    }

    #[test]
    fn exact_or_nothing() {
        check("1500.50", Some("1500.5"));
        check("-0", Some("0"));
        check("-0.00", Some("0"));
        check("1e3", Some("1000"));
        check("1.25E-2", Some("0.0125"));
        check("1.25e+2", Some("125"));
        check("-100e-30", Some("-0.0000000000000000000000000001"));
        check("9999999999999999999", Some("9999999999999999999"));
        check("18446744073709551616", Some("18446744073709551616"));
        check("9999999999999999999999999999", Some("9999999999999999999999999999"));
        check("-79228162514264337593543950335", Some("-79228162514264337593543950335"));
        check("79228162514264337593543950336", None);
        check("7.9228162514264337593543950335", Some("7.9228162514264337593543950335"));
        check("99999999999999999999999999999999", None);
        check("0.12345678901234567890123456789", None);
        check("1.0000000000000000000000000000000000000000", Some("1"));
        check("0.0000000000000000000000000000", Some("0"));
        check("0.0000000000000000000000000001", Some("0.0000000000000000000000000001"));
        check("0.00000000000000000000000000001", None);
        check("1e28", Some("10000000000000000000000000000"));
        check("1e400", None);
        check("1e-400", None);
        check("1e99999999999999999999", None);
        check("1e-99999999999999999999", None);
        check("0e99999999999999999999", Some("0"));
        check("0e99", Some("0"));
        check("007", Some("7"));
    }

    #[test]
    fn not_a_number() {
        for text in ["+1", ".5", "5.", "1_000", "", "-", "--1", "1.2.3", "1e", "1e+", "1.e3", "e3", "1e1.5", " 1", "1 ", "NaN", "0x10", "١"]
        {
            check(text, None);
        }
    }

    #[test]
    fn plain_keeps_what_matters() {
        for (text, expected) in [("1500", "1500"), ("10.0", "10"), ("0.5", "0.5"), ("-0.050", "-0.05"), ("100.010", "100.01")] {
            check(text, Some(expected));
        }
        let number = Decimal::new(-5, 28);
        assert_eq!(plain(number), number.to_string());
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(mantissa in any::<i128>(), size in 0u32..96, scale in 0u32..=28) {
            let number = Decimal::from_i128_with_scale((mantissa >> 31) >> (95 - size), scale);
            let text = plain(number);
            prop_assert_eq!(parse(&text), Some(number));
            prop_assert_eq!(parse(&number.to_string()), Some(number));
            prop_assert_eq!(text.as_str(), number.normalize().to_string());
        }

        #[test]
        fn an_exponent_moves_the_point(digits in -1_000_000_000i64..1_000_000_000, power in 0usize..12) {
            let zeros = "0".repeat(power);
            prop_assert_eq!(parse(&format!("{digits}e{power}")), parse(&format!("{digits}{zeros}")));
            let scale = u32::try_from(power).unwrap_or_default();
            prop_assert_eq!(parse(&format!("{digits}E-{power}")), Some(Decimal::new(digits, scale)));
            prop_assert_eq!(parse(&format!("{digits}.{zeros}1e+{}", power + 1)), parse(&format!("{digits}{zeros}1")));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+0-9.eE]{0,40}") {
            let json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            // More than JSON allows: zeros in front. Less: what 28 digits cannot hold.
            prop_assert!(!json || parse(&text).is_some() || text.len() > 20 || text.contains(['e', 'E']), "{}", text);
            prop_assert!(parse(&text).is_none() || json || text.trim_start_matches('-').starts_with('0') || text.contains(['e', 'E']), "{}", text);
        }
    }
}
