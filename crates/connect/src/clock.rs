//! The time, and waiting for it: a port, so that tests need not wait.

use std::time::Duration;

use async_trait::async_trait;
use jiff::SignedDuration;
use parking_lot::Mutex;
use salesdash_value::Instant;

/// Tells the time and waits.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The time.
    fn now(&self) -> Instant;

    /// Waits.
    async fn sleep(&self, duration: Duration);

    /// A number from 0 to 1, to spread waits with.
    fn spread(&self) -> f64;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }

    fn spread(&self) -> f64 {
        let mut bytes = [0u8; 4];
        // Where the system gives no random numbers, waits are not spread, which does no harm.
        let _ = getrandom::fill(&mut bytes);
        f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
    }
}

/// A clock that stands still until it is moved, and that whoever sleeps moves on: for tests and simulations, which wait for nothing.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Instant>,
    slept: Mutex<Vec<Duration>>,
}

impl ManualClock {
    /// A clock that stands at a time.
    #[must_use]
    pub const fn at(now: Instant) -> Self {
        Self { now: Mutex::new(now), slept: Mutex::new(Vec::new()) }
    }

    /// Moves it on.
    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock();
        *now = SignedDuration::try_from(by).ok().and_then(|by| now.checked_add(by).ok()).unwrap_or(Instant::MAX);
    }

    /// The waits so far.
    #[must_use]
    pub fn slept(&self) -> Vec<Duration> {
        self.slept.lock().clone()
    }
}

#[async_trait]
impl Clock for ManualClock {
    fn now(&self) -> Instant {
        *self.now.lock()
    }

    async fn sleep(&self, duration: Duration) {
        self.slept.lock().push(duration);
        self.advance(duration);
        tokio::task::yield_now().await;
    }

    fn spread(&self) -> f64 {
        0.5
    }
}

/// The wait before a further try: twice as long each time, at most a minute, spread over its upper half.
#[must_use]
pub fn backoff(clock: &dyn Clock, tries: u32) -> Duration {
    let whole = Duration::from_millis(500).saturating_mul(1 << tries.min(16)).min(Duration::from_secs(60));
    whole.mul_f64(0.5 + clock.spread() / 2.0)
}
