//! What became of a write.

use salesdash_language::identity::Subject;
use salesdash_value::{Id, Text, Value};

use crate::row::Row;

/// What became of one effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// In one word.
    pub verdict: Verdict,
    /// The kind of row that it is about.
    pub subject: Subject,
    /// The rows that it changed, in order. Those that were found as they are do not appear.
    pub touched: Vec<Touched>,
    /// Locked fields that were to change and were left alone, each once.
    pub kept: Vec<Text>,
    /// How many stored rows it was about: for a follow-up, how many records of the contact were selected.
    pub matched: u32,
}

/// What became of a write, in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It is new.
    Created,
    /// It was there, and at least one field changed.
    Updated,
    /// It was there, and is as it was.
    Found,
    /// It was there, and only locked fields were to change: they kept what they have.
    Kept,
    /// A field is locked from now on.
    Locked,
    /// There was nothing to write it to: no record of the contact, or no such record.
    Nothing,
}

impl Verdict {
    /// Every verdict, in an order that is never changed: stored outcomes name them by their place here.
    pub const ALL: &[Self] = &[Self::Created, Self::Updated, Self::Found, Self::Kept, Self::Locked, Self::Nothing];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Found => "found",
            Self::Kept => "kept",
            Self::Locked => "locked",
            Self::Nothing => "nothing",
        }
    }
}

/// One row that a write changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Touched {
    /// Its id.
    pub id: Id,
    /// What happened to it.
    pub change: Change,
}

/// What happened to a row, with what it takes to undo it.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// It is new.
    Created,
    /// Fields of it changed.
    Updated(Before),
    /// It was removed; this is what it was.
    Removed(Box<Row>),
    /// The period change with this id is known from now on, whether or not it has a period.
    Noted,
    /// This field is locked from now on.
    Locked(Text),
}

/// What a row was before it was updated.
#[derive(Clone, Debug, PartialEq)]
pub struct Before {
    /// The fields that changed, each with the value it had; null where it had none. What it has now is in the effect, or in the row.
    pub fields: Vec<(Text, Value)>,
    /// The execution that had last written it.
    pub execution: u64,
}

impl Outcome {
    pub(crate) fn new(subject: Subject, verdict: Verdict) -> Self {
        Self { verdict, subject, touched: Vec::new(), kept: Vec::new(), matched: 1 }
    }

    /// Notes that a locked field kept what it has.
    pub(crate) fn keep(&mut self, field: &str) {
        if !self.kept.iter().any(|kept| kept == field) {
            self.kept.push(Text::new(field));
        }
    }

    /// The names of the fields that changed, each once.
    pub fn changed_fields(&self) -> impl Iterator<Item = &Text> {
        let mut seen: Vec<&Text> = Vec::new();
        for touched in &self.touched {
            if let Change::Updated(before) = &touched.change {
                for (field, _) in &before.fields {
                    if !seen.contains(&field) {
                        seen.push(field);
                    }
                }
            }
        }
        seen.into_iter()
    }

    /// Takes these keys out of what it tells of rows as they were. False where there was none. What was changed can then still be undone,
    /// without bringing a key back.
    pub fn forget(&mut self, keys: &[Text]) -> bool {
        let mut any = false;
        for touched in &mut self.touched {
            let fields = match &mut touched.change {
                Change::Updated(before) => &mut before.fields,
                Change::Removed(row) => {
                    for key in keys.iter().filter(|key| row.external_id.contains(key.as_str())).collect::<Vec<_>>() {
                        row.external_id = Text::new(row.external_id.replace(key.as_str(), "erased"));
                        any = true;
                    }
                    &mut row.fields
                }
                Change::Created | Change::Noted | Change::Locked(_) => continue,
            };
            let count = fields.len();
            fields.retain(|(_, value)| !value.as_text().is_some_and(|text| keys.iter().any(|key| text.contains(key.as_str()))));
            any |= fields.len() != count;
        }
        any
    }
}
