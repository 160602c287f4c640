//! Teamleader Focus: everything is a POST, refresh tokens serve once, the limit resets at an ISO time, events hold only an id.

use salesdash_connect::poll::Ended;
use salesdash_testkit::{Asked, Reply};
use salesdash_value::{RecordKind, Value};

use crate::played::Played;
use crate::support::{body, ok};

const DEAL: [&str; 3] = ["activity_type", "moment", "value"];

fn start(tokens: &str) -> Played {
    let addresses = ["https://api.focus.teamleader.eu", "https://focus.teamleader.eu/oauth2/access_token"];
    let at = Played::start(
        "teamleader",
        &addresses,
        r#"{"client_id": "app"}"#,
        &format!(r#"{{"client_secret": "app-geheim", "$connection": {tokens}}}"#),
    );
    at.vendor.route("/deals.list", |asked| (asked.method != "POST").then(|| Reply::json(405, "{}")));
    at
}

fn connected() -> Played {
    start(r#"{"access_token": "a0", "refresh_token": "r0", "expires_at": "2026-03-03T13:00:00Z"}"#)
}

fn deal(id: &str, status: &str, updated_at: &str) -> String {
    let closed = if status == "open" { "null".to_owned() } else { format!("\"{updated_at}\"") };
    format!(
        r#"{{"id": "{id}", "title": "Deal {id}", "reference": "2026/1", "status": "{status}", "lead": {{"customer": {{"type": "company", "id": "co1"}}, "contact_person": {{"type": "contact", "id": "p1"}}}},
            "estimated_value": {{"amount": 1250.5, "currency": "EUR"}}, "current_phase": {{"type": "dealPhase", "id": "ph1"}}, "responsible_user": {{"type": "user", "id": "u1"}},
            "closed_at": {closed}, "created_at": "2026-02-20T08:00:00+00:00", "updated_at": "{updated_at}", "pipeline": {{"type": "dealPipeline", "id": "pi1"}}}}"#
    )
}

