//! What the checker and the evaluator say: codes, messages, fixes.

use std::fmt;

use salesdash_value::{Text, Value};

/// A stable code with its page. See [`crate::codes`].
pub struct Code {
    /// `E203`. Never reused.
    pub code: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What triggers it, as a JSON fragment (or words).
    pub before: &'static str,
    /// The same, mended.
    pub after: &'static str,
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)
    }
}

impl PartialEq for Code {
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
    }
}

impl Eq for Code {}

/// How bad it is. The same code can be a warning to the checker and an error at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// For your information.
    Info,
    /// It can fail, depending on the data.
    Warning,
    /// It cannot run, or did not.
    Error,
}

impl Severity {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One message of the checker.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Its code.
    pub code: &'static Code,
    /// How bad it is.
    pub severity: Severity,
    /// The JSON pointer of the node it is about.
    pub pointer: Text,
    /// The id of the instruction it is in, where it is in one.
    pub instruction: Option<Text>,
    /// A sentence in plain words.
    pub text: String,
    /// What mends it, best first.
    pub fixes: Vec<Fix>,
}

/// A change to the document that mends a problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Fix {
    /// What it does, as a button says it.
    pub title: String,
    /// The changes, to be applied in order.
    pub patch: Vec<Patch>,
}

/// One change to a document: an operation of RFC 6902.
#[derive(Clone, Debug, PartialEq)]
pub enum Patch {
    /// Puts a value where nothing was.
    Add(String, Value),
    /// Puts a value in the place of another.
    Replace(String, Value),
    /// Takes a value out.
    Remove(String),
}

impl Patch {
    /// The operation as RFC 6902 writes it.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Add(path, value) => Value::object([("op", "add".into()), ("path", path.as_str().into()), ("value", value.clone())]),
            Self::Replace(path, value) => {
                Value::object([("op", "replace".into()), ("path", path.as_str().into()), ("value", value.clone())])
            }
            Self::Remove(path) => Value::object([("op", "remove".into()), ("path", path.as_str().into())]),
        }
    }

    /// Applies it. `None` where the place does not exist.
    #[must_use]
    pub fn apply(&self, document: &Value) -> Option<Value> {
        let (path, change) = match self {
            Self::Add(path, value) => (path, Change::Add(value)),
            Self::Replace(path, value) => (path, Change::Replace(value)),
            Self::Remove(path) => (path, Change::Remove),
        };
        let steps: Vec<String> = path.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~")).collect();
        change_at(document, &steps, &change)
    }
}

enum Change<'a> {
    Add(&'a Value),
    Replace(&'a Value),
    Remove,
}

fn change_at(value: &Value, steps: &[String], change: &Change<'_>) -> Option<Value> {
    let Some((step, rest)) = steps.split_first() else {
        return match change {
            Change::Add(new) | Change::Replace(new) => Some((*new).clone()),
            Change::Remove => None,
        };
    };
    match value {
        Value::Object(fields) => {
            let mut fields = fields.to_vec();
            let index = fields.iter().position(|(key, _)| key == step);
            match (index, rest.is_empty(), change) {
                (Some(index), true, Change::Remove) => {
                    fields.remove(index);
                }
                (None, true, Change::Add(new)) => fields.push((Text::new(step), (*new).clone())),
                (Some(index), ..) => fields[index].1 = change_at(&fields[index].1, rest, change)?,
                _ => return None,
            }
            Some(Value::Object(fields.into()))
        }
        Value::List(items) => {
            let mut items = items.to_vec();
            let index = if step == "-" { items.len() } else { step.parse::<usize>().ok()? };
            match (rest.is_empty(), change) {
                (true, Change::Remove) if index < items.len() => {
                    items.remove(index);
                }
                (true, Change::Add(new)) if index <= items.len() => items.insert(index, (*new).clone()),
                _ if index < items.len() => items[index] = change_at(&items[index], rest, change)?,
                _ => return None,
            }
            Some(Value::list(items))
        }
        _ => None,
    }
}

impl Diagnostic {
    /// The message as it stands on the wire.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::object([
            ("code", self.code.code.into()),
            ("severity", self.severity.name().into()),
            ("pointer", Value::Text(self.pointer.clone())),
            ("instruction", self.instruction.clone().into()),
            ("text", self.text.as_str().into()),
            (
                "fixes",
                Value::list(self.fixes.iter().map(|fix| {
                    Value::object([("title", fix.title.as_str().into()), ("patch", Value::list(fix.patch.iter().map(Patch::to_value)))])
                })),
            ),
        ])
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "/" } else { &self.pointer };
        write!(f, "{}[{}] {pointer}: {}", self.severity.name(), self.code.code, self.text)
    }
}

/// The known name nearest to a mistyped one, if any is near enough to be what was meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let length = lower.chars().count();
    known
        .into_iter()
        .filter_map(|candidate| {
            let most = (candidate.len().max(name.len()) / 3).max(1);
            let other = candidate.to_lowercase();
            // As many letters as one is longer have to be added at least: most candidates need no closer look.
            if other.chars().count().abs_diff(length) > most {
                return None;
            }
            let distance = strsim::damerau_levenshtein(&lower, &other);
            (distance <= most).then_some((distance, candidate))
        })
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// One step of a JSON pointer, escaped.
#[must_use]
pub fn escape(step: &str) -> std::borrow::Cow<'_, str> {
    if step.contains(['~', '/']) { step.replace('~', "~0").replace('/', "~1").into() } else { step.into() }
}

/// An error at run time.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Its code.
    pub code: &'static Code,
    /// A sentence in plain words, which holds no personal data.
    pub text: String,
    /// The node of the plan it is about; where none is given, the one that was being evaluated.
    pub node: Option<u32>,
}

impl Fault {
    /// A fault of the node being evaluated.
    #[must_use]
    pub fn new(code: &'static Code, text: impl Into<String>) -> Self {
        Self { code, text: text.into(), node: None }
    }

    /// Whether it ends the whole execution, even inside a loop: a budget.
    #[must_use]
    pub fn is_final(&self) -> bool {
        self.code.code.starts_with("E6")
    }
}

/// Why an instruction did not run to its end.
#[derive(Debug)]
pub enum Failure {
    /// An error that is still to be reported.
    Fault(Fault),
    /// Something inside it failed, and was reported there.
    Reported,
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}
