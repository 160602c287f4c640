//! Sources that are polled or filled from files: running them now, their cursors, backfills, tries, uploads.

use std::io::Read;

use axum::body::Body as RawBody;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use salesdash_connect::halt::Wait;
use salesdash_connect::import::FileFormat;
use salesdash_connect::schedule::{BackfillState, RunState, SourceState, Stopped};
use salesdash_language::mask::mask;
use salesdash_language::model::Models;
use salesdash_store::cursors::PastCursor;
use salesdash_value::{Instant, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use crate::App;
use crate::auth::{Caller, Reveal};
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::jobs::BackfillProgress;
use crate::routes::runs::Run;
use crate::routes::sources::source_settings;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time};

/// The largest file that is taken in.
const MAX_FILE: usize = 2 << 30;

pub fn add(table: &mut Table) {
    const CURSOR: &str = "/api/v1/sources/{id}/cursor";
    table.add(
        Endpoint::new(Method::POST, "/api/v1/sources/{id}/run", Role::Builder, "runSource", "Has a source polled now")
            .answer::<Poll>()
            .status(202),
        run,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/sources/{id}/cancel",
            Role::Builder,
            "cancelRuns",
            "Ends the runs of a source; what they stored stays",
        )
        .answer::<Poll>(),
        cancel,
    );
    table.add(
        Endpoint::new(Method::GET, CURSOR, Role::Viewer, "getCursor", "How far the polling of a source is, and when it goes on")
            .answer::<Poll>(),
        get_cursor,
    );
    table.add(
        Endpoint::new(
            Method::PUT,
            CURSOR,
            Role::Builder,
            "setCursor",
            "Sets the cursor of a source: to a time, to a value it had, or to the beginning",
        )
        .body::<SetCursor>()
        .answer::<Poll>(),
        set_cursor,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/sources/{id}/cursor/history",
            Role::Viewer,
            "listCursors",
            "The values that a cursor had, newest first",
        )
        .query::<PageQuery>()
        .answer::<Listed<Past>>(),
        history,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/sources/{id}/backfill",
            Role::Builder,
            "backfillSource",
            "Reads a stretch of time again, beside the live cursor, which stays where it is",
        )
        .body::<Backfill>()
        .answer::<Poll>()
        .status(202),
        backfill,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/providers/{id}/try",
            Role::Builder,
            "tryPoll",
            "Asks for the first page of a poll that is described, and tells what it holds; stores nothing",
        )
        .body::<Try>()
        .answer::<Tried>()
        .reveals(),
        try_poll,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/sources/{id}/try", Role::Builder, "trySource", "The same, for a source as it is")
            .answer::<Tried>()
            .reveals(),
        try_source,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/sources/{id}/import",
            Role::Builder,
            "importFile",
            "Takes in the records of a CSV or JSON file, given as the body; `?name=` tells what it is",
        )
        .query::<ImportQuery>()
        .raw_body("application/octet-stream")
        .answer::<Run>()
        .limit(MAX_FILE),
        import,
    );
}

/// How the polling of a source is doing.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PollState")]
pub struct Poll {
    /// The cursor as it is stored; null where there is none yet.
    cursor: Document,
    /// How far it is, in words.
    reached: Option<String>,
    /// When it runs next. Null where it does not run by itself.
    next_at: Option<Time>,
    running: Option<Running>,
    /// The backfill that still reads: between two tries, and after a restart, too.
    backfill: Option<RunningBackfill>,
    /// Until when nothing is asked of the vendor, since that said so. A run that is begun waits for it.
    held: Option<Held>,
    /// Why it does not run by itself, where that is for people to change: `paused`, `provider_paused` or `needs_reconnecting`.
    stopped: Option<&'static str>,
}

/// Until when nothing is asked of a vendor, and why.
#[derive(Serialize, JsonSchema)]
struct Held {
    until: Time,
    /// In a sentence.
    why: String,
}

impl From<Wait> for Held {
    fn from(wait: Wait) -> Self {
        Self { until: Time(wait.until.as_microsecond()), why: wait.why.to_string() }
    }
}

/// A backfill that still reads.
#[derive(Serialize, JsonSchema)]
struct RunningBackfill {
    /// Its job.
    job: Id,
    /// Its run that is on its way.
    id: Option<Id>,
    /// Where it is, in words.
    at: Option<String>,
    /// What its run waits for.
    waits: Option<Held>,
    /// Whether it goes on only once its source, and its provider, are resumed.
    paused: bool,
    #[serde(flatten)]
    progress: BackfillProgress,
}

impl RunningBackfill {
    fn of(state: BackfillState, stopped: Option<Stopped>) -> Self {
        let run = state.running;
        Self {
            job: Id(state.progress.job),
            id: run.as_ref().map(|run| Id(run.id)),
            at: run.as_ref().and_then(|run| run.at.as_ref()).map(ToString::to_string),
            waits: run.and_then(|run| run.waits).map(Held::from),
            paused: matches!(stopped, Some(Stopped::Paused | Stopped::ProviderPaused)),
            progress: state.progress.into(),
        }
    }
}

