use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{self, Argument, Example, ExpressionMeta, Gives, Group, Origin, Role};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `literal`: a fixed value.
pub struct Literal;

static META: ExpressionMeta = ExpressionMeta {
    name: "literal",
    group: Group::Values,
    origin: Origin::Documented,
    summary: "A fixed value",
    phrase: "",
    docs: "Gives `value` as it is written: any JSON. A text is a `string`, a list is an `array` whose items are of the type they have \
           in common, an object has the fields it is written with. `null` is allowed where a value may be empty.",
    arguments: &[Argument::literal("value", meta::Literal::Json, "Any JSON value")],
    returns: "The value, of the type it is written in",
    gives: Accepts::ANY,
    search_terms: &["constant", "text", "number", "fixed", "static"],
    roles: &[Role::Constant],
    examples: &[
        Example { title: "A text", node: r#"{"type": "literal", "value": "won"}"#, given: "", gives: Gives::Value(r#""won""#) },
        Example {
            title: "A number keeps every digit",
            node: r#"{"type": "literal", "value": 0.1234567890123456789}"#,
            given: "",
            gives: Gives::Value("0.1234567890123456789"),
        },
        Example { title: "Nothing", node: r#"{"type": "literal", "value": null}"#, given: "", gives: Gives::Value("null") },
        Example { title: "The value must be there", node: r#"{"type": "literal"}"#, given: "", gives: Gives::Refused("E103") },
    ],
};

impl Expression for Literal {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        check.literal("value").map_or(Type::NULL, salesdash_language::check::type_of).into()
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(call.literal(0).cloned().unwrap_or_default())
    }
}
