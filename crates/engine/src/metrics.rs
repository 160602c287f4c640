//! What the engine has done so far, in counters that never lock. What the writer has done is in the store's own
//! ([`salesdash_store::sqlite::WriterStats`]).

use std::sync::atomic::{AtomicU64, Ordering};

use salesdash_store::executions::Status;
use salesdash_store::sqlite::Histogram;

/// What happened to deliveries.
#[derive(Debug, Default)]
pub struct Deliveries {
    /// Taken in.
    pub accepted: AtomicU64,
    /// Seen before.
    pub duplicate: AtomicU64,
    /// Refused because the sender could not be verified.
    pub unverified: AtomicU64,
    /// Refused because the body could not be read.
    pub unreadable: AtomicU64,
    /// Refused because too many came at once.
    pub throttled: AtomicU64,
    /// Answered as a handshake.
    pub handshakes: AtomicU64,
    /// Not answered well because they could not be stored.
    pub failed: AtomicU64,
    /// How long answering took, in microseconds.
    pub times_us: Histogram,
}

/// What the engine has done so far.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Deliveries.
    pub deliveries: Deliveries,
    /// Records taken out of deliveries and poll pages.
    pub records: AtomicU64,
    /// Executions that ended, by status: in the order of [`Status::ALL`].
    pub executions: [AtomicU64; Status::ALL.len()],
    /// How long executions took from arrival to their commit, in microseconds.
    pub lag_us: Histogram,
    /// How long evaluations took, in microseconds.
    pub evaluation_us: Histogram,
    /// Executions that were put back because something passing stood in their way.
    pub postponed: AtomicU64,
    /// Executions that gave up in the middle (a panic): each a defect worth reporting.
    pub panics: AtomicU64,
    /// Enrichments that were fetched.
    pub enrichments: AtomicU64,
    /// Enrichments that could not be fetched.
    pub enrichment_failures: AtomicU64,
}

/// How the queue is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueState {
    /// Executions that wait or run.
    pub depth: usize,
    /// Of those, the ones that are held because their source, link or processor is switched off.
    pub held: usize,
    /// Of those, the ones that wait for an enrichment, or for their next try.
    pub postponed: usize,
    /// How long the oldest that is not held has waited, in microseconds.
    pub oldest_us: i64,
}

pub(crate) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}

impl Metrics {
    pub(crate) fn ended(&self, status: Status) {
        if let Some(place) = Status::ALL.iter().position(|known| *known == status) {
            count(&self.executions[place]);
        }
    }
}
