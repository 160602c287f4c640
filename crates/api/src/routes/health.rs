//! How sources are doing, and why that is said.

use salesdash_connect::documents::PollSettings;
use salesdash_engine::freshness::{self, Basis, Expected, Freshness};
use salesdash_providers::Types;
use salesdash_store::config::{Provider, Source};
use salesdash_store::deliveries::Verdict;
use salesdash_store::executions::{Execution, Filter, Status};
use salesdash_store::runs::Run;
use salesdash_store::{Paging, Scope};
use salesdash_value::Value;
use schemars::JsonSchema;
use serde::Serialize;

use crate::app::Worked;
use crate::json::Document;
use crate::routes::providers::ProviderStatus;
use crate::wire::Time;

/// How a source is doing; the later, the worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HealthState {
    /// It works.
    Ok,
    /// Somebody paused it, or its provider.
    Paused,
    /// It waits for its first request.
    Waiting,
    /// Nothing arrived for longer than expected.
    Quiet,
    /// Something fails.
    Failing,
}

/// How a source is doing.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Health {
    pub state: HealthState,
    /// When something arrived last; of a poll also what was known already.
    pub last_at: Option<Time>,
    /// When a run of a source that polls succeeded last, whether there was anything new or not.
    pub last_run_at: Option<Time>,
    /// When a record came that was new or changed: of a source that polls by its last runs, else when something arrived last.
    pub last_record_at: Option<Time>,
    /// In words.
    pub detail: String,
    /// After how many seconds without anything it counts as quiet. Null where nothing is expected of it.
    pub expected_within_seconds: Option<i64>,
    /// Why so, in words: a setting, its interval, its own history.
    pub expected_because: Option<String>,
}

impl Health {
    /// That of a provider: of the source that does worst, and when something came of any of them.
    pub fn of_all<'h>(all: impl Iterator<Item = &'h Self> + Clone) -> Option<Self> {
        let latest = |at: fn(&Self) -> Option<Time>| all.clone().filter_map(at).max_by_key(|time| time.0);
        let (last_at, last_run_at) = (latest(|health| health.last_at), latest(|health| health.last_run_at));
        let last_record_at = latest(|health| health.last_record_at);
        all.clone().max_by_key(|health| health.state).map(|worst| Self { last_at, last_run_at, last_record_at, ..worst.clone() })
    }

    /// That of a provider that has no sources.
    pub fn without_sources(status: ProviderStatus) -> Self {
        let (state, detail) = match status {
            ProviderStatus::Active => (HealthState::Waiting, "It has no source yet"),
            ProviderStatus::Paused => (HealthState::Paused, "It is paused"),
            ProviderStatus::NeedsReconnecting => (HealthState::Failing, "Its credentials stopped working; connect it again"),
        };
        Self {
            state,
            last_at: None,
            last_run_at: None,
            last_record_at: None,
            detail: detail.to_owned(),
            expected_within_seconds: None,
            expected_because: None,
        }
    }
}

/// How often a source that polls does, in seconds, as its settings or its definition say. `None` where it does not poll.
pub fn interval(types: &Types, source: &Source, provider: &Provider) -> Option<i64> {
    if source.kind != "poll" {
        return None;
    }
    let document = Document::stored(&source.settings).0;
    let set = document.get("interval_seconds").and_then(Value::as_number).and_then(|seconds| i64::try_from(seconds).ok());
    let read = types.get(&provider.kind).and_then(|kind| PollSettings::read(kind, &document).ok());
    Some(read.map_or_else(|| set.unwrap_or(INTERVAL_SECONDS), |settings| i64::from(settings.interval_seconds)))
}

/// How often a poll runs of which nothing can be read any more.
const INTERVAL_SECONDS: i64 = 300;

/// Runs of a source that are looked at for when something came.
const LOOKED_AT: usize = 200;

/// How a source is doing.
pub fn health_of(scope: &mut Scope<'_>, types: &Types, source: &Source, provider: &Provider) -> Worked<Health> {
    let newest = scope.deliveries(Some(source.id), None, Paging { before: i64::MAX, limit: 1 })?.items.into_iter().next();
    let last_at = newest.as_ref().map(|delivery| Time(delivery.id));
    let polls =
        if source.kind == "poll" { scope.runs(Some(source.id), Paging { before: i64::MAX, limit: LOOKED_AT })?.items } else { Vec::new() };
    let ended = |fits: fn(&Run) -> bool| polls.iter().find(|run| fits(run)).map(|run| Time(run.ended.unwrap_or(run.id)));
    let last_run_at = ended(|run| run.kind == "poll" && run.verdict == "succeeded");
    let last_record_at = if source.kind == "poll" { ended(|run| run.taken > 0) } else { last_at };
    let fresh = freshness::of(scope, source, interval(types, source, provider))?;
    let status = ProviderStatus::of(&provider.status);
    let failed = scope.ledger(source.id)?.failed;
    let (state, detail) = if status == ProviderStatus::NeedsReconnecting {
        (HealthState::Failing, "The credentials of its provider stopped working; connect it again".to_owned())
    } else if status == ProviderStatus::Paused {
        (HealthState::Paused, "Its provider is paused".to_owned())
    } else if !source.enabled {
        (HealthState::Paused, "It is paused".to_owned())
    } else if types.get(&provider.kind).is_none() {
        (
            HealthState::Failing,
            format!("The provider type {} is no longer there: the program was started without its folder", provider.kind),
        )
    } else if let Some(reason) = refused(scope, source)? {
        (HealthState::Failing, format!("The last requests were refused: {reason}"))
    } else if let Some(reason) = failed_run(scope, source)? {
        (HealthState::Failing, format!("The last run failed: {reason}"))
    } else if let Some(why) = failing(scope, source, failed)? {
        (HealthState::Failing, why)
    } else if fresh.is_quiet() {
        (HealthState::Quiet, silence(&fresh))
    } else if newest.is_none() && last_run_at.is_some() {
        (HealthState::Ok, "It was asked, and has given nothing yet".to_owned())
    } else if newest.is_none() {
        (HealthState::Waiting, "Nothing has arrived yet".to_owned())
    } else {
        (HealthState::Ok, "Everything that arrived was taken in".to_owned())
    };
    // What failed earlier waits for somebody to look at it; it says nothing of how the source is doing.
    let detail = match failed {
        0 => detail,
        _ if state == HealthState::Failing => detail,
        1 => format!("{detail}; 1 record that failed is to be looked at"),
        failed => format!("{detail}; {failed} records that failed are to be looked at"),
    };
    let expected = fresh.expected;
    Ok(Health {
        state,
        last_at,
        last_run_at,
        last_record_at,
        detail,
        expected_within_seconds: expected.map(|expected| expected.within_seconds),
        expected_because: expected.map(because),
    })
}