/// A run that is on its way.
#[derive(Serialize, JsonSchema)]
struct Running {
    id: Id,
    pages: u64,
    records: u64,
    /// Where it is, in words.
    at: Option<String>,
    /// What it waits for.
    waits: Option<Held>,
}

impl From<RunState> for Running {
    fn from(run: RunState) -> Self {
        let (at, waits) = (run.at.map(|at| at.to_string()), run.waits.map(Held::from));
        Self { id: Id(run.id), pages: run.pages, records: run.records, at, waits }
    }
}

impl From<SourceState> for Poll {
    fn from(state: SourceState) -> Self {
        Self {
            cursor: Document(state.cursor),
            reached: state.reached.map(|reached| reached.to_string()),
            next_at: state.next.map(|next| Time(next.as_microsecond())),
            running: state.running.map(Running::from),
            backfill: state.backfill.map(|backfill| RunningBackfill::of(backfill, state.stopped)),
            held: state.held.map(Held::from),
            stopped: state.stopped.map(|stopped| match stopped {
                Stopped::Paused => "paused",
                Stopped::ProviderPaused => "provider_paused",
                Stopped::NeedsReconnecting => "needs_reconnecting",
            }),
        }
    }
}

fn state(app: &App, tenant: i64, source: i64) -> Result<Poll, Problem> {
    Ok(app.connect()?.state(tenant, source)?.into())
}

async fn run(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Response, Problem> {
    app.blocking(move |app| {
        if !app.connect()?.run_now(caller.tenant, id)? {
            return Err(Problem::conflict("a run of this source is on its way already"));
        }
        app.note(&caller, "source.run", &format!("source {id}"))?;
        Ok((StatusCode::ACCEPTED, Answer(state(app, caller.tenant, id)?)).into_response())
    })
    .await
}

async fn cancel(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Poll>, Problem> {
    app.blocking(move |app| {
        app.store().read(caller.tenant, |scope| scope.source(id))?;
        app.connect()?.cancel(caller.tenant, id)?;
        app.note(&caller, "source.runs_cancelled", &format!("source {id}"))?;
        Ok(Answer(state(app, caller.tenant, id)?))
    })
    .await
}

async fn get_cursor(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Poll>, Problem> {
    app.blocking(move |app| Ok(Answer(state(app, caller.tenant, id)?))).await
}

/// Where the cursor is to be: one of both; with neither, at the beginning.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SetCursor {
    /// A time.
    #[serde(default)]
    from: Option<Time>,
    /// A value that it had.
    #[serde(default)]
    cursor: Option<Document>,
}

fn instant(Time(micros): Time) -> Result<Instant, Problem> {
    Instant::from_microsecond(micros).map_err(|_| Problem::invalid("the time is out of range"))
}

async fn set_cursor(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Body(given): Body<SetCursor>,
) -> Result<Answer<Poll>, Problem> {
    app.blocking(move |app| {
        let connect = app.connect()?;
        match (given.from, given.cursor) {
            (Some(_), Some(_)) => return Err(Problem::invalid("give either `from` or `cursor`")),
            (None, Some(cursor)) => connect.set_cursor(caller.tenant, id, &cursor.0, &caller.actor)?,
            (from, None) => connect.rewind(caller.tenant, id, from.map(instant).transpose()?, &caller.actor)?,
        }
        app.note(&caller, "source.cursor_set", &format!("source {id}"))?;
        Ok(Answer(state(app, caller.tenant, id)?))
    })
    .await
}

/// A value that a cursor had.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PastCursor")]
struct Past {
    id: Id,
    /// Until when it had it.
    at: Time,
    /// `live` or `backfill`.
    name: String,
    value: Document,
    /// Who changed it then.
    actor: String,
}

impl From<PastCursor> for Past {
    fn from(past: PastCursor) -> Self {
        Self { id: Id(past.id), at: Time(past.id), name: past.name, value: Document::stored(&past.value), actor: past.actor }
    }
}

async fn history(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Params(page): Params<PageQuery>,
) -> Result<Answer<Listed<Past>>, Problem> {
    let paging = page.paging()?;
    app.read(caller.tenant, move |scope| {
        scope.source(id)?;
        Ok(Answer(scope.cursor_history(id, paging)?.map(Past::from).into()))
    })
    .await
}

/// A stretch of time.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Backfill {
    from: Time,
    /// Now where none is given.
    #[serde(default)]
    to: Option<Time>,
}

async fn backfill(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>, Body(given): Body<Backfill>) -> Result<Response, Problem> {
    app.blocking(move |app| {
        app.connect()?.backfill(caller.tenant, id, instant(given.from)?, given.to.map(instant).transpose()?, &caller.actor)?;
        Ok((StatusCode::ACCEPTED, Answer(state(app, caller.tenant, id)?)).into_response())
    })
    .await
}

/// A poll to be tried.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Try {
    /// The name of the source in the provider's type.
    #[serde(default)]
    definition: Option<String>,
    /// As the form has them.
    settings: Document,
}

