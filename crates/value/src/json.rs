//! JSON in and out, with numbers exact.
//!
//! Reading is strict (RFC 8259): no NaN, no trailing commas, no lone surrogates; a byte order mark at the start is tolerated. A number
//! that an exact decimal cannot hold is kept as it was written.

use std::sync::Arc;

use jiter::{Jiter, JiterError, Peek};

use crate::{Instant, Text, Value, datetime, number};

/// What JSON may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nesting of lists and objects.
    pub depth: usize,
    /// Values in all.
    pub nodes: usize,
}

impl Limits {
    /// What a document or a record may hold.
    pub const DEFAULT: Self = Self { depth: 128, nodes: 1_000_000 };
}

/// Why text is not JSON, or not within the limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError {
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
    /// What is wrong, without any of the text itself.
    pub text: String,
}

impl std::fmt::Display for JsonError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}, column {}: {}", self.line, self.column, self.text)
    }
}

impl std::error::Error for JsonError {}

/// Reads one JSON value.
///
/// # Errors
/// Where the text is not JSON or goes over a limit.
pub fn parse(text: &[u8], limits: Limits) -> Result<Value, JsonError> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = Reader { jiter: Jiter::new(text), limits, nodes: 0, items: Vec::new(), fields: Vec::new() };
    let mut read = || {
        let peek = reader.jiter.peek()?;
        let value = reader.value(peek, 0)?;
        reader.jiter.finish()?;
        Ok(value)
    };
    let result: Result<Value, Stop> = read();
    result.map_err(|stop| {
        let (index, text) = match stop {
            Stop::Json(error) => (error.index, error.error_type.to_string()),
            Stop::Depth => (reader.jiter.current_index(), format!("nested more than {} deep", limits.depth)),
            Stop::Nodes => (reader.jiter.current_index(), format!("more than {} values", limits.nodes)),
        };
        let position = reader.jiter.error_position(index);
        JsonError { line: position.line, column: position.column, text }
    })
}

enum Stop {
    Json(JiterError),
    Depth,
    Nodes,
}

impl From<JiterError> for Stop {
    fn from(error: JiterError) -> Self {
        Self::Json(error)
    }
}

struct Reader<'t> {
    jiter: Jiter<'t>,
    limits: Limits,
    nodes: usize,
    /// What the lists that are being read hold so far, one after the other.
    items: Vec<Value>,
    /// The same for objects.
    fields: Vec<(Text, Value)>,
}

