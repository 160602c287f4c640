use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::comparison;

/// `less_than`: whether one value is less than another.
pub struct LessThan;

static META: ExpressionMeta = ExpressionMeta {
    name: "less_than",
    group: Group::Logic,
    origin: Origin::Ours,
    summary: "Whether one value is less than another",
    phrase: "{left} < {right}",
    docs: comparison::ORDER_DOCS,
    arguments: &comparison::ORDERED_SIDES,
    returns: "True where `left` is less than `right`",
    gives: Accepts::BOOLEAN,
    search_terms: &["below", "smaller", "fewer", "before", "earlier", "<"],
    roles: &[],
    examples: &[
        Example {
            title: "Numbers",
            node: r#"{"type": "less_than", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 1000}}"#,
            given: r#"{"amount": 999.99}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "A value is not less than itself",
            node: r#"{"type": "less_than", "left": {"type": "literal", "value": 1.50}, "right": {"type": "literal", "value": 1.5}}"#,
            given: "",
            gives: Gives::Value("false"),
        },
        Example {
            title: "Digits in a text are characters",
            node: r#"{"type": "less_than", "left": {"type": "literal", "value": "10"}, "right": {"type": "literal", "value": "9"}}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "Null has no order",
            node: r#"{"type": "less_than", "left": {"type": "literal", "value": 1000}, "right": {"type": "var", "var": "amount"}}"#,
            given: r#"{"amount": null}"#,
            gives: Gives::Error("E202"),
        },
    ],
};

impl Expression for LessThan {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        comparison::check_order(check)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Boolean(comparison::order(call)?.is_lt()))
    }
}
