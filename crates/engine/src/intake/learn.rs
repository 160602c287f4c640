//! Learning the fields of what arrives, without holding it up.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use parking_lot::Mutex;
use salesdash_providers::inference::{Inference, InferenceLimits, ModelHeader};
use salesdash_store::Scope;
use salesdash_value::{Text, Value, json};

use crate::settings::document;

/// Records in a row without anything new, after which only one in [`SAMPLE`] is looked at.
const SETTLED: u32 = 256;
/// Of how many records one is looked at, once nothing new comes.
const SAMPLE: u32 = 16;
/// Microseconds between two times that what was learnt is stored.
pub(crate) const SAVE_EVERY_US: i64 = 1_000_000;

/// What is known of the records of one source model type.
pub(crate) struct Learner {
    inference: Mutex<Inference>,
    /// Records since something new was learnt.
    quiet: AtomicU32,
    /// How often something was learnt, and how often when it was last stored.
    learnt: AtomicU32,
    stored: AtomicU32,
    stored_at: AtomicI64,
}

impl Learner {
    /// Goes on from what was stored; from nothing where that cannot be read.
    pub fn new(shape: Option<&str>) -> Self {
        let known = shape.and_then(|shape| document(shape).ok());
        let inference = known.and_then(|shape| Inference::from_value(&shape, InferenceLimits::DEFAULT).ok()).unwrap_or_default();
        Self {
            inference: Mutex::new(inference),
            quiet: AtomicU32::new(0),
            learnt: AtomicU32::new(0),
            stored: AtomicU32::new(0),
            stored_at: AtomicI64::new(0),
        }
    }

    /// Looks at a record, or leaves it aside where nothing new has come for long.
    pub fn look(&self, record: &Value) {
        let quiet = self.quiet.fetch_add(1, Ordering::Relaxed);
        if quiet >= SETTLED && !quiet.is_multiple_of(SAMPLE) {
            return;
        }
        // Where another request is just being looked at, this one need not wait.
        let Some(mut inference) = (if quiet < SETTLED { Some(self.inference.lock()) } else { self.inference.try_lock() }) else { return };
        if inference.absorb(record) {
            self.learnt.fetch_add(1, Ordering::Release);
            self.quiet.store(0, Ordering::Relaxed);
        }
    }

    /// Whether there is something to store.
    pub fn is_dirty(&self) -> bool {
        self.learnt.load(Ordering::Acquire) != self.stored.load(Ordering::Acquire)
    }

    /// Takes the task of storing what was learnt, where it is due; nobody else gets it for a while.
    pub fn is_due(&self, now: i64) -> bool {
        let last = self.stored_at.load(Ordering::Relaxed);
        self.is_dirty()
            && (now - last >= SAVE_EVERY_US || now < last)
            && self.stored_at.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Stores what was learnt under what people decided; gives a number for [`Learner::saved`], once it is committed.
    pub fn save(&self, scope: &mut Scope<'_>, model: &str) -> salesdash_store::Result<u32> {
        let known = scope.model(model)?;
        let edits = known.as_ref().map_or_else(|| "{}".to_owned(), |known| known.edits.clone());
        let (learnt, shape, declaration) = {
            let mut inference = self.inference.lock();
            let stored = known.as_ref().and_then(|known| known.shape.as_deref()).and_then(|shape| document(shape).ok());
            if let Some(stored) = stored.and_then(|shape| Inference::from_value(&shape, InferenceLimits::DEFAULT).ok()) {
                inference.merge(&stored);
            }
            let learnt = self.learnt.load(Ordering::Acquire);
            (learnt, json::to_string(&inference.to_value()), declare(&inference, &edits))
        };
        let same = known.as_ref().is_some_and(|known| known.declaration == declaration && known.shape.as_deref() == Some(&shape));
        if !same {
            scope.save_model(model, &declaration, &edits, Some(&shape), None)?;
        }
        Ok(learnt)
    }

    /// Notes that what was learnt up to then is stored.
    pub fn saved(&self, learnt: u32) {
        self.stored.store(learnt, Ordering::Release);
    }
}

/// The declaration that follows from a stored shape (what was inferred, as JSON) and the edits of people: what stands in
/// `models.declaration`. `None` where the shape cannot be read.
#[must_use]
pub fn declaration(shape: &str, edits: &str) -> Option<String> {
    let inference = Inference::from_value(&document(shape).ok()?, InferenceLimits::DEFAULT).ok()?;
    Some(declare(&inference, edits))
}

/// What stands in the row of a model that is learnt, where somebody says which field is the key before anything has arrived: declaration, edits and shape. What is
/// known of the model stays.
#[must_use]
pub fn keyed(known: Option<&salesdash_store::config::SourceModelType>, key: &str) -> (String, String, String) {
    let edits = known.and_then(|known| document(&known.edits).ok()).unwrap_or_default();
    let kept = edits.as_object().unwrap_or_default().iter().filter(|(name, _)| name != "key").cloned();
    let edits = json::to_string(&Value::object(kept.chain([(Text::new_static("key"), Value::from(key))])));
    let shape = known.and_then(|known| known.shape.as_deref()).and_then(|shape| document(shape).ok());
    let inference = shape.and_then(|shape| Inference::from_value(&shape, InferenceLimits::DEFAULT).ok()).unwrap_or_default();
    (declare(&inference, &edits), edits, json::to_string(&inference.to_value()))
}

/// The declaration that follows from what was inferred and what people decided: theirs wins.
pub(crate) fn declare(inference: &Inference, edits: &str) -> String {
    let edits = document(edits).unwrap_or_default();
    let text = |key: &str| edits.get(key).and_then(Value::as_text).filter(|text| !text.is_empty()).map(Text::new);
    // Which field is the key is for a person to say: a wrong one would take records for repetitions that are none.
    let header = ModelHeader { key: text("key"), version: text("version"), var: text("var") };
    json::to_string(&inference.model(&header, &edits))
}
