//! The embedded database: the only module that knows SQLite. WAL, `synchronous=FULL`, one writer that commits in groups: the writes
//! of many callers share one transaction and one fsync, and each is answered only after the commit.

pub mod backup;
pub mod beside;
#[cfg(test)]
mod older;
mod planner;
mod stats;
mod writer;

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded};
use parking_lot::Mutex;
use rusqlite::config::DbConfig;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::{Result, StoreError};
use crate::private;
use crate::schema::MIGRATIONS;
use crate::sql::{Param, Row, Sql};

pub use stats::{BUCKETS, Histogram, WriterStats};
use writer::{Inbox, Write, Writer};
pub use writer::{MAX_BATCH, MAX_BATCH_MS, MAX_WAITING};

/// How long another process may take to let go of the data directory: one that is just stopping does not stand in the way of its
/// successor.
const LOCK_MS: u64 = 1000;
/// Read connections.
const READERS: usize = 4;
/// How long another program may hold the database before that is an error.
const BUSY_MS: u64 = 5000;
/// Prepared statements kept for each connection.
const STATEMENTS: usize = 256;
/// Pages that are written ahead before they are merged into the main file: what is written again and again until then is merged once.
const CHECKPOINT_PAGES: i64 = 16_000;
/// The writer's page cache, as SQLite counts it: negative, in KiB. It fills as it is used.
const WRITER_CACHE_KIB: i64 = -32_000;
/// The name of the database file in the data directory.
const FILE: &str = "salesdash.db";

/// An open database.
pub struct Sqlite {
    path: PathBuf,
    writer: Writer,
    readers: (Sender<Reader>, Receiver<Reader>),
    stats: Arc<WriterStats>,
    _lock: Arc<File>,
}

impl Sqlite {
    /// Opens the database in a directory, makes it where there is none, and brings its schema up to date.
    ///
    /// # Errors
    /// Where another process has it, it is of a newer version, or it cannot be read or written.
    pub fn open(directory: &Path) -> Result<Self> {
        Self::open_with(directory, "FULL")
    }

    /// The same, but commits do not wait for the disk. For samples and measurements only.
    ///
    /// # Errors
    /// As [`Sqlite::open`].
    pub fn open_unsynced(directory: &Path) -> Result<Self> {
        Self::open_with(directory, "OFF")
    }

    fn open_with(directory: &Path, synchronous: &str) -> Result<Self> {
        let unwritable = |error| StoreError::ReadOnly(format!("{}: {error}", directory.display()));
        private::directory(directory).map_err(unwritable)?;
        let lock = Arc::new(lock(directory)?);
        let path = directory.join(FILE);
        // The database makes its other files with the permissions of this one.
        private::open(&path).map_err(unwritable)?;
        let mut connection = connect(&path, false)?;
        connection.pragma_update(None, "synchronous", synchronous).map_err(failed)?;
        migrate(&mut connection)?;
        // One process at most has it open: whoever held a lease is gone. Where that cannot be written, leases end by themselves.
        let _ = connection.execute("DELETE FROM leases", []);
        let (jobs, waiting) = bounded(MAX_WAITING);
        let (inbox, stats) = (Arc::new(Inbox::new(jobs)), Arc::<WriterStats>::default());
        let of_writer = (Arc::clone(&inbox), Arc::clone(&stats), Arc::clone(&lock));
        let thread = std::thread::Builder::new()
            .name("writer".to_owned())
            .spawn(move || {
                // The directory stays locked as long as anything is written to it.
                let (inbox, stats, _lock) = of_writer;
                writer::run(&inbox, &waiting, &mut Statements::new(connection), &stats);
            })
            .map_err(|error| StoreError::Database(error.to_string()))?;
        let writer = Writer { inbox, thread: Mutex::new(Some(thread)) };
        let readers = bounded(READERS);
        for _ in 0..READERS {
            let reader = Statements::new(connect(&path, true)?);
            readers.0.send(reader).map_err(|_| StoreError::Closing)?;
        }
        Ok(Self { path, writer, readers, stats, _lock: lock })
    }

