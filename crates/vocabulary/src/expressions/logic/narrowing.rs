//! What is known not to be empty after several conditions were tested one after the other.

use salesdash_language::check::{Facts, Typed};

/// What is known where a chain of conditions was passed to its end, and where one of them stopped it. Of each condition `outcomes`
/// gives what is known where it passes, and where it stops the chain.
pub fn chain(conditions: &[Typed], outcomes: impl Fn(&Typed) -> (&Facts, &Facts)) -> (Facts, Facts) {
    let mut passed = Facts::new();
    let mut stopped: Option<Facts> = None;
    for condition in conditions {
        let (passes, stops) = outcomes(condition);
        // Where this one stops the chain, those before it have passed. Which one it was is not known, so only what holds for each counts.
        match &mut stopped {
            None => stopped = Some(stops.clone()),
            Some(stopped) => stopped.retain(|fact| stops.contains(fact) || passed.contains(fact)),
        }
        passed.extend(passes.iter().cloned());
    }
    (passed, stopped.unwrap_or_default())
}
