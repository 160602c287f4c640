//! Aircall and Voys/VoIPGRID: recorded payloads, what is asked, and the calls that come of it.

mod support;

use salesdash_providers::interpret::variables::Asking;
use salesdash_value::Value;
use support::asking::Asker;
use support::conformance::assert_conform;
use support::fixtures::{files, fixture, read, recorded};
use support::running::{assert_run, run, told};
use support::shaping::{Delivery, Taken, deliver, fetched, page};
use support::vectors::assert_judged;
use support::{parse, provider};

/// The body of an example.
fn example(provider: &salesdash_providers::ProviderType, name: &str) -> Value {
    provider.examples.iter().find(|(known, _)| known == name).expect("an example").1.body.0.clone()
}

const CALL: [&str; 8] =
    ["external_id", "agent_external_identity", "external_name", "started_at", "duration", "direction", "answered", "result"];

#[test]
fn recorded_aircall_events_go_through() {
    let aircall = provider("aircall");
    assert_judged(&aircall, "calls", "body-token (aircall)");
    let Some(folder) = fixture("aircall/webhooks") else { return };
    for (name, path) in files(&folder) {
        let body = std::fs::read(&path).expect("a file");
        let token = read(&path).get("token").and_then(Value::as_text).expect("a token").to_owned();
        let taken = deliver(&aircall, "calls", &Delivery::of(body.clone()).secret("secret", &token)).records();
        let records: Vec<Value> = taken.into_iter().map(|shaped| shaped.record).collect();
        assert_eq!(records.len(), usize::from(name.starts_with("call.")), "{name}");
        assert_conform(&aircall, "aircall_call", &records, &name);
        assert_run(&aircall, "aircall_call", &records, &[], &name);
        assert!(matches!(deliver(&aircall, "calls", &Delivery::of(body).secret("secret", "another")), Taken::Refused(_)), "{name}");
    }
}

