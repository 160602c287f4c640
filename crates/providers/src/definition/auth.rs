//! How requests prove who asks.

use std::sync::Arc;

use salesdash_language::types::{ObjectType, Shape, Type};
use salesdash_value::{Text, Value};

use super::macros::{names, object, tagged};
use super::read::{Fields, Name, Named, Paths, Unless, Whole};
use super::request::RequestTemplate;
use super::value::Given;

tagged! {
    /// How requests prove who asks.
    Auth as "auth" {
        /// They do not.
        None(NoAuth) = "none" {},
        /// `Authorization: Bearer <token>`.
        Bearer(BearerAuth) = "bearer" {
            /// The token.
            token: Given,
        },
        /// Keys in headers or in the query.
        ApiKey(ApiKeyAuth) = "api_key" {
            /// Headers, such as `{"Authorization": {"type": "concat", …}}`.
            headers: Fields<Given>,
            /// Parameters of the query.
            query: Fields<Given>,
            /// Keys whose names people fill in.
            named: Vec<NamedKey>,
        },
        /// `Authorization: Basic …`.
        Basic(BasicAuth) = "basic" {
            /// The user name.
            username: Given,
            /// The password. Empty where it is null.
            password: Given,
        },
        /// OAuth 2: the connection is made in the browser, or with client credentials.
        ///
        /// Tokens are refreshed before they expire, one refresh at a time per connection; a rotated refresh token is stored before it is used.
        Oauth2(OAuth2) = "oauth2" {
            /// How a token is got.
            grant: Grant,
            /// The page that people grant access on.
            authorize_url: Option<Given>,
            /// The address that gives tokens.
            token_url: Given,
            /// The client id of the application registered at the vendor.
            client_id: Given,
            /// Its secret.
            client_secret: Option<Given>,
            /// How the client proves itself at the token address: `basic` where it is not given.
            client: Option<ClientAuth>,
            /// The scopes asked for.
            scopes: Vec<Text>,
            /// What stands between scopes: a space where it is not given.
            scope_separator: Option<Text>,
            /// Whether PKCE is used.
            pkce: Unless,
            /// Further parameters of the page that people grant access on.
            authorize_parameters: Fields<Given>,
            /// Further parameters of every request for a token.
            token_parameters: Fields<Given>,
            /// How requests for a token are written: a form where it is not given.
            token_body: Option<TokenBody>,
            /// Where the answer holds the access token. `access_token` where it is not given.
            access_token: Option<Paths>,
            /// Where the answer holds the refresh token. `refresh_token` where it is not given. One that is not there leaves the known one valid.
            refresh_token: Option<Paths>,
            /// Where the answer holds the lifetime in seconds. `expires_in` where it is not given.
            expires_in: Option<Paths>,
            /// The lifetime in seconds where the answer does not say. 0: it does not expire until the vendor says so.
            lifetime_seconds: Whole<0, 31_536_000, 3_600>,
            /// How long before its end a token is refreshed, in seconds.
            refresh_before_seconds: Whole<0, 3_600, 120>,
            /// Fields of the answer that are kept with the connection, and read as `connection.<name>`.
            captured: Named<Paths>,
            /// Headers that carry the token. `Authorization: Bearer <token>` where it is not given. They read `connection.access_token`.
            headers: Option<Fields<Given>>,
        },
        /// A login that gives a token for a session.
        Session(SessionAuth) = "session" {
            /// The request that logs in.
            login: Box<RequestTemplate>,
            /// Where its answer holds the token.
            token: Paths,
            /// The lifetime in seconds, where it is known. 0: until the vendor says so.
            lifetime_seconds: Whole<0, 31_536_000, 0>,
            /// Fields of the answer that are kept with the connection, and read as `connection.<name>`.
            captured: Named<Paths>,
            /// Headers that carry the token. They read `connection.session_token`.
            headers: Fields<Given>,
            /// Parameters of the query that carry the token.
            query: Fields<Given>,
        },
        /// One of several, chosen by a setting.
        OneOf(OneOfAuth) = "one_of" {
            /// The setting, an `enum`.
            setting: Name,
            /// What each of its values means.
            cases: Named<Auth>,
        },
    }
}

object! {
    /// A key whose name is filled in.
    NamedKey as "named key" {
        /// Its name: there is no key where it is null or empty.
        name: Given,
        /// The key. There is none where it is null.
        value: Given,
        /// Where it goes: `header` where it is not given.
        place: Option<KeyPlace>,
    }
}

names! {
    /// Where a key goes.
    KeyPlace {
        /// a header
        Header = "header",
        /// a parameter of the query
        Query = "query",
    }
}

names! {
    /// How a token is got.
    Grant {
        /// a person grants access in the browser
        AuthorizationCode = "authorization_code",
        /// the application has access by itself
        ClientCredentials = "client_credentials",
    }
}

names! {
    /// How the client proves itself.
    ClientAuth {
        /// `Authorization: Basic`
        Basic = "basic",
        /// `client_id` and `client_secret` in the body
        Body = "body",
    }
}

names! {
    /// How a request for a token is written.
    TokenBody {
        /// a form
        Form = "form",
        /// JSON
        Json = "json",
    }
}

/// The type of the variable `connection`, in expressions: the captured fields, and the tokens.
pub(crate) fn connection_type(auth: Option<&Value>) -> Type {
    let mut object = ObjectType::default();
    let mut add = |name: &Text| {
        if object.field(name).is_none() {
            object.fields.push((name.clone(), Type::STRING.maybe_empty(true)));
        }
    };
    add(&Text::new_static("access_token"));
    add(&Text::new_static("session_token"));
    let cases = auth.and_then(|auth| auth.get("cases")).and_then(Value::as_object).unwrap_or_default();
    for auth in auth.into_iter().chain(cases.iter().map(|(_, case)| case)) {
        for (name, _) in auth.get("captured").and_then(Value::as_object).unwrap_or_default() {
            add(name);
        }
    }
    Type::new(Shape::Object(Arc::new(object)))
}

impl Auth {
    /// The kinds that settings choose from: itself, or its cases.
    pub fn cases(&self) -> impl Iterator<Item = &Self> {
        let (own, cases) = match self {
            Self::OneOf(one_of) => (None, Some(&one_of.cases)),
            other => (Some(other), None),
        };
        own.into_iter().chain(cases.into_iter().flat_map(|cases| cases.iter().map(|(_, case)| case)))
    }

    /// The kind that these settings choose. `None` where they choose none.
    #[must_use]
    pub fn chosen(&self, settings: &Value) -> Option<&Self> {
        match self {
            Self::OneOf(one_of) => one_of.cases.get(settings.get(&one_of.setting.0)?.as_text()?),
            other => Some(other),
        }
    }
}
