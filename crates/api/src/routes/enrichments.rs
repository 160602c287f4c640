//! Enrichments that people define on a source: tried before they are saved, and declared when they are.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::Method;
use salesdash_connect::documents::declarations;
use salesdash_connect::own::custom;
use salesdash_connect::trying::TriedOn;
use salesdash_language::mask::mask;
use salesdash_language::model::Models;
use salesdash_language::types::Type;
use salesdash_providers::Types;
use salesdash_providers::definition::Definition;
use salesdash_providers::inference::{Inference, InferenceLimits};
use salesdash_store::config::Source;
use salesdash_store::{Paging, Scope};
use salesdash_value::{Text, Value, json};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::App;
use crate::app::Worked;
use crate::auth::{Caller, Reveal};
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::received::received;
use crate::wire::{At, Id};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/providers/{id}/try-enrichment",
            Role::Builder,
            "tryEnrichment",
            "Fetches an enrichment that is described for one record, and tells what it holds; stores nothing",
        )
        .body::<Try>()
        .answer::<Tried>()
        .reveals(),
        try_enrichment,
    );
}

/// An enrichment to be tried.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TryEnrichment")]
struct Try {
    /// The settings of the source, as the form has them.
    settings: Document,
    /// The name of the enrichment among them.
    enrichment: String,
    record: Which,
}

/// The record to try it on: one of both.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "TriedOnRecord")]
struct Which {
    /// The id of a record that was received.
    #[serde(default)]
    id: Option<Id>,
    /// The place, from 0, of a record on the first page of the poll, which is asked for.
    #[serde(default)]
    place: Option<usize>,
}

/// What a try came to.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "TriedEnrichment")]
struct Tried {
    /// What was picked from the record to ask for; null where it holds nothing there. Masked where it is personal.
    picked: Document,
    /// The request that was made, without secrets. Null where there was nothing to ask for.
    request: Option<String>,
    /// What was fetched; null where there is no such thing. Personal values are masked unless revealed.
    found: Option<Document>,
    /// The body of the answer, where nothing was found in it.
    body: Option<Document>,
    /// The name of the source model that it yields.
    model: String,
    /// The declaration of its fields, as inferred.
    fields: Document,
    /// What was learnt of the fields: to be given back when the source is saved.
    shape: Document,
}

async fn try_enrichment(
    State(app): State<App>,
    caller: Caller,
    reveal: Reveal,
    At(Id(provider)): At<Id>,
    Body(given): Body<Try>,
) -> Result<Answer<Tried>, Problem> {
    let on = match (given.record.id, given.record.place) {
        (Some(Id(id)), None) => TriedOn::Record(app.blocking(move |app| Ok(received(app, caller.tenant, id, true)?.record)).await?),
        (None, Some(place)) => TriedOn::Page(place),
        _ => return Err(Problem::invalid("give either the `id` of a record or its `place` on the first page").at("/record")),
    };
    let tried = app.connect()?.try_enrichment(caller.tenant, provider, &given.settings.0, &given.enrichment, on).await?;
    let ty = Models::read_one("tried", &tried.model).0.ty;
    let shown = |value: Value, ty: &Type| Document(if reveal.is_on() { value } else { mask(&value, ty) });
    Ok(Answer(Tried {
        picked: shown(tried.id, &Type::ANY),
        request: tried.request,
        found: tried.found.map(|found| shown(found, &ty)),
        body: tried.body.filter(|body| !body.is_null()).map(|body| shown(body, &Type::ANY)),
        model: tried.name.to_string(),
        fields: Document(tried.model),
        shape: Document(tried.shape),
    }))
}

/// What tries have learnt of the fields of models, by the name of each.
pub type Shapes = BTreeMap<String, Document>;

