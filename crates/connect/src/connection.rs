//! A connection: one provider of one tenant, asked with its credentials, within its limits, and again where that may help.

use std::future::Future;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::SignedDuration;
use parking_lot::Mutex;
use salesdash_engine::Engine;
use salesdash_providers::ProviderType;
use salesdash_providers::definition::Definition;
use salesdash_providers::definition::auth::Auth;
use salesdash_providers::definition::http::{Http as HttpRules, SharedBy};
use salesdash_providers::definition::request::{Method, RequestTemplate};
use salesdash_providers::interpret::answer::{self, Answer, Judgement, judge};
use salesdash_providers::interpret::credentials::{self, Life};
use salesdash_providers::interpret::hosts::Allowed;
use salesdash_providers::interpret::limits;
use salesdash_providers::interpret::request::{self, Outgoing, redact};
use salesdash_providers::interpret::variables::{Asking, Given};
use salesdash_providers::personal::without_personal;
use salesdash_value::{Instant, Text, Value};
use tokio::sync::OwnedSemaphorePermit;
use url::Url;

use crate::breaker::Breaker;
use crate::clock::{Clock, backoff};
use crate::documents::{CONNECTION, parse, with_connection};
use crate::halt::{Halt, Wait};
use crate::http::{Http, HttpError};
use crate::limiter::Limiter;

/// Tries of one request.
pub const MAX_TRIES: u32 = 5;

/// The longest that a request waits for a vendor that said how long; beyond, whoever asked comes back later.
pub const MAX_WAIT_IN_REQUEST: Duration = Duration::from_secs(120);

/// The longest sentence that is told of what a vendor said, in characters.
const MAX_TOLD: usize = 400;

/// What credentials looked like, of how many is remembered.
const MAX_SENT: usize = 16;

/// Redirects that are followed.
const MAX_REDIRECTS: u32 = 5;

/// Why there is no answer. Sentences hold no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// It may pass: to be asked again, not before the given time where the vendor named one.
    #[error("{text}")]
    Later {
        /// How long to wait at least.
        after: Option<Duration>,
        /// What to say about it.
        text: String,
    },
    /// It does not pass by itself.
    #[error("{0}")]
    Failed(String),
    /// The credentials no longer work, or there are none.
    #[error("{0}")]
    NeedsReconnecting(String),
    /// The kept position of the paging is no longer accepted.
    #[error("{0}")]
    RestartPaging(String),
    /// The vendor says that there is no such thing.
    #[error("The vendor answered with status 404 (there is no such thing).")]
    Nothing,
}

impl Trouble {
    /// What kind of trouble it is, in a word: for logs, which hold nothing that a vendor said.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Later { .. } => "may pass",
            Self::Failed(_) => "failed",
            Self::NeedsReconnecting(_) => "needs reconnecting",
            Self::RestartPaging(_) => "paging begins anew",
            Self::Nothing => "nothing there",
        }
    }
}

/// What is shared by everything that asks one connection, whatever becomes of its settings.
#[derive(Debug)]
pub struct Shared {
    limiter: Limiter,
    breaker: Breaker,
    renewing: tokio::sync::Mutex<()>,
}

impl Shared {
    /// Until when nothing is asked, since the vendor said so.
    pub(crate) fn held(&self, now: Instant) -> Option<Wait> {
        self.limiter.held(now)
    }

    /// For the limits of a definition.
    #[must_use]
    pub fn new(definition: &Definition) -> Self {
        Self {
            limiter: Limiter::new(definition.limits.as_ref(), |rate| rate.shared_by != Some(SharedBy::Provider)),
            breaker: Breaker::default(),
            renewing: tokio::sync::Mutex::new(()),
        }
    }
}

/// What a connection works with.
#[derive(Clone)]
pub struct Means {
    /// The engine, and with it the store. None for a connection that is only tried.
    pub engine: Arc<Engine>,
    /// Sends requests.
    pub http: Arc<dyn Http>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// A connection.
pub struct Connection {
    /// The tenant.
    pub tenant: i64,
    /// The provider; `None` while it is only tried.
    pub provider: Option<i64>,
    kind: Arc<ProviderType>,
    means: Means,
    shared: Arc<Shared>,
    /// What all connections of this type share.
    of_type: Arc<Limiter>,
    given: Given,
    tokens: Mutex<Value>,
    /// What credentials looked like in requests, such as the base64 of a user name and a password: kept out of everything that is told.
    sent: Mutex<Vec<Text>>,
    /// Who looks at what is waited for, and can end it.
    halt: OnceLock<Arc<Halt>>,
}

/// What was answered.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The answer; `None` where the definition says that there is nothing, which is fine.
    pub answer: Option<Answer>,
    /// The URL that was asked in the end.
    pub url: Url,
}

