//! First start, signing in and out, users.

use axum::body::Body;
use serde_json::json;

use crate::world::{Answer, As, World};

const PASSWORD: &str = "correct horse battery";

fn session(answer: &Answer) -> As {
    let cookie = answer.header("set-cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let secret = cookie.strip_prefix("salesdash_session=").unwrap().split(';').next().unwrap().to_owned();
    As::Session(secret, answer.json()["csrf"].as_str().map(ToOwned::to_owned))
}

async fn administrator(world: &World) -> As {
    let link = world.app.open_setup().unwrap().unwrap();
    let body = json!({ "token": link, "name": "Kim", "email": "Kim@Example.com", "password": PASSWORD });
    let answer = world.send("POST", "/api/v1/setup", &As::Nobody, body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    session(&answer)
}

#[tokio::test]
async fn the_first_administrator_is_made_by_a_link_that_works_once() {
    let world = World::new();
    assert_eq!(world.get("/api/v1/setup", &As::Nobody).await.ok()["needed"], true);
    let link = world.app.open_setup().unwrap().unwrap();
    let body = |token: &str, password: &str| json!({ "token": token, "name": "Kim", "email": "kim@example.com", "password": password });
    world.send("POST", "/api/v1/setup", &As::Nobody, body("guess", PASSWORD)).await.problem(403, "forbidden");
    // What is wrong with the form does not use the link up.
    world.send("POST", "/api/v1/setup", &As::Nobody, body(&link, "short")).await.problem(422, "invalid");
    let answer = world.send("POST", "/api/v1/setup", &As::Nobody, body(&link, PASSWORD)).await;
    let kim = session(&answer);
    let seen = world.get("/api/v1/session", &kim).await.ok();
    assert_eq!((seen["user"]["role"].as_str(), seen["user"]["reveal"].as_bool()), (Some("admin"), Some(true)));
    assert_eq!(seen["tenant"]["timezone"], "Europe/Amsterdam");
    world.send("POST", "/api/v1/setup", &As::Nobody, body(&link, PASSWORD)).await.problem(403, "forbidden");
    assert_eq!(world.get("/api/v1/setup", &As::Nobody).await.ok()["needed"], false);
    assert!(world.app.open_setup().unwrap().is_none());
}

#[tokio::test]
async fn signing_in_and_out() {
    let world = World::new();
    administrator(&world).await;
    let sign_in = |email: &str, password: &str| {
        let body = json!({ "email": email, "password": password });
        let world = &world;
        async move { world.send("POST", "/api/v1/session", &As::Nobody, body).await }
    };
    sign_in("kim@example.com", "wrong password").await.problem(401, "unauthorized");
    sign_in("nobody@example.com", PASSWORD).await.problem(401, "unauthorized");
    let kim = session(&sign_in(" KIM@example.com", PASSWORD).await);
    world.get("/api/v1/session", &kim).await.ok();
    let other = session(&sign_in("kim@example.com", PASSWORD).await);
    let change = json!({ "current": "wrong password", "new": "another good password" });
    assert_eq!(world.send("PUT", "/api/v1/session/password", &kim, change).await.problem(422, "invalid")["pointer"], "/current");
    let change = json!({ "current": PASSWORD, "new": "another good password" });
    let fresh = session(&world.send("PUT", "/api/v1/session/password", &kim, change).await);
    world.get("/api/v1/session", &other).await.problem(401, "unauthorized");
    sign_in("kim@example.com", PASSWORD).await.problem(401, "unauthorized");
    assert_eq!(world.raw("DELETE", "/api/v1/session", &fresh, &[], Body::empty()).await.status, 204);
    world.get("/api/v1/session", &fresh).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let world = World::new();
    administrator(&world).await;
    let body = json!({ "email": "kim@example.com", "password": "guess after guess" });
    let mut answers = Vec::new();
    for _ in 0..12 {
        answers.push(world.send("POST", "/api/v1/session", &As::Nobody, body.clone()).await);
    }
    let last = answers.pop().unwrap();
    assert!(last.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0), "{:?}", last.headers);
    last.problem(429, "too_many_requests");
    let first = answers.swap_remove(0);
    first.problem(401, "unauthorized");
    // Others are not held up.
    let other = json!({ "email": "robin@example.com", "password": "guess after guess" });
    world.send("POST", "/api/v1/session", &As::Nobody, other).await.problem(401, "unauthorized");
}

#[tokio::test]
async fn whoever_signs_in_often_is_not_held_up() {
    let world = World::new();
    administrator(&world).await;
    let sign_in = |password: &str| {
        let (world, body) = (&world, json!({ "email": "kim@example.com", "password": password }));
        async move { world.send("POST", "/api/v1/session", &As::Nobody, body).await }
    };
    for _ in 0..12 {
        assert_eq!(sign_in(PASSWORD).await.status, 200);
    }
    // What failed in between counts all the same.
    for _ in 0..12 {
        sign_in("guess after guess").await;
    }
    sign_in(PASSWORD).await.problem(429, "too_many_requests");
}

#[tokio::test]
async fn users_are_invited_and_somebody_always_administers() {
    let world = World::new();
    let kim = administrator(&world).await;
    let new = json!({ "name": "Robin", "email": "robin@example.com", "role": "viewer" });
    let made = world.send("POST", "/api/v1/users", &kim, new.clone()).await.ok();
    world.send("POST", "/api/v1/users", &kim, new).await.problem(409, "conflict");
    let link = made["invite_url"].as_str().unwrap();
    let token = link.split_once("token=").unwrap().1;
    let setup = world.get(&format!("/api/v1/setup?token={token}"), &As::Nobody).await.ok();
    assert_eq!(setup["invited"], json!({ "name": "Robin", "email": "robin@example.com" }));
    let accept = json!({ "token": token, "password": PASSWORD });
    let robin = session(&world.send("POST", "/api/v1/setup", &As::Nobody, accept.clone()).await);
    world.send("POST", "/api/v1/setup", &As::Nobody, accept).await.problem(403, "forbidden");
    world.get("/api/v1/users", &robin).await.problem(403, "forbidden");
    let users = world.get("/api/v1/users", &kim).await.ok();
    let ids: Vec<&str> = users["items"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap()).collect();
    let (robin_id, kim_id) = (ids[0], ids[1]);
    world.send("PATCH", &format!("/api/v1/users/{kim_id}"), &kim, json!({ "role": "viewer" })).await.problem(409, "conflict");
    world.raw("DELETE", &format!("/api/v1/users/{kim_id}"), &kim, &[], Body::empty()).await.problem(409, "conflict");
    let made_builder =
        world.send("PATCH", &format!("/api/v1/users/{robin_id}"), &kim, json!({ "role": "builder", "reveal": true })).await.ok();
    assert_eq!((made_builder["role"].as_str(), made_builder["reveal"].as_bool()), (Some("builder"), Some(true)));
    assert_eq!(world.raw("DELETE", &format!("/api/v1/users/{robin_id}"), &kim, &[], Body::empty()).await.status, 204);
    world.get("/api/v1/session", &robin).await.problem(401, "unauthorized");
    let log = world.get("/api/v1/audit", &kim).await.ok();
    let actions: Vec<&str> = log["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["user.deleted", "user.changed", "user.invitation_accepted", "user.created", "user.created"]);
}
