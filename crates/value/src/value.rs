//! The value and what it can hold.

use std::fmt;
use std::sync::Arc;

use crate::{Decimal, Instant, Text};

/// The fields of an object, in the order they were written. Keys are unique: when a key is repeated, the last one wins.
pub type Object = Arc<[(Text, Value)]>;

/// Any value that a program can meet.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value {
    /// JSON's null. An absent field reads as null too.
    #[default]
    Null,
    /// True or false.
    Boolean(bool),
    /// An exact decimal of at most 28 digits.
    Number(Decimal),
    /// A JSON number that an exact decimal cannot hold, kept as it was written so that it survives a round trip.
    /// Using it as a number is an error.
    BigNumber(Arc<str>),
    /// A string.
    Text(Text),
    /// An instant.
    Datetime(Instant),
    /// A list.
    List(Arc<[Value]>),
    /// An object with named fields.
    Object(Object),
    /// What an identity upsert returns.
    Identity(Arc<Identity>),
    /// What a data upsert returns.
    Record(Arc<Record>),
}

/// The identity of a record or an external identity: a pure function of tenant, provider, kind and external id.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id(pub [u8; 16]);

impl fmt::Display for Id {
    /// The usual hyphenated form of a UUID.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, byte) in self.0.iter().enumerate() {
            if matches!(index, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::str::FromStr for Id {
    type Err = ();

    /// Reads the hyphenated form.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut bytes = [0u8; 16];
        let mut digits = text.bytes().filter(|byte| *byte != b'-');
        for byte in &mut bytes {
            let high = digits.next().and_then(hex_digit).ok_or(())?;
            let low = digits.next().and_then(hex_digit).ok_or(())?;
            *byte = high << 4 | low;
        }
        if digits.next().is_some() || text.len() != 36 {
            return Err(());
        }
        Ok(Self(bytes))
    }
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

macro_rules! kinds {
    ($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$inner])* $variant),+ }

        impl $name {
            /// Every kind, in the order they are documented.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name used in specs, in the store and on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The kind with this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|kind| kind.name() == name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}

kinds! {
    /// What an external identity stands for.
    IdentityKind {
        /// A person who sells.
        Agent = "agent_external_identity",
        /// A group of agents.
        Team = "team_external_identity",
        /// A project (where the feature is on).
        Project = "project_external_identity",
        /// A market segment.
        Segment = "segment_external_identity",
        /// Something that is sold.
        Proposition = "proposition_external_identity",
    }
}

kinds! {
    /// The kinds of record.
    RecordKind {
        /// Something an agent did.
        Activity = "activity",
        /// Something an agent sold.
        Sale = "sale",
        /// A call.
        Call = "call",
        /// Something that happened, by no one in particular.
        AnonymousActivity = "anonymous_activity",
        /// A stretch of time in one state.
        Period = "period",
    }
}

/// What an identity upsert returns.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Its kind.
    pub kind: IdentityKind,
    /// Its computed id.
    pub id: Id,
    /// Its id in the external system.
    pub external_id: Text,
    /// Its name in the external system.
    pub external_name: Text,
}

/// What a data upsert returns: the values that the instruction evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// Its kind.
    pub kind: RecordKind,
    /// Its computed id.
    pub id: Id,
    /// Its id in the external system.
    pub external_id: Text,
    /// The evaluated fields, without those that the spec leaves out. Personal ones are hashed already.
    pub fields: Vec<(Text, Value)>,
}

impl Value {
    /// Text from anything that reads as a string.
    pub fn text(text: impl AsRef<str>) -> Self {
        Self::Text(Text::new(text))
    }

    /// An object from its fields. A repeated key keeps its first place and its last value.
    pub fn object<K: AsRef<str>>(fields: impl IntoIterator<Item = (K, Value)>) -> Self {
        let mut unique: Vec<(Text, Value)> = Vec::new();
        for (key, value) in fields {
            let key = Text::new(key);
            match unique.iter_mut().find(|(known, _)| *known == key) {
                Some(slot) => slot.1 = value,
                None => unique.push((key, value)),
            }
        }
        Self::Object(unique.into())
    }

    /// A list from its items.
    pub fn list(items: impl IntoIterator<Item = Value>) -> Self {
        Self::List(items.into_iter().collect())
    }

    /// The value of a field: of an object, an identity (`id`, `external_id`, `external_name`) or a record (`id`, `external_id` and its
    /// fields). `None` where there is no such field; what `self` is decides whether that is an error.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Value> {
        match self {
            Self::Object(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()),
            Self::Identity(identity) => match name {
                "id" => Some(Self::text(identity.id.to_string())),
                "external_id" => Some(Self::Text(identity.external_id.clone())),
                "external_name" => Some(Self::Text(identity.external_name.clone())),
                _ => None,
            },
            Self::Record(record) => match name {
                "id" => Some(Self::text(record.id.to_string())),
                "external_id" => Some(Self::Text(record.external_id.clone())),
                _ => record.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()),
            },
            _ => None,
        }
    }

    /// A borrowed field of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Object(fields) => fields.iter().find(|(key, _)| key == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// Follows a path of field names through objects. `None` where it ends before the path does.
    #[must_use]
    pub fn at(&self, path: &[impl AsRef<str>]) -> Option<&Value> {
        path.iter().try_fold(self, |value, name| value.get(name.as_ref()))
    }

    /// The text, where it is one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where it is one.
    #[must_use]
    pub const fn as_number(&self) -> Option<Decimal> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The boolean, where it is one.
    #[must_use]
    pub const fn as_boolean(&self) -> Option<bool> {
        match self {
            Self::Boolean(boolean) => Some(*boolean),
            _ => None,
        }
    }

    /// The items, where it is a list.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(items) => Some(items),
            _ => None,
        }
    }

    /// The fields, where it is an object.
    #[must_use]
    pub fn as_object(&self) -> Option<&[(Text, Value)]> {
        match self {
            Self::Object(fields) => Some(fields),
            _ => None,
        }
    }

    /// Whether it is null.
    #[must_use]
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// Whether it is null, `""`, `[]` or `{}`.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => text.is_empty(),
            Self::List(items) => items.is_empty(),
            Self::Object(fields) => fields.is_empty(),
            _ => false,
        }
    }

    /// What it is, in the words of the language: `a string`, `null`.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean(_) => "a boolean",
            Self::Number(_) => "a number",
            Self::BigNumber(_) => "a number of more than 28 digits",
            Self::Text(_) => "a string",
            Self::Datetime(_) => "a datetime",
            Self::List(_) => "a list",
            Self::Object(_) => "an object",
            Self::Identity(_) => "an external identity",
            Self::Record(_) => "a record",
        }
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<Decimal> for Value {
    fn from(value: Decimal) -> Self {
        Self::Number(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}

impl From<Text> for Value {
    fn from(value: Text) -> Self {
        Self::Text(value)
    }
}

impl From<Instant> for Value {
    fn from(value: Instant) -> Self {
        Self::Datetime(value)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_small() {
        assert_eq!(size_of::<Value>(), 24);
    }

    #[test]
    fn an_id_reads_back() {
        let id = Id(*b"0123456789abcdef");
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("30313233-3435-3637-3839-61626364656".parse::<Id>(), Err(()));
    }

    #[test]
    fn the_last_of_a_repeated_key_wins() {
        let object = Value::object([("a", Value::from(1)), ("b", Value::from(2)), ("a", Value::from(3))]);
        assert_eq!(object.get("a"), Some(&Value::from(3)));
        assert_eq!(object.as_object().map(<[_]>::len), Some(2));
    }
}
