//! Trello: newest first with `before`, the token in a header, signatures over body and address, HEAD before anything, cards by thin events.

use base64::Engine as _;
use hmac::{Hmac, KeyInit, Mac};
use salesdash_connect::connection::Trouble;
use salesdash_connect::poll::Ended;
use salesdash_testkit::{Asked, Reply};
use salesdash_value::RecordKind;
use sha1::Sha1;

use crate::played::Played;
use crate::support::{Source, ok};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn start() -> Played {
    let at = Played::start("trello", &["https://api.trello.com"], &format!(r#"{{"key": "{KEY}"}}"#), r#"{"token": "tok-geheim"}"#);
    at.vendor.route("/", |asked| {
        let expected = format!(r#"OAuth oauth_consumer_key="{KEY}", oauth_token="tok-geheim""#);
        let known = asked.header("authorization") == Some(&expected);
        (!known).then(|| Reply::Answer(401, vec![("Content-Type".to_owned(), "text/plain".to_owned())], "invalid token".to_owned()))
    });
    at.vendor.route("/1/members/me", |_| ok(r#"{"id": "m1", "fullName": "Noor Visser", "username": "noor"}"#));
    at.vendor.route("/1/boards/B1", |asked| {
        (asked.path == "/1/boards/B1").then(|| {
            Reply::json(
                200,
                r#"{"id": "b1", "name": "Sales", "lists": [{"id": "l1", "name": "Offer"}, {"id": "l2", "name": "Won"}],
                    "customFields": [{"id": "f1", "name": "Value", "type": "number"}]}"#,
            )
        })
    });
    at
}

/// An action, whose id grows with its number.
fn action(number: u32, card: &str, to: &str) -> String {
    format!(
        r#"{{"id": "65a0{number:020}", "idMemberCreator": "m1", "type": "updateCard", "date": "2026-03-0{}T{:02}:{:02}:00.000Z",
            "data": {{"card": {{"id": "{card}", "name": "Card"}}, "board": {{"id": "B1", "name": "Sales"}}, "old": {{"idList": "l1"}},
            "listBefore": {{"id": "l1", "name": "Offer"}}, "listAfter": {{"id": "l2", "name": "{to}"}}}},
            "memberCreator": {{"id": "m1", "fullName": "Noor Visser", "username": "noor"}}}}"#,
        1 + number / 1_440,
        number / 60 % 24,
        number % 60,
    )
}

/// Actions as Trello gives them: newest first, older than `before`, `limit` at most. The definition asks for 1,000, so this one gives
/// fewer only at the end.
fn play_actions(at: &Played, actions: Vec<String>) {
    let newest: Vec<String> = actions.into_iter().rev().collect();
    at.vendor.route("/1/boards/B1/actions", move |asked: &Asked| {
        let limit: usize = asked.parameter("limit").and_then(|text| text.parse().ok()).unwrap_or(50);
        let before = asked.parameter("before");
        let since = asked.parameter("since");
        let of = |action: &str, key: &str| {
            action.split(&format!(r#""{key}": ""#)).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned()
        };
        let shown: Vec<&str> = newest
            .iter()
            .filter(|action| before.as_ref().is_none_or(|before| of(action, "id") < *before))
            .filter(|action| since.as_ref().is_none_or(|since| of(action, "date") >= *since))
            .take(limit)
            .map(String::as_str)
            .collect();
        ok(format!("[{}]", shown.join(",")))
    });
}

fn card(id: &str, value: &str, at: &str) -> String {
    format!(
        r#"{{"id": "{id}", "name": "Card", "desc": "", "closed": false, "idBoard": "B1", "idList": "l2", "idMembers": [], "labels": [],
            "dateLastActivity": "{at}", "due": null, "customFieldItems": [{{"id": "i1", "idCustomField": "f1", "value": {{"number": "{value}"}}}}]}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn actions_are_polled_newest_first_and_won_cards_get_their_value() {
    let at = start();
    // More than one page of 1,000.
    let actions = (0..1_200).map(|number| action(number, &format!("c{number}"), if number % 400 == 0 { "Won" } else { "Doing" })).collect();
    play_actions(&at, actions);
    at.vendor.route("/1/cards/", |asked| ok(card(asked.path.rsplit('/').next().expect("an id"), "12.50", "2026-03-02T12:00:00Z")));
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.account.as_deref()), (true, Some("Noor Visser")), "{}", tested.detail);
    let source = at.polls("actions", r#"{"boards": ["B1"]}"#, &["won_lost_cards", "list_periods"]);
    let run = at.poll_and_execute(&source).await;
    assert_eq!((run.taken, at.vendor.count("/1/boards/B1/actions")), (1_200, 2));
    assert_eq!(
        at.in_order(RecordKind::Activity, &["activity_type", "moment", "value"]),
        [
            "won|c0 Deal | won 2026-03-01T00:00:00Z 12.5",
            "won|c400 Deal | won 2026-03-01T06:40:00Z 12.5",
            "won|c800 Deal | won 2026-03-01T13:20:00Z 12.5",
        ]
    );
    assert_eq!(at.in_order(RecordKind::Period, &["period_type"]).len(), 500, "as many as a list shows");
    assert_eq!(at.names(), ["Noor Visser"]);
    // The token never stands in an address.
    assert!(at.vendor.asked().iter().all(|asked| !asked.query.contains("geheim") && !asked.path.contains("geheim")));
    let run = at.poll_and_execute(&source).await;
    assert_eq!((run.taken, run.verdict.as_str()), (0, "succeeded"));
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_that_did_not_change_are_left_out_here() {
    let at = start();
    at.vendor.route("/1/boards/B1/cards/all", |asked| {
        assert_eq!(asked.parameter("sort").as_deref(), Some("-id"));
        ok(format!("[{},{}]", card("c2", "1", "2026-03-02T10:00:00.000Z"), card("c1", "1", "2026-03-02T11:00:00.000Z")))
    });
    let source = at.polls("cards", r#"{"boards": ["B1"]}"#, &[]);
    assert_eq!(at.poll_and_execute(&source).await.taken, 2);
    assert_eq!(at.poll_and_execute(&source).await.taken, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_was_taken_back_needs_reconnecting_and_a_limit_passes() {
    let at = start();
    play_actions(&at, vec![action(1, "c1", "Won")]);
    let source = at.polls("actions", r#"{"boards": ["B1"]}"#, &[]);
    let limited = Reply::json(429, r#"{"error": "API_TOKEN_LIMIT_EXCEEDED", "message": "Rate limit exceeded"}"#)
        .with("x-rate-limit-api-token-remaining", "0");
    at.vendor.fault("/1/boards/B1/actions", [limited]);
    assert!(matches!(at.poll(&source).await, Ended::Succeeded));
    assert!(at.waited() >= 10, "{}", at.waited());
    at.vendor.fault("/1/boards/B1/actions", [Reply::Answer(401, Vec::new(), "invalid token".to_owned())]);
    assert!(matches!(at.poll(&source).await, Ended::Failed(Trouble::NeedsReconnecting(_))));
}

/// The signature of a delivery: HMAC-SHA1 over the body and the address.
fn signed(at: &Played, source: &Source, body: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(b"oauth-secret").expect("a key");
    mac.update(body.as_bytes());
    mac.update(at.url(source).as_bytes());
    base64::engine::general_purpose::STANDARD.encode(mac.finalize().into_bytes())
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_asked_for_signed_and_fetch_the_card() {
    let at = start();
    at.vendor.route("/1/cards/c1", |_| ok(card("c1", "99", "2026-03-02T12:00:00.000Z")));
    at.vendor.route("/1/cards/", |_| Some(Reply::Answer(404, Vec::new(), "The requested resource was not found.".to_owned())));
    let actions = at.hears("actions", Some(r#"{"secret": "oauth-secret"}"#), &["won_lost_cards"]);
    let cards = at.hears("cards", Some(r#"{"secret": "oauth-secret"}"#), &[]);
    for source in [&actions, &cards] {
        assert_eq!(at.request(source, "HEAD", &[], "").status, 200);
        let sent = format!(r#"{{"model": {{"id": "B1"}}, "action": {}}}"#, action(1, "c1", "Won"));
        assert_eq!(at.deliver(source, &sent, &[("X-Trello-Webhook", "bm9uZQ==")]), 401);
        let signature = signed(&at, source, &sent);
        assert_eq!(at.deliver(source, &sent, &[("X-Trello-Webhook", &signature)]), 202);
        // The same again.
        assert_eq!(at.deliver(source, &sent, &[("X-Trello-Webhook", &signature)]), 202);
    }
    let gone = action(2, "c9", "Won").replace("updateCard", "deleteCard");
    let gone = format!(r#"{{"model": {{"id": "B1"}}, "action": {gone}}}"#);
    let signature = signed(&at, &cards, &gone);
    assert_eq!(at.deliver(&cards, &gone, &[("X-Trello-Webhook", &signature)]), 202);
    at.execute().await;
    at.assert_executed();
    assert_eq!(at.in_order(RecordKind::Activity, &["activity_type", "value"]), ["won|c1 Deal | won 99"]);
    let [_, executed, duplicate, _, _, waiting, failed] = at.ledger(&cards);
    assert_eq!((executed, duplicate, waiting, failed), (2, 1, 0, 0));
}
