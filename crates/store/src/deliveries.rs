//! What arrived: deliveries, the payloads they brought, and the source models taken out of them.

use crate::error::{Result, StoreError};
use crate::numbers::{meant, stored};
use crate::payload::{Packed, TRAINING_SAMPLES, compressor};
use crate::sql::Row;
use crate::{Page, Paging, Scope, Store, params, versions};

macro_rules! numbered {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $number:literal, $text:literal;)+ }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Each of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The number that is stored. Never changed.
            #[must_use]
            pub const fn number(self) -> i64 {
                match self { $(Self::$variant => $number),+ }
            }

            /// The one that a number stands for.
            #[must_use]
            pub const fn from_number(number: i64) -> Option<Self> {
                match number { $($number => Some(Self::$variant),)+ _ => None }
            }

            /// The name on the wire.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// The one of this name.
            #[must_use]
            pub fn from_name(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.name() == name)
            }
        }
    };
}
pub(crate) use numbered;

numbered! {
    /// What became of a delivery.
    Verdict {
        /// It was taken in.
        Accepted = 1, "accepted";
        /// It was seen before.
        Duplicate = 2, "duplicate";
        /// It was refused.
        Rejected = 3, "rejected";
    }
}

numbered! {
    /// What became of a source model.
    ModelVerdict {
        /// It is executed, or will be.
        Taken = 1, "taken";
        /// The same content was seen before.
        Duplicate = 2, "duplicate";
        /// A later version was seen before.
        Stale = 3, "stale";
        /// The backfill that alone brought it was undone: it counts for nothing, and is taken again where it arrives again.
        Undone = 4, "undone";
    }
}

/// A delivery.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id: the time it arrived.
    pub id: i64,
    /// Its source.
    pub source: i64,
    /// What became of it.
    pub verdict: Verdict,
    /// Why, where it was not taken in.
    pub reason: Option<String>,
    /// Its size.
    pub bytes: i64,
    /// How many records it held.
    pub records: i64,
    /// Its payload, where one is kept.
    pub payload: Option<i64>,
}

/// A source model: one record that was taken out of a delivery.
#[derive(Clone, Debug)]
pub struct SourceModel {
    /// Its id.
    pub id: i64,
    /// Its source.
    pub source: i64,
    /// What tells it from others of its type, where that is known.
    pub key: Option<String>,
    /// Its version, where its type has one.
    pub version: Option<String>,
    /// The delivery it came in.
    pub delivery: i64,
    /// Its place in the delivery.
    pub place: i64,
    /// The payload it is in. `None` where retention removed it.
    pub payload: Option<i64>,
    /// A digest of its content.
    pub digest: i64,
    /// What became of it.
    pub verdict: ModelVerdict,
}

/// A range of what was received.
#[derive(Clone, Debug, Default)]
pub struct ModelRange {
    /// From these sources.
    pub sources: Vec<i64>,
    /// From this time (which is an id) on.
    pub from: i64,
    /// Before this time.
    pub to: i64,
}

impl ModelRange {
    fn condition(&self) -> String {
        let sources: Vec<String> = self.sources.iter().map(ToString::to_string).collect();
        let sources = if sources.is_empty() { "0".to_owned() } else { sources.join(", ") };
        // In the order of ids: the index by key would have every record of the source sorted.
        format!("tenant = $1 AND +source IN ({sources}) AND id >= $2 AND id < $3 AND verdict = 1 AND payload IS NOT NULL")
    }
}

/// A source model that is to be stored.
#[derive(Clone, Debug)]
pub struct NewModel {
    /// Its key.
    pub key: Option<String>,
    /// A hash of its key; 0 where it has none.
    pub key_hash: i64,
    /// Its version.
    pub version: Option<String>,
    /// Its place in the delivery.
    pub place: i64,
    /// A digest of its content.
    pub digest: i64,
    /// What became of it.
    pub verdict: ModelVerdict,
    /// How many executions it calls for.
    pub pending: i64,
    /// The backfill that brings it, where one does.
    pub job: Option<i64>,
}

