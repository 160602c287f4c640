//! Who is calling: an API token, or a person with a session.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use parking_lot::Mutex;
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

/// How often somebody may fail to sign in: from one address, and as one user. A try counts until it is known to have succeeded, so that many
/// at once are held up too.
pub struct LoginLimits {
    by_ip: Tries<IpAddr>,
    by_user: Tries<[u8; 32]>,
}

/// Failures from one address at once, and then one every two seconds.
const TRIES_BY_IP: (u32, Duration) = (50, Duration::from_secs(2));
/// Failures as one user at once, and then one every ten seconds.
const TRIES_BY_USER: (u32, Duration) = (10, Duration::from_secs(10));

/// Tries by what they have in common: so many at once, and then one in a while.
struct Tries<K> {
    every: Duration,
    burst: u32,
    /// Until when what was tried counts. Each try counts for `every`.
    until: Mutex<HashMap<K, Instant>>,
}

impl<K: Copy + Eq + Hash> Tries<K> {
    fn new((burst, every): (u32, Duration)) -> Self {
        Self { every, burst, until: Mutex::default() }
    }

    /// Counts a try. Where there were too many, gives how long to wait, and does not count it.
    fn take(&self, key: K, now: Instant) -> Result<(), Duration> {
        let mut until = self.until.lock();
        until.retain(|_, until| *until > now);
        let after = until.get(&key).copied().unwrap_or(now) + self.every;
        match (after - now).checked_sub(self.every * self.burst) {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                until.insert(key, after);
                Ok(())
            }
        }
    }

    /// Counts one try fewer.
    fn give_back(&self, key: K) {
        if let Some(until) = self.until.lock().get_mut(&key) {
            *until -= self.every;
        }
    }
}

impl Default for LoginLimits {
    fn default() -> Self {
        Self { by_ip: Tries::new(TRIES_BY_IP), by_user: Tries::new(TRIES_BY_USER) }
    }
}

/// A try to sign in that counts as failed until it is said to have succeeded.
#[must_use]
pub struct LoginTry {
    ip: Option<IpAddr>,
    user: [u8; 32],
}

impl LoginLimits {
    /// Counts a try.
    ///
    /// # Errors
    /// Where too many failed.
    pub fn take(&self, ip: Option<IpAddr>, email: &str) -> Result<LoginTry, Problem> {
        let user = salesdash_store::installation::hash(&salesdash_store::users::normalized(email));
        let now = Instant::now();
        let refused = |wait: Duration| Problem::too_many("too many tries to sign in; wait a little").retry_after(wait.as_secs() + 1);
        if let Some(ip) = ip {
            self.by_ip.take(ip, now).map_err(refused)?;
        }
        self.by_user.take(user, now).map_err(refused)?;
        Ok(LoginTry { ip, user })
    }

    /// Notes that a try succeeded: only failures count.
    pub fn succeeded(&self, tried: LoginTry) {
        if let Some(ip) = tried.ip {
            self.by_ip.give_back(ip);
        }
        self.by_user.give_back(tried.user);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_failed_counts_and_time_takes_it_away() {
        let (tries, start) = (Tries::new((3, Duration::from_secs(10))), Instant::now());
        let at = |second: u64| start + Duration::from_secs(second);
        for _ in 0..100 {
            tries.take("kim", at(0)).unwrap();
            tries.give_back("kim");
        }
        for _ in 0..3 {
            tries.take("kim", at(0)).unwrap();
        }
        assert_eq!(tries.take("kim", at(0)), Err(Duration::from_secs(10)));
        assert_eq!(tries.take("kim", at(4)), Err(Duration::from_secs(6)), "a refused try makes it no longer");
        tries.take("robin", at(4)).unwrap();
        tries.take("kim", at(10)).unwrap();
        assert!(tries.take("kim", at(10)).is_err());
        tries.take("kim", at(60)).unwrap();
        assert_eq!(tries.until.lock().len(), 1, "what no longer counts is forgotten");
    }
}
