//! The format: what is read, and what is said of what cannot be read.

use std::path::Path;

use salesdash_providers::definition::Definition;
use salesdash_providers::{Files, ProviderType};
use salesdash_value::{Value, json};

/// The files of a folder of the repository.
fn files(folder: &Path) -> Files {
    fn collect(folder: &Path, prefix: &str, files: &mut Files) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let entry = entry.expect("an entry");
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                collect(&entry.path(), &format!("{name}/"), files);
            } else {
                files.insert(name, std::fs::read(entry.path()).expect("a file"));
            }
        }
    }
    let mut found = Files::new();
    collect(folder, "", &mut found);
    found
}

fn example() -> Files {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/types/example"))
}

fn problems(name: &str, files: &Files) -> Vec<String> {
    match ProviderType::read(name, files) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

/// The problems of the example with one place of its definition changed.
fn changed(pointer: &str, value: &str) -> Vec<String> {
    let files = example();
    let definition = json::parse(&files["definition.json"], json::Limits::DEFAULT).expect("JSON");
    let value = json::parse(value.as_bytes(), json::Limits::DEFAULT).expect("JSON");
    let patched = salesdash_language::diagnostics::Patch::Add(pointer.to_owned(), value).apply(&definition).expect("the place is there");
    match Definition::from_value(&patched) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_example_is_read_whole() {
    assert_eq!(problems("example", &example()), Vec::<String>::new());
    let read = ProviderType::read("example", &example()).expect("no problems");
    assert_eq!(read.definition.polls.names().collect::<Vec<_>>(), ["deals"]);
    assert_eq!(read.presets.len(), 1);
    let declared = read.definition.declaration("example_deal").expect("declared");
    assert_eq!(declared.at(&["enrichments", "owner", "model"]), Some(&Value::from("example_user")));
    // It can have no owner, and an owner can be missing; custom fields are always there, if only as an empty list.
    assert_eq!(declared.at(&["enrichments", "owner", "may_be_empty"]), Some(&Value::Boolean(true)));
    assert_eq!(declared.at(&["enrichments", "custom", "may_be_empty"]), Some(&Value::Boolean(false)));
}

#[test]
fn what_cannot_be_read_is_told_with_its_place() {
    let check = |pointer: &str, value: &str, expected: &str| assert_eq!(changed(pointer, value), [expected], "{pointer} {value}");
    check("/poll", "{}", "/poll: `poll` is not a key of this; did you mean `polls`?");
    check("/format", "2", "/format: this version reads format 1");
    check(
        "/polls/deals/intervall_seconds",
        "60",
        "/polls/deals/intervall_seconds: `intervall_seconds` is not a key of this; did you mean `interval_seconds`?",
    );
    check("/polls/deals/interval_seconds", "5", "/polls/deals/interval_seconds: this must be a whole number from 10 to 604800");
    check("/polls/deals/model", "\"example_dael\"", "/polls/deals/model: `example_dael` is not known; did you mean `example_deal`?");
    check(
        "/polls/deals/list/paging",
        r#"{"type": "cursr", "cursor": "x"}"#,
        "/polls/deals/list/paging/type: `cursr` is not known; did you mean `cursor`?",
    );
    check("/polls/deals/list/paging", r#"{"type": "cursor"}"#, "/polls/deals/list/paging: `cursor` is missing");
    check("/http/timeout_ms", "1.5", "/http/timeout_ms: this must be a whole number from 1000 to 300000");
    check(
        "/http/allowed_hosts",
        r#"["https://x.example"]"#,
        "/http/allowed_hosts/0: `https://x.example` is not a host such as `api.example.com` or `*.example.com`, in lower case",
    );
    check("/auth/setting", "\"methd\"", "/auth/setting: `methd` is not known; did you mean `method`?");
    check("/settings/token/default", "\"x\"", "/settings/token/default: a secret has no default: what stands in a definition is no secret");
    check("/models/example_deal/fields/title", "\"text\"", "/models/example_deal/fields/title: `text` is not a type");
    check(
        "/models/example_deal/enrichments/owner/fetch",
        "\"usr\"",
        "/models/example_deal/enrichments/owner/fetch: `usr` is not known; did you mean `user`?",
    );
    check("/webhooks/deals/verification", "\"githb\"", "/webhooks/deals/verification: `githb` is not known; did you mean `github`?");
    check(
        "/webhooks/deal_events/complete/fetch",
        "\"stage\"",
        "/webhooks/deal_events/complete/fetch: only an enrichment of type `by_id` can complete an event",
    );
}

#[test]
fn expressions_are_checked_where_they_stand() {
    let path = "/polls/deals/list/request/body/content/after";
    let found = changed(path, r#"{"$value": {"type": "var", "var": "settings.tokn"}}"#);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(&format!("{path}/$value")) && found[0].contains("did you mean `token`?"), "{found:?}");
    let found = changed(path, r#"{"$value": {"type": "var", "var": "source.pipeline"}}"#);
    assert!(found[0].contains("did you mean `pipelines`?"), "{found:?}");
    let check = |value: &str, expected: &[&str]| assert_eq!(changed(path, value), expected, "{value}");
    let item = r#"{"id": {"$value": {"type": "var", "var": "item"}}}"#;
    check(&format!(r#"{{"$each": {{"type": "var", "var": "ids"}}, "$item": {item}}}"#), &[]);
    check(
        r#"{"$each": {"type": "var", "var": "ids"}, "id": 1}"#,
        &[&format!("{path}: an object with `$each` has `$item` beside it, and no other key")],
    );
    check(r#"{"$item": 1}"#, &[&format!("{path}: `$item` stands beside `$each`, which says of what list")]);
    check(
        &format!(r#"{{"$each": {{"type": "literal", "value": "x"}}, "$item": {item}}}"#),
        &[&format!("{path}/$each: this must be a list: something is made of each of its items")],
    );
    // Only within it is there an item.
    let found = changed(path, item);
    assert!(found.len() == 1 && found[0].starts_with(&format!("{path}/id/$value")), "{found:?}");
    let found = changed("/http/base_url", r#"{"type": "conct", "arguments": []}"#);
    assert!(found[0].contains("did you mean `concat`?"), "{found:?}");
    let found = changed("/polls/deals/list/each/only", r#"{"type": "concat", "arguments": [{"type": "literal", "value": "x"}]}"#);
    assert_eq!(found, ["/polls/deals/list/each/only: a condition must be true or false; compare it with something"]);
}

#[test]
fn presets_pass_the_checker_without_a_warning() {
    let mut files = example();
    let preset = String::from_utf8(files["presets/won_deals.json"].clone()).expect("text").replace("deal.value", "deal.valeu");
    files.insert("presets/won_deals.json".to_owned(), preset.into_bytes());
    let found = problems("example", &files);
    assert!(found.iter().any(|problem| problem.starts_with("presets/won_deals.json /spec/instructions/0/then/1/value")), "{found:?}");
}

#[test]
fn an_enrichment_that_can_be_missing_must_be_guarded() {
    let mut files = example();
    let preset = String::from_utf8(files["presets/won_deals.json"].clone()).expect("text");
    let coalesced =
        r#"{ "type": "coalesce", "arguments": [{ "type": "var", "var": "deal.owner.name" }, { "type": "var", "var": "deal.owner_id" }] }"#;
    assert!(preset.contains(coalesced));
    let preset = preset.replace(coalesced, r#"{ "type": "uppercase", "value": { "type": "var", "var": "deal.owner.name" } }"#);
    files.insert("presets/won_deals.json".to_owned(), preset.into_bytes());
    let found = problems("example", &files);
    assert!(found.iter().any(|problem| problem.contains("warning: `deal.owner.name` may be empty")), "{found:?}");
    // Where a missing one fails the execution, and the record always says which, it is there.
    let definition = String::from_utf8(files["definition.json"].clone()).expect("text");
    let definition = definition
        .replace(r#""owner_id": { "type": "string", "may_be_empty": true }"#, r#""owner_id": "string""#)
        .replace(r#""cache_seconds": 600"#, r#""cache_seconds": 600, "missing": "fail""#);
    files.insert("definition.json".to_owned(), definition.into_bytes());
    assert_eq!(problems("example", &files), Vec::<String>::new());
}

#[test]
fn a_folder_holds_what_it_should() {
    let mut files = example();
    files.remove("setup.md");
    files.insert("logo.png".to_owned(), Vec::new());
    files.insert("presets/Won.json".to_owned(), b"{}".to_vec());
    let found = problems("exampel", &files);
    assert_eq!(found.len(), 4, "{found:?}");
}
