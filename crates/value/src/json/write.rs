//! Writing values as JSON.

use crate::{Decimal, Id, Instant, Text, Value, datetime, number};

/// A value as compact JSON.
#[must_use]
pub fn to_string(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out);
    out
}

/// A value as JSON for people: one field or item a line, indented by two spaces.
#[must_use]
pub fn to_pretty(value: &Value) -> String {
    let mut out = String::new();
    pretty(value, 0, &mut out);
    out
}

/// Appends a value as compact JSON. A datetime is RFC 3339 text in UTC; an external identity an object of `id`, `external_id` and
/// `external_name`; a record an object of `id`, `external_id` and its fields.
pub fn write(value: &Value, out: &mut String) {
    match value {
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
            for (index, (name, value)) in fields.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_string(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        Value::Identity(identity) => {
            write_ids(identity.id, &identity.external_id, out);
            out.push_str(",\"external_name\":");
            write_string(&identity.external_name, out);
            out.push('}');
        }
        Value::Record(record) => {
            write_ids(record.id, &record.external_id, out);
            for (name, value) in own_fields(&record.fields) {
                out.push(',');
                write_string(name, out);
                out.push(':');
                write(value, out);
            }
            out.push('}');
        }
        _ => write_scalar(value, out),
    }
}

fn write_ids(id: Id, external_id: &str, out: &mut String) {
    use std::fmt::Write;
    let _ = write!(out, "{{\"id\":\"{id}\",\"external_id\":");
    write_string(external_id, out);
}

/// The fields of a record, without those that would repeat what every record has.
fn own_fields(fields: &[(Text, Value)]) -> impl Iterator<Item = &(Text, Value)> {
    fields.iter().filter(|(name, _)| name != "id" && name != "external_id")
}

fn write_scalar(value: &Value, out: &mut String) {
    match value {
        Value::Boolean(true) => out.push_str("true"),
        Value::Boolean(false) => out.push_str("false"),
        Value::Number(number) => write_number(*number, out),
        Value::BigNumber(text) => out.push_str(text),
        Value::Text(text) => write_string(text, out),
        Value::Datetime(instant) => write_datetime(*instant, out),
        Value::Null | Value::List(_) | Value::Object(_) | Value::Identity(_) | Value::Record(_) => out.push_str("null"),
    }
}

fn pretty(value: &Value, indent: usize, out: &mut String) {
    match value {
        Value::List(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                out.push(if index == 0 { '[' } else { ',' });
                new_line(indent + 1, out);
                pretty(item, indent + 1, out);
            }
            new_line(indent, out);
            out.push(']');
        }
        Value::Object(fields) if !fields.is_empty() => {
            pretty_fields(fields.iter().map(|(name, value)| (name.as_str(), value)), indent, out);
        }
        Value::Identity(identity) => {
            let fields = [
                ("id", Value::text(identity.id.to_string())),
                ("external_id", Value::Text(identity.external_id.clone())),
                ("external_name", Value::Text(identity.external_name.clone())),
            ];
            pretty_fields(fields.iter().map(|(name, value)| (*name, value)), indent, out);
        }
        Value::Record(record) => {
            let ids = [("id", Value::text(record.id.to_string())), ("external_id", Value::Text(record.external_id.clone()))];
            let own = own_fields(&record.fields).map(|(name, value)| (name.as_str(), value));
            pretty_fields(ids.iter().map(|(name, value)| (*name, value)).chain(own), indent, out);
        }
        _ => write(value, out),
    }
}

fn pretty_fields<'a>(fields: impl Iterator<Item = (&'a str, &'a Value)>, indent: usize, out: &mut String) {
    for (index, (name, value)) in fields.enumerate() {
        out.push(if index == 0 { '{' } else { ',' });
        new_line(indent + 1, out);
        write_string(name, out);
        out.push_str(": ");
        pretty(value, indent + 1, out);
    }
    new_line(indent, out);
    out.push('}');
}

fn new_line(indent: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", indent));
}

/// Appends a number plainly, without superfluous zeros.
pub fn write_number(number: Decimal, out: &mut String) {
    number::write(number, out);
}

/// Appends an instant as a JSON string: RFC 3339 in UTC, no more digits of the second than it needs.
pub fn write_datetime(instant: Instant, out: &mut String) {
    out.push('"');
    datetime::write(instant, out);
    out.push('"');
}

/// Appends a text as a JSON string.
pub fn write_string(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = first_to_escape(rest.as_bytes()) {
        out.push_str(&rest[..at]);
        escape(rest.as_bytes()[at], out);
        rest = &rest[at + 1..];
    }
    out.push_str(rest);
    out.push('"');
}

fn escape(byte: u8, out: &mut String) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        0x08 => out.push_str("\\b"),
        0x0c => out.push_str("\\f"),
        _ => {
            out.push_str(if byte < 0x10 { "\\u000" } else { "\\u001" });
            out.push(char::from(b"0123456789abcdef"[usize::from(byte & 0x0f)]));
        }
    }
}

/// Where the first byte is that JSON does not allow inside a string: a quote, a backslash, a control character.
fn first_to_escape(bytes: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let plain = |byte: u8| byte >= 0x20 && byte != b'"' && byte != b'\\';
    let mut from = 0;
    // Eight bytes at a time: a subtraction borrows into the high bit of the bytes that are too small.
    while let Some(word) = bytes.get(from..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*word);
        let quote = word ^ (ONES * 0x22);
        let backslash = word ^ (ONES * 0x5c);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (control | (quote.wrapping_sub(ONES) & !quote) | (backslash.wrapping_sub(ONES) & !backslash)) & HIGH;
        if found != 0 {
            break;
        }
        from += 8;
    }
    bytes[from..].iter().position(|byte| !plain(*byte)).map(|at| from + at)
}
