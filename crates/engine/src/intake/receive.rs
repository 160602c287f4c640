//! Webhook requests: from the bytes to the answer.

use std::sync::Arc;
use std::time::Instant as Stopwatch;

use salesdash_providers::body::{BodyFormat, Received};
use salesdash_providers::interpret::webhook;
use salesdash_providers::verification::Handshake;
use salesdash_providers::{Found, Request};
use salesdash_store::deliveries::{Delivery, Verdict};
use salesdash_store::ledger::Ledger;
use salesdash_store::payload::Packed;
use salesdash_store::sqlite::MAX_WAITING;
use salesdash_value::{Text, Value, json};

use super::take::{Batch, store};
use super::{Answer, Incoming, Taken};
use crate::catalog::{SourceConfig, TenantConfig};
use crate::events::What;
use crate::metrics::count;
use crate::program::instant;
use crate::{Engine, EngineError};

/// Writes that may wait before requests are told to come back: answering late would have senders give up and send again.
const BUSY: usize = MAX_WAITING * 3 / 4;
/// Deliveries of a source that are refused with a word in the log in a second; twice as many at once.
const REFUSALS_PER_SECOND: u32 = 100;
/// Bytes that are kept of a body that could not be read, for whoever looks into it.
const KEPT_OF_UNREADABLE: usize = 64 << 10;

/// What is to be done with a request.
enum Judged {
    /// It is answered at once.
    Answer(Answer),
    /// It is refused, and that is logged.
    Refused { source: Arc<SourceConfig>, tenant: i64, status: u16, reason: String, body: String, bytes: i64, kept: Option<Packed> },
    /// It is taken in.
    Take(Batch),
}

impl Answer {
    fn new(status: u16, text: impl Into<String>) -> Self {
        let text = Value::object([("error", Value::from(text.into().as_str()))]);
        Self {
            status,
            content_type: "application/json",
            body: json::to_string(&text),
            header: None,
            retry_after_s: None,
            delivery: None,
            reason: None,
        }
    }

    fn later(status: u16, seconds: u32, text: &str) -> Self {
        Self { retry_after_s: Some(seconds), ..Self::new(status, text) }
    }

    fn taken(taken: &Taken, source: &SourceConfig) -> Self {
        let verdict = taken.verdict.map_or("accepted", Verdict::name);
        let body = format!(r#"{{"delivery":"{}","verdict":"{verdict}","records":{}}}"#, taken.delivery, taken.records);
        // Some vendors insist on an answer of their own.
        let own = source.shaping.as_ref().and_then(|shaping| shaping.webhook.answer.as_ref());
        let (status, body) = match own {
            Some(answer) => (
                u16::try_from(answer.status.0).unwrap_or(200),
                answer.body.as_ref().map_or_else(String::new, |body| json::to_string(&body.0)),
            ),
            None => (202, body),
        };
        Self {
            status,
            content_type: "application/json",
            body,
            header: None,
            retry_after_s: None,
            delivery: Some(taken.delivery),
            reason: None,
        }
    }

    /// What was sent could not be made durable, so the sender has to keep it.
    fn not_stored(error: &EngineError) -> Self {
        Self { reason: Some(error.to_string()), ..Self::later(503, 5, "the delivery could not be stored; send it again later") }
    }
}

impl Engine {
    /// Takes in a webhook request. `route` is the secret part of the URL that was called. `done` gets the answer, once what was sent is
    /// durable (or refused); it is called on the writer's thread, or on this one, and has to be quick. Many requests share a commit.
    ///
    /// The calling thread verifies, reads, compresses and encrypts: some 50 µs for a small body. Now and then, once for a source, it also
    /// trains a dictionary.
    pub fn receive(self: &Arc<Self>, route: &str, request: &Request<'_>, done: impl FnOnce(Answer) + Send + 'static) {
        let started = Stopwatch::now();
        let engine = Arc::clone(self);
        let done = move |answer: Answer| {
            engine.metrics.deliveries.times_us.add(u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX));
            done(answer);
        };
        match self.judge(route, request) {
            Ok(Judged::Answer(answer)) => done(answer),
            Ok(Judged::Refused { source, tenant, status, reason, body, bytes, kept }) => {
                self.log_refusal(&source, tenant, status, reason, body, bytes, kept, done);
            }
            Ok(Judged::Take(batch)) => self.submit_batch(batch, done),
            Err(error) => {
                count(&self.metrics.deliveries.failed);
                tracing::warn!(%error, "a delivery could not be looked at");
                done(Answer::not_stored(&error));
            }
        }
    }

    /// The same, waiting for the answer. Not to be called on the writer's thread.
    #[must_use]
    pub fn receive_now(self: &Arc<Self>, route: &str, request: &Request<'_>) -> Answer {
        let (send, answer) = crossbeam_channel::bounded(1);
        self.receive(route, request, move |answer| drop(send.send(answer)));
        answer.recv().unwrap_or_else(|_| Answer::later(503, 5, "the server is shutting down"))
    }

