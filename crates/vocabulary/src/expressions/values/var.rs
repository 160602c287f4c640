use salesdash_language::check::{ExpressionCheck, Typed};
use salesdash_language::diagnostics::Fault;
use salesdash_language::evaluate::Call;
use salesdash_language::meta::{Argument, Example, ExpressionMeta, Gives, Group, Literal, Origin, Role};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Expression;
use salesdash_value::Value;

/// `var`: a variable, or a field reached from it.
pub struct Var;

static META: ExpressionMeta = ExpressionMeta {
    name: "var",
    group: Group::Values,
    origin: Origin::Documented,
    summary: "A variable, or a field of it",
    phrase: "",
    docs: "Gives the variable that the dotted path begins with, or the field that the rest of the path leads to. A field that is \
           absent, or that lies below one that is null, is null. A path that goes on through a text, a number or a list is an error: \
           items of a list are reached with `for_each`, `find`, `first` or `item_at`. An identity has `id`, `external_id` and \
           `external_name`; a record has `id`, `external_id` and the fields that its upsert sets.",
    arguments: &[Argument::literal("var", Literal::Variable, "The dotted path, such as `opportunity.contact.email`")],
    returns: "The value, of the type that the variable or the field has",
    gives: Accepts::ANY,
    search_terms: &["variable", "field", "property", "path"],
    roles: &[Role::Variable],
    examples: &[
        Example {
            title: "A field of a field",
            node: r#"{"type": "var", "var": "deal.owner.name"}"#,
            given: r#"{"deal": {"owner": {"name": "Sam"}}}"#,
            gives: Gives::Value(r#""Sam""#),
        },
        Example {
            title: "A field that is not there",
            node: r#"{"type": "var", "var": "deal.ownr"}"#,
            given: r#"{"deal": {"owner": "u1"}}"#,
            gives: Gives::Refused("E203"),
        },
        Example {
            title: "Below null there is null",
            node: r#"{"type": "var", "var": "deal.owner.name"}"#,
            given: r#"{"deal": {"owner": null}}"#,
            gives: Gives::Value("null"),
        },
    ],
};

impl Expression for Var {
    fn meta(&self) -> &'static ExpressionMeta {
        &META
    }

    fn check(&self, _check: &mut ExpressionCheck<'_, '_>) -> Typed {
        Type::ANY.into()
    }

    /// The compiler resolves variables to slots: this is never called.
    fn evaluate(&self, _call: &mut Call<'_, '_>) -> Result<Value, Fault> {
        Ok(Value::Null)
    }
}
