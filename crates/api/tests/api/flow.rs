//! From nothing to a record, and from the record back to its cause.

use serde_json::{Value, json};

use crate::world::{As, World, lead, spec};

/// An installation with a source, a processor that is linked to it, and two leads of which one fails.
pub async fn working(world: &World, admin: &As) -> (String, String, String) {
    let (source, path) = world.source(admin, "Leads", json!({}), json!({ "unused": "secret-marker" })).await;
    world.post(&path, &lead("first", "1")).await;
    let tag = world.get("/api/v1/models/leads", admin).await.header("etag").to_owned();
    let edits = json!({ "edits": { "key": "id", "fields": { "owner_email": { "personal": "email" } } } });
    world.raw("PUT", "/api/v1/models/leads", admin, &[("if-match", &tag)], edits.to_string()).await.ok();
    let processor = json!({ "name": "Leads", "model": "leads", "spec": spec("leads") });
    let processor = world.send("POST", "/api/v1/processors", admin, processor).await.ok();
    assert_eq!(processor["version"], 1);
    let processor = processor["id"].as_str().unwrap().to_owned();
    world.send("POST", "/api/v1/links", admin, json!({ "source": source, "processor": processor })).await.ok();
    world.send("POST", "/api/v1/links", admin, json!({ "source": source, "processor": processor })).await.problem(409, "conflict");
    world.post(&path, &lead("won", "12.50")).await;
    world.post(&path, &lead("bad", "twelve")).await;
    (source, path, processor)
}

