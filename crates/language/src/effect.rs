//! What an execution comes to: its status, its effects, its messages.

use salesdash_value::{Id, IdentityKind, RecordKind, Text, Value};
use smallvec::SmallVec;

use crate::diagnostics::{Code, Severity};

/// How an execution ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Everything ran.
    Succeeded,
    /// A `skip_record` ended it.
    Skipped,
    /// Some iterations failed and were undone; the rest stands.
    PartiallyFailed,
    /// It failed, and has no effects.
    Failed,
}

impl Status {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Skipped => "skipped",
            Self::PartiallyFailed => "partially_failed",
            Self::Failed => "failed",
        }
    }
}

/// The iteration index of each enclosing loop, from the outside in.
pub type IterationPath = SmallVec<[u32; 4]>;

/// The evaluated fields of an effect. Not kept within it: effects are moved more often than they are made.
pub type EffectFields = Vec<(&'static str, Value)>;

/// One thing that an execution writes.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// The instruction it comes from, by its place in the plan.
    pub instruction: u32,
    /// The iterations it comes from.
    pub path: IterationPath,
    /// The name of the operation.
    pub operation: &'static str,
    /// What is to be done with the fields.
    pub write: Write,
    /// The computed id of what is written, where it is one record or identity.
    pub id: Option<Id>,
    /// The evaluated fields, in the order of the operation's metadata. Fields that the spec leaves out are absent; fields that
    /// evaluate to null are null. `external_id` is text already; contact keys and phone numbers are hashed already.
    pub fields: EffectFields,
}

/// What is to be done with the fields of an effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// Create or update an external identity.
    UpsertIdentity(IdentityKind),
    /// Create or update a record.
    UpsertRecord(RecordKind),
    /// Set fields on every stored record of this kind of one contact: `contact_key` and the filters select, the rest is set.
    UpdateContact(RecordKind),
    /// Note that a contact enters another state of a track.
    ChangePeriod,
    /// Keep one field of one record (`id`) as it is: `field` names it, `value` is what it has.
    LockField(RecordKind),
}

impl Effect {
    /// The evaluated value of a field. `None` where the spec leaves it out.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// One message of an execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// Its code; none for a note, such as the reason of a skip.
    pub code: Option<&'static Code>,
    /// How bad it is.
    pub severity: Severity,
    /// The instruction it comes from, by its place in the plan.
    pub instruction: Option<u32>,
    /// The JSON pointer of the node it is about.
    pub node: Text,
    /// The iterations it comes from.
    pub path: IterationPath,
    /// A sentence in plain words, without personal data.
    pub text: String,
}

/// What was read from the stored state while evaluating: kept with the execution, so that a replay reads the same.
#[derive(Clone, Debug, PartialEq)]
pub struct StateRead {
    /// The record.
    pub record: Id,
    /// Its field.
    pub field: Text,
    /// What was found.
    pub found: StoredField,
}

/// A field of a stored record, as an evaluation sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoredField {
    /// Its value. `None` where the record is not stored.
    pub value: Option<Value>,
    /// Whether it is locked.
    pub locked: bool,
}

/// Read access to the stored state. The only input of an evaluation beside the record, the constants and the clock.
pub trait StateReader {
    /// A field of a record.
    fn field(&self, kind: RecordKind, record: Id, field: &str) -> StoredField;
}

/// Nothing is stored yet: what the command line's `run` evaluates against.
pub struct NoState;

impl StateReader for NoState {
    fn field(&self, _kind: RecordKind, _record: Id, _field: &str) -> StoredField {
        StoredField::default()
    }
}

/// What an execution came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub status: Status,
    /// What it writes, in the order of execution. Empty where it failed.
    pub effects: Vec<Effect>,
    /// What there is to say, in the order of execution.
    pub messages: Vec<Message>,
    /// What was read from the stored state.
    pub reads: Vec<StateRead>,
}
