//! Sources: what a provider yields, by webhook or by polling.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_connect::documents::{PollSettings, declarations};
use salesdash_connect::own::custom;
use salesdash_engine::freshness::EXPECTED_EVERY;
use salesdash_engine::intake::Incoming;
use salesdash_engine::settings::WebhookSettings;
use salesdash_providers::body::Received;
use salesdash_providers::{ProviderType, Types};
use salesdash_store::Scope;
use salesdash_store::config::Source as Stored;
use salesdash_store::ledger::Ledger as StoredLedger;
use salesdash_value::{Text, Value};
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
use crate::routes::enrichments::{Described, Shapes, check_taken_away, describe};
use crate::routes::health::{Health, health_of, interval};
use crate::routes::links::{Link, check_constants, constants_text};
use crate::routes::providers::object;
use crate::server::base_url;
use crate::wire::{At, Id, Listed, PageQuery, Params};

pub fn add(table: &mut Table) {
    const LIST: &str = "/api/v1/sources";
    const ONE: &str = "/api/v1/sources/{id}";
    table.add(
        Endpoint::new(Method::GET, LIST, Role::Viewer, "listSources", "The sources, by name")
            .query::<SourcesQuery>()
            .answer::<Listed<Source>>(),
        list,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/providers/{id}/sources", Role::Builder, "createSource", "Makes a source on a provider")
            .body::<CreateSource>()
            .answer::<Source>()
            .status(201),
        create,
    );
    table.add(Endpoint::new(Method::GET, ONE, Role::Viewer, "getSource", "A source").answer::<Source>(), get);
    table.add(
        Endpoint::new(Method::PATCH, ONE, Role::Builder, "updateSource", "Changes a source").body::<UpdateSource>().answer::<Source>(),
        update,
    );
    table.add(
        Endpoint::new(Method::DELETE, ONE, Role::Builder, "deleteSource", "Removes a source and its links; what it delivered stays")
            .status(204),
        delete,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/sources/{id}/address",
            Role::Builder,
            "getSourceAddress",
            "The webhook URL of a source, and its secrets, to be set at the sender",
        )
        .answer::<Address>(),
        address,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/sources/{id}/rotate-address",
            Role::Builder,
            "rotateSourceAddress",
            "Gives a source a new webhook URL; the old one stops working",
        )
        .answer::<Address>(),
        rotate,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/sources/{id}/pause", Role::Builder, "pauseSource", "Pauses a source").answer::<Source>(),
        pause,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/sources/{id}/resume", Role::Builder, "resumeSource", "Resumes a source").answer::<Source>(),
        resume,
    );
    table.add(
        Endpoint::new(Method::GET, "/api/v1/sources/{id}/ledger", Role::Viewer, "getLedger", "The ledger of a source, kept and counted")
            .answer::<CountedLedger>(),
        ledger,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/sources/{id}/send-test",
            Role::Builder,
            "sendTest",
            "Takes in a body as if the sender had sent it, verification aside",
        )
        .body::<SendTest>()
        .answer::<TakenIn>()
        .status(202),
        send_test,
    );
}

/// How a source gets its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// They are sent to its URL.
    Webhook,
    /// They are fetched.
    Poll,
    /// They are uploaded.
    File,
}

impl SourceKind {
    const ALL: [(Self, &'static str); 3] = [(Self::Webhook, "webhook"), (Self::Poll, "poll"), (Self::File, "file")];

    fn stored(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("webhook", |(_, name)| name)
    }

    /// The one of a stored name.
    pub fn of(name: &str) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == name).map_or(Self::Webhook, |(kind, _)| *kind)
    }
}

/// Records of a source, by what became of them. `received` is the sum of the others.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Ledger {
    received: i64,
    executed: i64,
    duplicate: i64,
    stale: i64,
    rejected: i64,
    waiting: i64,
    failed: i64,
}

impl From<StoredLedger> for Ledger {
    fn from(ledger: StoredLedger) -> Self {
        let StoredLedger { received, executed, duplicate, stale, rejected, waiting, failed } = ledger;
        Self { received, executed, duplicate, stale, rejected, waiting, failed }
    }
}

/// A ledger, and the same counted anew.
#[derive(Serialize, JsonSchema)]
struct CountedLedger {
    #[serde(flatten)]
    kept: Ledger,
    /// Whether it balances, and is as it was counted.
    balances: bool,
    /// Worked out from the rows. Null where more was received than is counted for each look; all of it is counted once a day, and a difference logged.
    counted: Option<Ledger>,
}

