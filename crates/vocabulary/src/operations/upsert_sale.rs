use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::RecordKind;

use super::upsert::{AGENT, CONTACT_KEY, EXTERNAL_ID, PROJECT, RECORD, SEGMENT, TEAM, Treatment, check_record, run_record, treatments};

/// `upsert_sale`.
pub struct UpsertSale;

const FIELDS_COUNT: usize = 12;
static FIELDS: [Field; FIELDS_COUNT] = [
    EXTERNAL_ID,
    AGENT,
    Field::required("proposition_external_identity", Accepts::PROPOSITION, "What was sold"),
    Field::required("moment", Accepts::DATETIME, "When it was sold"),
    Field::optional("contract_value", Accepts::NUMBER, "The whole amount"),
    Field::optional("net_value", Accepts::NUMBER, "What remains after costs"),
    Field::optional("commission", Accepts::NUMBER, "What the agent gets"),
    CONTACT_KEY,
    Field::optional("status", Accepts::STRING, "Whether it stands: accepted unless said otherwise").one_of(&["accepted", "cancelled", "pending"]),
    TEAM,
    PROJECT,
    SEGMENT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);

static META: InstructionMeta = InstructionMeta {
    name: "upsert_sale",
    group: Group::Records,
    origin: Origin::Documented,
    summary: "Creates or updates a sale",
    phrase: "Upsert sale {external_id} for {agent_external_identity}[, worth {contract_value}]",
    docs: "A sale is a proposition that an agent sold at a moment. `contract_value` is the whole amount, `net_value` what \
           remains after costs, `commission` what the agent gets. A new sale is `accepted` unless `status` says \
           otherwise; a status that the spec leaves out stays as it is. Fields that the spec leaves out stay as they are \
           on update; null clears one.",
    fields: &FIELDS,
    returns: RECORD,
    effect: true,
    search_terms: &["order", "deal", "contract", "revenue", "won"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "The usual fields",
            instructions: r#"[{"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "literal", "value": "u1"}, "return_as": "agent"},
                {"id": "proposition", "type": "upsert_proposition_external_identity", "external_id": {"type": "literal", "value": "p1"}, "return_as": "proposition"},
                {"id": "it", "type": "upsert_sale",
                "external_id": {"type": "concat", "arguments": [{"type": "literal", "value": "x|"}, {"type": "var", "var": "event.id"}]},
                "agent_external_identity": {"type": "var", "var": "agent"}, "proposition_external_identity": {"type": "var", "var": "proposition"}, "moment": {"type": "parse_datetime", "value": {"type": "var", "var": "event.at"}}, "contract_value": {"type": "var", "var": "event.amount"}, "status": {"type": "literal", "value": "pending"}}]"#,
            given: r#"{"id": 7, "at": "2026-03-01T10:30:00+01:00", "amount": 1500.50}"#,
            status: "succeeded",
            effects: r#"[{"operation": "upsert_agent_external_identity", "instruction": "agent", "path": [], "external_id": "u1", "external_name": "u1"},
                {"operation": "upsert_proposition_external_identity", "instruction": "proposition", "path": [], "external_id": "p1", "external_name": "p1"},
                {"operation": "upsert_sale", "instruction": "it", "path": [], "external_id": "x|7", "agent_external_identity": "u1", "proposition_external_identity": "p1", "moment": "2026-03-01T09:30:00Z", "contract_value": "1500.5", "status": "pending"}]"#,
        },
    ],
};

impl Instruction for UpsertSale {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        check_record(check, RecordKind::Sale)
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        Ok(run_record(run, RecordKind::Sale, &FIELDS, &TREATMENTS)?)
    }
}
