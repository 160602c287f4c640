//! The tenant's own agents, teams, projects, segments and propositions.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_language::mask::MASK;
use salesdash_store::browse::Linked;
use salesdash_store::entities::Entity as Stored;
use salesdash_store::records::IdentityRow;
use salesdash_store::{Paging, Scope};
use salesdash_value::IdentityKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::app::{Worked, done};
use crate::auth::Caller;
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body};
use crate::problem::Problem;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time, given};

pub fn add(table: &mut Table) {
    const LIST: &str = "/api/v1/entities/{kind}";
    const ONE: &str = "/api/v1/entities/{kind}/{id}";
    table.add(
        Endpoint::new(
            Method::GET,
            LIST,
            Role::Viewer,
            "listEntities",
            "The agents, teams, projects, segments or propositions, newest first",
        )
        .query::<EntitiesQuery>()
        .answer::<Listed<Entity>>(),
        list,
    );
    table.add(
        Endpoint::new(Method::POST, LIST, Role::Builder, "createEntity", "Makes an agent, a team, a project, a segment or a proposition")
            .body::<CreateEntity>()
            .answer::<Entity>()
            .status(201),
        create,
    );
    table.add(Endpoint::new(Method::GET, ONE, Role::Viewer, "getEntity", "One of them").answer::<Entity>(), get);
    table.add(
        Endpoint::new(Method::PATCH, ONE, Role::Builder, "updateEntity", "Changes one of them, archives it, or takes it back into use")
            .body::<UpdateEntity>()
            .answer::<Entity>(),
        update,
    );
}

/// The kinds, as they stand in paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EntityKind {
    Agents,
    Teams,
    Projects,
    Segments,
    Propositions,
}

impl EntityKind {
    /// The identities that are linked to one.
    pub fn identities(self) -> IdentityKind {
        match self {
            Self::Agents => IdentityKind::Agent,
            Self::Teams => IdentityKind::Team,
            Self::Projects => IdentityKind::Project,
            Self::Segments => IdentityKind::Segment,
            Self::Propositions => IdentityKind::Proposition,
        }
    }

    /// The word for one, in the audit log.
    fn one(self) -> &'static str {
        match self {
            Self::Agents => "agent",
            Self::Teams => "team",
            Self::Projects => "project",
            Self::Segments => "segment",
            Self::Propositions => "proposition",
        }
    }
}

/// An agent, a team, a project, a segment or a proposition.
#[derive(Serialize, JsonSchema)]
struct Entity {
    id: Id,
    name: String,
    /// An agent's e-mail address. Masked for those who may not reveal personal data.
    email: Option<String>,
    /// Whether it is out of use.
    archived: bool,
    created: Time,
    /// The external identities that are linked to it.
    identities: Vec<LinkedIdentity>,
    counts: Counts,
}

/// An external identity, as its entity shows it.
#[derive(Serialize, JsonSchema)]
struct LinkedIdentity {
    id: String,
    provider: Id,
    external_id: String,
    external_name: String,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "EntityCounts")]
struct Counts {
    identities: usize,
    /// Records that name one of them.
    records: i64,
}

/// Identities that are looked through for those of a page of entities.
const MAX_IDENTITIES: usize = 10_000;

/// Entities as they stand on the wire.
fn wire(scope: &mut Scope<'_>, kind: EntityKind, stored: Vec<Stored>, reveal: bool) -> Worked<Vec<Entity>> {
    let ids: Vec<i64> = stored.iter().map(|entity| entity.id).collect();
    let of_these = |row: &IdentityRow| row.entity.is_some_and(|entity| ids.contains(&entity));
    let all = Paging { before: i64::MAX, limit: MAX_IDENTITIES };
    let linked = scope.identities_where(&[kind.identities()], Linked::Yes, all, of_these)?.items;
    let naming: Vec<_> = linked.iter().map(|row| row.row.id).collect();
    let counted = scope.records_naming(&naming)?;
    let entities = stored.into_iter().map(|entity| {
        let own: Vec<&IdentityRow> = linked.iter().filter(|row| row.entity == Some(entity.id)).collect();
        let records = own.iter().filter_map(|row| counted.iter().find(|(id, _)| *id == row.row.id)).map(|(_, count)| count).sum();
        Entity {
            id: Id(entity.id),
            name: entity.name,
            email: entity.email.map(|email| if reveal { email } else { MASK.to_owned() }),
            archived: entity.archived,
            // The id is the time at which it was made.
            created: Time(entity.id),
            counts: Counts { identities: own.len(), records },
            identities: own
                .into_iter()
                .map(|row| LinkedIdentity {
                    id: hex::encode(row.row.id.0),
                    provider: Id(row.provider),
                    external_id: row.row.external_id.to_string(),
                    external_name: row.row.field("external_name").as_text().unwrap_or(&row.row.external_id).to_owned(),
                })
                .collect(),
        }
    });
    Ok(entities.collect())
}

