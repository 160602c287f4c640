use salesdash_language::check::{ExpressionCheck, Facts, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use crate::expressions::logic::{equal, equality_facts};

/// `list_contains`: whether a value is among the items of a list.
pub struct ListContains;

static META: ExpressionMeta = ExpressionMeta {
    name: "list_contains",
    group: Group::Lists,
    origin: Origin::Ours,
    summary: "Whether a value is among the items of a list",
    phrase: "{list} contains {value}",
    docs: "Compares the value with each item as `equals` does: numbers by value, texts with regard to case, and the checker warns where \
           the two can never be equal. A null value is found only where an item is null. An empty list contains nothing; null in the \
           place of the list is an error. To look inside a text, use `string_contains`.",
    arguments: &[
        Argument::required("list", Accepts::ARRAY, "The list"),
        Argument::required("value", Accepts::ANY, "The value that is looked for").nullable(),
    ],
    returns: "True where at least one item is equal to the value",
    gives: Accepts::BOOLEAN,
    search_terms: &["in", "includes", "has", "member", "tag", "one of"],
    roles: &[],
    examples: &[
        Example {
            title: "A tag that is there",
            node: r#"{"type": "list_contains", "list": {"type": "var", "var": "tags"}, "value": {"type": "literal", "value": "vip"}}"#,
            given: r#"{"tags": ["new", "vip"]}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Case counts",
            node: r#"{"type": "list_contains", "list": {"type": "var", "var": "tags"}, "value": {"type": "literal", "value": "vip"}}"#,
            given: r#"{"tags": ["new", "VIP"]}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "No list",
            node: r#"{"type": "list_contains", "list": {"type": "var", "var": "tags"}, "value": {"type": "literal", "value": "vip"}}"#,
            given: r#"{"tags": null}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A list of numbers contains no text",
            node: r#"{"type": "list_contains", "list": {"type": "var", "var": "ids"}, "value": {"type": "literal", "value": "7"}}"#,
            given: r#"{"ids": [7, 8]}"#,
            gives: Gives::Refused("E205"),
        },
    ],
};

impl Expression for ListContains {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let item: Typed = check.argument("list").ty.item().into();
        let value = check.argument("value");
        check.compare("value", None, &item, &value);
        // What is found in a list without nulls is not null. Of what is not found, nothing is known.
        let (found, _) = equality_facts(&value, &[item]);
        Typed::condition(found, Facts::new())
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let list = call.view(0)?;
        let Value::List(items) = &*list else { return Err(call.unfit(0, None, Accepts::ARRAY, &list)) };
        let value = call.view(1)?;
        call.charge(items.len())?;
        // Ids in a list of ids are what is looked for most.
        let found = match &*value {
            Value::Text(text) => {
                let text = text.as_str();
                items.iter().any(|item| matches!(item, Value::Text(item) if item.as_str() == text))
            }
            value => items.iter().any(|item| equal(item, value)),
        };
        Ok(Value::Boolean(found))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, codes, evaluate};

    #[test]
    fn what_is_found_in_a_list_without_nulls_is_there() {
        let node = r#"{"type": "and", "arguments": [
            {"type": "list_contains", "list": {"type": "var", "var": "list"}, "value": {"type": "var", "var": "a"}}, {"type": "var", "var": "a"}]}"#;
        let maybe = Type::BOOLEAN.maybe_empty(true);
        assert_eq!(codes(node, &[("list", Type::array(Type::BOOLEAN)), ("a", maybe.clone())]), [""; 0]);
        assert_eq!(codes(node, &[("list", Type::array(maybe.clone())), ("a", maybe)]), ["E202"]);
    }

    #[test]
    fn null_is_found_where_an_item_is_null_and_the_answer_is_not_personal() {
        let node = r#"{"type": "list_contains", "list": {"type": "var", "var": "list"}, "value": {"type": "var", "var": "a"}}"#;
        assert_eq!(evaluate(node, r#"{"list": [1, null], "a": null}"#).expect("a value"), true.into());
        assert_eq!(evaluate(node, r#"{"list": [1], "a": null}"#).expect("a value"), false.into());
        let names = Type::array(Type::STRING.with_personal(Personal::NAME));
        assert_eq!(checked(node, &[("list", names), ("a", Type::STRING)]).ty, Type::BOOLEAN);
    }
}
