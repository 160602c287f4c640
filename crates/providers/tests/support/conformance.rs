//! Whether records are what their models say.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use salesdash_language::model::conform;
use salesdash_language::types::{Personal, Shape, Type};
use salesdash_providers::{ProviderType, identify};
use salesdash_value::Value;

/// Every field of a value that is not what the type says: its path, what is there, and what should be. Shows no values.
pub fn mismatches(value: &Value, ty: &Type) -> Vec<String> {
    let mut found = Vec::new();
    let value = conform(value.clone(), ty, &TimeZone::UTC);
    compare(Some(&value), ty, "", &mut found);
    found
}

fn compare(value: Option<&Value>, ty: &Type, path: &str, found: &mut Vec<String>) {
    let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match (&ty.shape, value) {
        (_, None | Some(Value::Null)) if ty.may_be_empty => {}
        (_, None) => found.push(format!("`{path}` is absent, and is not declared as what may be empty")),
        (_, Some(Value::Null)) => found.push(format!("`{path}` is null, and is not declared as what may be empty")),
        (Shape::Any, _)
        | (Shape::String, Some(Value::Text(_)))
        | (Shape::Number, Some(Value::Number(_)))
        | (Shape::Boolean, Some(Value::Boolean(_)))
        | (Shape::Datetime, Some(Value::Datetime(_))) => {}
        (Shape::Datetime, Some(Value::Text(_))) => found.push(format!("`{path}` is a text that is no ISO 8601 datetime")),
        (Shape::Array(item), Some(Value::List(items))) => {
            for value in items.iter() {
                compare(Some(value), item, &format!("{path}[]"), found);
            }
        }
        (Shape::Object(object), Some(Value::Object(fields))) => {
            for (name, ty) in &object.fields {
                compare(value.and_then(|value| value.get(name)), ty, &at(name), found);
            }
            if !object.open {
                for (name, _) in fields.iter().filter(|(name, _)| object.field(name).is_none()) {
                    found.push(format!("`{}` is not declared, and the object is not open", at(name)));
                }
            }
        }
        (Shape::Mapping, Some(Value::Object(fields))) if fields.iter().all(|(_, value)| matches!(value, Value::Text(_))) => {}
        (_, Some(other)) => found.push(format!("`{path}` is {}, and is declared as {ty}", other.kind_name())),
    }
}

/// Every e-mail address in a value that stands where the type says nothing of personal data: there it would be stored and shown as it is.
pub fn unprotected(value: &Value, ty: Option<&Type>, path: &str, found: &mut Vec<String>) {
    if ty.is_some_and(|ty| ty.personal != Personal::NONE) {
        return;
    }
    match value {
        Value::Text(text) if is_email(text) => found.push(format!("`{path}` holds an e-mail address, and is not declared as personal")),
        Value::Object(fields) => {
            for (name, value) in fields.iter() {
                let of_field = match ty.map(|ty| &ty.shape) {
                    Some(Shape::Object(object)) => object.field(name),
                    _ => None,
                };
                unprotected(value, of_field, &if path.is_empty() { name.to_string() } else { format!("{path}.{name}") }, found);
            }
        }
        Value::List(items) => {
            let of_item = match ty.map(|ty| &ty.shape) {
                Some(Shape::Array(item)) => Some(&**item),
                _ => None,
            };
            items.iter().for_each(|item| unprotected(item, of_item, &format!("{path}[]"), found));
        }
        _ => {}
    }
}

fn is_email(text: &str) -> bool {
    let is_domain = |domain: &str| domain.contains('.') && domain.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte));
    text.split_once('@').is_some_and(|(name, domain)| !name.is_empty() && !name.contains([' ', '/', '<']) && is_domain(domain))
}

/// Panics with every field of these records that is not what the model says, with keys and versions that are missing, and with e-mail addresses
/// where nothing personal is declared.
pub fn assert_conform<'v>(provider: &ProviderType, model: &str, records: impl IntoIterator<Item = &'v Value>, what: &str) {
    let definition = &provider.definition;
    let declared = definition.models.get(model).unwrap_or_else(|| panic!("{} has no model {model}", provider.name()));
    let models = definition.models();
    let ty = &models.get(model).expect("declared").ty;
    let mut problems: BTreeMap<String, usize> = BTreeMap::new();
    let mut count = 0;
    for record in records {
        count += 1;
        let mut of_record = mismatches(record, ty);
        unprotected(record, Some(ty), "", &mut of_record);
        for (what, path) in [("key", &declared.key), ("version", &declared.version)] {
            let Some(path) = path else { continue };
            // A record that is gone may have no version any more.
            let is_deleted = record.get("is_deleted") == Some(&Value::Boolean(true));
            let read = if what == "key" { identify::key(record, path).map(|_| ()) } else { identify::version(record, path).map(|_| ()) };
            if let Err(error) = read
                && !(what == "version" && is_deleted)
            {
                of_record.push(format!("no {what}: {error}"));
            }
        }
        for problem in of_record {
            *problems.entry(problem).or_default() += 1;
        }
    }
    let problems: Vec<String> = problems.into_iter().map(|(problem, times)| format!("{problem} ({times} of {count})")).collect();
    assert!(problems.is_empty(), "{what}: not as `{model}` says:\n{}", problems.join("\n"));
}
