//! What a spec would do, did, and is to do again: tries on one record, impact previews, coverage, reprocessing.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_engine::coverage::Coverage as Covered;
use salesdash_engine::draft::{TestRecord, TestRequest};
use salesdash_engine::jobs::ReprocessRequest;
use salesdash_engine::preview::{MAX_RECORDS, PreviewRequest};
use salesdash_value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::auth::{Caller, Reveal};
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::executions::{WhichEnrichments, masked_pointers};
use crate::routes::jobs::Job;
use crate::routes::language::MAX_SPEC;
use crate::wire::{At, Id, Params, Time};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/test",
            Role::Builder,
            "testSpec",
            "Tries a spec on one record against what is stored; writes nothing",
        )
        .body::<Test>()
        .answer::<Tested>()
        .limit(MAX_SPEC)
        .reveals(),
        test,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/processors/{id}/preview",
            Role::Builder,
            "previewSpec",
            "Starts a job that tells what a draft would make of the last records; writes nothing",
        )
        .body::<Preview>()
        .answer::<Job>()
        .status(202)
        .limit(MAX_SPEC)
        .reveals(),
        preview,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/processors/{id}/coverage",
            Role::Viewer,
            "getCoverage",
            "How often the parts of a processor's newest version ran, over its last executions",
        )
        .query::<CoverageQuery>()
        .answer::<Coverage>(),
        coverage,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/processors/{id}/reprocess",
            Role::Builder,
            "reprocess",
            "Counts the records of a range; with the count confirmed, starts a job that runs them again with the newest spec",
        )
        .body::<Reprocess>()
        .answer::<Reprocessing>(),
        reprocess,
    );
}

/// What is to be tried.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Test {
    spec: Document,
    /// The record to try it on.
    record: WhichRecord,
    /// The values of its constants; those of the link, else the defaults, where none are given.
    #[serde(default)]
    constants: Option<Document>,
    /// The link whose provider and constants serve.
    #[serde(default)]
    link: Option<Id>,
    /// The execution clock; now where none is given.
    #[serde(default)]
    at: Option<Time>,
    /// The enrichments of a record that was received; fetched again for this try only where they are to be fresh.
    #[serde(default)]
    enrichments: WhichEnrichments,
}

/// A record: one of both.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct WhichRecord {
    /// The id of a source model that was received.
    #[serde(default)]
    id: Option<Id>,
    /// A record as it is.
    #[serde(default)]
    value: Option<Document>,
}

/// What a try came to.
#[derive(Serialize, JsonSchema)]
struct Tested {
    /// `succeeded`, `skipped`, `partially_failed` or `failed`.
    status: &'static str,
    /// Every problem of the spec.
    diagnostics: Vec<Document>,
    /// The record that it ran on. Personal values are masked unless revealed.
    record: Document,
    /// The JSON pointers of the masked values of the record.
    masked: Vec<String>,
    /// What it would write, each with the `outcome` that it would have.
    effects: Document,
    messages: Document,
    /// The tree of instructions and expressions, as in a trace.
    tree: Document,
    /// Where enrichments were fetched again: what differs from what it comes to with those that were recorded.
    differences: Vec<Difference>,
}

/// What differs between the enrichments that were recorded and those of now. Personal values are masked unless revealed.
#[derive(Serialize, JsonSchema)]
pub struct Difference {
    /// The instruction that writes otherwise; null where the record itself differs.
    instruction: Option<String>,
    /// What it writes to, by its external id.
    external_id: Option<String>,
    /// The JSON pointer, in the record or in the write; empty where the whole write came or went.
    pointer: String,
    /// What it was; null where it was not there.
    from: Document,
    /// What it is now; null where it is gone.
    to: Document,
}

