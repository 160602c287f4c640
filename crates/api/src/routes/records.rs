//! What executions wrote: activities, sales, calls, anonymous activities, periods.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::Method;
use salesdash_language::identity::Subject;
use salesdash_store::Scope;
use salesdash_store::browse::FoundRecords;
use salesdash_store::browse::RecordFilter;
use salesdash_store::records::RecordRow;
use salesdash_value::{IdentityKind, RecordKind, Value, datetime, number};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::app::Worked;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Document};
use crate::problem::Problem;
use crate::routes::executions::{Execution, Names, execution};
use crate::routes::identities::row_id;
use crate::routes::models::Named;
use crate::wire::{At, Id, Params, Searched, Time};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::GET, "/api/v1/records/{kind}", Role::Viewer, "listRecords", "Records of a kind, newest moment first")
            .query::<RecordsQuery>()
            .answer::<RecordsPage>(),
        list,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/records/{kind}/{id}",
            Role::Viewer,
            "getRecord",
            "A record, with the executions of what caused it",
        )
        .answer::<RecordWithHistory>(),
        get,
    );
}

/// The kinds, as they stand in paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RecordsKind {
    Activities,
    Sales,
    Calls,
    AnonymousActivities,
    Periods,
}

impl RecordsKind {
    fn stored(self) -> RecordKind {
        match self {
            Self::Activities => RecordKind::Activity,
            Self::Sales => RecordKind::Sale,
            Self::Calls => RecordKind::Call,
            Self::AnonymousActivities => RecordKind::AnonymousActivity,
            Self::Periods => RecordKind::Period,
        }
    }
}

