//! What senders are answered.

use axum::body::Body;
use serde_json::{Value, json};

use crate::world::{Answer, As, World};

async fn send(world: &World, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: Vec<_> = [("content-type", "application/json")].into_iter().chain(headers.iter().copied()).collect();
    world.raw("POST", path, &As::Nobody, &headers, body.to_owned()).await
}

#[tokio::test]
async fn what_is_taken_in_is_durable_when_it_is_answered() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (id, path) = world.source(&admin, "Leads", json!({}), json!({})).await;
    let answer = send(&world, &path, &[], r#"[{"id":"a"},{"id":"b"}]"#).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    let delivery = answer.json()["delivery"].as_str().unwrap().to_owned();
    let stored = world.get(&format!("/api/v1/deliveries/{delivery}"), &admin).await.ok();
    assert_eq!(
        (stored["verdict"].as_str(), stored["records"].as_i64(), stored["models"].as_array().unwrap().len()),
        (Some("accepted"), Some(2), 2)
    );
    let form = world.raw("POST", &path, &As::Nobody, &[("content-type", "application/x-www-form-urlencoded")], "id=c&name=x").await;
    assert_eq!(form.status, 202, "{}", form.text());
    assert_eq!(world.raw("POST", &format!("{path}/below"), &As::Nobody, &[("content-type", "application/json")], "{}").await.status, 202);
    let ledger = world.get(&format!("/api/v1/sources/{id}/ledger"), &admin).await.ok();
    assert_eq!((ledger["received"].as_i64(), ledger["balances"].as_bool()), (Some(4), Some(true)));
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_and_logged() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (id, path) = world.source(&admin, "Leads", json!({ "limits": { "bytes": 100 } }), json!({})).await;
    assert_eq!(send(&world, &path, &[], "{").await.status, 400);
    assert_eq!(send(&world, &path, &[], "5").await.status, 400);
    assert_eq!(send(&world, &path, &[], &format!("{{\"a\":\"{}\"}}", "x".repeat(200))).await.status, 413);
    assert_eq!(send(&world, "/hooks/not-an-address-of-ours", &[], "{}").await.status, 404);
    let refused = world.get(&format!("/api/v1/sources/{id}/deliveries?verdict=rejected"), &admin).await.ok();
    let refused = refused["items"].as_array().unwrap().clone();
    assert_eq!(refused.len(), 3);
    assert!(refused.iter().all(|delivery| delivery["reason"].as_str().is_some_and(|reason| !reason.is_empty())), "{refused:?}");
}

#[tokio::test]
async fn a_sender_that_proves_nothing_is_refused_with_the_reason_in_the_log() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (id, path) = world.source(&admin, "Leads", json!({ "verification": "bearer" }), json!({ "secret": "open-sesame" })).await;
    assert_eq!(send(&world, &path, &[], "{}").await.status, 401);
    let wrong = send(&world, &path, &[("authorization", "Bearer guess")], "{}").await;
    assert_eq!(wrong.status, 401);
    assert!(!wrong.text().contains("sesame"));
    assert_eq!(send(&world, &path, &[("authorization", "Bearer open-sesame")], r#"{"id":"a"}"#).await.status, 202);
    let refused = world.get(&format!("/api/v1/sources/{id}/deliveries?verdict=rejected"), &admin).await.ok();
    let reasons: Vec<&str> = refused["items"].as_array().unwrap().iter().filter_map(|delivery| delivery["reason"].as_str()).collect();
    assert_eq!(reasons.len(), 2, "{reasons:?}");
    assert!(!refused.to_string().contains("guess") && !refused.to_string().contains("sesame"));
    // Other secrets stay when one is changed; a new address leaves the old one dead.
    let source = format!("/api/v1/sources/{id}");
    world.send("PATCH", &source, &admin, json!({ "secrets": {} })).await.ok();
    assert_eq!(send(&world, &path, &[("authorization", "Bearer open-sesame")], r#"{"id":"b"}"#).await.status, 202);
    let fresh = world.send("POST", &format!("{source}/rotate-address"), &admin, Value::Null).await.ok();
    assert_eq!(send(&world, &path, &[("authorization", "Bearer open-sesame")], r#"{"id":"c"}"#).await.status, 404);
    let fresh = fresh["url"].as_str().unwrap().strip_prefix("http://sales.example.com").unwrap().to_owned();
    assert_eq!(send(&world, &fresh, &[("authorization", "Bearer open-sesame")], r#"{"id":"c"}"#).await.status, 202);
}

#[tokio::test]
async fn a_sender_that_floods_is_slowed_down() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (_, path) = world.source(&admin, "Leads", json!({ "limits": { "rate_per_second": 1 } }), json!({})).await;
    let mut refused = None;
    for number in 0..10 {
        let answer = send(&world, &path, &[], &json!({ "id": number }).to_string()).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status, 202);
    }
    let refused = refused.expect("ten at once are too many for one a second");
    assert!(refused.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0));
}

#[tokio::test]
async fn events_are_taken_once_and_handshakes_answered() {
    let world = World::new();
    let admin = world.token("admin", false);
    let settings = json!({ "event_id": { "header": "x-event" } });
    let (id, path) = world.source(&admin, "Events", settings, json!({})).await;
    assert_eq!(send(&world, &path, &[("x-event", "e1")], r#"{"id":"a"}"#).await.status, 202);
    let again = send(&world, &path, &[("x-event", "e1")], r#"{"id":"a"}"#).await;
    assert!(again.status.is_success(), "{}", again.text());
    let ledger = world.get(&format!("/api/v1/sources/{id}/ledger"), &admin).await.ok();
    assert_eq!((ledger["received"].as_i64(), ledger["duplicate"].as_i64(), ledger["balances"].as_bool()), (Some(2), Some(1), Some(true)));
    let (_, slack) = world.source(&admin, "Slack", json!({ "verification": "slack" }), json!({ "secret": "s" })).await;
    let challenge = json!({ "type": "url_verification", "challenge": "echo-me" });
    let answer = send(&world, &slack, &[], &challenge.to_string()).await;
    assert!(answer.status == 401 || answer.text().contains("echo-me"), "{} {}", answer.status, answer.text());
    let probe = world.raw("HEAD", &path, &As::Nobody, &[], Body::empty()).await;
    assert!(probe.status == 200 || probe.status == 405, "{}", probe.status);
}
