//! Prints the reference records, one a line: `cargo run --release -p salesdash-engine --example reference_records > records.ndjson`.
//! For holding other programs against the same input.

use std::io::Write;

use salesdash_engine::bench::records;

fn main() -> std::io::Result<()> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for number in 0..records::COUNT {
        writeln!(out, "{}", records::record(number))?;
    }
    out.flush()
}
