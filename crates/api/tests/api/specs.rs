//! Saving specs and models: conflicts, conditions, messages.

use serde_json::{Value, json};

use crate::world::{As, World, lead, spec};

async fn put(world: &World, path: &str, admin: &As, tag: &str, body: Value) -> crate::world::Answer {
    world.raw("PUT", path, admin, &[("if-match", tag)], body.to_string()).await
}

#[tokio::test]
async fn two_people_cannot_overwrite_each_other() {
    let world = World::new();
    let admin = world.token("admin", false);
    let made = world.send("POST", "/api/v1/processors", &admin, json!({ "name": "Leads", "model": "leads" })).await.ok();
    let path = format!("/api/v1/processors/{}/spec", made["id"].as_str().unwrap());
    let fresh = world.get(&path, &admin).await;
    assert_eq!(fresh.header("etag"), "\"v0\"");
    assert_eq!(fresh.json()["spec"]["source_model"]["type"], "leads");
    let body = json!({ "spec": spec("leads"), "note": "first" });
    world.send("PUT", &path, &admin, body.clone()).await.problem(428, "if_match_required");
    put(&world, &path, &admin, "nonsense", body.clone()).await.problem(400, "bad_request");
    let saved = put(&world, &path, &admin, "\"v0\"", body.clone()).await;
    assert_eq!(saved.header("etag"), "\"v1\"");
    assert_eq!(saved.ok()["version"], 1);
    let problem = put(&world, &path, &admin, "\"v0\"", body.clone()).await.problem(412, "changed");
    assert_eq!(problem["version"], 1);
    assert_eq!(put(&world, &path, &admin, "\"v1\"", body).await.ok()["version"], 2);
    let versions = world.get(&path.replace("/spec", "/versions"), &admin).await.ok();
    let numbers: Vec<i64> = versions["items"].as_array().unwrap().iter().map(|version| version["version"].as_i64().unwrap()).collect();
    assert_eq!(numbers, [2, 1]);
    assert_eq!(world.get(&format!("{path}?version=1"), &admin).await.ok()["note"], "first");
    world.get(&format!("{path}?version=9"), &admin).await.problem(404, "not_found");
}

#[tokio::test]
async fn a_spec_with_errors_is_not_saved_and_says_all_of_them() {
    let world = World::new();
    let admin = world.token("admin", false);
    let made = world.send("POST", "/api/v1/processors", &admin, json!({ "name": "Leads", "model": "leads" })).await.ok();
    let path = format!("/api/v1/processors/{}/spec", made["id"].as_str().unwrap());
    let mut wrong = spec("leads");
    wrong["instructions"][0]["external_id"] = json!({ "type": "var", "var": "laed.owner_id" });
    wrong["instructions"][1]["activity_type"] = json!({ "type": "literal", "value": 5 });
    let problem = put(&world, &path, &admin, "\"v0\"", json!({ "spec": wrong })).await.problem(422, "invalid");
    let codes: Vec<&str> = problem["diagnostics"].as_array().unwrap().iter().map(|found| found["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"E301") && codes.contains(&"E201"), "{codes:?}");
    let other = put(&world, &path, &admin, "\"v0\"", json!({ "spec": spec("orders") })).await.problem(422, "invalid");
    assert_eq!(other["pointer"], "/spec/source_model/type");
    assert_eq!(world.get(&path, &admin).await.ok()["version"], 0);
}

#[tokio::test]
async fn a_draft_is_checked_with_types_and_scopes() {
    let world = World::new();
    let viewer = world.token("viewer", false);
    let models = json!({ "leads": { "fields": { "id": "string", "owner_id": "string", "owner_email": { "type": "string", "personal": "email" },
        "amount": "string", "email": { "type": "string", "personal": "email", "may_be_empty": true } } } });
    let body = json!({ "spec": spec("leads"), "models": models, "scopes_at": ["/instructions/1"] });
    let checked = world.send("POST", "/api/v1/check", &viewer, body).await.ok();
    let ty = &checked["types"]["/instructions/1/contact_key"];
    assert_eq!((ty["shape"].as_str(), ty["may_be_empty"].as_bool(), ty["personal"].as_str()), (Some("string"), Some(true), Some("email")));
    let scopes = checked["scopes"].as_object().unwrap();
    assert_eq!(scopes.len(), 1);
    let names: Vec<&str> =
        scopes["/instructions/1"].as_array().unwrap().iter().map(|variable| variable["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["lead", "agent"]);
    assert_eq!(world.get("/api/v1/reference/codes/E203", &viewer).await.ok()["code"], "E203");
    let catalog = world.get("/api/v1/catalog", &viewer).await;
    let tag = catalog.header("etag").to_owned();
    assert_eq!(world.raw("GET", "/api/v1/catalog", &viewer, &[("if-none-match", &tag)], "").await.status, 304);
}

#[tokio::test]
async fn people_decide_over_what_was_inferred() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (_, path) = world.source(&admin, "Leads", json!({}), json!({})).await;
    world.post(&path, &lead("a", "12.50")).await;
    let model = world.get("/api/v1/models/leads", &admin).await;
    let tag = model.header("etag").to_owned();
    let model = model.json();
    let field = |model: &Value, path: &str| model["fields"].as_array().unwrap().iter().find(|field| field["path"] == path).unwrap().clone();
    assert_eq!(field(&model, "email")["personal"], "email");
    assert_eq!(field(&model, "email")["example"], "•••");
    assert_eq!((field(&model, "id")["example"].as_str(), model["suggested_key"].as_str()), (Some("a"), Some("id")));
    let edits =
        json!({ "edits": { "key": "id", "fields": { "first_name": { "personal": null }, "amount": { "personal": "free_text" } } } });
    put(&world, "/api/v1/models/leads", &admin, "\"r999\"", edits.clone()).await.problem(412, "changed");
    let edited = put(&world, "/api/v1/models/leads", &admin, &tag, edits).await.ok();
    assert_eq!(edited["key"], "id");
    assert_eq!(field(&edited, "first_name")["personal"], Value::Null);
    assert_eq!(
        (field(&edited, "amount")["personal"].as_str(), field(&edited, "amount")["example"].as_str()),
        (Some("free_text"), Some("•••"))
    );
    let wrong = json!({ "edits": { "fields": { "id": { "type": "text" } } } });
    let tag = format!("\"r{}\"", edited["revision"]);
    put(&world, "/api/v1/models/leads", &admin, &tag, wrong).await.problem(422, "invalid");
}
