//! The OpenAPI document, generated from the endpoint table.

use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use crate::auth::SESSION_COOKIE;
use crate::endpoint::{Endpoint, Role};
use crate::problem::Problem;

/// What makes the schemas: of what is read, and of what is written. They differ in which fields must be there.
struct Schemas {
    read: SchemaGenerator,
    written: SchemaGenerator,
}

impl Schemas {
    fn new() -> Self {
        let settings = || {
            let mut settings = SchemaSettings::draft2020_12();
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
            settings
        };
        Self { read: settings().for_deserialize().into_generator(), written: settings().for_serialize().into_generator() }
    }

    /// The definitions of both, by name.
    fn definitions(mut self) -> Map<String, Value> {
        let mut all = self.written.take_definitions(true);
        for (name, schema) in self.read.take_definitions(true) {
            all.entry(name).or_insert(schema);
        }
        all.sort_keys();
        all
    }
}

/// The document, in the order of the table.
#[must_use]
pub fn document(rows: &[Endpoint]) -> Value {
    let mut schemas = Schemas::new();
    let problem = schemas.written.subschema_for::<Problem>();
    let mut paths: Map<String, Value> = Map::new();
    for row in rows {
        let operation = operation(row, &mut schemas, &problem);
        let path = paths.entry(row.path.replace("{*", "{")).or_insert_with(|| Value::Object(Map::new()));
        if let Some(path) = path.as_object_mut() {
            path.insert(row.method.as_str().to_lowercase(), operation);
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "SalesDash",
            "version": "1",
            "description": "The API of SalesDash. Errors are `application/problem+json` with a stable `code`. Lists page by `cursor`.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer", "description": "An API token" },
                "session": {
                    "type": "apiKey", "in": "cookie", "name": SESSION_COOKIE,
                    "description": "A session; changes need the header X-CSRF-Token too"
                }
            },
            "schemas": schemas.definitions()
        }
    })
}

fn operation(row: &Endpoint, schemas: &mut Schemas, problem: &schemars::Schema) -> Value {
    let mut operation = Map::new();
    operation.insert("operationId".to_owned(), json!(row.name));
    operation.insert("summary".to_owned(), json!(row.summary));
    operation.insert("x-role".to_owned(), json!(row.role.name()));
    let mut parameters: Vec<Value> = row
        .path
        .split('/')
        .filter_map(|step| step.strip_prefix('{').and_then(|step| step.strip_suffix('}')))
        .map(|name| json!({ "name": name.trim_start_matches('*'), "in": "path", "required": true, "schema": { "type": "string" } }))
        .collect();
    if let Some(query) = row.query {
        parameters.extend(query_parameters(query, &mut schemas.read));
    }
    if row.reveals {
        let description = "Why personal data must be shown. Needs the permission to reveal; goes to the audit log.";
        let schema = json!({ "type": "string" });
        parameters.push(json!({ "name": "reveal", "in": "query", "required": false, "description": description, "schema": schema }));
    }
    if !parameters.is_empty() {
        operation.insert("parameters".to_owned(), Value::Array(parameters));
    }
    if let Some(body) = row.body {
        let schema = body(&mut schemas.read);
        operation.insert("requestBody".to_owned(), json!({ "required": true, "content": { "application/json": { "schema": schema } } }));
    }
    if let Some(media_type) = row.raw_body {
        let schema = json!({ "type": "string", "format": "binary" });
        operation.insert("requestBody".to_owned(), json!({ "required": true, "content": { media_type: { "schema": schema } } }));
    }
    let mut answers = Map::new();
    let mut answer = json!({ "description": row.summary });
    if let Some(media_type) = row.raw_answer {
        answer["content"] = json!({ media_type: { "schema": { "type": "string" } } });
    }
    if let Some(make) = row.answer {
        answer["content"] = json!({ "application/json": { "schema": make(&mut schemas.written) } });
    }
    answers.insert(row.status.to_string(), answer);
    answers.insert(
        "default".to_owned(),
        json!({ "description": "What went wrong", "content": { "application/problem+json": { "schema": problem } } }),
    );
    operation.insert("responses".to_owned(), Value::Object(answers));
    if row.role != Role::Public {
        operation.insert("security".to_owned(), json!([{ "token": [] }, { "session": [] }]));
    }
    Value::Object(operation)
}

/// A query type's fields, each as a parameter of its own.
fn query_parameters(query: fn(&mut SchemaGenerator) -> schemars::Schema, generator: &mut SchemaGenerator) -> Vec<Value> {
    let reference = query(generator);
    let name = reference.get("$ref").and_then(Value::as_str).and_then(|path| path.rsplit('/').next()).map(ToOwned::to_owned);
    let schema = match name {
        Some(name) => generator.definitions_mut().remove(&name).unwrap_or_default(),
        None => Value::from(reference),
    };
    let required: Vec<&str> = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, schema)| {
            let description = schema.get("description").cloned().unwrap_or_default();
            json!({ "name": name, "in": "query", "required": required.contains(&name.as_str()), "description": description, "schema": schema })
        })
        .collect()
}
