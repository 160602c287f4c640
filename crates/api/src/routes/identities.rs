//! External identities: linked to the tenant's own agents, teams and so on, or not yet.

use axum::extract::State;
use axum::http::Method;
use salesdash_language::identity::Subject;
use salesdash_language::mask::MASK;
use salesdash_store::browse::Linked;
use salesdash_store::entities::Entity as StoredEntity;
use salesdash_store::records::IdentityRow;
use salesdash_store::{Paging, Scope};
use salesdash_value::{Id as RowId, IdentityKind};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::App;
use crate::app::{Worked, done};
use crate::auth::Caller;
use crate::check;
use crate::endpoint::{Endpoint, Role, Table};
use crate::json::{Answer, Body};
use crate::problem::Problem;
use crate::routes::models::Named;
use crate::wire::{Id, Listed, PageQuery, Params, Time};

pub fn add(table: &mut Table) {
    table.add(
        Endpoint::new(Method::GET, "/api/v1/identities", Role::Viewer, "listIdentities", "External identities, newest first")
            .query::<IdentitiesQuery>()
            .answer::<Listed<Identity>>(),
        list,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/identities/link",
            Role::Builder,
            "linkIdentities",
            "Links identities to an entity of their kind, or to one that is made on the spot",
        )
        .body::<LinkIdentities>()
        .answer::<LinkedIdentities>(),
        link,
    );
    table.add(
        Endpoint::new(Method::POST, "/api/v1/identities/ignore", Role::Builder, "ignoreIdentities", "Marks identities to be ignored")
            .body::<Ids>()
            .answer::<LinkedIdentities>(),
        ignore,
    );
    table.add(
        Endpoint::new(
            Method::POST,
            "/api/v1/identities/unlink",
            Role::Builder,
            "unlinkIdentities",
            "Takes the link of identities away, and the mark to ignore them",
        )
        .body::<Ids>()
        .answer::<LinkedIdentities>(),
        unlink,
    );
}

/// Identities that one request links at most.
const MAX_IDS: usize = 1000;
/// Entities that are looked through for suggestions.
const MAX_CANDIDATES: usize = 5000;
/// Suggestions for one identity at most.
const MAX_SUGGESTIONS: usize = 3;

/// The kinds, by what they are linked to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Agent,
    Team,
    Project,
    Segment,
    Proposition,
}

impl Kind {
    const ALL: [(Self, IdentityKind); 5] = [
        (Self::Agent, IdentityKind::Agent),
        (Self::Team, IdentityKind::Team),
        (Self::Project, IdentityKind::Project),
        (Self::Segment, IdentityKind::Segment),
        (Self::Proposition, IdentityKind::Proposition),
    ];

    fn stored(self) -> IdentityKind {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or(IdentityKind::Agent, |(_, stored)| *stored)
    }

    fn of(stored: IdentityKind) -> Self {
        Self::ALL.iter().find(|(_, known)| *known == stored).map_or(Self::Agent, |(kind, _)| *kind)
    }
}

/// Whether an identity is linked.
#[derive(Clone, Copy, Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Which {
    /// Neither linked nor ignored.
    #[default]
    No,
    /// Linked.
    Yes,
    /// Ignored.
    Ignored,
    /// All of them.
    Any,
}

#[derive(Deserialize, JsonSchema)]
struct IdentitiesQuery {
    /// Those that are not linked, where nothing is said.
    #[serde(default)]
    linked: Which,
    #[serde(default)]
    kind: Option<Kind>,
    #[serde(default)]
    provider: Option<Id>,
    /// Part of the external name or id.
    #[serde(default)]
    q: Option<String>,
    #[serde(default)]
    cursor: Option<String>,
    #[serde(default)]
    limit: Option<usize>,
}

/// An external identity.
#[derive(Serialize, JsonSchema)]
struct Identity {
    /// 32 hexadecimal digits.
    id: String,
    kind: Kind,
    provider: Named,
    external_id: String,
    external_name: String,
    /// Masked for those who may not reveal personal data.
    email: Option<String>,
    first_seen: Time,
    /// When an execution last named it, to within an hour.
    last_seen: Time,
    /// Records that name it.
    waiting_records: i64,
    entity: Option<Named>,
    ignored: bool,
    suggestions: Vec<Suggestion>,
}

/// An entity that an identity may stand for.
#[derive(Serialize, JsonSchema)]
struct Suggestion {
    entity: Named,
    /// Why, in words.
    why: &'static str,
    /// From 0 to 1.
    score: f64,
}

/// The kind of a stored identity.
fn kind_of(row: &IdentityRow) -> IdentityKind {
    match row.row.subject {
        Subject::Identity(kind) => kind,
        Subject::Record(_) => IdentityKind::Agent,
    }
}

fn name_of(row: &IdentityRow) -> &str {
    row.row.field("external_name").as_text().unwrap_or(&row.row.external_id)
}

