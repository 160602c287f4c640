use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `trim`: a text without the spaces around it.
pub struct Trim;

static META: ExpressionMeta = ExpressionMeta {
    name: "trim",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "A text without the spaces around it",
    phrase: "{value} trimmed",
    docs: "Takes spaces, tabs, line breaks and the other white space of Unicode, such as no-break spaces, off both ends of \
           `value`. What stands inside stays as it is. A text of white space alone becomes the empty text. Null is an error.",
    arguments: &[Argument::required("value", Accepts::STRING, "The text")],
    returns: "The text without white space around it",
    gives: Accepts::STRING,
    search_terms: &["strip", "whitespace", "blanks", "spaces", "clean"],
    roles: &[],
    examples: &[
        Example {
            title: "Both ends",
            node: r#"{"type": "trim", "value": {"type": "literal", "value": "  Acme  Ltd\n"}}"#,
            given: "",
            gives: Gives::Value(r#""Acme  Ltd""#),
        },
        Example {
            title: "Nothing but spaces",
            node: r#"{"type": "trim", "value": {"type": "literal", "value": "   "}}"#,
            given: "",
            gives: Gives::Value(r#""""#),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "trim", "value": {"type": "var", "var": "deal.title"}}"#,
            given: r#"{"deal": {"title": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A number is not a text",
            node: r#"{"type": "trim", "value": {"type": "literal", "value": 5}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Trim {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = call.text(0)?;
        let trimmed = value.trim();
        Ok(if trimmed.len() == value.len() { Value::Text(value) } else { Value::text(trimmed) })
    }
}
