//! The values of the variables that expressions of a definition use. Their order is that of the scopes in [`crate::definition::value`].

use salesdash_value::{Text, Value};

use crate::definition::read::Named;
use crate::definition::settings::{Setting, secrets};

/// What is known of a connection and a source: the settings people filled in, and the fields captured when connecting.
#[derive(Clone, Default)]
pub struct Given {
    /// The settings of the connection, with secrets.
    settings: Value,
    /// The same, without the secrets.
    open_settings: Value,
    /// The captured fields, with the tokens.
    connection: Value,
    /// The settings of the source, with secrets.
    source: Value,
    /// The same, without the secrets.
    open_source: Value,
}

impl std::fmt::Debug for Given {
    /// Without the secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Given").field("settings", &self.open_settings).field("source", &self.open_source).finish_non_exhaustive()
    }
}

/// Names of fields of a connection that are secrets.
pub const TOKENS: [&str; 4] = ["access_token", "refresh_token", "session_token", "id_token"];

fn without(value: &Value, names: &[&str]) -> Value {
    let fields = value.as_object().unwrap_or_default();
    Value::object(fields.iter().filter(|(name, _)| !names.contains(&name.as_str())).map(|(name, value)| (name.clone(), value.clone())))
}

/// The settings with the defaults of those that are not filled in.
fn filled(declared: &Named<Setting>, given: &Value) -> Value {
    let mut fields: Vec<(Text, Value)> = given.as_object().unwrap_or_default().to_vec();
    for (name, setting) in declared.iter() {
        let is_there = fields.iter().any(|(known, value)| known == name && !value.is_empty());
        if !is_there && let Some(default) = &setting.default {
            fields.retain(|(known, _)| known != name);
            fields.push((name.clone(), default.0.clone()));
        }
    }
    Value::Object(fields.into())
}

impl Given {
    /// What people filled in for a connection, by the declared settings.
    #[must_use]
    pub fn connection(declared: &Named<Setting>, settings: &Value, connection: &Value) -> Self {
        let settings = filled(declared, settings);
        let names: Vec<_> = secrets(declared).map(Text::as_str).collect();
        Self { open_settings: without(&settings, &names), settings, connection: connection.clone(), ..Self::default() }
    }

    /// The same, with what people filled in for a source.
    #[must_use]
    pub fn with_source(mut self, declared: &Named<Setting>, source: &Value) -> Self {
        let source = filled(declared, source);
        let names: Vec<_> = secrets(declared).map(Text::as_str).collect();
        self.open_source = without(&source, &names);
        self.source = source;
        self
    }

    /// The same, with other captured fields and tokens.
    #[must_use]
    pub fn with_connection(mut self, connection: Value) -> Self {
        self.connection = connection;
        self
    }

    /// The settings of the connection, with secrets.
    #[must_use]
    pub const fn settings(&self) -> &Value {
        &self.settings
    }

    /// The captured fields and tokens.
    #[must_use]
    pub const fn captured(&self) -> &Value {
        &self.connection
    }

    /// The secret texts in it, longest first: for keeping them out of what is shown.
    #[must_use]
    pub fn secrets(&self) -> Vec<Text> {
        let mut secrets: Vec<Text> = Vec::new();
        let mut differing = |all: &Value, open: &Value| {
            for (name, value) in all.as_object().unwrap_or_default() {
                if open.get(name).is_none()
                    && let Value::Text(text) = value
                {
                    secrets.push(text.clone());
                }
            }
        };
        differing(&self.settings, &self.open_settings);
        differing(&self.source, &self.open_source);
        differing(&self.connection, &without(&self.connection, &TOKENS));
        secrets.retain(|secret| secret.len() >= 4);
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets
    }
}

/// What varies from request to request.
#[derive(Clone, Debug, Default)]
pub struct Asking {
    /// Where in the paging it stands.
    pub page: Value,
    /// The lower bound, as it is written.
    pub since: Value,
    /// The upper bound, as it is written.
    pub until: Value,
    /// The partition.
    pub partition: Value,
    /// The id asked for.
    pub id: Value,
    /// A batch of ids.
    pub ids: Value,
}

/// The variables of [`crate::definition::value::InRequest`].
#[must_use]
pub fn in_request(given: &Given, asking: &Asking) -> [Value; 9] {
    let Asking { page, since, until, partition, id, ids } = asking;
    [
        given.settings.clone(),
        given.connection.clone(),
        given.source.clone(),
        page.clone(),
        since.clone(),
        until.clone(),
        partition.clone(),
        id.clone(),
        ids.clone(),
    ]
}

/// The variables of [`crate::definition::value::OfRecord`].
#[must_use]
pub fn of_record(given: &Given, record: &Value, envelope: &Value, headers: &Value, partition: &Value) -> [Value; 7] {
    [
        record.clone(),
        envelope.clone(),
        headers.clone(),
        partition.clone(),
        given.open_settings.clone(),
        given.open_source.clone(),
        without(&given.connection, &TOKENS),
    ]
}

/// The headers of a request or answer as the variable `headers`: lower case, with `_` for `-`. Of a repeated one, the last counts.
#[must_use]
pub fn headers<'h>(headers: impl IntoIterator<Item = (&'h str, &'h str)>) -> Value {
    Value::object(headers.into_iter().map(|(name, value)| (name.to_ascii_lowercase().replace('-', "_"), Value::from(value))))
}
