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
    /// A name for the kind of problem, as a path under the documentation.
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

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $status:ident, $code:literal, $title:literal;)+) => {
        impl Problem {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(detail: impl Into<String>) -> Self {
                    Self::new(StatusCode::$status, $code, $title, detail.into())
                }
            )+
        }
    };
}

kinds! {
    /// The request makes no sense.
    bad_request = BAD_REQUEST, "bad_request", "The request makes no sense";
    /// No token, or one that is not known or has expired.
    unauthorized = UNAUTHORIZED, "unauthorized", "Not signed in";
    /// The token may not do this.
    forbidden = FORBIDDEN, "forbidden", "Not allowed";
    /// There is no such thing.
    not_found = NOT_FOUND, "not_found", "Not found";
    /// It was there, and is no more.
    gone = GONE, "gone", "Not there any more";
    /// The state of things does not allow it.
    conflict = CONFLICT, "conflict", "Not possible as things stand";
    /// Somebody else saved in between.
    changed = PRECONDITION_FAILED, "changed", "Changed in the meantime";
    /// The request must say which version it means.
    unconditional = PRECONDITION_REQUIRED, "if_match_required", "If-Match is needed";
    /// The request is too large.
    too_large = PAYLOAD_TOO_LARGE, "too_large", "Too large";
    /// Too many requests.
    too_many = TOO_MANY_REQUESTS, "too_many_requests", "Too many requests";
    /// The content has errors.
    invalid = UNPROCESSABLE_ENTITY, "invalid", "The content has errors";
    /// Something went wrong here.
    internal = INTERNAL_SERVER_ERROR, "internal", "Something went wrong";
    /// The address takes other methods.
    wrong_method = METHOD_NOT_ALLOWED, "method_not_allowed", "Method not allowed";
    /// The external system does not answer as it should.
    vendor = BAD_GATEWAY, "vendor", "The external system does not answer as it should";
    /// Not now.
    unavailable = SERVICE_UNAVAILABLE, "unavailable", "Not available at the moment";
}

impl Problem {
    fn new(status: StatusCode, code: &'static str, title: &'static str, detail: String) -> Self {
        let kind = format!("/docs/problems/{code}");
        Self(Box::new(Wrong {
            kind,
            title,
            status: status.as_u16(),
            code,
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
