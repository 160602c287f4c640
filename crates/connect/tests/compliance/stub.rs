//! An installation of any provider type, whose vendor answers with the examples of the type.

use std::collections::VecDeque;
use std::sync::Arc;

use async_trait::async_trait;
use parking_lot::Mutex;
use salesdash_connect::clock::{Clock, ManualClock};
use salesdash_connect::http::{Http, HttpError, answer};
use salesdash_connect::poll::{Ended, LIVE, Running};
use salesdash_connect::schedule::SourceState;
use salesdash_connect::{Connect, documents};
use salesdash_engine::{Engine, Options};
use salesdash_providers::definition::enrichment::Enrichment;
use salesdash_providers::definition::paging::Paging;
use salesdash_providers::definition::poll::{Incremental, Poll};
use salesdash_providers::definition::preset::Example;
use salesdash_providers::definition::read::Named;
use salesdash_providers::definition::request::RequestTemplate;
use salesdash_providers::definition::settings::{Setting, SettingType};
use salesdash_providers::definition::value::{Given as RequestValue, UrlPath};
use salesdash_providers::interpret::answer::Answer;
use salesdash_providers::interpret::request::Outgoing;
use salesdash_providers::{ProviderType, Types};
use salesdash_store::runs::Run;
use salesdash_store::{Paging as Rows, Store};
use salesdash_value::{Text, Value, json};

/// The host that nothing may go to.
pub const fn foreign() -> &'static str {
    "stranger.example"
}

/// How the vendor answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given {
    /// With the example once, and nothing after it.
    Once,
    /// With the example, whatever page is asked for.
    ForEver,
    /// With the example, and a link to a foreign host.
    Foreign,
}

/// A vendor that answers with examples.
struct Examples {
    kind: Arc<ProviderType>,
    poll: Text,
    state: Mutex<State>,
}

/// Status, headers and body of an answer that is not a success.
type Failure = (u16, Vec<(String, String)>, String);

struct State {
    given: Given,
    answered: u32,
    failures: VecDeque<Failure>,
    asked: Vec<Outgoing>,
}

/// The fixed part of a request's path.
fn fixed_path(template: &RequestTemplate) -> Option<String> {
    match template.path.as_ref()? {
        UrlPath::Text(text) => Some(text.trim_start_matches('/').split('?').next().unwrap_or_default().to_owned()),
        UrlPath::Segments(segments) => {
            let fixed = segments.iter().map_while(|segment| match segment {
                RequestValue::Literal(Value::Text(text)) => Some(text.as_str()),
                _ => None,
            });
            Some(fixed.collect::<Vec<_>>().join("/")).filter(|path| !path.is_empty())
        }
        _ => None,
    }
}

impl Examples {
    fn example(&self, fits: impl Fn(&Example) -> bool) -> Option<&Example> {
        self.kind.examples.iter().map(|(_, example)| example).find(|example| fits(example))
    }

    fn poll(&self) -> &Poll {
        self.kind.definition.polls.get(&self.poll).expect("the poll")
    }

    /// Whether it asks for one stretch of time after the other: each gets the example, of which it takes what lies in it.
    fn is_windowed(&self) -> bool {
        matches!(&self.poll().incremental, Some(Incremental::Server(server)) if server.window_seconds.is_some())
    }

    fn of_poll(&self, name: &str) -> &Example {
        let found = self.example(|example| example.poll.as_ref().is_some_and(|poll| poll.0 == name));
        found.unwrap_or_else(|| panic!("there is no example of the poll `{name}`"))
    }

    /// The example of another list that the poll goes through, where this request is for that.
    fn other(&self, outgoing: &Outgoing) -> Option<Value> {
        let partitions = self.poll().partitions.as_ref()?;
        let at = |template: &RequestTemplate| fixed_path(template).is_some_and(|path| outgoing.url.path().ends_with(&format!("/{path}")));
        if let Some(name) = &partitions.table
            && let Some(Enrichment::Table(table)) = self.kind.definition.enrichments.get(&name.0)
            && at(&table.list.request)
        {
            let example = self.example(|example| example.enrichment.as_ref() == Some(name));
            return Some(example.unwrap_or_else(|| panic!("there is no example of the enrichment `{}`", name.0)).body.0.clone());
        }
        let parent = partitions.poll.as_ref()?;
        let listing = &self.kind.definition.polls.get(&parent.0)?.list;
        at(&listing.request).then(|| self.of_poll(&parent.0).body.0.clone())
    }
}

