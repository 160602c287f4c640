//! Writes: durable once answered, together in commits, apart in failure.

use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};

use salesdash_store::sqlite::MAX_WAITING;
use salesdash_store::{Scope, StoreError};

use crate::harness::{Database, Installation, delivered, delivery};

/// Holds the writer up in a write of its own, so that what is submitted meanwhile shares the commit, until the sender is dropped.
fn hold_up(installation: &Installation) -> mpsc::Sender<()> {
    let (go_on, wait) = mpsc::channel();
    let (held, is_held) = mpsc::channel();
    let work = move |_: &mut Scope<'_>| {
        let _ = held.send(());
        let _ = wait.recv();
        Ok(())
    };
    installation.store.submit(installation.tenant, work, |_| {});
    is_held.recv().unwrap();
    go_on
}

pub fn what_is_answered_is_there_after_a_crash(database: &impl Database) {
    let installation = Installation::new(database);
    let mut answered = Vec::new();
    for id in 1..=20 {
        installation.deliver(id).unwrap();
        answered.push(id);
        // One more is written, but not answered.
        let (row, source) = (delivery(1000 + id, installation.source), installation.source);
        let (written, is_written) = mpsc::channel();
        let (go_on, wait) = mpsc::channel::<()>();
        let work = move |scope: &mut Scope<'_>| {
            scope.insert_delivery(&row)?;
            written.send(scope.source(source)?.id).unwrap();
            let _ = wait.recv();
            Err::<(), _>(StoreError::Conflict("on purpose".to_owned()))
        };
        installation.store.submit(installation.tenant, work, |_| {});
        is_written.recv().unwrap();
        let found = delivered(&database.crashed().open().unwrap(), installation.tenant);
        assert_eq!(found, answered);
        drop(go_on);
    }
}

pub fn a_failed_write_harms_no_other_of_its_commit(database: &impl Database) {
    let installation = Installation::new(database);
    let go_on = hold_up(&installation);
    let (answered, answers) = mpsc::channel();
    for id in 1..=10 {
        let (row, answered) = (delivery(id, installation.source), answered.clone());
        let work = move |scope: &mut Scope<'_>| {
            scope.insert_delivery(&row)?;
            if id % 3 == 0 { Err(StoreError::Conflict("on purpose".to_owned())) } else { Ok(()) }
        };
        installation.store.submit(installation.tenant, work, move |result| answered.send((id, result)).unwrap());
    }
    drop((go_on, answered));
    for (id, result) in answers.iter().collect::<Vec<_>>() {
        assert_eq!(result.is_err(), id % 3 == 0, "{id}: {result:?}");
    }
    assert_eq!(installation.delivered(), [1, 2, 4, 5, 7, 8, 10]);
}

pub fn a_write_that_panics_is_an_error_and_harms_no_other(database: &impl Database) {
    let installation = Installation::new(database);
    let go_on = hold_up(&installation);
    let (answered, answers) = mpsc::channel();
    for id in 1..=5 {
        let (row, answered) = (delivery(id, installation.source), answered.clone());
        let work = move |scope: &mut Scope<'_>| {
            scope.insert_delivery(&row)?;
            assert_ne!(id, 3, "on purpose: kim@example.com");
            Ok(())
        };
        installation.store.submit(installation.tenant, work, move |result| answered.send((id, result)).unwrap());
    }
    drop((go_on, answered));
    for (id, result) in answers.iter().collect::<Vec<_>>() {
        match result {
            Ok(()) => assert_ne!(id, 3),
            Err(error) => {
                assert_eq!(id, 3);
                assert!(!error.to_string().contains("kim"), "what a panic says is not passed on");
            }
        }
    }
    assert_eq!(installation.delivered(), [1, 2, 4, 5]);
    installation.deliver(6).unwrap();
}

pub fn an_answer_that_panics_harms_no_other(database: &impl Database) {
    let installation = Installation::new(database);
    let go_on = hold_up(&installation);
    let (answered, answers) = mpsc::channel();
    for id in 1..=3 {
        let (row, answered) = (delivery(id, installation.source), answered.clone());
        let work = move |scope: &mut Scope<'_>| scope.insert_delivery(&row);
        installation.store.submit(installation.tenant, work, move |result| {
            assert_ne!(id, 1, "on purpose");
            answered.send((id, result)).unwrap();
        });
    }
    drop((go_on, answered));
    assert_eq!(answers.iter().collect::<Vec<_>>(), [(2, Ok(())), (3, Ok(()))]);
    assert_eq!(installation.delivered(), [1, 2, 3]);
}

