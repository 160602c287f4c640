//! What was seen at one place, and below it. Every part of it only ever grows, or counts down to a least: that is what makes joining
//! independent of order and repetition.

use std::collections::BTreeMap;

use salesdash_language::types::Personal;
use salesdash_value::{Text, Value, datetime};

use super::InferenceLimits;
use crate::personal::Looks;
use crate::personal::names::Words;

/// The longest name of a field, in bytes; a longer one is data.
const MAX_NAME_BYTES: usize = 100;

/// Kinds of value: a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(u8);

impl Kinds {
    pub(super) const NULL: Self = Self(1);
    /// A text that is not a full date and time.
    pub(super) const TEXT: Self = Self(1 << 1);
    /// A text that is a full date and time with an offset.
    pub(super) const DATETIME: Self = Self(1 << 2);
    pub(super) const NUMBER: Self = Self(1 << 3);
    pub(super) const BOOLEAN: Self = Self(1 << 4);
    pub(super) const OBJECT: Self = Self(1 << 5);
    pub(super) const ARRAY: Self = Self(1 << 6);
    /// What no type stands for: a number of more than 28 digits.
    pub(super) const OTHER: Self = Self(1 << 7);

    /// Every one with its name in stored shapes.
    pub(super) const NAMES: [(Self, &'static str); 8] = [
        (Self::NULL, "null"),
        (Self::TEXT, "string"),
        (Self::DATETIME, "datetime"),
        (Self::NUMBER, "number"),
        (Self::BOOLEAN, "boolean"),
        (Self::OBJECT, "object"),
        (Self::ARRAY, "array"),
        (Self::OTHER, "other"),
    ];

    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Boolean(_) => Self::BOOLEAN,
            Value::Number(_) => Self::NUMBER,
            Value::Text(text) if datetime::is_full(text) => Self::DATETIME,
            Value::Text(_) => Self::TEXT,
            Value::Datetime(_) => Self::DATETIME,
            Value::List(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
            Value::BigNumber(_) | Value::Identity(_) | Value::Record(_) => Self::OTHER,
        }
    }
}

/// What was seen at one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Shape {
    pub(super) kinds: Kinds,
    /// What its texts looked like.
    pub(super) looks: Looks,
    /// What stands below it at places that are not kept apart, going by values and by names.
    pub(super) inside: Personal,
    /// Whether an object that could have had it did not.
    pub(super) optional: bool,
    /// The earliest position in the objects that had it.
    pub(super) position: Option<u32>,
    /// Whether one object had so many fields that it must be a table of data.
    pub(super) crowded: bool,
    /// What stands under names.
    pub(super) fields: BTreeMap<Text, Shape>,
    /// What stands under keys that are data themselves: ids, dates, e-mail addresses.
    pub(super) keyed: Option<Box<Shape>>,
    /// What its lists hold.
    pub(super) items: Option<Box<Shape>>,
}

impl Shape {
    /// Takes in a value. Returns whether anything changed.
    pub(super) fn absorb(&mut self, value: &Value, depth: usize, limits: &InferenceLimits) -> bool {
        let is_new_object = !self.kinds.has(Kinds::OBJECT);
        let mut changed = grow(&mut self.kinds, Kinds::of(value), Kinds::and);
        match value {
            Value::Text(text) if !datetime::is_full(text) => changed |= grow(&mut self.looks, Looks::of(text), Looks::and),
            Value::Object(_) | Value::List(_) if depth >= limits.depth => changed |= self.hide(inside_value(value)),
            Value::Object(fields) => {
                if fields.len() > limits.fields {
                    changed |= !self.crowded;
                    self.crowded = true;
                }
                changed |= self.absorb_fields(fields, is_new_object, depth, limits);
            }
            Value::List(items) => {
                for item in items.iter() {
                    changed |= self.items.get_or_insert_default().absorb(item, depth + 1, limits);
                }
            }
            _ => {}
        }
        changed
    }

