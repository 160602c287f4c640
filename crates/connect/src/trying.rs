//! Trying: whether a connection works, and what a poll would give, without anything being stored.

use std::sync::Arc;

use salesdash_providers::definition::Definition;
use salesdash_providers::definition::enrichment::Enrichment;
use salesdash_providers::definition::request::RequestTemplate;
use salesdash_providers::inference::{Inference, ModelHeader};
use salesdash_providers::interpret::enrich::id_key;
use salesdash_providers::interpret::paging::{Next, Position};
use salesdash_providers::interpret::progress::{self, Progress};
use salesdash_providers::interpret::request::{build, redact};
use salesdash_providers::interpret::variables::{Asking, Given};
use salesdash_providers::request::text_of;
use salesdash_value::{Text, Value};

use crate::connect::{Connect, ConnectError, Result};
use crate::connection::{Connection, Trouble};
use crate::documents::PollSettings;
use crate::enrich::{self, Cache, LookedUp};
use crate::listing::{self, For};
use crate::own;

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
    /// What was learnt of the fields, as [`Inference::to_value`] writes it.
    pub shape: Value,
    /// The body of the answer, where no records were found in it: to see where they stand.
    pub body: Option<Value>,
    /// Why there are no records, where the answer holds none where they should be: a run of this poll would end with it.
    pub problem: Option<String>,
}

/// What an enrichment is tried on.
#[derive(Clone, Debug)]
pub enum TriedOn {
    /// A record.
    Record(Value),
    /// A record of the poll's first page, which is asked for: its place there.
    Page(usize),
}

/// An enrichment, tried.
#[derive(Clone, Debug)]
pub struct TriedEnrichment {
    /// What was picked to ask for; null where the record holds nothing there. It can be personal data.
    pub id: Value,
    /// The request that was made: method and URL, without secrets. None where there was nothing to ask for.
    pub request: Option<String>,
    /// What was fetched. It can hold personal data.
    pub found: Option<Value>,
    /// The body of the answer, where nothing was found in it: to see where it stands.
    pub body: Option<Value>,
    /// The name of the model that it yields.
    pub name: Text,
    /// The declaration of the fields, as inferred.
    pub model: Value,
    /// What was learnt of the fields, as [`Inference::to_value`] writes it.
    pub shape: Value,
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
            shape: inference.to_value(),
            problem: page.unlisted,
            model: inference.model(&header, &Value::Null),
            key,
            version,
            body: (page.count == 0).then_some(page.body),
            records: page.records.into_iter().take(MAX_SHOWN).collect(),
        })
    }

    /// Fetches an enrichment that people define on a source, for one record. Nothing is stored.
    ///
    /// # Errors
    /// Where the settings make no sense, there is no such record, or the vendor does not answer.
    pub async fn try_enrichment(&self, tenant: i64, provider: i64, settings: &Value, name: &str, on: TriedOn) -> Result<TriedEnrichment> {
        let connection = self.connection(tenant, provider)?;
        let unknown = || ConnectError::Invalid(format!("there is no enrichment `{name}` in the settings"));
        let poll = settings.get("poll").filter(|_| connection.definition().custom_polls).ok_or_else(unknown)?;
        let (of_poll, definition) = own::custom(connection.definition(), poll, settings).map_err(ConnectError::Unsound)?;
        let chain = own::chain(settings, name).ok_or_else(unknown)?;
        let mut parent = match on {
            TriedOn::Record(record) => record,
            TriedOn::Page(place) => {
                let tried = self.try_poll(tenant, provider, settings).await?;
                let count = tried.records.len();
                let none =
                    || ConnectError::Invalid(format!("the first page holds {count} records, and none at that place; try the poll again"));
                tried.records.into_iter().nth(place).ok_or_else(none)?
            }
        };
        let (given, now) = (connection.given(), connection.clock().now());
        let mut model = of_poll.model.0.clone();
        let cache = Cache::default();
        for (place, step) in chain.iter().enumerate() {
            let (fetch, id) = enrich::picked_id(&definition, &model, step, &given, &parent, now)?;
            let enrichment = definition.enrichments.get(&fetch).ok_or_else(unknown)?;
            model = enrichment.model().clone();
            if place + 1 == chain.len() {
                return tried_enrichment(&connection, &definition, (&fetch, enrichment), &given, id).await;
            }
            let wanted = enrich::Wanted { definition: &definition, name: &fetch, enrichment, given: &given, fresh: true };
            let missing = || ConnectError::Invalid(format!("this record has no `{step}` that `{name}` could hang on; try another record"));
            parent = cache.fetch(&connection, wanted, &id, &parent).await?.ok_or_else(missing)?;
        }
        Err(unknown())
    }
}

async fn tried_enrichment(
    connection: &Connection,
    definition: &Definition,
    (name, enrichment): (&Text, &Enrichment),
    given: &Given,
    id: Value,
) -> Result<TriedEnrichment> {
    let http = connection.definition().http.as_ref();
    let http = http.ok_or_else(|| ConnectError::Invalid("nothing can be requested of this provider".to_owned()))?;
    let told = |request: &RequestTemplate, asking: &Asking| -> Result<String> {
        let outgoing = build(http, request, given, asking, &connection.allowed()?, connection.clock().now()).map_err(Trouble::Failed)?;
        Ok(redact(&format!("{} {}", outgoing.method.name(), outgoing.url), &given.secrets()))
    };
    let (request, looked_up) = match enrichment {
        _ if id_key(&id).is_none() => (None, LookedUp::default()),
        Enrichment::ById(rules) => {
            let asking = Asking { id: id.clone(), ids: Value::list([id.clone()]), ..Asking::default() };
            (Some(told(&rules.request, &asking)?), enrich::look_up(connection, given, rules, &id).await?)
        }
        Enrichment::Table(rules) => {
            let page = Position::default().variable(rules.list.paging.as_ref());
            let request = told(&rules.list.request, &Asking { page: page.clone(), ..Asking::default() })?;
            let reading = For { source: given, partition: &Value::Null, pages: 1 };
            let first = listing::page(connection, &rules.list, &Position::default(), Asking { page, ..Asking::default() }, reading).await?;
            let body = first.body.clone();
            let wanted = enrich::Wanted { definition, name, enrichment, given, fresh: true };
            let found = match first.unlisted {
                Some(_) => None,
                None => Cache::default().row_of(connection, wanted, rules, &id).await?,
            };
            (Some(request), LookedUp { found, body })
        }
        Enrichment::NamedFields(_) => return Err(ConnectError::Invalid("this kind of enrichment cannot be tried here".to_owned())),
    };
    let mut inference = Inference::new();
    if let Some(found) = &looked_up.found {
        inference.absorb(found);
    }
    Ok(TriedEnrichment {
        id,
        request,
        body: looked_up.found.is_none().then_some(looked_up.body),
        found: looked_up.found,
        name: enrichment.model().clone(),
        model: inference.model(&ModelHeader::default(), &Value::Null),
        shape: inference.to_value(),
    })
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
