use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::comparison;

/// `less_or_equal`: whether one value is at most another.
pub struct LessOrEqual;

static META: ExpressionMeta = ExpressionMeta {
    name: "less_or_equal",
    group: Group::Logic,
    origin: Origin::Ours,
    summary: "Whether one value is less than another or equal to it",
    phrase: "{left} ≤ {right}",
    docs: comparison::ORDER_DOCS,
    arguments: &comparison::ORDERED_SIDES,
    returns: "True where `left` is less than `right` or equal to it",
    gives: Accepts::BOOLEAN,
    search_terms: &["at most", "maximum", "up to", "until", "<="],
    roles: &[],
    examples: &[
        Example {
            title: "Less",
            node: r#"{"type": "less_or_equal", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 1000}}"#,
            given: r#"{"amount": -5}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Equal by value",
            node: r#"{"type": "less_or_equal", "left": {"type": "literal", "value": 1.50}, "right": {"type": "literal", "value": 1.5}}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "More",
            node: r#"{"type": "less_or_equal", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 1000}}"#,
            given: r#"{"amount": 1500}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "Null has no order",
            node: r#"{"type": "less_or_equal", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 1000}}"#,
            given: r#"{"amount": null}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

impl Expression for LessOrEqual {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        comparison::check_order(check)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Boolean(comparison::order(call)?.is_le()))
    }
}
