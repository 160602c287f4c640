use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::narrowing::chain;

/// `or`: whether at least one condition is true.
pub struct Or;

static META: ExpressionMeta = ExpressionMeta {
    name: "or",
    group: Group::Logic,
    origin: Origin::Documented,
    summary: "Whether at least one condition is true",
    phrase: "{arguments| or }",
    docs: "Looks at the conditions from first to last and stops at the first that is true: those after it are not evaluated. So a \
           later condition may rely on the earlier ones being false: after `is_null(deal.amount)`, `deal.amount` is known to have a \
           value. A condition that is null, or anything but a boolean, is an error: there is no truthiness.",
    arguments: &[Argument::list("arguments", 1, Accepts::BOOLEAN, "The conditions")],
    returns: "True where at least one is true, else false",
    gives: Accepts::BOOLEAN,
    search_terms: &["any", "either", "some", "disjunction", "||"],
    roles: &[],
    examples: &[
        Example {
            title: "One is true",
            node: r#"{"type": "or", "arguments": [{"type": "literal", "value": false}, {"type": "literal", "value": true}]}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "A later condition relies on an earlier one",
            node: r#"{"type": "or", "arguments": [
                {"type": "is_null", "value": {"type": "var", "var": "amount"}},
                {"type": "less_than", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 100}}]}"#,
            given: r#"{"amount": 250}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "What comes after a true condition is not evaluated",
            node: r#"{"type": "or", "arguments": [
                {"type": "literal", "value": true},
                {"type": "equals", "left": {"type": "lookup", "mapping": {"type": "var", "var": "stages"}, "key": {"type": "literal", "value": "?"}}, "right": {"type": "literal", "value": "won"}}]}"#,
            given: r#"{"stages": {"s1": "won"}}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "At least one condition is needed",
            node: r#"{"type": "or", "arguments": []}"#,
            given: "",
            gives: Gives::Refused("E103"),
        },
    ],
};

impl Expression for Or {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let conditions = check.arguments_under("arguments", |condition| condition.when_false.clone());
        let (when_false, when_true) = chain(&conditions, |condition| (&condition.when_false, &condition.when_true));
        Typed::condition(when_true, when_false)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        for index in 0..call.count(0) {
            if call.boolean_item(0, index)? {
                return Ok(Value::Boolean(true));
            }
        }
        Ok(Value::Boolean(false))
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

    fn is_null(name: &str) -> String {
        format!(r#"{{"type": "is_null", "value": {{"type": "var", "var": "{name}"}}}}"#)
    }

    fn negated(name: &str) -> String {
        format!(r#"{{"type": "not", "argument": {{"type": "var", "var": "{name}"}}}}"#)
    }

    #[test]
    fn a_condition_is_checked_under_those_before_it_being_false() {
        let used = r#"{"type": "var", "var": "a"}"#;
        assert_eq!(codes(&format!(r#"{{"type": "or", "arguments": [{}, {used}]}}"#, is_null("a"))), [""; 0]);
        assert_eq!(codes(&format!(r#"{{"type": "or", "arguments": [{used}, {}]}}"#, is_null("a"))), ["E202"]);
    }

    #[test]
    fn where_it_is_false_none_was_true() {
        let node = format!(
            r#"{{"type": "if", "condition": {{"type": "or", "arguments": [{}, {}]}}, "then": {{"type": "literal", "value": false}},
                "else": {{"type": "and", "arguments": [{}, {}]}}}}"#,
            is_null("a"),
            is_null("b"),
            negated("a"),
            negated("b")
        );
        assert_eq!(codes(&node), [""; 0]);
    }

    #[test]
    fn where_it_is_true_only_what_each_says_is_known() {
        let filled = |name: &str| format!(r#"{{"type": "not", "argument": {}}}"#, is_null(name));
        let node = |one: &str, other: &str| {
            format!(
                r#"{{"type": "if", "condition": {{"type": "or", "arguments": [{}, {}]}}, "then": {}, "else": {{"type": "literal", "value": false}}}}"#,
                filled(one),
                filled(other),
                negated("a")
            )
        };
        assert_eq!(codes(&node("a", "a")), [""; 0]);
        assert_eq!(codes(&node("a", "b")), ["E202"]);
    }

    #[test]
    fn it_stops_at_the_first_true() {
        let node = r#"{"type": "or", "arguments": [{"type": "var", "var": "a"}, {"type": "var", "var": "b"}]}"#;
        assert_eq!(evaluate(node, r#"{"a": true, "b": null}"#).expect("a value"), true.into());
        assert_eq!(fails(node, r#"{"a": false, "b": null}"#), "E202");
    }
}
