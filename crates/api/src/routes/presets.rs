//! Ready processors of provider types: using one, and merging a newer one with what was made of it.

use std::collections::BTreeMap;

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_providers::Types;
use salesdash_providers::definition::preset::Preset;
use salesdash_store::Scope;
use salesdash_store::config::Processor;
use salesdash_store::presets::TakenOver;
use salesdash_value::{Value, json as exact};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::App;
use crate::app::{Worked, done};
use crate::auth::Caller;
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::enrichments::Shapes;
use crate::routes::links::{Link, check_constants, constants_text};
use crate::routes::models::Named;
use crate::routes::provider_types::constants_of;
use crate::routes::sources::{NewSource, SourceKind, make};
use crate::routes::specs::save_spec;
use crate::wire::{At, Id};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::POST, "/api/v1/presets", Role::Builder, "usePreset", "Makes source, processor and link of a ready processor")
            .body::<UsePreset>()
            .answer::<Made>()
            .status(201),
        use_preset,
    );
    table.add(
        Endpoint::new(
            Method::GET,
            "/api/v1/processors/{id}/preset",
            Role::Viewer,
            "getPresetOfProcessor",
            "The preset that a processor was made of, and whether a newer one ships, with both for a merge",
        )
        .answer::<OfPreset>(),
        preset_of,
    );
}

/// Values of constants, by name.
type Constants = BTreeMap<String, Value>;

/// The values that a preset gives its constants, where it gives any.
fn offered(preset: &Preset) -> Constants {
    let constants = constants_of(preset).into_iter().filter_map(|constant| {
        let value = constant.get("value").filter(|value| !value.is_null())?.clone();
        Some((constant.get("name")?.as_text()?.to_owned(), value))
    });
    constants.collect()
}

fn text_of(constants: Constants) -> String {
    exact::to_string(&Value::object(constants))
}

fn constants_in(text: &str) -> Constants {
    let stored = Document::stored(text).0;
    stored.as_object().unwrap_or_default().iter().map(|(name, value)| (name.to_string(), value.clone())).collect()
}

/// What a version takes over of a preset as it ships now.
fn taken(version: i64, kind: &str, name: &str, preset: &Preset) -> TakenOver {
    TakenOver {
        version,
        kind: kind.to_owned(),
        name: name.to_owned(),
        spec: exact::to_string(&preset.spec.0),
        constants: text_of(offered(preset)),
    }
}

/// Tells one state of a preset from another.
fn revision(taken: &TakenOver) -> String {
    let digest = Sha256::new().chain_update(&taken.spec).chain_update([0]).chain_update(&taken.constants).finalize();
    hex::encode(digest.get(..16).unwrap_or_default())
}

/// A ready processor to be used.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UsePreset {
    provider: Id,
    /// The name of the preset in the provider's type.
    preset: String,
    /// A source that is there already; else one is made.
    #[serde(default)]
    source: Option<Id>,
    /// The source to make; the preset's first where nothing is said.
    #[serde(default)]
    make: Option<MakeSource>,
    /// Values of constants, where they differ from those of the preset.
    #[serde(default)]
    constants: Option<Document>,
    /// The settings of the source to make.
    #[serde(default)]
    settings: Option<Document>,
    /// The secrets of the source to make.
    #[serde(default)]
    secrets: Option<std::collections::BTreeMap<String, Option<String>>>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct MakeSource {
    kind: SourceKind,
    /// The name of the source in the provider's type.
    name: String,
}

/// What was made.
#[derive(Serialize, JsonSchema)]
struct Made {
    source: Named,
    processor: Named,
    link: Link,
}

