//! Erasing a contact on request: everything that was received of it goes, executions keep their row and records their numbers, and nothing
//! says any more whose they were.
//!
//! It is a job of two halves. The first looks everything through and counts ([`Engine::prepare_erasure`]); a person looks at the counts; the
//! second takes away what was found ([`Engine::erase`]). Payloads are encrypted, so what is of the contact can only be found by reading
//! them all: a chunk at a time, beside everything else, from where it was after a restart. What arrives after the second half began is new,
//! and is left alone.

mod contact;
mod document;
mod search;
mod take;

use std::sync::Arc;

use salesdash_store::jobs::Job;
use salesdash_store::{Page, Paging, Scope, StoreError};
use salesdash_value::Value;

pub use salesdash_store::erasing::Extent;

use crate::events::What;
use crate::jobs::JobState;
use crate::{Engine, EngineError, Result};
use contact::Contact;
use document::{Document, Phase};

/// The kind of job that an erasure is.
pub const KIND: &str = "erase";
/// What was found is being looked for.
pub const SEARCHING: &str = "searching";
/// What was found waits for a person to confirm it.
pub const FOUND: &str = "found";
/// It is being taken away.
pub const ERASING: &str = "erasing";

/// Texts that can be given at once.
const MAX_GIVEN: usize = 20;
/// The longest of them, in bytes.
const MAX_LENGTH: usize = 500;
/// What the texts are encrypted for.
const SECRET: &str = "erasure";
/// Steps that are done before something else gets its turn.
const STEPS: usize = 20;

/// What is to be erased.
#[derive(Clone)]
pub struct ErasureRequest {
    /// What identifies the contact: e-mail addresses, phone numbers, any text that a spec makes its contact key of, or a key as it stands in
    /// a record (`hmac:` and 64 digits).
    pub contact: Vec<String>,
    /// Why, for the audit log. It must not name the contact.
    pub reason: String,
    /// Who asks for it.
    pub actor: String,
}

/// An erasure, and how far it is.
#[derive(Clone, Debug)]
pub struct Erasure {
    /// Its id: when it was begun.
    pub id: i64,
    /// `searching`, `found`, `erasing`, `finished` or `cancelled`.
    pub state: String,
    /// Who began it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// What was given, in a word each: `email`, `phone`, `hash` or `text`.
    pub given: Vec<String>,
    /// How much has been looked through, or taken away.
    pub done: i64,
    /// Of how much.
    pub total: i64,
    /// What was found; `None` while it is looked for.
    pub found: Option<Extent>,
    /// When it was confirmed.
    pub confirmed: Option<i64>,
}

/// An erasure as a job among others.
pub(crate) fn state_of(job: &Job) -> Result<JobState> {
    let document = Document::read(&job.document)?;
    let request = Value::object([("actor", Value::from(document.actor.as_str())), ("reason", Value::from(document.reason.as_str()))]);
    let (id, kind, state) = (job.id, job.kind.clone(), job.state.clone());
    Ok(JobState { id, kind, state, request, total: document.total, done: document.done, counts: Vec::new(), left: 0, backfill: None })
}

fn erasure_of(job: Job) -> Result<Erasure> {
    if job.kind != KIND {
        return Err(EngineError::missing("erasure"));
    }
    let Document { actor, reason, given, done, total, found, confirmed, .. } = Document::read(&job.document)?;
    Ok(Erasure { id: job.id, state: job.state, actor, reason, given, done, total, found, confirmed })
}

fn summary(found: &Extent) -> String {
    serde_json::to_string(found).unwrap_or_default()
}

