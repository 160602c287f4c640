//! Reading a part of a definition, and telling what it is for the reference.

use salesdash_language::types::Type;
use salesdash_value::{Text, Value};

use crate::path::Path;
use crate::reader::{Node, Problems, not_one_of};

/// One reading: the problems found so far, and what is known of the variables that expressions can use.
#[derive(Debug)]
pub struct Reading {
    pub(crate) problems: Problems,
    /// The type of the variable `settings`.
    pub(crate) settings: Type,
    /// The type of the variable `source`.
    pub(crate) source: Type,
    /// The type of the variable `connection`.
    pub(crate) connection: Type,
}

impl Default for Reading {
    fn default() -> Self {
        let open = || Type::ANY.maybe_empty(false);
        Self { problems: Problems::default(), settings: open(), source: open(), connection: open() }
    }
}

/// A part of the format.
pub trait Read: Sized {
    /// Reads it; `None` where it cannot be read, which has been reported.
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self>;

    /// What it is where its key is not there; `None` where the key must be there.
    fn absent() -> Option<Self> {
        None
    }

    /// What it is, in Markdown. An object tells `about` of its keys.
    fn describe(about: &mut About) -> String;
}

/// The value of a key.
pub(crate) fn member<T: Read>(reading: &mut Reading, node: &Node<'_>, key: &str) -> Option<T> {
    match node.get(key) {
        Some(value) => T::read(reading, value, &node.at(key)),
        None => {
            let absent = T::absent();
            if absent.is_none() {
                reading.problems.add(&node.pointer, format!("`{key}` is missing"));
            }
            absent
        }
    }
}

/// A part that has settings of its own brings the variable `source` with it: sets its type, and gives the one it had.
pub(crate) fn enter(reading: &mut Reading, keys: &[&str], value: &Value, pointer: &str) -> Type {
    let outer = reading.source.clone();
    if keys.contains(&"settings") && !pointer.is_empty() {
        reading.source = super::settings::settings_type(value.get("settings"));
    }
    outer
}

/// One of a closed set of names.
pub(crate) fn choice<T: Copy>(reading: &mut Reading, value: &Value, pointer: &str, choices: &[(&str, T)]) -> Option<T> {
    let Value::Text(text) = value else {
        reading.problems.add(pointer, format!("this must be a string, not {}", value.kind_name()));
        return None;
    };
    let found = choices.iter().find(|(name, _)| *name == text).map(|(_, choice)| *choice);
    if found.is_none() {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        reading.problems.add(pointer, not_one_of(text, &names));
    }
    found
}

pub(crate) fn describe_choice(each: &[(&str, &[&str])]) -> String {
    each.iter().map(|(name, lines)| format!("`\"{name}\"`: {}", docs(lines))).collect::<Vec<_>>().join("<br>")
}

/// The comment of an item as one line.
pub(crate) fn docs(lines: &[&str]) -> String {
    lines.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ").trim().to_owned()
}

/// What the format says about itself.
#[derive(Default)]
pub struct About {
    /// The sections, in the order in which they are first met.
    pub(crate) sections: Vec<Section>,
}

/// A section of the reference: one object, or the objects that a `type` tells apart.
pub(crate) struct Section {
    pub title: &'static str,
    pub docs: Vec<String>,
    pub variants: Vec<Variant>,
}

/// One object, with its `type` where it has one.
pub(crate) struct Variant {
    pub name: Option<&'static str>,
    pub docs: String,
    pub keys: Vec<Key>,
}

/// One key of an object.
pub(crate) struct Key {
    pub name: &'static str,
    pub kind: String,
    pub required: bool,
    pub docs: String,
}

impl About {
    /// Adds a section, where it is new, and gives the link to it.
    pub(crate) fn section(&mut self, title: &'static str, lines: &[&str], keys: impl FnOnce(&mut Self) -> Vec<Variant>) -> String {
        if !self.sections.iter().any(|section| section.title == title) {
            let place = self.sections.len();
            self.sections.push(Section { title, docs: paragraphs(lines), variants: Vec::new() });
            let variants = keys(self);
            self.sections[place].variants = variants;
        }
        format!("[{title}](#{})", title.replace(' ', "-"))
    }
}

