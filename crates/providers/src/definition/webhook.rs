//! What a vendor sends by itself.

use salesdash_value::{Text, Value};

use super::http::Each;
use super::macros::object;
use super::read::{About, Json, Name, Named, Number, Read, Reading};
use super::settings::Setting;
use super::time::WrittenTime;
use super::value::{Condition, OfRecord, Picked};
use crate::body::BodyRules;
use crate::path::Path;
use crate::request::Place;
use crate::verification::{Handshake, Verification};

object! {
    /// What a vendor sends by itself. People make a source of it, and give its URL to the vendor.
    Webhook as "webhook" {
        /// The name that people see, such as *Deals*.
        title: Text,
        /// What it is good for, in a sentence.
        summary: Option<Text>,
        /// The source model that its records are of.
        model: Name,
        /// What people fill in for a source of it. The secrets that the verification names are asked for by themselves.
        settings: Named<Setting>,
        /// How a delivery proves who sent it: a scheme, or the name of a well-known one. Knowing the URL is enough where it is not given.
        verification: Option<Verification>,
        /// Requests that only ask whether somebody is there.
        handshakes: Vec<Handshake>,
        /// What to make of the body: where its records stand. Array bodies are taken apart.
        body: Option<BodyRules>,
        /// Where the id stands by which a repeated delivery is recognised.
        event_id: Option<Place>,
        /// What is done with each record; `only` selects the events. The others are answered, and counted as rejected.
        each: Option<Each>,
        /// When the event happened: added to the record as `event_time`.
        time: Option<EventTime>,
        /// Which events say that the record is gone: it is then marked with `is_deleted`.
        deletes: Option<Deletes>,
        /// The event holds only an id: the record is fetched.
        complete: Option<Complete>,
        /// The answer. 202 without a body where it is not given.
        answer: Option<WebhookAnswer>,
    }
}

object! {
    /// When an event happened.
    EventTime as "event time" {
        /// Where it says so.
        from: Picked<OfRecord>,
        /// How it is written: ISO 8601 where it is not given.
        reads: Option<WrittenTime>,
    }
}

object! {
    /// Which events say that a record is gone.
    Deletes as "deletes" {
        /// Such an event.
        when: Condition<OfRecord>,
        /// Where it holds the record as it was, from the envelope. The record itself where it is not given.
        record: Option<Path>,
    }
}

object! {
    /// A thin event, which holds only an id. It is taken and answered at once; its record is fetched before it is processed. Where the record is gone by
    /// then, the event itself is taken, marked with `is_deleted`.
    Complete as "complete" {
        /// The enrichment of type `by_id` that fetches the record.
        fetch: Name,
        /// The id to fetch.
        id: Picked<OfRecord>,
        /// Fields of the event that are added to the record.
        keep: Vec<Text>,
    }
}

object! {
    /// The answer to a delivery that was taken.
    WebhookAnswer as "webhook answer" {
        /// The status.
        status: Number<200, 299>,
        /// A JSON body.
        body: Option<Json>,
    }
}

impl Read for Verification {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        Self::read(&mut reading.problems, value, pointer)
    }

    fn describe(_about: &mut About) -> String {
        "[verification](#verification)".to_owned()
    }
}

impl Read for Handshake {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        let node = reading.problems.node(value, pointer)?;
        Self::read_node(&mut reading.problems, &node)
    }

    fn describe(_about: &mut About) -> String {
        "[handshake](#handshakes)".to_owned()
    }
}

impl Read for BodyRules {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        Self::read(&mut reading.problems, value, pointer)
    }

    fn describe(_about: &mut About) -> String {
        "`{\"records_at\": path, \"form_field\": name}`, each of which can be left out".to_owned()
    }
}

impl Read for Place {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        Self::read_own(&mut reading.problems, value, pointer)
    }

    fn describe(_about: &mut About) -> String {
        "`{\"header\": name}`, `{\"query\": name}` or `{\"body\": path}`".to_owned()
    }
}
