//! Makes the sample tenant: its configuration as people would have made it, and its history by delivering what the simulated systems
//! sent, one delivery after the other, with the clock of the store at the moment each was sent.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use salesdash_providers::Request;
use salesdash_store::records::Linked;
use salesdash_store::{Paging, Scope, Store};
use salesdash_value::{IdentityKind, Instant, Value, json};
use sha2::Sha256;

use super::people::{PRODUCTS, SELLERS};
use super::simulation::{Flaw, Sent, Simulation, System};
use crate::{Engine, Options, Result};

/// The seed of the sample tenant: everybody sees the same one, but for the dates.
pub const SEED: u64 = 2026;
/// Days of history.
pub const DAYS: i64 = 120;
/// After how many days somebody improved the first processor.
const IMPROVED_AFTER_DAYS: i64 = 45;

const MODELS: &str = include_str!("models.json");
const PIPELINE: &str = include_str!("pipeline.json");
const CALLS: &str = include_str!("calls.json");

const TENANT: &str = "Sunnyside Energy";
const SETTINGS: &str = r#"{"timezone":"Europe/Amsterdam","currency":"EUR","country":"NL","projects":false}"#;
/// Who made things, in the history of versions and the audit log.
const AUTHOR: &str = "Robin (sample)";

/// How deliveries of a simulated system reach its source.
#[derive(Clone, Debug)]
pub struct Sender {
    /// The secret part of the webhook URL.
    pub route: String,
    secret: String,
    system: System,
}

impl Sender {
    /// The headers with which a delivery is sent.
    #[must_use]
    pub fn headers(&self, sent: &Sent) -> Vec<(&'static str, String)> {
        // Somebody replaced the secret at one side only, now and then.
        let secret = if sent.flaw == Some(Flaw::WrongSignature) { "the secret before this one" } else { &self.secret };
        let proof = match self.system {
            System::Crm => {
                let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
                mac.update(sent.body.as_bytes());
                ("x-hub-signature-256", format!("sha256={}", hex::encode(mac.finalize().into_bytes())))
            }
            System::Telephony => ("authorization", format!("Bearer {secret}")),
        };
        vec![("content-type", "application/json".to_owned()), proof]
    }
}

/// The sample tenant, once it is there.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Its id.
    pub tenant: i64,
    /// Deliveries in its history.
    pub deliveries: usize,
    crm: Sender,
    telephony: Sender,
}

impl Sample {
    /// How deliveries of a system reach its source.
    #[must_use]
    pub const fn sender(&self, system: System) -> &Sender {
        match system {
            System::Crm => &self.crm,
            System::Telephony => &self.telephony,
        }
    }
}

/// A clock that is set.
#[derive(Clone, Default)]
struct Hands(Arc<AtomicI64>);

impl Hands {
    fn set(&self, at: Instant) {
        self.0.store(at.as_microsecond(), Ordering::Relaxed);
    }
}

/// Makes the sample tenant in a new store, with [`DAYS`] of history up to `now`. The clock of the store is set meanwhile, and tells the
/// system's time again afterwards.
///
/// # Errors
/// Where the store fails.
pub fn build(store: Arc<Store>, now: Instant) -> Result<Sample> {
    let hands = Hands::default();
    let start = now.checked_sub(Duration::from_secs(DAYS as u64 * 86_400)).unwrap_or(now);
    hands.set(start);
    let told = hands.clone();
    store.set_clock(Arc::new(move || told.0.load(Ordering::Relaxed)));
    let tenant = store.create_tenant(TENANT, SETTINGS)?.id;
    let engine = Engine::open(Arc::clone(&store), Options::default())?;
    let (mut sample, pipeline) = configure(&store, tenant)?;
    engine.changed(tenant);
    let improved_at = start.checked_add(Duration::from_secs(IMPROVED_AFTER_DAYS as u64 * 86_400)).unwrap_or(now);
    let mut improved = false;
    for sent in Simulation::new(SEED, start, false).take_while(|sent| sent.at < now) {
        if !improved && sent.at >= improved_at {
            hands.set(improved_at);
            improve(&store, tenant, pipeline)?;
            engine.changed(tenant);
            improved = true;
        }
        hands.set(sent.at);
        deliver(&engine, &sample, &sent);
        engine.drain();
        sample.deliveries += 1;
    }
    engine.tick()?;
    hands.set(now.checked_sub(Duration::from_secs(3 * 86_400)).unwrap_or(now));
    store.write(tenant, people)?;
    engine.changed(tenant);
    store.set_clock(Arc::new(salesdash_store::now_micros));
    Ok(sample)
}

