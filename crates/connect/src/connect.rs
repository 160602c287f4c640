//! All connections of an installation.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use salesdash_engine::{Engine, EngineError};
use salesdash_providers::definition::http::SharedBy;
use salesdash_providers::inference::Inference;
use salesdash_providers::{Problem, ProviderType, Types};
use salesdash_store::StoreError;
use salesdash_value::Value;

use crate::clock::Clock;
use crate::connection::{Connection, Means, Shared, Trouble};
use crate::documents::parse;
use crate::enrich::Cache;
use crate::halt::Wait;
use crate::http::Http;
use crate::limiter::Limiter;
use crate::schedule::Schedule;

/// Why something was not done.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The store or the engine says no.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The vendor, or the way to it.
    #[error(transparent)]
    Trouble(#[from] Trouble),
    /// What was given makes no sense: each problem with its place in the settings of the source.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unsound(Vec<Problem>),
    /// What was given makes no sense; the sentence says what to change.
    #[error("{0}")]
    Invalid(String),
    /// It is paused; the sentence says what is to be resumed first.
    #[error("{0}")]
    Stopped(String),
}

impl From<StoreError> for ConnectError {
    fn from(error: StoreError) -> Self {
        Self::Engine(error.into())
    }
}

/// A result of this crate.
pub type Result<T> = std::result::Result<T, ConnectError>;

/// Everything that talks to external systems, for one installation: made with [`Connect::open`] on a tokio runtime, set to work with
/// [`Connect::start`].
pub struct Connect {
    pub(crate) means: Means,
    types: Arc<Types>,
    shared: Mutex<HashMap<(i64, i64), OfProvider>>,
    of_type: Mutex<HashMap<String, Arc<Limiter>>>,
    /// What was learnt of the models of what people have fetched, by tenant and model.
    pub(crate) learnt: Mutex<HashMap<(i64, String), Inference>>,
    pub(crate) schedule: Schedule,
    /// By what it is told from other processes.
    pub(crate) me: String,
    pub(crate) handle: tokio::runtime::Handle,
}

/// A name that no other process has.
fn name_of_process() -> String {
    let mut bytes = [0u8; 16];
    // Where the system gives no random numbers, the id of the process tells it from others on the machine.
    let _ = getrandom::fill(&mut bytes);
    format!("{}-{}", std::process::id(), hex::encode(bytes))
}

/// What all that ask one provider share.
type OfProvider = (Arc<Shared>, Arc<Cache>);

impl Connect {
    /// Talks to external systems for an engine. Nothing happens by itself before [`Connect::start`]. Must be called on a tokio runtime, which
    /// then does the work.
    #[must_use]
    pub fn open(engine: Arc<Engine>, types: Arc<Types>, http: Arc<dyn Http>, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            means: Means { engine, http, clock },
            types,
            shared: Mutex::default(),
            of_type: Mutex::default(),
            learnt: Mutex::default(),
            schedule: Schedule::default(),
            me: name_of_process(),
            handle: tokio::runtime::Handle::current(),
        })
    }

    /// The provider types.
    #[must_use]
    pub const fn types(&self) -> &Arc<Types> {
        &self.types
    }

    /// The engine.
    #[must_use]
    pub const fn engine(&self) -> &Arc<Engine> {
        &self.means.engine
    }

    /// The type of this name.
    ///
    /// # Errors
    /// Where this deployment has none.
    pub fn provider_type(&self, name: &str) -> Result<Arc<ProviderType>> {
        self.types.get(name).cloned().ok_or_else(|| ConnectError::Invalid(format!("this deployment has no provider type `{name}`")))
    }

    /// The connection of a provider, with its settings and credentials as they are stored now. Waits for the disk.
    ///
    /// # Errors
    /// Where there is no such provider, or no such type.
    pub fn connection(&self, tenant: i64, provider: i64) -> Result<Arc<Connection>> {
        let (row, credentials) =
            self.means.engine.store().read(tenant, |scope| Ok((scope.provider(provider)?, scope.credentials(provider)?)))?;
        let kind = self.provider_type(&row.kind)?;
        let (shared, _) = self.shared(tenant, provider, &kind);
        let credentials = credentials.map(|text| parse(&text)).unwrap_or_default();
        let of_type = self.of_type(&kind);
        let settings = parse(&row.settings);
        Ok(Arc::new(Connection::new(tenant, Some(provider), kind, self.means.clone(), (shared, of_type), &settings, &credentials)))
    }

    /// A connection with settings and secrets that are not stored yet.
    ///
    /// # Errors
    /// Where there is no such type.
    pub fn unsaved(&self, tenant: i64, provider_type: &str, settings: &Value, credentials: &Value) -> Result<Connection> {
        let kind = self.provider_type(provider_type)?;
        let shared = Arc::new(Shared::new(&kind.definition));
        let of_type = self.of_type(&kind);
        Ok(Connection::new(tenant, None, kind, self.means.clone(), (shared, of_type), settings, credentials))
    }

    /// Until when nothing is asked of the vendor of a provider, since that said so.
    pub(crate) fn held(&self, tenant: i64, provider: i64) -> Option<Wait> {
        let now = self.means.clock.now();
        self.shared.lock().get(&(tenant, provider)).and_then(|(shared, _)| shared.held(now))
    }

    pub(crate) fn cache(&self, tenant: i64, provider: i64, kind: &ProviderType) -> Arc<Cache> {
        self.shared(tenant, provider, kind).1
    }

    /// What all that ask a provider share.
    fn shared(&self, tenant: i64, provider: i64, kind: &ProviderType) -> (Arc<Shared>, Arc<Cache>) {
        let mut shared = self.shared.lock();
        let (known, cache) = shared.entry((tenant, provider)).or_insert_with(|| (Arc::new(Shared::new(&kind.definition)), Arc::default()));
        (Arc::clone(known), Arc::clone(cache))
    }

    fn of_type(&self, kind: &ProviderType) -> Arc<Limiter> {
        let mut of_type = self.of_type.lock();
        let make = || Arc::new(Limiter::shared(kind.definition.limits.as_ref(), |rate| rate.shared_by == Some(SharedBy::Provider)));
        Arc::clone(of_type.entry(kind.name().to_string()).or_insert_with(make))
    }

    /// Says that the settings or credentials of a provider changed: what was fetched with the old ones is forgotten, and its polls go on with
    /// the new ones. Changes that the engine is told of ([`Engine::changed`]) are noticed by themselves; this one makes sure of it.
    pub fn changed(&self, tenant: i64, provider: i64) {
        self.shared.lock().remove(&(tenant, provider));
        self.schedule.reload();
    }
}
