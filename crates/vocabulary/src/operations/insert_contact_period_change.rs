use salesdash_language::check::InstructionCheck;
use salesdash_language::diagnostics::Failure;
use salesdash_language::effect::Write;
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::identity::Subject;
use salesdash_language::meta::{Field, Group, InstructionExample, InstructionMeta, Origin, Returns};
use salesdash_language::types::{Accepts, Type};
use salesdash_language::vocabulary::Instruction;
use salesdash_value::{RecordKind, Value, datetime, format_smolstr};

use super::upsert::{PROJECT, SEGMENT, TEAM, Treatment, evaluate, give_record, record_type, treatments};

/// `insert_contact_period_change`: a contact moves to another state of a track.
pub struct InsertContactPeriodChange;

const FIELDS_COUNT: usize = 9;
static FIELDS: [Field; FIELDS_COUNT] = [
    Field::required("contact_key", Accepts::STRING_OR_NUMBER, "The contact that moves").takes_personal(),
    Field::required("track", Accepts::STRING, "The set of states that exclude each other, such as a pipeline"),
    Field::required("period_type", Accepts::STRING, "The state that is entered; null: the contact leaves the track").or_null(),
    Field::required("moment", Accepts::DATETIME, "When it moves"),
    Field::optional("agent_external_identity", Accepts::AGENT, "The agent the period belongs to"),
    Field::optional("value", Accepts::NUMBER, "What the period counts for"),
    TEAM,
    PROJECT,
    SEGMENT,
];
static TREATMENTS: [Treatment; FIELDS_COUNT] = treatments(&FIELDS);

static META: InstructionMeta = InstructionMeta {
    name: "insert_contact_period_change",
    group: Group::Contacts,
    origin: Origin::Documented,
    summary: "Moves a contact to another state, and works out the periods",
    phrase: "Move contact {contact_key} to {period_type} on track {track} at {moment}",
    docs: "Notes that the contact is in another state of the track from `moment` on. The state before it ends at that moment, and the \
           new one runs to the next known change, or is open where there is none. Changes may arrive in any order, and more than once: \
           the periods come out the same. Where `period_type` is null the contact leaves the track, and no period follows. Of two \
           changes at the same moment, the one whose period type comes last in the alphabet holds. The period's external id is \
           `track|contact|moment|period type`, with the hashed contact key.",
    fields: &FIELDS,
    returns: Some(Returns { required: false, summary: "The period that begins; null where the contact leaves the track" }),
    effect: true,
    search_terms: &["stage", "pipeline", "status", "move", "funnel", "transition"],
    roles: &[],
    examples: &[
        InstructionExample {
            title: "A card moves to another stage",
            instructions: r#"[{"id": "it", "type": "insert_contact_period_change",
                "contact_key": {"type": "var", "var": "event.email"},
                "track": {"type": "literal", "value": "pipeline"},
                "period_type": {"type": "var", "var": "event.stage"},
                "moment": {"type": "parse_datetime", "value": {"type": "var", "var": "event.at"}}}]"#,
            given: r#"{"email": "kim@example.com", "stage": "Offer", "at": "2026-03-01T09:30:00Z"}"#,
            status: "succeeded",
            effects: r#"[{"operation": "insert_contact_period_change", "instruction": "it", "path": [],
                "external_id": "pipeline|hmac:20f263ab4547c11a763aaa8881521595986156898663846cf1c0283603b33a88|2026-03-01T09:30:00Z|Offer",
                "contact_key": "hmac:20f263ab4547c11a763aaa8881521595986156898663846cf1c0283603b33a88", "track": "pipeline", "period_type": "Offer", "moment": "2026-03-01T09:30:00Z"}]"#,
        },
        InstructionExample {
            title: "A contact leaves the track",
            instructions: r#"[{"id": "it", "type": "insert_contact_period_change",
                "contact_key": {"type": "var", "var": "event.email"},
                "track": {"type": "literal", "value": "pipeline"},
                "period_type": {"type": "literal", "value": null},
                "moment": {"type": "execution_time"}}]"#,
            given: r#"{"email": "kim@example.com"}"#,
            status: "succeeded",
            effects: r#"[{"operation": "insert_contact_period_change", "instruction": "it", "path": [],
                "external_id": "pipeline|hmac:20f263ab4547c11a763aaa8881521595986156898663846cf1c0283603b33a88|2026-03-01T12:00:00Z|",
                "contact_key": "hmac:20f263ab4547c11a763aaa8881521595986156898663846cf1c0283603b33a88", "track": "pipeline", "period_type": null, "moment": "2026-03-01T12:00:00Z"}]"#,
        },
    ],
};

impl Instruction for InsertContactPeriodChange {
    fn meta(&self) -> &'static InstructionMeta {
        &META
    }

    fn check(&self, check: &mut InstructionCheck<'_, '_>) -> Option<Type> {
        let fields = check.fields();
        let leaves = fields.iter().any(|(name, typed)| *name == "period_type" && typed.ty.may_be_empty);
        let fields = fields
            .into_iter()
            .filter(|(name, _)| *name != "track")
            .map(|(name, typed)| if name == "moment" { ("started_at", typed) } else { (name, typed) })
            .collect();
        Some(record_type(RecordKind::Period, fields).maybe_empty(leaves))
    }

    fn run(&self, run: &mut Run<'_, '_>) -> Result<Flow, Failure> {
        let mut evaluated = evaluate(run, &FIELDS, &TREATMENTS)?;
        let text = |index: usize| evaluated.fields[index].1.as_text().unwrap_or_default();
        let moment = match &evaluated.fields[3].1 {
            Value::Datetime(moment) => datetime::rfc3339(*moment),
            _ => salesdash_value::Text::default(),
        };
        evaluated.external_id = format_smolstr!("{}|{}|{moment}|{}", text(1), text(0), text(2));
        let id = run.id(Subject::Record(RecordKind::Period), &evaluated.external_id);
        if run.returns() {
            if evaluated.fields[2].1.is_null() {
                run.give(Value::Null);
            } else {
                let mut period = evaluated.clone();
                period.fields.retain(|(name, _)| *name != "track");
                for (name, _) in &mut period.fields {
                    if *name == "moment" {
                        *name = "started_at";
                    }
                }
                give_record(run, RecordKind::Period, id, &period);
            }
        }
        let external_id = Value::Text(evaluated.external_id.clone());
        evaluated.fields.insert(0, ("external_id", external_id));
        run.emit(Write::ChangePeriod, Some(id), evaluated.fields)?;
        Ok(Flow::Continue)
    }
}