impl Connection {
    /// A connection with these settings and credentials.
    #[must_use]
    pub fn new(
        tenant: i64,
        provider: Option<i64>,
        kind: Arc<ProviderType>,
        means: Means,
        (shared, of_type): (Arc<Shared>, Arc<Limiter>),
        settings: &Value,
        credentials: &Value,
    ) -> Self {
        let secrets = credentials.as_object().unwrap_or_default().iter().filter(|(name, _)| name != CONNECTION).cloned();
        let filled = Value::object(settings.as_object().unwrap_or_default().iter().cloned().chain(secrets));
        let tokens = credentials.get(CONNECTION).cloned().unwrap_or_else(|| Value::object::<&str>([]));
        let given = Given::connection(&kind.definition.settings, &filled, &tokens);
        Self {
            tenant,
            provider,
            kind,
            means,
            shared,
            of_type,
            given,
            tokens: Mutex::new(tokens),
            sent: Mutex::default(),
            halt: OnceLock::new(),
        }
    }

    /// The provider type.
    #[must_use]
    pub const fn kind(&self) -> &Arc<ProviderType> {
        &self.kind
    }

    /// The definition.
    #[must_use]
    pub fn definition(&self) -> &Definition {
        &self.kind.definition
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.means.clock
    }

    /// What people filled in, with the tokens as they are now.
    #[must_use]
    pub fn given(&self) -> Given {
        self.given.clone().with_connection(self.tokens.lock().clone())
    }

    /// The tokens and captured fields.
    #[must_use]
    pub fn tokens(&self) -> Value {
        self.tokens.lock().clone()
    }

    /// How requests prove who asks, as the settings choose.
    #[must_use]
    pub fn auth(&self) -> Option<&Auth> {
        self.definition().auth.as_ref().and_then(|auth| auth.chosen(self.given.settings()))
    }

    fn rules(&self) -> Result<&HttpRules, Trouble> {
        self.definition().http.as_ref().ok_or_else(|| Trouble::Failed("Nothing can be requested of this type of provider.".to_owned()))
    }

    /// The addresses that it may ask.
    ///
    /// # Errors
    /// Where the base URL cannot be computed.
    pub fn allowed(&self) -> Result<Allowed, Trouble> {
        request::allowed(self.rules()?, &self.given(), self.clock().now()).map_err(|text| self.failed(&text))
    }

    fn failed(&self, text: &str) -> Trouble {
        Trouble::Failed(self.safe(text))
    }

    /// A text without any secret in it, and without what looks like personal data, as a sentence. Vendors repeat in their messages what they
    /// were sent.
    fn safe(&self, text: &str) -> String {
        let mut secrets = self.sent.lock().clone();
        secrets.extend(self.given().secrets());
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let text = without_personal(&redact(text, &secrets));
        let text: String = match text.char_indices().nth(MAX_TOLD) {
            Some((end, _)) => format!("{}…", text[..end].trim_end()),
            None => text,
        };
        let mut letters = text.chars();
        let mut sentence: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
        if !sentence.ends_with(['.', '!', '?', '…']) {
            sentence.push('.');
        }
        sentence
    }

    /// Notes what credentials look like in a request: what it has beside `before`.
    fn note_sent(&self, before: &Outgoing, sent: &Outgoing) {
        let mut noted = self.sent.lock();
        let mut note = |value: &str| {
            // Of `Basic …` what stands after the scheme, too.
            let parts = [Some(value), value.split_once(' ').map(|(_, rest)| rest)];
            for part in parts.into_iter().flatten().filter(|part| part.len() >= 4) {
                if !noted.iter().any(|known| known == part) {
                    noted.push(Text::new(part));
                }
            }
        };
        sent.headers.iter().filter(|header| !before.headers.contains(header)).for_each(|(_, value)| note(value));
        let known: Vec<_> = before.url.query_pairs().collect();
        sent.url.query_pairs().filter(|pair| !known.contains(pair)).for_each(|(_, value)| note(&value));
        // What is kept is bounded: tokens come and go.
        let more = noted.len().saturating_sub(MAX_SENT);
        noted.drain(..more);
    }

