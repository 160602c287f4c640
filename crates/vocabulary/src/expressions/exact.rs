//! Arithmetic on exact decimals of 28 digits.
//!
//! A result that fits 28 digits, of which at most 28 behind the point, is exact. A longer fraction is rounded once, at the last digit
//! that fits, half away from zero: `divide(1, 3)` has 28 threes. Where the whole part alone needs more than 28 digits there is no
//! result (`None`). The decimal library underneath holds a little more than 28 digits and rounds in between, so the rules stand here.

use salesdash_value::Decimal;

/// The most digits of a number, and the most behind the point.
pub const DIGITS: u32 = 28;

/// The first number that has more than [`DIGITS`] digits, and the base of the two limbs in which long results are worked out.
const LIMB: u128 = 10u128.pow(DIGITS);

/// A number as its sign, its digits (below [`LIMB`]) and how many of them stand behind the point.
fn parts(number: Decimal) -> Option<(bool, u128, u32)> {
    let mut number = number;
    if number.mantissa().unsigned_abs() >= LIMB {
        number = number.normalize();
    }
    let digits = number.mantissa().unsigned_abs();
    (digits < LIMB).then_some((number.mantissa() < 0, digits, number.scale()))
}

/// The number with these digits, which are below [`LIMB`].
fn number(negative: bool, digits: u128, scale: u32) -> Option<Decimal> {
    let digits = i128::try_from(digits).ok()?;
    Decimal::try_from_i128_with_scale(if negative { -digits } else { digits }, scale).ok()
}

/// How many digits a number has; 0 has none.
fn count(digits: u128) -> u32 {
    digits.checked_ilog10().map_or(0, |log| log + 1)
}

/// The number with the digits `high` and then the 28 digits `low`, both below [`LIMB`], of which up to 56 stand behind the point.
fn fit(negative: bool, high: u128, low: u128, scale: u32) -> Option<Decimal> {
    let drop = count(high).max(scale.saturating_sub(DIGITS));
    if drop > scale {
        return None;
    }
    let unit = 10u128.pow(drop);
    let mut digits = high * 10u128.pow(DIGITS - drop) + low / unit + u128::from(low % unit * 2 >= unit);
    let mut scale = scale - drop;
    if digits == LIMB {
        digits /= 10;
        scale = scale.checked_sub(1)?;
    }
    number(negative, digits, scale)
}

/// A sum to which numbers are added in whatever order. Nothing is rounded on the way.
#[derive(Default)]
pub struct Total {
    whole: i128,
    /// What stands behind the point, in units of the 28th digit.
    fraction: i128,
    scale: u32,
}

impl Total {
    /// Adds a number.
    pub fn add(&mut self, number: Decimal) -> Option<()> {
        let (negative, digits, scale) = parts(number)?;
        let unit = 10u128.pow(scale);
        let (whole, fraction) = if scale == 0 { (digits, 0) } else { (digits / unit, digits % unit * 10u128.pow(DIGITS - scale)) };
        let (whole, fraction) = (i128::try_from(whole).ok()?, i128::try_from(fraction).ok()?);
        self.whole = if negative { self.whole.checked_sub(whole)? } else { self.whole.checked_add(whole)? };
        self.fraction = if negative { self.fraction.checked_sub(fraction)? } else { self.fraction.checked_add(fraction)? };
        self.scale = self.scale.max(scale);
        Some(())
    }

    /// The sum.
    pub fn finish(self) -> Option<Decimal> {
        let limb = LIMB as i128;
        let (mut whole, mut fraction) = (self.whole, self.fraction);
        if !(0..limb).contains(&fraction) {
            whole = whole.checked_add(fraction.div_euclid(limb))?;
            fraction = fraction.rem_euclid(limb);
        }
        let negative = whole < 0;
        if negative && fraction > 0 {
            // Minus two and a quarter came out as minus three and three quarters.
            whole += 1;
            fraction = limb - fraction;
        }
        let (whole, fraction) = (whole.unsigned_abs(), fraction.unsigned_abs());
        if whole >= LIMB {
            return None;
        }
        if count(whole) + self.scale <= DIGITS {
            let digits = whole * 10u128.pow(self.scale) + fraction / 10u128.pow(DIGITS - self.scale);
            return number(negative, digits, self.scale);
        }
        fit(negative, whole, fraction, DIGITS)
    }
}

