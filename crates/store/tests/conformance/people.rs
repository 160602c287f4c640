//! Users, their sessions and the links by which they choose a password.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use salesdash_store::users::{NewUser, User};
use salesdash_store::{Store, StoreError};

use crate::harness::{Database, Installation};

fn user(installation: &Installation, email: &str, role: &str, password: Option<&str>) -> Result<User, StoreError> {
    let new = NewUser {
        name: "Kim".to_owned(),
        email: email.to_owned(),
        role: role.to_owned(),
        reveal: false,
        password: password.map(ToOwned::to_owned),
    };
    installation.store.write(installation.tenant, move |scope| scope.create_user(&new))
}

fn who(store: &Store, session: &str) -> Option<i64> {
    store.user_of_session(session).unwrap().map(|user| user.id)
}

pub fn a_user_is_found_by_address_whatever_its_case_and_has_it_alone(database: &impl Database) {
    let installation = Installation::new(database);
    let kim = user(&installation, " Kim@Example.com", "viewer", None).unwrap();
    assert_eq!(kim.email, "Kim@Example.com");
    let found = installation.store.user_by_email("kim@example.COM ").unwrap().unwrap();
    assert_eq!((found.id, found.tenant), (kim.id, installation.tenant));
    assert!(matches!(user(&installation, "KIM@example.com", "viewer", None), Err(StoreError::Conflict(_))));
    assert!(installation.store.user_by_email("robin@example.com").unwrap().is_none());
}

pub fn sessions_and_links_end(database: &impl Database) {
    let installation = Installation::new(database);
    let (store, tenant) = (&installation.store, installation.tenant);
    let now = Arc::new(AtomicI64::new(1_000_000_000));
    let clock = Arc::clone(&now);
    store.set_clock(Arc::new(move || clock.load(Ordering::Relaxed)));
    let kim = user(&installation, "kim@example.com", "admin", Some("hash")).unwrap().id;
    let begin = || store.write(tenant, move |scope| scope.begin_session(kim, 1000)).unwrap();
    let (first, second) = (begin(), begin());
    assert_eq!((who(store, &first), who(store, &second), who(store, "guess")), (Some(kim), Some(kim), None));
    store.end_session(&first).unwrap();
    assert_eq!((who(store, &first), who(store, &second)), (None, Some(kim)));
    let (old, new) = store.write(tenant, move |scope| Ok((scope.invite(kim, 1000)?, scope.invite(kim, 1000)?))).unwrap();
    assert!(store.user_of_invite(&old).unwrap().is_none(), "a new link ends the old one");
    assert_eq!(store.user_of_invite(&new).unwrap().map(|user| user.id), Some(kim));
    now.fetch_add(1001, Ordering::Relaxed);
    assert_eq!(who(store, &second), None);
    assert!(store.user_of_invite(&new).unwrap().is_none());
    assert_eq!(store.forget_ended_sessions().unwrap(), 2);
    let third = begin();
    store.write(tenant, move |scope| scope.set_password(kim, "other")).unwrap();
    assert_eq!(who(store, &third), None, "a new password ends every session");
}

pub fn somebody_always_administers(database: &impl Database) {
    let installation = Installation::new(database);
    let (store, tenant) = (&installation.store, installation.tenant);
    assert!(!store.has_administrator().unwrap());
    user(&installation, "invited@example.com", "admin", None).unwrap();
    assert!(!store.has_administrator().unwrap(), "one who has no password yet cannot sign in");
    let kim = user(&installation, "kim@example.com", "admin", Some("hash")).unwrap().id;
    assert!(store.has_administrator().unwrap());
    let demote = |id: i64| store.write(tenant, move |scope| scope.update_user(id, "Kim", "viewer", false));
    assert!(matches!(demote(kim), Err(StoreError::Conflict(_))));
    assert!(matches!(store.write(tenant, move |scope| scope.delete_user(kim)), Err(StoreError::Conflict(_))));
    let robin = user(&installation, "robin@example.com", "admin", Some("hash")).unwrap().id;
    demote(kim).unwrap();
    assert!(matches!(demote(robin), Err(StoreError::Conflict(_))));
    store.write(tenant, move |scope| scope.delete_user(kim)).unwrap();
    assert!(matches!(store.read(tenant, |scope| scope.user(kim)), Err(StoreError::Missing(_))));
}

pub fn a_new_address_of_a_source_ends_the_old_one(database: &impl Database) {
    let installation = Installation::new(database);
    let (store, tenant, source) = (&installation.store, installation.tenant, installation.source);
    let old = store.read(tenant, |scope| scope.source_secrets(source)).unwrap().1.unwrap();
    let new = store.write(tenant, move |scope| scope.rotate_address(source)).unwrap();
    assert!(store.route(&old).unwrap().is_none());
    assert_eq!(store.route(&new).unwrap().map(|route| route.source), Some(source));
    assert_eq!(store.read(tenant, |scope| scope.source_secrets(source)).unwrap().1, Some(new));
}
