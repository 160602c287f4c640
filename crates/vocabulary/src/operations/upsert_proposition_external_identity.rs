use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::IdentityKind;

use super::upsert::{EXTERNAL_ID, IDENTITY, PROJECT, Treatment, check_identity, run_identity, treatments};

/// `upsert_proposition_external_identity`: names a proposition of the external system.
pub struct UpsertPropositionExternalIdentity;

const FIELDS_COUNT: usize = 3;
static FIELDS: [Field; FIELDS_COUNT] = [
    EXTERNAL_ID,
    Field::optional(
        "external_name",
        Accepts::STRING_OR_NUMBER,
        "Its name in the external system; the external id where there is none",
    ),
    PROJECT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);

static META: InstructionMeta = InstructionMeta {
    name: "upsert_proposition_external_identity",
    group: Group::Identities,
    origin: Origin::Documented,
    summary: "Creates or updates a proposition's external identity",
    phrase: "Upsert proposition {external_id}[ named {external_name}]",
    docs: "Names a proposition (thing that is sold) as the external system knows it. The identity is unlinked until \
           somebody links it to a proposition of their own; what is stored for it counts from then on, also what came \
           before. `external_name` defaults to the external id, and a name that is known already is not replaced by that \
           default. The name must not be personal data.",
    fields: &FIELDS,
    returns: IDENTITY,
    effect: true,
    search_terms: &["product", "offer", "service"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "With a name",
            instructions: r#"[{"id": "proposition", "type": "upsert_proposition_external_identity",
                "external_id": {"type": "var", "var": "event.id"},
                "external_name": {"type": "var", "var": "event.name"}, "return_as": "proposition"}]"#,
            given: r#"{"id": "x1", "name": "Solar panels"}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_proposition_external_identity", "instruction": "proposition", "path": [], "external_id": "x1", "external_name": "Solar panels"}]"#,
        },
        InstructionExample {
            title: "A number as id, and no name",
            instructions: r#"[{"id": "proposition", "type": "upsert_proposition_external_identity",
                "external_id": {"type": "literal", "value": 42}}]"#,
            given: "{}",
            status: "succeeded",
            effects: r#"[{"operation": "upsert_proposition_external_identity", "instruction": "proposition", "path": [], "external_id": "42", "external_name": "42"}]"#,
        },
        InstructionExample {
            title: "Without an id there is nothing to write",
            instructions: r#"[{"id": "proposition", "type": "upsert_proposition_external_identity",
                "external_id": {"type": "var", "var": "event.id"}}]"#,
            given: "{}",
            status: "failed",
            effects: "[]",
        },
    ],
};

impl Instruction for UpsertPropositionExternalIdentity {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check_identity(check, IdentityKind::Proposition)
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        Ok(run_identity(run, IdentityKind::Proposition, &FIELDS, &TREATMENTS)?)
    }
}
