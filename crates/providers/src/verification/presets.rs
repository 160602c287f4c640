//! The schemes of well-known senders, by name. They are data: `presets.json`.

use std::sync::OnceLock;

use salesdash_value::{Text, Value, json};

use super::{Handshake, Verification};
use crate::body::BodyRules;
use crate::reader::{Node, Problem, Problems};
use crate::request::Place;

/// How a well-known sender sends its webhooks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The name by which a source refers to it.
    pub name: Text,
    /// The name that people see.
    pub title: Text,
    /// What the operator has to set, and where to find it.
    pub help: Text,
    /// How its requests are verified.
    pub verification: Verification,
    /// Its handshakes.
    pub handshakes: Vec<Handshake>,
    /// Where the id stands by which a repeated delivery is recognised. `None` where the sender gives none that is unique.
    pub event_id: Option<Place>,
    /// What to make of its bodies.
    pub body: BodyRules,
}

impl Preset {
    /// Every preset, in the order they are shown.
    ///
    /// # Panics
    /// Never: the data is compiled in, and a test reads it.
    pub fn all() -> &'static [Self] {
        static PRESETS: OnceLock<Vec<Preset>> = OnceLock::new();
        PRESETS.get_or_init(|| read(include_bytes!("presets.json")).unwrap_or_else(|problems| panic!("presets.json: {problems:?}")))
    }

    /// The preset with this name.
    #[must_use]
    pub fn get(name: &str) -> Option<&'static Self> {
        Self::all().iter().find(|preset| preset.name == name)
    }
}

fn read(text: &[u8]) -> Result<Vec<Preset>, Vec<Problem>> {
    let document =
        json::parse(text, json::Limits::DEFAULT).map_err(|error| vec![Problem { pointer: String::new(), text: error.to_string() }])?;
    let mut problems = Problems::default();
    let mut presets = Vec::new();
    for (name, value) in document.as_object().unwrap_or_default() {
        let Some(node) = problems.node(value, &format!("/{name}")) else { continue };
        presets.extend(preset(&mut problems, name, &node));
    }
    problems.result(Some(presets))
}

fn preset(problems: &mut Problems, name: &Text, node: &Node<'_>) -> Option<Preset> {
    node.only(problems, &["title", "help", "verification", "handshakes", "event_id", "body"]);
    let title = node.required_text(problems, "title");
    let help = node.required_text(problems, "help");
    // A preset cannot refer to another: they are only being read.
    let verification = Verification::read_scheme(problems, node.get("verification").unwrap_or(&Value::Null), &node.at("verification"));
    let handshakes = match node.get("handshakes") {
        None => Some(Vec::new()),
        Some(value) => Handshake::read_list(problems, value, &node.at("handshakes")),
    };
    let event_id = match node.get("event_id") {
        None => None,
        Some(value) => Some(Place::read_own(problems, value, &node.at("event_id"))?),
    };
    let body = match node.get("body") {
        None => BodyRules::default(),
        Some(value) => BodyRules::read(problems, value, &node.at("body"))?,
    };
    Some(Preset { name: name.clone(), title: title?, help: help?, verification: verification?, handshakes: handshakes?, event_id, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_preset_reads_and_reads_back() {
        for preset in Preset::all() {
            let written = preset.verification.to_value();
            assert_eq!(Verification::from_value(&written).as_ref(), Ok(&preset.verification), "{}", preset.name);
            assert_eq!(Verification::from_value(&Value::from(preset.name.as_str())).as_ref(), Ok(&preset.verification));
            assert!(preset.help.ends_with('.'), "{}: help is a sentence", preset.name);
        }
    }
}
