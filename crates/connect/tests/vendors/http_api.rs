//! HTTP API: a poll that somebody fills in, against an API that nobody knows.

use salesdash_testkit::Reply;

use crate::played::Played;
use crate::support::ok;

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
