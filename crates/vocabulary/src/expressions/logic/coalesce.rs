use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin, Role};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `coalesce`: the first value that is there.
pub struct Coalesce;

static META: ExpressionMeta = ExpressionMeta {
    name: "coalesce",
    group: Group::Logic,
    origin: Origin::Ours,
    summary: "The first value that is not null",
    phrase: "{arguments| or else }",
    docs: "Looks at the values from first to last and gives the first that is not null; those after it are not evaluated. Null where \
           all are null. Only null and absent fields are passed over: an empty text, an empty list, `0` and `false` are values. To pass \
           over an empty text too, use `if` with `is_empty`. The result may be empty only where every value may. Where the values are \
           of different types, the type of the result is not known.",
    arguments: &[Argument::list("arguments", 1, Accepts::ANY, "The values, the best one first").nullable()],
    returns: "The first value that is not null, of the type that holds all",
    gives: Accepts::ANY,
    search_terms: &["default", "fallback", "otherwise", "first filled", "ifnull", "nvl", "??"],
    roles: &[Role::Defaults],
    examples: &[
        Example {
            title: "A value to use instead",
            node: r#"{"type": "coalesce", "arguments": [{"type": "var", "var": "amount"}, {"type": "literal", "value": 0}]}"#,
            given: r#"{"amount": null}"#,
            gives: Gives::Value("0"),
        },
        Example {
            title: "The first that is there",
            node: r#"{"type": "coalesce", "arguments": [{"type": "var", "var": "mobile"}, {"type": "var", "var": "phone"}, {"type": "literal", "value": "none"}]}"#,
            given: r#"{"mobile": null, "phone": "+31201234567"}"#,
            gives: Gives::Value(r#""+31201234567""#),
        },
        Example {
            title: "An empty text is a value",
            node: r#"{"type": "coalesce", "arguments": [{"type": "literal", "value": ""}, {"type": "literal", "value": "none"}]}"#,
            given: "",
            gives: Gives::Value(r#""""#),
        },
        Example {
            title: "All are null",
            node: r#"{"type": "coalesce", "arguments": [{"type": "literal", "value": null}, {"type": "literal", "value": null}]}"#,
            given: "",
            gives: Gives::Value("null"),
        },
    ],
};

impl Expression for Coalesce {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let values = check.arguments("arguments");
        let may_be_empty = values.iter().all(|value| value.ty.may_be_empty);
        let ty = values.into_iter().map(|value| value.ty).reduce(|one, other| one.union(&other)).unwrap_or(Type::NULL);
        ty.maybe_empty(may_be_empty).into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        for index in 0..call.count(0) {
            let value = call.item(0, index)?;
            if !value.is_null() {
                return Ok(value);
            }
        }
        Ok(Value::Null)
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, evaluate};

    #[test]
    fn it_may_be_empty_only_where_all_may() {
        let node = r#"{"type": "coalesce", "arguments": [{"type": "var", "var": "a"}, {"type": "var", "var": "b"}]}"#;
        let ty = |a: Type, b: Type| checked(node, &[("a", a), ("b", b)]).ty;
        let maybe = Type::STRING.maybe_empty(true);
        assert_eq!(ty(maybe.clone(), Type::STRING), Type::STRING);
        assert_eq!(ty(maybe.clone(), maybe.clone()), maybe);
        assert_eq!(ty(maybe.clone().with_personal(Personal::NAME), Type::STRING).personal, Personal::NAME);
    }

    #[test]
    fn what_comes_after_a_value_is_not_evaluated() {
        let node =
            r#"{"type": "coalesce", "arguments": [{"type": "var", "var": "a"}, {"type": "not", "argument": {"type": "var", "var": "a"}}]}"#;
        assert_eq!(evaluate(node, r#"{"a": 1}"#).expect("a value"), 1.into());
    }
}
