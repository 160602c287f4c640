//! Executions: one source model through one link. An execution keeps only what cannot be worked out again.

use crate::attempts::Again;
use crate::deliveries::numbered;
use crate::error::{Result, StoreError};
use crate::numbers::{meant, meant_sql, of_model, stored};
use crate::sql::{Param, Row};
use crate::{Page, Paging, Scope, Store, params};

numbered! {
    /// Where an execution is.
    Status {
        /// It waits for its turn.
        Waiting = 1, "waiting";
        /// Everything ran.
        Succeeded = 2, "succeeded";
        /// A `skip_record` ended it.
        Skipped = 3, "skipped";
        /// Some iterations failed.
        PartiallyFailed = 4, "partially_failed";
        /// It failed, and wrote nothing.
        Failed = 5, "failed";
        /// What it wrote was undone.
        Undone = 6, "undone";
        /// A later version of its record had been executed before it could be: it wrote nothing.
        Stale = 7, "stale";
        /// It failed, and its record has been done over by a later execution.
        Replaced = 8, "replaced";
    }
}

/// An execution.
#[derive(Clone, Debug)]
pub struct Execution {
    /// Its id.
    pub id: i64,
    /// The source model.
    pub source_model: i64,
    /// The link.
    pub link: i64,
    /// The version of the processor's spec.
    pub version: i64,
    /// The version of the link's constants.
    pub constants: i64,
    /// Where it is.
    pub status: Status,
    /// The execution clock; 0 while it waits.
    pub at: i64,
    /// How long it took, in microseconds.
    pub took: i64,
    /// What else it was evaluated with: see [`Scope::context`]. `None` while it waits.
    pub context: Option<i64>,
    /// A digest of its effects.
    pub digest: Option<Vec<u8>>,
    /// What became of each write.
    pub outcome: Option<Vec<u8>>,
    /// What it read from the stored state, encrypted.
    pub reads: Option<Vec<u8>>,
    /// The code of the first error.
    pub code: Option<String>,
    /// The instruction of the first error.
    pub instruction: Option<String>,
    /// The text of the first error.
    pub message: Option<String>,
    /// The job that called for it, where one did.
    pub job: Option<i64>,
}

/// How an execution ended.
#[derive(Clone, Debug)]
pub struct Finished {
    /// How.
    pub status: Status,
    /// The version of the spec that ran.
    pub version: i64,
    /// The version of the constants that it ran with.
    pub constants: i64,
    /// The execution clock.
    pub at: i64,
    /// How long it took, in microseconds.
    pub took: i64,
    /// What else it was evaluated with: see [`Scope::context`]. `None` where it was not evaluated.
    pub context: Option<i64>,
    /// A digest of its effects.
    pub digest: Vec<u8>,
    /// What became of each write.
    pub outcome: Vec<u8>,
    /// What it read from the stored state, as JSON.
    pub reads: Option<String>,
    /// The first error: its code, its instruction, its text.
    pub error: Option<(String, String, String)>,
}

/// The key of a record, as it is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordKey {
    /// Its hash, as it is stored beside it.
    pub hash: i64,
    /// The key.
    pub text: String,
}

/// Which executions a list shows.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Those of one status.
    pub status: Option<Status>,
    /// Those of these links.
    pub links: Option<Vec<i64>>,
    /// Those of one source model.
    pub source_model: Option<i64>,
    /// Those from this id (which is a time) on.
    pub from: Option<i64>,
    /// Those before this id.
    pub to: Option<i64>,
    /// Those of records with this key.
    pub key: Option<RecordKey>,
    /// Those whose first error has this code.
    pub code: Option<String>,
    /// Those that a job called for.
    pub job: Option<i64>,
}

