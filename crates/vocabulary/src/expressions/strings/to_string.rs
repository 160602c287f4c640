use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin, Role};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text::plain;

/// `to_string`: a value as text.
pub struct ToText;

static META: ExpressionMeta = ExpressionMeta {
    name: "to_string",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "A number, datetime or boolean as text",
    phrase: "{value} as text",
    docs: "Writes a number plainly without superfluous zeros (`1500.50` as `1500.5`), a datetime as RFC 3339 in UTC \
           (`2026-03-01T09:30:00Z`; `format_datetime` writes it otherwise), a boolean as `true` or `false`. A text stays as it \
           is. Null is an error. Lists and objects are refused: `join` joins a list. Of an identity or a record, take \
           `.external_id`.",
    arguments: &[Argument::required("value", Accepts::SCALAR, "The value")],
    returns: "The text",
    gives: Accepts::STRING,
    search_terms: &["text", "convert", "cast", "number to text", "format"],
    roles: &[Role::Converts { from: Accepts::NUMBER.or(Accepts::BOOLEAN).or(Accepts::DATETIME), to: Accepts::STRING }],
    examples: &[
        Example {
            title: "A number",
            node: r#"{"type": "to_string", "value": {"type": "var", "var": "id"}}"#,
            given: r#"{"id": 1234.50}"#,
            gives: Gives::Value(r#""1234.5""#),
        },
        Example {
            title: "A boolean",
            node: r#"{"type": "to_string", "value": {"type": "literal", "value": true}}"#,
            given: "",
            gives: Gives::Value(r#""true""#),
        },
        Example {
            title: "A datetime",
            node: r#"{"type": "to_string",
                      "value": {"type": "parse_datetime", "value": {"type": "literal", "value": "2026-03-01T10:30:00+01:00"}}}"#,
            given: "",
            gives: Gives::Value(r#""2026-03-01T09:30:00Z""#),
        },
        Example {
            title: "Nothing is not a text",
            node: r#"{"type": "to_string", "value": {"type": "var", "var": "id"}}"#,
            given: r#"{"id": null}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "An object has no plain text",
            node: r#"{"type": "to_string", "value": {"type": "var", "var": "deal"}}"#,
            given: r#"{"deal": {"id": 1}}"#,
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for ToText {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        plain(call.value(0)?).map(Value::Text).map_err(|other| call.unfit(0, None, Accepts::SCALAR, &other))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Type;

    use crate::testing::checked;

    #[test]
    fn the_checker_proposes_it() {
        let node = r#"{"type": "trim", "value": {"type": "var", "var": "a"}}"#;
        let checked = checked(node, &[("a", Type::NUMBER)]);
        assert_eq!(checked.diagnostics[0].fixes[0].title, "Put it in `to_string`");
    }
}
