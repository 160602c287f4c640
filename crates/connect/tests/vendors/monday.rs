//! monday.com: GraphQL with a cursor nested in the answer and a filter on the first page only, errors inside a 200 with seconds to wait,
//! boards one after the other, a challenge, a signed token, and events that hold a part of the item.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use parking_lot::Mutex;
use salesdash_connect::poll::Ended;
use salesdash_testkit::Reply;
use salesdash_value::{Instant, RecordKind, Value};
use sha2::Sha256;

use crate::support::{Installation, NOW, Source, body, fill, list, number, ok, parse, text};

const TOKEN: &str = "monday-geheim-0123";
const SECRET: &str = "signing-geheim-0123";

fn item(board: &str, id: usize, status: &str, day: usize) -> String {
    fill(
        r#"{"id":"{id}","name":"Deal {id}","state":"active","created_at":"2026-02-01T08:00:00Z","updated_at":"2026-02-{day}T10:00:00Z","creator_id":"501","board":{"id":"{board}","name":"Deals"},"group":{"id":"topics","title":"Now"},"parent_item":null,"column_values":[
            {"id":"person","text":"Noa Bakker","type":"people","value":"{\"personsAndTeams\":[{\"id\":501,\"kind\":\"person\"}]}","column":{"title":"Owner"}},
            {"id":"status","text":"{status}","type":"status","value":"{\"index\":1,\"changed_at\":\"2026-02-{day}T09:00:00.000Z\"}","column":{"title":"Status"}},
            {"id":"numbers","text":"{id}.5","type":"numbers","value":"\"{id}.5\"","column":{"title":"Value"}},
            {"id":"email","text":"kim@example.com","type":"email","value":null,"column":{"title":"E-mail"}}]}"#,
        &[("board", board), ("id", &id.to_string()), ("status", status), ("day", &format!("{day:02}"))],
    )
}