/// The paragraphs of a comment.
fn paragraphs(lines: &[&str]) -> Vec<String> {
    lines.split(|line| line.trim().is_empty()).map(docs).filter(|paragraph| !paragraph.is_empty()).collect()
}

impl Read for Text {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        match value {
            Value::Text(text) if !text.is_empty() => return Some(text.clone()),
            Value::Text(_) => reading.problems.add(pointer, "this must not be empty"),
            other => reading.problems.add(pointer, format!("this must be a string, not {}", other.kind_name())),
        }
        None
    }

    fn describe(_about: &mut About) -> String {
        "string".to_owned()
    }
}

impl Read for bool {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        if value.as_boolean().is_none() {
            reading.problems.add(pointer, format!("this must be true or false, not {}", value.kind_name()));
        }
        value.as_boolean()
    }

    fn absent() -> Option<Self> {
        Some(false)
    }

    fn describe(_about: &mut About) -> String {
        "boolean, `false` where it is not given".to_owned()
    }
}

/// A boolean that is true where it is not given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unless(pub bool);

impl Read for Unless {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        bool::read(reading, value, pointer).map(Self)
    }

    fn absent() -> Option<Self> {
        Some(Self(true))
    }

    fn describe(_about: &mut About) -> String {
        "boolean, `true` where it is not given".to_owned()
    }
}

/// A whole number between bounds, with the one that holds where none is given. A default below the lower bound means that there is
/// none, and that the number must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Whole<const MIN: u32, const MAX: u32, const DEFAULT: u32>(pub u32);

/// A whole number that must be given.
pub type Number<const MIN: u32, const MAX: u32> = Whole<MIN, MAX, { u32::MAX }>;

impl<const MIN: u32, const MAX: u32, const DEFAULT: u32> Read for Whole<MIN, MAX, DEFAULT> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        let whole = value.as_number().filter(|number| number.fract().is_zero()).and_then(|number| u32::try_from(number).ok());
        let whole = whole.filter(|whole| (MIN..=MAX).contains(whole));
        if whole.is_none() {
            reading.problems.add(pointer, format!("this must be a whole number from {MIN} to {MAX}"));
        }
        whole.map(Self)
    }

    fn absent() -> Option<Self> {
        (MIN..=MAX).contains(&DEFAULT).then_some(Self(DEFAULT))
    }

    fn describe(_about: &mut About) -> String {
        let range = format!("whole number from {MIN} to {MAX}");
        if (MIN..=MAX).contains(&DEFAULT) { format!("{range}, {DEFAULT} where it is not given") } else { range }
    }
}

impl<T: Read> Read for Option<T> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        T::read(reading, value, pointer).map(Some)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn describe(about: &mut About) -> String {
        T::describe(about)
    }
}

impl<T: Read> Read for Box<T> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        T::read(reading, value, pointer).map(Box::new)
    }

    fn absent() -> Option<Self> {
        T::absent().map(Box::new)
    }

    fn describe(about: &mut About) -> String {
        T::describe(about)
    }
}

/// The most items of a list, and keys of an object, in a definition.
pub(crate) const MAX_ITEMS: usize = 1_000;

impl<T: Read> Read for Vec<T> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        let Some(items) = value.as_list() else {
            reading.problems.add(pointer, format!("this must be a list, not {}", value.kind_name()));
            return None;
        };
        if items.len() > MAX_ITEMS {
            reading.problems.add(pointer, format!("this has more than {MAX_ITEMS} items"));
            return None;
        }
        let read: Vec<_> = items.iter().enumerate().map(|(index, item)| T::read(reading, item, &format!("{pointer}/{index}"))).collect();
        read.into_iter().collect()
    }

    fn absent() -> Option<Self> {
        Some(Vec::new())
    }

    fn describe(about: &mut About) -> String {
        format!("list of {}", T::describe(about))
    }
}

