use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::RecordKind;

use super::upsert::{AGENT, CONTACT_KEY, EXTERNAL_ID, PROJECT, RECORD, SEGMENT, TEAM, Treatment, check_record, run_record, treatments};

/// `upsert_activity`.
pub struct UpsertActivity;

const FIELDS_COUNT: usize = 10;
static FIELDS: [Field; FIELDS_COUNT] = [
    EXTERNAL_ID,
    Field::required("activity_type", Accepts::STRING, "What kind of activity it is"),
    AGENT,
    Field::required("moment", Accepts::DATETIME, "When it happened"),
    Field::optional("value", Accepts::NUMBER, "What it counts for, such as an amount"),
    CONTACT_KEY,
    TEAM,
    Field::optional("proposition_external_identity", Accepts::PROPOSITION, "What it is about"),
    PROJECT,
    SEGMENT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);

static META: InstructionMeta = InstructionMeta {
    name: "upsert_activity",
    group: Group::Records,
    origin: Origin::Documented,
    summary: "Creates or updates an activity of an agent",
    phrase: "Upsert activity {external_id} of type {activity_type} for {agent_external_identity}[, worth {value}]",
    docs: "An activity is something an agent did at a moment: won a deal, held a meeting. What kind of thing is its \
           `activity_type`. `value` is what it counts for beside one, such as an amount. Only a keyed hash of \
           `contact_key` is kept. Fields that the spec leaves out stay as they are on update; null clears one.",
    fields: &FIELDS,
    returns: RECORD,
    effect: true,
    search_terms: &["event", "task", "deal", "meeting", "win"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "The usual fields",
            instructions: r#"[{"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "literal", "value": "u1"}, "return_as": "agent"},
                {"id": "it", "type": "upsert_activity",
                "external_id": {"type": "concat", "arguments": [{"type": "literal", "value": "x|"}, {"type": "var", "var": "event.id"}]},
                "activity_type": {"type": "literal", "value": "Deal | won"}, "agent_external_identity": {"type": "var", "var": "agent"}, "moment": {"type": "parse_datetime", "value": {"type": "var", "var": "event.at"}}, "value": {"type": "var", "var": "event.amount"}}]"#,
            given: r#"{"id": 7, "at": "2026-03-01T10:30:00+01:00", "amount": 1500.50}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "u1", "external_name": "u1"},
                {"operation": "upsert_activity", "instruction": "it", "path": [], "external_id": "x|7", "activity_type": "Deal | won", "agent_external_identity": "u1", "moment": "2026-03-01T09:30:00Z", "value": "1500.5"}]"#,
        },
    ],
};

impl Instruction for UpsertActivity {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check_record(check, RecordKind::Activity)
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        Ok(run_record(run, RecordKind::Activity, &FIELDS, &TREATMENTS)?)
    }
}
