//! An installation with a provider of the made-up CRM, whose vendor is played.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use salesdash_connect::clock::Clock;
use salesdash_connect::http::Network;
use salesdash_connect::poll::{Ended, LIVE, Running};
use salesdash_connect::{Connect, documents, types};
use salesdash_engine::enrich::{Enrich, FetchError, Fetched, Wanted};
use salesdash_engine::{Engine, Options};
use salesdash_providers::{Files, Types};
use salesdash_store::runs::Run;
use salesdash_store::{Paging, Store};
use salesdash_testkit::Vendor;
use salesdash_testkit::vendor::{List, Pages};
use salesdash_value::{Instant, Value, json};

/// A clock that waits for nothing: whoever sleeps moves it on.
pub struct TestClock {
    now: Mutex<Instant>,
    slept: Mutex<Vec<Duration>>,
}

impl TestClock {
    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock();
        *now = now.checked_add(jiff::SignedDuration::try_from(by).expect("short")).expect("in range");
    }

    /// The waits so far.
    pub fn slept(&self) -> Vec<Duration> {
        self.slept.lock().clone()
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Instant {
        *self.now.lock()
    }

    async fn sleep(&self, duration: Duration) {
        self.slept.lock().push(duration);
        self.advance(duration);
        tokio::task::yield_now().await;
    }

    fn spread(&self) -> f64 {
        0.5
    }
}

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
    pub clock: Arc<TestClock>,
    pub connect: Arc<Connect>,
    pub engine: Arc<Engine>,
    pub tenant: i64,
    pub provider: i64,
    pub source: i64,
    directory: tempfile::TempDir,
}

/// The files of the made-up CRM, at the vendor's address.
pub fn example(url: &str, change: impl Fn(String) -> String) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../providers/tests/types/example");
    let mut files = types::files(&folder).expect("the made-up CRM");
    let definition = String::from_utf8(files["definition.json"].clone()).expect("text");
    let definition = definition
        .replace(r#"{ "type": "literal", "value": "https://" }, { "type": "var", "var": "settings.account" }, { "type": "literal", "value": ".crm.example" }"#, &format!(r#"{{ "type": "literal", "value": "{url}" }}"#))
        .replace("https://login.crm.example", url);
    files.insert("definition.json".to_owned(), change(definition).into_bytes());
    files
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
        types.add("example", &example(&vendor.url(), change)).unwrap_or_else(|problems| panic!("{problems:?}"));
        let directory = tempfile::tempdir().expect("a directory");
        let store = Arc::new(Store::open(directory.path()).expect("a store"));
        let clock = Arc::new(TestClock { now: Mutex::new("2026-03-02T12:00:00Z".parse().expect("an instant")), slept: Mutex::default() });
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
        script(&vendor);
        Self::around(vendor, directory, clock, engine, types, (tenant, provider, source))
    }

    fn around(
        vendor: Vendor,
        directory: tempfile::TempDir,
        clock: Arc<TestClock>,
        engine: Arc<Engine>,
        types: Types,
        (tenant, provider, source): (i64, i64, i64),
    ) -> Self {
        let network = Network::new(&["127.0.0.1".parse().expect("a range")]).expect("a network");
        let connect = Connect::open(Arc::clone(&engine), Arc::new(types), Arc::new(network), Arc::<TestClock>::clone(&clock));
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
        Self::reopened_as(vendor, directory, Types::embedded())
    }

    fn reopened_as(vendor: Vendor, directory: tempfile::TempDir, types: Types) -> Self {
        let store = Arc::new(Store::open(directory.path()).expect("a store"));
        let tenant = store.tenants().expect("tenants")[0].id;
        let source = store.read(tenant, |scope| scope.sources(None)).expect("sources")[0].clone();
        let engine = Engine::open(store, Options::default()).expect("an engine");
        let clock = Arc::new(TestClock { now: Mutex::new(Instant::now()), slept: Mutex::default() });
        Self::around(vendor, directory, clock, engine, types, (tenant, source.provider, source.id))
    }

    /// The same, with the types that it had, at the vendor's address.
    pub fn reopened_with_types(vendor: Vendor, directory: tempfile::TempDir) -> Self {
        let mut types = Types::embedded();
        types.add("example", &example(&vendor.url(), |definition| definition)).unwrap_or_else(|problems| panic!("{problems:?}"));
        Self::reopened_as(vendor, directory, types)
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

/// A deal.
pub fn deal(id: usize, status: &str, owner: &str, updated_at: &str) -> String {
    format!(
        r#"{{"id":"d{id}","title":"Deal {id}","status":"{status}","value":1{id}.5,"owner_id":"{owner}","stage_id":"s1","a1b2":"2","updated_at":"2026-03-01T{updated_at}Z"}}"#
    )
}

/// Deals, one a minute.
pub fn deals(count: usize) -> String {
    let deals: Vec<String> = (0..count)
        .map(|id| deal(id, "won", if id % 2 == 0 { "u1" } else { "u2" }, &format!("{:02}:{:02}:00", 10 + id / 60, id % 60)))
        .collect();
    format!("[{}]", deals.join(","))
}

fn script(vendor: &Vendor) {
    vendor.list(List {
        path: "/v1/deals/search",
        table: "deals",
        records: "data.items",
        size: 50,
        pages: Pages::CursorInBody { field: "after", next: "data.next" },
        since: Some(("updated_since", "updated_at")),
        status: 201,
    });
    vendor.one("/v1/users/", "users", "data");
    vendor.one("/v1/deals/", "deals", "data");
    vendor.several("/v1/teams", "teams", "ids", "data");
    vendor.table("users", r#"[{"id":"u1","name":"Sam","team_id":"t1"},{"id":"u2","name":"Alex","team_id":null}]"#);
    vendor.table("teams", r#"[{"id":"t1","name":"North"}]"#);
    vendor.fixed(
        "/v1/pipelines",
        salesdash_testkit::Reply::json(
            200,
            r#"{"data":[{"id":"p1","name":"Sales","stages":[{"id":"s1","name":"New"},{"id":"s2","name":"Offer"}]}]}"#,
        ),
    );
    vendor.fixed(
        "/v1/fields",
        salesdash_testkit::Reply::json(
            200,
            r#"{"data":[{"key":"a1b2","name":"Region","options":[{"id":1,"label":"North"},{"id":2,"label":"South"}]}]}"#,
        ),
    );
    vendor.fixed("/me", salesdash_testkit::Reply::json(200, r#"{"data":{"company":"Acme Ltd"}}"#));
}
