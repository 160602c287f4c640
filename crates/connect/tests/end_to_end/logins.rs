//! Tokens that no person gets: client credentials, a login for a session, refreshes written as JSON. They end in the middle of a run, are
//! rotated, are revoked.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use salesdash_connect::connection::Trouble;
use salesdash_connect::documents;
use salesdash_connect::poll::Ended;
use salesdash_engine::Engine;
use salesdash_testkit::{Asked, Reply};
use salesdash_value::{Value, json};

use crate::support::{Installation, deals};

const SETTINGS: &str = r#"{"method":"browser","account":"acme","client_id":"app"}"#;

/// The definition with another way to prove who asks.
fn with_auth(auth: &str) -> impl Fn(String) -> String {
    let auth = json::parse(auth.as_bytes(), json::Limits::DEFAULT).expect("JSON");
    move |definition| {
        let known = json::parse(definition.as_bytes(), json::Limits::DEFAULT).expect("JSON");
        let fields = known.as_object().expect("an object").iter().map(|(name, value)| {
            let value = if name == "auth" { auth.clone() } else { value.clone() };
            (name.clone(), value)
        });
        json::to_string(&Value::object(fields.collect::<Vec<_>>()))
    }
}

/// The vendor's address in a definition.
fn vendor_in(definition: &str) -> String {
    let after = definition.split_once("http://").expect("the vendor's address").1;
    format!("http://{}", after.split(['/', '"']).next().unwrap_or_default())
}

/// What the vendor has given out, and how often.
#[derive(Default)]
struct Given {
    token: String,
    count: usize,
    /// How many requests a token is good for.
    good_for: Option<usize>,
    used: usize,
    refused: bool,
}

type Shared = Arc<Mutex<Given>>;

impl Given {
    fn next(&mut self, name: &str) -> String {
        self.count += 1;
        self.used = 0;
        self.token = format!("{name}-{}", self.count);
        self.token.clone()
    }

    /// Whether a request may be answered.
    fn accepts(&mut self, token: &str) -> bool {
        self.used += 1;
        !self.token.is_empty() && token == self.token && self.good_for.is_none_or(|good_for| self.used <= good_for)
    }
}

/// What is stored of the connection, while a request is answered.
fn stored(engine: &Engine, tenant: i64, provider: i64, name: &str) -> Option<String> {
    let stored = engine.store().read(tenant, |scope| scope.credentials(provider)).expect("credentials").unwrap_or_default();
    documents::parse(&stored).at(&["$connection", name]).and_then(Value::as_text).map(ToOwned::to_owned)
}

fn held(at: &Installation, name: &str) -> Option<String> {
    stored(&at.engine, at.tenant, at.provider, name)
}

