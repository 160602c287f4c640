//! What executions write: external identities and records. The merge rules are those of the `records` crate; here is where its rows are.
//!
//! What reports sum and filter by stands in columns; the rest of a record's fields are one JSON object. Numbers are decimal text, contact
//! keys the 32 bytes of their hash, and an agent's name and e-mail address are encrypted.

use std::sync::Arc;

use salesdash_language::effect::{StateReader, StoredField};
use salesdash_language::identity::Subject;
use salesdash_records::{KnownChange, Row as Stored, Rows};
use salesdash_value::{Id, Identity, IdentityKind, Instant, RecordKind, Text, Value, json, number};

pub use crate::browse::{FoundRecords, Linked, RecordFilter, RecordsSearched};
use crate::error::{Result, StoreError};
use crate::sql::Row;
use crate::{Scope, params};

/// The number that is stored for a kind of identity or record. Never changed.
pub(crate) const fn kind_number(subject: Subject) -> i64 {
    match subject {
        Subject::Identity(IdentityKind::Agent) => 1,
        Subject::Identity(IdentityKind::Team) => 2,
        Subject::Identity(IdentityKind::Project) => 3,
        Subject::Identity(IdentityKind::Segment) => 4,
        Subject::Identity(IdentityKind::Proposition) => 5,
        Subject::Record(RecordKind::Activity) => 16,
        Subject::Record(RecordKind::Sale) => 17,
        Subject::Record(RecordKind::Call) => 18,
        Subject::Record(RecordKind::AnonymousActivity) => 19,
        Subject::Record(RecordKind::Period) => 20,
    }
}

pub(crate) fn subject_of(number: i64) -> Result<Subject> {
    let found = salesdash_records::schema::SUBJECTS.iter().copied().find(|subject| kind_number(*subject) == number);
    found.ok_or_else(|| StoreError::Damaged("a row is of an unknown kind".to_owned()))
}

/// How long an identity that is named again and again is left alone, in microseconds: an hour. Nearly every execution names some, and a write
/// for each would cost more than the time is worth.
pub const SEEN_EVERY_US: i64 = 3_600_000_000;

const NAME: &str = "external name";
const EMAIL: &str = "e-mail address";
/// What a stored keyed hash begins with.
const HASHED: &str = "hmac:";

/// The rows that the executions of one provider see and write, within a transaction.
pub struct ProviderRows<'s, 't> {
    scope: &'s mut Scope<'t>,
    provider: i64,
    /// The identity that was loaded last, where it has not been seen for long.
    unseen: Option<Id>,
}

/// A stored record, with where it comes from.
#[derive(Clone, Debug)]
pub struct RecordRow {
    /// The record.
    pub row: Stored,
    /// Its provider.
    pub provider: i64,
}

/// A stored external identity, with what it is linked to.
#[derive(Clone, Debug)]
pub struct IdentityRow {
    /// The identity.
    pub row: Stored,
    /// Its provider.
    pub provider: i64,
    /// The entity that it is linked to.
    pub entity: Option<i64>,
    /// Whether it is marked to be ignored.
    pub ignored: bool,
    /// When it was first seen.
    pub created: i64,
    /// When an execution last named it, to within [`SEEN_EVERY_US`].
    pub seen: i64,
}

fn id_of(blob: &[u8]) -> Result<Id> {
    blob.try_into().map(Id).map_err(|_| StoreError::Damaged("a row's id has the wrong length".to_owned()))
}

fn instant(micros: i64) -> Result<Instant> {
    Instant::from_microsecond(micros).map_err(|_| StoreError::Damaged("a stored time is out of range".to_owned()))
}

/// Where a field of a record is stored.
enum Column {
    Moment,
    Ended,
    Type,
    Value,
    Agent,
    Team,
    Project,
    Segment,
    Proposition,
    Contact,
    Rest,
}

