//! The simulated systems, sending: real requests to the real addresses, signed as they should be.

use std::net::SocketAddr;
use std::time::Duration;

use salesdash_engine::demo::sample::{SEED, Sample};
use salesdash_engine::demo::simulation::Simulation;
use salesdash_value::Instant;

use crate::client::Client;

/// Sends what happens, when it happens, until the process ends.
pub async fn send(address: SocketAddr, sample: Sample) {
    let mut client = Client::new(address);
    for sent in Simulation::new(SEED, Instant::now(), true) {
        let wait = sent.at.duration_since(Instant::now());
        tokio::time::sleep(Duration::try_from(wait).unwrap_or_default()).await;
        let sender = sample.sender(sent.system);
        let path = format!("/hooks/{}", sender.route);
        if let Err(error) = client.send("POST", &path, &sender.headers(&sent), sent.body).await {
            tracing::warn!(%error, "a simulated system could not deliver");
        }
    }
}
