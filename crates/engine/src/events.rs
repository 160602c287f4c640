//! What happens, told to whoever listens: for the live tail of the web application. A listener that is too slow misses some, and is told
//! how many.

use salesdash_store::deliveries::Verdict;
use salesdash_store::executions::Status;
use tokio::sync::broadcast;

/// Events that a slow listener can be behind before it misses some.
pub const BACKLOG: usize = 1024;

/// Something that happened, after it was committed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Whose it is.
    pub tenant: i64,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// A delivery was taken in or refused.
    Delivery {
        /// Its id.
        id: i64,
        /// Its source.
        source: i64,
        /// What became of it.
        verdict: Verdict,
        /// How many records it held.
        records: i64,
    },
    /// An execution ended, or waits again.
    Execution {
        /// Its id.
        id: i64,
        /// Its source.
        source: i64,
        /// Its link.
        link: i64,
        /// Where it is.
        status: Status,
        /// The code of its first error.
        code: Option<String>,
    },
    /// A job went on, or changed its state.
    Job {
        /// Its id.
        id: i64,
        /// `running`, `cancelled`, `finished`, `undoing` or `undone`.
        state: String,
        /// How much is done.
        done: i64,
        /// Of how much.
        total: i64,
    },
    /// A poll cycle or an import began, went on or ended.
    Run {
        /// Its id.
        id: i64,
        /// Its source.
        source: i64,
        /// What became of it so far.
        verdict: String,
    },
    /// The configuration changed.
    Changed,
}

/// Where events are sent.
pub(crate) struct Events(broadcast::Sender<Event>);

impl Events {
    pub(crate) fn new() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }

    pub(crate) fn listen(&self) -> broadcast::Receiver<Event> {
        self.0.subscribe()
    }

    /// Whether anybody listens: where nobody does, an event need not be made.
    pub(crate) fn anybody(&self) -> bool {
        self.0.receiver_count() > 0
    }

    pub(crate) fn send(&self, tenant: i64, what: What) {
        // An error only says that nobody listens.
        let _ = self.0.send(Event { tenant, what });
    }
}
