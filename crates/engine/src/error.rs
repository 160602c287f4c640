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
    /// The payload is gone, so nothing can be worked out again.
    #[error("the payload of this record has been removed by retention, so it cannot be worked out again")]
    PayloadGone,
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
