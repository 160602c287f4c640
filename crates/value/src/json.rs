//! JSON in and out, with numbers exact.

use crate::Value;

/// What JSON may hold.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Nesting of lists and objects.
    pub depth: usize,
    /// Values in all.
    pub nodes: usize,
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

/// Reads one JSON value.
///
/// # Errors
/// Where the text is not JSON or goes over a limit.
pub fn parse(_text: &[u8], _limits: Limits) -> Result<Value, JsonError> {
    todo!()
}

/// Appends a value as compact JSON.
pub fn write(_value: &Value, _out: &mut String) {
    todo!()
}

/// Appends a text as a JSON string.
pub fn write_string(_text: &str, _out: &mut String) {
    todo!()
}
