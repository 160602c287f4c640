//! A stored row: an external identity or a record.

use salesdash_language::effect::StoredField;
use salesdash_language::identity::Subject;
use salesdash_value::{Id, Instant, Text, Value};

/// An external identity or a record, as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Its kind.
    pub subject: Subject,
    /// Its computed id.
    pub id: Id,
    /// Its id in the external system.
    pub external_id: Text,
    /// The fields that are not null, in no particular order, each as [`storable`] gives it. See [`crate::schema::fields`].
    pub fields: Vec<(Text, Value)>,
    /// The fields that later upserts leave alone.
    pub locked: Vec<Text>,
    /// The execution that last wrote it.
    pub execution: u64,
}

impl Row {
    /// The value of a field; null where it has none.
    #[must_use]
    pub fn field(&self, name: &str) -> &Value {
        self.fields.iter().find(|(known, _)| known == name).map_or(&Value::Null, |(_, value)| value)
    }

    /// Whether later upserts leave a field alone.
    #[must_use]
    pub fn is_locked(&self, name: &str) -> bool {
        self.locked.iter().any(|locked| locked == name)
    }

    /// Locks a field, or unlocks it.
    pub fn set_locked(&mut self, name: &str, locked: bool) {
        self.locked.retain(|known| known != name);
        if locked {
            self.locked.push(Text::new(name));
        }
    }

    /// Sets a field, or clears it with null; gives what it was.
    pub fn set(&mut self, name: &str, value: Value) -> Value {
        match (self.fields.iter().position(|(known, _)| known == name), value) {
            (Some(place), Value::Null) => self.fields.swap_remove(place).1,
            (Some(place), value) => std::mem::replace(&mut self.fields[place].1, value),
            (None, Value::Null) => Value::Null,
            (None, value) => {
                self.fields.push((Text::new(name), value));
                Value::Null
            }
        }
    }

    /// A field as an evaluation sees it.
    #[must_use]
    pub fn stored(&self, name: &str) -> StoredField {
        let value = if name == "external_id" { Value::Text(self.external_id.clone()) } else { self.field(name).clone() };
        StoredField { value: Some(value), locked: self.is_locked(name) }
    }

    pub(crate) fn instant(&self, name: &str) -> Option<Instant> {
        match self.field(name) {
            Value::Datetime(instant) => Some(*instant),
            _ => None,
        }
    }
}

/// A value as it is stored: instants have microseconds, which is what every database that is used holds exactly.
#[must_use]
pub fn storable(value: &Value) -> Value {
    match value {
        Value::Datetime(instant) => Value::Datetime(microseconds(*instant)),
        other => other.clone(),
    }
}

pub(crate) fn microseconds(instant: Instant) -> Instant {
    Instant::from_nanosecond(instant.as_nanosecond().div_euclid(1000) * 1000).unwrap_or(instant)
}

/// Whether two values are stored as the same: identities by their id, numbers by value.
#[must_use]
pub fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Identity(left), Value::Identity(right)) => left.id == right.id,
        (Value::Record(left), Value::Record(right)) => left.id == right.id,
        (Value::Datetime(left), Value::Datetime(right)) => microseconds(*left) == microseconds(*right),
        (left, right) => left == right,
    }
}
