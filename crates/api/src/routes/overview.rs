//! The overview: how every source is doing, and what needs attention.

use axum::extract::State;
use axum::http::Method;
use salesdash_providers::Types;
use salesdash_store::browse::Linked;
use salesdash_store::executions::{Filter, Status};
use salesdash_store::{Paging, Scope};
use salesdash_value::IdentityKind;
use schemars::JsonSchema;
use serde::Serialize;

use crate::App;
use crate::app::Worked;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::Answer;
use crate::problem::Problem;
use crate::routes::health::{Health, HealthState, health_of};
use crate::routes::models::Named;
use crate::routes::providers::ProviderStatus;
use crate::routes::sources::{Ledger, SourceKind};
use crate::wire::{Id, Time};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::GET, "/api/v1/overview", Role::Viewer, "getOverview", "How every source is doing, and what needs attention")
            .answer::<Overview>(),
        get,
    );
}

/// The overview.
#[derive(Serialize, JsonSchema)]
struct Overview {
    sources: Vec<SourceOverview>,
    /// What needs attention, worst first.
    attention: Vec<Attention>,
    totals: Totals,
}

#[derive(Serialize, JsonSchema)]
struct SourceOverview {
    id: Id,
    name: String,
    kind: SourceKind,
    provider: Named,
    health: Health,
    ledger: Ledger,
    /// The last 24 hours, hour by hour: 24 of them, the oldest first.
    throughput: Vec<Throughput>,
}

#[derive(Serialize, JsonSchema)]
struct Throughput {
    /// When the hour began.
    at: Time,
    /// Records received.
    count: i64,
    /// Executions that failed, wholly or partly.
    failed: i64,
}

#[derive(Serialize, JsonSchema)]
struct Attention {
    /// `provider`, `source`, `ledger`, `failures` or `identities`.
    kind: &'static str,
    title: String,
    detail: String,
    /// The page of the web application that shows it.
    href: String,
}

#[derive(Serialize, JsonSchema)]
struct Totals {
    /// Executions called for within the last 24 hours.
    executions_24h: i64,
    failed_24h: i64,
    /// Executions that wait.
    waiting: i64,
    /// Identities that are neither linked nor ignored; counted up to 500 of each kind.
    unlinked_identities: i64,
    records: Records,
}

#[derive(Default, Serialize, JsonSchema)]
struct Records {
    activities: Count,
    sales: Count,
    calls: Count,
    anonymous_activities: Count,
    periods: Count,
}

#[derive(Clone, Copy, Default, Serialize, JsonSchema)]
struct Count {
    all: i64,
    /// Those whose agent's identity is linked.
    attributed: i64,
}

const HOUR_MICROS: i64 = 3600 * 1_000_000;
const HOURS: i64 = 24;

fn throughput(scope: &mut Scope<'_>, source: i64) -> Worked<Vec<Throughput>> {
    let first = scope.now() / HOUR_MICROS - HOURS + 1;
    let known = scope.throughput(source, first * HOUR_MICROS, HOUR_MICROS)?;
    let series = (first..first + HOURS).map(|hour| {
        let at = hour * HOUR_MICROS;
        let (count, failed) = known.iter().find(|(known, ..)| *known == at).map_or((0, 0), |(_, count, failed)| (*count, *failed));
        Throughput { at: Time(at), count, failed }
    });
    Ok(series.collect())
}

fn records(scope: &mut Scope<'_>) -> Worked<Records> {
    use salesdash_value::RecordKind;
    let mut records = Records::default();
    for (kind, all, attributed) in scope.record_counts()? {
        let count = match kind {
            RecordKind::Activity => &mut records.activities,
            RecordKind::Sale => &mut records.sales,
            RecordKind::Call => &mut records.calls,
            RecordKind::AnonymousActivity => &mut records.anonymous_activities,
            RecordKind::Period => &mut records.periods,
        };
        *count = Count { all, attributed };
    }
    Ok(records)
}

