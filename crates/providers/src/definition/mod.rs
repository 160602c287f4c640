//! The definition of a provider type: a closed, versioned format. The types below are the format: their comments are the reference,
//! their fields are the keys that are read, and everything else is refused with its place.

pub mod auth;
mod check;
pub mod enrichment;
pub mod http;
mod macros;
pub mod model;
pub mod paging;
pub mod poll;
pub mod preset;
pub mod read;
pub mod reference;
pub mod request;
pub mod settings;
pub mod time;
pub mod value;
pub mod webhook;

use salesdash_language::model::Models;
use salesdash_value::{Text, Value};

use self::auth::Auth;
use self::enrichment::Enrichment;
use self::http::{Check, ErrorRule, Http, Limits};
use self::macros::object;
use self::model::Model;
use self::poll::Poll;
use self::read::{About, Name, Named, Read, Reading};
use self::settings::Setting;
use self::webhook::Webhook;
use crate::reader::Problem;

/// The number of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format(pub u32);

/// The format that this version reads.
pub const FORMAT: u32 = 1;

impl Read for Format {
    fn read(reading: &mut Reading, value: &Value, pointer: &str) -> Option<Self> {
        if value == &Value::from(i64::from(FORMAT)) {
            return Some(Self(FORMAT));
        }
        reading.problems.add(pointer, format!("this version reads format {FORMAT}"));
        None
    }

    fn describe(_about: &mut About) -> String {
        format!("`{FORMAT}`")
    }
}

object! {
    /// `definition.json`: all that is known of one type of provider.
    Definition as "definition" {
        /// `1`.
        format: Format,
        /// Its name, which is that of its folder. Never changed: providers are stored with it.
        name: Name,
        /// The name that people see.
        title: Text,
        /// What it offers, in a sentence.
        summary: Text,
        /// The vendor's page.
        website: Option<Text>,
        /// The letters and the colour that stand for it.
        mark: Option<Mark>,
        /// What people fill in to connect.
        settings: Named<Setting>,
        /// How requests prove who asks. They do not where it is not given.
        auth: Option<Auth>,
        /// What holds for every request. Needed where anything is requested.
        http: Option<Http>,
        /// How often the vendor may be asked.
        limits: Option<Limits>,
        /// What answers that are not a success mean.
        errors: Vec<ErrorRule>,
        /// The request behind *Test connection*.
        check: Option<Check>,
        /// What its records look like.
        models: Named<Model>,
        /// What is asked for again and again.
        polls: Named<Poll>,
        /// What is fetched to go with a record.
        enrichments: Named<Enrichment>,
        /// What it sends by itself.
        webhooks: Named<Webhook>,
        /// People define polls of their own on its sources, in the format of `polls`.
        custom_polls: bool,
        /// People define webhooks of their own on its sources, in the format of `webhooks`; models are learnt from what arrives.
        custom_webhooks: bool,
        /// Its sources take files.
        files: bool,
        /// What is not known for sure, and where the facts are from. Shown in lists of types.
        notes: Vec<Text>,
    }
}

object! {
    /// The letters and the colour that stand for a provider.
    Mark as "mark" {
        /// One to three letters.
        letters: Text,
        /// A colour, as `#rrggbb`.
        color: Text,
    }
}

impl Definition {
    /// Reads a definition.
    ///
    /// # Errors
    /// Every problem, each with its JSON pointer.
    pub fn from_value(value: &Value) -> Result<Self, Vec<Problem>> {
        let mut reading = Reading {
            settings: settings::settings_type(value.get("settings")),
            source: settings::settings_type(None),
            connection: auth::connection_type(value.get("auth")),
            ..Reading::default()
        };
        let definition = Self::read(&mut reading, value, "");
        if let Some(definition) = &definition {
            check::check(definition, value, &mut reading);
        }
        reading.problems.result(definition)
    }

    /// The declared models, as the processor language has them.
    #[must_use]
    pub fn models(&self) -> Models {
        let mut models = Models::default();
        for (name, model) in self.models.iter() {
            models.insert(model.declared(name, |enrichment| self.enrichments.get(enrichment)).0);
        }
        models
    }

    /// The declaration of a model, as it stands under its type in a models file.
    #[must_use]
    pub fn declaration(&self, model: &str) -> Option<Value> {
        Some(self.models.get(model)?.declaration(|enrichment| self.enrichments.get(enrichment)))
    }

    /// The model that an enrichment yields.
    #[must_use]
    pub fn yields(&self, enrichment: &str) -> Option<&Text> {
        self.enrichments.get(enrichment).map(Enrichment::model)
    }
}
