//! What every provider type that comes with the program is held to, whatever it is: its polls end, go on where they left off, keep to what the
//! vendor says, give the same for the same, and let no secret out.

mod stub;

use std::time::Duration;

use salesdash_connect::connection::Trouble;
use salesdash_connect::poll::Ended;
use salesdash_providers::definition::paging::Paging;
use salesdash_providers::{ProviderType, Types};
use salesdash_value::{Value, json};

use stub::{Given, Polled, foreign};

/// Every poll of every type: the type, and the name of the poll.
fn polls() -> Vec<(ProviderType, String)> {
    let types = Types::embedded();
    let of = |kind: &std::sync::Arc<ProviderType>| {
        kind.definition.polls.names().map(|name| (ProviderType::clone(kind), name.to_owned())).collect::<Vec<_>>()
    };
    types.iter().flat_map(of).collect()
}

/// Does something with every poll, and tells all that failed at once.
async fn for_every_poll(check: impl AsyncFn(Polled) -> Result<(), String>) {
    let mut wrong = Vec::new();
    for (kind, poll) in polls() {
        let name = format!("{}/{poll}", kind.name());
        if let Err(problem) = check(Polled::new(kind, &poll)).await {
            wrong.push(format!("{name}: {problem}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn expect(holds: bool, text: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(text()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_takes_what_its_example_holds_and_knows_it_again() {
    for_every_poll(async |at| {
        let ended = at.poll().await;
        expect(matches!(ended, Ended::Succeeded), || format!("{ended:?}"))?;
        let run = at.run();
        let example = at.example();
        let keys = example.keys.as_ref().map_or(1, |keys| i64::try_from(keys.0.len()).unwrap_or(0));
        expect(run.taken >= keys, || format!("{run:?}"))?;
        // The same again: the same source models, all of them known.
        at.begin_anew();
        let ended = at.poll().await;
        expect(matches!(ended, Ended::Succeeded), || format!("{ended:?}"))?;
        let again = at.run();
        expect(again.taken == 0, || format!("the same records were taken for new ones: {again:?}"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_reads_back() {
    for_every_poll(async |at| {
        at.poll().await;
        let state = at.state();
        at.set_cursor(&state.cursor);
        let again = at.state();
        expect(again.cursor == state.cursor, || format!("{} became {}", json::to_string(&state.cursor), json::to_string(&again.cursor)))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_ends_even_where_the_vendor_gives_the_same_page_for_ever() {
    for_every_poll(async |at| {
        at.given(Given::ForEver);
        let ended = at.poll().await;
        let bound = at.poll_rules().list.paging.as_ref().map_or(1, Paging::max_pages) as usize;
        let partitions = 50;
        expect(at.asked().len() <= bound * partitions, || format!("{} requests, {ended:?}", at.asked().len()))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hint_to_wait_is_honoured() {
    for_every_poll(async |at| {
        at.fail_first(429, &[("retry-after", "37")], "{}");
        let ended = at.poll().await;
        let slept: Duration = at.clock.slept().iter().sum();
        expect(matches!(ended, Ended::Succeeded) && slept >= Duration::from_secs(37), || format!("{ended:?} after {slept:?}"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cut_off_is_gone_on_with_and_takes_nothing_twice() {
    for_every_poll(async |at| {
        at.fail_first(500, &[], "{}");
        at.fail_first(500, &[], "{}");
        at.fail_first(500, &[], "{}");
        at.fail_first(500, &[], "{}");
        at.fail_first(500, &[], "{}");
        let ended = at.poll().await;
        expect(matches!(ended, Ended::Failed(Trouble::Later { .. })), || format!("{ended:?}"))?;
        expect(at.run().taken == 0 && at.run().verdict == "failed", || format!("{:?}", at.run()))?;
        at.clock.advance(Duration::from_secs(3600));
        let ended = at.poll().await;
        expect(matches!(ended, Ended::Succeeded) && at.run().taken > 0, || format!("{ended:?} {:?}", at.run()))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_goes_to_a_host_that_is_not_allowed() {
    for_every_poll(async |at| {
        at.given(Given::Foreign);
        at.poll().await;
        let strange: Vec<String> = at.asked().iter().map(|asked| asked.url.to_string()).filter(|url| url.contains(foreign())).collect();
        expect(strange.is_empty(), || format!("{strange:?}"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_told() {
    for_every_poll(async |at| {
        // A vendor that repeats everything it was sent, in every place where a message can stand.
        let told = at.secrets().join(" and ");
        let said = Value::object([
            ("message", Value::from(told.as_str())),
            ("error", Value::from(told.as_str())),
            ("error_message", Value::from(told.as_str())),
            ("errors", Value::list([Value::object([("message", Value::from(told.as_str())), ("title", Value::from(told.as_str()))])])),
        ]);
        at.fail_first(403, &[], &json::to_string(&said));
        let ended = at.poll().await;
        let reason = at.run().reason.unwrap_or_default();
        let shown = format!("{ended:?} {reason} {:?}", at.asked().iter().map(|asked| format!("{asked:?}")).collect::<Vec<_>>());
        let out: Vec<String> = at.secrets().into_iter().filter(|secret| shown.contains(secret.as_str())).collect();
        expect(out.is_empty(), || format!("{out:?} in {shown}"))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_carry_their_credentials() {
    for_every_poll(async |at| {
        at.poll().await;
        let asked = at.asked();
        let secrets = at.secrets();
        let plain = |text: &str| secrets.iter().any(|secret| text.contains(secret.as_str()));
        let carries = |outgoing: &salesdash_providers::interpret::request::Outgoing| {
            plain(outgoing.url.as_str())
                || outgoing.headers.iter().any(|(name, value)| plain(value) || (name == "Authorization" && value.starts_with("Basic ")))
        };
        expect(!asked.is_empty() && asked.iter().all(carries), || "a request goes out without credentials".to_owned())
    })
    .await;
}