/// The source that a preset runs on: its kind, and its name in the type.
fn source_of(preset: &Preset, wanted: Option<&MakeSource>) -> Result<(SourceKind, String), Problem> {
    let polls = preset.polls.iter().map(|name| (SourceKind::Poll, name.0.to_string()));
    let mut offered = polls.chain(preset.webhooks.iter().map(|name| (SourceKind::Webhook, name.0.to_string())));
    let found = match wanted {
        None => offered.next(),
        Some(wanted) => offered.find(|(kind, name)| *kind == wanted.kind && *name == wanted.name),
    };
    found.ok_or_else(|| Problem::invalid("this preset does not run on such a source").at("/make"))
}

async fn use_preset(State(app): State<App>, caller: Caller, Body(given): Body<UsePreset>) -> Result<Response, Problem> {
    let types = app.types().clone();
    let author = caller.actor.clone();
    let made = app
        .change(&caller, "preset.used", move |scope| {
            let provider = scope.provider(given.provider.0)?;
            let of = types.get(&provider.kind).ok_or_else(|| Problem::conflict("this deployment has no such provider type any more"))?;
            let preset = of.presets.iter().find(|(name, _)| *name == given.preset).map(|(_, preset)| preset);
            let preset = preset.ok_or_else(|| Problem::invalid("the provider type has no such preset").at("/preset"))?;
            let source = match given.source {
                Some(Id(id)) => scope.source(id)?,
                None => {
                    let (kind, definition) = source_of(preset, given.make.as_ref())?;
                    let definitions = &of.definition;
                    let title = match kind {
                        SourceKind::Poll => definitions.polls.get(&definition).map(|poll| poll.title.to_string()),
                        _ => definitions.webhooks.get(&definition).map(|webhook| webhook.title.to_string()),
                    };
                    // A source of this kind that is there already serves.
                    let same = |source: &salesdash_store::config::Source| {
                        SourceKind::of(&source.kind) == kind
                            && Document::stored(&source.settings).0.get("definition").and_then(Value::as_text) == Some(&definition)
                    };
                    let known = scope.sources(Some(provider.id))?.into_iter().find(same).filter(|_| given.settings.is_none());
                    match known {
                        Some(known) => known,
                        None => {
                            let new = NewSource {
                                provider: provider.id,
                                name: title.unwrap_or_else(|| definition.clone()),
                                kind,
                                definition: Some(definition),
                                model: None,
                                settings: given.settings.map_or_else(|| Value::object::<&str>([]), |settings| settings.0),
                                secrets: given.secrets.unwrap_or_default(),
                                shapes: Shapes::new(),
                            };
                            make(scope, &types, new)?
                        }
                    }
                }
            };
            let takes = preset.spec.0.get("source_model").and_then(|model| model.get("type")).and_then(Value::as_text).unwrap_or_default();
            if source.model != takes {
                let text = format!("the preset takes `{takes}`, and this source yields `{}`", source.model);
                return Err(Problem::invalid(text).at("/source").into());
            }
            let processor = scope.create_processor(&check::name(&preset.title)?, takes)?;
            let note = format!("Made of the preset “{}”", preset.title);
            save_spec(scope, &processor, 0, &author, Some(&note), &Document(preset.spec.0.clone()))?;
            scope.take_over_preset(processor.id, &taken(1, &provider.kind, &given.preset, preset))?;
            let mut constants = offered(preset);
            constants_text(given.constants.as_ref())?;
            let chosen = given.constants.as_ref().and_then(|given| given.0.as_object()).unwrap_or_default();
            constants.extend(chosen.iter().map(|(name, value)| (name.to_string(), value.clone())));
            let constants = text_of(constants);
            let saved = scope.processor(processor.id)?;
            check_constants(scope, &saved, &constants, "/constants")?;
            let link = scope.create_link(source.id, processor.id, &constants)?;
            let details = json!({ "preset": given.preset, "source": source.name, "processor": processor.name });
            let made = Made {
                source: Named { id: Id(source.id), name: source.name },
                processor: Named { id: Id(processor.id), name: processor.name },
                link: Link::of(scope, link)?,
            };
            Ok(done("processor", processor.id, made).with(details))
        })
        .await?;
    Ok((StatusCode::CREATED, Answer(made)).into_response())
}

