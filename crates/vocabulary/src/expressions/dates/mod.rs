//! Instants.

crate::words! { Expression: }
