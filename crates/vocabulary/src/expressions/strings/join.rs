use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::text::{Growing, plain};
use crate::expressions::items;

/// `join`: a list as one text.
pub struct Join;

static META: ExpressionMeta = ExpressionMeta {
    name: "join",
    group: Group::Strings,
    origin: Origin::Ours,
    summary: "Joins the items of a list into one text",
    phrase: "{list} joined by {separator}",
    docs: "Writes the items of `list` one after the other with `separator` between. Items are written as `concat` writes its \
           arguments: numbers plainly, datetimes as RFC 3339 in UTC, booleans as `true` or `false`. An empty list gives the empty \
           text, and an empty separator puts nothing between. A null among the items is an error, and so is a list, an object, an \
           identity or a record: `filter` and `map` help. Null for the list or the separator is an error.",
    arguments: &[
        Argument::required("list", Accepts::ARRAY, "The list"),
        Argument::required("separator", Accepts::STRING, "What to put between the items"),
    ],
    returns: "The text, which is empty where the list is",
    gives: Accepts::STRING,
    search_terms: &["implode", "combine", "comma separated", "list to text", "concatenate"],
    roles: &[],
    examples: &[
        Example {
            title: "Tags",
            node: r#"{"type": "join", "list": {"type": "var", "var": "tags"}, "separator": {"type": "literal", "value": ", "}}"#,
            given: r#"{"tags": ["hot", "nl"]}"#,
            gives: Gives::Value(r#""hot, nl""#),
        },
        Example {
            title: "Numbers",
            node: r#"{"type": "join", "list": {"type": "var", "var": "ids"}, "separator": {"type": "literal", "value": "|"}}"#,
            given: r#"{"ids": [1, 2.50]}"#,
            gives: Gives::Value(r#""1|2.5""#),
        },
        Example {
            title: "An empty list",
            node: r#"{"type": "join", "list": {"type": "literal", "value": []}, "separator": {"type": "literal", "value": ","}}"#,
            given: "",
            gives: Gives::Value(r#""""#),
        },
        Example {
            title: "A null among them",
            node: r#"{"type": "join", "list": {"type": "var", "var": "tags"}, "separator": {"type": "literal", "value": ","}}"#,
            given: r#"{"tags": ["a", null]}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "Objects have no plain text",
            node: r#"{"type": "join", "list": {"type": "var", "var": "lines"}, "separator": {"type": "literal", "value": ","}}"#,
            given: r#"{"lines": [{"id": 1}]}"#,
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Join {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let list = check.argument("list");
        items::check(check, META.name, "list", Accepts::SCALAR, &list);
        check.computed(Type::STRING)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let list = call.list(0)?;
        let separator = call.text(1)?;
        let mut out = Growing::new(call);
        for (index, item) in list.iter().enumerate() {
            if index > 0 {
                out.push(&separator)?;
            }
            let part = plain(item.clone()).map_err(|other| items::unfit(call, META.name, 0, index, Accepts::SCALAR, &other))?;
            out.push(&part)?;
        }
        Ok(out.finish())
    }
}

#[cfg(test)]
mod tests {
    use salesdash_language::types::Type;

    use crate::testing::{codes, fails};

    const NODE: &str = r#"{"type": "join", "list": {"type": "var", "var": "a"}, "separator": {"type": "literal", "value": ","}}"#;

    #[test]
    fn items_of_the_list_are_checked() {
        let of = |item| codes(NODE, &[("a", Type::array(item))]);
        assert_eq!(of(Type::STRING), [""; 0]);
        assert_eq!(of(Type::STRING.maybe_empty(true)), ["E202"]);
        assert_eq!(of(Type::ANY), ["E204"]);
        assert_eq!(of(Type::array(Type::STRING)), ["E201"]);
    }

    #[test]
    fn an_unfit_item_is_an_error() {
        assert_eq!(fails(NODE, r#"{"a": [1, []]}"#), "E201");
        assert_eq!(fails(NODE, r#"{"a": [1, null]}"#), "E202");
        assert_eq!(fails(NODE, r#"{"a": "x"}"#), "E201");
    }
}
