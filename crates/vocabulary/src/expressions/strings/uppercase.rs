use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::{TextExt, Value};

use super::text;

/// `uppercase`: a text in capitals.
pub struct Uppercase;

static META: ExpressionMeta = ExpressionMeta {
    name: "uppercase",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "A text in capitals",
    phrase: "{value} in uppercase",
    docs: "Writes every letter of `value` in capitals, in every script that has them, by the rules of Unicode; the rest stays as \
           it is. The empty text stays empty. Null is an error.",
    arguments: &[Argument::required("value", Accepts::STRING, "The text")],
    returns: "The text in capitals",
    gives: Accepts::STRING,
    search_terms: &["upper case", "capitals", "caps", "normalise"],
    roles: &[],
    examples: &[
        Example {
            title: "Capitals",
            node: r#"{"type": "uppercase", "value": {"type": "literal", "value": "nl"}}"#,
            given: "",
            gives: Gives::Value(r#""NL""#),
        },
        Example {
            title: "One letter can become two",
            node: r#"{"type": "uppercase", "value": {"type": "literal", "value": "straße"}}"#,
            given: "",
            gives: Gives::Value(r#""STRASSE""#),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "uppercase", "value": {"type": "var", "var": "deal.title"}}"#,
            given: r#"{"deal": {"title": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A number is not a text",
            node: r#"{"type": "uppercase", "value": {"type": "literal", "value": 5}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Uppercase {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = text::read(call, 0)?;
        if value.is_ascii() {
            let done = !value.bytes().any(|byte| byte.is_ascii_lowercase());
            return Ok(Value::Text(if done { value } else { value.to_ascii_uppercase_smolstr() }));
        }
        Ok(Value::text(value.to_uppercase()))
    }
}
