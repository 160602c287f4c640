//! The fields of a source model, inferred from the records that were received.
//!
//! What is known of the records is an [`Inference`]: for every place in them, what was seen there. It is a join semilattice: taking in a
//! record, or merging what was learnt elsewhere, gives the same whatever the order and however often, and is bounded whatever is sent.
//! It holds no values, only what they looked like, and can be stored as JSON.
//!
//! [`Inference::model`] makes the declaration of a source model of it, with what a person has declared laid over what was inferred: what
//! a person says always wins.

mod model;
mod shape;
mod stored;
#[cfg(test)]
mod tests;

use salesdash_value::Value;

pub use model::ModelHeader;
use shape::Shape;

/// How much is kept of what was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InferenceLimits {
    /// Places in all. Of more, the least deep are kept, and of those equally deep the first by name.
    pub places: usize,
    /// How deep places are kept apart; what is deeper counts with what holds it.
    pub depth: usize,
    /// An object of which one record has more fields than this is taken for a table of data, and its fields are not declared.
    pub fields: usize,
}

impl InferenceLimits {
    /// 4,000 places, 12 levels, 500 fields of one object.
    pub const DEFAULT: Self = Self { places: 4_000, depth: 12, fields: 500 };
}

impl Default for InferenceLimits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What is known of the records of one source model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inference {
    root: Shape,
    /// How many places `root` holds.
    places: usize,
    limits: InferenceLimits,
}

impl Inference {
    /// Nothing is known yet.
    #[must_use]
    pub fn new() -> Self {
        Self::with_limits(InferenceLimits::DEFAULT)
    }

    /// Nothing is known yet, with limits of its own. What is merged must have the same limits.
    #[must_use]
    pub fn with_limits(limits: InferenceLimits) -> Self {
        Self::of(Shape::default(), limits)
    }

    fn of(root: Shape, limits: InferenceLimits) -> Self {
        let mut inference = Self { root, places: 0, limits };
        inference.bound();
        inference
    }

    fn bound(&mut self) {
        self.root.bound(self.limits.places);
        self.places = self.root.places();
    }

    /// Takes in a record. Returns whether anything was learnt: where not, there is nothing to store. What is not an object is no record,
    /// and left aside.
    pub fn absorb(&mut self, record: &Value) -> bool {
        if !matches!(record, Value::Object(_)) {
            return false;
        }
        // Where the limit on places is reached, what is beyond it comes and goes with every record without anything being learnt.
        let before = (self.places >= self.limits.places).then(|| self.root.clone());
        let mut learnt = self.root.absorb(record, 0, &self.limits);
        if learnt {
            self.bound();
            if let Some(before) = before {
                learnt = before != self.root;
            }
        }
        learnt
    }

    /// Takes in everything that another inference knows.
    pub fn merge(&mut self, other: &Self) {
        self.root.join(&other.root);
        self.bound();
    }

    /// Whether no record was taken in yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.root == Shape::default()
    }

    /// How many places are kept apart.
    #[must_use]
    pub const fn places(&self) -> usize {
        self.places
    }
}

impl Default for Inference {
    fn default() -> Self {
        Self::new()
    }
}
