//! Outcomes as JSON: what the command line writes, what the API answers, what the digest of an execution is taken over.

//!
//! Each has two forms that say the same: as a [`Value`], and written straight to text where every microsecond counts.

use salesdash_value::{Id, Text, Value, datetime, json, number};

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

/// The longest that a literal is shown in a message, in characters.
const SHOWN: usize = 40;

/// What a literal says, as a message names it: its JSON, cut where it is long.
#[must_use]
pub fn shortened(literal: &Value) -> String {
    let mut text = String::new();
    json::write(literal, &mut text);
    if text.chars().count() > SHOWN {
        text = text.chars().take(SHOWN - 1).chain(['…']).collect();
    }
    text
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

/// Appends the effects as JSON text: what [`effects`] gives, without making a value first.
pub fn write_effects(plan: &Plan, outcome: &Outcome, out: &mut String) {
    out.push('[');
    for (index, effect) in outcome.effects.iter().enumerate() {
        out.push_str(if index > 0 { ",{\"operation\":\"" } else { "{\"operation\":\"" });
        // Names of operations and fields are ours, and hold nothing that needs an escape.
        out.push_str(effect.operation);
        out.push_str("\",\"instruction\":");
        json::write_string(plan.instruction_id(effect.instruction), out);
        out.push_str(",\"path\":");
        write_path(&effect.path, out);
        if let Some(id) = effect.id {
            out.push_str(",\"id\":");
            write_id(id, out);
        }
        for (name, value) in &effect.fields {
            out.push_str(",\"");
            out.push_str(name);
            out.push_str("\":");
            write_field(value, out);
        }
        out.push('}');
    }
    out.push(']');
}

/// Appends the messages as JSON text: what [`messages`] gives, without making a value first.
pub fn write_messages(plan: &Plan, outcome: &Outcome, out: &mut String) {
    out.push('[');
    for (index, each) in outcome.messages.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        json::write(&message(plan, each), out);
    }
    out.push(']');
}

fn write_field(value: &Value, out: &mut String) {
    match value {
        Value::Text(text) => json::write_string(text, out),
        Value::Number(number) => {
            out.push('"');
            json::write_number(*number, out);
            out.push('"');
        }
        Value::Datetime(instant) => json::write_datetime(*instant, out),
        Value::Identity(identity) => json::write_string(&identity.external_id, out),
        Value::Record(record) => json::write_string(&record.external_id, out),
        Value::BigNumber(text) => json::write_string(text, out),
        other => json::write(other, out),
    }
}

fn write_path(path: &[u32], out: &mut String) {
    use std::fmt::Write;
    out.push('[');
    for (index, iteration) in path.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write!(out, "{iteration}").expect("writing to a string");
    }
    out.push(']');
}

/// The hyphenated form of an id, as a JSON string.
fn write_id(id: Id, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = [b'-'; 36];
    let mut at = 0;
    for (index, byte) in id.0.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at] = DIGITS[usize::from(byte >> 4)];
        text[at + 1] = DIGITS[usize::from(byte & 15)];
        at += 2;
    }
    out.push('"');
    out.push_str(std::str::from_utf8(&text).expect("hexadecimal digits are text"));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use salesdash_value::{Identity, IdentityKind, Record, RecordKind};
    use smallvec::smallvec;

    use super::*;
    use crate::check::{Options, check};
    use crate::codes;
    use crate::diagnostics::Severity;
    use crate::effect::{Status, Write};
    use crate::model::Models;
    use crate::plan::PlanInstruction;
    use crate::vocabulary::Vocabulary;

    #[test]
    fn both_forms_say_the_same() {
        let mut plan = check(&Value::Null, &Vocabulary::new(&[], &[]), &Models::default(), Options::default()).plan;
        Arc::get_mut(&mut plan).expect("nobody shares it").instructions.push(PlanInstruction {
            id: "an \"id\"\n".into(),
            pointer: "/instructions/0".into(),
            name: "x".into(),
            disabled: false,
            instruction: None,
            metas: &[],
            fields: Box::default(),
            return_slot: None,
            return_name: None,
            return_type: None,
        });
        let id = Id(*b"\x00\x01\xfeabcdefghijklm");
        let identity = Identity { kind: IdentityKind::Agent, id, external_id: "u\\1".into(), external_name: "One".into() };
        let record = Record { kind: RecordKind::Sale, id, external_id: "s|1".into(), fields: Vec::new() };
        let fields = vec![
            ("text", Value::text("tab\t é \u{1}")),
            ("number", Value::Number("1500.50".parse().unwrap())),
            ("big", Value::BigNumber("1e400".into())),
            ("datetime", Value::Datetime("2026-03-01T09:30:00.120Z".parse().unwrap())),
            ("identity", Value::Identity(identity.into())),
            ("record", Value::Record(record.into())),
            ("null", Value::Null),
            ("boolean", Value::Boolean(true)),
            ("list", Value::list([Value::from(1), Value::object([("a", Value::from("b"))])])),
        ];
        let effect = Effect {
            instruction: 0,
            path: smallvec![0, 12],
            operation: "upsert_sale",
            write: Write::UpsertRecord(RecordKind::Sale),
            id: Some(id),
            fields,
        };
        let bare = Effect { path: smallvec![], id: None, fields: vec![], ..effect.clone() };
        let message = Message {
            code: Some(&codes::EMPTY_ID),
            severity: Severity::Error,
            instruction: Some(0),
            node: "/instructions/0/external_id".into(),
            path: smallvec![3],
            text: "a \"text\"".into(),
        };
        let note = Message { code: None, severity: Severity::Info, instruction: None, ..message.clone() };
        let outcome = Outcome { status: Status::Succeeded, effects: vec![effect, bare], messages: vec![message, note], reads: Vec::new() };
        let mut written = String::new();
        write_effects(&plan, &outcome, &mut written);
        assert_eq!(written, json::to_string(&effects(&plan, &outcome)));
        written.clear();
        write_messages(&plan, &outcome, &mut written);
        assert_eq!(written, json::to_string(&messages(&plan, &outcome)));
        let empty = Outcome { status: Status::Failed, effects: Vec::new(), messages: Vec::new(), reads: Vec::new() };
        written.clear();
        write_effects(&plan, &empty, &mut written);
        write_messages(&plan, &empty, &mut written);
        assert_eq!(written, "[][]");
    }
}
