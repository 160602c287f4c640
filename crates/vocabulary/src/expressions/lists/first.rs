use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `first`: the first item of a list.
pub struct First;

static META: ExpressionMeta = ExpressionMeta {
    name: "first",
    group: Group::Lists,
    origin: Origin::Ours,
    summary: "The first item of a list",
    phrase: "first of {list}",
    docs: "Gives the item that stands first, null where the list is empty (or where that item is null). So the result may be empty: guard it, \
           or put it in `coalesce`. Null in the place of the list is an error.",
    arguments: &[Argument::required("list", Accepts::ARRAY, "The list")],
    returns: "The item, of the type that the items have; null where there is none",
    gives: Accepts::ANY,
    search_terms: &["head", "top", "begin", "one item"],
    roles: &[],
    examples: &[
        Example {
            title: "The first of several",
            node: r#"{"type": "first", "list": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": ["a", "b", "c"]}"#,
            gives: Gives::Value(r#""a""#),
        },
        Example {
            title: "An empty list has none",
            node: r#"{"type": "first", "list": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": []}"#,
            gives: Gives::Value("null"),
        },
        Example {
            title: "No list",
            node: r#"{"type": "first", "list": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": null}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

impl Expression for First {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.argument("list").ty.item().maybe_empty(true).into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(call.list(0)?.first().cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::{Personal, Type};

    use crate::testing::checked;

    #[test]
    fn the_item_keeps_its_own_marks_and_may_be_empty() {
        let ty = |list: Type| checked(r#"{"type": "first", "list": {"type": "var", "var": "a"}}"#, &[("a", list)]).ty;
        assert_eq!(ty(Type::array(Type::NUMBER)), Type::NUMBER.maybe_empty(true));
        let personal = Type::STRING.with_personal(Personal::NAME);
        assert_eq!(ty(Type::array(personal.clone())), personal.clone().maybe_empty(true));
        assert_eq!(ty(Type::array(Type::STRING).with_personal(Personal::NAME)), personal.maybe_empty(true));
        assert_eq!(ty(Type::ANY), Type::ANY);
    }
}
