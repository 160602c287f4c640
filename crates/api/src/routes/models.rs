//! Source models: the fields of what sources yield.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use salesdash_engine::EngineError;
use salesdash_engine::intake::key_hash;
use salesdash_language::types::{Shape, Type};
use salesdash_providers::inference::{Inference, InferenceLimits, ModelHeader};
use salesdash_store::config::SourceModelType as Stored;
use salesdash_store::executions::RecordKey;
use salesdash_store::{Paging, Scope, StoreError};
use salesdash_value::{Text, Value, json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::app::Worked;
use crate::auth::{Caller, Reveal};
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::received::received;
use crate::routes::enrichments::ENRICHMENTS;
use crate::routes::executions::masked_pointers;
use crate::routes::language::{MAX_SPEC, model_of, type_name};
use crate::routes::sources::check_model_name;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time};

pub fn add(table: &mut Table) {
    const ONE: &str = "/api/v1/models/{name}";
    table.add(
        Endpoint::new(Method::GET, "/api/v1/models", Role::Viewer, "listModels", "The source models, by name")
            .query::<PageQuery>()
            .answer::<Listed<Summary>>(),
        list,
    );
    table.add(Endpoint::new(Method::GET, ONE, Role::Viewer, "getModel", "A source model, with an ETag").answer::<Model>(), get);
    table.add(
        Endpoint::new(
            Method::PUT,
            ONE,
            Role::Builder,
            "editModel",
            "Saves what people decided of a source model's fields, over what was inferred; needs If-Match",
        )
        .body::<EditModel>()
        .answer::<Model>()
        .limit(MAX_SPEC),
        edit,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/models/{name}/records",
            Role::Viewer,
            "listReceived",
            "The records of a source model that were received, newest first",
        )
        .query::<ReceivedQuery>()
        .answer::<Listed<ReceivedRecord>>(),
        list_received,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/records-of-source/{id}",
            Role::Viewer,
            "getReceived",
            "A record that was received, with its enrichments; personal values masked",
        )
        .answer::<ReceivedWhole>()
        .reveals(),
        get_received,
    );
}

/// A source model in a list.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ModelSummary")]
struct Summary {
    name: String,
    revision: i64,
    fields_count: usize,
    sources: Vec<Named>,
}

/// Something by its id and name.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Named {
    pub id: Id,
    pub name: String,
}

