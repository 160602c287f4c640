//! Exact decimals: reading them from text and writing them without superfluous zeros.

use crate::{Decimal, Text, format_smolstr};

/// Reads a JSON number (`-12.50`, `1e3`) exactly. `None` where it is not a number or needs more than 28 digits.
#[must_use]
pub fn parse(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    // The decimal library reads more than JSON allows: underscores, a leading point.
    if !digits.starts_with(|first: char| first.is_ascii_digit()) || digits.contains('_') {
        return None;
    }
    if text.contains(['e', 'E']) {
        // Reading the exponent form is lossy where the digits do not fit: compare what comes back.
        let (mantissa, exponent) = text.split_once(['e', 'E'])?;
        let mantissa = Decimal::from_str_exact(mantissa).ok()?.normalize();
        let exponent: i32 = exponent.parse().ok()?;
        let scale = i32::try_from(mantissa.scale()).ok()?.checked_sub(exponent)?;
        if mantissa.is_zero() {
            return Some(Decimal::ZERO);
        }
        return if scale >= 0 {
            Decimal::try_from_i128_with_scale(mantissa.mantissa(), u32::try_from(scale).ok()?).ok()
        } else {
            let factor = 10i128.checked_pow(scale.unsigned_abs())?;
            Decimal::try_from_i128_with_scale(mantissa.mantissa().checked_mul(factor)?, 0).ok()
        };
    }
    Decimal::from_str_exact(text).ok()
}

/// Writes a number plainly, without superfluous zeros: `1500.5`.
#[must_use]
pub fn plain(number: Decimal) -> Text {
    // A whole number that fits 64 bits is by far the most usual, and the cheapest.
    if number.scale() == 0
        && let Ok(whole) = i64::try_from(number)
    {
        return format_smolstr!("{whole}");
    }
    format_smolstr!("{}", number.normalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(parse(text).map(plain).as_deref(), expected, "{text}");
    }

    #[test]
    fn exact_or_nothing() {
        check("1500.50", Some("1500.5"));
        check("-0", Some("0"));
        check("1e3", Some("1000"));
        check("1.25E-2", Some("0.0125"));
        check("9999999999999999999999999999", Some("9999999999999999999999999999"));
        check("99999999999999999999999999999999", None);
        check("0.12345678901234567890123456789", None);
        check("1e400", None);
        check("0e99", Some("0"));
        check("+1", None);
        check(".5", None);
        check("1_000", None);
        check("", None);
    }
}