fn column(field: &str) -> Column {
    match field {
        "moment" | "started_at" => Column::Moment,
        "ended_at" => Column::Ended,
        "activity_type" | "period_type" => Column::Type,
        "value" | "contract_value" => Column::Value,
        "agent_external_identity" => Column::Agent,
        "team_external_identity" => Column::Team,
        "project_external_identity" => Column::Project,
        "segment_external_identity" => Column::Segment,
        "proposition_external_identity" => Column::Proposition,
        "contact_key" => Column::Contact,
        _ => Column::Rest,
    }
}

/// A record's fields as columns.
#[derive(Default)]
struct Columns {
    moment: i64,
    ended: Option<i64>,
    kind: Option<Text>,
    value: Option<Text>,
    /// Agent, team, project, segment, proposition.
    identities: [Option<Id>; 5],
    contact: Option<Vec<u8>>,
    rest: Option<String>,
    locked: Option<String>,
}

fn columns(row: &Stored) -> Columns {
    let mut columns = Columns::default();
    let mut rest: Vec<(Text, Value)> = Vec::new();
    for (name, value) in &row.fields {
        let identity = match value {
            Value::Identity(identity) => Some(identity.id),
            _ => None,
        };
        match (column(name), value) {
            (Column::Moment, Value::Datetime(instant)) => columns.moment = instant.as_microsecond(),
            (Column::Ended, Value::Datetime(instant)) => columns.ended = Some(instant.as_microsecond()),
            (Column::Type, Value::Text(text)) => columns.kind = Some(text.clone()),
            (Column::Value, Value::Number(value)) => columns.value = Some(number::plain(*value)),
            (Column::Agent, _) => columns.identities[0] = identity,
            (Column::Team, _) => columns.identities[1] = identity,
            (Column::Project, _) => columns.identities[2] = identity,
            (Column::Segment, _) => columns.identities[3] = identity,
            (Column::Proposition, _) => columns.identities[4] = identity,
            (Column::Contact, Value::Text(text)) => columns.contact = contact(text),
            // Numbers that are not in a column are decimal text too, so that they come back as they went.
            (_, Value::Number(value)) => rest.push((name.clone(), Value::Text(number::plain(*value)))),
            (_, value) => rest.push((name.clone(), value.clone())),
        }
    }
    if !rest.is_empty() {
        columns.rest = Some(json::to_string(&Value::object(rest)));
    }
    if !row.locked.is_empty() {
        columns.locked = Some(row.locked.join(","));
    }
    columns
}

/// The bytes of a contact's hash.
pub(crate) fn contact(text: &str) -> Option<Vec<u8>> {
    text.strip_prefix(HASHED).and_then(|digits| hex::decode(digits).ok())
}

pub(crate) const RECORD: &str = "id, kind, provider, external_id, moment, ended, type, value, agent, team, project, segment, proposition, contact, \
                      rest, locked, execution";

/// A record as it stands in its columns; its identities are still only ids.
pub(crate) struct Raw {
    subject: Subject,
    pub(crate) id: Id,
    provider: i64,
    external_id: String,
    pub(crate) moment: i64,
    ended: Option<i64>,
    kind: Option<String>,
    value: Option<String>,
    identities: [Option<Vec<u8>>; 5],
    contact: Option<Vec<u8>>,
    rest: Option<String>,
    locked: Option<String>,
    execution: i64,
}

pub(crate) fn raw(row: &dyn Row) -> Result<Raw> {
    Ok(Raw {
        id: id_of(&row.blob(0)?)?,
        subject: subject_of(row.int(1)?)?,
        provider: row.int(2)?,
        external_id: row.text(3)?,
        moment: row.int(4)?,
        ended: row.maybe_int(5)?,
        kind: row.maybe_text(6)?,
        value: row.maybe_text(7)?,
        identities: [row.maybe_blob(8)?, row.maybe_blob(9)?, row.maybe_blob(10)?, row.maybe_blob(11)?, row.maybe_blob(12)?],
        contact: row.maybe_blob(13)?,
        rest: row.maybe_text(14)?,
        locked: row.maybe_text(15)?,
        execution: row.int(16)?,
    })
}

