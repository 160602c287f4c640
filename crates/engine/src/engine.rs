//! The engine: opened on a store, started, asked, and shut down.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::Sender;
use parking_lot::{Condvar, Mutex, RwLock};
use salesdash_language::check::Checked;
use salesdash_providers::Types;
use salesdash_store::{Store, StoreError};
use salesdash_value::Value;
use tokio::sync::broadcast;

use crate::Result;
use crate::catalog::Catalog;
use crate::enrich::Enrich;
use crate::events::{Event, Events, What};
use crate::execute::fetch::{Fetch, MAX_TASKS};
use crate::execute::queue::Queue;
use crate::jobs::Ranges;
use crate::metrics::{Metrics, QueueState};
use crate::program;

/// How often what is due is looked after.
const TICK: Duration = Duration::from_millis(500);
/// How often what is no longer to be kept is removed.
const RETAIN_EVERY_US: i64 = 6 * 3_600_000_000;
/// How long after opening that is done first: starting comes before cleaning.
const RETAIN_FIRST_US: i64 = 300_000_000;

/// How an engine works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Threads that fetch enrichments.
    pub enrichers: usize,
    /// Deliveries that a source takes in a second, where its settings say nothing else; twice as many at once.
    pub rate_per_second: u32,
    /// Executions that may wait in memory with their record at hand; those beyond read it from the store when their turn comes.
    pub records_at_hand: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { enrichers: 8, rate_per_second: 20_000, records_at_hand: 20_000 }
    }
}

/// The engine of an installation.
pub struct Engine {
    pub(crate) store: Arc<Store>,
    pub(crate) options: Options,
    pub(crate) catalog: Catalog,
    pub(crate) queue: Queue,
    pub(crate) events: Events,
    pub(crate) metrics: Metrics,
    pub(crate) enrich: RwLock<Option<Arc<dyn Enrich>>>,
    /// Where executions wait for an enrichment, once there are threads for it.
    pub(crate) fetches: Mutex<Option<Sender<Box<Fetch>>>>,
    pub(crate) ranges: Ranges,
    /// When what is no longer to be kept is removed next.
    retain_at: AtomicI64,
    /// Whether there is more to look after at once.
    busy: AtomicBool,
    /// Held by whoever looks after what is due, so that it is one at a time.
    pub(crate) ticking: Mutex<()>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    closing: AtomicBool,
    alarm: (Mutex<()>, Condvar),
}

impl Engine {
    /// An engine on a store. What waits there is queued; nothing runs before [`Engine::start`] (or [`Engine::drain`]).
    ///
    /// # Errors
    /// Where the database fails.
    pub fn open(store: Arc<Store>, options: Options) -> Result<Arc<Self>> {
        let retain_at = AtomicI64::new(store.now() + RETAIN_FIRST_US);
        let engine = Arc::new(Self {
            store,
            retain_at,
            options,
            catalog: Catalog::default(),
            queue: Queue::default(),
            events: Events::new(),
            metrics: Metrics::default(),
            enrich: RwLock::default(),
            fetches: Mutex::default(),
            ranges: Ranges::default(),
            busy: AtomicBool::new(false),
            ticking: Mutex::default(),
            threads: Mutex::default(),
            closing: AtomicBool::new(false),
            alarm: (Mutex::default(), Condvar::new()),
        });
        engine.load()?;
        Ok(engine)
    }

    /// Queues what waits in the store.
    fn load(&self) -> Result<()> {
        let now = self.store.now();
        let postponed = self.store.postponed()?;
        let waiting = self.store.waiting_in_order()?;
        let mut later = Vec::new();
        let mut items = Vec::with_capacity(waiting.len());
        for waiting in &waiting {
            let mut item = self.item_of(waiting, now);
            if let (Some(job), None) = (item.job, waiting.fresh) {
                item.fresh = self.job_range(waiting.tenant, job)?.is_some_and(|range| range.fresh);
            }
            match postponed.iter().find(|known| known.tenant == waiting.tenant && known.execution == waiting.execution) {
                // What waits for its provider is tried once: it may have been connected again.
                Some(known) if known.due > now && known.due < i64::MAX => later.push((item, known.due)),
                _ => items.push(item),
            }
        }
        self.queue.push(items, self.options.records_at_hand);
        for (item, due) in later {
            self.queue.push_later(item, due);
        }
        Ok(())
    }

