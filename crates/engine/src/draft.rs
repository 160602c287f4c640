//! Trying a spec on one record, without writing anything.

use salesdash_language::diagnostics::Diagnostic;
use salesdash_value::Value;

/// What is to be tried.
#[derive(Clone, Debug)]
pub struct TestRequest {
    /// The spec, saved or not.
    pub spec: Value,
    /// On which record.
    pub record: TestRecord,
    /// The values of its constants; null where the defaults will do.
    pub constants: Value,
    /// The provider under which identities are computed and stored records are looked up; that of the record's source where it is not
    /// given.
    pub provider: Option<i64>,
    /// The execution clock in microseconds; now where it is not given.
    pub at: Option<i64>,
    /// Whether personal data is shown.
    pub reveal: bool,
}

/// The record that a spec is tried on.
#[derive(Clone, Debug)]
pub enum TestRecord {
    /// One that was received, by the id of its source model, with the enrichments that were recorded for it.
    Stored(i64),
    /// One that is given, with its enrichments in it where it has any.
    Given(Value),
}

/// What a try came to.
#[derive(Clone, Debug)]
pub struct Tested {
    /// Every problem of the spec. Where one is an error, what runs into it fails.
    pub diagnostics: Vec<Diagnostic>,
    /// How it ended: `succeeded`, `skipped`, `partially_failed`, `failed`.
    pub status: &'static str,
    /// The record that it ran on, masked unless revealed.
    pub record: Value,
    /// What it would write, with `outcome` for each: as in [`crate::replay::Replayed::effects`].
    pub effects: Value,
    /// The messages.
    pub messages: Value,
    /// The tree of instructions and expressions.
    pub tree: Value,
}

impl crate::Engine {
    /// Tries a spec on one record against the stored records, and writes nothing.
    ///
    /// # Errors
    /// Where there is no such record, its payload is gone, or the constants do not fit.
    pub fn test(&self, _tenant: i64, _request: &TestRequest) -> crate::Result<Tested> {
        todo!()
    }
}
