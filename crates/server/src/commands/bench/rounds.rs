//! Comparing what runs on one core: every contender in turn, round after round, and the best round of each.
//!
//! What is taken is the processor time of the thread, so that what else the machine does disturbs the figures as little as it can.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// The processor time that this thread has used.
fn used() -> Duration {
    clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

/// The processor time that something takes.
pub fn time(work: impl FnOnce()) -> Duration {
    let start = used();
    work();
    used().saturating_sub(start)
}

/// Runs each contender once a round and gives the best round of each, in seconds.
pub fn best(rounds: usize, contenders: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; contenders.len()];
    for _ in 0..rounds.max(1) {
        for (contender, best) in contenders.iter_mut().zip(&mut best) {
            *best = time(&mut *contender).as_secs_f64().min(*best);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_work_takes_more_time() {
        let count = |to: u64| {
            for number in 0..to {
                std::hint::black_box(number);
            }
        };
        let mut runs = 0;
        let mut few = || count(1_000);
        let mut many = || {
            count(1_000_000);
            runs += 1;
        };
        let times = best(3, &mut [&mut few, &mut many]);
        assert_eq!(runs, 3);
        assert!(times[0] < times[1], "{times:?}");
    }
}