impl Difference {
    pub fn all(found: Vec<salesdash_engine::compare::Difference>) -> Vec<Self> {
        let one = |found: salesdash_engine::compare::Difference| Self {
            instruction: found.instruction,
            external_id: found.external_id,
            pointer: found.pointer,
            from: Document(found.from),
            to: Document(found.to),
        };
        found.into_iter().map(one).collect()
    }
}

async fn test(State(app): State<App>, caller: Caller, reveal: Reveal, Body(given): Body<Test>) -> Result<Answer<Tested>, Problem> {
    app.blocking(move |app| {
        let record = match (given.record.id, given.record.value) {
            (Some(Id(id)), None) => TestRecord::Stored(id),
            (None, Some(value)) => TestRecord::Given(value.0),
            _ => return Err(Problem::invalid("give either the `id` of a record or a `value`").at("/record")),
        };
        let mut constants = given.constants.map(|constants| constants.0);
        let mut provider = None;
        if let Some(Id(link)) = given.link {
            let (of_link, of_source) = app.work(caller.tenant, move |scope| {
                let link = scope.link(link)?;
                Ok((scope.constants(link.id, link.constants)?, scope.source(link.source)?.provider))
            })?;
            provider = Some(of_source);
            constants.get_or_insert_with(|| Document::stored(&of_link).0);
        }
        let request = TestRequest {
            spec: given.spec.0,
            record,
            constants: constants.unwrap_or(Value::Null),
            provider,
            at: given.at.map(|Time(at)| at),
            reveal: reveal.is_on(),
            fresh: given.enrichments == WhichEnrichments::Fresh,
        };
        let tested = app.engine().test(caller.tenant, &request)?;
        let mut masked = Vec::new();
        masked_pointers(&tested.record, &mut String::new(), &mut masked);
        Ok(Answer(Tested {
            status: tested.status,
            diagnostics: tested.diagnostics.iter().map(|found| Document(found.to_value())).collect(),
            record: Document(tested.record),
            masked,
            effects: Document(tested.effects),
            messages: Document(tested.messages),
            tree: Document(tested.tree),
            differences: Difference::all(tested.differences),
        }))
    })
    .await
}

/// What is to be previewed.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Preview {
    /// The draft.
    spec: Document,
    /// How many of the last records: 1,000 where nothing is said.
    #[serde(default)]
    last: Option<usize>,
    /// One link of the processor only.
    #[serde(default)]
    link: Option<Id>,
    /// Records received from this time on.
    #[serde(default)]
    from: Option<Time>,
    /// Records received before this time.
    #[serde(default)]
    to: Option<Time>,
}

/// Records that a preview goes over where nothing is said.
const PREVIEWED: usize = 1000;

async fn preview(
    State(app): State<App>,
    caller: Caller,
    reveal: Reveal,
    At(Id(processor)): At<Id>,
    Body(given): Body<Preview>,
) -> Result<Response, Problem> {
    app.read(caller.tenant, move |scope| Ok(scope.processor(processor)?)).await?;
    let request = PreviewRequest {
        spec: given.spec.0,
        processor,
        link: given.link.map(|Id(id)| id),
        records: given.last.unwrap_or(PREVIEWED).clamp(1, MAX_RECORDS),
        from: given.from.map(|Time(at)| at),
        to: given.to.map(|Time(at)| at),
        reveal: reveal.is_on(),
    };
    let job = app.previews().start(&app, caller.tenant, request)?;
    Ok((StatusCode::ACCEPTED, Answer(job)).into_response())
}

#[derive(Deserialize, JsonSchema)]
struct CoverageQuery {
    /// Executions to look at: 1,000 where nothing is said, 10,000 at most.
    #[serde(default)]
    last: Option<usize>,
}

/// How often the parts of a spec ran.
#[derive(Serialize, JsonSchema)]
struct Coverage {
    /// The version that it is about: the newest.
    version: i64,
    /// Executions that were looked at.
    executions: usize,
    /// Executions that could not be worked out again.
    gone: usize,
    /// By the id of the instruction.
    instructions: BTreeMap<String, InstructionCoverage>,
    /// The JSON pointers of expressions that were evaluated and always gave nothing.
    always_empty: Vec<String>,
    /// The JSON pointers of expressions that were never evaluated.
    never_evaluated: Vec<String>,
}