    fn absorb_fields(&mut self, fields: &[(Text, Value)], is_new_object: bool, depth: usize, limits: &InferenceLimits) -> bool {
        let mut changed = false;
        let (mut known, mut added) = (0, 0);
        for (position, (name, value)) in fields.iter().enumerate() {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            // What is known as the name of a field is no data: most names need no closer look.
            if let Some(field) = self.fields.get_mut(name) {
                known += 1;
                changed |= field.absorb(value, depth + 1, limits);
                changed |= field.move_to(position);
            } else if is_data(name) {
                changed |= self.hide(Looks::of(name).personal());
                changed |= self.keyed.is_none();
                changed |= self.keyed.get_or_insert_default().absorb(value, depth + 1, limits);
            } else {
                added += 1;
                changed = true;
                let mut field = Self { optional: !is_new_object, position: Some(position), ..Self::default() };
                field.absorb(value, depth + 1, limits);
                self.fields.insert(name.clone(), field);
            }
        }
        if known + added < self.fields.len() {
            for (name, field) in &mut self.fields {
                if !field.optional && !fields.iter().any(|(known, _)| known == name) {
                    field.optional = true;
                    changed = true;
                }
            }
        }
        changed
    }

    fn hide(&mut self, personal: Personal) -> bool {
        grow(&mut self.inside, personal, Personal::and)
    }

    fn move_to(&mut self, position: u32) -> bool {
        let moved = self.position.is_none_or(|known| position < known);
        if moved {
            self.position = Some(position);
        }
        moved
    }

    /// Takes in everything that was seen at the same place elsewhere.
    pub(super) fn join(&mut self, other: &Self) {
        let (this_has, other_has) = (self.kinds.has(Kinds::OBJECT), other.kinds.has(Kinds::OBJECT));
        self.kinds = self.kinds.and(other.kinds);
        self.looks = self.looks.and(other.looks);
        self.inside = self.inside.and(other.inside);
        self.optional |= other.optional;
        if let Some(position) = other.position {
            self.move_to(position);
        }
        self.crowded |= other.crowded;
        if other_has {
            for (name, field) in &mut self.fields {
                field.optional |= !other.fields.contains_key(name);
            }
        }
        for (name, field) in &other.fields {
            match self.fields.get_mut(name) {
                Some(known) => known.join(field),
                None => {
                    let mut field = field.clone();
                    field.optional |= this_has;
                    self.fields.insert(name.clone(), field);
                }
            }
        }
        join_option(&mut self.keyed, other.keyed.as_deref());
        join_option(&mut self.items, other.items.as_deref());
    }

    /// How many places there are, this one and all below it.
    pub(super) fn places(&self) -> usize {
        1 + self.below().map(Self::places).sum::<usize>()
    }

    /// What is directly below, in the order by which places are kept.
    fn below(&self) -> impl Iterator<Item = &Self> {
        self.items.as_deref().into_iter().chain(self.keyed.as_deref()).chain(self.fields.values())
    }

    /// Keeps the least deep places, and of those equally deep the first by path. The place itself always stays.
    pub(super) fn bound(&mut self, limit: usize) {
        let mut level: Vec<&Self> = vec![self];
        let (mut depth, mut kept) = (0, 1);
        loop {
            let next: Vec<&Self> = level.iter().flat_map(|shape| shape.below()).collect();
            if next.is_empty() {
                return;
            }
            depth += 1;
            if kept + next.len() > limit {
                break;
            }
            kept += next.len();
            level = next;
        }
        let mut left = limit.saturating_sub(kept);
        self.cut(depth, &mut left);
    }

