//! What the upserts share: the fields they have in common, what is done with the value of each, and the type of what they return.

use std::sync::Arc;

use salesdash_language::check::InstructionCheck;
use salesdash_language::codes;
use salesdash_language::diagnostics::Fault;
use salesdash_language::effect::{EffectFields, Write};
use salesdash_language::evaluate::{Flow, Run};
use salesdash_language::identity::Subject;
use salesdash_language::meta::{Feature, Field, Returns};
use salesdash_language::types::{Accepts, ObjectType, Shape, Type};
use salesdash_value::{Identity, IdentityKind, Instant, Record, RecordKind, Text, Value, number};

use super::contact;

/// What tells one record from another within the provider.
pub const EXTERNAL_ID: Field = Field::required(
    "external_id",
    Accepts::STRING_OR_NUMBER,
    "What tells it from others of its kind within the provider; compose several parts with `|`",
);
/// The agent.
pub const AGENT: Field = Field::required("agent_external_identity", Accepts::AGENT, "The agent it belongs to");
/// The team.
pub const TEAM: Field = Field::optional("team_external_identity", Accepts::TEAM, "The team it belongs to");
/// The project.
pub const PROJECT: Field =
    Field::optional("project_external_identity", Accepts::PROJECT, "The project it belongs to").with_feature(Feature::Projects);
/// The segment.
pub const SEGMENT: Field = Field::optional("segment_external_identity", Accepts::SEGMENT, "The segment it belongs to");
/// The contact.
pub const CONTACT_KEY: Field = Field::optional(
    "contact_key",
    Accepts::STRING_OR_NUMBER,
    "What tells the contact from others, such as an e-mail address; only a keyed hash of it is kept",
)
.takes_personal();

/// What an identity upsert returns.
pub const IDENTITY: Option<Returns> =
    Some(Returns { required: false, summary: "The identity, with `.id`, `.external_id` and `.external_name`" });
/// What a data upsert returns.
pub const RECORD: Option<Returns> =
    Some(Returns { required: false, summary: "The record, with `.id`, `.external_id` and the fields that are set here" });

/// What is done with the value of a field before it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Nothing.
    Plain,
    /// Made text; must not be empty.
    ExternalId,
    /// Made text; defaults to the external id.
    ExternalName,
    /// Hashed.
    ContactKey,
    /// Hashed in its E.164 form.
    PhoneNumber,
    /// Must not be negative.
    NotNegative,
    /// The start of a period.
    Start,
    /// The end of a period: not before its start.
    End,
}

/// The treatment of each field, worked out when the program is compiled: nothing is looked up by name while running.
pub const fn treatments<const N: usize>(fields: &[Field; N]) -> [Treatment; N] {
    let mut treatments = [Treatment::Plain; N];
    let mut index = 0;
    while index < N {
        treatments[index] = match fields[index].name.as_bytes() {
            b"external_id" => Treatment::ExternalId,
            b"external_name" => Treatment::ExternalName,
            b"contact_key" => Treatment::ContactKey,
            b"phone_number" => Treatment::PhoneNumber,
            b"duration" => Treatment::NotNegative,
            b"started_at" => Treatment::Start,
            b"ended_at" => Treatment::End,
            _ => Treatment::Plain,
        };
        index += 1;
    }
    treatments
}

/// Whether a text holds nothing but space.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(char::is_whitespace)
}

/// A text or a number as text.
pub fn text_of(value: &Value) -> Text {
    match value {
        Value::Text(text) => text.clone(),
        Value::Number(number) => number::plain(*number),
        _ => Text::default(),
    }
}

/// The fields of one upsert, as they are evaluated.
#[derive(Clone)]
pub struct Evaluated {
    /// The fields as they are written.
    pub fields: EffectFields,
    /// The external id.
    pub external_id: Text,
    started_at: Option<Instant>,
}

/// Evaluates the fields of an upsert in order.
///
/// # Errors
/// Where one of them fails or makes no sense.
pub fn evaluate(run: &mut Run<'_, '_>, fields: &'static [Field], treatments: &[Treatment]) -> Result<Evaluated, Fault> {
    let mut evaluated = Evaluated { fields: EffectFields::with_capacity(treatments.len()), external_id: Text::default(), started_at: None };
    for (index, treatment) in treatments.iter().enumerate() {
        let field = &fields[index];
        // A draft may leave out what is required, and is told so.
        let value = if field.required || run.has(index) {
            let value = run.view(index)?.into_owned();
            treat(run, index, field.name, *treatment, value, &mut evaluated)?
        } else if *treatment == Treatment::ExternalName {
            Value::Text(evaluated.external_id.clone())
        } else {
            continue;
        };
        evaluated.fields.push((field.name, value));
    }
    Ok(evaluated)
}

