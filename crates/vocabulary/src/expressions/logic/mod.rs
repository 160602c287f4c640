//! Conditions and choices.

crate::words! { Expression: }
