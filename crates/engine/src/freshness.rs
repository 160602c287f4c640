//! When a source counts as quiet: what it is expected to do, by its settings, by its interval, or by its own history.
//!
//! **The rule.** The setting `expected_every_seconds` overrides all; 0 switches the warning off. Else:
//!
//! - *A source that polls* is quiet where no run has succeeded for three intervals and ten minutes.
//! - *A source that is sent to* is quiet where nothing has arrived for half as long again as its longest usual silence, and for an hour at
//!   least. Its longest usual silence is learnt from the four weeks before what arrived last: of each week the longest silence that ended in
//!   it, and of those the middle one (of two or four, the longer of the middle two). So the silence of every weekend is usual, and one
//!   outage is not. It takes two weeks of history and twenty arrivals (those within an hour of the one before not counted); until then
//!   there is no warning.
//! - *Files* are uploaded when somebody does: never quiet.
//!
//! All of it follows from the stored rows and the time that it is now. What is learnt from them is looked up anew every ten minutes at most.

use salesdash_store::config::Source;
use salesdash_store::freshness::SHORTEST_US;
use salesdash_store::{Paging, Result as StoreResult, Scope};
use salesdash_value::Value;

use crate::settings::document;

/// The setting of a source that says after how many seconds without anything it counts as quiet.
pub const EXPECTED_EVERY: &str = "expected_every_seconds";

const WEEK_US: i64 = 7 * 24 * 3_600_000_000;
/// Weeks that are looked at.
const WEEKS: i64 = 4;
/// Weeks in which something must have arrived.
const FEWEST_WEEKS: usize = 2;
/// Arrivals that it takes to learn from.
const FEWEST_ARRIVALS: u32 = 20;
/// Intervals that a source that polls can miss, and what comes on top.
const MISSED_INTERVALS: i64 = 3;
const GRACE_SECONDS: i64 = 600;

/// Why it is expected that something happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// Somebody set it.
    Setting,
    /// It polls at an interval, in seconds.
    Interval(i64),
    /// It usually is not silent for longer than so many seconds.
    History(i64),
}

/// What is expected of a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// It is quiet after so many seconds.
    pub within_seconds: i64,
    /// Why.
    pub basis: Basis,
}

/// How fresh a source is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// What is expected of it. `None` where nothing is.
    pub expected: Option<Expected>,
    /// For how many seconds it has been silent. `None` where nothing has ever arrived (or run).
    pub silent_seconds: Option<i64>,
}

impl Freshness {
    /// Whether it is quiet.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        matches!((self.expected, self.silent_seconds), (Some(expected), Some(silent)) if silent > expected.within_seconds)
    }
}

/// How fresh a source is now. `interval` is how often it polls, in seconds, where it does.
///
/// # Errors
/// Where the database fails.
pub fn of(scope: &mut Scope<'_>, source: &Source, interval: Option<i64>) -> StoreResult<Freshness> {
    let now = scope.now();
    let settings = document(&source.settings).unwrap_or_default();
    let set = settings.get(EXPECTED_EVERY).and_then(Value::as_number).and_then(|seconds| i64::try_from(seconds).ok());
    let silent = |since: Option<i64>| since.map(|since| (now - since) / 1_000_000);
    let last = scope.last_arrival(source.id)?;
    if let Some(seconds) = set {
        let expected = (seconds > 0).then_some(Expected { within_seconds: seconds, basis: Basis::Setting });
        return Ok(Freshness { expected, silent_seconds: silent(last) });
    }
    match (source.kind.as_str(), interval) {
        ("poll", Some(interval)) => {
            let within_seconds = interval.saturating_mul(MISSED_INTERVALS).saturating_add(GRACE_SECONDS);
            let expected = Some(Expected { within_seconds, basis: Basis::Interval(interval) });
            Ok(Freshness { expected, silent_seconds: silent(last_success(scope, source.id)?) })
        }
        ("webhook", _) => {
            let usual = match last {
                Some(last) => scope.usual_silence(source.id, |scope| usual_silence(scope, source.id, last))?,
                None => None,
            };
            let expected = usual.map(|usual| Expected {
                within_seconds: (usual + usual / 2).max(SHORTEST_US) / 1_000_000,
                basis: Basis::History(usual / 1_000_000),
            });
            Ok(Freshness { expected, silent_seconds: silent(last) })
        }
        _ => Ok(Freshness { expected: None, silent_seconds: silent(last) }),
    }
}

/// When a run of a source that polls succeeded last, among its newest ones.
fn last_success(scope: &mut Scope<'_>, source: i64) -> StoreResult<Option<i64>> {
    let runs = scope.runs(Some(source), Paging { limit: 200, ..Paging::default() })?;
    let succeeded = runs.items.iter().find(|run| run.kind == "poll" && run.verdict == "succeeded").and_then(|run| run.ended);
    // Where none of so many has, it was before them.
    Ok(succeeded.or_else(|| runs.next.is_some().then(|| runs.items.last().map(|run| run.id)).flatten()))
}

/// The longest usual silence of a source, in microseconds, from what arrived up to the last time.
fn usual_silence(scope: &mut Scope<'_>, source: i64, last: i64) -> StoreResult<Option<i64>> {
    let (mut longest, mut arrivals) = (Vec::new(), 0);
    for week in 0..WEEKS {
        let until = last - week * WEEK_US;
        let pace = scope.pace(source, until - WEEK_US + 1, until)?;
        arrivals += pace.arrivals;
        if pace.arrivals > 0 {
            longest.push(pace.longest_us);
        }
    }
    if longest.len() < FEWEST_WEEKS || arrivals < FEWEST_ARRIVALS {
        return Ok(None);
    }
    longest.sort_unstable();
    Ok(Some(longest[longest.len() / 2]))
}
