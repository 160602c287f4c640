//! The engine: opened on a store, started, asked, and shut down.

use std::sync::Arc;

use parking_lot::RwLock;
use salesdash_language::check::Checked;
use salesdash_store::Store;
use salesdash_value::Value;
use tokio::sync::broadcast;

use crate::Result;
use crate::enrich::Enrich;
use crate::events::{Event, Events};
use crate::metrics::{Metrics, QueueState};

/// How an engine works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Threads that fetch enrichments.
    pub enrichers: usize,
    /// Deliveries that a source takes in a second, where its settings say nothing else; as many again at once.
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
    store: Arc<Store>,
    options: Options,
    events: Events,
    metrics: Metrics,
    enrich: RwLock<Option<Arc<dyn Enrich>>>,
}

impl Engine {
    /// An engine on a store. What waits there is queued; nothing runs before [`Engine::start`] (or [`Engine::drain`]).
    ///
    /// # Errors
    /// Where the database fails.
    pub fn open(store: Arc<Store>, options: Options) -> Result<Arc<Self>> {
        Ok(Arc::new(Self { store, options, events: Events::new(), metrics: Metrics::default(), enrich: RwLock::default() }))
    }

    /// Starts threads: `workers` that execute, those that fetch enrichments, and one that looks after jobs, inferred fields and what is due.
    ///
    /// # Errors
    /// Where the system gives no threads.
    pub fn start(self: &Arc<Self>, _workers: usize) -> Result<()> {
        todo!()
    }

    /// Ends gracefully: takes nothing new, finishes what is being executed, and leaves the rest in the queue, where it is found at the next
    /// start. Does nothing where it has ended already.
    pub fn shutdown(&self) {
        todo!()
    }

    /// Executes everything that is due now on the calling thread, until nothing is. For those who work without [`Engine::start`]: history
    /// that is made with a clock of its own, imports, simulations, tests. Gives how many executions ended.
    pub fn drain(self: &Arc<Self>) -> usize {
        todo!()
    }

    /// Saves what was inferred of fields, and does what is due of jobs. Called now and then once started; to be called by those who work without.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn tick(self: &Arc<Self>) -> Result<()> {
        todo!()
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
    /// every commit that changes one; what was compiled and looked up is read again.
    pub fn changed(&self, _tenant: i64) {
        todo!()
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

    /// What it has done so far.
    #[must_use]
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// How the queue is doing.
    #[must_use]
    pub fn queue(&self) -> QueueState {
        todo!()
    }

    /// Checks a spec against the tenant's models and settings. With `annotate`, with types and scopes for editors.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn check(&self, _tenant: i64, _spec: &Value, _annotate: bool) -> Result<Checked> {
        todo!()
    }
}
