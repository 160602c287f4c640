//! The endpoint table: the only way to mount a route, and no row of it can be written without a role. The OpenAPI document is generated
//! from the same rows.

use axum::Router;
use axum::extract::{Request, State};
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};

use crate::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// Who may use an endpoint. Each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Anybody, without a token: for webhooks (which verify by themselves) and health checks.
    Public,
    /// May look.
    Viewer,
    /// May build integrations.
    Builder,
    /// May do everything.
    Admin,
}

impl Role {
    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Viewer => "viewer",
            Self::Builder => "builder",
            Self::Admin => "admin",
        }
    }

    /// The role of this name that a token can have.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Viewer, Self::Builder, Self::Admin].into_iter().find(|role| role.name() == name)
    }
}

type MakeSchema = fn(&mut SchemaGenerator) -> Schema;

/// One row of the table.
pub struct Endpoint {
    /// The HTTP method.
    pub method: Method,
    /// The path, with `{parameters}`.
    pub path: &'static str,
    /// Who may use it.
    pub role: Role,
    /// Its name in generated clients.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    pub(crate) query: Option<MakeSchema>,
    pub(crate) body: Option<MakeSchema>,
    pub(crate) answer: Option<MakeSchema>,
    pub(crate) status: u16,
}

impl Endpoint {
    /// A row.
    #[must_use]
    pub const fn new(method: Method, path: &'static str, role: Role, name: &'static str, summary: &'static str) -> Self {
        Self { method, path, role, name, summary, query: None, body: None, answer: None, status: 200 }
    }

    /// The same, with parameters in the query.
    #[must_use]
    pub fn query<T: JsonSchema>(mut self) -> Self {
        self.query = Some(|generator| generator.subschema_for::<T>());
        self
    }

    /// The same, with a JSON body.
    #[must_use]
    pub fn body<T: JsonSchema>(mut self) -> Self {
        self.body = Some(|generator| generator.subschema_for::<T>());
        self
    }

    /// The same, with a JSON answer.
    #[must_use]
    pub fn answer<T: JsonSchema>(mut self) -> Self {
        self.answer = Some(|generator| generator.subschema_for::<T>());
        self
    }

    /// The same, which answers with this status where all is well.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// The table, while it is being filled.
#[derive(Default)]
pub struct Table {
    rows: Vec<Endpoint>,
    router: Router<App>,
}

impl Table {
    /// Adds a row and mounts its handler behind its role.
    pub fn add<H, T>(&mut self, app: &App, endpoint: Endpoint, handler: H)
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(endpoint.method.clone()).expect("a method that can be routed");
        let role = endpoint.role;
        let state = (app.clone(), role);
        let route = on(filter, handler).layer(middleware::from_fn_with_state(state, guard));
        self.router = std::mem::take(&mut self.router).route(endpoint.path, route);
        self.rows.push(endpoint);
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Endpoint] {
        &self.rows
    }

    pub(crate) fn into_parts(self) -> (Router<App>, Vec<Endpoint>) {
        (self.router, self.rows)
    }
}

/// Lets a request through where its token has the role.
async fn guard(State((app, role)): State<(App, Role)>, mut request: Request, next: Next) -> Response {
    if role == Role::Public {
        return next.run(request).await;
    }
    let caller = match Caller::of(&app, request.headers()).await {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    if caller.role < role {
        let detail = format!("this needs the role {}, and the token has {}", role.name(), caller.role.name());
        return Problem::forbidden(detail).into_response();
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}