/// Plays the vendor over these items.
fn play(at: &Installation) -> Arc<Mutex<Vec<String>>> {
    let items = Arc::new(Mutex::new(Vec::<String>::new()));
    let known = Arc::clone(&items);
    at.vendor.route("/v2", move |asked| {
        assert!(asked.header("api-version").is_some());
        if asked.header("authorization") != Some(TOKEN) {
            return Some(Reply::json(401, r#"{"errors":[{"message":"Not Authenticated"}]}"#));
        }
        let asks = body(asked);
        let (query, variables) = (text(&asks, &["query"]), asks.get("variables").cloned().unwrap_or_default());
        let of = |board: &str| -> Vec<String> {
            let mut items: Vec<String> =
                known.lock().iter().filter(|item| text(&parse(item), &["board", "id"]) == board).cloned().collect();
            items.sort_by_key(|item| text(&parse(item), &["updated_at"]));
            items
        };
        // A cursor stands for the board, the lower bound and the position: it keeps the filter of the first page.
        let page = |board: &str, since: &str, start: usize, limit: usize| {
            let all: Vec<String> = of(board).into_iter().filter(|item| text(&parse(item), &["updated_at"]).as_str() >= since).collect();
            let next = if start + limit < all.len() { format!("\"{board}/{since}/{}\"", start + limit) } else { "null".to_owned() };
            format!(r#"{{"cursor":{next},"items":{}}}"#, list(&all.into_iter().skip(start).take(limit).collect::<Vec<_>>()))
        };
        if query.contains("next_items_page") {
            assert!(!query.contains("query_params"));
            let cursor = text(&variables, &["cursor"]);
            let parts: Vec<&str> = cursor.split('/').collect();
            let page = page(parts[0], parts[1], parts[2].parse().expect("a position"), number(&variables, &["limit"])?);
            return ok(format!(r#"{{"data":{{"next_items_page":{page}}},"account_id":1}}"#));
        }
        if query.contains("items_page") {
            let since = variables.get("since").and_then(Value::as_list)?;
            assert_eq!(since[0], Value::from("EXACT"));
            let page = page(&text(&variables, &["board"]), &text(&since[1], &[]), 0, number(&variables, &["limit"])?);
            return ok(format!(r#"{{"data":{{"boards":[{{"id":"x","items_page":{page}}}]}},"account_id":1}}"#));
        }
        if query.contains("items(ids") {
            let id = variables.get("ids").and_then(Value::as_list).map(|ids| text(&ids[0], &[])).unwrap_or_default();
            let found: Vec<String> = known.lock().iter().filter(|item| text(&parse(item), &["id"]) == id).cloned().collect();
            return ok(format!(r#"{{"data":{{"items":{}}},"account_id":1}}"#, list(&found)));
        }
        if query.contains("users(ids") {
            return ok(
                r#"{"data":{"users":[{"id":"501","name":"Noa Bakker","email":"noa@sales.example","enabled":true}]},"account_id":1}"#,
            );
        }
        if query.contains("me {") {
            return ok(r#"{"data":{"me":{"id":"501","account":{"name":"Sunny Roofs"}}},"account_id":1}"#);
        }
        ok(r#"{"data":{"boards":[],"users":[]},"account_id":1}"#)
    });
    items
}

fn installed() -> (Installation, Arc<Mutex<Vec<String>>>) {
    let at = Installation::new(
        "monday",
        &[("https://api.monday.com", "{url}"), (r#""size": 100"#, r#""size": 2"#)],
        r#"{"method":"token"}"#,
        &format!(r#"{{"token":"{TOKEN}"}}"#),
    );
    let items = play(&at);
    (at, items)
}

const FIELDS: [&str; 4] = ["activity_type", "moment", "value", "agent_external_identity"];

#[tokio::test(flavor = "multi_thread")]
async fn boards_are_read_to_their_end_and_errors_inside_a_200_are_waited_for() {
    let (at, items) = installed();
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.detail.as_str()), (true, "It works: connected to Sunny Roofs."));
    *items.lock() =
        (1..=5).map(|id| item("3001", id, if id == 5 { "Offer made" } else { "Won" }, id)).chain([item("3002", 9, "Lost", 9)]).collect();
    let source = at.polls("items", r#"{"boards":["3001","3002"]}"#, &["won_and_lost_items", "statuses_as_periods"]);
    let exhausted = r#"{"errors":[{"message":"Complexity budget exhausted","extensions":{"code":"COMPLEXITY_BUDGET_EXHAUSTED","retry_in_seconds":17}}]}"#;
    at.vendor.fault("/v2", [Reply::json(200, exhausted)]);
    assert!(matches!(at.poll(&source).await, Ended::Succeeded), "{:?}", at.run(&source));
    assert!(at.clock.slept().iter().any(|wait| wait.as_secs() == 17), "{:?}", at.clock.slept());
    at.execute().await;
    assert_eq!(at.ledger(&source), [6, 6, 0, 0, 0, 0, 0]);
    let activities = at.records(RecordKind::Activity, &FIELDS);
    assert_eq!(activities.len(), 5);
    assert_eq!(activities[0], "outcome|1: Deal | won 2026-02-01T09:00:00Z 1.5 501");
    assert_eq!(activities[4], "outcome|9: Deal | lost 2026-02-09T09:00:00Z 9.5 501");
    let periods = at.records(RecordKind::Period, &["period_type", "started_at"]);
    assert!(periods.len() == 1 && periods[0].ends_with(": Offer made 2026-02-05T09:00:00Z"), "{periods:?}");
    assert_eq!(at.agents(), ["501: Noa Bakker noa@sales.example"]);
    // The filter is by day: what was seen before is known by its content.
    assert!(matches!(at.poll(&source).await, Ended::Succeeded));
    at.execute().await;
    assert_eq!(at.ledger(&source)[1], 6);
}

/// A token that is signed as monday.com signs.
fn token(audience: &str, now: Instant) -> String {
    let encode = |text: &str| URL_SAFE_NO_PAD.encode(text.as_bytes());
    let seconds = now.as_second();
    let claims = format!(r#"{{"accountId":1,"userId":501,"aud":"{audience}","exp":{},"iat":{seconds}}}"#, seconds + 300);
    let signed = format!("{}.{}", encode(r#"{"alg":"HS256","typ":"JWT"}"#), encode(&claims));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key");
    mac.update(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn send(at: &Installation, source: &Source, body: &str) -> u16 {
    let token = token(&at.url(source), NOW.parse().expect("a time"));
    at.send(source, &[("Authorization", &token)], body).status
}

#[tokio::test(flavor = "multi_thread")]
async fn a_challenge_is_answered_and_an_event_brings_its_item() {
    let (at, items) = installed();
    *items.lock() = vec![item("3001", 1, "Won", 1)];
    let source = at.hears("items", Some(&format!(r#"{{"secret":"{SECRET}"}}"#)), &["won_and_lost_items"]);
    let answer = at.send(&source, &[], r#"{"challenge":"3eZbrw1a"}"#);
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"challenge":"3eZbrw1a"}"#));
    let event = |kind: &str, id: usize, uuid: &str| {
        fill(
            r#"{"event":{"userId":501,"boardId":3001,"type":"{kind}","{field}":{id},"triggerTime":"2026-03-01T10:00:00.000Z","subscriptionId":1,"triggerUuid":"{uuid}"}}"#,
            &[
                ("kind", kind),
                ("field", if kind == "delete_pulse" { "itemId" } else { "pulseId" }),
                ("id", &id.to_string()),
                ("uuid", uuid),
            ],
        )
    };
    assert_eq!(send(&at, &source, &event("update_column_value", 1, "t1")), 202);
    assert_eq!(send(&at, &source, &event("update_column_value", 1, "t1")), 202);
    assert_eq!(at.send(&source, &[("Authorization", "x.y.z")], &event("update_column_value", 1, "t2")).status, 401);
    // One that is no longer there, and one that is deleted.
    assert_eq!(send(&at, &source, &event("create_pulse", 7, "t3")), 202);
    assert_eq!(send(&at, &source, &event("delete_pulse", 8, "t4")), 202);
    at.execute().await;
    assert_eq!(at.records(RecordKind::Activity, &FIELDS), ["outcome|1: Deal | won 2026-02-01T09:00:00Z 1.5 501"]);
    let [.., waiting, failed] = at.ledger(&source);
    assert_eq!((waiting, failed), (0, 0), "{:?}", at.ledger(&source));
    let updates = at.hears("updates", Some(&format!(r#"{{"secret":"{SECRET}"}}"#)), &["updates"]);
    let written = r#"{"event":{"userId":501,"boardId":3001,"pulseId":1,"type":"create_update","body":"<p>Hi</p>","textBody":"Hi","updateId":61,"replyId":null,"triggerTime":"2026-03-01T10:05:00.000Z","triggerUuid":"t9"}}"#;
    assert_eq!(send(&at, &updates, written), 202);
    at.execute().await;
    assert_eq!(at.records(RecordKind::Activity, &FIELDS)[1], "update|61: Update | written 2026-03-01T10:05:00Z - 501");
}
