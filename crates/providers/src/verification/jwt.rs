//! JSON Web Tokens signed with a shared secret (HS256, RFC 7519).

use base64::Engine as _;
use hmac::Hmac;
use salesdash_value::{Decimal, Instant, Text, Value, json};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

use super::signature::{BASE64_URL, MAX_SIGNATURE_BYTES, hmac};
use super::{Context, Refusal};
use crate::request::Place;

/// The longest leeway, in seconds.
pub const MAX_LEEWAY_SECONDS: u32 = 300;

/// What a token may hold as JSON.
const LIMITS: json::Limits = json::Limits { depth: 16, nodes: 1_000 };

/// A JSON Web Token, as monday sends it. It proves the sender, and does not cover the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwt {
    /// Where it stands; `Bearer ` before it is taken off.
    pub from: Place,
    /// The name of the secret.
    pub secret: Text,
    /// For whom it must have been made.
    pub audience: Option<Audience>,
    /// How long after its expiry (`exp`), or before its time (`nbf`), it is still accepted.
    pub leeway_seconds: u32,
}

/// For whom a token must have been made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Audience {
    /// For the URL of the request.
    Url,
    /// For this name.
    Name(Text),
}

impl Jwt {
    pub(super) fn verify(&self, context: &Context<'_>) -> Result<Option<Instant>, Refusal> {
        let secrets = context.secret(&self.secret)?;
        let text = context.text(&self.from)?;
        let place = || self.from.to_string();
        let malformed = || Refusal::Malformed { place: place(), expected: "a JSON Web Token".to_owned() };
        let text = match text.split_once(' ') {
            Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
            _ => &*text,
        };
        if text.len() > MAX_SIGNATURE_BYTES {
            return Err(malformed());
        }
        let (signed, signature) = text.rsplit_once('.').ok_or_else(malformed)?;
        let (header, claims) = signed.split_once('.').ok_or_else(malformed)?;
        let header = object(header).ok_or_else(malformed)?;
        if header.get("alg").and_then(Value::as_text) != Some("HS256") {
            return Err(Refusal::WrongAlgorithm { place: place() });
        }
        // RFC 7515, 4.1.11: what is critical and not understood must be refused.
        if header.get("crit").is_some() {
            return Err(malformed());
        }
        let signature = BASE64_URL.decode(signature).map_err(|_| malformed())?;
        let right = secrets.iter().fold(Choice::from(0), |right, secret| {
            let expected = hmac::<Hmac<Sha256>>(secret.as_bytes(), signed.as_bytes()).unwrap_or_default();
            right | expected.ct_eq(&signature)
        });
        if !bool::from(right) {
            return Err(Refusal::WrongSignature { place: place(), signed: "it" });
        }
        let claims = object(claims).ok_or_else(malformed)?;
        self.check_time(&claims, context.now).ok_or_else(|| Refusal::NotNow { place: place() })?;
        let audience = match &self.audience {
            None => None,
            Some(Audience::Url) => Some(context.request.url),
            Some(Audience::Name(name)) => Some(name.as_str()),
        };
        if let Some(audience) = audience
            && !is_for(&claims, audience)
        {
            return Err(Refusal::WrongAudience { place: place() });
        }
        let issued = claims.get("iat").and_then(Value::as_number);
        Ok(issued.and_then(|seconds| i64::try_from(seconds.trunc()).ok()).and_then(|seconds| Instant::from_second(seconds).ok()))
    }

    /// `None` where the token is not valid now. One that says nothing about time is valid always.
    fn check_time(&self, claims: &Value, now: Instant) -> Option<()> {
        let now = Decimal::from(now.as_millisecond()) / Decimal::from(1000);
        let leeway = Decimal::from(self.leeway_seconds);
        let seconds = |name: &str| match claims.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::Number(seconds)) => Some(Some(*seconds)),
            Some(_) => None,
        };
        if let Some(expiry) = seconds("exp")?
            && now >= expiry.checked_add(leeway)?
        {
            return None;
        }
        if let Some(begin) = seconds("nbf")?
            && now < begin.checked_sub(leeway)?
        {
            return None;
        }
        Some(())
    }
}

fn object(part: &str) -> Option<Value> {
    let value = json::parse(&BASE64_URL.decode(part).ok()?, LIMITS).ok()?;
    matches!(value, Value::Object(_)).then_some(value)
}

fn is_for(claims: &Value, audience: &str) -> bool {
    match claims.get("aud") {
        Some(Value::Text(text)) => text == audience,
        Some(Value::List(items)) => items.iter().any(|item| item.as_text() == Some(audience)),
        _ => false,
    }
}