    /// Does a write in the next commit, and calls `done` exactly once after it (or once it is known that there is none), on the writer's
    /// thread. Does not wait for it, unless [`MAX_WAITING`] writes wait already; `done` itself may submit more and never waits.
    pub fn submit<T, F, D>(&self, work: F, done: D)
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Sql) -> Result<T> + Send + 'static,
        D: FnOnce(Result<T>) + Send + 'static,
    {
        self.writer.inbox.hand_in(Box::new(Write::new(work, done)));
    }

    /// Does a write in the next commit, and waits for it.
    ///
    /// # Errors
    /// What the work gives, or why it could not be committed. Where it would wait for itself: on the writer's thread, in the `done` of
    /// another write.
    pub fn write<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut dyn Sql) -> Result<T> + Send + 'static,
    {
        if self.writer.inbox.is_writer() {
            return Err(StoreError::Database("a write cannot wait for the writer on its own thread; submit it".to_owned()));
        }
        writer::wait(|done| self.submit(work, done))
    }

    /// Reads one consistent state of the database.
    ///
    /// # Errors
    /// What the work gives.
    pub fn read<T>(&self, work: impl FnOnce(&mut dyn Sql) -> Result<T>) -> Result<T> {
        let reader = self.readers.1.recv().map_err(|_| StoreError::Closing)?;
        let mut borrowed = Borrowed { reader: Some(reader), home: &self.readers.0 };
        let Some(reader) = &mut borrowed.reader else { return Err(StoreError::Closing) };
        reader.simple("BEGIN")?;
        work(reader)
    }

    /// Copies the database to a file while it is in use.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn backup(&self, to: &Path) -> Result<()> {
        backup::back_up(self.path.parent().unwrap_or(Path::new(".")), to).map(|_| ())
    }

    /// What the writer has done so far.
    #[must_use]
    pub fn stats(&self) -> &WriterStats {
        &self.stats
    }

    /// How many writes wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.writer.inbox.len()
    }

    /// The size of the database in bytes, with what is not merged into it yet.
    #[must_use]
    pub fn size(&self) -> u64 {
        ["", "-wal"].iter().filter_map(|end| std::fs::metadata(format!("{}{end}", self.path.display())).ok()).map(|file| file.len()).sum()
    }

    /// Gives free pages back to the disk, `pages` at most. False once there are none left.
    ///
    /// # Errors
    /// Where the database refuses.
    pub fn give_back(&self, pages: i64) -> Result<bool> {
        self.write(move |sql| {
            sql.each(&format!("PRAGMA incremental_vacuum({pages})"), &[], &mut |_| Ok(()))?;
            let free = sql.row("PRAGMA freelist_count", &[], |row| row.int(0))?.unwrap_or(0);
            let mode = sql.row("PRAGMA auto_vacuum", &[], |row| row.int(0))?.unwrap_or(0);
            // A file that was made otherwise keeps its free pages for itself.
            Ok(mode == 2 && free > 0)
        })
    }

    /// The bytes that each table takes with its indexes, largest first. Reads the whole file.
    ///
    /// # Errors
    /// Where the database refuses.
    pub fn table_sizes(&self) -> Result<Vec<(String, u64)>> {
        let query =
            "SELECT s.tbl_name, SUM(d.pgsize) FROM dbstat d JOIN sqlite_schema s ON s.name = d.name GROUP BY s.tbl_name ORDER BY 2 DESC";
        self.read(|sql| sql.rows(query, &[], |row| Ok((row.text(0)?, row.int(1)?.unsigned_abs()))))
    }

    /// Merges what was written into the main file, and empties what was written ahead. False where somebody was just reading, so that not
    /// all of it could be.
    ///
    /// # Errors
    /// Where the database refuses.
    pub fn checkpoint(&self) -> Result<bool> {
        let busy: i64 = connect(&self.path, false)?.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).map_err(failed)?;
        Ok(busy == 0)
    }

    /// Whether whole pages that become free are overwritten too, from now on. It costs a write of each, so it is on only while that matters.
    ///
    /// # Errors
    /// Where the database refuses.
    pub fn overwrite(&self, all: bool) -> Result<()> {
        let how = if all { "ON" } else { "FAST" };
        self.write(move |sql| sql.execute(&format!("PRAGMA secure_delete = {how}"), &[]).map(|_| ()))
    }

    /// Reads the whole file and reports damage.
    ///
    /// # Errors
    /// Where there is any.
    pub fn verify(&self) -> Result<()> {
        let answer: String = connect(&self.path, true)?.query_row("PRAGMA integrity_check", [], |row| row.get(0)).map_err(failed)?;
        if answer == "ok" { Ok(()) } else { Err(StoreError::Damaged(answer)) }
    }

    /// Limits the size of the file, so that tests can fill the disk.
    #[doc(hidden)]
    pub fn limit_pages(&self, pages: i64) -> Result<()> {
        self.write(move |sql| sql.execute(&format!("PRAGMA max_page_count = {pages}"), &[]).map(|_| ()))
    }

    /// Limits how long the writer waits for another program that holds the database, so that tests need not.
    #[doc(hidden)]
    pub fn limit_wait(&self, milliseconds: i64) -> Result<()> {
        self.write(move |sql| sql.execute(&format!("PRAGMA busy_timeout = {milliseconds}"), &[]).map(|_| ()))
    }
}

