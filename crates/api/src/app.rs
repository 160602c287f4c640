//! What every handler works with.

use std::sync::Arc;

use parking_lot::Mutex;
use salesdash_connect::{Connect, ConnectError};
use salesdash_engine::{Engine, EngineError};
use salesdash_providers::{ProviderType, Types};
use salesdash_store::{Scope, Store, StoreError};
use tokio::sync::watch;

use crate::auth::{Caller, LoginLimits, SetupLink};
use crate::previews::Previews;
use crate::problem::Problem;

/// How the interface is set up.
#[derive(Clone, Default)]
pub struct Config {
    /// The address under which people and senders reach it, such as `https://sales.example.com`. Where none is given, it is the host
    /// that a request names, without encryption.
    pub public_url: Option<String>,
    /// The provider types of this deployment.
    pub types: Types,
    /// What talks to external systems, where this process does.
    pub connect: Option<Arc<Connect>>,
}

/// The application: cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    engine: Arc<Engine>,
    previews: Previews,
    config: Config,
    logins: LoginLimits,
    setup: Mutex<Option<SetupLink>>,
    stopping: watch::Sender<bool>,
}

/// Why a piece of work within a transaction did not go through; what it wrote is undone.
#[derive(Debug)]
pub enum Refused {
    /// The store says so.
    Store(StoreError),
    /// The request does.
    Problem(Problem),
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Store(error) => error.into(),
            Refused::Problem(problem) => problem,
        }
    }
}

/// A result within a transaction.
pub type Worked<T> = Result<T, Refused>;

/// What a change was made to, and what came of it.
pub struct Done<T> {
    /// What was changed, such as `source 17`.
    pub target: String,
    /// More for the audit log, without secrets and personal data.
    pub details: Option<serde_json::Value>,
    /// What came of it.
    pub value: T,
}

/// A change to something.
pub fn done<T>(kind: &str, id: impl std::fmt::Display, value: T) -> Done<T> {
    Done { target: format!("{kind} {id}"), details: None, value }
}

impl<T> Done<T> {
    /// The same, with more about it.
    #[must_use]
    pub fn with(mut self, details: serde_json::Value) -> Self {
        self.details = Some(details);
        self
    }
}

impl App {
    /// The application on an engine.
    #[must_use]
    pub fn new(engine: Arc<Engine>, config: Config) -> Self {
        Self(Arc::new(Inner {
            engine,
            previews: Previews::default(),
            config,
            logins: LoginLimits::default(),
            setup: Mutex::default(),
            stopping: watch::Sender::new(false),
        }))
    }

    /// The installation's data.
    #[must_use]
    pub fn store(&self) -> &Arc<Store> {
        self.0.engine.store()
    }

