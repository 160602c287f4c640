//! Lists.

crate::words! { Expression: }
