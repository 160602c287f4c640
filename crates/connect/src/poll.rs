//! One run of a poll: page after page is read, and each is stored together with the executions it calls for, the moved cursor and what is
//! logged of the run. Whatever cuts it off, the next run goes on from what was stored.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use parking_lot::Mutex;
use salesdash_engine::EngineError;
use salesdash_engine::intake::Incoming;
use salesdash_engine::jobs::backfill::{self, Backfill, PageRead};
use salesdash_providers::definition::enrichment::Enrichment;
use salesdash_providers::definition::poll::{Incremental, Order, Poll};
use salesdash_providers::interpret::enrich::id_key;
use salesdash_providers::interpret::paging::{Next, Position};
use salesdash_providers::interpret::progress::{self, Going, Mark, Progress, Span};
use salesdash_providers::interpret::variables::{Asking, Given, in_request};
use salesdash_providers::request::text_of;
use salesdash_store::StoreError;
use salesdash_store::runs::Run;
use salesdash_value::{Instant, Text, Value, json};
use tracing::Instrument;

use crate::connection::{Connection, Trouble, blocking};
use crate::documents::{PollSettings, parse};
use crate::halt::{Halt, Wait};
use crate::listing::{self, For, Page};

/// The cursor of the live run, and that of a backfill beside it.
pub const LIVE: &str = "live";
/// See [`LIVE`].
pub const BACKFILL: &str = backfill::CURSOR;

/// A run that is on its way, as others see it.
#[derive(Debug, Default)]
pub struct Running {
    /// Ends it, and what it waits for meanwhile.
    pub(crate) halt: Arc<Halt>,
    /// What is to be said of it meanwhile, where it was ended by a pause.
    paused: Mutex<Option<&'static str>>,
    /// Its id, once it is logged.
    pub id: AtomicU64,
    /// Pages read.
    pub pages: AtomicU64,
    /// Records on them.
    pub records: AtomicU64,
    /// Where it is, in words that people understand: a time, a number.
    pub at: Mutex<Option<Text>>,
    /// The part that it is at, and how many there are.
    part: Mutex<(usize, usize)>,
    /// Whether another process has taken it over.
    lost: AtomicBool,
}

impl Running {
    /// Has it end after the page that it is at; what it only waits for is cut short.
    pub fn cancel(&self) {
        self.halt.halt();
    }

    /// The same, since its source or its provider was paused: `meanwhile` is what is said of a backfill until it goes on.
    pub fn pause(&self, meanwhile: &'static str) {
        self.paused.lock().get_or_insert(meanwhile);
        self.cancel();
    }

    /// What it waits for, where that takes a while.
    #[must_use]
    pub fn wait(&self) -> Option<Wait> {
        self.halt.wait()
    }

    fn is_cancelled(&self) -> bool {
        self.halt.is_halted()
    }
}

const PAUSED: &str = "It was paused; the next run goes on from here.";

/// What is to be run.
#[derive(Clone, Debug)]
pub struct Job {
    /// The source.
    pub source: i64,
    /// Which cursor: [`LIVE`] or [`BACKFILL`].
    pub cursor: &'static str,
    /// The backfill, where it is one.
    pub backfill: Option<Backfill>,
    /// Who runs it: only one may at a time, wherever it runs.
    pub owner: String,
}

/// For how long whoever runs a poll has it to itself after each page that it has stored. It is then taken over by whoever comes.
pub const LEASE_US: i64 = 5 * 60 * 1_000_000;

impl Job {
    /// The name of the lease.
    #[must_use]
    pub fn lease(&self) -> String {
        lease(self.source, self.cursor)
    }
}

/// The name of the lease on a cursor of a source.
#[must_use]
pub fn lease(source: i64, cursor: &str) -> String {
    format!("run {source} {cursor}")
}

/// What became of a run.
#[derive(Debug)]
pub enum Ended {
    /// All there was is stored.
    Succeeded,
    /// There is more, for the next run.
    Bounded,
    /// Somebody cancelled it.
    Cancelled,
    /// It is on its way in another process, or another has taken it over: nothing of it was stored here since.
    Elsewhere,
    /// It failed.
    Failed(Trouble),
}

/// A run of a poll.
pub struct PollRun {
    /// What it asks.
    pub connection: Arc<Connection>,
    /// The engine, which takes the records.
    pub engine: Arc<salesdash_engine::Engine>,
    /// What it does.
    pub settings: PollSettings,
    /// Which.
    pub job: Job,
    /// How others see it.
    pub running: Arc<Running>,
}

