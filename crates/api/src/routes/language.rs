//! The language: its catalog, its schema, its messages, and checking a draft.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use salesdash_language::check::{Checked, Options, ScopeEntry};
use salesdash_language::codes;
use salesdash_language::model::{Model, Models};
use salesdash_language::types::{Shape, Type};
use salesdash_store::Scope;
use salesdash_value::json;
use salesdash_vocabulary::{catalog, schema, vocabulary};
use schemars::JsonSchema;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::App;
use crate::app::Worked;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::settings::Settings;
use crate::wire::At;

/// The largest spec, in bytes.
pub const MAX_SPEC: usize = 8 << 20;

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/catalog",
            Role::Viewer,
            "getCatalog",
            "The instructions and expressions, with their documentation",
        )
        .answer::<Document>(),
        get_catalog,
    );
    table.add(
        Endpoint::new(Method::GET, "/api/v1/schema", Role::Viewer, "getSchema", "The JSON Schema of a spec").answer::<Document>(),
        get_schema,
    );
    table.add(
        Endpoint::new(Method::GET, "/api/v1/reference/codes", Role::Viewer, "listCodes", "Every message code, with its page")
            .answer::<Vec<CodePage>>(),
        list_codes,
    );
    table.add(
        Endpoint::new(Method::GET, "/api/v1/reference/codes/{code}", Role::Viewer, "getCode", "What a message code means")
            .answer::<CodePage>(),
        get_code,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/check", Role::Viewer, "checkSpec", "Checks a draft of a spec; changes nothing")
            .body::<Check>()
            .answer::<CheckAnswer>()
            .limit(MAX_SPEC),
        check,
    );
}

/// A document that is the same as long as the server runs.
struct Fixed {
    text: String,
    tag: HeaderValue,
}

impl Fixed {
    fn new(text: String) -> Self {
        let digest = hex::encode(&Sha256::digest(text.as_bytes())[..8]);
        let tag = HeaderValue::from_str(&format!("\"{digest}\"")).unwrap_or(HeaderValue::from_static("\"\""));
        Self { text, tag }
    }

    fn answer(&'static self, headers: &HeaderMap) -> Response {
        let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == self.tag);
        let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { self.text.as_str().into_response() };
        let answer = response.headers_mut();
        answer.insert(header::ETAG, self.tag.clone());
        answer.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        if !known {
            answer.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        response
    }
}

async fn get_catalog(headers: HeaderMap) -> Response {
    static CATALOG: OnceLock<Fixed> = OnceLock::new();
    CATALOG.get_or_init(|| Fixed::new(json::to_string(&catalog::catalog(vocabulary())))).answer(&headers)
}

async fn get_schema(headers: HeaderMap) -> Response {
    static SCHEMA: OnceLock<Fixed> = OnceLock::new();
    SCHEMA.get_or_init(|| Fixed::new(json::to_string(&schema::schema(vocabulary())))).answer(&headers)
}

/// The page of a message code.
#[derive(Serialize, JsonSchema)]
struct CodePage {
    code: &'static str,
    title: &'static str,
    meaning: &'static str,
    why: &'static str,
    /// What triggers it.
    before: &'static str,
    /// The same, mended.
    after: &'static str,
}

impl From<&'static salesdash_language::diagnostics::Code> for CodePage {
    fn from(code: &'static salesdash_language::diagnostics::Code) -> Self {
        Self { code: code.code, title: code.title, meaning: code.meaning, why: code.why, before: code.before, after: code.after }
    }
}

async fn list_codes() -> Answer<Vec<CodePage>> {
    Answer(codes::ALL.iter().map(|code| CodePage::from(*code)).collect())
}

async fn get_code(At(code): At<String>) -> Result<Answer<CodePage>, Problem> {
    codes::find(&code).map(|code| Answer(code.into())).ok_or_else(|| Problem::not_found("there is no such code"))
}

/// A draft to be checked.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Check {
    /// The spec.
    spec: Document,
    /// Declarations of source models by type, in place of the stored ones of the same type.
    #[serde(default)]
    models: BTreeMap<String, Document>,
    /// The JSON pointers of the instructions whose scope is asked for; of every instruction where nothing is said. A long spec has
    /// large scopes: ask for the ones you show.
    #[serde(default)]
    scopes_at: Option<Vec<String>>,
}

/// What the checker found.
#[derive(Serialize, JsonSchema)]
struct CheckAnswer {
    /// Every problem, in the order of the spec.
    diagnostics: Vec<Document>,
    /// The type of every expression, by its JSON pointer.
    #[schemars(with = "BTreeMap<String, TypeSchema>")]
    types: Types,
    /// What is in scope before an instruction, by the instruction's JSON pointer.
    #[schemars(with = "BTreeMap<String, Vec<VariableSchema>>")]
    scopes: Scopes,
}

/// A type with its two qualities.
#[derive(JsonSchema)]
#[schemars(rename = "Type")]
#[allow(dead_code, reason = "only its schema is used")]
struct TypeSchema {
    /// `string`, `number`, `boolean`, `datetime`, `object`, `array`, `mapping`, `any`, `null`, `invalid`, or the kind of an identity or a
    /// record.
    shape: String,
    may_be_empty: bool,
    /// The category of personal data that it holds itself; several are parted by commas.
    personal: Option<String>,
    /// Whether there can be fields that are not declared.
    open: Option<bool>,
    /// The fields of an object or a record.
    fields: Option<BTreeMap<String, TypeSchema>>,
    /// The items of an array.
    items: Option<Box<TypeSchema>>,
}

