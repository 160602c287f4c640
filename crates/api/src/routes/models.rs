//! Source models: the fields of what sources yield.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use salesdash_language::model::Models;
use salesdash_language::types::{Shape, Type};
use salesdash_providers::inference::{Inference, InferenceLimits, ModelHeader};
use salesdash_store::Scope;
use salesdash_store::config::SourceModelType as Stored;
use salesdash_value::{Text, Value, json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::app::{Worked, done};
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::language::{MAX_SPEC, model_of, type_name};
use crate::wire::{At, Id, Listed, PageQuery, Params};

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
    Ok(Model {
        fields: fields(&stored, &declared.ty),
        declaration: Document::stored(&stored.declaration),
        edits: Document::stored(&stored.edits),
        revision: stored.revision,
        inferred: stored.shape.is_some(),
        key: text(declared.key.as_ref()),
        version: text(declared.version.as_ref()),
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
    app.read(caller.tenant, move |scope| {
        let stored = scope.model(&name)?.ok_or_else(|| Problem::not_found(MISSING))?;
        Ok(tagged(stored.revision, model(scope, stored)?))
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

/// The declaration that results from what was inferred and what people decided.
fn declaration(inference: &Inference, edits: &Value) -> Value {
    let text = |key: &str| edits.get(key).and_then(Value::as_text).map(Text::new);
    let header = ModelHeader {
        key: text("key").or_else(|| inference.suggested_key()),
        version: text("version").or_else(|| inference.suggested_version()),
        var: text("var"),
    };
    inference.model(&header, edits)
}

async fn edit(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    At(name): At<String>,
    Body(given): Body<EditModel>,
) -> Result<Response, Problem> {
    let expected = if_match(&headers, 'r')?;
    app.change(&caller, "model.edited", move |scope| {
        let stored = scope.model(&name)?.ok_or_else(|| Problem::not_found(MISSING))?;
        if stored.revision != expected {
            let problem = Problem::changed("the model was changed in the meantime; take over what is new, and save again");
            return Err(problem.newest(stored.revision).into());
        }
        let Some(inference) = inferred(&stored) else {
            return Err(Problem::conflict("the fields of this model are declared by its provider, and cannot be edited").into());
        };
        let (_, problems) = Models::read(&Value::object([("models", Value::object([(&name, given.edits.0.clone())]))]));
        if !problems.is_empty() {
            return Err(Problem::invalid(problems[0].text.clone()).with(&problems).at("/edits").into());
        }
        let declaration = declaration(&inference, &given.edits.0);
        let revision =
            scope.save_model(&name, &json::to_string(&declaration), &given.edits.text(), stored.shape.as_deref(), Some(expected))?;
        let stored = scope.model(&name)?.ok_or_else(|| Problem::not_found(MISSING))?;
        Ok(done("model", &name, tagged(revision, model(scope, stored)?)))
    })
    .await
}
