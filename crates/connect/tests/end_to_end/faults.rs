//! What goes wrong at the vendor, and that nothing is lost or done twice by it.

use std::time::Duration;

use salesdash_connect::connection::Trouble;
use salesdash_connect::poll::Ended;
use salesdash_testkit::{Reply, Vendor};

use crate::support::{Installation, TOKEN, deals};

fn failed(ended: Ended) -> Trouble {
    match ended {
        Ended::Failed(trouble) => trouble,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_fails_after_others_is_gone_on_with() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(120));
    // Two pages come, the third does not.
    at.poll_with_third_page_failing().await;
    let run = at.run();
    assert_eq!((run.verdict.as_str(), run.pages, run.taken), ("failed", 2, 100));
    assert_eq!(at.ledger(), (100, 0, 0, 100, 0));
    at.vendor.forget();
    at.clock.advance(Duration::from_secs(3600));
    assert!(matches!(at.poll().await, Ended::Succeeded));
    // It goes on with the third page: nothing is asked or taken twice.
    assert_eq!(at.vendor.count("/v1/deals/search"), 1);
    assert!(at.vendor.asked()[0].body.contains(r#""after":"100""#));
    assert_eq!(at.ledger(), (120, 0, 0, 120, 0));
    at.execute().await;
    assert_eq!(at.ledger(), (120, 120, 0, 0, 0));
}

impl Installation {
    async fn poll_with_third_page_failing(&self) {
        let good = |start: usize| {
            let all = salesdash_value::json::parse(deals(120).as_bytes(), salesdash_value::json::Limits::DEFAULT).expect("JSON");
            let page: Vec<_> = all.as_list().expect("deals")[start..start + 50].iter().map(salesdash_value::json::to_string).collect();
            Reply::json(201, format!(r#"{{"data":{{"items":[{}],"next":"{}"}}}}"#, page.join(","), start + 50))
        };
        let broken = std::iter::repeat_n(Reply::json(500, "{}"), 5);
        self.vendor.fault("/v1/deals/search", [good(0), good(50)].into_iter().chain(broken));
        let trouble = failed(self.poll().await);
        assert_eq!(trouble.to_string(), "The vendor answered with status 500 (it has a problem of its own).");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_position_that_is_no_longer_accepted_is_begun_anew() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(120));
    at.poll_with_third_page_failing().await;
    at.clock.advance(Duration::from_secs(3600));
    at.vendor.fault("/v1/deals/search", [Reply::json(400, r#"{"error":{"message":"the cursor has expired"}}"#)]);
    assert!(matches!(at.poll().await, Ended::Succeeded));
    // What was taken already is recognised.
    let (received, _, duplicate, waiting, _) = at.ledger();
    assert_eq!((received - duplicate, waiting), (120, 120));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_pass_is_tried_again() {
    for fault in [Reply::Close, Reply::Half(r#"{"data":"#.to_owned()), Reply::json(503, ""), Reply::json(200, "<html>down</html>")] {
        let at = Installation::new();
        at.vendor.table("deals", &deals(3));
        at.vendor.fault("/v1/deals/search", [fault.clone(), fault.clone()]);
        assert!(matches!(at.poll().await, Ended::Succeeded), "{fault:?}");
        assert_eq!(at.ledger(), (3, 0, 0, 3, 0));
        assert_eq!(at.clock.slept().len(), 2, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_does_not_answer_in_time_is_given_up() {
    let at = Installation::with(
        |definition| definition.replace(r#""allowed_hosts""#, r#""timeout_ms": 1000, "allowed_hosts""#),
        r#"{"method":"token","account":"acme"}"#,
        r#"{"token":"x-token"}"#,
    );
    at.vendor.table("deals", &deals(3));
    at.vendor.fault("/v1/deals/search", [Reply::Silence]);
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!(at.vendor.count("/v1/deals/search"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_storm_of_429_is_sat_out_as_the_vendor_says() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(3));
    let later = |seconds: u32| Reply::json(429, "{}").with("Retry-After", seconds.to_string());
    at.vendor.fault("/v1/deals/search", [later(7), later(11), later(13)]);
    assert!(matches!(at.poll().await, Ended::Succeeded));
    let slept: Duration = at.clock.slept().iter().sum();
    assert!(slept >= Duration::from_secs(31), "{slept:?}");
    assert_eq!(at.vendor.count("/v1/deals/search"), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_ends_the_run_and_is_kept_to() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(3));
    at.vendor.fault("/v1/deals/search", [Reply::json(429, "{}").with("Retry-After", "600")]);
    let Trouble::Later { after, .. } = failed(at.poll().await) else { panic!("it passes") };
    assert_eq!(after, Some(Duration::from_secs(600)));
    // Asked again at once, it waits for the vendor all the same.
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert!(at.clock.slept().iter().sum::<Duration>() >= Duration::from_secs(600));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_inside_a_200_is_seen_and_its_wait_honoured() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(3));
    let busy = Reply::json(200, r#"{"error":{"code":"busy","retry_in":42,"message":"complexity budget exhausted"}}"#);
    at.vendor.fault("/v1/deals/search", [busy]);
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert!(at.clock.slept().iter().sum::<Duration>() >= Duration::from_secs(42));
    assert_eq!(at.ledger(), (3, 0, 0, 3, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_a_limit_is_kept_to() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(1));
    let reset = 1_772_452_800 + 25;
    let spent = Reply::json(201, r#"{"data":{"items":[],"next":"1"}}"#)
        .with("X-RateLimit-Remaining", "0")
        .with("X-RateLimit-Reset", reset.to_string());
    at.vendor.fault("/v1/deals/search", [spent]);
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert!(at.clock.slept().iter().sum::<Duration>() >= Duration::from_secs(25), "{:?}", at.clock.slept());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_go_round_in_circles_end_the_run() {
    let at = Installation::new();
    at.vendor.fixed(
        "/v1/deals/search",
        Reply::json(200, r#"{"data":{"items":[{"id":"d1","status":"won","updated_at":"2026-03-01T10:00:00Z"}],"next":"same"}}"#),
    );
    let trouble = failed(at.poll().await);
    assert!(trouble.to_string().contains("circles"), "{trouble}");
    assert!(at.vendor.count("/v1/deals/search") < 5);
    let (received, _, duplicate, waiting, _) = at.ledger();
    assert_eq!((received - duplicate, waiting), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_to_another_host_is_not_followed_and_gets_no_credentials() {
    let stranger = Vendor::start();
    let next = |definition: String| {
        definition.replace(r#"{ "type": "cursor", "cursor": "data.next", "size": 50 }"#, r#"{ "type": "next_url", "url": "data.next" }"#)
    };
    let at = Installation::with(next, r#"{"method":"token","account":"acme"}"#, &format!(r#"{{"token":"{TOKEN}"}}"#));
    let items = r#"[{"id":"d1","status":"won","updated_at":"2026-03-01T10:00:00Z"}]"#;
    at.vendor.fixed(
        "/v1/deals/search",
        Reply::json(200, format!(r#"{{"data":{{"items":{items},"next":"{}/v1/deals/search?p=2"}}}}"#, stranger.url())),
    );
    let trouble = failed(at.poll().await);
    assert!(trouble.to_string().contains("not among the allowed hosts"), "{trouble}");
    assert!(stranger.asked().is_empty());
    // What the page held is stored all the same.
    assert_eq!(at.ledger(), (1, 0, 0, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_to_another_host_is_not_followed() {
    let stranger = Vendor::start();
    let at = Installation::new();
    at.vendor.fault("/me", [Reply::json(302, "").with("Location", format!("{}/me", stranger.url()))]);
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert!(!tested.ok && stranger.asked().is_empty(), "{tested:?}");
    at.vendor.fault("/me", [Reply::json(302, "").with("Location", "/moved")]);
    at.vendor.fixed("/moved", Reply::json(200, r#"{"data":{"company":"Moved Ltd"}}"#));
    assert_eq!(at.connect.test(at.tenant, at.provider).await.expect("a provider").account.as_deref(), Some("Moved Ltd"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_says_is_told_without_secrets() {
    let at = Installation::new();
    at.vendor.fault("/v1/deals/search", [Reply::json(403, format!(r#"{{"error":{{"message":"the token {TOKEN} lacks the right"}}}}"#))]);
    let trouble = failed(at.poll().await).to_string();
    assert!(!trouble.contains(TOKEN) && trouble.contains("lacks the right") && trouble.contains("Give the token the right"), "{trouble}");
    let reason = at.run().reason.expect("a reason");
    assert!(!reason.contains(TOKEN), "{reason}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_is_down_is_left_in_peace() {
    let at = Installation::new();
    at.vendor.fault("/v1/deals/search", std::iter::repeat_n(Reply::Close, 100));
    for _ in 0..4 {
        assert!(matches!(failed(at.poll().await), Trouble::Later { .. }));
    }
    // Five tries, three more, and then none for a while.
    assert_eq!(at.vendor.count("/v1/deals/search"), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_its_records_is_no_empty_one() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(3));
    let answers = [
        (
            r#"{"data":{"items":"The list is being rebuilt"}}"#,
            "The vendor's answer at `data.items` is a string: expected a list of records there.",
        ),
        (r#"{"data":{"items":null}}"#, "The vendor's answer at `data.items` holds nothing: expected a list of records there."),
        (r#"{"message":"be right back"}"#, "The vendor's answer at `data.items` holds nothing: expected a list of records there."),
    ];
    for (answer, told) in answers {
        at.vendor.fault("/v1/deals/search", [Reply::json(201, answer)]);
        let trouble = failed(at.poll().await).to_string();
        assert!(trouble.starts_with(told), "{trouble}");
        assert_eq!(at.run().reason, Some(trouble));
        assert_eq!((at.ledger().0, at.reached()), (0, None));
    }
    assert!(matches!(at.poll().await, Ended::Succeeded));
    assert_eq!(at.ledger().0, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_vendor_that_leaves_an_empty_list_out_is_taken_at_its_word() {
    let optional =
        |definition: String| definition.replace(r#""records": "data.items""#, r#""records": "data.items", "records_may_be_absent": true"#);
    let at = Installation::with(optional, r#"{"method":"token","account":"acme"}"#, r#"{"token":"x-token"}"#);
    for answer in [r#"{"data":{}}"#, r#"{"data":{"items":null}}"#] {
        at.vendor.fault("/v1/deals/search", [Reply::json(201, answer)]);
        assert!(matches!(at.poll().await, Ended::Succeeded), "{answer}");
    }
    at.vendor.fault("/v1/deals/search", [Reply::json(201, r#"{"data":{"items":7}}"#)]);
    assert_eq!(failed(at.poll().await).to_string(), "The vendor's answer at `data.items` is a number: expected a list of records there.");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_vendor_asks_to_wait_for_is_told() {
    let at = Installation::new();
    at.vendor.table("deals", &deals(3));
    at.vendor.fault("/v1/deals/search", [Reply::json(429, "{}").with("Retry-After", "600")]);
    failed(at.poll().await);
    let held = at.connect.state(at.tenant, at.source).expect("a state").held.expect("the vendor said so");
    assert_eq!(held.until.to_string(), "2026-03-02T12:10:00Z");
    assert!(held.why.contains("429"), "{}", held.why);
    // Once that is over, nothing is told.
    at.clock.advance(Duration::from_secs(600));
    assert_eq!(at.connect.state(at.tenant, at.source).expect("a state").held, None);
}
