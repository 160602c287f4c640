//! Provider types: what can be connected, and every form that it takes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::Method;
use salesdash_providers::ProviderType;
use salesdash_providers::definition::auth::{Auth, Grant};
use salesdash_providers::definition::preset::Preset as Defined;
use salesdash_providers::definition::read::Named as Listing;
use salesdash_providers::definition::settings::{Setting, SettingType};
use salesdash_providers::definition::webhook::Webhook;
use salesdash_providers::verification::Preset as Scheme;
use salesdash_value::Value;
use schemars::JsonSchema;
use serde::Serialize;

use crate::App;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Document};
use crate::problem::Problem;
use crate::routes::sources::SourceKind;
use crate::wire::{At, Listed, PageQuery, Params};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/provider-types",
            Role::Viewer,
            "listProviderTypes",
            "What can be connected, with every form it takes",
        )
        .query::<PageQuery>()
        .answer::<Listed<Type>>(),
        list,
    );
    table.add(
        Endpoint::new(Method::GET, "/api/v1/provider-types/{type}", Role::Viewer, "getProviderType", "One of them").answer::<Type>(),
        get,
    );
}

/// A provider type.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ProviderType")]
struct Type {
    /// Its name.
    r#type: String,
    title: String,
    summary: String,
    /// The vendor's page.
    website: Option<String>,
    mark: Option<Mark>,
    /// How it is connected, in words.
    auth: String,
    /// Whether it may be connected in the browser: see `POST /providers/{id}/connect`.
    connects_in_browser: bool,
    /// The choice with which it is, where it is one of several ways.
    browser_when: Option<When>,
    /// Whether the connection can be tested.
    can_test: bool,
    /// The form of a provider. Secrets go to `credentials`, the others to `settings`.
    settings: Vec<Field>,
    sources: Vec<SourceType>,
    presets: Vec<Preset>,
    /// What to do at the vendor's side, in Markdown. `{webhook_url}` stands for the address of a source,
    /// `{redirect_url}` for the one that a vendor sends the browser back to.
    setup: String,
    notes: Vec<String>,
}

/// The letters and the colour that stand for it.
#[derive(Serialize, JsonSchema)]
struct Mark {
    letters: String,
    color: String,
}

/// A field of a form.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "FormField")]
struct Field {
    name: String,
    title: String,
    /// `string`, `secret`, `url`, `enum`, `boolean`, `number`, `datetime`, `list`, `duration` (a number of seconds), `json`, `poll` (a poll of one's
    /// own) or `enrichments` (what is fetched to go with its records).
    r#type: &'static str,
    required: bool,
    help: Option<String>,
    /// A regular expression that the whole text must match.
    pattern: Option<String>,
    /// What can be chosen.
    options: Option<Vec<Choice>>,
    default: Option<Document>,
    /// An example, shown while it is empty.
    example: Option<String>,
    /// It is asked for only while another field has one of these values.
    when: Option<When>,
}

