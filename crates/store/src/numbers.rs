//! One number for what arrives together.
//!
//! Where a delivery brings one record and nothing beside it, the delivery, its payload, its source model and that model's first execution
//! have one id; so have any source model, its payload and its first execution. Ids tell the rows of one table apart, and times when they came to be: what
//! came to be in one write came at one time.
//!
//! A column that refers to another row (`deliveries.payload`, `source_models.delivery` and `.payload`, `enrichments.payload`,
//! `executions.source_model`) holds 0 where that row has the number of its own: this takes no space, and needs no entry in an index.
//! What the columns mean is written ([`stored`]) and read ([`meant`], [`meant_sql`], [`of_model`]) here.

/// What is stored in the row `id` to refer to the row `number`.
pub(crate) const fn stored(number: i64, id: i64) -> i64 {
    if number == id { 0 } else { number }
}

/// The row that is referred to in the row `id`.
pub(crate) const fn meant(stored: i64, id: i64) -> i64 {
    if stored == 0 { id } else { stored }
}

/// The same in a statement: the row that `column` refers to in rows of `table`, as the statement calls it.
pub(crate) fn meant_sql(table: &str, column: &str) -> String {
    format!("CASE WHEN {table}.{column} = 0 THEN {table}.id ELSE {table}.{column} END")
}

/// The condition that an execution (of the table `executions`, as the statement calls it) is of a source model. Both halves are looked
/// up: the first by the key of the table, the other in `executions_by_source_model`, which holds what its own condition says. Where a
/// statement asks for a link too, that is to be written `+link`, since the index by link would have all of its executions read.
pub(crate) fn of_model(executions: &str, model: &str) -> String {
    format!(
        "({executions}.id = {model} AND {executions}.source_model = 0 \
         OR {executions}.source_model = {model} AND {executions}.source_model <> 0)"
    )
}
