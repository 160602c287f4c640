//! Sources that are polled, over the interface: connect, try, run, look at the cursor, pause, set back, backfill, cancel, undo, import.

use std::sync::Arc;

use salesdash_connect::Connect;
use salesdash_connect::clock::ManualClock;
use salesdash_connect::poll::{LIVE, Running};
use salesdash_testkit::{Reply, Vendor, crm};
use serde_json::{Value, json};

use crate::world::{As, World};

/// An installation with the made-up CRM connected by token and its deals polled.
pub struct Polled {
    pub world: World,
    pub vendor: Vendor,
    pub connect: Arc<Connect>,
    pub clock: Arc<ManualClock>,
    pub admin: As,
    pub provider: String,
    pub source: String,
}

impl Polled {
    pub async fn new() -> Self {
        let (world, vendor, connect, clock) = World::connected(|url| crm::files(url, |definition| definition));
        crm::play(&vendor);
        vendor.table("deals", &crm::deals(3));
        let admin = world.token("admin", true);
        let provider = json!({
            "type": "example", "name": "CRM", "settings": { "method": "token", "account": "acme" }, "credentials": { "token": "tok-geheim" }
        });
        let provider = world.send("POST", "/api/v1/providers", &admin, provider).await.ok()["id"].as_str().unwrap().to_owned();
        let made = json!({ "provider": provider, "preset": "won_deals", "settings": { "history_days": 3650 } });
        let made = world.send("POST", "/api/v1/presets", &admin, made).await.ok();
        let source = made["source"]["id"].as_str().unwrap().to_owned();
        Self { world, vendor, connect, clock, admin, provider, source }
    }

    pub fn at(&self, rest: &str) -> String {
        format!("/api/v1/sources/{}{rest}", self.source)
    }

    pub async fn post(&self, path: &str, body: Value) -> crate::world::Answer {
        self.world.send("POST", path, &self.admin, body).await
    }

    pub async fn get(&self, path: &str) -> Value {
        self.world.get(path, &self.admin).await.ok()
    }

    pub async fn run(&self) {
        let key = (self.world.tenant, self.source.parse().unwrap(), LIVE);
        self.connect.run_as_scheduled(key, Arc::new(Running::default())).await;
    }

    /// Executes what waits, off the threads of the runtime.
    pub async fn settle(&self) {
        let engine = Arc::clone(&self.world.engine);
        let settle = move || {
            engine.drain();
            engine.tick().unwrap();
        };
        tokio::task::spawn_blocking(settle).await.unwrap();
    }

