//! Connecting in the browser, and the life of tokens.

use std::sync::Arc;
use std::time::Duration;

use salesdash_connect::connection::Trouble;
use salesdash_connect::poll::Ended;
use salesdash_testkit::Reply;
use salesdash_value::Value;

use crate::support::{Installation, deals};

const SETTINGS: &str = r#"{"method":"browser","account":"acme","client_id":"app"}"#;

fn connected(tokens: &str) -> Installation {
    let at = Installation::with(|definition| definition, SETTINGS, &format!(r#"{{"client_secret":"app-geheim","$connection":{tokens}}}"#));
    at.vendor.table("deals", &deals(3));
    at
}

fn held(at: &Installation, name: &str) -> Option<String> {
    at.credentials().at(&["$connection", name]).and_then(Value::as_text).map(ToOwned::to_owned)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_is_connected_in_the_browser() {
    let at = Installation::with(|definition| definition, SETTINGS, r#"{"client_secret":"app-geheim"}"#);
    at.vendor.table("deals", &deals(3));
    assert!(matches!(at.poll().await, Ended::Failed(Trouble::NeedsReconnecting(_))));
    let url = at.connect.authorize(at.tenant, at.provider, "https://dash.example/oauth/callback", "user 1").expect("a page");
    let parameter =
        |name: &str| url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned()).unwrap_or_default();
    assert_eq!((parameter("response_type").as_str(), parameter("client_id").as_str()), ("code", "app"));
    assert_eq!((parameter("scope").as_str(), parameter("code_challenge_method").as_str()), ("deals.read users.read", "S256"));
    assert!(!url.as_str().contains("app-geheim"));
    let state = parameter("state");
    // Another person's, or one that was not begun here.
    assert!(at.connect.callback("made-up", "code", "user 1").await.is_err());
    let done = at.connect.callback(&state, "the-code", "user 1").await.expect("connected");
    assert_eq!(done.provider, at.provider);
    // Each state serves once.
    assert!(at.connect.callback(&state, "the-code", "user 1").await.is_err());
    let asked = at.vendor.asked().into_iter().find(|asked| asked.path == "/token").expect("asked for a token");
    assert_eq!((asked.field("code").as_deref(), asked.field("grant_type").as_deref()), (Some("the-code"), Some("authorization_code")));
    let verifier = asked.field("code_verifier").expect("a verifier");
    let challenge = {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(verifier.as_bytes());
        base64_url(&digest)
    };
    assert_eq!(parameter("code_challenge"), challenge);
    assert_eq!((held(&at, "access_token").as_deref(), held(&at, "refresh_token").as_deref()), (Some("access-1"), Some("refresh-1")));
    assert!(matches!(at.poll().await, Ended::Succeeded));
}

/// Base64 without padding, with `-` and `_`.
fn base64_url(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            text.push(char::from(LETTERS[(bits >> (18 - 6 * place) & 63) as usize]));
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_between_leaving_and_coming_back_does_no_harm() {
    let at = Installation::with(|definition| definition, SETTINGS, r#"{"client_secret":"app-geheim"}"#);
    at.vendor.table("deals", &deals(3));
    let url = at.connect.authorize(at.tenant, at.provider, "https://dash.example/oauth/callback", "user 1").expect("a page");
    let state = url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).expect("a state");
    let (vendor, directory) = at.closed();
    // What is on the disk holds neither the state nor what proves that it was begun here.
    let challenge = url.query_pairs().find(|(name, _)| name == "code_challenge").map(|(_, value)| value.into_owned()).expect("a challenge");
    for file in std::fs::read_dir(directory.path()).expect("a directory") {
        let bytes = std::fs::read(file.expect("a file").path()).unwrap_or_default();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds(&state) && !holds(&challenge) && !holds("dash.example/oauth"));
    }
    let at = Installation::reopened_with_types(vendor, directory);
    let done = at.connect.callback(&state, "the-code", "user 1").await.expect("connected");
    assert_eq!((done.tenant, done.provider), (at.tenant, at.provider));
    assert!(at.vendor.asked().iter().any(|asked| asked.path == "/token" && asked.field("code_verifier").is_some()));
    assert!(at.connect.callback(&state, "the-code", "user 1").await.is_err(), "it serves once");
    assert!(matches!(at.poll().await, Ended::Succeeded));
    // Denied at the vendor: it is forgotten, by whoever began it.
    let url = at.connect.authorize(at.tenant, at.provider, "https://dash.example/oauth/callback", "user 1").expect("a page");
    let state = url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).expect("a state");
    assert_eq!(at.connect.abandon(&state, "user 1").expect("asked"), Some(at.provider));
    assert!(at.connect.callback(&state, "the-code", "user 1").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_callback_of_another_person_is_refused() {
    let at = Installation::with(|definition| definition, SETTINGS, r#"{"client_secret":"app-geheim"}"#);
    let url = at.connect.authorize(at.tenant, at.provider, "https://dash.example/oauth/callback", "user 1").expect("a page");
    let state = url.query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned()).expect("a state");
    assert!(at.connect.callback(&state, "code", "user 2").await.is_err());
    at.clock.advance(Duration::from_secs(3600));
    assert!(at.connect.callback(&state, "code", "user 1").await.is_err());
    assert_eq!(at.vendor.count("/token"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_renewed_before_it_ends_and_the_rotated_one_is_stored() {
    let at = connected(r#"{"access_token":"old","refresh_token":"r0","expires_at":"2026-03-02T12:01:00Z"}"#);
    at.vendor.accept(&["old"]);
    at.vendor.refresh_with(Some("r0"));
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!((held(&at, "access_token").as_deref(), held(&at, "refresh_token").as_deref()), (Some("access-1"), Some("refresh-1")));
    assert_eq!(held(&at, "expires_at").as_deref(), Some("2026-03-02T13:00:00Z"));
    // The next time, the rotated one is used.
    at.clock.advance(Duration::from_secs(3590));
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!(held(&at, "refresh_token").as_deref(), Some("refresh-2"));
    assert_eq!(at.credentials().get("client_secret"), Some(&"app-geheim".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_is_renewed_once() {
    let at = connected(r#"{"access_token":"old","refresh_token":"r0"}"#);
    at.vendor.accept(&[]);
    at.vendor.refresh_with(Some("r0"));
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!((at.vendor.count("/token"), at.ledger().0), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_find_a_token_over_renew_it_once() {
    let at = Arc::new(connected(r#"{"access_token":"old","refresh_token":"r0"}"#));
    at.vendor.accept(&[]);
    at.vendor.refresh_with(Some("r0"));
    let asking: Vec<_> = (0..8)
        .map(|_| {
            let at = Arc::clone(&at);
            tokio::spawn(async move { at.connect.test(at.tenant, at.provider).await.expect("a provider").ok })
        })
        .collect();
    for each in asking {
        assert!(each.await.expect("no panic"));
    }
    assert_eq!(at.vendor.count("/token"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_was_revoked_needs_reconnecting_and_nothing_is_lost() {
    let at = connected(r#"{"access_token":"old","refresh_token":"r0"}"#);
    at.vendor.accept(&[]);
    at.vendor.refresh_with(None);
    let Ended::Failed(Trouble::NeedsReconnecting(text)) = at.poll().await else { panic!("it was revoked") };
    assert_eq!(text, "The vendor refuses to give a new token (`invalid_grant`); connect the provider again.");
    // The old token stays: nothing was got in its place.
    assert_eq!(held(&at, "refresh_token").as_deref(), Some("r0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_address_that_is_down_is_no_reason_to_reconnect() {
    let at = connected(r#"{"access_token":"old","refresh_token":"r0","expires_at":"2026-03-02T12:01:00Z"}"#);
    at.vendor.refresh_with(Some("r0"));
    at.vendor.fault("/token", [Reply::json(503, ""), Reply::Close]);
    assert!(matches!(at.poll().await, Ended::Succeeded));
    at.clock.advance(Duration::from_secs(3590));
    at.vendor.fault("/token", std::iter::repeat_n(Reply::json(503, ""), 5));
    assert!(matches!(at.poll().await, Ended::Failed(Trouble::Later { .. })));
    assert!(matches!(at.poll().await, Ended::Succeeded));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_polls_by_itself_and_stops_where_access_was_revoked() {
    let at = connected(r#"{"access_token":"old","refresh_token":"r0"}"#);
    at.vendor.accept(&[]);
    at.vendor.refresh_with(None);
    let mut events = at.engine.listen();
    at.connect.start().expect("started");
    // The run fails, the provider is marked, and that is told.
    while at.status() == "active" {
        events.recv().await.expect("an event");
    }
    assert_eq!(at.status(), "needs_reconnecting");
    at.connect.shutdown().await;
}