/// A source model.
#[derive(Serialize, JsonSchema)]
struct Model {
    name: String,
    /// The whole declaration: what was inferred or what its provider declares, and over it what people decided.
    declaration: Document,
    /// What people decided, in the same form.
    edits: Document,
    revision: i64,
    /// Whether its fields are inferred from what arrives; else its provider declares them.
    inferred: bool,
    fields: Vec<Field>,
    /// The path of the field that tells one record from another.
    key: Option<String>,
    /// The path of the field by which a later state is told from an earlier one.
    version: Option<String>,
    /// The field that would serve as key, by what arrived.
    suggested_key: Option<String>,
    /// The field that would serve as version, by what arrived.
    suggested_version: Option<String>,
    /// The variable that stands for it where a spec gives none.
    var: Option<String>,
    /// The enrichments that can hang on it, with the models they yield.
    enrichments: Vec<Enrichment>,
    sources: Vec<Named>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ModelEnrichment")]
struct Enrichment {
    name: String,
    model: String,
}

/// A field, at any depth.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ModelField")]
struct Field {
    /// Where it stands, such as `lines[].price`.
    path: String,
    /// The name of its type.
    r#type: String,
    may_be_empty: bool,
    /// The category of personal data; null where it is not personal.
    personal: Option<String>,
    /// The category that its name and values look like, where nobody has decided.
    proposed_personal: Option<String>,
    /// Whether any record had it.
    seen: bool,
    /// Its value in the newest record, masked where it is personal; null where it had none, or holds fields of its own.
    example: Option<Document>,
}

fn walk<'t>(ty: &'t Type, path: &str, each: &mut dyn FnMut(String, &'t Type)) {
    match &ty.shape {
        Shape::Object(object) => {
            for (name, field) in &object.fields {
                let path = if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
                each(path.clone(), field);
                walk(field, &path, each);
            }
        }
        Shape::Array(item) => walk(item, &format!("{path}[]"), each),
        _ => {}
    }
}

fn category(ty: &Type) -> Option<String> {
    (!ty.personal.is_none()).then(|| ty.personal.names().collect::<Vec<_>>().join(","))
}

/// What was inferred so far; nothing where the provider declares the fields.
fn inferred(stored: &Stored) -> Option<Inference> {
    let shape = json::parse(stored.shape.as_ref()?.as_bytes(), json::Limits::DEFAULT).ok()?;
    Inference::from_value(&shape, InferenceLimits::DEFAULT).ok()
}

fn fields(stored: &Stored, ty: &Type) -> Vec<Field> {
    let bare = inferred(stored).map(|inference| inference.model(&ModelHeader::default(), &Value::Null));
    let bare = bare.map(|declaration| salesdash_language::model::Models::read_one(&stored.name, &declaration).0);
    let mut proposed: Vec<(String, Option<String>)> = Vec::new();
    if let Some(bare) = &bare {
        walk(&bare.ty, "", &mut |path, ty| proposed.push((path, category(ty))));
    }
    let mut found = Vec::new();
    walk(ty, "", &mut |path, ty| {
        let proposal = proposed.iter().find(|(known, _)| *known == path);
        found.push(Field {
            r#type: type_name(ty),
            may_be_empty: ty.may_be_empty,
            personal: category(ty),
            proposed_personal: proposal.and_then(|(_, category)| category.clone()),
            seen: proposal.is_some(),
            example: None,
            path,
        });
    });
    found
}

fn sources_of(scope: &mut Scope<'_>, model: &str) -> Worked<Vec<Named>> {
    let sources = scope.sources(None)?.into_iter().filter(|source| source.model == model);
    Ok(sources.map(|source| Named { id: Id(source.id), name: source.name }).collect())
}

async fn list(State(app): State<App>, caller: Caller, Params(page): Params<PageQuery>) -> Result<Answer<Listed<Summary>>, Problem> {
    app.read(caller.tenant, move |scope| {
        let page = page.slice(scope.models()?, |model| model.name.clone())?;
        let mut items = Vec::new();
        for stored in page.items {
            let mut fields_count = 0;
            walk(&model_of(&stored).ty, "", &mut |_, _| fields_count += 1);
            let sources = sources_of(scope, &stored.name)?;
            items.push(Summary { name: stored.name, revision: stored.revision, fields_count, sources });
        }
        Ok(Answer(Listed { items, next: page.next }))
    })
    .await
}

fn model(scope: &mut Scope<'_>, stored: Stored) -> Worked<Model> {
    let declared = model_of(&stored);
    let sources = sources_of(scope, &stored.name)?;
    let text = |text: Option<&Text>| text.map(ToString::to_string);
    let enrichments = declared.enrichments.iter().flatten();
    let inference = inferred(&stored);
    Ok(Model {
        fields: fields(&stored, &declared.ty),
        declaration: Document::stored(&stored.declaration),
        edits: Document::stored(&stored.edits),
        revision: stored.revision,
        inferred: stored.shape.is_some(),
        key: text(declared.key.as_ref()),
        version: text(declared.version.as_ref()),
        suggested_key: inference.as_ref().and_then(Inference::suggested_key).map(|key| key.to_string()),
        suggested_version: inference.as_ref().and_then(Inference::suggested_version).map(|version| version.to_string()),
        var: text(declared.var.as_ref()),
        enrichments: enrichments.map(|(name, model)| Enrichment { name: name.to_string(), model: model.to_string() }).collect(),
        sources,
        name: stored.name,
    })
}

const MISSING: &str = "there is no such source model yet; it is made when its first record arrives";

fn tagged(revision: i64, model: Model) -> Response {
    let mut response = Answer(model).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"r{revision}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

async fn get(State(app): State<App>, caller: Caller, At(name): At<String>) -> Result<Response, Problem> {
    app.blocking(move |app| {
        let mut shown = app.work(caller.tenant, |scope| {
            let stored = scope.model(&name)?.ok_or_else(|| Problem::not_found(MISSING))?;
            model(scope, stored)
        })?;
        examples(app, caller.tenant, &mut shown);
        Ok(tagged(shown.revision, shown))
    })
    .await
}

/// Puts the values of the newest record beside the fields, personal ones masked.
fn examples(app: &App, tenant: i64, model: &mut Model) {
    let sources: Vec<i64> = model.sources.iter().map(|source| source.id.0).collect();
    let newest = app.store().read(tenant, |scope| scope.source_models_of(&sources, None, Paging { before: i64::MAX, limit: 1 }));
    let newest = newest.ok().and_then(|page| page.items.into_iter().next());
    let Some(newest) = newest.and_then(|newest| received(app, tenant, newest.id, false).ok()) else { return };
    for field in &mut model.fields {
        field.example = example(&newest.record, &field.path)
            .filter(|value| !matches!(value, Value::Object(_) | Value::List(_)))
            .map(|value| Document(value.clone()));
    }
}

/// The value at the path of a field; of lists, that of the first item.
fn example<'v>(record: &'v Value, path: &str) -> Option<&'v Value> {
    let mut value = record;
    for step in path.split('.') {
        value = value.get(step.trim_end_matches("[]"))?;
        for _ in 0..step.matches("[]").count() {
            value = value.as_list()?.first()?;
        }
    }
    Some(value)
}

