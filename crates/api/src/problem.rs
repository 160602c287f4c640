//! Errors as they stand on the wire: `application/problem+json` (RFC 9457), with a stable code and, where there is one, the JSON pointer
//! of what is wrong in the request.

use std::borrow::Cow;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;

use crate::json::Document;

/// One thing that is wrong. Small, so that results are.
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<Wrong>);

impl std::ops::Deref for Problem {
    type Target = Wrong;

    fn deref(&self) -> &Wrong {
        &self.0
    }
}

impl JsonSchema for Problem {
    fn schema_name() -> Cow<'static, str> {
        Wrong::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Wrong::json_schema(generator)
    }
}

/// What is wrong.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Problem")]
pub struct Wrong {
    /// A name for the kind of problem: the path of a page about it, on this server.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words.
    pub title: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// A stable code.
    pub code: &'static str,
    /// What is wrong and what to do about it.
    pub detail: String,
    /// The JSON pointer of what is wrong in the request body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// The messages of the checker, where a spec or a model was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub diagnostics: Vec<Document>,
    /// The newest version, where somebody else saved in between.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
    /// The seconds after which to try again. On the wire it is the header `Retry-After`.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

/// The code of what was erased on request.
pub const ERASED: &str = "erased";

/// A kind of problem, with what its page says of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// A stable code.
    pub code: &'static str,
    /// The HTTP status that it comes with.
    pub status: u16,
    /// The kind in words.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// What to do about it.
    pub todo: &'static str,
}

impl Kind {
    /// The address of its page: what stands as `type` in a problem.
    #[must_use]
    pub fn address(&self) -> String {
        format!("/docs/problems/{}", self.code)
    }
}

/// Every kind there is: nothing else makes a problem, so every `type` has its page.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $code:literal, $title:literal, $meaning:literal, $todo:literal;)+) => {
        /// Each kind of problem.
        pub const KINDS: &[Kind] = &[
            $(Kind { code: $code, status: StatusCode::$status.as_u16(), title: $title, meaning: $meaning, todo: $todo },)+
        ];

        impl Problem {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(detail: impl Into<String>) -> Self {
                    const KIND: Kind =
                        Kind { code: $code, status: StatusCode::$status.as_u16(), title: $title, meaning: $meaning, todo: $todo };
                    Self::new(&KIND, detail.into())
                }
            )+
        }
    };
}

