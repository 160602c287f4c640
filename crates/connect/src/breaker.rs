//! A circuit breaker: a vendor that is down is left in peace, and tried again now and then.

use std::time::Duration;

use parking_lot::Mutex;
use salesdash_value::Instant;

/// How many failures in a row open the circuit.
const THRESHOLD: u32 = 8;
/// How long it stays open at first, and at most.
const SHORTEST: Duration = Duration::from_secs(30);
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Whether a vendor seems to be there.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    failures: u32,
    opened: u32,
    open_until: Option<Instant>,
}

impl Breaker {
    /// Whether a request may be made now; how long to wait where not. Once that is over, one request is let through to see.
    ///
    /// # Errors
    /// How long the vendor is left in peace.
    pub fn check(&self, now: Instant) -> Result<(), Duration> {
        let mut state = self.0.lock();
        match state.open_until {
            Some(until) if until > now => Err(Duration::try_from(until.duration_since(now)).unwrap_or_default()),
            Some(_) => {
                // The others wait for what comes of this one.
                state.open_until = after(now, SHORTEST);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Notes an answer: the vendor is there.
    pub fn answered(&self) {
        *self.0.lock() = State::default();
    }

    /// Notes that there was no answer, or that the vendor has a problem.
    pub fn failed(&self, now: Instant) {
        let mut state = self.0.lock();
        state.failures += 1;
        if state.failures >= THRESHOLD {
            let wait = SHORTEST.saturating_mul(1 << state.opened.min(10)).min(LONGEST);
            state.open_until = after(now, wait);
            state.opened += 1;
            // After that, one more failure opens it again.
            state.failures = THRESHOLD - 1;
        }
    }
}

fn after(now: Instant, wait: Duration) -> Option<Instant> {
    now.checked_add(jiff::SignedDuration::try_from(wait).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_waits_longer_each_time_and_closes() {
        let breaker = Breaker::default();
        let at = |seconds: i64| Instant::from_second(seconds).expect("a time");
        for _ in 0..THRESHOLD {
            assert_eq!(breaker.check(at(0)), Ok(()));
            breaker.failed(at(0));
        }
        assert_eq!(breaker.check(at(10)), Err(Duration::from_secs(20)));
        // One is let through; the others wait for it.
        assert_eq!(breaker.check(at(30)), Ok(()));
        assert!(breaker.check(at(30)).is_err());
        breaker.failed(at(30));
        assert_eq!(breaker.check(at(31)), Err(Duration::from_secs(59)));
        assert_eq!(breaker.check(at(90)), Ok(()));
        breaker.answered();
        assert_eq!(breaker.check(at(91)), Ok(()));
        assert_eq!(breaker.check(at(91)), Ok(()));
    }
}
