//! The processor language: types, scope, the checker, the plan it makes, the evaluator and its trace. Knows no instruction or
//! expression by name: those come from a [`vocabulary::Vocabulary`].
//!
//! The way of a spec: a JSON document is [checked](check::check), which finds every problem and compiles what it understood to a
//! [plan](plan::Plan); the plan is [evaluated](plan::Plan::evaluate) over one record after the other, or [traced](plan::Plan::trace),
//! which is the same with the value of every sub-expression kept.

pub mod check;
pub mod codes;
pub mod coverage;
pub mod diagnostics;
pub mod effect;
pub mod evaluate;
pub mod identity;
pub mod mask;
pub mod meta;
pub mod model;
pub mod plan;
pub mod projection;
pub mod render;
pub mod trace;
pub mod types;
pub mod vocabulary;
