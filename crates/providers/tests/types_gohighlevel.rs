//! GoHighLevel: its documented webhooks, both signatures, and what comes of them.

mod support;

use salesdash_value::Value;
use support::conformance::assert_conform;
use support::fixtures::{files, fixture};
use support::running::{assert_run, run, told};
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

const FIELDS: [&str; 12] = [
    "external_id",
    "external_name",
    "activity_type",
    "agent_external_identity",
    "track",
    "period_type",
    "moment",
    "started_at",
    "value",
    "duration",
    "answered",
    "result",
];

/// What an example of the folder becomes by a preset, with these enrichments.
fn outcome(webhook: &str, example: &str, preset: &str, related: &[&str]) -> Vec<String> {
    let provider = provider("gohighlevel");
    let body = |name: &str| {
        let found = provider.examples.iter().find(|(known, _)| known == name);
        &found.unwrap_or_else(|| panic!("no example {name}")).1.body.0
    };
    let related: Vec<(&str, Value)> = related
        .iter()
        .map(|name| {
            let (example, enrichment) = name.split_once('=').unwrap_or((name, name));
            (enrichment, support::shaping::fetched(&provider, enrichment, body(example)).remove(0))
        })
        .collect();
    let record = shaped(&provider, webhook, salesdash_value::json::to_string(body(example)).as_bytes()).remove(0).record;
    told(&run(&provider, preset, &record, &related), &FIELDS)
}

#[test]
fn a_won_opportunity_becomes_an_activity() {
    let written = outcome("opportunities", "opportunity_won", "won_and_lost_opportunities", &["user", "contact"]);
    assert_eq!(
        written,
        [
            "upsert_agent_external_identity uSr1aBcDeFgHiJkLmNo3 Noa Bakker",
            "upsert_activity won|oPp1aBcDeFgHiJkLmNo1 Deal | won uSr1aBcDeFgHiJkLmNo3 2026-02-27T15:04:07Z 1500.5",
        ]
    );
    assert_eq!(outcome("opportunities", "opportunity_deleted", "won_and_lost_opportunities", &["user"]), Vec::<String>::new());
}

#[test]
fn a_stage_becomes_a_period() {
    let written = outcome("opportunity_stage_changes", "opportunity_moved", "stage_changes_as_periods", &["user", "stages=stage"]);
    let expected = "uSr1aBcDeFgHiJkLmNo3 pIp1aBcDeFgHiJkLmNo5|oPp1aBcDeFgHiJkLmNo1 Offer made 2026-02-27T15:04:07Z 1500.5";
    assert!(written[1].ends_with(expected), "{written:?}");
    let written = outcome("opportunities", "opportunity_won", "pipeline_stages_as_periods", &["user", "stages=stage"]);
    assert!(written[1].ends_with("pIp1aBcDeFgHiJkLmNo5|oPp1aBcDeFgHiJkLmNo1 - 2026-02-27T15:04:07Z"), "{written:?}");
}

#[test]
fn an_appointment_and_a_call_are_told() {
    let written = outcome("calendar_events", "appointment_booked", "appointments", &["user"]);
    assert_eq!(
        written[1],
        "upsert_activity appointment|aPp1aBcDeFgHiJkLmNo7 Appointment | booked uSr1aBcDeFgHiJkLmNo3 2026-03-02T09:00:00Z"
    );
    let written = outcome("calls", "call_ended", "calls", &["user"]);
    assert_eq!(written[1], "upsert_call call|mSg2 uSr1aBcDeFgHiJkLmNo3 2026-02-27T09:30:00Z 42 true completed");
}
