//! Ready processors, and examples.

use salesdash_value::Text;

use super::Format;
use super::macros::object;
use super::read::{Fields, Json, Name, OneOrMore};

object! {
    /// `presets/<name>.json`: a ready processor, with the source it runs on. One click makes source, processor and link.
    Preset as "preset" {
        /// `1`.
        format: Format,
        /// The name that people see, such as *Won and lost deals as activities*. The processor gets it too.
        title: Text,
        /// What it does, in a sentence or two.
        summary: Text,
        /// The polls it can run on.
        polls: Vec<Name>,
        /// The webhooks it can run on.
        webhooks: Vec<Name>,
        /// Values of constants on the link, where they differ from the defaults of the spec.
        constants: Fields<Json>,
        /// The spec. Every constant has a description that says what to fill in.
        spec: Json,
    }
}

object! {
    /// `examples/<name>.json`: a synthetic payload, shown while nothing has arrived yet, and taken apart in tests. No real data. Exactly one of `poll`,
    /// `webhook` and `enrichment`.
    Example as "example" {
        /// `1`.
        format: Format,
        /// What it shows.
        title: Text,
        /// The poll that it is an answer to.
        poll: Option<Name>,
        /// The webhook that it is a delivery of.
        webhook: Option<Name>,
        /// The enrichment that it is an answer to.
        enrichment: Option<Name>,
        /// The headers of the delivery.
        headers: Fields<Text>,
        /// The body.
        body: Json,
        /// The keys of the records that are taken from it, in order. Checked where it is given.
        keys: Option<OneOrMore<Text>>,
    }
}
