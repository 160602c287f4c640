//! What arrived: deliveries, with the verdict on each and what they held.

use axum::extract::State;
use axum::http::Method;
use salesdash_store::Scope;
use salesdash_store::deliveries::{Delivery as Stored, SourceModel, Verdict};
use salesdash_value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::app::Worked;
use crate::auth::{Caller, Reveal};
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Document};
use crate::problem::{ERASED, Problem};
use crate::received::received;
use crate::routes::executions::masked_pointers;
use crate::wire::{At, Id, Listed, PageQuery, Params, Time};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/sources/{id}/deliveries",
            Role::Viewer,
            "listDeliveries",
            "The deliveries of a source, newest first",
        )
        .query::<DeliveriesQuery>()
        .answer::<Listed<Delivery>>(),
        list,
    );
    table.add(
        Endpoint::new(Method::GET, "/api/v1/deliveries/{id}", Role::Viewer, "getDelivery", "A delivery, with the records that it held")
            .answer::<DeliveryWithModels>(),
        get,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/deliveries/{id}/payload",
            Role::Viewer,
            "getPayload",
            "What a delivery held, record by record, 100 at most; personal values masked",
        )
        .answer::<Payload>()
        .reveals(),
        payload,
    );
}

/// Records of a payload that are shown at most.
const MAX_SHOWN: usize = 100;

/// What arrived at once.
#[derive(Serialize, JsonSchema)]
struct Delivery {
    id: Id,
    source: Id,
    at: Time,
    /// `accepted`, `duplicate` or `rejected`.
    verdict: &'static str,
    /// Why, where it was not taken in.
    reason: Option<String>,
    bytes: i64,
    records: i64,
    /// Whether its payload is still kept.
    has_payload: bool,
    /// When something in it was erased on request. Null where nothing was.
    erased_at: Option<Time>,
}

impl From<Stored> for Delivery {
    fn from(delivery: Stored) -> Self {
        Self {
            id: Id(delivery.id),
            source: Id(delivery.source),
            at: Time(delivery.id),
            verdict: delivery.verdict.name(),
            reason: delivery.reason,
            bytes: delivery.bytes,
            records: delivery.records,
            has_payload: delivery.payload.is_some(),
            erased_at: None,
        }
    }
}

impl Delivery {
    fn of(scope: &mut Scope<'_>, stored: Stored) -> Worked<Self> {
        let erased_at = if stored.payload.is_none() { scope.erased(stored.id)?.map(Time) } else { None };
        Ok(Self { erased_at, ..Self::from(stored) })
    }
}

/// One record of a delivery.
#[derive(Serialize, JsonSchema)]
struct ReceivedModel {
    id: Id,
    /// Its place in the delivery.
    place: i64,
    key: Option<String>,
    version: Option<String>,
    /// `taken`, `duplicate` or `stale`.
    verdict: &'static str,
}

impl From<SourceModel> for ReceivedModel {
    fn from(model: SourceModel) -> Self {
        Self { id: Id(model.id), place: model.place, key: model.key, version: model.version, verdict: model.verdict.name() }
    }
}

/// A delivery with the records that it held.
#[derive(Serialize, JsonSchema)]
struct DeliveryWithModels {
    #[serde(flatten)]
    delivery: Delivery,
    models: Vec<ReceivedModel>,
}

#[derive(Deserialize, JsonSchema)]
struct DeliveriesQuery {
    /// `accepted`, `duplicate` or `rejected`.
    #[serde(default)]
    verdict: Option<String>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

async fn list(
    State(app): State<App>,
    caller: Caller,
    At(Id(source)): At<Id>,
    Params(query): Params<DeliveriesQuery>,
) -> Result<Answer<Listed<Delivery>>, Problem> {
    let paging = PageQuery { cursor: query.cursor, limit: query.limit }.paging()?;
    let verdict = match query.verdict.as_deref() {
        None | Some("") => None,
        Some(name) => Some(
            Verdict::from_name(name).ok_or_else(|| Problem::bad_request("`verdict` is one of `accepted`, `duplicate` and `rejected`"))?,
        ),
    };
    app.read(caller.tenant, move |scope| {
        scope.source(source)?;
        let page = scope.deliveries(Some(source), verdict, paging)?;
        let items = page.items.into_iter().map(|stored| Delivery::of(scope, stored)).collect::<Worked<_>>()?;
        Ok(Answer(Listed { items, next: page.next }))
    })
    .await
}

/// What a delivery held.
#[derive(Serialize, JsonSchema)]
struct Payload {
    /// Its records, in the order in which it held them; null in the place of one that was erased on request.
    records: Vec<Document>,
    /// The JSON pointers of the masked values, from the list of records on.
    masked: Vec<String>,
}

async fn payload(State(app): State<App>, caller: Caller, reveal: Reveal, At(Id(id)): At<Id>) -> Result<Answer<Payload>, Problem> {
    app.blocking(move |app| {
        let models = app.store().read(caller.tenant, |scope| scope.models_of_delivery(id))?;
        let (mut records, mut erased) = (Vec::new(), None);
        for model in models.into_iter().take(MAX_SHOWN) {
            match received(app, caller.tenant, model.id, reveal.is_on()) {
                Ok(found) => records.push(found.record),
                Err(problem) if problem.code == ERASED => {
                    records.push(Value::Null);
                    erased = Some(problem);
                }
                Err(problem) => return Err(problem),
            }
        }
        if let Some(problem) = erased.filter(|_| records.iter().all(Value::is_null)) {
            return Err(problem);
        }
        let records = Value::list(records);
        let mut masked = Vec::new();
        masked_pointers(&records, &mut String::new(), &mut masked);
        let records = records.as_list().unwrap_or_default().iter().cloned().map(Document).collect();
        Ok(Answer(Payload { records, masked }))
    })
    .await
}

async fn get(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<DeliveryWithModels>, Problem> {
    app.read(caller.tenant, move |scope| {
        let delivery = scope.delivery(id)?;
        let delivery = Delivery::of(scope, delivery)?;
        let models = scope.models_of_delivery(id)?.into_iter().map(ReceivedModel::from).collect();
        Ok(Answer(DeliveryWithModels { delivery, models }))
    })
    .await
}
