//! The queue in memory.

/// An execution that waits.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub execution: i64,
}