/// One, or a list of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMore<T>(pub Vec<T>);

impl<T: Read> Read for OneOrMore<T> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        match value {
            Value::List(items) if items.is_empty() => {
                reading.problems.add(pointer, "this must not be empty");
                None
            }
            Value::List(_) => Vec::read(reading, value, pointer).map(Self),
            _ => T::read(reading, value, pointer).map(|one| Self(vec![one])),
        }
    }

    fn describe(about: &mut About) -> String {
        format!("{}, or a list of them", T::describe(about))
    }
}

/// Paths of which the first that leads to something counts.
pub type Paths = OneOrMore<Path>;

impl Paths {
    /// What stands at the first path that leads to something but null.
    #[must_use]
    pub fn find<'v>(&self, value: &'v Value) -> Option<&'v Value> {
        self.0.iter().find_map(|path| path.find(value).filter(|found| !found.is_null()))
    }
}

impl Read for Path {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        let text = Text::read(reading, value, pointer)?;
        Self::parse(&text).map_err(|problem| reading.problems.add(pointer, problem)).ok()
    }

    fn describe(_about: &mut About) -> String {
        "[path](#paths)".to_owned()
    }
}

/// Things by the names that a definition gives them.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T>(pub Vec<(Text, T)>);

impl<T> Named<T> {
    /// The thing of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, thing)| thing)
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// Names and things, in the order in which they stand.
    pub fn iter(&self) -> impl Iterator<Item = (&Text, &T)> {
        self.0.iter().map(|(name, thing)| (name, thing))
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Named<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// Whether a text is a name: a lower-case letter, then lower-case letters, digits and underscores, 64 at most.
#[must_use]
pub fn is_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

pub(crate) const NAME_RULE: &str =
    "a name begins with a lower-case letter and holds lower-case letters, digits and underscores, 64 at most";

impl<T: Read> Read for Named<T> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        let Fields(fields) = Fields::<T>::read(reading, value, pointer)?;
        for (name, _) in &fields {
            if !is_name(name) {
                reading.problems.add(format!("{pointer}/{name}"), format!("`{name}` is not a name: {NAME_RULE}"));
            }
        }
        Some(Self(fields))
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn describe(about: &mut About) -> String {
        format!("object: [name](#names) → {}", T::describe(about))
    }
}

/// Things by keys that somebody else has named: headers, parameters, fields.
#[derive(Clone, Debug, PartialEq)]
pub struct Fields<T>(pub Vec<(Text, T)>);

impl<T> Default for Fields<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Read> Read for Fields<T> {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        let node = reading.problems.node(value, pointer)?;
        let fields = value.as_object().unwrap_or_default();
        if fields.len() > MAX_ITEMS {
            reading.problems.add(pointer, format!("this has more than {MAX_ITEMS} keys"));
            return None;
        }
        let read: Vec<_> = fields.iter().map(|(key, value)| Some((key.clone(), T::read(reading, value, &node.at(key))?))).collect();
        read.into_iter().collect::<Option<_>>().map(Self)
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }

    fn describe(about: &mut About) -> String {
        format!("object: key → {}", T::describe(about))
    }
}

/// A name that a definition gives to something, or refers to it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name(pub Text);

impl Read for Name {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        let text = Text::read(reading, value, pointer)?;
        if is_name(&text) {
            return Some(Self(text));
        }
        reading.problems.add(pointer, format!("`{text}` is not a name: {NAME_RULE}"));
        None
    }

    fn describe(_about: &mut About) -> String {
        "[name](#names)".to_owned()
    }
}

/// Any JSON value.
#[derive(Clone, Debug, PartialEq)]
pub struct Json(pub Value);

impl Read for Json {
    fn read(_reading: &mut Reading, value: &Value, _pointer: &str) -> Option<Self> {
        Some(Self(value.clone()))
    }

    fn describe(_about: &mut About) -> String {
        "any JSON".to_owned()
    }
}
