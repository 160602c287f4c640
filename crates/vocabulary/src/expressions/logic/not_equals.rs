use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::comparison;

/// `not_equals`: whether two values differ.
pub struct NotEquals;

static META: ExpressionMeta = ExpressionMeta {
    name: "not_equals",
    group: Group::Logic,
    origin: Origin::Ours,
    summary: "Whether two values differ",
    phrase: "{left} is not {right}",
    docs: "The opposite of `equals`. Numbers are equal by value (`1.50` and `1.5`), datetimes as instants whatever the zone they were written in, strings \
           character by character with regard to case, lists item by item, objects whatever the order of their keys, identities and \
           records where they stand for the same one. Null differs from everything but null. Values of \
           different kinds always differ: the checker warns where that is known beforehand.",
    arguments: &comparison::SIDES,
    returns: "True where they differ",
    gives: Accepts::BOOLEAN,
    search_terms: &["different", "is not", "other than", "!=", "<>"],
    roles: &[],
    examples: &[
        Example {
            title: "Texts",
            node: r#"{"type": "not_equals", "left": {"type": "var", "var": "status"}, "right": {"type": "literal", "value": "won"}}"#,
            given: r#"{"status": "lost"}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Numbers by value",
            node: r#"{"type": "not_equals", "left": {"type": "literal", "value": 1.50}, "right": {"type": "literal", "value": 1.5}}"#,
            given: "",
            gives: Gives::Value("false"),
        },
        Example {
            title: "Null differs from a value",
            node: r#"{"type": "not_equals", "left": {"type": "var", "var": "status"}, "right": {"type": "literal", "value": "won"}}"#,
            given: r#"{"status": null}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "A number and a text always differ",
            node: r#"{"type": "not_equals", "left": {"type": "var", "var": "stage"}, "right": {"type": "literal", "value": "5"}}"#,
            given: r#"{"stage": 5}"#,
            gives: Gives::Refused("E205"),
        },
    ],
};

impl Expression for NotEquals {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let (equal, unequal) = comparison::check_equality(check);
        Typed::condition(unequal, equal)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let left = call.view(0)?;
        let right = call.view(1)?;
        Ok(Value::Boolean(!comparison::equal(&left, &right)))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Type;

    use crate::testing::codes;

    #[test]
    fn where_it_differs_from_null_it_has_a_value() {
        let node = |literal: &str| {
            format!(
                r#"{{"type": "and", "arguments": [
                    {{"type": "not_equals", "left": {{"type": "var", "var": "a"}}, "right": {{"type": "literal", "value": {literal}}}}},
                    {{"type": "var", "var": "a"}}]}}"#
            )
        };
        let a = [("a", Type::BOOLEAN.maybe_empty(true))];
        assert_eq!(codes(&node("null"), &a), [""; 0]);
        assert_eq!(codes(&node("false"), &a), ["E202"]);
    }
}