/// A partition: the key by which its progress is kept, and what the request reads.
type Partition = (Text, Value);

impl PollRun {
    fn poll(&self) -> &Poll {
        &self.settings.poll
    }

    fn incremental(&self) -> Option<&Incremental> {
        self.poll().incremental.as_ref()
    }

    fn tenant(&self) -> i64 {
        self.connection.tenant
    }

    fn now(&self) -> Instant {
        self.connection.clock().now()
    }

    fn given(&self) -> Given {
        self.connection.given().with_source(&self.poll().settings, &self.settings.settings)
    }

    /// Runs to the end, and logs it.
    ///
    /// # Errors
    /// Where not even that can be logged.
    pub async fn run(&self) -> Result<Ended, Trouble> {
        let (engine, tenant, source) = (Arc::clone(&self.engine), self.tenant(), self.job.source);
        self.connection.halts_with(Arc::clone(&self.running.halt));
        let kind = if self.job.cursor == LIVE { "poll" } else { "backfill" };
        let (lease, owner) = (self.job.lease(), self.job.owner.clone());
        let begin = move |scope: &mut salesdash_store::Scope<'_>| {
            let until = scope.now() + LEASE_US;
            if scope.take_lease(&lease, &owner, until)? { scope.begin_run(source, kind).map(Some) } else { Ok(None) }
        };
        let Some(mut run) = blocking(move || engine.store().write(tenant, begin)).await? else { return Ok(Ended::Elsewhere) };
        self.running.id.store(run.id.unsigned_abs(), Ordering::Relaxed);
        self.engine.tell_run(tenant, source, run.id, "running");
        let span = tracing::debug_span!(
            "poll",
            tenant,
            source,
            run = run.id,
            kind,
            pages = tracing::field::Empty,
            records = tracing::field::Empty,
            verdict = tracing::field::Empty
        );
        let mut ended = self.go(&mut run).instrument(span.clone()).await;
        if ended.is_err() && self.running.is_cancelled() {
            ended = Ok(Ended::Cancelled);
        }
        if ended.is_err() && self.running.lost.load(Ordering::Relaxed) {
            ended = Ok(Ended::Elsewhere);
        }
        let paused = *self.running.paused.lock();
        let (verdict, reason) = match &ended {
            Ok(Ended::Succeeded | Ended::Bounded) => ("succeeded", None),
            Ok(Ended::Elsewhere) => ("cancelled", Some("Another process has taken it over, and goes on from what was stored.".to_owned())),
            Ok(Ended::Cancelled) => {
                let why = if paused.is_some() { PAUSED } else { "It was cancelled; the next run goes on from here." };
                ("cancelled", Some(why.to_owned()))
            }
            Ok(Ended::Failed(trouble)) | Err(trouble) => ("failed", Some(trouble.to_string())),
        };
        let job = self.job.backfill.as_ref().map(|backfill| backfill.job);
        span.record("pages", run.pages).record("records", run.records).record("verdict", verdict);
        let (read, failed) = (matches!(ended, Ok(Ended::Succeeded)), reason.clone().filter(|_| verdict == "failed"));
        let trouble = failed.or_else(|| paused.filter(|_| verdict == "cancelled").map(ToOwned::to_owned));
        run.verdict = verdict.to_owned();
        run.reason = reason;
        run.ended = Some(self.now().as_microsecond());
        let (engine, logged) = (Arc::clone(&self.engine), run.clone());
        let (lease, owner) = (self.job.lease(), self.job.owner.clone());
        let noting = move |scope: &mut salesdash_store::Scope<'_>| {
            let noted = match (job, &trouble) {
                (Some(job), _) if read => backfill::note_read(scope, job),
                (Some(job), Some(trouble)) => backfill::note_trouble(scope, job, trouble),
                _ => Ok(()),
            };
            scope.end_lease(&lease, &owner)?;
            match noted {
                // It was cancelled at the last moment.
                Ok(()) | Err(StoreError::Conflict(_)) => scope.update_run(&logged),
                Err(error) => Err(error),
            }
        };
        blocking(move || engine.store().write(tenant, noting)).await?;
        self.engine.tell_run(tenant, source, run.id, verdict);
        ended.or_else(|trouble| Ok(Ended::Failed(trouble)))
    }

    /// Reads and stores until there is nothing more.
    async fn go(&self, run: &mut Run) -> Result<Ended, Trouble> {
        let mut progress = self.stored_progress().await?;
        let mut partitions = self.partitions().await?;
        // In a fixed order, so that a run that was cut off is gone on with where it was.
        partitions.sort_by(|(a, _), (b, _)| a.cmp(b));
        let parts = partitions.len();
        let resumed = progress.going.as_ref().map(|going| going.partition.clone());
        if let Some(resumed) = &resumed {
            if partitions.iter().any(|(key, _)| key == resumed) {
                partitions.retain(|(key, _)| key >= resumed);
            } else {
                // What it was at is no longer there.
                progress.going = None;
            }
        }
        let started = self.now();
        let mut pages = 0;
        let done = parts - partitions.len();
        for (place, (key, partition)) in partitions.iter().enumerate() {
            *self.running.part.lock() = (done + place, parts);
            loop {
                if progress.going.as_ref().is_none_or(|going| going.partition != *key) {
                    let span = progress.span(self.incremental(), key, self.settings.start(started), started);
                    progress.going = Some(Going { partition: key.clone(), span, ..Going::default() });
                }
                match self.span(run, &mut progress, partition, started, &mut pages).await? {
                    Step::Further => {}
                    Step::Done => break,
                    Step::End(ended) => return Ok(ended),
                }
            }
        }
        Ok(Ended::Succeeded)
    }

    /// Reads and stores one span of one partition.
    async fn span(
        &self,
        run: &mut Run,
        progress: &mut Progress,
        partition: &Value,
        started: Instant,
        pages: &mut u64,
    ) -> Result<Step, Trouble> {
        let given = self.given();
        // A position that was kept over a while may no longer be accepted: the span is then begun anew, once.
        let mut may_begin_anew = progress.going.as_ref().is_some_and(|going| going.position.index > 0);
        loop {
            if self.running.is_cancelled() {
                return Ok(Step::End(Ended::Cancelled));
            }
            let going = progress.going.clone().unwrap_or_default();
            *pages += 1;
            let reading = For { source: &given, partition, pages: *pages };
            let asking = self.asking(&going.span, partition);
            let page =
                match listing::page(&self.connection, &self.poll().list, &going.position, asking, reading).await.and_then(Page::sound) {
                    Ok(page) => page,
                    Err(Trouble::RestartPaging(_) | Trouble::Failed(_)) if may_begin_anew => {
                        may_begin_anew = false;
                        if let Some(going) = &mut progress.going {
                            going.position = Position::default();
                        }
                        continue;
                    }
                    Err(trouble) => return Err(trouble),
                };
            may_begin_anew = false;
            let marks: Vec<Option<Mark>> =
                page.records.iter().map(|record| self.incremental().and_then(|incremental| progress::mark(incremental, record))).collect();
            let past = progress::past(self.incremental(), &going.span, &marks);
            let mut records = Vec::with_capacity(page.records.len());
            let mut stored = Vec::with_capacity(page.records.len());
            for (record, mark) in page.records.into_iter().zip(marks) {
                if progress::takes(self.incremental(), &going.span, mark.as_ref()) {
                    records.push(Incoming { record, event: None });
                    stored.extend(mark);
                }
            }
            progress.stored(self.incremental(), stored, started);
            let step = match page.next {
                Next::Failed(text) => {
                    // What the page held is stored all the same.
                    self.commit(run, progress, records, page.count).await?;
                    return Err(Trouble::Failed(text));
                }
                Next::Page(_) | Next::Bound(_) if past => self.finish(progress, &page.body, started),
                Next::Page(next) => match self.capped(progress, &next) {
                    Some(Err(text)) => {
                        self.commit(run, progress, records, page.count).await?;
                        return Err(Trouble::Failed(text));
                    }
                    Some(Ok(())) => Step::Further,
                    None => {
                        if let Some(going) = &mut progress.going {
                            going.position = next;
                        }
                        self.commit(run, progress, records, page.count).await?;
                        continue;
                    }
                },
                Next::Bound(next) => {
                    if let Some(going) = &mut progress.going {
                        going.position = next;
                    }
                    Step::End(Ended::Bounded)
                }
                Next::Done => self.finish(progress, &page.body, started),
            };
            self.commit(run, progress, records, page.count).await?;
            return Ok(step);
        }
    }

    fn finish(&self, progress: &mut Progress, body: &Value, started: Instant) -> Step {
        if let Some(Incremental::Token(token)) = self.incremental()
            && let Some(token) = token.token.find(body).and_then(text_of)
        {
            progress.token(token);
        }
        if progress.finished(self.incremental(), started) { Step::Further } else { Step::Done }
    }

    /// Where the vendor gives no more than so many records for one search, the search begins anew where it left off. `None` where it does not.
    fn capped(&self, progress: &mut Progress, next: &Position) -> Option<Result<(), String>> {
        let Some(Incremental::Server(server)) = self.incremental() else { return None };
        let cap = u64::from(server.cap.as_ref()?.records.0);
        let going = progress.going.as_mut()?;
        if next.records < cap {
            return None;
        }
        let latest = going.seen.clone();
        if latest.is_none() || latest == going.span.since {
            let text = format!(
                "The vendor gives at most {cap} records for one search, and that many have the same time: they cannot all be read."
            );
            return Some(Err(text));
        }
        going.span.since = latest;
        going.position = Position::default();
        Some(Ok(()))
    }

    fn asking(&self, span: &Span, partition: &Value) -> Asking {
        let written = |mark: &Option<Mark>| match (mark, self.incremental()) {
            (Some(mark), Some(incremental @ (Incremental::Server(_) | Incremental::Token(_)))) => progress::written(incremental, mark),
            _ => Value::Null,
        };
        Asking { since: written(&span.since), until: written(&span.until), partition: partition.clone(), ..Asking::default() }
    }

    /// What the poll goes through, one after the other.
    async fn partitions(&self) -> Result<Vec<Partition>, Trouble> {
        let Some(rules) = &self.poll().partitions else { return Ok(vec![(Text::default(), Value::Null)]) };
        let given = self.given();
        let definition = self.connection.definition();
        let (values, id) = if let Some(values) = &rules.values {
            let found = values.evaluate(&in_request(&given, &Asking::default()), self.now());
            let found = found.map_err(|fault| Trouble::Failed(format!("What the poll goes through cannot be computed: {}", fault.text)))?;
            (found.as_list().map(<[Value]>::to_vec).unwrap_or_default(), None)
        } else if let Some(Enrichment::Table(table)) = rules.table.as_ref().and_then(|name| definition.enrichments.get(&name.0)) {
            (listing::whole(&self.connection, &table.list, &given).await?, Some(table.key.clone()))
        } else if let Some(parent) = rules.poll.as_ref().and_then(|name| definition.polls.get(&name.0)) {
            let key = definition.models.get(&parent.model.0).and_then(|model| model.key.clone());
            (listing::whole(&self.connection, &parent.list, &given).await?, key)
        } else {
            return Err(Trouble::Failed("The definition does not say what the poll goes through.".to_owned()));
        };
        let id = rules.id.clone().or(id);
        let keyed = values.into_iter().filter_map(|value| {
            let key = match (&value, &id) {
                (Value::Object(_), Some(id)) => id.find(&value).and_then(id_key)?,
                _ => id_key(&value)?,
            };
            Some((key, value))
        });
        let mut partitions: Vec<Partition> = keyed.collect();
        partitions.sort_by(|(a, _), (b, _)| a.cmp(b));
        partitions.dedup_by(|(a, _), (b, _)| a == b);
        if partitions.len() > progress::MAX_PARTITIONS {
            return Err(Trouble::Failed(format!("The poll goes through more than {} parts.", progress::MAX_PARTITIONS)));
        }
        Ok(partitions)
    }

    async fn stored_progress(&self) -> Result<Progress, Trouble> {
        let (engine, tenant, source, name) = (Arc::clone(&self.engine), self.tenant(), self.job.source, self.job.cursor);
        let stored = blocking(move || engine.store().read(tenant, |scope| scope.cursor(source, name))).await?;
        Ok(stored.map(|cursor| Progress::from_value(&parse(&cursor.value), self.incremental())).unwrap_or_default())
    }

    /// Stores a page: its records, the executions they call for, the cursor and what is logged of the run, in one transaction.
    async fn commit(&self, run: &mut Run, progress: &Progress, records: Vec<Incoming>, count: usize) -> Result<(), Trouble> {
        // What fails to be stored does not count.
        let mut noted = run.clone();
        noted.pages += 1;
        noted.records += i64::try_from(count).unwrap_or(i64::MAX);
        self.running.pages.fetch_add(1, Ordering::Relaxed);
        self.running.records.fetch_add(count as u64, Ordering::Relaxed);
        let reached = progress.going.as_ref().and_then(|going| going.seen.as_ref()).or_else(|| progress.least());
        *self.running.at.lock() = reached.map(told);
        let value = json::to_string(&progress.to_value());
        let lost = Arc::new(AtomicBool::new(false));
        let losing = Arc::clone(&lost);
        let (engine, tenant, job) = (Arc::clone(&self.engine), self.tenant(), self.job.clone());
        let source = job.source;
        let logged = noted.clone();
        let known = (logged.taken, logged.duplicate, logged.stale);
        let backfill = job.backfill.as_ref().map(|backfill| backfill.job);
        let page = PageRead {
            records: i64::try_from(count).unwrap_or(i64::MAX),
            reached: self.reached(progress),
            share: self.share(progress),
            ..PageRead::default()
        };
        let taken = tokio::task::spawn_blocking(move || {
            let also = move |scope: &mut salesdash_store::Scope<'_>, taken: &salesdash_engine::intake::Taken| {
                // Whoever has it now stores what it reads; nothing of this page is.
                let until = scope.now() + LEASE_US;
                if !scope.renew_lease(&job.lease(), &job.owner, until)? {
                    losing.store(true, Ordering::Relaxed);
                    return Err(StoreError::Conflict("another process has taken this run over".to_owned()));
                }
                let before = scope.cursor(job.source, job.cursor)?;
                if before.is_none_or(|before| before.value != value) {
                    scope.set_cursor(job.source, job.cursor, &value, &format!("run {}", logged.id))?;
                }
                let mut logged = logged.clone();
                logged.taken = known.0 + taken.taken;
                logged.duplicate = known.1 + taken.duplicate;
                logged.stale = known.2 + taken.stale;
                if let Some(backfill) = backfill {
                    let page = PageRead { taken: taken.taken, duplicate: taken.duplicate, stale: taken.stale, ..page };
                    backfill::note_page(scope, backfill, &page)?;
                }
                scope.update_run(&logged)
            };
            if records.is_empty() {
                let nothing = salesdash_engine::intake::Taken::default();
                let written = engine.store().write(tenant, move |scope| also(scope, &nothing));
                return written.map(|()| (0, 0, 0)).map_err(salesdash_engine::EngineError::from);
            }
            engine.take_records_for(tenant, source, backfill, records, also).map(|taken| (taken.taken, taken.duplicate, taken.stale))
        })
        .await
        .map_err(|_| Trouble::Later { after: None, text: "The program is shutting down.".to_owned() })?
        .map_err(|error| {
            if lost.load(Ordering::Relaxed) {
                self.running.lost.store(true, Ordering::Relaxed);
            } else if backfill.is_some() && matches!(error, EngineError::Store(StoreError::Conflict(_))) {
                // Somebody cancelled it while the page was read.
                self.running.cancel();
            }
            Trouble::Failed(format!("What was read cannot be stored: {error}."))
        })?;
        noted.taken += taken.0;
        noted.duplicate += taken.1;
        noted.stale += taken.2;
        *run = noted;
        if let Some(job) = backfill {
            let (engine, tenant) = (Arc::clone(&self.engine), self.tenant());
            blocking(move || Ok(engine.tell_backfill(tenant, job))).await?.ok();
        }
        Ok(())
    }

    /// How far it is in time, where everything before that is stored.
    fn reached(&self, progress: &Progress) -> Option<Instant> {
        let incremental = self.incremental()?;
        let going = progress.going.as_ref();
        let windowed = matches!(incremental, Incremental::Server(server) if server.window_seconds.is_some());
        let mark = match going {
            Some(going) if windowed => going.span.since.as_ref(),
            Some(going) if progress::order(incremental) == Order::Ascending => going.seen.as_ref(),
            _ => None,
        };
        match mark {
            Some(Mark::Time(at)) => Some(*at),
            _ => None,
        }
    }

    /// How much of a backfill is read, in percent: of each part as much as can be told from its times.
    fn share(&self, progress: &Progress) -> i64 {
        let Some(backfill) = &self.job.backfill else { return 0 };
        let (part, parts) = *self.running.part.lock();
        let (part, parts) = (i64::try_from(part).unwrap_or(0), i64::try_from(parts.max(1)).unwrap_or(1));
        let (from, until) = (backfill.from.as_second(), backfill.until.as_second().max(backfill.from.as_second() + 1));
        let within = self.reached(progress).map_or(0, |at| (at.as_second().clamp(from, until) - from) * 1000 / (until - from));
        (part * 1000 + within) / (parts * 10)
    }
}

/// A mark in words.
#[must_use]
pub fn told(mark: &Mark) -> Text {
    match mark {
        Mark::Time(at) => salesdash_value::datetime::rfc3339(*at),
        Mark::Number(number) => salesdash_value::number::plain(*number),
        Mark::Text(text) => text.clone(),
    }
}

enum Step {
    /// On with a further span of the same partition.
    Further,
    /// The partition is done.
    Done,
    /// The run ends.
    End(Ended),
}
