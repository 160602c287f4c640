//! Types, and the two qualities that ride on every one of them: may be empty, and personal.

use std::fmt;
use std::sync::Arc;

use salesdash_value::{IdentityKind, RecordKind, Text};

/// The type of a value: its shape and its two qualities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Type {
    /// What the value looks like.
    pub shape: Shape,
    /// Whether it can be null or absent.
    pub may_be_empty: bool,
    /// The categories of personal data it may hold itself. See [`Type::all_personal`] for what its parts hold.
    pub personal: Personal,
}

/// What a value looks like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Nothing is known: the node it came from has an error of its own, so no further messages are given about it.
    Invalid,
    /// Not known before run time, such as an undeclared field of a webhook.
    Any,
    /// Only ever null.
    Null,
    /// Text.
    String,
    /// An exact decimal.
    Number,
    /// True or false.
    Boolean,
    /// An instant.
    Datetime,
    /// Named, typed fields.
    Object(Arc<ObjectType>),
    /// A list of items of one type.
    Array(Arc<Type>),
    /// String to string, for look-ups.
    Mapping,
    /// What an identity upsert returns.
    Identity(IdentityKind, Personal),
    /// What a data upsert returns, with the fields that can be read from it.
    Record(RecordKind, Arc<ObjectType>),
}

/// The fields of an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ObjectType {
    /// The declared fields, in order.
    pub fields: Vec<(Text, Type)>,
    /// Whether there can be fields that are not declared; those are `any`.
    pub open: bool,
}

impl ObjectType {
    /// The type of a declared field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Type> {
        self.fields.iter().find(|(known, _)| known == name).map(|(_, ty)| ty)
    }
}

/// A set of categories of personal data.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Personal(u16);

macro_rules! categories {
    ($($(#[$doc:meta])* $constant:ident = $bit:literal, $name:literal;)+) => {
        impl Personal {
            /// Not personal.
            pub const NONE: Self = Self(0);
            $($(#[$doc])* pub const $constant: Self = Self(1 << $bit);)+
            /// Every category with its name.
            pub const CATEGORIES: &[(Self, &'static str)] = &[$((Self::$constant, $name)),+];
        }
    };
}

categories! {
    /// A person's name.
    NAME = 0, "name";
    /// An e-mail address.
    EMAIL = 1, "email";
    /// A phone number.
    PHONE = 2, "phone";
    /// A postal address.
    ADDRESS = 3, "address";
    /// A date of birth.
    BIRTH_DATE = 4, "birth_date";
    /// A number or code that stands for one person.
    IDENTIFIER = 5, "identifier";
    /// Text in which anything can have been written.
    FREE_TEXT = 6, "free_text";
}

impl Personal {
    /// Whether it holds no personal data.
    #[must_use]
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Both sets together.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The category with this name. `birth date` and `free text` are read too.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.replace([' ', '-'], "_");
        Self::CATEGORIES.iter().find(|(_, known)| *known == name).map(|(category, _)| *category)
    }

    /// The names of the categories in the set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::CATEGORIES.iter().filter(move |(category, _)| self.0 & category.0 != 0).map(|(_, name)| *name)
    }
}

impl fmt::Display for Personal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.names().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            f.write_str(&name.replace('_', " "))?;
        }
        Ok(())
    }
}

/// A set of base shapes: what a place accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accepts(u16);

impl Accepts {
    /// Text.
    pub const STRING: Self = Self(1);
    /// A number.
    pub const NUMBER: Self = Self(1 << 1);
    /// True or false.
    pub const BOOLEAN: Self = Self(1 << 2);
    /// An instant.
    pub const DATETIME: Self = Self(1 << 3);
    /// An object.
    pub const OBJECT: Self = Self(1 << 4);
    /// A list.
    pub const ARRAY: Self = Self(1 << 5);
    /// A mapping. An object whose values are strings serves as one.
    pub const MAPPING: Self = Self(1 << 6);
    /// A record of any kind.
    pub const RECORD: Self = Self(1 << 7);
    /// An identity of the agent kind.
    pub const AGENT: Self = Self(1 << 8);
    /// An identity of the team kind.
    pub const TEAM: Self = Self(1 << 9);
    /// An identity of the project kind.
    pub const PROJECT: Self = Self(1 << 10);
    /// An identity of the segment kind.
    pub const SEGMENT: Self = Self(1 << 11);
    /// An identity of the proposition kind.
    pub const PROPOSITION: Self = Self(1 << 12);
    /// Everything.
    pub const ANY: Self = Self((1 << 13) - 1);
    /// Text or a number, as ids are.
    pub const STRING_OR_NUMBER: Self = Self::STRING.or(Self::NUMBER);
    /// What `greater_than` and its kin compare.
    pub const ORDERED: Self = Self::STRING.or(Self::NUMBER).or(Self::DATETIME);
    /// What has a plain text form.
    pub const SCALAR: Self = Self::ORDERED.or(Self::BOOLEAN);

    /// Either of two.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The identity of a kind.
    #[must_use]
    pub const fn identity(kind: IdentityKind) -> Self {
        match kind {
            IdentityKind::Agent => Self::AGENT,
            IdentityKind::Team => Self::TEAM,
            IdentityKind::Project => Self::PROJECT,
            IdentityKind::Segment => Self::SEGMENT,
            IdentityKind::Proposition => Self::PROPOSITION,
        }
    }

    /// Whether everything that `other` stands for is accepted.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of what `other` stands for is accepted.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The names of what is accepted, for catalogs.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        const NAMES: [&str; 13] = [
            "string",
            "number",
            "boolean",
            "datetime",
            "object",
            "array",
            "mapping",
            "record",
            "agent_external_identity",
            "team_external_identity",
            "project_external_identity",
            "segment_external_identity",
            "proposition_external_identity",
        ];
        NAMES.into_iter().enumerate().filter(move |(bit, _)| self.0 & (1 << bit) != 0).map(|(_, name)| name)
    }
}

