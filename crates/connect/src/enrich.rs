//! Enrichments: fetched for the engine, cached for a while, many ids at once where the vendor allows that.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use salesdash_providers::definition::Definition;
use salesdash_providers::definition::enrichment::{ById, Enrichment, Missing, NamedFields, Table};
use salesdash_providers::definition::http::Each;
use salesdash_providers::interpret::enrich::{batch, id_key, named_fields, row};
use salesdash_providers::interpret::records::{self, Origin};
use salesdash_providers::interpret::variables::{Asking, Given, headers, of_record};
use salesdash_value::{Instant, Text, Value};

use crate::connection::{Connection, Trouble};
use crate::listing;

/// The most things of one connection that are kept in the cache.
const MAX_CACHED: usize = 20_000;
/// How soon a table is loaded again at most, where an id is not in it.
const TABLE_AGAIN_SECONDS: i64 = 60;

/// An enrichment, and the id that it was asked for.
type Place = (Text, Text);
/// A table, and when it was loaded.
type Loaded = (Instant, Arc<[Value]>);
/// Whose turn it is to fetch.
type Turn = Arc<tokio::sync::Mutex<()>>;

/// What one connection's enrichments have fetched.
#[derive(Debug, Default)]
pub struct Cache {
    by_id: Mutex<HashMap<Place, (Instant, Option<Value>)>>,
    tables: Mutex<HashMap<Text, Loaded>>,
    /// One at a time fetches the same thing; the others find it in the cache.
    fetching: Mutex<HashMap<Place, Turn>>,
    /// Ids that wait to be fetched with others.
    waiting: Mutex<HashMap<Text, Vec<Value>>>,
}

/// Something of an enrichment that hangs on a record.
#[derive(Clone, Copy)]
pub struct Wanted<'w> {
    /// The definition that declares it: the type's, or what people defined on a source.
    pub definition: &'w Definition,
    /// The name of the enrichment in the definition.
    pub name: &'w Text,
    /// It.
    pub enrichment: &'w Enrichment,
    /// What people filled in.
    pub given: &'w Given,
    /// What is cached will not do.
    pub fresh: bool,
}

impl Cache {
    /// Fetches one by the id that the reference picked. `None` where there is none, and that is fine.
    ///
    /// # Errors
    /// Why it could not be fetched; also where there is none and the definition says that there must be.
    pub async fn fetch(&self, connection: &Connection, wanted: Wanted<'_>, id: &Value, parent: &Value) -> Result<Option<Value>, Trouble> {
        let (found, missing) = match wanted.enrichment {
            Enrichment::ById(by_id) => {
                let Some(key) = id_key(id) else { return Ok(None) };
                (self.by_id(connection, wanted, by_id, &key, id).await?, by_id.missing)
            }
            Enrichment::Table(table) => {
                let Some(key) = id_key(id) else { return Ok(None) };
                (self.row(connection, wanted, wanted.name, table, &key).await?, table.missing)
            }
            Enrichment::NamedFields(fields) => (Some(self.named(connection, wanted, fields, parent).await?), None),
        };
        match (found, missing.unwrap_or(Missing::Null)) {
            (Some(found), _) => Ok(Some(found)),
            (None, Missing::Null) => Ok(None),
            (None, Missing::Fail) => {
                let title = wanted.enrichment.title();
                Err(Trouble::Failed(format!("The vendor has no {} of the id that the record gives.", title.to_lowercase())))
            }
            (None, Missing::Retry) => {
                let title = wanted.enrichment.title();
                let text = format!("The vendor has no {} of the id that the record gives, not yet.", title.to_lowercase());
                Err(Trouble::Later { after: None, text })
            }
        }
    }

