//! Credentials: how they are applied, and the life of tokens, as data.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::ToSpan as _;
use salesdash_value::{Decimal, Instant, Text, Value, datetime, json, number};
use sha2::{Digest, Sha256};
use url::Url;

use super::hosts::Allowed;
use super::request::{Outgoing, Unmade, fields, form, required, set_headers};
use super::variables::{Asking, Given, in_request};
use crate::definition::auth::{Auth, ClientAuth, Grant, KeyPlace, NamedKey, OAuth2, TokenBody};
use crate::definition::http::Http;
use crate::definition::read::{Fields, Named, Paths};
use crate::definition::request::Method;
use crate::definition::value;
use crate::request::text_of;

/// The key of a connection's tokens that says when the access token ends.
pub const EXPIRES_AT: &str = "expires_at";

/// Puts the credentials into a request. To be called only for requests to allowed hosts.
///
/// # Errors
/// Where something is not set, or there is no token yet.
pub fn apply(auth: &Auth, given: &Given, outgoing: &mut Outgoing, at: Instant) -> Result<(), Unmade> {
    let variables = in_request(given, &Asking::default());
    let held = |name: &str| given.captured().get(name).filter(|token| !token.is_empty());
    match auth {
        Auth::None(_) => {}
        Auth::Bearer(bearer) => {
            let token = required(&bearer.token, &variables, at, "the token")?;
            outgoing.set_header("Authorization", Text::new(format!("Bearer {token}")));
        }
        Auth::ApiKey(keys) => {
            set_headers(outgoing, &keys.headers, &variables, at)?;
            set_query(outgoing, &keys.query, &variables, at)?;
            for key in &keys.named {
                set_named(outgoing, key, &variables, at)?;
            }
        }
        Auth::Basic(basic) => {
            let username = required(&basic.username, &variables, at, "the user name")?;
            let password =
                basic.password.evaluate(&variables, at).map_err(|fault| format!("the password cannot be computed: {}", fault.text))?;
            let password = text_of(&password).unwrap_or_default();
            outgoing.set_header("Authorization", Text::new(format!("Basic {}", STANDARD.encode(format!("{username}:{password}")))));
        }
        Auth::Oauth2(oauth2) => {
            let token = held("access_token").and_then(text_of).ok_or("the provider is not connected yet; connect it first")?;
            match &oauth2.headers {
                Some(headers) => set_headers(outgoing, headers, &variables, at)?,
                None => outgoing.set_header("Authorization", Text::new(format!("Bearer {token}"))),
            }
        }
        Auth::Session(session) => {
            held("session_token").ok_or("there is no session; log in first")?;
            set_headers(outgoing, &session.headers, &variables, at)?;
            set_query(outgoing, &session.query, &variables, at)?;
        }
        Auth::OneOf(one_of) => {
            let chosen = auth.chosen(given.settings());
            let chosen = chosen.ok_or_else(|| format!("the setting `{}` does not say how to connect", one_of.setting.0))?;
            apply(chosen, given, outgoing, at)?;
        }
    }
    Ok(())
}

fn set_query(outgoing: &mut Outgoing, query: &Fields<value::Given>, variables: &[Value], at: Instant) -> Result<(), Unmade> {
    for (name, value) in fields(query, variables, at, "parameter")? {
        outgoing.set_query(&name, &value);
    }
    Ok(())
}

/// A key whose name is filled in.
fn set_named(outgoing: &mut Outgoing, key: &NamedKey, variables: &[Value], at: Instant) -> Result<(), Unmade> {
    let text = |given: &value::Given, what: &str| {
        let value = given.evaluate(variables, at).map_err(|fault| format!("{what} cannot be computed: {}", fault.text))?;
        Ok::<_, Unmade>(text_of(&value).filter(|text| !text.is_empty()))
    };
    let (Some(name), Some(value)) = (text(&key.name, "the name of the key")?, text(&key.value, "the key")?) else { return Ok(()) };
    match key.place.unwrap_or(KeyPlace::Header) {
        KeyPlace::Header => {
            let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
            if !name.bytes().all(allowed) {
                return Err("the name of the header holds characters that a header cannot have".to_owned());
            }
            outgoing.set_header(&name, value);
        }
        KeyPlace::Query => outgoing.set_query(&name, &value),
    }
    Ok(())
}

/// How a connection gets its token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It has what it needs in its settings.
    Fixed,
    /// A token that is good.
    Good,
    /// A token that has to be got anew before the next request.
    Due,
    /// A person must connect it in the browser.
    NotConnected,
}

