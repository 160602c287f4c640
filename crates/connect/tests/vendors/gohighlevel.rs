//! GoHighLevel: a search by POST that answers 201 and does not filter, versions of the API by header, rotating refresh tokens, calendars one
//! after the other, and webhooks signed with Ed25519.

use std::sync::Arc;

use base64::Engine as _;
use ed25519_dalek::pkcs8::EncodePublicKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::{Signer, SigningKey};
use parking_lot::Mutex;
use salesdash_connect::connection::Trouble;
use salesdash_connect::poll::Ended;
use salesdash_testkit::{Asked, Reply};
use salesdash_value::{RecordKind, Value};

use crate::support::{Installation, body, fill, list, number, ok, parse, text};

const HOST: &str = "https://services.leadconnectorhq.com";
const TOKEN: &str = "pit-geheim-0123456789";
const LOCATION: &str = "LoC1aBcDeFgHiJkLmNo2";

/// What the sub-account holds.
#[derive(Default)]
struct Account {
    opportunities: Vec<String>,
    events: Vec<String>,
    calls: Vec<String>,
    contacts: Vec<String>,
}

fn opportunity(id: usize, status: &str, stage: &str, changed: &str) -> String {
    fill(
        r#"{"id":"o{id}","name":"Deal {id}","monetaryValue":{id}00.5,"pipelineId":"p1","pipelineStageId":"{stage}","assignedTo":"u1","status":"{status}","source":null,
            "lastStatusChangeAt":"2026-03-01T{changed}.000Z","lastStageChangeAt":"2026-03-01T09:00:00.000Z","createdAt":"2026-02-01T08:00:00.000Z","updatedAt":"2026-03-01T{changed}.000Z",
            "contactId":"c1","locationId":"LoC1aBcDeFgHiJkLmNo2","customFields":[]}"#,
        &[("id", &id.to_string()), ("status", status), ("stage", stage), ("changed", changed)],
    )
}

