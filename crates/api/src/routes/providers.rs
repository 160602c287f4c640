//! Providers: one for each workspace in an external system.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_connect::documents::{CONNECTION, merge_credentials};
use salesdash_providers::Types;
use salesdash_providers::definition::auth::{Auth, Grant};
use salesdash_providers::interpret::variables::Given;
use salesdash_store::Scope;
use salesdash_store::config::Provider as Stored;
use salesdash_value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::app::{Worked, done};
use crate::auth::Caller;
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::forms;
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::health::{Health, health_of};
use crate::routes::sources::SourceKind;
use crate::wire::{At, Id, Listed, PageQuery, Params};

pub fn add(table: &mut Table) {
    const LIST: &str = "/api/v1/providers";
    const ONE: &str = "/api/v1/providers/{id}";
    table.add(
        Endpoint::new(Method::GET, LIST, Role::Viewer, "listProviders", "The providers, by name")
            .query::<PageQuery>()
            .answer::<Listed<Provider>>(),
        list,
    );
    table.add(
        Endpoint::new(Method::POST, LIST, Role::Builder, "createProvider", "Makes a provider")
            .body::<CreateProvider>()
            .answer::<Provider>()
            .status(201),
        create,
    );
    table.add(Endpoint::new(Method::GET, ONE, Role::Viewer, "getProvider", "A provider").answer::<Provider>(), get);
    table.add(
        Endpoint::new(Method::PATCH, ONE, Role::Builder, "updateProvider", "Changes a provider")
            .body::<UpdateProvider>()
            .answer::<Provider>(),
        update,
    );
    table.add(
        Endpoint::new(Method::DELETE, ONE, Role::Builder, "deleteProvider", "Removes a provider that has no sources").status(204),
        delete,
    );
}

/// How a provider stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProviderStatus {
    /// It works.
    Active,
    /// Somebody paused it.
    Paused,
    /// Its credentials stopped working.
    NeedsReconnecting,
}

impl ProviderStatus {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Active, "active"), (Self::Paused, "paused"), (Self::NeedsReconnecting, "needs_reconnecting")];

    fn stored(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("active", |(_, name)| name)
    }

    /// The one of a stored name.
    pub fn of(name: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == name).map_or(Self::Active, |(status, _)| *status)
    }
}

/// A provider.
#[derive(Serialize, JsonSchema)]
struct Provider {
    id: Id,
    /// Its type; see the provider types.
    r#type: String,
    name: String,
    status: ProviderStatus,
    /// The values of its settings. Secrets are never among them.
    settings: Document,
    /// Whether it has credentials.
    has_credentials: bool,
    /// Whether access was granted in the browser. Null where it is not connected so.
    connected: Option<bool>,
    sources: Vec<SourceSummary>,
    /// That of the source which is worst off.
    health: Health,
}

#[derive(Serialize, JsonSchema)]
struct SourceSummary {
    id: Id,
    name: String,
    kind: SourceKind,
    /// The name of its definition in the provider's type, where it was made of one.
    definition: Option<String>,
    model: String,
    enabled: bool,
    health: Health,
}

/// Whether access was granted in the browser, where the settings choose that.
fn is_connected(types: &Types, stored: &Stored, credentials: Option<&str>) -> Option<bool> {
    let definition = &types.get(&stored.kind)?.definition;
    let given = Given::connection(&definition.settings, &Document::stored(&stored.settings).0, &Value::Null);
    match definition.auth.as_ref()?.chosen(given.settings())? {
        Auth::Oauth2(oauth2) if oauth2.grant == Grant::AuthorizationCode => {
            let held = credentials.map(Document::stored).unwrap_or_default().0;
            Some(held.at(&[CONNECTION, "access_token"]).is_some_and(|token| !token.is_empty()))
        }
        _ => None,
    }
}

fn provider(scope: &mut Scope<'_>, types: &Types, stored: Stored) -> Worked<Provider> {
    let mut sources = Vec::new();
    for source in scope.sources(Some(stored.id))? {
        let health = health_of(scope, types, &source, &stored)?;
        sources.push(SourceSummary {
            id: Id(source.id),
            kind: SourceKind::of(&source.kind),
            definition: Document::stored(&source.settings).0.get("definition").and_then(Value::as_text).map(ToOwned::to_owned),
            name: source.name,
            model: source.model,
            enabled: source.enabled,
            health,
        });
    }
    let health = Health::of_all(sources.iter().map(|source| &source.health));
    let status = ProviderStatus::of(&stored.status);
    let credentials = scope.credentials(stored.id)?;
    let connected = is_connected(types, &stored, credentials.as_deref());
    Ok(Provider {
        id: Id(stored.id),
        r#type: stored.kind,
        name: stored.name,
        status,
        settings: Document::stored(&stored.settings),
        has_credentials: credentials.is_some(),
        connected,
        sources,
        health: health.unwrap_or_else(|| Health::without_sources(status)),
    })
}

