//! API tokens.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_store::installation::Token as Stored;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::app::done;
use crate::auth::Caller;
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body};
use crate::problem::Problem;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time};

pub fn add(table: &mut Table) {
    const LIST: &str = "/api/v1/tokens";
    table.add(
        Endpoint::new(Method::GET, LIST, Role::Admin, "listTokens", "The API tokens, newest first")
            .query::<PageQuery>()
            .answer::<Listed<Token>>(),
        list,
    );
    table.add(
        Endpoint::new(Method::POST, LIST, Role::Admin, "createToken", "Makes an API token; its secret is shown this once")
            .body::<CreateToken>()
            .answer::<Created>()
            .status(201),
        create,
    );
    table.add(Endpoint::new(Method::DELETE, "/api/v1/tokens/{id}", Role::Admin, "revokeToken", "Revokes an API token").status(204), revoke);
}

/// An API token.
#[derive(Serialize, JsonSchema)]
struct Token {
    id: Id,
    name: String,
    role: Role,
    /// Whether it may reveal personal data.
    reveal: bool,
    created: Time,
    expires: Option<Time>,
    revoked: Option<Time>,
}

impl From<Stored> for Token {
    fn from(token: Stored) -> Self {
        Self {
            id: Id(token.id),
            role: Role::from_name(&token.role).unwrap_or(Role::Viewer),
            reveal: token.reveal,
            created: Time(token.created),
            expires: token.expires.map(Time),
            revoked: token.revoked.map(Time),
            name: token.name,
        }
    }
}

async fn list(State(app): State<App>, caller: Caller, Params(page): Params<PageQuery>) -> Result<Answer<Listed<Token>>, Problem> {
    app.read(caller.tenant, move |scope| {
        let tokens = scope.tokens()?.into_iter().map(Token::from).collect();
        Ok(Answer(page.slice(tokens, |token| token.id.to_string())?))
    })
    .await
}

/// A token to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateToken {
    name: String,
    role: Role,
    #[serde(default)]
    reveal: bool,
    /// When it ends; never where nothing is said.
    #[serde(default)]
    expires: Option<Time>,
}

/// A token that was made.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "CreatedToken")]
struct Created {
    token: Token,
    /// What to send as `Authorization: Bearer …`. It is stored nowhere and shown this once.
    secret: String,
}

async fn create(State(app): State<App>, caller: Caller, Body(given): Body<CreateToken>) -> Result<Response, Problem> {
    let name = check::name(&given.name)?;
    let role = given.role;
    let created = app
        .change(&caller, "token.created", move |scope| {
            if given.expires.is_some_and(|Time(expires)| expires <= scope.now()) {
                return Err(Problem::invalid("the token would have expired already").at("/expires").into());
            }
            let (token, secret) = scope.create_token(&name, role.name(), given.reveal, given.expires.map(|Time(expires)| expires))?;
            let details = json!({ "name": name, "role": role.name(), "reveal": given.reveal });
            Ok(done("token", token.id, Created { token: token.into(), secret }).with(details))
        })
        .await?;
    Ok((StatusCode::CREATED, Answer(created)).into_response())
}

async fn revoke(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<StatusCode, Problem> {
    app.change(&caller, "token.revoked", move |scope| {
        scope.revoke_token(id)?;
        Ok(done("token", id, StatusCode::NO_CONTENT))
    })
    .await
}
