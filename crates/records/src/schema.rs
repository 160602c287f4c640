//! The fields of every kind of row: their names, types, and which of them hold personal data.

use salesdash_language::identity::Subject;
use salesdash_value::{IdentityKind, RecordKind};

/// A field of a stored row. `external_id` is not among them: every row has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in effects, in the store and on the wire.
    pub name: &'static str,
    /// What it holds, where it is not null.
    pub ty: FieldType,
    /// Whether it holds personal data, which the store keeps encrypted. Contact keys and phone numbers are hashed and so are not.
    pub personal: bool,
}

/// What a field holds, where it is not null.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldType {
    /// Text.
    Text,
    /// An exact decimal.
    Number,
    /// True or false.
    Boolean,
    /// An instant, with microseconds.
    Datetime,
    /// An external identity of this kind, by its id.
    Identity(IdentityKind),
}

const fn field(name: &'static str, ty: FieldType) -> Field {
    Field { name, ty, personal: false }
}

const EXTERNAL_NAME: Field = field("external_name", FieldType::Text);
const PERSONAL_NAME: Field = Field { name: "external_name", ty: FieldType::Text, personal: true };
const EMAIL: Field = Field { name: "email", ty: FieldType::Text, personal: true };
const AGENT: Field = field("agent_external_identity", FieldType::Identity(IdentityKind::Agent));
const TEAM: Field = field("team_external_identity", FieldType::Identity(IdentityKind::Team));
const PROJECT: Field = field("project_external_identity", FieldType::Identity(IdentityKind::Project));
const SEGMENT: Field = field("segment_external_identity", FieldType::Identity(IdentityKind::Segment));
const PROPOSITION: Field = field("proposition_external_identity", FieldType::Identity(IdentityKind::Proposition));
const MOMENT: Field = field("moment", FieldType::Datetime);
const STARTED_AT: Field = field("started_at", FieldType::Datetime);
const VALUE: Field = field("value", FieldType::Number);
const CONTACT_KEY: Field = field("contact_key", FieldType::Text);
const ACTIVITY_TYPE: Field = field("activity_type", FieldType::Text);

const TEXT: FieldType = FieldType::Text;
const NUMBER: FieldType = FieldType::Number;

static AGENT_IDENTITY: &[Field] = &[PERSONAL_NAME, EMAIL, TEAM, PROJECT];
static PROJECT_IDENTITY: &[Field] = &[EXTERNAL_NAME];
static IDENTITY: &[Field] = &[EXTERNAL_NAME, PROJECT];
static ACTIVITY: &[Field] = &[ACTIVITY_TYPE, AGENT, MOMENT, VALUE, CONTACT_KEY, TEAM, PROPOSITION, PROJECT, SEGMENT];
static SALE: &[Field] = &[
    AGENT,
    PROPOSITION,
    MOMENT,
    field("contract_value", NUMBER),
    field("net_value", NUMBER),
    field("commission", NUMBER),
    CONTACT_KEY,
    field("status", TEXT),
    TEAM,
    PROJECT,
    SEGMENT,
];
static CALL: &[Field] = &[
    AGENT,
    STARTED_AT,
    field("duration", NUMBER),
    field("direction", TEXT),
    field("result", TEXT),
    field("answered", FieldType::Boolean),
    CONTACT_KEY,
    field("phone_number", TEXT),
    TEAM,
    PROJECT,
    SEGMENT,
];
static ANONYMOUS_ACTIVITY: &[Field] = &[ACTIVITY_TYPE, MOMENT, VALUE, PROPOSITION, PROJECT, SEGMENT];
static PERIOD: &[Field] = &[
    field("period_type", TEXT),
    AGENT,
    STARTED_AT,
    field("ended_at", FieldType::Datetime),
    VALUE,
    CONTACT_KEY,
    TEAM,
    PROJECT,
    SEGMENT,
    field("track", TEXT),
];

/// The fields of a kind of row, in the order of the documentation.
#[must_use]
pub fn fields(subject: Subject) -> &'static [Field] {
    match subject {
        Subject::Identity(IdentityKind::Agent) => AGENT_IDENTITY,
        Subject::Identity(IdentityKind::Project) => PROJECT_IDENTITY,
        Subject::Identity(_) => IDENTITY,
        Subject::Record(RecordKind::Activity) => ACTIVITY,
        Subject::Record(RecordKind::Sale) => SALE,
        Subject::Record(RecordKind::Call) => CALL,
        Subject::Record(RecordKind::AnonymousActivity) => ANONYMOUS_ACTIVITY,
        Subject::Record(RecordKind::Period) => PERIOD,
    }
}

/// The value that a field has where nothing gives it one, and that clearing it brings back.
#[must_use]
pub const fn default(subject: Subject, field: &str) -> Option<&'static str> {
    match (subject, field.as_bytes()) {
        (Subject::Record(RecordKind::Sale), b"status") => Some("accepted"),
        _ => None,
    }
}

/// Every field name, in an order that is never changed: stored outcomes name fields by their place here. New ones go to the end.
pub(crate) const NAMES: &[&str] = &[
    "external_name",
    "email",
    "agent_external_identity",
    "team_external_identity",
    "project_external_identity",
    "segment_external_identity",
    "proposition_external_identity",
    "activity_type",
    "period_type",
    "moment",
    "started_at",
    "ended_at",
    "value",
    "contract_value",
    "net_value",
    "commission",
    "status",
    "contact_key",
    "phone_number",
    "duration",
    "direction",
    "result",
    "answered",
    "track",
    "external_id",
];

/// Every kind of row, in an order that is never changed: stored outcomes name kinds by their place here. New ones go to the end.
pub const SUBJECTS: &[Subject] = &[
    Subject::Identity(IdentityKind::Agent),
    Subject::Identity(IdentityKind::Team),
    Subject::Identity(IdentityKind::Project),
    Subject::Identity(IdentityKind::Segment),
    Subject::Identity(IdentityKind::Proposition),
    Subject::Record(RecordKind::Activity),
    Subject::Record(RecordKind::Sale),
    Subject::Record(RecordKind::Call),
    Subject::Record(RecordKind::AnonymousActivity),
    Subject::Record(RecordKind::Period),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_has_a_number() {
        for subject in SUBJECTS {
            for field in fields(*subject) {
                assert!(NAMES.contains(&field.name), "{}", field.name);
            }
        }
    }
}
