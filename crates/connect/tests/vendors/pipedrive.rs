//! Pipedrive: an address that comes with the token, cursors in the query, persons fetched many at once, custom fields with 40-digit keys,
//! webhooks of both versions, and deletions that stand in `previous`.

use std::sync::Arc;

use base64::Engine as _;
use parking_lot::Mutex;
use salesdash_connect::poll::Ended;
use salesdash_testkit::Reply;
use salesdash_value::{RecordKind, Text, Value, json};

use crate::support::{Installation, fill, list, ok, parse, text};

const HASH: &str = "9dc80c50d78a15643bfc4ca79d76156a73a1ca0e";

fn deal(id: usize, status: &str, changed: &str) -> String {
    fill(
        r#"{"id":{id},"title":"Deal {id}","owner_id":51,"value":{id}0.5,"person_id":8{id},"stage_id":4,"pipeline_id":1,"currency":"EUR","add_time":"2026-02-01T08:00:00Z","update_time":"2026-03-01T{changed}Z","stage_change_time":null,"status":"{status}","won_time":{won},"lost_time":null,"close_time":null,"custom_fields":{"9dc80c50d78a15643bfc4ca79d76156a73a1ca0e":12}}"#,
        &[
            ("id", &id.to_string()),
            ("status", status),
            ("changed", changed),
            ("won", if status == "won" { "\"2026-03-01T09:30:00Z\"" } else { "null" }),
        ],
    )
}

