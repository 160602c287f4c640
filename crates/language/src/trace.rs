//! The log that a traced evaluation leaves, and the tree that is made of it.

use salesdash_value::Value;

use crate::effect::Message;

/// What happened, in the order it happened.
#[derive(Clone, Debug, Default)]
pub struct TraceLog {
    pub(crate) events: Vec<Event>,
}

/// One thing that happened. Nodes and instructions are named by their place in the plan.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// An instruction begins.
    Enter(u32),
    /// It ran to its end.
    Leave(u32),
    /// It failed.
    Fail(u32),
    /// It is disabled.
    Disabled(u32),
    /// A block took the branch in this field.
    Branch(u32, u32),
    /// A loop begins an iteration.
    Iteration(u32, u32),
    /// The iteration ended; whether it was undone.
    IterationEnd(u32, bool),
    /// An expression gave a value.
    Value(u32, Value),
    /// An expression failed.
    Fault(u32),
    /// An expression begins to look at an item of a list.
    Item(u32, u32),
    /// And is done with it.
    ItemEnd(u32),
    /// The variable that an instruction sets got a value.
    Returned(u32, Value),
    /// An effect was left: its place in the outcome, as long as nothing is undone.
    Effect(u32),
    /// Something was said.
    Message(Message),
}
