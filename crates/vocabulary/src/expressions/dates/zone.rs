//! The time zone that a word works in.

use jiff::tz::TimeZone;
use salesdash_language::evaluate::Call;
use salesdash_language::vocabulary::Literals;

/// The zone in the `timezone` literal, where there is one. Its name has been checked.
pub fn prepare(literals: &Literals<'_>) -> Option<TimeZone> {
    literals.text("timezone").and_then(salesdash_value::zone::get)
}

/// That zone, or else the one of the execution: the provider's, the tenant's, or UTC.
pub fn or_default<'a>(prepared: Option<&'a TimeZone>, call: &Call<'_, 'a>) -> &'a TimeZone {
    prepared.unwrap_or(call.context().timezone)
}
