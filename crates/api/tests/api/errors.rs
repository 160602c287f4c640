//! Everything that goes wrong is a problem with a stable code and a sentence.

use axum::body::Body;
use serde_json::json;

use salesdash_api::problem::KINDS;

use crate::world::{As, World};

#[tokio::test]
async fn addresses_and_methods_that_are_none() {
    let world = World::new();
    let admin = world.token("admin", false);
    world.get("/api/v1/nothing", &admin).await.problem(404, "not_found");
    world.get("/api/", &As::Nobody).await.problem(404, "not_found");
    world.raw("PATCH", "/api/v1/providers", &admin, &[], Body::empty()).await.problem(405, "method_not_allowed");
    world.raw("POST", "/anything", &As::Nobody, &[], Body::empty()).await.problem(405, "method_not_allowed");
    world.get("/api/v1/providers/17", &admin).await.problem(404, "not_found");
    world.get("/api/v1/providers/kim", &admin).await.problem(404, "not_found");
    world.get("/api/v1/providers?cursor=nonsense", &admin).await.problem(400, "bad_request");
    world.get("/api/v1/executions?status=splendid", &admin).await.problem(400, "bad_request");
    world.get("/api/v1/executions?from=yesterday", &admin).await.problem(400, "bad_request");
}

#[tokio::test]
async fn bodies_that_do_not_fit() {
    let world = World::new();
    let admin = world.token("admin", false);
    let post = |body: &'static str| world.raw("POST", "/api/v1/providers", &admin, &[], body);
    post("{").await.problem(400, "bad_request");
    post("{} {}").await.problem(400, "bad_request");
    let problem = post(r#"{"type":"webhook","name":"x","nmae":"y"}"#).await.problem(400, "bad_request");
    assert!(problem["detail"].as_str().unwrap().contains("nmae"), "{problem}");
    let problem = post(r#"{"type":"webhook","name":5}"#).await.problem(400, "bad_request");
    assert_eq!(problem["pointer"], "/name");
    assert_eq!(post(r#"{"type":"webhook","name":" "}"#).await.problem(422, "invalid")["pointer"], "/name");
    let problem = post(r#"{"type":"webhok","name":"x"}"#).await.problem(422, "invalid");
    assert!(problem["detail"].as_str().unwrap().contains("did you mean `webhook`"), "{problem}");
    let large = "x".repeat(salesdash_api::endpoint::MAX_BODY + 1);
    world.raw("POST", "/api/v1/providers", &admin, &[], large).await.problem(413, "too_large");
}

#[tokio::test]
async fn forms_are_held_against_their_definition() {
    let world = World::new();
    let admin = world.token("admin", false);
    let make = |body| world.send("POST", "/api/v1/providers", &admin, body);
    let problem = make(json!({ "type": "pipedrive", "name": "CRM", "settings": { "company": "acme" } })).await.problem(422, "invalid");
    assert_eq!(problem["pointer"], "/settings/token");
    let open = json!({ "type": "pipedrive", "name": "CRM", "settings": { "company": "acme", "token": "abc" } });
    assert!(make(open).await.problem(422, "invalid")["detail"].as_str().unwrap().contains("is a secret"));
    let wrong = json!({ "type": "pipedrive", "name": "CRM", "settings": { "company": "Not A Domain" }, "credentials": { "token": "abc" } });
    assert_eq!(make(wrong).await.problem(422, "invalid")["pointer"], "/settings/company");
    let right = json!({ "type": "pipedrive", "name": "CRM", "settings": { "company": "acme" }, "credentials": { "token": "abc" } });
    let made = make(right).await.ok();
    assert_eq!(made["has_credentials"], true);
    let path = format!("/api/v1/providers/{}", made["id"].as_str().unwrap());
    // Secrets that are not named stay.
    world.send("PATCH", &path, &admin, json!({ "settings": { "company": "beta" }, "credentials": {} })).await.ok();
    let id: i64 = made["id"].as_str().unwrap().parse().unwrap();
    let kept = world.store.read(world.tenant, |scope| scope.credentials(id)).unwrap().unwrap();
    assert!(kept.contains("abc"));
}

#[tokio::test]
async fn sources_of_a_definition_get_its_model_and_their_settings_back() {
    let world = World::new();
    let admin = world.token("admin", false);
    let provider = json!({ "type": "pipedrive", "name": "CRM", "settings": { "company": "acme" }, "credentials": { "token": "abc" } });
    let provider = world.send("POST", "/api/v1/providers", &admin, provider).await.ok();
    let path = format!("/api/v1/providers/{}/sources", provider["id"].as_str().unwrap());
    let poll = json!({ "name": "Deals", "kind": "poll", "definition": "deals", "settings": { "interval_seconds": 600 } });
    let source = world.send("POST", &path, &admin, poll).await.ok();
    assert_eq!((source["model"].as_str(), source["definition"].as_str()), (Some("pipedrive_deal"), Some("deals")));
    assert_eq!(source["settings"], json!({ "interval_seconds": 600 }));
    assert_eq!(source["interval_seconds"], 600);
    let model = world.get("/api/v1/models/pipedrive_deal", &admin).await.ok();
    assert_eq!(model["inferred"], false);
    assert!(!model["enrichments"].as_array().unwrap().is_empty());
    let wrong = json!({ "name": "Deals", "kind": "poll", "definition": "daels" });
    world.send("POST", &path, &admin, wrong).await.problem(422, "invalid");
    let made = json!({ "provider": provider["id"], "preset": "deal_stages_as_periods" });
    let made = world.send("POST", "/api/v1/presets", &admin, made).await.ok();
    assert_eq!(made["source"]["id"], source["id"], "a source of this kind that is there serves");
    let of = world.get(&format!("/api/v1/processors/{}/preset", made["processor"]["id"].as_str().unwrap()), &admin).await.ok();
    assert_eq!((of["preset"].as_str(), of["newer"].as_bool()), (Some("deal_stages_as_periods"), Some(false)));
}

#[tokio::test]
async fn the_type_of_every_problem_leads_to_a_page() {
    let world = World::new();
    let list = world.get("/docs/problems", &As::Nobody).await;
    assert_eq!((list.status.as_u16(), list.header("content-type")), (200, "text/html; charset=utf-8"));
    let files = salesdash_api::problem_pages();
    for kind in KINDS {
        let page = world.get(&kind.address(), &As::Nobody).await;
        assert_eq!(page.status, 200, "{}", kind.code);
        let text = page.text();
        assert!(text.contains(&format!("<h1>{}</h1>", kind.title)) && text.contains("What to do"), "{text}");
        assert!(!text.contains('`') && list.text().contains(&kind.address()), "{text}");
        let (_, file) = files.iter().find(|(name, _)| *name == format!("{}.md", kind.code)).unwrap();
        assert!(file.contains(kind.meaning) && file.contains(kind.todo));
        assert!(KINDS.iter().filter(|other| other.code == kind.code).count() == 1, "{} is used twice", kind.code);
    }
    world.get("/docs/problems/nothing", &As::Nobody).await.problem(404, "not_found");
}

#[tokio::test]
async fn every_answer_has_the_headers_that_protect() {
    let world = World::new();
    let admin = world.token("admin", false);
    for answer in
        [world.get("/api/v1/providers", &admin).await, world.get("/api/v1/nothing", &admin).await, world.get("/health", &As::Nobody).await]
    {
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert!(answer.header("content-security-policy").contains("default-src 'none'"));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

#[tokio::test]
async fn whoever_runs_it_sees_how_it_is() {
    let world = World::new();
    assert_eq!(world.get("/health", &As::Nobody).await.ok()["status"], "ok");
    world.get("/ready", &As::Nobody).await.ok();
    let (_, path) = world.source(&world.token("admin", false), "Leads", json!({}), json!({})).await;
    world.post(&path, &json!({ "id": "a" })).await;
    let figures = world.get("/metrics", &As::Nobody).await.text();
    assert!(figures.contains("salesdash_deliveries_total{verdict=\"accepted\"} 1"), "{figures}");
    assert!(figures.ends_with("# EOF\n"));
    world.app.stop();
    world.get("/ready", &As::Nobody).await.problem(503, "unavailable");
}
