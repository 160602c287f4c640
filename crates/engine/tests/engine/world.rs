//! A small installation with a webhook source, to send things to and look at what comes of it.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use salesdash_engine::intake::Answer;
use salesdash_engine::{Engine, Options};
use salesdash_providers::Request;
use salesdash_store::executions::{Filter, Status};
use salesdash_store::records::{Linked, RecordFilter};
use salesdash_store::{Paging, Store};
use salesdash_value::{IdentityKind, RecordKind, Value, json};

/// When the simulated clock begins.
pub const START: &str = "2026-03-01T09:00:00Z";

/// An open installation.
pub struct World {
    pub store: Arc<Store>,
    pub engine: Arc<Engine>,
    pub tenant: i64,
    pub source: i64,
    pub url: String,
    pub processor: i64,
    pub link: i64,
    clock: Arc<AtomicI64>,
    directory: Arc<tempfile::TempDir>,
}

pub fn value(text: &str) -> Value {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap()
}

/// Deals with a key and a version, as a CRM sends them.
pub const MODELS: &str = r#"{"deal": {"key": "id", "version": "updated", "var": "deal", "fields": {
    "id": "string", "updated": "string", "status": "string", "owner": "string",
    "amount": {"type": "string", "may_be_empty": true}, "email": {"type": "string", "personal": "email", "may_be_empty": true},
    "won_at": {"type": "string", "may_be_empty": true}, "visits": {"type": "array", "items": "string", "may_be_empty": true}}}}"#;

/// A sale for each won deal, locked to the moment it was first seen as won; an activity for each visit.
pub const SPEC: &str = r#"{
  "format": 1, "source_model": {"type": "deal", "var": "deal"},
  "constants": [{"name": "prefix", "type": "string", "default": "deal"}],
  "instructions": [
    {"id": "owner", "type": "upsert_agent_external_identity", "external_id": {"type": "var", "var": "deal.owner"}, "return_as": "agent"},
    {"id": "product", "type": "upsert_proposition_external_identity", "external_id": {"type": "literal", "value": "panel"}, "return_as": "product"},
    {"id": "if-won", "type": "if_else",
     "condition": {"type": "equals", "left": {"type": "var", "var": "deal.status"}, "right": {"type": "literal", "value": "won"}},
     "then": [
       {"id": "sale", "type": "upsert_sale",
        "external_id": {"type": "concat", "arguments": [{"type": "var", "var": "prefix"}, {"type": "literal", "value": "|"}, {"type": "var", "var": "deal.id"}]},
        "agent_external_identity": {"type": "var", "var": "agent"}, "proposition_external_identity": {"type": "var", "var": "product"},
        "moment": {"type": "parse_datetime", "value": {"type": "var", "var": "deal.won_at"}},
        "contract_value": {"type": "parse_number", "value": {"type": "var", "var": "deal.amount"}},
        "contact_key": {"type": "var", "var": "deal.email"}, "return_as": "sale"},
       {"id": "lock", "type": "lock_record_field", "record": {"type": "var", "var": "sale"}, "field": "moment"}]},
    {"id": "visits", "type": "for_each", "list": {"type": "coalesce", "arguments": [{"type": "var", "var": "deal.visits"}, {"type": "literal", "value": []}]},
     "item_var": "visit", "body": [
       {"id": "visited", "type": "upsert_activity",
        "external_id": {"type": "concat", "arguments": [{"type": "var", "var": "deal.id"}, {"type": "literal", "value": "|"}, {"type": "var", "var": "visit"}]},
        "activity_type": {"type": "literal", "value": "Visit"}, "agent_external_identity": {"type": "var", "var": "agent"},
        "moment": {"type": "parse_datetime", "value": {"type": "var", "var": "visit"}}}]}]}"#;

impl World {
    /// A new installation with the deals and their spec.
    pub fn new() -> Self {
        Self::with(MODELS, SPEC, "deal", "{}", "{}")
    }

    /// A new installation with these models, this spec and this source.
    pub fn with(models: &str, spec: &str, model: &str, settings: &str, secrets: &str) -> Self {
        let directory = Arc::new(tempfile::tempdir().unwrap());
        let store = Arc::new(Store::open(directory.path()).unwrap());
        let clock = Arc::new(AtomicI64::new(START.parse::<salesdash_value::Instant>().unwrap().as_microsecond()));
        set_clock(&store, &clock);
        let tenant = store.create_tenant("Acme", r#"{"timezone":"Europe/Amsterdam","country":"NL"}"#).unwrap().id;
        let (models, spec, model, settings, secrets) =
            (value(models), spec.to_owned(), model.to_owned(), settings.to_owned(), secrets.to_owned());
        let (source, url, processor, link) = store
            .write(tenant, move |scope| {
                for (name, declaration) in models.as_object().unwrap() {
                    scope.save_model(name, &json::to_string(declaration), "{}", None, Some(0))?;
                }
                let provider = scope.create_provider("webhook", "CRM", "{}", None)?.id;
                let (source, url) = scope.create_source(provider, "webhook", "Deals", &model, &settings, Some(&secrets))?;
                let processor = scope.create_processor("Deals", &model)?.id;
                scope.save_version(processor, 0, "test", None, &spec)?;
                let link = scope.create_link(source.id, processor, "{}")?.id;
                Ok((source.id, url, processor, link))
            })
            .unwrap();
        let engine = Engine::open(Arc::clone(&store), Options::default()).unwrap();
        Self { store, engine, tenant, source, url, processor, link, clock, directory }
    }

    /// Something that stands in the place of a world that is just being replaced.
    pub fn placeholder() -> Self {
        Self::new()
    }

    /// The same installation after its process came to an end at this instant without a word.
    #[must_use]
    pub fn crashed(self) -> Self {
        let copy = Arc::new(tempfile::tempdir().unwrap());
        for file in ["salesdash.db", "salesdash.db-wal", "master.key"] {
            let from = self.directory.path().join(file);
            if from.exists() {
                std::fs::copy(from, copy.path().join(file)).unwrap();
            }
        }
        let store = Arc::new(Store::open(copy.path()).unwrap());
        set_clock(&store, &self.clock);
        let engine = Engine::open(Arc::clone(&store), Options::default()).unwrap();
        Self { store, engine, directory: copy, url: self.url.clone(), clock: Arc::clone(&self.clock), ..self }
    }

    /// Lets time pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds * 1_000_000, Ordering::SeqCst);
    }