    fn submit_batch(self: &Arc<Self>, batch: Batch, done: impl FnOnce(Answer) + Send + 'static) {
        let engine = Arc::clone(self);
        let tenant = batch.tenant;
        let learner = batch.source.learner.clone().map(|learner| (learner, batch.source.row.model.clone()));
        let source = Arc::clone(&batch.source);
        // It ends with the commit.
        let span = tracing::debug_span!("delivery", tenant, source = source.row.id);
        self.store.submit(
            tenant,
            move |scope| store(scope, &batch),
            move |taken| match taken {
                Ok(taken) => {
                    drop(span);
                    let answer = Answer::taken(&taken, &source);
                    engine.committed(taken);
                    done(answer);
                    if let Some((learner, model)) = learner {
                        engine.learnt(tenant, &model, &learner);
                    }
                }
                Err(error) => {
                    count(&engine.metrics.deliveries.failed);
                    tracing::warn!(%error, "a delivery could not be stored");
                    done(Answer::not_stored(&EngineError::Store(error)));
                }
            },
        );
    }

    /// Decides on a request, without writing anything.
    fn judge(&self, route: &str, request: &Request<'_>) -> crate::Result<Judged> {
        if self.is_closing() {
            return Ok(Judged::Answer(Answer::later(503, 5, "the server is shutting down; send it again later")));
        }
        let Some(route) = self.catalog.route(&self.store, route)? else {
            return Ok(Judged::Answer(Answer::new(404, "there is no webhook at this address")));
        };
        let config = self.catalog.tenant(&self.store, route.tenant)?;
        let Some(source) = config.sources.get(&route.source).map(Arc::clone) else {
            return Ok(Judged::Answer(Answer::new(404, "there is no webhook at this address")));
        };
        let settings = match &source.webhook {
            Ok(settings) => settings,
            Err(problem) => {
                // Nothing can be verified by settings that make no sense, and nothing must be lost: the sender keeps it.
                tracing::warn!(source = source.row.id, problem, "the settings of a source cannot be read");
                let answer = Answer::later(503, 60, "the source is not set up rightly; send it again later");
                return Ok(Judged::Answer(Answer { reason: Some(format!("the settings cannot be read: {problem}")), ..answer }));
            }
        };
        if let Err(seconds) = source.buckets.0.take(settings.rate_per_second.unwrap_or(self.options.rate_per_second), self.store.now()) {
            count(&self.metrics.deliveries.throttled);
            return Ok(Judged::Answer(Answer::later(429, seconds, "too many deliveries at once; send it again later")));
        }
        if self.store.database().waiting() > BUSY {
            count(&self.metrics.deliveries.throttled);
            return Ok(Judged::Answer(Answer::later(503, 1, "too much waits to be stored; send it again later")));
        }
        let bytes = i64::try_from(request.body.len()).unwrap_or(i64::MAX);
        let tenant = config.id;
        let refuse = |status: u16, reason: String, body: String, kept: Option<Packed>| {
            // Whoever knows the address can send anything, and each refusal is a row: a flood of them is only counted.
            if let Err(seconds) = source.buckets.1.take(REFUSALS_PER_SECOND, self.store.now()) {
                count(&self.metrics.deliveries.throttled);
                let answer = Answer::later(429, seconds, "too many deliveries that had to be refused; send them again later");
                return Ok(Judged::Answer(Answer { reason: Some(reason), ..answer }));
            }
            Ok(Judged::Refused { source: Arc::clone(&source), tenant, status, reason, body, bytes, kept })
        };
        if request.body.len() > settings.limits.bytes {
            let reason = salesdash_providers::body::BodyError::TooLarge { limit_bytes: settings.limits.bytes }.to_string();
            return refuse(413, reason.clone(), reason, None);
        }
        let verify = || settings.verification.verify(request, &source.secrets, instant(self.store.now()));
        let unverified = "the request could not be verified; the operator finds the reason in the log of this source";
        if let Some(answer) = Handshake::answer(&settings.handshakes, request) {
            if answer.must_be_verified
                && let Err(refusal) = verify()
            {
                return refuse(401, refusal.to_string(), unverified.to_owned(), None);
            }
            count(&self.metrics.deliveries.handshakes);
            let header = answer.header.map(|(name, value)| (name.to_string(), value.to_string()));
            let (content_type, body) = (answer.content_type, answer.body);
            return Ok(Judged::Answer(Answer { header, content_type, body, ..Answer::new(200, "") }));
        }
        if !matches!(request.method, "POST" | "PUT" | "PATCH") {
            return Ok(Judged::Answer(Answer::new(405, "send deliveries with POST")));
        }
        if let Err(refusal) = verify() {
            return refuse(401, refusal.to_string(), unverified.to_owned(), None);
        }
        let content_type = match request.header("content-type") {
            Found::Text(text) => Some(text),
            _ => None,
        };
        match Received::read(content_type.as_deref(), request.body, &settings.body, &settings.limits) {
            Ok(received) => match self.batch(&config, &source, request, received)? {
                Ok(batch) => Ok(Judged::Take(batch)),
                Err(problem) => refuse(400, problem.clone(), problem, None),
            },
            Err(error) => {
                let some = &request.body[..request.body.len().min(KEPT_OF_UNREADABLE)];
                let kept = if some.is_empty() { None } else { Some(self.store.pack(tenant, source.row.id, some)?) };
                refuse(error.status(), error.to_string(), error.to_string(), kept)
            }
        }
    }

