//! When which source is polled: each at its interval, spread a little, one run at a time.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use parking_lot::Mutex;
use salesdash_engine::EngineError;
use salesdash_engine::events::What;
use salesdash_engine::jobs::{Backfill, BackfillRequest, JobState, backfill};
use salesdash_providers::interpret::progress::Progress;
use salesdash_store::config::Source;
use salesdash_store::{Paging, StoreError};
use salesdash_value::{Instant, Text, Value, json};
use tokio::sync::Notify;
use tokio::sync::broadcast::error::RecvError;

use crate::connect::{Connect, ConnectError, Result};
use crate::connection::{Trouble, blocking};
use crate::documents::{PollSettings, parse};
use crate::figures::{Polling, Runs};
use crate::halt::Wait;
use crate::poll::{BACKFILL, Ended, Job, LIVE, PollRun, Running, lease, told};

/// How long to wait before a look at what another process runs.
const ELSEWHERE_WAIT: Duration = Duration::from_secs(60);

/// The longest wait after failures.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// What is polled, and when next.
#[derive(Default)]
pub struct Schedule {
    entries: Mutex<HashMap<Key, Entry>>,
    running: Mutex<HashMap<Key, Arc<Running>>>,
    wake: Notify,
    dirty: std::sync::atomic::AtomicBool,
    closing: std::sync::atomic::AtomicBool,
    idle: Notify,
    /// The runs that ended.
    pub runs: Runs,
}

/// A tenant, a source, and which of its cursors.
type Key = (i64, i64, &'static str);

#[derive(Clone, Copy, Debug)]
struct Entry {
    due: Instant,
    interval: Duration,
    failures: u32,
    /// When the last good run ended; where there was none, since when it is polled.
    read: Instant,
}

/// How a source that polls is doing.
#[derive(Clone, Debug, Default)]
pub struct SourceState {
    /// When it runs next. `None` where it does not run by itself: it is paused, or its provider is not connected.
    pub next: Option<Instant>,
    /// The live run that is on its way.
    pub running: Option<RunState>,
    /// The backfill that still reads: between two tries, and after a restart, too.
    pub backfill: Option<BackfillState>,
    /// The cursor, as it is stored; null where there is none yet.
    pub cursor: Value,
    /// How far it is, in words: the latest that was stored, of the part that is least far.
    pub reached: Option<Text>,
    /// Until when nothing is asked of its vendor, since that said so. A run that is begun waits for it.
    pub held: Option<Wait>,
    /// Why it does not run by itself, where people have to do something about that.
    pub stopped: Option<Stopped>,
}

/// Why a source is not polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It is paused.
    Paused,
    /// Its provider is paused.
    ProviderPaused,
    /// Its provider has to be connected again.
    NeedsReconnecting,
}

impl Stopped {
    fn of(source: &Source, provider: &str) -> Option<Self> {
        match provider {
            "active" if source.enabled => None,
            "needs_reconnecting" if source.enabled => Some(Self::NeedsReconnecting),
            "active" | "needs_reconnecting" => Some(Self::Paused),
            _ => Some(Self::ProviderPaused),
        }
    }

    /// What to do before it is asked for something.
    fn refusal(self) -> Option<ConnectError> {
        let text = match self {
            Self::Paused => "this source is paused; resume it first",
            Self::ProviderPaused => "the provider of this source is paused; resume that first",
            // Whether it works again is found out by asking.
            Self::NeedsReconnecting => return None,
        };
        Some(ConnectError::Stopped(text.to_owned()))
    }

    /// What is told of a backfill meanwhile.
    const fn meanwhile(self) -> &'static str {
        match self {
            Self::Paused => "The source is paused; the backfill goes on when it is resumed.",
            Self::ProviderPaused => "The provider is paused; the backfill goes on when it is resumed.",
            Self::NeedsReconnecting => "The provider has to be connected again; the backfill goes on then.",
        }
    }
}

