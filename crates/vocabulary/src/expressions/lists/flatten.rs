use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Shape, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `flatten`: one list of the items of several.
pub struct Flatten;

static META: ExpressionMeta = ExpressionMeta {
    name: "flatten",
    group: Group::Lists,
    origin: Origin::Ours,
    summary: "One list of the items of the lists in a list",
    phrase: "{list} flattened",
    docs: "Puts the items of the lists in the list after one another, in their order. Goes one level deep: lists in those lists stay \
           lists. Items that are not lists stay as they are, and a null item, as a missing list gives, adds nothing. Null in the place \
           of the whole list is an error.",
    arguments: &[Argument::required("list", Accepts::ARRAY, "The list of lists")],
    returns: "A list of the items of all lists",
    gives: Accepts::ARRAY,
    search_terms: &["merge", "combine", "concat lists", "nested", "unnest"],
    roles: &[],
    examples: &[
        Example {
            title: "Two lists",
            node: r#"{"type": "flatten", "list": {"type": "var", "var": "pages"}}"#,
            given: r#"{"pages": [[1, 2], [3]]}"#,
            gives: Gives::Value("[1, 2, 3]"),
        },
        Example {
            title: "The lines of every order",
            node: r#"{"type": "flatten", "list": {"type": "map", "list": {"type": "var", "var": "orders"}, "item_var": "order", "to": {"type": "var", "var": "order.lines"}}}"#,
            given: r#"{"orders": [{"lines": ["a", "b"]}, {"lines": null}, {"lines": ["c"]}]}"#,
            gives: Gives::Value(r#"["a", "b", "c"]"#),
        },
        Example {
            title: "One level deep",
            node: r#"{"type": "flatten", "list": {"type": "var", "var": "pages"}}"#,
            given: r#"{"pages": [[[1], [2]], [[3]]]}"#,
            gives: Gives::Value("[[1], [2], [3]]"),
        },
        Example {
            title: "No list",
            node: r#"{"type": "flatten", "list": {"type": "var", "var": "pages"}}"#,
            given: r#"{"pages": null}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

impl Expression for Flatten {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let inner = check.argument("list").ty.item();
        let item = match &inner.shape {
            Shape::Array(_) => inner.item(),
            // What is not a list stays, and null does not.
            Shape::Any => inner,
            _ => inner.maybe_empty(false),
        };
        Type::array(item).into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let list = call.list(0)?;
        let length = list
            .iter()
            .map(|item| match item {
                Value::Null => 0,
                Value::List(items) => items.len(),
                _ => 1,
            })
            .sum();
        call.check_list(length)?;
        call.charge(length)?;
        let mut all = Vec::with_capacity(length);
        for item in list.iter() {
            match item {
                Value::Null => {}
                Value::List(items) => all.extend_from_slice(items),
                other => all.push(other.clone()),
            }
        }
        Ok(Value::List(all.into()))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::{checked, evaluate, parse};

    #[test]
    fn the_items_keep_their_own_marks() {
        let ty = |list: Type| checked(r#"{"type": "flatten", "list": {"type": "var", "var": "a"}}"#, &[("a", list)]).ty;
        let name = Type::STRING.with_personal(Personal::NAME);
        assert_eq!(ty(Type::array(Type::array(name.clone()).maybe_empty(true))), Type::array(name));
        assert_eq!(
            ty(Type::array(Type::array(Type::NUMBER).with_personal(Personal::PHONE))),
            Type::array(Type::NUMBER.with_personal(Personal::PHONE))
        );
        assert_eq!(ty(Type::array(Type::NUMBER.maybe_empty(true))), Type::array(Type::NUMBER));
        assert_eq!(ty(Type::ANY), Type::array(Type::ANY));
    }

    #[test]
    fn what_is_not_a_list_stays() {
        let node = r#"{"type": "flatten", "list": {"type": "var", "var": "a"}}"#;
        assert_eq!(evaluate(node, r#"{"a": [1, [2, null], "x", null]}"#).expect("a value"), parse(r#"[1, 2, null, "x"]"#));
    }
}
