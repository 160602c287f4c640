//! Connecting in the browser: the vendor's page, and what it comes back with. What has to be known again then is stored, encrypted, so that a
//! restart in between does no harm.

use std::sync::Arc;

use salesdash_providers::definition::auth::Auth;
use salesdash_providers::interpret::credentials;
use salesdash_value::{Value, json};
use url::Url;

use crate::connect::{Connect, ConnectError, Result};
use crate::connection::{Trouble, blocking};
use crate::documents::parse;

/// How long the vendor's page can be taken over, in microseconds.
const LIFETIME_US: i64 = 20 * 60 * 1_000_000;

/// A connection that is on its way.
struct Started {
    tenant: i64,
    provider: i64,
    verifier: String,
    redirect_url: String,
}

/// A connection that was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connected {
    /// Whose.
    pub tenant: i64,
    /// The provider.
    pub provider: i64,
}

/// Why a provider was not connected.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct NotConnected {
    /// The provider, where it is known which it was begun for: its page is where that is to be said.
    pub provider: Option<i64>,
    /// Why.
    pub why: ConnectError,
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
        let document = json::to_string(&Value::object([
            ("actor", Value::from(actor)),
            ("verifier", verifier.as_str().into()),
            ("redirect_url", redirect_url.into()),
        ]));
        let expires = now.as_microsecond().saturating_add(LIFETIME_US);
        self.engine().store().write(tenant, move |scope| scope.begin_connecting(&state, provider, &document, expires))?;
        Ok(url)
    }

    /// What was begun under a state, by this person: it serves once.
    fn started(&self, state: &str, actor: &str) -> Result<Option<Started>> {
        let Some(kept) = self.engine().store().take_connecting(state)? else { return Ok(None) };
        let document = parse(&kept.document);
        let text = |name: &str| document.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let (tenant, provider) = (kept.tenant, kept.provider);
        let started = Started { tenant, provider, verifier: text("verifier"), redirect_url: text("redirect_url") };
        Ok((text("actor") == actor).then_some(started))
    }

    /// Forgets a connection that was begun, since access was not granted. Gives its provider, where this person began it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn abandon(&self, state: &str, actor: &str) -> Result<Option<i64>> {
        Ok(self.started(state, actor)?.map(|started| started.provider))
    }

    /// Takes what the browser came back with, and connects the provider: the code is exchanged for tokens, which are stored encrypted.
    /// Each state serves once.
    ///
    /// # Errors
    /// Where the state is not known (any more) or is another person's, or the vendor gives no token.
    pub async fn callback(&self, state: &str, code: &str, actor: &str) -> std::result::Result<Connected, NotConnected> {
        let unknown = |why: ConnectError| NotConnected { provider: None, why };
        let Some(started) = self.started(state, actor).map_err(unknown)? else {
            let text = "this connection was not begun here, or too long ago; begin it again from the provider's page";
            return Err(unknown(ConnectError::Invalid(text.to_owned())));
        };
        let provider = started.provider;
        self.exchange(started, code, actor).await.map_err(|why| NotConnected { provider: Some(provider), why })
    }

    /// Exchanges the code for tokens, and stores them.
    async fn exchange(&self, started: Started, code: &str, actor: &str) -> Result<Connected> {
        let now = self.means.clock.now();
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
