//! Polls that go through parts, through windows, up to a cap, backwards, or along a token: each fails in the middle, is killed between a page and
//! its commit, and goes on where it was. Nothing is lost, nothing is taken twice, and the cursor is right.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use salesdash_connect::clock::Clock as _;
use salesdash_connect::poll::{Ended, LIVE, lease};
use salesdash_language::diagnostics::Patch;
use salesdash_testkit::{Asked, Reply};
use salesdash_value::{Value, json};

use crate::support::Installation;

fn parse(text: &str) -> Value {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The definition with other rules for the poll: each a place within it and what is put there.
fn with(rules: &'static [(&'static str, &'static str)]) -> impl Fn(String) -> String + Clone {
    move |definition| {
        let mut definition = parse(&definition);
        for (place, value) in [("/list/paging/size", "2")].iter().chain(rules) {
            let pointer = format!("/polls/deals{place}");
            definition = Patch::Add(pointer.clone(), parse(value)).apply(&definition).unwrap_or_else(|| panic!("no {pointer}"));
        }
        json::to_string(&definition)
    }
}

/// What the vendor has: id, pipeline, time of the day; oldest first.
type Deals = Arc<Mutex<Vec<(String, String, String)>>>;

/// What a request asks for.
struct Search {
    since: String,
    until: String,
    pipeline: String,
    after: usize,
}

impl Search {
    fn of(asked: &Asked) -> Self {
        let body = parse(&asked.body);
        let text = |name: &str| body.get(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        Self { since: text("updated_since"), until: text("until"), pipeline: text("pipelines"), after: text("after").parse().unwrap_or(0) }
    }
}

/// How the vendor lists.
#[derive(Clone, Copy, PartialEq)]
enum Lists {
    OldestFirst,
    /// Oldest first, and not more than four of one search.
    Capped,
    NewestFirst,
    /// What changed since a token, which counts them.
    Since,
}

struct Played {
    at: Installation,
    deals: Deals,
    lists: Lists,
    change: Box<dyn Fn(String) -> String>,
}

impl Played {
    fn new(lists: Lists, rules: &'static [(&'static str, &'static str)], source: &'static str) -> Self {
        let change = with(rules);
        let at = Installation::with(change.clone(), r#"{"method":"token","account":"acme"}"#, r#"{"token":"tok-geheim"}"#);
        let id = at.source;
        at.engine
            .store()
            .write(at.tenant, move |scope| {
                let known = scope.source(id)?;
                scope.update_source(id, &known.name, source, true, None)
            })
            .expect("changed");
        at.engine.changed(at.tenant);
        let played = Self { at, deals: Deals::default(), lists, change: Box::new(change) };
        played.answers();
        played
    }

    fn answers(&self) {
        let (deals, lists) = (Arc::clone(&self.deals), self.lists);
        self.at.vendor.route("/v1/deals/search", move |asked| {
            let search = Search::of(asked);
            let mut found: Vec<(String, String, String)> = deals.lock().clone();
            if lists == Lists::Since {
                found = found.split_off(search.since.parse().unwrap_or(0));
            } else {
                found.retain(|(_, pipeline, at)| {
                    (search.pipeline.is_empty() || *pipeline == search.pipeline)
                        && (search.since.is_empty() || lists == Lists::NewestFirst || *at >= search.since)
                        && (search.until.is_empty() || *at < search.until)
                });
            }
            if lists == Lists::NewestFirst {
                found.reverse();
            }
            let total = found.len();
            if lists == Lists::Capped {
                assert!(search.after < 4, "past the cap");
                found.truncate(4);
            }
            let items: Vec<String> = found
                .iter()
                .skip(search.after)
                .take(2)
                .map(|(id, _, at)| {
                    format!(
                        r#"{{"id":"{id}","title":"Deal","status":"won","value":1,"owner_id":"u1","stage_id":"s1","updated_at":"{at}"}}"#
                    )
                })
                .collect();
            let next = if search.after + 2 < total { format!(r#","next":"{}""#, search.after + 2) } else { String::new() };
            let sync = if next.is_empty() { format!(r#","sync":"{}""#, deals.lock().len()) } else { String::new() };
            Some(Reply::json(201, format!(r#"{{"data":{{"items":[{}]{next}{sync}}}}}"#, items.join(","))))
        });
    }

    fn add(&self, id: &str, pipeline: &str, at: &str) {
        self.deals.lock().push((id.to_owned(), pipeline.to_owned(), format!("2026-03-01T{at}Z")));
    }

    /// The searches so far: pipeline, place in the pages.
    fn searches(&self) -> Vec<Search> {
        self.at.vendor.asked().iter().filter(|asked| asked.path == "/v1/deals/search").map(Search::of).collect()
    }

    /// Runs while what fits fails.
    async fn fails(&self, fits: impl Fn(&Search) -> bool + Send + 'static) -> String {
        self.at.vendor.forget_routes();
        self.at.vendor.route("/v1/deals/search", move |asked| fits(&Search::of(asked)).then(|| Reply::json(500, "{}")));
        self.answers();
        let Ended::Failed(trouble) = self.at.poll().await else { panic!("it fails") };
        self.at.vendor.forget_routes();
        self.answers();
        self.at.vendor.forget();
        // Until the vendor is asked again.
        self.at.clock.advance(Duration::from_secs(3600));
        trouble.to_string()
    }

    /// Runs, and is gone between the page that fits and its commit; then comes back.
    async fn killed(self, fits: impl Fn(&Search) -> bool + Send + 'static) -> Self {
        let (engine, clock, tenant, source) = (Arc::clone(&self.at.engine), Arc::clone(&self.at.clock), self.at.tenant, self.at.source);
        self.at.vendor.forget_routes();
        self.at.vendor.route("/v1/deals/search", move |asked| {
            if fits(&Search::of(asked)) {
                // From here on nothing of this process is stored.
                clock.advance(Duration::from_secs(600));
                let gone = move |scope: &mut salesdash_store::Scope<'_>| {
                    let until = scope.now() + 60_000_000;
                    scope.take_lease(&lease(source, LIVE), "nobody", until)
                };
                assert!(engine.store().write(tenant, gone).expect("stored"));
            }
            None
        });
        self.answers();
        assert!(matches!(self.at.poll().await, Ended::Elsewhere));
        let Self { at, deals, lists, change } = self;
        at.vendor.forget_routes();
        let now = at.clock.now();
        let (vendor, directory) = at.closed();
        vendor.forget();
        let at = Installation::reopened_with(vendor, directory, &*change, now);
        let played = Self { at, deals, lists, change };
        played.answers();
        played
    }

    async fn succeeds(&self) {
        let ended = self.at.poll().await;
        assert!(matches!(ended, Ended::Succeeded), "{ended:?}");
    }

    /// Everything that there is was taken, once each.
    fn all_taken_once(&self) {
        let (received, _, duplicate, ..) = self.at.ledger();
        assert_eq!(received - duplicate, i64::try_from(self.deals.lock().len()).expect("few"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_are_gone_through_one_after_the_other_each_with_its_own_bound() {
    let rules: &[_] = &[
        ("/partitions", r#"{"values": {"type": "var", "var": "source.pipelines"}}"#),
        ("/list/request/body/content/pipelines", r#"{"$value": {"type": "var", "var": "partition"}}"#),
    ];
    let played =
        Played::new(Lists::OldestFirst, rules, r#"{"definition":"deals","history_days":3650,"settings":{"pipelines":["a","b","c"]}}"#);
    for (place, pipeline) in ["a", "b", "c"].iter().enumerate() {
        for number in 0..5 {
            played.add(&format!("{pipeline}{number}"), pipeline, &format!("1{place}:0{number}:00"));
        }
    }
    // The second page of the second part fails: the first part, and the page before, are stored.
    played.fails(|search| search.pipeline == "b" && search.after == 2).await;
    assert_eq!((played.at.ledger().0, played.at.run().pages), (7, 4));
    let played = played.killed(|search| search.pipeline == "c" && search.after == 2).await;
    // It went on with the second page of the second part; of the third part one page is stored.
    assert_eq!(played.at.ledger().0, 12);
    played.succeeds().await;
    let searches: Vec<(String, usize)> = played.searches().into_iter().map(|search| (search.pipeline, search.after)).collect();
    assert_eq!(searches, [("c".to_owned(), 2), ("c".to_owned(), 4)]);
    assert_eq!(played.at.ledger().2, 0, "nothing was read twice");
    played.all_taken_once();
    // Each part goes on from its own bound, an overlap earlier.
    played.at.vendor.forget();
    played.add("b9", "b", "12:30:00");
    played.succeeds().await;
    let bounds: Vec<String> = played.searches().into_iter().map(|search| format!("{} {}", search.pipeline, search.since)).collect();
    assert_eq!(bounds, ["a 2026-03-01T10:03:00Z", "b 2026-03-01T11:03:00Z", "b 2026-03-01T11:03:00Z", "c 2026-03-01T12:03:00Z"]);
    played.all_taken_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_reaches_its_cap_begins_anew_where_it_left_off() {
    let rules: &[_] = &[(
        "/incremental",
        r#"{"type": "server", "field": "updated_at", "order": "ascending", "overlap_seconds": 0, "cap": {"records": 4}}"#,
    )];
    let played = Played::new(Lists::Capped, rules, r#"{"definition":"deals","history_days":3650}"#);
    for number in 0..9 {
        played.add(&format!("d{number}"), "a", &format!("10:0{number}:00"));
    }
    // The second search fails on its second page.
    played.fails(|search| search.since.contains("10:03") && search.after == 2).await;
    let (received, _, duplicate, ..) = played.at.ledger();
    assert_eq!((received, duplicate), (6, 1), "the last of a search is the first of the next");
    let played = played.killed(|search| search.since.contains("10:06")).await;
    played.succeeds().await;
    assert!(played.searches()[0].since.contains("10:06"), "it goes on with the search that was not stored");
    played.all_taken_once();
    assert_eq!(played.at.reached().as_deref(), Some("2026-03-01T10:08:00Z"));
}

/// Asks for six hours at a time.
const WINDOWS: &[(&str, &str)] = &[
    ("/incremental", r#"{"type": "server", "field": "updated_at", "order": "ascending", "overlap_seconds": 0, "window_seconds": 21600}"#),
    ("/list/request/body/content/until", r#"{"$value": {"type": "var", "var": "until"}}"#),
];

#[tokio::test(flavor = "multi_thread")]
async fn windows_follow_each_other_and_none_is_left_out() {
    let played = Played::new(Lists::OldestFirst, WINDOWS, r#"{"definition":"deals","history_days":1}"#);
    // It is noon of the second: four windows, from noon of the first on. In the second one there is nothing.
    for (id, at) in [("a", "12:30:00"), ("b", "13:30:00"), ("c", "14:30:00"), ("d", "17:59:59")] {
        played.add(id, "a", at);
    }
    played.deals.lock().extend([
        ("e".to_owned(), "a".to_owned(), "2026-03-02T00:00:00Z".to_owned()),
        ("f".to_owned(), "a".to_owned(), "2026-03-02T05:00:00Z".to_owned()),
        ("g".to_owned(), "a".to_owned(), "2026-03-02T05:30:00Z".to_owned()),
        ("h".to_owned(), "a".to_owned(), "2026-03-02T11:00:00Z".to_owned()),
    ]);
    played.fails(|search| search.since.starts_with("2026-03-02T00:00") && search.after == 2).await;
    assert_eq!(played.at.ledger().0, 6);
    let played = played.killed(|search| search.since.starts_with("2026-03-02T06:00")).await;
    assert_eq!(played.at.ledger().0, 7);
    played.succeeds().await;
    assert!(played.searches()[0].since.starts_with("2026-03-02T06:00"), "{}", played.searches()[0].since);
    played.all_taken_once();
    assert_eq!(played.at.ledger().2, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_whose_answer_holds_no_list_is_not_passed_over() {
    let played = Played::new(Lists::OldestFirst, WINDOWS, r#"{"definition":"deals","history_days":1}"#);
    played.add("a", "a", "12:30:00");
    played.add("b", "a", "19:30:00");
    played.at.vendor.forget_routes();
    played.at.vendor.route("/v1/deals/search", |asked| {
        Search::of(asked).since.starts_with("2026-03-01T18:00").then(|| Reply::json(201, r#"{"data":{"status":"indexing"}}"#))
    });
    played.answers();
    for _ in 0..2 {
        let Ended::Failed(trouble) = played.at.poll().await else { panic!("it fails") };
        assert!(trouble.to_string().contains("`data.items` holds nothing"), "{trouble}");
        assert_eq!(played.at.ledger().0, 1, "the window before it is stored, and none after it");
        assert!(played.searches().iter().all(|search| !search.since.starts_with("2026-03-02")), "it went on past what was never given");
    }
    played.at.vendor.forget_routes();
    played.answers();
    played.at.vendor.forget();
    played.succeeds().await;
    assert!(played.searches()[0].since.starts_with("2026-03-01T18:00"), "{}", played.searches()[0].since);
    played.all_taken_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_that_is_read_backwards_keeps_its_bound_until_all_of_it_is_stored() {
    let rules: &[_] = &[("/incremental", r#"{"type": "engine", "field": "updated_at", "order": "descending", "overlap_seconds": 0}"#)];
    let played = Played::new(Lists::NewestFirst, rules, r#"{"definition":"deals","history_days":3650}"#);
    for number in 0..5 {
        played.add(&format!("d{number}"), "a", &format!("10:0{number}:00"));
    }
    // The newest two are stored; were the bound to move to them, the others would be lost.
    played.fails(|search| search.after == 2).await;
    assert_eq!((played.at.ledger().0, played.at.reached()), (2, None));
    let played = played.killed(|search| search.after == 4).await;
    assert_eq!((played.at.ledger().0, played.at.reached()), (4, None));
    played.succeeds().await;
    played.all_taken_once();
    assert_eq!(played.at.reached().as_deref(), Some("2026-03-01T10:04:00Z"));
    // Three more: reading ends where it meets what it knows.
    for number in 5..8 {
        played.add(&format!("d{number}"), "a", &format!("10:0{number}:00"));
    }
    played.at.vendor.forget();
    played.succeeds().await;
    assert!(played.searches().len() <= 3, "it reads no further back than it has to");
    played.all_taken_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_kept_only_once_everything_before_it_is_stored() {
    let rules: &[_] = &[("/incremental", r#"{"type": "token", "token": "data.sync"}"#)];
    let played = Played::new(Lists::Since, rules, r#"{"definition":"deals"}"#);
    for number in 0..5 {
        played.add(&format!("d{number}"), "a", &format!("10:0{number}:00"));
    }
    played.fails(|search| search.after == 2).await;
    assert_eq!((played.at.ledger().0, played.at.reached()), (2, None));
    // The last page brings the token; it is gone with the page.
    let played = played.killed(|search| search.after == 4).await;
    assert_eq!((played.at.ledger().0, played.at.reached()), (4, None));
    played.succeeds().await;
    assert_eq!(played.at.reached().as_deref(), Some("5"));
    played.all_taken_once();
    played.add("d5", "a", "10:05:00");
    played.at.vendor.forget();
    played.succeeds().await;
    assert_eq!((played.searches()[0].since.as_str(), played.searches().len()), ("5", 1));
    assert_eq!(played.at.ledger().2, 0);
    played.all_taken_once();
}