fn hex_id(id: RowId) -> String {
    hex::encode(id.0)
}

/// The id of a row from its 32 digits.
pub fn row_id(text: &str) -> Result<RowId, Problem> {
    let bytes = hex::decode(text).ok().and_then(|bytes| <[u8; 16]>::try_from(bytes).ok());
    bytes.map(RowId).ok_or_else(|| Problem::not_found("there is no such row; its id has 32 hexadecimal digits"))
}

fn suggestions(row: &IdentityRow, candidates: &[StoredEntity]) -> Vec<Suggestion> {
    let email = row.row.field("email").as_text().map(|email| email.trim().to_lowercase());
    let name = name_of(row).trim().to_lowercase();
    let mut found: Vec<Suggestion> = candidates
        .iter()
        .filter_map(|candidate| {
            let of_candidate = candidate.email.as_ref().map(|email| email.trim().to_lowercase());
            let entity = || Named { id: Id(candidate.id), name: candidate.name.clone() };
            if email.is_some() && email == of_candidate {
                return Some(Suggestion { entity: entity(), why: "the same e-mail address", score: 1.0 });
            }
            let known = candidate.name.trim().to_lowercase();
            if !name.is_empty() && name == known {
                return Some(Suggestion { entity: entity(), why: "the same name", score: 0.9 });
            }
            let alike = strsim::jaro_winkler(&name, &known);
            (alike >= 0.88).then(|| Suggestion { entity: entity(), why: "a similar name", score: alike * 0.8 })
        })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    found.truncate(MAX_SUGGESTIONS);
    found
}

async fn list(State(app): State<App>, caller: Caller, Params(query): Params<IdentitiesQuery>) -> Result<Answer<Listed<Identity>>, Problem> {
    let paging = PageQuery { cursor: query.cursor, limit: query.limit }.paging()?;
    let linked = match query.linked {
        Which::No => Linked::No,
        Which::Yes => Linked::Yes,
        Which::Ignored => Linked::Ignored,
        Which::Any => Linked::Any,
    };
    let kinds: Vec<IdentityKind> = query.kind.map_or_else(|| IdentityKind::ALL.to_vec(), |kind| vec![kind.stored()]);
    let wanted = query.q.map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty());
    let provider = query.provider.map(|Id(id)| id);
    app.read(caller.tenant, move |scope| {
        let keep = |row: &IdentityRow| {
            provider.is_none_or(|provider| row.provider == provider)
                && wanted.as_ref().is_none_or(|wanted| {
                    name_of(row).to_lowercase().contains(wanted.as_str()) || row.row.external_id.to_lowercase().contains(wanted.as_str())
                })
        };
        let page = scope.identities_where(&kinds, linked, paging, keep)?;
        Ok(Answer(Listed { items: wire(scope, page.items, caller.reveal)?, next: page.next }))
    })
    .await
}

/// Rows as they stand on the wire.
fn wire(scope: &mut Scope<'_>, rows: Vec<IdentityRow>, reveal: bool) -> Worked<Vec<Identity>> {
    let providers = scope.providers()?;
    let ids: Vec<RowId> = rows.iter().map(|row| row.row.id).collect();
    let counts = scope.records_naming(&ids)?;
    let mut candidates: Vec<(IdentityKind, Vec<StoredEntity>)> = Vec::new();
    for kind in IdentityKind::ALL {
        if rows.iter().any(|row| kind_of(row) == *kind && row.entity.is_none()) {
            let all = Paging { before: i64::MAX, limit: MAX_CANDIDATES };
            let mut of_kind = scope.entities(*kind, all)?.items;
            of_kind.retain(|entity| !entity.archived);
            candidates.push((*kind, of_kind));
        }
    }
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let kind = kind_of(&row);
        let provider = providers.iter().find(|provider| provider.id == row.provider);
        let entity = match row.entity {
            Some(id) => Some(Named { id: Id(id), name: scope.entity(id)?.name }),
            None => None,
        };
        let of_kind = candidates.iter().find(|(known, _)| *known == kind).map_or(&[][..], |(_, of_kind)| of_kind);
        let suggestions = if entity.is_none() && !row.ignored { suggestions(&row, of_kind) } else { Vec::new() };
        let email = row.row.field("email").as_text();
        items.push(Identity {
            id: hex_id(row.row.id),
            kind: Kind::of(kind),
            provider: Named { id: Id(row.provider), name: provider.map(|provider| provider.name.clone()).unwrap_or_default() },
            external_id: row.row.external_id.to_string(),
            external_name: name_of(&row).to_owned(),
            email: email.map(|email| if reveal { email.to_owned() } else { MASK.to_owned() }),
            first_seen: Time(row.created),
            last_seen: Time(row.seen),
            waiting_records: counts.iter().find(|(id, _)| *id == row.row.id).map_or(0, |(_, count)| *count),
            entity,
            ignored: row.ignored,
            suggestions,
        });
    }
    Ok(items)
}

