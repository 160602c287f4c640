//! What happens, as it happens: server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, Method};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::Stream;
use salesdash_engine::events::{Event as Happened, What};
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::time::Instant;

use crate::App;
use crate::auth::Caller;
use crate::endpoint::{Endpoint, Role, Table};
use crate::routes::executions::{Execution, Names, execution};

pub fn add(table: &mut Table) {
    let summary =
        "What happens, as it happens: the events `execution`, `delivery`, `run`, `job`, `changed`, and `missed` where some were left out";
    table.add(
        Endpoint::new(Method::GET, "/api/v1/executions/live", Role::Viewer, "listen", summary).raw_answer("text/event-stream"),
        listen,
    );
}

/// How long events are gathered before they are sent, so that a storm of them makes few messages.
const GATHER: Duration = Duration::from_millis(200);
/// Events of one kind that are sent at once; of more, the last are sent.
const AT_ONCE: usize = 100;

/// What one listener is told.
struct Listener {
    app: App,
    tenant: i64,
    events: Receiver<Happened>,
    ready: std::collections::VecDeque<Event>,
}

async fn listen(State(app): State<App>, caller: Caller, headers: HeaderMap) -> Response {
    let events = app.engine().listen();
    let mut listener = Listener { app: app.clone(), tenant: caller.tenant, events, ready: std::collections::VecDeque::new() };
    // One who comes back has missed what happened in between; nobody has kept it.
    if headers.contains_key("last-event-id") {
        listener.ready.push_back(missed());
    }
    listener.ready.push_back(Event::default().event("hello").data("{}"));
    Sse::new(stream(listener)).keep_alive(KeepAlive::default()).into_response()
}

fn missed() -> Event {
    Event::default().event("missed").data("{}")
}

fn stream(listener: Listener) -> impl Stream<Item = Result<Event, Infallible>> {
    futures::stream::unfold(listener, |mut listener| async move {
        loop {
            if let Some(event) = listener.ready.pop_front() {
                return Some((Ok(event), listener));
            }
            listener.gather().await?;
        }
    })
}

impl Listener {
    /// Waits for something to happen and gathers what follows. None where the server stops.
    async fn gather(&mut self) -> Option<()> {
        let mut gathered = Vec::new();
        let mut lost = false;
        let stopping = self.app.clone();
        let first = tokio::select! {
            () = stopping.stopped() => return None,
            first = self.events.recv() => first,
        };
        let mut next = first;
        let until = Instant::now() + GATHER;
        loop {
            match next {
                Ok(event) if event.tenant == self.tenant => gathered.push(event.what),
                Ok(_) => {}
                Err(RecvError::Lagged(_)) => lost = true,
                Err(RecvError::Closed) => return None,
            }
            match tokio::time::timeout_at(until, self.events.recv()).await {
                Ok(event) => next = event,
                Err(_) => break,
            }
        }
        if lost {
            self.ready.push_back(missed());
        }
        self.tell(gathered).await;
        Some(())
    }

    async fn tell(&mut self, mut gathered: Vec<What>) {
        // Of several events about one thing the last one holds.
        let mut seen = std::collections::HashSet::new();
        gathered.reverse();
        gathered.retain(|what| seen.insert(subject(what)));
        gathered.truncate(AT_ONCE);
        gathered.reverse();
        if seen.len() > AT_ONCE {
            self.ready.push_back(missed());
        }
        let ids: Vec<i64> =
            gathered.iter().filter_map(|what| if let What::Execution { id, .. } = what { Some(*id) } else { None }).collect();
        let mut rows = self.rows(ids).await.into_iter();
        for what in gathered {
            let event = Event::default();
            let event = match what {
                What::Execution { id, .. } => match rows.next().flatten() {
                    Some(row) => event.event("execution").id(id.to_string()).json_data(row),
                    None => continue,
                },
                What::Delivery { id, source, verdict, records } => {
                    let data = json!({ "id": id.to_string(), "source": source.to_string(), "verdict": verdict.name(), "records": records });
                    event.event("delivery").id(id.to_string()).json_data(data)
                }
                What::Job { id, state, done, total } => {
                    event.event("job").json_data(json!({ "id": id.to_string(), "state": state, "progress": { "done": done, "of": total } }))
                }
                What::Run { id, source, verdict } => {
                    event.event("run").json_data(json!({ "id": id.to_string(), "source": source.to_string(), "verdict": verdict }))
                }
                What::Changed => event.event("changed").json_data(json!({})),
            };
            self.ready.extend(event.ok());
        }
    }

    /// The rows of executions, each none where it cannot be read.
    async fn rows(&self, ids: Vec<i64>) -> Vec<Option<Execution>> {
        if ids.is_empty() {
            return Vec::new();
        }
        let read = self.app.read(self.tenant, move |scope| {
            let mut names = Names::default();
            Ok(ids.into_iter().map(|id| scope.execution(id).ok().and_then(|stored| execution(scope, &mut names, stored).ok())).collect())
        });
        read.await.unwrap_or_default()
    }
}

/// What an event is about.
fn subject(what: &What) -> (u8, i64) {
    match what {
        What::Delivery { id, .. } => (0, *id),
        What::Execution { id, .. } => (1, *id),
        What::Job { id, .. } => (2, *id),
        What::Run { id, .. } => (3, *id),
        What::Changed => (4, 0),
    }
}