#[derive(Deserialize, JsonSchema)]
struct ReceivedQuery {
    /// The key of a record.
    #[serde(default)]
    key: Option<String>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

/// A record that was received, in a list.
#[derive(Serialize, JsonSchema)]
struct ReceivedRecord {
    id: Id,
    at: Time,
    source: Named,
    key: Option<String>,
    version: Option<String>,
    /// The first fields of the record that say something, personal ones masked. Empty where its payload is gone.
    summary: String,
    has_payload: bool,
}

/// Fields that a summary shows.
const SUMMARY_FIELDS: usize = 4;
/// The longest value that a summary shows, in characters.
const SUMMARY_LENGTH: usize = 40;

fn summary(record: &Value) -> String {
    let fields = record.as_object().unwrap_or_default().iter();
    let said = fields.filter_map(|(name, value)| {
        let text = match value {
            Value::Text(text) if !text.is_empty() && text != salesdash_language::mask::MASK => text.to_string(),
            Value::Number(value) => salesdash_value::number::plain(*value).to_string(),
            Value::Boolean(value) => value.to_string(),
            _ => return None,
        };
        let short: String = text.chars().take(SUMMARY_LENGTH).collect();
        Some(format!("{name}: {short}"))
    });
    said.take(SUMMARY_FIELDS).collect::<Vec<_>>().join(" · ")
}

async fn list_received(
    State(app): State<App>,
    caller: Caller,
    At(name): At<String>,
    Params(query): Params<ReceivedQuery>,
) -> Result<Answer<Listed<ReceivedRecord>>, Problem> {
    let paging = PageQuery { cursor: query.cursor, limit: query.limit }.paging()?;
    app.blocking(move |app| {
        let key = query.key.filter(|key| !key.is_empty()).map(|text| RecordKey { hash: key_hash(&text), text });
        let (sources, page) = app.work(caller.tenant, |scope| {
            let sources = sources_of(scope, &name)?;
            let ids: Vec<i64> = sources.iter().map(|source| source.id.0).collect();
            Ok((sources, scope.source_models_of(&ids, key.as_ref(), paging)?))
        })?;
        let next = page.next;
        let items = page.items.into_iter().map(|model| {
            let record = received(app, caller.tenant, model.id, false).ok().map(|found| found.record);
            let source = sources.iter().find(|source| source.id.0 == model.source);
            ReceivedRecord {
                id: Id(model.id),
                at: Time(model.id),
                source: source.cloned().unwrap_or(Named { id: Id(model.source), name: String::new() }),
                key: model.key,
                version: model.version,
                summary: record.as_ref().map(summary).unwrap_or_default(),
                has_payload: model.payload.is_some(),
            }
        });
        Ok(Answer(Listed { items: items.collect(), next }))
    })
    .await
}

/// A record that was received.
#[derive(Serialize, JsonSchema)]
struct ReceivedWhole {
    id: Id,
    record: Document,
    /// The newest of each enrichment that was fetched for it, by the names of its chain.
    enrichments: BTreeMap<String, Document>,
    /// The JSON pointers of the masked values of the record.
    masked: Vec<String>,
}

async fn get_received(
    State(app): State<App>,
    caller: Caller,
    reveal: Reveal,
    At(Id(id)): At<Id>,
) -> Result<Answer<ReceivedWhole>, Problem> {
    app.blocking(move |app| {
        let found = received(app, caller.tenant, id, reveal.is_on())?;
        let mut masked = Vec::new();
        masked_pointers(&found.record, &mut String::new(), &mut masked);
        let enrichments = found.enrichments.into_iter().map(|(chain, value)| (chain, Document(value))).collect();
        Ok(Answer(ReceivedWhole { id: Id(id), record: Document(found.record), enrichments, masked }))
    })
    .await
}

/// What people decided.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EditModel {
    /// In the form of a declaration, and as little of it as was decided: `{"key": "id", "fields": {"email": {"personal": null}}}`.
    edits: Document,
}

