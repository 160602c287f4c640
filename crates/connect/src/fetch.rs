//! The engine's port for enrichments.

use std::sync::Arc;

use salesdash_engine::enrich::{Enrich, FetchError, Fetched, Wanted};
use salesdash_providers::definition::Definition;
use salesdash_providers::inference::{Inference, InferenceLimits};
use salesdash_providers::interpret::records::with;
use salesdash_providers::interpret::variables::of_record;
use salesdash_providers::interpret::webhook::IS_DELETED;
use salesdash_store::Scope;
use salesdash_value::{Text, Value, json};

use crate::connect::{Connect, ConnectError, Result};
use crate::connection::{Connection, Trouble, blocking};
use crate::documents::parse;
use crate::enrich::{self, picked_id};
use crate::own::custom;

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
        // What people define on a source is kept apart from what they defined there before, and on other sources.
        let place = own.as_ref().map_or_else(|| name.clone(), |_| defined_as(&settings, &name));
        let fresh = wanted.fresh || wanted.enrichment == COMPLETE;
        let found = self.fetched(&connection, definition, (&name, &place), fresh, &id, wanted.parent).await?;
        if let (Some(own), Some(found)) = (&own, &found)
            && let Some(model) = own.yields(&name)
        {
            self.learn(tenant, model, found).await;
        }
        if wanted.enrichment == COMPLETE {
            return Ok(Some(completed(definition, &settings, wanted.record, found)));
        }
        Ok(found)
    }

    /// Learns the fields of what people have fetched by a definition of their own. What cannot be stored now is learnt again by the next one.
    async fn learn(&self, tenant: i64, model: &Text, found: &Value) {
        let is_new = {
            let mut learnt = self.learnt.lock();
            let known = learnt.entry((tenant, model.to_string())).or_default();
            known.absorb(found).then(|| known.clone())
        };
        let Some(learnt) = is_new else { return };
        let (engine, name) = (Arc::clone(self.engine()), model.to_string());
        let stored = blocking(move || engine.store().write(tenant, move |scope| learn_fields(scope, &name, &learnt)));
        match stored.await {
            Ok(true) => self.engine().changed(tenant),
            Ok(false) => {}
            Err(_) => {
                self.learnt.lock().remove(&(tenant, model.to_string()));
            }
        }
    }

    async fn fetched(
        &self,
        connection: &Arc<Connection>,
        definition: &Definition,
        (name, place): (&Text, &Text),
        fresh: bool,
        id: &Value,
        parent: &Value,
    ) -> Result<Option<Value>> {
        let unknown = || ConnectError::Invalid(format!("the definition has no enrichment `{name}`"));
        let enrichment = definition.enrichments.get(name).ok_or_else(unknown)?;
        let given = connection.given();
        let cache = self.cache(connection.tenant, connection.provider.unwrap_or(0), connection.kind());
        let wanted = enrich::Wanted { definition, name: place, enrichment, given: &given, fresh };
        Ok(cache.fetch(connection, wanted, id, parent).await?)
    }
}

/// Stores what is known of the fields of a model that is learnt. Gives whether there was anything new.
fn learn_fields(scope: &mut Scope<'_>, model: &str, learnt: &Inference) -> salesdash_store::Result<bool> {
    // Where the fields are declared, there is nothing to learn; and a model that was never saved belongs to no source.
    let Some(known) = scope.model(model)? else { return Ok(false) };
    let Some(shape) = &known.shape else { return Ok(false) };
    let mut all = Inference::from_value(&parse(shape), InferenceLimits::DEFAULT).unwrap_or_default();
    all.merge(learnt);
    let merged = json::to_string(&all.to_value());
    if merged == *shape {
        return Ok(false);
    }
    let Some(declaration) = salesdash_engine::intake::declaration(&merged, &known.edits) else { return Ok(false) };
    scope.save_model(model, &declaration, &known.edits, Some(&merged), None)?;
    Ok(true)
}

/// The name under which is kept what an enrichment fetched that people defined on a source.
fn defined_as(settings: &Value, name: &Text) -> Text {
    let defined = settings.get("enrichments").and_then(|enrichments| enrichments.get(name)).map(json::to_string).unwrap_or_default();
    Text::new(format!("{name} {defined}"))
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
