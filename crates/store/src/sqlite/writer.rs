//! The one writer: takes writes from a bounded queue, runs each in a savepoint, commits many of them with one fsync, and answers each
//! only after the commit. Nothing that a write or its answer does can end it.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::ThreadId;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use parking_lot::{Mutex, RwLock};

use super::Statements;
use super::stats::WriterStats;
use crate::error::{Result, StoreError};
use crate::sql::Sql;

/// Writes that share one commit at most.
pub const MAX_BATCH: usize = 512;
/// How long writes may gather in one commit: a slow one does not make the others wait for a full batch.
pub const MAX_BATCH_MS: u64 = 20;
/// How long a commit waits for the next write, where commits have been shared by many of late: those who were just answered are about to
/// write again, and one commit for all of them is cheaper than several.
pub const PATIENCE_US: u64 = 400;
/// Writes that a commit must have been shared by, on average of late, for the next one to be waited for.
const SHARED: usize = 6;
/// After how long without a write the pages that were kept at hand are given back to the system: a busy hour is not paid for all night.
const REST: Duration = Duration::from_secs(20);
/// Writes that wait at most before callers have to.
pub const MAX_WAITING: usize = 8192;

/// One write, from the call to its answer. Answered exactly once, whatever happens.
pub(super) trait Job: Send {
    /// Does it within the transaction.
    ///
    /// # Errors
    /// Where it fails; what it wrote is then to be undone.
    fn run(&mut self, sql: &mut dyn Sql) -> Result<()>;
    /// Answers, after the commit (or its failure).
    fn finish(self: Box<Self>, committed: &Result<()>);
    /// When it was handed in.
    fn since(&self) -> Instant;
}

pub(super) struct Write<T, F, D>
where
    D: FnOnce(Result<T>),
{
    work: Option<F>,
    done: Option<D>,
    result: Option<Result<T>>,
    since: Instant,
}

impl<T, F, D> Write<T, F, D>
where
    F: FnOnce(&mut dyn Sql) -> Result<T>,
    D: FnOnce(Result<T>),
{
    pub(super) fn new(work: F, done: D) -> Self {
        Self { work: Some(work), done: Some(done), result: None, since: Instant::now() }
    }
}

impl<T, F, D> Job for Write<T, F, D>
where
    T: Send,
    F: FnOnce(&mut dyn Sql) -> Result<T> + Send,
    D: FnOnce(Result<T>) + Send,
{
    fn run(&mut self, sql: &mut dyn Sql) -> Result<()> {
        let Some(work) = self.work.take() else { return Ok(()) };
        // The text of a panic can hold anything, so it is not passed on.
        let result = catch_unwind(AssertUnwindSafe(|| work(sql)))
            .unwrap_or_else(|_| Err(StoreError::Database("a write gave up in the middle".to_owned())));
        let well = result.as_ref().map(|_| ()).map_err(Clone::clone);
        self.result = Some(result);
        well
    }

    fn finish(mut self: Box<Self>, committed: &Result<()>) {
        let result = match (self.result.take(), committed) {
            (Some(Ok(_)) | None, Err(error)) => Err(error.clone()),
            (Some(result), _) => result,
            (None, Ok(())) => Err(StoreError::Closing),
        };
        if let Some(done) = self.done.take() {
            done(result);
        }
    }

    fn since(&self) -> Instant {
        self.since
    }
}

impl<T, F, D> Drop for Write<T, F, D>
where
    D: FnOnce(Result<T>),
{
    /// A write that is given up is answered too: somebody waits for it.
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            done(Err(StoreError::Closing));
        }
    }
}

/// Where writes are handed in.
pub(super) struct Inbox {
    jobs: RwLock<Option<Sender<Box<dyn Job>>>>,
    /// What the writer's own thread hands in, from answers: it must not wait for itself.
    own: Mutex<VecDeque<Box<dyn Job>>>,
    writer: RwLock<Option<ThreadId>>,
}

impl Inbox {
    pub(super) fn new(jobs: Sender<Box<dyn Job>>) -> Self {
        Self { jobs: RwLock::new(Some(jobs)), own: Mutex::default(), writer: RwLock::default() }
    }

    /// Whether this is the writer's own thread.
    pub(super) fn is_writer(&self) -> bool {
        *self.writer.read() == Some(std::thread::current().id())
    }

    pub(super) fn hand_in(&self, job: Box<dyn Job>) {
        let jobs = self.jobs.read().clone();
        match jobs {
            None => job.finish(&Err(StoreError::Closing)),
            Some(_) if self.is_writer() => self.own.lock().push_back(job),
            Some(jobs) => {
                if let Err(rejected) = jobs.send(job) {
                    rejected.0.finish(&Err(StoreError::Closing));
                }
            }
        }
    }

    /// How many writes wait.
    pub(super) fn len(&self) -> usize {
        self.jobs.read().as_ref().map_or(0, Sender::len) + self.own.lock().len()
    }

    /// Takes nothing more; the writer ends once it has done what waits.
    pub(super) fn close(&self) {
        self.jobs.write().take();
    }

    fn next(&self, jobs: &Receiver<Box<dyn Job>>) -> Option<Box<dyn Job>> {
        self.own.lock().pop_front().or_else(|| jobs.try_recv().ok())
    }
}

