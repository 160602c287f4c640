use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::comparison;

/// `equals`: whether two values are equal.
pub struct Equals;

static META: ExpressionMeta = ExpressionMeta {
    name: "equals",
    group: Group::Logic,
    origin: Origin::Documented,
    summary: "Whether two values are equal",
    phrase: "{left} is {right}",
    docs: "Numbers are equal by value (`1.50` and `1.5`), datetimes as instants whatever the zone they were written in, strings \
           character by character with regard to case, lists item by item, objects whatever the order of their keys, identities and \
           records where they stand for the same one. Null equals null and nothing else. Values of different kinds are never \
           equal: the text `\"1\"` is not the number `1`, and the checker warns where that is known beforehand.",
    arguments: &comparison::SIDES,
    returns: "True where they are equal",
    gives: Accepts::BOOLEAN,
    search_terms: &["same", "is", "match", "=", "==", "compare"],
    roles: &[],
    examples: &[
        Example {
            title: "Texts",
            node: r#"{"type": "equals", "left": {"type": "var", "var": "status"}, "right": {"type": "literal", "value": "won"}}"#,
            given: r#"{"status": "won"}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Numbers by value",
            node: r#"{"type": "equals", "left": {"type": "literal", "value": 1.50}, "right": {"type": "literal", "value": 1.5}}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "Objects in any order",
            node: r#"{"type": "equals", "left": {"type": "var", "var": "one"}, "right": {"type": "var", "var": "other"}}"#,
            given: r#"{"one": {"a": 1, "b": [2]}, "other": {"b": [2], "a": 1}}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Null equals null",
            node: r#"{"type": "equals", "left": {"type": "var", "var": "status"}, "right": {"type": "literal", "value": null}}"#,
            given: r#"{"status": null}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Case counts",
            node: r#"{"type": "equals", "left": {"type": "var", "var": "status"}, "right": {"type": "literal", "value": "won"}}"#,
            given: r#"{"status": "Won"}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "A number and a text are never equal",
            node: r#"{"type": "equals", "left": {"type": "var", "var": "stage"}, "right": {"type": "literal", "value": "5"}}"#,
            given: r#"{"stage": 5}"#,
            gives: Gives::Refused("E205"),
        },
    ],
};

impl Expression for Equals {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let (equal, unequal) = comparison::check_equality(check);
        Typed::condition(equal, unequal)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let left = call.view(0)?;
        let right = call.view(1)?;
        Ok(Value::Boolean(comparison::equal(&left, &right)))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, codes};

    /// Uses `a` as a boolean where a condition is true, and where it is false.
    fn branches(condition: &str, a: Type, b: Type) -> (bool, bool) {
        let used = r#"{"type": "not", "argument": {"type": "var", "var": "a"}}"#;
        let unused = r#"{"type": "literal", "value": false}"#;
        let narrowed = |then: &str, or_else: &str| {
            let node = format!(r#"{{"type": "if", "condition": {condition}, "then": {then}, "else": {or_else}}}"#);
            codes(&node, &[("a", a.clone()), ("b", b.clone())]).is_empty()
        };
        (narrowed(used, unused), narrowed(unused, used))
    }

    #[test]
    fn it_tells_what_is_not_empty() {
        let maybe = Type::BOOLEAN.maybe_empty(true);
        let equals = |left: &str, right: &str| format!(r#"{{"type": "equals", "left": {left}, "right": {right}}}"#);
        let (a, b) = (r#"{"type": "var", "var": "a"}"#, r#"{"type": "var", "var": "b"}"#);
        let yes = r#"{"type": "literal", "value": true}"#;
        let null = r#"{"type": "literal", "value": null}"#;
        assert_eq!(branches(&equals(a, yes), maybe.clone(), Type::NULL), (true, false));
        assert_eq!(branches(&equals(yes, a), maybe.clone(), Type::NULL), (true, false));
        assert_eq!(branches(&equals(a, null), maybe.clone(), Type::NULL), (false, true));
        assert_eq!(branches(&equals(null, a), maybe.clone(), Type::NULL), (false, true));
        assert_eq!(branches(&equals(a, b), maybe.clone(), Type::BOOLEAN), (true, false));
        assert_eq!(branches(&equals(a, b), maybe.clone(), maybe), (false, false));
    }

    #[test]
    fn a_comparison_is_not_personal_and_a_literal_is_mended() {
        let node = r#"{"type": "equals", "left": {"type": "literal", "value": 5}, "right": {"type": "var", "var": "a"}}"#;
        let checked = checked(node, &[("a", Type::STRING.with_personal(Personal::NAME))]);
        assert!(checked.ty.all_personal().is_none());
        assert_eq!(checked.diagnostics[0].code.code, "E205");
        assert_eq!(checked.diagnostics[0].pointer, "/left");
        assert_eq!(checked.diagnostics[0].fixes.len(), 1);
    }
}