/// A body with a value put at a path.
fn put(body: &Value, path: &[&str], value: &Value) -> Value {
    match path {
        [] => value.clone(),
        [step, rest @ ..] => {
            let fields = body.as_object().unwrap_or_default();
            let inner = put(body.get(step).unwrap_or(&Value::Null), rest, value);
            Value::object(fields.iter().cloned().chain([(Text::new(step), inner)]))
        }
    }
}

/// A body that holds nothing but a value at a path, where a step can be a place in a list.
fn nested(path: Option<&str>, value: Value) -> Value {
    let steps: Vec<&str> = path.into_iter().flat_map(|path| path.split('.')).collect();
    steps.into_iter().rev().fold(value, |inner, step| match step.parse::<usize>() {
        Ok(_) => Value::list([inner]),
        Err(_) => Value::object([(step, inner)]),
    })
}

#[async_trait]
impl Http for Examples {
    async fn send(&self, outgoing: &Outgoing) -> Result<Answer, HttpError> {
        let mut state = self.state.lock();
        state.asked.push(outgoing.clone());
        if let Some((status, headers, body)) = state.failures.pop_front() {
            return Ok(answer(status, headers, body.as_bytes()));
        }
        let success = self.kind.definition.http.as_ref().and_then(|http| http.success.first()).map_or(200, |status| status.0);
        let success = u16::try_from(success).unwrap_or(200);
        let said = |headers: Vec<(String, String)>, body: &Value| Ok(answer(success, headers, json::to_string(body).as_bytes()));
        if let Some(body) = self.other(outgoing) {
            return said(Vec::new(), &body);
        }
        state.answered += 1;
        let example = self.of_poll(&self.poll).body.0.clone();
        match (state.given, &self.poll().list.paging) {
            // An empty page is an empty list, at its place.
            (Given::Once, _) if state.answered > 1 && !self.is_windowed() => {
                let path = self.poll().list.records.as_ref().map(|paths| paths.0[0].to_string());
                said(Vec::new(), &nested(path.as_deref(), Value::list([])))
            }
            (Given::Foreign, Some(Paging::NextUrl(next))) => {
                let path = next.url.0[0].to_string();
                let link = Value::from(format!("https://{}/next", foreign()).as_str());
                said(Vec::new(), &put(&example, &path.split('.').collect::<Vec<_>>(), &link))
            }
            (Given::Foreign, _) => said(vec![("link".to_owned(), format!("<https://{}/next>; rel=\"next\"", foreign()))], &example),
            _ => said(Vec::new(), &example),
        }
    }
}

