use salesdash_language::check::{ExpressionCheck, Facts, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin, Role};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `is_empty`: whether there is nothing in a value.
pub struct IsEmpty;

static META: ExpressionMeta = ExpressionMeta {
    name: "is_empty",
    group: Group::Logic,
    origin: Origin::Documented,
    summary: "Whether there is nothing in a value",
    phrase: "{value} is empty",
    docs: "True for null, for a field that is not there, and for an empty text (`\"\"`), an empty list (`[]`) and an empty object \
           (`{}`). False for everything else: a text of spaces only is not empty, and neither are `0` and `false`. Where it is false, \
           the checker knows that the value is there.",
    arguments: &[Argument::required("value", Accepts::ANY, "What is looked at").nullable()],
    returns: "True where it is null, absent, or has nothing in it",
    gives: Accepts::BOOLEAN,
    search_terms: &["blank", "missing", "nothing", "no value", "unfilled"],
    roles: &[Role::TestsEmptiness],
    examples: &[
        Example {
            title: "Null",
            node: r#"{"type": "is_empty", "value": {"type": "var", "var": "email"}}"#,
            given: r#"{"email": null}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "An empty text",
            node: r#"{"type": "is_empty", "value": {"type": "var", "var": "email"}}"#,
            given: r#"{"email": ""}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "An empty list",
            node: r#"{"type": "is_empty", "value": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": []}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Zero is a value",
            node: r#"{"type": "is_empty", "value": {"type": "var", "var": "amount"}}"#,
            given: r#"{"amount": 0}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "A space is a value",
            node: r#"{"type": "is_empty", "value": {"type": "literal", "value": " "}}"#,
            given: "",
            gives: Gives::Value("false"),
        },
    ],
};

impl Expression for IsEmpty {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let value = check.argument("value");
        Typed::condition(Facts::new(), value.filled())
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Boolean(call.view(0)?.is_empty()))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, codes, evaluate};

    #[test]
    fn where_it_is_false_the_value_and_what_it_lies_in_are_there() {
        let node = r#"{"type": "if", "condition": {"type": "is_empty", "value": {"type": "var", "var": "a"}},
            "then": {"type": "literal", "value": false}, "else": {"type": "not", "argument": {"type": "var", "var": "a"}}}"#;
        assert_eq!(codes(node, &[("a", Type::BOOLEAN.maybe_empty(true))]), [""; 0]);
    }

    #[test]
    fn objects_are_looked_into_and_the_answer_is_not_personal() {
        let node = r#"{"type": "is_empty", "value": {"type": "var", "var": "a"}}"#;
        assert_eq!(evaluate(node, r#"{"a": {}}"#).expect("a value"), true.into());
        assert_eq!(evaluate(node, r#"{"a": {"b": null}}"#).expect("a value"), false.into());
        assert!(checked(node, &[("a", Type::STRING.with_personal(Personal::EMAIL))]).ty.all_personal().is_none());
    }
}
