use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `filter`: the items for which a condition is true.
pub struct Filter;

static META: ExpressionMeta = ExpressionMeta {
    name: "filter",
    group: Group::Lists,
    origin: Origin::Ours,
    summary: "The items for which a condition is true",
    phrase: "each {item_var} of {list} where {where}",
    docs: "Evaluates the condition once for each item, which the variable in `item_var` stands for there, and keeps the items for which \
           it is true, in their order. A condition that is null, or anything but a boolean, is an error. An empty list gives an empty \
           list; null in the place of the list is an error. The variable exists in the condition only.",
    arguments: &[
        Argument::required("list", Accepts::ARRAY, "The list"),
        Argument::name("item_var", "The name of the variable that stands for the item"),
        Argument::required("where", Accepts::BOOLEAN, "What must be true of an item that is kept"),
    ],
    returns: "A list of the items that are kept, of the type that the list has",
    gives: Accepts::ARRAY,
    search_terms: &["where", "select", "only", "keep", "remove", "exclude"],
    roles: &[],
    examples: &[
        Example {
            title: "Lines above a price",
            node: r#"{"type": "filter", "list": {"type": "var", "var": "lines"}, "item_var": "line", "where": {"type": "greater_than", "left": {"type": "var", "var": "line.price"}, "right": {"type": "literal", "value": 10}}}"#,
            given: r#"{"lines": [{"price": 5}, {"price": 15}, {"price": 25}]}"#,
            gives: Gives::Value(r#"[{"price": 15}, {"price": 25}]"#),
        },
        Example {
            title: "None is kept",
            node: r#"{"type": "filter", "list": {"type": "var", "var": "tags"}, "item_var": "tag", "where": {"type": "equals", "left": {"type": "var", "var": "tag"}, "right": {"type": "literal", "value": "vip"}}}"#,
            given: r#"{"tags": ["new"]}"#,
            gives: Gives::Value("[]"),
        },
        Example {
            title: "The name is taken",
            node: r#"{"type": "filter", "list": {"type": "var", "var": "tags"}, "item_var": "tags", "where": {"type": "literal", "value": true}}"#,
            given: r#"{"tags": ["new"]}"#,
            gives: Gives::Refused("E302"),
        },
        Example {
            title: "A text is not a condition",
            node: r#"{"type": "filter", "list": {"type": "var", "var": "tags"}, "item_var": "tag", "where": {"type": "var", "var": "tag"}}"#,
            given: r#"{"tags": ["new"]}"#,
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Filter {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let list = check.argument("list").ty;
        let item = list.item();
        check.with_item("item_var", item.clone(), |check| check.argument("where"));
        Type::array(item).with_personal(list.personal).into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let list = call.list(0)?;
        let mut kept = Vec::new();
        for (index, item) in list.iter().enumerate() {
            if call.with_item(1, index, item.clone(), |call| call.boolean(2))? {
                kept.push(item.clone());
            }
        }
        Ok(Value::List(kept.into()))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, codes, fails};

    const NODE: &str =
        r#"{"type": "filter", "list": {"type": "var", "var": "list"}, "item_var": "item", "where": {"type": "var", "var": "item.won"}}"#;

    #[test]
    fn the_list_keeps_its_type() {
        let list = Type::array(Type::STRING.with_personal(Personal::NAME));
        let node = NODE.replace("item.won", "flag");
        assert_eq!(checked(&node, &[("list", list.clone()), ("flag", Type::BOOLEAN)]).ty, list);
        assert_eq!(checked(NODE, &[("list", Type::ANY)]).ty, Type::array(Type::ANY));
    }

    #[test]
    fn the_item_ends_with_the_condition() {
        let node = format!(
            r#"{{"type": "if", "condition": {{"type": "literal", "value": true}}, "then": {NODE}, "else": {{"type": "var", "var": "item"}}}}"#
        );
        assert!(codes(&node, &[("list", Type::array(Type::ANY))]).contains(&"E301"));
    }

    #[test]
    fn a_condition_must_be_a_boolean() {
        assert_eq!(fails(NODE, r#"{"list": [{"won": true}, {"won": null}]}"#), "E202");
        assert_eq!(fails(NODE, r#"{"list": [{"won": "yes"}]}"#), "E201");
    }
}
