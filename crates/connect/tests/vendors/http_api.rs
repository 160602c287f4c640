//! HTTP API: a poll that somebody fills in, against an API that nobody knows.

use salesdash_connect::trying::{TriedEnrichment, TriedOn};
use salesdash_providers::inference::Inference;
use salesdash_testkit::Reply;
use salesdash_value::{Value, json};

use crate::played::Played;
use crate::support::{ok, parse, shown};

const POLL: &str = r#"{"poll": {"title": "Orders", "model": "order",
    "list": {"request": {"path": "/orders", "query": {"page": {"type": "var", "var": "page.number"}, "since": {"type": "var", "var": "since"}}}, "records": "result.rows",
             "paging": {"type": "page", "size": 2}},
    "incremental": {"type": "server", "field": "changed", "order": "ascending"}}, "key": "nr"}"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_was_filled_in_is_tried_and_polled() {
    let at = Played::start(
        "http_api",
        &[],
        r#"{"base_url": "{url}/v2", "method": "header", "key_name": "X-API-Key", "check_path": "/ping"}"#,
        r#"{"key": "geheim"}"#,
    );
    at.vendor
        .route("/v2", |asked| (asked.header("x-api-key") != Some("geheim")).then(|| Reply::json(401, r#"{"message": "who are you?"}"#)));
    at.vendor.route("/v2/ping", |_| ok("{}"));
    at.vendor.route("/v2/orders", |asked| {
        let rows = [
            r#"{"nr": 1, "total": 10.5, "changed": "2026-03-02T10:00:00Z"}"#,
            r#"{"nr": 2, "total": 11.5, "changed": "2026-03-02T11:00:00Z"}"#,
            r#"{"nr": 3, "total": 12.5, "changed": "2026-03-02T12:00:00Z"}"#,
        ];
        let page: usize = asked.parameter("page").and_then(|text| text.parse().ok()).unwrap_or(1);
        let since = asked.parameter("since").unwrap_or_default();
        let of = |row: &str| row.split(r#""changed": ""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
        let found: Vec<&str> = rows.into_iter().filter(|row| of(row) >= since).skip((page - 1) * 2).take(2).collect();
        ok(format!(r#"{{"result": {{"rows": [{}]}}}}"#, found.join(",")))
    });
    assert!(at.connect.test(at.tenant, at.provider).await.expect("a provider").ok);
    let settings = salesdash_value::json::parse(POLL.as_bytes(), salesdash_value::json::Limits::DEFAULT).expect("JSON");
    let tried = at.connect.try_poll(at.tenant, at.provider, &settings).await.expect("a first page");
    assert_eq!((tried.count, tried.more), (2, true));
    let model = r#"{"name": "Order", "key": "nr", "open": true, "fields": {"nr": "number", "total": "number", "changed": "datetime"}}"#;
    at.engine.store().write(at.tenant, move |scope| scope.save_model("order", model, "{}", None, None)).expect("a model");
    let source = at.source("poll", "Orders", "order", POLL.to_owned(), None, &[]);
    assert_eq!(at.poll_and_execute(&source).await.taken, 3);
    at.vendor.forget();
    let run = at.poll_and_execute(&source).await;
    assert_eq!((run.taken, run.duplicate), (0, 1), "{run:?} {:?}", at.vendor.asked());
    assert_eq!(at.vendor.asked()[0].parameter("since").as_deref(), Some("2026-03-02T11:58:00Z"));
}

/// A poll with an owner, who has a team.
fn enriched(fetch: &str) -> Value {
    parse(&format!(
        r#"{{"poll": {{"title": "Orders", "model": "order", "list": {{"request": {{"path": "/orders"}}, "records": "rows"}}}}, "key": "nr",
            "enrichments": {{
              "owner": {{"id": "by.id", "fetch": {fetch}}},
              "team": {{"on": "owner", "id": "team", "fetch": {{"type": "table", "list": {{"request": {{"path": "/teams"}}, "records": "teams"}}, "key": "code"}}}}
            }}}}"#
    ))
}

const ONE: &str = r#"{"type": "by_id", "request": {"path": ["users", {"type": "var", "var": "id"}]}, "record": "user"}"#;
const MANY: &str = r#"{"type": "by_id", "request": {"path": "/users", "query": {"ids": {"type": "join", "list": {"type": "var", "var": "ids"}, "separator": {"type": "literal", "value": ","}}}},
    "batch": {"size": 10, "records": "users", "key": "id"}}"#;

fn playing() -> Played {
    let at = Played::start("http_api", &[], r#"{"base_url": "{url}/v2", "method": "none"}"#, "{}");
    at.vendor
        .route("/v2/orders", |_| ok(r#"{"rows": [{"nr": 1, "by": {"id": "u1"}}, {"nr": 2, "by": {"id": "u2"}}, {"nr": 3, "by": null}]}"#));
    at.vendor.route("/v2/users/u1", |_| ok(r#"{"user": {"id": "u1", "name": "Noa Bakker", "email": "noa@sales.example", "team": "N"}}"#));
    at.vendor.route("/v2/users/u2", |_| Some(Reply::json(404, "{}")));
    at.vendor.route("/v2/users", |_| ok(r#"{"users": [{"id": "u1", "name": "Noa Bakker", "email": "noa@sales.example", "team": "N"}]}"#));
    at.vendor.route("/v2/teams", |_| ok(r#"{"teams": [{"code": "S", "label": "South"}, {"code": "N", "label": "North"}]}"#));
    at
}

async fn tried(at: &Played, settings: &Value, name: &str, place: usize) -> TriedEnrichment {
    at.connect.try_enrichment(at.tenant, at.provider, settings, name, TriedOn::Page(place)).await.expect("an answer")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_enrichment_that_was_filled_in_is_tried() {
    let at = playing();
    let text = |value: &Option<Value>, name: &str| value.as_ref().and_then(|value| value.get(name)).map(shown);
    for (fetch, request) in [(ONE, "/v2/users/u1"), (MANY, "/v2/users?ids=u1")] {
        let settings = enriched(fetch);
        let owner = tried(&at, &settings, "owner", 0).await;
        assert_eq!((text(&owner.found, "name").as_deref(), owner.name.as_str()), (Some("Noa Bakker"), "order_owner"));
        assert!(owner.request.expect("a request").ends_with(request));
        let address = owner.model.at(&["fields", "email"]).expect("a field");
        assert_eq!(shown(address), r#"{"type":"string","personal":"email"}"#);
        // What hangs on it is fetched by way of it.
        let team = tried(&at, &settings, "team", 0).await;
        assert_eq!((text(&team.found, "label").as_deref(), team.name.as_str()), (Some("North"), "order_team"));
        // There is no such user; and of nobody, none is asked for.
        let gone = tried(&at, &settings, "owner", 1).await;
        assert_eq!((gone.found, gone.request.is_some()), (None, true));
        let nobody = tried(&at, &settings, "owner", 2).await;
        assert_eq!((nobody.id, nobody.request, nobody.found), (Value::Null, None, None));
        let hangs =
            at.connect.try_enrichment(at.tenant, at.provider, &settings, "team", TriedOn::Page(2)).await.expect_err("nothing to hang on");
        assert_eq!(hangs.to_string(), "this record has no `owner` that `team` could hang on; try another record");
    }
    // Where it does not stand where it was said to, the answer is shown.
    let elsewhere = tried(&at, &enriched(&ONE.replace(r#""record": "user""#, r#""record": "data.user""#)), "owner", 0).await;
    assert_eq!((elsewhere.found, elsewhere.body.is_some_and(|body| body.get("user").is_some())), (None, true));
}

const SPEC: &str = r#"{"format": 1, "source_model": {"type": "order", "var": "order"},
    "enrichments": [{"type": "owner", "on": "order", "as": "owner"}, {"type": "team", "on": "owner", "as": "squad"}],
    "instructions": [{"id": "who", "type": "upsert_agent_external_identity",
      "external_id": {"type": "coalesce", "arguments": [{"type": "var", "var": "order.owner.id"}, {"type": "literal", "value": "nobody"}]},
      "external_name": {"type": "coalesce", "arguments": [{"type": "var", "var": "order.owner.squad.label"}, {"type": "literal", "value": "none"}]}}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_enrichment_that_was_filled_in_is_fetched_once_and_its_fields_are_learnt() {
    let at = playing();
    let settings = enriched(ONE);
    let offered = r#"{"enrichments": {"owner": {"model": "order_owner", "may_be_empty": true}}}"#;
    let of_owner = r#"{"enrichments": {"team": {"model": "order_team", "may_be_empty": true}}}"#;
    let empty = json::to_string(&Inference::new().to_value());
    at.engine
        .store()
        .write(at.tenant, move |scope| {
            for (name, edits) in [("order", offered), ("order_owner", of_owner), ("order_team", "{}")] {
                let declaration = salesdash_engine::intake::declaration(&empty, edits).expect("a declaration");
                scope.save_model(name, &declaration, edits, Some(&empty), None)?;
            }
            let processor = scope.create_processor("Owners", "order")?;
            scope.save_version(processor.id, 0, "test", None, SPEC).map(|_| ())
        })
        .expect("models");
    let source = at.source("poll", "Orders", "order", json::to_string(&settings), None, &[]);
    let id = source.id;
    at.engine
        .store()
        .write(at.tenant, move |scope| {
            let processor = scope.processors()?[0].id;
            scope.create_link(id, processor, "{}").map(|_| ())
        })
        .expect("a link");
    at.engine.changed(at.tenant);
    assert_eq!(at.poll_and_execute(&source).await.taken, 3);
    assert_eq!(at.agents(), ["nobody: none -", "u1: North -"]);
    assert_eq!((at.vendor.count("/v2/users/u1"), at.vendor.count("/v2/teams")), (1, 1));
    let learnt = at.engine.store().read(at.tenant, |scope| scope.model("order_owner")).expect("a model").expect("it is there");
    let declaration = parse(&learnt.declaration);
    assert_eq!(declaration.at(&["fields", "email"]).map(shown).as_deref(), Some(r#"{"type":"string","personal":"email"}"#));
    assert!(declaration.get("enrichments").is_some(), "what hangs on it stays");
}
