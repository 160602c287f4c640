use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Origin, Role};
use salesdash_language::types::Accepts;
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `not`: the opposite of a condition.
pub struct Not;

static META: ExpressionMeta = ExpressionMeta {
    name: "not",
    group: Group::Logic,
    origin: Origin::Documented,
    summary: "The opposite of a condition",
    phrase: "not {argument}",
    docs: "True becomes false and false becomes true. Null, or anything but a boolean, is an error: there is no truthiness. To tell \
           whether something is there, put `is_empty` or `is_null` in it.",
    arguments: &[Argument::required("argument", Accepts::BOOLEAN, "The condition")],
    returns: "The opposite boolean",
    gives: Accepts::BOOLEAN,
    search_terms: &["negate", "opposite", "unless", "invert", "!"],
    roles: &[Role::Negates],
    examples: &[
        Example {
            title: "The opposite",
            node: r#"{"type": "not", "argument": {"type": "literal", "value": true}}"#,
            given: "",
            gives: Gives::Value("false"),
        },
        Example {
            title: "Something is there",
            node: r#"{"type": "not", "argument": {"type": "is_empty", "value": {"type": "var", "var": "email"}}}"#,
            given: r#"{"email": "jan@example.com"}"#,
            gives: Gives::Value("true"),
        },
        Example {
            title: "A text is not a condition",
            node: r#"{"type": "not", "argument": {"type": "var", "var": "email"}}"#,
            given: r#"{"email": "jan@example.com"}"#,
            gives: Gives::Refused("E201"),
        },
    ],
};

impl Expression for Not {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, check: &mut ExpressionCheck<'_, '_>) -> Typed {
        let condition = check.argument("argument");
        Typed::condition(condition.when_false, condition.when_true)
    }

    fn evaluate(&self, call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Boolean(!call.boolean(0)?))
    }
}
