//! Lists of what executions wrote and of what it was written by: records, external identities, and the executions and source models
//! around them.

use salesdash_language::identity::{self, Subject};
use salesdash_value::{Id, IdentityKind, RecordKind};

use crate::deliveries::SourceModel;
use crate::error::{Result, StoreError};
use crate::executions::{Execution, RecordKey};
use crate::numbers::{meant_sql, of_model};
use crate::records::{IDENTITY, IdentityRow, RECORD, RecordRow, kind_number, raw, raw_identity, subject_of};
use crate::sql::Param;
use crate::{Page, Paging, Scope, deliveries, executions, params};

/// Which identities a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// All.
    Any,
    /// Those that are linked to an entity.
    Yes,
    /// Those that are neither linked nor ignored.
    No,
    /// Those that are ignored.
    Ignored,
}

/// Which records a list shows.
#[derive(Clone, Debug, Default)]
pub struct RecordFilter {
    /// From this moment on.
    pub from: Option<i64>,
    /// Before this moment.
    pub to: Option<i64>,
    /// Those of these identities of agents.
    pub agents: Option<Vec<Id>>,
    /// Those of one provider.
    pub provider: Option<i64>,
    /// Those that one execution last wrote.
    pub execution: Option<i64>,
    /// Those whose external id holds this text; where it is an external id as a whole, the records of this id alone.
    pub external_id: Option<String>,
}

/// Rows that are read at a time where each is looked at.
const CHUNK: usize = 500;

/// A page of records that were looked for.
#[derive(Clone, Debug)]
pub struct FoundRecords {
    /// The records. There may be a next page after one without any.
    pub page: Page<RecordRow>,
    /// How far they were gone through for this page. `None` where they were looked up.
    pub searched: Option<RecordsSearched>,
}

/// How far records were gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RecordsSearched {
    /// Records that were looked at.
    pub count: i64,
    /// The moment of the oldest of them. `None` where all there are have been looked at.
    pub back_to: Option<i64>,
}

/// A place in a list of records: the moment and the id of one.
type Place = (i64, Vec<u8>);

/// Ids as they stand in a statement.
fn list<'i>(ids: impl IntoIterator<Item = &'i i64>) -> String {
    let ids: Vec<String> = ids.into_iter().map(ToString::to_string).collect();
    if ids.is_empty() { "0".to_owned() } else { ids.join(", ") }
}

