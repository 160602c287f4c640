//! Trello, Teamleader Focus and Salesforce: recorded payloads, what is asked, and what comes of it.

mod support;

use salesdash_providers::ProviderType;
use salesdash_providers::interpret::answer::{Answer, Judgement, judge};
use salesdash_providers::interpret::limits::hold;
use salesdash_providers::interpret::variables::Asking;
use salesdash_value::Value;
use support::asking::Asker;
use support::conformance::assert_conform;
use support::fixtures::{fixture, read, recorded};
use support::running::{assert_run, run, told};
use support::shaping::{Delivery, Taken, deliver, fetched, item, page, shaped};
use support::vectors::assert_judged;
use support::{instant, noon, parse, provider};

/// The body of an example.
fn example(provider: &ProviderType, name: &str) -> Value {
    provider.examples.iter().find(|(known, _)| known == name).expect("an example").1.body.0.clone()
}

/// What an example of an enrichment yields first.
fn related(provider: &ProviderType, enrichment: &str, name: &str) -> Value {
    fetched(provider, enrichment, &example(provider, name)).remove(0)
}

/// An answer with a JSON body.
fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: Vec::new(), body: parse(body), is_json: true }
}

fn judged(provider: &ProviderType, answer: &Answer) -> Judgement {
    let definition = &provider.definition;
    judge(definition.http.as_ref().expect("it asks"), &definition.errors, answer, &Value::Null, noon())
}

#[test]
fn recorded_trello_rows_are_what_the_models_say() {
    let trello = provider("trello");
    for (stream, poll, model) in [("actions", "actions", "trello_action"), ("cards", "cards", "trello_card")] {
        let rows = recorded("trello", stream);
        let records: Vec<Value> = rows.iter().flat_map(|row| item(&trello, poll, row)).collect();
        assert_eq!(records.len(), rows.len());
        assert_conform(&trello, model, &records, stream);
        assert_run(&trello, model, &records, &[], stream);
    }
    for (stream, model) in [("boards", "trello_board"), ("lists", "trello_list"), ("users", "trello_member")] {
        assert_conform(&trello, model, &recorded("trello", stream), stream);
    }
}

#[test]
fn trello_signs_the_body_with_the_address_and_asks_first() {
    let trello = provider("trello");
    for webhook in ["actions", "cards"] {
        assert_judged(&trello, webhook, "trello");
        let mut head = Delivery::of("");
        head.method = "HEAD";
        assert!(matches!(deliver(&trello, webhook, &head), Taken::Handshake(_)));
    }
}

#[test]
fn a_trello_card_that_moves_becomes_a_period_and_is_fetched() {
    let Some(path) = fixture("trello/webhook_updateCard_move.synthetic.json") else { return };
    let trello = provider("trello");
    let body = std::fs::read(&path).expect("a file");
    let actions = shaped(&trello, "actions", &body);
    assert_eq!(actions[0].event.as_deref(), Some("6413643417610bdd29d36c47"));
    assert_conform(&trello, "trello_action", [&actions[0].record], "the action");
    let fields = ["external_name", "period_type", "moment", "agent_external_identity"];
    assert_eq!(
        told(&run(&trello, "list_periods", &actions[0].record, &[]), &fields),
        [
            "upsert_agent_external_identity integration test",
            "insert_contact_period_change Trello | Doing 2023-03-16T18:47:16.404Z 610be3762899a26d04256dae",
        ]
    );
    let cards = shaped(&trello, "cards", &body);
    assert_eq!(cards[0].key.as_deref(), Some("611aa1eae05ae943ada67f8a"));
    // A card that was deleted keeps its id, and says so.
    let gone = shaped(&trello, "cards", salesdash_value::json::to_string(&example(&trello, "card_deleted_webhook")).as_bytes());
    assert_eq!(gone[0].record.get("is_deleted"), Some(&Value::Boolean(true)));
    assert_eq!(gone[0].record.get("id"), Some(&Value::from("65b1f0c2b7d3e4f5a6b7c8d9")));
}

