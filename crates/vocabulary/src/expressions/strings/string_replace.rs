use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text::{self, Growing};

/// `string_replace`: replaces a text wherever it occurs.
pub struct StringReplace;

static META: ExpressionMeta = ExpressionMeta {
    name: "string_replace",
    group: Group::Strings,
    origin: Origin::Documented,
    summary: "Replaces a text wherever it occurs",
    phrase: "{value} with {search} replaced by {replace}",
    docs: "Puts `replace` in the place of every `search` in `value`, from left to right; what was put in is not looked through \
           again. Case counts. An empty `replace` takes the text out. Where `search` is empty or does not occur, the value stays \
           as it is. Null for any of the three is an error.",
    arguments: &[
        Argument::required("value", Accepts::STRING, "The text to change"),
        Argument::required("search", Accepts::STRING, "What to look for"),
        Argument::required("replace", Accepts::STRING, "What to put in its place"),
    ],
    returns: "The changed text",
    gives: Accepts::STRING,
    search_terms: &["substitute", "swap", "remove", "delete", "clean"],
    roles: &[],
    examples: &[
        Example {
            title: "Every one of them",
            node: r#"{"type": "string_replace", "value": {"type": "var", "var": "phone"}, "search": {"type": "literal", "value": " "},
                      "replace": {"type": "literal", "value": "-"}}"#,
            given: r#"{"phone": "020 123 4567"}"#,
            gives: Gives::Value(r#""020-123-4567""#),
        },
        Example {
            title: "Taking something out",
            node: r#"{"type": "string_replace", "value": {"type": "literal", "value": "€ 15"},
                      "search": {"type": "literal", "value": "€ "}, "replace": {"type": "literal", "value": ""}}"#,
            given: "",
            gives: Gives::Value(r#""15""#),
        },
        Example {
            title: "Nothing to look for",
            node: r#"{"type": "string_replace", "value": {"type": "literal", "value": "abc"}, "search": {"type": "literal", "value": ""},
                      "replace": {"type": "literal", "value": "x"}}"#,
            given: "",
            gives: Gives::Value(r#""abc""#),
        },
        Example {
            title: "Null is not the empty text",
            node: r#"{"type": "string_replace", "value": {"type": "literal", "value": "abc"},
                      "search": {"type": "literal", "value": "b"}, "replace": {"type": "var", "var": "with"}}"#,
            given: r#"{"with": null}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

impl Expression for StringReplace {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = text::read(call, 0)?;
        let search = call.text(1)?;
        let replace = call.text(2)?;
        if search.is_empty() || !value.contains(search.as_str()) {
            return Ok(Value::Text(value));
        }
        let mut out = Growing::new(call);
        for (index, part) in value.split(search.as_str()).enumerate() {
            if index > 0 {
                out.push(&replace)?;
            }
            out.push(part)?;
        }
        Ok(out.finish())
    }
}

#[cfg(test)]
mod tests {
    use salesdash_value::{Value, json};

    use crate::testing::fails;

    #[test]
    fn it_grows_no_further_than_a_text_may() {
        let text = Value::text("a".repeat(2_000));
        let given = json::to_string(&Value::object([("a", text)]));
        let node = r#"{"type": "string_replace", "value": {"type": "var", "var": "a"}, "search": {"type": "literal", "value": "a"},
                       "replace": {"type": "var", "var": "a"}}"#;
        assert_eq!(fails(node, &given), "E603");
    }
}
