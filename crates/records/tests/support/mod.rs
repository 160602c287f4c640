//! Effects as an evaluation leaves them.

#![allow(dead_code, reason = "not every test uses every helper")]

use std::sync::Arc;

use salesdash_language::effect::{Effect, Write};
use salesdash_language::identity::{Subject, id};
use salesdash_value::{Id, Identity, IdentityKind, Instant, RecordKind, Text, Value, datetime, format_smolstr};

/// Reads an instant.
pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

/// The id of an external id of tenant 1, provider 1.
pub fn id_of(subject: Subject, external_id: &str) -> Id {
    id(1, 1, subject, external_id)
}

/// A reference to an identity.
pub fn identity(kind: IdentityKind, external_id: &str) -> Value {
    let id = id_of(Subject::Identity(kind), external_id);
    Value::Identity(Arc::new(Identity { kind, id, external_id: Text::new(external_id), external_name: Text::new(external_id) }))
}

/// A reference to an agent.
pub fn agent(external_id: &str) -> Value {
    identity(IdentityKind::Agent, external_id)
}

fn effect(write: Write, id: Option<Id>, fields: Vec<(&'static str, Value)>) -> Effect {
    Effect { instruction: 0, path: Default::default(), operation: "test", write, id, fields }
}

/// An upsert of a record.
pub fn record(kind: RecordKind, external_id: &str, fields: Vec<(&'static str, Value)>) -> Effect {
    let mut all = vec![("external_id", Value::from(external_id))];
    all.extend(fields);
    effect(Write::UpsertRecord(kind), Some(id_of(Subject::Record(kind), external_id)), all)
}

/// An upsert of an agent.
pub fn upsert_agent(external_id: &str, external_name: &str) -> Effect {
    let fields = vec![("external_id", Value::from(external_id)), ("external_name", Value::from(external_name))];
    effect(Write::UpsertIdentity(IdentityKind::Agent), Some(id_of(Subject::Identity(IdentityKind::Agent), external_id)), fields)
}

/// An update of the records of a contact.
pub fn follow_up(kind: RecordKind, fields: Vec<(&'static str, Value)>) -> Effect {
    effect(Write::UpdateContact(kind), None, fields)
}

/// A lock.
pub fn lock(kind: RecordKind, external_id: &str, field: &str, value: Value) -> Effect {
    let fields = vec![("record", Value::from(external_id)), ("field", Value::from(field)), ("value", value)];
    effect(Write::LockField(kind), Some(id_of(Subject::Record(kind), external_id)), fields)
}

/// A change of contact `c` on track `t`.
pub fn change(moment: Instant, period_type: Option<&str>, fields: Vec<(&'static str, Value)>) -> Effect {
    let external_id = format_smolstr!("t|c|{}|{}", datetime::rfc3339(moment), period_type.unwrap_or_default());
    let id = id_of(Subject::Record(RecordKind::Period), &external_id);
    let mut all = vec![
        ("external_id", Value::Text(external_id)),
        ("contact_key", Value::from("c")),
        ("track", Value::from("t")),
        ("period_type", Value::from(period_type.map(Text::new))),
        ("moment", Value::from(moment)),
    ];
    all.extend(fields);
    effect(Write::ChangePeriod, Some(id), all)
}
