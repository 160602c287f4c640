//! An installation with a provider of a type that comes with the program, whose vendor is played.

use std::sync::Arc;

use salesdash_connect::clock::{Clock, ManualClock};
use salesdash_connect::http::Network;
use salesdash_connect::poll::{Ended, LIVE, Running};
use salesdash_connect::{Connect, documents};
use salesdash_engine::intake::Answer;
use salesdash_engine::{Engine, Options};
use salesdash_providers::{ProviderType, Request, Types};
use salesdash_store::records::{Linked, RecordFilter};
use salesdash_store::runs::Run;
use salesdash_store::{Paging, Store};
use salesdash_testkit::{Asked, Reply, Vendor};
use salesdash_value::{IdentityKind, RecordKind, Value, datetime, json};

/// When it all happens.
pub const NOW: &str = "2026-03-02T12:00:00Z";

/// An installation.
pub struct Installation {
    pub vendor: Vendor,
    pub clock: Arc<ManualClock>,
    pub connect: Arc<Connect>,
    pub engine: Arc<Engine>,
    pub kind: Arc<ProviderType>,
    pub tenant: i64,
    pub provider: i64,
    _directory: tempfile::TempDir,
}

/// A source, with the secret part of its address.
#[derive(Clone, Debug)]
pub struct Source {
    pub id: i64,
    pub route: String,
}

impl Installation {
    /// A provider of this type. In its definition, these texts are replaced; `{url}` in what replaces them, in
    /// settings and in credentials is the address of the played vendor.
    pub fn new(name: &str, replaced: &[(&str, &str)], settings: &str, credentials: &str) -> Self {
        let vendor = Vendor::start();
        let mut files = salesdash_providers::types::folders().remove(name).unwrap_or_else(|| panic!("no type {name}"));
        let mut definition = String::from_utf8(files["definition.json"].clone()).expect("text");
        for (from, to) in replaced {
            assert!(definition.contains(from), "{name}: {from} is not in the definition");
            definition = definition.replace(from, &to.replace("{url}", &vendor.url()));
        }
        files.insert("definition.json".to_owned(), definition.into_bytes());
        let mut types = Types::embedded();
        types.add(name, &files).unwrap_or_else(|problems| panic!("{problems:?}"));
        let types = Arc::new(types);
        let directory = tempfile::tempdir().expect("a directory");
        let store = Arc::new(Store::open(directory.path()).expect("a store"));
        let clock = Arc::new(ManualClock::at(NOW.parse().expect("an instant")));
        let telling = Arc::clone(&clock);
        store.set_clock(Arc::new(move || telling.now().as_microsecond()));
        let engine = Engine::open(Arc::clone(&store), Options::default()).expect("an engine");
        engine.set_types(Arc::clone(&types));
        let tenant = store.create_tenant("Acme", "{}").expect("a tenant").id;
        let kind = Arc::clone(types.get(name).expect("added"));
        let filled = |text: &str| text.replace("{url}", &vendor.url());
        let (settings, credentials, provider_kind) = (filled(settings), filled(credentials), name.to_owned());
        let provider = store.write(tenant, move |scope| scope.create_provider(&provider_kind, "Acme CRM", &settings, Some(&credentials)));
        let provider = provider.expect("a provider").id;
        let network = Network::new(&["127.0.0.1".parse().expect("a range")]).expect("a network");
        let connect = Connect::open(Arc::clone(&engine), types, Arc::new(network), Arc::<ManualClock>::clone(&clock));
        engine.set_enrich(Arc::<Connect>::clone(&connect));
        engine.changed(tenant);
        Self { vendor, clock, connect, engine, kind, tenant, provider, _directory: directory }
    }

    /// A source, whatever its settings are, and these presets on it.
    pub fn source(&self, kind: &'static str, name: &str, model: &str, settings: String, secrets: Option<&str>, presets: &[&str]) -> Source {
        let definition = &self.kind.definition;
        let declarations = documents::declarations(definition, model);
        let presets: Vec<(String, String)> = presets
            .iter()
            .map(|preset| {
                let found = self.kind.preset(preset).unwrap_or_else(|| panic!("no preset {preset}"));
                ((*preset).to_owned(), json::to_string(&found.spec.0))
            })
            .collect();
        let (provider, name, model, secrets) = (self.provider, name.to_owned(), model.to_owned(), secrets.map(ToOwned::to_owned));
        let (id, route) = self
            .engine
            .store()
            .write(self.tenant, move |scope| {
                for (name, declaration) in &declarations {
                    scope.save_model(name, &json::to_string(declaration), "{}", None, None)?;
                }
                let (source, route) = scope.create_source(provider, kind, &name, &model, &settings, secrets.as_deref())?;
                for (preset, spec) in &presets {
                    let processor = scope.create_processor(preset, &model)?;
                    scope.save_version(processor.id, 0, "test", None, spec)?;
                    scope.create_link(source.id, processor.id, "{}")?;
                }
                Ok((source.id, route))
            })
            .expect("a source");
        self.engine.changed(self.tenant);
        Source { id, route }
    }