impl Reader<'_> {
    fn value(&mut self, peek: Peek, depth: usize) -> Result<Value, Stop> {
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(Stop::Nodes);
        }
        Ok(match peek {
            Peek::String => Value::Text(Text::new(self.jiter.known_str()?)),
            Peek::Object => self.object(depth)?,
            Peek::Array => self.list(depth)?,
            Peek::Null => {
                self.jiter.known_null()?;
                Value::Null
            }
            Peek::True | Peek::False => Value::Boolean(self.jiter.known_bool(peek)?),
            _ => self.number(peek)?,
        })
    }

    fn number(&mut self, peek: Peek) -> Result<Value, Stop> {
        let written = self.jiter.known_number_bytes(peek)?;
        if written.len() < 18 && written.iter().all(u8::is_ascii_digit) {
            let whole = written.iter().fold(0i64, |number, digit| number * 10 + i64::from(digit - b'0'));
            return Ok(Value::Number(whole.into()));
        }
        let written = std::str::from_utf8(written).unwrap_or_default();
        Ok(number::parse(written).map_or_else(|| Value::BigNumber(Arc::from(written)), Value::Number))
    }

    fn list(&mut self, depth: usize) -> Result<Value, Stop> {
        if depth >= self.limits.depth {
            return Err(Stop::Depth);
        }
        let start = self.items.len();
        let mut peek = self.jiter.known_array()?;
        while let Some(next) = peek {
            let value = self.value(next, depth + 1)?;
            self.items.push(value);
            peek = self.jiter.array_step()?;
        }
        Ok(Value::List(self.items.drain(start..).collect::<Arc<[Value]>>()))
    }

    fn object(&mut self, depth: usize) -> Result<Value, Stop> {
        if depth >= self.limits.depth {
            return Err(Stop::Depth);
        }
        let start = self.fields.len();
        let mut key = self.jiter.known_object()?.map(Text::new);
        while let Some(name) = key {
            let peek = self.jiter.peek()?;
            let value = self.value(peek, depth + 1)?;
            self.fields.push((name, value));
            key = self.jiter.next_key()?.map(Text::new);
        }
        self.unique(start);
        Ok(Value::Object(self.fields.drain(start..).collect::<Arc<[(Text, Value)]>>()))
    }

    /// A repeated key keeps its first place and its last value.
    fn unique(&mut self, start: usize) {
        /// Beyond this many fields, looking for repeated keys pair by pair takes too long.
        const FEW: usize = 24;
        let fields = &self.fields[start..];
        let repeated = if fields.len() <= FEW {
            fields.iter().enumerate().any(|(index, (key, _))| fields[..index].iter().any(|(other, _)| other == key))
        } else {
            let mut seen = std::collections::HashSet::with_capacity(fields.len());
            fields.iter().any(|(key, _)| !seen.insert(key.as_str()))
        };
        if repeated {
            let mut places = std::collections::HashMap::new();
            let mut kept: Vec<(Text, Value)> = Vec::new();
            for (key, value) in self.fields.drain(start..) {
                match places.get(&key) {
                    Some(place) => {
                        let slot: &mut (Text, Value) = &mut kept[*place];
                        slot.1 = value;
                    }
                    None => {
                        places.insert(key.clone(), kept.len());
                        kept.push((key, value));
                    }
                }
            }
            self.fields.extend(kept);
        }
    }
}

/// Appends a value as compact JSON. Datetimes are RFC 3339 texts in UTC; an identity or a record is an object of what can be read
/// from it.
pub fn write(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Boolean(true) => out.push_str("true"),
        Value::Boolean(false) => out.push_str("false"),
        Value::Number(value) => write_number(*value, out),
        Value::BigNumber(text) => out.push_str(text),
        Value::Text(text) => write_string(text, out),
        Value::Datetime(instant) => write_datetime(*instant, out),
        Value::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write(item, out);
            }
            out.push(']');
        }
        Value::Object(fields) => {
            out.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(key, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Identity(_) | Value::Record(_) => write(&plain(value), out),
    }
}

/// An identity or a record as an object.
fn plain(value: &Value) -> Value {
    match value {
        Value::Identity(identity) => Value::object([
            ("id", Value::text(identity.id.to_string())),
            ("external_id", Value::Text(identity.external_id.clone())),
            ("external_name", Value::Text(identity.external_name.clone())),
        ]),
        Value::Record(record) => {
            let mut fields = vec![
                (Text::new_static("id"), Value::text(record.id.to_string())),
                (Text::new_static("external_id"), Value::Text(record.external_id.clone())),
            ];
            fields.extend(record.fields.iter().cloned());
            Value::object(fields)
        }
        other => other.clone(),
    }
}

/// Appends a number without superfluous zeros.
pub fn write_number(value: crate::Decimal, out: &mut String) {
    out.push_str(&number::plain(value));
}

/// Appends an instant as a JSON string.
pub fn write_datetime(instant: Instant, out: &mut String) {
    out.push('"');
    out.push_str(&datetime::rfc3339(instant));
    out.push('"');
}