    /// Makes the records of a delivery ready to be stored. An inner error says why something of it is no record.
    fn batch(
        &self,
        config: &TenantConfig,
        source: &Arc<SourceConfig>,
        request: &Request<'_>,
        received: Received,
    ) -> crate::Result<std::result::Result<Batch, String>> {
        // Where the body is the record and nothing else, it is kept as it was received, and serves as both.
        let whole = match &received.records[..] {
            [one]
                if received.format == BodyFormat::Json
                    && one.in_delivery.is_none()
                    && one.in_envelope.is_none()
                    && one.value == one.envelope
                    && request.body.trim_ascii_start().first() == Some(&b'{') =>
            {
                Some(one.value.clone())
            }
            _ => None,
        };
        let incoming: Vec<(Incoming, Option<Text>)> = match &source.shaping {
            Some(shaping) => {
                let now = instant(self.store.now());
                match webhook::take(&shaping.webhook, &shaping.given, request, &received.records, now) {
                    Ok(shaped) => {
                        let incoming = shaped.into_iter();
                        incoming.map(|shaped| (Incoming { record: shaped.record, event: shaped.event }, shaped.key)).collect()
                    }
                    Err(problem) => return Ok(Err(problem)),
                }
            }
            None => {
                let place = source.webhook.as_ref().ok().and_then(|settings| settings.event_id.as_ref());
                let events: Vec<_> =
                    received.records.iter().map(|record| place.and_then(|place| record.event_id(place, request))).collect();
                let records = received.records.into_iter().zip(events);
                records.map(|(record, event)| (Incoming { record: record.value, event }, None)).collect()
            }
        };
        let body_is_record = matches!((&incoming[..], &whole), ([(one, _)], Some(whole)) if one.record == *whole);
        let mut records = Vec::with_capacity(incoming.len());
        for (one, key) in incoming {
            records.push(self.prepare_one(config.id, source, one, key, body_is_record.then_some(request.body))?);
        }
        // A body of which nothing is taken is not kept.
        let raw =
            if body_is_record || records.is_empty() { None } else { Some(self.store.pack(config.id, source.row.id, request.body)?) };
        let bytes = i64::try_from(request.body.len()).unwrap_or(i64::MAX);
        Ok(Ok(Batch { tenant: config.id, source: Arc::clone(source), bytes, raw, records, job: None }))
    }

    /// Logs that a delivery was refused, and answers then.
    #[allow(clippy::too_many_arguments)]
    fn log_refusal(
        self: &Arc<Self>,
        source: &SourceConfig,
        tenant: i64,
        status: u16,
        reason: String,
        body: String,
        bytes: i64,
        kept: Option<Packed>,
        done: impl FnOnce(Answer) + Send + 'static,
    ) {
        let deliveries = &self.metrics.deliveries;
        count(if status == 401 { &deliveries.unverified } else { &deliveries.unreadable });
        let (engine, source, logged) = (Arc::clone(self), source.row.id, reason.clone());
        let work = move |scope: &mut salesdash_store::Scope<'_>| {
            let id = scope.next_id();
            let payload = kept.as_ref().map(|packed| scope.store_payload(packed)).transpose()?;
            let verdict = Verdict::Rejected;
            scope.insert_delivery(&Delivery { id, source, verdict, reason: Some(logged), bytes, records: 0, payload })?;
            scope.add_to_ledger(source, &Ledger { received: 1, rejected: 1, ..Ledger::default() })?;
            Ok(id)
        };
        self.store.submit(tenant, work, move |logged| match logged {
            Ok(id) => {
                if engine.events.anybody() {
                    engine.events.send(tenant, What::Delivery { id, source, verdict: Verdict::Rejected, records: 0 });
                }
                done(Answer { delivery: Some(id), reason: Some(reason), ..Answer::new(status, body) });
            }
            // It stays refused, logged or not.
            Err(error) => {
                tracing::warn!(%error, "a refused delivery could not be logged");
                done(Answer { reason: Some(reason), ..Answer::new(status, body) });
            }
        });
    }
}
