//! Conditions and choices.

mod comparison;
mod narrowing;

pub(crate) use comparison::{equal, equality_facts};

crate::words! {
    Expression:
    and::And,
    or::Or,
    not::Not,
    equals::Equals,
    not_equals::NotEquals,
    equals_one_off::EqualsOneOff,
    greater_than::GreaterThan,
    greater_or_equal::GreaterOrEqual,
    less_than::LessThan,
    less_or_equal::LessOrEqual,
    is_null::IsNull,
    is_empty::IsEmpty,
    exists::Exists,
    r#if::If,
    coalesce::Coalesce,
}
