//! Instants as text.