/// A variable in scope.
#[derive(JsonSchema)]
#[schemars(rename = "Variable")]
#[allow(dead_code, reason = "only its schema is used")]
struct VariableSchema {
    name: String,
    r#type: TypeSchema,
    /// `source_model`, `constant`, `item`, or the id of an instruction.
    origin: String,
}

/// A type on the wire.
pub struct WireType<'t>(pub &'t Type);

impl Serialize for WireType<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let ty = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("shape", shape_name(&ty.shape))?;
        map.serialize_entry("may_be_empty", &ty.may_be_empty)?;
        let own = match &ty.shape {
            Shape::Identity(_, personal) => ty.personal.and(*personal),
            _ => ty.personal,
        };
        map.serialize_entry("personal", &(!own.is_none()).then(|| own.names().collect::<Vec<_>>().join(",")))?;
        match &ty.shape {
            Shape::Object(object) | Shape::Record(_, object) => {
                map.serialize_entry("open", &object.open)?;
                map.serialize_entry("fields", &Fields(&object.fields))?;
            }
            Shape::Array(item) => map.serialize_entry("items", &WireType(item))?,
            _ => {}
        }
        map.end()
    }
}

struct Fields<'t>(&'t [(salesdash_value::Text, Type)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, ty)| (name.as_str(), WireType(ty))))
    }
}

/// The name of a type in words of a declaration, such as `array<number>`.
pub fn type_name(ty: &Type) -> String {
    match &ty.shape {
        Shape::Array(item) => format!("array<{}>", type_name(item)),
        shape => shape_name(shape).to_owned(),
    }
}

fn shape_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Invalid => "invalid",
        Shape::Any => "any",
        Shape::Null => "null",
        Shape::String => "string",
        Shape::Number => "number",
        Shape::Boolean => "boolean",
        Shape::Datetime => "datetime",
        Shape::Object(_) => "object",
        Shape::Array(_) => "array",
        Shape::Mapping => "mapping",
        Shape::Identity(kind, _) => kind.name(),
        Shape::Record(kind, _) => kind.name(),
    }
}

struct Types(Vec<(salesdash_value::Text, Type)>);

impl Serialize for Types {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(pointer, ty)| (pointer.as_str(), WireType(ty))))
    }
}

struct Scopes(Vec<(salesdash_value::Text, Vec<ScopeEntry>)>);

impl Serialize for Scopes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(pointer, entries)| (pointer.as_str(), Entries(entries))))
    }
}

struct Entries<'t>(&'t [ScopeEntry]);

impl Serialize for Entries<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(Entry))
    }
}

struct Entry<'t>(&'t ScopeEntry);

impl Serialize for Entry<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("name", self.0.name.as_str())?;
        map.serialize_entry("type", &WireType(&self.0.ty))?;
        map.serialize_entry("origin", self.0.origin.as_str())?;
        map.end()
    }
}

/// Every declared source model of a tenant.
pub fn models(scope: &mut Scope<'_>) -> Worked<Models> {
    let mut models = Models::default();
    for stored in scope.models()? {
        models.insert(model_of(&stored));
    }
    Ok(models)
}

/// A source model as the checker knows it.
pub fn model_of(stored: &salesdash_store::config::SourceModelType) -> Model {
    Models::read_one(&stored.name, &Document::stored(&stored.declaration).0).0
}

/// Checks a spec as it would be for a tenant.
pub fn check_for(scope: &mut Scope<'_>, spec: &salesdash_value::Value, models: &Models, annotate: bool) -> Worked<Checked> {
    let options = Options { projects: Settings::of(&scope.tenant_row()?).projects, annotate };
    Ok(salesdash_language::check::check(spec, vocabulary(), models, options))
}

async fn check(State(app): State<App>, caller: Caller, Body(given): Body<Check>) -> Result<Answer<CheckAnswer>, Problem> {
    app.read(caller.tenant, move |scope| {
        let mut models = models(scope)?;
        for (name, declaration) in &given.models {
            let (model, problems) = Models::read_one(name, &declaration.0);
            if !problems.is_empty() {
                return Err(Problem::invalid(format!("the declaration of `{name}` has errors"))
                    .at(format!("/models/{name}"))
                    .with(&problems)
                    .into());
            }
            models.insert(model);
        }
        let checked = check_for(scope, &given.spec.0, &models, true)?;
        let (mut scopes, mut types) = (checked.annotations.scopes, checked.annotations.types);
        if let Some(at) = &given.scopes_at {
            // Types go with the scopes: what is not shown needs none.
            types.retain(|(pointer, _)| {
                at.iter().any(|asked| pointer.strip_prefix(asked.as_str()).is_some_and(|rest| rest.starts_with('/')))
            });
            scopes.retain(|(pointer, _)| at.iter().any(|asked| asked == pointer.as_str()));
        }
        let diagnostics = checked.diagnostics.iter().map(|diagnostic| Document(diagnostic.to_value())).collect();
        Ok(Answer(CheckAnswer { diagnostics, types: Types(types), scopes: Scopes(scopes) }))
    })
    .await
}
