use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::narrowing::chain;

/// `and`: whether all conditions are true.
pub struct And;

static META: ExpressionMeta = ExpressionMeta {
    name: "and",
    group: Group::Logic,
    origin: Origin::Documented,
    summary: "Whether all conditions are true",
    phrase: "{arguments| and }",
    docs: "Looks at the conditions from first to last and stops at the first that is false: those after it are not evaluated. So a \
           later condition may rely on an earlier one: after `not(is_empty(deal.email))`, `deal.email` is known to have a value. A \
           condition that is null, or anything but a boolean, is an error: there is no truthiness.",
    arguments: &[Argument::list("arguments", 1, Accepts::BOOLEAN, "The conditions")],
    returns: "True where all are true, else false",
    gives: Accepts::BOOLEAN,
    search_terms: &["all", "both", "every", "conjunction", "&&"],
    roles: &[],
    examples: &[
        Example {
            title: "All are true",
            node: r#"{"type": "and", "arguments": [{"type": "literal", "value": true}, {"type": "literal", "value": true}]}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "A later condition relies on an earlier one",
            node: r#"{"type": "and", "arguments": [
                {"type": "not", "argument": {"type": "is_null", "value": {"type": "var", "var": "amount"}}},
                {"type": "greater_than", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 100}}]}"#,
            given: r#"{"amount": 250}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "What comes after a false condition is not evaluated",
            node: r#"{"type": "and", "arguments": [
                {"type": "literal", "value": false},
                {"type": "equals", "left": {"type": "lookup", "mapping": {"type": "var", "var": "stages"}, "key": {"type": "literal", "value": "?"}}, "right": {"type": "literal", "value": "won"}}]}"#,
            given: r#"{"stages": {"s1": "won"}}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "A text is not a condition",
            node: r#"{"type": "and", "arguments": [{"type": "literal", "value": "yes"}]}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for And {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let conditions = check.arguments_under("arguments", |condition| condition.when_true.clone());
        let (when_true, when_false) = chain(&conditions, |condition| (&condition.when_true, &condition.when_false));
        Typed::condition(when_true, when_false)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        for index in 0..call.count(0) {
            if !call.boolean_item(0, index)? {
                return Ok(Value::Boolean(false));
            }
        }
        Ok(Value::Boolean(true))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Type;

    use crate::testing::{self, evaluate, fails};

    /// The codes reported where `a` and `b` are booleans that may be empty.
    fn codes(node: &str) -> Vec<&'static str> {
        let maybe = Type::BOOLEAN.maybe_empty(true);
        testing::codes(node, &[("a", maybe.clone()), ("b", maybe)])
    }

    #[test]
    fn a_condition_is_checked_under_those_before_it() {
        let filled = r#"{"type": "not", "argument": {"type": "is_null", "value": {"type": "var", "var": "a"}}}"#;
        let used = r#"{"type": "var", "var": "a"}"#;
        assert_eq!(codes(&format!(r#"{{"type": "and", "arguments": [{filled}, {used}]}}"#)), [""; 0]);
        assert_eq!(codes(&format!(r#"{{"type": "and", "arguments": [{used}, {filled}]}}"#)), ["E202"]);
    }

    #[test]
    fn where_it_is_true_what_each_says_is_known() {
        let filled =
            |name: &str| format!(r#"{{"type": "not", "argument": {{"type": "is_null", "value": {{"type": "var", "var": "{name}"}}}}}}"#);
        let both = format!(r#"{{"type": "and", "arguments": [{}, {}]}}"#, filled("a"), filled("b"));
        let branch = |then: &str, or_else: &str| {
            format!(
                r#"{{"type": "if", "condition": {both}, "then": {{"type": "not", "argument": {{"type": "var", "var": "{then}"}}}}, "else": {or_else}}}"#
            )
        };
        let no = r#"{"type": "literal", "value": false}"#;
        assert_eq!(codes(&branch("a", no)), [""; 0]);
        assert_eq!(codes(&branch("b", no)), [""; 0]);
        assert_eq!(codes(&branch("b", r#"{"type": "not", "argument": {"type": "var", "var": "a"}}"#)), ["E202"]);
    }

    #[test]
    fn it_stops_at_the_first_false() {
        let node = r#"{"type": "and", "arguments": [{"type": "var", "var": "a"}, {"type": "var", "var": "b"}]}"#;
        assert_eq!(evaluate(node, r#"{"a": false, "b": null}"#).expect("a value"), false.into());
        assert_eq!(fails(node, r#"{"a": true, "b": null}"#), "E202");
        assert_eq!(fails(node, r#"{"a": true, "b": 1}"#), "E201");
    }
}
