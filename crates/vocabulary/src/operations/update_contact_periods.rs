use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::effect::Write;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Literal, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::{RecordKind, Value};

use super::contact::check_sets;
use super::upsert::{PROJECT, SEGMENT, TEAM, Treatment, evaluate, treatments};

/// `update_contact_periods`: sets fields on stored periods of one contact.
pub struct UpdateContactPeriods;

const FIELDS_COUNT: usize = 9;
/// The place of `open_only`.
const OPEN_ONLY: usize = 2;
static FIELDS: [Field; FIELDS_COUNT] = [
    Field::required("contact_key", Accepts::STRING_OR_NUMBER, "The contact whose periods are updated").takes_personal(),
    Field::optional("period_type", Accepts::STRING, "Only periods of this type; all where it is left out").never_null(),
    Field::literal("open_only", Literal::Boolean, false, "Only periods that have no end yet: true unless said otherwise"),
    Field::optional("agent_external_identity", Accepts::AGENT, "The agent they belong to from now on"),
    TEAM,
    Field::optional("value", Accepts::NUMBER, "What each counts for from now on"),
    Field::optional("ended_at", Accepts::DATETIME, "When they ended"),
    PROJECT,
    SEGMENT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);
const SETTABLE: &[&str] = &[
    "agent_external_identity",
    "project_external_identity",
    "segment_external_identity",
    "team_external_identity",
    "value",
    "ended_at",
];

static META: InstructionMeta = InstructionMeta {
    name: "update_contact_periods",
    group: Group::Contacts,
    origin: Origin::Documented,
    summary: "Updates the stored periods of a contact",
    phrase: "Update the periods[ of type {period_type}] of contact {contact_key}",
    docs: "Sets the given fields on the periods of the contact that are stored within the same provider: by default only those that are \
           still open. `period_type` narrows it down; a filter that evaluates to null is an error, since it would select everything. At \
           least one field to set must be given. A period that starts after `ended_at` is left alone, and so is a locked field.",
    fields: &FIELDS,
    returns: None,
    effect: true,
    search_terms: &["close", "end", "stage", "customer", "follow-up", "bulk"],
    roles: &[],
    examples: &[InstructionExample {
        title: "Close what is open",
        instructions: r#"[{"id": "it", "type": "update_contact_periods",
            "contact_key": {"type": "var", "var": "event.email"},
            "ended_at": {"type": "execution_time"}}]"#,
        given: r#"{"email": "kim@example.com"}"#,
        status: "succeeded",
        effects: r#"[{"operation": "update_contact_periods", "instruction": "it", "path": [],
            "contact_key": "hmac:20f263ab4547c11a763aaa8881521595986156898663846cf1c0283603b33a88", "open_only": true, "ended_at": "2026-03-01T12:00:00Z"}]"#,
    }],
};

impl Instruction for UpdateContactPeriods {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check_sets(check, SETTABLE);
        None
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        let mut evaluated = evaluate(run, &FIELDS, &TREATMENTS)?;
        let open_only = run.literal(OPEN_ONLY).and_then(Value::as_boolean).unwrap_or(true);
        let place = evaluated.fields.iter().position(|(name, _)| *name != "contact_key" && *name != "period_type");
        let place = place.unwrap_or(evaluated.fields.len());
        evaluated.fields.insert(place, ("open_only", Value::Boolean(open_only)));
        run.emit(Write::UpdateContact(RecordKind::Period), None, evaluated.fields)?;
        Ok(Flow::Continue)
    }
}
