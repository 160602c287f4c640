//! What happens to the running program: it is killed at any instant, its disk fills up, its database is locked by another program. What
//! was acknowledged is never lost, and nothing is done twice.

mod disk;
mod kill;
mod lock;
mod sender;
mod server;
