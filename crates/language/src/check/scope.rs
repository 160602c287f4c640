//! What is in scope, what no longer is and why, and what is known not to be empty.

use salesdash_value::Text;

use crate::types::Type;

/// A path that a fact is about: a variable's slot and the fields after it, joined by dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariablePath {
    pub(super) slot: u16,
    pub(super) path: Text,
}

impl VariablePath {
    /// Whether knowing that this path is not empty means that the other is not.
    fn implies(&self, other: &Self) -> bool {
        self.slot == other.slot
            && (other.path.is_empty()
                || self.path == other.path
                || self.path.strip_prefix(other.path.as_str()).is_some_and(|rest| rest.starts_with('.')))
    }
}

/// Paths that are known not to be empty.
pub type Facts = Vec<VariablePath>;

/// A variable in scope.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    pub name: Text,
    pub ty: Type,
    pub slot: u16,
    pub origin: Text,
}

/// Why a variable that was set is not in scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Gone {
    OneBranch,
    DifferentTypes,
    Loop,
    Disabled,
}

#[derive(Debug, Default)]
pub(super) struct Scope {
    pub bindings: Vec<Binding>,
    /// What was set and is out of scope: the name, the instruction that set it, and why it is gone.
    pub gone: Vec<(Text, Text, Gone)>,
    pub facts: Facts,
    pub slots: usize,
    /// Slots to be used again for these names in the list at hand: what both branches set has one slot.
    pub reuse: Vec<(Text, u16)>,
}

impl Scope {
    pub fn find(&self, name: &str) -> Option<&Binding> {
        self.bindings.iter().rev().find(|binding| binding.name == name)
    }

    pub fn new_slot(&mut self) -> u16 {
        self.slots += 1;
        u16::try_from(self.slots - 1).unwrap_or(u16::MAX)
    }

    pub fn bind(&mut self, name: Text, ty: Type, origin: Text) -> u16 {
        let slot = match self.reuse.iter().find(|(known, _)| *known == name) {
            Some((_, slot)) => *slot,
            None => self.new_slot(),
        };
        self.gone.retain(|(gone, ..)| *gone != name);
        self.bindings.push(Binding { name, ty, slot, origin });
        slot
    }

    pub fn is_filled(&self, path: &VariablePath) -> bool {
        self.facts.iter().any(|fact| fact.implies(path))
    }
}
