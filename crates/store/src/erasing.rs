//! Erasing a contact: what was found of it by a job, what is taken away, and what is said of it afterwards.
//!
//! A job first notes what it finds ([`Find`]), so that a person can look at the counts and the work goes on after a restart; then it takes
//! it away. Rows stay where they are counted (deliveries, source models, executions, records) and lose what they hold of the contact.

use std::collections::HashSet;

use salesdash_language::identity::Subject;
use salesdash_value::{Id, RecordKind, Text, Value};
use serde::{Deserialize, Serialize};

use crate::deliveries::{Delivery, MODEL, SourceModel, numbered, source_model};
use crate::enrichments::{Enrichment, enrichment};
use crate::error::{Result, StoreError};
use crate::executions::{EXECUTION, Execution, execution};
use crate::numbers::{meant, of_model};
use crate::records::{contact, subject_of};
use crate::sql::Param;
use crate::{Scope, params};

numbered! {
    /// What a job found.
    Find {
        /// A source model of the contact.
        Model = 1, "model";
        /// A delivery whose payload holds something of the contact.
        Delivery = 2, "delivery";
        /// A payload that something of the contact was in.
        Payload = 3, "payload";
        /// An execution whose outcome holds the contact's key.
        Outcome = 4, "outcome";
    }
}

/// What there is of a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extent {
    /// Source models.
    pub source_models: i64,
    /// The sources that they came from.
    pub sources: i64,
    /// Deliveries whose body goes.
    pub deliveries: i64,
    /// Executions of the source models, whose trace goes.
    pub executions: i64,
    /// Those of them that wait, and will not run.
    pub waiting: i64,
    /// Enrichments that were fetched for the source models.
    pub enrichments: i64,
    /// Records that name the contact, by kind: they keep their numbers and lose it.
    pub records: Vec<(String, i64)>,
    /// Calls that lose their phone number: those that go over records count them.
    pub phone_numbers: i64,
    /// Records that get another external id, since theirs was made of the contact's key: counted likewise.
    pub external_ids: i64,
    /// Periods of the contact that have not ended, and that nothing can end any more by their contact.
    pub open_periods: i64,
}

/// A record that holds a key elsewhere than as its contact.
#[derive(Clone, Debug)]
pub struct Holder {
    /// Its id.
    pub id: Id,
    /// Whether it is in one of its fields: a phone number.
    pub in_fields: bool,
    /// Whether it is in its external id, which a spec, or a period change, made of it.
    pub in_external_id: bool,
    /// The execution that last wrote it.
    pub execution: i64,
}

/// Tables that refer to payloads. Their rows are gone over in the order of ids.
pub const REFERRING: [&str; 3] = ["source_models", "deliveries", "enrichments"];

/// Contacts as they stand in a statement, from the parameter of this number on, with their values.
fn places(contacts: &[Vec<u8>], from: usize) -> String {
    let places: Vec<String> = (0..contacts.len()).map(|place| format!("${}", place + from)).collect();
    if places.is_empty() { "NULL".to_owned() } else { places.join(", ") }
}

fn stored(keys: &[impl AsRef<str>]) -> Vec<Vec<u8>> {
    keys.iter().filter_map(|key| contact(key.as_ref())).collect()
}