/// A read connection on loan. It goes back whatever happens to the one who has it.
struct Borrowed<'h> {
    reader: Option<Reader>,
    home: &'h Sender<Reader>,
}

impl Drop for Borrowed<'_> {
    fn drop(&mut self) {
        if let Some(mut reader) = self.reader.take() {
            if reader.in_transaction() {
                let _ = reader.simple("ROLLBACK");
            }
            let _ = self.home.send(reader);
        }
    }
}

/// Takes a data directory for this process.
fn lock(directory: &Path) -> Result<File> {
    let lock = private::open(&directory.join("lock")).map_err(|error| StoreError::ReadOnly(format!("{}: {error}", directory.display())))?;
    let deadline = Instant::now() + Duration::from_millis(LOCK_MS);
    while lock.try_lock().is_err() {
        if Instant::now() > deadline {
            return Err(StoreError::InUse(directory.display().to_string()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(lock)
}

fn connect(path: &Path, read_only: bool) -> Result<Connection> {
    let flags = if read_only {
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
    } else {
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX
    };
    let connection = Connection::open_with_flags(path, flags).map_err(failed)?;
    connection.busy_timeout(Duration::from_millis(BUSY_MS)).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Plans do not depend on what is bound. Otherwise a statement that looks at a bound number, such as one with a LIMIT, is compiled anew
    // each time that number is another.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map_err(failed)?;
    if !read_only {
        // Heeded only before there is anything in the file.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL").map_err(failed)?;
        connection.pragma_update(None, "journal_mode", "WAL").map_err(failed)?;
        connection.pragma_update(None, "synchronous", "FULL").map_err(failed)?;
        connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES).map_err(failed)?;
        // What is removed is overwritten where that costs no further page. See `overwrite`.
        connection.pragma_update(None, "secure_delete", "FAST").map_err(failed)?;
    }
    connection.pragma_update(None, "cache_size", if read_only { -2000 } else { WRITER_CACHE_KIB }).map_err(failed)?;
    connection.pragma_update(None, "temp_store", "MEMORY").map_err(failed)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection) -> Result<()> {
    let known = MIGRATIONS.len() as i64;
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(failed)?;
    if found > known {
        return Err(StoreError::Newer { found, known });
    }
    for (number, migration) in MIGRATIONS.iter().enumerate().skip(found as usize) {
        let transaction = connection.transaction().map_err(failed)?;
        for statement in migration.split(";\n") {
            if !statement.trim().is_empty() {
                transaction.execute(&dialect(statement), []).map_err(failed)?;
            }
        }
        planner::teach(&transaction)?;
        transaction.pragma_update(None, "user_version", number as i64 + 1).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    if found < known {
        // The planner's figures are read when a schema is, and this one was new.
        connection.execute_batch("ANALYZE sqlite_schema").map_err(failed)?;
    }
    Ok(())
}

/// A statement in SQLite's words: parameters count by `?1`, and tables are stored in the order of their key; those of large rows that are
/// looked up by their id, which is unique within the installation, in the order of that alone.
fn dialect(statement: &str) -> String {
    let statement = statement.trim().trim_end_matches(';').replace('$', "?").replace("AS BYTEA", "AS BLOB");
    if statement.starts_with("CREATE TABLE") && statement.contains("-- by id") {
        return statement.replace(" id BIGINT NOT NULL", " id INTEGER PRIMARY KEY").replace(",\n  PRIMARY KEY (tenant, id)", "");
    }
    if statement.starts_with("CREATE TABLE") && !statement.contains("-- large") { format!("{statement} WITHOUT ROWID") } else { statement }
}

/// A connection with its statements in SQLite's words.
struct Statements {
    connection: Connection,
    translated: HashMap<String, String>,
}

type Reader = Statements;

impl Statements {
    fn new(connection: Connection) -> Self {
        Self { connection, translated: HashMap::new() }
    }

    fn simple(&mut self, sql: &str) -> Result<()> {
        self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([]).map(|_| ())).map_err(failed)
    }

    fn in_transaction(&self) -> bool {
        !self.connection.is_autocommit()
    }

    fn translate(&mut self, sql: &str) {
        if !self.translated.contains_key(sql) {
            self.translated.insert(sql.to_owned(), dialect(sql));
        }
    }
}

impl Sql for Statements {
    fn execute(&mut self, sql: &str, params: &[Param<'_>]) -> Result<usize> {
        self.translate(sql);
        let mut statement = self.connection.prepare_cached(&self.translated[sql]).map_err(failed)?;
        bind(&mut statement, params)?;
        match statement.raw_execute() {
            Err(rusqlite::Error::ExecuteReturnedResults) => Ok(0),
            other => other.map_err(failed),
        }
    }

    fn each(&mut self, sql: &str, params: &[Param<'_>], each: &mut dyn FnMut(&dyn Row) -> Result<()>) -> Result<()> {
        self.translate(sql);
        let mut statement = self.connection.prepare_cached(&self.translated[sql]).map_err(failed)?;
        bind(&mut statement, params)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next().map_err(failed)? {
            each(&SqliteRow(row))?;
        }
        Ok(())
    }

    fn plans(&mut self) -> Result<Vec<(String, Vec<String>)>> {
        let statements = self.translated.values().filter(|sql| !sql.starts_with("PRAGMA"));
        let plan = |sql: &String| {
            let mut statement = self.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).map_err(failed)?;
            let mut rows = statement.raw_query();
            let mut lines = Vec::new();
            while let Some(row) = rows.next().map_err(failed)? {
                lines.push(row.get(3).map_err(failed)?);
            }
            Ok((sql.clone(), lines))
        };
        statements.map(plan).collect()
    }
}

fn bind(statement: &mut rusqlite::CachedStatement<'_>, params: &[Param<'_>]) -> Result<()> {
    for (index, param) in params.iter().enumerate() {
        let value = ToSqlOutput::Borrowed(match param {
            Param::Null => ValueRef::Null,
            Param::Int(value) => ValueRef::Integer(*value),
            Param::Text(value) => ValueRef::Text(value.as_bytes()),
            Param::Blob(value) => ValueRef::Blob(value),
        });
        statement.raw_bind_parameter(index + 1, value).map_err(failed)?;
    }
    Ok(())
}

struct SqliteRow<'a, 's>(&'a rusqlite::Row<'s>);

impl Row for SqliteRow<'_, '_> {
    fn maybe_int(&self, column: usize) -> Result<Option<i64>> {
        self.0.get(column).map_err(failed)
    }

    fn maybe_text(&self, column: usize) -> Result<Option<String>> {
        self.0.get(column).map_err(failed)
    }

    fn maybe_blob(&self, column: usize) -> Result<Option<Vec<u8>>> {
        self.0.get(column).map_err(failed)
    }
}

/// What SQLite's error means. Its text holds statements and names, never values.
fn failed(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked,
        Some(ErrorCode::DiskFull) => StoreError::Full,
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => StoreError::ReadOnly(error.to_string()),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StoreError::Damaged(error.to_string()),
        Some(ErrorCode::ConstraintViolation) => StoreError::Conflict("something of that name or id is there already".to_owned()),
        _ => StoreError::Database(error.to_string()),
    }
}
