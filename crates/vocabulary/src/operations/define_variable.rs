use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin, Returns};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;

/// `define_variable`: a value under a name.
pub struct DefineVariable;

static META: InstructionMeta = InstructionMeta {
    name: "define_variable",
    group: Group::Utility,
    origin: Origin::Documented,
    summary: "Gives a name to a value, to use it more than once",
    phrase: "Set {return_as} to {value}",
    docs: "Evaluates `value` once, and makes it the variable that `return_as` names: visible from there on, in the list it stands in and the \
           lists inside it. It can be anything, also null, and is as personal as what it is made of. A variable never changes: to have \
           one of two values, use `if`, or set the variable in both branches of an `if_else`. Leaves no effect.",
    fields: &[Field::required("value", Accepts::ANY, "The value").or_null().takes_personal()],
    returns: Some(Returns { required: true, summary: "The value" }),
    effect: false,
    search_terms: &["set", "assign", "let", "name", "store", "reuse"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "A value that is used twice",
            instructions: r#"[{"id": "name", "type": "define_variable", "value": {"type": "coalesce", "arguments": [{"type": "var", "var": "event.owner"}, {"type": "literal", "value": "nobody"}]}, "return_as": "owner"},
                {"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "owner"}},
                {"id": "team", "type": "upsert_team_external_identity", "external_id": {"type": "var", "var": "owner"}}]"#,
            given: r#"{"owner": null}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "nobody", "external_name": "nobody"},
                {"operation": "upsert_team_external_identity", "instruction": "team", "path": [], "external_id": "nobody", "external_name": "nobody"}]"#,
        },
        InstructionExample {
            title: "It may be null",
            instructions: r#"[{"id": "name", "type": "define_variable", "value": {"type": "var", "var": "event.owner"}, "return_as": "owner"}]"#,
            given: r#"{"owner": null}"#,
            status: "succeeded",
            effects: "[]",
        },
    ],
};

impl Instruction for DefineVariable {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check.field("value").map(|value| value.ty)
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        let value = run.required(0)?;
        run.give(value);
        Ok(Flow::Continue)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{reports, spec};

    const FIELDS: &str = r#"{"email": {"type": "string", "personal": "email", "may_be_empty": true}}"#;

    #[test]
    fn the_variable_is_as_personal_and_as_empty_as_its_value() {
        let checked = spec(
            r#"[{"id": "d", "type": "define_variable", "value": {"type": "var", "var": "deal.email"}, "return_as": "email"},
                {"id": "a", "type": "upsert_team_external_identity", "external_id": {"type": "var", "var": "email"}}]"#,
            FIELDS,
        );
        assert_eq!(reports(&checked), [("E202", "/instructions/1/external_id"), ("E401", "/instructions/1/external_id")]);
    }

    #[test]
    fn a_name_and_a_value_are_needed() {
        let checked = spec(r#"[{"id": "d", "type": "define_variable"}]"#, FIELDS);
        assert_eq!(reports(&checked), [("E103", "/instructions/0"), ("E103", "/instructions/0")]);
    }
}
