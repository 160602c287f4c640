//! Real payloads, all the way: in through the webhook's address, executed by a spec, and worked out again, without loss.

use std::fs;
use std::path::{Path, PathBuf};

use salesdash_engine::replay::Verified;
use salesdash_store::Paging;
use salesdash_store::deliveries::ModelVerdict;
use salesdash_value::{Value, json};

use crate::world::World;

const FOLDERS: [&str; 7] = ["gohighlevel", "pipedrive", "hubspot", "monday", "aircall", "typeform", "generic"];

/// Makes an activity of whatever arrives.
const SPEC: &str = r#"{"format": 1, "source_model": {"type": "anything", "var": "event"}, "instructions": [
  {"id": "agent", "type": "upsert_agent_external_identity", "external_id": {"type": "literal", "value": "somebody"}, "return_as": "agent"},
  {"id": "seen", "type": "upsert_activity", "external_id": {"type": "literal", "value": "seen"}, "activity_type": {"type": "literal", "value": "Seen"},
   "agent_external_identity": {"type": "var", "var": "agent"}, "moment": {"type": "execution_time"}}]}"#;

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
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
    let bytes = fs::read(path).unwrap();
    if path.extension().is_some_and(|extension| extension == "jsonl") {
        return bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).map(<[u8]>::to_vec).collect();
    }
    let value = json::parse(&bytes, json::Limits::DEFAULT).unwrap();
    match (value.get("headers"), value.get("body")) {
        (Some(_), Some(body)) => vec![json::to_string(body).into_bytes()],
        _ => vec![bytes],
    }
}

#[test]
fn every_payload_is_taken_executed_and_worked_out_again() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if !root.is_dir() {
        eprintln!("skipped: ../shared/fixtures is absent");
        return;
    }
    for folder in FOLDERS {
        let world = World::with("{}", SPEC, "anything", "{}", "{}");
        let mut paths = Vec::new();
        files(&root.join(folder), &mut paths);
        let mut sent: Vec<Value> = Vec::new();
        for path in paths {
            for payload in payloads(&path) {
                let answer = world.request("POST", &[("content-type", b"application/json")], &payload);
                assert_eq!(answer.status, 202, "{}: {answer:?}", path.display());
                let value = json::parse(&payload, json::Limits::DEFAULT).unwrap();
                sent.extend(value.as_list().map_or_else(|| vec![value.clone()], <[Value]>::to_vec));
            }
        }
        world.pass(2);
        world.engine.tick().unwrap();
        world.engine.drain();
        let expected = format!("{0} received = {0} executed + 0 duplicate + 0 stale + 0 rejected + 0 waiting + 0 failed", sent.len());
        assert_eq!(world.ledger(), expected, "{folder}");
        // What is stored is what was sent, in its order.
        let mut stored = Vec::new();
        let mut paging = Paging { limit: 500, ..Paging::default() };
        loop {
            let page = world.store.read(world.tenant, |scope| scope.source_models_of(&[world.source], None, paging)).unwrap();
            for model in &page.items {
                assert_eq!(model.verdict, ModelVerdict::Taken);
                stored.push(world.engine.record(world.tenant, model.id).unwrap().record);
            }
            match page.items.last() {
                Some(last) if page.next.is_some() => paging.before = last.id,
                _ => break,
            }
        }
        stored.reverse();
        assert!(stored == sent, "{folder}");
        for execution in world.executions() {
            let verified = world.engine.trace(world.tenant, execution.id, false).unwrap().verified;
            assert_eq!(verified, Verified::Yes, "{folder}: {execution:?}");
        }
    }
}