/// Has the vendor accept the token that it gave last, in a header; and hold against what is stored that nothing is used before it is.
fn guard(at: &Installation, given: &Shared, header: &'static str, prefix: &'static str, name: &'static str) {
    let (given, engine, tenant, provider) = (Arc::clone(given), Arc::clone(&at.engine), at.tenant, at.provider);
    at.vendor.route("/v1/", move |asked| {
        let token = asked.header(header).and_then(|value| value.strip_prefix(prefix)).unwrap_or_default().to_owned();
        if !given.lock().accepts(&token) {
            return Some(Reply::json(401, r#"{"error":{"message":"unauthorized"}}"#));
        }
        assert_eq!(stored(&engine, tenant, provider, name).as_deref(), Some(token.as_str()), "a token was used before it was stored");
        None
    });
}

fn body(asked: &Asked) -> Value {
    json::parse(asked.body.as_bytes(), json::Limits::DEFAULT).unwrap_or_default()
}

const CLIENT_CREDENTIALS: &str = r#"{
    "type": "oauth2", "grant": "client_credentials", "token_url": "https://login.crm.example/token",
    "client_id": {"type": "var", "var": "settings.client_id"}, "client_secret": {"type": "var", "var": "settings.client_secret"},
    "client": "body", "token_body": "json", "scopes": ["deals.read"], "access_token": "data.token", "expires_in": "data.ttl",
    "captured": {"region": "data.region", "api_domain": "data.api_domain"}
}"#;

/// With the token address at the vendor.
fn client_credentials(url_of: &str) -> String {
    CLIENT_CREDENTIALS.replace("https://login.crm.example", url_of)
}

fn connected_by_client(given: &Shared) -> Installation {
    // The address of the vendor is put in place of the definition's before it is changed, so that it is read out of it.
    let change = |definition: String| {
        let url = vendor_in(&definition);
        with_auth(&client_credentials(&url))(definition)
    };
    let at = Installation::with(change, SETTINGS, r#"{"client_secret":"app-geheim"}"#);
    at.vendor.table("deals", &deals(120));
    guard(&at, given, "authorization", "Bearer ", "access_token");
    let giving = Arc::clone(given);
    at.vendor.route("/token", move |asked| {
        let body = body(asked);
        let told = |name: &str| body.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        assert_eq!(asked.header("content-type"), Some("application/json"));
        assert_eq!((told("grant_type").as_str(), told("scope").as_str()), ("client_credentials", "deals.read"));
        assert_eq!((told("client_id").as_str(), told("client_secret").as_str()), ("app", "app-geheim"));
        let mut given = giving.lock();
        if given.refused {
            return Some(Reply::json(401, r#"{"error":"invalid_client"}"#));
        }
        let token = given.next("client");
        Some(Reply::json(200, format!(r#"{{"data":{{"token":"{token}","ttl":"3600","region":"eu"}}}}"#)))
    });
    at
}

#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_get_a_token_by_themselves_and_a_new_one_in_the_middle_of_a_run() {
    let given = Shared::default();
    given.lock().good_for = Some(2);
    let at = connected_by_client(&given);
    // The token is good for two pages: the third is asked for with a new one.
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!((at.run().pages, at.run().taken), (3, 120));
    assert_eq!((given.lock().count, held(&at, "access_token").as_deref()), (2, Some("client-2")));
    assert_eq!((held(&at, "region").as_deref(), held(&at, "refresh_token")), (Some("eu"), None));
    assert_eq!(held(&at, "expires_at").as_deref(), Some("2026-03-02T13:00:00Z"));
    // The page that was refused was asked once more, and no other.
    assert_eq!(at.vendor.count("/v1/deals/search"), 4);
    // Over by its lifetime: a new one before anything is asked.
    given.lock().good_for = None;
    at.clock.advance(Duration::from_secs(3500));
    at.vendor.forget();
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!(at.vendor.asked()[0].path, "/token");
    assert_eq!(given.lock().count, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_refused_needs_reconnecting_and_nothing_is_lost() {
    let given = Shared::default();
    let at = connected_by_client(&given);
    given.lock().good_for = Some(1);
    at.vendor.table("deals", &deals(60));
    let refusing = Arc::clone(&given);
    // One page comes; then the application is taken off the vendor's list.
    at.vendor.route("/v1/", move |_| {
        refusing.lock().refused = true;
        None
    });
    let Ended::Failed(Trouble::NeedsReconnecting(text)) = at.poll().await else { panic!("it was refused") };
    assert_eq!(text, "The vendor refuses to give a new token (`invalid_client`); connect the provider again.");
    assert_eq!((at.run().verdict.as_str(), at.run().pages, at.ledger().0), ("failed", 1, 50));
    // Let in again, it goes on with the second page.
    *given.lock() = Given::default();
    at.vendor.forget_routes();
    let at = reconnected(at, &given);
    at.vendor.forget();
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!((at.run().pages, at.ledger().0), (1, 60));
}

/// The same installation, whose vendor gives tokens again.
fn reconnected(at: Installation, given: &Shared) -> Installation {
    guard(&at, given, "authorization", "Bearer ", "access_token");
    let giving = Arc::clone(given);
    at.vendor.route("/token", move |_| {
        let token = giving.lock().next("again");
        Some(Reply::json(200, format!(r#"{{"data":{{"token":"{token}","ttl":3600}}}}"#)))
    });
    at
}

const SESSION: &str = r#"{
    "type": "session",
    "login": {
        "method": "POST", "path": "/v1/login",
        "body": {"type": "json", "content": {
            "user": {"$value": {"type": "var", "var": "settings.client_id"}},
            "password": {"$value": {"type": "var", "var": "settings.client_secret"}}
        }}
    },
    "token": "data.session", "lifetime_seconds": 600, "captured": {"company": "data.company", "api_domain": "data.api_domain"},
    "headers": {"X-Session": {"type": "var", "var": "connection.session_token"}}
}"#;

fn logged_in(given: &Shared) -> Installation {
    let at = Installation::with(with_auth(SESSION), SETTINGS, r#"{"client_secret":"app-geheim"}"#);
    at.vendor.table("deals", &deals(120));
    let giving = Arc::clone(given);
    at.vendor.route("/v1/login", move |asked| {
        let body = body(asked);
        assert!(asked.header("x-session").is_none(), "a login holds no session");
        assert_eq!(body.get("password"), Some(&"app-geheim".into()));
        let mut given = giving.lock();
        if given.refused {
            return Some(Reply::json(403, r#"{"error":"wrong user or password"}"#));
        }
        let token = given.next("session");
        Some(Reply::json(200, format!(r#"{{"data":{{"session":"{token}","company":"Acme"}}}}"#)))
    });
    guard(&at, given, "x-session", "", "session_token");
    at
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_is_logged_in_for_and_again_where_it_ends() {
    let given = Shared::default();
    given.lock().good_for = Some(2);
    let at = logged_in(&given);
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!((at.run().pages, at.run().taken, given.lock().count), (3, 120, 2));
    assert_eq!((held(&at, "session_token").as_deref(), held(&at, "company").as_deref()), (Some("session-2"), Some("Acme")));
    given.lock().good_for = None;
    at.clock.advance(Duration::from_secs(601));
    at.vendor.forget();
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!((at.vendor.asked()[0].path.as_str(), given.lock().count), ("/v1/login", 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_login_that_is_refused_needs_reconnecting_and_is_not_tried_on_and_on() {
    let given = Shared::default();
    given.lock().refused = true;
    let at = logged_in(&given);
    let mut events = at.engine.listen();
    at.connect.start().expect("started");
    while at.status() == "active" {
        events.recv().await.expect("an event");
    }
    at.connect.shutdown().await;
    assert_eq!((at.status().as_str(), at.vendor.count("/v1/login")), ("needs_reconnecting", 1));
    assert!(at.run().reason.is_some_and(|reason| !reason.contains("geheim")));
}

const JSON_REFRESH: &str = r#"{
    "type": "oauth2", "grant": "authorization_code",
    "authorize_url": "https://login.crm.example/authorize", "token_url": "URL/token",
    "client_id": {"type": "var", "var": "settings.client_id"}, "client_secret": {"type": "var", "var": "settings.client_secret"},
    "client": "body", "token_body": "json", "captured": {"api_domain": "api_domain"}
}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_written_as_json_rotates_and_each_refresh_token_serves_once() {
    let change = |definition: String| {
        let url = vendor_in(&definition);
        with_auth(&JSON_REFRESH.replace("URL", &url))(definition)
    };
    let credentials = r#"{"client_secret":"app-geheim","$connection":{"access_token":"old","refresh_token":"r0"}}"#;
    let at = Installation::with(change, SETTINGS, credentials);
    at.vendor.table("deals", &deals(120));
    let given = Shared::default();
    given.lock().good_for = Some(1);
    guard(&at, &given, "authorization", "Bearer ", "access_token");
    let (giving, served) = (Arc::clone(&given), Arc::new(Mutex::new(vec!["r0".to_owned()])));
    let serving = Arc::clone(&served);
    at.vendor.route("/token", move |asked| {
        let body = body(asked);
        let refresh = body.get("refresh_token").and_then(Value::as_text).unwrap_or_default().to_owned();
        assert_eq!(body.get("grant_type"), Some(&"refresh_token".into()));
        let mut served = serving.lock();
        if served.last() != Some(&refresh) {
            return Some(Reply::json(400, r#"{"error":"invalid_grant"}"#));
        }
        let token = giving.lock().next("access");
        let rotated = format!("r{}", served.len());
        served.push(rotated);
        Some(Reply::json(200, format!(r#"{{"access_token":"{token}","refresh_token":"{}","expires_in":3600}}"#, served[served.len() - 1])))
    });
    // Every token serves for one page, so that it is rotated in the middle of the run, twice.
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!((at.run().pages, at.run().taken, given.lock().count), (3, 120, 3));
    assert_eq!((held(&at, "access_token").as_deref(), held(&at, "refresh_token").as_deref()), (Some("access-3"), Some("r3")));
    assert_eq!(at.credentials().get("client_secret"), Some(&"app-geheim".into()));
    // Revoked at the vendor: it has to be connected again, and what it holds stays as it was.
    served.lock().push("another".to_owned());
    at.vendor.forget();
    assert!(matches!(at.poll().await, Ended::Failed(Trouble::NeedsReconnecting(_))));
    assert_eq!((at.vendor.count("/token"), held(&at, "refresh_token").as_deref()), (1, Some("r3")));
}
