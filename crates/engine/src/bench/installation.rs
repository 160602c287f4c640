//! An installation with the reference mapping on a webhook source, and its records sent to it.

use std::sync::Arc;

use salesdash_providers::Request;
use salesdash_store::Store;
use salesdash_value::{Value, json};

use super::records;
use crate::{Engine, EngineError, Result};

/// What the sender proves itself with.
pub const SECRET: &str = "the secret of the benchmark";
const SETTINGS: &str = r#"{"verification":"bearer","limits":{"rate_per_second":4000000000}}"#;

/// What there is in it.
#[derive(Clone, Debug)]
pub struct Installation {
    /// The tenant.
    pub tenant: i64,
    /// The source.
    pub source: i64,
    /// The processor of the reference mapping.
    pub processor: i64,
    /// The secret part of the source's URL.
    pub route: String,
    /// An API token of an administrator.
    pub token: String,
}

impl Installation {
    /// Makes it in a new store. Without `processing`, what arrives is only taken in.
    ///
    /// # Errors
    /// Where the store fails.
    pub fn make(store: &Store, processing: bool) -> Result<Self> {
        let tenant = store.create_tenant("Benchmark", r#"{"timezone":"Europe/Amsterdam","country":"NL"}"#)?.id;
        let models = json::parse(records::MODELS.as_bytes(), json::Limits::DEFAULT).unwrap_or_default();
        let made = store.write(tenant, move |scope| {
            let model = "crm_opportunity";
            let declaration = models.get("models").and_then(|models| models.get(model)).cloned().unwrap_or_default();
            scope.save_model(model, &json::to_string(&declaration), "{}", None, None)?;
            let provider = scope.create_provider("webhook", "CRM", "{}", None)?.id;
            let secrets = json::to_string(&Value::object([("secret", Value::from(SECRET))]));
            let (source, route) = scope.create_source(provider, "webhook", "Opportunities", model, SETTINGS, Some(&secrets))?;
            let processor = scope.create_processor("Reference mapping", model)?.id;
            scope.save_version(processor, 0, "benchmark", None, records::SPEC)?;
            scope.update_processor(processor, "Reference mapping", true)?;
            if processing {
                scope.create_link(source.id, processor, "{}")?;
            }
            let (_, token) = scope.create_token("benchmark", "admin", false, None)?;
            Ok(Self { tenant, source: source.id, processor, route, token })
        })?;
        Ok(made)
    }

    /// Delivers reference records as their sender would, and executes them, on the calling thread.
    ///
    /// # Errors
    /// Where one is not taken in.
    pub fn deliver(&self, engine: &Arc<Engine>, numbers: std::ops::Range<usize>) -> Result<()> {
        for number in numbers {
            let body = records::record(number);
            let authorization = format!("Bearer {SECRET}");
            let headers: [(&str, &[u8]); 2] = [("content-type", b"application/json"), ("authorization", authorization.as_bytes())];
            let url = format!("http://127.0.0.1/hooks/{}", self.route);
            let answer = engine.receive_now(&self.route, &Request { method: "POST", url: &url, headers: &headers, body: body.as_bytes() });
            if answer.status != 202 {
                return Err(EngineError::Invalid(format!("record {number} was refused: {}", answer.body)));
            }
            engine.drain();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use salesdash_store::ledger::Ledger;

    use super::*;
    use crate::Options;

    #[test]
    fn the_reference_records_go_all_the_way() {
        let directory = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::open_unsynced(directory.path()).expect("a store"));
        let installation = Installation::make(&store, true).expect("an installation");
        let engine = Engine::open(Arc::clone(&store), Options::default()).expect("an engine");
        installation.deliver(&engine, 0..30).expect("taken in");
        let ledger = store.read(installation.tenant, |scope| scope.ledger(installation.source)).expect("a ledger");
        assert_eq!(ledger, Ledger { received: 30, executed: 30, ..Ledger::default() });
    }
}