#[derive(Serialize, JsonSchema)]
struct Choice {
    value: String,
    title: String,
    help: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct When {
    field: String,
    equals: Vec<String>,
}

/// A source that can be made on it.
#[derive(Serialize, JsonSchema)]
struct SourceType {
    /// What goes to `definition` of the source, where it is not null.
    name: String,
    /// Whether `name` is a definition of the type; else people define the source themselves, and leave `definition` out.
    defined: bool,
    kind: SourceKind,
    title: String,
    summary: Option<String>,
    /// The source model that it yields. Null where people name it themselves.
    model: Option<String>,
    /// The form of a source. Secrets go to `secrets`, the others to `settings`.
    settings: Vec<Field>,
}

/// A ready processor.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PresetOffer")]
struct Preset {
    name: String,
    title: String,
    summary: String,
    /// The source it runs on where nothing else is chosen.
    source: Option<PresetSource>,
    /// Every source that it can run on.
    sources: Vec<PresetSource>,
    /// The constants to fill in, as the spec declares them, each with the `value` that the preset gives it.
    constants: Vec<Document>,
}

#[derive(Clone, Serialize, JsonSchema)]
struct PresetSource {
    kind: SourceKind,
    name: String,
}

fn field(name: &str, setting: &Setting) -> Field {
    let r#type = match setting.r#type {
        SettingType::String => "string",
        SettingType::Secret => "secret",
        SettingType::Url => "url",
        SettingType::Enum => "enum",
        SettingType::Boolean => "boolean",
        SettingType::Number => "number",
        SettingType::Datetime => "datetime",
        SettingType::List => "list",
    };
    let options = setting.options.0.iter().map(|(value, title)| Choice { value: value.to_string(), title: title.to_string(), help: None });
    let text = |text: &Option<salesdash_value::Text>| text.as_ref().map(ToString::to_string);
    Field {
        name: name.to_owned(),
        title: setting.title.to_string(),
        r#type,
        required: setting.required.0,
        help: text(&setting.help),
        pattern: text(&setting.pattern),
        options: (!setting.options.0.is_empty()).then(|| options.collect()),
        default: setting.default.as_ref().map(|default| Document(default.0.clone())),
        example: text(&setting.example),
        when: setting
            .when
            .as_ref()
            .map(|when| When { field: when.setting.0.to_string(), equals: when.is.iter().map(ToString::to_string).collect() }),
    }
}

fn fields(settings: &Listing<Setting>) -> Vec<Field> {
    settings.iter().map(|(name, setting)| field(name, setting)).collect()
}

/// A field that is made here.
fn own(name: &str, title: &str, r#type: &'static str, help: &str) -> Field {
    Field {
        name: name.to_owned(),
        title: title.to_owned(),
        r#type,
        required: false,
        help: Some(help.to_owned()),
        pattern: None,
        options: None,
        default: None,
        example: None,
        when: None,
    }
}

/// How often a poll runs and where it begins.
fn of_every_poll(interval_seconds: u32, history_days: Option<u32>) -> [Field; 2] {
    let interval = Field {
        default: Some(Document(Value::from(i64::from(interval_seconds)))),
        ..own("interval_seconds", "Every", "duration", "How often it is asked for what is new.")
    };
    let history = Field {
        default: history_days.map(|days| Document(Value::from(i64::from(days)))),
        ..own("history_days", "Days of history", "number", "How many days back the first run goes; everything where it is empty.")
    };
    [interval, history]
}

/// The secrets that a webhook's verification needs. Many a vendor gives them only once it has the URL, so the source can be made without.
fn secrets_of(webhook: &Webhook) -> Vec<Field> {
    let names = webhook.verification.as_ref().map(|verification| verification.secrets()).unwrap_or_default();
    names
        .into_iter()
        .map(|name| {
            let title = name.replace('_', " ");
            let title = title[..1].to_uppercase() + &title[1..];
            own(
                &name,
                &title,
                "secret",
                "What deliveries are verified with. Where the vendor gives it only once it has the URL, leave it empty now and enter it then; \
                 until it is there, deliveries are refused.",
            )
        })
        .collect()
}

