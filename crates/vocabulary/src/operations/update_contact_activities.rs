use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::effect::Write;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::RecordKind;

use super::contact::check_sets;
use super::upsert::{PROJECT, SEGMENT, TEAM, Treatment, evaluate, treatments};

/// `update_contact_activities`: sets fields on every stored activity of one contact.
pub struct UpdateContactActivities;

const FIELDS_COUNT: usize = 7;
static FIELDS: [Field; FIELDS_COUNT] = [
    Field::required("contact_key", Accepts::STRING_OR_NUMBER, "The contact whose activities are updated").takes_personal(),
    Field::optional("activity_type", Accepts::STRING, "Only activities of this type; all where it is left out").never_null(),
    Field::optional("agent_external_identity", Accepts::AGENT, "The agent they belong to from now on"),
    TEAM,
    Field::optional("value", Accepts::NUMBER, "What each counts for from now on"),
    PROJECT,
    SEGMENT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);
const SETTABLE: &[&str] =
    &["agent_external_identity", "project_external_identity", "segment_external_identity", "team_external_identity", "value"];

static META: InstructionMeta = InstructionMeta {
    name: "update_contact_activities",
    group: Group::Contacts,
    origin: Origin::Documented,
    summary: "Updates every stored activity of a contact",
    phrase: "Update the activities[ of type {activity_type}] of contact {contact_key}",
    docs: "Sets the given fields on every activity of the contact that is stored within the same provider, as when a contact moves to \
           another agent. `activity_type` narrows it down; a filter that evaluates to null is an error, since it would select \
           everything. At least one field to set must be given. A locked field is left alone.",
    fields: &FIELDS,
    returns: None,
    effect: true,
    search_terms: &["reassign", "transfer", "customer", "follow-up", "bulk"],
    roles: &[],
    examples: &[InstructionExample {
        title: "All calls of a contact count for 5",
        instructions: r#"[{"id": "it", "type": "update_contact_activities",
            "contact_key": {"type": "var", "var": "event.email"},
            "activity_type": {"type": "literal", "value": "Call"},
            "value": {"type": "literal", "value": 5}}]"#,
        given: r#"{"email": "Kim@Example.com "}"#,
        status: "succeeded",
        effects: r#"[{"operation": "update_contact_activities", "instruction": "it", "path": [],
            "contact_key": "hmac:20f263ab4547c11a763aaa8881521595986156898663846cf1c0283603b33a88", "activity_type": "Call", "value": "5"}]"#,
    }],
};

impl Instruction for UpdateContactActivities {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check_sets(check, SETTABLE);
        None
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        let evaluated = evaluate(run, &FIELDS, &TREATMENTS)?;
        run.emit(Write::UpdateContact(RecordKind::Activity), None, evaluated.fields)?;
        Ok(Flow::Continue)
    }
}
