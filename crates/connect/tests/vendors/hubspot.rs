//! HubSpot: a search with the cursor in the body that gives so many records at most, batches of thin events signed over method, address,
//! body and time, and contacts reached over associations.

use std::sync::Arc;

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use salesdash_connect::poll::Ended;
use salesdash_engine::enrich::Wanted;
use salesdash_testkit::Reply;
use salesdash_value::{Instant, RecordKind, Text, Value};
use sha2::Sha256;

use crate::support::{Installation, NOW, Source, body, fill, list, number, ok, parse, text};

const TOKEN: &str = "pat-eu1-geheim-0123";
const SECRET: &str = "client-geheim-0123";

fn deal(id: usize, stage: &str, amount: &str, minute: usize) -> String {
    let closed = ["closedwon", "closedlost"].contains(&stage);
    fill(
        r#"{"id":"{id}","properties":{"amount":{amount},"dealname":"Deal {id}","dealstage":"{stage}","pipeline":"default","closedate":"2026-03-01T09:30:00.000Z","hs_is_closed":"{closed}","hs_is_closed_won":"{won}",
            "hs_v2_date_entered_current_stage":"2026-03-01T09:00:00.000Z","hubspot_owner_id":"501","hs_lastmodifieddate":"2026-03-01T10:{minute}:00.000Z"},"createdAt":"2026-02-01T08:00:00.000Z","updatedAt":"2026-03-01T10:{minute}:00.000Z","archived":false}"#,
        &[
            ("id", &id.to_string()),
            ("stage", stage),
            ("amount", amount),
            ("minute", &format!("{minute:02}")),
            ("closed", &closed.to_string()),
            ("won", &(stage == "closedwon").to_string()),
        ],
    )
}

fn contact(id: &str) -> String {
    fill(
        r#"{"id":"{id}","properties":{"email":"kim.{id}@example.com","hs_object_id":"{id}"},"createdAt":"2026-02-01T08:00:00.000Z","updatedAt":"2026-02-01T08:00:00.000Z","archived":false}"#,
        &[("id", id)],
    )
}

/// The most that the played vendor gives for one search.
const CAP: usize = 4;

