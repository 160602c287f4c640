//! Exact decimals.

crate::words! { Expression: }
