use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::{Decimal, Value};

use super::unit;
use crate::expressions::exact;

/// `datetime_difference`: the time between two datetimes.
pub struct DatetimeDifference;

static META: ExpressionMeta = ExpressionMeta {
    name: "datetime_difference",
    group: Group::Dates,
    origin: Origin::Documented,
    summary: "The time between two datetimes",
    phrase: "{unit} from {from} to {to}",
    docs: "Gives `to` minus `from` in the `unit`, with its fraction: 90 minutes are 1.5 `hours`. Where `to` lies before `from` it \
           is negative. A day is 24 hours long, also where clocks change. A fraction that does not end is given to 28 digits; \
           `round` makes it shorter. Null for either is an error, and so is a text: `parse_datetime` reads it.",
    arguments: &[
        Argument::required("from", Accepts::DATETIME, "The first datetime"),
        Argument::required("to", Accepts::DATETIME, "The second datetime"),
        Argument::literal("unit", Literal::Choice(&unit::FIXED), "`seconds`, `minutes`, `hours` or `days`"),
    ],
    returns: "The number of units, negative where the second lies before the first",
    gives: Accepts::NUMBER,
    search_terms: &["duration", "elapsed", "between", "days", "age", "lead time", "interval"],
    roles: &[],
    examples: &[
        Example {
            title: "Hours",
            node: r#"{"type": "datetime_difference",
                      "from": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T09:00:00Z"}},
                      "to": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T10:30:00Z"}}, "unit": "hours"}"#,
            given: "",
            gives: Gives::Value("1.5"),
        },
        Example {
            title: "Backwards",
            node: r#"{"type": "datetime_difference",
                      "from": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-02T00:00:00Z"}},
                      "to": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T00:00:00Z"}}, "unit": "days"}"#,
            given: "",
            gives: Gives::Value("-1"),
        },
        Example {
            title: "Milliseconds are kept",
            node: r#"{"type": "datetime_difference",
                      "from": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T09:00:00Z"}},
                      "to": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T09:00:00.250Z"}},
                      "unit": "seconds"}"#,
            given: "",
            gives: Gives::Value("0.25"),
        },
        Example {
            title: "A text is not a datetime",
            node: r#"{"type": "datetime_difference", "from": {"type": "literal", "value": "2026-03-01"},
                      "to": {"type": "execution_time"}, "unit": "days"}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
        Example {
            title: "A unit that is not there",
            node: r#"{"type": "datetime_difference", "from": {"type": "execution_time"}, "to": {"type": "execution_time"},
                      "unit": "months"}"#,
            given: "",
            gives: Gives::Refused("E106"),
        },
    ],
};

impl Expression for DatetimeDifference {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::NUMBER)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let from = call.datetime(0)?;
        let to = call.datetime(1)?;
        let unit = call.literal_text(2).and_then(unit::nanoseconds).unwrap_or(1);
        let nanoseconds = to.as_nanosecond() - from.as_nanosecond();
        // Between any two instants lie fewer than 10^21 nanoseconds, so there is a quotient.
        let difference = Decimal::try_from_i128_with_scale(nanoseconds, 0).ok().and_then(|number| exact::divide(number, unit.into()));
        difference.map(Value::Number).ok_or_else(|| unit::out_of_range(META.name))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{evaluate, parse};

    #[test]
    fn the_longest_difference_is_exact() {
        let at = |seconds: &str| {
            format!(r#"{{"type": "parse_timestamp", "value": {{"type": "literal", "value": {seconds}}}, "unit": "seconds"}}"#)
        };
        let difference = |unit: &str| {
            let (from, to) = (at("-377705023201"), at("253402207200.999999999"));
            let node = format!(r#"{{"type": "datetime_difference", "from": {from}, "to": {to}, "unit": "{unit}"}}"#);
            evaluate(&node, "{}").ok()
        };
        assert_eq!(difference("seconds"), Some(parse("631107230401.999999999")));
        assert_eq!(difference("minutes"), Some(parse("10518453840.03333333331666667")));
    }
}