#[tokio::test]
async fn a_request_becomes_a_record_that_leads_back_to_it() {
    let world = World::new();
    let (admin, blind) = (world.token("admin", true), world.token("viewer", false));
    let (source, path, processor) = working(&world, &admin).await;
    let executions = world.get(&format!("/api/v1/executions?processor={processor}"), &blind).await.ok();
    let statuses: Vec<&str> = executions["items"].as_array().unwrap().iter().map(|row| row["status"].as_str().unwrap()).collect();
    assert_eq!(statuses, ["failed", "succeeded"]);
    let failed = &executions["items"][0];
    assert_eq!(
        (failed["code"].as_str(), failed["instruction"].as_str(), failed["key"].as_str()),
        (Some("E503"), Some("lead"), Some("bad"))
    );
    let by = |query: &str| {
        let (world, admin, query) = (&world, &admin, query.to_owned());
        async move { world.get(&format!("/api/v1/executions?{query}"), admin).await.ok()["items"].as_array().unwrap().len() }
    };
    assert_eq!(by("status=failed").await, 1);
    assert_eq!(by("code=E503").await, 1);
    assert_eq!(by("key=won").await, 1);
    assert_eq!(by(&format!("source={source}&key=won")).await, 1);
    assert_eq!(by("to=2020-01-01").await, 0);
    assert_eq!(by("from=2020-01-01").await, 2);
    let done = executions["items"][1]["id"].as_str().unwrap().to_owned();
    let trace = world.get(&format!("/api/v1/executions/{done}/trace"), &blind).await.ok();
    assert_eq!(trace["verified"], "yes", "{trace}");
    assert!(trace["masked"].as_array().unwrap().contains(&json!("/email")), "{}", trace["masked"]);
    assert_eq!(trace["effects"][1]["outcome"]["verdict"], "created");
    assert!(!trace.to_string().contains("markerson"));
    let revealed = world.get(&format!("/api/v1/executions/{done}/trace?reveal=asked"), &admin).await.ok();
    assert_eq!(revealed["record"]["email"], "kim.markerson@example.com");
    let records = world.get("/api/v1/records/activities", &blind).await.ok();
    let record = &records["items"][0];
    assert_eq!((record["external_id"].as_str(), record["execution"].as_str()), (Some("won"), Some(done.as_str())));
    assert_eq!(record["fields"]["value"], "12.5", "numbers are decimal strings");
    assert_eq!(record["agent"]["entity"], Value::Null);
    // A whole external id is looked up; a part of one is looked for, and it is said how far.
    for (q, found, searched) in
        [("won", 1, Value::Null), ("wo", 1, json!({ "count": 1, "back_to": null })), ("lost", 0, json!({ "count": 1, "back_to": null }))]
    {
        let page = world.get(&format!("/api/v1/records/activities?q={q}"), &blind).await.ok();
        assert_eq!((page["items"].as_array().unwrap().len(), &page["searched"]), (found, &searched), "{q}");
    }
    let whole = world.get(&format!("/api/v1/records/activities/{}", record["id"].as_str().unwrap()), &blind).await.ok();
    assert_eq!(whole["history"][0]["id"], json!(done));
    world.get(&format!("/api/v1/records/sales/{}", record["id"].as_str().unwrap()), &blind).await.problem(404, "not_found");
    // The failed one is mended at its source, and comes again.
    world.post(&path, &lead("bad", "13")).await;
    let overview = world.get("/api/v1/overview", &blind).await.ok();
    assert_eq!(overview["totals"]["records"]["activities"], json!({ "all": 2, "attributed": 0 }));
    assert_eq!(overview["sources"][0]["throughput"].as_array().unwrap().len(), 24);
    let kinds: Vec<&str> = overview["attention"].as_array().unwrap().iter().map(|found| found["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"identities"), "{kinds:?}");
}

#[tokio::test]
async fn a_source_fails_while_what_is_newest_fails() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (source, path, _) = working(&world, &admin).await;
    let health = || async {
        let health = world.get(&format!("/api/v1/sources/{source}"), &admin).await.ok()["health"].clone();
        (health["state"].as_str().unwrap_or_default().to_owned(), health["detail"].as_str().unwrap_or_default().to_owned())
    };
    // One that fails beside others that work is counted, and is not how the source is doing.
    let beside = |count: &str| ("ok".to_owned(), format!("Everything that arrived was taken in; {count} to be looked at"));
    assert_eq!(health().await, beside("1 record that failed is"));
    world.post(&path, &lead("bad two", "twelve")).await;
    world.post(&path, &lead("bad three", "twelve")).await;
    let (state, detail) = health().await;
    assert_eq!(state, "failing");
    assert!(detail.starts_with("The last 3 records failed in Leads: "), "{detail}");
    world.post(&path, &lead("good again", "12")).await;
    assert_eq!(health().await, beside("3 records that failed are"));
    // The same of what is refused.
    for _ in 0..2 {
        world.raw("POST", &path, &As::Nobody, &[("content-type", "application/json")], "{".to_owned()).await;
    }
    assert_eq!(health().await.0, "ok");
    world.raw("POST", &path, &As::Nobody, &[("content-type", "application/json")], "{".to_owned()).await;
    let (state, detail) = health().await;
    assert!(state == "failing" && detail.starts_with("The last requests were refused: "), "{state} {detail}");
}

#[tokio::test]
async fn what_an_execution_came_to_before_it_ran_again_is_told_and_shown() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (_, _, processor) = working(&world, &admin).await;
    let executions = world.get(&format!("/api/v1/executions?processor={processor}"), &admin).await.ok();
    let one = format!("/api/v1/executions/{}", executions["items"][1]["id"].as_str().unwrap());
    let trace = world.get(&format!("{one}/trace"), &admin).await.ok();
    assert_eq!((trace["attempts"].as_array().unwrap().len(), &trace["attempts"][0]["asked"]), (1, &Value::Null));
    world.send("POST", &format!("{one}/run-again"), &admin, json!({ "version": "same" })).await.ok();
    world.settle();
    let trace = world.get(&format!("{one}/trace"), &admin).await.ok();
    let attempts = trace["attempts"].as_array().unwrap();
    assert_eq!((attempts.len(), &attempts[0]["id"], attempts[0]["status"].as_str()), (2, &Value::Null, Some("succeeded")));
    assert_eq!((&attempts[0]["asked"]["same_version"], &attempts[0]["asked"]["fresh"]), (&json!(true), &json!(false)));
    assert!(attempts[0]["asked"]["by"].as_str().unwrap().starts_with("token "));
    assert_eq!((&attempts[0]["writes"]["created"], &attempts[1]["writes"]["created"]), (&json!(0), &json!(2)));
    let earlier = attempts[1]["id"].as_str().unwrap();
    let shown = world.get(&format!("{one}/trace?attempt={earlier}"), &admin).await.ok();
    assert_eq!((shown["verified"].as_str(), shown["effects"][1]["outcome"]["verdict"].as_str()), (Some("yes"), Some("created")));
    world.get(&format!("{one}/trace?attempt=7"), &admin).await.problem(404, "not_found");
    world.get(&format!("{one}/trace?attempt={earlier}&enrichments=fresh"), &admin).await.problem(422, "invalid");
}