/// Stores the models of what people define on a source: which enrichments hang on its records and on each other, with what was learnt of their fields.
/// What is known of them stays, and so does what other sources of the same model offer.
pub fn describe(scope: &mut Scope<'_>, types: &Types, source: Described<'_>, shapes: &Shapes) -> Worked<()> {
    for (name, declaration) in declarations(source.definition, source.model) {
        let known = scope.model(&name)?;
        if known.as_ref().is_some_and(|known| known.shape.is_none()) {
            // Its fields are declared.
            continue;
        }
        let mut offered: Vec<(Text, Value)> = if name == source.model { of_others(scope, types, &source)? } else { Vec::new() };
        for (offer, what) in declaration.get("enrichments").and_then(Value::as_object).unwrap_or_default() {
            offered.retain(|(known, _)| known != offer);
            offered.push((offer.clone(), what.clone()));
        }
        let edits = known.as_ref().map(|known| Document::stored(&known.edits).0).unwrap_or_default();
        let mut decided: Vec<(Text, Value)> =
            edits.as_object().unwrap_or_default().iter().filter(|(key, _)| key != ENRICHMENTS).cloned().collect();
        if !offered.is_empty() {
            decided.push((Text::new_static(ENRICHMENTS), Value::object(offered)));
        }
        let edits = json::to_string(&Value::object(decided));
        let read = |value: &Value| Inference::from_value(value, InferenceLimits::DEFAULT);
        let mut learnt = known
            .as_ref()
            .and_then(|known| known.shape.as_deref())
            .and_then(|shape| read(&Document::stored(shape).0).ok())
            .unwrap_or_default();
        if let Some(shape) = shapes.get(name.as_str()) {
            let wrong = |_| Problem::invalid("this is not what a try has learnt").at(format!("/shapes/{name}"));
            learnt.merge(&read(&shape.0).map_err(wrong)?);
        }
        let shape = json::to_string(&learnt.to_value());
        let Some(declaration) = salesdash_engine::intake::declaration(&shape, &edits) else { continue };
        let same = known.as_ref().is_some_and(|known| known.edits == edits && known.shape.as_deref() == Some(&shape));
        if !same {
            scope.save_model(&name, &declaration, &edits, Some(&shape), None)?;
        }
    }
    Ok(())
}

/// A source with what people defined on it.
pub struct Described<'d> {
    /// Its id, where it is stored.
    pub id: Option<i64>,
    /// The definition that was made of its settings.
    pub definition: &'d Definition,
    /// The source model that it yields.
    pub model: &'d str,
}

/// The key of a model's edits under which stands what hangs on it.
pub const ENRICHMENTS: &str = "enrichments";

/// What other sources of the same model offer to hang on it.
fn of_others(scope: &mut Scope<'_>, types: &Types, of: &Described<'_>) -> Worked<Vec<(Text, Value)>> {
    let mut offered: Vec<(Text, Value)> = Vec::new();
    let others = scope.sources(None)?.into_iter().filter(|source| source.model == of.model && Some(source.id) != of.id);
    for other in others.collect::<Vec<_>>() {
        let settings = Document::stored(&other.settings).0;
        let kind = scope.provider(other.provider)?.kind;
        let (Some(poll), Some(kind)) = (settings.get("poll"), types.get(&kind)) else { continue };
        let Ok((_, own)) = custom(&kind.definition, poll, &settings) else { continue };
        let declared = own.declaration(of.model).unwrap_or_default();
        offered.extend(declared.get(ENRICHMENTS).and_then(Value::as_object).unwrap_or_default().iter().cloned());
    }
    Ok(offered)
}

/// Refuses to take an enrichment away that the spec of a processor on this source still reads: what it writes would fail from then on.
pub fn check_taken_away(scope: &mut Scope<'_>, source: &Source, before: &Value, after: &Value) -> Worked<()> {
    let names = |settings: &Value| -> Vec<Text> {
        let declared = settings.get(ENRICHMENTS).and_then(Value::as_object).unwrap_or_default();
        declared.iter().map(|(name, _)| name.clone()).collect()
    };
    let kept = names(after);
    let gone: Vec<Text> = names(before).into_iter().filter(|name| !kept.contains(name)).collect();
    if gone.is_empty() {
        return Ok(());
    }
    for link in scope.links(Some(source.id), None)? {
        let newest = scope.versions(link.processor, Paging { before: i64::MAX, limit: 1 })?.items.into_iter().next();
        let spec = newest.map(|version| Document::stored(&version.spec).0).unwrap_or_default();
        let read = spec.get(ENRICHMENTS).and_then(Value::as_list).unwrap_or_default();
        let used =
            read.iter().filter_map(|entry| entry.get("type").and_then(Value::as_text)).find(|used| gone.iter().any(|gone| gone == used));
        if let Some(used) = used {
            let name = scope.processor(link.processor)?.name;
            let text = format!("the spec of the processor `{name}` reads `{used}`; take it out of the spec first");
            return Err(Problem::conflict(text).at(format!("/settings/enrichments/{used}")).into());
        }
    }
    Ok(())
}
