//! Signing in to the demonstration with one click: whoever has the link that it printed is the sample administrator.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use salesdash_api::auth::{SESSION_COOKIE, SESSION_SECONDS};
use salesdash_store::Store;
use salesdash_store::installation::hash;

/// Where the link leads.
pub const PATH: &str = "/demo/sign-in";

#[derive(Clone)]
struct Link {
    store: Arc<Store>,
    tenant: i64,
    user: i64,
    /// A hash of the key in the link.
    key: [u8; 32],
}

/// The route of the link.
pub fn routes(store: Arc<Store>, tenant: i64, user: i64, key: &str) -> Router {
    Router::new().route(PATH, get(sign_in)).with_state(Link { store, tenant, user, key: hash(key) })
}

#[derive(serde::Deserialize)]
struct Given {
    key: String,
}

async fn sign_in(State(link): State<Link>, Query(given): Query<Given>) -> Response {
    // Hashes are compared, so that the time it takes tells nothing.
    if hash(&given.key) != link.key {
        return (StatusCode::UNAUTHORIZED, "this link is of another run of the demonstration\n").into_response();
    }
    let begun = tokio::task::spawn_blocking(move || {
        link.store.write(link.tenant, move |scope| scope.begin_session(link.user, SESSION_SECONDS * 1_000_000))
    });
    match begun.await {
        Ok(Ok(secret)) => {
            let cookie = format!("{SESSION_COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={SESSION_SECONDS}");
            let headers =
                [(header::SET_COOKIE, cookie), (header::LOCATION, "/".to_owned()), (header::CACHE_CONTROL, "no-store".to_owned())];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        _ => (StatusCode::SERVICE_UNAVAILABLE, "signing in failed; the log tells why\n").into_response(),
    }
}