/// Records up to which a ledger is counted anew for each look at it.
const COUNTED_UP_TO: i64 = 20_000;

/// A source.
#[derive(Serialize, JsonSchema)]
struct Source {
    id: Id,
    provider: Id,
    kind: SourceKind,
    /// The name of the source in its provider's type, where it was made from one.
    definition: Option<String>,
    name: String,
    /// The source model type that it yields.
    model: String,
    settings: Document,
    enabled: bool,
    health: Health,
    /// Whether it has a webhook URL; see its address.
    has_address: bool,
    /// How often it is polled, in seconds; null where it is not. How far it is: see its cursor.
    interval_seconds: Option<i64>,
    ledger: Ledger,
    links: Vec<Link>,
}

fn source(scope: &mut Scope<'_>, types: &Types, stored: Stored) -> Worked<Source> {
    let provider = scope.provider(stored.provider)?;
    let health = health_of(scope, types, &stored, &provider)?;
    let ledger = scope.ledger(stored.id)?.into();
    let mut links = Vec::new();
    for link in scope.links(Some(stored.id), None)? {
        links.push(Link::of(scope, link)?);
    }
    let document = Document::stored(&stored.settings).0;
    let definition = document.get("definition").and_then(Value::as_text).map(ToOwned::to_owned);
    let settings = Document(form_settings(&document));
    let kind = SourceKind::of(&stored.kind);
    let interval_seconds = interval(types, &stored, &provider);
    Ok(Source {
        id: Id(stored.id),
        provider: Id(stored.provider),
        kind,
        definition,
        name: stored.name,
        model: stored.model,
        settings,
        enabled: stored.enabled,
        health,
        has_address: kind == SourceKind::Webhook,
        interval_seconds,
        ledger,
        links,
    })
}

