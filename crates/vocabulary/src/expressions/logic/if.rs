use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `if`: one of two values.
pub struct If;

static META: ExpressionMeta = ExpressionMeta {
    name: "if",
    group: Group::Logic,
    origin: Origin::Ours,
    summary: "One of two values, as a condition says",
    phrase: "{then} if {condition}, else {else}",
    docs: "Gives `then` where the condition is true and `else` where it is false; the other one is not evaluated. Either may be null. \
           In `then` the checker knows what the condition tells: after `not(is_empty(deal.email))`, `deal.email` has a value there; in \
           `else` it knows the opposite. Where the two are of different types, the type of the result is not known. A condition that is \
           null, or anything but a boolean, is an error.",
    arguments: &[
        Argument::required("condition", Accepts::BOOLEAN, "What decides"),
        Argument::required("then", Accepts::ANY, "The value where it is true").nullable(),
        Argument::required("else", Accepts::ANY, "The value where it is false").nullable(),
    ],
    returns: "The value of the branch that was chosen, of the type that holds both",
    gives: Accepts::ANY,
    search_terms: &["ternary", "choose", "otherwise", "case", "when", "?:"],
    roles: &[],
    examples: &[
        Example {
            title: "The condition is true",
            node: r#"{"type": "if", "condition": {"type": "equals", "left": {"type": "var", "var": "status"}, "right": {"type": "literal", "value": "won"}}, "then": {"type": "literal", "value": "accepted"}, "else": {"type": "literal", "value": "pending"}}"#,
            given: r#"{"status": "won"}"#,
            gives: Gives::Value(r#""accepted""#),
        },
        Example {
            title: "The condition is false",
            node: r#"{"type": "if", "condition": {"type": "equals", "left": {"type": "var", "var": "status"}, "right": {"type": "literal", "value": "won"}}, "then": {"type": "literal", "value": "accepted"}, "else": {"type": "literal", "value": null}}"#,
            given: r#"{"status": "open"}"#,
            gives: Gives::Value("null"),
        },
        Example {
            title: "The branch that is not chosen is not evaluated",
            node: r#"{"type": "if", "condition": {"type": "literal", "value": true}, "then": {"type": "literal", "value": 1}, "else": {"type": "count", "list": {"type": "var", "var": "lines"}}}"#,
            given: r#"{"lines": []}"#,
            gives: Gives::Value("1"),
        },
        Example {
            title: "A number is not a condition",
            node: r#"{"type": "if", "condition": {"type": "literal", "value": 1}, "then": {"type": "literal", "value": 1}, "else": {"type": "literal", "value": 2}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for If {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let condition = check.argument("condition");
        let then = check.assuming(&condition.when_true, |check| check.argument("then"));
        let or_else = check.assuming(&condition.when_false, |check| check.argument("else"));
        then.ty.union(&or_else.ty).into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let chosen = if call.boolean(0)? { 1 } else { 2 };
        call.value(chosen)
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Shape, Type};

    use crate::testing::{checked, evaluate, fails};

    const NODE: &str = r#"{"type": "if", "condition": {"type": "var", "var": "c"}, "then": {"type": "var", "var": "a"}, "else": {"type": "var", "var": "b"}}"#;

    #[test]
    fn the_result_is_what_either_branch_may_be() {
        let ty = |a: Type, b: Type| checked(NODE, &[("c", Type::BOOLEAN), ("a", a), ("b", b)]).ty;
        assert_eq!(ty(Type::STRING, Type::STRING), Type::STRING);
        assert_eq!(ty(Type::STRING, Type::NULL), Type::STRING.maybe_empty(true));
        assert_eq!(ty(Type::STRING.with_personal(Personal::NAME), Type::STRING).personal, Personal::NAME);
        assert_eq!(ty(Type::STRING, Type::NUMBER).shape, Shape::Any);
    }

    #[test]
    fn the_condition_does_not_make_the_result_personal() {
        let node = r#"{"type": "if", "condition": {"type": "is_empty", "value": {"type": "var", "var": "a"}},
            "then": {"type": "literal", "value": 0}, "else": {"type": "literal", "value": 1}}"#;
        assert_eq!(checked(node, &[("a", Type::STRING.with_personal(Personal::NAME))]).ty, Type::NUMBER);
    }

    #[test]
    fn only_one_branch_is_evaluated() {
        assert_eq!(evaluate(NODE, r#"{"c": true, "a": 1, "b": 2}"#).expect("a value"), 1.into());
        let node = r#"{"type": "if", "condition": {"type": "var", "var": "c"}, "then": {"type": "not", "argument": {"type": "var", "var": "a"}}, "else": {"type": "var", "var": "b"}}"#;
        assert_eq!(evaluate(node, r#"{"c": false, "a": null, "b": 2}"#).expect("a value"), 2.into());
        assert_eq!(fails(node, r#"{"c": true, "a": null, "b": 2}"#), "E202");
        assert_eq!(fails(node, r#"{"c": null, "a": true, "b": 2}"#), "E202");
    }
}
