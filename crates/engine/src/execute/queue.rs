//! The queue in memory: what waits, in lanes. What is in one lane runs one after the other, in the order of arrival (a later version of a
//! record arrives after an earlier one, or is stale); lanes run side by side. The queue table is what survives; this is its mirror.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use salesdash_value::Value;

use crate::metrics::QueueState;

/// What runs one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LaneKey {
    pub tenant: i64,
    pub source: i64,
    pub lane: Lane,
}

/// Which records of a source share a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Lane {
    /// Those with the same key (by its hash): the next one begins only once the one before is committed.
    Key(i64),
    /// All without a key, in the order of arrival: the next one begins once the one before is handed to the writer, which keeps the order.
    Arrival,
    /// One alone, which waits for nothing.
    Alone(i64),
}

impl Lane {
    /// The lane of a record: by its key where it has one. One without a key waits for those that arrived before it, unless what it needs is
    /// fetched first: no slow vendor holds up a whole source.
    pub const fn of(key_hash: Option<i64>, enriched: bool, source_model: i64) -> Self {
        match key_hash {
            Some(hash) => Self::Key(hash),
            None if enriched => Self::Alone(source_model),
            None => Self::Arrival,
        }
    }
}

/// An execution that waits.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub execution: i64,
    pub link: i64,
    pub source_model: i64,
    pub lane: LaneKey,
    pub job: Option<i64>,
    /// The record, where it is at hand.
    pub record: Option<Arc<Value>>,
    /// Whether a later version of its record can have been executed already.
    pub late: bool,
    /// Whether enrichments are to be fetched again.
    pub fresh: bool,
    /// Whether it runs with the spec and the constants that it ran with before.
    pub pinned: bool,
    /// How often it was tried.
    pub attempts: u32,
    /// When it arrived, in microseconds.
    pub since: i64,
    /// Enrichments fetched up to this id serve it, where some were just fetched for it.
    pub enriched: Option<i64>,
}

#[derive(Default)]
struct Waiting {
    /// By source model and execution.
    items: VecDeque<Item>,
    state: State,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    /// It has its place in the line.
    #[default]
    Ready,
    /// One of it is being executed.
    Busy,
    /// Its first is to be tried again then.
    Until(i64),
    /// It waits until the configuration changes.
    Held,
}

/// The lanes whose turn it is, in a fair order: tenants take turns, of a tenant its sources, and of a source its lanes. Whoever has a hundred
/// thousand waiting holds up nobody else's one.
#[derive(Default)]
struct Line {
    tenants: VecDeque<i64>,
    of_tenant: HashMap<i64, VecDeque<i64>>,
    of_source: HashMap<(i64, i64), VecDeque<LaneKey>>,
}

impl Line {
    fn push_back(&mut self, key: LaneKey) {
        let lanes = self.of_source.entry((key.tenant, key.source)).or_default();
        lanes.push_back(key);
        if lanes.len() == 1 {
            let sources = self.of_tenant.entry(key.tenant).or_default();
            sources.push_back(key.source);
            if sources.len() == 1 {
                self.tenants.push_back(key.tenant);
            }
        }
    }

    fn pop_front(&mut self) -> Option<LaneKey> {
        let tenant = self.tenants.pop_front()?;
        let sources = self.of_tenant.get_mut(&tenant)?;
        let source = sources.pop_front()?;
        let lanes = self.of_source.get_mut(&(tenant, source))?;
        let key = lanes.pop_front();
        // Whoever has more goes to the end of the line. What is empty stays for a while: it fills again.
        if !lanes.is_empty() {
            sources.push_back(source);
        }
        if !sources.is_empty() {
            self.tenants.push_back(tenant);
        }
        key
    }

    fn is_empty(&self) -> bool {
        self.tenants.is_empty()
    }
}

#[derive(Default)]
struct Inner {
    lanes: HashMap<LaneKey, Waiting>,
    ready: Line,
    timers: BinaryHeap<Reverse<(i64, LaneKey)>>,
    depth: usize,
    at_hand: usize,
    /// Executions that were claimed and have not ended or been put back.
    running: usize,
    closed: bool,
    /// Grows with everything that happens.
    changes: u64,
}

/// The queue.
#[derive(Default)]
pub(crate) struct Queue {
    inner: Mutex<Inner>,
    wake: Condvar,
}

/// What there is to do.
pub(crate) enum Claim {
    /// An execution.
    Item(Box<Item>),
    /// Nothing now; the next one is due then.
    Nothing(Option<i64>),
    /// Nothing any more.
    Closed,
}

