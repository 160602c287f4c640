//! The shared test support finds what is wrong: a test that cannot fail proves nothing.

mod support;

use std::path::Path;

use salesdash_providers::{Files, ProviderType};
use support::{conformance, parse, running, shaping};

fn example() -> ProviderType {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/types/example");
    let read = |name: &str| (name.to_owned(), std::fs::read(folder.join(name)).expect("a file"));
    let files: Files = ["definition.json", "setup.md", "presets/won_deals.json", "examples/deal_changed.json"].map(read).into();
    ProviderType::read("example", &files).expect("no problems")
}

const DEAL: &str =
    r#"{"id": "d1", "title": "Roof", "status": "won", "value": 10.5, "owner_id": "u1", "updated_at": "2026-03-01T12:00:00Z"}"#;

#[test]
fn every_field_that_is_not_as_declared_is_found() {
    let models = example().definition.models();
    let ty = &models.get("example_deal").expect("declared").ty;
    assert_eq!(conformance::mismatches(&parse(DEAL), ty), Vec::<String>::new());
    let wrong = r#"{"id": 1, "title": null, "value": "10.5", "updated_at": "yesterday", "more": true}"#;
    assert_eq!(
        conformance::mismatches(&parse(wrong), ty),
        [
            "`id` is a number, and is declared as string",
            "`title` is null, and is not declared as what may be empty",
            "`status` is absent, and is not declared as what may be empty",
            "`value` is a string, and is declared as number",
            "`updated_at` is a text that is no ISO 8601 datetime",
        ]
    );
    let stage = &models.get("example_team").expect("declared").ty;
    let found = conformance::mismatches(&parse(r#"{"id": "t1", "name": "North", "size": 3}"#), stage);
    assert_eq!(found, ["`size` is not declared, and the object is not open"]);
}

#[test]
#[should_panic(expected = "`value` is a string, and is declared as number (1 of 2)")]
fn records_that_do_not_conform_fail_a_test() {
    let wrong = parse(r#"{"id": "d2", "title": "Roof", "status": "won", "value": "1", "updated_at": "2026-03-01T12:00:00Z"}"#);
    conformance::assert_conform(&example(), "example_deal", [&parse(DEAL), &wrong], "deals");
}

#[test]
#[should_panic(expected = "`note` holds an e-mail address, and is not declared as personal (1 of 1)")]
fn an_address_where_nothing_personal_is_declared_fails_a_test() {
    let wrong = parse(
        r#"{"id": "d2", "title": "Roof", "status": "won", "contact_email": "kim@example.com", "note": "kim@example.com", "updated_at": "2026-03-01T12:00:00Z"}"#,
    );
    conformance::assert_conform(&example(), "example_deal", [&wrong], "deals");
}

#[test]
fn presets_run_with_and_without_their_enrichments() {
    let outcome = running::run(&example(), "won_deals", &parse(DEAL), &[]);
    let fields = ["external_id", "external_name", "activity_type", "agent_external_identity", "moment", "value"];
    assert_eq!(
        running::told(&outcome, &fields),
        ["upsert_agent_external_identity u1 u1", "upsert_activity won|d1 Deal | won u1 2026-03-01T12:00:00Z 10.5"]
    );
    let outcome = running::run(&example(), "won_deals", &parse(DEAL), &[("user", parse(r#"{"id": "u1", "name": "Noa"}"#))]);
    assert_eq!(running::told(&outcome, &fields)[0], "upsert_agent_external_identity u1 Noa");
    assert_eq!(running::assert_run(&example(), "example_deal", [&parse(DEAL)], &[], "deals"), 2);
}

#[test]
#[should_panic(expected = "won_deals")]
fn a_preset_that_fails_fails_a_test() {
    let wrong = parse(r#"{"id": "d2", "title": "Roof", "status": "won", "owner_id": "u1", "updated_at": "soon"}"#);
    running::assert_run(&example(), "example_deal", [&wrong], &[], "deals");
}

#[test]
#[should_panic(expected = "sources without an example")]
fn every_source_needs_an_example() {
    shaping::assert_examples(&example());
}

#[test]
fn deliveries_become_records() {
    let body = r#"{"event": "deal.deleted", "event_id": "e7", "current": {"id": "d1"}}"#;
    let delivery = shaping::Delivery::of(body).secret("secret", "geheim");
    assert_eq!(shaping::deliver(&example(), "deals", &delivery), shaping::Taken::Refused("missing".to_owned()));
    let [shaped] = shaping::shaped(&example(), "deals", body.as_bytes()).try_into().expect("one record");
    assert_eq!(shaped.record, parse(r#"{"id": "d1", "is_deleted": true}"#));
    assert_eq!(shaped.event.as_deref(), Some("e7"));
}
