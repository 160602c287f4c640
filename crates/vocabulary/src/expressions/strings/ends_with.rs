use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text;

/// `ends_with`: whether a text ends with another.
pub struct EndsWith;

static META: ExpressionMeta = ExpressionMeta {
    name: "ends_with",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "Whether a text ends with another",
    phrase: "{value} ends with {search}",
    docs: "True where `value` ends with `search`. Case counts: apply `lowercase` to both to compare without regard to it. Every \
           text ends with the empty text. Null for either is an error. The result is not personal, whatever the text is.",
    arguments: &[
        Argument::required("value", Accepts::STRING, "The text"),
        Argument::required("search", Accepts::STRING, "What it ends with"),
    ],
    returns: "True where it ends so",
    gives: Accepts::BOOLEAN,
    search_terms: &["suffix", "end", "last characters", "extension"],
    roles: &[],
    examples: &[
        Example {
            title: "It does",
            node: r#"{"type": "ends_with", "value": {"type": "var", "var": "a"}, "search": {"type": "literal", "value": ".pdf"}}"#,
            given: r#"{"a": "contract.pdf"}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Case counts",
            node: r#"{"type": "ends_with", "value": {"type": "var", "var": "a"}, "search": {"type": "literal", "value": ".pdf"}}"#,
            given: r#"{"a": "contract.PDF"}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "The empty text",
            node: r#"{"type": "ends_with", "value": {"type": "literal", "value": "a"}, "search": {"type": "literal", "value": ""}}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "ends_with", "value": {"type": "var", "var": "deal.title"}, "search": {"type": "literal", "value": "a"}}"#,
            given: r#"{"deal": {"title": null}}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

impl Expression for EndsWith {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        text::condition(check, &["value", "search"])
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = call.text(0)?;
        let search = call.text(1)?;
        Ok(Value::Boolean(value.ends_with(search.as_str())))
    }
}
