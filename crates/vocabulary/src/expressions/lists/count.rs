use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::{Decimal, Value};

/// `count`: how many items a list has.
pub struct Count;

static META: ExpressionMeta = ExpressionMeta {
    name: "count",
    group: Group::Lists,
    origin: Origin::Ours,
    summary: "How many items a list has",
    phrase: "number of {list}",
    docs: "Counts every item, also those that are null. An empty list has 0. Null is an error: use `coalesce` with an empty list where a \
           missing list counts as none. The number of items is not personal, whatever the items are.",
    arguments: &[Argument::required("list", Accepts::ARRAY, "The list")],
    returns: "A whole number, 0 or more",
    gives: Accepts::NUMBER,
    search_terms: &["number of items", "size", "length", "how many", "amount"],
    roles: &[],
    examples: &[
        Example {
            title: "Items",
            node: r#"{"type": "count", "list": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": [{"price": 5}, null, {"price": 7}]}"#,
            gives: Gives::Value("3"),
        },
        Example {
            title: "An empty list",
            node: r#"{"type": "count", "list": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": []}"#,
            gives: Gives::Value("0"),
        },
        Example {
            title: "No list",
            node: r#"{"type": "count", "list": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": null}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A text has a length, not a count",
            node: r#"{"type": "count", "list": {"type": "literal", "value": "abc"}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Count {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, _check: &mut ExpressionCheck<'_, '_>) -> Typed {
        Type::NUMBER.into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Number(Decimal::from(call.list(0)?.len())))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::checked;

    #[test]
    fn a_count_is_not_personal() {
        let list = Type::array(Type::STRING.with_personal(Personal::NAME));
        assert_eq!(checked(r#"{"type": "count", "list": {"type": "var", "var": "a"}}"#, &[("a", list)]).ty, Type::NUMBER);
    }
}