fn deliver(engine: &Arc<Engine>, sample: &Sample, sent: &Sent) {
    let sender = sample.sender(sent.system);
    let headers = sender.headers(sent);
    let headers: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let url = format!("http://127.0.0.1/hooks/{}", sender.route);
    let _ = engine.receive_now(&sender.route, &Request { method: "POST", url: &url, headers: &headers, body: sent.body.as_bytes() });
}

fn parsed(text: &str) -> Value {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).expect("the documents of the sample tenant are JSON")
}

/// The pipeline's spec as it was first: nobody had thought of test opportunities yet.
fn first_pipeline() -> String {
    let spec = parsed(PIPELINE);
    let fields = spec.as_object().unwrap_or_default().iter().map(|(key, value)| match value {
        Value::List(items) if key == "instructions" => {
            (key, Value::list(items.iter().filter(|item| item.get("id").and_then(Value::as_text) != Some("if-test")).cloned()))
        }
        _ => (key, value.clone()),
    });
    json::to_string(&Value::object(fields))
}

fn compact(text: &str) -> String {
    json::to_string(&parsed(text))
}

/// The two integrations; gives the sample with the processor of the first.
fn configure(store: &Store, tenant: i64) -> Result<(Sample, i64)> {
    let made = store.write(tenant, move |scope| {
        for (name, declaration) in parsed(MODELS).get("models").and_then(Value::as_object).unwrap_or_default() {
            scope.save_model(name, &json::to_string(declaration), "{}", None, None)?;
        }
        let crm = integration(
            scope,
            System::Crm,
            &Integration {
                provider: "Helio CRM",
                source: "Opportunities",
                verification: "github",
                model: "opportunity_event",
                processor: "Opportunity pipeline",
                note: "Stages, deals and how long they take",
                spec: first_pipeline(),
            },
        )?;
        let telephony = integration(
            scope,
            System::Telephony,
            &Integration {
                provider: "Ringline telephony",
                source: "Calls",
                verification: "bearer",
                model: "call_event",
                processor: "Call log",
                note: "Every call, and conversations as activities",
                spec: compact(CALLS),
            },
        )?;
        Ok((crm, telephony))
    })?;
    let ((crm, pipeline), (telephony, _)) = made;
    Ok((Sample { tenant, deliveries: 0, crm, telephony }, pipeline))
}

struct Integration {
    provider: &'static str,
    source: &'static str,
    verification: &'static str,
    model: &'static str,
    processor: &'static str,
    note: &'static str,
    spec: String,
}

fn integration(scope: &mut Scope<'_>, system: System, of: &Integration) -> salesdash_store::Result<(Sender, i64)> {
    let secret = salesdash_store::installation::new_secret()?;
    let provider = scope.create_provider("webhook", of.provider, "{}", None)?.id;
    audit(scope, "provider.created", &format!("provider {provider}"))?;
    let settings = Value::object([
        ("verification", Value::from(of.verification)),
        ("event_id", Value::object([("body", Value::from("event_id"))])),
        ("expected_every_seconds", Value::from(3_600)),
    ]);
    let secrets = Value::object([("secret", Value::text(&secret))]);
    let (settings, secrets) = (json::to_string(&settings), json::to_string(&secrets));
    let (source, route) = scope.create_source(provider, "webhook", of.source, of.model, &settings, Some(&secrets))?;
    audit(scope, "source.created", &format!("source {}", source.id))?;
    let processor = scope.create_processor(of.processor, of.model)?.id;
    audit(scope, "processor.created", &format!("processor {processor}"))?;
    let version = scope.save_version(processor, 0, AUTHOR, Some(of.note), &of.spec)?;
    audit(scope, "spec.saved", &format!("processor {processor} version {}", version.version))?;
    scope.update_processor(processor, of.processor, true)?;
    let link = scope.create_link(source.id, processor, "{}")?;
    audit(scope, "link.created", &format!("link {}", link.id))?;
    Ok((Sender { route, secret, system }, processor))
}

fn audit(scope: &mut Scope<'_>, action: &str, target: &str) -> salesdash_store::Result<()> {
    scope.audit(AUTHOR, action, target, None, None)
}

