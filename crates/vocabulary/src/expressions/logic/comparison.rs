//! What the comparisons share: equality, order, and their type rules.

use std::cmp::Ordering;
use std::collections::HashMap;

use salesdash_language::check::{ExpressionCheck, Facts, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::Argument;
use salesdash_language::types::{Accepts, Shape};
use salesdash_value::{Text, Value};

/// What `equals` and `not_equals` compare.
pub static SIDES: [Argument; 2] = [
    Argument::required("left", Accepts::ANY, "What is compared").nullable(),
    Argument::required("right", Accepts::ANY, "What it is compared with").nullable(),
];

/// What `greater_than` and its kin compare.
pub static ORDERED_SIDES: [Argument; 2] = [
    Argument::required("left", Accepts::ORDERED, "What is compared"),
    Argument::required("right", Accepts::ORDERED, "What it is compared with"),
];

/// The rules of `greater_than` and its kin.
pub const ORDER_DOCS: &str = "Compares two numbers by value, two datetimes as instants (the later one is greater) or two strings. Strings are compared \
           character by character in the order of Unicode, in which all capitals come before all small letters, and `\"10\"` before \
           `\"9\"`. Values of two different kinds have no order: that is an error, as is null on either side.";

/// Objects of more fields than this are compared through an index of their keys.
const INDEXED_FROM: usize = 16;

/// Whether two values are equal: numbers by value, datetimes as instants, lists item by item, objects whatever the order of their keys,
/// identities and records by what they stand for. Values of different kinds are not equal.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Null, Value::Null) => true,
        (Value::Boolean(left), Value::Boolean(right)) => left == right,
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::BigNumber(left), Value::BigNumber(right)) => same_number(left, right),
        (Value::Text(left), Value::Text(right)) => left.as_str() == right.as_str(),
        (Value::Datetime(left), Value::Datetime(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => left.len() == right.len() && equal_fields(left, right),
        (Value::Identity(left), Value::Identity(right)) => left.kind == right.kind && left.id == right.id,
        (Value::Record(left), Value::Record(right)) => left.kind == right.kind && left.id == right.id,
        _ => false,
    }
}

/// Whether two objects of equally many fields are equal.
fn equal_fields(left: &[(Text, Value)], right: &[(Text, Value)]) -> bool {
    // Objects of one source have their keys in one order.
    if left.iter().zip(right).all(|((left, _), (right, _))| left == right) {
        return left.iter().zip(right).all(|((_, left), (_, right))| equal(left, right));
    }
    if left.len() < INDEXED_FROM {
        return left.iter().all(|(key, value)| right.iter().any(|(other, against)| key == other && equal(value, against)));
    }
    let index: HashMap<&str, &Value> = right.iter().map(|(key, value)| (key.as_str(), value)).collect();
    left.iter().all(|(key, value)| index.get(key.as_str()).is_some_and(|against| equal(value, against)))
}

/// Whether two JSON numbers that exact decimals cannot hold are the same number: `1e40` and `10.0e39` are.
fn same_number(left: &str, right: &str) -> bool {
    left == right || significant(left).is_some_and(|number| Some(number) == significant(right))
}

