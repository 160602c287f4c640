//! Figures of what is polled, for metrics. Counted since the start of the process.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::poll::Ended;

/// Runs that ended, by how.
#[derive(Debug, Default)]
pub struct Runs {
    /// All there was, or as much as one run takes, is stored.
    pub succeeded: AtomicU64,
    /// They failed.
    pub failed: AtomicU64,
    /// Somebody cancelled them.
    pub cancelled: AtomicU64,
}

impl Runs {
    pub(crate) fn count(&self, ended: Option<&Ended>) {
        let counter = match ended {
            Some(Ended::Succeeded | Ended::Bounded) => &self.succeeded,
            Some(Ended::Cancelled) => &self.cancelled,
            // Whoever runs it counts it.
            Some(Ended::Elsewhere) => return,
            Some(Ended::Failed(_)) | None => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

/// How polling is doing now.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Polling {
    /// Sources that are polled.
    pub sources: usize,
    /// Runs on their way.
    pub running: usize,
    /// Sources of which the last run failed.
    pub failing: usize,
    /// By how much the latest source is late, in seconds: the time since its last good run (or since it is polled, or the process runs) beyond
    /// its interval.
    pub lag_s: f64,
}
