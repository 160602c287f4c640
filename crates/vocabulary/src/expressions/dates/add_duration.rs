use jiff::Span;
use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::unit;
use crate::expressions::whole::{check_whole, whole};

/// `add_duration`: a datetime some time later.
pub struct AddDuration;

static META: ExpressionMeta = ExpressionMeta {
    name: "add_duration",
    group: Group::Dates,
    origin: Origin::Ours,
    summary: "A datetime some time later or earlier",
    phrase: "{value} + {amount} {unit}",
    docs: "Gives the datetime that lies `amount` of the `unit` after `value`, or before it where the amount is negative. \
           `seconds`, `minutes`, `hours`, `days` (of 24 hours) and `weeks` (of 7 such days) always last as long, and may have a \
           fraction. `months` and `years` go by the calendar in the zone of the provider, else that of the tenant, else UTC: the \
           same time of day on the same day of the month, or on the last day where the month is shorter (January 31 and a month \
           is February 28 or 29); the amount must be whole (else `E516`). A local time that exists twice or not at all, where \
           clocks change, takes the offset in force before the change. Beyond the year 9999 there is an error (`E512`). Null is \
           an error, and so is a text: `parse_datetime` reads it.",
    arguments: &[
        Argument::required("value", Accepts::DATETIME, "The datetime"),
        Argument::required("amount", Accepts::NUMBER, "How many units; negative: earlier"),
        Argument::literal("unit", Literal::Choice(UNITS), "`seconds`, `minutes`, `hours`, `days`, `weeks`, `months` or `years`"),
    ],
    returns: "The later or earlier instant",
    gives: Accepts::DATETIME,
    search_terms: &["plus", "later", "earlier", "subtract days", "due date", "add days", "shift", "duration"],
    roles: &[],
    examples: &[
        Example {
            title: "Thirty days later",
            node: r#"{"type": "add_duration",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T09:30:00Z"}},
                      "amount": {"type": "literal", "value": 30}, "unit": "days"}"#,
            given: "",
            gives: Gives::Value(r#""2026-03-31T09:30:00Z""#),
        },
        Example {
            title: "The end of a call",
            node: r#"{"type": "add_duration",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T09:30:00Z"}},
                      "amount": {"type": "var", "var": "duration"}, "unit": "seconds"}"#,
            given: r#"{"duration": 90.5}"#,
            gives: Gives::Value(r#""2026-03-01T09:31:30.5Z""#),
        },
        Example {
            title: "The end of the month is clipped",
            node: r#"{"type": "add_duration",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-01-31T12:00:00Z"}},
                      "amount": {"type": "literal", "value": 1}, "unit": "months"}"#,
            given: "",
            gives: Gives::Value(r#""2026-02-28T12:00:00Z""#),
        },
        Example {
            title: "Earlier",
            node: r#"{"type": "add_duration",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2024-02-29T12:00:00Z"}},
                      "amount": {"type": "literal", "value": -1}, "unit": "years"}"#,
            given: "",
            gives: Gives::Value(r#""2023-02-28T12:00:00Z""#),
        },
        Example {
            title: "Half a month has no fixed length",
            node: r#"{"type": "add_duration", "value": {"type": "execution_time"}, "amount": {"type": "var", "var": "n"},
                      "unit": "months"}"#,
            given: r#"{"n": 0.5}"#,
            gives: Gives::Error("E516"),
        },
        Example {
            title: "Out of range",
            node: r#"{"type": "add_duration", "value": {"type": "execution_time"}, "amount": {"type": "literal", "value": 100000},
                      "unit": "years"}"#,
            given: "",
            gives: Gives::Error("E512"),
        },
    ],
};

impl Expression for AddDuration {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        if matches!(check.literal_text("unit"), Some("months" | "years")) {
            check_whole(check, "amount");
        }
        check.computed(Type::DATETIME)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = call.datetime(0)?;
        let unit = call.literal_text(2).unwrap_or_default();
        let moved = match unit::nanoseconds(unit) {
            Some(nanoseconds) => unit::after(value, call.number(1)?, nanoseconds),
            None => {
                let amount = whole(call, 1)?;
                let span = if unit == "months" { Span::new().try_months(amount) } else { Span::new().try_years(amount) };
                let zoned = value.to_zoned_datetime(call.context().timezone.clone());
                span.and_then(|span| zoned.checked_add(span)).ok().map(|zoned| zoned.timestamp())
            }
        };
        moved.map(Value::Datetime).ok_or_else(|| unit::out_of_range(META.name))
    }
}

const UNITS: &[&str] = {
    let [seconds, minutes, hours, days] = unit::FIXED;
    &[seconds, minutes, hours, days, "weeks", "months", "years"]
};

#[cfg(test)]
mod tests {
    use salesdash_language::evaluate::Context;
    use salesdash_value::{datetime, zone};

    use crate::testing::{checked, with_context};

    fn moved(from: &str, amount: &str, unit: &str) -> String {
        let node = format!(
            r#"{{"type": "add_duration", "value": {{"type": "parse_datetime", "value": {{"type": "literal", "value": "{from}"}}}},
                "amount": {amount}, "unit": "{unit}"}}"#
        );
        let plan = checked(&node, &[]).plan;
        let zone = zone::get("Europe/Amsterdam").expect("a zone");
        let result = with_context(|context| plan.evaluate_expression(&[], &Context { timezone: &zone, ..*context }));
        match result.expect("a datetime") {
            salesdash_value::Value::Datetime(instant) => datetime::rfc3339(instant).to_string(),
            other => panic!("{other:?}"),
        }
    }

    fn literal(number: &str) -> String {
        format!(r#"{{"type": "literal", "value": {number}}}"#)
    }

    #[test]
    fn months_go_by_the_local_calendar_and_days_by_the_clock() {
        // Half past midnight on April 1 in Amsterdam is still March in UTC.
        assert_eq!(moved("2026-04-01T00:30:00", &literal("-1"), "months"), "2026-02-28T23:30:00Z");
        // Clocks go forward on March 29.
        assert_eq!(moved("2026-03-28T12:00:00", &literal("1"), "days"), "2026-03-29T11:00:00Z");
        assert_eq!(moved("2026-02-28T02:30:00", &literal("1"), "months"), "2026-03-28T01:30:00Z");
        assert_eq!(moved("2026-02-28T12:00:00", &literal("2"), "months"), "2026-04-28T10:00:00Z");
    }

    #[test]
    fn a_third_of_an_hour_is_twenty_minutes() {
        let third = format!(r#"{{"type": "divide", "left": {}, "right": {}}}"#, literal("1"), literal("3"));
        assert_eq!(moved("2026-03-01T00:00:00Z", &third, "hours"), "2026-03-01T00:20:00Z");
    }
}
