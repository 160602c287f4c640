use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::several;
use crate::expressions::exact;

/// `round`: rounds a number.
pub struct Round;

static META: ExpressionMeta = ExpressionMeta {
    name: "round",
    group: Group::Numbers,
    origin: Origin::Ours,
    summary: "Rounds a number",
    phrase: "{value} rounded[ to {digits} digits]",
    docs: "Rounds `value` to `digits` behind the point, 0 where left out. What lies exactly in the middle goes away from zero: \
           2.5 becomes 3, -2.5 becomes -3. Negative `digits` round before the point: -2 to whole hundreds. A number that has \
           fewer digits stays as it is. Null is an error, and so is a text: `parse_number` reads it. A result that needs more \
           than 28 digits is an error (`E502`).",
    arguments: &[
        Argument::required("value", Accepts::NUMBER, "The number"),
        Argument::option("digits", Literal::Integer(-28, 28), "How many digits behind the point stay; negative: before it"),
    ],
    returns: "The rounded number",
    gives: Accepts::NUMBER,
    search_terms: &["decimals", "cents", "whole number", "integer", "nearest"],
    roles: &[],
    examples: &[
        Example {
            title: "To cents",
            node: r#"{"type": "round", "value": {"type": "literal", "value": 10.005}, "digits": 2}"#,
            given: "",
            gives: Gives::Value("10.01"),
        },
        Example {
            title: "Half away from zero",
            node: r#"{"type": "round", "value": {"type": "var", "var": "n"}}"#,
            given: r#"{"n": -2.5}"#,
            gives: Gives::Value("-3"),
        },
        Example {
            title: "To whole thousands",
            node: r#"{"type": "round", "value": {"type": "literal", "value": 12499.99}, "digits": -3}"#,
            given: "",
            gives: Gives::Value("12000"),
        },
        Example {
            title: "No number at all",
            node: r#"{"type": "round", "value": {"type": "var", "var": "deal.amount"}}"#,
            given: r#"{"deal": {"amount": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "Half a digit",
            node: r#"{"type": "round", "value": {"type": "literal", "value": 1.5}, "digits": 0.5}"#,
            given: "",
            gives: Gives::Refused("E106"),
        },
    ],
};

impl Expression for Round {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::NUMBER)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let value = call.number(0)?;
        let digits = call.literal(1).and_then(Value::as_number).and_then(|digits| i32::try_from(digits).ok()).unwrap_or(0);
        exact::round(value, digits).map(Value::Number).ok_or_else(|| several::out_of_range(META.name))
    }
}
