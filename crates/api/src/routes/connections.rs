//! Connecting to external systems: testing a connection, granting access in the browser, ready processors.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use salesdash_providers::definition::preset::Preset;
use salesdash_value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::app::done;
use crate::auth::Caller;
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::links::{Link, constants_text};
use crate::routes::models::Named;
use crate::routes::provider_types::constants_of;
use crate::routes::sources::{NewSource, SourceKind, make};
use crate::routes::specs::save_spec;
use crate::server::base_url;
use crate::wire::{At, Id, Params};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::POST, "/api/v1/providers/test", Role::Builder, "testNewProvider", "Tests a connection before it is saved")
            .body::<TestNew>()
            .answer::<Tested>(),
        test_new,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/providers/{id}/test", Role::Builder, "testProvider", "Tests the connection of a provider")
            .answer::<Tested>(),
        test,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/providers/{id}/connect",
            Role::Builder,
            "connectProvider",
            "Gives the page of the vendor on which a person grants access",
        )
        .answer::<Authorization>(),
        connect,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            CALLBACK,
            Role::Builder,
            "completeConnection",
            "Where the vendor sends the browser afterwards; leads to the page of the provider",
        )
        .query::<Returned>()
        .status(303),
        callback,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            LANDING,
            Role::Public,
            "receiveConnection",
            "The address to register at vendors: goes on to where the session can be seen",
        )
        .raw_answer("text/html"),
        landing,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/presets", Role::Builder, "usePreset", "Makes source, processor and link of a ready processor")
            .body::<UsePreset>()
            .answer::<Made>()
            .status(201),
        use_preset,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/processors/{id}/preset",
            Role::Viewer,
            "getPresetOfProcessor",
            "The preset that a processor was made of, and whether a newer one ships",
        )
        .answer::<OfPreset>(),
        preset_of,
    );
}

/// Where the vendor's answer is taken, by somebody who is signed in.
const CALLBACK: &str = "/api/v1/oauth/callback";
/// Where the vendor sends the browser. A session's cookie is not sent along from another site, so this page goes on from our own.
const LANDING: &str = "/oauth/callback";

/// A connection that is not saved yet.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TestNew {
    r#type: String,
    #[serde(default)]
    settings: Document,
    #[serde(default)]
    credentials: Document,
}

/// Whether a connection works.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TestedConnection")]
struct Tested {
    ok: bool,
    detail: String,
    /// The account, as the vendor names it.
    account: Option<String>,
}

impl From<salesdash_connect::trying::Tested> for Tested {
    fn from(tested: salesdash_connect::trying::Tested) -> Self {
        Self { ok: tested.ok, detail: tested.detail, account: tested.account.map(|account| account.to_string()) }
    }
}