/// The account, as Teamleader answers for it.
fn play(at: &Played, deals: Vec<String>) {
    let listed = deals.clone();
    at.vendor.route("/deals.list", move |asked: &Asked| {
        let asked = body(asked);
        let number =
            |path: &[&str]| asked.at(path).and_then(Value::as_number).and_then(|number| usize::try_from(number).ok()).expect("a number");
        let (size, page) = (number(&["page", "size"]), number(&["page", "number"]));
        assert!(size <= 100);
        let since = asked.at(&["filter", "updated_since"]).and_then(Value::as_text).unwrap_or_default().to_owned();
        let of =
            |deal: &str| deal.split(r#""updated_at": ""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
        let shown: Vec<&str> =
            listed.iter().filter(|deal| of(deal) >= since).skip((page - 1) * size).take(size).map(String::as_str).collect();
        ok(format!(r#"{{"data": [{}]}}"#, shown.join(",")))
    });
    at.vendor.route("/deals.info", move |asked| {
        let wanted = body(asked).get("id").and_then(Value::as_text).unwrap_or_default().to_owned();
        let found = deals.iter().find(|deal| deal.contains(&format!(r#"{{"id": "{wanted}""#)));
        match found {
            Some(deal) => {
                let history = r#""phase_history": [{"phase": {"type": "dealPhase", "id": "ph1"}, "started_at": "2026-03-01T09:00:00+00:00", "started_by": null}], "id":"#;
                ok(format!(r#"{{"data": {}}}"#, deal.replacen(r#""id":"#, history, 1)))
            }
            None => Some(Reply::json(404, r#"{"errors": [{"code": 0, "title": "Entity not found", "status": 404}]}"#)),
        }
    });
    at.vendor.route("/contacts.info", |_| {
        ok(r#"{"data": {"id": "p1", "first_name": "Daan", "last_name": "Smit", "emails": [{"type": "primary", "email": "daan@example.org"}], "telephones": []}}"#)
    });
    at.vendor.route("/users.list", |_| {
        ok(r#"{"data": [{"id": "u1", "first_name": "Sanne", "last_name": "Bakker", "email": "sanne@example.com", "status": "active"}]}"#)
    });
    at.vendor.route("/dealPhases.list", |_| ok(r#"{"data": [{"id": "ph1", "name": "Offer", "status": "custom", "probability": 0.5}]}"#));
    at.vendor.route("/users.me", |_| ok(r#"{"data": {"id": "u1", "email": "sanne@example.com"}}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn deals_are_polled_and_become_activities_and_periods() {
    let at = connected();
    let mut deals: Vec<String> =
        (0..130).map(|id| deal(&format!("d{id}"), "open", &format!("2026-03-02T{:02}:{:02}:00+00:00", 8 + id / 60, id % 60))).collect();
    deals.push(deal("won1", "won", "2026-03-02T12:00:00+00:00"));
    play(&at, deals);
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.account.as_deref()), (true, Some("sanne@example.com")), "{}", tested.detail);
    let source = at.polls("deals", "{}", &["won_lost_deals", "phase_periods"]);
    let run = at.poll_and_execute(&source).await;
    assert_eq!((run.pages, run.taken), (2, 131));
    assert_eq!(at.in_order(RecordKind::Activity, &DEAL), ["won|won1 Deal | won 2026-03-02T12:00:00Z 1250.5"]);
    let periods = at.in_order(RecordKind::Period, &["period_type", "started_at", "ended_at"]);
    assert_eq!(periods.len(), 130, "{periods:?}");
    assert!(periods[0].ends_with("Phase | Offer 2026-03-01T09:00:00Z -"), "{}", periods[0]);
    // Whom everything belongs to was fetched once.
    assert_eq!((at.vendor.count("/users.list"), at.vendor.count("/contacts.info")), (1, 1));
    at.vendor.forget();
    let run = at.poll_and_execute(&source).await;
    assert!(at.vendor.asked()[0].body.contains(r#""updated_since":"2026-03-02T11:55:00+00:00""#), "{}", at.vendor.asked()[0].body);
    assert_eq!((run.taken, run.duplicate), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refresh_token_serves_once_and_the_new_one_is_stored() {
    let at = start(r#"{"access_token": "a0", "refresh_token": "r0", "expires_at": "2026-03-03T12:01:00Z"}"#);
    play(&at, vec![deal("d1", "won", "2026-03-02T12:00:00+00:00")]);
    // The address that gives tokens is replaced whole, so tokens are asked for at the root.
    at.vendor.route("/", |asked| {
        let refresh = asked.field("refresh_token")?;
        assert_eq!((asked.field("client_id").as_deref(), asked.field("client_secret").as_deref()), (Some("app"), Some("app-geheim")));
        match refresh.as_str() {
            "r0" => ok(r#"{"token_type": "Bearer", "expires_in": 3600, "access_token": "a1", "refresh_token": "r1"}"#),
            "r1" => ok(r#"{"token_type": "Bearer", "expires_in": 3600, "access_token": "a2", "refresh_token": "r2"}"#),
            _ => Some(Reply::json(400, r#"{"error": "invalid_grant"}"#)),
        }
    });
    let source = at.polls("deals", "{}", &["won_lost_deals"]);
    at.poll_and_execute(&source).await;
    assert_eq!((at.held("access_token").as_deref(), at.held("refresh_token").as_deref()), (Some("a1"), Some("r1")));
    at.clock.advance(std::time::Duration::from_secs(3590));
    at.poll_and_execute(&source).await;
    assert_eq!(at.held("refresh_token").as_deref(), Some("r2"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_limit_is_waited_for_until_the_iso_time() {
    let at = connected();
    play(&at, vec![deal("d1", "won", "2026-03-02T12:00:00+00:00")]);
    let full = Reply::json(429, r#"{"errors": [{"code": 0, "title": "Too Many Requests", "status": 429}]}"#)
        .with("X-RateLimit-Limit", "200")
        .with("X-RateLimit-Remaining", "0")
        .with("X-RateLimit-Reset", "2026-03-03T13:00:20.500+0100");
    at.vendor.fault("/deals.list", [full]);
    let source = at.polls("deals", "{}", &["won_lost_deals"]);
    assert!(matches!(at.poll(&source).await, Ended::Succeeded));
    assert!((20..30).contains(&at.waited()), "{}", at.waited());
}

#[tokio::test(flavor = "multi_thread")]
async fn thin_events_are_completed_and_deleted_deals_count_for_nothing() {
    let at = connected();
    play(&at, vec![deal("d1", "won", "2026-03-02T12:00:00+00:00")]);
    let source = at.hears("deals", Some("{}"), &["won_lost_deals", "phase_periods"]);
    assert_eq!(at.deliver(&source, r#"{"type": "deal.won", "subject": {"type": "deal", "id": "d1"}}"#, &[]), 202);
    assert_eq!(at.deliver(&source, r#"{"type": "deal.deleted", "subject": {"type": "deal", "id": "d9"}}"#, &[]), 202);
    assert!((200..300).contains(&at.deliver(&source, r#"{"type": "contact.added", "subject": {"type": "contact", "id": "p1"}}"#, &[])));
    at.execute().await;
    at.assert_executed();
    assert_eq!(at.in_order(RecordKind::Activity, &DEAL), ["won|d1 Deal | won 2026-03-02T12:00:00Z 1250.5"]);
    assert_eq!(at.names(), ["Sanne Bakker"]);
    let [_, executed, .., waiting, failed] = at.ledger(&source);
    assert_eq!((executed, waiting, failed), (2, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn meetings_and_calls_are_read_from_some_days_back() {
    let at = connected();
    play(&at, Vec::new());
    at.vendor.route("/meetings.list", |asked| {
        assert_eq!(body(asked).at(&["filter", "start_date"]).and_then(Value::as_text), Some("2026-02-24"));
        ok(r#"{"data": [{"id": "m1", "title": "On site", "scheduled_at": "2026-03-02T13:00:00+00:00", "duration": {"unit": "min", "value": 60}, "customer": {"type": "contact", "id": "p1"},
            "attendees": [{"type": "contact", "id": "p1"}, {"type": "user", "id": "u1"}], "status": "done"}]}"#)
    });
    at.vendor.route("/calls.list", |_| {
        ok(r#"{"data": [{"id": "c1", "description": null, "scheduled_at": "2026-03-02T10:00:00+00:00", "responsible_user": {"type": "user", "id": "u1"}, "outcome": null, "status": "done", "customer": null}]}"#)
    });
    let meetings = at.polls("meetings", r#"{"days": 7}"#, &["meetings"]);
    assert_eq!(at.poll_and_execute(&meetings).await.taken, 1);
    assert_eq!(at.in_order(RecordKind::Activity, &["activity_type", "moment"]), ["meeting|m1 Meeting | done 2026-03-02T13:00:00Z"]);
    let calls = at.polls("calls", "{}", &[]);
    assert_eq!(at.poll_and_execute(&calls).await.taken, 1);
    // Nothing changed: everything is read again, and recognised.
    assert_eq!(at.poll_and_execute(&meetings).await.duplicate, 1);
}