impl fmt::Display for Accepts {
    /// `a string or a number`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::ANY {
            return f.write_str("a value");
        }
        let names: Vec<_> = self.names().collect();
        for (index, name) in names.iter().enumerate() {
            match index {
                0 => {}
                _ if index + 1 == names.len() => f.write_str(" or ")?,
                _ => f.write_str(", ")?,
            }
            write!(f, "{} {}", if name.starts_with(['a', 'o']) { "an" } else { "a" }, name.replace('_', " "))?;
        }
        Ok(())
    }
}

impl Type {
    /// A type that is neither empty nor personal.
    #[must_use]
    pub const fn new(shape: Shape) -> Self {
        Self { shape, may_be_empty: false, personal: Personal::NONE }
    }

    /// Text.
    pub const STRING: Self = Self::new(Shape::String);
    /// A number.
    pub const NUMBER: Self = Self::new(Shape::Number);
    /// True or false.
    pub const BOOLEAN: Self = Self::new(Shape::Boolean);
    /// An instant.
    pub const DATETIME: Self = Self::new(Shape::Datetime);
    /// A value of unknown shape, which can be null.
    pub const ANY: Self = Self { shape: Shape::Any, may_be_empty: true, personal: Personal::NONE };
    /// Null.
    pub const NULL: Self = Self { shape: Shape::Null, may_be_empty: true, personal: Personal::NONE };
    /// The type of a node that has an error of its own.
    pub const INVALID: Self = Self { shape: Shape::Invalid, may_be_empty: false, personal: Personal::NONE };

    /// A list of items of this type.
    #[must_use]
    pub fn array(item: Self) -> Self {
        Self::new(Shape::Array(Arc::new(item)))
    }

    /// The same, with this emptiness.
    #[must_use]
    pub fn maybe_empty(mut self, may_be_empty: bool) -> Self {
        self.may_be_empty = may_be_empty;
        self
    }

    /// The same, and also personal in these categories.
    #[must_use]
    pub fn with_personal(mut self, personal: Personal) -> Self {
        self.personal = self.personal.and(personal);
        self
    }

    /// Every category that it or any part of it may hold: what a value computed from it inherits.
    #[must_use]
    pub fn all_personal(&self) -> Personal {
        let parts = match &self.shape {
            Shape::Object(object) | Shape::Record(_, object) => {
                object.fields.iter().fold(Personal::NONE, |all, (_, ty)| all.and(ty.all_personal()))
            }
            Shape::Array(item) => item.all_personal(),
            Shape::Identity(_, name) => *name,
            _ => Personal::NONE,
        };
        self.personal.and(parts)
    }

