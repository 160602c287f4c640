//! The engine's port for enrichments.

use std::sync::Arc;

use salesdash_engine::enrich::{Enrich, FetchError, Fetched, Wanted};
use salesdash_providers::definition::Definition;
use salesdash_providers::interpret::records::with;
use salesdash_providers::interpret::variables::of_record;
use salesdash_providers::interpret::webhook::IS_DELETED;
use salesdash_value::{Text, Value};

use crate::connect::{Connect, ConnectError, Result};
use crate::connection::{Connection, Trouble};
use crate::documents::{custom, parse};
use crate::enrich::{self, picked_id};

/// The enrichment by which a thin event is completed: what is found takes the place of the record.
pub const COMPLETE: &str = "$complete";

impl Enrich for Connect {
    /// Waits for the vendor: to be called from threads outside of the runtime, as the engine does.
    fn fetch(&self, wanted: &Wanted<'_>) -> std::result::Result<Fetched, FetchError> {
        let found = self.handle.block_on(self.enrichment(wanted));
        match found {
            Ok(Some(value)) => Ok(Fetched::Found(value)),
            Ok(None) => Ok(Fetched::Missing),
            Err(ConnectError::Trouble(Trouble::Later { after, text })) => Err(FetchError::Later { after, reason: text }),
            Err(ConnectError::Trouble(Trouble::NeedsReconnecting(text))) => Err(FetchError::NeedsReconnecting(text)),
            Err(error) => Err(FetchError::Failed(error.to_string())),
        }
    }
}

impl Connect {
    /// Fetches an enrichment of a record. `None` where there is none, and that is fine.
    ///
    /// # Errors
    /// Why it could not be fetched.
    pub async fn enrichment(&self, wanted: &Wanted<'_>) -> Result<Option<Value>> {
        let (tenant, provider, source) = (wanted.tenant, wanted.provider, wanted.source);
        let row = self.engine().store().read(tenant, |scope| scope.source(source))?;
        let connection = self.connection(tenant, provider)?;
        let settings = parse(&row.settings);
        let own = match settings.get("poll") {
            Some(poll) if connection.definition().custom_polls => {
                Some(custom(connection.definition(), poll, &settings).map_err(ConnectError::Unsound)?.1)
            }
            _ => None,
        };
        let definition = own.as_ref().unwrap_or_else(|| connection.definition());
        let given = connection.given();
        let at = connection.clock().now();
        let (name, id) = if wanted.enrichment == COMPLETE {
            let complete = settings
                .get("definition")
                .and_then(Value::as_text)
                .and_then(|name| definition.webhooks.get(name))
                .and_then(|webhook| webhook.complete.as_ref())
                .ok_or_else(|| ConnectError::Invalid("the events of this source are not completed".to_owned()))?;
            let variables = of_record(&given, wanted.record, wanted.record, &Value::Null, &Value::Null);
            let id = complete.id.evaluate(&variables, at).map_err(|fault| {
                ConnectError::Trouble(Trouble::Failed(format!("The id of the event's record cannot be computed: {}", fault.text)))
            })?;
            (complete.fetch.0.clone(), id)
        } else {
            let model = parent_model(definition, wanted.model, wanted.chain);
            picked_id(definition, &model, wanted.enrichment, &given, wanted.parent, at)?
        };
        let found = self.fetched(&connection, definition, &name, wanted.fresh || wanted.enrichment == COMPLETE, &id, wanted.parent).await?;
        if wanted.enrichment == COMPLETE {
            return Ok(Some(completed(definition, &settings, wanted.record, found)));
        }
        Ok(found)
    }

    async fn fetched(
        &self,
        connection: &Arc<Connection>,
        definition: &Definition,
        name: &Text,
        fresh: bool,
        id: &Value,
        parent: &Value,
    ) -> Result<Option<Value>> {
        let unknown = || ConnectError::Invalid(format!("the definition has no enrichment `{name}`"));
        let enrichment = definition.enrichments.get(name).ok_or_else(unknown)?;
        let given = connection.given();
        let cache = self.cache(connection.tenant, connection.provider.unwrap_or(0), connection.kind());
        let wanted = enrich::Wanted { definition, name, enrichment, given: &given, fresh };
        Ok(cache.fetch(connection, wanted, id, parent).await?)
    }
}

/// The model of what an enrichment hangs on: that of the record, or what the enrichments on the way yield.
fn parent_model(definition: &Definition, model: &str, chain: &[Text]) -> Text {
    let mut model = Text::new(model);
    for step in chain.iter().take(chain.len().saturating_sub(1)) {
        let reference = definition.models.get(&model).and_then(|model| model.enrichments.get(step));
        match reference.and_then(|reference| definition.yields(&reference.fetch.0)) {
            Some(yielded) => model = yielded.clone(),
            None => break,
        }
    }
    model
}

/// The record of a thin event: what was fetched, with what is kept of the event; where it is gone, the event, marked.
fn completed(definition: &Definition, settings: &Value, event: &Value, found: Option<Value>) -> Value {
    let complete = settings
        .get("definition")
        .and_then(Value::as_text)
        .and_then(|name| definition.webhooks.get(name))
        .and_then(|webhook| webhook.complete.as_ref());
    match found {
        Some(record) => {
            let kept = complete.into_iter().flat_map(|complete| &complete.keep);
            let marks = [Text::new_static(IS_DELETED), Text::new_static("event_time")];
            let kept: Vec<_> =
                kept.chain(&marks).filter_map(|field| event.get(field).map(|value| (field.clone(), value.clone()))).collect();
            with(&record, kept)
        }
        None => with(event, [(Text::new_static(IS_DELETED), Value::Boolean(true))]),
    }
}
