//! Enrichments: related data that a spec asks for, fetched while an execution waits. The fetching itself is a port: what is installed
//! knows the providers.

use std::time::Duration;

use salesdash_value::{Text, Value};

/// Fetches enrichments. Called from threads of its own, several at once, and may take its time: nothing else waits for it but the records
/// that need it.
pub trait Enrich: Send + Sync {
    /// Fetches one enrichment.
    ///
    /// # Errors
    /// Why it could not be fetched, and what is to be done about it.
    fn fetch(&self, wanted: &Wanted<'_>) -> Result<Fetched, FetchError>;
}

/// The enrichment that is wanted.
#[derive(Clone, Debug)]
pub struct Wanted<'w> {
    /// The tenant.
    pub tenant: i64,
    /// The provider of the source.
    pub provider: i64,
    /// The source.
    pub source: i64,
    /// The source model type of the record.
    pub model: &'w str,
    /// The record, as it was received.
    pub record: &'w Value,
    /// The type of the enrichment, such as `ghl_contact`.
    pub enrichment: &'w str,
    /// What it hangs on: the record itself, or another enrichment that was fetched before.
    pub parent: &'w Value,
    /// The types from the record down to the enrichment, such as `["ghl_contact", "ghl_user"]`.
    pub chain: &'w [Text],
    /// Whether what is cached will not do.
    pub fresh: bool,
}

/// What was fetched.
#[derive(Clone, Debug, PartialEq)]
pub enum Fetched {
    /// The related record.
    Found(Value),
    /// There is none, and the definition says that this is fine: the field is null.
    Missing,
}

/// Why an enrichment could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It may pass: try again, not before the given time where the vendor named one.
    #[error("{reason}")]
    Later {
        /// How long to wait at least.
        after: Option<Duration>,
        /// A sentence in plain words, without personal data or secrets.
        reason: String,
    },
    /// It does not pass by itself.
    #[error("{0}")]
    Failed(String),
    /// The credentials no longer work: the provider is marked as needing to be reconnected, and the executions wait for that.
    #[error("{0}")]
    NeedsReconnecting(String),
}
