//! Impact preview: what a draft would make of the last records, against the stored records as they are now.

use std::collections::HashMap;
use std::sync::Arc;

use salesdash_language::diagnostics::Diagnostic;
use salesdash_language::effect::Status as Ended;
use salesdash_language::identity::Subject;
use salesdash_records::{Held, Overlay, Row, Rows, apply, same};
use salesdash_store::Scope;
use salesdash_store::deliveries::{ModelRange, SourceModel};
use salesdash_store::executions::Status;
use salesdash_value::{Id, Text, Value};

use crate::catalog::{LinkConfig, TenantConfig};
use crate::draft::{Draft, NOBODY};
use crate::execute::commit::take_away;
use crate::record::{self, Known};
use crate::replay::{Reruns, evaluate, replaced};
use crate::settings::document;
use crate::{Engine, EngineError, Result, shown};

/// Records between two reports of progress.
const REPORT_EVERY: usize = 200;

/// Records that a preview goes over at most.
pub const MAX_RECORDS: usize = 100_000;
/// Changes that a preview lists at most; all are counted.
pub const MAX_LISTED: usize = 500;

/// What is to be previewed.
#[derive(Clone, Debug)]
pub struct PreviewRequest {
    /// The draft.
    pub spec: Value,
    /// The processor that it is a draft of: its links say which sources and which constants.
    pub processor: i64,
    /// One of its links only.
    pub link: Option<i64>,
    /// How many of the last records, [`MAX_RECORDS`] at most.
    pub records: usize,
    /// Only records received from this time on, in microseconds.
    pub from: Option<i64>,
    /// Only records received before this time.
    pub to: Option<i64>,
    /// Whether personal data is shown.
    pub reveal: bool,
}

/// How far a preview is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Records done.
    pub done: usize,
    /// Records in all.
    pub total: usize,
}

/// What a draft would do.
#[derive(Clone, Debug, Default)]
pub struct Impact {
    /// Every problem of the draft. Where one is an error, nothing was run.
    pub diagnostics: Vec<Diagnostic>,
    /// Records that were run.
    pub records: usize,
    /// Records whose payload is gone, so that they could not be run.
    pub gone: usize,
    /// How the executions would end: counts by status, in the order succeeded, skipped, partially failed, failed.
    pub statuses: [usize; 4],
    /// The same of the executions that ran before.
    pub statuses_before: [usize; 4],
    /// Resulting records that would appear.
    pub appear: usize,
    /// Resulting records that would change.
    pub change: usize,
    /// Resulting records that would vanish.
    pub vanish: usize,
    /// Resulting records that would stay as they are.
    pub same: usize,
    /// What would become of each, [`MAX_LISTED`] at most.
    pub listed: Vec<Affected>,
    /// Whether it was cancelled before the end.
    pub cancelled: bool,
}

/// What would become of one stored record or identity.
#[derive(Clone, Debug)]
pub struct Affected {
    /// `appears`, `changes` or `vanishes`.
    pub what: &'static str,
    /// Its kind, such as `sale`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// Its external id.
    pub external_id: String,
    /// The source model that would bring it about.
    pub source_model: i64,
    /// The fields: name, value now, value then.
    pub fields: Vec<(String, Value, Value)>,
}

impl Engine {
    /// What a draft would make of the last records. `progress` is called now and then; where it gives false, the preview ends there.
    ///
    /// The records are run as a reprocessing would run them, over the stored records as they are now, and nothing is written.
    ///
    /// # Errors
    /// Where there is no such processor, or the constants do not fit.
    pub fn preview(&self, tenant: i64, request: &PreviewRequest, progress: &mut dyn FnMut(Progress) -> bool) -> Result<Impact> {
        let config = self.catalog.tenant(&self.store, tenant)?;
        let mut impact = Impact::default();
        let wanted = |link: &&Arc<LinkConfig>| {
            link.row.processor == request.processor && request.link.map_or(link.row.enabled, |wanted| link.row.id == wanted)
        };
        let mut links: Vec<_> = config.links.values().filter(wanted).cloned().collect();
        links.sort_unstable_by_key(|link| link.row.id);
        self.store.read(tenant, |scope| {
            scope.processor(request.processor)?;
            Ok(())
        })?;
        let limit = request.records.min(MAX_RECORDS);
        let mut left = limit;
        for link in &links {
            let (draft, models) = self.store.read(tenant, |scope| Ok(self.prepare_preview(&config, scope, link, request, left)))??;
            if impact.diagnostics.is_empty() {
                impact.diagnostics.clone_from(&draft.diagnostics);
            }
            if draft.has_errors {
                return Ok(impact);
            }
            left -= models.len();
            let going_on = self
                .store
                .read(tenant, |scope| Ok(self.go_over(&config, scope, link, &draft, &models, request.reveal, &mut impact, progress)))??;
            if !going_on {
                impact.cancelled = true;
                break;
            }
        }
        Ok(impact)
    }

