//! What is kept of an erasure while it goes on and afterwards. Who is erased stands in it encrypted, and no longer than it is needed.

use salesdash_store::erasing::Extent;
use salesdash_value::Id;
use serde::{Deserialize, Serialize};

/// Where an erasure is: first all is looked through, then taken away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// Source models, with their enrichments and executions.
    #[default]
    Models,
    /// What was fetched, and executed again, since they were looked through.
    Since,
    /// Bodies of deliveries.
    Bodies,
    /// The records that name the contact, and what wrote them.
    Records,
    /// Records that hold the contact's key elsewhere: calls with its phone number, external ids made of it.
    Holders,
    /// Source models are taken away.
    TakeModels,
    /// Bodies of deliveries are.
    TakeBodies,
    /// Outcomes forget the contact's key.
    TakeOutcomes,
    /// Those lose it.
    TakeHolders,
    /// Records lose their contact, and its period changes go.
    TakeContacts,
    /// Which payloads something else refers to is looked up.
    Referred,
    /// The others are removed.
    Payloads,
    /// What is free in the file is overwritten and given back.
    Sweep,
}

/// The document of the job.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Document {
    pub actor: String,
    pub reason: String,
    /// What was given, in a word each: `email`, `phone`, `hash` or `text`.
    pub given: Vec<String>,
    /// What was given itself, encrypted, as hexadecimal digits. Gone once it is no longer needed.
    pub secret: Option<String>,
    pub phase: Phase,
    /// Where the phase goes on: an id.
    pub position: i64,
    /// Where it goes on beside that: the id of a record, or the place of a table.
    pub place: String,
    /// Source models up to here were looked through before.
    pub since: i64,
    /// The oldest execution that waited when it was begun: what it came to was not there yet.
    #[serde(default)]
    pub waiting: i64,
    /// What came from here on is not part of it.
    pub until: i64,
    pub total: i64,
    pub done: i64,
    /// Records that hold the contact's phone number, as far as they were looked through.
    pub phone_numbers: i64,
    /// Records whose external id is made of the contact's key.
    pub external_ids: i64,
    /// Of each table that refers to payloads, the last row that was looked at.
    pub looked: Vec<i64>,
    pub found: Option<Extent>,
    /// When it was confirmed.
    pub confirmed: Option<i64>,
    /// Whether it was cancelled after things had been taken away: what they referred to still goes.
    #[serde(default)]
    pub cancelled: bool,
}

impl Document {
    pub fn read(text: &str) -> crate::Result<Self> {
        serde_json::from_str(text).map_err(|_| {
            crate::EngineError::Store(salesdash_store::StoreError::Damaged("what is kept of an erasure cannot be read".to_owned()))
        })
    }

    pub fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Goes on with another phase, from its beginning.
    pub fn enter(&mut self, phase: Phase) {
        (self.phase, self.position) = (phase, 0);
        self.place.clear();
    }

    /// The record that it goes on after.
    pub fn record(&self) -> Id {
        Id(hex::decode(&self.place).ok().and_then(|id| id.try_into().ok()).unwrap_or_default())
    }

    /// Whether things are taken away by now.
    pub fn takes(&self) -> bool {
        !matches!(self.phase, Phase::Models | Phase::Since | Phase::Bodies | Phase::Records | Phase::Holders)
    }
}