impl Engine {
    /// Begins to look for everything that there is of a contact. Nothing is taken away before [`Engine::erase`].
    ///
    /// # Errors
    /// Where nothing that identifies a contact is given, or the reason names it.
    pub fn prepare_erasure(self: &Arc<Self>, tenant: i64, request: &ErasureRequest) -> Result<Erasure> {
        let given: Vec<String> = request.contact.iter().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()).collect();
        if given.is_empty() || given.len() > MAX_GIVEN || given.iter().any(|text| text.len() > MAX_LENGTH) {
            return Err(EngineError::Invalid(format!(
                "give what identifies the contact: 1 to {MAX_GIVEN} texts of up to {MAX_LENGTH} bytes, such as an e-mail address"
            )));
        }
        let reason = request.reason.trim().to_owned();
        let config = self.catalog.tenant(&self.store, tenant)?;
        let contact = Contact::new(&given, config.key.clone(), config.settings.country.clone());
        if reason.is_empty() || reason.len() > MAX_LENGTH {
            return Err(EngineError::Invalid(format!("say why, in {MAX_LENGTH} bytes at most; it is written to the audit log")));
        }
        if contact.is_named_in(&reason) {
            return Err(EngineError::Invalid(
                "the reason names the contact, and it stays in the audit log: write it without, such as a case number".to_owned(),
            ));
        }
        let until = self.store.next_id();
        let secret = self.store.vault(tenant)?.seal(SECRET, serde_json::to_string(&given).unwrap_or_default().as_bytes())?;
        let mut document = Document {
            actor: request.actor.clone(),
            reason: reason.clone(),
            given: Contact::kinds(&given, config.settings.country.as_deref()),
            secret: Some(hex::encode(secret)),
            until,
            ..Document::default()
        };
        let actor = request.actor.clone();
        let job = self.store.write(tenant, move |scope| {
            document.total = scope.count_kept()?;
            document.waiting = scope.first_waiting()?.unwrap_or(until);
            let job = scope.create_job_in(KIND, SEARCHING, &document.write())?;
            let details = serde_json::json!({ "given": document.given }).to_string();
            scope.audit(&actor, "contact.erasure_prepared", &format!("erasure:{}", job.id), Some(&reason), Some(&details))?;
            Ok(job)
        })?;
        self.nudge();
        self.erasure(tenant, job.id)
    }

    /// An erasure.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn erasure(&self, tenant: i64, id: i64) -> Result<Erasure> {
        erasure_of(self.store.read(tenant, |scope| scope.job(id))?)
    }

    /// The erasures, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn erasures(&self, tenant: i64, paging: Paging) -> Result<Page<Erasure>> {
        let page = self.store.read(tenant, |scope| scope.jobs(Some(KIND), paging))?;
        Ok(Page { items: page.items.into_iter().map(erasure_of).collect::<Result<_>>()?, next: page.next })
    }

    /// Takes away what was found of a contact, and what has come of it since. `confirmed` is how many source models were found: whoever
    /// confirms has looked.
    ///
    /// # Errors
    /// Where nothing waits to be confirmed, or it is another number.
    pub fn erase(self: &Arc<Self>, tenant: i64, id: i64, confirmed: i64, actor: &str) -> Result<Erasure> {
        let _one_at_a_time = self.ticking.lock();
        let known = self.erasure(tenant, id)?;
        let found = known.found.filter(|_| known.state == FOUND);
        let Some(found) = found else {
            return Err(EngineError::Store(StoreError::Conflict(format!(
                "the erasure is {}; only one that has found all can go on",
                known.state
            ))));
        };
        if found.source_models != confirmed {
            let text = format!("{} source models were found, and {confirmed} were confirmed; look again", found.source_models);
            return Err(EngineError::Store(StoreError::Conflict(text)));
        }
        let (actor, now, until) = (actor.to_owned(), self.store.now(), self.store.next_id());
        self.store.write(tenant, move |scope| {
            let job = scope.job(id)?;
            let Ok(mut document) = Document::read(&job.document) else { return Err(StoreError::Missing("erasure")) };
            (document.since, document.until, document.confirmed) = (document.until, until, Some(now));
            document.enter(Phase::Models);
            document.position = document.since - 1;
            (document.done, document.total) = (0, found.source_models + found.deliveries);
            if !scope.update_job(id, FOUND, ERASING, &document.write())? {
                return Err(StoreError::Conflict("the erasure has gone on meanwhile".to_owned()));
            }
            scope.audit(&actor, "contact.erasure_confirmed", &format!("erasure:{id}"), Some(&document.reason), Some(&summary(&found)))
        })?;
        self.nudge();
        self.erasure(tenant, id)
    }

    /// Ends an erasure that goes on. What was taken away by then stays so, and what it referred to still goes. To be called by whoever holds
    /// `ticking`.
    pub(crate) fn cancel_erasure(&self, tenant: i64, job: &Job) -> Result<bool> {
        let (id, state) = (job.id, job.state.clone());
        let mut document = Document::read(&job.document)?;
        if ![SEARCHING, FOUND, ERASING].contains(&state.as_str()) || document.cancelled {
            return Ok(false);
        }
        if state == ERASING && document.takes() {
            document.cancelled = true;
            if !matches!(document.phase, Phase::Referred | Phase::Payloads | Phase::Sweep) {
                document.looked.clear();
                document.enter(Phase::Referred);
            }
            return Ok(self.store.write(tenant, move |scope| scope.update_job(id, ERASING, ERASING, &document.write()))?);
        }
        document.secret = None;
        Ok(self.store.write(tenant, move |scope| {
            scope.forget_finds(id)?;
            scope.update_job(id, &state, "cancelled", &document.write())
        })?)
    }

    /// Has every erasure go on a little. True where there is more to do at once.
    pub(crate) fn move_erasures_on(self: &Arc<Self>) -> Result<bool> {
        let mut more = false;
        for state in [SEARCHING, ERASING] {
            for (tenant, job) in self.store.jobs_in(state)? {
                more |= self.move_erasure_on(tenant, job.id)?;
            }
        }
        Ok(more)
    }

    fn move_erasure_on(self: &Arc<Self>, tenant: i64, id: i64) -> Result<bool> {
        let mut more = true;
        for _ in 0..STEPS {
            if !more || self.is_closing() {
                break;
            }
            more = self.erasure_step(tenant, id)?;
        }
        self.tell_erasure(tenant, id)?;
        Ok(more)
    }

    /// Does one step of an erasure. False where there is nothing to do for now. For tests that end the process in between.
    ///
    /// # Errors
    /// Where the database fails.
    #[doc(hidden)]
    pub fn erasure_step(self: &Arc<Self>, tenant: i64, id: i64) -> Result<bool> {
        let job = self.store.read(tenant, |scope| scope.job(id))?;
        let mut document = Document::read(&job.document)?;
        if document.phase == Phase::Sweep {
            self.sweep(tenant, id, document)?;
            return Ok(false);
        }
        let contact = self.contact_of(tenant, &document)?;
        let step = if document.takes() { Self::take_step } else { Self::search_step };
        step(self, tenant, id, &job.state, &mut document, contact)?;
        let state = self.store.read(tenant, |scope| scope.job(id))?.state;
        Ok(state == SEARCHING || state == ERASING)
    }

    /// Who an erasure is about.
    fn contact_of(&self, tenant: i64, document: &Document) -> Result<Contact> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        let damaged = || EngineError::Store(StoreError::Damaged("who is to be erased cannot be read".to_owned()));
        let sealed = document.secret.as_deref().and_then(|secret| hex::decode(secret).ok()).ok_or_else(damaged)?;
        let given: Vec<String> = serde_json::from_slice(&self.store.vault(tenant)?.open(SECRET, &sealed)?).map_err(|_| damaged())?;
        Ok(Contact::new(&given, config.key.clone(), config.settings.country.clone()))
    }

    fn tell_erasure(&self, tenant: i64, id: i64) -> Result<()> {
        if self.events.anybody() {
            let known = self.erasure(tenant, id)?;
            self.events.send(tenant, What::Job { id, state: known.state, done: known.done, total: known.total });
        }
        Ok(())
    }
}

/// Stores how far a job is, within the transaction of its step. Where it was cancelled meanwhile, nothing of the step stays.
fn keep(scope: &mut Scope<'_>, id: i64, state: &str, to: &str, document: &Document) -> salesdash_store::Result<()> {
    if scope.update_job(id, state, to, &document.write())? {
        Ok(())
    } else {
        Err(StoreError::Conflict("the erasure was cancelled".to_owned()))
    }
}