    /// A source that polls, with settings of its own as JSON, and these presets on it.
    pub fn polls(&self, poll: &str, settings: &str, presets: &[&str]) -> Source {
        let model = self.kind.definition.polls.get(poll).unwrap_or_else(|| panic!("no poll {poll}")).model.0.to_string();
        self.source("poll", poll, &model, format!(r#"{{"definition":"{poll}","settings":{settings}}}"#), None, presets)
    }

    /// A source that is sent webhooks, with its secrets as JSON, and these presets on it.
    pub fn hears(&self, webhook: &str, secrets: Option<&str>, presets: &[&str]) -> Source {
        let model = self.kind.definition.webhooks.get(webhook).unwrap_or_else(|| panic!("no webhook {webhook}")).model.0.to_string();
        self.source("webhook", webhook, &model, format!(r#"{{"definition":"{webhook}"}}"#), secrets, presets)
    }

    /// Polls once.
    pub async fn poll(&self, source: &Source) -> Ended {
        self.connect.run_once((self.tenant, source.id, LIVE), Arc::new(Running::default())).await.expect("a run that is logged")
    }

    /// The public address of a source.
    pub fn url(&self, source: &Source) -> String {
        format!("https://salesdash.example/hooks/{}", source.route)
    }

    /// Sends a webhook.
    pub fn send(&self, source: &Source, headers: &[(&str, &str)], body: &str) -> Answer {
        self.request(source, "POST", headers, body)
    }

    /// Sends a request to the address of a source.
    pub fn request(&self, source: &Source, method: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut all: Vec<(&str, &[u8])> = vec![("content-type", b"application/json")];
        all.extend(headers.iter().map(|(name, value)| (*name, value.as_bytes())));
        let url = self.url(source);
        self.engine.receive_now(&source.route, &Request { method, url: &url, headers: &all, body: body.as_bytes() })
    }

    /// Executes everything that is due. Enrichments are fetched on the way, so not on a thread of the runtime.
    pub async fn execute(&self) {
        let engine = Arc::clone(&self.engine);
        tokio::task::spawn_blocking(move || engine.drain()).await.expect("no panic");
    }

    /// The ledger of a source: received, executed, duplicate, stale, rejected, waiting, failed.
    pub fn ledger(&self, source: &Source) -> [i64; 7] {
        let id = source.id;
        let of = self.engine.store().read(self.tenant, |scope| scope.ledger(id)).expect("a ledger");
        [of.received, of.executed, of.duplicate, of.stale, of.rejected, of.waiting, of.failed]
    }

    /// The last run of a source.
    pub fn last_run(&self, source: &Source) -> Run {
        let id = source.id;
        let runs = self.engine.store().read(self.tenant, |scope| scope.runs(Some(id), Paging::default())).expect("runs");
        runs.items.first().cloned().expect("a run")
    }

    /// Why the last run of a source ended as it did.
    pub fn run(&self, source: &Source) -> (String, Option<String>) {
        let run = self.last_run(source);
        (run.verdict, run.reason)
    }

    /// What is stored of the credentials.
    pub fn credentials(&self) -> Value {
        let provider = self.provider;
        let stored = self.engine.store().read(self.tenant, |scope| scope.credentials(provider)).expect("credentials");
        documents::parse(&stored.unwrap_or_default())
    }

    /// The records of a kind by external id: `won|d1: Deal | won 2026-03-01T12:00:00Z 1500.5`, with these fields, `-` for one that is null.
    pub fn records(&self, kind: RecordKind, fields: &[&str]) -> Vec<String> {
        let page = self.engine.store().read(self.tenant, |scope| scope.records(kind, &RecordFilter::default(), None, 1_000));
        let mut told: Vec<String> = page
            .expect("records")
            .items
            .into_iter()
            .map(|record| {
                let values: Vec<String> = fields.iter().map(|name| shown(record.row.field(name))).collect();
                format!("{}: {}", record.row.external_id, values.join(" "))
            })
            .collect();
        told.sort();
        told
    }

    /// The agents by external id, with name and e-mail address: `u1: Noa Bakker noa@sales.example`.
    pub fn agents(&self) -> Vec<String> {
        let page = self.engine.store().read(self.tenant, |scope| scope.identities(IdentityKind::Agent, Linked::Any, Paging::default()));
        let mut told: Vec<String> = page
            .expect("identities")
            .items
            .into_iter()
            .map(|agent| {
                let field = |name: &str| shown(agent.row.field(name));
                format!("{}: {} {}", agent.row.external_id, field("external_name"), field("email"))
            })
            .collect();
        told.sort();
        told
    }

    /// No request that the vendor got, but those to these paths, held this text.
    pub fn assert_kept_from_vendor(&self, secret: &str, but: &[&str]) {
        for asked in self.vendor.asked() {
            assert!(but.contains(&asked.path.as_str()) || !asked.whole().contains(secret), "{} {}", asked.method, asked.path);
        }
    }
}

/// A value as text.
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => "-".to_owned(),
        Value::Text(text) => text.to_string(),
        Value::Datetime(instant) => datetime::rfc3339(*instant).to_string(),
        Value::Identity(identity) => identity.external_id.to_string(),
        other => json::to_string(other),
    }
}

/// A JSON text as a value.
pub fn parse(text: &str) -> Value {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

/// The body of a request as JSON.
pub fn body(asked: &Asked) -> Value {
    parse(&asked.body)
}

/// An answer of 200 with this JSON.
pub fn ok(value: impl AsRef<str>) -> Option<Reply> {
    Some(Reply::json(200, value.as_ref()))
}

/// JSON with these places filled in: `{name}`.
pub fn fill(template: &str, places: &[(&str, &str)]) -> String {
    places.iter().fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}

/// The text at a path.
pub fn text(value: &Value, path: &[&str]) -> String {
    value.at(path).map(|value| value.as_text().map_or_else(|| json::to_string(value), ToOwned::to_owned)).unwrap_or_default()
}

/// The whole number at a path.
pub fn number(value: &Value, path: &[&str]) -> Option<usize> {
    value.at(path).and_then(Value::as_number).and_then(|number| usize::try_from(number).ok())
}

/// A list of JSON texts as JSON.
pub fn list(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}
