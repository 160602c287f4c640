//! Real payloads, posted to a webhook address: every record is taken in, its fields are inferred, and a spec runs on it without loss.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::world::{As, World};

const FOLDERS: [&str; 7] = ["gohighlevel", "pipedrive", "hubspot", "monday", "aircall", "typeform", "generic"];

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json" || extension == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
}

/// Every body of a file: the file itself, the body of a recorded request, or one a line.
fn bodies(path: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(path).expect("a file");
    if path.extension().is_some_and(|extension| extension == "jsonl") {
        return text.lines().filter(|line| !line.trim().is_empty()).map(ToOwned::to_owned).collect();
    }
    let value: Value = serde_json::from_str(&text).expect("JSON");
    match (value.get("headers"), value.get("body")) {
        (Some(_), Some(body)) => vec![body.to_string()],
        _ => vec![text],
    }
}

#[tokio::test]
async fn every_recorded_payload_is_taken_in_and_processed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if !root.is_dir() {
        eprintln!("SKIPPED: ../shared/fixtures is absent, so no recorded payload was posted");
        return;
    }
    let world = World::new();
    let admin = world.token("admin", true);
    let mut total = 0;
    for folder in FOLDERS {
        let (source, path) = world.source(&admin, folder, json!({}), json!({})).await;
        let spec = json!({
            "format": 1, "source_model": { "type": folder, "var": "event" }, "constants": [], "enrichments": [],
            "instructions": [{ "id": "seen", "type": "upsert_anonymous_activity",
                "external_id": { "type": "to_string", "value": { "type": "execution_time" } },
                "activity_type": { "type": "literal", "value": "Seen" }, "moment": { "type": "execution_time" } }]
        });
        let processor =
            world.send("POST", "/api/v1/processors", &admin, json!({ "name": folder, "model": folder, "spec": spec })).await.ok();
        world.send("POST", "/api/v1/links", &admin, json!({ "source": source, "processor": processor["id"] })).await.ok();
        let mut paths = Vec::new();
        files(&root.join(folder), &mut paths);
        let mut records = 0;
        for file in paths {
            for body in bodies(&file) {
                let whole: Value = serde_json::from_str(&body).expect("JSON");
                records += whole.as_array().map_or(1, Vec::len) as i64;
                let answer = world.raw("POST", &path, &As::Nobody, &[("content-type", "application/json")], body).await;
                assert_eq!(answer.status, 202, "{}: {}", file.display(), answer.text());
            }
        }
        world.settle();
        let ledger = world.get(&format!("/api/v1/sources/{source}/ledger"), &admin).await.ok();
        let count = |key: &str| ledger[key].as_i64().unwrap();
        assert_eq!(count("received"), records, "{folder}: {ledger}");
        assert_eq!(count("executed") + count("duplicate") + count("stale"), records, "{folder}: {ledger}");
        assert_eq!(ledger["balances"], true, "{folder}: {ledger}");
        let model = world.get(&format!("/api/v1/models/{folder}"), &admin).await.ok();
        assert!(!model["fields"].as_array().unwrap().is_empty(), "{folder}");
        let failed = world.get(&format!("/api/v1/executions?source={source}&status=failed"), &admin).await.ok();
        assert_eq!(failed["items"], json!([]), "{folder}");
        total += records;
    }
    eprintln!("{total} records of {} systems", FOLDERS.len());
    assert!(total > 30, "{total}");
}
