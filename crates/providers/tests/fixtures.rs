//! Real payloads: each becomes records without loss, and what is obviously personal in them is proposed as such.

use std::fs;
use std::path::{Path, PathBuf};

use salesdash_language::model::Models;
use salesdash_language::types::{Personal, Shape, Type};
use salesdash_providers::body::{BodyLimits, BodyRules, Received};
use salesdash_providers::inference::{Inference, ModelHeader};
use salesdash_value::{Value, json};

const FOLDERS: [&str; 7] = ["gohighlevel", "pipedrive", "hubspot", "monday", "aircall", "typeform", "generic"];

fn fixtures() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: ../shared/fixtures is absent");
    None
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
}

/// Every payload of a file: a file of its own, the body of a recorded request, or one a line.
fn payloads(path: &Path) -> Vec<Vec<u8>> {
    let bytes = fs::read(path).expect("a file");
    if path.extension().is_some_and(|extension| extension == "jsonl") {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        return lines.map(<[u8]>::to_vec).collect();
    }
    let value = json::parse(&bytes, json::Limits::DEFAULT).expect("JSON");
    match (value.get("headers"), value.get("body")) {
        (Some(_), Some(body)) => vec![json::to_string(body).into_bytes()],
        _ => vec![bytes],
    }
}

fn received(path: &Path) -> Vec<Value> {
    let mut records = Vec::new();
    for payload in payloads(path) {
        let read = Received::read(Some("application/json"), &payload, &BodyRules::default(), &BodyLimits::DEFAULT);
        let received = read.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let whole = json::parse(&payload, json::Limits::DEFAULT).expect("JSON");
        let expected = whole.as_list().map_or_else(|| vec![whole.clone()], <[Value]>::to_vec);
        let taken: Vec<Value> = received.records.into_iter().map(|record| record.value).collect();
        assert_eq!(taken, expected, "{}", path.display());
        for record in &taken {
            let written = json::to_string(record);
            let read = json::parse(written.as_bytes(), json::Limits::DEFAULT).expect("JSON");
            assert_eq!(&read, record, "{}", path.display());
        }
        records.extend(taken);
    }
    records
}

#[test]
fn every_payload_becomes_records_and_a_model() {
    let Some(root) = fixtures() else { return };
    let mut count = 0;
    for folder in FOLDERS {
        let mut paths = Vec::new();
        files(&root.join(folder), &mut paths);
        assert!(!paths.is_empty(), "{folder}");
        for path in paths {
            let mut inference = Inference::new();
            for record in received(&path) {
                inference.absorb(&record);
                assert!(!inference.absorb(&record), "{}", path.display());
                count += 1;
            }
            let (_, problems) = Models::read_one("received", &inference.model(&ModelHeader::default(), &Value::Null));
            assert!(problems.is_empty(), "{}: {problems:?}", path.display());
            let stored = Inference::from_value(&inference.to_value(), Default::default());
            assert_eq!(stored, Ok(inference), "{}", path.display());
        }
    }
    assert!(count > 250, "{count} records");
}

/// The personal leaves of a type, as `path: category`.
fn personal(ty: &Type, path: &str, found: &mut Vec<String>) {
    if ty.personal != Personal::NONE {
        found.push(format!("{path}: {}", ty.personal));
    }
    match &ty.shape {
        Shape::Object(object) => {
            for (name, field) in &object.fields {
                personal(field, &if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }, found);
            }
        }
        Shape::Array(item) => personal(item, &format!("{path}[]"), found),
        _ => {}
    }
}

/// What is proposed as personal for one file.
fn proposed(root: &Path, file: &str) -> Vec<String> {
    let mut inference = Inference::new();
    for record in received(&root.join(file)) {
        inference.absorb(&record);
    }
    let (model, _) = Models::read_one("received", &inference.model(&ModelHeader::default(), &Value::Null));
    let mut found = Vec::new();
    personal(&model.ty, "", &mut found);
    found
}

#[test]
fn what_is_obviously_personal_is_proposed() {
    let Some(root) = fixtures() else { return };
    let check = |file: &str, expected: &[&str], not: &[&str]| {
        let found = proposed(&root, file);
        for wanted in expected {
            assert!(found.iter().any(|found| found == wanted), "{file}: {wanted} is not in {found:#?}");
        }
        for unwanted in not {
            let begin = format!("{unwanted}: ");
            assert!(!found.iter().any(|found| found.starts_with(&begin)), "{file}: {unwanted} is in {found:#?}");
        }
    };
    check(
        "gohighlevel/webhooks/ContactCreate.json",
        &[
            "email: email",
            "phone: phone",
            "name: name",
            "firstName: name",
            "lastName: name",
            "dateOfBirth: birth date",
            "address1: address",
            "city: address",
            "postalCode: address",
        ],
        &["type", "locationId", "id", "companyName", "source", "dateAdded", "dnd", "country", "assignedTo", "website"],
    );
    check(
        "gohighlevel/workflow_webhook/opportunity_stage_change.synthetic.json",
        &[
            "first_name: name",
            "last_name: name",
            "full_name: name",
            "email: email",
            "phone: phone",
            "user.firstName: name",
            "user.email: email",
            "owner: name",
        ],
        &[
            "contact_id",
            "status",
            "pipleline_stage",
            "pipeline_name",
            "opportunity_name",
            "lead_value",
            "workflow.name",
            "id",
            "date_created",
        ],
    );
    check(
        "pipedrive/webhooks_hookdeck/added.deal.json",
        &["current.cc_email: email", "current.person_name: name", "current.owner_name: name", "current.next_activity_note: free text"],
        &["current.email_messages_count", "current.org_name", "current.status", "current.title", "current.add_time", "meta.host", "event"],
    );
    check(
        "pipedrive/webhooks_hookdeck/added.person.json",
        &["current.name: name", "current.first_name: name", "current.email[].value: email", "current.phone[].value: phone"],
        &["current.email[].primary", "current.id", "current.add_time"],
    );
    check(
        "hubspot/webhooks_hookdeck/CONTACT.json",
        &["properties.email.value: email", "properties.firstname.value: name", "properties.lastname.value: name"],
        &["portalId", "objectType", "properties.email.source"],
    );
    check(
        "aircall/webhooks/call.created.json",
        &["data.raw_digits: phone", "data.participants[].phone_number: phone", "data.participants[].name: name"],
        &["resource", "event", "data.status", "data.direction", "data.direct_link", "data.participants[].type", "data.duration"],
    );
    check(
        "typeform/webhook_form_response.synthetic.json",
        &["form_response.answers[].email: email"],
        &["event_id", "event_type", "form_response.form_id", "form_response.definition.title"],
    );
    check("monday/webhooks_hookdeck/create_pulse.json", &[], &["event.pulseName", "event.type", "event.groupName", "event.triggerTime"]);
    check(
        "generic/github/push_payload.json",
        &["repository.owner.name: name", "repository.owner.email: email", "pusher.email: email"],
        &["ref", "repository.name", "repository.full_name", "repository.ssh_url", "compare"],
    );
}
