//! Strict reading of definitions: JSON objects with a closed set of keys. Every problem is collected with its place, and a mistyped
//! key or name gets its "did you mean".

use std::fmt;

use salesdash_language::diagnostics::{escape, nearest};
use salesdash_value::{Text, Value};

/// What is wrong at one place of a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The JSON pointer of the place, from the root of what was read. Empty for the root itself.
    pub pointer: String,
    /// A sentence in plain words. Holds names of keys, never values that could be secret.
    pub text: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.pointer.is_empty() { f.write_str(&self.text) } else { write!(f, "{}: {}", self.pointer, self.text) }
    }
}

impl std::error::Error for Problem {}

/// Collects the problems of one reading.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
}

impl Problems {
    /// What was read, where nothing was wrong with it.
    pub(crate) fn result<T>(self, read: Option<T>) -> Result<T, Vec<Problem>> {
        match read {
            Some(read) if self.found.is_empty() => Ok(read),
            _ => Err(self.found),
        }
    }

    pub(crate) fn add(&mut self, pointer: impl Into<String>, text: impl Into<String>) {
        self.found.push(Problem { pointer: pointer.into(), text: text.into() });
    }

    /// The object at a place.
    pub(crate) fn node<'v>(&mut self, value: &'v Value, pointer: &str) -> Option<Node<'v>> {
        if value.as_object().is_none() {
            self.add(pointer, format!("this must be an object, not {}", value.kind_name()));
            return None;
        }
        Some(Node { value, pointer: pointer.to_owned() })
    }
}

/// An object of a definition, with its place.
pub(crate) struct Node<'v> {
    pub(crate) value: &'v Value,
    pub(crate) pointer: String,
}

impl<'v> Node<'v> {
    /// The place of a key of this object.
    pub(crate) fn at(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, escape(key))
    }

    /// Reports every key that is not among these.
    pub(crate) fn only(&self, problems: &mut Problems, known: &[&str]) {
        for (key, _) in self.value.as_object().unwrap_or_default() {
            if !known.contains(&key.as_str()) {
                problems.add(self.at(key), format!("`{key}` is not a key of this{}", did_you_mean(key, known)));
            }
        }
    }

    /// The value of a key; null counts as absent.
    pub(crate) fn get(&self, key: &str) -> Option<&'v Value> {
        self.value.get(key).filter(|value| !value.is_null())
    }

    /// The text of a key that can be left out.
    pub(crate) fn text(&self, problems: &mut Problems, key: &str) -> Option<Text> {
        match self.get(key)? {
            Value::Text(text) => Some(text.clone()),
            other => {
                problems.add(self.at(key), format!("`{key}` must be a string, not {}", other.kind_name()));
                None
            }
        }
    }

    /// The text of a key that must be there and not be empty.
    pub(crate) fn required_text(&self, problems: &mut Problems, key: &str) -> Option<Text> {
        if self.get(key).is_none() {
            problems.add(&self.pointer, format!("`{key}` is missing"));
        }
        let text = self.text(problems, key)?;
        if text.is_empty() {
            problems.add(self.at(key), format!("`{key}` must not be empty"));
            return None;
        }
        Some(text)
    }

    /// One of a closed set of names.
    pub(crate) fn choice<T: Copy>(&self, problems: &mut Problems, key: &str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(problems, key)?;
        let found = choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            problems.add(self.at(key), not_one_of(&text, &names));
        }
        found
    }

    /// A boolean that can be left out.
    pub(crate) fn boolean(&self, problems: &mut Problems, key: &str) -> Option<bool> {
        match self.get(key)? {
            Value::Boolean(value) => Some(*value),
            other => {
                problems.add(self.at(key), format!("`{key}` must be true or false, not {}", other.kind_name()));
                None
            }
        }
    }

    /// A whole number that can be left out, between bounds.
    pub(crate) fn whole(&self, problems: &mut Problems, key: &str, bounds: std::ops::RangeInclusive<u32>) -> Option<u32> {
        let value = self.get(key)?;
        let whole = value.as_number().filter(|number| number.fract().is_zero()).and_then(|number| u32::try_from(number).ok());
        match whole {
            Some(whole) if bounds.contains(&whole) => Some(whole),
            _ => {
                problems.add(self.at(key), format!("`{key}` must be a whole number from {} to {}", bounds.start(), bounds.end()));
                None
            }
        }
    }
}

/// `; did you mean …?`, or nothing.
pub(crate) fn did_you_mean(name: &str, known: &[&str]) -> String {
    nearest(name, known.iter().copied()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}

/// The sentence for a name outside a closed set.
pub(crate) fn not_one_of(name: &str, known: &[&str]) -> String {
    let hint = did_you_mean(name, known);
    if hint.is_empty() { format!("`{name}` is not one of: {}", known.join(", ")) } else { format!("`{name}` is not known{hint}") }
}
