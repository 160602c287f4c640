//! The interface as its callers see it: requests in, answers out, on an installation of its own.

mod erasing;
mod errors;
mod fixtures;
mod flow;
mod freshness;
mod hidden;
mod live;
mod openapi;
mod polled;
mod presets;
mod roles;
mod sign_in;
mod specs;
mod webhooks;
mod world;
