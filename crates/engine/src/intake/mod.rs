//! Taking in what arrives: verified, taken apart, told from what was seen before, and stored with the executions it calls for in one
//! transaction.

pub(crate) mod learn;
mod models;
pub(crate) mod rate;
mod receive;
mod take;

pub use learn::{declaration, keyed};
pub use models::Suggestions;
pub use take::{Batch, key_hash};

use salesdash_store::deliveries::Verdict;
use salesdash_value::{Text, Value};

/// The answer to a webhook request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status: 202 only once what was sent is durable; 200 for handshakes and empty deliveries of probes; 400, 401, 404, 413, 429,
    /// 503.
    pub status: u16,
    /// The content type of the body.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
    /// One more header.
    pub header: Option<(String, String)>,
    /// Seconds after which to try again, for the header `Retry-After`.
    pub retry_after_s: Option<u32>,
    /// The delivery it was logged as, where it was.
    pub delivery: Option<i64>,
    /// Why it was refused, for the operator's log. The body says less.
    pub reason: Option<String>,
}

/// A record that is to be taken in.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The record: an object.
    pub record: Value,
    /// The id of the event that it is, by which a repetition is known.
    pub event: Option<Text>,
}

impl From<Value> for Incoming {
    fn from(record: Value) -> Self {
        Self { record, event: None }
    }
}

/// What became of records that were taken in.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// The delivery that they are logged as.
    pub delivery: i64,
    /// What became of the delivery. `None` where there was none.
    pub verdict: Option<Verdict>,
    /// How many there were.
    pub records: i64,
    /// How many are new.
    pub taken: i64,
    /// How many were seen before.
    pub duplicate: i64,
    /// How many are older than what is known.
    pub stale: i64,
    /// The executions they call for.
    pub executions: i64,
    pub(crate) tenant: i64,
    pub(crate) source: i64,
    pub(crate) queued: Vec<crate::execute::queue::Item>,
}
