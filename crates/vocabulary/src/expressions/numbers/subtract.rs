use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

use super::several;
use crate::expressions::exact;

/// `subtract`: takes one number from another.
pub struct Subtract;

static META: ExpressionMeta = ExpressionMeta {
    name: "subtract",
    group: Group::Numbers,
    origin: Origin::Ours,
    summary: "Takes one number from another",
    phrase: "{left} − {right}",
    docs: "Gives `left` less `right`. Results are exact to 28 digits: a longer fraction is rounded at the last digit that fits, \
           half away from zero, and a whole part that needs more than 28 digits is an error (`E502`). Null for either is an \
           error, and so is a text: `parse_number` reads it. The time between two datetimes is `datetime_difference`.",
    arguments: &[
        Argument::required("left", Accepts::NUMBER, "What is taken from"),
        Argument::required("right", Accepts::NUMBER, "What is taken away"),
    ],
    returns: "The difference",
    gives: Accepts::NUMBER,
    search_terms: &["minus", "difference", "less", "-", "subtraction"],
    roles: &[],
    examples: &[
        Example {
            title: "A net amount",
            node: r#"{"type": "subtract", "left": {"type": "var", "var": "gross"}, "right": {"type": "var", "var": "tax"}}"#,
            given: r#"{"gross": 121.00, "tax": 21.5}"#,
            gives: Gives::Value("99.5"),
        },
        Example {
            title: "Below zero",
            node: r#"{"type": "subtract", "left": {"type": "literal", "value": 1}, "right": {"type": "literal", "value": 3}}"#,
            given: "",
            gives: Gives::Value("-2"),
        },
        Example {
            title: "No number at all",
            node: r#"{"type": "subtract", "left": {"type": "var", "var": "deal.amount"}, "right": {"type": "literal", "value": 2}}"#,
            given: r#"{"deal": {"amount": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A text is not a number",
            node: r#"{"type": "subtract", "left": {"type": "literal", "value": "10"}, "right": {"type": "literal", "value": 2}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Subtract {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::NUMBER)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        let left = call.number(0)?;
        let right = call.number(1)?;
        exact::subtract(left, right).map(Value::Number).ok_or_else(|| several::out_of_range(META.name))
    }
}
