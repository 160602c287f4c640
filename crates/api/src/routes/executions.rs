//! Executions: lists, one of them, its trace, and having them run again.

use std::collections::HashMap;

use axum::extract::State;
use axum::http::Method;
use salesdash_engine::find::Needle;
use salesdash_engine::intake::key_hash;
use salesdash_engine::processor_of;
use salesdash_engine::replay::Verified;
use salesdash_records::Outcome;
use salesdash_store::attempts::Again;
use salesdash_store::executions::{Execution as Stored, Filter, RecordKey, Status};
use salesdash_store::{Scope, StoreError};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::app::Worked;
use crate::auth::{Caller, Reveal};
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::attempts::Attempt;
use crate::routes::models::Named;
use crate::routes::trying::Difference;
use crate::wire::{At, Id, PageQuery, Params, Searched, Time};

pub fn add(table: &mut Table) {
    const ONE: &str = "/api/v1/executions/{id}";
    table.add(
        Endpoint::new(Method::GET, "/api/v1/executions", Role::Viewer, "listExecutions", "Executions, newest first")
            .query::<ExecutionsQuery>()
            .answer::<Executions>()
            .reveals(),
        list,
    );
    table.add(Endpoint::new(Method::GET, ONE, Role::Viewer, "getExecution", "An execution").answer::<Execution>(), get);
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/executions/{id}/trace",
            Role::Viewer,
            "getTrace",
            "What happened in an execution, with the value of every sub-expression; worked out again, and held against what happened",
        )
        .query::<TraceQuery>()
        .answer::<Trace>()
        .reveals(),
        trace,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/executions/{id}/test-case",
            Role::Viewer,
            "getTestCase",
            "An execution with all that it ran with and came to, as a file that `salesdash run` runs and compares",
        )
        .answer::<TestCase>()
        .reveals(),
        test_case,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/executions/{id}/retry",
            Role::Builder,
            "retryExecution",
            "Has an execution run again, with the newest spec and constants; what it came to before is kept as an attempt",
        )
        .answer::<Execution>(),
        retry,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/executions/{id}/run-again",
            Role::Builder,
            "runAgain",
            "Has an execution run again, with the version that it ran with or the newest; what it came to before is kept as an attempt",
        )
        .body::<RunAgain>()
        .answer::<Execution>(),
        run_again,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/executions/retry",
            Role::Builder,
            "retryExecutions",
            "Counts the executions that a filter selects; with the count confirmed, has them run again",
        )
        .body::<RetryMany>()
        .answer::<RetriedMany>(),
        retry_many,
    );
}

/// An execution: one record of a source through one link.
#[derive(Clone, Serialize, JsonSchema)]
pub struct Execution {
    id: Id,
    /// When it ran; when it was called for while it waits.
    at: Time,
    /// `waiting`, `succeeded`, `skipped`, `partially_failed`, `failed`, `undone`, `stale` or `replaced`.
    status: &'static str,
    /// Null where it has been removed.
    processor: Option<Named>,
    /// Null where it has been removed.
    source: Option<Named>,
    link: Id,
    /// The version of the spec that ran.
    version: i64,
    constants_version: i64,
    /// The source model that it ran on.
    model_id: Id,
    /// The key of the record.
    key: Option<String>,
    took_us: i64,
    /// The code of its first error.
    code: Option<String>,
    /// The instruction of its first error.
    instruction: Option<String>,
    /// Its first error in words.
    message: Option<String>,
    writes: Writes,
    /// The job that called for it.
    job: Option<Id>,
}

/// How many writes came to what.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub(super) struct Writes {
    created: usize,
    updated: usize,
    found: usize,
    kept: usize,
    locked: usize,
    nothing: usize,
}

impl Writes {
    pub(super) fn of(outcome: Option<&[u8]>) -> Self {
        let outcomes = outcome.and_then(|bytes| Outcome::decode_all(bytes, |_| None).ok()).unwrap_or_default();
        let mut writes = Self::default();
        for outcome in outcomes {
            use salesdash_records::Verdict;
            let count = match outcome.verdict {
                Verdict::Created => &mut writes.created,
                Verdict::Updated => &mut writes.updated,
                Verdict::Found => &mut writes.found,
                Verdict::Kept => &mut writes.kept,
                Verdict::Locked => &mut writes.locked,
                Verdict::Nothing => &mut writes.nothing,
            };
            *count += 1;
        }
        writes
    }
}