impl Filter {
    /// Adds the conditions to a statement, and the parameters that they need.
    fn conditions<'f>(&'f self, sql: &mut String, given: &mut Vec<Param<'f>>) {
        if let Some(status) = self.status {
            sql.push_str(&format!(" AND status = {}", status.number()));
            if status != Status::Succeeded {
                // Word for word the condition of `executions_in_trouble`, so that this index serves.
                sql.push_str(" AND status NOT IN (2)");
            }
        }
        match self.links.as_deref() {
            None => {}
            Some([one]) => sql.push_str(&format!(" AND link = {one}")),
            Some(links) => {
                let links: Vec<String> = links.iter().map(ToString::to_string).collect();
                // The newest of several links are found in the order of ids; an index by link would have all of them sorted.
                sql.push_str(&format!(" AND +link IN ({})", if links.is_empty() { "0".to_owned() } else { links.join(", ") }));
            }
        }
        if let Some(model) = self.source_model {
            given.push(model.into());
            sql.push_str(&format!(" AND {}", of_model("executions", &format!("${}", given.len()))));
        }
        let numbers = [(self.job, "job ="), (self.from, "id >="), (self.to, "id <")];
        for (number, condition) in numbers {
            if let Some(number) = number {
                given.push(number.into());
                sql.push_str(&format!(" AND {condition} ${}", given.len()));
            }
        }
        if let Some(code) = &self.code {
            given.push(code.into());
            sql.push_str(&format!(" AND code = ${}", given.len()));
        }
        if let Some(key) = &self.key {
            given.push(key.text.as_str().into());
            given.push(key.hash.into());
            sql.push_str(&format!(
                " AND id IN (SELECT e.id FROM sources s JOIN source_models m ON m.tenant = s.tenant AND m.source = +s.id \
                 AND m.key_hash = ${} AND m.record_key = ${} JOIN executions e ON e.tenant = m.tenant AND {} WHERE s.tenant = $1)",
                given.len(),
                given.len() - 1,
                of_model("e", "m.id")
            ));
        }
    }
}

pub(crate) const EXECUTION: &str =
    "id, source_model, link, version, constants, status, at, took, context, digest, outcome, reads, code, instruction, message, job";

pub(crate) fn execution(row: &dyn Row) -> Result<Execution> {
    let id = row.int(0)?;
    Ok(Execution {
        id,
        source_model: meant(row.int(1)?, id),
        link: row.int(2)?,
        version: row.int(3)?,
        constants: row.int(4)?,
        status: Status::from_number(row.int(5)?).unwrap_or(Status::Waiting),
        at: row.maybe_int(6)?.map_or(0, |since| id + since),
        took: row.int(7)?,
        context: row.maybe_int(8)?,
        digest: row.maybe_blob(9)?,
        outcome: row.maybe_blob(10)?,
        reads: row.maybe_blob(11)?,
        code: row.maybe_text(12)?,
        instruction: row.maybe_text(13)?,
        message: row.maybe_text(14)?,
        job: row.maybe_int(15)?,
    })
}

/// An execution that waits, with what says when its turn is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its tenant.
    pub tenant: i64,
    /// Its id.
    pub execution: i64,
    /// Its link.
    pub link: i64,
    /// The source.
    pub source: i64,
    /// The source model.
    pub source_model: i64,
    /// A hash of the record's key. `None` where it has no key.
    pub key_hash: Option<i64>,
    /// The job that called for it, where one did.
    pub job: Option<i64>,
    /// Whether it runs with the spec and the constants that it ran with before, and not with the newest.
    pub pinned: bool,
    /// Where it was made to run again: whether its enrichments are fetched again.
    pub fresh: Option<bool>,
}

/// Whether enrichments are fetched again stands with the attempt that went before: most of what waits has none.
const WAITING: &str = "e.id, e.link, m.source, m.id, m.key_hash, CASE WHEN m.record_key IS NULL THEN 0 ELSE 1 END, e.job, q.pinned, \
                       (SELECT a.fresh FROM attempts a WHERE a.tenant = q.tenant AND a.execution = q.id ORDER BY a.id DESC LIMIT 1)";

fn waiting(tenant: i64, row: &dyn Row) -> Result<Waiting> {
    Ok(Waiting {
        tenant,
        execution: row.int(0)?,
        link: row.int(1)?,
        source: row.int(2)?,
        source_model: row.int(3)?,
        key_hash: if row.flag(5)? { row.maybe_int(4)? } else { None },
        job: row.maybe_int(6)?,
        pinned: row.flag(7)?,
        fresh: row.maybe_int(8)?.map(|fresh| fresh != 0),
    })
}

/// What waits, of all tenants. A cross join is done in the order written: the queue is short, and what it is joined with is not.
fn all_waiting() -> String {
    format!(
        "SELECT {WAITING}, q.tenant FROM queue q CROSS JOIN executions e CROSS JOIN source_models m \
         WHERE e.tenant = q.tenant AND e.id = q.id AND m.tenant = e.tenant AND m.id = {} ORDER BY q.id",
        meant_sql("e", "source_model")
    )
}

impl Store {
    /// Everything that waits, of all tenants, in the order it arrived: the tenant and the execution.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn waiting(&self) -> Result<Vec<(i64, i64)>> {
        self.database().read(|sql| sql.rows("SELECT tenant, id FROM queue ORDER BY id", &[], |row| Ok((row.int(0)?, row.int(1)?))))
    }

    /// Everything that waits, of all tenants, in the order it arrived, with what says when its turn is.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn waiting_in_order(&self) -> Result<Vec<Waiting>> {
        self.database().read(|sql| sql.rows(&all_waiting(), &[], |row| waiting(row.int(9)?, row)))
    }
}

