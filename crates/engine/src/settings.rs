//! What the settings of a tenant, a provider and a source say, as far as the engine goes by them. They are JSON objects; keys that are
//! not listed here belong to others (the provider's own settings, what a poll asks for) and are left alone.

use jiff::tz::TimeZone;
use salesdash_providers::body::{BodyLimits, BodyRules};
use salesdash_providers::definition::webhook::Webhook;
use salesdash_providers::verification::{Handshake, Preset, Secrets, Verification};
use salesdash_providers::{Place, Problem};
use salesdash_value::{Text, Value, json, zone};

use crate::error::{EngineError, Result};

/// What a source's settings say of its webhook:
///
/// ```json
/// { "verification": "github", "event_id": { "header": "X-GitHub-Delivery" }, "handshakes": [],
///   "body": { "records_at": "data.items" },
///   "limits": { "bytes": 5242880, "depth": 64, "values": 250000, "records": 10000, "rate_per_second": 100 } }
/// ```
///
/// Each can be left out. A source that is made from a webhook of its provider's type says `"definition": "<its name>"`, and has the rest
/// from there. `verification` is the name of a preset or a scheme of its own; a preset brings its handshakes, event id and body
/// rules, unless they are given. Without it, knowing the URL is enough.
#[derive(Clone, Debug)]
pub struct WebhookSettings {
    /// How a delivery is verified.
    pub verification: Verification,
    /// Requests that are answered and make no record.
    pub handshakes: Vec<Handshake>,
    /// Where the id stands by which a repeated delivery is known.
    pub event_id: Option<Place>,
    /// What to make of a body.
    pub body: BodyRules,
    /// What a body may hold.
    pub limits: BodyLimits,
    /// Deliveries taken in a second; `None` where the operator's limit holds.
    pub rate_per_second: Option<u32>,
}

/// What a tenant's settings say.
#[derive(Clone, Debug)]
pub struct TenantSettings {
    /// Its time zone.
    pub timezone: Text,
    /// Its currency, as ISO 4217.
    pub currency: Option<Text>,
    /// The country of phone numbers without a country code, as ISO 3166-1 alpha-2.
    pub country: Option<Text>,
    /// Whether the Projects feature is on.
    pub projects: bool,
    /// Days that payloads are kept; `None`: for ever.
    pub retention_days: Option<u32>,
    /// Bytes of payloads that are kept; `None`: any.
    pub retention_bytes: Option<u64>,
}

/// Reads a document that people or the API wrote.
pub(crate) fn document(text: &str) -> Result<Value> {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).map_err(|error| EngineError::Invalid(format!("this is not JSON: {error}")))
}

impl TenantSettings {
    /// Reads them; what is missing or makes no sense counts as not set.
    #[must_use]
    pub fn read(settings: &Value) -> Self {
        let text = |key: &str| settings.get(key).and_then(Value::as_text).filter(|text| !text.is_empty()).map(Text::new);
        let whole = |key: &str| settings.get(key).and_then(Value::as_number).and_then(|number| u64::try_from(number).ok());
        Self {
            timezone: text("timezone").filter(|name| zone::get(name).is_some()).unwrap_or_else(|| Text::new_static("UTC")),
            currency: text("currency"),
            country: text("country"),
            projects: settings.get("projects").and_then(Value::as_boolean).unwrap_or(false),
            retention_days: whole("retention_days").and_then(|days| u32::try_from(days).ok()).filter(|days| *days > 0),
            retention_bytes: whole("retention_bytes").filter(|bytes| *bytes > 0),
        }
    }
}

/// The zone of texts without an offset: the provider's, else the tenant's.
pub(crate) fn timezone_of(provider: &Value, tenant: &TenantSettings) -> (Text, TimeZone) {
    let name = provider.get("timezone").and_then(Value::as_text).filter(|name| zone::get(name).is_some()).map(Text::new);
    let name = name.unwrap_or_else(|| tenant.timezone.clone());
    let found = zone::get(&name).unwrap_or(TimeZone::UTC);
    (name, found)
}