#[test]
fn a_recorded_aircall_team_without_users_gives_no_rows() {
    let aircall = provider("aircall");
    for team in recorded("aircall", "teams") {
        let body = Value::object([("teams", Value::list([team])), ("meta", parse(r#"{"next_page_link": null}"#))]);
        assert_eq!(fetched(&aircall, "team_member", &body), Vec::<Value>::new());
    }
    // The numbers of the account stand in calls, in this form.
    let models = aircall.definition.models();
    let salesdash_language::types::Shape::Object(call) = &models.get("aircall_call").expect("declared").ty.shape else {
        panic!("an object");
    };
    for number in recorded("aircall", "numbers") {
        assert_eq!(support::conformance::mismatches(&number, call.field("number").expect("declared")), Vec::<String>::new());
    }
}

#[test]
fn aircall_is_asked_for_calls_since_a_time() {
    let aircall = provider("aircall");
    let asker = Asker::new(&aircall, r#"{"api_id": "id", "api_token": "token"}"#, "{}");
    let asked = asker.poll("calls", "{}", &Asking { since: Value::from(1_772_366_400), ..Asking::default() });
    assert_eq!(
        asked,
        [
            "GET https://api.aircall.io/v1/calls?from=1772366400&order=asc&per_page=50&fetch_contact=true",
            "Accept: application/json",
            "Authorization: Basic aWQ6dG9rZW4=",
        ]
    );
    let browser = Asker::new(&aircall, r#"{"method": "browser", "client_id": "c", "client_secret": "s"}"#, r#"{"access_token": "a1"}"#);
    assert_eq!(
        browser.check().expect("a request"),
        ["GET https://api.aircall.io/v1/company", "Accept: application/json", "Authorization: Bearer a1"]
    );
}

#[test]
fn aircall_calls_become_calls() {
    let aircall = provider("aircall");
    let calls = page(&aircall, "calls", &example(&aircall, "calls_poll"));
    let team = fetched(&aircall, "team_member", &example(&aircall, "teams")).remove(0);
    assert_eq!(
        told(&run(&aircall, "calls", &calls[0], &[("team_member", team)]), &CALL),
        [
            "upsert_agent_external_identity 456 Sanne Bakker",
            "upsert_team_external_identity 31 Binnendienst",
            "upsert_agent_external_identity 456 Sanne Bakker",
            "upsert_call 9001 456 2026-03-02T09:00:00Z 312 inbound true answered",
        ]
    );
    let missed = run(&aircall, "calls", &calls[1], &[]);
    assert_eq!(
        told(&missed, &CALL),
        [
            "upsert_agent_external_identity nobody nobody",
            "upsert_call 9002 nobody 2026-03-02T10:00:00Z 40 inbound false no_available_agent"
        ]
    );
    // A hidden number is no contact.
    assert_eq!(missed.effects[1].field("phone_number"), Some(&Value::Null));
    assert_eq!(missed.effects[1].field("contact_key"), Some(&Value::Null));
}

#[test]
fn a_recorded_voipgrid_notification_goes_through() {
    let Some(path) = fixture("voipgrid/call_notification_v2.json") else { return };
    let voipgrid = provider("voipgrid");
    let body = std::fs::read(&path).expect("a file");
    let taken = deliver(&voipgrid, "notifications", &Delivery::of(body)).records();
    let records: Vec<Value> = taken.into_iter().map(|shaped| shaped.record).collect();
    assert_eq!(records.len(), 1);
    assert_conform(&voipgrid, "voipgrid_notification", &records, "the notification");
    // It only rings.
    assert_eq!(assert_run(&voipgrid, "voipgrid_notification", &records, &[], "the notification"), 0);
}

#[test]
fn voipgrid_notifications_become_calls() {
    let voipgrid = provider("voipgrid");
    let outcome = |name: &str| told(&run(&voipgrid, "call_notifications", &example(&voipgrid, name), &[]), &CALL);
    assert_eq!(
        outcome("answered_webhook")[..2],
        [
            "upsert_agent_external_identity 2340201 Sanne Bakker",
            "upsert_call ab12-1772442000.17 2340201 2026-03-02T09:00:12Z 0 inbound true"
        ]
    );
    assert_eq!(
        outcome("missed_webhook")[..2],
        [
            "upsert_agent_external_identity nobody nobody",
            "upsert_call ab12-1772445600.18 nobody 2026-03-02T10:00:40Z 0 inbound false no-answer",
        ]
    );
}

#[test]
fn voipgrid_is_asked_in_its_own_time_and_way() {
    let voipgrid = provider("voipgrid");
    let asker = Asker::new(&voipgrid, r#"{"email": "kim@example.com", "token": "k1"}"#, "{}");
    let since = Value::from("2026-03-02T10:00:00");
    assert_eq!(
        asker.poll("calls", "{}", &Asking { since, ..Asking::default() }),
        [
            "GET https://partner.voipgrid.nl/api/cdr/record/?limit=100&offset=0&call_date__gt=2026-03-02T10:00:00",
            "Accept: application/json",
            "Authorization: Token kim@example.com:k1",
        ]
    );
    let calls = page(&voipgrid, "calls", &example(&voipgrid, "calls_poll"));
    let account = fetched(&voipgrid, "account", &example(&voipgrid, "accounts")).remove(0);
    assert_eq!(
        told(&run(&voipgrid, "calls", &calls[0], &[("account", account)]), &CALL),
        ["upsert_agent_external_identity 2340201 Sanne Bakker", "upsert_call cdr|81001 2340201 2026-03-02T09:00:00Z 300 outbound true"]
    );
    assert_eq!(
        told(&run(&voipgrid, "calls", &calls[1], &[]), &CALL),
        ["upsert_agent_external_identity nobody nobody", "upsert_call cdr|81002 nobody 2026-03-02T10:00:00Z 0 inbound false"]
    );
}