fn improve(store: &Store, tenant: i64, processor: i64) -> Result<()> {
    store.write(tenant, move |scope| {
        let version = scope.save_version(processor, 1, AUTHOR, Some("Test opportunities are left out"), &compact(PIPELINE))?;
        audit(scope, "spec.saved", &format!("processor {processor} version {}", version.version))
    })?;
    Ok(())
}

/// The identities of a kind.
fn identities(scope: &mut Scope<'_>, kind: IdentityKind) -> salesdash_store::Result<Vec<(salesdash_value::Id, String)>> {
    let page = scope.identities(kind, Linked::Any, Paging { before: i64::MAX, limit: 500 })?;
    Ok(page.items.into_iter().map(|identity| (identity.row.id, identity.row.external_id.to_string())).collect())
}

/// The tenant's own people, teams and products, and the links to them that somebody has made so far: not all, for there to be some to
/// make.
fn people(scope: &mut Scope<'_>) -> salesdash_store::Result<()> {
    let agents = identities(scope, IdentityKind::Agent)?;
    for (place, seller) in SELLERS.iter().enumerate() {
        // The last two are new, and nobody has entered them yet.
        if place >= SELLERS.len() - 2 {
            break;
        }
        let email = format!("{}@sunnyside.example", seller.mailbox);
        let agent = scope.create_entity(IdentityKind::Agent, seller.name, Some(&email))?;
        let linked = [(seller.crm_id, place < 9), (seller.phone_id, place < 6)];
        for (external_id, _) in linked.into_iter().filter(|(_, linked)| *linked) {
            if let Some((id, _)) = agents.iter().find(|(_, known)| known == external_id) {
                scope.link_identity(*id, Some(agent.id), false)?;
            }
        }
    }
    let teams = identities(scope, IdentityKind::Team)?;
    for (id, name) in &teams {
        let team = scope.create_entity(IdentityKind::Team, &format!("Team {name}"), None)?;
        if name != "Business" {
            scope.link_identity(*id, Some(team.id), false)?;
        }
    }
    let propositions = identities(scope, IdentityKind::Proposition)?;
    for (sku, name, ..) in PRODUCTS {
        let proposition = scope.create_entity(IdentityKind::Proposition, name, None)?;
        let identity = propositions.iter().find(|(_, known)| known == sku);
        match identity {
            // Nobody is paid for service contracts.
            Some((id, _)) if sku == "SERVICE" => scope.link_identity(*id, None, true)?,
            Some((id, _)) if sku != "CHARGER" => scope.link_identity(*id, Some(proposition.id), false)?,
            _ => {}
        }
    }
    audit(scope, "identities.linked", "identities")
}

#[cfg(test)]
mod tests {
    use salesdash_store::executions::{Filter, Status};

    use super::*;

    #[test]
    fn the_sample_tenant_has_what_there_is_to_see() {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open_unsynced(directory.path()).expect("a store"));
        let now: Instant = "2026-06-05T12:00:00Z".parse().expect("a moment");
        let sample = build(Arc::clone(&store), now).expect("a sample tenant");
        assert!(sample.deliveries > 3_000, "{} deliveries", sample.deliveries);
        store
            .read(sample.tenant, |scope| {
                for source in scope.sources(None)? {
                    let ledger = scope.ledger(source.id)?;
                    assert!(ledger.balances(), "{}: {ledger:?}", source.name);
                    assert_eq!(ledger, scope.counted_ledger(source.id)?, "{}", source.name);
                    assert_eq!(ledger.waiting, 0, "{}", source.name);
                    assert!(ledger.executed > 500 && ledger.failed > 3 && ledger.rejected > 1, "{}: {ledger:?}", source.name);
                }
                for status in [Status::Succeeded, Status::Skipped, Status::PartiallyFailed, Status::Failed] {
                    let filter = Filter { status: Some(status), ..Filter::default() };
                    let found = scope.executions(&filter, Paging::default())?;
                    assert!(found.items.len() > 2, "{status:?}");
                }
                for (kind, count, attributed) in scope.record_counts()? {
                    assert!(count > 0, "{kind}");
                    assert!(attributed < count, "{kind}: {attributed} of {count}");
                }
                let processors = scope.processors()?;
                assert_eq!(processors.iter().map(|processor| processor.version).max(), Some(2));
                Ok(())
            })
            .expect("it can be read");
    }
}
