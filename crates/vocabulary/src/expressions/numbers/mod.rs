//! Exact decimals.

mod several;

crate::words! {
    Expression:
    sum::Sum,
    subtract::Subtract,
    multiply::Multiply,
    divide::Divide,
    minimum::Minimum,
    maximum::Maximum,
    round::Round,
    absolute::Absolute,
    parse_number::ParseNumber,
}
