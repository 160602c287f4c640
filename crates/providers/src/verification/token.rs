//! Schemes in which the secret itself is sent: bearer, token, user name and password.

use base64::Engine as _;
use salesdash_value::{Instant, Text};
use subtle::Choice;

use super::secrets::same;
use super::signature::BASE64;
use super::{Context, Refusal};
use crate::request::{Found, Place};

/// The secret itself stands in the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// Where.
    pub from: Place,
    /// What stands before it, such as `Token `.
    pub prefix: Option<Text>,
    /// The name of the secret.
    pub secret: Text,
}

/// User name and password in the header `Authorization`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basic {
    /// The name of the secret that holds the user name.
    pub username: Text,
    /// The name of the secret that holds the password.
    pub password: Text,
}

/// The place of the header `Authorization`, as it stands in a sentence.
const AUTHORIZATION: &str = "the header `Authorization`";

/// What follows the name of a scheme in the header `Authorization`.
pub(super) fn authorization<'c>(context: &'c Context<'_>, scheme: &str) -> Option<&'c str> {
    match context.request.header("authorization") {
        Found::Text(std::borrow::Cow::Borrowed(text)) => {
            let (name, rest) = text.split_once(' ')?;
            name.eq_ignore_ascii_case(scheme).then(|| rest.trim())
        }
        _ => None,
    }
}

fn required_authorization<'c>(context: &'c Context<'_>, scheme: &str, expected: &str) -> Result<&'c str, Refusal> {
    context.text(&Place::Header(Text::new_static("Authorization")))?;
    authorization(context, scheme).ok_or_else(|| Refusal::Malformed { place: AUTHORIZATION.to_owned(), expected: expected.to_owned() })
}

fn judge(right: Choice, place: impl Into<String>) -> Result<Option<Instant>, Refusal> {
    if bool::from(right) { Ok(None) } else { Err(Refusal::WrongSecret { place: place.into() }) }
}

/// `given` is one of the values of a secret.
fn one_of(given: &str, values: &[&str]) -> Choice {
    values.iter().fold(Choice::from(0), |found, value| found | same(given.as_bytes(), value.as_bytes()))
}

pub(super) fn bearer(context: &Context<'_>, secret: &str) -> Result<Option<Instant>, Refusal> {
    let values = context.secret(secret)?;
    let given = required_authorization(context, "bearer", "`Bearer` and a token")?;
    judge(one_of(given, &values), AUTHORIZATION)
}

impl Token {
    pub(super) fn verify(&self, context: &Context<'_>) -> Result<Option<Instant>, Refusal> {
        let values = context.secret(&self.secret)?;
        let text = context.text(&self.from)?;
        let given = match &self.prefix {
            None => &*text,
            Some(prefix) => text.strip_prefix(prefix.as_str()).ok_or_else(|| Refusal::Malformed {
                place: self.from.to_string(),
                expected: format!("a token after `{}`", prefix.trim_end()),
            })?,
        };
        judge(one_of(given, &values), self.from.to_string())
    }
}

impl Basic {
    pub(super) fn verify(&self, context: &Context<'_>) -> Result<Option<Instant>, Refusal> {
        let usernames = context.secret(&self.username)?;
        let passwords = context.secret(&self.password)?;
        let expected = "`Basic` and a user name and a password in base64";
        let given = required_authorization(context, "basic", expected)?;
        let malformed = || Refusal::Malformed { place: AUTHORIZATION.to_owned(), expected: expected.to_owned() };
        let decoded = BASE64.decode(given).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(malformed)?;
        let (username, password) = decoded.split_once(':').ok_or_else(malformed)?;
        judge(one_of(username, &usernames) & one_of(password, &passwords), AUTHORIZATION)
    }
}
