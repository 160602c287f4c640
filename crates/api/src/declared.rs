//! Source models that provider types declare, brought up to what the types say now: a newer type may have come with the program, or in
//! the deployment's own folder.

use std::collections::HashSet;

use salesdash_connect::documents::declarations;
use salesdash_engine::Engine;
use salesdash_providers::Types;
use salesdash_store::{Scope, StoreError};
use salesdash_value::{Text, Value, json};

use crate::json::Document;

/// Brings the declared models of every tenant up to date. A field that a type declares no longer stays, as one that may be empty, so that no
/// spec that reads it breaks; what people decided of a model themselves is left alone. Called before records are taken in.
///
/// # Errors
/// Where the database fails.
pub fn refresh(engine: &Engine, types: &Types) -> Result<(), StoreError> {
    for tenant in engine.store().tenants()? {
        let types = types.clone();
        let changed = engine.store().write(tenant.id, move |scope| refresh_tenant(scope, &types))?;
        if !changed.is_empty() {
            tracing::info!(tenant = tenant.id, models = changed.join(", "), "the provider types declare these models anew");
            engine.changed(tenant.id);
        }
    }
    Ok(())
}

fn refresh_tenant(scope: &mut Scope<'_>, types: &Types) -> Result<Vec<String>, StoreError> {
    let kinds: Vec<(i64, String)> = scope.providers()?.into_iter().map(|provider| (provider.id, provider.kind)).collect();
    let (mut seen, mut changed) = (HashSet::new(), Vec::new());
    for source in scope.sources(None)? {
        let kind = kinds.iter().find(|(id, _)| *id == source.provider).and_then(|(_, kind)| types.get(kind));
        let Some(of) = kind.filter(|_| Document::stored(&source.settings).0.get("definition").is_some()) else { continue };
        for (name, declaration) in declarations(&of.definition, &source.model) {
            if !seen.insert(name.clone()) {
                continue;
            }
            let Some(stored) = scope.model(&name)?.filter(|stored| stored.shape.is_none() && stored.edits == "{}") else { continue };
            let earlier = Document::stored(&stored.declaration).0;
            let now = with_fields_of(&declaration, &earlier);
            if now != earlier {
                scope.save_model(&name, &json::to_string(&now), "{}", None, Some(stored.revision))?;
                scope.audit("engine", "model.declared", &format!("model {name}"), None, None)?;
                changed.push(name.to_string());
            }
        }
    }
    Ok(changed)
}

/// A declaration, with the fields besides that only an earlier one has.
fn with_fields_of(now: &Value, earlier: &Value) -> Value {
    let (Some(all), Some(fields)) = (now.as_object(), now.get("fields").and_then(Value::as_object)) else { return now.clone() };
    let before = earlier.get("fields").and_then(Value::as_object).unwrap_or_default();
    let mut merged: Vec<(Text, Value)> = Vec::with_capacity(fields.len());
    for (name, field) in fields {
        let known = before.iter().find(|(known, _)| known == name).map(|(_, field)| field);
        merged.push((name.clone(), known.map_or_else(|| field.clone(), |known| with_fields_of(field, known))));
    }
    let gone = before.iter().filter(|(name, _)| !fields.iter().any(|(known, _)| known == name));
    merged.extend(gone.map(|(name, field)| (name.clone(), may_be_empty(field))));
    let merged = Value::object(merged);
    Value::object(all.iter().map(|(key, value)| (key.clone(), if key == "fields" { merged.clone() } else { value.clone() })))
}

/// A field that records need not have.
fn may_be_empty(field: &Value) -> Value {
    let mark = (Text::new_static("may_be_empty"), Value::Boolean(true));
    match field.as_object() {
        Some(keys) => Value::object(keys.iter().filter(|(key, _)| key != "may_be_empty").cloned().chain([mark])),
        None => Value::object([(Text::new_static("type"), field.clone()), mark]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Document::stored(text).0
    }

    #[test]
    fn what_a_type_declares_no_longer_stays_and_may_be_empty() {
        let earlier = value(
            r#"{"key":"id","fields":{"id":"string","old":"number","owner":{"fields":{"id":"string","team":{"type":"string","personal":"name"}}}}}"#,
        );
        let now = value(r#"{"key":"id","version":"at","fields":{"id":"string","new":"string","owner":{"fields":{"id":"number"}}}}"#);
        let merged = with_fields_of(&now, &earlier);
        let expected = value(
            r#"{"key":"id","version":"at","fields":{"id":"string","new":"string",
                "owner":{"fields":{"id":"number","team":{"type":"string","personal":"name","may_be_empty":true}}},
                "old":{"type":"number","may_be_empty":true}}}"#,
        );
        assert_eq!(merged, expected);
        // It is the same each time it starts.
        assert_eq!(with_fields_of(&now, &merged), merged);
    }
}
