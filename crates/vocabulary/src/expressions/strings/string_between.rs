use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::{Text, Value};

use super::text;

/// `string_between`: the text between two others.
pub struct StringBetween;

static META: ExpressionMeta = ExpressionMeta {
    name: "string_between",
    group: Group::Strings,
    origin: Origin::Documented,
    summary: "The text between two others",
    phrase: "the text of {value} between {start} and {end}",
    docs: "Looks for the first `start` in `value`, then for the first `end` after it, and gives what stands between: nothing but \
           the empty text where they touch. Where one of them is not found, the result is null, so it may be empty. Case counts. \
           An empty `start` is found at the very beginning, and an empty `end` directly after `start`. Null for any of the three \
           is an error.",
    arguments: &[
        Argument::required("value", Accepts::STRING, "The text to look in"),
        Argument::required("start", Accepts::STRING, "What comes before"),
        Argument::required("end", Accepts::STRING, "What comes after"),
    ],
    returns: "The text between, or null where one of the two is not found",
    gives: Accepts::STRING,
    search_terms: &["extract", "substring", "cut", "middle", "parse", "brackets"],
    roles: &[],
    examples: &[
        Example {
            title: "A reference in brackets",
            node: r#"{"type": "string_between", "value": {"type": "var", "var": "title"}, "start": {"type": "literal", "value": "["},
                      "end": {"type": "literal", "value": "]"}}"#,
            given: r#"{"title": "Renewal [R-12] for [Acme]"}"#,
            gives: Gives::Value(r#""R-12""#),
        },
        Example {
            title: "The first end after the start",
            node: r#"{"type": "string_between", "value": {"type": "literal", "value": "a)b(c)d"},
                      "start": {"type": "literal", "value": "("}, "end": {"type": "literal", "value": ")"}}"#,
            given: "",
            gives: Gives::Value(r#""c""#),
        },
        Example {
            title: "One of them is missing",
            node: r#"{"type": "string_between", "value": {"type": "var", "var": "title"}, "start": {"type": "literal", "value": "["},
                      "end": {"type": "literal", "value": "]"}}"#,
            given: r#"{"title": "Renewal [R-12"}"#,
            gives: Gives::Value("null"),
        },
        Example {
            title: "Nothing between",
            node: r#"{"type": "string_between", "value": {"type": "literal", "value": "a[]"}, "start": {"type": "literal", "value": "["},
                      "end": {"type": "literal", "value": "]"}}"#,
            given: "",
            gives: Gives::Value(r#""""#),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "string_between", "value": {"type": "var", "var": "deal.title"},
                      "start": {"type": "literal", "value": "["}, "end": {"type": "literal", "value": "]"}}"#,
            given: r#"{"deal": {"title": null}}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

impl Expression for StringBetween {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::STRING.maybe_empty(true))
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = text::read(call, 0)?;
        let start = call.text(1)?;
        let end = call.text(2)?;
        Ok(between(&value, &start, &end).map(Text::new).into())
    }
}

fn between<'t>(value: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, after) = value.split_once(start)?;
    let (between, _) = after.split_once(end)?;
    Some(between)
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn empty_ends_are_found_at_once() {
        assert_eq!(between("abc", "", "c"), Some("ab"));
        assert_eq!(between("abc", "a", ""), Some(""));
        assert_eq!(between("", "", ""), Some(""));
        assert_eq!(between("a", "a", "a"), None);
        assert_eq!(between("€1€", "€", "€"), Some("1"));
    }
}
