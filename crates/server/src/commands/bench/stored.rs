//! `storage` and `replay`: what executions leave behind, and going over them again, without a server.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use salesdash_engine::bench::installation::Installation;
use salesdash_engine::bench::records;
use salesdash_engine::preview::PreviewRequest;
use salesdash_engine::{Engine, Options};
use salesdash_store::{Paging, Store};
use salesdash_value::{Value, json};

use super::report::{Figure, Measured};
use super::{Place, rounds};
use crate::exit::Failure;

/// Records that are sent before anything is measured: a dictionary is trained on the first.
const BEFORE: usize = 1_000;
/// Tables that hold what executions wrote, and not the executions.
const RECORDS: [&str; 3] = ["records", "identities", "contact_changes"];

pub fn failed(error: impl std::fmt::Display) -> Failure {
    Failure::environment(error.to_string())
}

/// An installation with so many reference records executed, in a directory of its own.
pub struct Filled {
    pub directory: tempfile::TempDir,
    pub store: Arc<Store>,
    pub engine: Arc<Engine>,
    pub installation: Installation,
    /// The bytes of each table once [`BEFORE`] records were there.
    before: Vec<(String, u64)>,
}

impl Filled {
    pub fn with(place: Place<'_>, count: usize) -> Result<Self, Failure> {
        Self::within(place.directory()?, place, count)
    }

    fn within(directory: tempfile::TempDir, place: Place<'_>, count: usize) -> Result<Self, Failure> {
        let store = Arc::new(Store::open_unsynced(directory.path()).map_err(failed)?);
        let installation = Installation::make(&store, true).map_err(failed)?;
        let engine = Engine::open(Arc::clone(&store), Options::default()).map_err(failed)?;
        installation.deliver(&engine, 0..BEFORE).map_err(failed)?;
        engine.tick().map_err(failed)?;
        store.database().checkpoint().map_err(failed)?;
        let before = store.database().table_sizes().map_err(failed)?;
        let progress = place.progress("executions", count);
        let mut number = BEFORE;
        while number < BEFORE + count {
            let end = (number + 1_000).min(BEFORE + count);
            installation.deliver(&engine, number..end).map_err(failed)?;
            progress.inc((end - number) as u64);
            number = end;
        }
        progress.finish_and_clear();
        engine.tick().map_err(failed)?;
        store.database().checkpoint().map_err(failed)?;
        Ok(Self { directory, store, engine, installation, before })
    }
}

/// A data directory with many executions that nobody has open.
pub struct Kept {
    path: PathBuf,
    /// How many executions there are.
    pub executions: usize,
    /// What removes it once it has served.
    _removed: Option<tempfile::TempDir>,
}

