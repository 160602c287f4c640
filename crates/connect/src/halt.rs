//! What a run waits for, as others see it, and the end of its waiting.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use salesdash_value::{Instant, Text};
use tokio::sync::Notify;

/// Until when nothing is asked, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// Until when.
    pub until: Instant,
    /// Why, in a sentence without secrets.
    pub why: Text,
}

/// What somebody who cancels shares with what waits. Only waiting is cut short: an answer that is on its way may hold a token that serves once.
#[derive(Debug, Default)]
pub struct Halt {
    halted: AtomicBool,
    notify: Notify,
    wait: Mutex<Option<Wait>>,
}

impl Halt {
    /// Ends the waiting, now and later.
    pub fn halt(&self) {
        self.halted.store(true, Ordering::SeqCst);
        self.notify.notify_waiters();
    }

    /// Whether somebody has ended it.
    #[must_use]
    pub fn is_halted(&self) -> bool {
        self.halted.load(Ordering::SeqCst)
    }

    /// What is waited for now.
    #[must_use]
    pub fn wait(&self) -> Option<Wait> {
        self.wait.lock().clone()
    }

    async fn halted(&self) {
        loop {
            let mut notified = std::pin::pin!(self.notify.notified());
            notified.as_mut().enable();
            if self.is_halted() {
                return;
            }
            notified.await;
        }
    }

    /// Waits for something, and says so meanwhile. `None` where it was cut short.
    pub async fn during<T>(&self, wait: Option<Wait>, waiting: impl Future<Output = T>) -> Option<T> {
        *self.wait.lock() = wait;
        let done = tokio::select! {
            biased;
            () = self.halted() => None,
            done = waiting => Some(done),
        };
        *self.wait.lock() = None;
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_waits_is_told_and_cut_short() {
        let halt = Halt::default();
        let wait = Wait { until: Instant::UNIX_EPOCH, why: Text::new_static("The vendor asks for it.") };
        let seen = halt.during(Some(wait.clone()), async { halt.wait() }).await;
        assert_eq!(seen, Some(Some(wait)));
        assert_eq!(halt.wait(), None);
        let (ended, ()) = tokio::join!(halt.during(None, std::future::pending::<()>()), async { halt.halt() });
        assert_eq!(ended, None);
        assert_eq!(halt.during(None, std::future::pending::<()>()).await, None);
    }
}
