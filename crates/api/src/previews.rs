//! Impact previews that run: each on a thread of its own, kept for a while after it ended. They write nothing, so none survives a restart.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use parking_lot::Mutex;
use salesdash_engine::preview::{Affected, Impact, PreviewRequest, Progress};
use salesdash_value::Value;

use crate::App;
use crate::problem::Problem;
use crate::routes::jobs::Job;

/// Previews that are kept.
const KEPT: usize = 50;
/// Previews that run at once.
const AT_ONCE: usize = 2;

/// The previews of an installation.
#[derive(Default)]
pub struct Previews {
    all: Mutex<VecDeque<Arc<Preview>>>,
}

/// One preview.
pub struct Preview {
    /// Its id, when it was started.
    pub id: i64,
    /// Whose it is.
    pub tenant: i64,
    done: AtomicUsize,
    total: AtomicUsize,
    cancelled: AtomicBool,
    result: Mutex<Option<Result<Value, String>>>,
}

impl Preview {
    /// Cancels it.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    fn runs(&self) -> bool {
        self.result.lock().is_none()
    }

    /// It as a job.
    pub fn job(&self) -> Job {
        let result = self.result.lock();
        let cancelled = self.cancelled.load(Ordering::Relaxed);
        let state = match &*result {
            None => "running",
            Some(Err(_)) => "failed",
            Some(Ok(_)) if cancelled => "cancelled",
            Some(Ok(_)) => "finished",
        };
        let (value, failure) = match &*result {
            Some(Ok(value)) => (Some(value.clone()), None),
            Some(Err(text)) => (None, Some(text.clone())),
            None => (None, None),
        };
        Job::of_preview(self.id, state, self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed), value, failure)
    }
}

impl Previews {
    /// Forgets those of a tenant; what still runs ends.
    pub fn forget(&self, tenant: i64) {
        self.all.lock().retain(|preview| {
            if preview.tenant == tenant {
                preview.cancel();
            }
            preview.tenant != tenant
        });
    }

    /// Starts one.
    pub fn start(&self, app: &App, tenant: i64, request: PreviewRequest) -> Result<Job, Problem> {
        let preview = Arc::new(Preview {
            id: app.store().next_id(),
            tenant,
            done: AtomicUsize::new(0),
            total: AtomicUsize::new(request.records),
            cancelled: AtomicBool::new(false),
            result: Mutex::default(),
        });
        {
            let mut all = self.all.lock();
            if all.iter().filter(|known| known.runs()).count() >= AT_ONCE {
                return Err(Problem::too_many("other previews are running; wait for them, or cancel one").retry_after(2));
            }
            while all.len() >= KEPT {
                let Some(ended) = all.iter().position(|known| !known.runs()) else { break };
                all.remove(ended);
            }
            all.push_back(Arc::clone(&preview));
        }
        let (app, running) = (app.clone(), Arc::clone(&preview));
        let started = std::thread::Builder::new().name("preview".to_owned()).spawn(move || {
            let work = std::panic::AssertUnwindSafe(|| run(&app, &running, &request));
            let result = std::panic::catch_unwind(work).unwrap_or_else(|_| Err("it gave up in the middle; the log tells where".to_owned()));
            *running.result.lock() = Some(result);
        });
        if let Err(error) = started {
            *preview.result.lock() = Some(Err(format!("the system gives no thread: {error}")));
        }
        Ok(preview.job())
    }

    /// One of them.
    pub fn get(&self, tenant: i64, id: i64) -> Option<Arc<Preview>> {
        self.all.lock().iter().find(|preview| preview.tenant == tenant && preview.id == id).cloned()
    }

    /// Those of a tenant, newest first.
    pub fn of(&self, tenant: i64) -> Vec<Arc<Preview>> {
        self.all.lock().iter().rev().filter(|preview| preview.tenant == tenant).cloned().collect()
    }
}

fn run(app: &App, preview: &Preview, request: &PreviewRequest) -> Result<Value, String> {
    let mut progress = |progress: Progress| {
        preview.done.store(progress.done, Ordering::Relaxed);
        preview.total.store(progress.total, Ordering::Relaxed);
        !preview.cancelled.load(Ordering::Relaxed)
    };
    let impact = app.engine().preview(preview.tenant, request, &mut progress).map_err(|error| error.to_string())?;
    Ok(value(&impact))
}

fn count(count: usize) -> Value {
    Value::from(i64::try_from(count).unwrap_or(i64::MAX))
}

/// The result as it stands on the wire.
fn value(impact: &Impact) -> Value {
    let of = |what: &str| -> Value { Value::list(impact.listed.iter().filter(|listed| listed.what == what).map(affected)) };
    let statuses = |counts: &[usize; 4]| {
        let names = ["succeeded", "skipped", "partially_failed", "failed"];
        Value::object(names.into_iter().zip(counts.iter().map(|each| count(*each))))
    };
    Value::object([
        ("diagnostics", Value::list(impact.diagnostics.iter().map(salesdash_language::diagnostics::Diagnostic::to_value))),
        ("examined", count(impact.records)),
        ("gone", count(impact.gone)),
        ("cancelled", impact.cancelled.into()),
        (
            "counts",
            Value::object([
                ("appear", count(impact.appear)),
                ("change", count(impact.change)),
                ("vanish", count(impact.vanish)),
                ("same", count(impact.same)),
            ]),
        ),
        ("appear", of("appears")),
        ("change", of("changes")),
        ("vanish", of("vanishes")),
        ("statuses_before", statuses(&impact.statuses_before)),
        ("statuses_after", statuses(&impact.statuses)),
    ])
}

fn affected(affected: &Affected) -> Value {
    Value::object([
        ("kind", affected.kind.into()),
        ("id", affected.id.as_str().into()),
        ("external_id", affected.external_id.as_str().into()),
        ("model_id", Value::text(affected.source_model.to_string())),
        (
            "fields",
            Value::list(
                affected
                    .fields
                    .iter()
                    .map(|(name, from, to)| Value::object([("field", name.as_str().into()), ("from", from.clone()), ("to", to.clone())])),
            ),
        ),
    ])
}
