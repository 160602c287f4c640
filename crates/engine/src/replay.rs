//! What happened in an execution, worked out again from what it kept: spec version, constants, record, enrichments, clock, stored state
//! that it read. The digest proves the replay equal to what happened.

use salesdash_store::executions::Execution;
use salesdash_value::Value;

/// Whether a replay is what happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// The replay came to exactly what happened.
    Yes,
    /// It came to something else: this version evaluates differently. What is shown is what it comes to now.
    Differs,
    /// The payload was removed by retention, so nothing can be replayed.
    PayloadGone,
    /// The execution has not run yet, so there is nothing to compare with: what is shown is what it would come to now.
    NotRunYet,
}

impl Verified {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Differs => "differs",
            Self::PayloadGone => "payload_gone",
            Self::NotRunYet => "not_run_yet",
        }
    }
}

/// An execution with everything that can be shown of it.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// The execution as it is stored.
    pub execution: Execution,
    /// Whether what is shown is what happened.
    pub verified: Verified,
    /// The source; its row may be gone.
    pub source: i64,
    /// The processor; its row may be gone.
    pub processor: i64,
    /// The provider.
    pub provider: i64,
    /// The spec that ran, as a document.
    pub spec: Value,
    /// The record with its enrichments, as the spec saw it; personal fields masked unless revealed. Null where it is gone.
    pub record: Value,
    /// The values of the constants, by name.
    pub constants: Value,
    /// The effects, each as [`salesdash_language::render::effect`] gives it, with `outcome`: `verdict` (`created`, `updated`, `found`, `kept`, `locked`,
    /// `nothing`), `changed` (list of `record`, `field`, `from`, `to`), `kept` (fields), `matched`.
    pub effects: Value,
    /// The messages, each as [`salesdash_language::render::message`] gives it.
    pub messages: Value,
    /// The tree of instructions and expressions: see [`salesdash_language::trace`]. Null where it cannot be worked out.
    pub tree: Value,
}

impl crate::Engine {
    /// What happened in an execution, with the value of every sub-expression. Personal data is masked unless it is revealed.
    ///
    /// # Errors
    /// Where there is no such execution.
    pub fn trace(&self, _tenant: i64, _execution: i64, _reveal: bool) -> crate::Result<Replayed> {
        todo!()
    }
}
