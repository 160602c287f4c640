//! What the tests of provider types share: real and synthetic payloads brought to records, records held against their models, and
//! presets run over them.
//!
//! Every test crate that uses it says `mod support;` (or `#[path = "../../providers/tests/support/mod.rs"] mod support;` from another
//! crate).

#![allow(dead_code, reason = "each test crate uses a part of it")]

pub mod asking;
pub mod conformance;
pub mod examples;
pub mod fixtures;
pub mod running;
pub mod shaping;
pub mod vectors;

use std::sync::Arc;

use salesdash_providers::{ProviderType, Types};
use salesdash_value::{Instant, Value, json};

/// A type that comes with the program.
pub fn provider(name: &str) -> Arc<ProviderType> {
    Types::embedded().get(name).unwrap_or_else(|| panic!("no provider type {name}")).clone()
}

/// A JSON text as a value.
pub fn parse(text: &str) -> Value {
    json::parse(text.as_bytes(), json::Limits::DEFAULT).unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

/// An instant.
pub fn instant(text: &str) -> Instant {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// When tests happen, where it does not matter: noon on March 1, 2026.
pub fn noon() -> Instant {
    instant("2026-03-01T12:00:00Z")
}