fn one(scope: &mut Scope<'_>, kind: EntityKind, stored: Stored, reveal: bool) -> Worked<Entity> {
    let mut entities = wire(scope, kind, vec![stored], reveal)?;
    entities.pop().ok_or_else(|| Problem::internal("an entity is lost").into())
}

#[derive(Deserialize, JsonSchema)]
struct EntitiesQuery {
    /// Part of the name.
    #[serde(default)]
    q: Option<String>,
    /// Whether those out of use are listed too.
    #[serde(default)]
    archived: bool,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    At(kind): At<EntityKind>,
    Params(query): Params<EntitiesQuery>,
) -> Result<Answer<Listed<Entity>>, Problem> {
    let paging = PageQuery { cursor: query.cursor, limit: query.limit }.paging()?;
    let wanted = query.q.map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty());
    app.read(caller.tenant, move |scope| {
        let keep = |entity: &Stored| {
            (query.archived || !entity.archived)
                && wanted.as_ref().is_none_or(|wanted| entity.name.to_lowercase().contains(wanted.as_str()))
        };
        let page = scope.entities_where(kind.identities(), paging, keep)?;
        Ok(Answer(Listed { items: wire(scope, kind, page.items, caller.reveal)?, next: page.next }))
    })
    .await
}

fn known(scope: &mut Scope<'_>, kind: EntityKind, id: i64) -> Worked<Stored> {
    let entity = scope.entity(id)?;
    if entity.kind == kind.identities() { Ok(entity) } else { Err(Problem::not_found(format!("there is no such {}", kind.one())).into()) }
}

async fn get(State(app): State<App>, caller: Caller, At((kind, Id(id))): At<(EntityKind, Id)>) -> Result<Answer<Entity>, Problem> {
    app.read(caller.tenant, move |scope| {
        let stored = known(scope, kind, id)?;
        Ok(Answer(one(scope, kind, stored, caller.reveal)?))
    })
    .await
}

/// One to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateEntity {
    name: String,
    /// An agent's e-mail address.
    #[serde(default)]
    email: Option<String>,
}

async fn create(
    State(app): State<App>,
    caller: Caller,
    At(kind): At<EntityKind>,
    Body(given): Body<CreateEntity>,
) -> Result<Response, Problem> {
    let name = check::name(&given.name)?;
    let email = given.email.as_deref().map(check::email).transpose()?;
    if email.is_some() && kind != EntityKind::Agents {
        return Err(Problem::invalid("only an agent has an e-mail address").at("/email"));
    }
    let reveal = caller.reveal;
    let made = app
        .change(&caller, "entity.created", move |scope| {
            let entity = scope.create_entity(kind.identities(), &name, email.as_deref())?;
            Ok(done(kind.one(), entity.id, one(scope, kind, entity, reveal)?))
        })
        .await?;
    Ok((StatusCode::CREATED, Answer(made)).into_response())
}

/// What is to be different.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateEntity {
    #[serde(default)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    email: Option<Option<String>>,
    #[serde(default)]
    archived: Option<bool>,
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    At((kind, Id(id))): At<(EntityKind, Id)>,
    Body(given): Body<UpdateEntity>,
) -> Result<Answer<Entity>, Problem> {
    let name = given.name.as_deref().map(check::name).transpose()?;
    let email = given.email.map(|email| email.as_deref().map(check::email).transpose()).transpose()?;
    let reveal = caller.reveal;
    app.change(&caller, "entity.changed", move |scope| {
        let mut entity = known(scope, kind, id)?;
        let details = json!({ "renamed": name.is_some(), "email_changed": email.is_some(), "archived": given.archived });
        entity.name = name.unwrap_or(entity.name);
        entity.email = email.unwrap_or(entity.email);
        entity.archived = given.archived.unwrap_or(entity.archived);
        scope.update_entity(&entity)?;
        let stored = scope.entity(id)?;
        Ok(done(kind.one(), id, Answer(one(scope, kind, stored, reveal)?)).with(details))
    })
    .await
}
