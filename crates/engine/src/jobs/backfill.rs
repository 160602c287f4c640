//! A stretch of time that is read again from a vendor, beside the live cursor. Whoever polls does the reading: it begins one here, notes
//! each page within the page's own transaction, and says when there is nothing more. What is noted is where it goes on after a restart.

use std::sync::Arc;

use salesdash_store::executions::Status;
use salesdash_store::jobs::Job;
use salesdash_store::{Result as StoreResult, Scope, StoreError};
use salesdash_value::{Instant, Text, Value, json};

use super::{BACKFILL, JobState, changed, maybe, optional, time, whole};
use crate::settings::document;
use crate::{Engine, Result};

/// The name of a backfill's cursor, beside the live one of its source.
pub const CURSOR: &str = "backfill";

/// What is to be read again.
#[derive(Clone, Debug)]
pub struct BackfillRequest {
    /// The source.
    pub source: i64,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// The cursor that it begins at.
    pub cursor: String,
    /// Who asks for it.
    pub actor: String,
}

/// How far a backfill is.
#[derive(Clone, Debug, PartialEq)]
pub struct Backfill {
    /// Its job.
    pub job: i64,
    /// The source.
    pub source: i64,
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// How far it is in that time, where that is known.
    pub reached: Option<Instant>,
    /// Pages that were read.
    pub pages: i64,
    /// Records on them.
    pub records: i64,
    /// Records that were new.
    pub taken: i64,
    /// Records that were known.
    pub duplicate: i64,
    /// Records of which a later version was known.
    pub stale: i64,
    /// Whether all was read.
    pub read: bool,
    /// How much of it is read, in whole percent; as well as that can be told. A hundred only once all is.
    pub share: i64,
    /// Why the last try failed; it is tried again.
    pub reason: Option<Text>,
}

impl Backfill {
    pub(super) fn read(job: i64, document: &Value) -> Self {
        Self {
            job,
            source: whole(document, "source"),
            from: time(document, "from").unwrap_or(Instant::UNIX_EPOCH),
            until: time(document, "until").unwrap_or(Instant::UNIX_EPOCH),
            reached: time(document, "reached"),
            pages: whole(document, "pages"),
            records: whole(document, "records"),
            taken: whole(document, "taken"),
            duplicate: whole(document, "duplicate"),
            stale: whole(document, "stale"),
            read: is_read(document),
            share: if is_read(document) { 100 } else { whole(document, "share").clamp(0, 99) },
            reason: document.get("reason").and_then(Value::as_text).map(Text::new),
        }
    }
}

fn is_read(document: &Value) -> bool {
    document.get("read").and_then(Value::as_boolean).unwrap_or(false)
}

/// What a page brought.
#[derive(Clone, Copy, Debug, Default)]
pub struct PageRead {
    /// Records on it.
    pub records: i64,
    /// Records that were new.
    pub taken: i64,
    /// Records that were known.
    pub duplicate: i64,
    /// Records of which a later version was known.
    pub stale: i64,
    /// How far that is in the time.
    pub reached: Option<Instant>,
    /// How much of the whole is read, in percent.
    pub share: i64,
}

/// The source of a job.
pub(super) fn source_of(job: &Job) -> StoreResult<i64> {
    Ok(whole(&read(job)?, "source"))
}

fn read(job: &Job) -> StoreResult<Value> {
    document(&job.document).map_err(|_| StoreError::Damaged("the document of a job cannot be read".to_owned()))
}

/// The job, where it runs.
fn running(scope: &mut Scope<'_>, job: i64) -> StoreResult<Value> {
    let known = scope.job(job)?;
    match known.state.as_str() {
        "running" => read(&known),
        state => Err(StoreError::Conflict(format!("the backfill is {state}"))),
    }
}