/// The names that rows of a list have in common, each read once.
#[derive(Default)]
pub struct Names {
    sources: HashMap<i64, Option<Named>>,
    links: HashMap<i64, Option<Named>>,
}

/// None where there is no such row any more.
fn still<T>(found: Result<T, StoreError>) -> Worked<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(StoreError::Missing(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Names {
    fn source(&mut self, scope: &mut Scope<'_>, id: i64) -> Worked<Option<Named>> {
        if let Some(known) = self.sources.get(&id) {
            return Ok(known.clone());
        }
        let found = still(scope.source(id))?.map(|source| Named { id: Id(id), name: source.name });
        self.sources.insert(id, found.clone());
        Ok(found)
    }

    /// The processor of an execution, also where its link was removed since: then what the execution kept tells.
    fn processor(&mut self, scope: &mut Scope<'_>, of: &Stored) -> Worked<Option<Named>> {
        if let Some(known) = self.links.get(&of.link) {
            return Ok(known.clone());
        }
        let Some(id) = processor_of(scope, of).map_err(Problem::from)? else { return Ok(None) };
        let found = still(scope.processor(id))?.map(|processor| Named { id: Id(processor.id), name: processor.name });
        self.links.insert(of.link, found.clone());
        Ok(found)
    }
}

/// An execution as it stands on the wire.
pub fn execution(scope: &mut Scope<'_>, names: &mut Names, stored: Stored) -> Worked<Execution> {
    let model = still(scope.source_model(stored.source_model))?;
    let source = match &model {
        Some(model) => names.source(scope, model.source)?,
        None => None,
    };
    Ok(Execution {
        id: Id(stored.id),
        at: Time(if stored.at == 0 { stored.id } else { stored.at }),
        status: stored.status.name(),
        processor: names.processor(scope, &stored)?,
        source,
        link: Id(stored.link),
        version: stored.version,
        constants_version: stored.constants,
        model_id: Id(stored.source_model),
        key: model.and_then(|model| model.key),
        took_us: stored.took,
        writes: Writes::of(stored.outcome.as_deref()),
        code: stored.code,
        instruction: stored.instruction,
        message: stored.message,
        job: stored.job.map(Id),
    })
}

/// Which executions are meant.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Selection {
    #[serde(default)]
    status: Option<String>,
    #[serde(default)]
    processor: Option<Id>,
    #[serde(default)]
    source: Option<Id>,
    /// The code of the first error.
    #[serde(default)]
    code: Option<String>,
    /// The key of the record.
    #[serde(default)]
    key: Option<String>,
    /// Called for from this time on.
    #[serde(default)]
    from: Option<Time>,
    /// Called for before this time.
    #[serde(default)]
    to: Option<Time>,
    /// Those of one source model.
    #[serde(default)]
    model_id: Option<Id>,
    /// Those that a job called for.
    #[serde(default)]
    job: Option<Id>,
}

impl Selection {
    fn filter(&self, scope: &mut Scope<'_>) -> Worked<Filter> {
        let status = match self.status.as_deref() {
            None | Some("") => None,
            Some(name) => {
                let known = || Status::ALL.iter().map(|status| status.name()).collect::<Vec<_>>().join(", ");
                Some(Status::from_name(name).ok_or_else(|| Problem::bad_request(format!("`status` is one of {}", known())))?)
            }
        };
        let links = if self.processor.is_some() || self.source.is_some() {
            let links = scope.links(self.source.map(|Id(id)| id), self.processor.map(|Id(id)| id))?;
            Some(links.into_iter().map(|link| link.id).collect())
        } else {
            None
        };
        Ok(Filter {
            status,
            links,
            source_model: self.model_id.map(|Id(id)| id),
            from: self.from.map(|Time(at)| at),
            to: self.to.map(|Time(at)| at),
            key: self.key.clone().filter(|key| !key.is_empty()).map(|text| RecordKey { hash: key_hash(&text), text }),
            code: self.code.clone().filter(|code| !code.is_empty()),
            job: self.job.map(|Id(id)| id),
        })
    }
}

/// Which executions a list shows, and which page of it.
#[derive(Deserialize, JsonSchema)]
struct ExecutionsQuery {
    #[serde(flatten)]
    selection: Selection,
    /// The field of the record that holds `value`, as `deal.owner.name`; any field where none is given. What a spec fetches beside the record
    /// stands where the spec hangs it: `person.user.team`.
    #[serde(default)]
    field: Option<String>,
    /// A value that the record holds, as it was received. Texts are compared without regard to case, and `*` stands for any text. What is personal
    /// counts only where it is revealed.
    #[serde(default)]
    value: Option<String>,
    #[serde(flatten)]
    page: PageQuery,
}

/// A page of executions.
#[derive(Serialize, JsonSchema)]
struct Executions {
    /// Its rows.
    items: Vec<Execution>,
    /// The cursor of the next page; null on the last. Where a value is looked for, there may be a next page after one without a row.
    next: Option<String>,
    /// How far the records were gone through for this page, where a value is looked for.
    searched: Option<Searched>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    reveal: Reveal,
    Params(query): Params<ExecutionsQuery>,
) -> Result<Answer<Executions>, Problem> {
    let paging = query.page.paging()?;
    let ExecutionsQuery { selection, field, value, .. } = query;
    app.blocking(move |app| {
        let filter = app.work(caller.tenant, move |scope| selection.filter(scope))?;
        let (found, next, searched) = match value.filter(|value| !value.trim().is_empty()) {
            None => {
                let page = app.work(caller.tenant, move |scope| Ok(scope.executions(&filter, paging)?))?;
                (page.items, page.next, None)
            }
            Some(value) => {
                let needle = Needle::new(field.as_deref(), &value);
                let found = app.engine().find_executions(caller.tenant, &filter, paging, &needle, reveal.is_on())?;
                let searched = Searched { count: i64::try_from(found.examined).unwrap_or(i64::MAX), back_to: found.oldest.map(Time) };
                (found.items, found.next.map(|before| format!("{before:x}")), Some(searched))
            }
        };
        app.work(caller.tenant, move |scope| {
            let mut names = Names::default();
            let items = found.into_iter().map(|stored| execution(scope, &mut names, stored)).collect::<Worked<Vec<_>>>()?;
            Ok(Answer(Executions { items, next, searched }))
        })
    })
    .await
}

/// An execution by its id.
pub fn one(scope: &mut Scope<'_>, id: i64) -> Worked<Execution> {
    let stored = scope.execution(id)?;
    execution(scope, &mut Names::default(), stored)
}

async fn get(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Execution>, Problem> {
    app.read(caller.tenant, move |scope| Ok(Answer(one(scope, id)?))).await
}

/// What happened in an execution.
#[derive(Serialize, JsonSchema)]
struct Trace {
    execution: Execution,
    /// `yes`: the replay came to exactly what happened; `differs`; `payload_gone`; `erased`; `not_evaluated`.
    verified: &'static str,
    /// What that means, in words.
    verified_detail: &'static str,
    /// When the contact that the record is about was erased on request. Null where it was not.
    erased_at: Option<Time>,
    /// The spec that ran.
    spec: Document,
    version: i64,
    /// The record as the spec saw it, with its enrichments in it. Personal values are masked unless revealed.
    record: Document,
    /// The JSON pointers of the masked values of the record.
    masked: Vec<String>,
    constants: Document,
    /// The effects, each with its `outcome`.
    effects: Document,
    /// Records that were taken away, since an earlier execution of this record wrote them and this one does not.
    taken_away: Document,
    messages: Document,
    /// The tree of instructions and expressions.
    tree: Document,
    /// With the enrichments as they are now: what differs from what it comes to with those that were recorded.
    differences: Vec<Difference>,
    /// Every attempt at this execution, newest first: the first is how it stands now. One alone where it was never made to run again.
    attempts: Vec<Attempt>,
    /// The execution of the same record before this one.
    previous: Option<Id>,
    /// The execution of the same record after this one.
    next: Option<Id>,
}

const FRESH: &str = "With its enrichments as they are now: what it would come to, and nothing of it is written";

const fn verified_detail(verified: Verified) -> &'static str {
    match verified {
        Verified::Yes => "Worked out again from what was kept, and proved equal to what happened",
        Verified::Differs => "This version evaluates it differently: what is shown is what it comes to now, not what happened then",
        Verified::PayloadGone => "Retention has removed the record, so nothing can be worked out again",
        Verified::Erased(_) => {
            "The contact that this was about has been erased on request: what was received is gone, and what was written keeps its numbers"
        }
        Verified::NotEvaluated => "It waits, or failed before it could be evaluated: what is shown is what it would come to now",
    }
}

#[derive(Deserialize, JsonSchema)]
struct TraceQuery {
    /// With `fresh`, what it would come to now, with the enrichments fetched again: kept nowhere, and nothing is written. `verified` is then
    /// `not_evaluated`.
    #[serde(default)]
    enrichments: WhichEnrichments,
    /// An earlier attempt, by its id, instead of how the execution stands.
    #[serde(default)]
    attempt: Option<Id>,
}

async fn trace(
    State(app): State<App>,
    caller: Caller,
    reveal: Reveal,
    At(Id(id)): At<Id>,
    Params(query): Params<TraceQuery>,
) -> Result<Answer<Trace>, Problem> {
    app.blocking(move |app| {
        let attempt = query.attempt.map(|Id(attempt)| attempt);
        if attempt.is_some() && query.enrichments == WhichEnrichments::Fresh {
            return Err(
                Problem::invalid("related data as it is now is shown of how an execution stands, not of an earlier attempt").at("/attempt")
            );
        }
        let mut replayed = app.engine().trace_of(caller.tenant, id, attempt, reveal.is_on())?;
        let mut differences = Vec::new();
        let fresh = query.enrichments == WhichEnrichments::Fresh;
        if fresh {
            // Fetching asks others for something: that is for those who build.
            if caller.role < Role::Builder {
                return Err(Problem::forbidden("fetching related data again is for builders"));
            }
            let tested = app.engine().test_fresh(caller.tenant, id, reveal.is_on())?;
            replayed.verified = Verified::NotEvaluated;
            (replayed.record, replayed.effects, replayed.messages, replayed.tree) =
                (tested.record, tested.effects, tested.messages, tested.tree);
            replayed.taken_away = salesdash_value::Value::list([]);
            differences = Difference::all(tested.differences);
        }
        let (execution, attempts, around) = app.work(caller.tenant, move |scope| {
            let model = still(scope.source_model(replayed.execution.source_model))?;
            let around = match &model {
                Some(model) => scope.executions_around(model, &replayed.execution)?,
                None => (None, None),
            };
            let now = scope.execution(id)?;
            let attempts = Attempt::all(scope, &now)?;
            let shown = if attempt.is_some() { replayed.execution.clone() } else { now };
            Ok(((execution(scope, &mut Names::default(), shown)?, replayed), attempts, around))
        })?;
        let (execution, replayed) = execution;
        let mut masked = Vec::new();
        masked_pointers(&replayed.record, &mut String::new(), &mut masked);
        Ok(Answer(Trace {
            version: execution.version,
            execution,
            verified: replayed.verified.name(),
            verified_detail: if fresh { FRESH } else { verified_detail(replayed.verified) },
            erased_at: if let Verified::Erased(at) = replayed.verified { Some(Time(at)) } else { None },
            spec: Document(replayed.spec),
            record: Document(replayed.record),
            masked,
            constants: Document(replayed.constants),
            effects: Document(replayed.effects),
            taken_away: Document(replayed.taken_away),
            messages: Document(replayed.messages),
            tree: Document(replayed.tree),
            differences,
            attempts,
            previous: around.0.map(Id),
            next: around.1.map(Id),
        }))
    })
    .await
}

/// An execution as a test case.
#[derive(Serialize, JsonSchema)]
struct TestCase {
    /// The version of the format.
    test_case: u32,
    /// The execution that it was.
    execution: Id,
    spec: Document,
    /// The declarations of the source models, by type.
    models: Document,
    constants: Document,
    /// The zone of dates without an offset.
    timezone: Document,
    /// The country of phone numbers without a code.
    country: Document,
    /// The execution clock.
    at: Time,
    /// The record as the spec saw it, with its enrichments in it. Personal values are masked unless revealed.
    record: Document,
    expected: Expected,
}

/// What a test case came to.
#[derive(Serialize, JsonSchema)]
struct Expected {
    status: &'static str,
    effects: Document,
}

async fn test_case(State(app): State<App>, caller: Caller, reveal: Reveal, At(Id(id)): At<Id>) -> Result<Answer<TestCase>, Problem> {
    app.blocking(move |app| {
        let replayed = app.engine().trace(caller.tenant, id, reveal.is_on())?;
        if matches!(replayed.verified, Verified::PayloadGone | Verified::Erased(_)) {
            return Err(Problem::gone("the record is gone, so there is nothing to test with"));
        }
        let surrounding = |name: &str| Document(replayed.surroundings.get(name).cloned().unwrap_or_default());
        let status = replayed.tree.get("status").and_then(salesdash_value::Value::as_text);
        let status = Status::from_name(status.unwrap_or_default()).map_or(replayed.execution.status.name(), Status::name);
        Ok(Answer(TestCase {
            test_case: 1,
            execution: Id(id),
            models: surrounding("models"),
            timezone: surrounding("timezone"),
            country: surrounding("country"),
            at: Time(if replayed.execution.at == 0 { id } else { replayed.execution.at }),
            expected: Expected { status, effects: Document(replayed.effects) },
            spec: Document(replayed.spec),
            constants: Document(replayed.constants),
            record: Document(replayed.record),
        }))
    })
    .await
}

/// The pointers of what is masked in a value.
pub fn masked_pointers(value: &salesdash_value::Value, pointer: &mut String, found: &mut Vec<String>) {
    use salesdash_value::Value;
    let length = pointer.len();
    match value {
        Value::Text(text) if text == salesdash_language::mask::MASK => found.push(pointer.clone()),
        Value::Object(fields) => {
            for (name, value) in fields.iter() {
                pointer.push('/');
                pointer.push_str(&salesdash_language::diagnostics::escape(name));
                masked_pointers(value, pointer, found);
                pointer.truncate(length);
            }
        }
        Value::List(items) => {
            for (index, value) in items.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                masked_pointers(value, pointer, found);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// Has an execution run again: with the newest version, or with the one that it ran with.
async fn again(app: App, caller: Caller, id: i64, version: WhichVersion, fresh: bool) -> Result<Answer<Execution>, Problem> {
    app.blocking(move |app| {
        let again = Again { by: caller.actor.clone(), pinned: version == WhichVersion::Same, fresh };
        let retried = app.engine().run_again(caller.tenant, &[id], &again)?;
        if let Some((_, why)) = retried.left.first() {
            return Err(match *why {
                "missing" => Problem::not_found("there is no such execution"),
                "waiting" => Problem::conflict("the execution waits already"),
                "erased" => Problem::erased("the record was erased on request, so nothing can be worked out from it again"),
                "stale" | "overtaken" => Problem::conflict("a later version of this record has been executed since; run that one again"),
                "unversioned" => {
                    Problem::conflict("it failed before any version of the spec ran; run it again with the current version instead")
                }
                _ => Problem::conflict(format!("the execution cannot be run again: it is {why}")),
            });
        }
        app.note(&caller, "execution.retried", &format!("execution {id}"))?;
        app.work(caller.tenant, move |scope| Ok(Answer(one(scope, id)?)))
    })
    .await
}

async fn retry(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Execution>, Problem> {
    again(app, caller, id, WhichVersion::Current, false).await
}

/// How an execution is to run again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RunAgain {
    #[serde(default)]
    version: WhichVersion,
    #[serde(default)]
    enrichments: WhichEnrichments,
}

/// With which version of the spec.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum WhichVersion {
    /// The newest.
    #[default]
    Current,
    /// The one that it ran with, however old, with the constants that it ran with.
    Same,
}

/// With which enrichments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhichEnrichments {
    /// As they were.
    #[default]
    Recorded,
    /// Fetched again.
    Fresh,
}

async fn run_again(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Body(given): Body<RunAgain>,
) -> Result<Answer<Execution>, Problem> {
    again(app, caller, id, given.version, given.enrichments == WhichEnrichments::Fresh).await
}

/// Which executions are to run again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct RetryMany {
    filter: Selection,
    /// How many they are, as the answer without it said. Without it, they are only counted.
    #[serde(default)]
    confirm: Option<i64>,
    /// Whether enrichments are fetched again.
    #[serde(default)]
    fresh: bool,
}

/// How many executions a filter selects, or were made to run again.
#[derive(Serialize, JsonSchema)]
struct RetriedMany {
    count: i64,
    /// Whether they run again.
    started: bool,
}

async fn retry_many(State(app): State<App>, caller: Caller, Body(given): Body<RetryMany>) -> Result<Answer<RetriedMany>, Problem> {
    app.blocking(move |app| {
        let selection = given.filter;
        let filter = app.work(caller.tenant, move |scope| selection.filter(scope))?;
        let count = app.engine().count_matching(caller.tenant, &filter)?;
        let Some(confirmed) = given.confirm else { return Ok(Answer(RetriedMany { count, started: false })) };
        if count > confirmed {
            let text = format!("{count} executions are selected by now, and {confirmed} were confirmed; look again");
            return Err(Problem::conflict(text).at("/confirm"));
        }
        let again = Again { fresh: given.fresh, ..Again::newest(&caller.actor) };
        let count = app.engine().retry_matching(caller.tenant, &filter, &again)?;
        app.note(&caller, "executions.retried", &format!("{count} executions"))?;
        Ok(Answer(RetriedMany { count, started: true }))
    })
    .await
}
