//! Showing values without the personal data in them.

use salesdash_value::Value;

use crate::identity::is_hashed;
use crate::types::{Shape, Type};

/// What stands in the place of personal data.
pub const MASK: &str = "•••";

/// A value without the personal data in it: what its type says is personal, and in what no type is known of, what looks personal.
#[must_use]
pub fn mask(value: &Value, ty: &Type) -> Value {
    if !ty.personal.is_none() {
        return hide(value);
    }
    match (&ty.shape, value) {
        (Shape::Object(object) | Shape::Record(_, object), Value::Object(fields)) => Value::Object(
            fields
                .iter()
                .map(|(name, value)| (name.clone(), object.field(name).map_or_else(|| guess(value), |ty| mask(value, ty))))
                .collect(),
        ),
        (Shape::Array(item), Value::List(items)) => Value::list(items.iter().map(|value| mask(value, item))),
        (Shape::Identity(_, personal), Value::Identity(identity)) if !personal.is_none() => Value::object([
            ("id", Value::text(identity.id.to_string())),
            ("external_id", Value::Text(identity.external_id.clone())),
            ("external_name", Value::text(MASK)),
        ]),
        (Shape::Any | Shape::Invalid, value) => guess(value),
        (_, value) => value.clone(),
    }
}

/// Everything in it hidden, null and emptiness still to be seen.
fn hide(value: &Value) -> Value {
    match value {
        Value::Null => Value::Null,
        Value::Text(text) if text.is_empty() || is_hashed(text) => Value::Text(text.clone()),
        Value::Object(fields) => Value::Object(fields.iter().map(|(name, value)| (name.clone(), hide(value))).collect()),
        Value::List(items) => Value::list(items.iter().map(hide)),
        _ => Value::text(MASK),
    }
}

/// Hides what looks personal in a value of which no type is known.
fn guess(value: &Value) -> Value {
    match value {
        Value::Text(text) if looks_personal(text) => Value::text(MASK),
        Value::Object(fields) => Value::Object(
            fields.iter().map(|(name, value)| (name.clone(), if names_personal(name) { hide(value) } else { guess(value) })).collect(),
        ),
        Value::List(items) => Value::list(items.iter().map(guess)),
        other => other.clone(),
    }
}

/// Whether a text looks like an e-mail address or a phone number.
#[must_use]
pub fn looks_personal(text: &str) -> bool {
    let text = text.trim();
    let email = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && domain.contains('.') && !domain.ends_with('.') && !text.contains(char::is_whitespace)
    });
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let phone = (9..=15).contains(&digits)
        && text.starts_with(['+', '0', '('])
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b' ' | b'(' | b')' | b'.' | b'/'));
    email || phone
}

/// Whether the name of a field says that it holds personal data.
#[must_use]
pub fn names_personal(name: &str) -> bool {
    const PARTS: &[&str] = &["email", "phone", "firstname", "lastname", "fullname", "surname", "birth", "address", "street", "mobile"];
    let plain: String = name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_lowercase();
    PARTS.iter().any(|part| plain.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::Personal;

    #[test]
    fn personal_data_is_hidden_and_emptiness_is_not() {
        let value = Value::object([("email", Value::from("a@b.co")), ("note", Value::from("call +31 20 123 4567")), ("n", Value::from(1))]);
        let ty = Type::ANY;
        assert_eq!(mask(&value, &ty).get("email"), Some(&Value::from(MASK)));
        assert_eq!(mask(&value, &ty).get("n"), Some(&Value::from(1)));
        assert_eq!(mask(&Value::Null, &Type::STRING.with_personal(Personal::EMAIL)), Value::Null);
        assert_eq!(mask(&Value::from("x"), &Type::STRING.with_personal(Personal::NAME)), Value::from(MASK));
        assert_eq!(mask(&Value::from("x"), &Type::STRING), Value::from("x"));
    }

    #[test]
    fn dates_and_ids_do_not_look_personal() {
        for text in ["2026-03-01", "2026-03-01T09:30:00Z", "ocQHyuzHvysMo5N5VsXc", "1500.50", "12345", "a @ b"] {
            assert!(!looks_personal(text), "{text}");
        }
        for text in ["jan@example.com", "+31 20 123 4567", "020-1234567"] {
            assert!(looks_personal(text), "{text}");
        }
    }
}
