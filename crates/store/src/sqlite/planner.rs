//! What SQLite's planner is told about the data.
//!
//! Left to itself it takes the first column of a key for the one that selects. Here that is the tenant, which selects nothing in most
//! installations: it would read all of a tenant's rows in the order asked for rather than look a few up in the index made for them. So
//! it gets fixed figures instead of measured ones, and plans are the same in every installation, at any size, from the first row on.

use rusqlite::Connection;

use super::failed;
use crate::error::Result;

/// Rows of a table, all of one tenant.
const ROWS: u64 = 1_000_000;
/// How many times fewer rows have a further column of an index in common.
const SELECTS: u64 = 1000;

/// Writes the figures for every index. To be called in the transaction that changes the schema.
pub(super) fn teach(connection: &Connection) -> Result<()> {
    // Analyses nothing but makes the table of figures, and later reads them.
    connection.execute_batch("ANALYZE sqlite_schema; DELETE FROM sqlite_stat1").map_err(failed)?;
    let names = |sql: &str| -> Result<Vec<(String, String, bool)>> {
        let mut statement = connection.prepare(sql).map_err(failed)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).map_err(failed)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failed)
    };
    let indexes = names(
        "SELECT t.name, i.name, i.\"unique\" FROM sqlite_schema t JOIN pragma_index_list(t.name) i \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%'",
    )?;
    for (table, index, unique) in indexes {
        let columns: u32 =
            connection.query_row("SELECT COUNT(*) FROM pragma_index_info($1)", [&index], |row| row.get(0)).map_err(failed)?;
        let mut figures = ROWS.to_string();
        for column in 1..=columns {
            let alike = if unique && column == columns { 1 } else { (ROWS / SELECTS.pow(column - 1)).max(1) };
            figures.push_str(&format!(" {alike}"));
        }
        connection
            .execute(
                "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ($1, $2, $3)",
                (&table, own_name(connection, &table, &index)?, figures),
            )
            .map_err(failed)?;
    }
    Ok(())
}

/// The name under which the planner looks an index up: for the key of a table that is stored in its order, the table's.
fn own_name(connection: &Connection, table: &str, index: &str) -> Result<String> {
    let clustered: bool =
        connection.query_row("SELECT wr FROM pragma_table_list($1) WHERE schema = 'main'", [table], |row| row.get(0)).map_err(failed)?;
    let is_key = index.starts_with("sqlite_autoindex");
    Ok(if clustered && is_key { table.to_owned() } else { index.to_owned() })
}
