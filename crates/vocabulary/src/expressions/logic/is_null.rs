use salesdash_language::check::{ExpressionCheck, Facts, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `is_null`: whether a value is null or absent.
pub struct IsNull;

static META: ExpressionMeta = ExpressionMeta {
    name: "is_null",
    group: Group::Logic,
    origin: Origin::Documented,
    summary: "Whether a value is null or absent",
    phrase: "{value} is null",
    docs: "True for null and for a field that is not there, false for everything else: also for an empty text, an empty list, `0` and \
           `false`. Use `is_empty` to have empty texts and lists count too, and `exists` to tell null from absent. Where it is false, \
           the checker knows that the value is there.",
    arguments: &[Argument::required("value", Accepts::ANY, "What is looked at").nullable()],
    returns: "True where it is null or absent",
    gives: Accepts::BOOLEAN,
    search_terms: &["missing", "absent", "nothing", "unset", "none"],
    roles: &[],
    examples: &[
        Example {
            title: "Null",
            node: r#"{"type": "is_null", "value": {"type": "var", "var": "email"}}"#,
            given: r#"{"email": null}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Below null there is null",
            node: r#"{"type": "is_null", "value": {"type": "var", "var": "contact.email"}}"#,
            given: r#"{"contact": null}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "An empty text is not null",
            node: r#"{"type": "is_null", "value": {"type": "literal", "value": ""}}"#,
            given: "",
            gives: Gives::Value("false"),
        },
    ],
};

impl Expression for IsNull {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let value = check.argument("value");
        Typed::condition(Facts::new(), value.filled())
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Boolean(call.view(0)?.is_null()))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Type;

    use crate::testing::{codes, evaluate};

    #[test]
    fn where_it_is_true_nothing_is_known() {
        let node =
            r#"{"type": "and", "arguments": [{"type": "is_null", "value": {"type": "var", "var": "a"}}, {"type": "var", "var": "a"}]}"#;
        assert_eq!(codes(node, &[("a", Type::BOOLEAN.maybe_empty(true))]), ["E202"]);
    }

    #[test]
    fn an_absent_field_is_null() {
        let node = r#"{"type": "is_null", "value": {"type": "var", "var": "a.b"}}"#;
        assert_eq!(evaluate(node, r#"{"a": {}}"#).expect("a value"), true.into());
        assert_eq!(evaluate(node, r#"{"a": {"b": false}}"#).expect("a value"), false.into());
    }
}