pub(crate) const IDENTITY: &str =
    "id, kind, provider, external_id, external_name, email, team, project, entity, ignored, execution, created, seen";

/// An identity as it stands in its columns.
pub(crate) struct RawIdentity {
    subject: Subject,
    id: Id,
    provider: i64,
    external_id: String,
    name: Vec<u8>,
    email: Option<Vec<u8>>,
    team: Option<Vec<u8>>,
    project: Option<Vec<u8>>,
    entity: Option<i64>,
    ignored: bool,
    execution: i64,
    created: i64,
    seen: Option<i64>,
}

pub(crate) fn raw_identity(row: &dyn Row) -> Result<RawIdentity> {
    Ok(RawIdentity {
        id: id_of(&row.blob(0)?)?,
        subject: subject_of(row.int(1)?)?,
        provider: row.int(2)?,
        external_id: row.text(3)?,
        name: row.blob(4)?,
        email: row.maybe_blob(5)?,
        team: row.maybe_blob(6)?,
        project: row.maybe_blob(7)?,
        entity: row.maybe_int(8)?,
        ignored: row.flag(9)?,
        execution: row.int(10)?,
        created: row.int(11)?,
        seen: row.maybe_int(12)?,
    })
}

/// A field's value as its type says it is.
fn typed(subject: Subject, name: &str, value: &Value) -> Value {
    use salesdash_records::schema::{FieldType, fields};
    let ty = fields(subject).iter().find(|field| field.name == name).map(|field| field.ty);
    match (ty, value) {
        (Some(FieldType::Number), Value::Text(text)) => number::parse(text).map_or_else(|| value.clone(), Value::Number),
        (Some(FieldType::Datetime), Value::Text(text)) => text.parse().map_or_else(|_| value.clone(), Value::Datetime),
        _ => value.clone(),
    }
}

impl<'t> Scope<'t> {
    /// The rows that the executions of a provider see and write.
    pub fn rows_of(&mut self, provider: i64) -> ProviderRows<'_, 't> {
        ProviderRows { scope: self, provider, unseen: None }
    }

    /// The identity that an id refers to.
    fn reference(&mut self, kind: IdentityKind, id: &[u8]) -> Result<Value> {
        let sql = "SELECT external_id FROM identities WHERE tenant = $1 AND id = $2";
        let external_id = self.sql.row(sql, params![self.tenant, id], |row| row.text(0))?.map_or_else(Text::default, Text::new);
        Ok(Value::Identity(Arc::new(Identity { kind, id: id_of(id)?, external_name: external_id.clone(), external_id })))
    }

