//! First start, signing in and out.

use std::net::SocketAddr;

use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum::response::{IntoResponse, Response};
use salesdash_store::installation::Tenant;
use salesdash_store::users::{NewUser, User};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::app::done;
use crate::auth::{By, Caller, SESSION_COOKIE, SESSION_SECONDS, csrf_of, session_of};
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body};
use crate::password;
use crate::problem::Problem;
use crate::routes::settings::Settings;
use crate::wire::{Id, Params};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::GET, "/api/v1/setup", Role::Public, "getSetup", "Whether the first administrator is still to be made")
            .query::<SetupQuery>()
            .answer::<Setup>(),
        get_setup,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/setup",
            Role::Public,
            "completeSetup",
            "Makes the first administrator, or sets the password of an invited user, by a one-time link; signs in",
        )
        .body::<CompleteSetup>()
        .answer::<Session>(),
        complete_setup,
    );
    table.add(Endpoint::new(Method::GET, "/api/v1/session", Role::Viewer, "getSession", "Who is signed in").answer::<Session>(), get);
    table.add(
        Endpoint::new(Method::POST, "/api/v1/session", Role::Public, "signIn", "Signs in").body::<SignIn>().answer::<Session>(),
        sign_in,
    );
    table.add(Endpoint::new(Method::DELETE, "/api/v1/session", Role::Viewer, "signOut", "Signs out").status(204), sign_out);
    table.add(
        Endpoint::new(
            Method::PUT,
            "/api/v1/session/password",
            Role::Viewer,
            "changePassword",
            "Changes one's own password, and ends one's other sessions",
        )
        .body::<ChangePassword>()
        .answer::<Session>(),
        change_password,
    );
}

/// Who is signed in, and to what.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Session {
    user: SessionUser,
    tenant: SessionTenant,
    /// To be sent as `X-CSRF-Token` with every change. Null where an API token is used, which needs none.
    csrf: Option<String>,
    /// The version of the server.
    version: &'static str,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SessionUser {
    id: Id,
    name: String,
    /// Null where an API token is used.
    email: Option<String>,
    role: Role,
    /// Whether they may reveal personal data.
    reveal: bool,
}

#[derive(Debug, Serialize, JsonSchema)]
struct SessionTenant {
    id: Id,
    #[serde(flatten)]
    settings: Settings,
}

impl Session {
    fn new(user: SessionUser, tenant: &Tenant, csrf: Option<String>) -> Self {
        let tenant = SessionTenant { id: Id(tenant.id), settings: Settings::of(tenant) };
        Self { user, tenant, csrf, version: env!("CARGO_PKG_VERSION") }
    }

    fn of_user(user: User, tenant: &Tenant, csrf: String) -> Self {
        let role = Role::from_name(&user.role).unwrap_or(Role::Viewer);
        let user = SessionUser { id: Id(user.id), name: user.name, email: Some(user.email), role, reveal: user.reveal };
        Self::new(user, tenant, Some(csrf))
    }
}

async fn get(State(app): State<App>, caller: Caller) -> Result<Answer<Session>, Problem> {
    app.read(caller.tenant, move |scope| {
        let tenant = scope.tenant_row()?;
        Ok(Answer(match caller.by {
            By::Session { user, csrf } => Session::of_user(scope.user(user)?, &tenant, csrf),
            By::Token(id) => {
                let user = SessionUser { id: Id(id), name: caller.actor, email: None, role: caller.role, reveal: caller.reveal };
                Session::new(user, &tenant, None)
            }
        }))
    })
    .await
}

/// Begins a session of a user, as the answer to a request.
fn begin(app: &App, user: User) -> Result<Response, Problem> {
    let (tenant, id) = (user.tenant, user.id);
    let secret = app.store().write(tenant, move |scope| scope.begin_session(id, SESSION_SECONDS * 1_000_000))?;
    let tenant = app.store().read(tenant, |scope| scope.tenant_row())?;
    let mut response = Answer(Session::of_user(user, &tenant, csrf_of(&secret))).into_response();
    set_cookie(app, &mut response, &secret, SESSION_SECONDS);
    Ok(response)
}

fn set_cookie(app: &App, response: &mut Response, secret: &str, seconds: i64) {
    let secure = if app.config().public_url.as_deref().is_some_and(|url| url.starts_with("https://")) { "; Secure" } else { "" };
    let cookie = format!("{SESSION_COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// What to sign in with.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    email: String,
    password: String,
}

/// Where a request comes from, where that is known.
type From = Option<axum::Extension<ConnectInfo<SocketAddr>>>;

async fn sign_in(State(app): State<App>, from: From, Body(given): Body<SignIn>) -> Result<Response, Problem> {
    let tried = app.logins().take(from.map(|from| from.0.0.ip()), &given.email)?;
    app.blocking(move |app| {
        let user = app.store().user_by_email(&given.email)?;
        let fits = password::fits(&given.password, user.as_ref().and_then(|user| user.password.as_deref()));
        match user {
            Some(user) if fits => {
                app.logins().succeeded(tried);
                app.change_as(user.tenant, &user.name, "session.began", {
                    let id = user.id;
                    move |_| Ok(done("user", id, ()))
                })?;
                begin(app, user)
            }
            _ => Err(Problem::unauthorized("the e-mail address or the password is wrong")),
        }
    })
    .await
}

async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Result<Response, Problem> {
    let secret = session_of(&headers).map(ToOwned::to_owned);
    app.blocking(move |app| {
        if let Some(secret) = secret {
            app.store().end_session(&secret)?;
        }
        let mut response = axum::http::StatusCode::NO_CONTENT.into_response();
        set_cookie(app, &mut response, "", 0);
        Ok(response)
    })
    .await
}

/// A new password.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    current: String,
    new: String,
}

