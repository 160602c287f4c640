//! What tells one record from another, and a later state of it from an earlier one.

use std::cmp::Ordering;
use std::fmt;

use jiff::tz::TimeZone;
use salesdash_value::{Decimal, Instant, Text, Value, datetime, number};
use thiserror::Error;

use crate::path::Path;
use crate::request::text_of;

/// The longest key of a record, in bytes.
pub const MAX_KEY_BYTES: usize = 512;

/// The longest version of a record, in bytes.
pub const MAX_VERSION_BYTES: usize = 128;

/// Why a record has no key or version. Holds nothing of the record itself.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum IdentifyError {
    /// Nothing stands there.
    #[error("The record has nothing at `{path}`, where its {what} should be.")]
    Missing {
        /// The path.
        path: String,
        /// Key or version.
        what: &'static str,
    },
    /// Something stands there that cannot serve.
    #[error("`{path}` holds {kind}, where the record's {what} should be a string or a number.")]
    WrongKind {
        /// The path.
        path: String,
        /// Key or version.
        what: &'static str,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// Longer than the limit.
    #[error("The {what} at `{path}` is longer than {limit_bytes} bytes.")]
    TooLong {
        /// The path.
        path: String,
        /// Key or version.
        what: &'static str,
        /// The limit.
        limit_bytes: usize,
    },
}

/// The text form of the key of a record: a string as it is, a number plainly (`12`, not `12.0`).
///
/// # Errors
/// Where there is none, or something that cannot serve.
pub fn key(record: &Value, path: &Path) -> Result<Text, IdentifyError> {
    text_at(record, path, "key", MAX_KEY_BYTES)
}

/// The version of a record.
///
/// # Errors
/// Where there is none, or something that cannot serve.
pub fn version(record: &Value, path: &Path) -> Result<Version, IdentifyError> {
    text_at(record, path, "version", MAX_VERSION_BYTES).map(Version::of)
}

fn text_at(record: &Value, path: &Path, what: &'static str, limit_bytes: usize) -> Result<Text, IdentifyError> {
    let missing = || IdentifyError::Missing { path: path.to_string(), what };
    let value = path.find(record).filter(|value| !value.is_null()).ok_or_else(missing)?;
    let text = match value {
        Value::Datetime(instant) => datetime::rfc3339(*instant),
        other => text_of(other).ok_or_else(|| IdentifyError::WrongKind { path: path.to_string(), what, kind: other.kind_name() })?,
    };
    match text.len() {
        0 => Err(missing()),
        length if length > limit_bytes => Err(IdentifyError::TooLong { path: path.to_string(), what, limit_bytes }),
        _ => Ok(text),
    }
}

/// The version of a record: what tells its later state from an earlier one. It is stored as its text and read back with
/// [`Version::of`].
///
/// Two numbers compare as numbers and two dates as instants, so `9` comes before `10`, and `2026-01-01T00:00:00+02:00` before
/// `2026-01-01T00:00:00Z`; a date without offset counts as UTC. Anything else compares as text. The order is total: where a sender
/// mixes kinds, numbers come before dates, and dates before text.
#[derive(Clone, Debug)]
pub struct Version {
    text: Text,
    order: Order,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Number(Decimal),
    Instant(Instant),
    Text(Text),
}

impl Version {
    /// The version that a text stands for.
    #[must_use]
    pub fn of(text: impl Into<Text>) -> Self {
        let text = text.into();
        let trimmed = text.trim();
        let order = number::parse(trimmed)
            .map(Order::Number)
            .or_else(|| datetime::parse_iso(trimmed, &TimeZone::UTC).map(Order::Instant))
            .unwrap_or_else(|| Order::Text(text.clone()));
        Self { text, order }
    }

    /// The text it was made of.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.order == other.order
    }
}

impl Eq for Version {}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order.cmp(&other.order)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesdash_value::json;

    fn key_of(json: &str) -> Result<String, String> {
        let record = json::parse(json.as_bytes(), json::Limits::DEFAULT).expect("valid JSON");
        key(&record, &Path::parse("a.id").expect("valid")).map(String::from).map_err(|error| error.to_string())
    }

    #[test]
    fn a_key_is_text() {
        assert_eq!(key_of(r#"{"a":{"id":"x"}}"#).as_deref(), Ok("x"));
        assert_eq!(key_of(r#"{"a":{"id":12.0}}"#).as_deref(), Ok("12"));
        assert_eq!(
            key_of(r#"{"a":{"id":123456789012345678901234567890123456789}}"#).as_deref(),
            Ok("123456789012345678901234567890123456789")
        );
        let missing = Err("The record has nothing at `a.id`, where its key should be.".to_owned());
        assert_eq!(key_of(r#"{"a":{}}"#), missing);
        assert_eq!(key_of(r#"{"a":{"id":null}}"#), missing);
        assert_eq!(key_of(r#"{"a":{"id":""}}"#), missing);
        assert_eq!(
            key_of(r#"{"a":{"id":true}}"#),
            Err("`a.id` holds a boolean, where the record's key should be a string or a number.".to_owned())
        );
        let long = format!(r#"{{"a":{{"id":"{}"}}}}"#, "x".repeat(513));
        assert_eq!(key_of(&long), Err("The key at `a.id` is longer than 512 bytes.".to_owned()));
    }

    #[test]
    fn versions_compare_by_what_they_are() {
        let order = |a: &str, b: &str| Version::of(a).cmp(&Version::of(b));
        assert_eq!(order("9", "10"), Ordering::Less);
        assert_eq!(order("10", "10.0"), Ordering::Equal);
        assert_eq!(order("2026-01-01T00:00:00+02:00", "2026-01-01T00:00:00Z"), Ordering::Less);
        assert_eq!(order("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z"), Ordering::Greater);
        assert_eq!(order("2023-04-07 04:10:00", "2023-04-07T04:10:00Z"), Ordering::Equal);
        assert_eq!(order("v10", "v9"), Ordering::Less);
        assert_eq!(order("10", "2026-01-01"), Ordering::Less);
        assert_eq!(order("2026-01-01", "a"), Ordering::Less);
    }
}