/// The sign, the digits without zeros at either end, and the power of ten of the last digit.
fn significant(number: &str) -> Option<(bool, String, i64)> {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (negative, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    let dropped = i64::try_from(digits.len() - kept.len()).ok()?;
    let power = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(dropped)?;
    let kept = kept.trim_start_matches('0');
    if kept.is_empty() { Some((false, String::new(), 0)) } else { Some((negative, kept.to_owned(), power)) }
}

/// Whether this is never null, so that what equals it is not null either.
fn is_value(typed: &Typed) -> bool {
    !typed.ty.may_be_empty && !matches!(typed.ty.shape, Shape::Invalid | Shape::Null)
}

/// What is known not to be empty where `left` equals one of the `others`, and where it equals none of them.
pub fn equality_facts(left: &Typed, others: &[Typed]) -> (Facts, Facts) {
    let mut equal = Facts::new();
    let mut unequal = Facts::new();
    if others.iter().all(is_value) {
        equal.extend(left.filled());
    }
    if others.iter().any(|other| matches!(other.ty.shape, Shape::Null)) {
        unequal.extend(left.filled());
    }
    if let [right] = others {
        if is_value(left) {
            equal.extend(right.filled());
        }
        if matches!(left.ty.shape, Shape::Null) {
            unequal.extend(right.filled());
        }
    }
    (equal, unequal)
}

/// The type rule of `equals` and `not_equals`: gives what is known where the two are equal, and where they are not.
pub fn check_equality(check: &mut ExpressionCheck<'_, '_>) -> (Facts, Facts) {
    let left = check.argument("left");
    let right = check.argument("right");
    // A literal is what is to be written anew where the two do not fit.
    if left.constant.is_some() && right.constant.is_none() {
        check.compare("left", None, &right, &left);
    } else {
        check.compare("right", None, &left, &right);
    }
    equality_facts(&left, &[right])
}

/// The type rule of `greater_than` and its kin.
pub fn check_order(check: &mut ExpressionCheck<'_, '_>) -> Typed {
    let left = check.argument("left");
    let right = check.argument("right");
    if let (Some(a), Some(b)) = (left.ty.base(), right.ty.base())
        && a != b
        && Accepts::ORDERED.contains(a.or(b))
    {
        let text = format!(
            "{} and {} have no order: compare two numbers, two datetimes or two strings",
            left.ty.with_article(),
            right.ty.with_article()
        );
        // Text is what is most often meant as something else.
        if b == Accepts::STRING {
            check.mismatch("right", b, a, text);
        } else {
            check.mismatch("left", a, b, text);
        }
    }
    // Null ends the comparison with an error: once it has been made, both sides are known to have a value.
    let mut filled = left.filled();
    filled.extend(right.filled());
    Typed::condition(filled.clone(), filled)
}

/// The order of the two sides.
///
/// # Errors
/// Where one is null, or they are not two numbers, two datetimes or two texts.
pub fn order(call: &mut Call<'_, '_>) -> Result<Ordering, Fault> {
    let left = call.accepted(0)?;
    let right = call.accepted(1)?;
    match (&left, &right) {
        (Value::Number(left), Value::Number(right)) => Ok(left.cmp(right)),
        (Value::Datetime(left), Value::Datetime(right)) => Ok(left.cmp(right)),
        (Value::Text(left), Value::Text(right)) => Ok(left.as_str().cmp(right.as_str())),
        _ => {
            let text = format!(
                "`{}` is {} and `{}` is {}: only two numbers, two datetimes or two strings have an order",
                call.label(0),
                left.kind_name(),
                call.label(1),
                right.kind_name()
            );
            Err(call.fault(&codes::TYPE_MISMATCH, 1, text))
        }
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Type;

    use super::*;
    use crate::testing::{codes, fails, parse};

    #[track_caller]
    fn check(left: &str, right: &str, expected: bool) {
        assert_eq!(equal(&parse(left), &parse(right)), expected, "{left} and {right}");
        assert_eq!(equal(&parse(right), &parse(left)), expected, "{right} and {left}");
    }

    #[test]
    fn equality_is_structural() {
        check("1.50", "1.5", true);
        check("-0", "0", true);
        check(r#""1""#, "1", false);
        check("null", "null", true);
        check("null", r#""""#, false);
        check("[1, [2]]", "[1.0, [2]]", true);
        check("[1, 2]", "[2, 1]", false);
        check(r#"{"a": 1, "b": [2]}"#, r#"{"b": [2], "a": 1}"#, true);
        check(r#"{"a": 1}"#, r#"{"a": 1, "b": null}"#, false);
        check(r#"{"a": null}"#, r#"{"b": null}"#, false);
    }

    #[test]
    fn large_objects_are_equal_in_any_order() {
        let object = |keys: &mut dyn Iterator<Item = i64>| Value::object(keys.map(|key| (format!("k{key}"), Value::from(key))));
        let forward = object(&mut (0..100));
        assert!(equal(&forward, &object(&mut (0..100).rev())));
        assert!(!equal(&forward, &object(&mut (1..101))));
    }

    #[test]
    fn numbers_beyond_28_digits_are_equal_by_value() {
        check("1e40", "10.0e39", true);
        check("1e40", "10000000000000000000000000000000000000000", true);
        check("1e40", "-1e40", false);
        check("1e40", "1e41", false);
        check("1e99999999999999999999", "1e99999999999999999999", true);
        check("1e99999999999999999999", "1e40", false);
    }

    #[test]
    fn values_of_different_kinds_have_no_order() {
        let node = r#"{"type": "less_than", "left": {"type": "var", "var": "a"}, "right": {"type": "var", "var": "b"}}"#;
        assert_eq!(fails(node, r#"{"a": 1, "b": "2"}"#), "E201");
        assert_eq!(fails(node, r#"{"a": null, "b": "2"}"#), "E202");
        assert_eq!(fails(node, r#"{"a": 1, "b": 1e40}"#), "E502");
        assert_eq!(codes(node, &[("a", Type::NUMBER), ("b", Type::STRING)]), ["E201"]);
        assert_eq!(codes(node, &[("a", Type::NUMBER), ("b", Type::ANY)]), ["E204"]);
        assert_eq!(codes(node, &[("a", Type::NUMBER), ("b", Type::BOOLEAN)]), ["E201"]);
    }

    #[test]
    fn after_a_comparison_both_sides_are_known_to_have_a_value() {
        let node = r#"{"type": "and", "arguments": [
            {"type": "greater_than", "left": {"type": "var", "var": "a"}, "right": {"type": "literal", "value": 1}},
            {"type": "less_than", "left": {"type": "var", "var": "a"}, "right": {"type": "literal", "value": 5}}]}"#;
        assert_eq!(codes(node, &[("a", Type::NUMBER.maybe_empty(true))]), ["E202"]);
    }
}
