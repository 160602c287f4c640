//! Look-ups, contacts, JSON.

crate::words! { Expression: }
