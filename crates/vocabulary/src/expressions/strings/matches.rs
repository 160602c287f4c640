use regex::Regex;
use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::{Expression, LiteralProblem, Literals, Prepared};
use salesdash_value::Value;

use super::{pattern, text};

/// `matches`: whether a text matches a pattern.
pub struct Matches;

static META: ExpressionMeta = ExpressionMeta {
    name: "matches",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "Whether a text matches a pattern",
    phrase: "{value} matches {pattern}",
    docs: concat!(
        "True where the pattern is found in `value`. ",
        pattern::syntax!(),
        " Null for `value` is an error. The result is not personal, whatever the text is."
    ),
    arguments: &[
        Argument::required("value", Accepts::STRING, "The text to look in"),
        Argument::literal("pattern", Literal::Pattern, "The regular expression"),
    ],
    returns: "True where the pattern is found",
    gives: Accepts::BOOLEAN,
    search_terms: &["regex", "regular expression", "pattern", "like", "test"],
    roles: &[],
    examples: &[
        Example {
            title: "A deal number",
            node: r#"{"type": "matches", "value": {"type": "var", "var": "title"}, "pattern": "^[A-Z]{2}-\\d+$"}"#,
            given: r#"{"title": "NL-2026"}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Anywhere in the text",
            node: r#"{"type": "matches", "value": {"type": "var", "var": "title"}, "pattern": "(?i)renew(al|ed)"}"#,
            given: r#"{"title": "Acme Renewed"}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "No match",
            node: r#"{"type": "matches", "value": {"type": "literal", "value": "abc"}, "pattern": "\\d"}"#,
            given: "",
            gives: Gives::Value("false"),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "matches", "value": {"type": "var", "var": "deal.title"}, "pattern": "a"}"#,
            given: r#"{"deal": {"title": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "Not a pattern",
            node: r#"{"type": "matches", "value": {"type": "literal", "value": "abc"}, "pattern": "("}"#,
            given: "",
            gives: Gives::Refused("E111"),
        },
    ],
};

impl Expression for Matches {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        text::condition(check, &["value"])
    }

    fn prepare(&self, literals: &Literals<'_>) -> Result<Prepared, LiteralProblem> {
        Ok(Some(Box::new(pattern::compile(literals)?)))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = pattern::read(call, 0)?;
        Ok(Value::Boolean(call.prepared::<Regex>().is_match(&value)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::checked;

    fn refused(pattern: &str) -> String {
        let node = format!(r#"{{"type": "matches", "value": {{"type": "literal", "value": "x"}}, "pattern": "{pattern}"}}"#);
        let diagnostic = checked(&node, &[]).diagnostics.remove(0);
        assert_eq!((diagnostic.code.code, diagnostic.pointer.as_str()), ("E111", "/pattern"));
        diagnostic.text
    }

    #[test]
    fn a_pattern_that_cannot_be_read_or_is_too_large_is_refused_with_the_reason() {
        assert_eq!(refused("("), "the pattern cannot be read: unclosed group");
        assert!(refused("(?=a)").contains("look-around"), "{}", refused("(?=a)"));
        assert!(refused("(a{1000}){1000}").contains("bytes of memory"));
        assert!(refused(&"a".repeat(1_001)).contains("1001 bytes long"));
    }
}