    /// What does the work.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.0.engine
    }

    /// The provider types of this deployment.
    pub(crate) fn types(&self) -> &Types {
        &self.0.config.types
    }

    /// The provider type of this name.
    ///
    /// # Errors
    /// Where this deployment has none.
    pub(crate) fn type_of(&self, name: &str) -> Result<&Arc<ProviderType>, Problem> {
        let types = self.types();
        types.get(name).ok_or_else(|| {
            let names = types.iter().map(|known| known.name().as_str());
            let hint = salesdash_language::diagnostics::nearest(name, names).map(|near| format!("; did you mean `{near}`?"));
            Problem::invalid(format!("this deployment has no provider type `{name}`{}", hint.unwrap_or_default())).at("/type")
        })
    }

    /// What talks to external systems.
    ///
    /// # Errors
    /// Where this process does not.
    pub(crate) fn connect(&self) -> Result<&Arc<Connect>, Problem> {
        self.0.config.connect.as_ref().ok_or_else(|| Problem::unavailable("this process does not talk to external systems"))
    }

    pub(crate) fn previews(&self) -> &Previews {
        &self.0.previews
    }

    /// How it is set up.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.0.config
    }

    /// Opens the one-time link by which the first administrator is made; gives its secret. None where there is one already.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn open_setup(&self) -> Result<Option<String>, Problem> {
        if self.store().has_administrator()? {
            return Ok(None);
        }
        let secret = salesdash_store::installation::new_secret()?;
        *self.0.setup.lock() = Some(SetupLink::new(&secret));
        Ok(Some(secret))
    }

    /// Tells answers without an end that the server stops.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    /// Whether the server stops.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    /// Ends when the server stops.
    pub(crate) async fn stopped(&self) {
        let mut stopping = self.0.stopping.subscribe();
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }

    pub(crate) fn logins(&self) -> &LoginLimits {
        &self.0.logins
    }

    pub(crate) fn setup(&self) -> &Mutex<Option<SetupLink>> {
        &self.0.setup
    }

    /// Does something that waits for the disk or takes time, off the threads that serve requests.
    ///
    /// # Errors
    /// What the work gives.
    pub async fn blocking<T, F>(&self, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&Self) -> Result<T, Problem> + Send + 'static,
    {
        let app = self.clone();
        let span = tracing::Span::current();
        match tokio::task::spawn_blocking(move || span.in_scope(|| work(&app))).await {
            Ok(result) => result,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            Err(_) => Err(Problem::unavailable("the server is stopping")),
        }
    }

    /// Reads one consistent state of a tenant's data.
    ///
    /// # Errors
    /// What the work gives.
    pub async fn read<T, F>(&self, tenant: i64, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Scope<'_>) -> Worked<T> + Send + 'static,
    {
        self.blocking(move |app| app.work(tenant, work)).await
    }

    /// The same on the calling thread.
    ///
    /// # Errors
    /// What the work gives.
    pub fn work<T>(&self, tenant: i64, work: impl FnOnce(&mut Scope<'_>) -> Worked<T>) -> Result<T, Problem> {
        let mut problem = None;
        let result = self.store().read(tenant, |scope| work(scope).map_err(|refused| aside(refused, &mut problem)));
        result.map_err(|error| problem.unwrap_or_else(|| error.into()))
    }

    /// Notes in the audit log what was done by way of the engine, which has committed it already.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn note(&self, caller: &Caller, action: &'static str, target: &str) -> Result<(), Problem> {
        let (actor, target) = (caller.actor.clone(), target.to_owned());
        Ok(self.store().write(caller.tenant, move |scope| scope.audit(&actor, action, &target, None, None))?)
    }

    /// Changes something of the caller's tenant, and notes in the audit log, in the same transaction, who did what to what.
    ///
    /// # Errors
    /// What the work gives; then nothing is changed.
    pub async fn change<T, F>(&self, caller: &Caller, action: &'static str, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Scope<'_>) -> Worked<Done<T>> + Send + 'static,
    {
        let actor = caller.actor.clone();
        let tenant = caller.tenant;
        self.blocking(move |app| app.change_as(tenant, &actor, action, work)).await
    }

    /// The same on the calling thread, for an actor by name.
    ///
    /// # Errors
    /// What the work gives; then nothing is changed.
    pub fn change_as<T, F>(&self, tenant: i64, actor: &str, action: &'static str, work: F) -> Result<T, Problem>
    where
        T: Send + 'static,
        F: FnOnce(&mut Scope<'_>) -> Worked<Done<T>> + Send + 'static,
    {
        let actor = actor.to_owned();
        let shared = Arc::new(Mutex::new(None));
        let refused = Arc::clone(&shared);
        let result = self.store().write(tenant, move |scope| {
            let mut problem = None;
            let done = work(scope).map_err(|fail| aside(fail, &mut problem));
            *refused.lock() = problem;
            let done = done?;
            let details = done.details.as_ref().map(ToString::to_string);
            scope.audit(&actor, action, &done.target, None, details.as_deref())?;
            Ok(done.value)
        });
        let done = result.map_err(|error| shared.lock().take().unwrap_or_else(|| error.into()))?;
        self.engine().changed(tenant);
        Ok(done)
    }
}

/// Puts a problem aside: the store knows only its own errors, and any of them undoes the transaction.
fn aside(refused: Refused, problem: &mut Option<Problem>) -> StoreError {
    match refused {
        Refused::Store(error) => error,
        Refused::Problem(found) => {
            *problem = Some(found);
            StoreError::Conflict("refused".to_owned())
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let text = error.to_string();
        match error {
            StoreError::Missing(_) => Self::not_found(text),
            StoreError::Conflict(_) => Self::conflict(text),
            StoreError::Full | StoreError::Locked | StoreError::Closing | StoreError::InUse(_) => {
                tracing::error!(error = %text, "the store cannot be written at the moment");
                Self::unavailable(text)
            }
            StoreError::ReadOnly(_) | StoreError::Damaged(_) | StoreError::Newer { .. } | StoreError::Key(_) | StoreError::Database(_) => {
                tracing::error!(error = %text, "the store failed");
                Self::internal(text)
            }
        }
    }
}

impl From<EngineError> for Problem {
    fn from(error: EngineError) -> Self {
        let text = error.to_string();
        match error {
            EngineError::Store(error) => error.into(),
            EngineError::Invalid(_) => Self::invalid(text),
            EngineError::Personal(_) => Self::forbidden(text),
            EngineError::Unsound(diagnostics) => Self::invalid(text).with(&diagnostics),
            EngineError::PayloadGone => Self::gone(text),
            EngineError::Erased(_) => Self::erased(text),
        }
    }
}

impl From<ConnectError> for Problem {
    fn from(error: ConnectError) -> Self {
        match error {
            ConnectError::Engine(error) => error.into(),
            ConnectError::Unsound(problems) => {
                let first = problems.into_iter().next();
                let (pointer, text) = first.map(|problem| (problem.pointer, problem.text)).unwrap_or_default();
                Self::invalid(text).at(format!("/settings{pointer}"))
            }
            ConnectError::Invalid(text) => Self::invalid(text),
            ConnectError::Stopped(text) => Self::conflict(text),
            ConnectError::Trouble(trouble) => Self::vendor(trouble.to_string()),
        }
    }
}
