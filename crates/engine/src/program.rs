//! A spec as it runs: compiled against the models as they are declared, with the constants of a link and everything else that an
//! evaluation depends on. All of that is kept in one document, the *context*, so that an execution can be worked out again whatever
//! is changed, renamed or removed afterwards.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use jiff::tz::TimeZone;
use parking_lot::Mutex;
use salesdash_language::check::{Checked, Options, check};
use salesdash_language::codes;
use salesdash_language::diagnostics::{Code, Diagnostic};
use salesdash_language::effect::StateReader;
use salesdash_language::evaluate::{Budgets, Context};
use salesdash_language::identity::IdentityKey;
use salesdash_language::model::Models;
use salesdash_language::plan::SharedPlan;
use salesdash_store::Scope;
use salesdash_value::{Instant, Text, Value, json, zone};
use salesdash_vocabulary::vocabulary;
use sha2::{Digest, Sha256};

use crate::settings::document;
use crate::{EngineError, Result};

/// Compiled specs that are kept at hand.
const KEPT: usize = 512;
/// The version of the context document.
const FORMAT: i64 = 1;

/// What surrounds a spec.
pub(crate) struct Surroundings<'s> {
    pub provider: i64,
    pub processor: i64,
    /// Whether the records are events that hold only an id, and have to be completed first.
    pub completed: bool,
    pub timezone: &'s str,
    pub country: Option<&'s str>,
    pub projects: bool,
    /// The declarations of the source models, by type.
    pub models: &'s HashMap<Text, Value>,
}

/// What surrounds a spec, as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub provider: i64,
    pub processor: i64,
    pub completed: bool,
    pub zone: TimeZone,
    pub country: Option<Text>,
    pub projects: bool,
    pub models: Value,
    /// The document itself.
    pub text: String,
    /// Its id in the store, once it is stored.
    pub id: OnceLock<i64>,
}

/// An enrichment that a spec asks for.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Want {
    /// Its type.
    pub ty: Text,
    /// The field that it becomes.
    pub name: Text,
    /// The place of what it hangs on among the wants; `None`: the record itself.
    pub parent: Option<usize>,
    /// The types from the record down to it.
    pub chain: Vec<Text>,
    /// The same with `/` between them.
    pub path: String,
}

/// A spec that can run.
pub(crate) struct Program {
    pub plan: SharedPlan,
    pub version: i64,
    pub constants_version: i64,
    pub constants: Vec<Value>,
    pub kept: Arc<Kept>,
    pub wants: Vec<Want>,
}

/// Why a spec cannot run.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    pub code: &'static Code,
    pub instruction: String,
    pub text: String,
    /// Everything that is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// What surrounded it.
    pub kept: Option<Arc<Kept>>,
}

impl Problem {
    pub fn no_spec() -> Self {
        let text = "the processor has no spec yet".to_owned();
        Self { code: &codes::MISSING_KEY, instruction: String::new(), text, diagnostics: Vec::new(), kept: None }
    }

    fn of(diagnostics: Vec<Diagnostic>) -> Self {
        use salesdash_language::diagnostics::Severity;
        match diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error) {
            Some(first) => Self {
                code: first.code,
                instruction: first.instruction.as_deref().unwrap_or_default().to_owned(),
                text: format!("the spec cannot run: {}", first.text),
                diagnostics,
                kept: None,
            },
            None => Self::no_spec(),
        }
    }
}