/// The first page of a poll.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TriedPoll")]
struct Tried {
    /// The records of the page, 25 at most. Personal values are masked unless revealed.
    records: Vec<Document>,
    /// How many the vendor gave.
    count: usize,
    /// The request that was made, without secrets.
    request: String,
    /// Whether there is a further page.
    more: bool,
    /// The declaration of the fields, as inferred.
    fields: Document,
    /// The field that most likely tells one record from another.
    key: Option<String>,
    /// The field that most likely tells a later state from an earlier one.
    version: Option<String>,
    /// The body of the answer, where no records were found in it.
    body: Option<Document>,
    /// Why a run of it would end with an error, where the answer holds no records where they should be.
    problem: Option<String>,
    /// What was learnt of the fields: to be given back when the source is made.
    shape: Document,
}

async fn tried(app: &App, tenant: i64, provider: i64, settings: &Value, reveal: bool) -> Result<Answer<Tried>, Problem> {
    let tried = app.connect()?.try_poll(tenant, provider, settings).await?;
    let ty = Models::read_one("tried", &tried.model).0.ty;
    let shown = |value: &Value, ty| Document(if reveal { value.clone() } else { mask(value, ty) });
    Ok(Answer(Tried {
        records: tried.records.iter().map(|record| shown(record, &ty)).collect(),
        count: tried.count,
        request: tried.request,
        more: tried.more,
        key: tried.key.map(|key| key.to_string()),
        version: tried.version.map(|version| version.to_string()),
        body: tried.body.as_ref().map(|body| shown(body, &salesdash_language::types::Type::ANY)),
        problem: tried.problem,
        shape: Document(tried.shape),
        fields: Document(tried.model),
    }))
}

async fn try_poll(
    State(app): State<App>,
    caller: Caller,
    reveal: Reveal,
    At(Id(id)): At<Id>,
    Body(given): Body<Try>,
) -> Result<Answer<Tried>, Problem> {
    let settings = source_settings(given.definition.as_deref(), &given.settings.0);
    tried(&app, caller.tenant, id, &settings, reveal.is_on()).await
}

async fn try_source(State(app): State<App>, caller: Caller, reveal: Reveal, At(Id(id)): At<Id>) -> Result<Answer<Tried>, Problem> {
    let source = app.read(caller.tenant, move |scope| Ok(scope.source(id)?)).await?;
    if source.kind != "poll" {
        return Err(Problem::conflict("this source is not polled, so there is nothing to ask for"));
    }
    tried(&app, caller.tenant, source.provider, &Document::stored(&source.settings).0, reveal.is_on()).await
}

#[derive(Deserialize, JsonSchema)]
struct ImportQuery {
    /// The name of the file; its end tells whether it is CSV or JSON.
    #[serde(default)]
    name: Option<String>,
}

/// A body as it comes in, read on a thread that may wait.
struct Incoming {
    chunks: mpsc::Receiver<std::io::Result<bytes::Bytes>>,
    rest: bytes::Bytes,
}

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.rest.is_empty() {
            match self.chunks.blocking_recv() {
                None => return Ok(0),
                Some(chunk) => self.rest = chunk?,
            }
        }
        let length = into.len().min(self.rest.len());
        into[..length].copy_from_slice(&self.rest.split_to(length));
        Ok(length)
    }
}

/// Pieces of a body that wait to be read.
const WAITING_CHUNKS: usize = 16;

/// Hands a body over, piece by piece.
fn incoming(body: RawBody) -> Incoming {
    let (send, chunks) = mpsc::channel(WAITING_CHUNKS);
    tokio::spawn(async move {
        let mut body = body.into_data_stream();
        let mut size = 0;
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(std::io::Error::other).and_then(|chunk| {
                size += chunk.len();
                if size > MAX_FILE { Err(std::io::Error::other("the file is too large")) } else { Ok(chunk) }
            });
            if send.send(chunk).await.is_err() {
                return;
            }
        }
    });
    Incoming { chunks, rest: bytes::Bytes::new() }
}

async fn import(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Params(query): Params<ImportQuery>,
    request: Request,
) -> Result<Answer<Run>, Problem> {
    let media_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let by_type = match media_type.split(';').next().unwrap_or_default().trim() {
        "text/csv" | "text/tab-separated-values" => Some(FileFormat::Csv),
        "application/json" | "application/x-ndjson" | "application/jsonl" => Some(FileFormat::Json),
        _ => None,
    };
    let format = query.name.as_deref().and_then(FileFormat::of_name).or(by_type);
    let format =
        format.ok_or_else(|| Problem::bad_request("say with `?name=` what the file is: one that ends in .csv, .json or .ndjson"))?;
    let mut file = incoming(request.into_body());
    app.blocking(move |app| {
        let run = app.connect()?.import(caller.tenant, id, format, &mut file)?;
        app.note(&caller, "source.imported", &format!("source {id}"))?;
        Ok(Answer(run.into()))
    })
    .await
}