/// The newest source model of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Newest {
    /// Its id.
    pub id: i64,
    /// Its version, where its type has one.
    pub version: Option<String>,
    /// A digest of its content.
    pub digest: i64,
    /// The backfill that alone brought it, where one did.
    pub job: Option<i64>,
}

/// The condition that a delivery is of one of the sources that there are or were: all of them, as the key of the table asks for it.
pub(crate) const OF_ANY_SOURCE: &str = "source IN (SELECT l.source FROM ledger l WHERE l.tenant = $1)";

/// A delivery that is gone over.
pub(crate) struct Walked {
    /// Its id.
    pub id: i64,
    /// Its source.
    pub source: i64,
    /// Its payload, where one is kept.
    pub payload: Option<i64>,
}

const DELIVERY: &str = "id, source, verdict, reason, bytes, records, payload";

fn delivery(row: &dyn Row) -> Result<Delivery> {
    let id = row.int(0)?;
    Ok(Delivery {
        id,
        source: row.int(1)?,
        verdict: Verdict::from_number(row.int(2)?).unwrap_or(Verdict::Accepted),
        reason: row.maybe_text(3)?,
        bytes: row.int(4)?,
        records: row.int(5)?,
        payload: row.maybe_int(6)?.map(|payload| meant(payload, id)),
    })
}

pub(crate) const MODEL: &str = "id, source, record_key, version, delivery, place, payload, digest, verdict";

pub(crate) fn source_model(row: &dyn Row) -> Result<SourceModel> {
    let id = row.int(0)?;
    Ok(SourceModel {
        id,
        source: row.int(1)?,
        key: row.maybe_text(2)?,
        version: version(row, 3)?,
        delivery: meant(row.int(4)?, id),
        place: row.int(5)?,
        payload: row.maybe_int(6)?.map(|payload| meant(payload, id)),
        digest: row.int(7)?,
        verdict: ModelVerdict::from_number(row.int(8)?).unwrap_or(ModelVerdict::Taken),
    })
}

fn version(row: &dyn Row, column: usize) -> Result<Option<String>> {
    let damaged = || StoreError::Damaged("a stored version cannot be read".to_owned());
    row.maybe_blob(column)?.map(|stored| versions::read(&stored).ok_or_else(damaged)).transpose()
}

impl Store {
    /// Compresses and encrypts a payload, to be stored within a transaction. Now and then this trains a dictionary first, and stores
    /// it.
    ///
    /// # Errors
    /// Where that fails.
    pub fn pack(&self, tenant: i64, source: i64, content: &[u8]) -> Result<Packed> {
        let vault = self.vault(tenant)?;
        if let Some(dictionary) = self.shared.dictionaries.sample(source, content) {
            let sealed = vault.seal("dictionary", &dictionary)?;
            let id = self.write(tenant, move |scope| {
                let id = scope.next_number()?;
                scope.sql.execute(
                    "INSERT INTO dictionaries (tenant, id, source, content, parted) VALUES ($1, $2, $3, $4, $5)",
                    params![scope.tenant, id, source, &sealed, compressor()],
                )?;
                Ok(id)
            })?;
            self.shared.dictionaries.add(id, source, &dictionary, compressor());
        }
        self.shared.dictionaries.pack(&vault, source, content)
    }
}