async fn list(State(app): State<App>, caller: Caller, Params(page): Params<PageQuery>) -> Result<Answer<Listed<Provider>>, Problem> {
    let types = app.types().clone();
    app.read(caller.tenant, move |scope| {
        let stored = scope.providers()?;
        let page = page.slice(stored, |provider| provider.id.to_string())?;
        let items = page.items.into_iter().map(|stored| provider(scope, &types, stored)).collect::<Worked<Vec<_>>>()?;
        Ok(Answer(Listed { items, next: page.next }))
    })
    .await
}

async fn get(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Provider>, Problem> {
    let types = app.types().clone();
    app.read(caller.tenant, move |scope| {
        let stored = scope.provider(id)?;
        Ok(Answer(provider(scope, &types, stored)?))
    })
    .await
}

/// A provider to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateProvider {
    /// Its type.
    r#type: String,
    name: String,
    /// The values of its settings, without secrets.
    #[serde(default)]
    settings: Option<Document>,
    /// Its secrets. Stored encrypted, and never shown again.
    #[serde(default)]
    credentials: Option<Document>,
}

/// Settings that every provider has beside those of its type.
const ALSO: [&str; 1] = ["timezone"];

/// A document that must be an object, as text to be stored.
pub fn object(document: Option<&Document>, key: &str) -> Result<Option<String>, Problem> {
    match document {
        None => Ok(None),
        Some(document) if document.0.as_object().is_some() => Ok(Some(document.text())),
        Some(_) => Err(Problem::invalid(format!("`{key}` must be an object")).at(format!("/{key}"))),
    }
}

async fn create(State(app): State<App>, caller: Caller, Body(given): Body<CreateProvider>) -> Result<Response, Problem> {
    let name = check::name(&given.name)?;
    let settings = object(given.settings.as_ref(), "settings")?.unwrap_or_else(|| "{}".to_owned());
    let credentials = object(given.credentials.as_ref(), "credentials")?;
    let of = app.type_of(&given.r#type)?;
    let empty = Value::object::<&str>([]);
    let secrets = given.credentials.as_ref().map_or(&empty, |credentials| &credentials.0);
    let filled = given.settings.as_ref().map_or(&empty, |settings| &settings.0);
    forms::check(&of.definition.settings, filled, &|name| secrets.get(name).is_some_and(|value| !value.is_empty()), &ALSO, "/settings")?;
    let types = app.types().clone();
    let made = app
        .change(&caller, "provider.created", move |scope| {
            let stored = scope.create_provider(&given.r#type, &name, &settings, credentials.as_deref())?;
            let details = json!({ "name": name, "type": given.r#type });
            Ok(done("provider", stored.id, provider(scope, &types, stored)?).with(details))
        })
        .await?;
    Ok((StatusCode::CREATED, Answer(made)).into_response())
}

/// What is to be different.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateProvider {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    status: Option<ProviderStatus>,
    /// All of its settings.
    #[serde(default)]
    settings: Option<Document>,
    /// Secrets by name; those that are not named stay.
    #[serde(default)]
    credentials: Option<Document>,
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Body(given): Body<UpdateProvider>,
) -> Result<Answer<Provider>, Problem> {
    let name = given.name.as_deref().map(check::name).transpose()?;
    let settings = object(given.settings.as_ref(), "settings")?;
    object(given.credentials.as_ref(), "credentials")?;
    let types = app.types().clone();
    app.change(&caller, "provider.changed", move |scope| {
        let known = scope.provider(id)?;
        let stored = scope.credentials(id)?;
        let credentials = given.credentials.as_ref().map(|given| merge_credentials(stored.as_deref(), &given.0));
        if let Some(of) = types.get(&known.kind) {
            let held = Document::stored(credentials.as_deref().or(stored.as_deref()).unwrap_or("{}")).0;
            let filled = Document::stored(settings.as_deref().unwrap_or(&known.settings)).0;
            let held = |name: &str| held.get(name).is_some_and(|value| !value.is_empty());
            forms::check(&of.definition.settings, &filled, &held, &ALSO, "/settings")?;
        }
        // New credentials are given where the old ones stopped working.
        let reconnected = credentials.is_some() && known.status == "needs_reconnecting";
        let status = if reconnected { "active".to_owned() } else { known.status.clone() };
        let status = given.status.map_or(status, |status| status.stored().to_owned());
        let details = json!({ "name": name, "status": status, "credentials_changed": credentials.is_some() });
        scope.update_provider(id, &name.unwrap_or(known.name), &settings.unwrap_or(known.settings), &status)?;
        if let Some(credentials) = &credentials {
            scope.set_credentials(id, Some(credentials))?;
        }
        let stored = scope.provider(id)?;
        Ok(done("provider", id, Answer(provider(scope, &types, stored)?)).with(details))
    })
    .await
}

async fn delete(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<StatusCode, Problem> {
    app.change(&caller, "provider.deleted", move |scope| {
        let known = scope.provider(id)?;
        scope.delete_provider(id)?;
        Ok(done("provider", id, StatusCode::NO_CONTENT).with(json!({ "name": known.name })))
    })
    .await
}