    /// Starts threads: `workers` that execute, those that fetch enrichments, and one that looks after jobs, inferred fields and what is due.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub fn start(self: &Arc<Self>, workers: usize) -> Result<()> {
        let (sender, fetches) = crossbeam_channel::bounded::<Box<Fetch>>(MAX_TASKS);
        *self.fetches.lock() = Some(sender);
        for number in 0..workers.max(1) {
            self.spawn(format!("worker-{number}"), Self::work)?;
        }
        for number in 0..self.options.enrichers.max(1) {
            let fetches = fetches.clone();
            self.spawn(format!("enricher-{number}"), move |engine| {
                while let Ok(task) = fetches.recv() {
                    if engine.is_closing() {
                        // It stays in the stored queue, and is found there at the next start.
                        engine.queue.ended(task.item.lane, false);
                    } else {
                        engine.fetch_now(*task);
                    }
                }
            })?;
        }
        self.spawn("caretaker".to_owned(), Self::look_after)
    }

    fn spawn(self: &Arc<Self>, name: String, work: impl FnOnce(&Arc<Self>) + Send + 'static) -> Result<()> {
        let engine = Arc::clone(self);
        let thread = std::thread::Builder::new()
            .name(name)
            .spawn(move || work(&engine))
            .map_err(|error| StoreError::Database(format!("the system gives no thread: {error}")))?;
        self.threads.lock().push(thread);
        Ok(())
    }

    /// Looks after what is due, now and then, until the engine closes.
    fn look_after(self: &Arc<Self>) {
        while !self.is_closing() {
            if let Err(error) = self.tick() {
                tracing::warn!(%error, "what is due could not be done; it is tried again");
            }
            let mut guard = self.alarm.0.lock();
            if !self.is_closing() && !self.busy.load(Ordering::Relaxed) {
                let _ = self.alarm.1.wait_for(&mut guard, TICK);
            }
        }
    }

    /// Has what is due looked after soon.
    pub(crate) fn nudge(&self) {
        self.alarm.1.notify_all();
    }

    /// Ends gracefully: takes nothing new, finishes what is being executed, and leaves the rest in the queue, where it is found at the next
    /// start. Does nothing where it has ended already.
    pub fn shutdown(&self) {
        if self.closing.swap(true, Ordering::SeqCst) {
            return;
        }
        self.queue.close();
        self.fetches.lock().take();
        drop(self.alarm.0.lock());
        self.alarm.1.notify_all();
        let current = std::thread::current().id();
        for thread in std::mem::take(&mut *self.threads.lock()) {
            if thread.thread().id() != current {
                let _ = thread.join();
            }
        }
        self.queue.rest();
        for (tenant, model, learner) in self.catalog.learners() {
            if learner.is_dirty() {
                self.save_learnt(tenant, &model, &learner);
            }
        }
    }

    /// Whether it is shutting down or has ended.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// Saves what was inferred of fields, does what is due of jobs, and removes what is no longer to be kept. Called now and then once started; to be called by those who work
    /// without.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn tick(self: &Arc<Self>) -> Result<()> {
        let _one_at_a_time = self.ticking.lock();
        let now = self.store.now();
        for (tenant, model, learner) in self.catalog.learners() {
            if learner.is_due(now) {
                self.save_learnt(tenant, &model, &learner);
            }
        }
        self.move_jobs_on()?;
        self.busy.store(false, Ordering::Relaxed);
        self.busy.store(self.move_erasures_on()?, Ordering::Relaxed);
        if now >= self.retain_at.load(Ordering::Relaxed) {
            self.retain_at.store(now + RETAIN_EVERY_US, Ordering::Relaxed);
            for tenant in self.store.tenants()? {
                if !self.is_closing() {
                    self.retain(tenant.id)?;
                }
            }
        }
        Ok(())
    }

    /// The store.
    #[must_use]
    pub const fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The time, in microseconds since 1970: the store's clock.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.store.now()
    }

    /// Says that the configuration of a tenant changed: its settings, providers, sources, models, processors or links. To be called after
    /// every commit that changes one; what was compiled and looked up is read again, and what was held is tried again.
    pub fn changed(&self, tenant: i64) {
        self.catalog.changed(tenant);
        self.queue.unhold(tenant);
        self.events.send(tenant, What::Changed);
    }

    /// Replaces the provider types that sources are made from; those that come with the program, until it is called.
    pub fn set_types(&self, types: Arc<Types>) {
        self.catalog.set_types(types);
    }

    /// Installs what fetches enrichments.
    pub fn set_enrich(&self, enrich: Arc<dyn Enrich>) {
        *self.enrich.write() = Some(enrich);
    }

    /// Listens to what happens. A listener that is more than [`crate::events::BACKLOG`] behind misses some.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.listen()
    }

    /// Tells listeners that a run of a source began, went on or ended; for those who poll and import.
    pub fn tell_run(&self, tenant: i64, source: i64, id: i64, verdict: &str) {
        if self.events.anybody() {
            self.events.send(tenant, What::Run { id, source, verdict: verdict.to_owned() });
        }
    }

    /// What it has done so far.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// How the queue is doing.
    #[must_use]
    pub fn queue(&self) -> QueueState {
        self.queue.state(self.store.now())
    }

    /// Checks a spec against the tenant's models and settings. With `annotate`, with types and scopes for editors.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn check(&self, tenant: i64, spec: &Value, annotate: bool) -> Result<Checked> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        let models = Value::object(config.models.iter().map(|(name, declaration)| (name.clone(), declaration.clone())));
        Ok(program::checked(spec, &models, config.settings.projects, annotate))
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Engine")
    }
}
