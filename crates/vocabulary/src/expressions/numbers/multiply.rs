use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::{Decimal, Value};

use super::several;
use crate::expressions::exact;

/// `multiply`: multiplies numbers.
pub struct Multiply;

static META: ExpressionMeta = ExpressionMeta {
    name: "multiply",
    group: Group::Numbers,
    origin: Origin::Documented,
    summary: "Multiplies numbers",
    phrase: "[{arguments| × }][product of {list}]",
    docs: "Multiplies the numbers, from left to right. The numbers are either the `arguments`, or the items of the one `list`, \
           for instance of a `map`; giving both or neither is refused. The product of nothing is 1. Null among the numbers is an \
           error, and so is a text: `parse_number` reads it. Results are exact to 28 digits: a longer fraction is rounded at the \
           last digit that fits, half away from zero, and a whole part that needs more than 28 digits is an error (`E502`).",
    arguments: several::ARGUMENTS,
    returns: "The product",
    gives: Accepts::NUMBER,
    search_terms: &["times", "product", "percentage", "*", "multiplication"],
    roles: &[],
    examples: &[
        Example {
            title: "A percentage",
            node: r#"{"type": "multiply", "arguments": [{"type": "var", "var": "amount"}, {"type": "literal", "value": 0.15}]}"#,
            given: r#"{"amount": 1500.50}"#,
            gives: Gives::Value("225.075"),
        },
        Example {
            title: "A list",
            node: r#"{"type": "multiply", "list": {"type": "literal", "value": [2, 3, 4]}}"#,
            given: "",
            gives: Gives::Value("24"),
        },
        Example { title: "Nothing", node: r#"{"type": "multiply", "arguments": []}"#, given: "", gives: Gives::Value("1") },
        Example {
            title: "More than 28 digits",
            node: r#"{"type": "multiply", "arguments": [{"type": "literal", "value": 1e20}, {"type": "literal", "value": 1e20}]}"#,
            given: "",
            gives: Gives::Error("E502"),
        },
        Example {
            title: "A null among them",
            node: r#"{"type": "multiply", "arguments": [{"type": "var", "var": "deal.amount"}, {"type": "literal", "value": 2}]}"#,
            given: r#"{"deal": {"amount": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "Both arguments and a list",
            node: r#"{"type": "multiply", "arguments": [{"type": "literal", "value": 1}], "list": {"type": "literal", "value": [2]}}"#,
            given: "",
            gives: Gives::Refused("E114"),
        },
    ],
};

impl Expression for Multiply {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        several::check(check, META.name)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let mut product = Decimal::ONE;
        several::each(call, META.name, |number| {
            product = exact::multiply(product, number)?;
            Some(())
        })?;
        Ok(Value::Number(product))
    }
}
