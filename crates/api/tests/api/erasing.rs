//! A contact erased through the interface.

use serde_json::{Value, json};

use crate::flow::working;
use crate::world::{As, World, lead};

const KIM: &str = "kim.markerson@example.com";

/// Asks after an erasure until it has come to something.
async fn settled(world: &World, admin: &As, id: &str) -> Value {
    loop {
        world.engine.tick().unwrap();
        let erasure = world.get(&format!("/api/v1/erasures/{id}"), admin).await.ok();
        if !matches!(erasure["state"].as_str(), Some("searching" | "erasing")) {
            return erasure;
        }
    }
}

#[tokio::test]
async fn a_contact_is_looked_for_counted_confirmed_and_erased() {
    let world = World::new();
    let admin = world.token("admin", true);
    let (source, path, _) = working(&world, &admin).await;
    let mut other = lead("other", "3");
    other["email"] = json!("robin@example.com");
    other["phone"] = json!("+31687654321");
    world.post(&path, &other).await;

    let ask = |contact: Value, reason: &str| json!({ "contact": contact, "reason": reason });
    let refused = world.send("POST", "/api/v1/erasures", &admin, ask(json!([]), "case 17")).await.problem(422, "invalid");
    assert!(refused["detail"].as_str().unwrap().contains("what identifies the contact"), "{refused}");
    let refused = world.send("POST", "/api/v1/erasures", &admin, ask(json!([KIM]), &format!("{KIM} called"))).await.problem(422, "invalid");
    assert!(!refused.to_string().contains(KIM), "{refused}");

    let begun = world.send("POST", "/api/v1/erasures", &admin, ask(json!([KIM, "06 12345678"]), "case 17")).await;
    assert_eq!(begun.status, 202);
    let begun = begun.json();
    assert_eq!((&begun["state"], &begun["given"], &begun["found"]), (&json!("searching"), &json!(["email", "phone"]), &Value::Null));
    let id = begun["id"].as_str().unwrap();
    let erase = format!("/api/v1/erasures/{id}/erase");
    world.send("POST", &erase, &admin, json!({ "confirm": 3 })).await.problem(409, "conflict");
    let found = settled(&world, &admin, id).await;
    assert_eq!(found["state"], "found");
    let counted = json!({
        "source_models": 3, "sources": 1, "deliveries": 3, "executions": 2, "waiting": 0, "enrichments": 0,
        "records": [{ "kind": "activity", "count": 1 }], "phone_numbers": 0, "external_ids": 0, "open_periods": 0
    });
    assert_eq!(found["found"], counted);
    world.send("POST", &erase, &admin, json!({ "confirm": 2 })).await.problem(409, "conflict");
    assert_eq!(world.send("POST", &erase, &admin, json!({ "confirm": 3 })).await.status, 202);
    assert_eq!(settled(&world, &admin, id).await["state"], "finished");

    // The executions are there, and say why nothing can be shown of them any more.
    let executions = world.get("/api/v1/executions", &admin).await.ok();
    let mut erased = 0;
    for execution in executions["items"].as_array().unwrap() {
        let one = format!("/api/v1/executions/{}", execution["id"].as_str().unwrap());
        let trace = world.get(&format!("{one}/trace?reveal=test"), &admin).await.ok();
        if execution["key"] == "other" {
            assert_eq!((&trace["verified"], &trace["erased_at"]), (&json!("yes"), &Value::Null));
            continue;
        }
        erased += 1;
        assert_eq!((&trace["verified"], &trace["record"], &trace["tree"]), (&json!("erased"), &Value::Null, &Value::Null));
        assert!(trace["erased_at"].is_string() && trace["verified_detail"].as_str().unwrap().contains("erased on request"));
        world.send("POST", &format!("{one}/retry"), &admin, json!({})).await.problem(410, "erased");
        let model = execution["model_id"].as_str().unwrap();
        let gone = world.get(&format!("/api/v1/records-of-source/{model}?reveal=test"), &admin).await.problem(410, "erased");
        assert_eq!(gone["type"], "/docs/problems/erased");
    }
    assert_eq!(erased, 2);
    let deliveries = world.get(&format!("/api/v1/sources/{source}/deliveries"), &admin).await.ok();
    let told: Vec<_> = deliveries["items"].as_array().unwrap().iter().map(|row| row["erased_at"].is_string()).collect();
    assert_eq!(told, [false, true, true, true]);
    let last = deliveries["items"][1]["id"].as_str().unwrap();
    world.get(&format!("/api/v1/deliveries/{last}/payload"), &admin).await.problem(410, "erased");
    // The record keeps its number and no longer says whose it was.
    let activities = world.get("/api/v1/records/activities", &admin).await.ok();
    let told: Vec<_> = activities["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["fields"]["value"].clone(), row["fields"]["contact_key"].is_null()))
        .collect();
    assert_eq!(told, [(json!("3"), false), (json!("12.5"), true)]);
    assert!(world.get(&format!("/api/v1/sources/{source}/ledger"), &admin).await.ok()["balances"].as_bool().unwrap());

    // It is a job among others, which nobody undoes; and nothing that anybody can ask for tells who it was.
    let jobs = world.get("/api/v1/jobs", &admin).await.ok();
    assert_eq!((&jobs["items"][0]["kind"], &jobs["items"][0]["can_undo"]), (&json!("erase"), &json!(false)));
    world.send("POST", &format!("/api/v1/jobs/{id}/undo"), &admin, json!({})).await.problem(409, "conflict");
    for path in
        ["/api/v1/erasures", "/api/v1/jobs", "/api/v1/audit", "/api/v1/executions", "/api/v1/models/leads/records", "/api/v1/models/leads"]
    {
        let answer = world.get(path, &admin).await.text();
        assert!(!answer.contains("kim.markerson") && !answer.contains("0612345678"), "{path}: {answer}");
    }
    let audit = world.get("/api/v1/audit", &admin).await.ok();
    let actions = audit["items"].as_array().unwrap().iter().filter_map(|entry| entry["action"].as_str());
    let actions: Vec<_> = actions.filter(|action| action.starts_with("contact.")).collect();
    assert_eq!(actions, ["contact.erased", "contact.erasure_confirmed", "contact.erasure_prepared"]);
}

#[tokio::test]
async fn an_erasure_is_cancelled_by_an_administrator_only() {
    let world = World::new();
    let (admin, builder) = (world.token("admin", false), world.token("builder", true));
    working(&world, &admin).await;
    let begun = world.send("POST", "/api/v1/erasures", &admin, json!({ "contact": [KIM], "reason": "case 18" })).await.ok();
    let id = begun["id"].as_str().unwrap();
    world.send("POST", &format!("/api/v1/jobs/{id}/cancel"), &builder, json!({})).await.problem(403, "forbidden");
    let cancelled = world.send("POST", &format!("/api/v1/erasures/{id}/cancel"), &admin, json!({})).await.ok();
    assert_eq!(cancelled["state"], "cancelled");
    world.send("POST", &format!("/api/v1/erasures/{id}/erase"), &admin, json!({ "confirm": 3 })).await.problem(409, "conflict");
    world.send("POST", &format!("/api/v1/erasures/{id}/cancel"), &admin, json!({})).await.problem(409, "conflict");
    world.get("/api/v1/erasures/17", &admin).await.problem(404, "not_found");
}

#[tokio::test]
async fn of_a_body_of_two_the_other_record_is_still_shown() {
    let world = World::new();
    let admin = world.token("admin", true);
    let (source, path, _) = working(&world, &admin).await;
    let mut other = lead("other", "3");
    (other["email"], other["phone"]) = (json!("robin@example.com"), json!("+31687654321"));
    let mut kim = lead("both", "4");
    (kim["email"], kim["phone"]) = (json!("kim.alone@example.com"), json!("+31611111111"));
    world.post(&path, &json!([kim, other])).await;
    let begun =
        world.send("POST", "/api/v1/erasures", &admin, json!({ "contact": ["kim.alone@example.com"], "reason": "case 19" })).await.json();
    let id = begun["id"].as_str().unwrap();
    assert_eq!(settled(&world, &admin, id).await["found"]["source_models"], 1);
    world.send("POST", &format!("/api/v1/erasures/{id}/erase"), &admin, json!({ "confirm": 1 })).await.ok();
    settled(&world, &admin, id).await;
    let deliveries = world.get(&format!("/api/v1/sources/{source}/deliveries"), &admin).await.ok();
    let delivery = &deliveries["items"][0];
    assert_eq!((delivery["has_payload"].as_bool(), delivery["erased_at"].is_string()), (Some(false), true));
    let payload = world.get(&format!("/api/v1/deliveries/{}/payload?reveal=test", delivery["id"].as_str().unwrap()), &admin).await.ok();
    assert_eq!((&payload["records"][0], &payload["records"][1]["email"]), (&Value::Null, &json!("robin@example.com")));
}
