//! An installation with a provider of the made-up CRM, whose vendor is played.

use std::sync::Arc;

use salesdash_connect::clock::{Clock, ManualClock};
use salesdash_connect::http::Network;
use salesdash_connect::poll::{Ended, LIVE, Running};
use salesdash_connect::{Connect, documents};
use salesdash_engine::enrich::{Enrich, FetchError, Fetched, Wanted};
use salesdash_engine::{Engine, Options};
use salesdash_providers::Types;
use salesdash_store::runs::Run;
use salesdash_store::{Paging, Store};
pub use salesdash_testkit::crm::{deal, deals};
use salesdash_testkit::{Vendor, crm};
use salesdash_value::{Instant, Value, json};

/// Fetches nothing.
struct Nothing;

impl Enrich for Nothing {
    fn fetch(&self, _wanted: &Wanted<'_>) -> Result<Fetched, FetchError> {
        Ok(Fetched::Missing)
    }
}

/// An installation.
pub struct Installation {
    pub vendor: Vendor,
    pub clock: Arc<ManualClock>,
    pub connect: Arc<Connect>,
    pub engine: Arc<Engine>,
    pub tenant: i64,
    pub provider: i64,
    pub source: i64,
    directory: tempfile::TempDir,
}

pub const TOKEN: &str = "tok-geheim-123456";

