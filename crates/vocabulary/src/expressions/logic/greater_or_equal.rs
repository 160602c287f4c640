use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::comparison;

/// `greater_or_equal`: whether one value is at least another.
pub struct GreaterOrEqual;

static META: ExpressionMeta = ExpressionMeta {
    name: "greater_or_equal",
    group: Group::Logic,
    origin: Origin::Ours,
    summary: "Whether one value is greater than another or equal to it",
    phrase: "{left} ≥ {right}",
    docs: comparison::ORDER_DOCS,
    arguments: &comparison::ORDERED_SIDES,
    returns: "True where `left` is greater than `right` or equal to it",
    gives: Accepts::BOOLEAN,
    search_terms: &["at least", "minimum", "from", "since", ">="],
    roles: &[],
    examples: &[
        Example {
            title: "More",
            node: r#"{"type": "greater_or_equal", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 1000}}"#,
            given: r#"{"amount": 1500}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "Equal by value",
            node: r#"{"type": "greater_or_equal", "left": {"type": "literal", "value": 1.50}, "right": {"type": "literal", "value": 1.5}}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "Less",
            node: r#"{"type": "greater_or_equal", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 1000}}"#,
            given: r#"{"amount": 10}"#,
            gives: Gives::Value("false"),
        },
        Example {
            title: "A boolean has no order",
            node: r#"{"type": "greater_or_equal", "left": {"type": "literal", "value": true}, "right": {"type": "literal", "value": false}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for GreaterOrEqual {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        comparison::check_order(check)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Boolean(comparison::order(call)?.is_ge()))
    }
}
