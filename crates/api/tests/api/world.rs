//! An installation with its interface, called without a network.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use salesdash_api::problem::{KINDS, Kind};
use salesdash_api::{App, Config};
use salesdash_connect::Connect;
use salesdash_connect::clock::{Clock as _, ManualClock};
use salesdash_connect::http::Network;
use salesdash_engine::{Engine, Options};
use salesdash_providers::Types;
use salesdash_store::Store;
use salesdash_testkit::Vendor;
use serde_json::{Value, json};
use tower::ServiceExt;

pub struct World {
    pub router: Router,
    pub app: App,
    pub engine: Arc<Engine>,
    pub store: Arc<Store>,
    pub tenant: i64,
    _directory: tempfile::TempDir,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    /// The JSON of an answer that went well.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.text());
        self.json()
    }

    /// The problem of an answer that did not.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{}", self.text());
        let problem = self.json();
        assert_eq!((problem["status"].as_u64(), problem["code"].as_str()), (Some(status.into()), Some(code)), "{problem}");
        assert!(problem["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{problem}");
        let has_page = |kind: &Kind| problem["type"] == kind.address() && kind.status == status && kind.code == code;
        assert!(KINDS.iter().any(has_page), "its type leads to no page: {problem}");
        problem
    }
}

/// Who asks.
#[derive(Clone, Debug)]
pub enum As {
    Nobody,
    Token(String),
    /// The secret of a session, and what its changes carry.
    Session(String, Option<String>),
}

impl World {
    pub fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(directory.path()).unwrap());
        let tenant = store.create_tenant("Acme", r#"{"timezone":"Europe/Amsterdam","currency":"EUR","country":"NL"}"#).unwrap().id;
        let engine = Engine::open(Arc::clone(&store), Options::default()).unwrap();
        let app = App::new(Arc::clone(&engine), Config { types: Types::embedded(), ..Config::default() });
        let router = salesdash_api::router(app.clone(), Router::new());
        Self { router, app, engine, store, tenant, _directory: directory }
    }

    /// The same with connections, to a played vendor whose address is in the definition of the made-up CRM, `example`. Its clock, which stands
    /// at noon of the second of March 2026, is moved by whoever waits. Nothing is polled by itself.
    pub fn connected(files: impl Fn(&str) -> BTreeMap<String, Vec<u8>>) -> (Self, Vendor, Arc<Connect>, Arc<ManualClock>) {
        let vendor = Vendor::start();
        let mut types = Types::embedded();
        types.add("example", &files(&vendor.url())).unwrap_or_else(|problems| panic!("{problems:?}"));
        let World { engine, store, tenant, _directory, .. } = Self::new();
        let clock = Arc::new(ManualClock::at("2026-03-02T12:00:00Z".parse().unwrap()));
        let telling = Arc::clone(&clock);
        store.set_clock(Arc::new(move || telling.now().as_microsecond()));
        engine.set_types(Arc::new(types.clone()));
        let network = Network::new(&["127.0.0.1".parse().unwrap()]).unwrap();
        let connect = Connect::open(Arc::clone(&engine), Arc::new(types.clone()), Arc::new(network), Arc::<ManualClock>::clone(&clock));
        engine.set_enrich(Arc::<Connect>::clone(&connect));
        let app = App::new(Arc::clone(&engine), Config { types, connect: Some(Arc::clone(&connect)), ..Config::default() });
        let router = salesdash_api::router(app.clone(), Router::new());
        (Self { router, app, engine, store, tenant, _directory }, vendor, connect, clock)
    }

    pub fn token(&self, role: &'static str, reveal: bool) -> As {
        As::Token(self.store.write(self.tenant, move |scope| Ok(scope.create_token(role, role, reveal, None)?.1)).unwrap())
    }

    /// Sends a request; gives the answer without its body where that has no end.
    pub async fn raw(&self, method: &str, path: &str, who: &As, headers: &[(&str, &str)], body: impl Into<Body>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "sales.example.com");
        match who {
            As::Nobody => {}
            As::Token(token) => request = request.header("authorization", format!("Bearer {token}")),
            As::Session(secret, csrf) => {
                request = request.header("cookie", format!("salesdash_session={secret}"));
                if let Some(csrf) = csrf {
                    request = request.header("x-csrf-token", csrf);
                }
            }
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let endless = parts.headers.get("content-type").is_some_and(|value| value == "text/event-stream");
        let bytes = if endless { Vec::new() } else { axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec() };
        Answer { status: parts.status, headers: parts.headers, bytes }
    }

    pub async fn get(&self, path: &str, who: &As) -> Answer {
        self.raw("GET", path, who, &[], Body::empty()).await
    }

    pub async fn send(&self, method: &str, path: &str, who: &As, body: Value) -> Answer {
        self.raw(method, path, who, &[("content-type", "application/json")], body.to_string()).await
    }

    /// Makes a webhook source on a provider of its own; gives its id and the path of its address.
    pub async fn source(&self, admin: &As, name: &str, settings: Value, secrets: Value) -> (String, String) {
        let provider = self.send("POST", "/api/v1/providers", admin, json!({ "type": "webhook", "name": name })).await.ok();
        let path = format!("/api/v1/providers/{}/sources", provider["id"].as_str().unwrap());
        let body = json!({ "name": name, "kind": "webhook", "settings": settings, "secrets": secrets });
        let source = self.send("POST", &path, admin, body).await.ok();
        let id = source["id"].as_str().unwrap().to_owned();
        let address = self.get(&format!("/api/v1/sources/{id}/address"), admin).await.ok();
        let url = address["url"].as_str().unwrap();
        (id, url.strip_prefix("http://sales.example.com").unwrap().to_owned())
    }

    /// Posts a record to a webhook address; everything it calls for is executed.
    pub async fn post(&self, path: &str, record: &Value) -> Value {
        let answer = self.send("POST", path, &As::Nobody, record.clone()).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        self.settle();
        answer.json()
    }

    /// Executes everything that waits, and saves what was learnt.
    pub fn settle(&self) {
        // What is learnt of fields is handed to the writer once a delivery is committed: after two turns it is stored.
        for _ in 0..2 {
            self.store.write(self.tenant, |_| Ok(())).unwrap();
        }
        self.engine.drain();
        self.engine.tick().unwrap();
    }
}

/// A spec that makes an activity of a lead, and of its owner an identity.
pub fn spec(model: &str) -> Value {
    let var = |path: &str| json!({ "type": "var", "var": path });
    json!({
        "format": 1, "source_model": { "type": model, "var": "lead" }, "constants": [], "enrichments": [],
        "instructions": [
            { "id": "owner", "type": "upsert_agent_external_identity", "external_id": var("lead.owner_id"),
              "email": var("lead.owner_email"), "return_as": "agent" },
            { "id": "lead", "type": "upsert_activity", "external_id": var("lead.id"), "activity_type": { "type": "literal", "value": "Lead" },
              "agent_external_identity": var("agent"), "moment": { "type": "execution_time" },
              "value": { "type": "parse_number", "value": var("lead.amount") }, "contact_key": var("lead.email") }
        ]
    })
}

/// A lead. All of it that is personal holds `markerson`.
pub fn lead(id: &str, amount: &str) -> Value {
    json!({
        "id": id, "amount": amount, "owner_id": "u1", "owner_email": "boss.markerson@example.com",
        "email": "kim.markerson@example.com", "first_name": "Markersonia", "phone": "+31612345678"
    })
}