async fn test_new(State(app): State<App>, caller: Caller, Body(given): Body<TestNew>) -> Result<Answer<Tested>, Problem> {
    app.type_of(&given.r#type)?;
    let tested = app.connect()?.test_unsaved(caller.tenant, &given.r#type, &given.settings.0, &given.credentials.0).await?;
    Ok(Answer(tested.into()))
}

async fn test(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Tested>, Problem> {
    Ok(Answer(app.connect()?.test(caller.tenant, id).await?.into()))
}

/// The page of the vendor.
#[derive(Serialize, JsonSchema)]
struct Authorization {
    authorization_url: String,
}

async fn connect(State(app): State<App>, caller: Caller, headers: HeaderMap, At(Id(id)): At<Id>) -> Result<Answer<Authorization>, Problem> {
    let redirect_url = format!("{}{LANDING}", base_url(&app, &headers));
    app.blocking(move |app| {
        let url = app.connect()?.authorize(caller.tenant, id, &redirect_url, &caller.actor)?;
        app.note(&caller, "provider.connection_begun", &format!("provider {id}"))?;
        Ok(Answer(Authorization { authorization_url: url.to_string() }))
    })
    .await
}

/// What the browser came back with.
#[derive(Deserialize, JsonSchema)]
struct Returned {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    code: Option<String>,
    /// What the vendor says where access was not granted.
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

async fn callback(State(app): State<App>, caller: Caller, Params(returned): Params<Returned>) -> Result<Response, Problem> {
    let (Some(state), Some(code)) = (&returned.state, &returned.code) else {
        let said = returned.error_description.or(returned.error).unwrap_or_else(|| "nothing".to_owned());
        let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
        return Err(Problem::bad_request(format!("access was not granted; the vendor says: {said}")));
    };
    let connected = app.connect()?.callback(state, code, &caller.actor).await?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(place) = HeaderValue::try_from(format!("/providers/{}?connected=1", connected.provider)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

async fn landing(request: axum::extract::Request) -> Response {
    // A reload from our own page sends the cookie, which a redirect from another site does not.
    let query = request.uri().query().unwrap_or_default();
    let mut place = String::with_capacity(query.len());
    for c in query.chars().filter(|c| !c.is_control()) {
        match c {
            '&' => place.push_str("&amp;"),
            '"' => place.push_str("&quot;"),
            '<' => place.push_str("&lt;"),
            '>' => place.push_str("&gt;"),
            c => place.push(c),
        }
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>SalesDash</title>\
         <meta http-equiv=\"refresh\" content=\"0;url={CALLBACK}?{place}\"><p><a href=\"{CALLBACK}?{place}\">Go on</a></p></html>"
    );
    let mut response = page.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// A ready processor to be used.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UsePreset {
    provider: Id,
    /// The name of the preset in the provider's type.
    preset: String,
    /// A source that is there already; else one is made.
    #[serde(default)]
    source: Option<Id>,
    /// The source to make; the preset's first where nothing is said.
    #[serde(default)]
    make: Option<MakeSource>,
    /// Values of constants, where they differ from those of the preset.
    #[serde(default)]
    constants: Option<Document>,
    /// The settings of the source to make.
    #[serde(default)]
    settings: Option<Document>,
    /// The secrets of the source to make.
    #[serde(default)]
    secrets: Option<std::collections::BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MakeSource {
    kind: SourceKind,
    /// The name of the source in the provider's type.
    name: String,
}

/// What was made.
#[derive(Serialize, JsonSchema)]
struct Made {
    source: Named,
    processor: Named,
    link: Link,
}

/// The source that a preset runs on: its kind, and its name in the type.
fn source_of(preset: &Preset, wanted: Option<&MakeSource>) -> Result<(SourceKind, String), Problem> {
    let polls = preset.polls.iter().map(|name| (SourceKind::Poll, name.0.to_string()));
    let mut offered = polls.chain(preset.webhooks.iter().map(|name| (SourceKind::Webhook, name.0.to_string())));
    let found = match wanted {
        None => offered.next(),
        Some(wanted) => offered.find(|(kind, name)| *kind == wanted.kind && *name == wanted.name),
    };
    found.ok_or_else(|| Problem::invalid("this preset does not run on such a source").at("/make"))
}

async fn use_preset(State(app): State<App>, caller: Caller, Body(given): Body<UsePreset>) -> Result<Response, Problem> {
    let types = app.types().clone();
    let author = caller.actor.clone();
    let made = app
        .change(&caller, "preset.used", move |scope| {
            let provider = scope.provider(given.provider.0)?;
            let of = types.get(&provider.kind).ok_or_else(|| Problem::conflict("this deployment has no such provider type any more"))?;
            let preset = of.presets.iter().find(|(name, _)| *name == given.preset).map(|(_, preset)| preset);
            let preset = preset.ok_or_else(|| Problem::invalid("the provider type has no such preset").at("/preset"))?;
            let source = match given.source {
                Some(Id(id)) => scope.source(id)?,
                None => {
                    let (kind, definition) = source_of(preset, given.make.as_ref())?;
                    let definitions = &of.definition;
                    let title = match kind {
                        SourceKind::Poll => definitions.polls.get(&definition).map(|poll| poll.title.to_string()),
                        _ => definitions.webhooks.get(&definition).map(|webhook| webhook.title.to_string()),
                    };
                    // A source of this kind that is there already serves.
                    let same = |source: &salesdash_store::config::Source| {
                        SourceKind::of(&source.kind) == kind
                            && Document::stored(&source.settings).0.get("definition").and_then(Value::as_text) == Some(&definition)
                    };
                    let known = scope.sources(Some(provider.id))?.into_iter().find(same).filter(|_| given.settings.is_none());
                    match known {
                        Some(known) => known,
                        None => {
                            let new = NewSource {
                                provider: provider.id,
                                name: title.unwrap_or_else(|| definition.clone()),
                                kind,
                                definition: Some(definition),
                                model: None,
                                settings: given.settings.map_or_else(|| Value::object::<&str>([]), |settings| settings.0),
                                secrets: given.secrets.unwrap_or_default(),
                            };
                            make(scope, &types, new)?
                        }
                    }
                }
            };
            let takes = preset.spec.0.get("source_model").and_then(|model| model.get("type")).and_then(Value::as_text).unwrap_or_default();
            if source.model != takes {
                let text = format!("the preset takes `{takes}`, and this source yields `{}`", source.model);
                return Err(Problem::invalid(text).at("/source").into());
            }
            let processor = scope.create_processor(&check::name(&preset.title)?, takes)?;
            let note = format!("preset {}/{}", provider.kind, given.preset);
            save_spec(scope, &processor, 0, &author, Some(&note), &Document(preset.spec.0.clone()))?;
            let mut constants: Vec<(String, Value)> = constants_of(preset)
                .into_iter()
                .filter_map(|constant| {
                    let name = constant.get("name")?.as_text()?.to_owned();
                    Some((name, constant.get("value")?.clone())).filter(|(_, value)| !value.is_null())
                })
                .collect();
            constants_text(given.constants.as_ref())?;
            for (name, value) in given.constants.as_ref().and_then(|given| given.0.as_object()).unwrap_or_default() {
                constants.retain(|(known, _)| known != name.as_str());
                constants.push((name.to_string(), value.clone()));
            }
            let link = scope.create_link(source.id, processor.id, &salesdash_value::json::to_string(&Value::object(constants)))?;
            let details = json!({ "preset": given.preset, "source": source.name, "processor": processor.name });
            let made = Made {
                source: Named { id: Id(source.id), name: source.name },
                processor: Named { id: Id(processor.id), name: processor.name },
                link: Link::of(scope, link)?,
            };
            Ok(done("processor", processor.id, made).with(details))
        })
        .await?;
    Ok((StatusCode::CREATED, Answer(made)).into_response())
}

/// The preset that a processor was made of.
#[derive(Serialize, JsonSchema)]
struct OfPreset {
    /// Its name. Null where the processor was made by hand.
    preset: Option<String>,
    /// The provider type that it is of.
    r#type: Option<String>,
    /// Whether a newer one ships than the processor was made of.
    newer: bool,
    /// The spec as the preset was when the processor was made: what both sides of a merge began with.
    base: Option<Document>,
    /// The spec as it ships now.
    latest: Option<Document>,
}

async fn preset_of(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<OfPreset>, Problem> {
    let types = app.types().clone();
    app.read(caller.tenant, move |scope| {
        let none = OfPreset { preset: None, r#type: None, newer: false, base: None, latest: None };
        let processor = scope.processor(id)?;
        if processor.version == 0 {
            return Ok(Answer(none));
        }
        // Each version that a preset was taken over in says so; the newest of them is what a merge begins with.
        let mut before = i64::MAX;
        loop {
            let page = scope.versions(id, salesdash_store::Paging { before, limit: 50 })?;
            for version in &page.items {
                let named = version.note.as_deref().and_then(|note| note.strip_prefix("preset ")).and_then(|name| name.split_once('/'));
                let Some((kind, name)) = named else { continue };
                let shipped = types.get(kind).and_then(|of| of.presets.iter().find(|(known, _)| known == name));
                let base = Document::stored(&version.spec);
                let latest = shipped.map(|(_, preset)| preset.spec.0.clone());
                let newer = latest.as_ref().is_some_and(|latest| *latest != base.0);
                let (preset, r#type) = (Some(name.to_owned()), Some(kind.to_owned()));
                return Ok(Answer(OfPreset { preset, r#type, newer, base: Some(base), latest: latest.map(Document) }));
            }
            match (page.next, page.items.last()) {
                (Some(_), Some(last)) => before = last.version,
                _ => return Ok(Answer(none)),
            }
        }
    })
    .await
}
