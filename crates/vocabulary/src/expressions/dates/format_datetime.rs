use jiff::fmt::strtime::BrokenDownTime;
use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::{Expression, LiteralProblem, Literals, Prepared};
use salesdash_value::Value;

use super::{format, zone};

/// `format_datetime`: a datetime as text.
pub struct FormatDatetime;

static META: ExpressionMeta = ExpressionMeta {
    name: "format_datetime",
    group: Group::Dates,
    origin: Origin::Ours,
    summary: "Writes a datetime as text",
    phrase: "{value} as {format}",
    docs: concat!(
        "Writes `value` in the `format`: ",
        format::directives!(),
        ", `%q` quarter of the year, `%Z` abbreviation of the zone; other signs stand for themselves. A `-` after the percent sign \
         leaves out the zeros before a number (`%-d`), a `_` puts spaces in their place, and `^` makes capitals. It is written in \
         `timezone`, where left out in the zone of the provider, else that of the tenant, else UTC. Null is an error, and so is a \
         text: `parse_datetime` reads it."
    ),
    arguments: &[
        Argument::required("value", Accepts::DATETIME, "The datetime"),
        Argument::literal("format", Literal::DateFormat, "The form of the text, such as `%Y-%m`"),
        Argument::option("timezone", Literal::Timezone, "The zone to write it in, such as `Europe/Amsterdam`"),
    ],
    returns: "The text",
    gives: Accepts::STRING,
    search_terms: &["date", "month name", "weekday", "year", "quarter", "week number", "date to text", "display"],
    roles: &[],
    examples: &[
        Example {
            title: "A month",
            node: r#"{"type": "format_datetime",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T09:30:00Z"}},
                      "format": "%Y-%m"}"#,
            given: "",
            gives: Gives::Value(r#""2026-03""#),
        },
        Example {
            title: "In a zone",
            node: r#"{"type": "format_datetime",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-06-30T22:30:00Z"}},
                      "format": "%d-%m-%Y %H:%M", "timezone": "Europe/Amsterdam"}"#,
            given: "",
            gives: Gives::Value(r#""01-07-2026 00:30""#),
        },
        Example {
            title: "In words",
            node: r#"{"type": "format_datetime",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T09:30:00Z"}},
                      "format": "%A %-d %B, week %V"}"#,
            given: "",
            gives: Gives::Value(r#""Sunday 1 March, week 09""#),
        },
        Example {
            title: "No datetime at all",
            node: r#"{"type": "format_datetime", "value": {"type": "var", "var": "deal.at"}, "format": "%Y"}"#,
            given: r#"{"deal": {"at": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A text is not a datetime",
            node: r#"{"type": "format_datetime", "value": {"type": "literal", "value": "2026-03-01"}, "format": "%Y"}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
        Example {
            title: "No such directive",
            node: r#"{"type": "format_datetime", "value": {"type": "execution_time"}, "format": "%K"}"#,
            given: "",
            gives: Gives::Refused("E113"),
        },
    ],
};

impl Expression for FormatDatetime {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING)
    }

    fn prepare(&self, literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        format::for_writing(literals)?;
        Ok(zone::prepare(literals).map(|zone| Box::new(zone) as _))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = call.datetime(0)?;
        let zone = zone::or_default(call.maybe_prepared(), call);
        let format = call.literal_text(1).unwrap_or_default();
        let zoned = value.to_zoned_datetime(zone.clone());
        // The format has been tried out, and every datetime has all that it can ask for.
        BrokenDownTime::from(&zoned)
            .to_string(format)
            .map(Value::text)
            .map_err(|_| call.fault(&codes::WRONG_DATE_FORMAT, 0, format!("the datetime cannot be written in the format `{format}`")))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::evaluate;

    fn node(format: &str, seconds: i64) -> String {
        format!(
            r#"{{"type": "format_datetime", "value": {{"type": "parse_timestamp", "value": {{"type": "literal", "value": {seconds}}},
                "unit": "seconds"}}, "format": "{format}", "timezone": "America/New_York"}}"#
        )
    }

    #[test]
    fn every_documented_directive_writes() {
        let of = |format: &str| evaluate(&node(format, 1_772_357_400), "{}").ok();
        assert_eq!(of("%F %T %z %:z %Q %Z"), Some("2026-03-01 04:30:00 -0500 -05:00 America/New_York EST".into()));
        assert_eq!(of("%y %b %a %I%p %j %G %u %s %% %q %R %f"), Some("26 Mar Sun 04AM 060 2026 7 1772357400 % 1 04:30 0".into()));
        assert_eq!(of("%-d %_d %^b"), Some("1  1 MAR".into()));
    }

    #[test]
    fn years_of_every_length_are_written() {
        assert_eq!(evaluate(&node("%y %G", 4_000_000_000), "{}").ok(), Some("96 2096".into()));
        assert_eq!(evaluate(&node("%Y", -377_705_000_000), "{}").ok(), Some("-9999".into()));
    }
}
