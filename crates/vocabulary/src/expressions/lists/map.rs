use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `map`: a list of what is computed from each item.
pub struct Map;

static META: ExpressionMeta = ExpressionMeta {
    name: "map",
    group: Group::Lists,
    origin: Origin::Ours,
    summary: "A list of what is computed from each item",
    phrase: "{to} for each {item_var} of {list}",
    docs: "Evaluates `to` once for each item, which the variable in `item_var` stands for there, and gives the results in the order of \
           the items. A result may be null. An error in one of them is an error of the whole. An empty list gives an empty list; null \
           in the place of the list is an error. The variable exists in `to` only.",
    arguments: &[
        Argument::required("list", Accepts::ARRAY, "The list"),
        Argument::name("item_var", "The name of the variable that stands for the item"),
        Argument::required("to", Accepts::ANY, "What is computed from each item").nullable(),
    ],
    returns: "A list, of as many items, of the type that is computed",
    gives: Accepts::ARRAY,
    search_terms: &["each", "transform", "pluck", "convert", "loop"],
    roles: &[],
    examples: &[
        Example {
            title: "A field of each item",
            node: r#"{"type": "map", "list": {"type": "var", "var": "lines"}, "item_var": "line", "to": {"type": "var", "var": "line.price"}}"#,
            given: r#"{"lines": [{"price": 5}, {"price": 15}]}"#,
            gives: Gives::Value("[5, 15]"),
        },
        Example {
            title: "A loop in a loop",
            node: r#"{"type": "map", "list": {"type": "var", "var": "rows"}, "item_var": "row", "to": {"type": "map", "list": {"type": "var", "var": "row"}, "item_var": "cell", "to": {"type": "equals", "left": {"type": "var", "var": "cell"}, "right": {"type": "first", "list": {"type": "var", "var": "row"}}}}}"#,
            given: r#"{"rows": [[1, 2], [3, 3]]}"#,
            gives: Gives::Value("[[true, false], [true, true]]"),
        },
        Example {
            title: "An empty list",
            node: r#"{"type": "map", "list": {"type": "var", "var": "lines"}, "item_var": "line", "to": {"type": "literal", "value": 1}}"#,
            given: r#"{"lines": []}"#,
            gives: Gives::Value("[]"),
        },
        Example {
            title: "The name of the variable must be there",
            node: r#"{"type": "map", "list": {"type": "var", "var": "lines"}, "to": {"type": "literal", "value": 1}}"#,
            given: r#"{"lines": []}"#,
            gives: Gives::Refused("E103"),
        },
    ],
};

impl Expression for Map {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let item = check.argument("list").ty.item();
        let to = check.with_item("item_var", item, |check| check.argument("to"));
        Type::array(to.ty).into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let list = call.list(0)?;
        call.check_list(list.len())?;
        let mut results = Vec::with_capacity(list.len());
        for (index, item) in list.iter().enumerate() {
            results.push(call.with_item(1, index, item.clone(), |call| call.value(2))?);
        }
        Ok(Value::List(results.into()))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, fails};

    #[test]
    fn the_items_are_of_the_type_that_is_computed() {
        let ty = |to: &str, list: Type| {
            let node = format!(r#"{{"type": "map", "list": {{"type": "var", "var": "list"}}, "item_var": "item", "to": {to}}}"#);
            checked(&node, &[("list", list)]).ty
        };
        let names = Type::array(Type::STRING.with_personal(Personal::NAME).maybe_empty(true));
        assert_eq!(ty(r#"{"type": "var", "var": "item"}"#, names.clone()), names);
        assert_eq!(ty(r#"{"type": "is_null", "value": {"type": "var", "var": "item"}}"#, names), Type::array(Type::BOOLEAN));
        let marked = Type::array(Type::STRING).with_personal(Personal::FREE_TEXT);
        assert_eq!(ty(r#"{"type": "var", "var": "item"}"#, marked), Type::array(Type::STRING.with_personal(Personal::FREE_TEXT)));
    }

    #[test]
    fn an_error_in_one_item_is_an_error_of_the_whole() {
        let node = r#"{"type": "map", "list": {"type": "var", "var": "list"}, "item_var": "item", "to": {"type": "not", "argument": {"type": "var", "var": "item"}}}"#;
        assert_eq!(fails(node, r#"{"list": [true, null]}"#), "E202");
    }
}
