//! Blocks: what runs other instructions.

crate::words! { Instruction: }