    /// Asks. `source` is what people filled in for a source, where one asks; `link` is the next page's URL, where an answer gave one.
    ///
    /// # Errors
    /// Why there is no answer, after everything that can be done about it was done.
    pub async fn ask(
        &self,
        template: &RequestTemplate,
        asking: &Asking,
        source: Option<&Given>,
        link: Option<&str>,
    ) -> Result<Asked, Trouble> {
        let rules = self.rules()?;
        let mut renewed = false;
        let mut tries = 0;
        loop {
            let now = self.clock().now();
            if let Err(wait) = self.shared.breaker.check(now) {
                let text = "The vendor did not answer several times in a row, and is left in peace for a while.".to_owned();
                return Err(Trouble::Later { after: Some(wait), text });
            }
            if let Some(auth) = self.auth() {
                match credentials::life(auth, &self.tokens(), now) {
                    Life::Fixed | Life::Good => {}
                    Life::Due => self.renew(auth, self.tokens()).await?,
                    Life::NotConnected => {
                        return Err(Trouble::NeedsReconnecting("The provider is not connected; connect it in the browser.".to_owned()));
                    }
                }
            }
            let allowed = self.allowed()?;
            let tokens = self.tokens();
            let given = source.cloned().unwrap_or_else(|| self.given.clone()).with_connection(tokens.clone());
            let mut outgoing = request::build(rules, template, &given, asking, &allowed, now).map_err(|text| self.failed(&text))?;
            if let Some(link) = link {
                outgoing.url = allowed.follow(allowed.base(), link).map_err(|text| self.failed(&text))?;
            }
            let answered = self.exchange(&mut outgoing, &given, &allowed).await;
            let now = self.clock().now();
            let judgement = match &answered {
                Ok(answer) => {
                    if let Some(wait) = limits::hold(self.definition().limits.as_ref(), answer, now) {
                        self.shared.limiter.hold(now, wait, "The vendor says that nothing is left of its limit for now.");
                    }
                    judge(rules, &self.definition().errors, answer, &asking.page, now)
                }
                Err(Exchange::Http(HttpError::Unreachable(text))) => Judgement::Retry(answer::Trouble { text: text.clone(), wait: None }),
                Err(Exchange::Http(error)) => return Err(self.failed(&error.to_string())),
                Err(Exchange::Unmade(text)) => return Err(self.failed(text)),
                Err(Exchange::Halted(trouble)) => return Err(trouble.clone()),
            };
            if matches!(judgement, Judgement::Retry(_)) {
                self.shared.breaker.failed(now)
            } else {
                self.shared.breaker.answered()
            }
            let url = outgoing.url;
            let (trouble, wait) = match judgement {
                Judgement::Success => return Ok(Asked { answer: answered.ok(), url }),
                Judgement::Nothing => return Ok(Asked { answer: None, url }),
                Judgement::RefreshAuth(trouble) => match self.auth() {
                    Some(auth) if !renewed && credentials::can_renew(auth, &tokens) => {
                        renewed = true;
                        self.renew(auth, tokens).await?;
                        continue;
                    }
                    _ => return Err(Trouble::NeedsReconnecting(self.safe(&trouble.text))),
                },
                Judgement::NeedsReconnecting(trouble) => return Err(Trouble::NeedsReconnecting(self.safe(&trouble.text))),
                Judgement::RestartPaging(trouble) => return Err(Trouble::RestartPaging(self.safe(&trouble.text))),
                Judgement::Fail(_) if answered.as_ref().is_ok_and(|answer| matches!(answer.status, 404 | 410)) => {
                    return Err(Trouble::Nothing);
                }
                Judgement::Fail(trouble) => return Err(self.failed(&trouble.text)),
                Judgement::Retry(trouble) => {
                    let wait = trouble.wait.unwrap_or_else(|| backoff(self.clock(), tries));
                    (trouble, wait)
                }
                Judgement::RateLimited(trouble) => {
                    let wait = trouble.wait.unwrap_or_else(|| backoff(self.clock(), tries + 1));
                    // It holds for everybody who asks this vendor.
                    self.shared.limiter.hold(now, wait, &self.safe(&trouble.text));
                    (trouble, wait)
                }
            };
            tries += 1;
            if tries >= MAX_TRIES || wait > MAX_WAIT_IN_REQUEST {
                let after = trouble.wait.filter(|wait| !wait.is_zero());
                return Err(Trouble::Later { after, text: self.safe(&trouble.text) });
            }
            tracing::debug!(
                provider = self.provider,
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                "asking again after a wait"
            );
            self.pause(wait, &self.safe(&trouble.text)).await?;
        }
    }

