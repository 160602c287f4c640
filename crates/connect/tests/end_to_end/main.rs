//! Connect, poll, enrich, process: end to end against a vendor that is played on this machine.

mod backfills;
mod crash;
mod faults;
mod files;
mod leases;
mod logins;
mod parts;
mod polls;
mod support;
mod tokens;
