//! When a source counts as quiet, and why.

use std::time::Duration;

use salesdash_store::deliveries::{Delivery, Verdict};
use serde_json::{Value, json};

use crate::polled::Polled;
use crate::world::World;

const HOUR: i64 = 3_600_000_000;
const DAY: i64 = 24 * HOUR;

/// Notes that something arrived at these times. (The source's id on top: no two deliveries have the same time.)
fn arrived(world: &World, source: &str, times: Vec<i64>) {
    let source: i64 = source.parse().unwrap();
    let note = move |scope: &mut salesdash_store::Scope<'_>| {
        for id in &times {
            let delivery =
                Delivery { id: *id + source, source, verdict: Verdict::Accepted, reason: None, bytes: 1, records: 0, payload: None };
            scope.insert_delivery(&delivery)?;
        }
        Ok(())
    };
    world.store.write(world.tenant, note).unwrap();
}

async fn health(at: &Polled, source: &str) -> Value {
    at.get(&format!("/api/v1/sources/{source}")).await["health"].clone()
}

/// Something every two hours on every weekday from nine to five, for so many days up to now (a Monday at noon).
fn office_hours(now: i64, days: i64) -> Vec<i64> {
    let midnight = now - 12 * HOUR;
    let mut times = Vec::new();
    for day in 0..=days {
        // Day 0 is a Monday; the days before it are Sunday, Saturday, Friday and so on.
        if matches!(day % 7, 1 | 2) {
            continue;
        }
        times.extend([9, 11, 13, 15, 17].map(|hour| midnight - day * DAY + hour * HOUR).into_iter().filter(|at| *at < now));
    }
    times
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_usual_is_learnt_from_what_arrived() {
    let at = Polled::new().await;
    let now = at.world.store.now();
    let (source, _) = at.world.source(&at.admin, "Calls", json!({}), json!({})).await;
    // Too little is known yet.
    arrived(&at.world, &source, office_hours(now, 5));
    let known = health(&at, &source).await;
    assert_eq!((known["state"].as_str(), known["expected_within_seconds"].is_null()), (Some("ok"), true), "{known}");
    let (source, _) = at.world.source(&at.admin, "Meetings", json!({}), json!({})).await;
    let mut times = office_hours(now, 27);
    // One outage, of a working week: not usual.
    times.retain(|time| !(now - 19 * DAY..now - 14 * DAY).contains(time));
    arrived(&at.world, &source, times);
    let known = health(&at, &source).await;
    // From Friday at five to Monday at nine: 64 hours, and half as long again.
    assert_eq!((known["state"].as_str(), known["expected_within_seconds"].as_i64()), (Some("ok"), Some(96 * 3600)), "{known}");
    assert_eq!(known["expected_because"], "In the last weeks it was usually not silent for longer than 2 days and 16 hours");
    at.clock.advance(Duration::from_secs(94 * 3600));
    assert_eq!(health(&at, &source).await["state"], "ok");
    at.clock.advance(Duration::from_secs(3 * 3600 + 1));
    let quiet = health(&at, &source).await;
    assert_eq!(quiet["state"], "quiet");
    assert_eq!(quiet["detail"], "Nothing has arrived for 4 days and 2 hours; expected within 4 days");
    let attention = at.get("/api/v1/overview").await["attention"].to_string();
    assert!(attention.contains("Nothing has arrived for 4 days"), "{attention}");
    // A setting overrides it, and 0 switches it off.
    let set = async |seconds: i64| {
        let settings = json!({ "settings": { "expected_every_seconds": seconds } });
        at.world.send("PATCH", &format!("/api/v1/sources/{source}"), &at.admin, settings).await.ok()["health"].clone()
    };
    let known = set(7 * 86_400).await;
    assert_eq!((known["state"].as_str(), known["expected_because"].as_str()), (Some("ok"), Some("It is set so")));
    assert_eq!(set(60).await["state"], "quiet");
    let known = set(0).await;
    assert_eq!((known["state"].as_str(), known["expected_within_seconds"].is_null()), (Some("ok"), true));
    // Something arrives: it is no longer quiet.
    arrived(&at.world, &source, vec![at.world.store.now()]);
    assert_eq!(set(60).await["state"], "ok");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_is_expected_by_its_interval() {
    let at = Polled::new().await;
    assert_eq!(health(&at, &at.source).await["expected_because"], "It polls every 2 minutes");
    at.run().await;
    at.settle().await;
    // Three intervals of two minutes, and ten minutes.
    at.clock.advance(Duration::from_secs(16 * 60));
    assert_eq!(health(&at, &at.source).await["state"], "ok");
    at.clock.advance(Duration::from_secs(1));
    let quiet = health(&at, &at.source).await;
    assert_eq!(
        (quiet["state"].as_str(), quiet["detail"].as_str()),
        (Some("quiet"), Some("No poll has succeeded for 16 minutes and 1 second; expected within 16 minutes"))
    );
    // A run that finds nothing new is a run.
    at.run().await;
    assert_eq!(health(&at, &at.source).await["state"], "ok");
    // One that fails is told before that.
    at.vendor.fault("/v1/deals/search", std::iter::repeat_n(salesdash_testkit::Reply::json(500, "{}"), 9));
    at.run().await;
    let failing = health(&at, &at.source).await;
    assert_eq!(
        (failing["state"].as_str(), failing["detail"].as_str()),
        (Some("failing"), Some("The last run failed: The vendor answered with status 500 (it has a problem of its own)."))
    );
}