    /// Has others see what is waited for here, and end it.
    pub(crate) fn halts_with(&self, halt: Arc<Halt>) {
        // Whoever asks first has it: a connection serves one run.
        let _ = self.halt.set(halt);
    }

    /// Waits for something, unless somebody ends that.
    async fn waiting<T>(&self, wait: Option<Wait>, waiting: impl Future<Output = T>) -> Result<T, Trouble> {
        match self.halt.get() {
            Some(halt) => halt.during(wait, waiting).await.ok_or_else(|| Trouble::Failed("It was cancelled while it waited.".to_owned())),
            None => Ok(waiting.await),
        }
    }

    async fn pause(&self, wait: Duration, why: &str) -> Result<(), Trouble> {
        let until = self.clock().now().checked_add(SignedDuration::try_from(wait).unwrap_or(SignedDuration::ZERO));
        let wait_seen = until.ok().map(|until| Wait { until, why: Text::new(why) });
        self.waiting(wait_seen, self.clock().sleep(wait)).await
    }

    /// Waits until a request may be made; it counts as running until what is given is dropped.
    async fn turn(&self, limiter: &Limiter) -> Result<Option<OwnedSemaphorePermit>, Trouble> {
        let permit = self.waiting(None, limiter.permit()).await?;
        loop {
            let (wait, why) = limiter.turn(self.clock().now());
            if wait.is_zero() {
                return Ok(permit);
            }
            self.pause(wait, why.as_deref().unwrap_or("So many requests may be made in a while, and those were made.")).await?;
        }
    }

    /// Asks for something that may not be there: `None` where the vendor says so (404 or 410).
    ///
    /// # Errors
    /// As [`Connection::ask`].
    pub async fn ask_maybe(&self, template: &RequestTemplate, asking: &Asking, source: Option<&Given>) -> Result<Option<Asked>, Trouble> {
        match self.ask(template, asking, source, None).await {
            Ok(asked) => Ok(Some(asked)),
            Err(Trouble::Nothing) => Ok(None),
            Err(trouble) => Err(trouble),
        }
    }

    /// Sends a request with its credentials, and follows redirects to where credentials may go.
    async fn exchange(&self, outgoing: &mut Outgoing, given: &Given, allowed: &Allowed) -> Result<Answer, Exchange> {
        let mut redirects = 0;
        loop {
            let _of_type = self.turn(&self.of_type).await.map_err(Exchange::Halted)?;
            let _permit = self.turn(&self.shared.limiter).await.map_err(Exchange::Halted)?;
            let mut sent = outgoing.clone();
            if let Some(auth) = self.auth() {
                credentials::apply(auth, given, &mut sent, self.clock().now()).map_err(Exchange::Unmade)?;
                self.note_sent(outgoing, &sent);
            }
            let answer = self.means.http.send(&sent).await.map_err(Exchange::Http)?;
            let location = match answer.status {
                301 | 302 | 303 | 307 | 308 => answer.header("location").map(ToOwned::to_owned),
                _ => None,
            };
            let Some(location) = location.filter(|_| outgoing.method == Method::Get) else { return Ok(answer) };
            redirects += 1;
            if redirects > MAX_REDIRECTS {
                return Err(Exchange::Unmade("the vendor redirects without end".to_owned()));
            }
            outgoing.url = allowed.follow(&outgoing.url, &location).map_err(Exchange::Unmade)?;
        }
    }