    pub fn post(&self, body: &str) -> Answer {
        self.request("POST", &[("content-type", b"application/json")], body.as_bytes())
    }

    pub fn request(&self, method: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Answer {
        let url = format!("https://salesdash.example/hooks/{}", self.url);
        self.engine.receive_now(&self.url, &Request { method, url: &url, headers, body })
    }

    /// Sends something that must be taken, and executes it.
    pub fn send(&self, body: &str) {
        let answer = self.post(body);
        assert_eq!(answer.status, 202, "{answer:?}");
        self.engine.drain();
    }

    /// Saves a new version of the spec.
    pub fn save_spec(&self, spec: &str) {
        let (processor, spec) = (self.processor, spec.to_owned());
        self.store
            .write(self.tenant, move |scope| {
                let version = scope.processor(processor)?.version;
                scope.save_version(processor, version, "test", None, &spec)
            })
            .unwrap();
        self.engine.changed(self.tenant);
    }

    pub fn executions(&self) -> Vec<salesdash_store::executions::Execution> {
        let paging = Paging { limit: 500, ..Paging::default() };
        let mut items = self.store.read(self.tenant, |scope| scope.executions(&Filter::default(), paging)).unwrap().items;
        items.reverse();
        items
    }

    pub fn statuses(&self) -> Vec<&'static str> {
        self.executions().iter().map(|execution| execution.status.name()).collect()
    }

    pub fn execution(&self, status: Status) -> salesdash_store::executions::Execution {
        self.executions().into_iter().find(|execution| execution.status == status).unwrap()
    }

    /// Everything that is stored of identities and records, one line each, in an order that nothing but the content decides.
    pub fn records(&self) -> String {
        let mut lines = Vec::new();
        self.store
            .read(self.tenant, |scope| {
                for kind in IdentityKind::ALL.iter().copied() {
                    for identity in scope.identities(kind, Linked::Any, Paging { limit: 500, ..Paging::default() })?.items {
                        lines.push(line(kind.name(), &identity.row));
                    }
                }
                for kind in RecordKind::ALL.iter().copied() {
                    for record in scope.records(kind, &RecordFilter::default(), None, 500)?.items {
                        lines.push(line(kind.name(), &record.row));
                    }
                }
                Ok(())
            })
            .unwrap();
        lines.sort();
        lines.join("\n")
    }

    /// The counts of records that are kept with them, which must be what the rows come to.
    pub fn tallies_hold(&self) {
        let path = self.store.directory().join("salesdash.db");
        let connection = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let columns = ["SUBSTR(id, 1, 0)", "agent", "team", "project", "segment", "proposition"];
        let counted = columns.map(|column| {
            format!(
                "SELECT tenant, {column} AS identity, kind, COUNT(*) AS records FROM records WHERE {column} IS NOT NULL GROUP BY 1, 2, 3"
            )
        });
        let (counted, kept) = (counted.join(" UNION ALL "), "SELECT tenant, identity, kind, records FROM tallies WHERE records <> 0");
        for (left, right) in [(counted.as_str(), kept), (kept, counted.as_str())] {
            let sql = format!("SELECT COUNT(*) FROM (SELECT * FROM ({left}) EXCEPT SELECT * FROM ({right}))");
            assert_eq!(connection.query_row(&sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
        }
    }

    /// The ledger, which must balance and be what the rows come to.
    pub fn ledger(&self) -> String {
        self.tallies_hold();
        let checks = self.engine.check_ledgers(self.tenant).unwrap();
        let mut out = String::new();
        for check in checks {
            assert!(check.holds(), "{check:?}");
            let ledger = check.kept;
            write!(
                out,
                "{} received = {} executed + {} duplicate + {} stale + {} rejected + {} waiting + {} failed",
                ledger.received, ledger.executed, ledger.duplicate, ledger.stale, ledger.rejected, ledger.waiting, ledger.failed
            )
            .unwrap();
        }
        out
    }
}

fn set_clock(store: &Store, clock: &Arc<AtomicI64>) {
    let clock = Arc::clone(clock);
    store.set_clock(Arc::new(move || clock.load(Ordering::SeqCst)));
}

fn line(kind: &str, row: &salesdash_records::Row) -> String {
    let mut fields: Vec<String> = row
        .fields
        .iter()
        .filter(|(name, _)| name != "contact_key")
        .map(|(name, value)| {
            let lock = if row.is_locked(name) { "!" } else { "" };
            let shown = match value {
                Value::Identity(identity) => identity.external_id.to_string(),
                Value::Text(text) => text.to_string(),
                Value::Number(number) => salesdash_value::number::plain(*number).to_string(),
                other => json::to_string(other).replace('"', ""),
            };
            format!("{name}{lock}={shown}")
        })
        .collect();
    fields.sort();
    format!("{kind} {}: {}", row.external_id, fields.join(" "))
}
