//! Literals and variables.

crate::words! { Expression: literal::Literal, var::Var, get::Get }