/// Whether the token of a connection is good for a request now.
#[must_use]
pub fn life(auth: &Auth, tokens: &Value, now: Instant) -> Life {
    let has = |name: &str| tokens.get(name).is_some_and(|token| !token.is_empty());
    let ends = tokens.get(EXPIRES_AT).and_then(Value::as_text).and_then(|text| text.parse::<Instant>().ok());
    match auth {
        Auth::Oauth2(oauth2) => {
            let before = i64::from(oauth2.refresh_before_seconds.0).seconds();
            let over = ends.is_some_and(|ends| ends.checked_sub(before).is_ok_and(|due| due <= now));
            match (has("access_token"), over, oauth2.grant) {
                (true, false, _) => Life::Good,
                (_, _, Grant::ClientCredentials) => Life::Due,
                _ if has("refresh_token") => Life::Due,
                // Without a refresh token, the access token serves until it is refused.
                (true, _, _) if ends.is_none_or(|ends| ends > now) => Life::Good,
                _ => Life::NotConnected,
            }
        }
        Auth::Session(_) => {
            let over = ends.is_some_and(|ends| ends <= now);
            if has("session_token") && !over { Life::Good } else { Life::Due }
        }
        _ => Life::Fixed,
    }
}

/// Whether a refused token can be replaced without a person.
#[must_use]
pub fn can_renew(auth: &Auth, tokens: &Value) -> bool {
    match auth {
        Auth::Oauth2(oauth2) => {
            oauth2.grant == Grant::ClientCredentials || tokens.get("refresh_token").is_some_and(|token| !token.is_empty())
        }
        Auth::Session(_) => true,
        _ => false,
    }
}

/// The request that gets a new token without a person: a refresh, client credentials, or a login. `None` where there is no such thing.
///
/// # Errors
/// Where something is not set.
pub fn renew(auth: &Auth, http: &Http, given: &Given, allowed: &Allowed, at: Instant) -> Result<Option<Outgoing>, Unmade> {
    match auth {
        Auth::Oauth2(oauth2) => {
            let refresh = given.captured().get("refresh_token").and_then(text_of);
            let scopes = scopes(oauth2);
            let own: Vec<(&str, Text)> = match (refresh, oauth2.grant) {
                (Some(token), _) => vec![("grant_type", Text::new_static("refresh_token")), ("refresh_token", token)],
                (None, Grant::ClientCredentials) => {
                    let mut own = vec![("grant_type", Text::new_static("client_credentials"))];
                    own.extend((!scopes.is_empty()).then_some(("scope", scopes)));
                    own
                }
                (None, Grant::AuthorizationCode) => return Ok(None),
            };
            token_request(oauth2, http, given, &own, at).map(Some)
        }
        Auth::Session(session) => super::request::build(http, &session.login, given, &Asking::default(), allowed, at).map(Some),
        _ => Ok(None),
    }
}

/// The request that exchanges the code, which the browser came back with, for tokens.
///
/// # Errors
/// Where something is not set.
pub fn exchange(
    oauth2: &OAuth2,
    http: &Http,
    given: &Given,
    code: &str,
    redirect_url: &str,
    verifier: &str,
    at: Instant,
) -> Result<Outgoing, Unmade> {
    let mut own =
        vec![("grant_type", Text::new_static("authorization_code")), ("code", Text::new(code)), ("redirect_uri", Text::new(redirect_url))];
    if oauth2.pkce.0 {
        own.push(("code_verifier", Text::new(verifier)));
    }
    token_request(oauth2, http, given, &own, at)
}

/// The address of the page that people grant access on.
///
/// # Errors
/// Where something is not set.
pub fn authorize_url(oauth2: &OAuth2, given: &Given, state: &str, redirect_url: &str, verifier: &str, at: Instant) -> Result<Url, Unmade> {
    let variables = in_request(given, &Asking::default());
    let Some(page) = &oauth2.authorize_url else {
        return Err("this provider is not connected in the browser".to_owned());
    };
    let page = required(page, &variables, at, "the address of the vendor's page")?;
    let mut url = Url::parse(&page).map_err(|error| format!("the address of the vendor's page is not a URL: {error}"))?;
    let client_id = required(&oauth2.client_id, &variables, at, "the client id")?;
    let further = fields(&oauth2.authorize_parameters, &variables, at, "parameter")?;
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("response_type", "code").append_pair("client_id", &client_id).append_pair("redirect_uri", redirect_url);
        query.append_pair("state", state);
        let scopes = scopes(oauth2);
        if !scopes.is_empty() {
            query.append_pair("scope", &scopes);
        }
        if oauth2.pkce.0 {
            let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
            query.append_pair("code_challenge", &challenge).append_pair("code_challenge_method", "S256");
        }
        query.extend_pairs(further.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    }
    Ok(url)
}

fn scopes(oauth2: &OAuth2) -> Text {
    let separator = oauth2.scope_separator.as_ref().map_or(" ", Text::as_str);
    Text::new(oauth2.scopes.join(separator))
}

