//! No secret, no token and no personal value in anything that is told: whatever the log says at any level, the log of runs, problems,
//! metrics, the audit log. A vendor that repeats in its messages everything that it was sent is asked with every kind of credentials.

#[path = "../api/world.rs"]
#[allow(dead_code)]
mod world;

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use axum::body::Body;
use salesdash_connect::poll::{LIVE, Running};
use salesdash_testkit::{Asked, Reply, Vendor, crm};
use serde_json::{Value, json};
use tracing_subscriber::fmt::format::FmtSpan;
use world::{As, World};

/// What was logged, at every level and by every library.
static LOGGED: OnceLock<Arc<Mutex<Vec<u8>>>> = OnceLock::new();

#[derive(Clone)]
struct Capture(Arc<Mutex<Vec<u8>>>);

impl Write for Capture {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("no panic").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Begins to capture, once for the process. Gives what was logged so far.
fn logged() -> String {
    let buffer = LOGGED.get_or_init(|| {
        let buffer = Arc::new(Mutex::new(Vec::new()));
        let capture = Capture(Arc::clone(&buffer));
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || capture.clone())
            .init();
        buffer
    });
    String::from_utf8_lossy(&buffer.lock().expect("no panic")).into_owned()
}

/// A way to prove who asks: its name, what stands in the definition, settings, credentials, and what is secret of it.
struct Kind {
    name: &'static str,
    auth: &'static str,
    credentials: Value,
    secrets: &'static [&'static str],
}

fn kinds() -> Vec<Kind> {
    let oauth = r#"{"type":"oauth2","grant":"authorization_code","authorize_url":"URL/authorize","token_url":"URL/token",
        "client_id":{"type":"var","var":"settings.client_id"},"client_secret":{"type":"var","var":"settings.client_secret"},
        "captured":{"api_domain":"api_domain"}}"#;
    vec![
        Kind { name: "none", auth: r#"{"type":"none"}"#, credentials: json!({}), secrets: &[] },
        Kind {
            name: "bearer",
            auth: r#"{"type":"bearer","token":{"type":"var","var":"settings.client_secret"}}"#,
            credentials: json!({ "client_secret": "bearer-geheim" }),
            secrets: &["bearer-geheim"],
        },
        Kind {
            name: "key in a header",
            auth: r#"{"type":"api_key","headers":{"Authorization":{"type":"concat","arguments":[{"type":"literal","value":"Token a@b.example:"},{"type":"var","var":"settings.client_secret"}]}}}"#,
            credentials: json!({ "client_secret": "header-geheim" }),
            secrets: &["header-geheim"],
        },
        Kind {
            name: "key in the query",
            auth: r#"{"type":"api_key","query":{"api_key":{"type":"var","var":"settings.client_secret"}}}"#,
            credentials: json!({ "client_secret": "query geheim/+&=" }),
            secrets: &["query geheim/+&=", "query+geheim%2F%2B%26%3D", "query%20geheim", "geheim/"],
        },
        Kind {
            name: "basic",
            auth: r#"{"type":"basic","username":{"type":"var","var":"settings.client_id"},"password":{"type":"var","var":"settings.client_secret"}}"#,
            credentials: json!({ "client_secret": "basic-geheim" }),
            // Its base64 is as good as the password.
            secrets: &["basic-geheim", "YXBwOmJhc2ljLWdlaGVpbQ=="],
        },
        Kind {
            name: "oauth2",
            auth: oauth,
            credentials: json!({
                "client_secret": "oauth-geheim",
                "$connection": { "access_token": "access-geheim-0", "refresh_token": "refresh-geheim-0" }
            }),
            secrets: &["oauth-geheim", "YXBwOm9hdXRoLWdlaGVpbQ==", "access-geheim", "refresh-geheim"],
        },
        Kind {
            name: "client credentials",
            auth: r#"{"type":"oauth2","grant":"client_credentials","token_url":"URL/token","client":"body","token_body":"json",
                "client_id":{"type":"var","var":"settings.client_id"},"client_secret":{"type":"var","var":"settings.client_secret"},
                "captured":{"api_domain":"api_domain"}}"#,
            credentials: json!({ "client_secret": "client-geheim" }),
            secrets: &["client-geheim", "access-geheim", "refresh-geheim"],
        },
        Kind {
            name: "session",
            auth: r#"{"type":"session","login":{"method":"POST","path":"/token","body":{"type":"json","content":{
                "password":{"$value":{"type":"var","var":"settings.client_secret"}}}}},"token":"access_token","captured":{"api_domain":"api_domain"},
                "headers":{"X-Session":{"type":"var","var":"connection.session_token"}}}"#,
            credentials: json!({ "client_secret": "session-geheim" }),
            secrets: &["session-geheim", "access-geheim"],
        },
    ]
}

