use std::sync::Arc;

use salesdash_providers::Request;

use super::Answer;
use crate::Engine;

impl Engine {
    /// Takes in a webhook request. `route` is the secret part of the URL that was called. `done` gets the answer, once what was sent is
    /// durable (or refused); it is called on the writer's thread and has to be quick. Many requests share a commit.
    pub fn receive(self: &Arc<Self>, _route: &str, _request: &Request<'_>, _done: impl FnOnce(Answer) + Send + 'static) {
        todo!()
    }

    /// The same, waiting for the answer.
    #[must_use]
    pub fn receive_now(self: &Arc<Self>, _route: &str, _request: &Request<'_>) -> Answer {
        todo!()
    }
}
