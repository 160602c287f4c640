use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `last`: the last item of a list.
pub struct Last;

static META: ExpressionMeta = ExpressionMeta {
    name: "last",
    group: Group::Lists,
    origin: Origin::Ours,
    summary: "The last item of a list",
    phrase: "last of {list}",
    docs: "Gives the item that stands last, null where the list is empty (or where that item is null). So the result may be empty: guard it, \
           or put it in `coalesce`. Null in the place of the list is an error.",
    arguments: &[Argument::required("list", Accepts::ARRAY, "The list")],
    returns: "The item, of the type that the items have; null where there is none",
    gives: Accepts::ANY,
    search_terms: &["tail", "end", "latest", "final"],
    roles: &[],
    examples: &[
        Example {
            title: "The last of several",
            node: r#"{"type": "last", "list": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": ["a", "b", "c"]}"#,
            gives: Gives::Value(r#""c""#),
        },
        Example {
            title: "An empty list has none",
            node: r#"{"type": "last", "list": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": []}"#,
            gives: Gives::Value("null"),
        },
        Example {
            title: "No list",
            node: r#"{"type": "last", "list": {"type": "var", "var": "lines"}}"#,
            given: r#"{"lines": null}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

impl Expression for Last {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.argument("list").ty.item().maybe_empty(true).into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(call.list(0)?.last().cloned().unwrap_or_default())
    }
}