impl Kept {
    /// The context of a spec: only the models that it can see are part of it.
    pub fn new(surroundings: &Surroundings<'_>, model: &str) -> Self {
        let mut models: Vec<(Text, Value)> = Vec::new();
        let mut open = vec![Text::new(model)];
        while let Some(name) = open.pop() {
            if models.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let Some(declaration) = surroundings.models.get(&name) else { continue };
            for (enrichment, entry) in declaration.get("enrichments").and_then(Value::as_object).unwrap_or_default() {
                let yields = entry.as_text().or_else(|| entry.get("model").and_then(Value::as_text));
                open.push(yields.map_or_else(|| enrichment.clone(), Text::new));
            }
            models.push((name, declaration.clone()));
        }
        models.sort_by(|left, right| left.0.cmp(&right.0));
        let models = Value::object(models);
        let text = json::to_string(&Value::object([
            ("format", Value::from(FORMAT)),
            ("provider", surroundings.provider.into()),
            ("processor", surroundings.processor.into()),
            ("timezone", surroundings.timezone.into()),
            ("country", surroundings.country.map_or(Value::Null, Value::from)),
            ("projects", surroundings.projects.into()),
            ("completed", surroundings.completed.into()),
            ("models", models.clone()),
        ]));
        Self {
            provider: surroundings.provider,
            processor: surroundings.processor,
            completed: surroundings.completed,
            zone: zone::get(surroundings.timezone).unwrap_or(TimeZone::UTC),
            country: surroundings.country.map(Text::new),
            projects: surroundings.projects,
            models,
            text,
            id: OnceLock::new(),
        }
    }

    /// Reads what was kept.
    pub fn read(text: String, id: i64) -> Result<Self> {
        let value = document(&text)?;
        let damaged = || EngineError::Store(salesdash_store::StoreError::Damaged("an evaluation context cannot be read".to_owned()));
        let whole = |key: &str| value.get(key).and_then(Value::as_number).and_then(|number| i64::try_from(number).ok()).ok_or_else(damaged);
        let timezone = value.get("timezone").and_then(Value::as_text).unwrap_or("UTC");
        Ok(Self {
            provider: whole("provider")?,
            processor: whole("processor")?,
            completed: value.get("completed").and_then(Value::as_boolean).unwrap_or(false),
            zone: zone::get(timezone).unwrap_or(TimeZone::UTC),
            country: value.get("country").and_then(Value::as_text).map(Text::new),
            projects: value.get("projects").and_then(Value::as_boolean).unwrap_or(false),
            models: value.get("models").cloned().unwrap_or_default(),
            id: OnceLock::from(id),
            text,
        })
    }

    /// What it says of the language's surroundings, for those who run the spec elsewhere.
    pub fn shown(&self) -> Value {
        Value::object([
            ("timezone", self.zone.iana_name().unwrap_or("UTC").into()),
            ("country", self.country.clone().map_or(Value::Null, Value::Text)),
            ("models", self.models.clone()),
        ])
    }

    /// Its id in the store, which it gets now where it has none. After a rollback the next transaction stores it again: the id is
    /// noted only by [`Kept::stored`].
    pub fn keep(&self, scope: &mut Scope<'_>) -> salesdash_store::Result<i64> {
        match self.id.get() {
            Some(id) => Ok(*id),
            None => scope.keep_context(&self.text),
        }
    }

    /// Notes the id, once it is committed.
    pub fn stored(&self, id: i64) {
        let _ = self.id.set(id);
    }

    /// The context of one evaluation.
    pub fn context<'c>(
        &'c self,
        tenant: i64,
        at: Instant,
        key: &'c IdentityKey,
        constants: &'c [Value],
        state: &'c dyn StateReader,
    ) -> Context<'c> {
        Context {
            tenant: tenant.cast_unsigned(),
            provider: self.provider.cast_unsigned(),
            at,
            timezone: &self.zone,
            country: self.country.as_deref(),
            key,
            constants,
            state,
            budgets: Budgets::DEFAULT,
        }
    }
}

/// Checks a spec against models as they are declared.
pub(crate) fn checked(spec: &Value, models: &Value, projects: bool, annotate: bool) -> Checked {
    let (models, _) = Models::read(&Value::object([("models", models.clone())]));
    check(spec, vocabulary(), &models, Options { projects, annotate })
}

/// The type of the enrichment that completes an event which holds only an id: what is found takes the place of the record.
pub const COMPLETE: &str = "$complete";

/// The values of constants that a spec declares. One that it declares no longer stays with the link, for a version that does.
fn declared(plan: &salesdash_language::plan::Plan, values: &Value) -> Value {
    let Value::Object(given) = values else { return values.clone() };
    let is_declared = |name: &Text| plan.constants().iter().any(|constant| constant.name == *name);
    Value::object(given.iter().filter(|(name, _)| is_declared(name)).cloned())
}