#[derive(Deserialize, JsonSchema)]
struct RecordsQuery {
    /// From this moment on.
    #[serde(default)]
    from: Option<Time>,
    /// Before this moment.
    #[serde(default)]
    to: Option<Time>,
    /// The id of an agent, or of an agent's external identity.
    #[serde(default)]
    agent: Option<String>,
    #[serde(default)]
    provider: Option<Id>,
    /// Those that an execution last wrote.
    #[serde(default)]
    execution: Option<Id>,
    /// Part of the external id; where it is a whole one, the records of it alone.
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

/// A page of records.
#[derive(Serialize, JsonSchema)]
struct RecordsPage {
    /// Its rows.
    items: Vec<Record>,
    /// The cursor of the next page; null on the last. Where a text is looked for, there may be a next page after one without a row.
    next: Option<String>,
    /// How far the records were gone through for this page, where a part of an external id is looked for.
    searched: Option<Searched>,
}

/// A record.
#[derive(Serialize, JsonSchema)]
struct Record {
    /// 32 hexadecimal digits.
    id: String,
    /// `activity`, `sale`, `call`, `anonymous_activity` or `period`.
    kind: &'static str,
    provider: Named,
    external_id: String,
    /// Its fields by name: numbers as decimal strings, times in RFC 3339, identities as objects with what they are linked to.
    fields: BTreeMap<String, Document>,
    /// Who did it, where the record says and the identity is linked.
    agent: Option<Attributed>,
    /// The fields that keep what they have.
    locked: Vec<String>,
    /// The execution that last wrote it.
    execution: Id,
}

/// An identity, and what it is linked to.
#[derive(Clone, Serialize, JsonSchema)]
struct Attributed {
    /// The id of the external identity.
    identity: String,
    external_id: String,
    external_name: String,
    /// The agent that it is linked to.
    entity: Option<Named>,
}

/// A record, and what caused it.
#[derive(Serialize, JsonSchema)]
struct RecordWithHistory {
    #[serde(flatten)]
    record: Record,
    /// The executions that wrote it, whatever source record they ran on, and those of the source record that wrote it last, newest first, 100 at
    /// most.
    history: Vec<Execution>,
}

/// A field on the wire.
fn plain(value: &Value) -> Value {
    match value {
        Value::Number(value) => Value::Text(number::plain(*value)),
        Value::Datetime(instant) => Value::Text(datetime::rfc3339(*instant)),
        other => other.clone(),
    }
}

fn attributed(scope: &mut Scope<'_>, id: salesdash_value::Id) -> Worked<Option<Attributed>> {
    let Some(row) = scope.identity(id)? else { return Ok(None) };
    let entity = match row.entity {
        Some(entity) => Some(Named { id: Id(entity), name: scope.entity(entity)?.name }),
        None => None,
    };
    let external_name = row.row.field("external_name").as_text().unwrap_or(&row.row.external_id).to_owned();
    Ok(Some(Attributed { identity: hex::encode(id.0), external_id: row.row.external_id.to_string(), external_name, entity }))
}

fn record(scope: &mut Scope<'_>, stored: &RecordRow, providers: &[salesdash_store::config::Provider]) -> Worked<Record> {
    let mut fields = BTreeMap::new();
    let mut agent = None;
    for (name, value) in &stored.row.fields {
        let shown = match value {
            Value::Identity(identity) => {
                let found = attributed(scope, identity.id)?;
                if identity.kind == IdentityKind::Agent {
                    agent.clone_from(&found);
                }
                let entity = found.as_ref().and_then(|found| found.entity.as_ref());
                Value::object([
                    ("id", Value::text(hex::encode(identity.id.0))),
                    ("external_id", Value::Text(identity.external_id.clone())),
                    ("external_name", found.as_ref().map_or(Value::Null, |found| Value::text(&found.external_name))),
                    (
                        "entity",
                        entity.map_or(Value::Null, |entity| {
                            Value::object([("id", Value::text(entity.id.to_string())), ("name", Value::text(&entity.name))])
                        }),
                    ),
                ])
            }
            other => plain(other),
        };
        fields.insert(name.to_string(), Document(shown));
    }
    let kind = match stored.row.subject {
        Subject::Record(kind) => kind.name(),
        Subject::Identity(kind) => kind.name(),
    };
    let provider = providers.iter().find(|provider| provider.id == stored.provider);
    Ok(Record {
        id: hex::encode(stored.row.id.0),
        kind,
        provider: Named { id: Id(stored.provider), name: provider.map(|provider| provider.name.clone()).unwrap_or_default() },
        external_id: stored.row.external_id.to_string(),
        fields,
        agent,
        locked: stored.row.locked.iter().map(ToString::to_string).collect(),
        execution: Id(stored.row.execution.cast_signed()),
    })
}

/// The identities that an agent's id in a query stands for.
fn agents(scope: &mut Scope<'_>, agent: &str) -> Worked<Vec<salesdash_value::Id>> {
    if agent.len() == 32 {
        return Ok(vec![row_id(agent)?]);
    }
    let id = agent.parse().map_err(|_| Problem::bad_request("`agent` is the id of an agent or of an external identity"))?;
    Ok(scope.identities_of(IdentityKind::Agent, id)?.into_iter().map(|identity| identity.row.id).collect())
}

/// Records that are looked at for one page where a text is looked for: some tenths of a second, however many there are.
const MOST_LOOKED_AT: i64 = 10_000;

async fn list(
    State(app): State<App>,
    caller: Caller,
    At(kind): At<RecordsKind>,
    Params(query): Params<RecordsQuery>,
) -> Result<Answer<RecordsPage>, Problem> {
    let limit = query.limit.unwrap_or(salesdash_store::page::DEFAULT_LIMIT).clamp(1, salesdash_store::page::MAX_LIMIT);
    app.read(caller.tenant, move |scope| {
        let filter = RecordFilter {
            from: query.from.map(|Time(at)| at),
            to: query.to.map(|Time(at)| at),
            agents: query.agent.as_deref().map(|agent| agents(scope, agent)).transpose()?,
            provider: query.provider.map(|Id(id)| id),
            execution: query.execution.map(|Id(id)| id),
            external_id: query.q.map(|q| q.trim().to_owned()).filter(|q| !q.is_empty()),
        };
        let cursor = query.cursor.as_deref();
        let FoundRecords { page, searched } = match &filter.external_id {
            Some(_) => scope.find_records(kind.stored(), &filter, cursor, limit, MOST_LOOKED_AT)?,
            None => FoundRecords { page: scope.records(kind.stored(), &filter, cursor, limit)?, searched: None },
        };
        let providers = scope.providers()?;
        let items = page.items.iter().map(|stored| record(scope, stored, &providers)).collect::<Worked<Vec<_>>>()?;
        let searched = searched.map(|searched| Searched { count: searched.count, back_to: searched.back_to.map(Time) });
        Ok(Answer(RecordsPage { items, next: page.next, searched }))
    })
    .await
}

/// Executions that a record's history lists at most.
const MAX_HISTORY: usize = 100;

async fn get(
    State(app): State<App>,
    caller: Caller,
    At((kind, id)): At<(RecordsKind, String)>,
) -> Result<Answer<RecordWithHistory>, Problem> {
    let id = row_id(&id)?;
    app.blocking(move |app| {
        let missing = || Problem::not_found("there is no such record");
        let record = app.work(caller.tenant, |scope| {
            let stored = scope.record(id)?.filter(|stored| stored.row.subject == Subject::Record(kind.stored())).ok_or_else(missing)?;
            let providers = scope.providers()?;
            record(scope, &stored, &providers)
        })?;
        let writers = app.engine().writers(caller.tenant, id, MAX_HISTORY)?;
        let history = app.work(caller.tenant, |scope| {
            let mut names = Names::default();
            writers.into_iter().map(|stored| execution(scope, &mut names, stored)).collect::<Worked<Vec<_>>>()
        })?;
        Ok(Answer(RecordWithHistory { record, history }))
    })
    .await
}
