//! Is this webhook from who it should be from? Schemes are data ([`Verification`]), judged by one pure engine on the exact bytes
//! received, comparing in constant time.
//!
//! A scheme is an object with a `type`:
//!
//! | type | what the sender does |
//! |---|---|
//! | `secret_url` | nothing: only it knows the URL |
//! | `bearer` | `Authorization: Bearer <secret>` |
//! | `token` | puts the secret in a header, a query parameter or a field of the body |
//! | `basic` | `Authorization: Basic …` with a user name and a password |
//! | `hmac` | signs with a shared secret |
//! | `hash` | hashes the secret together with the message |
//! | `rsa_sha256`, `ed25519` | signs with a private key, of which the public half is known |
//! | `jwt` | sends a JSON Web Token (HS256) signed with a shared secret |
//! | `any_of` | one of several of these: the first one of which the request carries anything decides, alone |
//!
//! A string in place of the object is the name of a [preset](presets). Where a secret has several values (a rotation is under way), any
//! of them will do.

pub mod handshake;
mod jwt;
pub mod presets;
mod read;
mod refusal;
mod secrets;
mod signature;
mod token;

use std::cell::OnceCell;

use salesdash_value::{Instant, Text, Value};

pub use handshake::{Handshake, HandshakeAnswer};
pub use jwt::{Audience, Jwt};
pub use presets::Preset;
pub use refusal::Refusal;
pub use secrets::Secrets;
pub use signature::{Algorithm, Condition, Encoding, Hash, Key, KeyEncoding, Part, Signature, TimeFormat, TimeSource, Timestamp, Written};
pub use token::{Basic, Token};

use crate::body::{self, BodyLimits};
use crate::request::{Found, Request};

/// The most schemes of which any can serve.
pub const MAX_ALTERNATIVES: usize = 8;

/// How a webhook is verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verification {
    /// Nothing is asked beyond knowing the URL, which holds a secret.
    SecretUrl,
    /// `Authorization: Bearer …`; the value is the name of the secret.
    Bearer(Text),
    /// The secret itself stands in the request.
    Token(Token),
    /// User name and password.
    Basic(Basic),
    /// A signature or a keyed hash.
    Signature(Box<Signature>),
    /// A signed token.
    Jwt(Jwt),
    /// The first scheme of which the request carries anything decides, alone: a bad signature of one scheme never falls back to
    /// another. Nesting it, and `secret_url` in it, are refused.
    AnyOf(Vec<Verification>),
}

/// What a verified request proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The type of the scheme that decided, such as `hmac`.
    pub scheme: &'static str,
    /// When the sender signed it, where the scheme says.
    pub signed_at: Option<Instant>,
}

impl Verification {
    /// Judges a request.
    ///
    /// # Errors
    /// The reason why it is refused, for the operator. It never holds a secret or a signature.
    pub fn verify(&self, request: &Request<'_>, secrets: &Secrets, now: Instant) -> Result<Verified, Refusal> {
        self.judge(&Context { request, secrets, now, body: OnceCell::new() })
    }

    fn judge(&self, context: &Context<'_>) -> Result<Verified, Refusal> {
        let signed_at = match self {
            Self::SecretUrl => None,
            Self::Bearer(secret) => token::bearer(context, secret)?,
            Self::Token(token) => token.verify(context)?,
            Self::Basic(basic) => basic.verify(context)?,
            Self::Signature(signature) => signature.verify(context)?,
            Self::Jwt(jwt) => jwt.verify(context)?,
            Self::AnyOf(alternatives) => {
                let Some(decides) = alternatives.iter().find(|alternative| alternative.is_attempted(context)) else {
                    let places = alternatives.iter().filter_map(Self::place).collect::<Vec<_>>();
                    return Err(Refusal::NothingOf { places: places.join(", ") });
                };
                return decides.judge(context);
            }
        };
        Ok(Verified { scheme: self.type_name(), signed_at })
    }