/// The form of a webhook that people define themselves.
fn custom_webhook() -> SourceType {
    let schemes = Scheme::all();
    let needing = |name: &str| -> Vec<String> {
        let fitting = schemes.iter().filter(|scheme| scheme.verification.secrets().iter().any(|secret| secret == name));
        fitting.map(|scheme| scheme.name.to_string()).collect()
    };
    let verification = Field {
        required: true,
        options: Some(
            schemes
                .iter()
                .map(|scheme| Choice {
                    value: scheme.name.to_string(),
                    title: scheme.title.to_string(),
                    help: Some(scheme.help.to_string()),
                })
                .collect(),
        ),
        default: Some(Document("secret_url".into())),
        ..own("verification", "Verification", "enum", "How the sender proves who it is.")
    };
    let mut settings = vec![verification];
    let mut names: Vec<String> = Vec::new();
    for scheme in schemes {
        for name in scheme.verification.secrets() {
            if !names.contains(&name.to_string()) {
                names.push(name.to_string());
            }
        }
    }
    for name in names {
        let title = name.replace('_', " ");
        let title = title[..1].to_uppercase() + &title[1..];
        let when = When { field: "verification".to_owned(), equals: needing(&name) };
        settings.push(Field { required: true, when: Some(when), ..own(&name, &title, "secret", "What both sides know.") });
    }
    settings.push(own(
        "expected_every_seconds",
        "Warn after silence of",
        "duration",
        "A warning is shown where nothing arrives for so long. Where it is empty, that is learnt from what usually arrives; 0 never warns.",
    ));
    SourceType {
        name: "webhook".to_owned(),
        defined: false,
        kind: SourceKind::Webhook,
        title: "Webhook".to_owned(),
        summary: Some("Takes any JSON or form, and learns its fields from what arrives".to_owned()),
        model: None,
        settings,
    }
}

fn sources(of: &ProviderType) -> Vec<SourceType> {
    let definition = &of.definition;
    let mut sources = Vec::new();
    if definition.custom_webhooks {
        sources.push(custom_webhook());
    }
    for (name, poll) in definition.polls.iter() {
        let mut settings = fields(&poll.settings);
        settings.extend(of_every_poll(poll.interval_seconds.0, poll.history_days.as_ref().map(|days| days.0)));
        sources.push(SourceType {
            name: name.to_string(),
            defined: true,
            kind: SourceKind::Poll,
            title: poll.title.to_string(),
            summary: poll.summary.as_ref().map(ToString::to_string),
            model: Some(poll.model.0.to_string()),
            settings,
        });
    }
    for (name, webhook) in definition.webhooks.iter() {
        let mut settings = fields(&webhook.settings);
        settings.extend(secrets_of(webhook));
        sources.push(SourceType {
            name: name.to_string(),
            defined: true,
            kind: SourceKind::Webhook,
            title: webhook.title.to_string(),
            summary: webhook.summary.as_ref().map(ToString::to_string),
            model: Some(webhook.model.0.to_string()),
            settings,
        });
    }
    if definition.custom_polls {
        let mut settings = vec![
            Field {
                required: true,
                ..own(
                    "poll",
                    "What to ask for",
                    "poll",
                    "A poll in the format of provider definitions: request, records, paging, incremental.",
                )
            },
            own("enrichments", "Enrichments", "enrichments", "Related data that is fetched to go with each record."),
            Field { default: Some(Document("id".into())), ..own("key", "Key", "string", "The field that tells one record from another.") },
        ];
        settings.extend(of_every_poll(300, None));
        sources.push(SourceType {
            name: "poll".to_owned(),
            defined: false,
            kind: SourceKind::Poll,
            title: "Any list of records".to_owned(),
            summary: Some("Asks any JSON API for its records, again and again".to_owned()),
            model: None,
            settings,
        });
    }
    if definition.files {
        sources.push(SourceType {
            name: "file".to_owned(),
            defined: false,
            kind: SourceKind::File,
            title: "File".to_owned(),
            summary: Some("Takes CSV and JSON files that are uploaded".to_owned()),
            model: None,
            settings: Vec::new(),
        });
    }
    sources
}

/// The constants that a preset's spec declares, with the values that the preset gives.
pub fn constants_of(preset: &Defined) -> Vec<Value> {
    let declared = preset.spec.0.get("constants").and_then(Value::as_list).unwrap_or_default();
    declared
        .iter()
        .map(|constant| {
            let name = constant.get("name").and_then(Value::as_text).unwrap_or_default();
            let given = preset.constants.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.0.clone());
            let value = given.or_else(|| constant.get("default").cloned()).unwrap_or_default();
            let fields = constant.as_object().unwrap_or_default().iter().cloned();
            Value::object(fields.chain([(salesdash_value::Text::new_static("value"), value)]))
        })
        .collect()
}

