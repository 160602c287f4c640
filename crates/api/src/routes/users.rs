//! Users and their roles.

use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_store::users::{NewUser, User as Stored};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::app::done;
use crate::auth::{Caller, INVITE_SECONDS};
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body};
use crate::password;
use crate::problem::Problem;
use crate::server::base_url;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time};

pub fn add(table: &mut Table) {
    const LIST: &str = "/api/v1/users";
    const ONE: &str = "/api/v1/users/{id}";
    table.add(
        Endpoint::new(Method::GET, LIST, Role::Admin, "listUsers", "The users, newest first").query::<PageQuery>().answer::<Listed<User>>(),
        list,
    );
    table.add(
        Endpoint::new(Method::POST, LIST, Role::Admin, "createUser", "Makes a user, with a one-time link unless a password is given")
            .body::<CreateUser>()
            .answer::<Created>()
            .status(201),
        create,
    );
    table.add(
        Endpoint::new(Method::PATCH, ONE, Role::Admin, "updateUser", "Changes a user's name, role or permission")
            .body::<UpdateUser>()
            .answer::<User>(),
        update,
    );
    table.add(Endpoint::new(Method::DELETE, ONE, Role::Admin, "deleteUser", "Removes a user and ends their sessions").status(204), delete);
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/users/{id}/invite",
            Role::Admin,
            "inviteUser",
            "Makes a new one-time link by which a user chooses a password",
        )
        .answer::<Invitation>(),
        invite,
    );
}

/// A user.
#[derive(Serialize, JsonSchema)]
struct User {
    id: Id,
    name: String,
    email: String,
    role: Role,
    /// Whether they may reveal personal data.
    reveal: bool,
    created: Time,
    /// When they signed in last.
    seen: Option<Time>,
    /// Whether they have chosen a password yet.
    active: bool,
}

impl From<Stored> for User {
    fn from(user: Stored) -> Self {
        Self {
            id: Id(user.id),
            role: Role::from_name(&user.role).unwrap_or(Role::Viewer),
            reveal: user.reveal,
            created: Time(user.created),
            seen: user.seen.map(Time),
            active: user.password.is_some(),
            name: user.name,
            email: user.email,
        }
    }
}

async fn list(State(app): State<App>, caller: Caller, Params(page): Params<PageQuery>) -> Result<Answer<Listed<User>>, Problem> {
    app.read(caller.tenant, move |scope| {
        let users = scope.users()?.into_iter().map(User::from).collect();
        Ok(Answer(page.slice(users, |user| user.id.to_string())?))
    })
    .await
}

/// A user to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateUser {
    name: String,
    email: String,
    role: Role,
    #[serde(default)]
    reveal: bool,
    /// Where none is given, the user chooses one by the link in the answer.
    #[serde(default)]
    password: Option<String>,
}

/// A user that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedUser")]
struct Created {
    user: User,
    /// The link by which the user chooses a password, shown once. Null where a password was given.
    invite_url: Option<String>,
}

async fn create(State(app): State<App>, caller: Caller, headers: HeaderMap, Body(given): Body<CreateUser>) -> Result<Response, Problem> {
    let (name, email) = (check::name(&given.name)?, check::email(&given.email)?);
    let role = given.role;
    let base = base_url(&app, &headers);
    app.blocking(move |app| {
        let password = given.password.as_deref().map(password::hash).transpose()?;
        let new = NewUser { name, email, role: role.name().to_owned(), reveal: given.reveal, password };
        let (user, invite) = app.change_as(caller.tenant, &caller.actor, "user.created", move |scope| {
            let user = scope.create_user(&new)?;
            let invite = if new.password.is_none() { Some(scope.invite(user.id, INVITE_SECONDS * 1_000_000)?) } else { None };
            let details = json!({ "name": new.name, "role": new.role, "reveal": new.reveal });
            Ok(done("user", user.id, (user, invite)).with(details))
        })?;
        let invite_url = invite.map(|secret| link(&base, &secret));
        Ok((StatusCode::CREATED, Answer(Created { user: user.into(), invite_url })).into_response())
    })
    .await
}

fn link(base: &str, secret: &str) -> String {
    format!("{base}/setup?token={secret}")
}

/// What is to be different.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateUser {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    role: Option<Role>,
    #[serde(default)]
    reveal: Option<bool>,
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Body(given): Body<UpdateUser>,
) -> Result<Answer<User>, Problem> {
    let name = given.name.as_deref().map(check::name).transpose()?;
    let role = given.role;
    app.change(&caller, "user.changed", move |scope| {
        let known = scope.user(id)?;
        let role = role.map_or_else(|| known.role.clone(), |role| role.name().to_owned());
        let reveal = given.reveal.unwrap_or(known.reveal);
        scope.update_user(id, &name.unwrap_or(known.name), &role, reveal)?;
        let details = json!({ "role": role, "reveal": reveal });
        Ok(done("user", id, Answer(scope.user(id)?.into())).with(details))
    })
    .await
}

async fn delete(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<StatusCode, Problem> {
    app.change(&caller, "user.deleted", move |scope| {
        let known = scope.user(id)?;
        scope.delete_user(id)?;
        Ok(done("user", id, StatusCode::NO_CONTENT).with(json!({ "name": known.name })))
    })
    .await
}

/// A link.
#[derive(Serialize, JsonSchema)]
struct Invitation {
    /// The link by which the user chooses a password, shown once.
    invite_url: String,
}

async fn invite(State(app): State<App>, caller: Caller, headers: HeaderMap, At(Id(id)): At<Id>) -> Result<Answer<Invitation>, Problem> {
    let base = base_url(&app, &headers);
    app.change(&caller, "user.invited", move |scope| {
        let secret = scope.invite(id, INVITE_SECONDS * 1_000_000)?;
        Ok(done("user", id, Answer(Invitation { invite_url: link(&base, &secret) })))
    })
    .await
}
