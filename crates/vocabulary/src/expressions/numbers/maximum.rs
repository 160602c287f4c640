use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::{Decimal, Value};

use super::several;

/// `maximum`: the largest of some numbers.
pub struct Maximum;

static META: ExpressionMeta = ExpressionMeta {
    name: "maximum",
    group: Group::Numbers,
    origin: Origin::Ours,
    summary: "The largest of some numbers",
    phrase: "largest of [{arguments|, }][{list}]",
    docs: "Gives the largest of the numbers. The numbers are either the `arguments`, or the items of the one `list`, for instance \
           of a `map`; giving both or neither is refused. Of nothing there is no largest, which is an error (`E506`): guard it \
           with `count`, or add a number that always stands. Null among the numbers is an error, and so is a text: `parse_number` \
           reads it.",
    arguments: several::ARGUMENTS,
    returns: "The largest number",
    gives: Accepts::NUMBER,
    search_terms: &["max", "largest", "highest", "greatest", "at least"],
    roles: &[],
    examples: &[
        Example {
            title: "Arguments",
            node: r#"{"type": "maximum", "arguments": [{"type": "var", "var": "amount"}, {"type": "literal", "value": 0}]}"#,
            given: r#"{"amount": -12.5}"#,
            gives: Gives::Value("0"),
        },
        Example {
            title: "A list",
            node: r#"{"type": "maximum", "list": {"type": "literal", "value": [3, -2, 10]}}"#,
            given: "",
            gives: Gives::Value("10"),
        },
        Example {
            title: "Nothing to choose from",
            node: r#"{"type": "maximum", "list": {"type": "var", "var": "amounts"}}"#,
            given: r#"{"amounts": []}"#,
            gives: Gives::Error("E506"),
        },
        Example {
            title: "A null among them",
            node: r#"{"type": "maximum", "list": {"type": "var", "var": "amounts"}}"#,
            given: r#"{"amounts": [1, null]}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A text is not a number",
            node: r#"{"type": "maximum", "arguments": [{"type": "literal", "value": "1"}]}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Maximum {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        several::check(check, META.name)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let mut largest: Option<Decimal> = None;
        several::each(call, META.name, |number| {
            largest = Some(largest.map_or(number, |known| known.max(number)));
            Some(())
        })?;
        largest.map(Value::Number).ok_or_else(|| Fault::new(&codes::NOTHING_TO_CHOOSE, "`maximum` was given no numbers"))
    }
}
