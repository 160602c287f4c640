use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text;

/// `string_contains`: whether a text occurs in another.
pub struct StringContains;

static META: ExpressionMeta = ExpressionMeta {
    name: "string_contains",
    group: Group::Strings,
    origin: Origin::Documented,
    summary: "Whether a text occurs in another",
    phrase: "{value} contains {search}",
    docs: "True where `search` occurs anywhere in `value`. Case counts, unless `case_sensitive` is false: then `ü` and `Ü` are \
           the same as well. An empty `search` occurs in every text. Null for either is an error. The result is not personal, \
           whatever the text is.",
    arguments: &[
        Argument::required("value", Accepts::STRING, "The text to look in"),
        Argument::required("search", Accepts::STRING, "What to look for"),
        Argument::option("case_sensitive", Literal::Boolean, "Whether case counts; true where left out"),
    ],
    returns: "True where it occurs",
    gives: Accepts::BOOLEAN,
    search_terms: &["includes", "has", "find", "search", "in", "like"],
    roles: &[],
    examples: &[
        Example {
            title: "It occurs",
            node: r#"{"type": "string_contains", "value": {"type": "var", "var": "title"},
                      "search": {"type": "literal", "value": "renewal"}}"#,
            given: r#"{"title": "Acme renewal 2026"}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Case counts",
            node: r#"{"type": "string_contains", "value": {"type": "var", "var": "title"},
                      "search": {"type": "literal", "value": "renewal"}}"#,
            given: r#"{"title": "Renewal"}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "Unless told otherwise",
            node: r#"{"type": "string_contains", "value": {"type": "var", "var": "title"},
                      "search": {"type": "literal", "value": "RENEWAL"}, "case_sensitive": false}"#,
            given: r#"{"title": "Acme Renewal"}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "string_contains", "value": {"type": "var", "var": "deal.title"},
                      "search": {"type": "literal", "value": "x"}}"#,
            given: r#"{"deal": {"title": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A number is not a text",
            node: r#"{"type": "string_contains", "value": {"type": "literal", "value": 123}, "search": {"type": "literal", "value": "2"}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for StringContains {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        text::condition(check, &["value", "search"])
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = text::read(call, 0)?;
        let search = call.text(1)?;
        let found = if call.literal(2).and_then(Value::as_boolean).unwrap_or(true) {
            value.contains(search.as_str())
        } else {
            value.to_lowercase().contains(&search.to_lowercase())
        };
        Ok(Value::Boolean(found))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, evaluate};

    #[test]
    fn it_is_not_personal_and_its_text_was_there() {
        let contains = r#"{"type": "string_contains", "value": {"type": "var", "var": "a"}, "search": {"type": "literal", "value": "x"}}"#;
        let personal = Type::STRING.with_personal(Personal::NAME).maybe_empty(true);
        let both = format!(r#"{{"type": "and", "arguments": [{contains}, {contains}]}}"#);
        let checked = checked(&both, &[("a", personal)]);
        assert!(checked.ty.all_personal().is_none());
        // The second does not warn again: the first would have failed.
        assert_eq!(checked.diagnostics.len(), 1);
    }

    #[test]
    fn case_is_folded_beyond_ascii() {
        let node = r#"{"type": "string_contains", "value": {"type": "var", "var": "a"}, "search": {"type": "literal", "value": "ÜBER"},
                       "case_sensitive": false}"#;
        assert_eq!(evaluate(node, r#"{"a": "Gegenüber"}"#).ok(), Some(true.into()));
    }
}
