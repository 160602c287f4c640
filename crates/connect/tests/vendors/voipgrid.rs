//! Voys/VoIPGRID: an odd token, pages by offset, times of Amsterdam without an offset, and calls put together from notifications.

use salesdash_testkit::{Asked, Reply};
use salesdash_value::RecordKind;

use crate::played::Played;
use crate::support::ok;

const CALL: [&str; 5] = ["started_at", "duration", "direction", "answered", "result"];

fn start() -> Played {
    let at = Played::start("voipgrid", &[], r#"{"email": "kim@example.com", "platform": "{url}"}"#, r#"{"token": "geheim"}"#);
    at.vendor.route("/api", |asked| {
        let known = asked.header("authorization") == Some("Token kim@example.com:geheim");
        (!known).then(|| Reply::json(401, r#"{"detail": "Invalid token"}"#))
    });
    at.vendor.route("/api/permission/systemuser/profile/", |_| ok(r#"{"email": "kim@example.com", "first_name": "Kim"}"#));
    at.vendor.route("/api/phoneaccount/basic/phoneaccount/", |_| {
        ok(r#"{"meta": {"limit": 100, "next": null, "offset": 0, "previous": null, "total_count": 1}, "objects": [{"id": "201", "account_id": "142201", "internal_number": "201", "description": "Sanne Bakker"}]}"#)
    });
    at
}

#[tokio::test(flavor = "multi_thread")]
async fn the_call_list_is_polled_in_windows_and_pages() {
    let at = start();
    // One a minute from 10:00 in Amsterdam on March 2.
    let calls: Vec<(String, String)> = (0..150)
        .map(|id| {
            let date = format!("2026-03-02T{:02}:{:02}:00", 10 + id / 60, id % 60);
            let call = format!(
                r#"{{"id": {id}, "call_date": "{date}", "atime": {}, "direction": "outbound", "caller_num": "+31855550100", "src_number": "+31855550100", "dst_number": "+31205550123",
                    "dialed_number": "0205550123", "callerid": "x", "orig_callerid": "x", "dst_code": "", "src_account": "/api/phoneaccount/basic/phoneaccount/201/", "dst_account": null, "amount": 1}}"#,
                if id % 2 == 0 { 60 } else { 0 }
            );
            (date, call)
        })
        .collect();
    at.vendor.route("/api/cdr/record/", move |asked: &Asked| {
        let number = |name: &str, otherwise: usize| asked.parameter(name).and_then(|text| text.parse().ok()).unwrap_or(otherwise);
        let (limit, offset) = (number("limit", 20), number("offset", 0));
        let (after, before) =
            (asked.parameter("call_date__gt").unwrap_or_default(), asked.parameter("call_date__lt").unwrap_or_else(|| "9".to_owned()));
        let found: Vec<&(String, String)> = calls.iter().filter(|(date, _)| *date > after && *date < before).collect();
        let shown: Vec<&str> = found.iter().skip(offset).take(limit).map(|(_, call)| call.as_str()).collect();
        ok(format!(
            r#"{{"meta": {{"limit": {limit}, "next": null, "offset": {offset}, "previous": null, "total_count": {}}}, "objects": [{}]}}"#,
            found.len(),
            shown.join(",")
        ))
    });
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.account.as_deref()), (true, Some("kim@example.com")), "{}", tested.detail);
    let source = at.polls("calls", "{}", &["calls"]);
    assert_eq!(at.poll_and_execute(&source).await.taken, 150);
    let told = at.in_order(RecordKind::Call, &CALL);
    assert_eq!(told[0], "cdr|0 2026-03-02T09:00:00Z 60 outbound true -");
    assert_eq!(told[1], "cdr|1 2026-03-02T09:01:00Z 0 outbound false -");
    assert_eq!(at.names(), ["Sanne Bakker"]);
    at.vendor.forget();
    assert_eq!(at.poll_and_execute(&source).await.taken, 0);
    // 12:29 in Amsterdam, less two hours.
    assert_eq!(at.vendor.asked()[0].parameter("call_date__gt").as_deref(), Some("2026-03-02T10:29:00"));
}

fn notification(status: &str, at: &str, reason: &str) -> String {
    format!(
        r#"{{"call_id": "ab12.17", "caller": {{"account_number": null, "name": "", "number": "+31205550123", "user_numbers": []}},
            "destination": {{"number": "+31855550100", "targets": [{{"account_number": 201, "name": "Sanne Bakker", "number": "+31855550100", "user_numbers": ["201"]}}]}},
            "direction": "inbound", "status": "{status}", {reason} "timestamp": "2026-03-02T{at}.000000+01:00", "version": "v2"}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_lasts_from_the_answer_to_the_end() {
    let at = start();
    let source = at.hears("notifications", Some("{}"), &["call_notifications"]);
    for (status, when, reason) in
        [("ringing", "10:00:00", ""), ("in-progress", "10:00:12", ""), ("ended", "10:05:12", r#""reason": "completed","#)]
    {
        assert_eq!(at.deliver(&source, &notification(status, when, reason), &[]), 202);
        at.execute().await;
    }
    at.assert_executed();
    assert_eq!(at.in_order(RecordKind::Call, &CALL), ["ab12.17 2026-03-02T09:00:12Z 300 inbound true completed"]);
    assert_eq!(at.names(), ["Sanne Bakker"]);
    // The same again, and a late one, change nothing.
    assert_eq!(at.deliver(&source, &notification("ringing", "10:00:00", ""), &[]), 202);
    at.execute().await;
    assert_eq!(at.in_order(RecordKind::Call, &CALL), ["ab12.17 2026-03-02T09:00:12Z 300 inbound true completed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_nobody_answers_is_missed() {
    let at = start();
    let source = at.hears("notifications", Some("{}"), &["call_notifications"]);
    for (status, when, reason) in [("ringing", "10:00:00", ""), ("ended", "10:00:40", r#""reason": "no-answer","#)] {
        assert_eq!(at.deliver(&source, &notification(status, when, reason), &[]), 202);
    }
    at.execute().await;
    at.assert_executed();
    assert_eq!(at.in_order(RecordKind::Call, &CALL), ["ab12.17 2026-03-02T09:00:40Z 0 inbound false no-answer"]);
    assert_eq!(at.names(), ["nobody"]);
}