/// The revision that a request means.
pub fn if_match(headers: &HeaderMap, letter: char) -> Result<i64, Problem> {
    let tag = headers.get(header::IF_MATCH).ok_or_else(|| Problem::unconditional("send the ETag of what you changed as `If-Match`"))?;
    tag.to_str()
        .ok()
        .and_then(|tag| tag.trim().trim_start_matches("W/").trim_matches('"').strip_prefix(letter)?.parse().ok())
        .ok_or_else(|| Problem::bad_request("`If-Match` must be the ETag that this address gave"))
}

async fn edit(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    At(name): At<String>,
    Body(given): Body<EditModel>,
) -> Result<Response, Problem> {
    let expected = if_match(&headers, 'r')?;
    check_model_name(&name)?;
    app.blocking(move |app| {
        let known = app.store().read(caller.tenant, |scope| scope.model(&name))?;
        let revision = known.as_ref().map_or(0, |known| known.revision);
        let changed = || Problem::changed("the model was changed in the meantime; take over what is new, and save again");
        if revision != expected {
            return Err(changed().newest(revision));
        }
        if known.as_ref().is_some_and(|known| known.shape.is_none()) {
            return Err(Problem::conflict("the fields of this model are declared by its provider, and cannot be edited"));
        }
        // What hangs on it is said by its sources.
        let offered = known.as_ref().and_then(|known| Document::stored(&known.edits).0.get(ENRICHMENTS).cloned());
        let decided = given.edits.0.as_object().unwrap_or_default().iter().filter(|(key, _)| key != ENRICHMENTS).cloned();
        let edits = match given.edits.0.as_object() {
            Some(_) => Value::object(decided.chain(offered.map(|offered| (Text::new_static(ENRICHMENTS), offered)))),
            None => given.edits.0.clone(),
        };
        match app.engine().edit_model(caller.tenant, &name, &edits, Some(expected)) {
            Ok(_) => {}
            Err(EngineError::Store(StoreError::Conflict(_))) => return Err(changed()),
            Err(error) => return Err(Problem::from(error).at("/edits")),
        }
        app.note(&caller, "model.edited", &format!("model {name}"))?;
        app.work(caller.tenant, |scope| {
            let stored = scope.model(&name)?.ok_or_else(|| Problem::not_found(MISSING))?;
            let mut shown = model(scope, stored)?;
            examples(app, caller.tenant, &mut shown);
            Ok(tagged(shown.revision, shown))
        })
    })
    .await
}
