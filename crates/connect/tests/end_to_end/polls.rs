//! What is polled, enriched and processed.

use std::sync::Arc;
use std::time::Duration;

use salesdash_connect::poll::Ended;
use salesdash_engine::enrich::Wanted;
use salesdash_store::Paging;
use salesdash_store::executions::Filter;
use salesdash_value::{Text, Value, json};

use crate::support::{Installation, deal, deals};

#[tokio::test(flavor = "multi_thread")]
async fn deals_are_polled_enriched_and_become_activities() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(120));
    assert!(matches!(at.poll().await, Ended::Succeeded));
    let run = at.run();
    assert_eq!((run.verdict.as_str(), run.pages, run.records, run.taken), ("succeeded", 3, 120, 120));
    assert_eq!(at.ledger(), (120, 0, 0, 120, 0));
    at.execute().await;
    assert_eq!(at.ledger(), (120, 120, 0, 0, 0));
    // Two people own all deals: each was fetched once.
    assert_eq!((at.vendor.count("/v1/users/u1"), at.vendor.count("/v1/users/u2")), (1, 1));
    let failed =
        at.engine.store().read(at.tenant, |scope| scope.executions(&Filter::default(), Paging { limit: 500, ..Paging::default() }));
    assert!(failed.expect("executions").items.iter().all(|execution| execution.status == salesdash_store::executions::Status::Succeeded));
    let names = at
        .engine
        .store()
        .read(at.tenant, |scope| {
            scope.identities(salesdash_value::IdentityKind::Agent, salesdash_store::records::Linked::Any, Paging::default())
        })
        .expect("identities");
    let mut names: Vec<String> =
        names.items.iter().map(|identity| identity.row.field("external_name").as_text().unwrap_or_default().to_owned()).collect();
    names.sort();
    assert_eq!(names, ["Alex", "Sam"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_run_asks_for_what_is_new_and_knows_what_it_saw() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(3));
    at.poll().await;
    assert_eq!(at.reached().as_deref(), Some("2026-03-01T10:02:00Z"));
    at.vendor.forget();
    // One changed, one is new, and the overlap brings one again.
    at.vendor.table(
        "deals",
        &format!(
            "[{},{},{},{}]",
            deal(0, "won", "u1", "10:00:00"),
            deal(2, "won", "u1", "10:02:00"),
            deal(1, "lost", "u1", "11:00:00"),
            deal(9, "won", "u1", "11:30:00")
        ),
    );
    assert!(matches!(at.poll().await, Ended::Succeeded));
    let asked = at.vendor.asked();
    assert!(asked[0].body.contains(r#""updated_since":"2026-03-01T10:01:00Z""#), "{}", asked[0].body);
    assert!(!asked[0].body.contains("after") && !asked[0].body.contains("null"), "{}", asked[0].body);
    let run = at.run();
    assert_eq!((run.records, run.taken, run.duplicate), (3, 2, 1));
    assert_eq!(at.ledger(), (6, 0, 1, 5, 0));
    assert_eq!(at.reached().as_deref(), Some("2026-03-01T11:30:00Z"));
    // Nothing new: nothing moves.
    at.poll().await;
    assert_eq!(at.ledger(), (7, 0, 2, 5, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_is_set_back_and_what_is_read_again_is_recognised() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(10));
    at.poll().await;
    at.connect.rewind(at.tenant, at.source, Some("2026-03-01T10:05:30Z".parse().expect("a time")), "Sam").expect("set back");
    at.poll().await;
    let run = at.run();
    assert_eq!((run.records, run.taken, run.duplicate), (5, 0, 5));
    at.connect.rewind(at.tenant, at.source, None, "Sam").expect("set back");
    at.poll().await;
    assert_eq!(at.run().duplicate, 10);
}

fn wanted<'w>(at: &Installation, enrichment: &'w str, parent: &'w Value, chain: &'w [Text], fresh: bool) -> Wanted<'w> {
    Wanted {
        tenant: at.tenant,
        provider: at.provider,
        source: at.source,
        model: "example_deal",
        record: parent,
        enrichment,
        parent,
        chain,
        fresh,
    }
}

async fn fetched(at: &Installation, enrichment: &str, parent: &str, chain: &[&str]) -> Result<String, String> {
    let parent = json::parse(parent.as_bytes(), json::Limits::DEFAULT).expect("JSON");
    let chain: Vec<Text> = chain.iter().map(Text::new).collect();
    let found = at.connect.enrichment(&wanted(at, enrichment, &parent, &chain, false)).await;
    found.map(|found| json::to_string(&found.unwrap_or_default())).map_err(|error| error.to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn enrichments_of_every_kind_are_fetched() {
    let at = Installation::new();
    let deal = deal(1, "won", "u1", "10:00:00");
    assert_eq!(fetched(&at, "owner", &deal, &["owner"]).await, Ok(r#"{"id":"u1","name":"Sam","team_id":"t1"}"#.to_owned()));
    assert_eq!(
        fetched(&at, "team", r#"{"id":"u1","team_id":"t1"}"#, &["owner", "team"]).await,
        Ok(r#"{"id":"t1","name":"North"}"#.to_owned())
    );
    let stage = r#"{"id":"s1","name":"New","pipeline":{"id":"p1","name":"Sales"}}"#;
    assert_eq!(fetched(&at, "stage", &deal, &["stage"]).await, Ok(stage.to_owned()));
    let custom = r#"{"list":[{"key":"a1b2","name":"Region","value":"2","label":"South"}]}"#;
    assert_eq!(fetched(&at, "custom", &deal, &["custom"]).await, Ok(custom.to_owned()));
    // None at all, one that the vendor does not have, and one that must be there.
    assert_eq!(fetched(&at, "owner", r#"{"id":"d1","owner_id":null}"#, &["owner"]).await, Ok("null".to_owned()));
    assert_eq!(fetched(&at, "owner", r#"{"id":"d1","owner_id":"u7"}"#, &["owner"]).await, Ok("null".to_owned()));
    let missing = fetched(&at, "stage", r#"{"id":"d1","stage_id":"s9"}"#, &["stage"]).await;
    assert_eq!(missing, Err("The vendor has no stage of the id that the record gives.".to_owned()));
    assert!(fetched(&at, "ownr", &deal, &["ownr"]).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_fetched_serves_for_a_while_and_a_table_is_loaded_once() {
    let at = Installation::new();
    for _ in 0..3 {
        let _ = fetched(&at, "owner", r#"{"owner_id":"u1"}"#, &["owner"]).await;
        let _ = fetched(&at, "stage", r#"{"stage_id":"s1"}"#, &["stage"]).await;
    }
    assert_eq!((at.vendor.count("/v1/users/u1"), at.vendor.count("/v1/pipelines")), (1, 1));
    at.clock.advance(Duration::from_secs(601));
    let _ = fetched(&at, "owner", r#"{"owner_id":"u1"}"#, &["owner"]).await;
    assert_eq!(at.vendor.count("/v1/users/u1"), 2);
    // What is not in the table may be newer than it.
    let _ = fetched(&at, "stage", r#"{"stage_id":"s9"}"#, &["stage"]).await;
    assert_eq!(at.vendor.count("/v1/pipelines"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_that_ask_for_the_same_wait_for_one_request() {
    let at = Arc::new(Installation::new());
    let asking: Vec<_> = (0..20)
        .map(|_| {
            let at = Arc::clone(&at);
            tokio::spawn(async move { fetched(&at, "owner", r#"{"owner_id":"u1"}"#, &["owner"]).await })
        })
        .collect();
    for each in asking {
        assert!(each.await.expect("no panic").is_ok());
    }
    assert_eq!(at.vendor.count("/v1/users/u1"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thin_event_is_completed() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(1));
    let tenant = at.tenant;
    let provider = at.provider;
    let source = at.engine.store().write(tenant, move |scope| {
        Ok(scope.create_source(provider, "webhook", "Events", "example_deal", r#"{"definition":"deal_events"}"#, None)?.0.id)
    });
    let source = source.expect("a source");
    let complete = async |event: &str| {
        let event = json::parse(event.as_bytes(), json::Limits::DEFAULT).expect("JSON");
        let chain = [Text::new("$complete")];
        let found = at.connect.enrichment(&Wanted { source, ..wanted(&at, "$complete", &event, &chain, false) }).await;
        found.expect("completed").unwrap_or_default()
    };
    let record = complete(r#"{"object_id":"d0","event":"deal.changed","secret":"x"}"#).await;
    assert_eq!((record.get("id"), record.get("event"), record.get("secret")), (Some(&"d0".into()), Some(&"deal.changed".into()), None));
    let gone = complete(r#"{"object_id":"d7","event":"deal.deleted"}"#).await;
    assert_eq!((gone.get("object_id"), gone.get("is_deleted")), (Some(&"d7".into()), Some(&true.into())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_tested_and_a_poll_is_tried() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(3));
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.detail.as_str()), (true, "It works: connected to Acme Ltd."));
    let tried = at.connect.try_poll(at.tenant, at.provider, &documents(r#"{"definition":"deals"}"#)).await.expect("tried");
    assert_eq!((tried.count, tried.more, tried.key.as_deref(), tried.version.as_deref()), (3, false, Some("id"), Some("updated_at")));
    assert!(tried.model.at(&["fields", "value"]).is_some());
    assert_eq!(at.ledger(), (0, 0, 0, 0, 0));
    at.vendor.accept(&["another"]);
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.detail.as_str()), (false, "The vendor answered with status 401 (it does not accept the credentials)."));
}

fn documents(text: &str) -> Value {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).expect("JSON")
}