/// What is personal in records and messages of the vendor.
const PERSONAL: [&str; 3] = ["jan.markerson", "31612345678", "webhook-markerson"];

/// Everything that was asked, in a message: what careless vendors do.
fn echo(asked: &Asked) -> String {
    let whole = format!("{} - no contact jan.markerson@example.com, +31612345678", asked.whole().replace(['\n', '\r'], " "));
    serde_json::to_string(&whole).expect("text")
}

/// Fails in every way, and says in each all that it was asked; then works.
fn play(vendor: &Vendor) {
    crm::play(vendor);
    vendor.table(
        "deals",
        r#"[{"id":"d1","title":"Deal","status":"won","value":10,"owner_id":"u1","stage_id":"s1","contact_email":"jan.markerson@example.com","updated_at":"2026-03-01T10:00:00Z"},
            {"id":"d2","title":"Deal","status":"won","value":10,"owner_id":"u9","stage_id":"s1","contact_email":"jan.markerson@example.com","updated_at":"2026-03-01T10:01:00Z"}]"#,
    );
    vendor.table("users", r#"[{"id":"u1","name":"Sam","team_id":null}]"#);
    let mut tokens = 0;
    vendor.route("/token", move |asked| {
        tokens += 1;
        Some(match tokens {
            2 => Reply::json(500, format!(r#"{{"error":{}}}"#, echo(asked))),
            3 => Reply::json(400, format!(r#"{{"error":{},"error_description":{}}}"#, r#""bad client-geheim oauth-geheim""#, echo(asked))),
            _ => Reply::json(
                200,
                format!(r#"{{"access_token":"access-geheim-{tokens}","refresh_token":"refresh-geheim-{tokens}","expires_in":3600}}"#),
            ),
        })
    });
    let mut searches = 0;
    vendor.route("/v1/deals/search", move |asked| {
        searches += 1;
        let told = echo(asked);
        Some(match searches {
            1 => Reply::json(500, format!(r#"{{"error":{{"message":{told}}}}}"#)),
            2 => Reply::json(401, format!(r#"{{"error":{{"message":{told}}}}}"#)),
            3 => Reply::json(403, format!(r#"{{"error":{{"message":{told}}}}}"#)),
            4 => Reply::json(200, format!(r#"{{"error":{{"code":"busy","message":{told},"retry_in":1}}}}"#)),
            5 => Reply::json(418, format!("<html>{told}</html>")),
            6 => Reply::Half(told),
            7 => Reply::Close,
            8 => Reply::json(302, "{}").with("Location", format!("http://evil.example/?{}", asked.query)),
            9 => Reply::json(201, format!(r#"{{"data":{{"items":{told}}}}}"#)),
            _ => return None,
        })
    });
    let mut users = 0;
    vendor.route("/v1/users/", move |asked| {
        users += 1;
        match users {
            1 => Some(Reply::json(302, "{}").with("Location", format!("http://evil.example/jan.markerson@example.com?{}", asked.query))),
            2 => Some(Reply::json(403, format!(r#"{{"error":{{"message":{}}}}}"#, echo(asked)))),
            _ => None,
        }
    });
    let mut checks = 0;
    vendor.route("/me", move |asked| {
        checks += 1;
        (checks == 1).then(|| Reply::json(403, format!(r#"{{"error":{{"message":{}}}}}"#, echo(asked))))
    });
}

/// The definition with these credentials.
fn with_auth(definition: &str, auth: &str, url: &str) -> String {
    let mut definition: Value = serde_json::from_str(definition).expect("JSON");
    definition["auth"] = serde_json::from_str(&auth.replace("URL", url)).expect("JSON");
    let base = definition["http"]["base_url"]["arguments"].as_array_mut().expect("a coalesce");
    if !auth.contains("api_domain") {
        base.remove(0);
    }
    // Always asked for, whatever the way to connect.
    for name in ["client_id", "client_secret"] {
        let setting = definition["settings"][name].as_object_mut().expect("a setting");
        setting.remove("when");
        setting.insert("required".to_owned(), json!(false));
    }
    definition.to_string()
}

struct Told(Vec<(String, String)>);

impl Told {
    fn add(&mut self, what: impl Into<String>, text: impl Into<String>) {
        self.0.push((what.into(), text.into()));
    }
}

async fn go_through(kind: &Kind) {
    let (world, vendor, connect, _) = World::connected(|url| crm::files(url, |definition| with_auth(&definition, kind.auth, url)));
    play(&vendor);
    let (admin, viewer) = (world.token("admin", true), world.token("viewer", false));
    let mut told = Told(Vec::new());
    // What cannot be read is told without what it holds.
    let wrong = json!({ "type": "example", "name": "CRM", "settings": { "account": ["acme"] }, "credentials": kind.credentials });
    let answer = world.send("POST", "/api/v1/providers", &admin, wrong).await;
    told.add("a wrong setting", answer.text());
    assert_eq!(answer.status, 422, "{}", answer.text());
    let wrong = format!(r#"{{"type":"example","credentials":{},"#, kind.credentials);
    told.add("half a request", world.raw("POST", "/api/v1/providers", &admin, &[("content-type", "application/json")], wrong).await.text());
    let body = json!({
        "type": "example", "name": "CRM", "settings": { "method": "browser", "account": "acme", "client_id": "app" },
        "credentials": kind.credentials.as_object().expect("an object").iter().filter(|(name, _)| *name != "$connection")
            .map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, _>>()
    });
    let provider = world.send("POST", "/api/v1/providers", &admin, body).await.ok();
    let provider = provider["id"].as_str().expect("an id").to_owned();
    // As if it had been connected in the browser.
    let (credentials, id) = (kind.credentials.to_string(), provider.parse().expect("a number"));
    world.store.write(world.tenant, move |scope| scope.set_credentials(id, Some(&credentials))).expect("stored");
    connect.changed(world.tenant, id);
    let preset = json!({ "provider": provider, "preset": "won_deals" });
    let made = world.send("POST", "/api/v1/presets", &admin, preset).await.ok();
    let source = made["source"]["id"].as_str().expect("an id").to_owned();
    for _ in 0..2 {
        told.add("a test", world.send("POST", &format!("/api/v1/providers/{provider}/test"), &admin, json!({})).await.text());
    }
    told.add("a try", world.send("POST", &format!("/api/v1/sources/{source}/try"), &viewer_like(&world), json!({})).await.text());
    let key = (world.tenant, source.parse().expect("a number"), LIVE);
    for _ in 0..12 {
        connect.run_as_scheduled(key, Arc::new(Running::default())).await;
        world.store.write(world.tenant, move |scope| scope.set_provider_status(id, "active")).expect("stored");
    }
    for _ in 0..4 {
        let engine = Arc::clone(&world.engine);
        tokio::task::spawn_blocking(move || {
            engine.drain();
            engine.tick().expect("a tick");
        })
        .await
        .expect("no panic");
        world.store.write(world.tenant, move |scope| scope.set_provider_status(id, "active")).expect("stored");
        world.engine.changed(world.tenant);
        world.send("POST", "/api/v1/executions/retry", &admin, json!({ "filter": { "status": "failed" }, "confirm": 9 })).await;
        told.add(
            "a retry",
            world.send("POST", "/api/v1/executions/retry", &admin, json!({ "filter": { "status": "failed" } })).await.text(),
        );
    }
    webhooks(&world, &admin, &provider, &mut told).await;
    let callback = "/api/v1/oauth/callback?state=state-geheim&code=code-geheim";
    told.add("a callback", world.get(callback, &admin).await.text());
    for path in looked_at(&world, &source, &provider) {
        let answer = world.get(&path, &viewer).await;
        told.add(path, answer.text());
    }
    // What was asked really held the secrets: else nothing is proved.
    let asked: String = vendor.asked().iter().map(Asked::whole).collect();
    if let Some(secret) = kind.secrets.first().filter(|_| kind.name != "key in the query") {
        assert!(asked.contains(secret) || asked.contains(kind.secrets[kind.secrets.len() - 1]), "{}: the vendor never saw it", kind.name);
    }
    assert!(told.0.iter().any(|(_, text)| text.contains("The vendor answered with status 403")), "{}: no message was told", kind.name);
    let log = logged();
    told.add("the log", log);
    let mut hidden: Vec<&str> = kind.secrets.to_vec();
    hidden.extend(PERSONAL);
    hidden.extend(["state-geheim", "code-geheim", "hook-geheim"]);
    for (what, text) in &told.0 {
        for hidden in &hidden {
            if let Some(at) = text.find(hidden) {
                let around: String = text[..at].chars().rev().take(300).collect::<String>().chars().rev().collect();
                panic!("{}: {what} tells {hidden}: …{around}{hidden}…", kind.name);
            }
        }
    }
}

/// Somebody who may try but not reveal.
fn viewer_like(world: &World) -> As {
    world.token("builder", false)
}

/// Deliveries that are refused, that are no JSON, that are taken.
async fn webhooks(world: &World, admin: &As, provider: &str, told: &mut Told) {
    let body = json!({
        "name": "Hook", "kind": "webhook", "definition": "deals", "settings": {}, "secrets": { "secret": "hook-geheim" }
    });
    let source = world.send("POST", &format!("/api/v1/providers/{provider}/sources"), admin, body).await.ok();
    let id = source["id"].as_str().expect("an id");
    let address = world.get(&format!("/api/v1/sources/{id}/address"), admin).await.ok();
    let path = address["url"].as_str().expect("a URL").strip_prefix("http://sales.example.com").expect("its path").to_owned();
    for (signature, body) in [
        ("hook-geheim", r#"{"event":"deal.won","current":{"id":"d1","contact_email":"webhook-markerson@example.com"}}"#),
        ("00", "webhook-markerson"),
        ("", ""),
    ] {
        let headers = [("content-type", "application/json"), ("x-example-signature", signature)];
        told.add("a webhook", world.raw("POST", &path, &As::Nobody, &headers, Body::from(body)).await.text());
    }
    for path in [format!("/api/v1/sources/{id}"), format!("/api/v1/sources/{id}/deliveries"), format!("/api/v1/sources/{id}/runs")] {
        told.add(path.clone(), world.get(&path, admin).await.text());
    }
    let secret = path.trim_start_matches("/hooks/").to_owned();
    assert!(!logged().contains(&secret), "the log tells the address of a webhook");
}

fn looked_at(world: &World, source: &str, provider: &str) -> Vec<String> {
    let executions = world.store.read(world.tenant, |scope| scope.executions(&Default::default(), Default::default())).expect("executions");
    let mut paths: Vec<String> = [
        "/api/v1/executions",
        "/api/v1/overview",
        "/api/v1/jobs",
        "/api/v1/identities",
        "/api/v1/records/activities",
        "/metrics",
        "/health",
        "/ready",
    ]
    .map(str::to_owned)
    .to_vec();
    paths.extend(
        ["", "/runs", "/deliveries", "/cursor", "/cursor/history", "/ledger"].map(|rest| format!("/api/v1/sources/{source}{rest}")),
    );
    paths.push(format!("/api/v1/providers/{provider}"));
    for execution in executions.items {
        paths.push(format!("/api/v1/executions/{}", execution.id));
        paths.push(format!("/api/v1/executions/{}/trace", execution.id));
    }
    paths
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_is_told_holds_a_secret_or_a_personal_value() {
    logged();
    for kind in kinds() {
        go_through(&kind).await;
    }
    let log = logged();
    // It was listened to: at every level, and to spans.
    assert!(log.contains("a run failed") && log.contains("DEBUG") && log.contains("asking again after a wait"), "{}", log.len());
}
