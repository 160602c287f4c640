//! What is twisted: documents of our own, and recorded payloads where they are at hand.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use salesdash_engine::bench::records;
use salesdash_value::Value;
use salesdash_value::json::{self, Limits};

/// What is larger teaches nothing more, and takes longer.
const MOST_BYTES: u64 = 64 << 10;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            found.push(path);
        }
    }
}

fn files(folder: &str) -> Vec<Vec<u8>> {
    named(folder, "")
}

/// The files below a folder whose path ends so.
fn named(folder: &str, end: &str) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    collect(&repository().join(folder), &mut paths);
    paths.sort();
    paths.retain(|path| path.to_string_lossy().ends_with(end) && fs::metadata(path).is_ok_and(|metadata| metadata.len() < MOST_BYTES));
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

/// Payloads as systems send them: generated ones, and recorded ones where they are at hand.
pub static PAYLOADS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let mut payloads: Vec<Vec<u8>> = (0..20).map(|number| records::record(number).into_bytes()).collect();
    let recorded = files("../shared/fixtures");
    if recorded.is_empty() {
        eprintln!("without recorded payloads: ../shared/fixtures is absent");
    }
    payloads.extend(recorded);
    payloads
});

/// Specs: those of the benchmark and of the demonstration, and every example of the catalog.
pub static SPECS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let own = ["crates/engine/src/demo/pipeline.json", "crates/engine/src/demo/calls.json", "crates/engine/src/bench/reference.json"];
    own.iter()
        .map(|path| fs::read(repository().join(path)).expect("a spec"))
        .chain(files("crates/providers/types").into_iter().chain(files("crates/providers/tests/types")))
        .filter_map(|bytes| json::parse(&bytes, Limits::DEFAULT).ok())
        .map(|document| document.get("spec").cloned().unwrap_or(document))
        .filter(|document| document.get("instructions").is_some())
        .collect()
});

/// Definitions of providers.
pub static DEFINITIONS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    ["crates/providers/types", "crates/providers/tests/types"]
        .iter()
        .flat_map(|folder| named(folder, "/definition.json"))
        .map(|bytes| json::parse(&bytes, Limits::DEFAULT).expect("JSON"))
        .collect()
});

/// Every value of the catalog, for parts to put in where they do not belong.
pub static PARTS: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let catalog = salesdash_vocabulary::catalog::catalog(salesdash_vocabulary::vocabulary());
    let mut parts = Vec::new();
    gather(&catalog, &mut parts);
    for spec in SPECS.iter() {
        gather(spec, &mut parts);
    }
    parts
});

fn gather(value: &Value, parts: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            if fields.iter().any(|(key, _)| key == "type") {
                parts.push(value.clone());
            }
            fields.iter().for_each(|(_, value)| gather(value, parts));
        }
        Value::List(items) => items.iter().for_each(|item| gather(item, parts)),
        _ => {}
    }
}
