//! What the writer has done so far, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The upper bounds of the first, second, … bucket of a [`Histogram`] are 1, 2, 4, 8, …; the last one takes the rest.
pub const BUCKETS: usize = 24;

/// How often something was how large. Never locks.
#[derive(Debug, Default)]
pub struct Histogram {
    counts: [AtomicU64; BUCKETS],
    sum: AtomicU64,
}

impl Histogram {
    /// Counts one of this size.
    pub fn add(&self, size: u64) {
        let bucket = (u64::BITS - size.saturating_sub(1).leading_zeros()) as usize;
        self.counts[bucket.min(BUCKETS - 1)].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(size, Ordering::Relaxed);
    }

    /// The buckets so far: the largest size that each takes (`None`: any), and how many were in it.
    #[must_use]
    pub fn buckets(&self) -> Vec<(Option<u64>, u64)> {
        let bound = |place: usize| (place < BUCKETS - 1).then_some(1u64 << place);
        self.counts.iter().enumerate().map(|(place, count)| (bound(place), count.load(Ordering::Relaxed))).collect()
    }

    /// The sum of all sizes.
    #[must_use]
    pub fn sum(&self) -> u64 {
        self.sum.load(Ordering::Relaxed)
    }

    /// How many there were.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().map(|count| count.load(Ordering::Relaxed)).sum()
    }

    /// A size that at least this share of them (0 to 1) does not go beyond: the bound of its bucket.
    #[must_use]
    pub fn at_most(&self, share: f64) -> u64 {
        let wanted = (self.count() as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (place, count) in self.counts.iter().enumerate() {
            seen += count.load(Ordering::Relaxed);
            if seen >= wanted {
                return 1 << place;
            }
        }
        u64::MAX
    }
}

/// What the writer has done so far.
#[derive(Debug, Default)]
pub struct WriterStats {
    /// Commits.
    pub commits: AtomicU64,
    /// Writes in them.
    pub writes: AtomicU64,
    /// Commits that failed, each with all its writes.
    pub failures: AtomicU64,
    /// The time that commits took, in microseconds: the database's own work and the disk's, without the writes.
    pub commit_us: AtomicU64,
    /// The time that the writer was at work, in microseconds: the rest of the time it waited for something to do.
    pub busy_us: AtomicU64,
    /// How many writes shared a commit.
    pub batch_sizes: Histogram,
    /// How long commits took, in microseconds.
    pub commit_times_us: Histogram,
    /// How long writes took from being handed in to their commit, in microseconds.
    pub wait_times_us: Histogram,
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl WriterStats {
    pub(super) fn committed(&self, writes: usize, took: Duration, well: bool) {
        self.commit_us.fetch_add(micros(took), Ordering::Relaxed);
        self.commit_times_us.add(micros(took));
        if well {
            self.commits.fetch_add(1, Ordering::Relaxed);
            self.writes.fetch_add(writes as u64, Ordering::Relaxed);
            self.batch_sizes.add(writes as u64);
        }
    }

    pub(super) fn failed(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn busy(&self, took: Duration) {
        self.busy_us.fetch_add(micros(took), Ordering::Relaxed);
    }

    pub(super) fn waited(&self, took: Duration) {
        self.wait_times_us.add(micros(took));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_fall_into_the_bucket_whose_bound_they_do_not_exceed() {
        let histogram = Histogram::default();
        for size in [0, 1, 2, 3, 4, 5, 1000, u64::MAX / 2] {
            histogram.add(size);
        }
        let filled: Vec<_> = histogram.buckets().into_iter().filter(|(_, count)| *count > 0).collect();
        assert_eq!(filled, [(Some(1), 2), (Some(2), 1), (Some(4), 2), (Some(8), 1), (Some(1024), 1), (None, 1)]);
        assert_eq!(histogram.count(), 8);
        assert_eq!((histogram.at_most(0.25), histogram.at_most(0.5), histogram.at_most(0.8)), (1, 4, 1024));
    }
}
