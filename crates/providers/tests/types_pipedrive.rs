//! Pipedrive: recorded records, captured webhooks of version 1, webhooks of version 2, and what comes of them.

mod support;

use salesdash_value::{Value, json};
use support::conformance::assert_conform;
use support::examples::{outcome, records};
use support::fixtures::{files, fixture, read, recorded, request};
use support::running::assert_run;
use support::shaping::{Delivery, Taken, deliver, fetched, item, shaped};
use support::vectors::assert_judged;
use support::{parse, provider};

#[test]
fn recorded_records_are_what_the_models_say() {
    let provider = provider("pipedrive");
    for (stream, poll, model) in [("deals", "deals", "pipedrive_deal"), ("activities", "activities", "pipedrive_activity")] {
        let records: Vec<Value> = recorded("pipedrive", stream).iter().flat_map(|row| item(&provider, poll, row)).collect();
        assert_conform(&provider, model, &records, stream);
        assert_run(&provider, model, &records, &[], stream);
    }
    for (stream, enrichment) in
        [("persons", "person"), ("users", "user"), ("stages", "stage"), ("pipelines", "pipeline"), ("deal_fields", "deal_field")]
    {
        let answer = Value::object([("data", Value::list(recorded("pipedrive", stream)))]);
        let records = fetched(&provider, enrichment, &answer);
        assert_conform(&provider, provider.definition.yields(enrichment).expect("known"), &records, stream);
    }
}

#[test]
fn times_without_a_zone_are_in_utc_whatever_the_zone_of_the_provider() {
    let rows = recorded("pipedrive", "deals");
    let Some(row) = rows.iter().find(|row| row.get("id") == Some(&Value::from(11))) else { return };
    let record = item(&provider("pipedrive"), "deals", row).remove(0);
    assert_eq!(record.get("update_time"), Some(&Value::from("2023-02-22T08:27:54Z")));
    assert_eq!(record.get("owner_id"), Some(&Value::from(11_884_360)));
}

#[test]
fn captured_deliveries_are_verified_and_taken() {
    let Some(folder) = fixture("pipedrive/webhooks_hookdeck") else { return };
    let provider = provider("pipedrive");
    for (name, path) in files(&folder) {
        if name == "index.json" {
            continue;
        }
        let (headers, body) = request(&path);
        for (webhook, entity, model) in [("deals_v1", "deal", "pipedrive_deal"), ("activities_v1", "activity", "pipedrive_activity")] {
            let delivery = |password: &str| {
                let delivery = Delivery::of(body.clone()).secret("username", "username").secret("password", password);
                headers
                    .iter()
                    .filter(|(name, _)| name != "content-type")
                    .fold(delivery, |delivery, (name, value)| delivery.header(name, value))
            };
            assert!(matches!(deliver(&provider, webhook, &delivery("another")), Taken::Refused(_)), "{name}");
            let taken = deliver(&provider, webhook, &delivery("password")).records();
            let is_of_it = name.contains(&format!(".{entity}."));
            assert_eq!(taken.len(), usize::from(is_of_it), "{webhook}: {name}");
            let records: Vec<Value> = taken.into_iter().map(|shaped| shaped.record).collect();
            assert_conform(&provider, model, &records, &name);
            assert_run(&provider, model, &records, &[], &name);
            for record in &records {
                let is_deleted = record.get("is_deleted") == Some(&Value::Boolean(true));
                assert_eq!(is_deleted, name.starts_with("deleted."), "{name}");
            }
        }
    }
}

#[test]
fn a_delivery_of_version_2_is_taken_with_its_id() {
    let Some(path) = fixture("pipedrive/webhook_v2_deal_change.synthetic.json") else { return };
    let provider = provider("pipedrive");
    let body = read(&path);
    let [taken] = shaped(&provider, "deals", json::to_string(&body).as_bytes()).try_into().expect("one record");
    assert_eq!(taken.event.as_deref(), body.at(&["meta", "id"]).and_then(Value::as_text));
    assert_conform(&provider, "pipedrive_deal", [&taken.record], "version 2");
    assert_run(&provider, "pipedrive_deal", [&taken.record], &[], "version 2");
    assert!(shaped(&provider, "activities", json::to_string(&body).as_bytes()).is_empty());
}

#[test]
fn user_name_and_password_are_judged() {
    assert_judged(&provider("pipedrive"), "deals", "basic-auth (pipedrive)");
}

#[test]
fn what_is_deleted_says_so_with_the_time_of_the_event() {
    let provider = provider("pipedrive");
    for (example, id, time) in [("deal_deleted", 702, "2026-02-27T15:04:07.123Z"), ("activity_deleted_v1", 902, "2026-02-26T11:00:07Z")] {
        let [record] = records(&provider, example).try_into().expect("one record");
        assert_eq!(record.get("id"), Some(&Value::from(id)));
        assert_eq!(record.get("is_deleted"), Some(&Value::Boolean(true)));
        assert_eq!(record.get("update_time"), Some(&Value::from(time)), "{example}");
    }
}

#[test]
fn deals_and_activities_are_told() {
    let provider = provider("pipedrive");
    let related = ["users", "persons", "stages"];
    let written = outcome(&provider, "won_and_lost_deals", ("deals_page", 0), &related);
    assert_eq!(
        written,
        ["upsert_agent_external_identity 51 Noa Bakker", "upsert_activity won|701 Deal | won 51 2026-02-27T15:04:05Z 1500.5"]
    );
    let written = outcome(&provider, "deal_stages_as_periods", ("deal_changed_v1", 0), &related);
    assert!(written[1].ends_with("51 1|703 Offer made 2026-02-20T09:00:00Z 800"), "{written:?}");
    let written = outcome(&provider, "done_activities", ("activities_page", 0), &related);
    assert_eq!(written[1], "upsert_activity activity|901 Activity | call 51 2026-02-27T09:30:30Z");
    assert_eq!(outcome(&provider, "done_activities", ("activity_deleted_v1", 0), &related), Vec::<String>::new());
}

#[test]
fn activities_say_when_they_are_due_and_how_long_they_take() {
    let check = |due: &str, expected: (&str, Value)| {
        let row = parse(&format!(r#"{{"id": 1, "type": "call", "done": false, "update_time": "2026-02-01T08:00:00Z", {due}}}"#));
        let record = item(&provider("pipedrive"), "activities", &row).remove(0);
        assert_eq!(record.get("due_at").and_then(Value::as_text).unwrap_or_default(), expected.0, "{due}");
        assert_eq!(record.get("duration_seconds"), Some(&expected.1), "{due}");
    };
    check(r#""due_date": "2026-03-02", "due_time": "09:30:00", "duration": "01:15""#, ("2026-03-02T09:30:00Z", Value::from(4500)));
    check(r#""due_date": "2026-03-02", "due_time": "09:30", "duration": "00:30:00""#, ("2026-03-02T09:30:00Z", Value::from(1800)));
    check(r#""due_date": "2026-03-02", "due_time": "", "duration": """#, ("2026-03-02T00:00:00Z", Value::Null));
    check(r#""due_date": null, "due_time": null"#, ("", Value::Null));
}
