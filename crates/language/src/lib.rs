//! The processor language: types, scope, the checker, the plan it makes, the evaluator and its trace. Knows no instruction or
//! expression by name: those come from a [`vocabulary::Vocabulary`].

pub mod codes;
pub mod diagnostics;
pub mod meta;
pub mod types;
