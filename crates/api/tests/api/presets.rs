//! Ready processors, and merging newer ones.

use serde_json::{Value, json};

use crate::world::{As, World};

async fn put(world: &World, path: &str, admin: &As, tag: &str, body: Value) -> crate::world::Answer {
    world.raw("PUT", path, admin, &[("if-match", tag)], body.to_string()).await
}

#[tokio::test]
async fn a_merge_is_taken_only_with_the_preset_as_it_ships() {
    let world = World::new();
    let admin = world.token("admin", false);
    let provider = json!({ "type": "pipedrive", "name": "CRM", "settings": { "company": "acme" }, "credentials": { "token": "abc" } });
    let provider = world.send("POST", "/api/v1/providers", &admin, provider).await.ok();
    let made = json!({ "provider": provider["id"], "preset": "deal_stages_as_periods" });
    let made = world.send("POST", "/api/v1/presets", &admin, made).await.ok();
    let processor = format!("/api/v1/processors/{}", made["processor"]["id"].as_str().unwrap());
    let preset = world.get(&format!("{processor}/preset"), &admin).await.ok();
    assert_eq!((&preset["newer"], &preset["base"], &preset["constants"]), (&json!(false), &preset["latest"], &json!([])));
    let saving = |revision: &str| json!({ "spec": preset["latest"], "preset_revision": revision });
    let path = format!("{processor}/spec");
    let refused = put(&world, &path, &admin, "\"v1\"", saving("another")).await.problem(409, "conflict");
    assert_eq!(refused["pointer"], "/preset_revision");
    // What is refused saves no version.
    let saved = put(&world, &path, &admin, "\"v1\"", saving(preset["revision"].as_str().unwrap())).await.ok();
    assert_eq!(saved["version"], 2);

    let by_hand = world.send("POST", "/api/v1/processors", &admin, json!({ "name": "Mine", "model": "pipedrive_deal" })).await.ok();
    let path = format!("/api/v1/processors/{}", by_hand["id"].as_str().unwrap());
    assert_eq!(world.get(&format!("{path}/preset"), &admin).await.ok()["preset"], json!(null));
    put(&world, &format!("{path}/spec"), &admin, "\"v0\"", saving("any")).await.problem(409, "conflict");
}