/// The writer's thread, until the inbox is closed and empty.
pub(super) fn run(inbox: &Inbox, jobs: &Receiver<Box<dyn Job>>, connection: &mut Statements, stats: &WriterStats) {
    *inbox.writer.write() = Some(std::thread::current().id());
    let mut batch: Vec<Box<dyn Job>> = Vec::with_capacity(MAX_BATCH);
    // How many writes shared a commit of late, times four.
    let mut shared = 0;
    let mut rested = true;
    while let Some(first) = inbox.next(jobs).or_else(|| wait_for(jobs, connection, &mut rested)).or_else(|| inbox.next(jobs)) {
        let started = Instant::now();
        let span = tracing::debug_span!("commit", writes = tracing::field::Empty).entered();
        let committed = gather(first, &mut batch, inbox, jobs, connection, shared / 4).and_then(|()| {
            let started = Instant::now();
            let committed = connection.simple("COMMIT");
            stats.committed(batch.len(), started.elapsed(), committed.is_ok());
            committed
        });
        if let Err(error) = &committed {
            stats.failed();
            tracing::warn!(writes = batch.len(), %error, "a commit failed");
            // After some errors the database has rolled back by itself.
            let _ = connection.simple("ROLLBACK");
        }
        span.record("writes", batch.len());
        drop(span);
        stats.busy(started.elapsed());
        rested = false;
        shared = shared - shared / 4 + batch.len();
        for job in batch.drain(..) {
            stats.waited(job.since().elapsed());
            if catch_unwind(AssertUnwindSafe(|| job.finish(&committed))).is_err() {
                tracing::error!("what was to be done after a write gave up in the middle");
            }
        }
    }
}

/// The next write, however long it takes to come; `None` once there will be none. Gives memory back once after a while without any.
fn wait_for(jobs: &Receiver<Box<dyn Job>>, connection: &mut Statements, rested: &mut bool) -> Option<Box<dyn Job>> {
    if !*rested {
        match jobs.recv_timeout(REST) {
            Err(RecvTimeoutError::Timeout) => {
                *rested = true;
                // Where it fails, the pages stay: nothing else depends on it.
                let _ = connection.simple("PRAGMA shrink_memory");
            }
            next => return next.ok(),
        }
    }
    jobs.recv().ok()
}

/// Runs writes in one transaction, as long as some wait and there is time. An error means that all of it is lost.
fn gather(
    first: Box<dyn Job>,
    batch: &mut Vec<Box<dyn Job>>,
    inbox: &Inbox,
    jobs: &Receiver<Box<dyn Job>>,
    connection: &mut Statements,
    shared: usize,
) -> Result<()> {
    let deadline = Instant::now() + Duration::from_millis(MAX_BATCH_MS);
    let mut patience = Duration::from_micros(if shared >= SHARED { PATIENCE_US } else { 0 });
    let began = connection.simple("BEGIN IMMEDIATE");
    let mut next = Some(first);
    while let Some(job) = next.take() {
        batch.push(job);
        // Where there is no transaction to be had, all that wait hear of it at once, and not each after a wait of its own.
        if began.is_ok()
            && let Some(job) = batch.last_mut()
        {
            run_one(connection, job.as_mut())?;
        }
        if batch.len() < MAX_BATCH && (began.is_err() || Instant::now() < deadline) {
            next = inbox.next(jobs);
            // As many as of late are waited for, and no longer than a little while in all.
            if next.is_none() && began.is_ok() && batch.len() < shared && !patience.is_zero() {
                let waiting = Instant::now();
                next = jobs.recv_timeout(patience).ok();
                patience = patience.saturating_sub(waiting.elapsed());
            }
        }
    }
    began
}

/// Runs one write in a savepoint of its own. An error means that the whole transaction is lost.
fn run_one(connection: &mut Statements, job: &mut dyn Job) -> Result<()> {
    connection.simple("SAVEPOINT job")?;
    if let Err(error) = job.run(connection) {
        if !connection.in_transaction() {
            return Err(error);
        }
        connection.simple("ROLLBACK TO job")?;
    }
    connection.simple("RELEASE job")
}

/// Hands the answer of a write over to the thread that waits for it.
pub(super) fn wait<T: Send + 'static>(submit: impl FnOnce(Box<dyn FnOnce(Result<T>) + Send>)) -> Result<T> {
    let (send, receive) = crossbeam_channel::bounded(1);
    submit(Box::new(move |result| {
        let _ = send.send(result);
    }));
    receive.recv().unwrap_or(Err(StoreError::Closing))
}

/// The writer's thread and what ends it.
pub(super) struct Writer {
    pub(super) inbox: Arc<Inbox>,
    pub(super) thread: Mutex<Option<std::thread::JoinHandle<()>>>,
}

impl Drop for Writer {
    /// Finishes what waits. Where the last one who used the store is the writer itself, in an answer, it goes on alone until it is done.
    fn drop(&mut self) {
        self.inbox.close();
        let thread = self.thread.lock().take();
        if let Some(thread) = thread
            && !self.inbox.is_writer()
        {
            let _ = thread.join();
        }
    }
}