#[tokio::test]
async fn linking_attributes_what_is_stored_and_can_be_undone() {
    let world = World::new();
    let admin = world.token("admin", true);
    working(&world, &admin).await;
    let kim = json!({ "name": "Kim", "email": "BOSS.markerson@example.com" });
    let agent = world.send("POST", "/api/v1/entities/agents", &admin, kim).await.ok();
    let identities = world.get("/api/v1/identities?kind=agent", &admin).await.ok();
    let identity = &identities["items"][0];
    assert_eq!((identity["external_id"].as_str(), identity["waiting_records"].as_i64()), (Some("u1"), Some(1)));
    assert_eq!(identity["suggestions"][0]["entity"]["id"], agent["id"]);
    assert_eq!(identity["suggestions"][0]["why"], "the same e-mail address");
    let id = identity["id"].as_str().unwrap();
    let link = json!({ "ids": [id], "entity": agent["id"] });
    let linked = world.send("POST", "/api/v1/identities/link", &admin, link).await.ok();
    assert_eq!(linked["changed"][0]["entity_before"], Value::Null);
    assert_eq!(world.get("/api/v1/identities", &admin).await.ok()["items"], json!([]));
    let by_agent = format!("/api/v1/records/activities?agent={}", agent["id"].as_str().unwrap());
    let records = world.get(&by_agent, &admin).await.ok();
    assert_eq!(records["items"][0]["agent"]["entity"]["name"], "Kim");
    assert_eq!(world.get("/api/v1/overview", &admin).await.ok()["totals"]["records"]["activities"]["attributed"], 1);
    world.send("POST", "/api/v1/identities/unlink", &admin, json!({ "ids": [id] })).await.ok();
    assert_eq!(world.get(&by_agent, &admin).await.ok()["items"], json!([]));
    world.send("POST", "/api/v1/identities/ignore", &admin, json!({ "ids": [id] })).await.ok();
    assert_eq!(world.get("/api/v1/identities?linked=ignored", &admin).await.ok()["items"][0]["ignored"], true);
    let made = json!({ "ids": [id], "create": { "name": "Robin" } });
    assert_eq!(world.send("POST", "/api/v1/identities/link", &admin, made).await.ok()["entity"]["name"], "Robin");
    let team = world.send("POST", "/api/v1/entities/teams", &admin, json!({ "name": "Inside" })).await.ok();
    let wrong = json!({ "ids": [id], "entity": team["id"] });
    world.send("POST", "/api/v1/identities/link", &admin, wrong).await.problem(422, "invalid");
    assert_eq!(world.get("/api/v1/entities/agents?q=rob", &admin).await.ok()["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_draft_is_tried_and_previewed_and_failures_run_again() {
    let world = World::new();
    let admin = world.token("admin", true);
    let (_, _, processor) = working(&world, &admin).await;
    let mut draft = spec("leads");
    draft["instructions"][1]["value"] = json!({ "type": "literal", "value": 7 });
    let test = json!({ "spec": draft, "record": { "value": lead("x", "twelve") } });
    let tried = world.send("POST", "/api/v1/test", &admin, test).await.ok();
    assert_eq!((tried["status"].as_str(), tried["effects"][1]["value"].as_str()), (Some("succeeded"), Some("7")));
    assert!(!tried.to_string().contains("kim.markerson"), "masked without a reason");
    assert_eq!(world.get("/api/v1/records/activities", &admin).await.ok()["items"].as_array().unwrap().len(), 1, "nothing is written");
    let preview = format!("/api/v1/processors/{processor}/preview");
    let mut job = world.send("POST", &preview, &admin, json!({ "spec": draft })).await.ok();
    while job["state"] == "running" {
        tokio::task::yield_now().await;
        job = world.get(&format!("/api/v1/jobs/{}", job["id"].as_str().unwrap()), &admin).await.ok();
    }
    assert_eq!(job["state"], "finished", "{job}");
    assert_eq!(job["result"]["counts"]["change"], 1, "{job}");
    assert!(job["result"]["counts"]["appear"].as_i64().is_some_and(|count| count >= 1), "{job}");
    let coverage = world.get(&format!("/api/v1/processors/{processor}/coverage"), &admin).await.ok();
    assert_eq!(coverage["executions"], 2);
    assert_eq!(coverage["instructions"]["lead"]["failed"], 1);
    let path = format!("/api/v1/processors/{processor}/spec");
    let saved = world.raw("PUT", &path, &admin, &[("if-match", "\"v1\"")], json!({ "spec": draft }).to_string()).await;
    assert_eq!(saved.ok()["version"], 2);
    let failed = json!({ "filter": { "status": "failed" } });
    assert_eq!(world.send("POST", "/api/v1/executions/retry", &admin, failed).await.ok(), json!({ "count": 1, "started": false }));
    let confirmed = json!({ "filter": { "status": "failed" }, "confirm": 0 });
    world.send("POST", "/api/v1/executions/retry", &admin, confirmed).await.problem(409, "conflict");
    let confirmed = json!({ "filter": { "status": "failed" }, "confirm": 1 });
    assert_eq!(world.send("POST", "/api/v1/executions/retry", &admin, confirmed).await.ok(), json!({ "count": 1, "started": true }));
    world.settle();
    assert_eq!(world.get("/api/v1/executions?status=failed", &admin).await.ok()["items"], json!([]));
    assert_eq!(world.get("/api/v1/records/activities", &admin).await.ok()["items"].as_array().unwrap().len(), 2);
    let reprocess = format!("/api/v1/processors/{processor}/reprocess");
    let counted = world.send("POST", &reprocess, &admin, json!({})).await.ok();
    assert!(counted["job"].is_null());
    let started = world.send("POST", &reprocess, &admin, json!({ "confirm": counted["count"] })).await.ok();
    world.settle();
    world.settle();
    let job = world.get(&format!("/api/v1/jobs/{}", started["job"]["id"].as_str().unwrap()), &admin).await.ok();
    assert_eq!((job["state"].as_str(), job["can_undo"].as_bool()), (Some("finished"), Some(true)), "{job}");
}

#[tokio::test]
async fn lists_page_without_gaps_or_repetitions() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (source, path) = world.source(&admin, "Leads", json!({}), json!({})).await;
    for number in 0..7 {
        world.post(&path, &json!({ "id": number })).await;
        world.send("POST", "/api/v1/entities/teams", &admin, json!({ "name": format!("Team {number}") })).await.ok();
    }
    for list in [
        format!("/api/v1/sources/{source}/deliveries?"),
        "/api/v1/entities/teams?".to_owned(),
        "/api/v1/audit?".to_owned(),
        "/api/v1/provider-types?".to_owned(),
    ] {
        let (mut seen, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let after = cursor.map(|cursor| format!("&cursor={cursor}")).unwrap_or_default();
            let page = world.get(&format!("{list}limit=3{after}"), &admin).await.ok();
            let items = page["items"].as_array().unwrap();
            assert!(items.len() <= 3);
            seen.extend(items.iter().map(Value::to_string));
            match page["next"].as_str() {
                Some(next) => cursor = Some(next.to_owned()),
                None => break,
            }
        }
        let all = world.get(&format!("{list}limit=500"), &admin).await.ok()["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(Value::to_string)
            .collect::<Vec<_>>();
        assert_eq!(seen, all, "{list}");
        assert!(all.len() >= 7, "{list}");
    }
}

#[tokio::test]
async fn what_ran_through_a_link_that_is_gone_names_its_processor() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (source, _, processor) = working(&world, &admin).await;
    let links = world.get(&format!("/api/v1/sources/{source}"), &admin).await.ok()["links"].clone();
    let link = format!("/api/v1/links/{}", links[0]["id"].as_str().unwrap());
    assert_eq!(world.raw("DELETE", &link, &admin, &[], axum::body::Body::empty()).await.status, 204);
    let executions = world.get("/api/v1/executions", &admin).await.ok();
    for execution in executions["items"].as_array().unwrap() {
        assert_eq!((&execution["processor"]["id"], &execution["processor"]["name"]), (&json!(processor), &json!("Leads")));
        let trace = world.get(&format!("/api/v1/executions/{}/trace", execution["id"].as_str().unwrap()), &admin).await.ok();
        assert_eq!(trace["execution"]["processor"]["name"], "Leads");
    }
}

#[tokio::test]
async fn a_constant_of_another_type_is_refused_where_it_is_given() {
    let world = World::new();
    let admin = world.token("admin", false);
    let (source, _, processor) = working(&world, &admin).await;
    let mut declaring = spec("leads");
    declaring["constants"] = json!([{ "name": "kinds", "type": "array<string>" }]);
    let made = world.send("POST", "/api/v1/processors", &admin, json!({ "name": "Kinds", "model": "leads", "spec": declaring })).await.ok();
    let wrong = json!({ "kinds": "visit" });
    let said = world.send("POST", "/api/v1/links", &admin, json!({ "source": source, "processor": made["id"], "constants": wrong })).await;
    let said = said.problem(422, "invalid");
    assert_eq!(said["pointer"], "/constants/kinds");
    assert_eq!(said["detail"], "the constant `kinds` must be a list of strings, not a string");
    let right = json!({ "kinds": ["visit"], "of an older version": 1 });
    let link =
        world.send("POST", "/api/v1/links", &admin, json!({ "source": source, "processor": made["id"], "constants": right })).await.ok();
    let path = format!("/api/v1/links/{}", link["id"].as_str().unwrap());
    world.send("PATCH", &path, &admin, json!({ "constants": wrong })).await.problem(422, "invalid");
    let links = world.get(&format!("/api/v1/sources/{source}"), &admin).await.ok()["links"].clone();
    let kept = links.as_array().unwrap().iter().find(|link| link["processor"] == made["id"]).unwrap();
    assert_eq!((&kept["constants"], &links[0]["processor"]), (&right, &json!(processor)));
}
