//! Aircall: pages by the URL of the next one, a limit whose reset is a time, errors in `troubleshoot`, events that come twice and late.

use std::sync::Arc;

use salesdash_connect::connection::Trouble;
use salesdash_connect::poll::Ended;
use salesdash_testkit::{Asked, Reply};
use salesdash_value::RecordKind;

use crate::played::Played;
use crate::support::ok;

const API: &str = "https://api.aircall.io";
const CALL: [&str; 5] = ["started_at", "duration", "direction", "answered", "result"];

fn call(id: u32, started_at: u64, answered: bool, ended: bool) -> String {
    let seconds = |at: u64, there: bool| if there { at.to_string() } else { "null".to_owned() };
    let user = if answered { r#"{"id": 456, "name": "Sanne Bakker", "email": "sanne@example.com"}"# } else { "null" };
    format!(
        r#"{{"id": {id}, "direct_link": "https://api.aircall.io/v1/calls/{id}", "direction": "inbound", "status": "{}", "missed_call_reason": {},
            "started_at": {started_at}, "answered_at": {}, "ended_at": {}, "duration": {}, "raw_digits": "+31 20 555 0123", "user": {user},
            "contact": null, "number": {{"id": 618, "name": "Sales"}}, "teams": [], "tags": [], "comments": []}}"#,
        if ended { "done" } else { "answered" },
        if answered { "null" } else { r#""no_available_agent""# },
        seconds(started_at + 10, answered),
        seconds(started_at + 70, ended),
        if ended { 70 } else { 0 },
    )
}

/// Calls, one a minute from 12:00 on March 2, 2026.
fn calls(from: u64, count: u32) -> Vec<(u64, String)> {
    (0..count)
        .map(|index| from + u64::from(index) * 60)
        .zip((1..).map(|id| (id, id % 3 != 0)))
        .map(|(at, (id, answered))| (at, call(id, at, answered, true)))
        .collect()
}