pub fn an_answer_may_submit_more_than_fits_into_the_queue(database: &impl Database) {
    let Installation { store, tenant, .. } = Installation::new(database);
    let (answered, answers) = mpsc::channel();
    let again = Arc::clone(&store);
    let submit_many = move |_: Result<(), StoreError>| {
        for _ in 0..=MAX_WAITING {
            let answered = answered.clone();
            again.submit(tenant, |_| Ok(()), move |result| answered.send(result).unwrap());
        }
    };
    store.submit(tenant, |_| Ok(()), submit_many);
    assert_eq!(answers.iter().filter(Result::is_ok).count(), MAX_WAITING + 1);
}

pub fn an_answer_that_waits_for_a_write_is_told_so(database: &impl Database) {
    let installation = Installation::new(database);
    let Installation { store, tenant, .. } = &installation;
    let (answered, answers) = mpsc::channel();
    let (same, tenant) = (Arc::clone(store), *tenant);
    store.submit(tenant, |_| Ok(()), move |_| answered.send(same.write(tenant, |_| Ok(()))).unwrap());
    assert!(matches!(answers.recv(), Ok(Err(StoreError::Database(_)))));
    installation.deliver(1).unwrap();
}

pub fn the_last_handle_may_be_dropped_in_an_answer(database: &impl Database) {
    let Installation { store, tenant, source, .. } = Installation::new(database);
    let (go_on, wait) = mpsc::channel::<()>();
    let (answered, answers) = mpsc::channel();
    let last = Arc::clone(&store);
    store.submit(
        tenant,
        |_| Ok(()),
        move |_| {
            let _ = wait.recv();
            drop(last);
            answered.send(()).unwrap();
        },
    );
    // Submitted before the store is closed, so it is done, although by then nobody is left but the writer.
    let row = delivery(7, source);
    store.submit(tenant, move |scope| scope.insert_delivery(&row), |_| {});
    drop(store);
    drop(go_on);
    answers.recv().unwrap();
    assert_eq!(delivered(&database.open().unwrap(), tenant), [7]);
}

pub fn what_was_submitted_before_closing_is_done_and_answered(database: &impl Database) {
    let installation = Installation::new(database);
    let go_on = hold_up(&installation);
    let (answered, answers) = mpsc::channel();
    for id in 1..=1000 {
        let (row, answered) = (delivery(id, installation.source), answered.clone());
        let work = move |scope: &mut Scope<'_>| scope.insert_delivery(&row);
        installation.store.submit(installation.tenant, work, move |result| answered.send(result).unwrap());
    }
    let Installation { store, tenant, .. } = installation;
    drop((go_on, answered));
    drop(store);
    assert_eq!(answers.iter().filter(Result::is_ok).count(), 1000);
    assert_eq!(delivered(&database.open().unwrap(), tenant).len(), 1000);
}

pub fn a_reader_that_panics_is_not_lost(database: &impl Database) {
    let installation = Installation::new(database);
    let Installation { store, tenant, .. } = &installation;
    for _ in 0..20 {
        let (store, tenant) = (Arc::clone(store), *tenant);
        let reader = std::thread::spawn(move || {
            store.read(tenant, |scope| {
                scope.providers()?;
                panic!("on purpose");
                #[allow(unreachable_code)]
                Ok(())
            })
        });
        assert!(reader.join().is_err());
    }
    assert_eq!(store.read(*tenant, |scope| scope.providers()).unwrap().len(), 1);
}

pub fn a_read_sees_one_state(database: &impl Database) {
    let installation = Installation::new(database);
    let source = installation.source;
    installation
        .store
        .read(installation.tenant, |scope| {
            let all = salesdash_store::Paging::default();
            assert_eq!(scope.deliveries(Some(source), None, all)?.items.len(), 0);
            installation.deliver(1)?;
            assert_eq!(scope.deliveries(Some(source), None, all)?.items.len(), 0);
            Ok(())
        })
        .unwrap();
    assert_eq!(installation.delivered(), [1]);
}

pub fn many_writers_share_commits(database: &impl Database) {
    let installation = Installation::new(database);
    let stats = installation.store.database().stats();
    let before = (stats.commits.load(Ordering::Relaxed), stats.writes.load(Ordering::Relaxed));
    let go_on = hold_up(&installation);
    let (answered, answers) = mpsc::channel();
    for id in 1..=100 {
        let (row, answered) = (delivery(id, installation.source), answered.clone());
        let work = move |scope: &mut Scope<'_>| scope.insert_delivery(&row);
        installation.store.submit(installation.tenant, work, move |result| answered.send(result).unwrap());
    }
    assert!(installation.store.database().waiting() >= 99, "what waits is counted");
    drop((go_on, answered));
    assert_eq!(answers.iter().filter(Result::is_ok).count(), 100);
    let commits = stats.commits.load(Ordering::Relaxed) - before.0;
    let writes = stats.writes.load(Ordering::Relaxed) - before.1;
    assert_eq!(writes, 101);
    // The write that held the writer up used up the time of its commit; the others share the next ones.
    assert!(commits <= 10, "{commits} commits");
    assert_eq!(stats.batch_sizes.sum(), writes + before.1);
}