/// The first number less the second.
pub fn subtract(left: Decimal, right: Decimal) -> Option<Decimal> {
    let mut total = Total::default();
    total.add(left)?;
    total.add(-right)?;
    total.finish()
}

/// The product of two numbers.
pub fn multiply(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left_negative, left, left_scale) = parts(left)?;
    let (right_negative, right, right_scale) = parts(right)?;
    let negative = left_negative != right_negative;
    let scale = left_scale + right_scale;
    if let Some(digits) = left.checked_mul(right) {
        return if digits < LIMB && scale <= DIGITS {
            number(negative, digits, scale)
        } else {
            fit(negative, digits / LIMB, digits % LIMB, scale)
        };
    }
    // Too long for the machine: by halves of 14 digits, as on paper.
    const HALF: u128 = 10u128.pow(DIGITS / 2);
    let (a, b, c, d) = (left / HALF, left % HALF, right / HALF, right % HALF);
    let middle = a * d + b * c;
    let low = b * d + middle % HALF * HALF;
    fit(negative, a * c + middle / HALF + low / LIMB, low % LIMB, scale)
}

/// The quotient of two numbers, of which the second is not 0.
pub fn divide(left: Decimal, right: Decimal) -> Option<Decimal> {
    let (left_negative, left, left_scale) = parts(left)?;
    let (right_negative, right, right_scale) = parts(right)?;
    let negative = left_negative != right_negative;
    let mut scale = i64::from(left_scale) - i64::from(right_scale);
    let mut digits = left.checked_div(right)?;
    let mut rest = left % right;
    let most = i64::from(DIGITS);
    while rest != 0 && count(digits) < DIGITS && scale < most {
        // Nine digits at a time: the rest stays below 10^28, so there is room.
        let step = 9.min(i64::from(DIGITS - count(digits))).min(most - scale);
        let unit = 10u128.pow(u32::try_from(step).ok()?);
        digits = digits * unit + rest * unit / right;
        rest = rest * unit % right;
        scale += step;
    }
    if rest * 2 >= right {
        digits += 1;
    }
    if digits == LIMB {
        digits /= 10;
        scale -= 1;
    }
    match u32::try_from(scale) {
        Ok(scale) => number(negative, digits, scale).map(|number| number.normalize()),
        // Digits before the point that are not known cannot be made up.
        Err(_) if rest != 0 => None,
        Err(_) => {
            let zeros = u32::try_from(-scale).ok()?;
            let digits = digits.checked_mul(10u128.checked_pow(zeros)?).filter(|digits| *digits < LIMB)?;
            number(negative, digits, 0)
        }
    }
}

