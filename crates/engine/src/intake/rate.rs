//! How many deliveries a source takes in a second.

use parking_lot::Mutex;

/// A bucket of tokens: as many deliveries at once as it takes in two seconds, and then at its rate.
#[derive(Debug, Default)]
pub(crate) struct Bucket(Mutex<Option<State>>);

#[derive(Debug)]
struct State {
    tokens: f64,
    at: i64,
}

/// Seconds' worth of deliveries that may come at once.
const BURST_S: f64 = 2.0;

impl Bucket {
    /// Takes a delivery at a time in microseconds.
    ///
    /// # Errors
    /// Where too many came: the seconds after which there is room again.
    pub fn take(&self, rate_per_second: u32, now: i64) -> Result<(), u32> {
        let rate = f64::from(rate_per_second);
        let mut guard = self.0.lock();
        let state = guard.get_or_insert(State { tokens: rate * BURST_S, at: now });
        // A clock that was set back refills nothing.
        let passed = (now - state.at).max(0) as f64 / 1e6;
        state.tokens = (state.tokens + passed * rate).min(rate * BURST_S);
        state.at = now;
        if state.tokens >= 1.0 {
            state.tokens -= 1.0;
            return Ok(());
        }
        Err(((1.0 - state.tokens) / rate).ceil().max(1.0) as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_taken_and_then_the_rate_holds() {
        let bucket = Bucket::default();
        let taken = |now: i64| (0..100).filter(|_| bucket.take(10, now).is_ok()).count();
        assert_eq!(taken(0), 20);
        assert_eq!(taken(0), 0);
        assert_eq!(bucket.take(10, 50_000), Err(1));
        assert_eq!(taken(1_000_000), 10);
        assert_eq!(taken(500_000), 0);
        assert_eq!(taken(60_000_000), 20);
    }
}
