use std::borrow::Cow;

use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin, Role};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::{Expression, LiteralProblem, Literals, Prepared};
use salesdash_value::{Text, Value, datetime};

use super::{format, zone};

/// `parse_datetime`: a text read as a datetime.
pub struct ParseDatetime;

/// What it reads.
const TAKES: Accepts = Accepts::STRING.or(Accepts::DATETIME);

static META: ExpressionMeta = ExpressionMeta {
    name: "parse_datetime",
    group: Group::Dates,
    origin: Origin::Documented,
    summary: "Reads a datetime from a text",
    phrase: "{value} as datetime",
    docs: concat!(
        "Reads `value` as a point in time; white space around it is left out of account. Without a `format`, it reads ISO 8601 (a date \
         and a time joined by `T` or a space, with or without seconds, fraction and offset, or a date alone) and RFC 2822 (`Sun, 01 \
         Mar 2026 09:30:00 +0000`). With a `format`, the text must have just that form: ",
        format::directives!(),
        "; other signs stand for themselves, a space for any white space. A date alone means midnight. Text that tells its offset or \
         zone is taken at its word; all other is in `timezone`, where left out in the zone of the provider, else that of the tenant, \
         else UTC. A local time that exists twice or not at all, where clocks change, takes the offset in force before the change. \
         Anything else is an error (`E504`), as is null (`E202`). A number is read by `parse_timestamp`. What is a datetime already \
         stays as it is, so that a spec goes on working once the fields of a webhook are learnt to be datetimes."
    ),
    arguments: &[
        Argument::required("value", TAKES, "The text; a datetime stays as it is"),
        Argument::option(
            "format",
            Literal::DateFormat,
            "The form of the text, such as `%d-%m-%Y %H:%M`; ISO 8601 or RFC 2822 where left out",
        ),
        Argument::option("timezone", Literal::Timezone, "The zone of a text without an offset, such as `Europe/Amsterdam`"),
    ],
    returns: "The instant",
    gives: Accepts::DATETIME,
    search_terms: &["date", "time", "timestamp", "iso", "convert", "moment", "when", "text to date"],
    roles: &[Role::Converts { from: Accepts::STRING, to: Accepts::DATETIME }],
    examples: &[
        Example {
            title: "ISO 8601 with an offset",
            node: r#"{"type": "parse_datetime", "value": {"type": "var", "var": "at"}}"#,
            given: r#"{"at": "2026-03-01T10:30:00+01:00"}"#,
            gives: Gives::Value(r#""2026-03-01T09:30:00Z""#),
        },
        Example {
            title: "A local time",
            node: r#"{"type": "parse_datetime", "value": {"type": "literal", "value": "2026-07-01 10:30"},
                      "timezone": "Europe/Amsterdam"}"#,
            given: "",
            gives: Gives::Value(r#""2026-07-01T08:30:00Z""#),
        },
        Example {
            title: "A date alone, day first",
            node: r#"{"type": "parse_datetime", "value": {"type": "literal", "value": "01/03/2026"}, "format": "%d/%m/%Y"}"#,
            given: "",
            gives: Gives::Value(r#""2026-03-01T00:00:00Z""#),
        },
        Example {
            title: "What is a datetime already stays as it is",
            node: r#"{"type": "parse_datetime", "value": {"type": "execution_time"}}"#,
            given: "",
            gives: Gives::Value(r#""2026-03-01T12:00:00Z""#),
        },
        Example {
            title: "The order of day and month is not guessed",
            node: r#"{"type": "parse_datetime", "value": {"type": "var", "var": "at"}}"#,
            given: r#"{"at": "01/03/2026"}"#,
            gives: Gives::Error("E504"),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "parse_datetime", "value": {"type": "var", "var": "deal.at"}}"#,
            given: r#"{"deal": {"at": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A format without a date",
            node: r#"{"type": "parse_datetime", "value": {"type": "literal", "value": "10:30"}, "format": "%H:%M"}"#,
            given: "",
            gives: Gives::Refused("E113"),
        },
    ],
};

impl Expression for ParseDatetime {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::DATETIME)
    }

    fn prepare(&self, literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        format::for_reading(literals)?;
        Ok(zone::prepare(literals).map(|zone| Box::new(zone) as _))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let text = match call.view(0)? {
            Cow::Borrowed(Value::Text(text)) => Cow::Borrowed(text),
            Cow::Owned(Value::Text(text)) => Cow::Owned(text),
            known if matches!(*known, Value::Datetime(_)) => return Ok(known.into_owned()),
            other => return Err(call.unfit(0, None, TAKES, &other)),
        };
        let zone = zone::or_default(call.maybe_prepared(), call);
        let format = call.literal_text(1);
        let read = match format {
            None => datetime::parse(&text, zone),
            Some(format) => format::read(format, text.trim(), zone),
        };
        read.map(Value::Datetime).ok_or_else(|| refuse(call, text.into_owned(), format))
    }
}

