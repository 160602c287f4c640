//! The web application, as it was built into the program: files with their compressed twins, and its one page for every address that is
//! no file.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use rust_embed::{EmbeddedFile, RustEmbed};

/// The built application. In a development build its files are read from the disk.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Files;

/// The page that stands for every address of the application.
const PAGE: &str = "index.html";
/// Files under it have their content's hash in their name, and never change.
const HASHED: &str = "assets/";
/// Scripts come from here alone, and none stands in a page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; \
                      connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const NOT_BUILT: &str = include_str!("not_built.html");

/// What answers addresses that are no endpoint.
pub fn router() -> Router {
    Router::new().fallback(serve)
}

async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    let path = uri.path().trim_start_matches('/');
    if Files::get(PAGE).is_none() {
        return page(StatusCode::NOT_FOUND, NOT_BUILT);
    }
    if !path.is_empty() && !is_twin(path) {
        if let Some(response) = file(path, &headers) {
            return response;
        }
        if path.starts_with(HASHED) {
            return (StatusCode::NOT_FOUND, "there is no such file; load the page again").into_response();
        }
    }
    file(PAGE, &headers).unwrap_or_else(|| page(StatusCode::NOT_FOUND, NOT_BUILT))
}

/// Whether a path is that of a compressed twin, which is only served in place of its file.
fn is_twin(path: &str) -> bool {
    ENCODINGS.iter().any(|(_, end)| path.ends_with(end))
}

/// Encodings with the ends of their files' names, best first.
const ENCODINGS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

fn page(status: StatusCode, text: &'static str) -> Response {
    let mut response = (status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'"));
    response
}

/// Whether a request takes an encoding.
fn takes(headers: &HeaderMap, encoding: &str) -> bool {
    headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(
        |offer| {
            let mut parts = offer.split(';');
            let name = parts.next().unwrap_or_default().trim();
            let refused = parts.any(|part| matches!(part.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
            name == encoding && !refused
        },
    )
}

fn file(path: &str, headers: &HeaderMap) -> Option<Response> {
    let plain = Files::get(path)?;
    let tag = HeaderValue::from_str(&format!("\"{}\"", hex(&plain.metadata.sha256_hash()[..12]))).ok()?;
    let hashed = path.starts_with(HASHED);
    let fresh = headers.get(header::IF_NONE_MATCH).is_some_and(|known| *known == tag);
    let twin = ENCODINGS
        .iter()
        .filter(|(name, _)| takes(headers, name))
        .find_map(|(name, end)| Some((*name, Files::get(&format!("{path}{end}"))?)));
    let (encoding, content): (Option<&str>, EmbeddedFile) = match twin {
        Some((name, twin)) => (Some(name), twin),
        None => (None, plain),
    };
    let mut response = if fresh { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(content.data).into_response() };
    let answer = response.headers_mut();
    answer.insert(header::ETAG, tag);
    answer.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let caching = if hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    answer.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    if !fresh {
        let media_type = mime_guess::from_path(path).first_or_octet_stream();
        answer.insert(header::CONTENT_TYPE, HeaderValue::from_str(media_type.essence_str()).ok()?);
        if media_type.type_() == "text" {
            answer.insert(header::CONTENT_TYPE, HeaderValue::from_str(&format!("{}; charset=utf-8", media_type.essence_str())).ok()?);
        }
        if let Some(encoding) = encoding {
            answer.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
    }
    Some(response)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(value))])
    }

    #[test]
    fn an_encoding_is_taken_where_it_is_offered_and_not_refused() {
        assert!(takes(&accepting("gzip, deflate, br;q=1.0"), "br"));
        assert!(!takes(&accepting("gzip, br;q=0"), "br"));
        assert!(!takes(&accepting("gzip"), "br"));
        assert!(!takes(&HeaderMap::new(), "gzip"));
    }
}
