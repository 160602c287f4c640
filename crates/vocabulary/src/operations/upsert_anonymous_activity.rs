use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::RecordKind;

use super::upsert::{EXTERNAL_ID, PROJECT, RECORD, SEGMENT, Treatment, check_record, run_record, treatments};

/// `upsert_anonymous_activity`.
pub struct UpsertAnonymousActivity;

const FIELDS_COUNT: usize = 7;
static FIELDS: [Field; FIELDS_COUNT] = [
    EXTERNAL_ID,
    Field::required("activity_type", Accepts::STRING, "What kind of activity it is"),
    Field::required("moment", Accepts::DATETIME, "When it happened"),
    Field::optional("value", Accepts::NUMBER, "What it counts for, such as an amount"),
    Field::optional("proposition_external_identity", Accepts::PROPOSITION, "What it is about"),
    PROJECT,
    SEGMENT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);

static META: InstructionMeta = InstructionMeta {
    name: "upsert_anonymous_activity",
    group: Group::Records,
    origin: Origin::Documented,
    summary: "Creates or updates an activity of no agent in particular",
    phrase: "Upsert anonymous activity {external_id} of type {activity_type}[, worth {value}]",
    docs: "Something that happened without an agent: a form sent in, a visit. What kind of thing is its `activity_type`; \
           `value` is what it counts for beside one. Fields that the spec leaves out stay as they are on update; null \
           clears one.",
    fields: &FIELDS,
    returns: RECORD,
    effect: true,
    search_terms: &["form", "lead", "visit", "submission"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "The usual fields",
            instructions: r#"[{"id": "it", "type": "upsert_anonymous_activity",
                "external_id": {"type": "concat", "arguments": [{"type": "literal", "value": "x|"}, {"type": "var", "var": "event.id"}]},
                "activity_type": {"type": "literal", "value": "Form sent"}, "moment": {"type": "parse_datetime", "value": {"type": "var", "var": "event.at"}}}]"#,
            given: r#"{"id": 7, "at": "2026-03-01T10:30:00+01:00", "amount": 1500.50}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_anonymous_activity", "instruction": "it", "path": [], "external_id": "x|7", "activity_type": "Form sent", "moment": "2026-03-01T09:30:00Z"}]"#,
        },
    ],
};

impl Instruction for UpsertAnonymousActivity {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check_record(check, RecordKind::AnonymousActivity)
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        Ok(run_record(run, RecordKind::AnonymousActivity, &FIELDS, &TREATMENTS)?)
    }
}
