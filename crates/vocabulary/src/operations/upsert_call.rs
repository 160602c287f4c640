use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::RecordKind;

use super::upsert::{AGENT, CONTACT_KEY, EXTERNAL_ID, PROJECT, RECORD, SEGMENT, TEAM, Treatment, check_record, run_record, treatments};

/// `upsert_call`.
pub struct UpsertCall;

const FIELDS_COUNT: usize = 12;
static FIELDS: [Field; FIELDS_COUNT] = [
    EXTERNAL_ID,
    AGENT,
    Field::required("started_at", Accepts::DATETIME, "When it started"),
    Field::required("duration", Accepts::NUMBER, "How long it took, in seconds"),
    Field::optional("direction", Accepts::STRING, "Who called").one_of(&["inbound", "outbound"]),
    Field::optional("result", Accepts::STRING, "How it ended, in the words of your reports"),
    Field::optional("answered", Accepts::BOOLEAN, "Whether it was answered"),
    CONTACT_KEY,
    Field::optional("phone_number", Accepts::STRING_OR_NUMBER, "The number of the other side; only a keyed hash of it is kept").takes_personal(),
    TEAM,
    PROJECT,
    SEGMENT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);

static META: InstructionMeta = InstructionMeta {
    name: "upsert_call",
    group: Group::Records,
    origin: Origin::Documented,
    summary: "Creates or updates a call",
    phrase: "Upsert call {external_id} by {agent_external_identity}[, lasting {duration} s]",
    docs: "A call that an agent made or took. `duration` is in seconds and never negative. Only keyed hashes of \
           `contact_key` and `phone_number` are kept; the number is hashed in its E.164 form where it reads as one, so \
           that it matches however it is written. Fields that the spec leaves out stay as they are on update; null clears \
           one.",
    fields: &FIELDS,
    returns: RECORD,
    effect: true,
    search_terms: &["phone", "telephone", "dial", "conversation"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "The usual fields",
            instructions: r#"[{"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "literal", "value": "u1"}, "return_as": "agent"},
                {"id": "it", "type": "upsert_call",
                "external_id": {"type": "concat", "arguments": [{"type": "literal", "value": "x|"}, {"type": "var", "var": "event.id"}]},
                "agent_external_identity": {"type": "var", "var": "agent"}, "started_at": {"type": "parse_datetime", "value": {"type": "var", "var": "event.at"}}, "duration": {"type": "literal", "value": 65}, "direction": {"type": "literal", "value": "inbound"}, "answered": {"type": "literal", "value": true}}]"#,
            given: r#"{"id": 7, "at": "2026-03-01T10:30:00+01:00", "amount": 1500.50}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "u1", "external_name": "u1"},
                {"operation": "upsert_call", "instruction": "it", "path": [], "external_id": "x|7", "agent_external_identity": "u1", "started_at": "2026-03-01T09:30:00Z", "duration": "65", "direction": "inbound", "answered": true}]"#,
        },
    ],
};

impl Instruction for UpsertCall {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check_record(check, RecordKind::Call)
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        Ok(run_record(run, RecordKind::Call, &FIELDS, &TREATMENTS)?)
    }
}