    /// Whether the request carries anything of this scheme, right or wrong.
    fn is_attempted(&self, context: &Context<'_>) -> bool {
        match self {
            Self::SecretUrl => true,
            Self::Bearer(_) => token::authorization(context, "bearer").is_some(),
            Self::Basic(_) => token::authorization(context, "basic").is_some(),
            Self::Token(token) => context.find(&token.from) != Found::Nothing,
            Self::Signature(signature) => signature.is_attempted(context),
            Self::Jwt(jwt) => context.find(&jwt.from) != Found::Nothing,
            Self::AnyOf(alternatives) => alternatives.iter().any(|alternative| alternative.is_attempted(context)),
        }
    }

    /// Where in a request the scheme looks, as it stands in a sentence.
    fn place(&self) -> Option<String> {
        Some(match self {
            Self::SecretUrl | Self::AnyOf(_) => return None,
            Self::Bearer(_) | Self::Basic(_) => "the header `Authorization`".to_owned(),
            Self::Token(token) => token.from.to_string(),
            Self::Signature(signature) => signature.from.to_string(),
            Self::Jwt(jwt) => jwt.from.to_string(),
        })
    }

    /// The `type` of the scheme.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self {
            Self::SecretUrl => "secret_url",
            Self::Bearer(_) => "bearer",
            Self::Token(_) => "token",
            Self::Basic(_) => "basic",
            Self::Signature(signature) => signature.algorithm.type_name(),
            Self::Jwt(_) => "jwt",
            Self::AnyOf(_) => "any_of",
        }
    }

    /// The names of the secrets that must be set for it to work, each once. Those that the vendor has published are not among them.
    #[must_use]
    pub fn secrets(&self) -> Vec<Text> {
        let mut names: Vec<Text> = Vec::new();
        let mut add = |name: &Text| {
            if !names.contains(name) {
                names.push(name.clone());
            }
        };
        match self {
            Self::SecretUrl => {}
            Self::Bearer(secret) => add(secret),
            Self::Token(token) => add(&token.secret),
            Self::Basic(basic) => {
                add(&basic.username);
                add(&basic.password);
            }
            Self::Signature(signature) if signature.key.published.is_some() => {}
            Self::Signature(signature) => add(&signature.key.name),
            Self::Jwt(jwt) => add(&jwt.secret),
            Self::AnyOf(alternatives) => alternatives.iter().flat_map(Self::secrets).for_each(|name| add(&name)),
        }
        names
    }

    /// Whether the sender proves more than knowing the URL.
    #[must_use]
    pub const fn proves_the_sender(&self) -> bool {
        !matches!(self, Self::SecretUrl)
    }
}

/// One request under judgement.
struct Context<'c> {
    request: &'c Request<'c>,
    secrets: &'c Secrets,
    now: Instant,
    body: OnceCell<Option<Value>>,
}

impl Context<'_> {
    fn find(&self, place: &crate::Place) -> Found<'_> {
        let body = if place.is_in_body() { self.body() } else { None };
        place.find(self.request, body)
    }

    /// The body as a value, where it can be read as one.
    fn body(&self) -> Option<&Value> {
        let read = || {
            let content_type = match self.request.header("content-type") {
                Found::Text(text) => Some(text),
                _ => None,
            };
            body::parse(content_type.as_deref(), self.request.body, &BodyLimits::DEFAULT).ok().map(|(value, _)| value)
        };
        self.body.get_or_init(read).as_ref()
    }

    /// The text at a place, which must be there once.
    fn text(&self, place: &crate::Place) -> Result<std::borrow::Cow<'_, str>, Refusal> {
        match self.find(place) {
            Found::Text(text) if !text.is_empty() => Ok(text),
            Found::Text(_) | Found::Nothing if place.is_in_body() && self.body().is_none() => Err(Refusal::UnreadableBody),
            Found::Text(_) | Found::Nothing => Err(Refusal::Missing { place: place.to_string() }),
            Found::Several => Err(Refusal::Repeated { place: place.to_string() }),
            Found::NotText => Err(Refusal::Malformed { place: place.to_string(), expected: "text".to_owned() }),
        }
    }

    /// Every value of a secret, none of them empty.
    fn secret(&self, name: &str) -> Result<Vec<&str>, Refusal> {
        let values: Vec<_> = self.secrets.all(name).filter(|value| !value.is_empty()).collect();
        if values.is_empty() { Err(Refusal::SecretNotSet { name: Text::new(name) }) } else { Ok(values) }
    }
}
