use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::RecordKind;

use super::upsert::{AGENT, CONTACT_KEY, EXTERNAL_ID, PROJECT, RECORD, SEGMENT, TEAM, Treatment, check_record, run_record, treatments};

/// `upsert_period`.
pub struct UpsertPeriod;

const FIELDS_COUNT: usize = 10;
static FIELDS: [Field; FIELDS_COUNT] = [
    EXTERNAL_ID,
    Field::required("period_type", Accepts::STRING, "What kind of period it is"),
    AGENT,
    Field::required("started_at", Accepts::DATETIME, "When it started"),
    Field::optional("ended_at", Accepts::DATETIME, "When it ended; open where it is left out or null"),
    Field::optional("value", Accepts::NUMBER, "What it counts for"),
    CONTACT_KEY,
    TEAM,
    PROJECT,
    SEGMENT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);

static META: InstructionMeta = InstructionMeta {
    name: "upsert_period",
    group: Group::Records,
    origin: Origin::Documented,
    summary: "Creates or updates a period of an agent",
    phrase: "Upsert period {external_id} of type {period_type} for {agent_external_identity} from {started_at}[ to {ended_at}]",
    docs: "A stretch of time in one state: a shift, a stage, an absence. It is open until it has an end, which never lies \
           before its start. For states that follow on each other, `insert_contact_period_change` works out the ends by \
           itself. Fields that the spec leaves out stay as they are on update; null clears one.",
    fields: &FIELDS,
    returns: RECORD,
    effect: true,
    search_terms: &["stage", "shift", "time", "duration", "interval"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "The usual fields",
            instructions: r#"[{"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "literal", "value": "u1"}, "return_as": "agent"},
                {"id": "it", "type": "upsert_period",
                "external_id": {"type": "concat", "arguments": [{"type": "literal", "value": "x|"}, {"type": "var", "var": "event.id"}]},
                "period_type": {"type": "literal", "value": "Shift"}, "agent_external_identity": {"type": "var", "var": "agent"}, "started_at": {"type": "parse_datetime", "value": {"type": "var", "var": "event.at"}}, "ended_at": {"type": "literal", "value": null}}]"#,
            given: r#"{"id": 7, "at": "2026-03-01T10:30:00+01:00", "amount": 1500.50}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "u1", "external_name": "u1"},
                {"operation": "upsert_period", "instruction": "it", "path": [], "external_id": "x|7", "period_type": "Shift", "agent_external_identity": "u1", "started_at": "2026-03-01T09:30:00Z", "ended_at": null}]"#,
        },
    ],
};

impl Instruction for UpsertPeriod {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check_record(check, RecordKind::Period)
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        Ok(run_record(run, RecordKind::Period, &FIELDS, &TREATMENTS)?)
    }
}