/// Plays the vendor over these deals.
fn play(at: &Installation) -> Arc<Mutex<Vec<String>>> {
    let deals = Arc::new(Mutex::new(Vec::<String>::new()));
    let known = Arc::clone(&deals);
    at.vendor.route("/api/v2/deals", move |asked| {
        let since = asked.parameter("updated_since").unwrap_or_default();
        let mut all: Vec<String> = known.lock().iter().filter(|deal| text(&parse(deal), &["update_time"]) >= since).cloned().collect();
        all.sort_by_key(|deal| text(&parse(deal), &["update_time"]));
        let start = asked.parameter("cursor").map_or(0, |cursor| cursor.trim_start_matches("cursor-").parse::<usize>().expect("a cursor"));
        let limit = asked.parameter("limit")?.parse::<usize>().ok()?;
        let next = if start + limit < all.len() { format!("\"cursor-{}\"", start + limit) } else { "null".to_owned() };
        let page: Vec<String> = all.into_iter().skip(start).take(limit).collect();
        let answer = format!(r#"{{"success":true,"data":{},"additional_data":{{"next_cursor":{next}}}}}"#, list(&page));
        Some(Reply::json(200, answer).with("X-RateLimit-Remaining", "19").with("X-RateLimit-Reset", "2"))
    });
    at.vendor.route("/api/v2/persons", |asked| {
        let ids = asked.parameter("ids")?;
        let person = |id: &str| format!(r#"{{"id":{id},"name":"Kim {id}","emails":[{{"value":"kim{id}@example.com","primary":true}}],"phones":[],"update_time":"2026-02-01T08:00:00Z"}}"#);
        ok(format!(r#"{{"success":true,"data":{}}}"#, list(&ids.split(',').map(person).collect::<Vec<_>>())))
    });
    at.vendor.route("/api/v2/stages", |_| {
        ok(r#"{"success":true,"data":[{"id":4,"order_nr":1,"name":"Offer made","pipeline_id":1}],"additional_data":{"next_cursor":null}}"#)
    });
    at.vendor
        .route("/api/v2/pipelines", |_| ok(r#"{"success":true,"data":[{"id":1,"name":"Sales"}],"additional_data":{"next_cursor":null}}"#));
    at.vendor.route("/api/v2/activities", |_| ok(r#"{"success":true,"data":[]}"#));
    at.vendor.route("/v1/users/me", |_| ok(r#"{"success":true,"data":{"id":51,"company_name":"Sunny Roofs"}}"#));
    at.vendor.route("/v1/users", |_| {
        ok(r#"{"success":true,"data":[{"id":51,"name":"Noa Bakker","email":"noa@sales.example","active_flag":true}]}"#)
    });
    at.vendor.route("/v1/dealFields", |asked| {
        // Two pages.
        let field = |key: &str, name: &str| format!(r#"{{"id":1,"key":"{key}","name":"{name}","field_type":"enum","options":[{{"id":12,"label":"North"}}]}}"#);
        let (fields, more) = if asked.parameter("start").as_deref() == Some("0") { (field("title", "Title"), true) } else { (field(HASH, "Region"), false) };
        ok(format!(r#"{{"success":true,"data":[{fields}],"additional_data":{{"pagination":{{"start":0,"limit":500,"more_items_in_collection":{more}}}}}}}"#))
    });
    deals
}

/// Connected in the browser some time ago: the address of the company came with the token, which has expired.
fn installed() -> (Installation, Arc<Mutex<Vec<String>>>) {
    let at = Installation::new(
        "pipedrive",
        &[
            ("https://oauth.pipedrive.com/oauth/token", "{url}/token"),
            (r#""size": 100"#, r#""size": 2"#),
            (r#""offset", "size": 500"#, r#""offset", "size": 1"#),
        ],
        r#"{"method":"oauth","client_id":"app"}"#,
        r#"{"client_secret":"app-geheim","$connection":{"access_token":"old","refresh_token":"refresh-0","expires_at":"2026-03-02T11:00:00Z","api_domain":"{url}"}}"#,
    );
    at.vendor.refresh_with(Some("refresh-0"));
    let deals = play(&at);
    (at, deals)
}

const FIELDS: [&str; 4] = ["activity_type", "moment", "value", "agent_external_identity"];

#[tokio::test(flavor = "multi_thread")]
async fn deals_are_polled_at_the_address_that_came_with_the_token() {
    let (at, deals) = installed();
    *deals.lock() = vec![
        deal(1, "won", "10:01:00"),
        deal(2, "open", "10:02:00"),
        deal(3, "lost", "10:03:00"),
        deal(4, "open", "10:04:00"),
        deal(5, "won", "10:05:00"),
    ];
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.detail.as_str()), (true, "It works: connected to Sunny Roofs."));
    let source = at.polls("deals", "{}", &["won_and_lost_deals", "deal_stages_as_periods"]);
    at.vendor.fault(
        "/api/v2/deals",
        [Reply::json(429, r#"{"success":false,"error":"request over limit","errorCode":429}"#).with("X-RateLimit-Reset", "2")],
    );
    assert!(matches!(at.poll(&source).await, Ended::Succeeded), "{:?}", at.run(&source));
    at.execute().await;
    assert_eq!(at.ledger(&source), [5, 5, 0, 0, 0, 0, 0]);
    let expected = [
        "lost|3: Deal | lost 2026-03-01T10:03:00Z 30.5 51",
        "won|1: Deal | won 2026-03-01T09:30:00Z 10.5 51",
        "won|5: Deal | won 2026-03-01T09:30:00Z 50.5 51",
    ];
    assert_eq!(at.records(RecordKind::Activity, &FIELDS), expected);
    assert_eq!(at.records(RecordKind::Period, &["period_type"]).len(), 2);
    assert_eq!(at.agents(), ["51: Noa Bakker noa@sales.example"]);
    assert_ne!(at.credentials().at(&["$connection", "refresh_token"]), Some(&Value::from("refresh-0")));
    at.assert_kept_from_vendor("app-geheim", &["/token"]);
    // Nothing is new; then one is.
    assert!(matches!(at.poll(&source).await, Ended::Succeeded));
    deals.lock()[3] = deal(4, "won", "10:06:00");
    assert!(matches!(at.poll(&source).await, Ended::Succeeded));
    at.execute().await;
    assert_eq!(at.ledger(&source)[1], 6);
    assert_eq!(at.records(RecordKind::Activity, &FIELDS).len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn custom_fields_are_named_by_their_table() {
    let (at, _) = installed();
    let source = at.polls("deals", "{}", &[]);
    let record = parse(&deal(1, "won", "10:01:00"));
    let chain = [Text::new("custom")];
    let wanted = salesdash_engine::enrich::Wanted {
        tenant: at.tenant,
        provider: at.provider,
        source: source.id,
        model: "pipedrive_deal",
        record: &record,
        enrichment: "custom",
        parent: &record,
        chain: &chain,
        fresh: false,
    };
    let found = at.connect.enrichment(&wanted).await.expect("fetched").expect("there");
    let region = r#"{"list":[{"key":"9dc80c50d78a15643bfc4ca79d76156a73a1ca0e","name":"Region","value":12,"label":"North"}]}"#;
    assert_eq!(json::to_string(&found), region);
    assert_eq!(at.vendor.count("/v1/dealFields"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_of_both_versions_are_taken_and_deletions_are_known() {
    let (at, _) = installed();
    let secrets = r#"{"username":"dash","password":"geheim-0123"}"#;
    let basic = |password: &str| format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("dash:{password}")));
    let second = at.hears("deals", Some(secrets), &["won_and_lost_deals", "deal_stages_as_periods"]);
    let first = at.hears("deals_v1", Some(secrets), &["won_and_lost_deals"]);
    let meta = |action: &str, entity: &str, id: &str| {
        fill(
            r#"{"action":"{action}","entity":"{entity}","timestamp":"2026-03-01T11:00:00.000Z","version":"2.0","id":"{id}","attempt":1}"#,
            &[("action", action), ("entity", entity), ("id", id)],
        )
    };
    let send = |source, body: &str| at.send(source, &[("Authorization", &basic("geheim-0123"))], body).status;
    let changed = |data: &str, meta: &str| format!(r#"{{"data":{data},"previous":{{}},"meta":{meta}}}"#);
    assert_eq!(send(&second, &changed(&deal(1, "won", "10:01:00"), &meta("change", "deal", "e1"))), 202);
    assert_eq!(send(&second, &changed(&deal(1, "won", "10:01:00"), &meta("change", "deal", "e1"))), 202);
    assert_eq!(send(&second, &changed(&deal(2, "open", "10:02:00"), &meta("create", "deal", "e2"))), 202);
    assert!((200..300).contains(&send(&second, &changed(r#"{"id":1,"name":"x"}"#, &meta("change", "person", "e3")))));
    assert_eq!(at.send(&second, &[("Authorization", &basic("another"))], "{}").status, 401);
    let old = deal(7, "won", "10:01:00")
        .replace("2026-03-01T10:01:00Z", "2026-03-01 10:01:00")
        .replace("2026-03-01T09:30:00Z", "2026-03-01 09:30:00")
        .replace("owner_id", "user_id");
    let body = format!(
        r#"{{"v":1,"meta":{{"action":"updated","object":"deal","id":7,"timestamp":1772359260}},"current":{old},"previous":null,"event":"updated.deal","retry":0}}"#
    );
    assert_eq!(send(&first, &body), 202);
    at.execute().await;
    let expected = ["won|1: Deal | won 2026-03-01T09:30:00Z 10.5 51", "won|7: Deal | won 2026-03-01T09:30:00Z 70.5 51"];
    assert_eq!(at.records(RecordKind::Activity, &FIELDS), expected);
    // The open one is deleted: its period ends when it was.
    let deleted = format!(r#"{{"data":null,"previous":{},"meta":{}}}"#, deal(2, "open", "10:02:00"), meta("delete", "deal", "e4"));
    assert_eq!(send(&second, &deleted), 202);
    at.execute().await;
    let periods = at.records(RecordKind::Period, &["period_type", "ended_at"]);
    assert!(periods.len() == 1 && periods[0].ends_with(": Offer made 2026-03-01T11:00:00Z"), "{periods:?}");
    for source in [&first, &second] {
        let [.., waiting, failed] = at.ledger(source);
        assert_eq!((waiting, failed), (0, 0));
    }
}