/// The preset that a processor was made of.
#[derive(Default, Serialize, JsonSchema)]
struct OfPreset {
    /// Its name. Null where the processor was made by hand.
    preset: Option<String>,
    /// The provider type that it is of.
    r#type: Option<String>,
    /// Whether another one ships than the processor was made of.
    newer: bool,
    /// What tells the one that ships now from others: to be given when a merge with it is saved.
    revision: Option<String>,
    /// The spec as the preset was when it was taken over: what both sides of a merge began with.
    base: Option<Document>,
    /// The spec as it ships now. Null where it ships no longer.
    latest: Option<Document>,
    /// The source model that the one that ships now takes, where it is another than the processor's: then it cannot be merged.
    other_model: Option<String>,
    /// The providers on which the one that ships now can be used beside it: those whose sources the processor runs on, else all of the type.
    providers: Vec<Named>,
    /// What a merge changes in the values of constants, by link: those that nobody changed follow the preset.
    constants: Vec<ConstantChange>,
}

/// The value of a constant of a link that follows the preset.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "PresetConstantChange")]
struct ConstantChange {
    /// The link.
    link: Id,
    /// The source that it is of.
    source: Named,
    /// The constant.
    name: String,
    /// Its value now. Null where it has none.
    from: Document,
    /// Its value afterwards. Null where it has none.
    to: Document,
}

/// What ships of a preset that was taken over.
fn shipped<'a>(types: &'a Types, taken: &TakenOver) -> Option<&'a Preset> {
    let presets = &types.get(&taken.kind)?.presets;
    presets.iter().find(|(known, _)| *known == taken.name).map(|(_, preset)| preset)
}

/// The values of a link's constants where a preset has moved on: those that are as the preset had them become as it has them, all others stay.
fn followed(base: &Constants, latest: &Constants, link: &Constants) -> Constants {
    let mut result = link.clone();
    for name in base.keys().chain(latest.keys()) {
        if link.get(name) == base.get(name) {
            match latest.get(name) {
                Some(value) => result.insert(name.clone(), value.clone()),
                // The default of the spec holds, where there is still such a constant.
                None => result.remove(name),
            };
        }
    }
    result
}

/// The links of a processor whose constants follow a preset, each with the values before and after.
fn following(scope: &mut Scope<'_>, processor: i64, base: &TakenOver, latest: &Preset) -> Worked<Vec<(i64, i64, Constants, Constants)>> {
    let (base, latest) = (constants_in(&base.constants), offered(latest));
    let mut changed = Vec::new();
    for link in scope.links(None, Some(processor))? {
        let before = constants_in(&scope.constants(link.id, link.constants)?);
        let after = followed(&base, &latest, &before);
        if after != before {
            changed.push((link.id, link.source, before, after));
        }
    }
    Ok(changed)
}

/// The providers of a type that a processor runs for; all of the type where it runs for none.
fn beside(scope: &mut Scope<'_>, processor: i64, kind: &str) -> Worked<Vec<Named>> {
    let mut linked = Vec::new();
    for link in scope.links(None, Some(processor))? {
        linked.push(scope.source(link.source)?.provider);
    }
    let of_type: Vec<_> = scope.providers()?.into_iter().filter(|provider| provider.kind == kind).collect();
    let runs_for_any = of_type.iter().any(|provider| linked.contains(&provider.id));
    let fits = of_type.into_iter().filter(|provider| !runs_for_any || linked.contains(&provider.id));
    Ok(fits.map(|provider| Named { id: Id(provider.id), name: provider.name }).collect())
}

