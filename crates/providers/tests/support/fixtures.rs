//! Real payloads, which stay where they are.

use std::fs;
use std::path::{Path, PathBuf};

use salesdash_value::{Value, json};

/// A folder or file of the fixtures. `None`, said on standard error, where they are absent.
pub fn fixture(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    if !root.is_dir() {
        eprintln!("skipped: ../shared/fixtures is absent");
        return None;
    }
    let found = root.join(path);
    assert!(found.exists(), "there is no fixture {path}");
    Some(found)
}

/// A JSON file as a value.
pub fn read(path: &Path) -> Value {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    json::parse(&bytes, json::Limits::DEFAULT).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()))
}

/// The JSON files in a folder, by name.
pub fn files(folder: &Path) -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut found: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into_owned(), path))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{} is empty", folder.display());
    found
}

/// The recorded rows of one stream of a vendor's `airbyte_expected_records.jsonl`. None where the fixtures are absent.
pub fn recorded(vendor: &str, stream: &str) -> Vec<Value> {
    let Some(path) = fixture(&format!("{vendor}/airbyte_expected_records.jsonl")) else { return Vec::new() };
    let bytes = fs::read(&path).expect("a file");
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
    let rows: Vec<Value> = lines
        .map(|line| json::parse(line, json::Limits::DEFAULT).expect("JSON"))
        .filter(|row| row.get("stream").and_then(Value::as_text) == Some(stream))
        .map(|row| row.get("data").expect("data").clone())
        .collect();
    assert!(!rows.is_empty(), "{vendor} has no recorded {stream}");
    rows
}

/// A recorded request, `{"headers", "body"}`, taken apart; a file that is none is a body without headers.
pub fn request(path: &Path) -> (Vec<(String, String)>, Vec<u8>) {
    let value = read(path);
    let (Some(headers), Some(body)) = (value.get("headers").and_then(Value::as_object), value.get("body")) else {
        return (Vec::new(), fs::read(path).expect("a file"));
    };
    let headers = headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.as_text()?.to_owned()))).collect();
    let body = body.as_text().map_or_else(|| json::to_string(body), str::to_owned);
    (headers, body.into_bytes())
}