#[test]
fn a_won_trello_card_is_worth_its_custom_field() {
    let trello = provider("trello");
    let actions = page(&trello, "actions", &example(&trello, "actions_poll"));
    let card = related(&trello, "card", "card");
    let board = related(&trello, "board", "board");
    let fields = ["external_id", "activity_type", "moment", "value", "agent_external_identity"];
    assert_eq!(
        told(&run(&trello, "won_lost_cards", &actions[0], &[("card", card), ("board", board)]), &fields),
        [
            "upsert_agent_external_identity 65a1f0c2b7d3e4f5a6b7c8d9",
            "upsert_activity won|65b1f0c2b7d3e4f5a6b7c8d9 Deal | won 2026-03-02T09:15:00.12Z 1250.5 65a1f0c2b7d3e4f5a6b7c8d9",
        ]
    );
    // Without the enrichments there is no value, and the activity all the same.
    let outcome = run(&trello, "won_lost_cards", &actions[0], &[]);
    assert_eq!(outcome.effects[1].field("value"), Some(&Value::Null));
}

#[test]
fn trello_is_asked_board_by_board_with_the_token_in_a_header() {
    let trello = provider("trello");
    let asker = Asker::new(&trello, r#"{"key": "0123456789abcdef0123456789abcdef", "token": "t1"}"#, "{}");
    let page = parse(r#"{"cursor": "64ab", "size": 1000, "index": 1}"#);
    let asking = Asking { page, since: "2026-03-01T00:00:00Z".into(), partition: "Lj11WRiJ".into(), ..Asking::default() };
    assert_eq!(
        asker.poll("actions", r#"{"boards": ["Lj11WRiJ"], "types": ["createCard", "updateCard:idList"]}"#, &asking),
        [
            "GET https://api.trello.com/1/boards/Lj11WRiJ/actions?limit=1000&since=2026-03-01T00:00:00Z&before=64ab\
             &filter=createCard,updateCard:idList&memberCreator_fields=fullName,username,initials",
            "Accept: application/json",
            r#"Authorization: OAuth oauth_consumer_key="0123456789abcdef0123456789abcdef", oauth_token="t1""#,
        ]
    );
    let cards = asker.poll("cards", r#"{"boards": ["Lj11WRiJ"]}"#, &Asking { partition: "Lj11WRiJ".into(), ..Asking::default() });
    assert!(
        cards[0].starts_with("GET https://api.trello.com/1/boards/Lj11WRiJ/cards/all?limit=500&sort=-id&customFieldItems=true"),
        "{cards:?}"
    );
    let limited = Answer { headers: vec![("X-Rate-Limit-Api-Token-Remaining".to_owned(), "0".to_owned())], ..answer(200, "[]") };
    assert_eq!(hold(trello.definition.limits.as_ref(), &limited, noon()).map(|wait| wait.as_secs()), Some(10));
    assert!(matches!(judged(&trello, &Answer { is_json: false, ..answer(401, "null") }), Judgement::NeedsReconnecting(_)));
}

#[test]
fn recorded_teamleader_deals_go_through() {
    let Some(path) = fixture("teamleader/deals_list.synthetic.json") else { return };
    let teamleader = provider("teamleader");
    let records = page(&teamleader, "deals", &read(&path));
    assert_eq!(records.len(), 1);
    assert_conform(&teamleader, "teamleader_deal", &records, "deals");
    assert_run(&teamleader, "teamleader_deal", &records, &[], "deals");
    assert_eq!(
        told(
            &run(&teamleader, "won_lost_deals", &records[0], &[]),
            &["external_id", "activity_type", "moment", "value", "agent_external_identity"]
        ),
        [
            "upsert_agent_external_identity bac1c91b-bc86-489b-8590-9be9478f62bb",
            "upsert_activity won|6e7fe84d-d4b3-4723-abae-9bc082d8f65a Deal | won 2017-05-09T11:31:30Z 123.3 \
             bac1c91b-bc86-489b-8590-9be9478f62bb",
        ]
    );
}

#[test]
fn a_full_teamleader_limit_is_waited_for() {
    let Some(path) = fixture("teamleader/rate_limit_429_headers.synthetic.json") else { return };
    let teamleader = provider("teamleader");
    let headers = read(&path).get("headers").and_then(Value::as_object).expect("headers").to_vec();
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.as_text().expect("a text").to_owned())).collect();
    let full = Answer { status: 429, headers, body: Value::Null, is_json: true };
    let at = instant("2021-06-15T09:51:00Z");
    assert_eq!(hold(teamleader.definition.limits.as_ref(), &full, at).map(|wait| wait.as_millis()), Some(23_035));
    let definition = &teamleader.definition;
    let judgement = judge(definition.http.as_ref().expect("it asks"), &definition.errors, &full, &Value::Null, at);
    let Judgement::RateLimited(trouble) = judgement else { panic!("{judgement:?}") };
    assert_eq!(trouble.wait.map(|wait| wait.as_millis()), Some(23_035));
}

#[test]
fn teamleader_is_asked_with_posts() {
    let teamleader = provider("teamleader");
    let asker = Asker::new(&teamleader, r#"{"client_id": "c", "client_secret": "s"}"#, r#"{"access_token": "a1"}"#);
    let asked = |mut told: Vec<String>| {
        told.retain(|line| !line.starts_with("Accept:") && !line.eq_ignore_ascii_case("content-type: application/json"));
        told
    };
    assert_eq!(
        asked(asker.poll("deals", "{}", &Asking { since: "2026-03-01T00:00:00+00:00".into(), ..Asking::default() })),
        [
            "POST https://api.focus.teamleader.eu/deals.list",
            "Authorization: Bearer a1",
            r#"{"filter":{"updated_since":"2026-03-01T00:00:00+00:00"},"page":{"size":100,"number":1}}"#,
        ]
    );
    assert_eq!(
        asked(asker.poll("meetings", r#"{"days": 7}"#, &Asking::default()))[2],
        r#"{"filter":{"start_date":"2026-02-22"},"page":{"size":100,"number":1}}"#
    );
    let company = parse(r#"{"type": "company", "id": "c1"}"#);
    assert_eq!(
        asked(asker.enrichment("customer", &Asking { id: company, ..Asking::default() })),
        ["POST https://api.focus.teamleader.eu/companies.info", "Authorization: Bearer a1", r#"{"id":"c1"}"#]
    );
}

#[test]
fn thin_teamleader_events_name_what_to_fetch() {
    let teamleader = provider("teamleader");
    let taken =
        |name: &str, webhook: &str| shaped(&teamleader, webhook, salesdash_value::json::to_string(&example(&teamleader, name)).as_bytes());
    let won = taken("deal_won_webhook", "deals");
    assert_eq!(won[0].key.as_deref(), Some("0a1b2c3d-0000-4000-8000-000000000001"));
    assert_eq!(won[0].record.get("event"), Some(&Value::from("deal.won")));
    assert_eq!(won[0].record.get("is_deleted"), None);
    let gone = taken("deal_deleted_webhook", "deals");
    assert_eq!(gone[0].record.get("is_deleted"), Some(&Value::Boolean(true)));
    for preset in ["won_lost_deals", "phase_periods"] {
        assert_eq!(run(&teamleader, preset, &gone[0].record, &[]).effects.len(), 0, "{preset}");
    }
    // An event of another kind is none of these.
    assert_eq!(taken("call_webhook", "deals").len(), 0);
    // The call came with a company's contact in full.
    let fields = ["external_id", "external_name", "period_type", "moment", "agent_external_identity"];
    let deal = page(&teamleader, "deals", &example(&teamleader, "deals_poll")).remove(1);
    let related = [
        ("user", related(&teamleader, "user", "users")),
        ("phase", related(&teamleader, "phase", "phases")),
        ("deal", related(&teamleader, "deal", "deal_details")),
        ("customer", related(&teamleader, "customer", "customer")),
    ];
    let outcome = run(&teamleader, "phase_periods", &deal, &related);
    let told = told(&outcome, &fields);
    assert_eq!(told[0], "upsert_agent_external_identity 0a1b2c3d-0000-4000-8000-000000000006 Sanne Bakker");
    assert!(told[1].ends_with("Phase | Offer 2026-03-01T12:00:00Z 0a1b2c3d-0000-4000-8000-000000000006"), "{told:?}");
}

#[test]
fn recorded_salesforce_accounts_are_what_the_model_says() {
    let salesforce = provider("salesforce");
    assert_conform(&salesforce, "salesforce_account", &recorded("salesforce", "Account"), "Account");
}

#[test]
fn salesforce_is_asked_in_soql_at_the_address_of_the_token() {
    let salesforce = provider("salesforce");
    let settings = r#"{"domain": "https://acme.my.salesforce.com/", "client_id": "c", "client_secret": "s"}"#;
    let connection = r#"{"access_token": "a1", "instance_url": "https://acme.my.salesforce.com"}"#;
    let asker = Asker::new(&salesforce, settings, connection);
    let asked = asker.poll(
        "opportunities",
        r#"{"fields": ["Commission__c"]}"#,
        &Asking { since: "2026-03-01T00:00:00Z".into(), ..Asking::default() },
    );
    assert!(asked[0].starts_with("GET https://acme.my.salesforce.com/services/data/v60.0/queryAll?q=SELECT Id, Name, "), "{asked:?}");
    assert!(
        asked[0].ends_with(
            "IsDeleted, Commission__c FROM Opportunity WHERE SystemModstamp >= 2026-03-01T00:00:00Z ORDER BY SystemModstamp ASC, Id ASC"
        ),
        "{asked:?}"
    );
    let first = asker.poll("opportunities", "{}", &Asking::default());
    assert!(first[0].ends_with("IsDeleted FROM Opportunity ORDER BY SystemModstamp ASC, Id ASC"), "{first:?}");
    let users = asker.enrichment("user", &Asking { ids: parse(r#"["005A", "005B"]"#), ..Asking::default() });
    assert!(users[0].ends_with("FROM User WHERE Id IN ('005A','005B')"), "{users:?}");
    let lead = asker.enrichment("who", &Asking { id: "00Q1".into(), ..Asking::default() });
    assert!(lead[0].ends_with("SELECT Id, Name, Email, Phone FROM Lead WHERE Id = '00Q1'"), "{lead:?}");
    // What it answers when the day's requests are used up, and when the user lacks a right.
    let used_up =
        judged(&salesforce, &answer(403, r#"[{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]"#));
    let Judgement::RateLimited(trouble) = used_up else { panic!("{used_up:?}") };
    assert_eq!(trouble.wait.map(|wait| wait.as_secs()), Some(900));
    assert!(matches!(judged(&salesforce, &answer(403, r#"[{"message": "No.", "errorCode": "INSUFFICIENT_ACCESS"}]"#)), Judgement::Fail(_)));
    assert!(matches!(
        judged(&salesforce, &answer(400, r#"[{"message": "No.", "errorCode": "INVALID_QUERY_LOCATOR"}]"#)),
        Judgement::RestartPaging(_)
    ));
    assert!(matches!(
        judged(&salesforce, &answer(401, r#"[{"message": "No.", "errorCode": "INVALID_SESSION_ID"}]"#)),
        Judgement::RefreshAuth(_)
    ));
}

#[test]
fn salesforce_opportunities_and_tasks_become_activities_periods_and_calls() {
    let salesforce = provider("salesforce");
    let related = [
        ("user", related(&salesforce, "user", "user")),
        ("contact_role", related(&salesforce, "contact_role", "contact_role")),
        ("who", related(&salesforce, "who", "who")),
    ];
    let opportunities = page(&salesforce, "opportunities", &example(&salesforce, "opportunities_poll"));
    let fields = [
        "external_id",
        "external_name",
        "activity_type",
        "period_type",
        "moment",
        "started_at",
        "duration",
        "value",
        "agent_external_identity",
    ];
    let agent = "upsert_agent_external_identity 005000000000001AAA Sanne Bakker";
    assert_eq!(
        told(&run(&salesforce, "won_lost_opportunities", &opportunities[0], &related), &fields),
        [agent, "upsert_activity won|006000000000001AAA Deal | won 2026-03-02T09:15:00Z 1250.5 005000000000001AAA"]
    );
    let open = told(&run(&salesforce, "stage_periods", &opportunities[1], &related), &fields);
    assert!(open[1].contains("Stage | Prospecting 2026-02-20T08:00:00Z"), "{open:?}");
    assert_eq!(run(&salesforce, "stage_periods", &opportunities[2], &related).effects.len(), 0);
    let tasks = page(&salesforce, "tasks", &example(&salesforce, "tasks_poll"));
    assert_eq!(
        told(&run(&salesforce, "calls", &tasks[0], &related), &fields),
        [agent, "upsert_call 00T000000000001AAA 2026-03-02T10:05:12Z 312 005000000000001AAA"]
    );
}