/// Answers as Aircall does: 50 to a page, filtered by `from`, the next page by its whole URL.
fn play(at: &Played, calls: Vec<(u64, String)>) {
    let url = at.vendor.url();
    let page = move |asked: &Asked| {
        if asked.header("authorization") != Some("Basic aWQ6Z2VoZWlt") {
            return Some(Reply::json(403, r#"{"error": "Forbidden", "troubleshoot": "Check your API key"}"#));
        }
        let number = |name: &str| asked.parameter(name).and_then(|text| text.parse::<u64>().ok());
        let (page, size) = (number("page").unwrap_or(1), number("per_page").unwrap_or(20));
        assert!(size <= 50 && asked.parameter("order").as_deref() == Some("asc"), "{asked:?}");
        let from = number("from").unwrap_or(0);
        let found: Vec<&String> = calls.iter().filter(|(at, _)| *at >= from).map(|(_, call)| call).collect();
        let start = ((page - 1) * size) as usize;
        let shown: Vec<&str> = found.iter().skip(start).take(size as usize).map(|call| call.as_str()).collect();
        let more = start + shown.len() < found.len();
        let next = if more {
            format!("\"{url}/v1/calls?from={from}&order=asc&per_page={size}&fetch_contact=true&page={}\"", page + 1)
        } else {
            "null".to_owned()
        };
        ok(format!(
            r#"{{"meta": {{"count": {}, "total": {}, "current_page": {page}, "per_page": {size}, "next_page_link": {next}}}, "calls": [{}]}}"#,
            shown.len(),
            found.len(),
            shown.join(",")
        ))
    };
    at.vendor.route("/v1/calls", page);
    at.vendor.route("/v1/teams", |_| {
        ok(r#"{"meta": {"next_page_link": null}, "teams": [{"id": 31, "name": "Binnendienst", "users": [{"id": 456, "name": "Sanne Bakker", "email": "sanne@example.com"}]}]}"#)
    });
    at.vendor.route("/v1/company", |asked| {
        let known = asked.header("authorization") == Some("Basic aWQ6Z2VoZWlt");
        if known {
            ok(r#"{"company": {"name": "Acme BV", "users_count": 2}}"#)
        } else {
            Some(Reply::json(403, r#"{"error": "Forbidden"}"#))
        }
    });
}

fn start(token: &str) -> Played {
    Played::start("aircall", &[API], r#"{"method": "key", "api_id": "id"}"#, &format!(r#"{{"api_token": "{token}"}}"#))
}

const NOON: u64 = 1_772_452_800;

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_polled_page_by_page_and_become_calls() {
    let at = start("geheim");
    play(&at, calls(NOON, 120));
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.account.as_deref()), (true, Some("Acme BV")), "{}", tested.detail);
    let source = at.polls("calls", "{}", &["calls"]);
    let run = at.poll_and_execute(&source).await;
    assert_eq!((run.pages, run.taken), (3, 120));
    let told = at.in_order(RecordKind::Call, &CALL);
    assert_eq!(told.len(), 120);
    assert_eq!(told[0], "1 2026-03-02T12:00:00Z 70 inbound true answered");
    assert_eq!(told[2], "3 2026-03-02T12:02:00Z 70 inbound false no_available_agent");
    assert_eq!(at.names(), ["Sanne Bakker", "nobody"]);
    // The teams were asked for once.
    assert_eq!(at.vendor.count("/v1/teams"), 1);
    // The next run asks from four hours before the latest on, and takes nothing twice.
    at.vendor.forget();
    let run = at.poll_and_execute(&source).await;
    let from = NOON + 119 * 60 - 14_400;
    assert!(at.vendor.asked()[0].query.contains(&format!("from={from}&")), "{}", at.vendor.asked()[0].query);
    assert_eq!((run.taken, run.duplicate), (0, 120));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_goes_on_is_read_again_until_it_has_ended() {
    let at = start("geheim");
    let going_on = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let seen = Arc::clone(&going_on);
    at.vendor.route("/v1/calls", move |_| {
        let ended = !seen.load(std::sync::atomic::Ordering::SeqCst);
        ok(format!(r#"{{"meta": {{"next_page_link": null}}, "calls": [{}]}}"#, call(1, NOON, true, ended)))
    });
    at.vendor.route("/v1/teams", |_| ok(r#"{"meta": {"next_page_link": null}, "teams": []}"#));
    let source = at.polls("calls", "{}", &["calls"]);
    at.poll_and_execute(&source).await;
    assert_eq!(at.in_order(RecordKind::Call, &CALL), Vec::<String>::new());
    going_on.store(false, std::sync::atomic::Ordering::SeqCst);
    at.poll_and_execute(&source).await;
    assert_eq!(at.in_order(RecordKind::Call, &CALL), ["1 2026-03-02T12:00:00Z 70 inbound true answered"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_limit_is_waited_for_until_the_time_that_the_header_says() {
    let at = start("geheim");
    play(&at, calls(NOON, 3));
    let reset = 1_772_539_200 + 25;
    let full = Reply::json(429, r#"{"error": "Too Many Requests", "troubleshoot": "Rate limit exceeded"}"#)
        .with("X-AircallApi-Limit", "60")
        .with("X-AircallApi-Remaining", "0")
        .with("X-AircallApi-Reset", reset.to_string());
    at.vendor.fault("/v1/calls", [full]);
    let source = at.polls("calls", "{}", &["calls"]);
    at.poll_and_execute(&source).await;
    assert!((25..60).contains(&at.waited()), "{}", at.waited());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_accepted_needs_reconnecting() {
    let at = start("wrong");
    play(&at, calls(NOON, 3));
    let source = at.polls("calls", "{}", &["calls"]);
    let Ended::Failed(Trouble::NeedsReconnecting(text)) = at.poll(&source).await else { panic!("the key is wrong") };
    assert!(text.contains("API key") && !text.contains("wrong"), "{text}");
    assert!(!at.connect.test(at.tenant, at.provider).await.expect("a provider").ok);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_come_twice_and_late_and_count_once() {
    let at = start("geheim");
    play(&at, Vec::new());
    let source = at.hears("calls", Some(r#"{"secret": "tok-1"}"#), &["calls"]);
    let event = |name: &str, timestamp: u64, data: &str, token: &str| {
        format!(r#"{{"resource": "call", "event": "{name}", "timestamp": {timestamp}, "token": "{token}", "data": {data}}}"#)
    };
    let created = event("call.created", NOON, &call(7, NOON, false, false), "tok-1");
    let ended = event("call.ended", NOON + 70, &call(7, NOON, true, true), "tok-1");
    assert_eq!(at.deliver(&source, &event("call.ended", NOON, &call(7, NOON, true, true), "another"), &[]), 401);
    assert_eq!(at.deliver(&source, &ended, &[]), 202);
    assert_eq!(at.deliver(&source, &ended, &[]), 202);
    // The beginning comes after the end.
    assert_eq!(at.deliver(&source, &created, &[]), 202);
    let number = r#"{"resource": "number", "event": "number.closed", "timestamp": 1, "token": "tok-1", "data": {"id": 1}}"#;
    assert!((200..300).contains(&at.deliver(&source, number, &[])));
    at.execute().await;
    at.assert_executed();
    assert_eq!(at.in_order(RecordKind::Call, &CALL), ["7 2026-03-02T12:00:00Z 70 inbound true answered"]);
    let [_, executed, duplicate, stale, _, waiting, failed] = at.ledger(&source);
    assert_eq!((executed, duplicate, stale, waiting, failed), (1, 1, 1, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_connects_in_the_browser_with_json() {
    let at = Played::start("aircall", &[API], r#"{"method": "browser", "client_id": "app"}"#, r#"{"client_secret": "app-geheim"}"#);
    at.vendor.route("/v1/oauth/token", |asked| {
        let asked = crate::support::body(asked);
        let text = |name: &str| asked.get(name).and_then(salesdash_value::Value::as_text).map(ToOwned::to_owned);
        assert_eq!((text("code").as_deref(), text("client_secret").as_deref()), (Some("the-code"), Some("app-geheim")));
        ok(r#"{"access_token": "a1", "token_type": "Bearer", "created_at": 1585001020}"#)
    });
    at.vendor.route("/v1/calls", |asked| {
        (asked.header("authorization") == Some("Bearer a1")).then(|| Reply::json(200, r#"{"meta": {"next_page_link": null}, "calls": []}"#))
    });
    let page = at.connect.authorize(at.tenant, at.provider, "https://dash.example/oauth/callback", "user 1").expect("a page");
    assert_eq!((page.host_str(), page.path()), (Some("dashboard.aircall.io"), "/oauth/authorize"));
    let state = page.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).expect("a state");
    at.connect.callback(&state, "the-code", "user 1").await.expect("connected");
    let source = at.polls("calls", "{}", &[]);
    assert!(matches!(at.poll(&source).await, Ended::Succeeded));
    // The token does not end by itself: it serves a year later too.
    at.clock.advance(std::time::Duration::from_secs(365 * 86_400));
    assert!(matches!(at.poll(&source).await, Ended::Succeeded));
    assert_eq!(at.vendor.count("/v1/oauth/token"), 1);
}