impl Inner {
    fn insert(&mut self, mut item: Item, most_at_hand: usize) {
        if item.record.is_some() {
            if self.at_hand >= most_at_hand {
                item.record = None;
            } else {
                self.at_hand += 1;
            }
        }
        let key = item.lane;
        let lane = match self.lanes.entry(key) {
            std::collections::hash_map::Entry::Occupied(lane) => lane.into_mut(),
            std::collections::hash_map::Entry::Vacant(lane) => {
                self.ready.push_back(key);
                lane.insert(Waiting::default())
            }
        };
        let order = |item: &Item| (item.source_model, item.execution);
        let place = lane.items.partition_point(|known| order(known) < order(&item));
        if lane.items.get(place).is_some_and(|known| known.execution == item.execution) {
            if item.record.is_some() {
                self.at_hand -= 1;
            }
            return;
        }
        lane.items.insert(place, item);
        self.depth += 1;
    }

    /// Ends the turn of a lane: it gets its next place in the line, or goes.
    fn release(&mut self, key: LaneKey) {
        let Some(lane) = self.lanes.get_mut(&key) else { return };
        if lane.items.is_empty() {
            self.lanes.remove(&key);
        } else if matches!(lane.state, State::Ready | State::Busy) {
            lane.state = State::Ready;
            self.ready.push_back(key);
        }
    }

    fn claim(&mut self, now: i64) -> Claim {
        while let Some(Reverse((due, key))) = self.timers.peek().copied() {
            if due > now {
                break;
            }
            self.timers.pop();
            if let Some(lane) = self.lanes.get_mut(&key)
                && lane.state == State::Until(due)
            {
                lane.state = State::Ready;
                self.ready.push_back(key);
            }
        }
        while let Some(key) = self.ready.pop_front() {
            let Some(lane) = self.lanes.get_mut(&key).filter(|lane| lane.state == State::Ready) else { continue };
            match lane.items.pop_front() {
                Some(item) => {
                    lane.state = State::Busy;
                    self.depth -= 1;
                    self.running += 1;
                    if item.record.is_some() {
                        self.at_hand -= 1;
                    }
                    return Claim::Item(Box::new(item));
                }
                None => drop(self.lanes.remove(&key)),
            }
        }
        Claim::Nothing(self.timers.peek().map(|Reverse((due, _))| *due))
    }
}

impl Queue {
    /// Adds what waits.
    pub fn push(&self, items: Vec<Item>, most_at_hand: usize) {
        if items.is_empty() {
            return;
        }
        let one = items.len() == 1;
        let mut inner = self.inner.lock();
        for item in items {
            inner.insert(item, most_at_hand);
        }
        inner.changes += 1;
        drop(inner);
        if one {
            self.wake.notify_one();
        } else {
            self.wake.notify_all();
        }
    }

    /// Claims the next execution, without waiting.
    pub fn claim(&self, now: i64) -> Claim {
        let mut inner = self.inner.lock();
        if inner.closed { Claim::Closed } else { inner.claim(now) }
    }

    /// Claims the next execution, and waits for one. `clock` tells the time.
    pub fn wait(&self, clock: &dyn Fn() -> i64) -> Option<Box<Item>> {
        let mut inner = self.inner.lock();
        loop {
            if inner.closed {
                return None;
            }
            let now = clock();
            match inner.claim(now) {
                Claim::Item(item) => return Some(item),
                Claim::Nothing(Some(due)) => {
                    let wait = Duration::from_micros((due - now).clamp(1, 60_000_000).unsigned_abs());
                    let _ = self.wake.wait_for(&mut inner, wait);
                }
                Claim::Nothing(None) => self.wake.wait(&mut inner),
                Claim::Closed => return None,
            }
        }
    }

    /// Lets the next one of the lane begin although the claimed one has not ended: what orders them from here on is the writer.
    pub fn handed_over(&self, key: LaneKey) {
        let mut inner = self.inner.lock();
        inner.release(key);
        drop(inner);
        self.wake.notify_one();
    }

    /// Notes that a claimed execution ended. `release` is false where the lane went on before.
    pub fn ended(&self, key: LaneKey, release: bool) {
        let mut inner = self.inner.lock();
        inner.running -= 1;
        inner.changes += 1;
        if release {
            inner.release(key);
        }
        let more = !inner.ready.is_empty() || inner.running == 0;
        drop(inner);
        if more {
            self.wake.notify_all();
        }
    }

    /// Puts a claimed execution back, to be tried again then. Its lane waits with it.
    pub fn put_back(&self, item: Item, due: i64) {
        let mut inner = self.inner.lock();
        inner.running -= 1;
        inner.changes += 1;
        let key = item.lane;
        inner.insert(item, usize::MAX);
        if let Some(lane) = inner.lanes.get_mut(&key) {
            lane.state = State::Until(due);
            inner.timers.push(Reverse((due, key)));
        }
        drop(inner);
        self.wake.notify_all();
    }

    /// Adds something that is not to be tried before then.
    pub fn push_later(&self, item: Item, due: i64) {
        let mut inner = self.inner.lock();
        let key = item.lane;
        inner.insert(item, 0);
        if let Some(lane) = inner.lanes.get_mut(&key).filter(|lane| lane.state == State::Ready) {
            lane.state = State::Until(due);
            inner.timers.push(Reverse((due, key)));
        }
    }