/// Notes a page, within the transaction that stores it.
///
/// # Errors
/// Where the backfill was cancelled meanwhile: nothing of the page may be stored then.
pub fn note_page(scope: &mut Scope<'_>, job: i64, page: &PageRead) -> StoreResult<()> {
    let known = running(scope, job)?;
    let plus = |key: &str, more: i64| Value::from(whole(&known, key) + more);
    let reached = page.reached.map(Instant::as_microsecond).or_else(|| maybe(&known, "reached"));
    let text = changed(
        &known,
        [
            ("pages", plus("pages", 1)),
            ("records", plus("records", page.records)),
            ("taken", plus("taken", page.taken)),
            ("duplicate", plus("duplicate", page.duplicate)),
            ("stale", plus("stale", page.stale)),
            ("reached", optional(reached)),
            ("share", page.share.into()),
            ("reason", Value::Null),
        ],
    );
    scope.update_job(job, "running", "running", &text).map(|_| ())
}

/// Notes that there is nothing more to read. The job ends once what it called for is executed.
///
/// # Errors
/// Where it was cancelled meanwhile.
pub fn note_read(scope: &mut Scope<'_>, job: i64) -> StoreResult<()> {
    let known = running(scope, job)?;
    scope.clear_cursor(whole(&known, "source"), CURSOR)?;
    scope.update_job(job, "running", "running", &changed(&known, [("read", true.into()), ("reason", Value::Null)])).map(|_| ())
}

/// Notes why a try failed; it is tried again.
///
/// # Errors
/// Where it was cancelled meanwhile.
pub fn note_trouble(scope: &mut Scope<'_>, job: i64, reason: &str) -> StoreResult<()> {
    let known = running(scope, job)?;
    scope.update_job(job, "running", "running", &changed(&known, [("reason", reason.into())])).map(|_| ())
}

/// The backfill of a source that still has to read.
///
/// # Errors
/// Where the database fails.
pub fn reading(scope: &mut Scope<'_>, source: i64) -> StoreResult<Option<Backfill>> {
    for job in scope.jobs_of(BACKFILL, "running")? {
        let known = Backfill::read(job.id, &read(&job)?);
        if known.source == source && !known.read {
            return Ok(Some(known));
        }
    }
    Ok(None)
}

impl Engine {
    /// Begins a backfill: the job and its cursor, in one transaction. Whoever polls goes on from there.
    ///
    /// # Errors
    /// Where there is no such source, or one is on its way.
    pub fn begin_backfill(self: &Arc<Self>, tenant: i64, request: BackfillRequest) -> Result<JobState> {
        let fields = [
            ("source", Value::from(request.source)),
            ("from", request.from.as_microsecond().into()),
            ("until", request.until.as_microsecond().into()),
        ];
        let asked = Value::object(fields.iter().cloned().chain([("actor", request.actor.as_str().into())]));
        let text = json::to_string(&Value::object(fields.into_iter().chain([("request", asked)])));
        let BackfillRequest { source, cursor, actor, .. } = request;
        let job = self.store.write(tenant, move |scope| {
            scope.source(source)?;
            if let Some(known) = reading(scope, source)? {
                let text = format!("a backfill of this source is on its way (job {}); wait for it or cancel it first", known.job);
                return Err(StoreError::Conflict(text));
            }
            scope.set_cursor(source, CURSOR, &cursor, &actor)?;
            let job = scope.create_job(BACKFILL, &text)?;
            scope.audit(&actor, "source.backfilled", &format!("source {source}"), None, Some(&format!(r#"{{"job":{}}}"#, job.id)))?;
            Ok(job.id)
        })?;
        self.tell_job(tenant, job)
    }

    /// Tells listeners how far a backfill is.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn tell_backfill(&self, tenant: i64, job: i64) -> Result<()> {
        self.tell_job(tenant, job).map(|_| ())
    }

    /// Ends a backfill that has read everything once what it called for is executed, and one whose source was removed.
    pub(super) fn end_backfill(&self, tenant: i64, job: i64) -> Result<()> {
        let ended = self.store.write(tenant, move |scope| {
            let known = scope.job(job)?;
            let backfill = Backfill::read(job, &read(&known)?);
            let removed = matches!(scope.source(backfill.source), Err(StoreError::Missing(_)));
            if removed {
                return scope.update_job(job, "running", "cancelled", &known.document);
            }
            let waits = scope.job_counts(job)?.iter().any(|(status, _)| *status == Status::Waiting);
            if waits || !backfill.read {
                return Ok(false);
            }
            scope.update_job(job, "running", "finished", &known.document)
        })?;
        if ended { self.tell_job(tenant, job).map(|_| ()) } else { Ok(()) }
    }
}
