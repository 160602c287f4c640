use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin, Role};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::{Instant, Value};

use super::unit;

/// `parse_timestamp`: a number read as a datetime.
pub struct ParseTimestamp;

const UNITS: &[&str] = &["seconds", "milliseconds"];

/// From here on, numbers are milliseconds where nothing else is said.
const FROM_MILLISECONDS: i64 = 100_000_000_000;

static META: ExpressionMeta = ExpressionMeta {
    name: "parse_timestamp",
    group: Group::Dates,
    origin: Origin::Documented,
    summary: "Reads a datetime from a Unix timestamp",
    phrase: "timestamp {value} as datetime",
    docs: "Takes `value` as the time that has passed since January 1, 1970 in UTC, in seconds or in milliseconds. Where `unit` is \
           left out, 100,000,000,000 and more (below zero likewise) means milliseconds: in seconds that would lie after the year \
           5100, in milliseconds from 1973 on. Fractions are kept, to the nanosecond. A negative number lies before 1970. Beyond \
           the year 9999 there is an error (`E512`). Null is an error, and so is a text: `parse_number` reads it.",
    arguments: &[
        Argument::required("value", Accepts::NUMBER, "The number"),
        Argument::option("unit", Literal::Choice(UNITS), "`seconds` or `milliseconds`; by the size of the number where left out"),
    ],
    returns: "The instant",
    gives: Accepts::DATETIME,
    search_terms: &["unix", "epoch", "date", "milliseconds", "number to date"],
    roles: &[Role::Converts { from: Accepts::NUMBER, to: Accepts::DATETIME }],
    examples: &[
        Example {
            title: "Seconds",
            node: r#"{"type": "parse_timestamp", "value": {"type": "var", "var": "at"}}"#,
            given: r#"{"at": 1772357400}"#,
            gives: Gives::Value(r#""2026-03-01T09:30:00Z""#),
        },
        Example {
            title: "Milliseconds",
            node: r#"{"type": "parse_timestamp", "value": {"type": "var", "var": "at"}}"#,
            given: r#"{"at": 1772357400250}"#,
            gives: Gives::Value(r#""2026-03-01T09:30:00.25Z""#),
        },
        Example {
            title: "A small number of milliseconds",
            node: r#"{"type": "parse_timestamp", "value": {"type": "literal", "value": 1500}, "unit": "milliseconds"}"#,
            given: "",
            gives: Gives::Value(r#""1970-01-01T00:00:01.5Z""#),
        },
        Example {
            title: "Out of range",
            node: r#"{"type": "parse_timestamp", "value": {"type": "literal", "value": 1772357400250}, "unit": "seconds"}"#,
            given: "",
            gives: Gives::Error("E512"),
        },
        Example {
            title: "No number at all",
            node: r#"{"type": "parse_timestamp", "value": {"type": "var", "var": "deal.at"}}"#,
            given: r#"{"deal": {"at": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A text is not a number",
            node: r#"{"type": "parse_timestamp", "value": {"type": "literal", "value": "1772357400"}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for ParseTimestamp {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::DATETIME)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = call.number(0)?;
        let unit = call.literal_text(1).unwrap_or(if value.abs() >= FROM_MILLISECONDS.into() { "milliseconds" } else { "seconds" });
        unit::nanoseconds(unit)
            .and_then(|unit| unit::after(Instant::UNIX_EPOCH, value, unit))
            .map(Value::Datetime)
            .ok_or_else(|| unit::out_of_range(META.name))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::evaluate;

    #[test]
    fn the_size_tells_the_unit() {
        let at = |number: &str| {
            let node = format!(r#"{{"type": "parse_timestamp", "value": {{"type": "literal", "value": {number}}}}}"#);
            salesdash_value::json::to_string(&evaluate(&node, "{}").expect("a datetime"))
        };
        assert_eq!(at("99999999999"), r#""5138-11-16T09:46:39Z""#);
        assert_eq!(at("100000000000"), r#""1973-03-03T09:46:40Z""#);
        assert_eq!(at("-100000000000"), r#""1966-10-31T14:13:20Z""#);
        assert_eq!(at("-0.5"), r#""1969-12-31T23:59:59.5Z""#);
        assert_eq!(at("1.0000000004"), r#""1970-01-01T00:00:01Z""#);
    }
}