impl Kept {
    /// One with so many executions that is gone afterwards; where `keep` names a directory, that one, filled where it is not there yet.
    pub fn of(place: Place<'_>, count: usize, keep: Option<&Path>) -> Result<Self, Failure> {
        let Some(keep) = keep else {
            let Filled { directory, .. } = Filled::with(place, count)?;
            return Ok(Self { path: directory.path().to_owned(), executions: count, _removed: Some(directory) });
        };
        if !keep.exists() {
            // Under a name of its own until it is whole: what was cut off is not taken for it.
            let parent = keep.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
            std::fs::create_dir_all(parent).map_err(failed)?;
            let directory = tempfile::Builder::new().prefix(".salesdash-bench-").tempdir_in(parent).map_err(failed)?;
            let Filled { directory, .. } = Filled::within(directory, place, count)?;
            std::fs::rename(directory.keep(), keep).map_err(failed)?;
        }
        let store = Store::open(keep).map_err(failed)?;
        let mut executions = 0;
        for tenant in store.tenants().map_err(failed)? {
            executions += store.read(tenant.id, |scope| scope.count_executions(&Default::default())).map_err(failed)?;
        }
        Ok(Self { path: keep.to_owned(), executions: usize::try_from(executions).unwrap_or(0), _removed: None })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Bytes kept for each execution with its trace, indexes and unused space in pages included.
pub fn storage(place: Place<'_>, count: usize) -> Result<Measured, Failure> {
    let filled = Filled::with(place, count)?;
    let after = filled.store.database().table_sizes().map_err(failed)?;
    let of_records = |name: &str| RECORDS.iter().any(|table| name.starts_with(table) || name.contains(&format!("_{table}")));
    let grown = |records: bool| {
        let sum =
            |sizes: &[(String, u64)]| sizes.iter().filter(|(name, _)| of_records(name) == records).map(|(_, bytes)| *bytes).sum::<u64>();
        (sum(&after) as f64 - sum(&filled.before) as f64) / count as f64
    };
    let input = (0..100).map(|number| records::record(BEFORE + number).len()).sum::<usize>() as f64 / 100.0;
    let trace = traces(&filled)?;
    let kept = grown(false);
    let mut figures = vec![Figure::with("kept for an execution with a full derivable trace", kept, "bytes", 500.0)];
    let mut parts: Vec<(f64, &str)> = after
        .iter()
        .filter(|(name, _)| !of_records(name))
        .map(|(name, bytes)| {
            let before = filled.before.iter().find(|(known, _)| known == name).map_or(0, |(_, bytes)| *bytes);
            (bytes.saturating_sub(before) as f64 / count as f64, name.as_str())
        })
        .filter(|(bytes, _)| *bytes >= 1.0)
        .collect();
    parts.sort_by(|left, right| right.0.total_cmp(&left.0));
    figures.extend(parts.into_iter().map(|(bytes, name)| Figure::plain(format!("of it, in {name}"), bytes, "bytes")));
    figures.extend([
        Figure::plain("kept for the records that it wrote", grown(true), "bytes"),
        Figure::plain("its input as it arrived", input, "bytes"),
        Figure::plain("its trace as JSON, which is worked out and not kept", trace, "bytes"),
        Figure::plain("that trace, of what is kept", trace / kept, "×"),
    ]);
    Ok(Measured { workload: "storage", figures })
}

/// The mean size of the traces of some executions, each verified on the way.
fn traces(filled: &Filled) -> Result<f64, Failure> {
    let tenant = filled.installation.tenant;
    let executions = filled
        .store
        .read(tenant, |scope| scope.executions(&Default::default(), Paging { before: i64::MAX, limit: 100 }))
        .map_err(failed)?;
    let mut bytes = 0;
    for execution in &executions.items {
        let replayed = filled.engine.trace(tenant, execution.id, true).map_err(failed)?;
        bytes += json::to_string(&replayed.tree).len();
    }
    Ok(bytes as f64 / executions.items.len().max(1) as f64)
}

/// The reference mapping, improved: activities have the moment the opportunity was made, and lost ones count too.
fn draft() -> Result<Value, Failure> {
    let spec = records::SPEC.replace("opportunity.updatedAt", "opportunity.createdAt");
    json::parse(spec.as_bytes(), json::Limits::DEFAULT).map_err(failed)
}

/// The impact preview of a draft over historic records, on one core.
pub fn replay(place: Place<'_>, count: usize) -> Result<Measured, Failure> {
    let filled = Filled::with(place, count.saturating_sub(BEFORE))?;
    let request = PreviewRequest {
        spec: draft()?,
        processor: filled.installation.processor,
        link: None,
        records: count,
        from: None,
        to: None,
        reveal: false,
    };
    let mut impact = None;
    let started = Instant::now();
    let used = rounds::time(|| impact = Some(filled.engine.preview(filled.installation.tenant, &request, &mut |_| true)));
    let took = started.elapsed();
    let impact = impact.ok_or_else(|| failed("the preview did not run"))?.map_err(failed)?;
    let per_10_000 = |seconds: f64| seconds * 10_000.0 / impact.records.max(1) as f64;
    Ok(Measured {
        workload: "replay",
        figures: vec![
            Figure::with("previewing a draft over 10,000 records, processor time", per_10_000(used.as_secs_f64()), "s", 2.0),
            Figure::plain("the same, by the clock", per_10_000(took.as_secs_f64()), "s"),
            Figure::plain("records gone over", impact.records as f64, ""),
            Figure::plain("resulting records that would change", impact.change as f64, ""),
        ],
    })
}
