//! What the store holds of connections and sources, as JSON documents.

use salesdash_providers::definition::Definition;
use salesdash_providers::definition::enrichment::Enrichment;
use salesdash_providers::definition::model::Model;
use salesdash_providers::definition::poll::Poll;
use salesdash_providers::definition::read::Named;
use salesdash_providers::{Problem, ProviderType};
use salesdash_value::{Instant, Text, Value, json};

use crate::own;

/// The key of a provider's credentials under which its tokens and captured fields are kept. Everything else in them is a secret setting by
/// its name.
pub const CONNECTION: &str = "$connection";

/// Reads a document of the store. What is not JSON counts as empty: it was written by this program.
#[must_use]
pub fn parse(text: &str) -> Value {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap_or_else(|_| Value::object::<&str>([]))
}

/// Credentials with secrets as people filled them in: secrets that are not given stay, and so does the connection, unless a secret changed that
/// it was made with.
#[must_use]
pub fn merge_credentials(stored: Option<&str>, given: &Value) -> String {
    let stored = stored.map(parse).unwrap_or_default();
    let mut fields: Vec<(Text, Value)> = stored.as_object().unwrap_or_default().to_vec();
    for (name, value) in given.as_object().unwrap_or_default() {
        if name == CONNECTION || value.is_empty() {
            continue;
        }
        fields.retain(|(known, _)| known != name);
        fields.push((name.clone(), value.clone()));
    }
    json::to_string(&Value::Object(fields.into()))
}

/// Credentials with other tokens.
#[must_use]
pub fn with_connection(stored: Option<&str>, connection: Value) -> String {
    let stored = stored.map(parse).unwrap_or_default();
    let kept = stored.as_object().unwrap_or_default().iter().filter(|(name, _)| name != CONNECTION).cloned();
    json::to_string(&Value::object(kept.chain([(Text::new_static(CONNECTION), connection)])))
}

/// What the settings of a source say, for one that polls.
#[derive(Clone, Debug)]
pub struct PollSettings {
    /// The poll.
    pub poll: Poll,
    /// What people filled in for it.
    pub settings: Value,
    /// How often it runs, in seconds.
    pub interval_seconds: u32,
    /// Where the first run begins. `None`: at the beginning.
    pub history_days: Option<u32>,
}

/// The shortest time between two runs, in seconds.
pub const SHORTEST_INTERVAL: u32 = 10;

impl PollSettings {
    /// Reads the settings of a source: `{"definition", "settings", "interval_seconds", "history_days"}`, and of one that people defined themselves
    /// `{"poll", …}` instead of `definition`.
    ///
    /// # Errors
    /// What is wrong, each with its place.
    pub fn read(provider_type: &ProviderType, settings: &Value) -> Result<Self, Vec<Problem>> {
        let definition = &provider_type.definition;
        let poll = match (settings.get("definition").and_then(Value::as_text), settings.get("poll")) {
            (Some(name), _) => definition.polls.get(name).cloned().ok_or_else(|| {
                let text = format!("the provider type `{}` has no poll `{name}`", definition.name.0);
                vec![Problem { pointer: "/definition".to_owned(), text }]
            })?,
            (None, Some(poll)) if definition.custom_polls => own::custom(definition, poll, settings)?.0,
            (None, _) => {
                let text = "say with `definition` which poll of the provider type it is".to_owned();
                return Err(vec![Problem { pointer: String::new(), text }]);
            }
        };
        let whole = |key: &str| settings.get(key).and_then(Value::as_number).and_then(|number| u32::try_from(number).ok());
        Ok(Self {
            interval_seconds: whole("interval_seconds").unwrap_or(poll.interval_seconds.0).max(SHORTEST_INTERVAL),
            history_days: whole("history_days").or(poll.history_days.map(|days| days.0)),
            settings: settings.get("settings").cloned().unwrap_or_else(|| Value::object::<&str>([])),
            poll,
        })
    }

    /// Where the first run begins.
    #[must_use]
    pub fn start(&self, now: Instant) -> Option<Instant> {
        self.history_days.and_then(|days| now.checked_sub(jiff::SignedDuration::from_hours(24 * i64::from(days))).ok())
    }
}

/// The models of a definition that a source needs: its own, and those that enrichments yield, each with its declaration.
#[must_use]
pub fn declarations(definition: &Definition, model: &str) -> Vec<(Text, Value)> {
    let mut found: Vec<(Text, Value)> = Vec::new();
    let mut open = vec![Text::new(model)];
    while let Some(name) = open.pop() {
        if found.iter().any(|(known, _)| *known == name) {
            continue;
        }
        let Some(declaration) = definition.declaration(&name) else { continue };
        found.push((name.clone(), declaration));
        if let Some(model) = definition.models.get(&name) {
            open.extend(yielded(model, &definition.enrichments));
        }
    }
    found
}

fn yielded(model: &Model, enrichments: &Named<Enrichment>) -> Vec<Text> {
    model.enrichments.iter().filter_map(|(_, reference)| enrichments.get(&reference.fetch.0).map(|found| found.model().clone())).collect()
}
