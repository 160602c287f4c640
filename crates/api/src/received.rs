//! Records that were received, as they may be shown.

use salesdash_language::mask::mask;
use salesdash_language::types::Type;
use salesdash_value::Value;

use crate::App;
use crate::problem::Problem;
use crate::routes::model_of;

/// A record that was received.
pub struct Received {
    /// The record without its enrichments.
    pub record: Value,
    /// The newest of each enrichment that was fetched for it, by the types from the record down to it; null where there is none.
    pub enrichments: Vec<(String, Value)>,
}

/// A record that was received, with its enrichments. Personal data is masked unless it is revealed: what its model declares as personal
/// now, and in what no model declares, what looks personal.
///
/// # Errors
/// Where there is no such record, or its payload is gone.
pub fn received(app: &App, tenant: i64, source_model: i64, reveal: bool) -> Result<Received, Problem> {
    let stored = app.engine().record(tenant, source_model)?;
    if reveal {
        return Ok(Received { record: stored.record, enrichments: stored.enrichments });
    }
    let enrichments = app.work(tenant, |scope| {
        let mut shown = Vec::new();
        for (chain, value) in stored.enrichments {
            let model = scope.model(chain.rsplit('/').next().unwrap_or_default())?;
            let ty = model.map_or(Type::ANY, |model| model_of(&model).ty);
            shown.push((chain, mask(&value, &ty)));
        }
        Ok(shown)
    })?;
    Ok(Received { record: mask(&stored.record, &stored.ty), enrichments })
}
