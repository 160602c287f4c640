//! Impact preview: what a draft would make of the last records, against the stored records as they are now.

use salesdash_language::diagnostics::Diagnostic;
use salesdash_value::Value;

/// Records that a preview goes over at most.
pub const MAX_RECORDS: usize = 100_000;
/// Changes that a preview lists at most; all are counted.
pub const MAX_LISTED: usize = 500;

/// What is to be previewed.
#[derive(Clone, Debug)]
pub struct PreviewRequest {
    /// The draft.
    pub spec: Value,
    /// The processor that it is a draft of: its links say which sources and which constants.
    pub processor: i64,
    /// One of its links only.
    pub link: Option<i64>,
    /// How many of the last records, [`MAX_RECORDS`] at most.
    pub records: usize,
    /// Only records received from this time on, in microseconds.
    pub from: Option<i64>,
    /// Only records received before this time.
    pub to: Option<i64>,
    /// Whether personal data is shown.
    pub reveal: bool,
}

/// How far a preview is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Records done.
    pub done: usize,
    /// Records in all.
    pub total: usize,
}

/// What a draft would do.
#[derive(Clone, Debug, Default)]
pub struct Impact {
    /// Every problem of the draft. Where one is an error, nothing was run.
    pub diagnostics: Vec<Diagnostic>,
    /// Records that were run.
    pub records: usize,
    /// Records whose payload is gone, so that they could not be run.
    pub gone: usize,
    /// How the executions would end: counts by status, in the order succeeded, skipped, partially failed, failed.
    pub statuses: [usize; 4],
    /// The same of the executions that ran before.
    pub statuses_before: [usize; 4],
    /// Resulting records that would appear.
    pub appear: usize,
    /// Resulting records that would change.
    pub change: usize,
    /// Resulting records that would vanish.
    pub vanish: usize,
    /// Resulting records that would stay as they are.
    pub same: usize,
    /// What would become of each, [`MAX_LISTED`] at most.
    pub listed: Vec<Affected>,
    /// Whether it was cancelled before the end.
    pub cancelled: bool,
}

/// What would become of one stored record or identity.
#[derive(Clone, Debug)]
pub struct Affected {
    /// `appears`, `changes` or `vanishes`.
    pub what: &'static str,
    /// Its kind, such as `sale`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its external id.
    pub external_id: String,
    /// The source model that would bring it about.
    pub source_model: i64,
    /// The fields: name, value now, value then.
    pub fields: Vec<(String, Value, Value)>,
}

impl crate::Engine {
    /// What a draft would make of the last records. `progress` is called now and then; where it gives false, the preview ends there.
    ///
    /// # Errors
    /// Where there is no such processor, or the constants do not fit.
    pub fn preview(&self, _tenant: i64, _request: &PreviewRequest, _progress: &mut dyn FnMut(Progress) -> bool) -> crate::Result<Impact> {
        todo!()
    }
}
