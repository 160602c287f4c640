//! Specs and their immutable versions.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use salesdash_language::check::Checked;
use salesdash_store::config::{Processor, ProcessorVersion};
use salesdash_store::{Scope, StoreError};
use salesdash_value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::app::{Worked, done};
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::language::{MAX_SPEC, check_for, models};
use crate::routes::models::if_match;
use crate::routes::presets;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time};

/// The longest note on a version, in bytes.
const MAX_NOTE: usize = 2000;

pub fn add(table: &mut Table) {
    const SPEC: &str = "/api/v1/processors/{id}/spec";
    table.add(
        Endpoint::new(
            Method::GET,
            SPEC,
            Role::Viewer,
            "getSpec",
            "A processor's spec, the newest version unless one is named, with an ETag",
        )
        .query::<SpecQuery>()
        .answer::<Spec>(),
        get,
    );
    table.add(
        Endpoint::new(Method::PUT, SPEC, Role::Builder, "saveSpec", "Saves a new version where the spec has no errors; needs If-Match")
            .body::<SaveSpec>()
            .answer::<Spec>()
            .limit(MAX_SPEC),
        save,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/processors/{id}/versions",
            Role::Viewer,
            "listVersions",
            "A processor's versions, newest first",
        )
        .query::<PageQuery>()
        .answer::<Listed<Version>>(),
        versions,
    );
}

/// A version of a spec.
#[derive(Serialize, JsonSchema)]
struct Spec {
    /// A skeleton where no version was saved yet.
    spec: Document,
    /// Its number; 0 where none was saved yet.
    version: i64,
    author: Option<String>,
    at: Option<Time>,
    note: Option<String>,
    /// What the checker says of it today.
    diagnostics: Vec<Document>,
}

/// A version in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "SpecVersion")]
struct Version {
    version: i64,
    author: String,
    at: Time,
    note: Option<String>,
}

#[derive(Deserialize, JsonSchema)]
struct SpecQuery {
    /// The number of a version.
    #[serde(default)]
    version: Option<i64>,
}

/// What a spec looks like in which nobody has done anything yet.
fn skeleton(scope: &mut Scope<'_>, processor: &Processor) -> Worked<Value> {
    let declared = models(scope)?;
    let declared = declared.get(&processor.model);
    let var = declared.and_then(|model| model.var.as_ref()).map_or("record", |var| var.as_str());
    Ok(Value::object([
        ("format", Value::from(1)),
        ("source_model", Value::object([("type", Value::from(processor.model.as_str())), ("var", var.into())])),
        ("constants", Value::list([])),
        ("enrichments", Value::list([])),
        ("instructions", Value::list([])),
    ]))
}

fn messages(checked: &Checked) -> Vec<Document> {
    checked.diagnostics.iter().map(|diagnostic| Document(diagnostic.to_value())).collect()
}

fn tagged(spec: Spec) -> Response {
    let tag = HeaderValue::from_str(&format!("\"v{}\"", spec.version));
    let mut response = Answer(spec).into_response();
    if let Ok(tag) = tag {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

async fn get(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>, Params(query): Params<SpecQuery>) -> Result<Response, Problem> {
    app.read(caller.tenant, move |scope| {
        let processor = scope.processor(id)?;
        let number = query.version.unwrap_or(processor.version);
        let models = models(scope)?;
        if number == 0 {
            let spec = skeleton(scope, &processor)?;
            let diagnostics = messages(&check_for(scope, &spec, &models, false)?);
            return Ok(tagged(Spec { spec: Document(spec), version: 0, author: None, at: None, note: None, diagnostics }));
        }
        let stored = scope.version(id, number)?;
        let spec = Document::stored(&stored.spec);
        let diagnostics = messages(&check_for(scope, &spec.0, &models, false)?);
        let ProcessorVersion { version, author, at, note, .. } = stored;
        Ok(tagged(Spec { spec, version, author: Some(author), at: Some(Time(at)), note, diagnostics }))
    })
    .await
}

/// A spec to be saved.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SaveSpec {
    spec: Document,
    /// Why it was changed.
    #[serde(default)]
    note: Option<String>,
    /// That it is merged with the processor's preset as it ships now, by the `revision` that was merged: the next merge begins with that, and values of constants that
    /// nobody changed follow the preset.
    #[serde(default)]
    preset_revision: Option<String>,
}

/// Saves a version of a processor's spec, where it has no errors and `expected` is the newest version.
///
/// # Errors
/// The messages where it has errors; the newest version where somebody else saved in between.
pub fn save_spec(
    scope: &mut Scope<'_>,
    processor: &Processor,
    expected: i64,
    author: &str,
    note: Option<&str>,
    spec: &Document,
) -> Worked<(ProcessorVersion, Vec<Document>)> {
    if processor.version != expected {
        let text = format!("version {} was saved in the meantime; merge it with your changes, and save again", processor.version);
        return Err(Problem::changed(text).newest(processor.version).into());
    }
    let takes = spec.0.get("source_model").and_then(|model| model.get("type")).and_then(Value::as_text);
    if takes.is_some_and(|takes| takes != processor.model) {
        let text = format!("this processor takes the source model `{}`, and the spec is about another", processor.model);
        return Err(Problem::invalid(text).at("/spec/source_model/type").into());
    }
    let models = models(scope)?;
    let checked = check_for(scope, &spec.0, &models, false)?;
    if checked.has_errors() {
        let count = checked.diagnostics.iter().filter(|found| found.severity == salesdash_language::diagnostics::Severity::Error).count();
        let text = if count == 1 { "the spec has an error".to_owned() } else { format!("the spec has {count} errors") };
        return Err(Problem::invalid(text).with(&checked.diagnostics).into());
    }
    match scope.save_version(processor.id, expected, author, note, &spec.text()) {
        Ok(version) => Ok((version, messages(&checked))),
        Err(StoreError::Conflict(text)) => Err(Problem::changed(text).into()),
        Err(error) => Err(error.into()),
    }
}

async fn save(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    At(Id(id)): At<Id>,
    Body(given): Body<SaveSpec>,
) -> Result<Response, Problem> {
    let expected = if_match(&headers, 'v')?;
    let note = given.note.map(|note| note.trim().to_owned()).filter(|note| !note.is_empty());
    if note.as_ref().is_some_and(|note| note.len() > MAX_NOTE) {
        return Err(Problem::invalid(format!("the note is longer than {MAX_NOTE} bytes")).at("/note"));
    }
    let author = caller.actor.clone();
    let types = app.types().clone();
    app.change(&caller, "spec.saved", move |scope| {
        let processor = scope.processor(id)?;
        let (saved, diagnostics) = save_spec(scope, &processor, expected, &author, note.as_deref(), &given.spec)?;
        if let Some(revision) = &given.preset_revision {
            presets::merged(scope, &types, &processor, saved.version, revision)?;
        }
        let ProcessorVersion { version, author, at, note, .. } = saved;
        let details = json!({ "version": version, "note": note, "preset_revision": given.preset_revision });
        let spec = Spec { spec: given.spec, version, author: Some(author), at: Some(Time(at)), note, diagnostics };
        Ok(done("processor", id, tagged(spec)).with(details))
    })
    .await
}

async fn versions(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Params(page): Params<PageQuery>,
) -> Result<Answer<Listed<Version>>, Problem> {
    let paging = page.paging()?;
    app.read(caller.tenant, move |scope| {
        scope.processor(id)?;
        let page = scope.versions(id, paging)?.map(|stored| Version {
            version: stored.version,
            author: stored.author,
            at: Time(stored.at),
            note: stored.note,
        });
        Ok(Answer(page.into()))
    })
    .await
}