/// Identities by their ids.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ids {
    ids: Vec<String>,
}

/// Identities, and what to link them to: one of both.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct LinkIdentities {
    ids: Vec<String>,
    /// An entity of their kind.
    #[serde(default)]
    entity: Option<Id>,
    /// An entity that is made on the spot.
    #[serde(default)]
    create: Option<CreateAndLink>,
}

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct CreateAndLink {
    name: String,
    /// An agent's e-mail address.
    #[serde(default)]
    email: Option<String>,
}

/// What was changed: the opposite call undoes it.
#[derive(Serialize, JsonSchema)]
struct LinkedIdentities {
    /// The entity that they are linked to now.
    entity: Option<Named>,
    changed: Vec<ChangedIdentity>,
}

#[derive(Serialize, JsonSchema)]
struct ChangedIdentity {
    id: String,
    /// What it was linked to before.
    entity_before: Option<Id>,
    ignored_before: bool,
}

fn row_ids(ids: &[String]) -> Result<Vec<RowId>, Problem> {
    if ids.is_empty() || ids.len() > MAX_IDS {
        return Err(Problem::invalid(format!("give 1 to {MAX_IDS} ids")).at("/ids"));
    }
    ids.iter().map(|id| row_id(id)).collect()
}

fn known(scope: &mut Scope<'_>, ids: &[RowId]) -> Worked<Vec<IdentityRow>> {
    ids.iter().map(|id| Ok(scope.identity(*id)?.ok_or_else(|| Problem::not_found("there is no such external identity"))?)).collect()
}

fn apply(scope: &mut Scope<'_>, rows: &[IdentityRow], entity: Option<i64>, ignored: bool) -> Worked<Vec<ChangedIdentity>> {
    let mut changed = Vec::new();
    for row in rows {
        if row.entity == entity && row.ignored == ignored {
            continue;
        }
        scope.link_identity(row.row.id, entity, ignored)?;
        changed.push(ChangedIdentity { id: hex_id(row.row.id), entity_before: row.entity.map(Id), ignored_before: row.ignored });
    }
    Ok(changed)
}

fn target(rows: &[IdentityRow]) -> String {
    match rows {
        [one] => hex_id(one.row.id),
        several => format!("{} and {} more", hex_id(several[0].row.id), several.len() - 1),
    }
}

async fn link(State(app): State<App>, caller: Caller, Body(given): Body<LinkIdentities>) -> Result<Answer<LinkedIdentities>, Problem> {
    let ids = row_ids(&given.ids)?;
    let create = match (&given.entity, given.create) {
        (Some(_), None) => None,
        (None, Some(create)) => Some((check::name(&create.name)?, create.email.as_deref().map(check::email).transpose()?)),
        _ => return Err(Problem::invalid("give either `entity` or `create`").at("/entity")),
    };
    app.change(&caller, "identities.linked", move |scope| {
        let rows = known(scope, &ids)?;
        let kind = kind_of(&rows[0]);
        if rows.iter().any(|row| kind_of(row) != kind) {
            return Err(Problem::invalid("these identities are of different kinds").at("/ids").into());
        }
        let entity = match (given.entity, create) {
            (_, Some((name, email))) => scope.create_entity(kind, &name, email.as_deref())?,
            (Some(Id(id)), None) => scope.entity(id)?,
            (None, None) => return Err(Problem::invalid("give either `entity` or `create`").into()),
        };
        if entity.kind != kind {
            return Err(Problem::invalid("an identity can only be linked to an entity of its own kind").at("/entity").into());
        }
        let changed = apply(scope, &rows, Some(entity.id), false)?;
        let details = json!({ "entity": entity.id.to_string(), "identities": changed.len() });
        let entity = Some(Named { id: Id(entity.id), name: entity.name });
        Ok(done("identity", target(&rows), Answer(LinkedIdentities { entity, changed })).with(details))
    })
    .await
}

async fn mark(
    app: App,
    caller: Caller,
    ids: Vec<String>,
    action: &'static str,
    ignored: bool,
) -> Result<Answer<LinkedIdentities>, Problem> {
    let ids = row_ids(&ids)?;
    app.change(&caller, action, move |scope| {
        let rows = known(scope, &ids)?;
        let changed = apply(scope, &rows, None, ignored)?;
        let details = json!({ "identities": changed.len() });
        Ok(done("identity", target(&rows), Answer(LinkedIdentities { entity: None, changed })).with(details))
    })
    .await
}

async fn ignore(State(app): State<App>, caller: Caller, Body(given): Body<Ids>) -> Result<Answer<LinkedIdentities>, Problem> {
    mark(app, caller, given.ids, "identities.ignored", true).await
}

async fn unlink(State(app): State<App>, caller: Caller, Body(given): Body<Ids>) -> Result<Answer<LinkedIdentities>, Problem> {
    mark(app, caller, given.ids, "identities.unlinked", false).await
}
