use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::comparison;

/// `equals_one_off`: whether a value equals one of several.
pub struct EqualsOneOff;

static META: ExpressionMeta = ExpressionMeta {
    name: "equals_one_off",
    group: Group::Logic,
    origin: Origin::Documented,
    summary: "Whether a value equals one of several",
    phrase: "{value} is one of {options|, }",
    docs: "Compares `value` with each of the `options` as `equals` does, from first to last, and stops at the first that is equal: \
           options after it are not evaluated. A null value equals a null option only. To look in a list that is one value itself, \
           such as a constant that holds several texts, use `list_contains`.",
    arguments: &[
        Argument::required("value", Accepts::ANY, "What is compared").nullable(),
        Argument::list("options", 1, Accepts::ANY, "What it may be equal to").nullable(),
    ],
    returns: "True where it equals at least one option",
    gives: Accepts::BOOLEAN,
    search_terms: &["in", "one of", "any of", "among", "either"],
    roles: &[],
    examples: &[
        Example {
            title: "One of two",
            node: r#"{"type": "equals_one_off", "value": {"type": "var", "var": "status"}, "options": [{"type": "literal", "value": "won"}, {"type": "literal", "value": "closed"}]}"#,
            given: r#"{"status": "closed"}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "None of two",
            node: r#"{"type": "equals_one_off", "value": {"type": "var", "var": "status"}, "options": [{"type": "literal", "value": "won"}, {"type": "literal", "value": "closed"}]}"#,
            given: r#"{"status": "open"}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "Null equals no text",
            node: r#"{"type": "equals_one_off", "value": {"type": "var", "var": "status"}, "options": [{"type": "literal", "value": "won"}]}"#,
            given: r#"{"status": null}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "An option of another type is never equal",
            node: r#"{"type": "equals_one_off", "value": {"type": "var", "var": "stage"}, "options": [{"type": "literal", "value": 5}, {"type": "literal", "value": "6"}]}"#,
            given: r#"{"stage": 5}"#,
            gives: Gives::Refused("E205"),
        },
    ],
};

impl Expression for EqualsOneOff {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let value = check.argument("value");
        let options = check.arguments("options");
        for (index, option) in options.iter().enumerate() {
            check.compare("options", Some(index), &value, option);
        }
        let (equal, unequal) = comparison::equality_facts(&value, &options);
        Typed::condition(equal, unequal)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = call.view(0)?;
        for index in 0..call.count(1) {
            if comparison::equal(&value, &*call.view_item(1, index)?) {
                return Ok(Value::Boolean(true));
            }
        }
        Ok(Value::Boolean(false))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Type;

    use crate::testing::{checked, codes};

    #[test]
    fn where_it_equals_an_option_it_has_a_value_unless_one_is_null() {
        let node = |options: &str| {
            format!(
                r#"{{"type": "and", "arguments": [
                    {{"type": "equals_one_off", "value": {{"type": "var", "var": "a"}}, "options": [{options}]}}, {{"type": "var", "var": "a"}}]}}"#
            )
        };
        let a = [("a", Type::BOOLEAN.maybe_empty(true))];
        assert_eq!(codes(&node(r#"{"type": "literal", "value": true}, {"type": "literal", "value": false}"#), &a), [""; 0]);
        assert_eq!(codes(&node(r#"{"type": "literal", "value": true}, {"type": "literal", "value": null}"#), &a), ["E202"]);
    }

    #[test]
    fn the_option_that_does_not_fit_is_pointed_out() {
        let node = r#"{"type": "equals_one_off", "value": {"type": "var", "var": "a"}, "options": [{"type": "literal", "value": 1}, {"type": "literal", "value": "2"}]}"#;
        let checked = checked(node, &[("a", Type::NUMBER)]);
        assert_eq!(checked.diagnostics.len(), 1);
        assert_eq!(checked.diagnostics[0].pointer, "/options/1");
        assert_eq!(checked.diagnostics[0].fixes.len(), 1);
    }
}