/// How many of the newest have to fail in a row for a source to be failing: one that fails among many that work says something of a record, and
/// not of the source.
const IN_A_ROW: usize = 3;

/// Why the last requests of a source were refused, where all of the newest were.
fn refused(scope: &mut Scope<'_>, source: &Source) -> Worked<Option<String>> {
    let newest = scope.deliveries(Some(source.id), None, Paging { before: i64::MAX, limit: IN_A_ROW })?.items;
    let all = newest.iter().all(|delivery| delivery.verdict == Verdict::Rejected);
    Ok(newest.into_iter().next().filter(|_| all).and_then(|newest| newest.reason))
}

/// Why what runs on a source fails, where the newest records all failed in one of its processors.
fn failing(scope: &mut Scope<'_>, source: &Source, failed: i64) -> Worked<Option<String>> {
    if failed == 0 {
        return Ok(None);
    }
    for link in scope.links(Some(source.id), None)?.into_iter().filter(|link| link.enabled) {
        let filter = Filter { links: Some(vec![link.id]), ..Filter::default() };
        let executions = scope.executions(&filter, Paging { before: i64::MAX, limit: ENDED_AMONG })?.items;
        let ended = |execution: &&Execution| {
            matches!(execution.status, Status::Succeeded | Status::Skipped | Status::PartiallyFailed | Status::Failed)
        };
        let newest: Vec<Execution> = executions.iter().filter(ended).take(IN_A_ROW).cloned().collect();
        if newest.iter().all(|execution| execution.status == Status::Failed)
            && let Some(last) = newest.first()
        {
            let name = scope.processor(link.processor)?.name;
            let which = if newest.len() == 1 { "The last record".to_owned() } else { format!("The last {} records", newest.len()) };
            let why = last.message.as_deref().unwrap_or("see its trace");
            return Ok(Some(format!("{which} failed in {name}: {why}")));
        }
    }
    Ok(None)
}

/// Executions of a link among which those that have ended are looked for.
const ENDED_AMONG: usize = 20;

/// Why the last poll, or the last file, of a source failed, where it did.
fn failed_run(scope: &mut Scope<'_>, source: &Source) -> Worked<Option<String>> {
    let kind = match source.kind.as_str() {
        "poll" => "poll",
        "file" => "import",
        _ => return Ok(None),
    };
    let runs = scope.runs(Some(source.id), Paging { before: i64::MAX, limit: 10 })?;
    let last = runs.items.into_iter().find(|run| run.kind == kind && run.ended.is_some());
    Ok(last.filter(|run| run.verdict == "failed").and_then(|run| run.reason))
}

fn silence(fresh: &Freshness) -> String {
    let (silent, expected) = (fresh.silent_seconds.unwrap_or_default(), fresh.expected);
    let what = match expected.map(|expected| expected.basis) {
        Some(Basis::Interval(_)) => "No poll has succeeded",
        _ => "Nothing has arrived",
    };
    format!("{what} for {}; expected within {}", told(silent), told(expected.map_or(0, |expected| expected.within_seconds)))
}

fn because(expected: Expected) -> String {
    match expected.basis {
        Basis::Setting => "It is set so".to_owned(),
        Basis::Interval(seconds) => format!("It polls every {}", told(seconds)),
        Basis::History(seconds) => format!("In the last weeks it was usually not silent for longer than {}", told(seconds)),
    }
}

/// A duration in words: the two largest units.
fn told(seconds: i64) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let mut rest = seconds.max(0);
    let mut parts = Vec::new();
    for (unit, name) in UNITS {
        let count = rest / unit;
        if count > 0 {
            parts.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
            rest %= unit;
        }
        if parts.len() == 2 || (!parts.is_empty() && count == 0) {
            break;
        }
    }
    if parts.is_empty() { "0 seconds".to_owned() } else { parts.join(" and ") }
}
