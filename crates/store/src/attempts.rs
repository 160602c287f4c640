//! Earlier attempts: what an execution came to before somebody had it run again. Most executions run once, have no row here, and cost nothing
//! for it.

use crate::error::{Result, StoreError};
use crate::executions::{Execution, Status};
use crate::sql::{Param, Row};
use crate::{Scope, params};

/// Attempts that are kept of an execution; beyond, the oldest go.
pub const MAX_ATTEMPTS: i64 = 50;

/// How an execution is to run again, and for whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// Who asks for it, by name.
    pub by: String,
    /// Whether it runs with the spec and the constants that it ran with before, and not with the newest.
    pub pinned: bool,
    /// Whether its enrichments are fetched again.
    pub fresh: bool,
}

impl Again {
    /// With the newest spec and constants, and the enrichments as they were.
    pub fn newest(by: impl Into<String>) -> Self {
        Self { by: by.into(), pinned: false, fresh: false }
    }
}

/// An attempt that was followed by another.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Its id: when the next one was asked for.
    pub id: i64,
    /// The execution as it stood after this attempt.
    pub execution: Execution,
    /// How the attempt after it was asked for.
    pub next: Again,
}

const ATTEMPT: &str =
    "id, version, constants, status, at, took, context, digest, outcome, reads, code, instruction, message, actor, pinned, fresh";

fn attempt(of: &Execution, row: &dyn Row) -> Result<Attempt> {
    let execution = Execution {
        id: of.id,
        source_model: of.source_model,
        link: of.link,
        version: row.int(1)?,
        constants: row.int(2)?,
        status: Status::from_number(row.int(3)?).unwrap_or(Status::Failed),
        at: row.int(4)?,
        took: row.int(5)?,
        context: row.maybe_int(6)?,
        digest: row.maybe_blob(7)?,
        outcome: row.maybe_blob(8)?,
        reads: row.maybe_blob(9)?,
        code: row.maybe_text(10)?,
        instruction: row.maybe_text(11)?,
        message: row.maybe_text(12)?,
        job: of.job,
    };
    Ok(Attempt { id: row.int(0)?, execution, next: Again { by: row.text(13)?, pinned: row.flag(14)?, fresh: row.flag(15)? } })
}

impl Scope<'_> {
    /// Keeps what an execution came to, before it runs again.
    pub(crate) fn keep_attempt(&mut self, known: &Execution, again: &Again) -> Result<()> {
        let id = self.next_id();
        let given: [Param<'_>; 18] = [
            self.tenant.into(),
            known.id.into(),
            id.into(),
            known.version.into(),
            known.constants.into(),
            known.status.number().into(),
            known.at.into(),
            known.took.into(),
            known.context.into(),
            known.digest.as_ref().into(),
            known.outcome.as_ref().into(),
            known.reads.as_ref().into(),
            known.code.as_ref().into(),
            known.instruction.as_ref().into(),
            known.message.as_ref().into(),
            again.by.as_str().into(),
            again.pinned.into(),
            again.fresh.into(),
        ];
        let sql = format!(
            "INSERT INTO attempts (tenant, execution, {ATTEMPT}) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        );
        self.sql.execute(&sql, &given)?;
        let sql = "DELETE FROM attempts WHERE tenant = $1 AND execution = $2 AND id <= \
                   (SELECT id FROM attempts WHERE tenant = $1 AND execution = $2 ORDER BY id DESC LIMIT 1 OFFSET $3)";
        self.sql.execute(sql, params![self.tenant, known.id, MAX_ATTEMPTS]).map(|_| ())
    }

    /// The earlier attempts of an execution, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn attempts(&mut self, of: &Execution) -> Result<Vec<Attempt>> {
        let sql = format!("SELECT {ATTEMPT} FROM attempts WHERE tenant = $1 AND execution = $2 ORDER BY id DESC");
        self.sql.rows(&sql, params![self.tenant, of.id], |row| attempt(of, row))
    }

    /// An earlier attempt of an execution.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn attempt(&mut self, of: &Execution, id: i64) -> Result<Attempt> {
        let sql = format!("SELECT {ATTEMPT} FROM attempts WHERE tenant = $1 AND execution = $2 AND id = $3");
        self.sql.row(&sql, params![self.tenant, of.id, id], |row| attempt(of, row))?.ok_or(StoreError::Missing("attempt"))
    }

    /// Removes the earlier attempts of an execution: what they hold of somebody is to go.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_attempts(&mut self, execution: i64) -> Result<()> {
        let sql = "DELETE FROM attempts WHERE tenant = $1 AND execution = $2";
        self.sql.execute(sql, params![self.tenant, execution]).map(|_| ())
    }
}
