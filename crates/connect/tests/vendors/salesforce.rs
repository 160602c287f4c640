//! Salesforce: SOQL at the address of the token, next pages relative to it, tokens that end without notice, errors in lists.

use salesdash_connect::connection::Trouble;
use salesdash_connect::poll::Ended;
use salesdash_testkit::{Asked, Reply};
use salesdash_value::RecordKind;

use crate::played::Played;
use crate::support::ok;

fn start() -> Played {
    let at = Played::start(
        "salesforce",
        &[],
        r#"{"method": "browser", "domain": "{url}", "client_id": "app"}"#,
        r#"{"client_secret": "app-geheim", "$connection": {"access_token": "a0", "refresh_token": "r0", "instance_url": "{url}"}}"#,
    );
    at.vendor.route("/services/data", |asked| {
        let known = ["Bearer a0", "Bearer a1"].contains(&asked.header("authorization").unwrap_or_default());
        (!known).then(|| Reply::json(401, r#"[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]"#))
    });
    at
}

fn opportunity(id: usize, stage: &str, closed: bool, won: bool, deleted: bool) -> String {
    let stamp = format!("2026-03-02T{:02}:{:02}:00.000+0000", 8 + id / 60, id % 60);
    format!(
        r#"{{"attributes": {{"type": "Opportunity"}}, "Id": "006{id:015}", "Name": "Deal {id}", "StageName": "{stage}", "Amount": 1250.5, "Probability": 50.0, "IsClosed": {closed}, "IsWon": {won},
            "CloseDate": "2026-03-02", "Type": null, "LeadSource": null, "ForecastCategoryName": null, "OwnerId": "005000000000001AAA", "AccountId": null, "CampaignId": null,
            "CreatedDate": "2026-02-20T08:00:00.000+0000", "LastModifiedDate": "{stamp}", "LastStageChangeDate": "{stamp}", "SystemModstamp": "{stamp}", "IsDeleted": {deleted}}}"#
    )
}

