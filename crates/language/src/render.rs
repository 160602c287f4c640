//! Outcomes as JSON: what the command line writes, what the API answers, what the digest of an execution is taken over.

use salesdash_value::{Text, Value, datetime, number};

use crate::effect::{Effect, Message, Outcome};
use crate::plan::Plan;

/// A field of an effect as it is written: numbers as decimal strings, identities and records by their external id.
fn field(value: &Value) -> Value {
    match value {
        Value::Number(number) => Value::Text(number::plain(*number)),
        Value::Datetime(instant) => Value::Text(datetime::rfc3339(*instant)),
        Value::Identity(identity) => Value::Text(identity.external_id.clone()),
        Value::Record(record) => Value::Text(record.external_id.clone()),
        Value::BigNumber(text) => Value::text(text),
        other => other.clone(),
    }
}

fn path(path: &[u32]) -> Value {
    Value::list(path.iter().map(|index| Value::from(i64::from(*index))))
}

/// One effect.
#[must_use]
pub fn effect(plan: &Plan, effect: &Effect) -> Value {
    let mut fields: Vec<(Text, Value)> = Vec::with_capacity(4 + effect.fields.len());
    fields.push((Text::new_static("operation"), Value::Text(Text::new_static(effect.operation))));
    fields.push((Text::new_static("instruction"), Value::Text(plan.instruction_id(effect.instruction).clone())));
    fields.push((Text::new_static("path"), path(&effect.path)));
    if let Some(id) = effect.id {
        fields.push((Text::new_static("id"), Value::text(id.to_string())));
    }
    fields.extend(effect.fields.iter().map(|(name, value)| (Text::new_static(name), field(value))));
    Value::Object(fields.into())
}

/// The effects, in the order of execution.
#[must_use]
pub fn effects(plan: &Plan, outcome: &Outcome) -> Value {
    Value::list(outcome.effects.iter().map(|each| effect(plan, each)))
}

/// One message.
#[must_use]
pub fn message(plan: &Plan, message: &Message) -> Value {
    Value::object([
        ("code", message.code.map_or(Value::Null, |code| Value::Text(Text::new_static(code.code)))),
        ("severity", Value::Text(Text::new_static(message.severity.name()))),
        ("instruction", message.instruction.map_or(Value::Null, |index| Value::Text(plan.instruction_id(index).clone()))),
        ("node", Value::Text(message.node.clone())),
        ("path", path(&message.path)),
        ("text", Value::text(&message.text)),
    ])
}

/// The messages, in the order of execution.
#[must_use]
pub fn messages(plan: &Plan, outcome: &Outcome) -> Value {
    Value::list(outcome.messages.iter().map(|each| message(plan, each)))
}