fn refused(asked: &Asked, version: &str) -> Option<Reply> {
    if asked.header("version") != Some(version) {
        return Some(Reply::json(400, r#"{"message":"version header was not found.","statusCode":400}"#));
    }
    None
}

/// Plays the vendor.
fn play(at: &Installation) -> Arc<Mutex<Account>> {
    let account = Arc::new(Mutex::new(Account::default()));
    let known = Arc::clone(&account);
    at.vendor.route("/opportunities/search", move |asked| {
        let asks = body(asked);
        if asked.method != "POST" || text(&asks, &["locationId"]) != LOCATION {
            return Some(Reply::json(
                422,
                r#"{"message":["locationId must be a string"],"error":"Unprocessable Entity","statusCode":422}"#,
            ));
        }
        let (page, limit) = (number(&asks, &["page"])?, number(&asks, &["limit"])?);
        let mut all = known.lock().opportunities.clone();
        // Sorted as it is asked for; nothing is filtered.
        assert_eq!(asks.at(&["sort"]), Some(&parse(r#"[{"field":"date_updated","direction":"desc"}]"#)));
        all.sort_by_key(|one| std::cmp::Reverse(text(&parse(one), &["updatedAt"])));
        let total = all.len();
        let page: Vec<String> = all.into_iter().skip((page - 1) * limit).take(limit).collect();
        let answer = format!(r#"{{"opportunities":{},"total":{total},"aggregations":{{}}}}"#, list(&page));
        refused(asked, "2021-07-28").or_else(|| {
            Some(Reply::json(201, answer).with("X-RateLimit-Remaining", "97").with("X-RateLimit-Interval-Milliseconds", "10000"))
        })
    });
    let known = Arc::clone(&account);
    at.vendor.route("/calendars/events", move |asked| {
        let inside = |event: &Value| {
            let at = text(event, &["startTime"]).parse::<salesdash_value::Instant>().expect("a time").as_millisecond();
            let bound = |name: &str| asked.parameter(name).and_then(|bound| bound.parse::<i64>().ok()).expect("milliseconds");
            text(event, &["calendarId"]) == asked.parameter("calendarId").unwrap_or_default()
                && at >= bound("startTime")
                && at <= bound("endTime")
        };
        let events: Vec<String> = known.lock().events.iter().filter(|event| inside(&parse(event))).cloned().collect();
        refused(asked, "2021-04-15").or_else(|| ok(format!(r#"{{"events":{}}}"#, list(&events))))
    });
    at.vendor.route("/calendars/", |asked| {
        refused(asked, "2021-04-15")
            .or_else(|| ok(r#"{"calendars":[{"id":"k1","name":"Intake","locationId":"x"},{"id":"k2","name":"Advice","locationId":"x"}]}"#))
    });
    let known = Arc::clone(&account);
    at.vendor.route("/contacts/search", move |asked| {
        let asks = body(asked);
        let since = asks.get("filters").and_then(Value::as_list).map(|filters| text(&filters[0], &["value", "gte"])).unwrap_or_default();
        let after = asks.get("searchAfter").and_then(Value::as_list).map(|after| text(&after[1], &[]));
        let mut all: Vec<String> =
            known.lock().contacts.iter().filter(|one| text(&parse(one), &["dateUpdated"]) >= since).cloned().collect();
        all.sort_by_key(|one| text(&parse(one), &["dateUpdated"]));
        let start = after.map_or(0, |after| all.iter().position(|one| text(&parse(one), &["id"]) == after).expect("known") + 1);
        let page: Vec<String> = all.into_iter().skip(start).take(number(&asks, &["pageLimit"])?).collect();
        ok(format!(r#"{{"contacts":{},"total":9}}"#, list(&page)))
    });
    let known = Arc::clone(&account);
    at.vendor.route("/conversations/messages/export", move |asked| {
        let since = asked.parameter("startDate").unwrap_or_default();
        let calls: Vec<String> = known.lock().calls.iter().filter(|call| text(&parse(call), &["dateAdded"]) >= since).cloned().collect();
        let start = asked.parameter("cursor").map_or(0, |cursor| cursor.trim_start_matches("c-").parse::<usize>().expect("a cursor"));
        let size = asked.parameter("limit")?.parse::<usize>().ok()?;
        let next = if start + size < calls.len() { format!("\"c-{}\"", start + size) } else { "null".to_owned() };
        let page: Vec<String> = calls.iter().skip(start).take(size).cloned().collect();
        assert_eq!(asked.parameter("channel").as_deref(), Some("Call"));
        ok(format!(r#"{{"messages":{},"nextCursor":{next},"total":{}}}"#, list(&page), calls.len()))
    });
    at.vendor.route("/users/u1", |_| {
        ok(r#"{"id":"u1","name":"Noa Bakker","firstName":"Noa","lastName":"Bakker","email":"noa@sales.example","phone":"","roles":{}}"#)
    });
    at.vendor.route("/contacts/c1", |_| ok(r#"{"contact":{"id":"c1","firstName":"Kim","lastName":"Jansen","email":"kim.jansen@example.com","phone":"+31201234567","dateAdded":"2026-02-01T08:00:00.000Z"}}"#));
    at.vendor.route("/contacts/", |_| Some(Reply::json(400, r#"{"statusCode":400,"message":"Contact not found"}"#)));
    at.vendor.route("/opportunities/pipelines", |_| {
        ok(r#"{"pipelines":[{"id":"p1","name":"Sales","stages":[{"id":"s1","name":"New","position":0},{"id":"s2","name":"Offer made","position":1}]}]}"#)
    });
    at.vendor
        .route("/locations/", |_| ok(r#"{"location":{"id":"LoC1aBcDeFgHiJkLmNo2","name":"Sunny Roofs","timezone":"Europe/Amsterdam"}}"#));
    account
}

fn installed() -> (Installation, Arc<Mutex<Account>>) {
    let at = Installation::new(
        "gohighlevel",
        &[(HOST, "{url}"), (r#""type": "page", "size": 100"#, r#""type": "page", "size": 2"#)],
        &format!(r#"{{"method":"token","location_id":"{LOCATION}"}}"#),
        &format!(r#"{{"token":"{TOKEN}"}}"#),
    );
    at.vendor.accept(&[TOKEN]);
    let account = play(&at);
    (at, account)
}

const WON: [&str; 4] = ["activity_type", "moment", "value", "agent_external_identity"];

#[tokio::test(flavor = "multi_thread")]
async fn opportunities_are_polled_and_only_what_is_new_is_taken() {
    let (at, account) = installed();
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.detail.as_str()), (true, "It works: connected to Sunny Roofs."));
    account.lock().opportunities = vec![
        opportunity(1, "won", "s2", "10:00:00"),
        opportunity(2, "open", "s1", "10:10:00"),
        opportunity(3, "lost", "s1", "10:20:00"),
        opportunity(4, "open", "s2", "10:30:00"),
        opportunity(5, "abandoned", "s2", "10:40:00"),
    ];
    let source = at.polls("opportunities", "{}", &["won_and_lost_opportunities", "pipeline_stages_as_periods"]);
    // Asked too often once, on the way.
    at.vendor.fault("/opportunities/search", [Reply::json(429, r#"{"message":"Too Many Requests"}"#).with("X-RateLimit-Remaining", "0")]);
    assert!(matches!(at.poll(&source).await, Ended::Succeeded), "{:?}", at.run(&source));
    at.execute().await;
    assert_eq!(at.ledger(&source), [5, 5, 0, 0, 0, 0, 0]);
    assert_eq!(at.agents(), ["u1: Noa Bakker noa@sales.example"]);
    let expected = [
        "lost|o3: Deal | lost 2026-03-01T10:20:00Z 300.5 u1",
        "lost|o5: Deal | lost 2026-03-01T10:40:00Z 500.5 u1",
        "won|o1: Deal | won 2026-03-01T10:00:00Z 100.5 u1",
    ];
    assert_eq!(at.records(RecordKind::Activity, &WON), expected);
    let stages: Vec<String> = at.records(RecordKind::Period, &["period_type", "started_at", "ended_at"]);
    let told: Vec<&str> = stages.iter().map(|stage| stage.rsplit_once(": ").expect("told").1).collect();
    assert_eq!(told, ["New 2026-03-01T09:00:00Z -", "Offer made 2026-03-01T09:00:00Z -"], "{stages:?}");
    // One is won now. Of five records on three pages, the first page tells that everything after it is known.
    account.lock().opportunities[1] = opportunity(2, "won", "s1", "11:00:00");
    at.vendor.forget();
    assert!(matches!(at.poll(&source).await, Ended::Succeeded));
    at.execute().await;
    assert_eq!(at.records(RecordKind::Activity, &WON)[3], "won|o2: Deal | won 2026-03-01T11:00:00Z 200.5 u1");
    let stages = at.records(RecordKind::Period, &["period_type", "ended_at"]);
    assert!(stages.iter().any(|stage| stage.ends_with("New 2026-03-01T11:00:00Z")), "{stages:?}");
    assert_eq!(at.vendor.count("/opportunities/search"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn calendars_are_asked_one_after_the_other_and_contacts_and_calls_are_polled() {
    let (at, account) = installed();
    let event = |id: &str, calendar: &str, status: &str, start: &str| {
        fill(
            r#"{"id":"{id}","title":"Intake","calendarId":"{calendar}","contactId":"c1","groupId":"","appointmentStatus":"{status}","assignedUserId":"u1","users":["u1"],"startTime":"{start}","endTime":"2026-03-03T10:30:00+01:00","dateAdded":"2026-02-27T15:00:00+01:00","dateUpdated":"2026-02-27T15:00:00+01:00","locationId":"x"}"#,
            &[("id", id), ("calendar", calendar), ("status", status), ("start", start)],
        )
    };
    account.lock().events = vec![
        event("a1", "k1", "confirmed", "2026-03-03T10:00:00+01:00"),
        event("a2", "k2", "showed", "2026-02-27T10:00:00+01:00"),
        event("a3", "k2", "showed", "2025-01-01T10:00:00+01:00"),
        event("a4", "k1", "invalid", "2026-03-03T10:00:00+01:00"),
    ];
    let appointments = at.polls("calendar_events", "{}", &["appointments"]);
    assert!(matches!(at.poll(&appointments).await, Ended::Succeeded), "{:?}", at.run(&appointments));
    let call = |id: usize| {
        fill(
            r#"{"id":"m{id}","type":1,"messageType":"TYPE_CALL","locationId":"x","contactId":"c1","conversationId":"v1","dateAdded":"2026-03-01T10:0{id}:00.000Z","direction":"inbound","status":"completed","meta":{"callDuration":"{id}5","callStatus":"completed"},"userId":"u1","from":"+31201234567","to":"+31850001122"}"#,
            &[("id", &id.to_string())],
        )
    };
    account.lock().calls = (1..=3).map(call).collect();
    let calls = at.polls("calls", "{}", &["calls"]);
    assert!(matches!(at.poll(&calls).await, Ended::Succeeded), "{:?}", at.run(&calls));
    account.lock().contacts = (1..=3)
        .map(|id| format!(r#"{{"id":"x{id}","email":"x{id}@example.com","dateUpdated":"2026-03-01T10:0{id}:00.000Z","dateAdded":"2026-03-01T10:00:00.000Z","locationId":"x","searchAfter":[177{id},"x{id}"]}}"#))
        .collect();
    let contacts = at.polls("contacts", "{}", &[]);
    assert!(matches!(at.poll(&contacts).await, Ended::Succeeded), "{:?}", at.run(&contacts));
    assert_eq!(at.ledger(&contacts)[0], 3);
    at.execute().await;
    let expected =
        ["appointment|a1: Appointment | booked 2026-03-03T09:00:00Z - u1", "appointment|a2: Appointment | held 2026-02-27T09:00:00Z - u1"];
    assert_eq!(at.records(RecordKind::Activity, &WON), expected);
    let expected: Vec<String> = (1..=3).map(|id| format!("call|m{id}: {id}5 inbound true completed")).collect();
    assert_eq!(at.records(RecordKind::Call, &["duration", "direction", "answered", "result"]), expected);
}

/// A key of our own in place of HighLevel's, to sign with.
fn signed(body: &str) -> (String, String) {
    let key = SigningKey::from_bytes(&[7; 32]);
    let public = key.verifying_key().to_public_key_pem(LineEnding::LF).expect("a key");
    let signature = base64::engine::general_purpose::STANDARD.encode(key.sign(body.as_bytes()).to_bytes());
    (format!(r#"{{"ed25519_public_key":{}}}"#, salesdash_value::json::to_string(&Value::from(public.as_str()))), signature)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_webhook_becomes_a_record_and_a_forged_one_does_not() {
    let (at, _) = installed();
    let hook = |kind: &str, status: &str, id: &str| {
        fill(
            r#"{"type":"{kind}","locationId":"x","id":"o9","assignedTo":"u1","contactId":"c7","monetaryValue":40,"name":"Deal","pipelineId":"p1","pipelineStageId":"s2","source":"web","status":"{status}","dateAdded":"2026-02-01T08:00:00.000Z","timestamp":"2026-03-01T10:00:0{id}.000Z","webhookId":"w{id}"}"#,
            &[("kind", kind), ("status", status), ("id", id)],
        )
    };
    let (secrets, _) = signed("");
    let source = at.hears("opportunities", Some(&secrets), &["won_and_lost_opportunities"]);
    let changes = at.hears("opportunity_stage_changes", Some(&secrets), &["stage_changes_as_periods"]);
    let send = |source, body: &str| at.send(source, &[("x-ghl-signature", &signed(body).1)], body).status;
    let won = hook("OpportunityStatusUpdate", "won", "1");
    assert_eq!(send(&source, &won), 202);
    // Sent once more, as it came; altered; not signed at all; and an event that is not asked for.
    assert_eq!(send(&source, &won), 202);
    assert_eq!(at.send(&source, &[("x-ghl-signature", &signed(&won).1)], &won.replace("40", "4000")).status, 401);
    assert_eq!(at.send(&source, &[], &won).status, 401);
    assert!((200..300).contains(&send(&source, r#"{"type":"NoteCreate","id":"n1","webhookId":"w8"}"#)));
    assert_eq!(send(&changes, &hook("OpportunityStageUpdate", "open", "2")), 202);
    at.execute().await;
    assert_eq!(at.records(RecordKind::Activity, &WON), ["won|o9: Deal | won 2026-03-01T10:00:01Z 40 u1"]);
    assert!(at.records(RecordKind::Period, &["period_type"])[0].ends_with("Offer made"));
    // A later event that says nothing of the status leaves the moment at which it was won; a deletion writes nothing.
    assert_eq!(send(&source, &hook("OpportunityMonetaryValueUpdate", "won", "3").replace("40", "50")), 202);
    assert_eq!(send(&source, &hook("OpportunityDelete", "won", "4")), 202);
    at.execute().await;
    assert_eq!(at.records(RecordKind::Activity, &WON), ["won|o9: Deal | won 2026-03-01T10:00:01Z 50 u1"]);
    let [.., waiting, failed] = at.ledger(&source);
    assert_eq!((waiting, failed), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_workflow_sends_needs_no_signature() {
    let (at, _) = installed();
    let source = at.hears("workflow_opportunities", None, &["workflow_opportunities"]);
    let body = r#"{"contact_id":"c1","email":"kim.jansen@example.com","opportunity_name":"Deal","status":"open","lead_value":4500,"pipleline_stage":"Appointment booked","pipeline_id":"p1","id":"o1","user":{"firstName":"Noa","lastName":"Bakker","email":"noa@sales.example"},"customData":{}}"#;
    assert_eq!(at.send(&source, &[], body).status, 202);
    at.execute().await;
    assert!(at.agents()[0].ends_with(": Noa Bakker noa@sales.example"), "{:?}", at.agents());
    assert!(at.records(RecordKind::Period, &["period_type", "value"])[0].ends_with(": Appointment booked 4500"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_serves_once_and_the_location_comes_with_it() {
    let at = Installation::new(
        "gohighlevel",
        &[(&format!("{HOST}/oauth/token"), "{url}/token"), (HOST, "{url}")],
        r#"{"method":"oauth","client_id":"app"}"#,
        &format!(
            r#"{{"client_secret":"app-geheim","$connection":{{"access_token":"old","refresh_token":"refresh-0","expires_at":"2026-03-02T11:00:00Z","location_id":"{LOCATION}"}}}}"#
        ),
    );
    let account = play(&at);
    account.lock().opportunities = vec![opportunity(1, "won", "s2", "10:00:00")];
    at.vendor.refresh_with(Some("refresh-0"));
    let source = at.polls("opportunities", "{}", &[]);
    assert!(matches!(at.poll(&source).await, Ended::Succeeded), "{:?}", at.run(&source));
    let asked = at.vendor.asked().into_iter().find(|asked| asked.path == "/token").expect("asked for a token");
    let field = |name: &str| asked.field(name).unwrap_or_default();
    assert_eq!((field("grant_type"), field("user_type"), field("client_id")), ("refresh_token".into(), "Location".into(), "app".into()));
    assert_ne!(at.credentials().at(&["$connection", "refresh_token"]), Some(&Value::from("refresh-0")));
    at.assert_kept_from_vendor("app-geheim", &["/token"]);
    at.assert_kept_from_vendor("refresh-0", &["/token"]);
    // Taken away: nobody but a person can mend it.
    at.vendor.refresh_with(None);
    at.vendor.accept(&["another"]);
    assert!(matches!(at.poll(&source).await, Ended::Failed(Trouble::NeedsReconnecting(_))), "{:?}", at.run(&source));
}