fn token_request(oauth2: &OAuth2, http: &Http, given: &Given, own: &[(&str, Text)], at: Instant) -> Result<Outgoing, Unmade> {
    let variables = in_request(given, &Asking::default());
    let address = required(&oauth2.token_url, &variables, at, "the address that gives tokens")?;
    let url = Url::parse(&address).map_err(|error| format!("the address that gives tokens is not a URL: {error}"))?;
    let client_id = required(&oauth2.client_id, &variables, at, "the client id")?;
    let client_secret = oauth2.client_secret.as_ref().map(|secret| required(secret, &variables, at, "the client secret")).transpose()?;
    let mut body: Vec<(Text, Text)> = own.iter().map(|(name, value)| (Text::new(name), value.clone())).collect();
    let mut outgoing = Outgoing {
        method: Method::Post,
        url,
        headers: vec![(Text::new_static("Accept"), Text::new_static("application/json"))],
        body: None,
        timeout_ms: http.timeout_ms.0,
        max_answer_bytes: 1 << 20,
    };
    match (oauth2.client.unwrap_or(ClientAuth::Basic), client_secret) {
        (ClientAuth::Basic, Some(secret)) => {
            // RFC 6749, 2.3.1: both parts are form-encoded before they are joined.
            let encode = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encode(&client_id), encode(&secret));
            outgoing.set_header("Authorization", Text::new(format!("Basic {}", STANDARD.encode(pair))));
        }
        (_, secret) => {
            body.push((Text::new_static("client_id"), client_id));
            body.extend(secret.map(|secret| (Text::new_static("client_secret"), secret)));
        }
    }
    body.extend(fields(&oauth2.token_parameters, &variables, at, "parameter")?);
    let (content_type, bytes) = match oauth2.token_body.unwrap_or(TokenBody::Form) {
        TokenBody::Form => ("application/x-www-form-urlencoded", form(&body)),
        TokenBody::Json => {
            let object = Value::object(body.into_iter().map(|(name, value)| (name, Value::Text(value))));
            ("application/json", json::to_string(&object).into_bytes())
        }
    };
    outgoing.set_header("Content-Type", Text::new_static(content_type));
    outgoing.body = Some(bytes);
    Ok(outgoing)
}

/// What a connection holds after an answer with tokens: the tokens, when the access token ends, and the captured fields. What the answer does
/// not say stays as it was.
///
/// # Errors
/// Where the answer holds no token: a sentence without anything of the answer.
pub fn received(auth: &Auth, answer: &Value, before: &Value, now: Instant) -> Result<Value, String> {
    let mut held: Vec<(Text, Value)> = before.as_object().unwrap_or_default().to_vec();
    let mut set = |name: &str, value: Value| {
        held.retain(|(known, _)| known != name);
        if !value.is_null() {
            held.push((Text::new(name), value));
        }
    };
    let at = |paths: Option<&Paths>, usual: &str| match paths {
        Some(paths) => paths.find(answer),
        None => answer.get(usual),
    };
    let token = |found: Option<&Value>, what: &str| {
        found.and_then(text_of).filter(|token| !token.is_empty()).ok_or_else(|| format!("the vendor's answer holds no {what}"))
    };
    let captured = |held: &mut dyn FnMut(&str, Value), captured: &Named<Paths>| {
        for (name, paths) in captured.iter() {
            if let Some(value) = paths.find(answer) {
                held(name, value.clone());
            }
        }
    };
    let lifetime = match auth {
        Auth::Oauth2(oauth2) => {
            let access = token(at(oauth2.access_token.as_ref(), "access_token"), "access token")?;
            set("access_token", Value::Text(access));
            if let Some(refresh) = at(oauth2.refresh_token.as_ref(), "refresh_token").and_then(text_of).filter(|token| !token.is_empty()) {
                set("refresh_token", Value::Text(refresh));
            }
            captured(&mut set, &oauth2.captured);
            let told = at(oauth2.expires_in.as_ref(), "expires_in").and_then(seconds);
            told.or((oauth2.lifetime_seconds.0 > 0).then(|| i64::from(oauth2.lifetime_seconds.0)))
        }
        Auth::Session(session) => {
            set("session_token", Value::Text(token(session.token.find(answer), "session token")?));
            captured(&mut set, &session.captured);
            (session.lifetime_seconds.0 > 0).then(|| i64::from(session.lifetime_seconds.0))
        }
        _ => None,
    };
    let ends = lifetime.and_then(|seconds| now.checked_add(seconds.seconds()).ok());
    set(EXPIRES_AT, ends.map_or(Value::Null, |ends| Value::Text(datetime::rfc3339(ends))));
    Ok(Value::Object(held.into()))
}

fn seconds(value: &Value) -> Option<i64> {
    let count = match value {
        Value::Number(count) => *count,
        Value::Text(text) => number::parse(text)?,
        _ => return None,
    };
    i64::try_from(count.trunc()).ok().filter(|seconds| *seconds > 0 && Decimal::from(*seconds) <= Decimal::from(315_360_000))
}