/// What people might fill in.
fn filled(declared: &Named<Setting>, secret: bool) -> Vec<(Text, Value)> {
    let value = |name: &Text, setting: &Setting| match setting.r#type {
        SettingType::Secret => Value::from(format!("geheim-{name}-0123456789").as_str()),
        SettingType::Url => Value::from("https://vendor.example.com"),
        SettingType::Enum => setting.default.as_ref().map_or_else(
            || setting.options.0.first().map_or(Value::Null, |(option, _)| Value::Text(option.clone())),
            |default| default.0.clone(),
        ),
        SettingType::Boolean => true.into(),
        SettingType::Number => 1.into(),
        SettingType::Datetime => Value::from("2026-01-01T00:00:00Z"),
        SettingType::List => Value::list([Value::from("1")]),
        SettingType::String => setting.example.clone().map_or_else(|| Value::from("acme"), Value::Text),
    };
    let chosen = declared.iter().filter(|(_, setting)| (setting.r#type == SettingType::Secret) == secret);
    chosen.map(|(name, setting)| (name.clone(), value(name, setting))).collect()
}

/// A poll of a provider type, with everything around it.
pub struct Polled {
    pub clock: Arc<ManualClock>,
    connect: Arc<Connect>,
    engine: Arc<Engine>,
    http: Arc<Examples>,
    tenant: i64,
    source: i64,
    secrets: Vec<String>,
    _directory: tempfile::TempDir,
}

impl Polled {
    pub fn new(kind: ProviderType, poll: &str) -> Self {
        let kind = Arc::new(kind);
        let definition = &kind.definition;
        let directory = tempfile::tempdir().expect("a directory");
        let store = Arc::new(Store::open(directory.path()).expect("a store"));
        let clock = Arc::new(ManualClock::at("2026-06-01T12:00:00Z".parse().expect("an instant")));
        let telling = Arc::clone(&clock);
        store.set_clock(Arc::new(move || telling.now().as_microsecond()));
        let engine = Engine::open(Arc::clone(&store), Options::default()).expect("an engine");
        let tenant = store.create_tenant("Acme", "{}").expect("a tenant").id;

        let settings = json::to_string(&Value::object(filled(&definition.settings, false)));
        let mut held = filled(&definition.settings, true);
        let captured = definition.auth.iter().flat_map(|auth| auth.cases()).flat_map(|auth| match auth {
            salesdash_providers::definition::auth::Auth::Oauth2(oauth2) => oauth2.captured.names().collect::<Vec<_>>(),
            salesdash_providers::definition::auth::Auth::Session(session) => session.captured.names().collect(),
            _ => Vec::new(),
        });
        let mut connection: Vec<(Text, Value)> =
            captured.map(|name| (Text::new(name), Value::from("https://captured.example.com"))).collect();
        for token in ["access_token", "refresh_token", "session_token"] {
            connection.push((Text::new(token), Value::from(format!("geheim-{token}-0123456789").as_str())));
        }
        let mut secrets: Vec<String> = Vec::new();
        secrets.extend(
            held.iter()
                .chain(&connection)
                .filter_map(|(_, value)| value.as_text())
                .filter(|text| text.starts_with("geheim"))
                .map(ToOwned::to_owned),
        );
        held.push((Text::new(documents::CONNECTION), Value::object(connection)));
        let credentials = json::to_string(&Value::object(held));

        let rules = definition.polls.get(poll).expect("the poll");
        // What can be left empty would only leave records out.
        let needed = Named(rules.settings.0.iter().filter(|(_, setting)| setting.required.0).cloned().collect());
        let own = filled(&needed, false).into_iter().chain(filled(&needed, true));
        let of_source =
            Value::object([("definition", Value::from(poll)), ("settings", Value::object(own)), ("history_days", 3_650.into())]);
        let (model, declarations) = (rules.model.0.clone(), documents::declarations(definition, &rules.model.0));
        let name = kind.name().to_string();
        let source = store
            .write(tenant, move |scope| {
                let provider = scope.create_provider(&name, &name, &settings, Some(&credentials))?;
                for (name, declaration) in declarations {
                    scope.save_model(&name, &json::to_string(&declaration), "{}", None, None)?;
                }
                Ok(scope.create_source(provider.id, "poll", "Poll", &model, &json::to_string(&of_source), None)?.0.id)
            })
            .expect("a source");
        let mut types = Types::default();
        types.insert(ProviderType::clone(&kind));
        let state = State { given: Given::Once, answered: 0, failures: VecDeque::new(), asked: Vec::new() };
        let http = Arc::new(Examples { kind, poll: Text::new(poll), state: Mutex::new(state) });
        let connect = Connect::open(Arc::clone(&engine), Arc::new(types), Arc::<Examples>::clone(&http), Arc::<ManualClock>::clone(&clock));
        engine.changed(tenant);
        Self { clock, connect, engine, http, tenant, source, secrets, _directory: directory }
    }

    pub async fn poll(&self) -> Ended {
        self.connect.run_once((self.tenant, self.source, LIVE), Arc::new(Running::default())).await.expect("a run that is logged")
    }

    pub fn run(&self) -> Run {
        let runs = self.engine.store().read(self.tenant, |scope| scope.runs(Some(self.source), Rows::default())).expect("runs");
        runs.items.first().cloned().expect("a run")
    }

    pub fn example(&self) -> &Example {
        self.http.of_poll(&self.http.poll)
    }

    pub fn poll_rules(&self) -> &Poll {
        self.http.poll()
    }

    pub fn given(&self, given: Given) {
        self.http.state.lock().given = given;
    }

    /// Has the vendor begin with the example again.
    pub fn begin_anew(&self) {
        self.http.state.lock().answered = 0;
    }

    pub fn fail_first(&self, status: u16, headers: &[(&str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.http.state.lock().failures.push_back((status, headers, body.to_owned()));
    }

    pub fn asked(&self) -> Vec<Outgoing> {
        self.http.state.lock().asked.clone()
    }

    pub fn secrets(&self) -> Vec<String> {
        self.secrets.clone()
    }

    pub fn state(&self) -> SourceState {
        self.connect.state(self.tenant, self.source).expect("a state")
    }

    pub fn set_cursor(&self, value: &Value) {
        self.connect.set_cursor(self.tenant, self.source, value, "test").expect("set");
    }
}