/// The enrichments that a spec asks for, parents first, and before them what completes the record. What cannot be read has been reported
/// by the checker.
pub(crate) fn wants(spec: &Value, variable: &str, completed: bool) -> Vec<Want> {
    let mut wants: Vec<Want> = Vec::new();
    if completed {
        let ty = Text::new_static(COMPLETE);
        wants.push(Want { ty: ty.clone(), name: Text::default(), parent: None, chain: vec![ty], path: COMPLETE.to_owned() });
    }
    for entry in spec.get("enrichments").and_then(Value::as_list).unwrap_or_default() {
        let text = |key: &str| entry.get(key).and_then(Value::as_text).map(Text::new);
        let (Some(ty), Some(on), Some(name)) = (text("type"), text("on"), text("as")) else { continue };
        let parent = wants.iter().position(|want| want.name == on);
        if parent.is_none() && on != variable {
            continue;
        }
        let mut chain = parent.map(|parent| wants[parent].chain.clone()).unwrap_or_default();
        chain.push(ty.clone());
        let path = chain.join("/");
        wants.push(Want { ty, name, parent, chain, path });
    }
    wants
}

/// Compiled specs at hand.
#[derive(Default)]
pub(crate) struct Programs {
    known: Mutex<HashMap<[u8; 32], Arc<Program>>>,
    plans: Mutex<HashMap<[u8; 32], SharedPlan>>,
}

impl Programs {
    /// The program of a link.
    #[allow(clippy::too_many_arguments)]
    pub fn get(
        &self,
        tenant: i64,
        link: i64,
        version: i64,
        constants_version: i64,
        spec: &Value,
        constants: &Value,
        surroundings: &Surroundings<'_>,
    ) -> std::result::Result<Arc<Program>, Problem> {
        let model = spec.at(&["source_model", "type"]).and_then(Value::as_text).unwrap_or_default();
        let kept = Arc::new(Kept::new(surroundings, model));
        self.of(tenant, link, version, constants_version, spec, constants, Arc::clone(&kept))
            .map_err(|problem| Problem { kept: Some(kept), ..problem })
    }

    /// The program of a link in a context that is known.
    #[allow(clippy::too_many_arguments)]
    pub fn of(
        &self,
        tenant: i64,
        link: i64,
        version: i64,
        constants_version: i64,
        spec: &Value,
        constants: &Value,
        kept: Arc<Kept>,
    ) -> std::result::Result<Arc<Program>, Problem> {
        let mut hasher = Sha256::new();
        for number in [tenant, link, version, constants_version] {
            hasher.update(number.to_be_bytes());
        }
        hasher.update(&kept.text);
        let key: [u8; 32] = hasher.finalize().into();
        if let Some(known) = self.known.lock().get(&key) {
            return Ok(Arc::clone(known));
        }
        let plan = self.plan(spec, &kept)?;
        let constants = plan.bind_constants(&declared(&plan, constants)).map_err(Problem::of)?;
        let wants = wants(spec, plan.source_variable(), kept.completed);
        let program = Arc::new(Program { plan, version, constants_version, constants, kept, wants });
        let mut known = self.known.lock();
        if known.len() >= KEPT {
            known.clear();
        }
        known.insert(key, Arc::clone(&program));
        Ok(program)
    }

    /// The plan of a spec: many links share one.
    fn plan(&self, spec: &Value, kept: &Kept) -> std::result::Result<SharedPlan, Problem> {
        let mut hasher = Sha256::new();
        hasher.update(json::to_string(spec));
        hasher.update(json::to_string(&kept.models));
        hasher.update([u8::from(kept.projects)]);
        let key: [u8; 32] = hasher.finalize().into();
        if let Some(known) = self.plans.lock().get(&key) {
            return Ok(Arc::clone(known));
        }
        let checked = checked(spec, &kept.models, kept.projects, false);
        let Some(plan) = checked.runnable().cloned() else { return Err(Problem::of(checked.diagnostics)) };
        let mut plans = self.plans.lock();
        if plans.len() >= KEPT {
            plans.clear();
        }
        plans.insert(key, Arc::clone(&plan));
        Ok(plan)
    }
}

/// An instant of a clock in microseconds.
pub(crate) fn instant(micros: i64) -> Instant {
    Instant::from_microsecond(micros).unwrap_or_default()
}
