//! How often and how much at once a vendor is asked: shared by everything that asks it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use salesdash_providers::definition::http::Limits;
use salesdash_value::{Instant, Text};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::halt::Wait;

/// The most requests of one rate whose times are kept. A larger rate is kept as a smaller one of the same speed.
const MAX_KEPT: u32 = 10_000;

/// How often one vendor may be asked. Exact: within no stretch of a rate's length are there more requests than it allows, however a vendor
/// counts them.
#[derive(Debug)]
pub struct Limiter {
    rates: Vec<Mutex<Kept>>,
    hold: Mutex<Option<Wait>>,
    concurrency: Arc<Semaphore>,
}

#[derive(Debug)]
struct Kept {
    requests: usize,
    stretch_us: i64,
    times: VecDeque<i64>,
}

impl Limiter {
    /// A limiter. Of the declared rates, those that `keep` chooses.
    #[must_use]
    pub fn new(limits: Option<&Limits>, keep: impl Fn(&salesdash_providers::definition::http::Rate) -> bool) -> Self {
        let rates = limits.into_iter().flat_map(|limits| &limits.rates).filter(|rate| keep(rate)).map(|rate| {
            let (requests, seconds) = (rate.requests.0, i64::from(rate.per_seconds.0));
            let kept = requests.min(MAX_KEPT);
            let stretch_us = seconds * 1_000_000 * i64::from(kept) / i64::from(requests);
            Mutex::new(Kept { requests: kept as usize, stretch_us, times: VecDeque::new() })
        });
        let concurrency = limits.map_or(4, |limits| limits.concurrency.0);
        Self { rates: rates.collect(), hold: Mutex::default(), concurrency: Arc::new(Semaphore::new(concurrency as usize)) }
    }

    /// A limiter of rates alone, for what many connections share.
    #[must_use]
    pub fn shared(limits: Option<&Limits>, keep: impl Fn(&salesdash_providers::definition::http::Rate) -> bool) -> Self {
        Self { concurrency: Arc::new(Semaphore::new(Semaphore::MAX_PERMITS)), ..Self::new(limits, keep) }
    }

    /// Waits until not too many requests run at once. One counts as running until what is given is dropped.
    pub async fn permit(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.concurrency).acquire_owned().await.ok()
    }

    /// How long to wait before a request, and what the vendor said where that is why; where it is nothing, the request is counted.
    pub fn turn(&self, now: Instant) -> (Duration, Option<Text>) {
        if let Some(Wait { until, why }) = self.held(now) {
            let held = u64::try_from(until.as_microsecond() - now.as_microsecond()).unwrap_or(0);
            return (Duration::from_micros(held), Some(why));
        }
        (self.of_rates(now), None)
    }

    fn of_rates(&self, now: Instant) -> Duration {
        let now = now.as_microsecond();
        let mut kept: Vec<_> = self.rates.iter().map(Mutex::lock).collect();
        let mut wait = 0;
        for rate in &mut kept {
            let stretch = rate.stretch_us;
            while rate.times.front().is_some_and(|time| time + stretch <= now) {
                rate.times.pop_front();
            }
            if rate.times.len() >= rate.requests
                && let Some(first) = rate.times.front()
            {
                wait = wait.max(first + stretch - now);
            }
        }
        if wait == 0 {
            for rate in &mut kept {
                rate.times.push_back(now);
            }
        }
        Duration::from_micros(u64::try_from(wait).unwrap_or(0))
    }

    /// Until when nothing may be asked, since the vendor said so.
    pub fn held(&self, now: Instant) -> Option<Wait> {
        self.hold.lock().clone().filter(|held| held.until > now)
    }

    /// Has nothing asked for a while, since the vendor says so, in these words.
    pub fn hold(&self, now: Instant, wait: Duration, why: &str) {
        let until = now.checked_add(jiff::SignedDuration::try_from(wait).unwrap_or(jiff::SignedDuration::ZERO)).unwrap_or(now);
        let mut hold = self.hold.lock();
        if hold.as_ref().is_none_or(|held| held.until < until) {
            *hold = Some(Wait { until, why: Text::new(why) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use salesdash_providers::definition::http::{Rate, SharedBy};
    use salesdash_providers::definition::read::Whole;

    fn limiter(rates: &[(u32, u32)]) -> Limiter {
        let rates = rates.iter().map(|(requests, per)| Rate { requests: Whole(*requests), per_seconds: Whole(*per), shared_by: None });
        let limits = Limits { rates: rates.collect(), concurrency: Whole(2), headers: Vec::new() };
        Limiter::new(Some(&limits), |rate| rate.shared_by != Some(SharedBy::Provider))
    }

    #[test]
    fn no_stretch_holds_more_than_its_rate() {
        let limiter = limiter(&[(3, 1), (5, 10)]);
        let (mut now, mut asked) = (0i64, Vec::new());
        while asked.len() < 12 {
            let (wait, _) = limiter.turn(Instant::from_microsecond(now).expect("a time"));
            if wait.is_zero() {
                asked.push(now);
                now += 10_000;
            } else {
                now += i64::try_from(wait.as_micros()).expect("short");
            }
        }
        for (count, stretch) in [(3, 1_000_000), (5, 10_000_000)] {
            for (index, first) in asked.iter().enumerate() {
                let within = asked[index..].iter().filter(|time| **time < first + stretch).count();
                assert!(within <= count, "{within} within {stretch}: {asked:?}");
            }
        }
        // As fast as it may, too: the sixth comes as soon as the first is ten seconds old.
        assert_eq!(asked[5], 10_000_000);
    }

    #[test]
    fn what_the_vendor_says_holds_for_all() {
        let limiter = limiter(&[(100, 1)]);
        let at = |seconds: i64| Instant::from_second(seconds).expect("a time");
        limiter.hold(at(100), Duration::from_secs(30), "Too many requests.");
        limiter.hold(at(100), Duration::from_secs(5), "Fewer.");
        assert_eq!(limiter.turn(at(101)), (Duration::from_secs(29), Some(Text::new_static("Too many requests."))));
        assert_eq!(limiter.held(at(130)), None);
        assert_eq!(limiter.turn(at(130)), (Duration::ZERO, None));
    }
}
