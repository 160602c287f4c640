use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text;

/// `length`: how many characters a text has.
pub struct Length;

static META: ExpressionMeta = ExpressionMeta {
    name: "length",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "How many characters a text has",
    phrase: "length of {value}",
    docs: "Counts the characters of `value`: letters, digits, spaces, signs. The empty text has 0. An accented letter counts as \
           one where it is written as one character of Unicode. Null is an error, and so is a list: `count` counts its items. The \
           result is not personal, whatever the text is.",
    arguments: &[Argument::required("value", Accepts::STRING, "The text")],
    returns: "A whole number, 0 or more",
    gives: Accepts::NUMBER,
    search_terms: &["count", "characters", "size", "len", "long"],
    roles: &[],
    examples: &[
        Example {
            title: "Characters",
            node: r#"{"type": "length", "value": {"type": "literal", "value": "€ 15"}}"#,
            given: "",
            gives: Gives::Value("4"),
        },
        Example {
            title: "The empty text",
            node: r#"{"type": "length", "value": {"type": "literal", "value": ""}}"#,
            given: "",
            gives: Gives::Value("0"),
        },
        Example {
            title: "No text at all",
            node: r#"{"type": "length", "value": {"type": "var", "var": "deal.title"}}"#,
            given: r#"{"deal": {"title": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A list is refused",
            node: r#"{"type": "length", "value": {"type": "var", "var": "tags"}}"#,
            given: r#"{"tags": ["a"]}"#,
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Length {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, _check: &mut ExpressionCheck<'_, '_>) -> Typed {
        Type::NUMBER.into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = text::read(call, 0)?;
        Ok(Value::Number(value.chars().count().into()))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::checked;

    #[test]
    fn it_is_not_personal() {
        let checked =
            checked(r#"{"type": "length", "value": {"type": "var", "var": "a"}}"#, &[("a", Type::STRING.with_personal(Personal::NAME))]);
        assert!(checked.ty.all_personal().is_none() && checked.diagnostics.is_empty());
    }
}