impl Scope<'_> {
    /// Stores an execution that waits, and queues it; gives its id.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn insert_execution(&mut self, source_model: i64, link: i64, version: i64, constants: i64, job: Option<i64>) -> Result<i64> {
        let id = self.next_id();
        self.insert_execution_as(id, source_model, link, version, constants, job)?;
        Ok(id)
    }

    /// The same under an id.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn insert_execution_as(
        &mut self,
        id: i64,
        source_model: i64,
        link: i64,
        version: i64,
        constants: i64,
        job: Option<i64>,
    ) -> Result<()> {
        self.sql.execute(
            "INSERT INTO executions (tenant, id, source_model, link, version, constants, status, took, job) \
             VALUES ($1, $2, $3, $4, $5, $6, 1, 0, $7)",
            params![self.tenant, id, stored(source_model, id), link, version, constants, job],
        )?;
        self.enqueue(id, false)
    }

    fn enqueue(&mut self, id: i64, pinned: bool) -> Result<()> {
        let sql = "INSERT INTO queue (tenant, id, pinned) VALUES ($1, $2, $3)";
        self.sql.execute(sql, params![self.tenant, id, i64::from(pinned)]).map(|_| ())
    }

    /// Takes an execution out of the queue. False where it is not in it: somebody else has done it.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn dequeue(&mut self, id: i64) -> Result<bool> {
        Ok(self.sql.execute("DELETE FROM queue WHERE tenant = $1 AND id = $2", params![self.tenant, id])? > 0)
    }

    /// Whether an execution waits in the queue.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn is_queued(&mut self, id: i64) -> Result<bool> {
        Ok(self.sql.row("SELECT 1 FROM queue WHERE tenant = $1 AND id = $2", params![self.tenant, id], |row| row.int(0))?.is_some())
    }

    /// The oldest execution that waits.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn first_waiting(&mut self) -> Result<Option<i64>> {
        let sql = "SELECT id FROM queue WHERE tenant = $1 ORDER BY id LIMIT 1";
        self.sql.row(sql, params![self.tenant], |row| row.int(0))
    }

    /// Notes how an execution ended.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn finish_execution(&mut self, id: i64, finished: &Finished) -> Result<()> {
        let reads = finished.reads.as_ref().map(|reads| self.vault.seal("state reads", reads.as_bytes())).transpose()?;
        let error = finished.error.as_ref();
        self.sql
            .execute(
                "UPDATE executions SET status = $1, version = $2, constants = $3, at = $4, took = $5, context = $6, digest = $7, \
                 outcome = $8, reads = $9, code = $10, instruction = $11, message = $12 WHERE tenant = $13 AND id = $14",
                params![
                    finished.status.number(),
                    finished.version,
                    finished.constants,
                    finished.at - id,
                    finished.took,
                    finished.context,
                    &finished.digest,
                    &finished.outcome,
                    reads.as_ref(),
                    error.map(|error| &error.0),
                    error.map(|error| &error.1),
                    error.map(|error| &error.2),
                    self.tenant,
                    id
                ],
            )
            .map(|_| ())
    }

    /// Puts an execution that ended back into the queue. What it came to is kept as an attempt.
    ///
    /// # Errors
    /// Where there is none of this id, or it waits already.
    pub fn requeue(&mut self, id: i64, again: &Again) -> Result<Execution> {
        let known = self.execution(id)?;
        if known.status == Status::Waiting {
            return Err(StoreError::Conflict("the execution waits already".to_owned()));
        }
        if matches!(known.status, Status::Stale | Status::Replaced | Status::Undone) {
            return Err(StoreError::Conflict("the execution has been overtaken".to_owned()));
        }
        self.keep_attempt(&known, again)?;
        self.sql.execute("UPDATE executions SET status = 1 WHERE tenant = $1 AND id = $2", params![self.tenant, id])?;
        self.enqueue(id, again.pinned)?;
        Ok(known)
    }

    /// What an execution read from the stored state, as JSON.
    ///
    /// # Errors
    /// Where it cannot be decrypted.
    pub fn reads_of(&self, execution: &Execution) -> Result<Option<String>> {
        execution.reads.as_ref().map(|sealed| self.vault.open_text("state reads", sealed)).transpose()
    }

    /// An execution.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn execution(&mut self, id: i64) -> Result<Execution> {
        let sql = format!("SELECT {EXECUTION} FROM executions WHERE tenant = $1 AND id = $2");
        self.sql.row(&sql, params![self.tenant, id], execution)?.ok_or(StoreError::Missing("execution"))
    }

    /// The newest execution of a source model through a link that has ended, where there is one; what was undone does not count.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn last_execution(&mut self, source_model: i64, link: i64) -> Result<Option<Execution>> {
        let sql = format!(
            "SELECT {EXECUTION} FROM executions WHERE tenant = $1 AND {} AND +link = $3 AND status NOT IN (1, 6) ORDER BY id DESC LIMIT 1",
            of_model("executions", "$2")
        );
        self.sql.row(&sql, params![self.tenant, source_model, link], execution)
    }

    /// Whether a later version of the same record has been executed through a link: then an earlier one must not write any more.
    ///
    /// Where a job does a range of records over, from the oldest on, what was executed before it began counts only for records beyond
    /// the range: `since` is the job, `beyond` the last source model of its range. Otherwise both are 0.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn is_superseded(&mut self, source_model: i64, link: i64, since: i64, beyond: i64) -> Result<bool> {
        let sql = format!(
            "SELECT 1 FROM source_models m JOIN source_models l ON l.tenant = m.tenant AND l.source = m.source \
             AND l.key_hash = m.key_hash AND l.record_key = m.record_key AND l.id > m.id AND l.verdict = 1 \
             JOIN executions e ON e.tenant = l.tenant AND {} AND +e.link = $3 AND e.status IN (2, 3, 4) \
             WHERE m.tenant = $1 AND m.id = $2 AND (e.id > $4 OR l.id > $5) LIMIT 1",
            of_model("e", "l.id")
        );
        Ok(self.sql.row(&sql, params![self.tenant, source_model, link, since, beyond], |row| row.int(0))?.is_some())
    }

    /// What waits of an execution, where it waits.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn waiting_item(&mut self, execution: i64) -> Result<Option<Waiting>> {
        let sql = format!(
            "SELECT {WAITING} FROM queue q JOIN executions e ON e.tenant = q.tenant AND e.id = +q.id \
             JOIN source_models m ON m.tenant = e.tenant AND m.id = {} WHERE q.tenant = $1 AND q.id = $2 AND e.status = 1",
            meant_sql("e", "source_model")
        );
        let tenant = self.tenant;
        self.sql.row(&sql, params![tenant, execution], |row| waiting(tenant, row))
    }

    /// How many executions a filter selects.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn count_executions(&mut self, filter: &Filter) -> Result<i64> {
        let mut sql = "SELECT COUNT(*) FROM executions WHERE tenant = $1".to_owned();
        let mut given: Vec<Param<'_>> = vec![self.tenant.into()];
        filter.conditions(&mut sql, &mut given);
        Ok(self.sql.row(&sql, &given, |row| row.int(0))?.unwrap_or(0))
    }

    /// The id under which a document is kept that executions were evaluated with: whatever it takes beside spec, constants, record,
    /// clock and stored state. A document that is known keeps its id.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn keep_context(&mut self, document: &str) -> Result<i64> {
        let digest = crate::installation::hash(document);
        let sql = "SELECT id FROM contexts WHERE tenant = $1 AND digest = $2";
        if let Some(id) = self.sql.row(sql, params![self.tenant, &digest], |row| row.int(0))? {
            return Ok(id);
        }
        let id = self.next_number()?;
        let sql = "INSERT INTO contexts (tenant, id, digest, document) VALUES ($1, $2, $3, $4)";
        self.sql.execute(sql, params![self.tenant, id, &digest, document])?;
        Ok(id)
    }

    /// A document that executions were evaluated with.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn context(&mut self, id: i64) -> Result<String> {
        let sql = "SELECT document FROM contexts WHERE tenant = $1 AND id = $2";
        self.sql.row(sql, params![self.tenant, id], |row| row.text(0))?.ok_or(StoreError::Missing("evaluation context"))
    }

    /// Executions, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn executions(&mut self, filter: &Filter, paging: Paging) -> Result<Page<Execution>> {
        let mut sql = format!("SELECT {EXECUTION} FROM executions WHERE tenant = $1 AND id < $2");
        let mut given: Vec<Param<'_>> = params![self.tenant, paging.before, paging.fetch()].to_vec();
        filter.conditions(&mut sql, &mut given);
        sql.push_str(" ORDER BY id DESC LIMIT $3");
        let rows = self.sql.rows(&sql, &given, execution)?;
        Ok(paging.page(rows, |execution| execution.id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starting_reads_the_queue_and_not_every_execution() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).expect("a store");
        let plan = format!("EXPLAIN QUERY PLAN {}", all_waiting());
        let lines = store.database().read(|sql| sql.rows(&plan, &[], |row| row.text(3))).expect("a plan");
        let through: Vec<_> = lines.iter().filter(|line| line.starts_with("SCAN")).collect();
        assert_eq!(through, ["SCAN q"], "{lines:?}");
    }
}