    pub(crate) fn record_row(&mut self, raw: Raw) -> Result<RecordRow> {
        let mut fields: Vec<(Text, Value)> = Vec::with_capacity(10);
        let is_period = raw.subject == Subject::Record(RecordKind::Period);
        let is_call = raw.subject == Subject::Record(RecordKind::Call);
        fields.push((Text::new_static(if is_period || is_call { "started_at" } else { "moment" }), Value::Datetime(instant(raw.moment)?)));
        if let Some(ended) = raw.ended {
            fields.push((Text::new_static("ended_at"), Value::Datetime(instant(ended)?)));
        }
        if let Some(kind) = raw.kind {
            fields.push((Text::new_static(if is_period { "period_type" } else { "activity_type" }), Value::text(kind)));
        }
        if let Some(value) = raw.value.as_deref().and_then(number::parse) {
            let is_sale = raw.subject == Subject::Record(RecordKind::Sale);
            fields.push((Text::new_static(if is_sale { "contract_value" } else { "value" }), Value::Number(value)));
        }
        const KINDS: [(&str, IdentityKind); 5] = [
            ("agent_external_identity", IdentityKind::Agent),
            ("team_external_identity", IdentityKind::Team),
            ("project_external_identity", IdentityKind::Project),
            ("segment_external_identity", IdentityKind::Segment),
            ("proposition_external_identity", IdentityKind::Proposition),
        ];
        for (identity, (name, kind)) in raw.identities.iter().zip(KINDS) {
            if let Some(id) = identity {
                fields.push((Text::new_static(name), self.reference(kind, id)?));
            }
        }
        if let Some(contact) = raw.contact {
            fields.push((Text::new_static("contact_key"), Value::text(format!("{HASHED}{}", hex::encode(contact)))));
        }
        if let Some(rest) = raw.rest {
            let rest = json::parse(rest.as_bytes(), json::Limits::DEFAULT)
                .map_err(|error| StoreError::Damaged(format!("a record cannot be read: {error}")))?;
            for (name, value) in rest.as_object().unwrap_or_default() {
                fields.push((name.clone(), typed(raw.subject, name, value)));
            }
        }
        let locked = raw.locked.iter().flat_map(|locked| locked.split(',')).map(Text::new).collect();
        let (external_id, execution) = (Text::new(raw.external_id), raw.execution.cast_unsigned());
        let row = Stored { subject: raw.subject, id: raw.id, external_id, fields, locked, execution };
        Ok(RecordRow { row, provider: raw.provider })
    }

    pub(crate) fn identity_row(&mut self, raw: RawIdentity) -> Result<IdentityRow> {
        let mut fields = Vec::with_capacity(4);
        let is_agent = raw.subject == Subject::Identity(IdentityKind::Agent);
        let name = if is_agent {
            self.vault.open_text(NAME, &raw.name)?
        } else {
            String::from_utf8(raw.name).map_err(|_| StoreError::Damaged("an identity's name is not text".to_owned()))?
        };
        fields.push((Text::new_static("external_name"), Value::text(name)));
        if let Some(email) = raw.email {
            fields.push((Text::new_static("email"), Value::text(self.vault.open_text(EMAIL, &email)?)));
        }
        if let Some(team) = raw.team {
            fields.push((Text::new_static("team_external_identity"), self.reference(IdentityKind::Team, &team)?));
        }
        if let Some(project) = raw.project {
            fields.push((Text::new_static("project_external_identity"), self.reference(IdentityKind::Project, &project)?));
        }
        let (external_id, execution) = (Text::new(raw.external_id), raw.execution.cast_unsigned());
        let row = Stored { subject: raw.subject, id: raw.id, external_id, fields, locked: Vec::new(), execution };
        // The execution that last wrote it has its time as id.
        let seen = raw.seen.unwrap_or(0).max(raw.created).max(raw.execution);
        Ok(IdentityRow { row, provider: raw.provider, entity: raw.entity, ignored: raw.ignored, created: raw.created, seen })
    }

