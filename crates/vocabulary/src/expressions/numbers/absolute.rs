use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `absolute`: a number without its sign.
pub struct Absolute;

static META: ExpressionMeta = ExpressionMeta {
    name: "absolute",
    group: Group::Numbers,
    origin: Origin::Ours,
    summary: "A number without its sign",
    phrase: "absolute {value}",
    docs: "Gives the distance of `value` from 0: 5 for -5 as for 5. Null is an error, and so is a text: `parse_number` reads it.",
    arguments: &[Argument::required("value", Accepts::NUMBER, "The number")],
    returns: "The number, 0 or more",
    gives: Accepts::NUMBER,
    search_terms: &["abs", "sign", "positive", "distance", "magnitude"],
    roles: &[],
    examples: &[
        Example {
            title: "A credit note",
            node: r#"{"type": "absolute", "value": {"type": "var", "var": "amount"}}"#,
            given: r#"{"amount": -250.5}"#,
            gives: Gives::Value("250.5"),
        },
        Example {
            title: "Already positive",
            node: r#"{"type": "absolute", "value": {"type": "literal", "value": 3}}"#,
            given: "",
            gives: Gives::Value("3"),
        },
        Example {
            title: "No number at all",
            node: r#"{"type": "absolute", "value": {"type": "var", "var": "deal.amount"}}"#,
            given: r#"{"deal": {"amount": null}}"#,
            gives: Gives::Error("E202"),
        },
        Example {
            title: "A text is not a number",
            node: r#"{"type": "absolute", "value": {"type": "literal", "value": "-1"}}"#,
            given: "",
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Absolute {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.computed(Type::NUMBER)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Number(call.number(0)?.abs()))
    }
}
