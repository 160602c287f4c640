//! Every row of the endpoint table demands its role, and the permission to reveal where it reveals.

use axum::body::Body;
use salesdash_api::endpoint::{Endpoint, Role};

use crate::world::{As, World};

/// A path of an endpoint, with something in the place of its parameters.
fn path(row: &Endpoint) -> String {
    let kind = if row.path.contains("/records/") { "activities" } else { "agents" };
    row.path
        .replace("{kind}", kind)
        .replace("{code}", "E101")
        .replace("{name}", "nothing")
        .replace("{type}", "webhook")
        .replace("{*rest}", "x")
        .split('/')
        .map(|step| if step.starts_with('{') { "17" } else { step })
        .collect::<Vec<_>>()
        .join("/")
}

#[tokio::test]
async fn every_endpoint_demands_its_role() {
    let world = World::new();
    let tokens = [
        (Role::Viewer, world.token("viewer", true)),
        (Role::Builder, world.token("builder", true)),
        (Role::Admin, world.token("admin", true)),
    ];
    let table = salesdash_api::table();
    assert!(table.rows().len() > 90, "the whole table");
    for row in table.rows() {
        let (method, path) = (row.method.as_str(), path(row));
        let nobody = world.raw(method, &path, &As::Nobody, &[], Body::empty()).await;
        if row.role == Role::Public {
            assert_ne!(nobody.status, 403, "{method} {path}");
            continue;
        }
        nobody.problem(401, "unauthorized");
        world.raw(method, &path, &As::Token("sd_nonsense".to_owned()), &[], Body::empty()).await.problem(401, "unauthorized");
        for (role, token) in &tokens {
            let answer = world.raw(method, &path, token, &[], Body::empty()).await;
            if *role < row.role {
                answer.problem(403, "forbidden");
            } else {
                assert!(answer.status != 401 && answer.status != 403, "{method} {path} as {}: {}", role.name(), answer.text());
                assert_ne!(answer.status, 500, "{method} {path} as {}: {}", role.name(), answer.text());
            }
        }
    }
}

#[tokio::test]
async fn whoever_reveals_needs_the_permission_and_a_reason_and_is_noted() {
    let world = World::new();
    let (blind, seeing) = (world.token("admin", false), world.token("admin", true));
    let table = salesdash_api::table();
    let rows: Vec<_> = table.rows().iter().filter(|row| row.reveals).collect();
    assert!(rows.len() >= 5);
    for row in &rows {
        let (method, path) = (row.method.as_str(), path(row));
        let revealing = |reason: &str| format!("{path}?reveal={reason}");
        world.raw(method, &revealing("audit"), &blind, &[], Body::empty()).await.problem(403, "forbidden");
        world.raw(method, &revealing("%20"), &seeing, &[], Body::empty()).await.problem(400, "bad_request");
        let answer = world.raw(method, &revealing("a+customer+called"), &seeing, &[], Body::empty()).await;
        assert_ne!(answer.status, 403, "{method} {path}");
    }
    let log = world.store.read(world.tenant, |scope| scope.audit_log(salesdash_store::Paging::default())).unwrap();
    let noted: Vec<_> = log.items.iter().filter(|entry| entry.action == "personal_data.revealed").collect();
    assert_eq!(noted.len(), rows.len());
    assert!(noted.iter().all(|entry| entry.reason.as_deref() == Some("a customer called") && entry.actor == "token admin"));
}

#[tokio::test]
async fn every_change_within_a_session_needs_its_header() {
    let world = World::new();
    let session = world
        .store
        .write(world.tenant, |scope| {
            let new = salesdash_store::users::NewUser {
                name: "Kim".to_owned(),
                email: "kim@example.com".to_owned(),
                role: "admin".to_owned(),
                reveal: true,
                password: None,
            };
            let user = scope.create_user(&new)?;
            scope.begin_session(user.id, 60_000_000)
        })
        .unwrap();
    let csrf = salesdash_api::auth::csrf_of(&session);
    let table = salesdash_api::table();
    for row in table.rows().iter().filter(|row| row.role != Role::Public) {
        let (method, path) = (row.method.as_str(), path(row));
        if method == "GET" {
            let answer = world.raw(method, &path, &As::Session(session.clone(), None), &[], Body::empty()).await;
            assert!(answer.status != 401 && answer.status != 403, "{method} {path}");
            continue;
        }
        for wrong in [None, Some("nonsense".to_owned()), Some(String::new())] {
            world.raw(method, &path, &As::Session(session.clone(), wrong), &[], Body::empty()).await.problem(403, "forbidden");
        }
        // Signing out is the one change that ends what the others need.
        if row.name != "signOut" {
            let answer = world.raw(method, &path, &As::Session(session.clone(), Some(csrf.clone())), &[], Body::empty()).await;
            assert!(answer.status != 401 && answer.status != 403, "{method} {path}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn tokens_end_and_are_revoked() {
    let world = World::new();
    let admin = world.token("admin", false);
    let made = world.send("POST", "/api/v1/tokens", &admin, serde_json::json!({ "name": "ci", "role": "viewer" })).await.ok();
    let token = As::Token(made["secret"].as_str().unwrap().to_owned());
    world.get("/api/v1/session", &token).await.ok();
    let id = made["token"]["id"].as_str().unwrap();
    assert_eq!(world.raw("DELETE", &format!("/api/v1/tokens/{id}"), &admin, &[], Body::empty()).await.status, 204);
    world.get("/api/v1/session", &token).await.problem(401, "unauthorized");
    let past = serde_json::json!({ "name": "late", "role": "viewer", "expires": "2020-01-01T00:00:00Z" });
    assert_eq!(world.send("POST", "/api/v1/tokens", &admin, past).await.problem(422, "invalid")["pointer"], "/expires");
    let ended = world.store.write(world.tenant, |scope| Ok(scope.create_token("old", "admin", true, Some(1))?.1)).unwrap();
    world.get("/api/v1/session", &As::Token(ended)).await.problem(401, "unauthorized");
}
