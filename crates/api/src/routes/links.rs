//! Links: a processor runs on what a source yields, with constants of its own.

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::response::{IntoResponse, Response};
use salesdash_language::check::constant_mismatch;
use salesdash_language::diagnostics::escape;
use salesdash_store::Scope;
use salesdash_store::config::{Link as Stored, Processor};
use salesdash_value::Value;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::app::{Worked, done};
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body, Document};
use crate::problem::Problem;
use crate::routes::providers::object;
use crate::wire::{At, Id};

pub fn add(table: &mut Table) {
    const ONE: &str = "/api/v1/links/{id}";
    table.add(
        Endpoint::new(Method::POST, "/api/v1/links", Role::Builder, "createLink", "Links a source to a processor")
            .body::<CreateLink>()
            .answer::<Link>()
            .status(201),
        create,
    );
    table.add(
        Endpoint::new(Method::PATCH, ONE, Role::Builder, "updateLink", "Changes a link's switch or constants")
            .body::<UpdateLink>()
            .answer::<Link>(),
        update,
    );
    table.add(Endpoint::new(Method::DELETE, ONE, Role::Builder, "deleteLink", "Removes a link").status(204), delete);
}

/// A link.
#[derive(Serialize, JsonSchema)]
pub struct Link {
    pub id: Id,
    source: Id,
    processor: Id,
    /// The name of the processor.
    processor_name: String,
    enabled: bool,
    /// The values of the processor's constants.
    constants: Document,
    /// Grows with each change of them.
    constants_version: i64,
}

impl Link {
    /// A stored link.
    pub fn of(scope: &mut Scope<'_>, stored: Stored) -> Worked<Self> {
        let constants = Document::stored(&scope.constants(stored.id, stored.constants)?);
        let processor_name = scope.processor(stored.processor)?.name;
        Ok(Self {
            id: Id(stored.id),
            source: Id(stored.source),
            processor: Id(stored.processor),
            processor_name,
            enabled: stored.enabled,
            constants,
            constants_version: stored.constants,
        })
    }
}

/// The values of constants, to be stored.
pub fn constants_text(constants: Option<&Document>) -> Result<String, Problem> {
    Ok(object(constants, "constants")?.unwrap_or_else(|| "{}".to_owned()))
}

/// Refuses values that are not of the types of the constants that the processor's newest spec declares. What it declares no longer stays
/// with the link; what has no value yet is told by the first execution.
///
/// # Errors
/// For the first value of another type, at its place below `pointer`.
pub fn check_constants(scope: &mut Scope<'_>, processor: &Processor, constants: &str, pointer: &str) -> Worked<()> {
    if processor.version == 0 {
        return Ok(());
    }
    let spec = Document::stored(&scope.version(processor.id, processor.version)?.spec);
    let values = Document::stored(constants);
    for constant in spec.0.get("constants").and_then(Value::as_list).unwrap_or_default() {
        let text = |key| constant.get(key).and_then(Value::as_text);
        let (Some(name), Some(ty)) = (text("name"), text("type")) else { continue };
        if let Some(value) = values.0.get(name)
            && let Some(wanted) = constant_mismatch(ty, value)
        {
            let text = format!("the constant `{name}` must be {wanted}, not {}", value.kind_name());
            return Err(Problem::invalid(text).at(format!("{pointer}/{}", escape(name))).into());
        }
    }
    Ok(())
}

/// A link to be made.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateLink {
    source: Id,
    processor: Id,
    #[serde(default)]
    constants: Option<Document>,
}

async fn create(State(app): State<App>, caller: Caller, Body(given): Body<CreateLink>) -> Result<Response, Problem> {
    let constants = constants_text(given.constants.as_ref())?;
    let made = app
        .change(&caller, "link.created", move |scope| {
            let (source, processor) = (scope.source(given.source.0)?, scope.processor(given.processor.0)?);
            if source.model != processor.model {
                let text = format!("the processor takes `{}`, and the source yields `{}`", processor.model, source.model);
                return Err(Problem::invalid(text).at("/processor").into());
            }
            if !scope.links(Some(source.id), Some(processor.id))?.is_empty() {
                return Err(Problem::conflict("this source is linked to this processor already").into());
            }
            check_constants(scope, &processor, &constants, "/constants")?;
            let link = scope.create_link(source.id, processor.id, &constants)?;
            let details = json!({ "source": source.name, "processor": processor.name });
            Ok(done("link", link.id, Link::of(scope, link)?).with(details))
        })
        .await?;
    Ok((StatusCode::CREATED, Answer(made)).into_response())
}

/// What is to be different.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct UpdateLink {
    #[serde(default)]
    enabled: Option<bool>,
    /// The values of all constants.
    #[serde(default)]
    constants: Option<Document>,
}

async fn update(
    State(app): State<App>,
    caller: Caller,
    At(Id(id)): At<Id>,
    Body(given): Body<UpdateLink>,
) -> Result<Answer<Link>, Problem> {
    let constants = object(given.constants.as_ref(), "constants")?;
    app.change(&caller, "link.changed", move |scope| {
        let known = scope.link(id)?;
        if let Some(constants) = &constants {
            let processor = scope.processor(known.processor)?;
            check_constants(scope, &processor, constants, "/constants")?;
        }
        let link = scope.update_link(id, given.enabled.unwrap_or(known.enabled), constants.as_deref())?;
        let details = json!({ "enabled": link.enabled, "constants_version": link.constants });
        Ok(done("link", id, Answer(Link::of(scope, link)?)).with(details))
    })
    .await
}

async fn delete(State(app): State<App>, caller: Caller, At(Id(id)): At<Id>) -> Result<StatusCode, Problem> {
    app.change(&caller, "link.deleted", move |scope| {
        scope.delete_link(id)?;
        Ok(done("link", id, StatusCode::NO_CONTENT))
    })
    .await
}
