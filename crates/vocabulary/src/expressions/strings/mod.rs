//! Text.

crate::words! { Expression: }