impl Scope<'_> {
    /// Records of a kind, newest moment first. The cursor is the moment and the id of the last one.
    ///
    /// # Errors
    /// Where the database fails, or the cursor is none.
    pub fn records(&mut self, kind: RecordKind, filter: &RecordFilter, cursor: Option<&str>, limit: usize) -> Result<Page<RecordRow>> {
        self.records_of(kind, filter, None, (cursor, None), limit)
    }

    /// Records of a kind whose external id is a text, or else of those that hold it, newest moment first. Ids follow from external ids, so
    /// a whole one is looked up; whatever only holds the text is looked for row by row, `most` rows for each page.
    ///
    /// # Errors
    /// As [`Self::records`].
    pub fn find_records(
        &mut self,
        kind: RecordKind,
        filter: &RecordFilter,
        cursor: Option<&str>,
        limit: usize,
        most: i64,
    ) -> Result<FoundRecords> {
        if let (Some(text), None) = (&filter.external_id, cursor) {
            let ids: Vec<Id> = self.providers()?.iter().map(|provider| self.record_id(provider.id, kind, text)).collect();
            let whole = self.records_of(kind, filter, Some(&ids), (None, None), limit)?;
            if !whole.items.is_empty() {
                return Ok(FoundRecords { page: whole, searched: None });
            }
        }
        let (before, last) = place(cursor)?;
        let number = kind_number(Subject::Record(kind));
        let (from, to) = (filter.from.unwrap_or(i64::MIN), filter.to.unwrap_or(i64::MAX));
        // Both read the index alone.
        let sql = "SELECT moment, id FROM records WHERE tenant = $1 AND kind = $2 AND moment >= $3 AND moment < $4 \
                   AND (moment < $5 OR (moment = $5 AND id < $6)) ORDER BY moment DESC, id DESC LIMIT 1 OFFSET $7";
        let given = params![self.tenant, number, from, to, before, &last, most.max(1) - 1];
        let end = self.sql.row(sql, given, |row| Ok((row.int(0)?, row.blob(1)?)))?;
        let within = RecordFilter { from: end.as_ref().map_or(filter.from, |(moment, _)| Some(*moment)), ..filter.clone() };
        let mut page = self.records_of(kind, &within, None, (cursor, end.as_ref()), limit)?;
        let stopped = match &page.next {
            Some(next) => Some(place(Some(next))?),
            None => end,
        };
        page.next = stopped.as_ref().map(cursor_of);
        let sql = "SELECT COUNT(*) FROM records WHERE tenant = $1 AND kind = $2 AND moment >= $3 AND moment < $4 \
                   AND (moment < $5 OR (moment = $5 AND id < $6)) AND (moment > $7 OR (moment = $7 AND id >= $8))";
        let (oldest, id) = stopped.clone().unwrap_or((i64::MIN, Vec::new()));
        let given = params![self.tenant, number, from.max(oldest), to, before, &last, oldest, &id];
        let count = self.sql.row(sql, given, |row| row.int(0))?.unwrap_or(0);
        Ok(FoundRecords { page, searched: Some(RecordsSearched { count, back_to: stopped.map(|(moment, _)| moment) }) })
    }

    fn record_id(&self, provider: i64, kind: RecordKind, external_id: &str) -> Id {
        identity::id(self.tenant.cast_unsigned(), provider.cast_unsigned(), Subject::Record(kind), external_id)
    }

    fn records_of(
        &mut self,
        kind: RecordKind,
        filter: &RecordFilter,
        ids: Option<&[Id]>,
        (cursor, end): (Option<&str>, Option<&Place>),
        limit: usize,
    ) -> Result<Page<RecordRow>> {
        let (moment, id) = place(cursor)?;
        let mut sql = format!(
            "SELECT {RECORD} FROM records WHERE tenant = $1 AND kind = $2 AND moment >= $3 AND moment < $4 \
             AND (moment < $5 OR (moment = $5 AND id < $6))"
        );
        let (from, to) = (filter.from.unwrap_or(i64::MIN), filter.to.unwrap_or(i64::MAX));
        let number = kind_number(Subject::Record(kind));
        let mut given: Vec<Param<'_>> = params![self.tenant, number, from, to, moment, &id, limit as i64 + 1].to_vec();
        for (number, column) in [(filter.execution, "execution"), (filter.provider, "provider")] {
            if let Some(number) = number {
                given.push(number.into());
                sql.push_str(&format!(" AND {column} = ${}", given.len()));
            }
        }
        if let Some(agents) = &filter.agents {
            let mut places = Vec::new();
            for agent in agents {
                given.push((&agent.0).into());
                places.push(format!("${}", given.len()));
            }
            let places = if places.is_empty() { "NULL".to_owned() } else { places.join(", ") };
            sql.push_str(&format!(" AND agent IN ({places})"));
        }
        if let Some(ids) = ids {
            let mut places = Vec::new();
            for id in ids {
                given.push((&id.0).into());
                places.push(format!("${}", given.len()));
            }
            let places = if places.is_empty() { "NULL".to_owned() } else { places.join(", ") };
            sql.push_str(&format!(" AND id IN ({places})"));
        }
        if let Some((moment, id)) = end {
            given.push((*moment).into());
            given.push(id.into());
            let (moment, id) = (given.len() - 1, given.len());
            sql.push_str(&format!(" AND (moment > ${moment} OR (moment = ${moment} AND id >= ${id}))"));
        }
        let pattern = filter.external_id.as_ref().map(|text| like(text));
        if let Some(pattern) = &pattern {
            given.push(pattern.into());
            sql.push_str(&format!(" AND external_id LIKE ${} ESCAPE '!'", given.len()));
        }
        sql.push_str(" ORDER BY moment DESC, id DESC LIMIT $7");
        let mut rows = self.sql.rows(&sql, &given, raw)?;
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| cursor_of(&(last.moment, last.id.0.to_vec())));
        let items = rows.into_iter().map(|raw| self.record_row(raw)).collect::<Result<_>>()?;
        Ok(Page { items, next })
    }

    /// External identities of a kind, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn identities(&mut self, kind: IdentityKind, linked: Linked, paging: Paging) -> Result<Page<IdentityRow>> {
        let which = match linked {
            Linked::Any => "",
            Linked::Yes => " AND entity IS NOT NULL",
            Linked::No => " AND entity IS NULL AND ignored = 0",
            Linked::Ignored => " AND ignored = 1",
        };
        let sql = format!(
            "SELECT {IDENTITY} FROM identities WHERE tenant = $1 AND kind = $2 AND created < $3{which} ORDER BY created DESC LIMIT $4"
        );
        let number = kind_number(Subject::Identity(kind));
        let rows = self.sql.rows(&sql, params![self.tenant, number, paging.before, paging.fetch()], raw_identity)?;
        let rows = rows.into_iter().map(|raw| self.identity_row(raw)).collect::<Result<Vec<_>>>()?;
        Ok(paging.page(rows, |identity| identity.created))
    }

    /// External identities of these kinds that `keep` wants, newest first. Names of people are encrypted: they are compared here.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn identities_where(
        &mut self,
        kinds: &[IdentityKind],
        linked: Linked,
        paging: Paging,
        keep: impl Fn(&IdentityRow) -> bool,
    ) -> Result<Page<IdentityRow>> {
        let mut found = Vec::new();
        for kind in kinds {
            let (mut before, mut of_kind) = (paging.before, 0);
            loop {
                let page = self.identities(*kind, linked, Paging { before, limit: CHUNK.min(paging.limit + 1) })?;
                let last = page.items.last().map(|identity| identity.created);
                let kept: Vec<_> = page.items.into_iter().filter(|identity| keep(identity)).collect();
                of_kind += kept.len();
                found.extend(kept);
                match (page.next, last) {
                    (Some(_), Some(last)) if of_kind <= paging.limit => before = last,
                    _ => break,
                }
            }
        }
        found.sort_by_key(|identity| std::cmp::Reverse(identity.created));
        Ok(paging.page(found, |identity| identity.created))
    }

    /// The identities that are linked to an entity.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn identities_of(&mut self, kind: IdentityKind, entity: i64) -> Result<Vec<IdentityRow>> {
        let sql = format!("SELECT {IDENTITY} FROM identities WHERE tenant = $1 AND +kind = $2 AND entity = $3 ORDER BY created");
        let rows = self.sql.rows(&sql, params![self.tenant, kind_number(Subject::Identity(kind)), entity], raw_identity)?;
        rows.into_iter().map(|raw| self.identity_row(raw)).collect()
    }

    /// How many records name each identity; those that none names are not there.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn records_naming(&mut self, ids: &[Id]) -> Result<Vec<(Id, i64)>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut given: Vec<Param<'_>> = vec![self.tenant.into()];
        let mut places = Vec::new();
        for id in ids {
            given.push((&id.0).into());
            places.push(format!("${}", given.len()));
        }
        let sql = format!(
            "SELECT identity, SUM(records) FROM tallies WHERE tenant = $1 AND identity IN ({}) GROUP BY identity HAVING SUM(records) > 0",
            places.join(", ")
        );
        let rows = self.sql.rows(&sql, &given, |row| Ok((row.blob(0)?, row.int(1)?)))?;
        Ok(rows.into_iter().filter_map(|(id, count)| Some((Id(id.try_into().ok()?), count))).collect())
    }

    /// How many records of each kind there are, and how many of them are attributed: their agent's identity is linked.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn record_counts(&mut self) -> Result<Vec<(RecordKind, i64, i64)>> {
        let none: &[u8] = &[];
        let sql = "SELECT kind, records FROM tallies WHERE tenant = $1 AND identity = $2 AND records > 0 ORDER BY kind";
        let all = self.sql.rows(sql, params![self.tenant, none], |row| Ok((row.int(0)?, row.int(1)?)))?;
        let sql = "SELECT t.kind, SUM(t.records) FROM identities i JOIN tallies t ON t.tenant = i.tenant AND t.identity = i.id \
                   WHERE i.tenant = $1 AND i.kind = $2 AND i.entity IS NOT NULL GROUP BY t.kind";
        let agent = kind_number(Subject::Identity(IdentityKind::Agent));
        let attributed = self.sql.rows(sql, params![self.tenant, agent], |row| Ok((row.int(0)?, row.int(1)?)))?;
        all.into_iter()
            .filter_map(|(kind, all)| match subject_of(kind) {
                Ok(Subject::Record(named)) => {
                    let attributed = attributed.iter().find(|(of, _)| *of == kind).map_or(0, |(_, count)| *count);
                    Some(Ok((named, all, attributed)))
                }
                Ok(Subject::Identity(_)) => None,
                Err(error) => Some(Err(error)),
            })
            .collect()
    }

    /// The source models of these sources, newest first; of one key where it is given.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn source_models_of(&mut self, sources: &[i64], key: Option<&RecordKey>, paging: Paging) -> Result<Page<SourceModel>> {
        // Without a key in the order of ids: the index by key would have every record of the sources sorted.
        let source = if key.is_some() { "source" } else { "+source" };
        let mut sql =
            format!("SELECT {} FROM source_models WHERE tenant = $1 AND id < $2 AND {source} IN ({})", deliveries::MODEL, list(sources));
        let mut given: Vec<Param<'_>> = params![self.tenant, paging.before, paging.fetch()].to_vec();
        if let Some(key) = key {
            given.extend([Param::Int(key.hash), Param::Text(&key.text)]);
            sql.push_str(" AND key_hash = $4 AND record_key = $5");
        }
        sql.push_str(" ORDER BY id DESC LIMIT $3");
        let rows = self.sql.rows(&sql, &given, deliveries::source_model)?;
        Ok(paging.page(rows, |model| model.id))
    }

    /// The source models that came in a delivery, in the order in which it held them.
    ///
    /// # Errors
    /// Where there is no such delivery.
    pub fn models_of_delivery(&mut self, delivery: i64) -> Result<Vec<SourceModel>> {
        // They are stored with their delivery: the first has its number or the next, and the others follow.
        const NEAR_MICROS: i64 = 60_000_000;
        let records = self.delivery(delivery)?.records;
        let sql = format!(
            "SELECT {} FROM source_models WHERE tenant = $1 AND id >= $2 AND id < $3 AND {} = $2 ORDER BY id LIMIT $4",
            deliveries::MODEL,
            meant_sql("source_models", "delivery")
        );
        self.sql.rows(&sql, params![self.tenant, delivery, delivery.saturating_add(NEAR_MICROS), records.max(1)], deliveries::source_model)
    }

    /// The executions of a record of a source through a link, before and after one of them: the nearest of each.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn executions_around(&mut self, model: &SourceModel, execution: &Execution) -> Result<(Option<i64>, Option<i64>)> {
        let Some(key) = &model.key else { return Ok((None, None)) };
        let mut nearest = |order: &str, compare: &str| {
            let sql = format!(
                "SELECT e.id FROM source_models o JOIN source_models m ON m.tenant = o.tenant AND m.source = o.source \
                 AND m.key_hash = o.key_hash AND m.record_key = $3 \
                 JOIN executions e ON e.tenant = m.tenant AND {} AND +e.link = $4 AND e.id {compare} $5 \
                 WHERE o.tenant = $1 AND o.id = $2 ORDER BY e.id {order} LIMIT 1",
                of_model("e", "m.id")
            );
            self.sql.row(&sql, params![self.tenant, model.id, key, execution.link, execution.id], |row| row.int(0))
        };
        Ok((nearest("DESC", "<")?, nearest("ASC", ">")?))
    }

    /// Every execution of the record that one was of, through any link, newest first: what may have written the same rows.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn executions_of_same_record(&mut self, execution: i64, limit: usize) -> Result<Vec<Execution>> {
        let known = match self.execution(execution) {
            Ok(known) => known,
            Err(StoreError::Missing(_)) => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let model = self.source_model(known.source_model)?;
        let Some(key) = model.key else { return Ok(vec![known]) };
        let sql = format!(
            "SELECT {} FROM executions WHERE tenant = $1 AND id IN (SELECT e.id FROM source_models o \
             JOIN source_models m ON m.tenant = o.tenant AND m.source = o.source AND m.key_hash = o.key_hash AND m.record_key = $3 \
             JOIN executions e ON e.tenant = m.tenant AND {} WHERE o.tenant = $1 AND o.id = $2) ORDER BY id DESC LIMIT $4",
            executions::EXECUTION,
            of_model("e", "m.id")
        );
        self.sql.rows(&sql, params![self.tenant, model.id, &key, limit as i64], executions::execution)
    }

    /// How many rows of a table are the tenant's. `None` where it is no table of tenants.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn count_rows(&mut self, table: &str) -> Result<Option<i64>> {
        let known = crate::schema::MIGRATIONS.iter().any(|migration| migration.contains(&format!("CREATE TABLE {table} (")));
        if !known || table == "sequences" {
            return Ok(None);
        }
        self.sql.row(&format!("SELECT COUNT(*) FROM {table} WHERE tenant = $1"), params![self.tenant], |row| row.int(0))
    }

    /// What a source received in each stretch of time from a time on: the beginning of the stretch, the records, and the executions that
    /// failed, wholly or partly. Stretches without anything are not there.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn throughput(&mut self, source: i64, from: i64, step_micros: i64) -> Result<Vec<(i64, i64, i64)>> {
        let sql = "SELECT id / $4, SUM(records) FROM deliveries WHERE tenant = $1 AND source = $2 AND id >= $3 GROUP BY 1 ORDER BY 1";
        let received = self.sql.rows(sql, params![self.tenant, source, from, step_micros], |row| Ok((row.int(0)?, row.int(1)?)))?;
        let mut series: std::collections::BTreeMap<i64, (i64, i64)> =
            received.into_iter().map(|(place, records)| (place, (records, 0))).collect();
        for status in [executions::Status::PartiallyFailed, executions::Status::Failed] {
            let sql = format!(
                "SELECT e.id / $4, COUNT(*) FROM executions e JOIN source_models m ON m.tenant = e.tenant AND m.id = {} \
                 WHERE e.tenant = $1 AND e.status = $5 AND e.status NOT IN (2) AND e.id >= $3 AND m.source = $2 GROUP BY 1",
                meant_sql("e", "source_model")
            );
            let given = params![self.tenant, source, from, step_micros, status.number()];
            for (place, failed) in self.sql.rows(&sql, given, |row| Ok((row.int(0)?, row.int(1)?)))? {
                series.entry(place).or_default().1 += failed;
            }
        }
        Ok(series.into_iter().map(|(place, (records, failed))| (place * step_micros, records, failed)).collect())
    }
}

/// The place that a cursor of a list of records stands for; without one, its beginning.
fn place(cursor: Option<&str>) -> Result<Place> {
    let wrong = || StoreError::Conflict("the cursor is not one of this list".to_owned());
    let Some(cursor) = cursor else { return Ok((i64::MAX, vec![0xff; 17])) };
    let (moment, id) = cursor.split_once('.').ok_or_else(wrong)?;
    Ok((moment.parse().map_err(|_| wrong())?, hex::decode(id).map_err(|_| wrong())?))
}

fn cursor_of((moment, id): &Place) -> String {
    format!("{moment}.{}", hex::encode(id))
}

/// A pattern for texts that hold this one.
fn like(text: &str) -> String {
    let escaped = text.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{escaped}%")
}