#[derive(Serialize, JsonSchema)]
struct InstructionCoverage {
    pointer: String,
    /// How often it ran to its end, each iteration counted.
    ran: u64,
    failed: u64,
    /// Executions in which it did not run at all.
    skipped: u64,
    /// How often each list of a block ran, by its field.
    branches: BTreeMap<String, u64>,
}

impl From<Covered> for Coverage {
    fn from(covered: Covered) -> Self {
        let executions = covered.executions as u64;
        let pointers = |wanted: fn(&salesdash_engine::coverage::ExpressionCoverage) -> bool| {
            covered.expressions.iter().filter(|found| wanted(found)).map(|found| found.pointer.clone()).collect()
        };
        let always_empty = pointers(|found| found.evaluated > 0 && found.empty == found.evaluated);
        let never_evaluated = pointers(|found| found.evaluated == 0 && found.failed == 0);
        let instructions = covered.instructions.into_iter().map(|found| {
            let skipped = executions.saturating_sub(found.executions);
            let branches = found.branches.into_iter().collect();
            (found.id, InstructionCoverage { pointer: found.pointer, ran: found.ran, failed: found.failed, skipped, branches })
        });
        Self {
            version: covered.version,
            executions: covered.executions,
            gone: covered.gone,
            instructions: instructions.collect(),
            always_empty,
            never_evaluated,
        }
    }
}

async fn coverage(
    State(app): State<App>,
    caller: Caller,
    At(Id(processor)): At<Id>,
    Params(query): Params<CoverageQuery>,
) -> Result<Answer<Coverage>, Problem> {
    let last = query.last.unwrap_or(1000).clamp(1, 10_000);
    app.blocking(move |app| Ok(Answer(app.engine().coverage(caller.tenant, processor, last)?.into()))).await
}

/// Which records are to be run again.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Reprocess {
    /// Received from this time on.
    #[serde(default)]
    from: Option<Time>,
    /// Received before this time; now where none is given.
    #[serde(default)]
    to: Option<Time>,
    /// One link of the processor only.
    #[serde(default)]
    link: Option<Id>,
    /// Whether enrichments are fetched again.
    #[serde(default)]
    fresh: bool,
    /// How many they are, as the answer without it said. Without it, they are only counted.
    #[serde(default)]
    confirm: Option<i64>,
}

/// How many records a range holds, and the job that runs them again.
#[derive(Serialize, JsonSchema)]
struct Reprocessing {
    count: i64,
    /// Null where they were only counted.
    job: Option<Job>,
}

async fn reprocess(
    State(app): State<App>,
    caller: Caller,
    At(Id(processor)): At<Id>,
    Body(given): Body<Reprocess>,
) -> Result<Answer<Reprocessing>, Problem> {
    app.blocking(move |app| {
        let request = ReprocessRequest {
            processor,
            link: given.link.map(|Id(id)| id),
            from: given.from.map(|Time(at)| at),
            to: given.to.map(|Time(at)| at),
            fresh: given.fresh,
            actor: caller.actor.clone(),
        };
        let count = app.engine().count_reprocess(caller.tenant, &request)?;
        let Some(confirmed) = given.confirm else { return Ok(Answer(Reprocessing { count, job: None })) };
        if count > confirmed {
            let text = format!("the range holds {count} records by now, and {confirmed} were confirmed; look again");
            return Err(Problem::conflict(text).at("/confirm"));
        }
        let job = app.engine().reprocess(caller.tenant, &request)?;
        app.note(&caller, "processor.reprocessed", &format!("processor {processor}"))?;
        Ok(Answer(Reprocessing { count, job: Some(Job::of(job)) }))
    })
    .await
}