fn preset(name: &str, defined: &Defined) -> Preset {
    let polls = defined.polls.iter().map(|name| PresetSource { kind: SourceKind::Poll, name: name.0.to_string() });
    let webhooks = defined.webhooks.iter().map(|name| PresetSource { kind: SourceKind::Webhook, name: name.0.to_string() });
    let sources: Vec<PresetSource> = polls.chain(webhooks).collect();
    Preset {
        name: name.to_owned(),
        title: defined.title.to_string(),
        summary: defined.summary.to_string(),
        source: sources.first().cloned(),
        sources,
        constants: constants_of(defined).into_iter().map(Document).collect(),
    }
}

/// How people prove who asks, in words; every way of several, once each.
fn auth_words(auth: Option<&Auth>) -> String {
    let Some(auth) = auth else { return "Nothing to sign in with".to_owned() };
    let mut ways: Vec<&'static str> = Vec::new();
    for case in auth.cases() {
        let words = case_words(case);
        if !ways.contains(&words) {
            ways.push(words);
        }
    }
    let joined = match ways.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{}, or {last}", others.join(", ")),
        None => return "Nothing to sign in with".to_owned(),
    };
    let mut letters = joined.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

const fn case_words(auth: &Auth) -> &'static str {
    match auth {
        Auth::None(_) => "nothing to sign in with",
        Auth::Bearer(_) => "an access token",
        Auth::ApiKey(_) => "an API key",
        Auth::Oauth2(oauth2) if matches!(oauth2.grant, Grant::AuthorizationCode) => "signing in at the vendor",
        Auth::Oauth2(_) => "the credentials of an application",
        Auth::Basic(_) | Auth::Session(_) => "a user name and a password",
        Auth::OneOf(_) => "one of several ways",
    }
}

const fn is_in_browser(auth: &Auth) -> bool {
    matches!(auth, Auth::Oauth2(oauth2) if matches!(oauth2.grant, Grant::AuthorizationCode))
}

/// The choice with which it is connected in the browser.
fn browser_when(auth: Option<&Auth>) -> Option<When> {
    let Some(Auth::OneOf(one_of)) = auth else { return None };
    let equals: Vec<String> = one_of.cases.iter().filter(|(_, case)| is_in_browser(case)).map(|(name, _)| name.to_string()).collect();
    (!equals.is_empty()).then(|| When { field: one_of.setting.0.to_string(), equals })
}

fn in_browser(auth: Option<&Auth>) -> bool {
    auth.is_some_and(|auth| auth.cases().any(is_in_browser))
}

fn wire(of: &Arc<ProviderType>) -> Type {
    let definition = &of.definition;
    Type {
        r#type: definition.name.0.to_string(),
        title: definition.title.to_string(),
        summary: definition.summary.to_string(),
        website: definition.website.as_ref().map(ToString::to_string),
        mark: definition.mark.as_ref().map(|mark| Mark { letters: mark.letters.to_string(), color: mark.color.to_string() }),
        auth: auth_words(definition.auth.as_ref()),
        connects_in_browser: in_browser(definition.auth.as_ref()),
        browser_when: browser_when(definition.auth.as_ref()),
        can_test: definition.check.is_some(),
        settings: fields(&definition.settings),
        sources: sources(of),
        presets: of.presets.iter().map(|(name, defined)| preset(name, defined)).collect(),
        setup: of.setup.to_string(),
        notes: definition.notes.iter().map(ToString::to_string).collect(),
    }
}

async fn list(State(app): State<App>, Params(page): Params<PageQuery>) -> Result<Answer<Listed<Type>>, Problem> {
    let types: Vec<Type> = app.types().iter().map(wire).collect();
    Ok(Answer(page.slice(types, |of| of.r#type.clone())?))
}

async fn get(State(app): State<App>, At(name): At<String>) -> Result<Answer<Type>, Problem> {
    let found = app.types().get(&name).ok_or_else(|| Problem::not_found("this deployment has no such provider type"))?;
    Ok(Answer(wire(found)))
}