/// A backfill that still reads.
#[derive(Clone, Debug)]
pub struct BackfillState {
    /// How far it is.
    pub progress: Backfill,
    /// Its run that is on its way.
    pub running: Option<RunState>,
}

/// A run that is on its way.
#[derive(Clone, Debug, Default)]
pub struct RunState {
    /// Its id in the log of runs.
    pub id: i64,
    /// Pages read.
    pub pages: u64,
    /// Records on them.
    pub records: u64,
    /// Where it is, in words.
    pub at: Option<Text>,
    /// What it waits for.
    pub waits: Option<Wait>,
}

impl Schedule {
    /// Has what is polled read again from the store.
    pub(crate) fn reload(&self) {
        self.dirty.store(true, std::sync::atomic::Ordering::Relaxed);
        self.wake.notify_one();
    }

    /// How polling is doing at this time.
    pub(crate) fn polling(&self, now: Instant) -> Polling {
        let entries = self.entries.lock();
        let live = || entries.iter().filter(|((_, _, cursor), _)| *cursor == LIVE).map(|(_, entry)| entry);
        Polling {
            sources: live().count(),
            running: self.running.lock().len(),
            failing: live().filter(|entry| entry.failures > 0).count(),
            lag_s: live().map(|entry| now.duration_since(entry.read).as_secs_f64() - entry.interval.as_secs_f64()).fold(0.0, f64::max),
        }
    }

    fn state(&self, key: Key) -> Option<RunState> {
        use std::sync::atomic::Ordering::Relaxed;
        self.running.lock().get(&key).map(|running| RunState {
            id: i64::try_from(running.id.load(Relaxed)).unwrap_or(0),
            pages: running.pages.load(Relaxed),
            records: running.records.load(Relaxed),
            at: running.at.lock().clone(),
            waits: running.wait(),
        })
    }
}

impl Connect {
    /// How polling is doing now.
    #[must_use]
    pub fn polling(&self) -> Polling {
        self.schedule.polling(self.means.clock.now())
    }

    /// The runs that ended, since the start of the process.
    #[must_use]
    pub fn runs(&self) -> &Runs {
        &self.schedule.runs
    }