#[derive(Deserialize, JsonSchema)]
struct SourcesQuery {
    /// Those of one provider.
    #[serde(default)]
    provider: Option<Id>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

async fn list(State(app): State<App>, caller: Caller, Params(query): Params<SourcesQuery>) -> Result<Answer<Listed<Source>>, Problem> {
    let types = app.types().clone();
    app.read(caller.tenant, move |scope| {
        let stored = scope.sources(query.provider.map(|Id(id)| id))?;
        let page = PageQuery { cursor: query.cursor, limit: query.limit }.slice(stored, |source| source.id.to_string())?;
        let items = page.items.into_iter().map(|stored| source(scope, &types, stored)).collect::<Worked<Vec<_>>>()?;
        Ok(Answer(Listed { items, next: page.next }))
    })
    .await
}

async fn get(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Source>, Problem> {
    let types = app.types().clone();
    app.read(caller.tenant, move |scope| {
        let stored = scope.source(id)?;
        Ok(Answer(source(scope, &types, stored)?))
    })
    .await
}

/// A source to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateSource {
    name: String,
    kind: SourceKind,
    /// The name of the source in its provider's type.
    #[serde(default)]
    definition: Option<String>,
    /// The source model type that it yields. Where none is given, a name is made of the source's.
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    settings: Option<Document>,
    /// The secrets by name that its requests are verified with.
    #[serde(default)]
    secrets: Option<BTreeMap<String, Option<String>>>,
    /// What tries have learnt of the fields of its models, by the name of each, as they gave it.
    #[serde(default)]
    shapes: Shapes,
    /// The processors that run on what it yields.
    #[serde(default)]
    links: Vec<NewLink>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NewLink {
    processor: Id,
    /// The values of the processor's constants.
    #[serde(default)]
    constants: Option<Document>,
}

/// The name of a source model type.
pub fn check_model_name(name: &str) -> Result<(), Problem> {
    let fits = name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if fits {
        Ok(())
    } else {
        let text = "a source model's name begins with a lower-case letter and holds lower-case letters, digits and underscores, 64 at most";
        Err(Problem::invalid(text).at("/model"))
    }
}

/// A name for a source model type, made of a source's name.
fn model_name(name: &str) -> String {
    let mut made: String = name
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
        .skip_while(|c| !c.is_ascii_alphabetic())
        .collect();
    while made.contains("__") {
        made = made.replace("__", "_");
    }
    made.truncate(64);
    let made = made.trim_matches('_');
    if made.is_empty() { "webhook".to_owned() } else { made.to_owned() }
}

/// Settings of a source that is made from a definition which are not the definition's own.
const OF_EVERY_SOURCE: [&str; 3] = ["interval_seconds", "history_days", EXPECTED_EVERY];

/// The settings of a source as they are stored: what the form of its definition asks for stands under `settings`.
pub fn source_settings(definition: Option<&str>, given: &Value) -> Value {
    let Some(definition) = definition else { return given.clone() };
    let fields = given.as_object().unwrap_or_default();
    let is_own = |name: &str| OF_EVERY_SOURCE.contains(&name);
    let own = fields.iter().filter(|(name, _)| !is_own(name)).cloned();
    let mut stored = vec![(Text::new_static("definition"), Value::from(definition)), (Text::new_static("settings"), Value::object(own))];
    stored.extend(fields.iter().filter(|(name, _)| is_own(name)).cloned());
    Value::object(stored)
}

/// The settings of a source as the form has them.
fn form_settings(stored: &Value) -> Value {
    if stored.get("definition").is_none() {
        return stored.clone();
    }
    let fields = stored.as_object().unwrap_or_default();
    let own = stored.get("settings").and_then(Value::as_object).unwrap_or_default().iter().cloned();
    let others = fields.iter().filter(|(name, _)| name != "definition" && name != "settings").cloned();
    Value::object(own.chain(others))
}

/// Checks the settings of a source, as they are stored. `secrets` are the names of those that are there.
fn check_settings(of: Option<&ProviderType>, kind: SourceKind, stored: &Value, secrets: &BTreeSet<String>) -> Result<(), Problem> {
    let first = |problems: Vec<salesdash_providers::Problem>| {
        let first = problems.into_iter().next();
        let (pointer, text) = first.map(|problem| (problem.pointer, problem.text)).unwrap_or_default();
        Problem::invalid(text).at(format!("/settings{pointer}"))
    };
    let definition = stored.get("definition").and_then(Value::as_text);
    if let (Some(definition), Some(of)) = (definition, of) {
        let missing = || Problem::invalid(format!("the provider type has no source `{definition}` of this kind")).at("/definition");
        let fields = match kind {
            SourceKind::Poll => &of.definition.polls.get(definition).ok_or_else(missing)?.settings,
            SourceKind::Webhook => &of.definition.webhooks.get(definition).ok_or_else(missing)?.settings,
            SourceKind::File => return Err(missing()),
        };
        let filled = stored.get("settings").cloned().unwrap_or_default();
        forms::check(fields, &filled, &|name| secrets.contains(name), &[], "/settings")?;
    }
    match (kind, of) {
        (SourceKind::Poll, Some(of)) => PollSettings::read(of, stored).map(|_| ()).map_err(first),
        (SourceKind::Webhook, _) if definition.is_none() => WebhookSettings::read(stored).map(|_| ()).map_err(first),
        _ => Ok(()),
    }
}

/// The names of the secrets with which deliveries of a source are verified.
fn secret_names(of: Option<&ProviderType>, stored: &Value) -> Vec<String> {
    let defined = stored.get("definition").and_then(Value::as_text).and_then(|name| of?.definition.webhooks.get(name));
    let names = match defined {
        Some(webhook) => webhook.verification.as_ref().map(|verification| verification.secrets()).unwrap_or_default(),
        None => WebhookSettings::read(stored).map(|settings| settings.verification.secrets()).unwrap_or_default(),
    };
    names.into_iter().map(|name| name.to_string()).collect()
}

/// Stores the models that a source of a definition yields, where they are not there yet.
fn declare_models(
    scope: &mut Scope<'_>,
    (types, of): (&Types, &ProviderType),
    (id, stored): (Option<i64>, &Value),
    model: &str,
    shapes: &Shapes,
) -> Worked<()> {
    let declarations = match stored.get("poll") {
        Some(poll) => {
            let (_, custom) =
                custom(&of.definition, poll, stored).map_err(|_| Problem::invalid("the poll has errors").at("/settings/poll"))?;
            // What people define themselves and say nothing of is learnt from what arrives, but for its key.
            if stored.get("model").is_none() {
                set_key(scope, model, stored, false)?;
                describe(scope, types, Described { id, definition: &custom, model }, shapes)?;
                Vec::new()
            } else {
                declarations(&custom, model)
            }
        }
        None => declarations(&of.definition, model),
    };
    for (name, declaration) in declarations {
        if scope.model(&name)?.is_none() {
            scope.save_model(&name, &salesdash_value::json::to_string(&declaration), "{}", None, None)?;
        }
    }
    Ok(())
}

/// Takes over which field tells the records of a poll from one another, which people say together with the poll: without it, nothing would be recognised that
/// is asked for again. `over` says that it takes the place of one that is there.
fn set_key(scope: &mut Scope<'_>, model: &str, stored: &Value, over: bool) -> Worked<()> {
    let Some(key) = stored.get("key").and_then(Value::as_text).filter(|key| !key.is_empty()) else { return Ok(()) };
    let known = scope.model(model)?;
    if known.as_ref().is_some_and(|known| known.shape.is_none()) {
        // Its fields are declared, and its key with them.
        return Ok(());
    }
    let edits = known.as_ref().map(|known| Document::stored(&known.edits).0);
    let has_key = edits.as_ref().and_then(|edits| edits.get("key")).is_some_and(|key| !key.is_empty());
    if over || !has_key {
        let (declaration, edits, shape) = salesdash_engine::intake::keyed(known.as_ref(), key);
        scope.save_model(model, &declaration, &edits, Some(&shape), None)?;
    }
    Ok(())
}

/// Secrets as they are stored: those that are given over those that are there; null or empty takes one away.
fn merge_secrets(stored: Option<&str>, given: &BTreeMap<String, Option<String>>) -> String {
    let mut secrets: BTreeMap<String, serde_json::Value> = stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    for (name, value) in given {
        match value.as_deref() {
            None | Some("") => secrets.remove(name),
            Some(value) => secrets.insert(name.clone(), json!(value)),
        };
    }
    json!(secrets).to_string()
}

fn names_of(secrets: &str) -> BTreeSet<String> {
    let secrets: BTreeMap<String, serde_json::Value> = serde_json::from_str(secrets).unwrap_or_default();
    secrets.into_keys().collect()
}

/// What a source is to be made of.
pub struct NewSource {
    pub provider: i64,
    pub name: String,
    pub kind: SourceKind,
    pub definition: Option<String>,
    pub model: Option<String>,
    /// As the form has them.
    pub settings: Value,
    pub secrets: BTreeMap<String, Option<String>>,
    pub shapes: Shapes,
}

/// Makes a source.
pub fn make(scope: &mut Scope<'_>, types: &Types, new: NewSource) -> Worked<Stored> {
    let provider = scope.provider(new.provider)?;
    let of = types.get(&provider.kind).map(AsRef::as_ref);
    let stored = source_settings(new.definition.as_deref(), &new.settings);
    let secrets = merge_secrets(None, &new.secrets);
    check_settings(of, new.kind, &stored, &names_of(&secrets))?;
    let defined = new.definition.as_ref().and_then(|name| {
        let definition = &of?.definition;
        match new.kind {
            SourceKind::Poll => definition.polls.get(name).map(|poll| poll.model.0.to_string()),
            _ => definition.webhooks.get(name).map(|webhook| webhook.model.0.to_string()),
        }
    });
    let custom = stored.get("poll").and_then(|poll| poll.get("model")).and_then(Value::as_text).map(ToOwned::to_owned);
    let model = defined.or(custom).or(new.model).unwrap_or_else(|| model_name(&new.name));
    check_model_name(&model)?;
    if let Some(of) = of {
        declare_models(scope, (types, of), (None, &stored), &model, &new.shapes)?;
    }
    let secrets = (!new.secrets.is_empty()).then_some(secrets);
    let settings = salesdash_value::json::to_string(&stored);
    Ok(scope.create_source(new.provider, new.kind.stored(), &new.name, &model, &settings, secrets.as_deref())?.0)
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    At(Id(provider)): At<Id>,
    Body(given): Body<CreateSource>,
) -> Result<Response, Problem> {
    let name = check::name(&given.name)?;
    object(given.settings.as_ref(), "settings")?;
    let settings = given.settings.map_or_else(|| Value::object::<&str>([]), |settings| settings.0);
    let links = given.links.iter().map(|link| Ok((link.processor.0, constants_text(link.constants.as_ref())?)));
    let links = links.collect::<Result<Vec<_>, Problem>>()?;
    let new = NewSource {
        provider,
        name,
        kind: given.kind,
        definition: given.definition,
        model: given.model,
        settings,
        secrets: given.secrets.unwrap_or_default(),
        shapes: given.shapes,
    };
    let types = app.types().clone();
    let made = app
        .change(&caller, "source.created", move |scope| {
            let stored = make(scope, &types, new)?;
            for (place, (processor, constants)) in links.iter().enumerate() {
                let known = scope.processor(*processor)?;
                if known.model != stored.model {
                    let text = format!("the processor `{}` takes `{}`, and this source yields `{}`", known.name, known.model, stored.model);
                    return Err(Problem::invalid(text).at("/links").into());
                }
                check_constants(scope, &known, constants, &format!("/links/{place}/constants"))?;
                scope.create_link(stored.id, *processor, constants)?;
            }
            let details = json!({ "name": stored.name, "kind": stored.kind, "model": stored.model });
            Ok(done("source", stored.id, source(scope, &types, stored)?).with(details))
        })
        .await?;
    Ok((StatusCode::CREATED, Answer(made)).into_response())
}

/// What is to be different.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateSource {
    #[serde(default)]
    name: Option<String>,
    /// All of its settings.
    #[serde(default)]
    settings: Option<Document>,
    #[serde(default)]
    enabled: Option<bool>,
    /// Secrets by name; those that are not named stay, null takes one away.
    #[serde(default)]
    secrets: Option<BTreeMap<String, Option<String>>>,
    /// What tries have learnt of the fields of its models, by the name of each, as they gave it.
    #[serde(default)]
    shapes: Shapes,
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Body(given): Body<UpdateSource>,
) -> Result<Answer<Source>, Problem> {
    let name = given.name.as_deref().map(check::name).transpose()?;
    object(given.settings.as_ref(), "settings")?;
    let types = app.types().clone();
    app.change(&caller, "source.changed", move |scope| {
        let known = scope.source(id)?;
        let provider = scope.provider(known.provider)?;
        let of = types.get(&provider.kind).map(AsRef::as_ref);
        let before = Document::stored(&known.settings).0;
        let definition = before.get("definition").and_then(Value::as_text);
        let settings = given.settings.as_ref().map_or_else(|| before.clone(), |given| source_settings(definition, &given.0));
        let held = scope.source_secrets(id)?.0;
        let secrets = given.secrets.as_ref().map(|given| merge_secrets(held.as_deref(), given));
        if given.settings.is_some() || secrets.is_some() {
            let names = names_of(secrets.as_deref().or(held.as_deref()).unwrap_or("{}"));
            check_settings(of, SourceKind::of(&known.kind), &settings, &names)?;
        }
        if settings.get("poll").is_some() && settings.get("model").is_none() && settings.get("key") != before.get("key") {
            set_key(scope, &known.model, &settings, true)?;
        }
        if let (Some(of), Some(_), Some(_)) = (of, settings.get("poll"), &given.settings) {
            check_taken_away(scope, &known, &before, &settings)?;
            declare_models(scope, (&types, of), (Some(id), &settings), &known.model, &given.shapes)?;
        }
        let enabled = given.enabled.unwrap_or(known.enabled);
        let details = json!({ "name": name, "enabled": enabled, "secrets_changed": secrets.is_some() });
        let settings = salesdash_value::json::to_string(&settings);
        scope.update_source(id, &name.unwrap_or(known.name), &settings, enabled, secrets.as_deref())?;
        let stored = scope.source(id)?;
        Ok(done("source", id, Answer(source(scope, &types, stored)?)).with(details))
    })
    .await
}

async fn switch(app: App, caller: Caller, id: i64, on: bool) -> Result<Answer<Source>, Problem> {
    let action = if on { "source.resumed" } else { "source.paused" };
    let types = app.types().clone();
    app.change(&caller, action, move |scope| {
        let known = scope.source(id)?;
        scope.update_source(id, &known.name, &known.settings, on, None)?;
        let stored = scope.source(id)?;
        Ok(done("source", id, Answer(source(scope, &types, stored)?)))
    })
    .await
}

async fn pause(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Source>, Problem> {
    switch(app, caller, id, false).await
}

async fn resume(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Source>, Problem> {
    switch(app, caller, id, true).await
}

async fn delete(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<StatusCode, Problem> {
    app.change(&caller, "source.deleted", move |scope| {
        let known = scope.source(id)?;
        scope.delete_source(id)?;
        Ok(done("source", id, StatusCode::NO_CONTENT).with(json!({ "name": known.name })))
    })
    .await
}

/// What the sender must be told.
#[derive(Serialize, JsonSchema)]
struct Address {
    /// The URL to send to. Whoever knows it can reach the source.
    url: String,
    /// The names of the secrets that are needed.
    secret_names: Vec<String>,
    /// The secrets that are set, by name: each a text, or a list while a new one takes the place of an old one.
    secrets: Document,
}

fn address_of(scope: &mut Scope<'_>, types: &Types, id: i64, base: &str) -> Worked<Address> {
    let stored = scope.source(id)?;
    let (secrets, url) = scope.source_secrets(id)?;
    let url = url.filter(|_| stored.kind == "webhook").ok_or_else(|| Problem::conflict("this source is polled, and has no address"))?;
    let kind = scope.provider(stored.provider)?.kind;
    let names = secret_names(types.get(&kind).map(AsRef::as_ref), &Document::stored(&stored.settings).0);
    Ok(Address {
        url: format!("{base}/hooks/{url}"),
        secret_names: names,
        secrets: secrets.map(|text| Document::stored(&text)).unwrap_or_default(),
    })
}

async fn address(State(app): State<App>, caller: Caller, headers: HeaderMap, At(Id(id)): At<Id>) -> Result<Answer<Address>, Problem> {
    let base = base_url(&app, &headers);
    let types = app.types().clone();
    // Looking at secrets goes to the audit log, as every reveal does.
    app.change(&caller, "source.address_shown", move |scope| Ok(done("source", id, Answer(address_of(scope, &types, id, &base)?)))).await
}

async fn rotate(State(app): State<App>, caller: Caller, headers: HeaderMap, At(Id(id)): At<Id>) -> Result<Answer<Address>, Problem> {
    let base = base_url(&app, &headers);
    let types = app.types().clone();
    app.change(&caller, "source.address_rotated", move |scope| {
        scope.rotate_address(id)?;
        Ok(done("source", id, Answer(address_of(scope, &types, id, &base)?)))
    })
    .await
}

async fn ledger(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<CountedLedger>, Problem> {
    app.read(caller.tenant, move |scope| {
        scope.source(id)?;
        let kept = scope.ledger(id)?;
        let counted = if kept.received <= COUNTED_UP_TO { Some(scope.counted_ledger(id)?) } else { None };
        let balances = kept.balances() && counted.is_none_or(|counted| kept == counted);
        Ok(Answer(CountedLedger { kept: kept.into(), balances, counted: counted.map(Into::into) }))
    })
    .await
}

/// A body to be taken in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SendTest {
    body: Document,
}

/// What became of it.
#[derive(Serialize, JsonSchema)]
struct TakenIn {
    delivery: Id,
    records: i64,
    taken: i64,
    duplicate: i64,
    stale: i64,
    /// The executions that it calls for.
    executions: i64,
}

async fn send_test(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>, Body(given): Body<SendTest>) -> Result<Response, Problem> {
    app.blocking(move |app| {
        let source = app.store().read(caller.tenant, |scope| scope.source(id))?;
        let settings = WebhookSettings::read(&Document::stored(&source.settings).0)
            .map_err(|_| Problem::conflict("the settings of this source have errors; mend those first"))?;
        let text = given.body.text();
        let received = Received::read(Some("application/json"), text.as_bytes(), &settings.body, &settings.limits);
        let received = received.map_err(|error| Problem::invalid(error.to_string()).at("/body"))?;
        let records = received.records.into_iter().map(|received| Incoming::from(received.value)).collect();
        let taken = app.engine().take_records(caller.tenant, id, records, |_, _| Ok(()))?;
        app.note(&caller, "source.tested", &format!("source {id}"))?;
        let answer = TakenIn {
            delivery: Id(taken.delivery),
            records: taken.records,
            taken: taken.taken,
            duplicate: taken.duplicate,
            stale: taken.stale,
            executions: taken.executions,
        };
        Ok((StatusCode::ACCEPTED, Answer(answer)).into_response())
    })
    .await
}
