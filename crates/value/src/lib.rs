//! The dynamic value that everything in SalesDash is made of: source models, constants, results of expressions, fields of records.
//!
//! Pure: no I/O, no clock, no randomness. Numbers are exact decimals of 28 digits, never binary floats; instants are UTC;
//! objects keep the order of their keys. A [`Value`] is 24 bytes and cheap to clone.

pub mod datetime;
pub mod json;
pub mod number;
pub mod stream;
mod value;
pub mod zone;

pub use rust_decimal::Decimal;
pub use smol_str::{SmolStr as Text, SmolStrBuilder as TextBuilder, StrExt as TextExt, format_smolstr};
pub use value::{Id, Identity, IdentityKind, Object, Record, RecordKind, Value};

/// An instant in time, with nanoseconds.
pub type Instant = jiff::Timestamp;