kinds! {
    /// The request makes no sense.
    bad_request = BAD_REQUEST, "bad_request", "The request makes no sense",
        "A parameter, a header or the JSON of the body cannot be read, or something that is required is not there.",
        "Read `detail`: it names what is wrong, and `pointer` the place in the body. Hold the request against /openapi.json.";
    /// No token, or one that is not known or has expired.
    unauthorized = UNAUTHORIZED, "unauthorized", "Not signed in",
        "The request says not who it is from: there is no token and no session, or it has ended, or it was revoked. Also: a wrong e-mail address or password.",
        "Sign in again, or send an API token as `Authorization: Bearer sd_…`. An administrator makes tokens under Settings.";
    /// The token may not do this.
    forbidden = FORBIDDEN, "forbidden", "Not allowed",
        "Who asks is known and has not the role for this, or not the permission to reveal personal data; or a change within a session came without its header `X-CSRF-Token`.",
        "Ask an administrator for the role or the permission that `detail` names. A program sends with every change the `csrf` that its session gave it.";
    /// There is no such thing.
    not_found = NOT_FOUND, "not_found", "Not found",
        "There is nothing at this address, or it belongs to somebody else, or it has been removed.",
        "Look at the list that it should be in. Ids are strings of digits.";
    /// It was there, and is no more.
    gone = GONE, "gone", "Not there any more",
        "It was there once. Retention has removed what was received, to save space and to keep personal data no longer than needed.",
        "Nothing brings it back but its source sending it again. How long payloads are kept is a setting.";
    /// It was erased, because the contact that it is about asked for it.
    erased = GONE, "erased", "Erased on request",
        "The contact that this is about has been erased: what was received of them is gone for good, with the traces of it. Executions are still listed, and records keep their numbers.",
        "Nothing brings it back. What was erased when, by whom and why stands in the audit log, without saying who it was.";
    /// The state of things does not allow it.
    conflict = CONFLICT, "conflict", "Not possible as things stand",
        "The request makes sense, and something stands in its way: a name that is taken, a job that has ended, more that would be touched than was confirmed.",
        "Read `detail`, look at the present state and ask again.";
    /// Somebody else saved in between.
    changed = PRECONDITION_FAILED, "changed", "Changed in the meantime",
        "Somebody else has saved since the version that `If-Match` names. Nothing was overwritten.",
        "Read it again (`version` tells the newest), bring both changes together, and save with the new ETag.";
    /// The request must say which version it means.
    unconditional = PRECONDITION_REQUIRED, "if_match_required", "If-Match is needed",
        "A change of this must say which version it was made from, so that nobody overwrites what they have not seen.",
        "Send the `ETag` that reading it gave as `If-Match`.";
    /// The request is too large.
    too_large = PAYLOAD_TOO_LARGE, "too_large", "Too large",
        "The body is larger than what this address takes.",
        "Send less at once. The limit of a webhook is a setting of its source.";
    /// Too many requests.
    too_many = TOO_MANY_REQUESTS, "too_many_requests", "Too many requests",
        "There were more requests, or more failed tries to sign in, than are allowed in a while.",
        "Wait as many seconds as the header `Retry-After` says, and then go on more slowly.";
    /// The content has errors.
    invalid = UNPROCESSABLE_ENTITY, "invalid", "The content has errors",
        "The request can be read, and what it says cannot be so: a value that is not allowed, a spec that the checker refuses.",
        "`pointer` names the place in the body, and `diagnostics` holds the messages of the checker, each with a code that has a page of its own and often with a fix.";
    /// Something went wrong here.
    internal = INTERNAL_SERVER_ERROR, "internal", "Something went wrong",
        "The server met with something that should not happen. What was accepted before is safe.",
        "Try again. Where it happens again, look at the server's log, and report it with what stands there.";
    /// The address takes other methods.
    wrong_method = METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed",
        "There is something at this address, and it does not take this method.",
        "Look the address up in /openapi.json.";
    /// The external system does not answer as it should.
    vendor = BAD_GATEWAY, "vendor", "The external system does not answer as it should",
        "The request needs an external system, and that did not answer, refused, or answered something that cannot be used.",
        "Read `detail`; test the connection on the provider's page, and connect it again where its credentials no longer work.";
    /// Not now.
    unavailable = SERVICE_UNAVAILABLE, "unavailable", "Not available at the moment",
        "The server is starting or stopping, or its database cannot be written: the disk is full, or another program holds it. Nothing that was accepted is lost.",
        "Try again in a moment. Where it stays so, look at /ready, the free space of the disk and the server's log.";
}

impl Problem {
    fn new(kind: &Kind, detail: String) -> Self {
        Self(Box::new(Wrong {
            kind: kind.address(),
            title: kind.title,
            status: kind.status,
            code: kind.code,
            detail,
            pointer: None,
            diagnostics: Vec::new(),
            version: None,
            retry_after: None,
        }))
    }

    /// The same, about a place in the request body.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.0.pointer = Some(pointer.into());
        self
    }

    /// The same, with the messages of the checker.
    #[must_use]
    pub fn with(mut self, diagnostics: &[salesdash_language::diagnostics::Diagnostic]) -> Self {
        self.0.diagnostics = diagnostics.iter().map(|diagnostic| Document(diagnostic.to_value())).collect();
        self
    }
}

impl Problem {
    /// What is wrong and what to do about it.
    #[must_use]
    pub fn into_detail(self) -> String {
        self.0.detail
    }

    /// The same, which names the newest version.
    #[must_use]
    pub fn newest(mut self, version: i64) -> Self {
        self.0.version = Some(version);
        self
    }

    /// The same, with the seconds after which to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after = Some(seconds);
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}
