//! The digest of what an execution came to: what proves a replay equal to what happened.

use salesdash_language::effect::{Effect, IterationPath, Message, Outcome};
use salesdash_language::plan::Plan;
use salesdash_value::{Value, json};
use sha2::{Digest as _, Sha256};

/// The first 8 bytes of the SHA-256 of the canonical rendering of status, effects and messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Digest(pub [u8; 8]);

impl Digest {
    /// Whether it is the one that was stored. Older versions stored twice as much of it.
    #[must_use]
    pub fn is(&self, stored: Option<&[u8]>) -> bool {
        stored.is_some_and(|stored| stored.starts_with(&self.0))
    }
}

/// Begins every rendering; a change of the rendering would change it.
const RENDERING: &[u8] = b"salesdash outcome 1";

/// The digest of an outcome.
///
/// The canonical rendering holds every part with its length: the status; of each effect its operation, instruction, path, id and
/// fields; of each message its code, severity, instruction, node and path, and its text where it has no code (the wording of an error
/// may be improved without making history untrue).
#[must_use]
pub fn digest(plan: &Plan, outcome: &Outcome) -> Digest {
    let mut out = Vec::with_capacity(1024);
    out.extend_from_slice(RENDERING);
    text(outcome.status.name(), &mut out);
    count(outcome.effects.len(), &mut out);
    for each in &outcome.effects {
        effect(plan, each, &mut out);
    }
    count(outcome.messages.len(), &mut out);
    for each in &outcome.messages {
        message(plan, each, &mut out);
    }
    let hash = Sha256::digest(&out);
    let mut digest = [0; 8];
    digest.copy_from_slice(&hash[..8]);
    Digest(digest)
}

fn count(count: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&(count as u32).to_be_bytes());
}

fn text(text: &str, out: &mut Vec<u8>) {
    count(text.len(), out);
    out.extend_from_slice(text.as_bytes());
}

fn path(path: &IterationPath, out: &mut Vec<u8>) {
    count(path.len(), out);
    for index in path {
        out.extend_from_slice(&index.to_be_bytes());
    }
}

fn effect(plan: &Plan, effect: &Effect, out: &mut Vec<u8>) {
    text(effect.operation, out);
    text(plan.instruction_id(effect.instruction), out);
    path(&effect.path, out);
    out.push(u8::from(effect.id.is_some()));
    out.extend_from_slice(&effect.id.map_or([0; 16], |id| id.0));
    count(effect.fields.len(), out);
    for (name, field) in &effect.fields {
        text(name, out);
        value(field, out);
    }
}

fn value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Null => out.push(b'0'),
        Value::Boolean(boolean) => out.push(if *boolean { b't' } else { b'f' }),
        Value::Number(number) => {
            out.push(b'n');
            let number = number.normalize();
            out.extend_from_slice(&number.mantissa().to_be_bytes());
            out.extend_from_slice(&number.scale().to_be_bytes());
        }
        Value::Text(value) => {
            out.push(b's');
            text(value, out);
        }
        Value::Datetime(instant) => {
            out.push(b'd');
            out.extend_from_slice(&instant.as_nanosecond().to_be_bytes());
        }
        Value::Identity(identity) => {
            out.push(b'i');
            out.extend_from_slice(&identity.id.0);
        }
        Value::Record(record) => {
            out.push(b'r');
            out.extend_from_slice(&record.id.0);
        }
        Value::BigNumber(_) | Value::List(_) | Value::Object(_) => {
            out.push(b'j');
            text(&json::to_string(value), out);
        }
    }
}

fn message(plan: &Plan, message: &Message, out: &mut Vec<u8>) {
    text(message.code.map_or("", |code| code.code), out);
    text(message.severity.name(), out);
    text(message.instruction.map_or("", |instruction| plan.instruction_id(instruction)), out);
    text(&message.node, out);
    path(&message.path, out);
    text(if message.code.is_some() { "" } else { &message.text }, out);
}