#[cold]
fn refuse(call: &Call<'_, '_>, text: Text, format: Option<&str>) -> Fault {
    let shown = call.describe(0, &Value::Text(text));
    let form = match format {
        Some(format) => format!("with the format `{format}`"),
        None => "as ISO 8601 or RFC 2822; give its `format`".to_owned(),
    };
    call.fault(&codes::NOT_A_DATETIME, 0, format!("{shown} cannot be read as a datetime {form}"))
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, evaluate, fails, with_context};

    fn node(text: &str, rest: &str) -> String {
        format!(r#"{{"type": "parse_datetime", "value": {{"type": "literal", "value": "{text}"}}{rest}}}"#)
    }

    fn check(text: &str, format: &str, expected: &str) {
        let rest = format!(r#", "format": "{format}", "timezone": "Europe/Amsterdam""#);
        let read = evaluate(&node(text, &rest), "{}").unwrap_or_else(|fault| panic!("{text}: {}", fault.text));
        assert_eq!(salesdash_value::json::to_string(&read), format!("\"{expected}\""), "{text}");
    }

    #[test]
    fn forms_that_systems_write() {
        check("15-03-2026 14:05", "%d-%m-%Y %H:%M", "2026-03-15T13:05:00Z");
        check(" 3/5/26 2:05 pm ", "%m/%d/%y %I:%M %p", "2026-03-05T13:05:00Z");
        check("Mar 5, 2026", "%b %d, %Y", "2026-03-04T23:00:00Z");
        check("20260305", "%Y%m%d", "2026-03-04T23:00:00Z");
        check("05032026", "%d%m%Y", "2026-03-04T23:00:00Z");
        check("1772704800", "%s", "2026-03-05T10:00:00Z");
        check("2026-03-05 10:00 -0500", "%Y-%m-%d %H:%M %z", "2026-03-05T15:00:00Z");
        check("2026-03-05 10:00 Asia/Tokyo", "%F %R %Q", "2026-03-05T01:00:00Z");
        check("2026-W10-4", "%G-W%V-%u", "2026-03-04T23:00:00Z");
        check("2026-03-05T10:00:00.5", "%FT%T%.f", "2026-03-05T09:00:00.5Z");
        // Clocks change: the offset in force before.
        check("29-03-2026 02:30", "%d-%m-%Y %H:%M", "2026-03-29T01:30:00Z");
        check("25-10-2026 02:30", "%d-%m-%Y %H:%M", "2026-10-25T00:30:00Z");
    }

    #[test]
    fn what_does_not_fit_the_format_is_an_error() {
        for text in ["", "31-02-2026", "01-03-2026 10:00", "2026-03-01", "x01-03-2026"] {
            assert_eq!(fails(&node(text, r#", "format": "%d-%m-%Y""#), "{}"), "E504", "{text}");
        }
        assert_eq!(fails(&node("2026-03-05 10:00 Mars/Base", r#", "format": "%F %R %Q""#), "{}"), "E504");
    }

    #[test]
    fn formats_are_tried_out_beforehand() {
        for wrong in ["", "%", "%K", "%H:%M", "%d-%m", "%B %Y", "%d-%m-%Y %I:%M", "%c", "%d-%m-%Y %Z", "%M %F"] {
            let checked = checked(&node("x", &format!(r#", "format": "{wrong}""#)), &[]);
            let codes: Vec<_> = checked.diagnostics.iter().map(|d| (d.code.code, d.pointer.as_str())).collect();
            assert_eq!(codes, [("E113", "/format")], "{wrong}");
        }
        let unknown = checked(&node("x", r#", "timezone": "Amsterdam""#), &[]);
        assert_eq!(unknown.diagnostics[0].code.code, "E112");
    }

    #[test]
    fn an_error_shows_the_text_only_where_it_is_known_not_to_be_personal() {
        let node = r#"{"type": "parse_datetime", "value": {"type": "var", "var": "a"}}"#;
        let error = |ty: Type| {
            let plan = checked(node, &[("a", ty)]).plan;
            with_context(|context| plan.evaluate_expression(&["Sam".into()], context)).expect_err("no datetime").text
        };
        assert!(error(Type::STRING).starts_with("\"Sam\" cannot be read as a datetime"));
        assert!(!error(Type::STRING.with_personal(Personal::BIRTH_DATE)).contains("Sam"));
        assert!(!error(Type::ANY).contains("Sam"));
        let ty = checked(node, &[("a", Type::STRING.with_personal(Personal::BIRTH_DATE))]).ty;
        assert_eq!(ty.personal, Personal::BIRTH_DATE);
    }
}
