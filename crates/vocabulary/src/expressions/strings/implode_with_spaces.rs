use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text::{Growing, plain};

/// `implode_with_spaces`: joins what is not empty with spaces.
pub struct ImplodeWithSpaces;

static META: ExpressionMeta = ExpressionMeta {
    name: "implode_with_spaces",
    group: Group::Strings,
    origin: Origin::Documented,
    summary: "Joins what is not empty, with spaces between",
    phrase: "{arguments| + space + }",
    docs: "Writes its arguments one after the other with one space between, and leaves out those that are null or an empty text, \
           so that no double spaces arise: a full name of which the middle part is missing. Nothing is trimmed: a text of spaces \
           alone is not empty. Where all are empty, the result is the empty text. Numbers, datetimes and booleans are written as \
           `concat` writes them. Lists, objects, identities and records are refused.",
    arguments: &[Argument::list("arguments", 1, Accepts::SCALAR, "The parts, in order").nullable()],
    returns: "The text, which is empty where all parts are",
    gives: Accepts::STRING,
    search_terms: &["full name", "join", "combine", "spaces", "words"],
    roles: &[],
    examples: &[
        Example {
            title: "A name without a middle part",
            node: r#"{"type": "implode_with_spaces", "arguments": [{"type": "var", "var": "first"}, {"type": "var", "var": "middle"},
                      {"type": "var", "var": "last"}]}"#,
            given: r#"{"first": "Sam", "middle": null, "last": "de Vries"}"#,
            gives: Gives::Value(r#""Sam de Vries""#),
        },
        Example {
            title: "Nothing at all",
            node: r#"{"type": "implode_with_spaces", "arguments": [{"type": "var", "var": "first"}, {"type": "var", "var": "last"}]}"#,
            given: r#"{"first": "", "last": null}"#,
            gives: Gives::Value(r#""""#),
        },
        Example {
            title: "Nothing is trimmed",
            node: r#"{"type": "implode_with_spaces", "arguments": [{"type": "literal", "value": "a "}, {"type": "literal", "value": 5}]}"#,
            given: "",
            gives: Gives::Value(r#""a  5""#),
        },
        Example {
            title: "A list is refused",
            node: r#"{"type": "implode_with_spaces", "arguments": [{"type": "var", "var": "tags"}]}"#,
            given: r#"{"tags": ["a"]}"#,
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for ImplodeWithSpaces {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let mut out = Growing::new(call);
        for index in 0..call.count(0) {
            let part = match call.item(0, index)? {
                Value::Null => continue,
                value => plain(value).map_err(|other| call.unfit(0, Some(index), Accepts::SCALAR, &other))?,
            };
            if part.is_empty() {
                continue;
            }
            if !out.is_empty() {
                out.push(" ")?;
            }
            out.push(&part)?;
        }
        Ok(out.finish())
    }
}