    /// Cuts everything deeper than `depth` levels below, and of that level all but the first `left`.
    fn cut(&mut self, depth: usize, left: &mut usize) {
        let mut inside = Personal::NONE;
        let mut stays = |shape: &mut Self| {
            if depth > 1 {
                shape.cut(depth - 1, left);
            } else if *left > 0 {
                *left -= 1;
                shape.cut(0, left);
            } else {
                inside = inside.and(shape.all_personal());
                return false;
            }
            true
        };
        if depth == 0 {
            inside = self.below_personal();
            (self.items, self.keyed) = (None, None);
            self.fields.clear();
        } else {
            if self.items.as_deref_mut().is_some_and(|items| !stays(items)) {
                self.items = None;
            }
            if self.keyed.as_deref_mut().is_some_and(|keyed| !stays(keyed)) {
                self.keyed = None;
            }
            let mut names = Personal::NONE;
            self.fields.retain(|name, field| {
                let stays = stays(field);
                if !stays {
                    names = names.and(Words::of(name).category().unwrap_or_default());
                }
                stays
            });
            inside = inside.and(names);
        }
        self.inside = self.inside.and(inside);
    }

    /// What it and everything below it may hold of persons, going by values and, below it, by names.
    pub(super) fn all_personal(&self) -> Personal {
        self.looks.personal().and(self.inside).and(self.below_personal())
    }

    fn below_personal(&self) -> Personal {
        let named = self.fields.iter().map(|(name, field)| Words::of(name).category().unwrap_or_default().and(field.all_personal()));
        let others = self.items.iter().chain(&self.keyed).map(|shape| shape.all_personal());
        named.chain(others).fold(Personal::NONE, Personal::and)
    }
}

fn grow<T: Copy + PartialEq>(known: &mut T, seen: T, join: impl Fn(T, T) -> T) -> bool {
    let joined = join(*known, seen);
    let changed = joined != *known;
    *known = joined;
    changed
}

fn join_option(known: &mut Option<Box<Shape>>, other: Option<&Shape>) {
    match (known.as_deref_mut(), other) {
        (_, None) => {}
        (Some(known), Some(other)) => known.join(other),
        (None, Some(other)) => *known = Some(Box::new(other.clone())),
    }
}

/// What a value may hold of persons below itself: the same that a shape tells of it.
fn inside_value(value: &Value) -> Personal {
    match value {
        Value::List(items) => items.iter().map(all_of_value).fold(Personal::NONE, Personal::and),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| {
                let said = if is_data(name) { Looks::of(name).personal() } else { Words::of(name).category().unwrap_or_default() };
                said.and(all_of_value(value))
            })
            .fold(Personal::NONE, Personal::and),
        _ => Personal::NONE,
    }
}

fn all_of_value(value: &Value) -> Personal {
    match value {
        Value::Text(text) if !datetime::is_full(text) => Looks::of(text).personal(),
        other => inside_value(other),
    }
}

/// Whether a key is data, and not the name of a field: a UUID or another long id, a number of four digits or more, a date, an e-mail
/// address, something too long for a name.
fn is_data(key: &str) -> bool {
    let bytes = key.as_bytes();
    let all = |is: fn(&u8) -> bool| bytes.iter().all(is);
    match bytes.len() {
        0 => true,
        length if length > MAX_NAME_BYTES => true,
        36 if is_uuid(bytes) => true,
        // Ids of documents and digests. 40 digits are not among them: some vendors name custom fields so.
        24 | 32 if all(u8::is_ascii_hexdigit) => true,
        length if length >= 4 && all(u8::is_ascii_digit) => true,
        _ => is_date(bytes) || !Looks::of(key).without(Looks::NAME_LIKE).personal().is_none(),
    }
}

fn is_uuid(bytes: &[u8]) -> bool {
    bytes.iter().enumerate().all(|(index, byte)| if matches!(index, 8 | 13 | 18 | 23) { *byte == b'-' } else { byte.is_ascii_hexdigit() })
}

fn is_date(bytes: &[u8]) -> bool {
    bytes.len() >= 10
        && bytes.iter().take(10).enumerate().all(|(index, byte)| if matches!(index, 4 | 7) { *byte == b'-' } else { byte.is_ascii_digit() })
}