    /// Sets it to work: enrichments are fetched for the engine, sources are polled at their intervals, and what was cut off before is gone on
    /// with.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn start(self: &Arc<Self>) -> Result<()> {
        self.engine().set_enrich(Arc::<Self>::clone(self));
        for (tenant, mut run) in self.engine().store().runs_unfinished()? {
            // What another process has on its way is its own.
            let cursor = if run.kind == "backfill" { BACKFILL } else { LIVE };
            let (source, me) = (run.source, self.me.clone());
            let holder = self.engine().store().read(tenant, |scope| scope.lease(&lease(source, cursor)))?;
            if holder.is_some_and(|holder| holder != me) {
                continue;
            }
            run.verdict = "failed".to_owned();
            run.ended = Some(self.means.clock.now().as_microsecond());
            run.reason = Some("The program ended in the middle of it; the next run goes on from what was stored.".to_owned());
            self.engine().store().write(tenant, move |scope| scope.update_run(&run))?;
        }
        self.schedule.reload();
        let connect = Arc::clone(self);
        self.handle.spawn(async move { connect.listen().await });
        let connect = Arc::clone(self);
        self.handle.spawn(async move { connect.keep_polling().await });
        Ok(())
    }

    /// Ends gracefully: begins no further run, and waits until those on their way have stored the page that they are at.
    pub async fn shutdown(&self) {
        self.schedule.closing.store(true, std::sync::atomic::Ordering::Relaxed);
        self.schedule.wake.notify_one();
        loop {
            let idle = self.schedule.idle.notified();
            {
                let running = self.schedule.running.lock();
                if running.is_empty() {
                    return;
                }
                running.values().for_each(|run| run.cancel());
            }
            idle.await;
        }
    }

    fn is_closing(&self) -> bool {
        self.schedule.closing.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Notices what people change.
    async fn listen(self: Arc<Self>) {
        let mut events = self.engine().listen();
        while !self.is_closing() {
            match events.recv().await {
                Ok(event) if event.what == What::Changed => self.schedule.reload(),
                Ok(event) => {
                    if let What::Job { id, state, .. } = event.what
                        && state == "cancelled"
                    {
                        self.job_was_cancelled(event.tenant, id).await;
                    }
                }
                Err(RecvError::Lagged(_)) => self.schedule.reload(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// Ends the run of a backfill that somebody cancelled. The page that it is at is not stored in any case.
    async fn job_was_cancelled(&self, tenant: i64, job: i64) {
        let engine = Arc::clone(self.engine());
        let known = blocking(move || Ok(engine.job(tenant, job))).await;
        if let Ok(Ok(JobState { backfill: Some(backfill), .. })) = known {
            self.end_backfill(tenant, backfill.source);
        }
    }

    fn end_backfill(&self, tenant: i64, source: i64) {
        let key = (tenant, source, BACKFILL);
        if let Some(running) = self.schedule.running.lock().get(&key) {
            running.cancel();
        }
        self.schedule.entries.lock().remove(&key);
    }

    async fn keep_polling(self: Arc<Self>) {
        while !self.is_closing() {
            if self.schedule.dirty.swap(false, std::sync::atomic::Ordering::Relaxed) {
                let connect = Arc::clone(&self);
                let read = blocking(move || Ok(connect.read_schedule())).await;
                if let Ok(Err(error)) = &read {
                    tracing::warn!(%error, "what is polled cannot be read; trying again");
                    self.schedule.dirty.store(true, std::sync::atomic::Ordering::Relaxed);
                    self.means.clock.sleep(Duration::from_secs(5)).await;
                    continue;
                }
            }
            let now = self.means.clock.now();
            let (due, next) = {
                let entries = self.schedule.entries.lock();
                let running = self.schedule.running.lock();
                let waiting = entries.iter().filter(|(key, _)| !running.contains_key(*key));
                let due: Vec<Key> = waiting.clone().filter(|(_, entry)| entry.due <= now).map(|(key, _)| *key).collect();
                let next = waiting.map(|(_, entry)| entry.due).filter(|due| *due > now).min();
                (due, next)
            };
            for key in due {
                self.spawn_run(key);
            }
            let sleep = next.map_or(Duration::from_secs(3600), |next| Duration::try_from(next.duration_since(now)).unwrap_or_default());
            tokio::select! {
                () = self.schedule.wake.notified() => {}
                () = self.means.clock.sleep(sleep) => {}
            }
        }
    }

    /// Reads from the store what is polled. What is known of each stays.
    fn read_schedule(&self) -> salesdash_store::Result<()> {
        let store = self.engine().store();
        let mut found: HashMap<Key, Entry> = HashMap::new();
        let now = self.means.clock.now();
        for tenant in store.tenants()? {
            let tenant = tenant.id;
            let (providers, sources) = store.read(tenant, |scope| Ok((scope.providers()?, scope.sources(None)?)))?;
            for source in sources.iter().filter(|source| source.kind == "poll") {
                let provider = providers.iter().find(|provider| provider.id == source.provider);
                if let Some(stopped) = provider.and_then(|provider| Stopped::of(source, &provider.status)) {
                    self.stop(tenant, source.id, stopped)?;
                }
            }
            for source in sources.iter().filter(|source| source.kind == "poll" && source.enabled) {
                let provider = providers.iter().find(|provider| provider.id == source.provider && provider.status == "active");
                let Some(kind) = provider.and_then(|provider| self.types().get(&provider.kind)) else { continue };
                let Ok(settings) = PollSettings::read(kind, &parse(&source.settings)) else { continue };
                let interval = Duration::from_secs(settings.interval_seconds.into());
                let known = self.schedule.entries.lock().get(&(tenant, source.id, LIVE)).copied();
                let (last, backfills) = store.read(tenant, |scope| {
                    let last = scope.runs(Some(source.id), Paging { limit: 1, ..Paging::default() })?;
                    Ok((last.items.first().and_then(|run| run.ended), backfill::reading(scope, source.id)?.is_some()))
                })?;
                let entry = match known {
                    // A shorter interval takes effect at once.
                    Some(entry) => Entry { interval, due: entry.due.min(later(now, interval)), ..entry },
                    None => {
                        let due = last.and_then(|ended| Instant::from_microsecond(ended).ok()).map_or(now, |ended| later(ended, interval));
                        let spread = interval.min(Duration::from_secs(10)).mul_f64(self.means.clock.spread());
                        Entry {
                            due: due.max(later(now, if last.is_some() { spread } else { Duration::ZERO })),
                            interval,
                            failures: 0,
                            read: now,
                        }
                    }
                };
                found.insert((tenant, source.id, LIVE), entry);
                if backfills {
                    let known = self.schedule.entries.lock().get(&(tenant, source.id, BACKFILL)).copied();
                    found.insert((tenant, source.id, BACKFILL), known.unwrap_or(Entry { due: now, interval, failures: 0, read: now }));
                }
            }
        }
        *self.schedule.entries.lock() = found;
        Ok(())
    }

    /// Ends what is on its way of a source that is to be left alone, and says of its backfill why that does not go on. A connection that has to be renewed
    /// ends its runs by itself.
    fn stop(&self, tenant: i64, source: i64, stopped: Stopped) -> salesdash_store::Result<()> {
        if stopped != Stopped::NeedsReconnecting {
            let running = self.schedule.running.lock();
            [LIVE, BACKFILL]
                .into_iter()
                .filter_map(|cursor| running.get(&(tenant, source, cursor)))
                .for_each(|run| run.pause(stopped.meanwhile()));
        }
        let store = self.engine().store();
        let reading = store.read(tenant, |scope| backfill::reading(scope, source))?;
        let Some(known) =
            reading.filter(|known| stopped != Stopped::NeedsReconnecting && known.reason.as_deref() != Some(stopped.meanwhile()))
        else {
            return Ok(());
        };
        let noted = store.write(tenant, move |scope| backfill::note_trouble(scope, known.job, stopped.meanwhile()));
        match noted {
            // It ended meanwhile.
            Err(StoreError::Conflict(_)) => Ok(()),
            noted => noted,
        }
    }

    /// Why a source is not polled by itself.
    fn stopped(&self, tenant: i64, source: i64) -> Result<Option<Stopped>> {
        let (row, status) = self.engine().store().read(tenant, |scope| {
            let row = scope.source(source)?;
            let status = scope.provider(row.provider)?.status;
            Ok((row, status))
        })?;
        Ok(Stopped::of(&row, &status))
    }

    /// Refuses to ask for something where people have paused that.
    fn refuse_paused(&self, tenant: i64, source: i64) -> Result<()> {
        self.stopped(tenant, source)?.and_then(Stopped::refusal).map_or(Ok(()), Err)
    }

    /// Begins a run, unless one is on its way.
    fn spawn_run(self: &Arc<Self>, key: Key) {
        let running = Arc::new(Running::default());
        {
            let mut all = self.schedule.running.lock();
            if all.contains_key(&key) || self.is_closing() {
                return;
            }
            all.insert(key, Arc::clone(&running));
        }
        let connect = Arc::clone(self);
        self.handle.spawn(async move {
            connect.run_as_scheduled(key, running).await;
            connect.schedule.running.lock().remove(&key);
            connect.schedule.wake.notify_one();
            connect.schedule.idle.notify_waiters();
        });
    }

    /// Runs a poll once, on the calling task, and does what the schedule does afterwards: it notes when the source runs next, and that its provider
    /// has to be connected again where that is so.
    pub async fn run_as_scheduled(self: &Arc<Self>, key: Key, running: Arc<Running>) {
        let ended = self.run_once(key, running).await;
        self.after_run(key, ended).await;
    }

    /// Runs a poll once, on the calling task. For tests and for those who schedule themselves.
    ///
    /// # Errors
    /// Where there is no such source, or the run cannot be logged.
    pub async fn run_once(self: &Arc<Self>, (tenant, source, cursor): Key, running: Arc<Running>) -> Result<Ended> {
        let connect = Arc::clone(self);
        let prepared = blocking(move || {
            let known = if cursor == BACKFILL { connect.reading(tenant, source) } else { Ok(None) };
            Ok(known.and_then(|known| Ok((connect.prepare_run(tenant, source)?, known))))
        });
        let ((connection, settings), backfill) = prepared.await??;
        if cursor == BACKFILL && backfill.is_none() {
            return Ok(Ended::Cancelled);
        }
        let engine = Arc::clone(self.engine());
        let run = PollRun { connection, engine, settings, job: Job { source, cursor, backfill, owner: self.me.clone() }, running };
        Ok(run.run().await?)
    }

    /// The backfill of a source that still reads.
    fn reading(&self, tenant: i64, source: i64) -> Result<Option<Backfill>> {
        Ok(self.engine().store().read(tenant, |scope| backfill::reading(scope, source))?)
    }

    fn prepare_run(&self, tenant: i64, source: i64) -> Result<(Arc<crate::connection::Connection>, PollSettings)> {
        let row = self.engine().store().read(tenant, |scope| scope.source(source))?;
        if row.kind != "poll" {
            return Err(ConnectError::Invalid("this source does not poll".to_owned()));
        }
        let connection = self.connection(tenant, row.provider)?;
        let settings = PollSettings::read(connection.kind(), &parse(&row.settings)).map_err(ConnectError::Unsound)?;
        Ok((connection, settings))
    }

    /// Says when it runs next.
    async fn after_run(self: &Arc<Self>, key: Key, ended: Result<Ended>) {
        let now = self.means.clock.now();
        let (tenant, source, cursor) = key;
        self.schedule.runs.count(ended.as_ref().ok());
        let trouble = match ended {
            Ok(Ended::Failed(trouble)) | Err(ConnectError::Trouble(trouble)) => Some(trouble),
            Err(error) => Some(Trouble::Failed(error.to_string())),
            Ok(ended) => {
                if let Some(entry) = self.schedule.entries.lock().get_mut(&key) {
                    let spread = 0.95 + self.means.clock.spread() / 10.0;
                    let wait = match ended {
                        Ended::Bounded => Duration::ZERO,
                        // To see whether whoever runs it still does.
                        Ended::Elsewhere => entry.interval.mul_f64(spread).min(ELSEWHERE_WAIT),
                        _ => entry.interval.mul_f64(spread),
                    };
                    *entry = Entry { due: later(now, wait), failures: 0, read: now, ..*entry };
                }
                if cursor == BACKFILL && matches!(ended, Ended::Succeeded) {
                    self.schedule.entries.lock().remove(&key);
                }
                None
            }
        };
        let Some(trouble) = trouble else { return };
        // Why stands in the log of runs. It can hold what the vendor said, which is not for the log of the program.
        tracing::warn!(tenant, source, cursor, kind = trouble.kind(), "a run failed");
        if let Some(entry) = self.schedule.entries.lock().get_mut(&key) {
            let failures = entry.failures + 1;
            let own = entry.interval.min(Duration::from_secs(60)).saturating_mul(1 << (failures - 1).min(10)).min(LONGEST_WAIT);
            let asked = if let Trouble::Later { after: Some(after), .. } = &trouble { *after } else { Duration::ZERO };
            let wait = own.mul_f64(0.5 + self.means.clock.spread() / 2.0).max(asked);
            *entry = Entry { due: later(now, wait), failures, ..*entry };
        }
        if let Trouble::NeedsReconnecting(reason) = trouble {
            self.disconnect(tenant, source, reason).await;
        }
    }

    /// Marks the provider of a source as needing to be connected again: its sources wait for that.
    async fn disconnect(&self, tenant: i64, source: i64, reason: String) {
        let engine = Arc::clone(self.engine());
        let changed = blocking(move || {
            engine.store().write(tenant, move |scope| {
                let provider = scope.source(source)?.provider;
                let was_active = scope.provider(provider)?.status == "active";
                if was_active {
                    scope.set_provider_status(provider, "needs_reconnecting")?;
                    scope.audit("engine", "provider.needs_reconnecting", &format!("provider:{provider}"), Some(&reason), None)?;
                }
                Ok(was_active)
            })
        })
        .await;
        if matches!(changed, Ok(true)) {
            self.engine().changed(tenant);
            self.schedule.reload();
        }
    }

    /// Has a source polled now. Gives false where a run is on its way already.
    ///
    /// # Errors
    /// Where there is no such source, or it does not poll.
    pub fn run_now(self: &Arc<Self>, tenant: i64, source: i64) -> Result<bool> {
        self.prepare_run(tenant, source)?;
        self.refuse_paused(tenant, source)?;
        let key = (tenant, source, LIVE);
        if self.schedule.running.lock().contains_key(&key) {
            return Ok(false);
        }
        self.spawn_run(key);
        Ok(true)
    }

    /// Has the runs of a source end after the page that they are at; a backfill is given up. What was stored stays.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn cancel(&self, tenant: i64, source: i64) -> Result<()> {
        if let Some(running) = self.schedule.running.lock().get(&(tenant, source, LIVE)) {
            running.cancel();
        }
        if let Some(known) = self.reading(tenant, source)? {
            match self.engine().cancel_job(tenant, known.job) {
                // It ended by itself meanwhile.
                Ok(_) | Err(EngineError::Store(StoreError::Conflict(_))) => {}
                Err(error) => return Err(error.into()),
            }
        }
        self.end_backfill(tenant, source);
        Ok(())
    }

    /// Reads a stretch of time again, beside the live cursor, which stays where it is. What is known already is recognised. `until` is now where it is
    /// not given. It is a job: it goes on after a restart, can be cancelled ([`Engine::cancel_job`](salesdash_engine::Engine::cancel_job)) and undone.
    ///
    /// # Errors
    /// Where there is no such source, it cannot be asked for a time, or a backfill of it is on its way.
    pub fn backfill(self: &Arc<Self>, tenant: i64, source: i64, from: Instant, until: Option<Instant>, actor: &str) -> Result<JobState> {
        use salesdash_providers::definition::poll::{Incremental, Measure};
        let (_, settings) = self.prepare_run(tenant, source)?;
        self.refuse_paused(tenant, source)?;
        let by_time = match &settings.poll.incremental {
            None => true,
            Some(Incremental::Server(server)) => server.measure.unwrap_or(Measure::Time) == Measure::Time,
            Some(Incremental::Engine(engine)) => engine.measure.unwrap_or(Measure::Time) == Measure::Time,
            Some(Incremental::Token(_)) => false,
        };
        if !by_time {
            return Err(ConnectError::Invalid(
                "this source does not go by time, so there is no date to begin at; set its cursor back instead".to_owned(),
            ));
        }
        let now = self.means.clock.now();
        let until = until.unwrap_or(now).min(now);
        if from >= until {
            return Err(ConnectError::Invalid("the beginning must lie before the end, and before now".to_owned()));
        }
        let progress = Progress::between(from, until);
        let cursor = json::to_string(&progress.to_value());
        let job = self.engine().begin_backfill(tenant, BackfillRequest { source, from, until, cursor, actor: actor.to_owned() })?;
        let interval = Duration::from_secs(settings.interval_seconds.into());
        self.schedule.entries.lock().insert((tenant, source, BACKFILL), Entry { due: now, interval, failures: 0, read: now });
        self.spawn_run((tenant, source, BACKFILL));
        Ok(job)
    }

    /// Sets the live cursor of a source back (or forward) to a time; `None`: to the beginning. The run that is on its way, if any, ends first.
    ///
    /// # Errors
    /// Where there is no such source, or a run is on its way.
    pub fn rewind(&self, tenant: i64, source: i64, to: Option<Instant>, actor: &str) -> Result<()> {
        self.prepare_run(tenant, source)?;
        if self.schedule.running.lock().contains_key(&(tenant, source, LIVE)) {
            return Err(ConnectError::Invalid("a run is on its way; cancel it first".to_owned()));
        }
        let actor = actor.to_owned();
        self.engine().store().write(tenant, move |scope| match to {
            Some(to) => scope.set_cursor(source, LIVE, &json::to_string(&Progress::from(to).to_value()), &actor),
            None => scope.clear_cursor(source, LIVE),
        })?;
        Ok(())
    }

    /// Sets the live cursor of a source to a value that it had, as [`SourceState::cursor`] and the history of cursors show it.
    ///
    /// # Errors
    /// Where there is no such source, or a run is on its way.
    pub fn set_cursor(&self, tenant: i64, source: i64, value: &Value, actor: &str) -> Result<()> {
        let (_, settings) = self.prepare_run(tenant, source)?;
        if self.schedule.running.lock().contains_key(&(tenant, source, LIVE)) {
            return Err(ConnectError::Invalid("a run is on its way; cancel it first".to_owned()));
        }
        let progress = Progress::from_value(value, settings.poll.incremental.as_ref());
        let (value, actor) = (json::to_string(&progress.to_value()), actor.to_owned());
        self.engine().store().write(tenant, move |scope| scope.set_cursor(source, LIVE, &value, &actor))?;
        Ok(())
    }

    /// How a source that polls is doing.
    ///
    /// # Errors
    /// Where there is no such source.
    pub fn state(&self, tenant: i64, source: i64) -> Result<SourceState> {
        let (provider, cursor, reading) = self.engine().store().read(tenant, |scope| {
            let provider = scope.source(source)?.provider;
            Ok((provider, scope.cursor(source, LIVE)?, backfill::reading(scope, source)?))
        })?;
        let cursor = cursor.map(|cursor| parse(&cursor.value)).unwrap_or_default();
        let incremental = self.prepare_run(tenant, source).ok().and_then(|(_, settings)| settings.poll.incremental);
        let progress = Progress::from_value(&cursor, incremental.as_ref());
        Ok(SourceState {
            next: self.schedule.entries.lock().get(&(tenant, source, LIVE)).map(|entry| entry.due),
            running: self.schedule.state((tenant, source, LIVE)),
            backfill: reading.map(|progress| BackfillState { progress, running: self.schedule.state((tenant, source, BACKFILL)) }),
            reached: progress.least().map(told),
            cursor,
            held: self.held(tenant, provider),
            stopped: self.stopped(tenant, source)?,
        })
    }
}

fn later(at: Instant, wait: Duration) -> Instant {
    let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
    at.checked_add(wait).unwrap_or(Instant::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_that_of_the_source_that_is_latest_beyond_its_interval() {
        let schedule = Schedule::default();
        let start: Instant = "2026-03-02T12:00:00Z".parse().expect("an instant");
        assert_eq!(schedule.polling(start), Polling::default());
        let entry = |minutes: u64, failures| Entry { due: start, interval: Duration::from_secs(60 * minutes), failures, read: start };
        schedule.entries.lock().extend([
            ((1, 1, LIVE), entry(5, 0)),
            ((1, 2, LIVE), entry(60, 3)),
            // A backfill is never late.
            ((1, 2, BACKFILL), entry(1, 1)),
        ]);
        let polling = schedule.polling(later(start, Duration::from_secs(60 * 4)));
        assert_eq!(polling, Polling { sources: 2, running: 0, failing: 1, lag_s: 0.0 });
        assert!((schedule.polling(later(start, Duration::from_secs(60 * 7))).lag_s - 120.0).abs() < f64::EPSILON);
    }
}
