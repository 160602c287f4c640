//! Webhooks, HTTP API and File: whatever people have, without a type of its own.

mod support;

use salesdash_providers::body::{BodyLimits, BodyRules, Received};
use salesdash_providers::{Files, ProviderType};
use salesdash_value::{Value, json};
use support::asking::Asker;
use support::conformance::assert_conform;
use support::fixtures::{files, fixture};
use support::running::{run, told};
use support::shaping::{Delivery, Taken, deliver, shaped};
use support::vectors::assert_verified;
use support::{parse, provider};

/// A type whose only webhook is verified by a well-known scheme: what people make of a generic webhook in the browser.
fn sender(scheme: &str) -> ProviderType {
    let definition = format!(
        r#"{{"format": 1, "name": "sender", "title": "Sender", "summary": "Sends.",
            "models": {{"sent": {{"title": "Sent", "key": "id", "fields": {{}}, "open": true}}}},
            "webhooks": {{"events": {{"title": "Events", "model": "sent", "verification": "{scheme}"}}}}}}"#
    );
    let files = Files::from([
        ("definition.json".to_owned(), definition.into_bytes()),
        ("setup.md".to_owned(), b"1. Send to {webhook_url}".to_vec()),
    ]);
    ProviderType::read("sender", &files).unwrap_or_else(|problems| panic!("{problems:?}"))
}

#[test]
fn every_vector_of_the_generic_schemes_is_judged_as_it_says() {
    let schemes = [
        ("github", "github"),
        ("standard-webhooks", "standard_webhooks"),
        ("stripe", "stripe"),
        ("shopify", "shopify"),
        ("typeform", "typeform"),
        ("slack", "slack"),
        ("calendly", "calendly"),
        ("bearer (generic)", "bearer"),
        ("header-token (gitlab)", "gitlab"),
    ];
    for (scheme, name) in schemes {
        assert_verified(name, scheme);
    }
}

#[test]
fn recorded_events_of_other_systems_are_taken_whole() {
    for folder in ["generic/github", "typeform"] {
        let Some(folder) = fixture(folder) else { return };
        for (name, path) in files(&folder) {
            let body = std::fs::read(&path).expect("a file");
            let expected = parse(&String::from_utf8_lossy(&body));
            let taken = deliver(&sender("secret_url"), "events", &Delivery::of(body.clone())).records();
            assert_eq!(taken.into_iter().map(|shaped| shaped.record).collect::<Vec<_>>(), [expected], "{name}");
            let refused = deliver(&sender("typeform"), "events", &Delivery::of(body).secret("secret", "s"));
            assert!(matches!(refused, Taken::Refused(_)), "{name}");
        }
    }
}

#[test]
fn each_object_of_a_recorded_list_becomes_a_record() {
    let Some(path) = fixture("generic/stripe/fixtures3.json") else { return };
    let document = support::fixtures::read(&path);
    let resources = document.get("resources").and_then(Value::as_object).expect("resources");
    let list = Value::list(resources.iter().map(|(_, resource)| resource.clone()));
    let body = json::to_string(&list);
    let received = Received::read(Some("application/json"), body.as_bytes(), &BodyRules::default(), &BodyLimits::DEFAULT);
    assert_eq!(received.expect("records").records.len(), resources.len());
}