fn whole(value: Option<&Value>, most: usize) -> Option<usize> {
    value
        .and_then(Value::as_number)
        .and_then(|number| usize::try_from(number).ok())
        .filter(|number| *number > 0)
        .map(|number| number.min(most))
}

impl WebhookSettings {
    /// The largest body that any source can be set to take.
    pub const MAX_BYTES: usize = 32 << 20;

    /// Reads the settings of a source.
    ///
    /// # Errors
    /// Every problem, with its place in the settings.
    pub fn read(settings: &Value) -> std::result::Result<Self, Vec<Problem>> {
        Self::read_over(settings, None)
    }

    /// Reads the settings of a source that is made from a webhook of its provider's type: what they do not say, the type does.
    ///
    /// # Errors
    /// Every problem, with its place in the settings.
    pub fn read_over(settings: &Value, webhook: Option<&Webhook>) -> std::result::Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let given = |key: &str| settings.get(key).filter(|value| !value.is_null());
        let mut within = |key: &str, found: Vec<Problem>| {
            problems.extend(found.into_iter().map(|problem| Problem { pointer: format!("/{key}{}", problem.pointer), text: problem.text }));
        };
        let preset = given("verification").and_then(Value::as_text).and_then(Preset::get);
        let verification = match given("verification").map(Verification::from_value) {
            None => webhook.and_then(|webhook| webhook.verification.clone()).unwrap_or(Verification::SecretUrl),
            Some(Ok(verification)) => verification,
            Some(Err(found)) => {
                within("verification", found);
                Verification::SecretUrl
            }
        };
        let handshakes = match given("handshakes").map(Handshake::list_from_value) {
            None => {
                let of_type = webhook.map(|webhook| webhook.handshakes.clone());
                preset.map(|preset| preset.handshakes.clone()).or(of_type).unwrap_or_default()
            }
            Some(Ok(handshakes)) => handshakes,
            Some(Err(found)) => {
                within("handshakes", found);
                Vec::new()
            }
        };
        let event_id = match given("event_id").map(Place::from_value) {
            None => {
                let of_type = webhook.and_then(|webhook| webhook.event_id.clone());
                preset.and_then(|preset| preset.event_id.clone()).or(of_type)
            }
            Some(Ok(place)) => Some(place),
            Some(Err(found)) => {
                within("event_id", found);
                None
            }
        };
        let body = match given("body").map(BodyRules::from_value) {
            None => {
                let of_type = webhook.and_then(|webhook| webhook.body.clone());
                preset.map(|preset| preset.body.clone()).or(of_type).unwrap_or_default()
            }
            Some(Ok(rules)) => rules,
            Some(Err(found)) => {
                within("body", found);
                BodyRules::default()
            }
        };
        let limits = given("limits");
        let limit = |key: &str| limits.and_then(|limits| limits.get(key));
        let known = BodyLimits::DEFAULT;
        let rate_per_second = whole(limit("rate_per_second"), u32::MAX as usize).and_then(|rate| u32::try_from(rate).ok());
        let limits = BodyLimits {
            bytes: whole(limit("bytes"), Self::MAX_BYTES).unwrap_or(known.bytes),
            depth: whole(limit("depth"), 512).unwrap_or(known.depth),
            values: whole(limit("values"), 4_000_000).unwrap_or(known.values),
            records: whole(limit("records"), 100_000).unwrap_or(known.records),
        };
        if problems.is_empty() { Ok(Self { verification, handshakes, event_id, body, limits, rate_per_second }) } else { Err(problems) }
    }
}

/// A source's secrets: `{"secret": "…"}`, or a list of values while one replaces the other.
#[must_use]
pub fn secrets(document: &Value) -> Secrets {
    let mut secrets = Secrets::new();
    for (name, value) in document.as_object().unwrap_or_default() {
        match value {
            Value::Text(text) => secrets = secrets.with(name.as_str(), text.as_str()),
            Value::List(values) => {
                for value in values.iter().filter_map(Value::as_text) {
                    secrets = secrets.with(name.as_str(), value);
                }
            }
            _ => {}
        }
    }
    secrets
}