/// A number rounded to some digits behind the point, or before it where `digits` is negative, half away from zero.
pub fn round(value: Decimal, digits: i32) -> Option<Decimal> {
    let (negative, all, scale) = parts(value)?;
    let Some(drop) = u32::try_from(i64::from(scale) - i64::from(digits)).ok().filter(|drop| *drop > 0) else { return Some(value) };
    if drop > DIGITS {
        // Less than a twentieth of the unit that is rounded to.
        return Some(Decimal::ZERO);
    }
    let unit = 10u128.pow(drop);
    let kept = all / unit + u128::from(all % unit * 2 >= unit);
    match u32::try_from(digits) {
        Ok(digits) => number(negative, kept, digits),
        Err(_) => number(negative, kept.checked_mul(10u128.pow(digits.unsigned_abs())).filter(|digits| *digits < LIMB)?, 0),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use salesdash_value::number;

    use super::*;

    fn sum(numbers: impl IntoIterator<Item = Decimal>) -> Option<Decimal> {
        let mut total = Total::default();
        numbers.into_iter().try_for_each(|number| total.add(number))?;
        total.finish()
    }

    fn decimal(text: &str) -> Decimal {
        number::parse(text).unwrap_or_else(|| panic!("{text} is a number"))
    }

    fn shown(number: Option<Decimal>) -> Option<String> {
        number.map(|number| number::plain(number).to_string())
    }

    fn check(operation: fn(Decimal, Decimal) -> Option<Decimal>, left: &str, right: &str, expected: Option<&str>) {
        assert_eq!(shown(operation(decimal(left), decimal(right))).as_deref(), expected, "{left} and {right}");
    }

    const NINES: &str = "9999999999999999999999999999";

    #[test]
    fn products() {
        check(multiply, "1.5", "-2", Some("-3"));
        check(multiply, "0", "-2", Some("0"));
        check(multiply, "1e20", "1e20", None);
        check(multiply, "1e14", "1e13", Some("1000000000000000000000000000"));
        check(multiply, "1e14", "1e14", None);
        check(multiply, NINES, "1", Some(NINES));
        check(multiply, NINES, "1.1", None);
        check(multiply, NINES, "0.0000000000000000000000000001", Some("0.9999999999999999999999999999"));
        // 28 digits and 28 more, of which those behind the 28th are rounded.
        check(multiply, "1.234567890123456789012345678", "1.234567890123456789012345678", Some("1.524157875323883675049535154"));
        check(multiply, "0.0000000000000000000000000005", "0.1", Some("0.0000000000000000000000000001"));
        check(multiply, "0.0000000000000000000000000004", "-0.1", Some("0"));
        check(multiply, "0.9999999999999999999999999999", "9.9", Some("9.899999999999999999999999999"));
        check(multiply, "3.333333333333333333333333333", "0.21", Some("0.6999999999999999999999999999"));
    }

    #[test]
    fn quotients() {
        check(divide, "1500", "3", Some("500"));
        check(divide, "1", "3", Some("0.3333333333333333333333333333"));
        check(divide, "-2", "3", Some("-0.6666666666666666666666666667"));
        check(divide, "200", "3", Some("66.66666666666666666666666667"));
        check(divide, "1", "4", Some("0.25"));
        check(divide, "1", "-0.001", Some("-1000"));
        check(divide, "7", "0.0000000000000000000000000001", None);
        check(divide, "0.7", "0.0000000000000000000000000001", Some("7000000000000000000000000000"));
        check(divide, NINES, "0.1", None);
        check(divide, NINES, "10", Some("999999999999999999999999999.9"));
        check(divide, "1", NINES, Some("0.0000000000000000000000000001"));
        check(divide, "1", "30000000000000000000000000", Some("0.0000000000000000000000000333"));
        check(divide, "0", "5", Some("0"));
        // Rounding up runs through every digit.
        check(divide, "9999999999999999999999999998", "9999999999999999999999999999", Some("0.9999999999999999999999999999"));
        check(divide, "1", "0", None);
    }

    #[test]
    fn sums() {
        let of = |numbers: &[&str]| shown(sum(numbers.iter().map(|text| decimal(text))));
        assert_eq!(of(&[]).as_deref(), Some("0"));
        assert_eq!(of(&["0.1", "0.2"]).as_deref(), Some("0.3"));
        assert_eq!(of(&["-2.5", "0.25"]).as_deref(), Some("-2.25"));
        assert_eq!(of(&["2", "-2.25"]).as_deref(), Some("-0.25"));
        assert_eq!(of(&["-1", "1"]).as_deref(), Some("0"));
        assert_eq!(of(&[NINES, "1"]), None);
        assert_eq!(of(&[NINES, "1", "-1"]).as_deref(), Some(NINES));
        assert_eq!(of(&[NINES, "0.4"]).as_deref(), Some(NINES));
        assert_eq!(of(&[NINES, "0.5"]), None);
        assert_eq!(of(&["100", "0.3333333333333333333333333333"]).as_deref(), Some("100.3333333333333333333333333"));
        // In any order: nothing is rounded on the way.
        assert_eq!(of(&["1e20", "0.0000000000000000000000000001", "-1e20"]).as_deref(), Some("0.0000000000000000000000000001"));
    }

    #[test]
    fn rounding() {
        let of = |number: &str, digits| shown(round(decimal(number), digits));
        assert_eq!(of("2.5", 0).as_deref(), Some("3"));
        assert_eq!(of("-2.5", 0).as_deref(), Some("-3"));
        assert_eq!(of("2.45", 1).as_deref(), Some("2.5"));
        assert_eq!(of("2.4", 5).as_deref(), Some("2.4"));
        assert_eq!(of("1250", -2).as_deref(), Some("1300"));
        assert_eq!(of("49", -2).as_deref(), Some("0"));
        assert_eq!(of("-0.4", 0).as_deref(), Some("0"));
        assert_eq!(of("0.1", -28).as_deref(), Some("0"));
        assert_eq!(of(NINES, -1), None);
        assert_eq!(of("9.999999999999999999999999999", 0).as_deref(), Some("10"));
    }

    /// The product digit by digit, rounded where it must be.
    fn on_paper(a: u128, b: u128, scale: u32) -> Option<String> {
        let digits = |number: u128| number.to_string().bytes().rev().map(|byte| u32::from(byte - b'0')).collect::<Vec<_>>();
        let mut product = vec![0; 60];
        for (i, x) in digits(a).into_iter().enumerate() {
            for (j, y) in digits(b).into_iter().enumerate() {
                product[i + j] += x * y;
            }
        }
        for place in 0..59 {
            product[place + 1] += product[place] / 10;
            product[place] %= 10;
        }
        let length = 60 - product.iter().rev().take_while(|digit| **digit == 0).count();
        let drop = length.saturating_sub(28).max((scale as usize).saturating_sub(28));
        let kept = product[drop..].iter().rev().fold(0, |all, digit| all * 10 + i128::from(*digit));
        let kept = kept + i128::from(drop > 0 && product[drop - 1] >= 5);
        // Where rounding up makes one digit more, it is a 1 before zeros, of which one can go.
        let (kept, drop) = if kept == LIMB as i128 { (kept / 10, drop + 1) } else { (kept, drop) };
        let scale = scale.checked_sub(drop as u32)?;
        Some(number::plain(Decimal::from_i128_with_scale(kept, scale)).to_string())
    }

    proptest! {
        #[test]
        fn short_numbers_come_out_as_whole_ones_do(a in any::<i32>(), b in any::<i32>(), s in 0u32..9, t in 0u32..9) {
            let (x, y) = (Decimal::new(a.into(), s), Decimal::new(b.into(), t));
            prop_assert_eq!(multiply(x, y), Decimal::try_from_i128_with_scale(i128::from(a) * i128::from(b), s + t).ok());
            let common = i128::from(a) * 10i128.pow(9 - s) + i128::from(b) * 10i128.pow(9 - t);
            prop_assert_eq!(sum([x, y]), Decimal::try_from_i128_with_scale(common, 9).ok());
            prop_assert_eq!(subtract(x, y), sum([x, -y]));
        }

        #[test]
        fn long_products_come_out_as_on_paper(a in any::<u128>(), b in any::<u128>(), s in 0u32..=28, t in 0u32..=28) {
            let (a, b) = (a % LIMB, b % LIMB);
            let got = multiply(Decimal::from_i128_with_scale(a as i128, s), Decimal::from_i128_with_scale(b as i128, t));
            prop_assert_eq!(shown(got), on_paper(a, b, s + t));
        }

        #[test]
        fn a_quotient_times_its_divisor_is_near(a in -1_000_000_000_000i64..1_000_000_000_000, b in 1i64..1_000_000) {
            let quotient = divide(a.into(), b.into()).unwrap();
            let back = multiply(quotient, b.into()).unwrap();
            prop_assert!((back - Decimal::from(a)).abs() < Decimal::new(1, 9), "{a} / {b} = {quotient}");
            if a % b == 0 {
                prop_assert_eq!(quotient, Decimal::from(a / b));
            }
        }

        #[test]
        fn nothing_overflows_unseen(a in any::<i128>(), b in any::<i128>(), s in 0u32..=28, t in 0u32..=28, digits in -30i32..30) {
            let limit = 79_228_162_514_264_337_593_543_950_335i128;
            let (x, y) = (Decimal::from_i128_with_scale(a % limit, s), Decimal::from_i128_with_scale(b % limit, t));
            for result in [multiply(x, y), divide(x, y), sum([x, y, x]), round(x, digits)].into_iter().flatten() {
                prop_assert!(result.normalize().mantissa().unsigned_abs() < LIMB);
            }
        }
    }
}