impl Scope<'_> {
    /// Notes that a job found something. False where it had already.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn note_find(&mut self, job: i64, find: Find, id: i64) -> Result<bool> {
        let sql = "INSERT INTO finds (tenant, job, kind, id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING";
        Ok(self.sql.execute(sql, params![self.tenant, job, find.number(), id])? > 0)
    }

    /// What a job found, in the order of ids, `limit` at most after one.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn finds(&mut self, job: i64, find: Find, after: i64, limit: i64) -> Result<Vec<i64>> {
        let sql = "SELECT id FROM finds WHERE tenant = $1 AND job = $2 AND kind = $3 AND id > $4 ORDER BY id LIMIT $5";
        self.sql.rows(sql, params![self.tenant, job, find.number(), after, limit], |row| row.int(0))
    }

    /// Notes that a job has nothing to do with something after all.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn drop_find(&mut self, job: i64, find: Find, id: i64) -> Result<()> {
        let sql = "DELETE FROM finds WHERE tenant = $1 AND job = $2 AND kind = $3 AND id = $4";
        self.sql.execute(sql, params![self.tenant, job, find.number(), id]).map(|_| ())
    }

    /// How much a job found.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn count_finds(&mut self, job: i64, find: Find) -> Result<i64> {
        let sql = "SELECT COUNT(*) FROM finds WHERE tenant = $1 AND job = $2 AND kind = $3";
        Ok(self.sql.row(sql, params![self.tenant, job, find.number()], |row| row.int(0))?.unwrap_or(0))
    }

    /// Forgets what a job found.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_finds(&mut self, job: i64) -> Result<()> {
        self.sql.execute("DELETE FROM finds WHERE tenant = $1 AND job = $2", params![self.tenant, job]).map(|_| ())
    }

    /// What there is of a contact: what a job found of it, and the records that name one of these keys.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn extent(&mut self, job: i64, keys: &[impl AsRef<str>]) -> Result<Extent> {
        let (tenant, model) = (self.tenant, Find::Model.number());
        let mut extent = Extent { deliveries: self.count_finds(job, Find::Delivery)?, ..Extent::default() };
        let sql = "SELECT COUNT(*), COUNT(DISTINCT m.source) FROM finds f JOIN source_models m ON m.tenant = f.tenant AND m.id = f.id \
                   WHERE f.tenant = $1 AND f.job = $2 AND f.kind = $3";
        let found = self.sql.row(sql, params![tenant, job, model], |row| Ok((row.int(0)?, row.int(1)?)))?;
        (extent.source_models, extent.sources) = found.unwrap_or_default();
        let sql = format!(
            "SELECT COUNT(*), SUM(CASE WHEN e.status = 1 THEN 1 ELSE 0 END) FROM finds f \
             JOIN executions e ON e.tenant = f.tenant AND {} WHERE f.tenant = $1 AND f.job = $2 AND f.kind = $3",
            of_model("e", "f.id")
        );
        let found = self.sql.row(&sql, params![tenant, job, model], |row| Ok((row.int(0)?, row.int(1)?)))?;
        (extent.executions, extent.waiting) = found.unwrap_or_default();
        let sql = "SELECT COUNT(*) FROM finds f JOIN enrichments n ON n.tenant = f.tenant AND n.source_model = f.id \
                   WHERE f.tenant = $1 AND f.job = $2 AND f.kind = $3 AND n.payload IS NOT NULL";
        extent.enrichments = self.sql.row(sql, params![tenant, job, model], |row| row.int(0))?.unwrap_or(0);
        let contacts = stored(keys);
        let mut given: Vec<Param<'_>> = vec![tenant.into()];
        given.extend(contacts.iter().map(|contact| Param::Blob(contact)));
        let sql = format!(
            "SELECT kind, COUNT(*), SUM(CASE WHEN ended IS NULL THEN 1 ELSE 0 END) FROM records \
             WHERE tenant = $1 AND contact IN ({}) GROUP BY kind",
            places(&contacts, 2)
        );
        for (kind, count, open) in self.sql.rows(&sql, &given, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?)))? {
            if let Subject::Record(kind) = subject_of(kind)? {
                extent.records.push((kind.name().to_owned(), count));
                extent.open_periods += if kind == RecordKind::Period { open } else { 0 };
            }
        }
        Ok(extent)
    }

    /// Source models whose payload is kept, in the order of ids: those after one and before another.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn models_between(&mut self, after: i64, before: i64, limit: i64) -> Result<Vec<SourceModel>> {
        let sql = format!(
            "SELECT {MODEL} FROM source_models WHERE tenant = $1 AND id > $2 AND id < $3 AND payload IS NOT NULL ORDER BY id LIMIT $4"
        );
        self.sql.rows(&sql, params![self.tenant, after, before, limit], source_model)
    }

    /// How many source models and deliveries have a payload that is kept.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn count_kept(&mut self) -> Result<i64> {
        let mut sum = 0;
        for table in ["source_models", "deliveries"] {
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE tenant = $1 AND payload IS NOT NULL");
            sum += self.sql.row(&sql, params![self.tenant], |row| row.int(0))?.unwrap_or(0);
        }
        Ok(sum)
    }

    /// Deliveries whose payload is kept and is not that of one of their source models, in the order of ids: each with its payload and
    /// its source. What it holds beside its records is to be looked at by itself. And the last that was looked at.
    ///
    /// # Errors
    /// Where the database fails.
    #[allow(clippy::type_complexity)]
    pub fn bodies_between(&mut self, after: i64, before: i64, limit: i64) -> Result<(Vec<(i64, i64, i64)>, Option<i64>)> {
        let (walked, _) = self.walk_deliveries(after, before, limit)?;
        let last = walked.last().map(|row| row.id);
        let mut own = Vec::new();
        for row in walked {
            let Some(payload) = row.payload else { continue };
            let models = self.models_of_delivery(row.id)?;
            if !models.iter().any(|model| model.payload == Some(payload)) {
                own.push((row.id, payload, row.source));
            }
        }
        Ok((own, last))
    }

    /// Every enrichment that was fetched for a source model.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn every_enrichment(&mut self, source_model: i64) -> Result<Vec<Enrichment>> {
        let sql = "SELECT id, chain, payload, missing FROM enrichments WHERE tenant = $1 AND source_model = $2 ORDER BY chain, id";
        self.sql.rows(sql, params![self.tenant, source_model], enrichment)
    }

    /// The source models for which something was fetched within a time (of ids), and what ends it where there are more.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn enriched_between(&mut self, after: i64, before: i64, limit: i64) -> Result<(Vec<i64>, Option<i64>)> {
        let sql = "SELECT id, source_model FROM enrichments WHERE tenant = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4";
        let rows = self.sql.rows(sql, params![self.tenant, after, before, limit], |row| Ok((row.int(0)?, row.int(1)?)))?;
        let last = rows.last().map(|(id, _)| *id);
        let models: HashSet<i64> = rows.into_iter().map(|(_, model)| model).collect();
        Ok((models.into_iter().collect(), last))
    }

    /// The executions that were called for within a time (of ids), in its order.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn executions_between(&mut self, after: i64, before: i64, limit: i64) -> Result<Vec<Execution>> {
        let sql = format!("SELECT {EXECUTION} FROM executions WHERE tenant = $1 AND id > $2 AND id < $3 ORDER BY id LIMIT $4");
        self.sql.rows(&sql, params![self.tenant, after, before, limit], execution)
    }

    /// Every execution of a source model.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn executions_of_model(&mut self, source_model: i64) -> Result<Vec<Execution>> {
        let sql = format!("SELECT {EXECUTION} FROM executions WHERE tenant = $1 AND {} ORDER BY id", of_model("executions", "$2"));
        self.sql.rows(&sql, params![self.tenant, source_model], execution)
    }

    /// Every source model of the same record of the same source from before a time (an id), itself included, whose payload is kept or
    /// not.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn versions_of(&mut self, model: &SourceModel, before: i64) -> Result<Vec<SourceModel>> {
        let Some(key) = &model.key else { return Ok(vec![model.clone()]) };
        let columns = MODEL.split(", ").map(|column| format!("m.{column}")).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {columns} FROM source_models o JOIN source_models m ON m.tenant = o.tenant AND m.source = o.source \
             AND m.key_hash = o.key_hash AND m.record_key = $3 AND m.id < $4 WHERE o.tenant = $1 AND o.id = $2 ORDER BY m.id"
        );
        self.sql.rows(&sql, params![self.tenant, model.id, key, before], source_model)
    }

    /// The executions that last wrote the records which name one of these keys.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn executions_of_contact(&mut self, keys: &[impl AsRef<str>]) -> Result<Vec<i64>> {
        let contacts = stored(keys);
        let mut given: Vec<Param<'_>> = vec![self.tenant.into()];
        given.extend(contacts.iter().map(|contact| Param::Blob(contact)));
        let sql = format!("SELECT DISTINCT execution FROM records WHERE tenant = $1 AND contact IN ({})", places(&contacts, 2));
        self.sql.rows(&sql, &given, |row| row.int(0))
    }

    /// Goes over records in the order of ids, `limit` at most after one: those that hold one of these keys elsewhere than as their contact,
    /// and the last that was looked at.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn holders_after(&mut self, after: &Id, keys: &[impl AsRef<str>], limit: i64) -> Result<(Vec<Holder>, Option<Id>)> {
        let sql = "SELECT id, external_id, rest, execution FROM records WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3";
        let (mut holders, mut last) = (Vec::new(), None);
        self.sql.each(sql, params![self.tenant, &after.0, limit], &mut |row| {
            let id = Id(row.blob(0)?.try_into().unwrap_or_default());
            last = Some(id);
            let holds = |text: &str| keys.iter().any(|key| text.contains(key.as_ref()));
            let (in_external_id, in_fields) = (holds(&row.text(1)?), holds(&row.text(2)?));
            if in_external_id || in_fields {
                holders.push(Holder { id, in_fields, in_external_id, execution: row.int(3)? });
            }
            Ok(())
        })?;
        Ok((holders, last))
    }

    /// Takes these keys out of a record's fields, and gives it another external id, and the id that goes with it, where one was in that.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn detach(&mut self, id: Id, keys: &[impl AsRef<str>]) -> Result<()> {
        let Some(mut found) = self.record(id)? else { return Ok(()) };
        let holds = |value: &Value| value.as_text().is_some_and(|text| keys.iter().any(|key| text.contains(key.as_ref())));
        let names: Vec<Text> = found.row.fields.iter().filter(|(_, value)| holds(value)).map(|(name, _)| name.clone()).collect();
        for name in &names {
            found.row.set(name, Value::Null);
        }
        if !names.is_empty() {
            self.update_record(&found.row)?;
        }
        let mut external_id = found.row.external_id.to_string();
        let other = format!("erased-{}", self.next_id());
        for key in keys {
            external_id = external_id.replace(key.as_ref(), &other);
        }
        if external_id != found.row.external_id.as_str() {
            let (tenant, provider) = (self.tenant.cast_unsigned(), found.provider.cast_unsigned());
            let new = salesdash_language::identity::id(tenant, provider, found.row.subject, &external_id);
            let sql = "UPDATE records SET id = $1, external_id = $2 WHERE tenant = $3 AND id = $4";
            self.sql.execute(sql, params![&new.0, &external_id, self.tenant, &id.0])?;
        }
        Ok(())
    }

    /// Clears the contact of records that name one of these keys and that no execution from `before` on has written, `limit` at most; gives
    /// how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn unlink_contact(&mut self, keys: &[impl AsRef<str>], before: i64, limit: i64) -> Result<usize> {
        let contacts = stored(keys);
        let mut given: Vec<Param<'_>> = params![self.tenant, limit, before].to_vec();
        given.extend(contacts.iter().map(|contact| Param::Blob(contact)));
        let sql = format!(
            "UPDATE records SET contact = NULL WHERE tenant = $1 AND id IN \
             (SELECT id FROM records WHERE tenant = $1 AND contact IN ({}) AND execution < $3 LIMIT $2)",
            places(&contacts, 4)
        );
        self.sql.execute(&sql, &given)
    }

    /// Forgets the period changes of a contact; gives how many there were. The periods that came of them stay.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_changes(&mut self, keys: &[impl AsRef<str>]) -> Result<usize> {
        // A provider that was removed leaves its changes behind, so they are not looked for provider by provider.
        let contacts = stored(keys);
        let mut given: Vec<Param<'_>> = vec![self.tenant.into()];
        given.extend(contacts.iter().map(|contact| Param::Blob(contact)));
        let sql = format!("DELETE FROM contact_changes WHERE tenant = $1 AND contact IN ({})", places(&contacts, 2));
        self.sql.execute(&sql, &given)
    }

    /// Takes away what a source model holds of its contact: its payload and its enrichments (the payloads they referred to are noted for
    /// the job), and its digest (the same content counts as new when it comes again). Says of it that it was erased.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn erase_model(&mut self, job: i64, model: &SourceModel, at: i64) -> Result<()> {
        for enrichment in self.every_enrichment(model.id)? {
            if let Some(payload) = enrichment.payload {
                self.note_find(job, Find::Payload, payload)?;
            }
        }
        self.note_find(job, Find::Delivery, model.delivery)?;
        if let Some(payload) = model.payload {
            self.note_find(job, Find::Payload, payload)?;
        }
        let sql = "UPDATE enrichments SET payload = NULL WHERE tenant = $1 AND source_model = $2";
        self.sql.execute(sql, params![self.tenant, model.id])?;
        let sql = "UPDATE source_models SET payload = NULL, digest = 0 WHERE tenant = $1 AND id = $2";
        self.sql.execute(sql, params![self.tenant, model.id])?;
        self.say_erased(model.id, at)
    }

    /// Gives source models another key, with its hash: see `source_models.key_hash`.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn rename_record(&mut self, models: &[i64], key: &str, hash: i64) -> Result<()> {
        for model in models {
            let sql = "UPDATE source_models SET record_key = $1, key_hash = $2 WHERE tenant = $3 AND id = $4";
            self.sql.execute(sql, params![key, hash, self.tenant, *model])?;
        }
        Ok(())
    }

    /// Takes away what a delivery held, and says of it that it was erased.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn erase_delivery(&mut self, job: i64, delivery: i64, at: i64) -> Result<()> {
        match self.delivery(delivery) {
            Ok(Delivery { source, payload: Some(payload), .. }) => {
                self.note_find(job, Find::Payload, payload)?;
                let sql = "UPDATE deliveries SET payload = NULL WHERE tenant = $1 AND source = $2 AND id = $3";
                self.sql.execute(sql, params![self.tenant, source, delivery])?;
            }
            Ok(_) | Err(StoreError::Missing(_)) => {}
            Err(error) => return Err(error),
        }
        self.say_erased(delivery, at)
    }

    fn say_erased(&mut self, id: i64, at: i64) -> Result<()> {
        let sql = "INSERT INTO erased (tenant, id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        self.sql.execute(sql, params![self.tenant, id, at]).map(|_| ())
    }

    /// When a source model or a delivery was erased on request, where it was.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn erased(&mut self, id: i64) -> Result<Option<i64>> {
        self.sql.row("SELECT at FROM erased WHERE tenant = $1 AND id = $2", params![self.tenant, id], |row| row.int(0))
    }

    /// Replaces what an execution kept: its outcome, what it read, its first error's text.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn rewrite_execution(&mut self, id: i64, outcome: Option<&[u8]>, reads: Option<&[u8]>, message: Option<&str>) -> Result<()> {
        let sql = "UPDATE executions SET outcome = $1, reads = $2, message = $3 WHERE tenant = $4 AND id = $5";
        self.sql.execute(sql, params![outcome, reads, message, self.tenant, id]).map(|_| ())
    }

    /// Of some payloads, those that rows of a table (one of [`REFERRING`]) refer to, from one row to another; and the last row that was looked at.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn referred_to(&mut self, table: &str, payloads: &HashSet<i64>, after: i64, limit: i64) -> Result<(HashSet<i64>, Option<i64>)> {
        let (mut used, mut last) = (HashSet::new(), None);
        if table == "deliveries" {
            let (walked, _) = self.walk_deliveries(after, i64::MAX, limit)?;
            last = walked.last().map(|row| row.id);
            used.extend(walked.iter().filter_map(|row| row.payload).filter(|payload| payloads.contains(payload)));
            return Ok((used, last));
        }
        let sql = format!("SELECT id, payload FROM {table} WHERE tenant = $1 AND id > $2 ORDER BY id LIMIT $3");
        self.sql.each(&sql, params![self.tenant, after, limit], &mut |row| {
            let id = row.int(0)?;
            last = Some(id);
            used.extend(row.maybe_int(1)?.map(|payload| meant(payload, id)).filter(|payload| payloads.contains(payload)));
            Ok(())
        })?;
        Ok((used, last))
    }

    /// Removes payloads that nothing refers to; gives how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn remove_payloads(&mut self, ids: &[i64]) -> Result<usize> {
        let mut removed = 0;
        for id in ids {
            removed += self.sql.execute("DELETE FROM payloads WHERE tenant = $1 AND id = $2", params![self.tenant, *id])?;
        }
        Ok(removed)
    }
}
