//! The tenant's settings.

use axum::extract::State;
use axum::http::Method;
use salesdash_store::installation::Tenant;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::App;
use crate::app::done;
use crate::auth::Caller;
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body};
use crate::problem::Problem;
use crate::wire::given;

pub fn add(table: &mut Table) {
    const PATH: &str = "/api/v1/settings";
    table.add(Endpoint::new(Method::GET, PATH, Role::Viewer, "getSettings", "The tenant's settings").answer::<Settings>(), get);
    table.add(
        Endpoint::new(Method::PATCH, PATH, Role::Admin, "updateSettings", "Changes the tenant's settings")
            .body::<UpdateSettings>()
            .answer::<Settings>(),
        update,
    );
}

/// The tenant's settings.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Settings {
    pub name: String,
    /// The IANA time zone of dates without one, and of what people see.
    pub timezone: String,
    /// The ISO 4217 code of the currency.
    pub currency: String,
    /// The ISO 3166 code of the country of phone numbers without one.
    pub country: Option<String>,
    /// Whether the Projects feature is on.
    pub projects: bool,
    /// After how many days payloads are removed; null: never.
    pub retention_days: Option<i64>,
    /// From which size of the database on the oldest payloads are removed; null: none.
    pub retention_bytes: Option<i64>,
}

impl Settings {
    /// The settings of a tenant.
    pub fn of(tenant: &Tenant) -> Self {
        let stored: Value = serde_json::from_str(&tenant.settings).unwrap_or_default();
        let text = |key: &str| stored.get(key).and_then(Value::as_str).map(ToOwned::to_owned);
        let number = |key: &str| stored.get(key).and_then(Value::as_i64);
        Self {
            name: tenant.name.clone(),
            timezone: text("timezone").unwrap_or_else(|| "UTC".to_owned()),
            currency: text("currency").unwrap_or_else(|| "EUR".to_owned()),
            country: text("country"),
            projects: stored.get("projects").and_then(Value::as_bool).unwrap_or(false),
            retention_days: number("retention_days"),
            retention_bytes: number("retention_bytes"),
        }
    }
}

async fn get(State(app): State<App>, caller: Caller) -> Result<Answer<Settings>, Problem> {
    app.read(caller.tenant, |scope| Ok(Answer(Settings::of(&scope.tenant_row()?)))).await
}

/// What is to be different.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateSettings {
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    timezone: Option<String>,
    #[serde(default)]
    currency: Option<String>,
    #[serde(default, deserialize_with = "given")]
    country: Option<Option<String>>,
    #[serde(default)]
    projects: Option<bool>,
    #[serde(default, deserialize_with = "given")]
    retention_days: Option<Option<i64>>,
    #[serde(default, deserialize_with = "given")]
    retention_bytes: Option<Option<i64>>,
}

impl UpdateSettings {
    /// The changes to the stored settings.
    fn changes(&self) -> Result<Map<String, Value>, Problem> {
        let mut changes = Map::new();
        if let Some(zone) = &self.timezone {
            if jiff::tz::TimeZone::get(zone).is_err() {
                return Err(
                    Problem::invalid(format!("`{zone}` is no time zone; take an IANA name such as `Europe/Amsterdam`")).at("/timezone")
                );
            }
            changes.insert("timezone".to_owned(), json!(zone));
        }
        if let Some(currency) = &self.currency {
            if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
                return Err(Problem::invalid("a currency is a code of three capitals, such as `EUR`").at("/currency"));
            }
            changes.insert("currency".to_owned(), json!(currency));
        }
        if let Some(country) = &self.country {
            if country.as_ref().is_some_and(|country| country.len() != 2 || !country.bytes().all(|byte| byte.is_ascii_uppercase())) {
                return Err(Problem::invalid("a country is a code of two capitals, such as `NL`").at("/country"));
            }
            changes.insert("country".to_owned(), json!(country));
        }
        if let Some(projects) = self.projects {
            changes.insert("projects".to_owned(), json!(projects));
        }
        for (key, value) in [("retention_days", self.retention_days), ("retention_bytes", self.retention_bytes)] {
            if let Some(value) = value {
                if value.is_some_and(|value| value < 1) {
                    return Err(Problem::invalid("retention is a number above 0, or null to keep everything").at(format!("/{key}")));
                }
                changes.insert(key.to_owned(), json!(value));
            }
        }
        Ok(changes)
    }
}

async fn update(State(app): State<App>, caller: Caller, Body(given): Body<UpdateSettings>) -> Result<Answer<Settings>, Problem> {
    let name = given.name.as_deref().map(check::name).transpose()?;
    let changes = given.changes()?;
    app.change(&caller, "settings.changed", move |scope| {
        let tenant = scope.tenant_row()?;
        let mut settings: Map<String, Value> = serde_json::from_str(&tenant.settings).unwrap_or_default();
        let details = Value::Object(changes.clone());
        settings.extend(changes);
        scope.update_tenant(&name.unwrap_or(tenant.name), &Value::Object(settings).to_string())?;
        Ok(done("tenant", tenant.id, Answer(Settings::of(&scope.tenant_row()?))).with(details))
    })
    .await
}
