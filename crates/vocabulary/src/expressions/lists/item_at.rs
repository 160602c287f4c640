use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use crate::expressions::whole::{check_whole, whole};

/// `item_at`: the item at a place of a list.
pub struct ItemAt;

static META: ExpressionMeta = ExpressionMeta {
    name: "item_at",
    group: Group::Lists,
    origin: Origin::Ours,
    summary: "The item at a place of a list",
    phrase: "item {index} of {list}",
    docs: "Counts from 0: the first item is at 0, the second at 1. A negative index counts from the end: the last item is at -1. An \
           index beyond either end gives null, so the result may be empty: guard it, or put it in `coalesce`. An index that is not a \
           whole number is an error, as is null in the place of the list or the index.",
    arguments: &[
        Argument::required("list", Accepts::ARRAY, "The list"),
        Argument::required("index", Accepts::NUMBER, "The place, from 0; negative: from the end"),
    ],
    returns: "The item, of the type that the items have; null where there is none",
    gives: Accepts::ANY,
    search_terms: &["index", "nth", "position", "element", "get"],
    roles: &[],
    examples: &[
        Example {
            title: "The second item",
            node: r#"{"type": "item_at", "list": {"type": "var", "var": "tags"}, "index": {"type": "literal", "value": 1}}"#,
            given: r#"{"tags": ["a", "b", "c"]}"#,
            gives: Gives::Value(r#""b""#),
        },
        Example {
            title: "The last item",
            node: r#"{"type": "item_at", "list": {"type": "var", "var": "tags"}, "index": {"type": "literal", "value": -1}}"#,
            given: r#"{"tags": ["a", "b", "c"]}"#,
            gives: Gives::Value(r#""c""#),
        },
        Example {
            title: "Beyond the end",
            node: r#"{"type": "item_at", "list": {"type": "var", "var": "tags"}, "index": {"type": "literal", "value": 3}}"#,
            given: r#"{"tags": ["a", "b", "c"]}"#,
            gives: Gives::Value("null"),
        },
        Example {
            title: "Before the beginning",
            node: r#"{"type": "item_at", "list": {"type": "var", "var": "tags"}, "index": {"type": "literal", "value": -4}}"#,
            given: r#"{"tags": ["a", "b", "c"]}"#,
            gives: Gives::Value("null"),
        },
        Example {
            title: "There is no half place",
            node: r#"{"type": "item_at", "list": {"type": "var", "var": "tags"}, "index": {"type": "literal", "value": 0.5}}"#,
            given: r#"{"tags": ["a"]}"#,
            gives: Gives::Refused("E516"),
        },
    ],
};

impl Expression for ItemAt {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let list = check.argument("list");
        check_whole(check, "index");
        list.ty.item().maybe_empty(true).into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let list = call.list(0)?;
        let index = whole(call, 1)?;
        let place = if index < 0 {
            list.len().checked_sub(usize::try_from(index.unsigned_abs()).unwrap_or(usize::MAX))
        } else {
            usize::try_from(index).ok()
        };
        Ok(place.and_then(|place| list.get(place)).cloned().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{evaluate, fails};

    const NODE: &str = r#"{"type": "item_at", "list": {"type": "var", "var": "list"}, "index": {"type": "var", "var": "index"}}"#;

    #[test]
    fn an_index_is_whole_and_may_be_huge() {
        assert_eq!(evaluate(NODE, r#"{"list": [1, 2], "index": 1.0}"#).expect("a value"), 2.into());
        assert!(evaluate(NODE, r#"{"list": [1, 2], "index": 99999999999999999999}"#).expect("a value").is_null());
        assert!(evaluate(NODE, r#"{"list": [1, 2], "index": -99999999999999999999}"#).expect("a value").is_null());
        assert_eq!(fails(NODE, r#"{"list": [1, 2], "index": 0.5}"#), "E516");
        assert_eq!(fails(NODE, r#"{"list": [1, 2], "index": null}"#), "E202");
    }
}