    /// The base shape. `None` where it is not known (any, invalid) or only null.
    #[must_use]
    pub const fn base(&self) -> Option<Accepts> {
        Some(match &self.shape {
            Shape::Invalid | Shape::Any | Shape::Null => return None,
            Shape::String => Accepts::STRING,
            Shape::Number => Accepts::NUMBER,
            Shape::Boolean => Accepts::BOOLEAN,
            Shape::Datetime => Accepts::DATETIME,
            Shape::Object(_) => Accepts::OBJECT,
            Shape::Array(_) => Accepts::ARRAY,
            Shape::Mapping => Accepts::MAPPING,
            Shape::Identity(kind, _) => Accepts::identity(*kind),
            Shape::Record(..) => Accepts::RECORD,
        })
    }

    /// The type of the items, where it is a list; `any` where that is not known. What cannot be a list has no items, which is said
    /// where it stands.
    #[must_use]
    pub fn item(&self) -> Self {
        match &self.shape {
            Shape::Array(item) => (**item).clone().with_personal(self.personal),
            Shape::Any => Self::ANY.with_personal(self.personal),
            _ => Self::INVALID,
        }
    }

    /// The type that holds both: what an `if` with two branches gives.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let shape = match (&self.shape, &other.shape) {
            (a, b) if a == b => a.clone(),
            (Shape::Invalid, b) | (Shape::Null, b) => b.clone(),
            (a, Shape::Invalid) | (a, Shape::Null) => a.clone(),
            (Shape::Array(a), Shape::Array(b)) => Shape::Array(Arc::new(a.union(b))),
            (Shape::Identity(a, p), Shape::Identity(b, q)) if a == b => Shape::Identity(*a, p.and(*q)),
            (Shape::Object(a), Shape::Object(b)) => {
                // What only one of them has may be absent.
                let mut fields: Vec<(Text, Type)> = Vec::new();
                for (name, ty) in &a.fields {
                    fields.push((name.clone(), b.field(name).map_or_else(|| ty.clone().maybe_empty(true), |other| ty.union(other))));
                }
                for (name, ty) in &b.fields {
                    if a.field(name).is_none() {
                        fields.push((name.clone(), ty.clone().maybe_empty(true)));
                    }
                }
                Shape::Object(Arc::new(ObjectType { fields, open: a.open || b.open }))
            }
            (Shape::Record(a, x), Shape::Record(b, y)) if a == b => {
                let fields = x
                    .fields
                    .iter()
                    .map(|(name, ty)| (name.clone(), y.field(name).map_or_else(|| ty.clone().maybe_empty(true), |other| ty.union(other))))
                    .collect();
                Shape::Record(*a, Arc::new(ObjectType { fields, open: false }))
            }
            _ => {
                let personal = self.all_personal().and(other.all_personal());
                return Self { shape: Shape::Any, may_be_empty: self.may_be_empty || other.may_be_empty, personal };
            }
        };
        Self { shape, may_be_empty: self.may_be_empty || other.may_be_empty, personal: self.personal.and(other.personal) }
    }

    /// The type as it stands in a sentence: `a string`, `an array<number>`.
    #[must_use]
    pub fn with_article(&self) -> String {
        let name = self.to_string();
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        format!("{article} {name}")
    }

    /// Whether a value of this type can ever equal one of the other.
    #[must_use]
    pub fn comparable(&self, other: &Self) -> bool {
        match (self.base(), other.base()) {
            (Some(a), Some(b)) => a == b || (self.may_be_empty && other.may_be_empty) || is_map_like(a) && is_map_like(b),
            _ => true,
        }
    }
}

fn is_map_like(accepts: Accepts) -> bool {
    accepts == Accepts::OBJECT || accepts == Accepts::MAPPING
}

impl fmt::Display for Type {
    /// `string`, `array<number>`, `agent_external_identity`: without the qualities.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.shape {
            Shape::Invalid | Shape::Any => f.write_str("any"),
            Shape::Null => f.write_str("null"),
            Shape::String => f.write_str("string"),
            Shape::Number => f.write_str("number"),
            Shape::Boolean => f.write_str("boolean"),
            Shape::Datetime => f.write_str("datetime"),
            Shape::Object(_) => f.write_str("object"),
            Shape::Array(item) => write!(f, "array<{item}>"),
            Shape::Mapping => f.write_str("mapping"),
            Shape::Identity(kind, _) => write!(f, "{kind}"),
            Shape::Record(kind, _) => write!(f, "{kind}"),
        }
    }
}