impl Scope<'_> {
    pub(crate) fn load_dictionaries(&mut self) -> Result<()> {
        let sql = "SELECT id, source, content, parted FROM dictionaries WHERE tenant = $1";
        let rows = self.sql.rows(sql, params![self.tenant], |row| Ok((row.int(0)?, row.int(1)?, row.blob(2)?, row.int(3)?)))?;
        for (id, source, sealed, of) in rows {
            self.shared.dictionaries.add(id, source, &self.vault.open("dictionary", &sealed)?, of);
        }
        Ok(())
    }

    /// Stores a payload, once for each content; gives its id.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn store_payload(&mut self, packed: &Packed) -> Result<i64> {
        self.store_payload_as(self.next_id(), packed)
    }

    /// The same under an id; where the content is stored already, that gives the id that it is stored under.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn store_payload_as(&mut self, id: i64, packed: &Packed) -> Result<i64> {
        // The index holds the beginnings of addresses, which few have in common.
        let sql = "SELECT id, address FROM payloads WHERE tenant = $1 AND substr(address, 1, 4) = $2";
        let mut known = None;
        self.sql.each(sql, params![self.tenant, &packed.address[..4]], &mut |row| {
            if row.blob(1)?.starts_with(&packed.address) {
                known = Some(row.int(0)?);
            }
            Ok(())
        })?;
        if let Some(known) = known {
            return Ok(known);
        }
        self.sql.execute(
            "INSERT INTO payloads (tenant, id, address, dictionary, content) VALUES ($1, $2, $3, $4, $5)",
            params![self.tenant, id, &packed.address, packed.dictionary, &packed.content],
        )?;
        Ok(id)
    }

    /// A payload's content.
    ///
    /// # Errors
    /// Where retention removed it, or it cannot be read.
    pub fn payload(&mut self, id: i64) -> Result<Vec<u8>> {
        let sql = "SELECT address, dictionary, content FROM payloads WHERE tenant = $1 AND id = $2";
        let (address, dictionary, content) = self
            .sql
            .row(sql, params![self.tenant, id], |row| Ok((row.blob(0)?, row.int(1)?, row.blob(2)?)))?
            .ok_or(StoreError::Missing("payload any more: retention has removed it"))?;
        if !self.shared.dictionaries.knows(dictionary) {
            self.load_dictionaries()?;
        }
        self.shared.dictionaries.unpack(self.vault, &address, dictionary, &content)
    }

    /// How many payloads a dictionary is trained on, for those who measure storage.
    #[must_use]
    pub const fn training_samples(&self) -> usize {
        TRAINING_SAMPLES
    }

    /// The delivery that brought an event, where one did.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn delivery_of_event(&mut self, source: i64, event: &[u8]) -> Result<Option<i64>> {
        let sql = "SELECT delivery FROM events WHERE tenant = $1 AND source = $2 AND event = $3";
        self.sql.row(sql, params![self.tenant, source, event], |row| row.int(0))
    }

    /// Notes which delivery brought an event.
    ///
    /// # Errors
    /// Where it is known already.
    pub fn insert_event(&mut self, source: i64, event: &[u8], delivery: i64) -> Result<()> {
        let sql = "INSERT INTO events (tenant, source, event, delivery) VALUES ($1, $2, $3, $4)";
        self.sql.execute(sql, params![self.tenant, source, event, delivery]).map(|_| ())
    }

    /// Stores a delivery.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn insert_delivery(&mut self, delivery: &Delivery) -> Result<()> {
        self.sql
            .execute(
                "INSERT INTO deliveries (tenant, id, source, verdict, reason, bytes, records, payload) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                params![
                    self.tenant,
                    delivery.id,
                    delivery.source,
                    delivery.verdict.number(),
                    delivery.reason.as_ref(),
                    delivery.bytes,
                    delivery.records,
                    delivery.payload.map(|payload| stored(payload, delivery.id))
                ],
            )
            .map(|_| ())
    }

    /// The deliveries of a source, newest first; of all where none is given; of one verdict where it is given.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn deliveries(&mut self, source: Option<i64>, verdict: Option<Verdict>, paging: Paging) -> Result<Page<Delivery>> {
        let mut sql = format!("SELECT {DELIVERY} FROM deliveries WHERE tenant = $1 AND source = $4 AND id < $2");
        if let Some(verdict) = verdict {
            sql.push_str(&format!(" AND verdict = {}", verdict.number()));
        }
        sql.push_str(" ORDER BY id DESC LIMIT $3");
        let mut rows = Vec::new();
        for source in source.map_or_else(|| self.sources_ever(), |source| Ok(vec![source]))? {
            rows.extend(self.sql.rows(&sql, params![self.tenant, paging.before, paging.fetch(), source], delivery)?);
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.id));
        Ok(paging.page(rows, |delivery| delivery.id))
    }

    /// Every source that there is or was.
    fn sources_ever(&mut self) -> Result<Vec<i64>> {
        self.sql.rows("SELECT source FROM ledger WHERE tenant = $1", params![self.tenant], |row| row.int(0))
    }

    /// Goes over the deliveries of all sources in the order of ids: about `limit` of those after one and before another, each with its
    /// source and its payload where it has one. And whether there are no more.
    pub(crate) fn walk_deliveries(&mut self, after: i64, before: i64, limit: i64) -> Result<(Vec<Walked>, bool)> {
        const LEAST: i64 = 16;
        let sql = "SELECT id, payload FROM deliveries WHERE tenant = $1 AND source = $2 AND id > $3 AND id < $4 ORDER BY id LIMIT $5";
        let sources = self.sources_ever()?;
        let share = (limit / i64::try_from(sources.len()).unwrap_or(1).max(1)).max(LEAST);
        let (mut walked, mut end) = (Vec::new(), before);
        for source in sources {
            let of_source = self.sql.rows(sql, params![self.tenant, source, after, before, share], |row| {
                let id = row.int(0)?;
                Ok(Walked { id, source, payload: row.maybe_int(1)?.map(|payload| meant(payload, id)) })
            })?;
            // Beyond the last of one that may have more, those of the others are not in order yet.
            if of_source.len() as i64 == share
                && let Some(last) = of_source.last()
            {
                end = end.min(last.id + 1);
            }
            walked.extend(of_source);
        }
        walked.retain(|row| row.id < end);
        walked.sort_by_key(|row| row.id);
        Ok((walked, end == before))
    }

    /// A delivery.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn delivery(&mut self, id: i64) -> Result<Delivery> {
        let sql = format!("SELECT {DELIVERY} FROM deliveries WHERE tenant = $1 AND {OF_ANY_SOURCE} AND id = $2");
        self.sql.row(&sql, params![self.tenant, id], delivery)?.ok_or(StoreError::Missing("delivery"))
    }

    /// The newest source model of a key that is not stale.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn newest_of_key(&mut self, source: i64, key_hash: i64, key: &str) -> Result<Option<Newest>> {
        let sql = "SELECT id, version, digest, job FROM source_models WHERE tenant = $1 AND source = $2 AND key_hash = $3 AND record_key = $4 \
                   AND verdict = 1 ORDER BY id DESC LIMIT 1";
        self.sql.row(sql, params![self.tenant, source, key_hash, key], |row| {
            Ok(Newest { id: row.int(0)?, version: version(row, 1)?, digest: row.int(2)?, job: row.maybe_int(3)? })
        })
    }

    /// Notes that a source model that a backfill brought has also arrived otherwise: undoing the backfill leaves it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn also_arrived(&mut self, source_model: i64) -> Result<()> {
        let sql = "UPDATE source_models SET job = NULL WHERE tenant = $1 AND id = $2";
        self.sql.execute(sql, params![self.tenant, source_model]).map(|_| ())
    }

    /// Stores a source model; gives its id.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn insert_source_model(&mut self, source: i64, delivery: i64, payload: i64, model: &NewModel) -> Result<i64> {
        let id = self.next_id();
        self.insert_source_model_as(id, source, delivery, payload, model)?;
        Ok(id)
    }

    /// Stores a source model under an id.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn insert_source_model_as(&mut self, id: i64, source: i64, delivery: i64, payload: i64, model: &NewModel) -> Result<()> {
        let version = model.version.as_ref().map(|version| versions::stored(version));
        self.sql
            .execute(
                "INSERT INTO source_models (tenant, id, source, record_key, key_hash, version, delivery, place, payload, digest, verdict, \
                 pending, failed, job) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13)",
                params![
                    self.tenant,
                    id,
                    source,
                    model.key.as_ref(),
                    model.key_hash,
                    version.as_ref(),
                    stored(delivery, id),
                    model.place,
                    stored(payload, id),
                    model.digest,
                    model.verdict.number(),
                    model.pending,
                    model.job
                ],
            )
            .map(|_| ())
    }

    /// A source model.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn source_model(&mut self, id: i64) -> Result<SourceModel> {
        let sql = format!("SELECT {MODEL} FROM source_models WHERE tenant = $1 AND id = $2");
        self.sql.row(&sql, params![self.tenant, id], source_model)?.ok_or(StoreError::Missing("source model"))
    }

    /// How many records of a range were taken and are still kept.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn count_taken(&mut self, range: &ModelRange) -> Result<i64> {
        let sql = format!("SELECT COUNT(*) FROM source_models WHERE {}", range.condition());
        Ok(self.sql.row(&sql, params![self.tenant, range.from, range.to], |row| row.int(0))?.unwrap_or(0))
    }

    /// Records of a range that were taken and are still kept, oldest first or newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn taken(&mut self, range: &ModelRange, newest: bool, limit: usize) -> Result<Vec<SourceModel>> {
        let order = if newest { "DESC" } else { "ASC" };
        let sql = format!("SELECT {MODEL} FROM source_models WHERE {} ORDER BY id {order} LIMIT $4", range.condition());
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        self.sql.rows(&sql, params![self.tenant, range.from, range.to, limit], source_model)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_of_all_sources_are_gone_over_in_the_order_they_arrived() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open_unsynced(directory.path()).unwrap();
        let tenant = store.create_tenant("Acme", "{}").unwrap().id;
        store
            .write(tenant, |scope| {
                let provider = scope.create_provider("webhook", "Forms", "{}", None)?.id;
                let sources: Vec<i64> = ["one", "two", "three", "none"]
                    .iter()
                    .map(|name| Ok(scope.create_source(provider, "webhook", name, "lead", "{}", None)?.0.id))
                    .collect::<Result<_>>()?;
                // The first has most of them, and the second all of its own at the end.
                for id in 1..=200 {
                    let source = sources[if id > 180 { 1 } else { 2 * usize::from(id % 9 == 0) }];
                    let payload = (id % 2 == 0).then_some(id);
                    let (verdict, reason) = (Verdict::Accepted, None);
                    scope.insert_delivery(&Delivery { id, source, verdict, reason, bytes: 1, records: 1, payload })?;
                }
                scope.delete_source(sources[2])?;
                let (mut seen, mut after) = (Vec::new(), 0);
                loop {
                    let (walked, all) = scope.walk_deliveries(after, 200, 10)?;
                    assert!(walked.iter().all(|row| row.payload == (row.id % 2 == 0).then_some(row.id)));
                    seen.extend(walked.iter().map(|row| row.id));
                    match walked.last() {
                        Some(last) => after = last.id,
                        None => break assert!(all),
                    }
                }
                assert_eq!(seen, (1..200).collect::<Vec<_>>());
                let page = scope.deliveries(None, None, Paging { before: 190, limit: 50 })?;
                assert_eq!(page.items.iter().map(|row| row.id).collect::<Vec<_>>(), (140..190).rev().collect::<Vec<_>>());
                assert!(page.next.is_some());
                assert_eq!(scope.delivery(9)?.source, sources[2], "what a removed source delivered stays");
                assert!(matches!(scope.delivery(201), Err(StoreError::Missing(_))));
                Ok(())
            })
            .unwrap();
        drop(store);
        // Ids go on from the last.
        let store = Store::open_unsynced(directory.path()).unwrap();
        store.set_clock(std::sync::Arc::new(|| 0));
        assert!(store.next_id() > 200);
    }
}
