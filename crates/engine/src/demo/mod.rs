//! The sample tenant of `salesdash demo`: two integrations of believable shape with months of history, a few failures worth
//! debugging, and simulated systems that keep sending. All of it goes through the ordinary ways.

pub mod people;
pub mod sample;
pub mod simulation;