    /// Gets a new token in place of `used`, one at a time: whoever comes second finds it done.
    async fn renew(&self, auth: &Auth, used: Value) -> Result<(), Trouble> {
        let _one_at_a_time = self.shared.renewing.lock().await;
        let now = self.clock().now();
        if let Some(stored) = self.stored_tokens().await? {
            let token = |tokens: &Value| tokens.get("access_token").or_else(|| tokens.get("session_token")).cloned();
            *self.tokens.lock() = stored.clone();
            if token(&stored) != token(&used) && matches!(credentials::life(auth, &stored, now), Life::Good) {
                return Ok(());
            }
        }
        let given = self.given();
        let allowed = self.allowed()?;
        let Some(outgoing) = credentials::renew(auth, self.rules()?, &given, &allowed, now).map_err(|text| self.failed(&text))? else {
            return Err(Trouble::NeedsReconnecting("The provider is not connected; connect it in the browser.".to_owned()));
        };
        let answer = self.token_answer(&outgoing).await?;
        let tokens =
            credentials::received(auth, &answer.body, &given.captured().clone(), self.clock().now()).map_err(|text| self.failed(&text))?;
        self.keep(tokens).await
    }

    /// Sends a request for a token.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) async fn token_answer(&self, outgoing: &Outgoing) -> Result<Answer, Trouble> {
        if let Some((_, client)) = outgoing.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization")) {
            self.sent.lock().extend(client.split_once(' ').map(|(_, rest)| Text::new(rest)));
        }
        let mut tries = 0;
        loop {
            let (text, wait) = match self.means.http.send(outgoing).await {
                Ok(answer) => match answer.status {
                    200..300 if answer.is_json => return Ok(answer),
                    // The usual words of RFC 6749: what they are about cannot be mended by asking again.
                    400..=403 => {
                        let word = answer.body.get("error").and_then(Value::as_text).unwrap_or_default();
                        let told = if word.len() <= 40 && !word.is_empty() { format!(" (`{word}`)") } else { String::new() };
                        let text = format!("The vendor refuses to give a new token{told}; connect the provider again.");
                        return Err(Trouble::NeedsReconnecting(self.safe(&text)));
                    }
                    status => (
                        format!("The vendor gave no token: it answered with status {status}."),
                        answer::retry_after(&answer, self.clock().now()),
                    ),
                },
                Err(HttpError::Unreachable(text)) => (text, None),
                Err(error) => return Err(self.failed(&error.to_string())),
            };
            let pause = wait.unwrap_or_else(|| backoff(self.clock(), tries));
            tries += 1;
            if tries >= MAX_TRIES || pause > MAX_WAIT_IN_REQUEST {
                return Err(Trouble::Later { after: wait, text: self.safe(&text) });
            }
            self.pause(pause, &self.safe(&text)).await?;
        }
    }

    async fn stored_tokens(&self) -> Result<Option<Value>, Trouble> {
        let Some(provider) = self.provider else { return Ok(None) };
        let (engine, tenant) = (Arc::clone(&self.means.engine), self.tenant);
        let stored = blocking(move || engine.store().read(tenant, |scope| scope.credentials(provider))).await?;
        Ok(stored.and_then(|text| parse(&text).get(CONNECTION).cloned()))
    }

    /// Stores tokens, encrypted, and uses them from then on. Not before: a token that was rotated and is not stored would be lost.
    ///
    /// # Errors
    /// Where they cannot be stored.
    pub(crate) async fn keep(&self, tokens: Value) -> Result<(), Trouble> {
        if let Some(provider) = self.provider {
            let (engine, tenant, stored) = (Arc::clone(&self.means.engine), self.tenant, tokens.clone());
            blocking(move || {
                engine.store().write(tenant, move |scope| {
                    let known = scope.credentials(provider)?;
                    scope.set_credentials(provider, Some(&with_connection(known.as_deref(), stored)))
                })
            })
            .await?;
        }
        *self.tokens.lock() = tokens;
        Ok(())
    }
}

enum Exchange {
    /// Somebody ended the wait for its turn.
    Halted(Trouble),
    Http(HttpError),
    Unmade(String),
}

/// Does something that waits for the disk, off the threads that wait for the network.
pub(crate) async fn blocking<T, F>(work: F) -> Result<T, Trouble>
where
    T: Send + 'static,
    F: FnOnce() -> salesdash_store::Result<T> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(Trouble::Later { after: None, text: error.to_string() }),
        Err(_) => Err(Trouble::Later { after: None, text: "the program is shutting down".to_owned() }),
    }
}
