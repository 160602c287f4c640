//! Rounds: each with a generator of its own, so that one can be repeated alone.

use std::panic::{AssertUnwindSafe, catch_unwind};

use salesdash_engine::random::Random;

const SEED: u64 = 20_260_301;
/// The most that the process may come to hold, in KiB. The inputs are small: what goes beyond this was made out of nothing.
const MOST_MEMORY_KIB: u64 = 1 << 20;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Does something so many times. What panics ends the test, and says how to repeat it.
#[track_caller]
pub fn rounds(count: u64, mut round: impl FnMut(&mut Random)) {
    let seed = number("SALESDASH_FUZZ_SEED").unwrap_or(SEED);
    for number in 0..count * number("SALESDASH_FUZZ_TIMES").unwrap_or(1) {
        let own = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if catch_unwind(AssertUnwindSafe(|| round(&mut Random::new(own)))).is_err() {
            panic!("round {number} failed; SALESDASH_FUZZ_SEED={own} makes it the first one");
        }
    }
    if let Some(most) = most_memory_kib() {
        assert!(most < MOST_MEMORY_KIB, "the process came to hold {most} KiB");
    }
}

/// The most that this process has held, where the system tells.
fn most_memory_kib() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}