/// Answers queries as Salesforce does: `size` records, and the rest behind a relative address.
fn play(at: &Played, opportunities: Vec<String>, size: usize) {
    let page = move |from: usize, found: &[String]| {
        let shown: Vec<&str> = found.iter().skip(from).take(size).map(String::as_str).collect();
        let end = from + shown.len();
        let next = if end < found.len() {
            format!(r#""nextRecordsUrl": "/services/data/v60.0/query/01g000000000001-{end}","#)
        } else {
            String::new()
        };
        ok(format!(r#"{{"totalSize": {}, "done": {}, {next} "records": [{}]}}"#, found.len(), end == found.len(), shown.join(",")))
    };
    let all = opportunities.clone();
    at.vendor.route("/services/data/v60.0/query/01g", move |asked: &Asked| {
        page(asked.path.rsplit('-').next().and_then(|text| text.parse().ok()).expect("a position"), &all)
    });
    at.vendor.route("/services/data/v60.0/queryAll", move |asked| {
        let soql = asked.parameter("q").expect("a query");
        assert!(soql.ends_with(" ORDER BY SystemModstamp ASC, Id ASC"), "{soql}");
        let since = soql.split("SystemModstamp >= ").nth(1).and_then(|rest| rest.split(' ').next()).unwrap_or_default();
        let since = since.trim_end_matches('Z');
        let of = |record: &str| record.split(r#""SystemModstamp": ""#).nth(1).unwrap_or_default()[..19].to_owned();
        let found: Vec<String> = opportunities.iter().filter(|record| of(record).as_str() >= since).cloned().collect();
        page(0, &found)
    });
    at.vendor.route("/services/data/v60.0/query", |asked| {
        let soql = asked.parameter("q")?;
        if soql.contains("FROM Organization") {
            return ok(r#"{"totalSize": 1, "done": true, "records": [{"Name": "Acme BV"}]}"#);
        }
        if soql.contains("FROM User WHERE Id IN ('005000000000001AAA')") {
            return ok(r#"{"totalSize": 1, "done": true, "records": [{"Id": "005000000000001AAA", "Name": "Sanne Bakker", "Email": "sanne@example.com", "Username": "s", "Department": null, "IsActive": true, "UserRole": null}]}"#);
        }
        ok(r#"{"totalSize": 0, "done": true, "records": []}"#)
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn opportunities_are_polled_and_become_activities_and_periods() {
    let at = start();
    let mut all: Vec<String> = (0..25).map(|id| opportunity(id, "Prospecting", false, false, false)).collect();
    all.push(opportunity(30, "Closed Won", true, true, false));
    all.push(opportunity(31, "Closed Lost", true, false, false));
    all.push(opportunity(32, "Closed Won", true, true, true));
    play(&at, all, 10);
    let tested = at.connect.test(at.tenant, at.provider).await.expect("a provider");
    assert_eq!((tested.ok, tested.account.as_deref()), (true, Some("Acme BV")), "{}", tested.detail);
    let source = at.polls("opportunities", "{}", &["won_lost_opportunities", "stage_periods"]);
    let run = at.poll_and_execute(&source).await;
    assert_eq!((run.pages, run.taken), (3, 28));
    assert_eq!(
        at.in_order(RecordKind::Activity, &["activity_type", "moment", "value"]),
        [
            "won|006000000000000030 Deal | won 2026-03-02T08:30:00Z 1250.5",
            "lost|006000000000000031 Deal | lost 2026-03-02T08:31:00Z 1250.5",
        ]
    );
    assert_eq!(at.in_order(RecordKind::Period, &["period_type"]).len(), 25);
    assert_eq!(at.names(), ["Sanne Bakker"]);
    at.vendor.forget();
    let run = at.poll_and_execute(&source).await;
    let soql = at.vendor.asked()[0].parameter("q").expect("a query");
    assert!(soql.contains("WHERE SystemModstamp >= 2026-03-02T08:27:00Z ORDER"), "{soql}");
    assert_eq!((run.taken, run.duplicate), (0, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ended_is_renewed_and_the_address_kept() {
    let at = start();
    play(&at, vec![opportunity(1, "Closed Won", true, true, false)], 10);
    let url = at.vendor.url();
    at.vendor.route("/services/oauth2/token", move |asked| {
        assert_eq!((asked.field("grant_type").as_deref(), asked.field("refresh_token").as_deref()), (Some("refresh_token"), Some("r0")));
        ok(format!(r#"{{"access_token": "a1", "instance_url": "{url}", "token_type": "Bearer"}}"#))
    });
    let ended = Reply::json(401, r#"[{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]"#);
    at.vendor.fault("/services/data/v60.0/queryAll", [ended]);
    let source = at.polls("opportunities", "{}", &["won_lost_opportunities"]);
    at.poll_and_execute(&source).await;
    assert_eq!((at.held("access_token").as_deref(), at.held("refresh_token").as_deref()), (Some("a1"), Some("r0")));
    assert_eq!(at.held("instance_url"), Some(at.vendor.url()));
}

#[tokio::test(flavor = "multi_thread")]
async fn used_up_requests_wait_and_an_unknown_field_says_what_to_do() {
    let at = start();
    play(&at, vec![opportunity(1, "Closed Won", true, true, false)], 10);
    let source = at.polls("opportunities", r#"{"fields": ["Nonsense__c"]}"#, &[]);
    let used_up = Reply::json(403, r#"[{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]"#);
    at.vendor.fault("/services/data/v60.0/queryAll", [used_up]);
    let Ended::Failed(Trouble::Later { after, .. }) = at.poll(&source).await else { panic!("it passes") };
    assert_eq!(after.map(|after| after.as_secs()), Some(900));
    let unknown =
        Reply::json(400, r#"[{"message": "No such column 'Nonsense__c' on entity 'Opportunity'.", "errorCode": "INVALID_FIELD"}]"#);
    at.vendor.fault("/services/data/v60.0/queryAll", [unknown]);
    let Ended::Failed(trouble) = at.poll(&source).await else { panic!("there is no such field") };
    assert!(trouble.to_string().contains("No such column") && trouble.to_string().contains("More fields"), "{trouble}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_connected_in_the_browser_and_asks_at_the_address_that_comes_with_the_token() {
    let at = Played::start(
        "salesforce",
        &[],
        r#"{"method": "browser", "domain": "{url}", "client_id": "app"}"#,
        r#"{"client_secret": "app-geheim"}"#,
    );
    play(&at, vec![opportunity(1, "Closed Won", true, true, false)], 10);
    let url = at.vendor.url();
    at.vendor.route("/services/oauth2/token", move |asked| {
        assert_eq!((asked.field("client_id").as_deref(), asked.field("client_secret").as_deref()), (Some("app"), Some("app-geheim")));
        assert!(asked.field("code_verifier").is_some());
        ok(format!(r#"{{"access_token": "a1", "refresh_token": "r1", "instance_url": "{url}", "scope": "api refresh_token"}}"#))
    });
    let redirect = "https://dash.example/oauth/callback";
    let page = at.connect.authorize(at.tenant, at.provider, redirect, "user 1").expect("a page");
    assert_eq!(page.path(), "/services/oauth2/authorize");
    let parameter = |name: &str| page.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
    assert_eq!((parameter("scope").as_deref(), parameter("redirect_uri").as_deref()), (Some("api refresh_token"), Some(redirect)));
    at.connect.callback(&parameter("state").expect("a state"), "the-code", "user 1").await.expect("connected");
    assert_eq!((at.held("refresh_token").as_deref(), at.held("instance_url")), (Some("r1"), Some(at.vendor.url())));
    let source = at.polls("opportunities", "{}", &["won_lost_opportunities"]);
    assert_eq!(at.poll_and_execute(&source).await.taken, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_gets_its_token_without_anybody() {
    let at = Played::start(
        "salesforce",
        &[],
        r#"{"method": "application", "domain": "{url}", "client_id": "app"}"#,
        r#"{"client_secret": "app-geheim"}"#,
    );
    play(&at, vec![opportunity(1, "Closed Won", true, true, false)], 10);
    let url = at.vendor.url();
    at.vendor.route("/services/oauth2/token", move |asked| {
        assert_eq!(asked.field("grant_type").as_deref(), Some("client_credentials"));
        ok(format!(r#"{{"access_token": "a1", "instance_url": "{url}"}}"#))
    });
    let source = at.polls("opportunities", "{}", &["won_lost_opportunities"]);
    assert_eq!(at.poll_and_execute(&source).await.taken, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn logged_calls_and_meetings_are_polled() {
    let at = start();
    at.vendor.route("/services/data/v60.0/queryAll", |asked| {
        let soql = asked.parameter("q")?;
        let common = r#""OwnerId": "005000000000001AAA", "WhoId": "00Q000000000001AAA", "WhatId": null, "AccountId": null, "CreatedDate": "2026-03-02T10:00:00.000+0000",
            "LastModifiedDate": "2026-03-02T10:05:12.000+0000", "SystemModstamp": "2026-03-02T10:05:12.000+0000", "IsDeleted": false"#;
        let record = if soql.contains("FROM Task") {
            format!(
                r#"{{"Id": "00T1", "Subject": "Call", "Status": "Completed", "IsClosed": true, "Priority": "Normal", "Type": null, "TaskSubtype": "Call", "CallType": "Inbound",
                    "CallDurationInSeconds": 312, "CallDisposition": "Interested", "ActivityDate": "2026-03-02", "CompletedDateTime": "2026-03-02T10:05:12.000+0000", {common}}}"#
            )
        } else {
            format!(
                r#"{{"Id": "00U1", "Subject": "On site", "Type": "Meeting", "EventSubtype": "Event", "StartDateTime": "2026-03-02T13:00:00.000+0000", "EndDateTime": null,
                    "DurationInMinutes": 60, "IsAllDayEvent": false, "ActivityDate": "2026-03-02", {common}}}"#
            )
        };
        ok(format!(r#"{{"totalSize": 1, "done": true, "records": [{record}]}}"#))
    });
    at.vendor.route("/services/data/v60.0/query", |asked| {
        asked.parameter("q")?.contains("FROM Lead WHERE Id = '00Q000000000001AAA'").then(|| {
            Reply::json(200, r#"{"totalSize": 1, "done": true, "records": [{"Id": "00Q000000000001AAA", "Name": "Daan Smit", "Email": "daan@example.org", "Phone": null}]}"#)
        })
    });
    play(&at, Vec::new(), 10);
    let tasks = at.polls("tasks", "{}", &["calls"]);
    let events = at.polls("events", "{}", &["meetings"]);
    at.poll_and_execute(&tasks).await;
    at.poll_and_execute(&events).await;
    assert_eq!(
        at.in_order(RecordKind::Call, &["started_at", "duration", "direction", "result"]),
        ["00T1 2026-03-02T10:05:12Z 312 inbound Interested"]
    );
    assert_eq!(at.in_order(RecordKind::Activity, &["activity_type", "moment"]), ["event|00U1 Meeting 2026-03-02T13:00:00Z"]);
}
