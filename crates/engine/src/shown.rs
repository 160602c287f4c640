//! What executions write, as it is shown: each effect with what became of it, personal data masked unless it is revealed.

use salesdash_language::effect::{Effect, Outcome, Write};
use salesdash_language::identity::Subject;
use salesdash_language::mask::MASK;
use salesdash_language::plan::Plan;
use salesdash_language::render;
use salesdash_records::{Change, Outcome as Written, schema};
use salesdash_value::{Text, Value, number};

/// What an effect writes to.
pub(crate) const fn subject(effect: &Effect) -> Subject {
    match effect.write {
        Write::UpsertIdentity(kind) => Subject::Identity(kind),
        Write::UpsertRecord(kind) | Write::UpdateContact(kind) | Write::LockField(kind) => Subject::Record(kind),
        Write::ChangePeriod => Subject::Record(salesdash_value::RecordKind::Period),
    }
}

/// The name of a kind of row.
pub(crate) const fn kind_name(subject: Subject) -> &'static str {
    match subject {
        Subject::Identity(kind) => kind.name(),
        Subject::Record(kind) => kind.name(),
    }
}

/// Whether a field of a kind of row holds personal data.
pub(crate) fn is_personal(subject: Subject, name: &str) -> bool {
    schema::fields(subject).iter().any(|field| field.name == name && field.personal)
}

/// A stored value as JSON: numbers as decimal text, identities by their external id.
pub(crate) fn plain(subject: Subject, name: &str, value: &Value, reveal: bool) -> Value {
    if !reveal && is_personal(subject, name) && !value.is_null() {
        return Value::from(MASK);
    }
    match value {
        Value::Number(value) => Value::Text(number::plain(*value)),
        Value::Datetime(instant) => Value::Text(salesdash_value::datetime::rfc3339(*instant)),
        Value::Identity(identity) => Value::Text(identity.external_id.clone()),
        Value::Record(record) => Value::Text(record.external_id.clone()),
        other => other.clone(),
    }
}

/// The effects of an outcome, each with what became of it.
pub(crate) fn effects(plan: &Plan, outcome: &Outcome, written: &[Written], reveal: bool) -> Value {
    let shown = outcome.effects.iter().enumerate().map(|(place, effect)| {
        let subject = subject(effect);
        let rendered = render::effect(plan, effect);
        let mut fields: Vec<(Text, Value)> = rendered.as_object().unwrap_or_default().to_vec();
        for (name, value) in &mut fields {
            if !reveal && is_personal(subject, name) && !value.is_null() {
                *value = Value::from(MASK);
            }
        }
        fields.push((Text::new_static("kind"), kind_name(subject).into()));
        let became = written.get(place).map_or(Value::Null, |written| became(written, Some(effect), reveal));
        fields.push((Text::new_static("outcome"), became));
        Value::Object(fields.into())
    });
    Value::list(shown.collect::<Vec<_>>())
}

/// The records that were taken away because an execution that was done over no longer writes them.
pub(crate) fn taken_away(outcome: &Outcome, written: &[Written], reveal: bool) -> Value {
    Value::list(written.iter().skip(outcome.effects.len()).map(|written| became(written, None, reveal)).collect::<Vec<_>>())
}

/// What became of one effect.
fn became(written: &Written, effect: Option<&Effect>, reveal: bool) -> Value {
    let mut changed = Vec::new();
    for touched in &written.touched {
        let record = ("record", Value::text(touched.id.to_string()));
        match &touched.change {
            Change::Created => changed.push(Value::object([record, ("change", "created".into())])),
            Change::Noted => changed.push(Value::object([record, ("change", "noted".into())])),
            Change::Removed(row) => {
                let external_id = Value::Text(row.external_id.clone());
                changed.push(Value::object([record, ("change", "removed".into()), ("external_id", external_id)]));
            }
            Change::Locked(field) => {
                changed.push(Value::object([record, ("change", "locked".into()), ("field", Value::Text(field.clone()))]));
            }
            Change::Updated(before) => {
                for (field, from) in &before.fields {
                    let mut entry = vec![
                        ("record", Value::text(touched.id.to_string())),
                        ("change", "updated".into()),
                        ("field", Value::Text(field.clone())),
                        ("from", plain(written.subject, field, from, reveal)),
                    ];
                    if let Some(to) = effect.and_then(|effect| became_of(effect, touched.id, field)) {
                        entry.push(("to", plain(written.subject, field, to, reveal)));
                    }
                    changed.push(Value::object(entry));
                }
            }
        }
    }
    Value::object([
        ("verdict", Value::from(written.verdict.name())),
        ("matched", i64::from(written.matched).into()),
        ("kept", Value::list(written.kept.iter().map(|field| Value::Text(field.clone())).collect::<Vec<_>>())),
        ("changed", Value::list(changed)),
    ])
}

/// The value that an effect gave a field, where the effect says.
fn became_of<'e>(effect: &'e Effect, record: salesdash_value::Id, field: &str) -> Option<&'e Value> {
    if effect.write == Write::ChangePeriod {
        let own = effect.id == Some(record);
        return match field {
            // A period ends where the next one begins.
            "ended_at" if own => None,
            "ended_at" | "started_at" => effect.field("moment"),
            _ => effect.field(field),
        };
    }
    effect.field(field)
}
