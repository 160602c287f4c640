//! What happens, as it happens: the stream of events.

use axum::body::Body;
use axum::http::Request;
use futures::StreamExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::flow::working;
use crate::world::{As, World, lead};

/// Listens as somebody; gives the frames that come, each with the name of its event and its data.
async fn listen(world: &World, who: &As) -> impl futures::Stream<Item = (String, Value)> + use<> {
    let As::Token(token) = who else { panic!("by token") };
    let request = Request::get("/api/v1/executions/live").header("authorization", format!("Bearer {token}")).body(Body::empty()).unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    assert_eq!((response.status().as_u16(), response.headers()["content-type"].to_str().unwrap()), (200, "text/event-stream"));
    let chunks = response.into_body().into_data_stream();
    let lines = futures::stream::unfold((chunks, String::new()), |(mut chunks, mut rest)| async move {
        loop {
            if let Some((frame, after)) = rest.split_once("\n\n").map(|(frame, after)| (frame.to_owned(), after.to_owned())) {
                return Some((frame, (chunks, after)));
            }
            rest.push_str(&String::from_utf8_lossy(&chunks.next().await?.ok()?));
        }
    });
    lines.filter_map(|frame| async move {
        let of = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
        Some((of("event:")?, serde_json::from_str(&of("data:").unwrap_or_default()).unwrap_or(Value::Null)))
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn what_arrives_is_told_and_nothing_personal_with_it() {
    let world = World::new();
    let (admin, viewer) = (world.token("admin", true), world.token("viewer", false));
    let (source, path, _) = working(&world, &admin).await;
    let mut frames = Box::pin(listen(&world, &viewer).await);
    // The first frame says that it listens: nothing from here on is missed.
    assert_eq!(frames.next().await.unwrap().0, "hello");
    world.send("POST", &path, &As::Nobody, lead("live", "12.50")).await.ok();
    let engine = std::sync::Arc::clone(&world.engine);
    tokio::task::spawn_blocking(move || engine.drain()).await.unwrap();
    let (mut delivered, mut executed, mut all) = (false, None, String::new());
    while !delivered || executed.is_none() {
        let (event, data) = frames.next().await.expect("more");
        all.push_str(&data.to_string());
        match event.as_str() {
            "delivery" => delivered |= data["source"] == json!(source) && data["verdict"] == "accepted",
            "execution" if data["status"] == "succeeded" => executed = Some(data),
            _ => {}
        }
    }
    let executed = executed.unwrap();
    assert_eq!((executed["key"].as_str(), executed["source"]["id"].as_str()), (Some("live"), Some(source.as_str())), "{executed}");
    // It can be looked at by its id, as in any list.
    let id = executed["id"].as_str().unwrap();
    assert_eq!(world.get(&format!("/api/v1/executions/{id}"), &viewer).await.ok()["id"], executed["id"]);
    for personal in ["markerson", "Markersonia", "31612345678"] {
        assert!(!all.contains(personal), "{personal}: {all}");
    }
    world.raw("GET", "/api/v1/executions/live", &As::Nobody, &[], Body::empty()).await.problem(401, "unauthorized");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_hears_of_its_own_tenant_only() {
    let world = World::new();
    let admin = world.token("admin", true);
    let (_, path, _) = working(&world, &admin).await;
    let other = world.store.create_tenant("Other", "{}").unwrap().id;
    let token = As::Token(world.store.write(other, |scope| Ok(scope.create_token("t", "viewer", false, None)?.1)).unwrap());
    let mut theirs = Box::pin(listen(&world, &token).await);
    assert_eq!(theirs.next().await.unwrap().0, "hello");
    world.post(&path, &lead("ours", "1")).await;
    // What is told them next is their own.
    world.engine.changed(other);
    let (event, data) = theirs.next().await.unwrap();
    assert_eq!((event.as_str(), data), ("changed", json!({})));
}
