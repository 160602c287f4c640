//! HubSpot: recorded records, thin events, its three signatures, and what comes of them.

mod support;

use salesdash_providers::interpret::variables::Asking;
use salesdash_value::Value;
use support::asking::Asker;
use support::conformance::assert_conform;
use support::examples::{outcome, records};
use support::fixtures::{files, fixture, recorded, request};
use support::running::assert_run;
use support::shaping::{Delivery, Taken, deliver, item, shaped};
use support::vectors::assert_judged;
use support::{parse, provider};

#[test]
fn recorded_records_are_what_the_models_say() {
    let provider = provider("hubspot");
    for (stream, poll, model) in
        [("deals", "deals", "hubspot_deal"), ("deals_archived", "deals", "hubspot_deal"), ("contacts", "contacts", "hubspot_contact")]
    {
        let records: Vec<Value> = recorded("hubspot", stream).iter().flat_map(|row| item(&provider, poll, row)).collect();
        assert_conform(&provider, model, &records, stream);
        assert_run(&provider, model, &records, &[], stream);
    }
    assert_conform(&provider, "hubspot_owner", &recorded("hubspot", "owners"), "owners");
}

#[test]
fn a_recorded_deal_that_is_won_would_be_an_activity() {
    let provider = provider("hubspot");
    let rows = recorded("hubspot", "deals_archived");
    let Some(row) = rows.iter().find(|row| row.at(&["properties", "hs_is_closed_won"]) == Some(&Value::Boolean(true))) else { return };
    let record = item(&provider, "deals", row).remove(0);
    assert_eq!(record.get("amount"), Some(&Value::from(123)));
    assert_eq!((record.get("is_won"), record.get("is_closed")), (Some(&Value::Boolean(true)), Some(&Value::Boolean(true))));
}

#[test]
fn captured_deliveries_of_workflows_name_the_record_to_fetch() {
    let Some(folder) = fixture("hubspot/webhooks_hookdeck") else { return };
    for (name, path) in files(&folder) {
        let (_, body) = request(&path);
        let keys = |webhook: &str| -> Vec<String> {
            let shaped = shaped(&provider("hubspot"), webhook, &body);
            shaped.into_iter().map(|shaped| shaped.key.expect("a key").to_string()).collect()
        };
        let (deals, contacts): (&[&str], &[&str]) = match name.as_str() {
            "DEAL.json" => (&["7036839888"], &[]),
            "CONTACT.json" => (&[], &["251"]),
            _ => (&[], &[]),
        };
        assert_eq!(keys("workflow_deals"), deals, "{name}");
        assert_eq!(keys("workflow_contacts"), contacts, "{name}");
    }
}

#[test]
fn a_batch_of_events_is_taken_apart() {
    let Some(path) = fixture("hubspot/webhook_subscription_batch.synthetic.json") else { return };
    let provider = provider("hubspot");
    let body = std::fs::read(path).expect("a file");
    for (webhook, key) in [("deals", "123"), ("contacts", "456")] {
        let [event] = shaped(&provider, webhook, &body).try_into().expect("one event");
        assert_eq!((event.key.as_deref(), event.event), (Some(key), None));
        assert_eq!(event.record.get("event_time").and_then(Value::as_text).map(|text| &text[..19]), Some("2019-07-26T04:00:00"));
    }
}

#[test]
fn every_signature_is_judged() {
    for scheme in ["hubspot-v1", "hubspot-v2", "hubspot-v3"] {
        assert_judged(&provider("hubspot"), "deals", scheme);
    }
    let unsigned = Delivery::of("[]").secret("secret", "s");
    assert!(matches!(deliver(&provider("hubspot"), "deals", &unsigned), Taken::Refused(_)));
}

#[test]
fn a_deletion_is_a_record_that_is_gone() {
    let provider = provider("hubspot");
    let gone = records(&provider, "deal_events").remove(2);
    assert_eq!(gone.get("is_deleted"), Some(&Value::Boolean(true)));
    // Its record is no longer there to be fetched: the event itself is taken.
    assert_conform(&provider, "hubspot_deal", [&gone], "a deletion");
    assert_run(&provider, "hubspot_deal", [&gone], &[], "a deletion");
}

#[test]
fn deals_calls_and_meetings_are_told() {
    let provider = provider("hubspot");
    let related = ["owner", "deal_contacts", "call_contacts", "meeting_contacts", "contact", "deal_stages", "call_outcomes"];
    let check = |preset: &str, example: (&str, usize), expected: &[&str]| {
        let written = outcome(&provider, preset, example, &related);
        assert_eq!(written.get(1..).unwrap_or_default(), expected, "{preset}");
        assert_eq!(written.first().map(String::as_str), (!expected.is_empty()).then_some("upsert_agent_external_identity 501 Noa Bakker"));
    };
    check("won_and_lost_deals", ("deals_page", 0), &["upsert_activity won|7001 Deal | won 501 2026-02-27T15:00:00Z 1500.5"]);
    // Nobody owns the second.
    check("won_and_lost_deals", ("deals_page", 1), &[]);
    check("calls", ("calls_page", 0), &["upsert_call call|9001 501 2026-02-27T09:00:00Z 125 outbound true Connected"]);
    check("meetings", ("meetings_page", 0), &["upsert_activity meeting|9101 Meeting | booked 501 2026-03-02T09:00:00Z"]);
    let written = outcome(&provider, "deal_stages_as_periods", ("deals_page", 0), &related);
    assert!(written[1].ends_with("default|7001 - 2026-02-27T15:04:00Z"), "{written:?}");
}

#[test]
fn an_amount_that_is_no_number_spoils_nothing() {
    let row = parse(
        r#"{"id": "1", "properties": {"amount": "1.5E7", "hs_is_closed": null}, "createdAt": "2026-02-01T08:00:00Z", "updatedAt": "2026-02-01T08:00:00Z"}"#,
    );
    let record = item(&provider("hubspot"), "deals", &row).remove(0);
    assert_eq!(record.get("amount"), Some(&Value::Null));
    assert_eq!(record.get("is_closed"), Some(&Value::Boolean(false)));
}

#[test]
fn contacts_are_asked_for_by_a_list_of_objects() {
    let hubspot = provider("hubspot");
    let asker = Asker::new(&hubspot, r#"{"method": "token", "token": "t1", "contact_properties": ["region"]}"#, "{}");
    let asked = asker.enrichment("contact", &Asking { ids: parse("[8001, \"8002\"]"), ..Asking::default() });
    assert_eq!(asked.first().map(String::as_str), Some("POST https://api.hubapi.com/crm/v3/objects/contacts/batch/read"));
    let body = asked.last().expect("a body");
    assert!(body.starts_with(r#"{"inputs":[{"id":"8001"},{"id":"8002"}],"properties":["email","#), "{body}");
    assert!(body.ends_with(r#""lastmodifieddate","region"]}"#), "{body}");
}
