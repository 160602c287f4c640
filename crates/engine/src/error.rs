//! What can go wrong, as a caller has to tell it apart.

use salesdash_language::diagnostics::Diagnostic;
use salesdash_store::StoreError;

/// Why the engine did not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum EngineError {
    /// The store says no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What was given makes no sense; the sentence says what to change.
    #[error("{0}")]
    Invalid(String),
    /// A spec, or the constants for it, that cannot run.
    #[error("{}", summary(.0))]
    Unsound(Vec<Diagnostic>),
    /// Personal data is asked for, and is not revealed; the sentence says what to do.
    #[error("{0}")]
    Personal(String),
    /// The payload is gone, so nothing can be worked out again.
    #[error("the payload of this record has been removed by retention, so it cannot be worked out again")]
    PayloadGone,
    /// The payload was erased on request, at this time, so nothing can be worked out again.
    #[error("this was erased on request on {}, so it cannot be shown or worked out again; records keep their numbers", day(*.0))]
    Erased(i64),
}

/// The day of a time in microseconds, in UTC.
pub(crate) fn day(at: i64) -> String {
    jiff::Timestamp::from_microsecond(at).map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

/// A result of the engine.
pub type Result<T> = std::result::Result<T, EngineError>;

fn summary(diagnostics: &[Diagnostic]) -> String {
    match diagnostics {
        [] => "the spec cannot run".to_owned(),
        [one] => format!("{}: {}", one.code.code, one.text),
        [first, rest @ ..] => format!("{}: {} (and {} more)", first.code.code, first.text, rest.len()),
    }
}

impl EngineError {
    /// Something that is not there.
    #[must_use]
    pub const fn missing(what: &'static str) -> Self {
        Self::Store(StoreError::Missing(what))
    }
}
