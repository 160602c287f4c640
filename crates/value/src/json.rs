//! JSON in and out, with numbers exact.
//!
//! Reading is strict (RFC 8259): no NaN, no trailing commas, no lone surrogates; a byte order mark at the start is tolerated. A number
//! that an exact decimal cannot hold is kept as it was written.

mod projection;
mod read;
mod read_part;
mod skim;
#[cfg(test)]
mod tests;
mod write;

pub use projection::{Projection, Step};
pub use read::{Limits, parse};
pub use read_part::parse_projected;
pub use write::{to_pretty, to_string, write, write_datetime, write_number, write_string};

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
