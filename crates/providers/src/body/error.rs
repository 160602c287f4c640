//! Why a body cannot become records.

use thiserror::Error;

/// Why a body cannot become records, in a sentence for the operator and the sender. Holds nothing of the body itself.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BodyError {
    /// Nothing was sent.
    #[error("The body is empty. A delivery must be JSON or a form.")]
    Empty,
    /// Not JSON.
    #[error("The body is not JSON: {problem} at line {line}, column {column}.")]
    NotJson {
        /// The line, from 1.
        line: usize,
        /// The column in bytes, from 1.
        column: usize,
        /// What is wrong there.
        problem: String,
    },
    /// Not UTF-8.
    #[error("The body is not UTF-8 text. Have the sender send UTF-8.")]
    NotUtf8,
    /// Something else than JSON or a form.
    #[error("The body is {format}, which is not read here. Have the sender send JSON.")]
    UnreadFormat {
        /// What it is, with its article.
        format: &'static str,
    },
    /// JSON, but no record.
    #[error("The body is JSON, but {kind} is not a record. A delivery must be an object, or an array of objects.")]
    NotARecord {
        /// What it is, with its article.
        kind: &'static str,
    },
    /// An item of an array that is no record.
    #[error("Item {position} of the array is {kind}, not an object. Nothing of the delivery was taken.")]
    ItemNotARecord {
        /// Which item, from 1.
        position: usize,
        /// What it is, with its article.
        kind: &'static str,
    },
    /// Nothing stands where the records should be.
    #[error("The body has nothing at `{path}`, where this source looks for its records. Change the path, or have the sender send it.")]
    NoRecordsAt {
        /// The path.
        path: String,
    },
    /// Larger than the limit.
    #[error("The body is larger than {limit_bytes} bytes, the most that one delivery may be.")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
    /// More values than the limit.
    #[error("The body holds more than {limit} values, the most that one delivery may hold.")]
    TooManyValues {
        /// The limit.
        limit: usize,
    },
    /// More records than the limit.
    #[error("The body holds more than {limit} records, the most that one delivery may hold.")]
    TooManyRecords {
        /// The limit.
        limit: usize,
    },
    /// Nested deeper than the limit.
    #[error("The body is nested more than {limit} levels deep, the most that is read.")]
    TooDeep {
        /// The limit.
        limit: usize,
    },
}

impl BodyError {
    /// The HTTP status to answer with: 413 for what is too large, 400 for the rest.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::TooLarge { .. } | Self::TooManyValues { .. } | Self::TooManyRecords { .. } => 413,
            _ => 400,
        }
    }

    /// A stable name for metrics and logs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotJson { .. } => "not_json",
            Self::NotUtf8 => "not_utf8",
            Self::UnreadFormat { .. } => "unread_format",
            Self::NotARecord { .. } => "not_a_record",
            Self::ItemNotARecord { .. } => "item_not_a_record",
            Self::NoRecordsAt { .. } => "no_records",
            Self::TooLarge { .. } => "too_large",
            Self::TooManyValues { .. } => "too_many_values",
            Self::TooManyRecords { .. } => "too_many_records",
            Self::TooDeep { .. } => "too_deep",
        }
    }
}