    /// A record.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn record(&mut self, id: Id) -> Result<Option<RecordRow>> {
        let sql = format!("SELECT {RECORD} FROM records WHERE tenant = $1 AND id = $2");
        self.sql.row(&sql, params![self.tenant, &id.0], raw)?.map(|raw| self.record_row(raw)).transpose()
    }

    /// An external identity.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn identity(&mut self, id: Id) -> Result<Option<IdentityRow>> {
        let sql = format!("SELECT {IDENTITY} FROM identities WHERE tenant = $1 AND id = $2");
        self.sql.row(&sql, params![self.tenant, &id.0], raw_identity)?.map(|raw| self.identity_row(raw)).transpose()
    }

    /// Links an identity to an entity, or takes the link away; marks it to be ignored or not.
    ///
    /// # Errors
    /// Where there is no such identity.
    pub fn link_identity(&mut self, id: Id, entity: Option<i64>, ignored: bool) -> Result<()> {
        let sql = "UPDATE identities SET entity = $1, ignored = $2 WHERE tenant = $3 AND id = $4";
        match self.sql.execute(sql, params![entity, ignored, self.tenant, &id.0])? {
            0 => Err(StoreError::Missing("external identity")),
            _ => Ok(()),
        }
    }

    /// Counts a record more, or fewer, of its kind: of those that name an identity, where the value of its field is one; of all where none
    /// is given.
    fn tally(&mut self, subject: Subject, value: Option<&Value>, more: i64) -> Result<()> {
        let identity: &[u8] = match value {
            None => &[],
            Some(Value::Identity(identity)) => &identity.id.0,
            Some(_) => return Ok(()),
        };
        let sql = "INSERT INTO tallies (tenant, identity, kind, records) VALUES ($1, $2, $3, $4) \
                   ON CONFLICT (tenant, identity, kind) DO UPDATE SET records = tallies.records + excluded.records";
        self.sql.execute(sql, params![self.tenant, identity, kind_number(subject), more]).map(|_| ())
    }

    fn insert_record(&mut self, row: &Stored, provider: i64) -> Result<()> {
        let columns = columns(row);
        let [agent, team, project, segment, proposition] = columns.identities.map(|id| id.map(|id| id.0));
        self.sql
            .execute(
                "INSERT INTO records (tenant, id, kind, provider, external_id, moment, ended, type, value, agent, team, project, segment, \
                 proposition, contact, rest, locked, execution) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
                params![
                    self.tenant,
                    &row.id.0,
                    kind_number(row.subject),
                    provider,
                    row.external_id.as_str(),
                    columns.moment,
                    columns.ended,
                    columns.kind.as_deref(),
                    columns.value.as_deref(),
                    agent.as_ref(),
                    team.as_ref(),
                    project.as_ref(),
                    segment.as_ref(),
                    proposition.as_ref(),
                    columns.contact.as_ref(),
                    columns.rest.as_ref(),
                    columns.locked.as_ref(),
                    row.execution.cast_signed()
                ],
            )
            .map(|_| ())
    }

    pub(crate) fn update_record(&mut self, row: &Stored) -> Result<()> {
        let columns = columns(row);
        let [agent, team, project, segment, proposition] = columns.identities.map(|id| id.map(|id| id.0));
        self.sql
            .execute(
                "UPDATE records SET moment = $1, ended = $2, type = $3, value = $4, agent = $5, team = $6, project = $7, segment = $8, \
                 proposition = $9, contact = $10, rest = $11, locked = $12, execution = $13 WHERE tenant = $14 AND id = $15",
                params![
                    columns.moment,
                    columns.ended,
                    columns.kind.as_deref(),
                    columns.value.as_deref(),
                    agent.as_ref(),
                    team.as_ref(),
                    project.as_ref(),
                    segment.as_ref(),
                    proposition.as_ref(),
                    columns.contact.as_ref(),
                    columns.rest.as_ref(),
                    columns.locked.as_ref(),
                    row.execution.cast_signed(),
                    self.tenant,
                    &row.id.0
                ],
            )
            .map(|_| ())
    }

    /// An identity's columns: its name and e-mail address, encrypted where they are a person's, its team and its project.
    #[allow(clippy::type_complexity)]
    fn identity_columns(&self, row: &Stored) -> Result<(Vec<u8>, Option<Vec<u8>>, Option<[u8; 16]>, Option<[u8; 16]>)> {
        let name = row.field("external_name").as_text().unwrap_or(&row.external_id);
        let is_agent = row.subject == Subject::Identity(IdentityKind::Agent);
        let name = if is_agent { self.vault.seal(NAME, name.as_bytes())? } else { name.as_bytes().to_vec() };
        let email = row.field("email").as_text().map(|email| self.vault.seal(EMAIL, email.as_bytes())).transpose()?;
        let reference = |name: &str| match row.field(name) {
            Value::Identity(identity) => Some(identity.id.0),
            _ => None,
        };
        Ok((name, email, reference("team_external_identity"), reference("project_external_identity")))
    }

    fn insert_identity(&mut self, row: &Stored, provider: i64) -> Result<()> {
        let (name, email, team, project) = self.identity_columns(row)?;
        let created = self.next_id();
        self.sql
            .execute(
                "INSERT INTO identities (tenant, id, kind, provider, external_id, external_name, email, team, project, ignored, execution, \
                 created) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11)",
                params![
                    self.tenant,
                    &row.id.0,
                    kind_number(row.subject),
                    provider,
                    row.external_id.as_str(),
                    &name,
                    email.as_ref(),
                    team.as_ref(),
                    project.as_ref(),
                    row.execution.cast_signed(),
                    created
                ],
            )
            .map(|_| ())
    }

    fn update_identity(&mut self, row: &Stored) -> Result<()> {
        let (name, email, team, project) = self.identity_columns(row)?;
        let sql = "UPDATE identities SET external_name = $1, email = $2, team = $3, project = $4, execution = $5 \
                   WHERE tenant = $6 AND id = $7";
        self.sql
            .execute(
                sql,
                params![&name, email.as_ref(), team.as_ref(), project.as_ref(), row.execution.cast_signed(), self.tenant, &row.id.0],
            )
            .map(|_| ())
    }
}