/// Appends a text as a JSON string.
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(place) = rest.bytes().position(|byte| byte < 0x20 || byte == b'"' || byte == b'\\') {
        out.push_str(&rest[..place]);
        match rest.as_bytes()[place] {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            control => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.push_str("\\u00");
                out.push(char::from(DIGITS[usize::from(control >> 4)]));
                out.push(char::from(DIGITS[usize::from(control & 15)]));
            }
        }
        rest = &rest[place + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

/// A value as compact JSON.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// A value as JSON for people: indented by two spaces.
#[must_use]
pub fn to_pretty(value: &Value) -> String {
    let mut out = String::new();
    write_pretty(value, 0, &mut out);
    out
}

fn write_pretty(value: &Value, depth: usize, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        for _ in 0..depth {
            out.push_str("  ");
        }
    };
    match value {
        Value::List(items) if !items.is_empty() => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                write_pretty(item, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        Value::Object(fields) if !fields.is_empty() => {
            out.push('{');
            for (index, (key, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                write_string(key, out);
                out.push_str(": ");
                write_pretty(value, depth + 1, out);
            }
            line(depth, out);
            out.push('}');
        }
        Value::Identity(_) | Value::Record(_) => write_pretty(&plain(value), depth, out),
        other => write(other, out),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<Value, String> {
        parse(text.as_bytes(), Limits::DEFAULT).map_err(|error| error.to_string())
    }

    fn round(text: &str) -> String {
        to_string(&read(text).unwrap())
    }

    #[test]
    fn values_come_back_as_they_went() {
        assert_eq!(round(r#" {"a": [1, 2.50, -0.0], "b": null} "#), r#"{"a":[1,2.5,0],"b":null}"#);
        assert_eq!(round("123456789012345678901234567890123"), "123456789012345678901234567890123");
        assert_eq!(round("1e400"), "1e400");
        assert_eq!(round(r#""\u00e9\ud83d\ude00\n""#), "\"é😀\\n\"");
        assert_eq!(round("\u{feff}[]"), "[]");
        assert_eq!(round(r#"{"a":1,"b":2,"a":3}"#), r#"{"a":3,"b":2}"#);
    }

    #[test]
    fn what_is_not_json_is_refused_with_its_place() {
        for text in ["", "{", "[1,]", "{\"a\":}", "NaN", "Infinity", "-Infinity", "01", "1 2", "\"\\ud800\"", "\"\u{1}\"", "nul", "{1:2}"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert!(parse(b"\"\xff\"", Limits::DEFAULT).is_err());
        let error = parse(b"{\n  \"a\": x}", Limits::DEFAULT).unwrap_err();
        assert_eq!((error.line, error.column), (2, 8));
        assert!(!error.text.contains('x') || error.text.contains("ex"));
    }

    #[test]
    fn limits_hold() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert!(read(&deep).unwrap_err().contains("deep"));
        assert!(parse(b"[1,2,3]", Limits { depth: 10, nodes: 3 }).is_err());
        assert!(parse(b"[1,2,3]", Limits { depth: 10, nodes: 4 }).is_ok());
    }

    #[test]
    fn many_repeated_keys_cost_no_more() {
        let mut text = String::from("{");
        for index in 0..5000 {
            text.push_str(&format!("\"k{}\":{index},", index % 2500));
        }
        text.push_str("\"z\":1}");
        let value = read(&text).unwrap();
        assert_eq!(value.as_object().unwrap().len(), 2501);
        assert_eq!(value.get("k0"), Some(&Value::from(2500)));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Boolean),
            any::<i64>().prop_map(Value::from),
            (any::<i64>(), 0u32..28).prop_map(|(number, scale)| Value::Number(crate::Decimal::from_i128_with_scale(number.into(), scale).normalize())),
            any::<String>().prop_map(Value::text),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::list),
                prop::collection::vec((any::<String>(), inner), 0..8).prop_map(Value::object),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(value in any_value()) {
            prop_assert_eq!(read(&to_string(&value)).unwrap(), value.clone());
            prop_assert_eq!(read(&to_pretty(&value)).unwrap(), value);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse(&bytes, Limits::DEFAULT);
        }
    }
}
