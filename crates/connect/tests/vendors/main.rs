//! Every provider type from end to end, each against its vendor as it documents itself, played on this machine: connect, poll, be sent
//! webhooks, fetch what hangs on records, process, and look at the records that come out.

mod played;
mod support;

mod aircall;
mod gohighlevel;
mod http_api;
mod hubspot;
mod monday;
mod pipedrive;
mod salesforce;
mod teamleader;
mod trello;
mod voipgrid;
