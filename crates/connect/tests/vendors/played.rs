//! An installation with a provider of a type that comes with the program, whose vendor is played.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use parking_lot::Mutex;
use salesdash_connect::clock::Clock;
use salesdash_connect::http::Network;
use salesdash_connect::poll::{Ended, LIVE, Running};
use salesdash_connect::{Connect, documents};
use salesdash_engine::{Engine, Options};
use salesdash_providers::types::folders;
use salesdash_providers::{ProviderType, Request, Types};
use salesdash_store::executions::Filter;
use salesdash_store::records::{Linked, RecordFilter};
use salesdash_store::runs::Run;
use salesdash_store::{Paging, Store};
use salesdash_testkit::{Asked, Reply, Vendor};
use salesdash_value::{IdentityKind, Instant, RecordKind, Value, json};

/// A clock that waits for nothing: whoever sleeps moves it on. It begins at noon on March 3, 2026.
pub struct TestClock {
    now: Mutex<Instant>,
    slept: Mutex<Vec<Duration>>,
}

impl TestClock {
    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock();
        *now = now.checked_add(jiff::SignedDuration::try_from(by).expect("short")).expect("in range");
    }

    /// How long was waited so far, in seconds.
    pub fn slept(&self) -> u64 {
        self.slept.lock().iter().sum::<Duration>().as_secs()
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

/// A source of the installation.
#[derive(Clone)]
pub struct Source {
    pub id: i64,
    /// The secret part of its URL.
    pub url: String,
}

/// An installation whose vendor is played.
pub struct Played {
    pub vendor: Arc<Vendor>,
    pub clock: Arc<TestClock>,
    pub connect: Arc<Connect>,
    pub engine: Arc<Engine>,
    pub kind: Arc<ProviderType>,
    pub tenant: i64,
    pub provider: i64,
    _directory: tempfile::TempDir,
}

/// The address that deliveries are sent to, before the secret part.
pub const HOOKS: &str = "https://dash.example/hooks/";

impl Played {
    /// A provider of this type. In its definition, each of `addresses` is replaced by the played vendor's; `{vendor}` in settings and
    /// credentials too.
    pub fn start(name: &str, addresses: &[&str], settings: &str, credentials: &str) -> Self {
        let vendor = Arc::new(Vendor::start());
        let mut files = folders().remove(name).unwrap_or_else(|| panic!("no provider type {name}"));
        let mut definition = String::from_utf8(files["definition.json"].clone()).expect("text");
        for address in addresses {
            assert!(definition.contains(address), "{name}: the definition does not hold {address}");
            definition = definition.replace(address, &vendor.url());
        }
        files.insert("definition.json".to_owned(), definition.into_bytes());
        let mut types = Types::embedded();
        types.add(name, &files).unwrap_or_else(|problems| panic!("{problems:?}"));
        let directory = tempfile::tempdir().expect("a directory");
        let store = Arc::new(Store::open(directory.path()).expect("a store"));
        let clock = Arc::new(TestClock { now: Mutex::new("2026-03-03T12:00:00Z".parse().expect("an instant")), slept: Mutex::default() });
        let telling = Arc::clone(&clock);
        store.set_clock(Arc::new(move || telling.now().as_microsecond()));
        let engine = Engine::open(Arc::clone(&store), Options::default()).expect("an engine");
        engine.set_types(Arc::new(types.clone()));
        let tenant = store.create_tenant("Acme", r#"{"country": "NL"}"#).expect("a tenant").id;
        let filled = |text: &str| text.replace("{vendor}", &vendor.url());
        let (settings, credentials, of_type) = (filled(settings), filled(credentials), name.to_owned());
        let provider = store
            .write(tenant, move |scope| scope.create_provider(&of_type, "Acme", &settings, Some(&credentials)).map(|provider| provider.id))
            .expect("a provider");
        let kind = Arc::clone(types.get(name).expect("added"));
        let network = Network::new(&["127.0.0.1".parse().expect("a range")]).expect("a network");
        let connect = Connect::open(Arc::clone(&engine), Arc::new(types), Arc::new(network), Arc::<TestClock>::clone(&clock));
        engine.set_enrich(Arc::<Connect>::clone(&connect));
        engine.changed(tenant);
        Self { vendor, clock, connect, engine, kind, tenant, provider, _directory: directory }
    }

    /// A source of a poll of the type, with these presets running on it.
    pub fn poll_source(&self, poll: &str, settings: &str, presets: &[&str]) -> Source {
        let model = self.kind.definition.polls.get(poll).unwrap_or_else(|| panic!("no poll {poll}")).model.0.to_string();
        self.source("poll", &model, &format!(r#"{{"definition": "{poll}", "settings": {settings}}}"#), None, presets)
    }

    /// A source of a webhook of the type, with these presets running on it.
    pub fn webhook_source(&self, webhook: &str, secrets: &str, presets: &[&str]) -> Source {
        let model = self.kind.definition.webhooks.get(webhook).unwrap_or_else(|| panic!("no webhook {webhook}")).model.0.to_string();
        self.source("webhook", &model, &format!(r#"{{"definition": "{webhook}"}}"#), Some(secrets), presets)
    }

    /// A source, whatever its settings are.
    pub fn source(&self, kind: &str, model: &str, settings: &str, secrets: Option<&str>, presets: &[&str]) -> Source {
        let specs: Vec<(String, String)> = presets
            .iter()
            .map(|name| {
                let preset = self.kind.preset(name).unwrap_or_else(|| panic!("no preset {name}"));
                ((*name).to_owned(), json::to_string(&preset.spec.0))
            })
            .collect();
        let (provider, of_type) = (self.provider, Arc::clone(&self.kind));
        let (kind, model, settings, secrets) = (kind.to_owned(), model.to_owned(), settings.to_owned(), secrets.map(str::to_owned));
        let made = self.engine.store().write(self.tenant, move |scope| {
            for (name, declaration) in documents::declarations(&of_type.definition, &model) {
                if scope.model(&name)?.is_none() {
                    scope.save_model(&name, &json::to_string(&declaration), "{}", None, None)?;
                }
            }
            let (source, url) = scope.create_source(provider, &kind, "Source", &model, &settings, secrets.as_deref())?;
            for (name, spec) in &specs {
                let processor = scope.create_processor(name, &model)?;
                scope.save_version(processor.id, 0, "test", None, spec)?;
                scope.create_link(source.id, processor.id, "{}")?;
            }
            Ok(Source { id: source.id, url })
        });
        self.engine.changed(self.tenant);
        made.expect("a source")
    }

    /// Polls a source once.
    pub async fn poll(&self, source: &Source) -> Ended {
        self.connect.run_once((self.tenant, source.id, LIVE), Arc::new(Running::default())).await.expect("a run that is logged")
    }

    /// Polls a source once, and everything that comes of it is executed. Panics where something fails.
    pub async fn poll_and_execute(&self, source: &Source) -> Run {
        let ended = self.poll(source).await;
        assert!(matches!(ended, Ended::Succeeded), "{ended:?}");
        self.execute().await;
        self.assert_executed();
        let run = self.run(source);
        let [.., waiting, failed] = self.ledger(source);
        assert_eq!((waiting, failed), (0, 0), "{run:?}");
        run
    }

    /// Sends a delivery to a source, and gives the status of the answer.
    pub fn deliver(&self, source: &Source, body: &str, headers: &[(&str, &str)]) -> u16 {
        self.request(source, "POST", body, headers)
    }

    /// Sends a request to a source, and gives the status of the answer.
    pub fn request(&self, source: &Source, method: &str, body: &str, headers: &[(&str, &str)]) -> u16 {
        let url = format!("{HOOKS}{}", source.url);
        let headers: Vec<(&str, &[u8])> = std::iter::once(("content-type", "application/json"))
            .chain(headers.iter().copied())
            .map(|(name, value)| (name, value.as_bytes()))
            .collect();
        let request = Request { method, url: &url, headers: &headers, body: body.as_bytes() };
        self.engine.receive_now(&source.url, &request).status
    }

    /// Executes everything that is due. Enrichments are fetched on the way, so not on a thread of the runtime.
    pub async fn execute(&self) {
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || engine.drain()).await.expect("no panic");
    }

    /// Panics where an execution failed or waits.
    pub fn assert_executed(&self) {
        let mut paging = Paging { limit: 500, ..Paging::default() };
        loop {
            let page = self.engine.store().read(self.tenant, |scope| scope.executions(&Filter::default(), paging)).expect("executions");
            for execution in &page.items {
                let (status, message) = (execution.status.name(), &execution.message);
                assert!(["succeeded", "skipped", "stale"].contains(&status), "{status} at {:?}: {message:?}", execution.instruction);
            }
            match page.items.last() {
                Some(last) => paging.before = last.id,
                None => return,
            }
        }
    }

    /// The last run of a source.
    pub fn run(&self, source: &Source) -> Run {
        let runs = self.engine.store().read(self.tenant, |scope| scope.runs(Some(source.id), Paging::default())).expect("runs");
        runs.items.first().cloned().expect("a run")
    }

    /// The ledger of a source: received, executed, duplicate, stale, rejected, waiting, failed.
    pub fn ledger(&self, source: &Source) -> [i64; 7] {
        let id = source.id;
        let ledger = self.engine.store().read(self.tenant, |scope| scope.ledger(id)).expect("a ledger");
        [ledger.received, ledger.executed, ledger.duplicate, ledger.stale, ledger.rejected, ledger.waiting, ledger.failed]
    }

    /// The records of a kind, oldest first, each as its external id and these fields.
    pub fn records(&self, kind: RecordKind, fields: &[&str]) -> Vec<String> {
        let filter = RecordFilter::default();
        let rows = self.engine.store().read(self.tenant, |scope| scope.records(kind, &filter, None, 500)).expect("records");
        let told = rows.items.iter().rev().map(|record| {
            let values = fields.iter().map(|name| written(record.row.field(name)));
            std::iter::once(record.row.external_id.to_string()).chain(values).collect::<Vec<_>>().join(" ")
        });
        told.collect()
    }

    /// The names of the agents, in the order of the alphabet.
    pub fn agents(&self) -> Vec<String> {
        let rows = self.engine.store().read(self.tenant, |scope| scope.identities(IdentityKind::Agent, Linked::Any, Paging::default()));
        let mut names: Vec<String> =
            rows.expect("identities").items.iter().map(|agent| written(agent.row.field("external_name"))).collect();
        names.sort();
        names
    }

    /// What is stored of the credentials.
    pub fn credentials(&self) -> Value {
        let provider = self.provider;
        let stored = self.engine.store().read(self.tenant, |scope| scope.credentials(provider)).expect("credentials");
        documents::parse(&stored.unwrap_or_default())
    }

    /// A token or captured field of the connection.
    pub fn held(&self, name: &str) -> Option<String> {
        self.credentials().at(&["$connection", name]).and_then(Value::as_text).map(ToOwned::to_owned)
    }
}

/// A value as text.
fn written(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Datetime(instant) => salesdash_value::datetime::rfc3339(*instant).to_string(),
        other => json::to_string(other),
    }
}

/// A JSON answer.
pub fn ok(body: impl Into<String>) -> Option<Reply> {
    Some(Reply::json(200, body))
}

/// A JSON body as a value.
pub fn body(asked: &Asked) -> Value {
    json::parse(asked.body.as_bytes(), json::Limits::DEFAULT).unwrap_or_default()
}