async fn change_password(State(app): State<App>, caller: Caller, Body(given): Body<ChangePassword>) -> Result<Response, Problem> {
    let By::Session { user, .. } = caller.by else {
        return Err(Problem::bad_request("an API token has no password; make a new token instead"));
    };
    app.blocking(move |app| {
        let known = app.store().read(caller.tenant, |scope| scope.user(user))?;
        let tried = app.logins().take(None, &known.email)?;
        if !password::fits(&given.current, known.password.as_deref()) {
            return Err(Problem::invalid("this is not your current password").at("/current"));
        }
        app.logins().succeeded(tried);
        let hash = password::hash(&given.new).map_err(|problem| problem.at("/new"))?;
        app.change_as(caller.tenant, &caller.actor, "user.password_changed", move |scope| {
            scope.set_password(user, &hash)?;
            Ok(done("user", user, ()))
        })?;
        begin(app, known)
    })
    .await
}

#[derive(Deserialize, JsonSchema)]
struct SetupQuery {
    /// The token of a link, to learn whom it invites.
    #[serde(default)]
    token: Option<String>,
}

/// Whether there is something to set up.
#[derive(Serialize, JsonSchema)]
struct Setup {
    /// Whether the first administrator is still to be made.
    needed: bool,
    /// The user whom the link of this token invites to choose a password; null where it invites nobody.
    invited: Option<Invited>,
}

#[derive(Serialize, JsonSchema)]
struct Invited {
    name: String,
    email: String,
}

async fn get_setup(State(app): State<App>, Params(query): Params<SetupQuery>) -> Result<Answer<Setup>, Problem> {
    app.blocking(move |app| {
        let invited = query.token.map(|token| app.store().user_of_invite(&token)).transpose()?.flatten();
        let invited = invited.map(|user| Invited { name: user.name, email: user.email });
        Ok(Answer(Setup { needed: !app.store().has_administrator()?, invited }))
    })
    .await
}

/// The first administrator, or an invited user.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CompleteSetup {
    /// The token of the link.
    token: String,
    /// The name of the administrator; an invited user has one already.
    #[serde(default)]
    name: Option<String>,
    /// The e-mail address of the administrator; an invited user has one already.
    #[serde(default)]
    email: Option<String>,
    /// The password to sign in with from now on.
    password: String,
}

async fn complete_setup(State(app): State<App>, from: From, Body(given): Body<CompleteSetup>) -> Result<Response, Problem> {
    let tried = app.logins().take(from.map(|from| from.0.0.ip()), &given.token)?;
    app.blocking(move |app| {
        if let Some(user) = app.store().user_of_invite(&given.token)? {
            app.logins().succeeded(tried);
            let hash = password::hash(&given.password)?;
            let id = user.id;
            app.change_as(user.tenant, &user.name, "user.invitation_accepted", move |scope| {
                scope.set_password(id, &hash)?;
                Ok(done("user", id, ()))
            })?;
            return begin(app, user);
        }
        // Taken before it is used, so that two requests at once cannot both make an administrator.
        let link = app.setup().lock().take_if(|link| link.is(&given.token));
        let Some(link) = link else {
            return Err(Problem::forbidden("this link was used already or is not valid; the server prints a new one when it starts"));
        };
        app.logins().succeeded(tried);
        match first_administrator(app, given) {
            Ok(user) => begin(app, user),
            Err(problem) => {
                // It was not used after all.
                *app.setup().lock() = Some(link);
                Err(problem)
            }
        }
    })
    .await
}

fn first_administrator(app: &App, given: CompleteSetup) -> Result<User, Problem> {
    if app.store().has_administrator()? {
        return Err(Problem::forbidden("there is an administrator already; sign in, or ask for an invitation"));
    }
    let name = check::name(&given.name.unwrap_or_default())?;
    let email = check::email(&given.email.unwrap_or_default())?;
    let password = Some(password::hash(&given.password)?);
    let tenants = app.store().tenants()?;
    let tenant = tenants.first().ok_or_else(|| Problem::internal("the installation has no tenant"))?.id;
    let new = NewUser { name: name.clone(), email, role: Role::Admin.name().to_owned(), reveal: true, password };
    app.change_as(tenant, &name, "user.created", move |scope| {
        let user = scope.create_user(&new)?;
        Ok(done("user", user.id, user))
    })
}