    /// The draft as it would run on a link, and the records to run it on, oldest first.
    fn prepare_preview(
        &self,
        config: &TenantConfig,
        scope: &mut Scope<'_>,
        link: &LinkConfig,
        request: &PreviewRequest,
        limit: usize,
    ) -> Result<(Draft, Vec<SourceModel>)> {
        let settings = document(&scope.provider(link.provider)?.settings).unwrap_or_default();
        let constants = document(&scope.constants(link.row.id, link.row.constants)?)?;
        // A constant that the draft no longer declares is no problem of the draft: it is taken away with it.
        let declared: Vec<&str> = request
            .spec
            .get("constants")
            .and_then(Value::as_list)
            .unwrap_or_default()
            .iter()
            .filter_map(|constant| constant.get("name")?.as_text())
            .collect();
        let constants = constants.as_object().unwrap_or_default().iter().filter(|(name, _)| declared.contains(&name.as_str()));
        let constants = Value::object(constants.cloned().collect::<Vec<(Text, Value)>>());
        let completed = config.sources.get(&link.row.source).is_some_and(|source| source.completed());
        let draft = self.compile(config, &request.spec, &constants, (link.provider, &settings), completed)?;
        let range = ModelRange { sources: vec![link.row.source], from: request.from.unwrap_or(0), to: request.to.unwrap_or(i64::MAX) };
        let mut models = scope.taken(&range, true, limit)?;
        models.reverse();
        Ok((draft, models))
    }

