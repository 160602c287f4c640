//! The endpoint table: the only way to mount a route, and no row of it can be written without a role. The OpenAPI document is generated
//! from the same rows.

use std::pin::Pin;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::handler::Handler;
use axum::http::Method;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::App;
use crate::auth::{Caller, Reveal};
use crate::problem::Problem;

/// Who may use an endpoint. Each role may do what the ones before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Anybody, without a token: for webhooks (which verify by themselves), signing in and health checks. Nobody has it.
    #[serde(skip)]
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
    /// Whether it shows personal data where a reason is given in `?reveal=`.
    pub reveals: bool,
    pub(crate) query: Option<MakeSchema>,
    pub(crate) body: Option<MakeSchema>,
    pub(crate) raw_body: Option<&'static str>,
    pub(crate) answer: Option<MakeSchema>,
    pub(crate) raw_answer: Option<&'static str>,
    pub(crate) status: u16,
    pub(crate) limit: usize,
}

/// The largest body of a request, in bytes, where its endpoint says nothing else.
pub const MAX_BODY: usize = 1 << 20;

impl Endpoint {
    /// A row.
    #[must_use]
    pub const fn new(method: Method, path: &'static str, role: Role, name: &'static str, summary: &'static str) -> Self {
        Self {
            method,
            path,
            role,
            name,
            summary,
            reveals: false,
            query: None,
            body: None,
            raw_body: None,
            answer: None,
            raw_answer: None,
            status: 200,
            limit: MAX_BODY,
        }
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

    /// The same, with a body of another media type.
    #[must_use]
    pub const fn raw_body(mut self, media_type: &'static str) -> Self {
        self.raw_body = Some(media_type);
        self
    }

    /// The same, with a JSON answer.
    #[must_use]
    pub fn answer<T: JsonSchema>(mut self) -> Self {
        self.answer = Some(|generator| generator.subschema_for::<T>());
        self
    }

    /// The same, with an answer of another media type.
    #[must_use]
    pub const fn raw_answer(mut self, media_type: &'static str) -> Self {
        self.raw_answer = Some(media_type);
        self
    }

    /// The same, which answers with this status where all is well.
    #[must_use]
    pub const fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// The same, which takes bodies up to this size.
    #[must_use]
    pub const fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// The same, which shows personal data to those who may see it and say why.
    #[must_use]
    pub const fn reveals(mut self) -> Self {
        self.reveals = true;
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
    /// Adds a row and mounts its handler behind its role: the only way to mount one.
    pub fn add<H, T>(&mut self, endpoint: Endpoint, handler: H)
    where
        H: Handler<T, App>,
        T: 'static,
    {
        let filter = MethodFilter::try_from(endpoint.method.clone()).expect("a method that can be routed");
        let guarded = Guarded { handler, role: endpoint.role, reveals: endpoint.reveals };
        let route = on(filter, guarded).layer(DefaultBodyLimit::max(endpoint.limit));
        self.router = std::mem::take(&mut self.router).route(endpoint.path, route);
        self.rows.push(endpoint);
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[Endpoint] {
        &self.rows
    }

    pub(crate) fn into_router(self) -> Router<App> {
        self.router
    }
}

/// A handler behind its role.
#[derive(Clone)]
struct Guarded<H> {
    handler: H,
    role: Role,
    reveals: bool,
}

impl<H, T> Handler<T, App> for Guarded<H>
where
    H: Handler<T, App>,
    T: 'static,
{
    type Future = Pin<Box<dyn Future<Output = Response> + Send>>;

    fn call(self, mut request: Request, app: App) -> Self::Future {
        Box::pin(async move {
            match self.admit(&app, &mut request).await {
                Ok(()) => self.handler.call(request, app).await,
                Err(problem) => problem.into_response(),
            }
        })
    }
}

impl<H> Guarded<H> {
    /// Lets a request through where its caller has the role, and the permission to reveal where it asks for that.
    async fn admit(&self, app: &App, request: &mut Request) -> Result<(), Problem> {
        if self.role == Role::Public {
            return Ok(());
        }
        let caller = Caller::of(app, request.method(), request.headers()).await?;
        if caller.role < self.role {
            let (needed, has) = (self.role.name(), caller.role.name());
            return Err(Problem::forbidden(format!("this needs the role {needed}, and {} has {has}", caller.actor)));
        }
        if self.reveals
            && let Some(reason) = reveal_reason(request)
        {
            let reason = reason.trim().to_owned();
            if !caller.reveal {
                return Err(Problem::forbidden(
                    "personal data is shown only to those with the permission to reveal it; ask an administrator",
                ));
            }
            if reason.is_empty() || reason.len() > MAX_REASON {
                return Err(Problem::bad_request(format!("say in `reveal` why it must be shown, in {MAX_REASON} bytes at most")));
            }
            let (actor, target, why) = (caller.actor.clone(), request.uri().path().to_owned(), reason.clone());
            let tenant = caller.tenant;
            app.blocking(move |app| {
                app.store().write(tenant, move |scope| scope.audit(&actor, "personal_data.revealed", &target, Some(&why), None))?;
                Ok(())
            })
            .await?;
            request.extensions_mut().insert(Reveal(Some(reason)));
        }
        request.extensions_mut().insert(caller);
        Ok(())
    }
}

/// The longest reason, in bytes.
const MAX_REASON: usize = 500;

fn reveal_reason(request: &Request) -> Option<String> {
    let query = request.uri().query()?;
    form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "reveal").map(|(_, reason)| reason.into_owned())
}
