//! Trying: whether a connection works, and what a poll would give, without anything being stored.

use std::sync::Arc;

use salesdash_providers::inference::{Inference, ModelHeader};
use salesdash_providers::interpret::paging::{Next, Position};
use salesdash_providers::interpret::progress::{self, Progress};
use salesdash_providers::interpret::request::{build, redact};
use salesdash_providers::interpret::variables::Asking;
use salesdash_providers::request::text_of;
use salesdash_value::{Text, Value};

use crate::connect::{Connect, ConnectError, Result};
use crate::connection::{Connection, Trouble};
use crate::documents::PollSettings;
use crate::listing::{self, For};

/// What *Test connection* says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tested {
    /// Whether it works.
    pub ok: bool,
    /// A sentence or two.
    pub detail: String,
    /// The account, as the vendor names it.
    pub account: Option<Text>,
}

/// The first page of a poll, tried.
#[derive(Clone, Debug)]
pub struct Tried {
    /// The records of the page, [`MAX_SHOWN`] at most. They can hold personal data.
    pub records: Vec<Value>,
    /// How many the vendor gave.
    pub count: usize,
    /// The request that was made: method and URL, without secrets.
    pub request: String,
    /// Whether there is a further page.
    pub more: bool,
    /// The declaration of the fields, as inferred.
    pub model: Value,
    /// The field that most likely tells one record from another.
    pub key: Option<Text>,
    /// The field that most likely tells a later state from an earlier one.
    pub version: Option<Text>,
    /// The body of the answer, where no records were found in it: to see where they stand.
    pub body: Option<Value>,
}

/// Records that are shown.
pub const MAX_SHOWN: usize = 25;

impl Connect {
    /// Tests the connection of a provider.
    ///
    /// # Errors
    /// Where there is no such provider. That the connection does not work is no error.
    pub async fn test(&self, tenant: i64, provider: i64) -> Result<Tested> {
        let connection = self.connection(tenant, provider)?;
        Ok(tested(&connection).await)
    }

    /// Tests a connection with settings and secrets that are not stored yet.
    ///
    /// # Errors
    /// Where there is no such type.
    pub async fn test_unsaved(&self, tenant: i64, provider_type: &str, settings: &Value, credentials: &Value) -> Result<Tested> {
        let connection = self.unsaved(tenant, provider_type, settings, credentials)?;
        Ok(tested(&connection).await)
    }

    /// Asks for the first page of a poll, as the settings of a source describe it. Nothing is stored.
    ///
    /// # Errors
    /// Where the settings make no sense, or the vendor does not answer.
    pub async fn try_poll(&self, tenant: i64, provider: i64, settings: &Value) -> Result<Tried> {
        let connection: Arc<Connection> = self.connection(tenant, provider)?;
        let settings = PollSettings::read(connection.kind(), settings).map_err(ConnectError::Unsound)?;
        let given = connection.given().with_source(&settings.poll.settings, &settings.settings);
        let now = connection.clock().now();
        let incremental = settings.poll.incremental.as_ref();
        let span = Progress::default().span(incremental, "", settings.start(now), now);
        let written = |mark: &Option<progress::Mark>| match (mark, incremental) {
            (Some(mark), Some(incremental)) => progress::written(incremental, mark),
            _ => Value::Null,
        };
        let position = Position::default();
        let page = position.variable(settings.poll.list.paging.as_ref());
        let asking = Asking { page, since: written(&span.since), until: written(&span.until), ..Asking::default() };
        let http = connection
            .definition()
            .http
            .as_ref()
            .ok_or_else(|| ConnectError::Invalid("nothing can be requested of this provider".to_owned()))?;
        let outgoing = build(http, &settings.poll.list.request, &given, &asking, &connection.allowed()?, now).map_err(Trouble::Failed)?;
        let request = redact(&format!("{} {}", outgoing.method.name(), outgoing.url), &given.secrets());
        let reading = For { source: &given, partition: &Value::Null, pages: 1 };
        let page = listing::page(&connection, &settings.poll.list, &position, asking, reading).await?;
        if let Next::Failed(text) = &page.next {
            return Err(Trouble::Failed(text.clone()).into());
        }
        let mut inference = Inference::new();
        for record in &page.records {
            inference.absorb(record);
        }
        let (key, version) = (inference.suggested_key(), inference.suggested_version());
        let header = ModelHeader { key: key.clone(), version: version.clone(), var: None };
        Ok(Tried {
            count: page.count,
            request,
            more: !matches!(page.next, Next::Done),
            model: inference.model(&header, &Value::Null),
            key,
            version,
            body: (page.count == 0).then_some(page.body),
            records: page.records.into_iter().take(MAX_SHOWN).collect(),
        })
    }
}

async fn tested(connection: &Connection) -> Tested {
    let Some(check) = &connection.definition().check else {
        return Tested { ok: true, detail: "There is nothing to test: this provider is not asked for anything.".to_owned(), account: None };
    };
    let failed = |trouble: &Trouble| Tested { ok: false, detail: trouble.to_string(), account: None };
    let asked = match connection.ask(&check.request, &Asking::default(), None, None).await {
        Ok(asked) => asked,
        Err(trouble) => return failed(&trouble),
    };
    let account = match (&check.account, &asked.answer) {
        (Some(picked), Some(answer)) => {
            let named = picked.evaluate(&answer.variables(&Value::Null, 0), connection.clock().now());
            named.ok().as_ref().and_then(text_of).filter(|name| !name.is_empty())
        }
        _ => None,
    };
    for also in &check.also {
        if let Err(trouble) = connection.ask(&also.request, &Asking::default(), None, None).await {
            return Tested { ok: false, detail: format!("{} {trouble}", also.otherwise), account };
        }
    }
    let detail = account.as_ref().map_or_else(|| "It works.".to_owned(), |account| format!("It works: connected to {account}."));
    Tested { ok: true, detail, account }
}
