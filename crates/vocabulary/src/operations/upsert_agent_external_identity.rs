use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::IdentityKind;

use super::upsert::{EXTERNAL_ID, IDENTITY, PROJECT, TEAM, Treatment, check_identity, run_identity, treatments};

/// `upsert_agent_external_identity`: names an agent of the external system.
pub struct UpsertAgentExternalIdentity;

const FIELDS_COUNT: usize = 5;
static FIELDS: [Field; FIELDS_COUNT] = [
    EXTERNAL_ID,
    Field::optional(
        "external_name",
        Accepts::STRING_OR_NUMBER,
        "Its name in the external system; the external id where there is none",
    )
    .takes_personal(),
    Field::optional("email", Accepts::STRING, "Used to suggest which agent to link").takes_personal(),
    TEAM,
    PROJECT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);

static META: InstructionMeta = InstructionMeta {
    name: "upsert_agent_external_identity",
    group: Group::Identities,
    origin: Origin::Documented,
    summary: "Creates or updates an agent's external identity",
    phrase: "Upsert agent {external_id}[ named {external_name}]",
    docs: "Names an agent (person who sells) as the external system knows it. The identity is unlinked until somebody \
           links it to an agent of their own; what is stored for it counts from then on, also what came before. \
           `external_name` defaults to the external id, and a name that is known already is not replaced by that default. \
           The name may be personal data; it is shown to those who may see it. `email` is kept encrypted and only used to \
           suggest which agent to link.",
    fields: &FIELDS,
    returns: IDENTITY,
    effect: true,
    search_terms: &["user", "owner", "employee", "salesperson", "rep"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "With a name",
            instructions: r#"[{"id": "agent", "type": "upsert_agent_external_identity",
                "external_id": {"type": "var", "var": "event.id"},
                "external_name": {"type": "var", "var": "event.name"}, "return_as": "agent"}]"#,
            given: r#"{"id": "x1", "name": "Sam"}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "x1", "external_name": "Sam"}]"#,
        },
        InstructionExample {
            title: "A number as id, and no name",
            instructions: r#"[{"id": "agent", "type": "upsert_agent_external_identity",
                "external_id": {"type": "literal", "value": 42}}]"#,
            given: "{}",
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "42", "external_name": "42"}]"#,
        },
        InstructionExample {
            title: "Without an id there is nothing to write",
            instructions: r#"[{"id": "agent", "type": "upsert_agent_external_identity",
                "external_id": {"type": "var", "var": "event.id"}}]"#,
            given: "{}",
            status: "failed",
            effects: "[]",
        },
    ],
};

impl Instruction for UpsertAgentExternalIdentity {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check_identity(check, IdentityKind::Agent)
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        Ok(run_identity(run, IdentityKind::Agent, &FIELDS, &TREATMENTS)?)
    }
}
