//! Nothing secret and nothing personal stands in any answer to somebody who may only look.

use std::collections::HashMap;

use serde_json::json;

use crate::flow::working;
use crate::world::{World, lead};

#[tokio::test]
async fn no_answer_to_a_viewer_holds_a_secret_or_personal_value() {
    let world = World::new();
    let (admin, viewer) = (world.token("admin", true), world.token("viewer", false));
    let (source, path, processor) = working(&world, &admin).await;
    let provider =
        json!({ "type": "pipedrive", "name": "CRM", "settings": { "company": "acme" }, "credentials": { "token": "credential-marker" } });
    let provider = world.send("POST", "/api/v1/providers", &admin, provider).await.ok();
    let agent =
        world.send("POST", "/api/v1/entities/agents", &admin, json!({ "name": "Kim", "email": "kim.markerson@example.com" })).await.ok();
    world.send("POST", "/api/v1/executions/retry", &admin, json!({ "filter": { "status": "failed" }, "confirm": 1 })).await.ok();
    world.settle();
    // One that no model knows yet, and one that cannot be taken in.
    let (_, fresh) = world.source(&admin, "Fresh", json!({}), json!({})).await;
    world.send("POST", &fresh, &crate::world::As::Nobody, lead("new", "1")).await.ok();
    world
        .raw("POST", &fresh, &crate::world::As::Nobody, &[("content-type", "application/json")], "{\"email\":\"kim.markerson@example.com\"")
        .await;
    let first = |value: &serde_json::Value| value["items"][0]["id"].as_str().unwrap().to_owned();
    let delivery = first(&world.get(&format!("/api/v1/sources/{source}/deliveries"), &admin).await.ok());
    let received = first(&world.get("/api/v1/models/leads/records", &admin).await.ok());
    let record = first(&world.get("/api/v1/records/activities", &admin).await.ok());
    let execution = first(&world.get("/api/v1/executions?status=failed", &admin).await.ok());
    let ids: HashMap<&str, String> = HashMap::from([
        ("/api/v1/providers/", provider["id"].as_str().unwrap().to_owned()),
        ("/api/v1/sources/", source),
        ("/api/v1/processors/", processor),
        ("/api/v1/deliveries/", delivery),
        ("/api/v1/executions/", execution),
        ("/api/v1/records-of-source/", received),
        ("/api/v1/records/", record),
        ("/api/v1/entities/", agent["id"].as_str().unwrap().to_owned()),
        ("/api/v1/jobs/", "17".to_owned()),
    ]);
    let webhook = path.strip_prefix("/hooks/").unwrap();
    let markers = ["markerson", "Markerson", "31612345678", "secret-marker", "credential-marker", webhook];
    let (mut seen, mut looked_into) = (0, Vec::new());
    let table = salesdash_api::table();
    for row in table.rows().iter().filter(|row| row.method == "GET" && row.path.starts_with("/api/")) {
        let id = ids.iter().find(|(prefix, _)| row.path.starts_with(**prefix)).map(|(_, id)| id.as_str()).unwrap_or("17");
        let kind = if row.path.contains("/records/") { "activities" } else { "agents" };
        let path = row
            .path
            .replace("{id}", id)
            .replace("{kind}", kind)
            .replace("{name}", "leads")
            .replace("{code}", "E101")
            .replace("{type}", "webhook");
        for path in [path.clone(), format!("{path}?linked=any&archived=true&limit=500")] {
            let answer = world.get(&path, &viewer).await;
            if answer.status == 403 {
                continue;
            }
            let text = answer.text();
            for marker in markers {
                assert!(!text.contains(marker), "{path} shows {marker}: {text}");
            }
            seen += 1;
            if answer.status == 200 {
                looked_into.push(row.name);
            }
        }
    }
    assert!(seen > 70, "{seen}");
    for name in
        ["getTrace", "getReceived", "getPayload", "getModel", "listIdentities", "getEntity", "listReceived", "getSource", "getProvider"]
    {
        assert!(looked_into.contains(&name), "{name} was looked into");
    }
}
