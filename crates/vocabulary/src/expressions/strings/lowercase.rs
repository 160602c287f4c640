use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::{TextExt, Value};

use super::text;

/// `lowercase`: a text in small letters.
pub struct Lowercase;

static META: ExpressionMeta = ExpressionMeta {
    name: "lowercase",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "A text in small letters",
    phrase: "{value} in lowercase",
    docs: "Writes every letter of `value` in small letters, in every script that has them, by the rules of Unicode; the rest \
           stays as it is. The empty text stays empty. Null is an error.",
    arguments: &[Argument::required("value", Accepts::STRING, "The text")],
    returns: "The text in small letters",
    gives: Accepts::STRING,
    search_terms: &["lower case", "small letters", "downcase", "normalise"],
    roles: &[],
    examples: &[
        Example {
            title: "Small letters",
            node: r#"{"type": "lowercase", "value": {"type": "literal", "value": "Jan@Example.COM"}}"#,
            given: "",
            gives: Gives::Value(r#""jan@example.com""#),
        },
        Example {
            title: "Letters of every script",
            node: r#"{"type": "lowercase", "value": {"type": "literal", "value": "ÉCOLE Σ"}}"#,
            given: "",
            gives: Gives::Value(r#""école σ""#),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "lowercase", "value": {"type": "var", "var": "deal.title"}}"#,
            given: r#"{"deal": {"title": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A number is not a text",
            node: r#"{"type": "lowercase", "value": {"type": "literal", "value": 5}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Lowercase {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = text::read(call, 0)?;
        if value.is_ascii() {
            let done = !value.bytes().any(|byte| byte.is_ascii_uppercase());
            return Ok(Value::Text(if done { value } else { value.to_ascii_lowercase_smolstr() }));
        }
        Ok(Value::text(value.to_lowercase()))
    }
}
