//! monday.com: recorded records, captured webhooks, the challenge, the signed token, and what comes of them.

mod support;

use salesdash_providers::definition::http::Http;
use salesdash_providers::interpret::answer::{Answer, Judgement, judge};
use salesdash_value::{Value, json};
use support::conformance::assert_conform;
use support::examples::{outcome, records};
use support::fixtures::{files, fixture, read, recorded, request};
use support::running::assert_run;
use support::shaping::{Delivery, Taken, deliver, item, shaped};
use support::vectors::assert_judged;
use support::{noon, provider};

#[test]
fn recorded_records_are_what_the_models_say() {
    let provider = provider("monday");
    for (stream, poll, model) in [("items", "items", "monday_item"), ("updates", "updates", "monday_update")] {
        let records: Vec<Value> = recorded("monday", stream).iter().flat_map(|row| item(&provider, poll, row)).collect();
        assert_conform(&provider, model, &records, stream);
        assert_run(&provider, model, &records, &[], stream);
    }
    assert_conform(&provider, "monday_user", &recorded("monday", "users"), "users");
    assert_conform(&provider, "monday_board", &recorded("monday", "boards"), "boards");
}

#[test]
fn captured_deliveries_name_the_item_to_fetch_or_are_updates() {
    let Some(folder) = fixture("monday/webhooks_hookdeck") else { return };
    let provider = provider("monday");
    for (name, path) in files(&folder) {
        let (_, body) = request(&path);
        let items = shaped(&provider, "items", &body);
        let unsigned = deliver(&provider, "items_unsigned", &Delivery::of(body.clone())).records();
        let updates = shaped(&provider, "updates", &body);
        let keys: Vec<_> = items.iter().map(|shaped| shaped.key.as_deref()).collect();
        let expected: (&[Option<&str>], usize) = match name.as_str() {
            "create_pulse.json" | "move_pulse_into_group.json" => (&[Some("4429514497")], 0),
            "update_column_value.json" => (&[Some("4429449927")], 0),
            "create_update.json" => (&[], 1),
            _ => (&[], 0),
        };
        assert_eq!((&keys[..], updates.len()), expected, "{name}");
        assert_eq!(unsigned, items, "{name}");
        assert!(items.iter().chain(&updates).all(|shaped| shaped.event.as_deref().is_some_and(|event| event.len() == 32)), "{name}");
        let updates: Vec<Value> = updates.into_iter().map(|shaped| shaped.record).collect();
        assert_conform(&provider, "monday_update", &updates, &name);
        assert_run(&provider, "monday_update", &updates, &[], &name);
        // These came without a signature: the source that asks for one refuses them.
        assert!(matches!(deliver(&provider, "items", &Delivery::of(body).secret("secret", "s")), Taken::Refused(_)), "{name}");
    }
}

#[test]
fn the_challenge_is_answered_and_the_token_judged() {
    let provider = provider("monday");
    assert_judged(&provider, "items", "monday-challenge");
    assert_judged(&provider, "items", "monday-jwt");
    let Some(path) = fixture("monday/challenge.synthetic.json") else { return };
    let body = read(&path);
    for webhook in ["items", "updates", "items_unsigned"] {
        let taken = deliver(&provider, webhook, &Delivery::of(json::to_string(&body)));
        assert_eq!(taken, Taken::Handshake(json::to_string(&body)), "{webhook}");
    }
}

#[test]
fn errors_inside_a_200_are_seen() {
    let provider = provider("monday");
    let http: &Http = provider.definition.http.as_ref().expect("http");
    let judged = |body: &str| {
        let answer = Answer { status: 200, headers: Vec::new(), body: support::parse(body), is_json: true };
        judge(http, &provider.definition.errors, &answer, &Value::Null, noon())
    };
    let Judgement::RateLimited(trouble) = judged(
        r#"{"errors": [{"message": "Complexity budget exhausted", "extensions": {"code": "COMPLEXITY_BUDGET_EXHAUSTED", "retry_in_seconds": 17}}]}"#,
    ) else {
        panic!("not limited")
    };
    assert_eq!(trouble.wait.map(|wait| wait.as_secs()), Some(17));
    let limited = judged(
        r#"{"error_message": "Concurrency limit exceeded", "error_code": "FIELD_LIMIT_EXCEEDED", "error_data": {"retry_in_seconds": 15}}"#,
    );
    assert!(matches!(&limited, Judgement::RateLimited(trouble) if trouble.wait.map(|wait| wait.as_secs()) == Some(15)), "{limited:?}");
    assert!(matches!(judged(r#"{"errors": [{"message": "x", "extensions": {"code": "CursorException"}}]}"#), Judgement::RestartPaging(_)));
    assert!(matches!(judged(r#"{"errors": [{"message": "Parse error"}]}"#), Judgement::Fail(_)));
    assert!(matches!(judged(r#"{"data": {"boards": []}}"#), Judgement::Success));
    if let Some(path) = fixture("monday/error_in_200_complexity.synthetic.json") {
        let limited = judged(&std::fs::read_to_string(path).expect("text"));
        assert!(matches!(&limited, Judgement::RateLimited(trouble) if trouble.wait.map(|wait| wait.as_secs()) == Some(17)), "{limited:?}");
    }
}

#[test]
fn a_deletion_is_a_record_that_is_gone() {
    let provider = provider("monday");
    let [gone] = records(&provider, "item_deleted").try_into().expect("one record");
    assert_eq!((gone.get("id"), gone.get("is_deleted")), (Some(&Value::from("4002")), Some(&Value::Boolean(true))));
    assert_conform(&provider, "monday_item", [&gone], "a deletion");
    assert_run(&provider, "monday_item", [&gone], &[], "a deletion");
}

#[test]
fn items_and_updates_are_told() {
    let provider = provider("monday");
    let owner = "upsert_agent_external_identity 501 Noa Bakker";
    let written = outcome(&provider, "won_and_lost_items", ("items_page", 0), &["users"]);
    assert_eq!(written, [owner, "upsert_activity outcome|4001 Deal | won 501 2026-02-27T15:04:05.678Z 1500.5"]);
    assert_eq!(outcome(&provider, "won_and_lost_items", ("items_page", 1), &["users"]), Vec::<String>::new());
    let written = outcome(&provider, "statuses_as_periods", ("items_page", 1), &["users"]);
    assert!(written[1].ends_with("501 status|4002 Offer made 2026-02-27T15:04:05.678Z -"), "{written:?}");
    // Nobody stands in its people column.
    assert_eq!(outcome(&provider, "statuses_as_periods", ("items_next_page", 0), &["users"]), Vec::<String>::new());
    let written = outcome(&provider, "updates", ("updates_page", 0), &["users"]);
    assert_eq!(written, [owner, "upsert_activity update|6001 Update | written 501 2026-02-27T14:00:00Z"]);
}
