//! The rules of one row: what an upsert or a follow-up makes of what is stored.

use salesdash_language::identity::Subject;
use salesdash_value::{Id, Text, Value};

use crate::outcome::{Change, Outcome, Touched, Verdict};
use crate::row::{Row, same, storable};
use crate::schema;

/// A row that is not stored yet.
pub(crate) fn create<'f>(
    subject: Subject,
    id: Id,
    external_id: Text,
    execution: u64,
    fields: impl Iterator<Item = (&'f str, &'f Value)>,
) -> (Row, Outcome) {
    let mut row = Row { subject, id, external_id, fields: Vec::new(), locked: Vec::new(), execution };
    for (name, value) in fields {
        if !value.is_null() {
            row.fields.push((Text::new(name), storable(value)));
        }
    }
    for field in schema::fields(subject) {
        if let Some(default) = schema::default(subject, field.name)
            && row.field(field.name).is_null()
        {
            row.fields.push((Text::new_static(field.name), Value::Text(Text::new_static(default))));
        }
    }
    let mut outcome = Outcome::new(subject, Verdict::Created);
    outcome.touched.push(Touched { id, change: Change::Created });
    (row, outcome)
}

/// Sets fields of a stored row. Locked fields are left alone and noted in the outcome; null clears; a name that only repeats the
/// external id does not replace a better one. Gives the fields that changed, with what they were.
pub(crate) fn update<'f>(row: &mut Row, fields: impl Iterator<Item = (&'f str, &'f Value)>, outcome: &mut Outcome) -> Vec<(Text, Value)> {
    let mut before = Vec::new();
    for (name, value) in fields {
        let stored = row.field(name);
        let default;
        let value = match (value, schema::default(row.subject, name)) {
            (Value::Null, Some(text)) => {
                default = Value::Text(Text::new_static(text));
                &default
            }
            _ => value,
        };
        let worse_name = name == "external_name" && !stored.is_null() && value.as_text() == Some(row.external_id.as_str());
        if worse_name || same(stored, value) {
            continue;
        }
        if row.is_locked(name) {
            outcome.keep(name);
            continue;
        }
        let was = row.set(name, storable(value));
        before.push((Text::new(name), was));
    }
    before
}

/// The verdict on a row that was there.
pub(crate) fn verdict(changed: bool, outcome: &Outcome) -> Verdict {
    match (changed, outcome.kept.is_empty()) {
        (true, _) => Verdict::Updated,
        (false, false) => Verdict::Kept,
        (false, true) => Verdict::Found,
    }
}
