//! What an evaluation reads from the stored records: noted with the execution, so that a replay reads the same.

use std::cell::Cell;
use std::str::FromStr;
use std::sync::Arc;

use salesdash_language::effect::{StateRead, StateReader, StoredField};
use salesdash_value::{Decimal, Id, Identity, IdentityKind, Instant, RecordKind, Text, Value, json, number};

use crate::Result;
use crate::settings::document;

/// Answers that nothing is stored, and notes that it was asked: what was evaluated then has to be evaluated again, within the transaction.
#[derive(Default)]
pub(crate) struct Probe(Cell<bool>);

impl Probe {
    pub fn was_asked(&self) -> bool {
        self.0.get()
    }
}

impl StateReader for Probe {
    fn field(&self, _kind: RecordKind, _record: Id, _field: &str) -> StoredField {
        self.0.set(true);
        StoredField::default()
    }
}

/// Answers what was read when an execution ran.
#[derive(Default)]
pub(crate) struct Recorded(Vec<StateRead>);

impl Recorded {
    /// What was noted.
    pub fn read(text: &str) -> Result<Self> {
        Ok(Self(document(text)?.as_list().unwrap_or_default().iter().filter_map(read_one).collect()))
    }
}

impl StateReader for Recorded {
    fn field(&self, _kind: RecordKind, record: Id, field: &str) -> StoredField {
        let known = self.0.iter().find(|read| read.record == record && read.field == field);
        known.map(|read| read.found.clone()).unwrap_or_default()
    }
}

/// Reads as JSON, to be stored. `None` where there were none.
pub(crate) fn write(reads: &[StateRead]) -> Option<String> {
    if reads.is_empty() {
        return None;
    }
    let reads = reads.iter().map(|read| {
        let mut fields = vec![
            ("record", Value::text(read.record.to_string())),
            ("field", Value::Text(read.field.clone())),
            ("locked", read.found.locked.into()),
        ];
        if let Some(value) = &read.found.value {
            let (kind, value) = typed(value);
            fields.push(("is", kind.into()));
            fields.push(("value", value));
        }
        Value::object(fields)
    });
    Some(json::to_string(&Value::list(reads.collect::<Vec<_>>())))
}

/// A value with what it is, so that it comes back as it went.
fn typed(value: &Value) -> (&'static str, Value) {
    match value {
        Value::Number(value) => ("number", Value::Text(number::plain(*value))),
        Value::Datetime(instant) => ("datetime", Value::text(instant.to_string())),
        Value::Identity(identity) => (
            identity.kind.name(),
            Value::list([
                Value::text(identity.id.to_string()),
                Value::Text(identity.external_id.clone()),
                Value::Text(identity.external_name.clone()),
            ]),
        ),
        other => ("json", other.clone()),
    }
}

fn read_one(read: &Value) -> Option<StateRead> {
    let record = Id::from_str(read.get("record")?.as_text()?).ok()?;
    let field = Text::new(read.get("field")?.as_text()?);
    let locked = read.get("locked").and_then(Value::as_boolean).unwrap_or(false);
    let value = match (read.get("is").and_then(Value::as_text), read.get("value")) {
        (Some("number"), Some(value)) => Some(Value::Number(value.as_text()?.parse::<Decimal>().ok()?)),
        (Some("datetime"), Some(value)) => Some(Value::Datetime(value.as_text()?.parse::<Instant>().ok()?)),
        (Some("json"), Some(value)) => Some(value.clone()),
        (Some(kind), Some(value)) => {
            let [id, external_id, external_name] = value.as_list()? else { return None };
            Some(Value::Identity(Arc::new(Identity {
                kind: IdentityKind::from_name(kind)?,
                id: Id::from_str(id.as_text()?).ok()?,
                external_id: Text::new(external_id.as_text()?),
                external_name: Text::new(external_name.as_text()?),
            })))
        }
        _ => None,
    };
    Some(StateRead { record, field, found: StoredField { value, locked } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_come_back_as_they_went() {
        let identity =
            Identity { kind: IdentityKind::Team, id: Id([7; 16]), external_id: Text::new("north"), external_name: Text::new("North") };
        let values = [
            None,
            Some(Value::Null),
            Some(Value::Number("1234567890.123456789".parse().unwrap())),
            Some(Value::Datetime("2026-01-02T03:04:05.123456Z".parse().unwrap())),
            Some(Value::from("text")),
            Some(Value::from(true)),
            Some(Value::Identity(Arc::new(identity))),
        ];
        let reads: Vec<StateRead> = values
            .into_iter()
            .enumerate()
            .map(|(number, value)| StateRead {
                record: Id([number as u8; 16]),
                field: Text::new("moment"),
                found: StoredField { value, locked: number % 2 == 0 },
            })
            .collect();
        let written = write(&reads).expect("there are some");
        assert_eq!(Recorded::read(&written).unwrap().0, reads);
        assert_eq!(write(&[]), None);
    }
}