#[test]
fn a_sale_of_reuzenpanda_needs_the_token_and_becomes_a_sale() {
    let provider = provider("webhook");
    let example = provider.examples.iter().find(|(name, _)| name == "reuzenpanda_sale").expect("an example");
    let body = json::to_string(&example.1.body.0);
    let delivery = || Delivery::of(body.clone()).secret("secret", "long-and-random");
    assert!(matches!(deliver(&provider, "reuzenpanda_sales", &delivery()), Taken::Refused(_)));
    let records = deliver(&provider, "reuzenpanda_sales", &delivery().header("Authorization", "Bearer long-and-random")).records();
    let outcome = run(&provider, "reuzenpanda_sales", &records[0].record, &[]);
    assert_eq!(
        told(&outcome, &["external_id", "agent_external_identity", "proposition_external_identity", "moment", "contract_value", "status"]),
        [
            "upsert_agent_external_identity 17",
            "upsert_team_external_identity Utrecht",
            "upsert_agent_external_identity 17",
            "upsert_proposition_external_identity Energy, 3 years",
            "upsert_sale S-1001 17 Energy, 3 years 2026-03-02T12:30:00Z 480 accepted",
        ]
    );
    // Only what is needed.
    let least = br#"{"id": "5", "sold_at": "2026-03-02", "agent_id": "17", "product": "Gas"}"#;
    let records = shaped(&provider, "reuzenpanda_sales", least);
    assert_conform(&provider, "reuzenpanda_sale", [&records[0].record], "the least");
    assert_eq!(run(&provider, "reuzenpanda_sales", &records[0].record, &[]).effects.len(), 3);
}

#[test]
fn an_http_api_is_asked_as_people_fill_it_in() {
    let api = provider("http_api");
    let check = |settings: &str, connection: &str, expected: &[&str]| {
        let mut told = Asker::new(&api, settings, connection).check().expect("a request");
        told.retain(|line| !line.starts_with("Accept:"));
        assert_eq!(told, expected, "{settings}");
    };
    let base = r#""base_url": "https://api.example.com/v2""#;
    check(&format!(r#"{{{base}, "method": "none"}}"#), "{}", &["GET https://api.example.com/v2"]);
    check(
        &format!(r#"{{{base}, "token": "t1", "check_path": "/me?fields=id"}}"#),
        "{}",
        &["GET https://api.example.com/v2/me?fields=id", "Authorization: Bearer t1"],
    );
    check(
        &format!(r#"{{{base}, "method": "header", "key_name": "X-API-Key", "key": "k1"}}"#),
        "{}",
        &["GET https://api.example.com/v2", "X-API-Key: k1"],
    );
    check(
        &format!(r#"{{{base}, "method": "header", "key_name": "Authorization", "key_prefix": "Token ", "key": "k1"}}"#),
        "{}",
        &["GET https://api.example.com/v2", "Authorization: Token k1"],
    );
    check(
        &format!(r#"{{{base}, "method": "query", "key_name": "api_key", "key": "k 1", "check_path": "me"}}"#),
        "{}",
        &["GET https://api.example.com/v2/me?api_key=k 1"],
    );
    check(
        &format!(r#"{{{base}, "method": "basic", "username": "u", "password": "p"}}"#),
        "{}",
        &["GET https://api.example.com/v2", "Authorization: Basic dTpw"],
    );
    check(
        &format!(
            r#"{{{base}, "method": "client_credentials", "token_url": "https://api.example.com/token", "client_id": "c", "client_secret": "s"}}"#
        ),
        r#"{"access_token": "a1"}"#,
        &["GET https://api.example.com/v2", "Authorization: Bearer a1"],
    );
}

#[test]
fn what_people_fill_in_leads_to_no_other_host() {
    let api = provider("http_api");
    let asked = |path: &str| {
        let settings = format!(r#"{{"base_url": "https://api.example.com/v2", "method": "none", "check_path": "{path}"}}"#);
        Asker::new(&api, &settings, "{}").check()
    };
    assert!(asked("https://evil.example/me").is_err());
    assert_eq!(asked("https://api.example.com/me").expect("the same host")[0], "GET https://api.example.com/me");
    assert_eq!(asked("//evil.example/me").expect("a path")[0], "GET https://api.example.com/v2/evil.example/me");
}

#[test]
fn generic_types_let_people_define_their_own() {
    assert!(provider("webhook").definition.custom_webhooks);
    assert!(provider("http_api").definition.custom_polls);
    assert!(provider("file").definition.files);
}
