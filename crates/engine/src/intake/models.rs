//! The source model types of what arrives: what was learnt of them, and what people decide.

use std::sync::Arc;

use salesdash_providers::inference::{Inference, InferenceLimits};
use salesdash_value::{Text, Value, json};

use super::learn::{Learner, declare};
use crate::settings::document;
use crate::{Engine, EngineError, Result};

/// What the records that arrived suggest for a source model type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suggestions {
    /// The field that most likely tells one record from another.
    pub key: Option<Text>,
    /// The field that most likely tells a later state of a record from an earlier one.
    pub version: Option<Text>,
}

impl Engine {
    /// Has what was learnt stored soon, where it is time. Called after a commit, on the writer's thread.
    pub(super) fn learnt(self: &Arc<Self>, tenant: i64, model: &str, learner: &Arc<Learner>) {
        if !learner.is_due(self.store.now()) {
            return;
        }
        let (engine, ours, name) = (Arc::clone(self), Arc::clone(learner), model.to_owned());
        let saved = Arc::clone(learner);
        self.store.submit(
            tenant,
            move |scope| ours.save(scope, &name),
            move |learnt| match learnt {
                Ok(learnt) => {
                    saved.saved(learnt);
                    engine.changed(tenant);
                }
                Err(error) => tracing::warn!(%error, "what was learnt of a model is stored later"),
            },
        );
    }

    /// Stores what was learnt, and waits for it.
    pub(crate) fn save_learnt(&self, tenant: i64, model: &str, learner: &Arc<Learner>) {
        let (ours, name) = (Arc::clone(learner), model.to_owned());
        match self.store.write(tenant, move |scope| ours.save(scope, &name)) {
            Ok(learnt) => {
                learner.saved(learnt);
                self.changed(tenant);
            }
            Err(error) => tracing::warn!(%error, "what was learnt of a model is stored later"),
        }
    }

    /// Saves what people decided of a source model type: `{"key", "version", "var", "name", "fields": {…}}`, as little as was decided; it wins
    /// over what was inferred. `expected` is the revision that was edited (0: there is none yet). Gives the new revision.
    ///
    /// A model that does not exist is made, and its fields are inferred from what arrives.
    ///
    /// # Errors
    /// Where somebody else saved in between, or the decisions make no declaration.
    pub fn edit_model(&self, tenant: i64, model: &str, edits: &Value, expected: Option<i64>) -> Result<i64> {
        let (name, text) = (model.to_owned(), json::to_string(edits));
        let (revision, problems) = self.store.write(tenant, move |scope| {
            let known = scope.model(&name)?;
            let inferred = known.as_ref().is_none_or(|known| known.shape.is_some());
            let shape = known.as_ref().and_then(|known| known.shape.as_deref()).and_then(|shape| document(shape).ok());
            let inference = shape.and_then(|shape| Inference::from_value(&shape, InferenceLimits::DEFAULT).ok()).unwrap_or_default();
            // Where the provider declares the fields, the decisions are the declaration.
            let declaration = if inferred { declare(&inference, &text) } else { text.clone() };
            let (_, problems) = salesdash_language::model::Models::read_one(&name, &document(&declaration).unwrap_or_default());
            if !problems.is_empty() {
                return Ok((0, problems));
            }
            let shape = inferred.then(|| json::to_string(&inference.to_value()));
            Ok((scope.save_model(&name, &declaration, &text, shape.as_deref(), expected)?, Vec::new()))
        })?;
        if !problems.is_empty() {
            return Err(EngineError::Unsound(problems));
        }
        self.changed(tenant);
        Ok(revision)
    }

    /// What the records that arrived suggest for a source model type.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn suggestions(&self, tenant: i64, model: &str) -> Result<Suggestions> {
        let known = self.store.read(tenant, |scope| scope.model(model))?;
        let shape = known.and_then(|known| known.shape).and_then(|shape| document(&shape).ok());
        let inference = shape.and_then(|shape| Inference::from_value(&shape, InferenceLimits::DEFAULT).ok()).unwrap_or_default();
        Ok(Suggestions { key: inference.suggested_key(), version: inference.suggested_version() })
    }
}
