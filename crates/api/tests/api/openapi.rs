//! The OpenAPI document: whole, and consistent in itself.

use std::collections::HashSet;

use salesdash_api::endpoint::Role;
use serde_json::Value;

/// Every `$ref` in a document.
fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value.as_str() {
                    Some(reference) if name == "$ref" => found.push(reference),
                    _ => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[test]
fn it_holds_every_endpoint_and_every_reference_leads_somewhere() {
    let document = salesdash_api::document();
    assert_eq!(document["openapi"], "3.1.0");
    let table = salesdash_api::table();
    let mut names = HashSet::new();
    for row in table.rows() {
        let method = row.method.as_str().to_lowercase();
        let operation = &document["paths"][row.path.replace("{*", "{")][&method];
        assert_eq!(operation["operationId"], row.name, "{method} {}", row.path);
        assert!(names.insert(row.name), "{} is there twice", row.name);
        assert!(!row.summary.is_empty() && !row.summary.ends_with('.'), "{}", row.name);
        assert_eq!(operation["x-role"], row.role.name());
        assert_eq!(operation.get("security").is_some(), row.role != Role::Public, "{}", row.name);
        let declared: Vec<&str> =
            operation["parameters"].as_array().into_iter().flatten().filter_map(|found| found["name"].as_str()).collect();
        let unique: HashSet<&&str> = declared.iter().collect();
        assert_eq!(unique.len(), declared.len(), "{}: {declared:?}", row.name);
        for step in row.path.split('/').filter_map(|step| step.strip_prefix('{')) {
            let name = step.trim_end_matches('}').trim_start_matches('*');
            assert!(declared.contains(&name), "{}: {name}", row.name);
        }
        assert_eq!(declared.contains(&"reveal"), row.reveals, "{}", row.name);
        let answers = operation["responses"].as_object().unwrap();
        assert!(answers.contains_key("default") && answers.keys().any(|status| status.starts_with('2') || status.starts_with('3')));
    }
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let used: HashSet<String> = {
        let mut found = Vec::new();
        references(&document, &mut found);
        found.into_iter().map(|reference| reference.rsplit('/').next().unwrap().to_owned()).collect()
    };
    for name in document["components"]["schemas"].as_object().unwrap().keys() {
        assert!(used.contains(name), "{name} is used by nothing");
        assert!(!name.ends_with(char::is_numeric), "{name}: two types have one name");
    }
}
