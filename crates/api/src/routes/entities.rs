//! The tenant's own agents, teams, projects, segments and propositions.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_store::entities::Entity as Stored;
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
    /// An agent's e-mail address.
    email: Option<String>,
    /// Whether it is out of use.
    archived: bool,
    created: Time,
}

impl From<Stored> for Entity {
    fn from(entity: Stored) -> Self {
        // The id is the time at which it was made.
        Self { id: Id(entity.id), name: entity.name, email: entity.email, archived: entity.archived, created: Time(entity.id) }
    }
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
        Ok(Answer(scope.entities_where(kind.identities(), paging, keep)?.map(Entity::from).into()))
    })
    .await
}

fn known(scope: &mut salesdash_store::Scope<'_>, kind: EntityKind, id: i64) -> Worked<Stored> {
    let entity = scope.entity(id)?;
    if entity.kind == kind.identities() { Ok(entity) } else { Err(Problem::not_found(format!("there is no such {}", kind.one())).into()) }
}

async fn get(State(app): State<App>, caller: Caller, At((kind, Id(id))): At<(EntityKind, Id)>) -> Result<Answer<Entity>, Problem> {
    app.read(caller.tenant, move |scope| Ok(Answer(known(scope, kind, id)?.into()))).await
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
    let made = app
        .change(&caller, "entity.created", move |scope| {
            let entity = scope.create_entity(kind.identities(), &name, email.as_deref())?;
            Ok(done(kind.one(), entity.id, Entity::from(entity)))
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
    app.change(&caller, "entity.changed", move |scope| {
        let mut entity = known(scope, kind, id)?;
        let details = json!({ "renamed": name.is_some(), "email_changed": email.is_some(), "archived": given.archived });
        entity.name = name.unwrap_or(entity.name);
        entity.email = email.unwrap_or(entity.email);
        entity.archived = given.archived.unwrap_or(entity.archived);
        scope.update_entity(&entity)?;
        Ok(done(kind.one(), id, Answer(Entity::from(scope.entity(id)?))).with(details))
    })
    .await
}
