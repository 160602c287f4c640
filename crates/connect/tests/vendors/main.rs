//! Every provider type from end to end, each against its vendor as it documents itself, played on this machine: connect, poll, be sent
//! webhooks, fetch what hangs on records, process, and look at the records that come out.

mod support;

mod gohighlevel;
mod hubspot;
mod monday;
mod pipedrive;
