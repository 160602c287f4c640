use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::several;
use crate::expressions::exact;

/// `divide`: divides one number by another.
pub struct Divide;

static META: ExpressionMeta = ExpressionMeta {
    name: "divide",
    group: Group::Numbers,
    origin: Origin::Documented,
    summary: "Divides one number by another",
    phrase: "{left} ÷ {right}",
    docs: "Gives `left` divided by `right`. A quotient that ends is exact; one that does not is given to 28 digits, the last of \
           them rounded half away from zero: `round` makes it shorter. Division by 0 is an error (`E501`): guard it with `if`. A \
           whole part that needs more than 28 digits is an error (`E502`). Null for either is an error, and so is a text: \
           `parse_number` reads it.",
    arguments: &[
        Argument::required("left", Accepts::NUMBER, "What is divided"),
        Argument::required("right", Accepts::NUMBER, "What it is divided by, not 0"),
    ],
    returns: "The quotient",
    gives: Accepts::NUMBER,
    search_terms: &["quotient", "ratio", "average", "/", "division", "per"],
    roles: &[],
    examples: &[
        Example {
            title: "Cents to euros",
            node: r#"{"type": "divide", "left": {"type": "var", "var": "cents"}, "right": {"type": "literal", "value": 100}}"#,
            given: r#"{"cents": 150050}"#,
            gives: Gives::Value("1500.5"),
        },
        Example {
            title: "To 28 digits",
            node: r#"{"type": "divide", "left": {"type": "literal", "value": 2}, "right": {"type": "literal", "value": 3}}"#,
            given: "",
            gives: Gives::Value("0.6666666666666666666666666667"),
        },
        Example {
            title: "By nothing",
            node: r#"{"type": "divide", "left": {"type": "literal", "value": 1}, "right": {"type": "var", "var": "count"}}"#,
            given: r#"{"count": 0}"#,
            gives: Gives::Error("E501"),
        },
        Example {
            title: "Out of range",
            node: r#"{"type": "divide", "left": {"type": "literal", "value": 1e27}, "right": {"type": "literal", "value": 0.001}}"#,
            given: "",
            gives: Gives::Error("E502"),
        },
        Example {
            title: "No number at all",
            node: r#"{"type": "divide", "left": {"type": "var", "var": "deal.amount"}, "right": {"type": "literal", "value": 2}}"#,
            given: r#"{"deal": {"amount": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A text is not a number",
            node: r#"{"type": "divide", "left": {"type": "literal", "value": "10"}, "right": {"type": "literal", "value": 2}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Divide {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::NUMBER)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let left = call.number(0)?;
        let right = call.number(1)?;
        if right.is_zero() {
            let text = format!("`{}` is 0, and nothing can be divided by it", call.label(1));
            return Err(call.fault(&codes::DIVISION_BY_ZERO, 1, text));
        }
        exact::divide(left, right).map(Value::Number).ok_or_else(|| several::out_of_range(META.name))
    }
}

#[cfg(test)]
mod tests {
    use salesdash_value::number;

    use crate::testing::evaluate;

    #[test]
    fn what_was_divided_can_be_reckoned_with() {
        let node = r#"{"type": "round", "value": {"type": "multiply", "arguments": [
            {"type": "sum", "arguments": [
                {"type": "divide", "left": {"type": "literal", "value": 100}, "right": {"type": "literal", "value": 3}},
                {"type": "literal", "value": 100}]},
            {"type": "literal", "value": 0.21}]}, "digits": 20}"#;
        let result = evaluate(node, "{}").expect("a number");
        assert_eq!(result.as_number().map(number::plain).as_deref(), Some("28"));
    }
}