/// The failures of each processor within a day.
fn failures(scope: &mut Scope<'_>, attention: &mut Vec<Attention>) -> Worked<i64> {
    let from = Some(scope.now() - HOURS * HOUR_MICROS);
    let mut total = 0;
    for processor in scope.processors()? {
        let links: Vec<i64> = scope.links(None, Some(processor.id))?.into_iter().map(|link| link.id).collect();
        let mut failed = 0;
        let mut newest = None;
        for status in [Status::Failed, Status::PartiallyFailed] {
            let filter = Filter { links: Some(links.clone()), status: Some(status), from, ..Filter::default() };
            failed += scope.count_executions(&filter)?;
            let last = scope.executions(&filter, Paging { before: i64::MAX, limit: 1 })?.items.into_iter().next();
            newest = newest.or(last);
        }
        total += failed;
        if let Some(newest) = newest {
            let title = if failed == 1 { "1 execution failed".to_owned() } else { format!("{failed} executions failed") };
            let why = newest.message.unwrap_or_else(|| "see its trace".to_owned());
            attention.push(Attention {
                kind: "failures",
                title: format!("{}: {title} today", processor.name),
                detail: format!("The last: {why}"),
                href: format!("/executions/{}", newest.id),
            });
        }
    }
    Ok(total)
}

fn overview(scope: &mut Scope<'_>, types: &Types) -> Worked<Overview> {
    let mut attention = Vec::new();
    let providers = scope.providers()?;
    for provider in &providers {
        if ProviderStatus::of(&provider.status) == ProviderStatus::NeedsReconnecting {
            attention.push(Attention {
                kind: "provider",
                title: format!("{} needs reconnecting", provider.name),
                detail: "Its credentials stopped working; nothing is dropped meanwhile".to_owned(),
                href: format!("/providers/{}", provider.id),
            });
        }
    }
    let mut sources = Vec::new();
    for source in scope.sources(None)? {
        let Some(provider) = providers.iter().find(|provider| provider.id == source.provider) else { continue };
        let health = health_of(scope, types, &source, provider)?;
        if matches!(health.state, HealthState::Failing | HealthState::Quiet) {
            attention.push(Attention {
                kind: "source",
                title: source.name.clone(),
                detail: health.detail.clone(),
                href: format!("/sources/{}", source.id),
            });
        }
        let ledger = scope.ledger(source.id)?;
        if !ledger.balances() {
            attention.push(Attention {
                kind: "ledger",
                title: format!("The ledger of {} does not balance", source.name),
                detail: "Received is not the sum of the others; please report it".to_owned(),
                href: format!("/sources/{}", source.id),
            });
        }
        sources.push(SourceOverview {
            id: Id(source.id),
            kind: SourceKind::of(&source.kind),
            provider: Named { id: Id(provider.id), name: provider.name.clone() },
            health,
            ledger: ledger.into(),
            throughput: throughput(scope, source.id)?,
            name: source.name,
        });
    }
    let failed_24h = failures(scope, &mut attention)?;
    let mut unlinked_identities = 0;
    for kind in IdentityKind::ALL {
        let page = scope.identities(*kind, Linked::No, Paging { before: i64::MAX, limit: salesdash_store::page::MAX_LIMIT })?;
        unlinked_identities += i64::try_from(page.items.len()).unwrap_or(i64::MAX);
    }
    if unlinked_identities > 0 {
        attention.push(Attention {
            kind: "identities",
            title: if unlinked_identities == 1 {
                "1 unlinked identity".to_owned()
            } else {
                format!("{unlinked_identities} unlinked identities")
            },
            detail: "What they did is kept, and not counted until they are linked".to_owned(),
            href: "/identities".to_owned(),
        });
    }
    let from = scope.now() - HOURS * HOUR_MICROS;
    let executions_24h = scope.count_executions(&Filter { from: Some(from), ..Filter::default() })?;
    let waiting = scope.count_executions(&Filter { status: Some(Status::Waiting), ..Filter::default() })?;
    let totals = Totals { executions_24h, failed_24h, waiting, unlinked_identities, records: records(scope)? };
    Ok(Overview { sources, attention, totals })
}

async fn get(State(app): State<App>, caller: Caller) -> Result<Answer<Overview>, Problem> {
    let types = app.types().clone();
    app.read(caller.tenant, move |scope| Ok(Answer(overview(scope, &types)?))).await
}
