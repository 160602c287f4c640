//! Who is calling: an API token, or a person with a session.

use std::net::IpAddr;
use std::num::NonZeroU32;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use governor::clock::Clock;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::App;
use crate::endpoint::Role;
use crate::problem::Problem;

/// The cookie that holds the secret of a session.
pub const SESSION_COOKIE: &str = "salesdash_session";
/// The header that every change within a session must carry.
pub const CSRF_HEADER: &str = "x-csrf-token";
/// How long a session lasts, in seconds.
pub const SESSION_SECONDS: i64 = 14 * 24 * 3600;
/// How long a link to choose a password lasts, in seconds.
pub const INVITE_SECONDS: i64 = 7 * 24 * 3600;

/// Who is calling.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The tenant.
    pub tenant: i64,
    /// The role.
    pub role: Role,
    /// Whether they may reveal personal data.
    pub reveal: bool,
    /// The name that stands in the audit log.
    pub actor: String,
    /// By what they are known.
    pub by: By,
}

/// By what a caller is known.
#[derive(Clone, Debug)]
pub enum By {
    /// An API token of this id.
    Token(i64),
    /// The session of a user.
    Session {
        /// The user.
        user: i64,
        /// What changes must carry in [`CSRF_HEADER`].
        csrf: String,
    },
}

/// What changes within a session must carry. It is made of the session's secret, so it need not be stored.
#[must_use]
pub fn csrf_of(session: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(b"csrf\0").chain_update(session.as_bytes()).finalize())
}

/// The secret of the session that a request carries.
#[must_use]
pub fn session_of(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|cookies| cookies.split(';'))
        .filter_map(|cookie| cookie.trim().split_once('='))
        .find(|(name, _)| *name == SESSION_COOKIE)
        .map(|(_, value)| value)
}

impl Caller {
    /// Who sends a request.
    ///
    /// # Errors
    /// Where nobody is signed in, the token is not known or has ended, or a change within a session lacks its header.
    pub async fn of(app: &App, method: &Method, headers: &HeaderMap) -> Result<Self, Problem> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let token =
                value.to_str().ok().and_then(|value| value.split_once(' ')).filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
            let (_, token) = token.ok_or_else(|| Problem::unauthorized("send the token as `Authorization: Bearer sd_…`"))?;
            return Self::of_token(app, token.trim().to_owned()).await;
        }
        let Some(session) = session_of(headers) else {
            return Err(Problem::unauthorized("sign in, or send an API token as `Authorization: Bearer sd_…`"));
        };
        let caller = Self::of_session(app, session.to_owned()).await?;
        if !method.is_safe()
            && let By::Session { csrf, .. } = &caller.by
        {
            let sent = headers.get(CSRF_HEADER).map(|value| value.as_bytes()).unwrap_or_default();
            if !bool::from(csrf.as_bytes().ct_eq(sent)) {
                return Err(Problem::forbidden("a change within a session needs the header `X-CSRF-Token` with the session's `csrf`"));
            }
        }
        Ok(caller)
    }

    async fn of_token(app: &App, secret: String) -> Result<Self, Problem> {
        app.blocking(move |app| {
            let token = app.store().token(&secret)?;
            let token = token.ok_or_else(|| Problem::unauthorized("this token is not known; make one under Settings, API tokens"))?;
            if token.revoked.is_some() {
                return Err(Problem::unauthorized("this token was revoked"));
            }
            if token.expires.is_some_and(|expires| expires <= salesdash_store::now_micros()) {
                return Err(Problem::unauthorized("this token has expired"));
            }
            let role = Role::from_name(&token.role).ok_or_else(|| Problem::unauthorized("this token has no role"))?;
            let actor = format!("token {}", token.name);
            Ok(Self { tenant: token.tenant, role, reveal: token.reveal, actor, by: By::Token(token.id) })
        })
        .await
    }

    async fn of_session(app: &App, secret: String) -> Result<Self, Problem> {
        app.blocking(move |app| {
            let user =
                app.store().user_of_session(&secret)?.ok_or_else(|| Problem::unauthorized("the session has ended; sign in again"))?;
            let role = Role::from_name(&user.role).ok_or_else(|| Problem::unauthorized("this user has no role"))?;
            let by = By::Session { user: user.id, csrf: csrf_of(&secret) };
            Ok(Self { tenant: user.tenant, role, reveal: user.reveal, actor: user.name, by })
        })
        .await
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Only the guard of an endpoint puts one there.
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::unauthorized("sign in first"))
    }
}

/// The reason for which personal data is to be shown. Present where the request asks for it and the caller may.
#[derive(Clone, Debug)]
pub struct Reveal(pub Option<String>);

impl Reveal {
    /// Whether personal data is to be shown.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.0.is_some()
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Reveal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self(None)))
    }
}

/// The one-time link by which the first administrator is made.
pub struct SetupLink {
    hash: [u8; 32],
}

impl SetupLink {
    /// A link with this secret.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        Self { hash: salesdash_store::installation::hash(secret) }
    }

    /// Whether it is the link of this secret.
    #[must_use]
    pub fn is(&self, secret: &str) -> bool {
        self.hash.ct_eq(&salesdash_store::installation::hash(secret)).into()
    }
}

/// How often somebody may try to sign in: by address they come from, and by user they claim to be.
pub struct LoginLimits {
    by_ip: DefaultKeyedRateLimiter<IpAddr>,
    by_user: DefaultKeyedRateLimiter<[u8; 32]>,
}

/// Tries from one address at once, and then one every two seconds.
const TRIES_BY_IP: u32 = 50;
/// Tries for one user at once, and then one every ten seconds.
const TRIES_BY_USER: u32 = 10;

fn quota(seconds: u64, burst: u32) -> Quota {
    let quota = Quota::with_period(std::time::Duration::from_secs(seconds)).unwrap_or(Quota::per_second(NonZeroU32::MIN));
    quota.allow_burst(NonZeroU32::new(burst).unwrap_or(NonZeroU32::MIN))
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self { by_ip: RateLimiter::keyed(quota(2, TRIES_BY_IP)), by_user: RateLimiter::keyed(quota(10, TRIES_BY_USER)) }
    }
}

impl LoginLimits {
    /// Counts a try.
    ///
    /// # Errors
    /// Where there were too many.
    pub fn take(&self, ip: Option<IpAddr>, email: &str) -> Result<(), Problem> {
        let user = salesdash_store::installation::hash(&salesdash_store::users::normalized(email));
        let clock = governor::clock::DefaultClock::default();
        let by_ip = ip.and_then(|ip| self.by_ip.check_key(&ip).err());
        let wait = by_ip.or_else(|| self.by_user.check_key(&user).err()).map(|not_until| not_until.wait_time_from(clock.now()));
        self.by_ip.retain_recent();
        self.by_user.retain_recent();
        match wait {
            None => Ok(()),
            Some(wait) => Err(Problem::too_many("too many tries to sign in; wait a little").retry_after(wait.as_secs() + 1)),
        }
    }
}
