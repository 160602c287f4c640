//! The lines that `run` writes. Their shape is a contract: see `docs/reference/run.md`.

use std::fmt::Write;

use salesdash_language::diagnostics::{Code, Severity};
use salesdash_language::effect::{Outcome, Status};
use salesdash_language::plan::Plan;
use salesdash_language::render;
use salesdash_value::{Value, json};

/// Why there is no record to run over.
pub struct Unreadable {
    pub code: &'static Code,
    /// With the name of the input and the place in it.
    pub text: String,
}

fn open(record: u64, status: Status, out: &mut String) {
    write!(out, "{{\"record\":{record},\"status\":\"{}\",\"effects\":", status.name()).expect("writing to a string");
}

/// Appends the line of a record.
pub fn write_outcome(record: u64, plan: &Plan, outcome: &Outcome, trace: Option<&Value>, out: &mut String) {
    open(record, outcome.status, out);
    render::write_effects(plan, outcome, out);
    out.push_str(",\"messages\":");
    render::write_messages(plan, outcome, out);
    if let Some(trace) = trace {
        out.push_str(",\"trace\":");
        json::write(trace, out);
    }
    out.push_str("}\n");
}

/// Appends the line of what could not be read: it failed, and says why.
pub fn write_unreadable(record: u64, unreadable: &Unreadable, out: &mut String) {
    open(record, Status::Failed, out);
    let message = Value::object([
        ("code", Value::from(unreadable.code.code)),
        ("severity", Value::from(Severity::Error.name())),
        ("instruction", Value::Null),
        ("node", Value::from("")),
        ("path", Value::list([])),
        ("text", Value::text(&unreadable.text)),
    ]);
    out.push_str("[],\"messages\":[");
    json::write(&message, out);
    out.push_str("]}\n");
}
