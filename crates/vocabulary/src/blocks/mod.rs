//! Blocks: what runs other instructions.

crate::words! { Instruction: if_else::IfElse, for_each::ForEach }
