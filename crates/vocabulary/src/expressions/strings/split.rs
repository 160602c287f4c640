use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::{Fault, Severity};
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text;

/// `split`: a text in parts.
pub struct Split;

static META: ExpressionMeta = ExpressionMeta {
    name: "split",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "Splits a text at a separator",
    phrase: "{value} split at {separator}",
    docs: "Gives the list of what stands before, between and after every `separator` in `value`, as it is: nothing is trimmed, \
           and two separators in a row give an empty text between them. A text without the separator gives a list of that text \
           alone, the empty text a list of one empty text. An empty separator is an error (`E517`). A list longer than an \
           execution may handle is an error too. Null for either is an error.",
    arguments: &[
        Argument::required("value", Accepts::STRING, "The text"),
        Argument::required("separator", Accepts::STRING, "What stands between the parts"),
    ],
    returns: "The list of the parts, at least one",
    gives: Accepts::ARRAY,
    search_terms: &["explode", "tags", "comma separated", "csv", "list", "divide text"],
    roles: &[],
    examples: &[
        Example {
            title: "Tags",
            node: r#"{"type": "split", "value": {"type": "var", "var": "tags"}, "separator": {"type": "literal", "value": ", "}}"#,
            given: r#"{"tags": "hot, renewal, nl"}"#,
            gives: Gives::Value(r#"["hot", "renewal", "nl"]"#),
        },
        Example {
            title: "Nothing is left out",
            node: r#"{"type": "split", "value": {"type": "literal", "value": ",a,,"}, "separator": {"type": "literal", "value": ","}}"#,
            given: "",
            gives: Gives::Value(r#"["", "a", "", ""]"#),
        },
        Example {
            title: "Without the separator",
            node: r#"{"type": "split", "value": {"type": "literal", "value": "a b"}, "separator": {"type": "literal", "value": ","}}"#,
            given: "",
            gives: Gives::Value(r#"["a b"]"#),
        },
        Example {
            title: "Splitting at nothing",
            node: r#"{"type": "split", "value": {"type": "literal", "value": "abc"}, "separator": {"type": "literal", "value": ""}}"#,
            given: "",
            gives: Gives::Refused("E517"),
        },
        Example {
            title: "Splitting at nothing, seen at run time",
            node: r#"{"type": "split", "value": {"type": "literal", "value": "abc"}, "separator": {"type": "var", "var": "by"}}"#,
            given: r#"{"by": ""}"#,
            gives: Gives::Error("E517"),
        },
    ],
};

impl Expression for Split {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        if check.argument("separator").constant == Some(Value::from("")) {
            check.problem(&codes::EMPTY_TEXT, Severity::Error, "separator", EMPTY);
        }
        check.computed(Type::array(Type::STRING))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = text::read(call, 0)?;
        let separator = call.text(1)?;
        if separator.is_empty() {
            return Err(call.fault(&codes::EMPTY_TEXT, 1, EMPTY));
        }
        // One more than is allowed shows that there are too many.
        let most = call.context().budgets.list.saturating_add(1);
        Ok(Value::list(value.split(separator.as_str()).take(most).map(Value::text)))
    }
}

const EMPTY: &str = "`separator` of `split` is an empty text; give what stands between the parts, or use `substring`";

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, fails};

    #[test]
    fn its_items_are_personal_where_the_text_is() {
        let node = r#"{"type": "split", "value": {"type": "var", "var": "a"}, "separator": {"type": "literal", "value": " "}}"#;
        let ty = checked(node, &[("a", Type::STRING.with_personal(Personal::NAME))]).ty;
        assert_eq!((ty.to_string().as_str(), ty.item().personal), ("array<string>", Personal::NAME));
    }

    #[test]
    fn a_list_can_be_too_long() {
        let node = r#"{"type": "split", "value": {"type": "var", "var": "a"}, "separator": {"type": "literal", "value": ","}}"#;
        assert_eq!(fails(node, &format!(r#"{{"a": "{}"}}"#, ",".repeat(10_001))), "E602");
    }
}