/// Plays the vendor over these deals.
fn play(at: &Installation) -> Arc<Mutex<Vec<String>>> {
    let deals = Arc::new(Mutex::new(Vec::<String>::new()));
    let known = Arc::clone(&deals);
    at.vendor.route("/crm/v3/objects/deals/search", move |asked| {
        let asks = body(asked);
        let filter = asks.get("filterGroups").and_then(Value::as_list)?.first()?.get("filters").and_then(Value::as_list)?.first()?.clone();
        assert_eq!((text(&filter, &["propertyName"]), text(&filter, &["operator"])), ("hs_lastmodifieddate".to_owned(), "GTE".to_owned()));
        assert!(asks.get("properties").and_then(Value::as_list).is_some_and(|names| names.contains(&Value::from("region"))));
        let since = Instant::from_millisecond(text(&filter, &["value"]).parse().expect("milliseconds")).expect("a time");
        let changed = |deal: &str| text(&parse(deal), &["updatedAt"]).parse::<Instant>().expect("a time");
        let mut all: Vec<String> = known.lock().iter().filter(|deal| changed(deal) >= since).cloned().collect();
        all.sort_by_key(|deal| changed(deal));
        let start = asks.get("after").map_or(0, |_| text(&asks, &["after"]).parse::<usize>().expect("a position"));
        if start >= CAP {
            return Some(Reply::json(400, r#"{"status":"error","message":"paging past the limit","category":"VALIDATION_ERROR"}"#));
        }
        let limit = number(&asks, &["limit"])?;
        let page: Vec<String> = all.iter().skip(start).take(limit).cloned().collect();
        let paging =
            if start + limit < all.len() { format!(r#","paging":{{"next":{{"after":"{}"}}}}"#, start + limit) } else { String::new() };
        ok(format!(r#"{{"total":{},"results":{}{paging}}}"#, all.len(), list(&page)))
    });
    let known = Arc::clone(&deals);
    at.vendor.route("/crm/v3/objects/deals/", move |asked| {
        let id = asked.path.rsplit('/').next().unwrap_or_default();
        assert!(asked.parameter("properties").is_some_and(|names| names.contains("dealstage") && names.contains("region")));
        let found = known.lock().iter().find(|deal| text(&parse(deal), &["id"]) == id).cloned();
        found.map_or_else(|| Some(Reply::json(404, r#"{"status":"error","message":"resource not found"}"#)), ok)
    });
    at.vendor.route("/crm/v3/owners/501", |_| {
        ok(r#"{"id":"501","email":"noa@sales.example","firstName":"Noa","lastName":"Bakker","userId":1,"archived":false}"#)
    });
    at.vendor.route("/crm/v4/objects/deals/", |_| ok(r#"{"results":[{"toObjectId":8001,"associationTypes":[]}]}"#));
    // Of the contacts that are asked for, those with an id from 8001 to 8999; of the others nothing is said but an error beside the results.
    at.vendor.route("/crm/v3/objects/contacts/batch/read", |asked| {
        let asks = body(asked);
        assert!(asks.get("properties").and_then(Value::as_list).is_some_and(|names| names.contains(&Value::from("email"))));
        let ids: Vec<String> = asks.get("inputs").and_then(Value::as_list)?.iter().map(|input| text(input, &["id"])).collect();
        let known: Vec<String> = ids.iter().filter(|id| id.starts_with('8')).map(|id| contact(id)).collect();
        let (status, errors) = if known.len() < ids.len() { (207, r#","numErrors":1,"errors":[{"status":"error"}]"#) } else { (200, "") };
        Some(Reply::json(status, format!(r#"{{"status":"COMPLETE","results":{}{errors}}}"#, list(&known))))
    });
    at.vendor.route("/crm/v3/pipelines/deals", |_| {
        ok(r#"{"results":[{"label":"Sales","id":"default","displayOrder":0,"stages":[{"label":"Contract sent","id":"contractsent","displayOrder":4,"metadata":{"isClosed":"false"}},{"label":"Closed won","id":"closedwon","displayOrder":5,"metadata":{"isClosed":"true"}},{"label":"Closed lost","id":"closedlost","displayOrder":6,"metadata":{"isClosed":"true"}}]}]}"#)
    });
    at.vendor.route("/account-info/v3/details", |_| ok(r#"{"portalId":62000001,"timeZone":"Europe/Amsterdam"}"#));
    for path in ["/crm/v3/objects/deals", "/crm/v3/objects/contacts", "/crm/v3/owners"] {
        at.vendor.route(path, |_| ok(r#"{"results":[]}"#));
    }
    deals
}

fn installed() -> (Installation, Arc<Mutex<Vec<String>>>) {
    let at = Installation::new(
        "hubspot",
        &[
            ("https://api.hubapi.com\"", "{url}\""),
            (r#""cursor": "paging.next.after", "size": 100"#, r#""cursor": "paging.next.after", "size": 2"#),
            (r#""cap": { "records": 10000 }"#, r#""cap": { "records": 4 }"#),
        ],
        r#"{"method":"token","deal_properties":["region"]}"#,
        &format!(r#"{{"token":"{TOKEN}"}}"#),
    );
    at.vendor.accept(&[TOKEN]);
    let deals = play(&at);
    (at, deals)
}

const FIELDS: [&str; 4] = ["activity_type", "moment", "value", "agent_external_identity"];

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_gives_so_many_at_most_is_begun_anew() {
    let (at, deals) = installed();
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.detail.as_str()), (true, "It works: connected to Account 62000001."));
    *deals.lock() =
        (1..=9).map(|id| deal(id, if id % 3 == 0 { "closedlost" } else { "closedwon" }, &format!("\"{id}00.5\""), id)).collect();
    let source = at.polls("deals", "{}", &["won_and_lost_deals"]);
    let limited = Reply::json(429, r#"{"status":"error","message":"You have reached your secondly limit.","policyName":"SECONDLY"}"#);
    at.vendor.fault("/crm/v3/objects/deals/search", [limited]);
    let ended = at.poll(&source).await;
    assert!(matches!(ended, Ended::Succeeded), "{:?}", at.run(&source));
    assert!(at.clock.slept().iter().any(|wait| wait.as_secs() == 10), "{:?}", at.clock.slept());
    at.execute().await;
    let [received, executed, ..] = at.ledger(&source);
    assert!(received >= 9 && executed >= 9, "{:?}", at.ledger(&source));
    let activities = at.records(RecordKind::Activity, &FIELDS);
    assert_eq!(activities.len(), 9);
    assert_eq!(activities[0], "lost|3: Deal | lost 2026-03-01T09:30:00Z 300.5 501");
    assert_eq!(activities[3], "won|1: Deal | won 2026-03-01T09:30:00Z 100.5 501");
    assert_eq!(at.agents(), ["501: Noa Bakker noa@sales.example"]);
    // The next run asks from the latest that it knows, and processes nothing twice.
    let executed = at.ledger(&source)[1];
    assert!(matches!(at.poll(&source).await, Ended::Succeeded));
    at.execute().await;
    assert_eq!(at.ledger(&source)[1], executed);
}

/// The headers of a delivery that is signed as HubSpot signs.
fn signature(url: &str, body: &str, now: Instant) -> (String, String) {
    let time = now.as_millisecond().to_string();
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(format!("POST{url}{body}{time}").as_bytes());
    (base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes()), time)
}

fn send(at: &Installation, source: &Source, body: &str) -> u16 {
    let (signature, time) = signature(&at.url(source), body, NOW.parse().expect("a time"));
    at.send(source, &[("X-HubSpot-Signature-v3", &signature), ("X-HubSpot-Request-Timestamp", &time)], body).status
}

fn event(kind: &str, id: usize) -> String {
    format!(
        r#"{{"eventId":{id}1,"subscriptionId":1,"portalId":62000001,"appId":5,"occurredAt":1772359200000,"subscriptionType":"{kind}","attemptNumber":0,"objectId":{id}}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn thin_events_are_completed_and_what_is_gone_is_known_as_such() {
    let (at, deals) = installed();
    *deals.lock() = vec![deal(1, "closedwon", "\"100.5\"", 1), deal(2, "contractsent", "null", 2)];
    let source = at.hears("deals", Some(&format!(r#"{{"secret":"{SECRET}"}}"#)), &["won_and_lost_deals", "deal_stages_as_periods"]);
    let batch =
        list(&[event("deal.propertyChange", 1), event("contact.creation", 8001), event("deal.creation", 2), event("deal.deletion", 3)]);
    assert_eq!(send(&at, &source, &batch), 202);
    let forged = batch.replace("deletion", "creation");
    let (signature, time) = signature(&at.url(&source), &batch, NOW.parse().expect("a time"));
    assert_eq!(at.send(&source, &[("X-HubSpot-Signature-v3", &signature), ("X-HubSpot-Request-Timestamp", &time)], &forged).status, 401);
    at.execute().await;
    assert_eq!(at.records(RecordKind::Activity, &FIELDS), ["won|1: Deal | won 2026-03-01T09:30:00Z 100.5 501"]);
    let periods = at.records(RecordKind::Period, &["period_type", "started_at", "ended_at", "value"]);
    assert_eq!(periods.len(), 1, "{periods:?}");
    assert!(periods[0].ends_with(": Contract sent 2026-03-01T09:00:00Z - -"), "{periods:?}");
    let [.., waiting, failed] = at.ledger(&source);
    assert_eq!((waiting, failed), (0, 0), "{:?}", at.ledger(&source));
    // It is won: its period ends.
    deals.lock()[1] = deal(2, "closedwon", "\"200.5\"", 3).replace("2026-03-01T09:00:00.000Z", "2026-03-01T11:00:00.000Z");
    assert_eq!(send(&at, &source, &list(&[event("deal.propertyChange", 2)])), 202);
    at.execute().await;
    let periods = at.records(RecordKind::Period, &["period_type", "ended_at"]);
    assert!(periods.iter().any(|period| period.ends_with(": Contract sent 2026-03-01T11:00:00Z")), "{periods:?}");
    at.assert_kept_from_vendor(SECRET, &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workflow_sends_a_deal_which_is_fetched() {
    let (at, deals) = installed();
    *deals.lock() = vec![deal(7, "closedlost", "\"700\"", 1)];
    let source = at.hears("workflow_deals", Some(&format!(r#"{{"secret":"{SECRET}"}}"#)), &["won_and_lost_deals"]);
    let body =
        r#"{"portalId":62000001,"objectType":"DEAL","objectTypeId":"0-3","objectId":7,"properties":{"dealname":{"value":"Deal 7"}}}"#;
    assert_eq!(send(&at, &source, body), 202);
    at.execute().await;
    assert_eq!(at.records(RecordKind::Activity, &FIELDS), ["lost|7: Deal | lost 2026-03-01T09:30:00Z 700 501"]);
}

/// On one thread, so that all have asked before the first answer is there.
#[tokio::test]
async fn contacts_are_fetched_many_at_once() {
    let (at, _) = installed();
    let at = Arc::new(at);
    let source = at.polls("deals", "{}", &[]).id;
    let fetching: Vec<_> = (0..40)
        .map(|number| {
            let at = Arc::clone(&at);
            let id = if number == 7 { "9999".to_owned() } else { format!("80{number:02}") };
            tokio::spawn(async move {
                let parent = parse(&format!(r#"{{"results":[{{"toObjectId":{id}}}]}}"#));
                let wanted = Wanted {
                    tenant: at.tenant,
                    provider: at.provider,
                    source,
                    model: "hubspot_deal",
                    record: &parent,
                    enrichment: "contact",
                    parent: &parent,
                    chain: &[Text::new_static("contacts"), Text::new_static("contact")],
                    fresh: false,
                };
                (id, at.connect.enrichment(&wanted).await.expect("an answer"))
            })
        })
        .collect();
    for each in fetching {
        let (id, found) = each.await.expect("no panic");
        match found {
            Some(contact) => assert_eq!(text(&contact, &["properties", "email"]), format!("kim.{id}@example.com")),
            None => assert_eq!(id, "9999"),
        }
    }
    let asked: Vec<usize> = at
        .vendor
        .asked()
        .iter()
        .filter(|asked| asked.path == "/crm/v3/objects/contacts/batch/read")
        .map(|asked| body(asked).get("inputs").and_then(Value::as_list).map_or(0, <[Value]>::len))
        .collect();
    assert_eq!(asked, [1, 39], "one goes ahead, and all others go together");
}
