//! Sending requests: a port, and what sends them for real.

use std::time::Duration;

use async_trait::async_trait;
use salesdash_providers::definition::request::Method;
use salesdash_providers::interpret::answer::Answer;
use salesdash_providers::interpret::request::Outgoing;
use salesdash_value::{Value, json};
use tracing::Instrument;

use crate::guard::{Guard, Range, Refused};

/// Sends requests.
#[async_trait]
pub trait Http: Send + Sync {
    /// Sends a request and reads its answer. Redirects are not followed: that is for those who know where credentials may go.
    ///
    /// # Errors
    /// Why there is no answer.
    async fn send(&self, outgoing: &Outgoing) -> Result<Answer, HttpError>;
}

/// A client for what the operator alone names, such as a collector of traces: it reaches any address.
///
/// # Errors
/// Where the system offers no certificates or sockets.
pub fn plain_client() -> Result<reqwest::blocking::Client, String> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::blocking::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(10))
        .build()
        .map_err(|error| format!("the HTTP client cannot be made: {error}"))
}

/// What every request calls itself.
const USER_AGENT: &str = concat!("SalesDash/", env!("CARGO_PKG_VERSION"));

/// Why there is no answer. Holds no secret, no path and no parameter.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HttpError {
    /// It may pass: no connection, no answer in time, half an answer.
    #[error("{0}")]
    Unreachable(String),
    /// The address may not be reached from here.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The answer is larger than the definition allows.
    #[error("The vendor's answer is larger than {limit_bytes} bytes, the most that is read.")]
    TooLarge {
        /// The limit.
        limit_bytes: usize,
    },
}

/// Sends requests over the network, with TLS, to machines that the guard permits.
#[derive(Debug)]
pub struct Network {
    client: reqwest::Client,
    guard: Guard,
}

impl Network {
    /// Sends to the public internet, and to what the operator allows.
    ///
    /// # Errors
    /// Where the system offers no certificates or sockets.
    pub fn new(allowed: &[Range]) -> Result<Self, String> {
        // Another part of the program can have installed it before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let guard = Guard::new(allowed);
        let client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(30))
            .no_proxy()
            .referer(false)
            .dns_resolver(guard.clone())
            .build()
            .map_err(|error| format!("the HTTP client cannot be made: {error}"))?;
        Ok(Self { client, guard })
    }
}

#[async_trait]
impl Http for Network {
    async fn send(&self, outgoing: &Outgoing) -> Result<Answer, HttpError> {
        self.guard.check(&outgoing.url)?;
        let method = match outgoing.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
            Method::Patch => reqwest::Method::PATCH,
        };
        let named = method.clone();
        let mut request = self.client.request(method, outgoing.url.clone()).timeout(Duration::from_millis(outgoing.timeout_ms.into()));
        for (name, value) in &outgoing.headers {
            request = request.header(name.as_str(), value.as_str());
        }
        if let Some(body) = &outgoing.body {
            request = request.body(body.clone());
        }
        // The host alone: paths and parameters can hold what is of a person.
        let span = tracing::debug_span!(
            "request",
            otel.kind = "client",
            http.request.method = %named,
            server.address = outgoing.url.host_str(),
            http.response.status_code = tracing::field::Empty
        );
        let mut response = request.send().instrument(span.clone()).await.map_err(|error| failure(&error, outgoing))?;
        span.record("http.response.status_code", response.status().as_u16());
        let too_large = HttpError::TooLarge { limit_bytes: outgoing.max_answer_bytes };
        if response.content_length().is_some_and(|length| length > outgoing.max_answer_bytes as u64) {
            return Err(too_large);
        }
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
            .collect();
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failure(&error, outgoing))? {
            if bytes.len() + chunk.len() > outgoing.max_answer_bytes {
                return Err(too_large);
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(answer(status, headers, &bytes))
    }
}

/// An answer of these bytes.
#[must_use]
pub fn answer(status: u16, headers: Vec<(String, String)>, bytes: &[u8]) -> Answer {
    let is_blank = bytes.iter().all(u8::is_ascii_whitespace);
    let body = if is_blank { Some(Value::Null) } else { json::parse(bytes, json::Limits::DEFAULT).ok() };
    Answer { status, headers, is_json: body.is_some(), body: body.unwrap_or_default() }
}

fn failure(error: &reqwest::Error, outgoing: &Outgoing) -> HttpError {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(inner) = cause {
        if let Some(refused) = inner.downcast_ref::<Refused>() {
            return HttpError::Refused(refused.clone());
        }
        cause = inner.source();
    }
    let host = outgoing.url.host_str().unwrap_or_default();
    // What the library says can hold the whole URL: it is told in our own words.
    let text = if error.is_timeout() {
        format!("`{host}` did not answer within {} seconds.", outgoing.timeout_ms / 1000)
    } else if error.is_connect() {
        format!("`{host}` cannot be reached.")
    } else if error.is_body() || error.is_decode() {
        format!("The answer of `{host}` broke off.")
    } else {
        format!("The exchange with `{host}` broke off.")
    };
    HttpError::Unreachable(text)
}
