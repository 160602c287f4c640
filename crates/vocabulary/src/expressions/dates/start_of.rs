use jiff::Span;
use jiff::civil::Time;
use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::{Expression, LiteralProblem, Literals, Prepared};
use salesdash_value::{Value, datetime};

use super::{unit, zone};

/// `start_of`: the beginning of a day, week, month or year.
pub struct StartOf;

static META: ExpressionMeta = ExpressionMeta {
    name: "start_of",
    group: Group::Dates,
    origin: Origin::Ours,
    summary: "The beginning of the day, week, month or year",
    phrase: "start of {unit} of {value}",
    docs: "Gives the first instant of the `day`, `week` (which begins on Monday), `month` or `year` that `value` lies in, by the \
           calendar in `timezone`, where left out in the zone of the provider, else that of the tenant, else UTC. Where clocks \
           change at midnight so that it exists twice or not at all, the offset in force before the change counts. Null is an \
           error, and so is a text: `parse_datetime` reads it.",
    arguments: &[
        Argument::required("value", Accepts::DATETIME, "The datetime"),
        Argument::literal("unit", Literal::Choice(&["day", "week", "month", "year"]), "`day`, `week`, `month` or `year`"),
        Argument::option("timezone", Literal::Timezone, "The zone of the calendar, such as `Europe/Amsterdam`"),
    ],
    returns: "The instant at which it begins",
    gives: Accepts::DATETIME,
    search_terms: &["midnight", "truncate", "first day", "beginning", "monday", "group by month", "floor"],
    roles: &[],
    examples: &[
        Example {
            title: "The month",
            node: r#"{"type": "start_of",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-17T09:30:00Z"}},
                      "unit": "month"}"#,
            given: "",
            gives: Gives::Value(r#""2026-03-01T00:00:00Z""#),
        },
        Example {
            title: "The week begins on Monday",
            node: r#"{"type": "start_of",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T09:30:00Z"}},
                      "unit": "week"}"#,
            given: "",
            gives: Gives::Value(r#""2026-02-23T00:00:00Z""#),
        },
        Example {
            title: "In a zone",
            node: r#"{"type": "start_of",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-06-30T22:30:00Z"}}, "unit": "day",
                      "timezone": "Europe/Amsterdam"}"#,
            given: "",
            gives: Gives::Value(r#""2026-06-30T22:00:00Z""#),
        },
        Example {
            title: "No datetime at all",
            node: r#"{"type": "start_of", "value": {"type": "var", "var": "deal.at"}, "unit": "day"}"#,
            given: r#"{"deal": {"at": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A unit that is not there",
            node: r#"{"type": "start_of", "value": {"type": "execution_time"}, "unit": "days"}"#,
            given: "",
            gives: Gives::Refused("E106"),
        },
    ],
};

impl Expression for StartOf {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::DATETIME)
    }

    fn prepare(&self, literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        Ok(zone::prepare(literals).map(|zone| Box::new(zone) as _))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = call.datetime(0)?;
        let zone = zone::or_default(call.maybe_prepared(), call);
        let date = zone.to_datetime(value).date();
        let first = match call.literal_text(1) {
            Some("week") => date.checked_sub(Span::new().days(i64::from(date.weekday().to_monday_zero_offset()))).ok(),
            Some("month") => Some(date.first_of_month()),
            Some("year") => Some(date.first_of_year()),
            _ => Some(date),
        };
        first
            .and_then(|first| datetime::in_zone(first.to_datetime(Time::midnight()), zone))
            .map(Value::Datetime)
            .ok_or_else(|| unit::out_of_range(META.name))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::evaluate;

    fn check(value: &str, unit: &str, zone: &str, expected: &str) {
        let node = format!(
            r#"{{"type": "start_of", "value": {{"type": "parse_datetime", "value": {{"type": "literal", "value": "{value}"}}}},
                "unit": "{unit}", "timezone": "{zone}"}}"#
        );
        let start = evaluate(&node, "{}").unwrap_or_else(|fault| panic!("{value}: {}", fault.text));
        assert_eq!(salesdash_value::json::to_string(&start), format!("\"{expected}\""), "{value} {unit}");
    }

    #[test]
    fn each_unit_begins_in_its_zone() {
        check("2025-12-31T23:30:00Z", "year", "Europe/Amsterdam", "2025-12-31T23:00:00Z");
        check("2025-12-31T23:30:00Z", "year", "UTC", "2025-01-01T00:00:00Z");
        check("2026-03-30T00:30:00Z", "week", "Europe/Amsterdam", "2026-03-29T22:00:00Z");
        check("2026-03-29T21:30:00Z", "week", "Europe/Amsterdam", "2026-03-22T23:00:00Z");
        // Clocks in Beirut went from midnight to one o'clock on March 31, 2024: the day began then.
        check("2024-03-31T10:00:00Z", "day", "Asia/Beirut", "2024-03-30T22:00:00Z");
        // In Havana they went from one o'clock back to midnight on November 3, 2024: the day began before.
        check("2024-11-03T12:00:00Z", "day", "America/Havana", "2024-11-03T04:00:00Z");
    }
}
