use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::{Value, json};

/// `parse_json`: the value that a JSON text holds.
pub struct ParseJson;

static META: ExpressionMeta = ExpressionMeta {
    name: "parse_json",
    group: Group::Other,
    origin: Origin::Ours,
    summary: "The value that a JSON text holds",
    phrase: "{value} read as JSON",
    docs: "Reads a text that is JSON, as some systems send in a field. Numbers keep every digit, and of a key that is repeated the last \
           one counts. Datetimes in it are texts: read them with `parse_datetime`. Reach what is in the result with `get`; its type is \
           not known before run time. A text that is not JSON, is empty, has anything after the value, or is nested more than 128 deep is \
           an error, which tells the line and column. Null is an error; the JSON text `null` gives null.",
    arguments: &[Argument::required("value", Accepts::STRING, "The JSON text")],
    returns: "The value, of a type that is not known before run time",
    gives: Accepts::ANY,
    search_terms: &["decode", "deserialize", "object", "payload", "unpack"],
    roles: &[],
    examples: &[
        Example {
            title: "An object",
            node: r#"{"type": "parse_json", "value": {"type": "var", "var": "body"}}"#,
            given: r#"{"body": "{\"id\": 7, \"tags\": [\"new\"]}"}"#,
            gives: Gives::Value(r#"{"id": 7, "tags": ["new"]}"#),
        },
        Example {
            title: "Null as JSON",
            node: r#"{"type": "parse_json", "value": {"type": "literal", "value": "null"}}"#,
            given: "",
            gives: Gives::Value("null"),
        },
        Example {
            title: "Half a document",
            node: r#"{"type": "parse_json", "value": {"type": "var", "var": "body"}}"#,
            given: r#"{"body": "{\"id\": 7"}"#,
            gives: Gives::Error("E507"),
        },
        Example {
            title: "Nothing",
            node: r#"{"type": "parse_json", "value": {"type": "literal", "value": ""}}"#,
            given: "",
            gives: Gives::Error("E507"),
        },
    ],
};

impl Expression for ParseJson {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::ANY)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let text = call.text(0)?;
        json::parse(text.as_bytes(), json::Limits::DEFAULT).map_err(|error| {
            let text = format!("`{}` is not JSON: line {}, column {}: {}", call.label(0), error.line, error.column, error.text);
            call.fault(&codes::NOT_JSON_TEXT, 0, text)
        })
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Personal;

    use super::*;
    use crate::testing::{checked, evaluate};

    const NODE: &str = r#"{"type": "parse_json", "value": {"type": "var", "var": "a"}}"#;

    #[test]
    fn what_is_in_personal_text_is_personal() {
        let text = Type::STRING.with_personal(Personal::FREE_TEXT);
        assert_eq!(checked(NODE, &[("a", text)]).ty, Type::ANY.with_personal(Personal::FREE_TEXT));
    }

    #[test]
    fn the_error_holds_nothing_of_the_text_and_depth_is_bounded() {
        let fault = evaluate(NODE, r#"{"a": "{\"name\": Kim}"}"#).expect_err("not JSON");
        assert!(!fault.text.contains("Kim") && !fault.text.contains("name"), "{}", fault.text);
        let deep = format!(r#"{{"a": "{}{}"}}"#, "[".repeat(200), "]".repeat(200));
        assert_eq!(evaluate(NODE, &deep).expect_err("too deep").code.code, "E507");
    }
}