impl Rows for ProviderRows<'_, '_> {
    type Error = StoreError;

    fn load(&mut self, subject: Subject, id: Id) -> Result<Option<Stored>> {
        match subject {
            Subject::Identity(_) => {
                let found = self.scope.identity(id)?;
                let now = self.scope.now();
                self.unseen = found.as_ref().filter(|found| now - found.seen >= SEEN_EVERY_US).map(|found| found.row.id);
                Ok(found.map(|identity| identity.row))
            }
            Subject::Record(_) => Ok(self.scope.record(id)?.map(|record| record.row)),
        }
    }

    fn named(&mut self, row: &Stored) -> Result<()> {
        if self.unseen.take() != Some(row.id) {
            return Ok(());
        }
        let sql = "UPDATE identities SET seen = $1 WHERE tenant = $2 AND id = $3";
        let now = self.scope.now();
        self.scope.sql.execute(sql, params![now, self.scope.tenant, &row.id.0]).map(|_| ())
    }

    fn insert(&mut self, row: &Stored) -> Result<()> {
        match row.subject {
            Subject::Identity(_) => self.scope.insert_identity(row, self.provider),
            Subject::Record(_) => {
                self.scope.insert_record(row, self.provider)?;
                self.scope.tally(row.subject, None, 1)?;
                row.fields.iter().try_for_each(|(_, value)| self.scope.tally(row.subject, Some(value), 1))
            }
        }
    }

    fn update(&mut self, row: &Stored, changed: &[(Text, Value)]) -> Result<()> {
        match row.subject {
            Subject::Identity(_) => self.scope.update_identity(row),
            Subject::Record(_) => {
                for (name, before) in changed {
                    self.scope.tally(row.subject, Some(before), -1)?;
                    self.scope.tally(row.subject, Some(row.field(name)), 1)?;
                }
                self.scope.update_record(row)
            }
        }
    }

    fn remove(&mut self, row: &Stored) -> Result<()> {
        let sql = match row.subject {
            Subject::Identity(_) => "DELETE FROM identities WHERE tenant = $1 AND id = $2",
            Subject::Record(_) => {
                self.scope.tally(row.subject, None, -1)?;
                row.fields.iter().try_for_each(|(_, value)| self.scope.tally(row.subject, Some(value), -1))?;
                "DELETE FROM records WHERE tenant = $1 AND id = $2"
            }
        };
        self.scope.sql.execute(sql, params![self.scope.tenant, &row.id.0]).map(|_| ())
    }

    fn lock(&mut self, row: &Stored, field: &str, locked: bool) -> Result<()> {
        let mut row = row.clone();
        row.locked.retain(|known| known != field);
        if locked {
            row.locked.push(Text::new(field));
        }
        self.scope.update_record(&row)
    }

