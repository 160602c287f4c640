//! What processors took over of the ready processors of provider types: what a later one is merged from.

use crate::error::Result;
use crate::sql::Row;
use crate::{Scope, params};

/// What a version of a processor took over of a preset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenOver {
    /// The version that took it over.
    pub version: i64,
    /// The provider type.
    pub kind: String,
    /// The preset, by its name in the type.
    pub name: String,
    /// The spec of the preset, as it was then.
    pub spec: String,
    /// The values of its constants, as they were then: an object as JSON. Empty where they were not kept yet.
    pub constants: String,
}

fn taken_over(row: &dyn Row) -> Result<TakenOver> {
    Ok(TakenOver { version: row.int(0)?, kind: row.text(1)?, name: row.text(2)?, spec: row.text(3)?, constants: row.text(4)? })
}

impl Scope<'_> {
    /// Notes what a version of a processor took over.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn take_over_preset(&mut self, processor: i64, taken: &TakenOver) -> Result<()> {
        self.sql
            .execute(
                "INSERT INTO version_presets (tenant, processor, version, kind, name, spec, constants) VALUES ($1, $2, $3, $4, $5, $6, $7)",
                params![self.tenant, processor, taken.version, &taken.kind, &taken.name, &taken.spec, &taken.constants],
            )
            .map(|_| ())
    }

    /// What a processor took over last. `None` where it was made by hand.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn preset_of(&mut self, processor: i64) -> Result<Option<TakenOver>> {
        let sql = "SELECT version, kind, name, spec, constants FROM version_presets \
                   WHERE tenant = $1 AND processor = $2 ORDER BY version DESC LIMIT 1";
        self.sql.row(sql, params![self.tenant, processor], taken_over)
    }
}