    async fn by_id(
        &self,
        connection: &Connection,
        wanted: Wanted<'_>,
        rules: &ById,
        key: &Text,
        id: &Value,
    ) -> Result<Option<Value>, Trouble> {
        let place = (wanted.name.clone(), key.clone());
        let wanted_since = connection.clock().now();
        // What has to be fresh can have gone along with what another asked for since.
        let fits = |at: Instant| {
            let age = age_seconds(at, connection.clock().now());
            if wanted.fresh { at > wanted_since } else { age < i64::from(rules.cache_seconds.0) }
        };
        let known = |cache: &Self| {
            let cached = cache.by_id.lock();
            cached.get(&place).filter(|(at, _)| fits(*at)).map(|(_, value)| value.clone())
        };
        if let Some(found) = known(self) {
            return Ok(found);
        }
        // Those that are asked for while another fetch runs go along with the next one.
        if rules.batch.is_some() {
            let mut waiting = self.waiting.lock();
            let ids = waiting.entry(wanted.name.clone()).or_default();
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        let turn_key = if rules.batch.is_some() { (wanted.name.clone(), Text::default()) } else { place.clone() };
        let turn = Arc::clone(self.fetching.lock().entry(turn_key.clone()).or_default());
        let turn_taken = turn.lock().await;
        if let Some(found) = known(self) {
            return Ok(found);
        }
        let started = connection.clock().now();
        let fetched = match &rules.batch {
            None => vec![(key.clone(), self.one(connection, wanted, rules, id).await?)],
            Some(batching) => {
                let ids = {
                    let mut waiting = self.waiting.lock();
                    let all = waiting.entry(wanted.name.clone()).or_default();
                    all.retain(|waiting| waiting != id);
                    let others = all.drain(..all.len().min(batching.size.0 as usize - 1));
                    std::iter::once(id.clone()).chain(others).collect::<Vec<_>>()
                };
                let asking = Asking { ids: Value::list(ids.clone()), id: id.clone(), ..Asking::default() };
                let asked = connection.ask(&rules.request, &asking, Some(wanted.given), None).await?;
                let (body, answered) = match asked.answer {
                    Some(answer) => (answer.body, true),
                    None => (Value::Null, false),
                };
                let of_answer = if answered { batch(batching, &body).map_err(Trouble::Failed)? } else { Vec::new() };
                let mut found: HashMap<Text, Value> = of_answer.into_iter().collect();
                let mut fetched = Vec::with_capacity(ids.len());
                for key in ids.iter().filter_map(id_key) {
                    let record =
                        found.remove(&key).map(|record| shape(connection, wanted.given, rules.each.as_ref(), record, &body)).transpose()?;
                    fetched.push((key, record.flatten()));
                }
                fetched
            }
        };
        let found = fetched.iter().find(|(known, _)| known == key).and_then(|(_, value)| value.clone());
        if rules.cache_seconds.0 > 0 {
            let mut cached = self.by_id.lock();
            if cached.len() + fetched.len() > MAX_CACHED {
                // The oldest half goes: simple, and seldom.
                let mut times: Vec<_> = cached.values().map(|(at, _)| *at).collect();
                times.sort_unstable();
                let middle = times[times.len() / 2];
                cached.retain(|_, (at, _)| *at > middle);
            }
            cached.extend(fetched.into_iter().map(|(key, value)| ((wanted.name.clone(), key), (started, value))));
        }
        // Whoever waited for this finds it.
        drop(turn_taken);
        self.fetching.lock().remove(&turn_key);
        Ok(found)
    }

    async fn one(&self, connection: &Connection, wanted: Wanted<'_>, rules: &ById, id: &Value) -> Result<Option<Value>, Trouble> {
        Ok(look_up(connection, wanted.given, rules, id).await?.found)
    }

    /// The row of a table with this id, if there is one.
    pub(crate) async fn row_of(
        &self,
        connection: &Connection,
        wanted: Wanted<'_>,
        rules: &Table,
        id: &Value,
    ) -> Result<Option<Value>, Trouble> {
        match id_key(id) {
            Some(key) => self.row(connection, wanted, wanted.name, rules, &key).await,
            None => Ok(None),
        }
    }

    async fn row(
        &self,
        connection: &Connection,
        wanted: Wanted<'_>,
        name: &Text,
        rules: &Table,
        key: &Text,
    ) -> Result<Option<Value>, Trouble> {
        let (at, rows) = self.table(connection, wanted, name, rules, wanted.fresh).await?;
        if let Some(found) = row(&rows, &rules.key, key) {
            return Ok(Some(found.clone()));
        }
        // It can be newer than the table.
        if age_seconds(at, connection.clock().now()) >= TABLE_AGAIN_SECONDS {
            let (_, rows) = self.table(connection, wanted, name, rules, true).await?;
            return Ok(row(&rows, &rules.key, key).cloned());
        }
        Ok(None)
    }

    async fn table(&self, connection: &Connection, wanted: Wanted<'_>, name: &Text, rules: &Table, fresh: bool) -> Result<Loaded, Trouble> {
        let wanted_since = connection.clock().now();
        let fits = |at: Instant| {
            let age = age_seconds(at, connection.clock().now());
            if fresh { at >= wanted_since } else { age < i64::from(rules.cache_seconds.0) }
        };
        let known = |cache: &Self| cache.tables.lock().get(name).filter(|(at, _)| fits(*at)).cloned();
        if let Some(table) = known(self) {
            return Ok(table);
        }
        let turn = Arc::clone(self.fetching.lock().entry((name.clone(), Text::default())).or_default());
        let _turn = turn.lock().await;
        if let Some(table) = known(self) {
            return Ok(table);
        }
        let at = connection.clock().now();
        let rows: Arc<[Value]> = listing::whole(connection, &rules.list, wanted.given).await?.into();
        self.tables.lock().insert(name.clone(), (at, Arc::clone(&rows)));
        Ok((at, rows))
    }

    async fn named(&self, connection: &Connection, wanted: Wanted<'_>, rules: &NamedFields, parent: &Value) -> Result<Value, Trouble> {
        let Some(Enrichment::Table(table)) = wanted.definition.enrichments.get(&rules.table.0) else {
            return Err(Trouble::Failed(format!("The table `{}` is not defined.", rules.table.0)));
        };
        let (_, rows) = self.table(connection, wanted, &rules.table.0, table, wanted.fresh).await?;
        Ok(named_fields(rules, &table.key, &rows, parent))
    }
}

/// What was asked for by its id.
#[derive(Clone, Debug, Default)]
pub(crate) struct LookedUp {
    /// It; `None` where there is none.
    pub found: Option<Value>,
    /// The body of the answer.
    pub body: Value,
}

/// Asks for one record by its id, alone. Where there is a batch, for a batch of one.
pub(crate) async fn look_up(connection: &Connection, given: &Given, rules: &ById, id: &Value) -> Result<LookedUp, Trouble> {
    let asking = Asking { id: id.clone(), ids: Value::list([id.clone()]), ..Asking::default() };
    let Some(asked) = connection.ask_maybe(&rules.request, &asking, Some(given)).await? else { return Ok(LookedUp::default()) };
    let Some(answer) = asked.answer else { return Ok(LookedUp::default()) };
    let found = match (&rules.batch, &rules.record) {
        (Some(batching), _) => {
            let key = id_key(id).unwrap_or_default();
            batch(batching, &answer.body).map_err(Trouble::Failed)?.into_iter().find(|(known, _)| *known == key).map(|(_, record)| record)
        }
        (None, Some(paths)) => paths.find(&answer.body).cloned(),
        (None, None) => Some(answer.body.clone()),
    };
    let found = match found.filter(|record| !record.is_empty()) {
        Some(record) => shape(connection, given, rules.each.as_ref(), record, &answer.body)?,
        None => None,
    };
    Ok(LookedUp { found, body: answer.body })
}

fn age_seconds(at: Instant, now: Instant) -> i64 {
    now.as_second() - at.as_second()
}

/// What a fetched record becomes.
fn shape(connection: &Connection, given: &Given, rules: Option<&Each>, record: Value, envelope: &Value) -> Result<Option<Value>, Trouble> {
    let none = headers([]);
    let origin = Origin { envelope, headers: &none, partition: &Value::Null, at: connection.clock().now() };
    let shaped = records::each(rules, given, record, origin);
    let shaped = shaped.map_err(|text| Trouble::Failed(format!("The vendor's answer is not what the definition says: {text}.")))?;
    Ok(shaped.into_iter().next())
}

/// The id that a reference of a model picks from a record.
///
/// # Errors
/// Where it cannot be computed.
pub fn picked_id(
    definition: &Definition,
    model: &str,
    reference: &str,
    given: &Given,
    parent: &Value,
    at: Instant,
) -> Result<(Text, Value), Trouble> {
    let unknown = || Trouble::Failed(format!("The model `{model}` has no enrichment `{reference}`."));
    let reference = definition.models.get(model).and_then(|model| model.enrichments.get(reference)).ok_or_else(unknown)?;
    let id = match &reference.id {
        None => Value::Null,
        Some(picked) => picked
            .evaluate(&of_record(given, parent, &Value::Null, &Value::Null, &Value::Null), at)
            .map_err(|fault| Trouble::Failed(format!("The id of the enrichment cannot be computed: {}", fault.text)))?,
    };
    Ok((reference.fetch.0.clone(), id))
}
