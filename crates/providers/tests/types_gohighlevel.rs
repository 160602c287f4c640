//! GoHighLevel: its documented webhooks, both signatures, and what comes of them.

mod support;

use salesdash_value::Value;
use support::conformance::assert_conform;
use support::examples::outcome;
use support::fixtures::{files, fixture};
use support::running::assert_run;
use support::shaping::shaped;
use support::vectors::assert_judged;
use support::{parse, provider};

const WEBHOOKS: [(&str, &str); 7] = [
    ("opportunities", "ghl_opportunity"),
    ("opportunity_stage_changes", "ghl_opportunity_stage_change"),
    ("calendar_events", "ghl_calendar_event"),
    ("contacts", "ghl_contact"),
    ("calls", "ghl_call"),
    ("workflow_opportunities", "ghl_workflow_opportunity"),
    ("workflow_appointments", "ghl_workflow_appointment"),
];

/// The webhooks that take a payload.
fn taken_by(body: &[u8], what: &str) -> Vec<&'static str> {
    let provider = provider("gohighlevel");
    let mut taken = Vec::new();
    for (webhook, model) in WEBHOOKS {
        let records: Vec<Value> = shaped(&provider, webhook, body).into_iter().map(|shaped| shaped.record).collect();
        assert_conform(&provider, model, &records, what);
        assert_run(&provider, model, &records, &[], what);
        if !records.is_empty() {
            taken.push(webhook);
        }
    }
    taken
}

#[test]
fn every_documented_event_goes_where_it_belongs() {
    let Some(folder) = fixture("gohighlevel/webhooks") else { return };
    for (name, path) in files(&folder) {
        let body = std::fs::read(&path).expect("a file");
        let message_type = parse(&String::from_utf8_lossy(&body)).get("messageType").cloned();
        let expected: &[&str] = match name.split('.').next().expect("a name") {
            "OpportunityStageUpdate" => &["opportunities", "opportunity_stage_changes"],
            event if event.starts_with("Opportunity") => &["opportunities"],
            event if event.starts_with("Appointment") => &["calendar_events"],
            event if event.starts_with("Contact") => &["contacts"],
            "InboundMessage" | "OutboundMessage" if message_type == Some(Value::from("CALL")) => &["calls"],
            _ => &[],
        };
        assert_eq!(taken_by(&body, &name), expected, "{name}");
    }
}

#[test]
fn what_a_workflow_sends_goes_where_it_belongs() {
    let Some(folder) = fixture("gohighlevel/workflow_webhook") else { return };
    for (name, path) in files(&folder) {
        let expected = if name.starts_with("calendar") { "workflow_appointments" } else { "workflow_opportunities" };
        assert_eq!(taken_by(&std::fs::read(&path).expect("a file"), &name), [expected], "{name}");
    }
}

#[test]
fn both_signatures_are_judged_and_the_newer_one_wins() {
    for scheme in ["gohighlevel-rsa", "gohighlevel-ed25519"] {
        assert_judged(&provider("gohighlevel"), "opportunities", scheme);
    }
}

#[test]
fn a_won_opportunity_becomes_an_activity() {
    let written = outcome(&provider("gohighlevel"), "won_and_lost_opportunities", ("opportunity_won", 0), &["user", "contact"]);
    assert_eq!(
        written,
        [
            "upsert_agent_external_identity uSr1aBcDeFgHiJkLmNo3 Noa Bakker",
            "upsert_activity won|oPp1aBcDeFgHiJkLmNo1 Deal | won uSr1aBcDeFgHiJkLmNo3 2026-02-27T15:04:07Z 1500.5",
            // The moment stays, whatever webhooks say later on.
            "lock_record_field 2026-02-27T15:04:07Z",
        ]
    );
    assert_eq!(
        outcome(&provider("gohighlevel"), "won_and_lost_opportunities", ("opportunity_deleted", 0), &["user"]),
        Vec::<String>::new()
    );
}

#[test]
fn a_stage_becomes_a_period() {
    let written = outcome(&provider("gohighlevel"), "stage_changes_as_periods", ("opportunity_moved", 0), &["user", "stages"]);
    let expected = "uSr1aBcDeFgHiJkLmNo3 pIp1aBcDeFgHiJkLmNo5|oPp1aBcDeFgHiJkLmNo1 Offer made 2026-02-27T15:04:07Z 1500.5";
    assert!(written[1].ends_with(expected), "{written:?}");
    let written = outcome(&provider("gohighlevel"), "pipeline_stages_as_periods", ("opportunity_won", 0), &["user", "stages"]);
    assert!(written[1].ends_with("pIp1aBcDeFgHiJkLmNo5|oPp1aBcDeFgHiJkLmNo1 - 2026-02-27T15:04:07Z"), "{written:?}");
}

#[test]
fn an_appointment_and_a_call_are_told() {
    let written = outcome(&provider("gohighlevel"), "appointments", ("appointment_booked", 0), &["user"]);
    assert_eq!(
        written[1],
        "upsert_activity appointment|aPp1aBcDeFgHiJkLmNo7 Appointment | booked uSr1aBcDeFgHiJkLmNo3 2026-03-02T09:00:00Z"
    );
    let written = outcome(&provider("gohighlevel"), "calls", ("call_ended", 0), &["user"]);
    assert_eq!(written[1], "upsert_call call|mSg2 uSr1aBcDeFgHiJkLmNo3 2026-02-27T09:30:00Z 42 inbound true completed");
}
