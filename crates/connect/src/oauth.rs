//! Connecting in the browser: the vendor's page, and what it comes back with.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::SignedDuration;
use parking_lot::Mutex;
use salesdash_providers::definition::auth::Auth;
use salesdash_providers::interpret::credentials;
use salesdash_value::Instant;
use url::Url;

use crate::connect::{Connect, ConnectError, Result};
use crate::connection::{Trouble, blocking};

/// How long the vendor's page can be taken over.
const LIFETIME: SignedDuration = SignedDuration::from_mins(20);
/// Connections that can be on their way at once.
const MAX_PENDING: usize = 1_000;

/// Connections that are on their way through a browser.
#[derive(Default)]
pub struct Pending(Mutex<HashMap<String, Started>>);

struct Started {
    tenant: i64,
    provider: i64,
    actor: String,
    verifier: String,
    redirect_url: String,
    until: Instant,
}

/// A connection that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Whose.
    pub tenant: i64,
    /// The provider.
    pub provider: i64,
}

fn random_text() -> Result<String> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| ConnectError::Invalid(format!("the system gives no random numbers: {error}")))?;
    Ok(hex::encode(bytes))
}

impl Connect {
    /// The address of the vendor's page on which a person grants access to a provider. `redirect_url` is where the vendor sends the browser
    /// afterwards: the address that is registered there. `actor` must be the one that comes back.
    ///
    /// # Errors
    /// Where the provider is not connected in the browser, or its settings are not filled in.
    pub fn authorize(&self, tenant: i64, provider: i64, redirect_url: &str, actor: &str) -> Result<Url> {
        let connection = self.connection(tenant, provider)?;
        let Some(Auth::Oauth2(oauth2)) = connection.auth() else {
            return Err(ConnectError::Invalid("this provider is not connected in the browser".to_owned()));
        };
        let (state, verifier) = (random_text()?, random_text()?);
        let now = self.means.clock.now();
        let url =
            credentials::authorize_url(oauth2, &connection.given(), &state, redirect_url, &verifier, now).map_err(ConnectError::Invalid)?;
        let mut pending = self.pending.0.lock();
        pending.retain(|_, started| started.until > now);
        if pending.len() >= MAX_PENDING {
            return Err(ConnectError::Invalid("too many connections are being made; try again in a few minutes".to_owned()));
        }
        let until = now.checked_add(LIFETIME).unwrap_or(Instant::MAX);
        let started = Started { tenant, provider, actor: actor.to_owned(), verifier, redirect_url: redirect_url.to_owned(), until };
        pending.insert(state, started);
        Ok(url)
    }

    /// Takes what the browser came back with, and connects the provider: the code is exchanged for tokens, which are stored encrypted.
    /// Each state serves once.
    ///
    /// # Errors
    /// Where the state is not known (any more) or is another person's, or the vendor gives no token.
    pub async fn callback(&self, state: &str, code: &str, actor: &str) -> Result<Connected> {
        let now = self.means.clock.now();
        let started = self.pending.0.lock().remove(state).filter(|started| started.until > now && started.actor == actor);
        let Some(started) = started else {
            let text = "this connection was not begun here, or too long ago; begin it again from the provider's page";
            return Err(ConnectError::Invalid(text.to_owned()));
        };
        let (tenant, provider) = (started.tenant, started.provider);
        let connection = self.connection(tenant, provider)?;
        let (Some(auth @ Auth::Oauth2(oauth2)), Some(http)) = (connection.auth(), &connection.definition().http) else {
            return Err(ConnectError::Invalid("this provider is not connected in the browser any more".to_owned()));
        };
        let outgoing = credentials::exchange(oauth2, http, &connection.given(), code, &started.redirect_url, &started.verifier, now);
        let answer = connection.token_answer(&outgoing.map_err(ConnectError::Invalid)?).await?;
        let tokens = credentials::received(auth, &answer.body, &connection.tokens(), now).map_err(Trouble::Failed)?;
        connection.keep(tokens).await?;
        let engine = Arc::clone(self.engine());
        let actor = actor.to_owned();
        blocking(move || {
            engine.store().write(tenant, move |scope| {
                if scope.provider(provider)?.status == "needs_reconnecting" {
                    scope.set_provider_status(provider, "active")?;
                }
                scope.audit(&actor, "provider.connected", &format!("provider:{provider}"), None, None)
            })
        })
        .await?;
        self.changed(tenant, provider);
        self.engine().changed(tenant);
        Ok(Connected { tenant, provider })
    }
}