async fn preset_of(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<Answer<OfPreset>, Problem> {
    let types = app.types().clone();
    app.read(caller.tenant, move |scope| {
        let processor = scope.processor(id)?;
        let Some(base) = scope.preset_of(id)? else { return Ok(Answer(OfPreset::default())) };
        let mut answer = OfPreset {
            preset: Some(base.name.clone()),
            r#type: Some(base.kind.clone()),
            base: Some(Document::stored(&base.spec)),
            ..OfPreset::default()
        };
        let Some(preset) = shipped(&types, &base) else { return Ok(Answer(answer)) };
        let now = taken(0, &base.kind, &base.name, preset);
        answer.newer = preset.spec.0 != Document::stored(&base.spec).0 || (!base.constants.is_empty() && now.constants != base.constants);
        answer.revision = Some(revision(&now));
        answer.latest = Some(Document(preset.spec.0.clone()));
        let takes = preset.spec.0.get("source_model").and_then(|model| model.get("type")).and_then(Value::as_text);
        answer.other_model = takes.filter(|takes| *takes != processor.model).map(ToOwned::to_owned);
        if !answer.newer {
            return Ok(Answer(answer));
        }
        if answer.other_model.is_some() {
            answer.providers = beside(scope, id, &base.kind)?;
            return Ok(Answer(answer));
        }
        for (link, source, before, after) in following(scope, id, &base, preset)? {
            let source = scope.source(source)?;
            let names: std::collections::BTreeSet<&String> = before.keys().chain(after.keys()).collect();
            for name in names.into_iter().filter(|name| before.get(*name) != after.get(*name)) {
                let value = |of: &Constants| Document(of.get(name).cloned().unwrap_or_default());
                let source = Named { id: Id(source.id), name: source.name.clone() };
                answer.constants.push(ConstantChange {
                    link: Id(link),
                    source,
                    name: name.clone(),
                    from: value(&before),
                    to: value(&after),
                });
            }
        }
        Ok(Answer(answer))
    })
    .await
}

/// Notes that a version that was just saved is merged with the preset as it ships now, and has the constants of links follow it.
///
/// # Errors
/// Where the processor was made of no preset, or another one ships now than was merged.
pub fn merged(scope: &mut Scope<'_>, types: &Types, processor: &Processor, version: i64, with: &str) -> Worked<()> {
    let refused = |text: &str| Problem::conflict(text).at("/preset_revision");
    let base = scope.preset_of(processor.id)?.ok_or_else(|| refused("this processor was not made of a preset"))?;
    let preset = shipped(types, &base).ok_or_else(|| refused("this preset ships no longer"))?;
    let now = taken(version, &base.kind, &base.name, preset);
    if revision(&now) != with {
        return Err(refused("another version of the preset ships now than was merged; look at the difference again").into());
    }
    for (link, _, _, after) in following(scope, processor.id, &base, preset)? {
        let enabled = scope.link(link)?.enabled;
        scope.update_link(link, enabled, Some(&text_of(after)))?;
    }
    scope.take_over_preset(processor.id, &now)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn constants(of: &[(&str, &str)]) -> Constants {
        of.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect()
    }

    #[test]
    fn constants_that_nobody_changed_follow_the_preset() {
        let base =
            constants(&[("kept", "a"), ("moved", "a"), ("edited", "a"), ("gone", "a"), ("gone but edited", "a"), ("taken away", "a")]);
        let latest = constants(&[("kept", "a"), ("moved", "b"), ("edited", "b"), ("new", "b"), ("taken away", "b")]);
        let link =
            constants(&[("kept", "a"), ("moved", "a"), ("edited", "mine"), ("gone", "a"), ("gone but edited", "mine"), ("own", "x")]);
        let expected =
            constants(&[("kept", "a"), ("moved", "b"), ("edited", "mine"), ("gone but edited", "mine"), ("own", "x"), ("new", "b")]);
        assert_eq!(followed(&base, &latest, &link), expected);
        // Once followed, nothing more changes.
        assert_eq!(followed(&latest, &latest, &expected), expected);
    }
}
