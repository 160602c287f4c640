//! Operations: what leaves effects, sets variables or ends the execution.

crate::words! { Instruction: }