    /// Waits until something holds of the source's polling; what happens tells when to look.
    async fn until(&self, path: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let mut events = self.world.engine.listen();
        loop {
            let seen = self.get(path).await;
            if holds(&seen) {
                return seen;
            }
            let _ = events.recv().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_tested_and_a_poll_is_tried_without_storing_anything() {
    let at = Polled::new().await;
    let tested = at.post(&format!("/api/v1/providers/{}/test", at.provider), json!({})).await.ok();
    assert_eq!(tested, json!({ "ok": true, "detail": "It works: connected to Acme Ltd.", "account": "Acme Ltd" }));
    let new = json!({ "type": "example", "settings": { "method": "token", "account": "acme" }, "credentials": { "token": "other" } });
    at.vendor.accept(&["tok-geheim"]);
    let refused = at.post("/api/v1/providers/test", new).await.ok();
    assert_eq!((refused["ok"].as_bool(), refused["account"].is_null()), (Some(false), true));
    assert!(refused["detail"].as_str().unwrap().contains("401"), "{refused}");
    let tried = at.post(&format!("/api/v1/providers/{}/try", at.provider), json!({ "definition": "deals", "settings": {} })).await.ok();
    assert_eq!((tried["count"].as_u64(), tried["more"].as_bool(), tried["key"].as_str()), (Some(3), Some(false), Some("id")));
    assert_eq!(tried["records"][0]["title"], "Deal 0");
    assert!(tried["request"].as_str().unwrap().starts_with("POST ") && !tried["request"].as_str().unwrap().contains("geheim"));
    assert_eq!(at.post(&at.at("/try"), json!({})).await.ok()["count"], 3);
    assert_eq!(at.get(&at.at("/ledger")).await["received"], 0);
    at.post(&format!("/api/v1/providers/{}/try", at.provider), json!({ "definition": "dealz", "settings": {} }))
        .await
        .problem(422, "invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_run_now_and_its_cursor_is_seen_paused_and_set_back() {
    let at = Polled::new().await;
    assert_eq!(at.get(&at.at("/cursor")).await["cursor"], Value::Null);
    let begun = at.post(&at.at("/run"), json!({})).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let runs = at.until(&at.at("/runs"), |runs| runs["items"][0]["finished"].is_string()).await;
    let run = &runs["items"][0];
    assert_eq!((run["kind"].as_str(), run["verdict"].as_str(), run["models"].as_u64()), (Some("poll"), Some("succeeded"), Some(3)));
    let cursor = at.until(&at.at("/cursor"), |state| state["running"].is_null()).await;
    assert_eq!(cursor["reached"], "2026-03-01T10:02:00Z");
    at.settle().await;
    assert_eq!(at.get(&at.at("/ledger")).await["executed"], 3);
    let history = at.get(&at.at("/cursor/history")).await;
    assert_eq!(history["items"][0]["value"], cursor["cursor"]);
    // Set back to a time: what is read again is recognised.
    let back = at.world.send("PUT", &at.at("/cursor"), &at.admin, json!({ "from": "2026-03-01T10:01:30Z" })).await.ok();
    assert_eq!(back["reached"], "2026-03-01T10:01:30Z");
    at.run().await;
    let ledger = at.get(&at.at("/ledger")).await;
    assert_eq!((ledger["received"].as_u64(), ledger["duplicate"].as_u64()), (Some(5), Some(2)), "{ledger}");
    // To a value that it had, and to the beginning.
    let value = json!({ "cursor": cursor["cursor"] });
    assert_eq!(at.world.send("PUT", &at.at("/cursor"), &at.admin, value).await.ok()["reached"], "2026-03-01T10:02:00Z");
    let both = json!({ "from": "2026-03-01T10:01:30Z", "cursor": {} });
    at.world.send("PUT", &at.at("/cursor"), &at.admin, both).await.problem(422, "invalid");
    assert_eq!(at.world.send("PUT", &at.at("/cursor"), &at.admin, json!({})).await.ok()["cursor"], Value::Null);
    // Paused, and resumed.
    assert_eq!(at.post(&at.at("/pause"), json!({})).await.ok()["health"]["state"], "paused");
    assert_eq!(at.post(&at.at("/resume"), json!({})).await.ok()["enabled"], true);
    // A source that is sent to is not run.
    let (webhook, _) = at.world.source(&at.admin, "Hook", json!({}), json!({})).await;
    at.post(&format!("/api/v1/sources/{webhook}/run"), json!({})).await.problem(422, "invalid");
    at.post("/api/v1/sources/4711/run", json!({})).await.problem(404, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backfill_is_followed_as_a_job_cancelled_and_undone() {
    let at = Polled::new().await;
    at.vendor.table("deals", &crm::deals(120));
    // The vendor is down after the first page.
    let mut broken = (0..200).map(|_| Reply::json(503, "{}"));
    at.vendor.route("/v1/deals/search", move |asked| if asked.body.contains("\"after\"") { broken.next() } else { None });
    let begun = at.post(&at.at("/backfill"), json!({ "from": "2026-03-01T00:00:00Z" })).await;
    assert_eq!(begun.status, 202, "{}", begun.text());
    let job = begun.json()["backfill"]["job"].as_str().unwrap().to_owned();
    let state = at.until(&at.at("/cursor"), |state| state["backfill"]["reason"].is_string()).await;
    let backfill = &state["backfill"];
    assert_eq!(
        (backfill["pages"].as_u64(), backfill["records"].as_u64(), backfill["from"].as_str()),
        (Some(1), Some(50), Some("2026-03-01T00:00:00Z"))
    );
    assert!(backfill["share"].as_i64().is_some_and(|share| (1..100).contains(&share)), "{backfill}");
    assert!(backfill["reason"].as_str().unwrap().contains("503"), "{backfill}");
    assert_eq!(state["cursor"], Value::Null, "the live cursor stays where it is");
    at.post(&at.at("/backfill"), json!({ "from": "2026-02-01T00:00:00Z" })).await.problem(409, "conflict");
    at.post(&at.at("/backfill"), json!({ "from": "2030-02-01T00:00:00Z" })).await.problem(422, "invalid");
    let listed = at.get("/api/v1/jobs?kind=backfill").await;
    assert_eq!((listed["items"].as_array().unwrap().len(), listed["items"][0]["id"].as_str()), (1, Some(job.as_str())));
    assert_eq!(listed["items"][0]["backfill"]["source"].as_str(), Some(at.source.as_str()));
    assert_eq!(at.get("/api/v1/jobs?kind=reprocess").await["items"], json!([]));
    at.post(&format!("/api/v1/jobs/{job}/undo"), json!({})).await.problem(409, "conflict");
    let cancelled = at.post(&format!("/api/v1/jobs/{job}/cancel"), json!({})).await.ok();
    assert_eq!(
        (cancelled["state"].as_str(), cancelled["can_undo"].as_bool(), cancelled["can_cancel"].as_bool()),
        (Some("cancelled"), Some(true), Some(false))
    );
    at.post(&format!("/api/v1/jobs/{job}/cancel"), json!({})).await.problem(409, "conflict");
    at.until(&at.at("/cursor"), |state| state["backfill"].is_null()).await;
    at.settle().await;
    let job_state = at.get(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!(job_state["progress"], json!({ "done": 50, "of": 50 }));
    let impact = at.get(&format!("/api/v1/jobs/{job}/undo")).await;
    assert_eq!(
        (impact["executions"].as_u64(), impact["models"].as_u64(), impact["removed"].as_u64(), impact["left"].as_u64()),
        (Some(50), Some(50), Some(50), Some(0)),
        "{impact}"
    );
    assert_eq!(at.get("/api/v1/overview").await["totals"]["records"]["activities"]["all"], 50);
    let undoing = at.post(&format!("/api/v1/jobs/{job}/undo"), json!({})).await.ok();
    assert_eq!(undoing["state"], "undoing");
    at.settle().await;
    assert_eq!(at.get(&format!("/api/v1/jobs/{job}")).await["state"], "undone");
    assert_eq!(at.get("/api/v1/overview").await["totals"]["records"]["activities"]["all"], 0);
    let ledger = at.get(&at.at("/ledger")).await;
    assert_eq!(ledger["balances"], true, "{ledger}");
    let audit = at.get("/api/v1/audit").await.to_string();
    for action in ["source.backfilled", "job.cancelled", "job.undone"] {
        assert!(audit.contains(action), "{action} is in the audit log");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_and_what_is_known_is_recognised() {
    let at = Polled::new().await;
    let provider = at.post("/api/v1/providers", json!({ "type": "file", "name": "Files" })).await.ok();
    let body = json!({ "name": "Upload", "kind": "file", "settings": { "model": "uploads" } });
    let made = at.post(&format!("/api/v1/providers/{}/sources", provider["id"].as_str().unwrap()), body).await;
    let source = made.ok()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/sources/{source}/import");
    let csv = "id,name,amount\n1,North,10\n2,South,20.5\n";
    let run = at.world.raw("POST", &format!("{path}?name=deals.csv"), &at.admin, &[], csv).await.ok();
    assert_eq!(
        (run["verdict"].as_str(), run["kind"].as_str(), run["taken"].as_u64()),
        (Some("succeeded"), Some("import"), Some(2)),
        "{run}"
    );
    let lines = "{\"id\":\"3\",\"name\":\"East\"}\n{\"id\":\"4\",\"name\":\"West\"}\n";
    let run = at.world.raw("POST", &path, &at.admin, &[("content-type", "application/x-ndjson")], lines).await.ok();
    assert_eq!(run["taken"], 2);
    at.world.raw("POST", &format!("{path}?name=deals.xlsx"), &at.admin, &[], "x").await.problem(400, "bad_request");
    let broken = at.world.raw("POST", &format!("{path}?name=x.json"), &at.admin, &[], "{\"id\":").await;
    let broken = broken.ok();
    assert_eq!((broken["failed"].as_u64(), broken["taken"].as_u64()), (Some(1), Some(0)));
    assert!(broken["detail"].as_str().unwrap().starts_with("Line 1: "), "{broken}");
    let viewer = at.world.token("viewer", false);
    at.world.raw("POST", &format!("{path}?name=deals.csv"), &viewer, &[], csv).await.problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_granted_in_the_browser_once_by_whoever_began_it() {
    let at = Polled::new().await;
    let provider = json!({
        "type": "example", "name": "In the browser", "settings": { "method": "browser", "account": "acme", "client_id": "app" },
        "credentials": { "client_secret": "app-geheim" }
    });
    let provider = at.post("/api/v1/providers", provider).await.ok()["id"].as_str().unwrap().to_owned();
    let begin = async || {
        let begun = at.post(&format!("/api/v1/providers/{provider}/connect"), json!({})).await.ok();
        let url = begun["authorization_url"].as_str().unwrap().to_owned();
        let state = url.split("state=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        assert!(url.contains("code_challenge=") && url.contains("redirect_uri=http%3A%2F%2Fsales.example.com%2Foauth%2Fcallback"), "{url}");
        state
    };
    let back = async |query: &str, who: &As| at.world.get(&format!("/api/v1/oauth/callback?{query}"), who).await;
    // The browser is led back to a page that says why it came to nothing.
    let refused = |answer: &crate::world::Answer| answer.status.as_u16() == 303 && answer.header("location").contains("not_connected=");
    // A state that nobody began.
    assert!(refused(&back("state=made-up&code=c", &at.admin).await));
    // Somebody else's.
    let other = at.world.token("builder", false);
    let state = begin().await;
    assert!(refused(&back(&format!("state={state}&code=c"), &other).await));
    // Too late.
    let state = begin().await;
    at.clock.advance(std::time::Duration::from_secs(3600));
    assert!(refused(&back(&format!("state={state}&code=c"), &at.admin).await));
    assert_eq!(at.vendor.count("/token"), 0, "nothing was asked of the vendor");
    // Denied at the vendor, which says why.
    let state = begin().await;
    let denied = back(&format!("state={state}&error=access_denied&error_description=No%20thanks"), &at.admin).await;
    assert!(refused(&denied) && denied.header("location").starts_with(&format!("/providers/{provider}?")), "{}", denied.header("location"));
    assert!(!denied.header("location").contains("app-geheim"));
    assert!(refused(&back(&format!("state={state}&code=the-code"), &at.admin).await), "what was denied is over");
    assert_eq!(at.get(&format!("/api/v1/providers/{provider}")).await["has_credentials"], true);
    // The vendor gives no token for it: the page of the provider says so.
    at.vendor.fault("/token", [Reply::json(400, r#"{"error":"invalid_grant"}"#)]);
    let state = begin().await;
    let failed = back(&format!("state={state}&code=the-code"), &at.admin).await;
    assert!(refused(&failed) && failed.header("location").starts_with(&format!("/providers/{provider}?")), "{}", failed.header("location"));
    assert!(failed.header("location").contains("invalid_grant") && !failed.header("location").contains("the-code"));
    at.vendor.forget();
    // Granted; and each serves once.
    let state = begin().await;
    let granted = back(&format!("state={state}&code=the-code"), &at.admin).await;
    assert_eq!((granted.status.as_u16(), granted.header("location")), (303, format!("/providers/{provider}?connected=1").as_str()));
    assert!(refused(&back(&format!("state={state}&code=the-code"), &at.admin).await));
    assert_eq!(at.vendor.count("/token"), 1);
    assert_eq!(at.post(&format!("/api/v1/providers/{provider}/test"), json!({})).await.ok()["ok"], true);
    let viewer = at.world.token("viewer", false);
    at.world.send("POST", &format!("/api/v1/providers/{provider}/connect"), &viewer, json!({})).await.problem(403, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_was_revoked_is_seen_and_new_credentials_mend_it() {
    let at = Polled::new().await;
    at.vendor.accept(&["another"]);
    at.run().await;
    let provider = format!("/api/v1/providers/{}", at.provider);
    assert_eq!(at.get(&provider).await["status"], "needs_reconnecting");
    let health = at.get(&at.at("")).await["health"].clone();
    assert_eq!(
        (health["state"].as_str(), health["detail"].as_str()),
        (Some("failing"), Some("The credentials of its provider stopped working; connect it again"))
    );
    at.vendor.accept(&["new-geheim"]);
    let mended = at.world.send("PATCH", &provider, &at.admin, json!({ "credentials": { "token": "new-geheim" } })).await.ok();
    assert_eq!(mended["status"], "active");
    at.run().await;
    assert_eq!(at.get(&at.at("/ledger")).await["received"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_define_on_a_source_is_offered_to_specs_and_not_taken_from_under_them() {
    let (world, vendor, _connect, _clock) = World::connected(|url| crm::files(url, |definition| definition));
    let admin = world.token("admin", true);
    let put = async |path: &str, tag: &str, body: Value| {
        let headers = [("content-type", "application/json"), ("if-match", tag)];
        world.raw("PUT", path, &admin, &headers, body.to_string()).await
    };
    vendor.route("/v1/orders", |_| Some(Reply::json(200, r#"{"rows": [{"nr": 1, "by": "u1"}]}"#)));
    vendor.route("/v1/users/u1", |_| Some(Reply::json(200, r#"{"id": "u1", "email": "noa@sales.example"}"#)));
    let provider =
        json!({ "type": "http_api", "name": "Orders", "settings": { "base_url": format!("{}/v1", vendor.url()), "method": "none" } });
    let provider = world.send("POST", "/api/v1/providers", &admin, provider).await.ok()["id"].as_str().unwrap().to_owned();
    let owner = json!({ "id": "by", "fetch": { "type": "by_id", "request": { "path": ["users", { "type": "var", "var": "id" }] } } });
    let settings = |enrichments: Value| {
        let list = json!({ "request": { "path": "/orders" }, "records": "rows" });
        json!({ "poll": { "title": "Orders", "model": "order", "list": list }, "key": "nr", "enrichments": enrichments })
    };
    let full = settings(json!({ "owner": owner }));
    // Tried, on the first page that the vendor gives; what is personal in it is hidden.
    let tries = format!("/api/v1/providers/{provider}/try-enrichment");
    let wanted = json!({ "settings": full, "enrichment": "owner", "record": { "place": 0 } });
    let tried = world.send("POST", &tries, &world.token("builder", false), wanted.clone()).await.ok();
    assert_eq!(
        (tried["picked"].as_str(), tried["found"]["id"].as_str(), tried["model"].as_str()),
        (Some("u1"), Some("u1"), Some("order_owner"))
    );
    assert!(!tried.to_string().contains("noa@sales.example"), "{tried}");
    assert_eq!(tried["fields"]["fields"]["email"]["personal"], "email");
    world.send("POST", &tries, &world.token("viewer", false), wanted).await.problem(403, "forbidden");
    let nothing = json!({ "settings": full, "enrichment": "owner", "record": {} });
    world.send("POST", &tries, &admin, nothing).await.problem(422, "invalid");
    // What is wrong is said at its place.
    let sources = format!("/api/v1/providers/{provider}/sources");
    let wrong = settings(json!({ "owner": { "id": "by", "fetch": { "type": "by_id", "request": { "pat": "/x" } } } }));
    let wrong = world.send("POST", &sources, &admin, json!({ "name": "Orders", "kind": "poll", "settings": wrong })).await;
    assert!(wrong.text().contains("/settings/enrichments/owner/fetch/request/pat"), "{}", wrong.text());
    // Made, with what the try has learnt: specs know its fields before anything was fetched.
    let shapes = json!({ "order_owner": tried["shape"] });
    let made = json!({ "name": "Orders", "kind": "poll", "settings": full, "shapes": shapes });
    let source = world.send("POST", &sources, &admin, made).await.ok()["id"].as_str().unwrap().to_owned();
    let model = world.get("/api/v1/models/order", &admin).await.ok();
    assert_eq!(model["enrichments"], json!([{ "name": "owner", "model": "order_owner" }]));
    let of_owner = world.get("/api/v1/models/order_owner", &admin).await.ok();
    assert_eq!(of_owner["fields"][1]["path"], "email");
    // What people decide of the fields leaves it where it is.
    let tag = format!("\"r{}\"", model["revision"]);
    let edits = json!({ "edits": { "key": "nr", "fields": { "by": { "type": "string" } } } });
    put("/api/v1/models/order", &tag, edits).await.ok();
    assert_eq!(world.get("/api/v1/models/order", &admin).await.ok()["enrichments"][0]["name"], "owner");
    // A spec reads it: it is not taken away under it.
    let processor = json!({ "name": "Owners", "model": "order" });
    let processor = world.send("POST", "/api/v1/processors", &admin, processor).await.ok()["id"].as_str().unwrap().to_owned();
    let spec = json!({
        "format": 1, "source_model": { "type": "order", "var": "order" },
        "enrichments": [{ "type": "owner", "on": "order", "as": "owner" }],
        "instructions": [{ "id": "who", "type": "upsert_agent_external_identity", "external_id": { "type": "coalesce",
            "arguments": [{ "type": "var", "var": "order.owner.id" }, { "type": "literal", "value": "nobody" }] } }]
    });
    put(&format!("/api/v1/processors/{processor}/spec"), "\"v0\"", json!({ "spec": spec })).await.ok();
    world.send("POST", "/api/v1/links", &admin, json!({ "source": source, "processor": processor })).await.ok();
    let at = format!("/api/v1/sources/{source}");
    let without = json!({ "settings": settings(json!({})) });
    let refused = world.send("PATCH", &at, &admin, without.clone()).await;
    assert!(refused.text().contains("`Owners` reads `owner`"), "{}", refused.text());
    world.send("DELETE", &format!("/api/v1/processors/{processor}"), &admin, json!({})).await;
    world.send("PATCH", &at, &admin, without).await.ok();
    assert_eq!(world.get("/api/v1/models/order", &admin).await.ok()["enrichments"], json!([]));
}