    /// Puts a claimed execution back until the configuration of its tenant changes.
    pub fn hold(&self, mut item: Item) {
        let mut inner = self.inner.lock();
        inner.running -= 1;
        inner.changes += 1;
        item.record = None;
        let key = item.lane;
        inner.insert(item, 0);
        if let Some(lane) = inner.lanes.get_mut(&key) {
            lane.state = State::Held;
        }
        drop(inner);
        self.wake.notify_all();
    }

    /// Has what a tenant's configuration held tried again.
    pub fn unhold(&self, tenant: i64) {
        let mut inner = self.inner.lock();
        let inner = &mut *inner;
        for (key, lane) in &mut inner.lanes {
            if key.tenant == tenant && lane.state == State::Held {
                lane.state = State::Ready;
                inner.ready.push_back(*key);
            }
        }
        inner.changes += 1;
        self.wake.notify_all();
    }

    /// Takes executions out that no longer wait.
    pub fn forget(&self, tenant: i64, gone: impl Fn(&Item) -> bool) {
        let mut inner = self.inner.lock();
        let inner = &mut *inner;
        inner.lanes.retain(|key, lane| {
            if key.tenant == tenant {
                let before = lane.items.len();
                inner.at_hand -= lane.items.iter().filter(|item| item.record.is_some() && gone(item)).count();
                lane.items.retain(|item| !gone(item));
                inner.depth -= before - lane.items.len();
            }
            !lane.items.is_empty() || lane.state == State::Busy
        });
    }

    /// Waits until something in the queue changed since `seen`; gives a number for the next call. Returns at once where nothing runs.
    pub fn settle(&self, seen: u64) -> u64 {
        let mut inner = self.inner.lock();
        while inner.changes == seen && inner.running > 0 && !inner.closed {
            self.wake.wait(&mut inner);
        }
        inner.changes
    }

    /// How many were claimed and have not ended, and a number for [`Queue::settle`].
    pub fn running(&self) -> (usize, u64) {
        let inner = self.inner.lock();
        (inner.running, inner.changes)
    }

    /// Gives out nothing more.
    pub fn close(&self) {
        self.inner.lock().closed = true;
        self.wake.notify_all();
    }

    /// Waits until nothing that was claimed runs any more.
    pub fn rest(&self) {
        let mut inner = self.inner.lock();
        while inner.running > 0 {
            self.wake.wait(&mut inner);
        }
    }

    /// How the queue is doing.
    pub fn state(&self, now: i64) -> QueueState {
        let inner = self.inner.lock();
        let mut state = QueueState { depth: inner.depth + inner.running, ..QueueState::default() };
        let mut oldest = now;
        for lane in inner.lanes.values() {
            match lane.state {
                State::Held => {
                    state.held += lane.items.len();
                    continue;
                }
                State::Until(_) => state.postponed += lane.items.len(),
                State::Ready | State::Busy => {}
            }
            oldest = lane.items.iter().map(|item| item.since).fold(oldest, i64::min);
        }
        state.oldest_us = now - oldest;
        state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(execution: i64, tenant: i64, source: i64, key: i64) -> Item {
        Item {
            execution,
            link: 1,
            source_model: execution,
            lane: LaneKey { tenant, source, lane: Lane::Key(key) },
            job: None,
            record: None,
            late: false,
            fresh: false,
            pinned: false,
            attempts: 0,
            since: 0,
            enriched: None,
        }
    }

    fn next(queue: &Queue) -> i64 {
        match queue.claim(0) {
            Claim::Item(item) => {
                queue.ended(item.lane, true);
                item.execution
            }
            Claim::Nothing(_) | Claim::Closed => 0,
        }
    }

    #[test]
    fn whoever_has_many_waiting_holds_up_nobody_else() {
        let queue = Queue::default();
        queue.push((1..=100_000).map(|number| item(number, 1, 1, number)).collect(), 0);
        assert_eq!((next(&queue), next(&queue)), (1, 2));
        // Another source of the same tenant, and another tenant, each with one.
        queue.push(vec![item(200_001, 1, 2, 1)], 0);
        queue.push(vec![item(200_002, 2, 3, 1)], 0);
        let order: Vec<i64> = (0..6).map(|_| next(&queue)).collect();
        assert_eq!(order, [3, 200_002, 200_001, 4, 5, 6]);
        assert_eq!(queue.state(0).depth, 99_994);
    }

    #[test]
    fn tenants_take_turns_whatever_the_number_of_their_sources() {
        let queue = Queue::default();
        for source in 1..=3 {
            queue.push((0..4).map(|number| item(source * 100 + number, 1, source, number)).collect(), 0);
        }
        queue.push((0..4).map(|number| item(900 + number, 2, 9, number)).collect(), 0);
        let order: Vec<i64> = (0..9).map(|_| next(&queue)).collect();
        assert_eq!(order, [100, 900, 200, 901, 300, 902, 101, 903, 201]);
    }
}
