use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `exists`: whether a field is there, null or not.
pub struct Exists;

static META: ExpressionMeta = ExpressionMeta {
    name: "exists",
    group: Group::Logic,
    origin: Origin::Documented,
    summary: "Whether a field is there, null or not",
    phrase: "{value} exists",
    docs: "True where the key that the path ends with is in the object, whatever its value: also null. This tells a field that was \
           sent as null (it was cleared) from one that was not sent at all (it is unknown). Below null, nothing exists. A variable \
           without a path always exists. For anything but a variable it tells whether the result is not null. Since what exists can \
           be null, the checker does not take it to be filled: use `not` with `is_null` for that.",
    arguments: &[Argument::required("value", Accepts::ANY, "The variable with the path to the field").nullable()],
    returns: "True where the field is there",
    gives: Accepts::BOOLEAN,
    search_terms: &["has", "present", "isset", "defined", "key"],
    roles: &[],
    examples: &[
        Example {
            title: "There, though null",
            node: r#"{"type": "exists", "value": {"type": "var", "var": "deal.email"}}"#,
            given: r#"{"deal": {"email": null}}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Below null, nothing exists",
            node: r#"{"type": "exists", "value": {"type": "var", "var": "deal.contact.email"}}"#,
            given: r#"{"deal": {"contact": null}}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "A result that is null",
            node: r#"{"type": "exists", "value": {"type": "first", "list": {"type": "var", "var": "lines"}}}"#,
            given: r#"{"lines": []}"#,
            gives: Gives::Value("false"),
        },
    ],
};

impl Expression for Exists {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.argument("value");
        Type::BOOLEAN.into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Boolean(call.present(0)?))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Type;

    use crate::testing::{codes, evaluate};

    #[test]
    fn absent_is_told_from_null() {
        let node = r#"{"type": "exists", "value": {"type": "var", "var": "a.b"}}"#;
        assert_eq!(evaluate(node, r#"{"a": {"b": null}}"#).expect("a value"), true.into());
        assert_eq!(evaluate(node, r#"{"a": {}}"#).expect("a value"), false.into());
        assert_eq!(
            evaluate(r#"{"type": "exists", "value": {"type": "var", "var": "a"}}"#, r#"{"a": null}"#).expect("a value"),
            true.into()
        );
    }

    #[test]
    fn what_exists_may_be_empty() {
        let node =
            r#"{"type": "and", "arguments": [{"type": "exists", "value": {"type": "var", "var": "a"}}, {"type": "var", "var": "a"}]}"#;
        assert_eq!(codes(node, &[("a", Type::BOOLEAN.maybe_empty(true))]), ["E202"]);
    }
}
