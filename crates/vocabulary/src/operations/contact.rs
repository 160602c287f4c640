//! What the operations share that follow up contacts: the keyed hash, and what `update_contact_…` has in common.

use salesdash_language::check::InstructionCheck;
use salesdash_language::codes;
use salesdash_language::diagnostics::{Fault, Severity};
use salesdash_language::evaluate::Run;
use salesdash_value::{Text, Value};

use super::upsert;
use crate::phone;

/// The keyed hash of a contact key: equal contacts match across providers, and nobody can read them back.
///
/// # Errors
/// Where the key is an empty text: all contacts without a key would be one.
pub fn hashed(run: &Run<'_, '_>, index: usize, value: &Value) -> Result<Value, Fault> {
    let text = upsert::text_of(value);
    if upsert::is_blank(&text) {
        return Err(run.fault(&codes::EMPTY_ID, index, "`contact_key` is an empty text"));
    }
    Ok(Value::Text(run.context().key.hash(&text)))
}

/// The E.164 form of a phone number where it reads as one, else the text as it is.
pub fn e164(text: &str, country: Option<&str>) -> Text {
    phone::e164(text, country.and_then(phone::country)).unwrap_or_else(|| Text::new(text))
}

/// Refuses an update that would set nothing.
pub fn check_sets(check: &mut InstructionCheck<'_, '_>, settable: &[&str]) {
    if !settable.iter().any(|name| check.has(name)) {
        let names: Vec<String> = settable.iter().map(|name| format!("`{name}`")).collect();
        let text = format!("this sets nothing: give at least one of {}", names.join(", "));
        check.problem_here(&codes::NEEDS_ONE_OF, Severity::Error, text);
    }
}