fn treat(
    run: &Run<'_, '_>,
    index: usize,
    field: &str,
    treatment: Treatment,
    value: Value,
    evaluated: &mut Evaluated,
) -> Result<Value, Fault> {
    Ok(match (treatment, value) {
        (Treatment::ExternalId, value) => {
            let text = text_of(&value);
            if is_blank(&text) {
                return Err(run.fault(&codes::EMPTY_ID, index, "`external_id` is an empty text"));
            }
            evaluated.external_id = text.clone();
            Value::Text(text)
        }
        (Treatment::ExternalName, Value::Null) => Value::Text(evaluated.external_id.clone()),
        (Treatment::ExternalName, value) => Value::Text(text_of(&value)),
        (_, Value::Null) => Value::Null,
        (Treatment::ContactKey, value) => contact::hashed(run, index, &value)?,
        (Treatment::PhoneNumber, value) => Value::Text(run.context().key.hash(&contact::e164(&text_of(&value), run.context().country))),
        (Treatment::NotNegative, Value::Number(number)) if number.is_sign_negative() && !number.is_zero() => {
            return Err(run.fault(&codes::NEGATIVE, index, format!("`{field}` cannot be negative")));
        }
        (Treatment::Start, Value::Datetime(instant)) => {
            evaluated.started_at = Some(instant);
            Value::Datetime(instant)
        }
        (Treatment::End, Value::Datetime(instant)) => {
            if evaluated.started_at.is_some_and(|started_at| instant < started_at) {
                return Err(run.fault(&codes::WRONG_ORDER, index, "`ended_at` lies before `started_at`"));
            }
            Value::Datetime(instant)
        }
        (_, value) => value,
    })
}

/// The type rule of an identity upsert.
pub fn check_identity(check: &mut InstructionCheck<'_, '_>, kind: IdentityKind) -> Option<Type> {
    let fields = check.fields();
    let personal = fields.iter().find(|(name, _)| *name == "external_name").map(|(_, typed)| typed.ty.all_personal()).unwrap_or_default();
    Some(Type::new(Shape::Identity(kind, personal)))
}

/// Runs an identity upsert.
///
/// # Errors
/// Where a field fails.
pub fn run_identity(run: &mut Run<'_, '_>, kind: IdentityKind, fields: &'static [Field], treatments: &[Treatment]) -> Result<Flow, Fault> {
    let evaluated = evaluate(run, fields, treatments)?;
    let id = run.id(Subject::Identity(kind), &evaluated.external_id);
    if run.returns() {
        let external_name = evaluated
            .fields
            .iter()
            .find(|(name, _)| *name == "external_name")
            .map_or_else(|| evaluated.external_id.clone(), |(_, name)| text_of(name));
        let identity = Identity { kind, id, external_id: evaluated.external_id.clone(), external_name };
        run.give(Value::Identity(Arc::new(identity)));
    }
    run.emit(Write::UpsertIdentity(kind), Some(id), evaluated.fields)?;
    Ok(Flow::Continue)
}

/// The type of the record that these fields make.
pub fn record_type(kind: RecordKind, fields: Vec<(&'static str, salesdash_language::check::Typed)>) -> Type {
    let fields = fields
        .into_iter()
        .map(|(name, typed)| {
            let ty = match name {
                "external_id" => Type::STRING,
                // Only the hash can be read back.
                "contact_key" | "phone_number" => Type::STRING.maybe_empty(typed.ty.may_be_empty),
                _ => typed.ty,
            };
            (Text::new_static(name), ty)
        })
        .collect();
    Type::new(Shape::Record(kind, Arc::new(ObjectType { fields, open: false })))
}

/// The type rule of a data upsert.
pub fn check_record(check: &mut InstructionCheck<'_, '_>, kind: RecordKind) -> Option<Type> {
    Some(record_type(kind, check.fields()))
}

/// Runs a data upsert.
///
/// # Errors
/// Where a field fails.
pub fn run_record(run: &mut Run<'_, '_>, kind: RecordKind, fields: &'static [Field], treatments: &[Treatment]) -> Result<Flow, Fault> {
    let evaluated = evaluate(run, fields, treatments)?;
    let id = run.id(Subject::Record(kind), &evaluated.external_id);
    if run.returns() {
        give_record(run, kind, id, &evaluated);
    }
    run.emit(Write::UpsertRecord(kind), Some(id), evaluated.fields)?;
    Ok(Flow::Continue)
}

/// Gives the record that these fields make to the `return_as` variable.
pub fn give_record(run: &mut Run<'_, '_>, kind: RecordKind, id: salesdash_value::Id, evaluated: &Evaluated) {
    let fields = evaluated
        .fields
        .iter()
        .filter(|(name, _)| *name != "external_id")
        .map(|(name, value)| (Text::new_static(name), value.clone()))
        .collect();
    let record = Record { kind, id, external_id: evaluated.external_id.clone(), fields };
    run.give(Value::Record(Arc::new(record)));
}
