//! Readers of texts: moments, numbers, telephone numbers, patterns and formats, as expressions call them.

use jiff::tz::TimeZone;
use salesdash_language::check::check_expression;
use salesdash_language::effect::NoState;
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::identity::IdentityKey;
use salesdash_language::types::Type;
use salesdash_value::{Instant, Value, datetime, number};
use salesdash_vocabulary::vocabulary;

use crate::mutation;
use crate::rounds::rounds;

#[test]
fn any_text_is_read_as_a_moment_or_not() {
    let zones = ["UTC", "Europe/Amsterdam", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"];
    let zones: Vec<TimeZone> = zones.iter().map(|name| TimeZone::get(name).expect("a zone")).collect();
    rounds(1_000_000, |random| {
        let text = mutation::text(random);
        let zone = random.pick(&zones);
        if let Some(instant) = datetime::parse(&text, zone) {
            let written = datetime::rfc3339(instant);
            assert_eq!(datetime::parse_iso(&written, &TimeZone::UTC), Some(instant), "{text:?} {written}");
        }
        if let Some(read) = number::parse(&text) {
            assert_eq!(number::parse(&number::plain(read)), Some(read), "{text:?}");
        }
    });
}

fn literal(value: impl Into<Value>) -> Value {
    Value::object([("type", Value::from("literal")), ("value", value.into())])
}

#[test]
fn any_text_is_taken_by_the_expressions_that_read_text() {
    let (key, zone) = (IdentityKey::new(b"key"), TimeZone::UTC);
    let budgets = Budgets { text: 100_000, ..Budgets::DEFAULT };
    rounds(20_000, |random| {
        let mut some = || Value::text(mutation::text(random));
        let (text, format, pattern, zone_name, separator) = (some(), some(), some(), some(), some());
        let value = ("value", Value::object([("type", Value::from("var")), ("var", "text".into())]));
        let moment = ("value", literal("2026-03-29T01:30:00Z"));
        let moment = (moment.0, Value::object([("type", Value::from("parse_datetime")), moment]));
        let node = match random.below(10) {
            0 => Value::object([("type", Value::from("parse_datetime")), value, ("format", format), ("timezone", zone_name)]),
            1 => Value::object([("type", Value::from("format_datetime")), moment, ("format", format), ("timezone", zone_name)]),
            2 => Value::object([("type", Value::from("parse_number")), value, ("decimal_separator", separator)]),
            3 => Value::object([("type", Value::from("normalize_phone")), value, ("country", literal(format))]),
            4 => Value::object([("type", Value::from("matches")), value, ("pattern", pattern)]),
            5 => Value::object([("type", Value::from("extract")), value, ("pattern", pattern), ("group", 1.into())]),
            6 => Value::object([("type", Value::from("split")), value, ("separator", literal(separator))]),
            7 => Value::object([("type", Value::from("parse_json")), value]),
            8 => Value::object([("type", Value::from("string_between")), value, ("start", literal(separator)), ("end", literal(format))]),
            _ => {
                let amount = ("amount", literal(random.next() as i64));
                let unit = *random.pick(&["seconds", "days", "months", "years"]);
                Value::object([("type", Value::from("add_duration")), moment, amount, ("unit", unit.into())])
            }
        };
        let checked = check_expression(&node, vocabulary(), &[("text", Type::STRING)]);
        let context = Context {
            tenant: 1,
            provider: 1,
            at: Instant::UNIX_EPOCH,
            timezone: &zone,
            country: None,
            key: &key,
            constants: &[],
            state: &NoState,
            budgets,
        };
        let _ = checked.plan.evaluate_expression(&[text], &context);
    });
}
