//! Connecting to external systems: testing a connection, granting access in the browser.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use salesdash_connect::oauth::NotConnected;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::server::base_url;
use crate::wire::{At, Id, Params};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::POST, "/api/v1/providers/test", Role::Builder, "testNewProvider", "Tests a connection before it is saved")
            .body::<TestNew>()
            .answer::<Tested>(),
        test_new,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/providers/{id}/test", Role::Builder, "testProvider", "Tests the connection of a provider")
            .answer::<Tested>(),
        test,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/providers/{id}/connect",
            Role::Builder,
            "connectProvider",
            "Gives the page of the vendor on which a person grants access",
        )
        .answer::<Authorization>(),
        connect,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            CALLBACK,
            Role::Builder,
            "completeConnection",
            "Where the vendor sends the browser afterwards; leads to the page of the provider",
        )
        .query::<Returned>()
        .status(303),
        callback,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            LANDING,
            Role::Public,
            "receiveConnection",
            "The address to register at vendors: goes on to where the session can be seen",
        )
        .raw_answer("text/html"),
        landing,
    );
}

/// Where the vendor's answer is taken, by somebody who is signed in.
const CALLBACK: &str = "/api/v1/oauth/callback";
/// Where the vendor sends the browser. A session's cookie is not sent along from another site, so this page goes on from our own.
const LANDING: &str = "/oauth/callback";

/// A connection that is not saved yet.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TestNew {
    r#type: String,
    #[serde(default)]
    settings: Document,
    #[serde(default)]
    credentials: Document,
}

/// Whether a connection works.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TestedConnection")]
struct Tested {
    ok: bool,
    detail: String,
    /// The account, as the vendor names it.
    account: Option<String>,
}

impl From<salesdash_connect::trying::Tested> for Tested {
    fn from(tested: salesdash_connect::trying::Tested) -> Self {
        Self { ok: tested.ok, detail: tested.detail, account: tested.account.map(|account| account.to_string()) }
    }
}

async fn test_new(State(app): State<App>, caller: Caller, Body(given): Body<TestNew>) -> Result<Answer<Tested>, Problem> {
    app.type_of(&given.r#type)?;
    let tested = app.connect()?.test_unsaved(caller.tenant, &given.r#type, &given.settings.0, &given.credentials.0).await?;
    Ok(Answer(tested.into()))
}

async fn test(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<Tested>, Problem> {
    Ok(Answer(app.connect()?.test(caller.tenant, id).await?.into()))
}

/// The page of the vendor.
#[derive(Serialize, JsonSchema)]
struct Authorization {
    authorization_url: String,
}

async fn connect(State(app): State<App>, caller: Caller, headers: HeaderMap, At(Id(id)): At<Id>) -> Result<Answer<Authorization>, Problem> {
    let redirect_url = format!("{}{LANDING}", base_url(&app, &headers));
    app.blocking(move |app| {
        let url = app.connect()?.authorize(caller.tenant, id, &redirect_url, &caller.actor)?;
        app.note(&caller, "provider.connection_begun", &format!("provider {id}"))?;
        Ok(Answer(Authorization { authorization_url: url.to_string() }))
    })
    .await
}

/// What the browser came back with.
#[derive(Deserialize, JsonSchema)]
struct Returned {
    #[serde(default)]
    state: Option<String>,
    #[serde(default)]
    code: Option<String>,
    /// What the vendor says where access was not granted.
    #[serde(default)]
    error: Option<String>,
    #[serde(default)]
    error_description: Option<String>,
}

/// Takes the browser's answer. Whatever came of it, a person is led to where it is said: JSON is nothing to look at.
async fn callback(State(app): State<App>, caller: Caller, Params(returned): Params<Returned>) -> Result<Response, Problem> {
    let connect = app.connect()?;
    let state = returned.state.unwrap_or_default();
    let Some(code) = returned.code else {
        let said = returned.error_description.or(returned.error).unwrap_or_else(|| "nothing".to_owned());
        let said: String = said.chars().filter(|c| !c.is_control()).take(200).collect();
        let provider = connect.abandon(&state, &caller.actor)?;
        return Ok(back(provider, &format!("Access was not granted; the vendor says: {said}")));
    };
    Ok(match connect.callback(&state, &code, &caller.actor).await {
        Ok(connected) => see(&format!("/providers/{}?connected=1", connected.provider)),
        Err(NotConnected { provider, why }) => back(provider, &Problem::from(why).into_detail()),
    })
}

/// Leads back to the page of a provider that was not connected, or to all of them where it is not known which, with the reason.
fn back(provider: Option<i64>, why: &str) -> Response {
    let why: String = url::form_urlencoded::byte_serialize(why.as_bytes()).collect();
    see(&provider.map_or_else(|| format!("/providers?not_connected={why}"), |id| format!("/providers/{id}?not_connected={why}")))
}

fn see(place: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(place) = HeaderValue::try_from(place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    response
}

async fn landing(request: axum::extract::Request) -> Response {
    // A reload from our own page sends the cookie, which a redirect from another site does not.
    let query = request.uri().query().unwrap_or_default();
    let mut place = String::with_capacity(query.len());
    for c in query.chars().filter(|c| !c.is_control()) {
        match c {
            '&' => place.push_str("&amp;"),
            '"' => place.push_str("&quot;"),
            '<' => place.push_str("&lt;"),
            '>' => place.push_str("&gt;"),
            c => place.push(c),
        }
    }
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>SalesDash</title>\
         <meta http-equiv=\"refresh\" content=\"0;url={CALLBACK}?{place}\"><p><a href=\"{CALLBACK}?{place}\">Go on</a></p></html>"
    );
    let mut response = page.into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}
