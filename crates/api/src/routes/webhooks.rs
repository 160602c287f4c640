//! Where external systems send to. They show who they are by themselves: by the URL, and by the scheme of the source.

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use salesdash_engine::intake::Answer;
use salesdash_engine::settings::WebhookSettings;
use tokio::sync::oneshot;

use crate::App;
use crate::endpoint::{Endpoint, Role, Table};
use crate::problem::Problem;
use crate::server::base_url;

pub fn add(table: &mut Table) {
    const ROOT: &str = "/hooks/{secret}";
    const BELOW: &str = "/hooks/{secret}/{*rest}";
    let rows = [
        (Method::POST, ROOT, "sendWebhook", "Takes in a webhook request; answers 202 once it is durable"),
        (Method::GET, ROOT, "probeWebhook", "Answers the handshake of a sender"),
        (Method::POST, BELOW, "sendWebhookBelow", "The same, for senders that add to the address"),
        (Method::GET, BELOW, "probeWebhookBelow", "The same, for senders that add to the address"),
    ];
    for (method, path, name, summary) in rows {
        let row = Endpoint::new(method.clone(), path, Role::Public, name, summary).limit(WebhookSettings::MAX_BYTES);
        let row = if method == Method::POST { row.raw_body("*/*").status(202) } else { row };
        table.add(row, receive);
    }
}

async fn receive(State(app): State<App>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let url = format!("{}{}", base_url(&app, &parts.headers), parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    let limit = WebhookSettings::MAX_BYTES;
    let body: Bytes = match axum::body::to_bytes(body, limit).await {
        Ok(body) => body,
        Err(_) => return Problem::too_large(format!("the body is larger than {limit} bytes, or ended too early")).into_response(),
    };
    let route = parts.uri.path().trim_start_matches("/hooks/").split('/').next().unwrap_or_default();
    let headers: Vec<(&str, &[u8])> = parts.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let (send, answered) = oneshot::channel();
    let received = salesdash_providers::Request { method: parts.method.as_str(), url: &url, headers: &headers, body: &body };
    app.engine().receive(route, &received, move |answer| {
        // Where nobody waits any more, the sender has hung up; what it sent is stored all the same.
        let _ = send.send(answer);
    });
    match answered.await {
        Ok(answer) => wire(answer),
        Err(_) => Problem::unavailable("the server is stopping; send it again").retry_after(5).into_response(),
    }
}

fn wire(answer: Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, answer.body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(answer.content_type));
    if let Some(seconds) = answer.retry_after_s {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    if let Some((name, value)) = answer.header
        && let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value))
    {
        headers.insert(name, value);
    }
    response
}
