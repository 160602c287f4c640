use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::comparison;

/// `greater_than`: whether one value is greater than another.
pub struct GreaterThan;

static META: ExpressionMeta = ExpressionMeta {
    name: "greater_than",
    group: Group::Logic,
    origin: Origin::Documented,
    summary: "Whether one value is greater than another",
    phrase: "{left} > {right}",
    docs: comparison::ORDER_DOCS,
    arguments: &comparison::ORDERED_SIDES,
    returns: "True where `left` is greater than `right`",
    gives: Accepts::BOOLEAN,
    search_terms: &["more", "above", "larger", "after", "later", ">"],
    roles: &[],
    examples: &[
        Example {
            title: "Numbers",
            node: r#"{"type": "greater_than", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 1000}}"#,
            given: r#"{"amount": 1000.01}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "A value is not greater than itself",
            node: r#"{"type": "greater_than", "left": {"type": "literal", "value": 1.50}, "right": {"type": "literal", "value": 1.5}}"#,
            given: "",
            gives: Gives::Value("false"),
        },
        Example {
            title: "Texts, character by character",
            node: r#"{"type": "greater_than", "left": {"type": "literal", "value": "b"}, "right": {"type": "literal", "value": "abc"}}"#,
            given: "",
            gives: Gives::Value("true"),
        },
        Example {
            title: "Null has no order",
            node: r#"{"type": "greater_than", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 1000}}"#,
            given: r#"{"amount": null}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A text and a number have no order",
            node: r#"{"type": "greater_than", "left": {"type": "var", "var": "amount"}, "right": {"type": "literal", "value": 1000}}"#,
            given: r#"{"amount": "2000"}"#,
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for GreaterThan {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        comparison::check_order(check)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Boolean(comparison::order(call)?.is_gt()))
    }
}