    #[allow(clippy::too_many_arguments)]
    fn go_over(
        &self,
        config: &TenantConfig,
        scope: &mut Scope<'_>,
        link: &LinkConfig,
        draft: &Draft,
        models: &[SourceModel],
        reveal: bool,
        impact: &mut Impact,
        progress: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<bool> {
        let program = &draft.program;
        let mut reruns = Reruns::default();
        let mut held = Held::default();
        // Which record brought each row about.
        let mut by = By::default();
        let total = models.len();
        for (done, model) in models.iter().enumerate() {
            if done % REPORT_EVERY == 0 && !progress(Progress { done, total }) {
                return Ok(false);
            }
            let record = match record::load(scope, model.id) {
                Ok(record) => Arc::new(record),
                Err(EngineError::PayloadGone | EngineError::Erased(_)) => {
                    impact.gone += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let before = replaced(self, &mut reruns, config, scope, model.id, link.row.id, Some(Arc::clone(&record)))?;
            if let Some(place) = before.as_ref().and_then(|before| place_of(before.status)) {
                impact.statuses_before[place] += 1;
            }
            let known = match Known::read(scope, model.id, i64::MAX, &program.wants) {
                Ok(known) => known,
                Err(EngineError::PayloadGone | EngineError::Erased(_)) => {
                    impact.gone += 1;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let seen = record::as_seen(&record, &known, program);
            let at = scope.now();
            impact.records += 1;
            // What the draft wrote for earlier records is read back for later ones.
            let mut rows = scope.rows_of(link.provider);
            let mut over = Overlay::resume(&mut rows, std::mem::take(&mut held));
            let rerun = evaluate(Arc::clone(program), config, seen, at, &over, false);
            let outcome = rerun.outcome;
            impact.statuses[match outcome.status {
                Ended::Succeeded => 0,
                Ended::Skipped => 1,
                Ended::PartiallyFailed => 2,
                Ended::Failed => 3,
            }] += 1;
            apply(&outcome.effects, NOBODY, &mut over)?;
            for effect in &outcome.effects {
                if let Some(id) = effect.id {
                    by.note(id, shown::subject(effect), model.id);
                }
            }
            if let Some(before) = &before {
                for written in take_away(before, &outcome.effects, &mut over)? {
                    for touched in &written.touched {
                        by.note(touched.id, written.subject, model.id);
                    }
                }
            }
            held = over.into_held();
        }
        compare(scope, link.provider, &held, &by, reveal, impact)?;
        Ok(progress(Progress { done: total, total }))
    }
}

/// Which record brought each row about, in the order they first did.
#[derive(Default)]
struct By(HashMap<Id, (usize, Subject, i64)>);

impl By {
    fn note(&mut self, id: Id, subject: Subject, source_model: i64) {
        let place = self.0.len();
        self.0.entry(id).or_insert((place, subject, source_model)).2 = source_model;
    }
}

/// The place of a status among the counted ones.
const fn place_of(status: Status) -> Option<usize> {
    match status {
        Status::Succeeded => Some(0),
        Status::Skipped => Some(1),
        Status::PartiallyFailed => Some(2),
        Status::Failed => Some(3),
        _ => None,
    }
}

/// What would be stored against what is.
fn compare(scope: &mut Scope<'_>, provider: i64, held: &Held, by: &By, reveal: bool, impact: &mut Impact) -> Result<()> {
    let then: HashMap<Id, Option<&Row>> = held.rows().collect();
    let mut ids: Vec<_> = by.0.iter().map(|(id, (place, subject, model))| (*place, *id, *subject, *model)).collect();
    ids.sort_unstable_by_key(|(place, ..)| *place);
    // What a follow-up changes is named by no effect.
    let mut others: Vec<_> =
        held.rows().filter(|(id, _)| !by.0.contains_key(id)).filter_map(|(id, row)| Some((id, row?.subject))).collect();
    others.sort_unstable_by_key(|(id, _)| *id);
    ids.extend(others.into_iter().map(|(id, subject)| (usize::MAX, id, subject, 0)));
    let mut rows = scope.rows_of(provider);
    for (_, id, subject, source_model) in ids {
        let Some(then) = then.get(&id) else {
            impact.same += 1;
            continue;
        };
        let now = rows.load(subject, id)?;
        let (what, fields) = match (&now, then) {
            (None, Some(then)) => ("appears", differences(None, Some(*then), reveal)),
            (Some(now), None) => ("vanishes", differences(Some(now), None, reveal)),
            (Some(now), Some(then)) => ("changes", differences(Some(now), Some(*then), reveal)),
            (None, None) => continue,
        };
        match what {
            "appears" => impact.appear += 1,
            "vanishes" => impact.vanish += 1,
            _ if fields.is_empty() => {
                impact.same += 1;
                continue;
            }
            _ => impact.change += 1,
        }
        if impact.listed.len() < MAX_LISTED {
            let external_id = now.as_ref().or(*then).map_or_else(String::new, |row| row.external_id.to_string());
            let kind = shown::kind_name(subject);
            impact.listed.push(Affected { what, kind, id: id.to_string(), external_id, source_model, fields });
        }
    }
    Ok(())
}

/// The fields that are not the same: name, value now, value then.
fn differences(now: Option<&Row>, then: Option<&Row>, reveal: bool) -> Vec<(String, Value, Value)> {
    let Some(subject) = now.or(then).map(|row| row.subject) else { return Vec::new() };
    let value = |row: Option<&Row>, name: &str| row.map_or(Value::Null, |row| row.field(name).clone());
    let fields = salesdash_records::schema::fields(subject).iter().map(|field| field.name);
    fields
        .filter_map(|name| {
            let (now, then) = (value(now, name), value(then, name));
            (!same(&now, &then))
                .then(|| (name.to_owned(), shown::plain(subject, name, &now, reveal), shown::plain(subject, name, &then, reveal)))
        })
        .collect()
}