    fn of_contact(&mut self, kind: RecordKind, contact_key: &str, of_type: Option<&str>, open_only: bool) -> Result<Vec<Stored>> {
        let Some(contact) = contact(contact_key) else { return Ok(Vec::new()) };
        let mut sql = format!("SELECT {RECORD} FROM records WHERE tenant = $1 AND contact = $2 AND kind = $3 AND provider = $4");
        if open_only {
            sql.push_str(" AND ended IS NULL");
        }
        if of_type.is_some() {
            sql.push_str(" AND type = $5");
        }
        sql.push_str(" ORDER BY id");
        let kind = kind_number(Subject::Record(kind));
        let scope = &mut *self.scope;
        let rows = match of_type {
            Some(of_type) => scope.sql.rows(&sql, params![scope.tenant, &contact, kind, self.provider, of_type], raw)?,
            None => scope.sql.rows(&sql, params![scope.tenant, &contact, kind, self.provider], raw)?,
        };
        rows.into_iter().map(|raw| Ok(scope.record_row(raw)?.row)).collect()
    }

    fn changes(&mut self, contact_key: &str, track: &str) -> Result<Vec<KnownChange>> {
        let contact = contact(contact_key).unwrap_or_default();
        let sql = "SELECT moment, id, period_type, external_id FROM contact_changes \
                   WHERE tenant = $1 AND provider = $2 AND contact = $3 AND track = $4";
        let scope = &mut *self.scope;
        scope.sql.rows(sql, params![scope.tenant, self.provider, &contact, track], |row| {
            Ok(KnownChange {
                moment: instant(row.int(0)?)?,
                id: id_of(&row.blob(1)?)?,
                period_type: row.maybe_text(2)?.map(Text::new),
                external_id: Text::new(row.text(3)?),
            })
        })
    }

    fn insert_change(&mut self, contact_key: &str, track: &str, change: &KnownChange) -> Result<()> {
        let contact = contact(contact_key).unwrap_or_default();
        let scope = &mut *self.scope;
        scope
            .sql
            .execute(
                "INSERT INTO contact_changes (tenant, provider, contact, track, moment, id, period_type, external_id) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                params![
                    scope.tenant,
                    self.provider,
                    &contact,
                    track,
                    change.moment.as_microsecond(),
                    &change.id.0,
                    change.period_type.as_deref(),
                    change.external_id.as_str()
                ],
            )
            .map(|_| ())
    }

    fn remove_change(&mut self, id: Id) -> Result<()> {
        let sql = "DELETE FROM contact_changes WHERE tenant = $1 AND provider = $2 AND id = $3";
        self.scope.sql.execute(sql, params![self.scope.tenant, self.provider, &id.0]).map(|_| ())
    }
}

/// What an evaluation reads from the stored records, within a transaction.
pub struct StoredState<'s, 't> {
    scope: std::cell::RefCell<&'s mut Scope<'t>>,
    failure: std::cell::RefCell<Option<StoreError>>,
}

impl<'s, 't> StoredState<'s, 't> {
    /// The stored records that a transaction sees.
    pub fn new(scope: &'s mut Scope<'t>) -> Self {
        Self { scope: std::cell::RefCell::new(scope), failure: std::cell::RefCell::default() }
    }

    /// Whether every read went well. An evaluation that got a wrong answer must not be used.
    ///
    /// # Errors
    /// Where one did not.
    pub fn checked(self) -> Result<()> {
        self.failure.into_inner().map_or(Ok(()), Err)
    }
}

impl StateReader for StoredState<'_, '_> {
    fn field(&self, _kind: RecordKind, record: Id, field: &str) -> StoredField {
        match self.scope.borrow_mut().record(record) {
            Ok(found) => found.map(|record| record.row.stored(field)).unwrap_or_default(),
            Err(error) => {
                self.failure.borrow_mut().get_or_insert(error);
                StoredField::default()
            }
        }
    }
}