impl Installation {
    pub fn new() -> Self {
        Self::with(|definition| definition, r#"{"method":"token","account":"acme"}"#, &format!(r#"{{"token":"{TOKEN}"}}"#))
    }

    /// With a changed definition, and other settings and credentials.
    pub fn with(change: impl Fn(String) -> String, settings: &str, credentials: &str) -> Self {
        let vendor = Vendor::start();
        let mut types = Types::embedded();
        types.add("example", &crm::files(&vendor.url(), change)).unwrap_or_else(|problems| panic!("{problems:?}"));
        let directory = tempfile::tempdir().expect("a directory");
        let store = Arc::new(Store::open(directory.path()).expect("a store"));
        let clock = Arc::new(ManualClock::at("2026-03-02T12:00:00Z".parse().expect("an instant")));
        let telling = Arc::clone(&clock);
        store.set_clock(Arc::new(move || telling.now().as_microsecond()));
        let engine = Engine::open(Arc::clone(&store), Options::default()).expect("an engine");
        let tenant = store.create_tenant("Acme", "{}").expect("a tenant").id;
        let (settings, credentials) = (settings.to_owned(), credentials.to_owned());
        let kind = Arc::clone(types.get("example").expect("the made-up CRM"));
        let preset = kind.preset("won_deals").expect("its preset").clone();
        let (provider, source) = store
            .write(tenant, move |scope| {
                let provider = scope.create_provider("example", "Acme CRM", &settings, Some(&credentials))?;
                for (name, declaration) in documents::declarations(&kind.definition, "example_deal") {
                    scope.save_model(&name, &json::to_string(&declaration), "{}", None, None)?;
                }
                let (source, _) = scope.create_source(
                    provider.id,
                    "poll",
                    "Deals",
                    "example_deal",
                    r#"{"definition":"deals","history_days":3650}"#,
                    None,
                )?;
                let processor = scope.create_processor("Won deals", "example_deal")?;
                scope.save_version(processor.id, 0, "test", None, &json::to_string(&preset.spec.0))?;
                scope.create_link(source.id, processor.id, "{}")?;
                Ok((provider.id, source.id))
            })
            .expect("a source");
        crm::play(&vendor);
        Self::around(vendor, directory, clock, engine, types, (tenant, provider, source))
    }

    fn around(
        vendor: Vendor,
        directory: tempfile::TempDir,
        clock: Arc<ManualClock>,
        engine: Arc<Engine>,
        types: Types,
        (tenant, provider, source): (i64, i64, i64),
    ) -> Self {
        let network = Network::new(&["127.0.0.1".parse().expect("a range")]).expect("a network");
        let connect = Connect::open(Arc::clone(&engine), Arc::new(types), Arc::new(network), Arc::<ManualClock>::clone(&clock));
        engine.set_enrich(Arc::<Connect>::clone(&connect));
        engine.changed(tenant);
        Self { vendor, clock, connect, engine, tenant, provider, source, directory }
    }

    /// Ends it; its vendor and its directory stay.
    pub fn closed(self) -> (Vendor, tempfile::TempDir) {
        let Self { vendor, directory, connect, engine, .. } = self;
        engine.shutdown();
        // The engine holds what fetches, which holds the engine.
        engine.set_enrich(Arc::new(Nothing));
        drop((connect, engine));
        (vendor, directory)
    }

    /// What is in a directory now.
    pub fn reopened(vendor: Vendor, directory: tempfile::TempDir) -> Self {
        Self::reopened_as(vendor, directory, Types::embedded(), None)
    }

    /// `now` is what the clock says, and stays at; the real time where there is none.
    fn reopened_as(vendor: Vendor, directory: tempfile::TempDir, types: Types, now: Option<Instant>) -> Self {
        let store = Arc::new(Store::open(directory.path()).expect("a store"));
        let tenant = store.tenants().expect("tenants")[0].id;
        let source = store.read(tenant, |scope| scope.sources(None)).expect("sources")[0].clone();
        let clock = Arc::new(ManualClock::at(now.unwrap_or_else(Instant::now)));
        if now.is_some() {
            let telling = Arc::clone(&clock);
            store.set_clock(Arc::new(move || telling.now().as_microsecond()));
        }
        let engine = Engine::open(store, Options::default()).expect("an engine");
        Self::around(vendor, directory, clock, engine, types, (tenant, source.provider, source.id))
    }

    /// The same, with the type that it had, at the vendor's address, at a time.
    pub fn reopened_with(vendor: Vendor, directory: tempfile::TempDir, change: &dyn Fn(String) -> String, now: Instant) -> Self {
        let mut types = Types::embedded();
        types.add("example", &crm::files(&vendor.url(), change)).unwrap_or_else(|problems| panic!("{problems:?}"));
        Self::reopened_as(vendor, directory, types, Some(now))
    }

    /// The same five minutes after noon, with the definition as it is.
    pub fn reopened_with_types(vendor: Vendor, directory: tempfile::TempDir) -> Self {
        Self::reopened_with(vendor, directory, &|definition| definition, "2026-03-02T12:05:00Z".parse().expect("an instant"))
    }

    /// What another process would be: connections of its own, on the same database.
    pub fn another(&self) -> Arc<Connect> {
        let network = Network::new(&["127.0.0.1".parse().expect("a range")]).expect("a network");
        let types = Arc::clone(self.connect.types());
        Connect::open(Arc::clone(&self.engine), types, Arc::new(network), Arc::<ManualClock>::clone(&self.clock))
    }

    /// Polls once.
    pub async fn poll(&self) -> Ended {
        self.connect.run_once((self.tenant, self.source, LIVE), Arc::new(Running::default())).await.expect("a run that is logged")
    }

    /// Executes everything that is due. Enrichments are fetched on the way, so not on a thread of the runtime.
    pub async fn execute(&self) {
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || engine.drain()).await.expect("no panic");
    }

    /// The last run.
    pub fn run(&self) -> Run {
        let runs = self.engine.store().read(self.tenant, |scope| scope.runs(Some(self.source), Paging::default())).expect("runs");
        runs.items.first().cloned().expect("a run")
    }

    /// The ledger of the source: received, executed, duplicate, waiting, failed.
    pub fn ledger(&self) -> (i64, i64, i64, i64, i64) {
        let source = self.source;
        let ledger = self.engine.store().read(self.tenant, |scope| scope.ledger(source)).expect("a ledger");
        (ledger.received, ledger.executed, ledger.duplicate, ledger.waiting, ledger.failed)
    }

    /// How far the source is.
    pub fn reached(&self) -> Option<String> {
        self.connect.state(self.tenant, self.source).expect("a state").reached.map(|reached| reached.to_string())
    }

    /// The status of the provider.
    pub fn status(&self) -> String {
        let provider = self.provider;
        self.engine.store().read(self.tenant, |scope| scope.provider(provider)).expect("a provider").status
    }

    /// What is stored of the credentials.
    pub fn credentials(&self) -> Value {
        let provider = self.provider;
        let stored = self.engine.store().read(self.tenant, |scope| scope.credentials(provider)).expect("credentials");
        documents::parse(&stored.unwrap_or_default())
    }
}
