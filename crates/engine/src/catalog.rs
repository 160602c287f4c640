//! What is set up, looked up and compiled once: sources with their rules, links with their compiled specs. The hot path reads it and asks
//! the database nothing. A change of the configuration makes it be read again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parking_lot::{Mutex, RwLock};
use salesdash_language::identity::IdentityKey;
use salesdash_providers::definition::webhook::Webhook;
use salesdash_providers::interpret::variables::Given;
use salesdash_providers::verification::Secrets;
use salesdash_providers::{Path, Types};
use salesdash_store::config::{Link, Processor, Provider, Source, SourceModelType};
use salesdash_store::installation::{Route, hash};
use salesdash_store::{Scope, Store};
use salesdash_value::{Text, Value};

use crate::Result;
use crate::intake::learn::Learner;
use crate::intake::rate::Bucket;
use crate::program::{Problem, Program, Programs};
use crate::settings::{self, TenantSettings, WebhookSettings, document};

/// What is set up for a tenant, as it was read at one time.
pub(crate) struct TenantConfig {
    pub id: i64,
    pub settings: TenantSettings,
    pub key: IdentityKey,
    pub sources: HashMap<i64, Arc<SourceConfig>>,
    pub links: HashMap<i64, Arc<LinkConfig>>,
    /// The declarations of the source models.
    pub models: HashMap<Text, Value>,
}

/// A source with everything that taking in its records needs.
pub(crate) struct SourceConfig {
    pub row: Source,
    pub provider: i64,
    pub webhook: std::result::Result<WebhookSettings, String>,
    pub secrets: Secrets,
    /// Where the key and the version of a record stand.
    pub key: Option<Path>,
    pub version: Option<Path>,
    /// Learns the fields of what arrives. `None` where the model is declared.
    pub learner: Option<Arc<Learner>>,
    /// How many deliveries it takes, and how many it refuses with a word in the log.
    pub buckets: Arc<(Bucket, Bucket)>,
    /// The links that executions are made for.
    pub links: Vec<Arc<LinkConfig>>,
    /// Whether any of them asks for enrichments.
    pub enriched: bool,
    /// What the provider's type does with the records of a delivery.
    pub shaping: Option<Shaping>,
}

/// What the type of a provider does with the records of a delivery.
pub(crate) struct Shaping {
    pub webhook: Webhook,
    pub given: Given,
}

impl SourceConfig {
    /// Whether the records are events that hold only an id, and have to be completed.
    pub fn completed(&self) -> bool {
        self.shaping.as_ref().is_some_and(|shaping| shaping.webhook.complete.is_some())
    }
}

/// A link with its compiled spec.
pub(crate) struct LinkConfig {
    pub row: Link,
    pub provider: i64,
    /// Whether executions have to wait: a switch is off, or there is no spec yet.
    pub held: bool,
    /// Whether its provider needs to be connected again, so that nothing can be fetched.
    pub disconnected: bool,
    pub program: std::result::Result<Arc<Program>, Problem>,
}

/// The rows that a tenant's configuration is made of.
struct Rows {
    settings: Value,
    providers: Vec<Provider>,
    sources: Vec<(Source, Value)>,
    models: Vec<SourceModelType>,
    processors: Vec<Processor>,
    links: Vec<(Link, Value)>,
    specs: HashMap<i64, Value>,
}

/// The configurations of all tenants, read when they are asked for.
pub(crate) struct Catalog {
    types: RwLock<Arc<Types>>,
    tenants: RwLock<HashMap<i64, Arc<TenantConfig>>>,
    /// Grows with every change: what was read before one is not kept after it.
    generation: AtomicU64,
    routes: RwLock<HashMap<[u8; 32], Route>>,
    pub programs: Programs,
    buckets: Mutex<HashMap<i64, Arc<(Bucket, Bucket)>>>,
    learners: Mutex<HashMap<(i64, String), Arc<Learner>>>,
}

impl Default for Catalog {
    fn default() -> Self {
        Self {
            types: RwLock::new(Arc::new(Types::embedded())),
            tenants: RwLock::default(),
            generation: AtomicU64::new(0),
            routes: RwLock::default(),
            programs: Programs::default(),
            buckets: Mutex::default(),
            learners: Mutex::default(),
        }
    }
}

impl Catalog {
    /// Replaces the provider types.
    pub fn set_types(&self, types: Arc<Types>) {
        *self.types.write() = types;
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.tenants.write().clear();
    }

    /// What the type of a source's provider does with the records of a delivery. A poll can have the name of a webhook, and is none.
    fn shaping(&self, provider: &Provider, source: &Source, settings: &Value) -> Option<Shaping> {
        if source.kind != "webhook" {
            return None;
        }
        let types = Arc::clone(&self.types.read());
        let definition = &types.get(&provider.kind)?.definition;
        let webhook = definition.webhooks.get(settings.get("definition")?.as_text()?)?.clone();
        let of_provider = document(&provider.settings).unwrap_or_default();
        let of_source = settings.get("settings").cloned().unwrap_or_default();
        let given = Given::connection(&definition.settings, &of_provider, &Value::Null).with_source(&webhook.settings, &of_source);
        Some(Shaping { webhook, given })
    }

    /// Says that the configuration of a tenant changed.
    pub fn changed(&self, tenant: i64) {
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.tenants.write().remove(&tenant);
        self.routes.write().clear();
    }

    /// The configuration of a tenant.
    pub fn tenant(&self, store: &Store, tenant: i64) -> Result<Arc<TenantConfig>> {
        if let Some(known) = self.tenants.read().get(&tenant) {
            return Ok(Arc::clone(known));
        }
        loop {
            let generation = self.generation.load(Ordering::SeqCst);
            let rows = store.read(tenant, |scope| Ok(read(scope)))??;
            let config = Arc::new(self.build(store, tenant, rows)?);
            let mut tenants = self.tenants.write();
            // What was read while something changed may be of before the change.
            if self.generation.load(Ordering::SeqCst) == generation {
                tenants.insert(tenant, Arc::clone(&config));
                return Ok(config);
            }
        }
    }

    /// The source that a webhook URL leads to.
    pub fn route(&self, store: &Store, secret: &str) -> Result<Option<Route>> {
        let hash = hash(secret);
        if let Some(route) = self.routes.read().get(&hash) {
            return Ok(Some(*route));
        }
        let generation = self.generation.load(Ordering::SeqCst);
        let found = store.route(secret)?;
        if let Some(route) = found {
            let mut routes = self.routes.write();
            if self.generation.load(Ordering::SeqCst) == generation {
                routes.insert(hash, route);
            }
        }
        Ok(found)
    }

    /// Every learner that knows more than is stored.
    pub fn learners(&self) -> Vec<(i64, String, Arc<Learner>)> {
        self.learners.lock().iter().map(|((tenant, model), learner)| (*tenant, model.clone(), Arc::clone(learner))).collect()
    }

    fn build(&self, store: &Store, tenant: i64, rows: Rows) -> Result<TenantConfig> {
        let settings = TenantSettings::read(&rows.settings);
        let mut models: HashMap<Text, Value> = HashMap::new();
        for model in &rows.models {
            models.insert(Text::new(&model.name), document(&model.declaration).unwrap_or_default());
        }
        let by_id = |id: i64| rows.providers.iter().find(|provider| provider.id == id).cloned();
        let mut links: HashMap<i64, Arc<LinkConfig>> = HashMap::new();
        for (link, constants) in &rows.links {
            let source = rows.sources.iter().map(|(source, _)| source).find(|source| source.id == link.source);
            let processor = rows.processors.iter().find(|processor| processor.id == link.processor);
            let (Some(source), Some(processor)) = (source, processor) else { continue };
            let Some(provider) = by_id(source.provider) else { continue };
            let (timezone, _) = settings::timezone_of(&document(&provider.settings).unwrap_or_default(), &settings);
            let program = match rows.specs.get(&processor.id) {
                None => Err(Problem::no_spec()),
                Some(spec) => {
                    let surroundings = crate::program::Surroundings {
                        provider: provider.id,
                        processor: processor.id,
                        completed: self
                            .shaping(&provider, source, &document(&source.settings).unwrap_or_default())
                            .is_some_and(|shaping| shaping.webhook.complete.is_some()),
                        timezone: &timezone,
                        country: settings.country.as_deref(),
                        projects: settings.projects,
                        models: &models,
                    };
                    self.programs.get(tenant, link.id, processor.version, link.constants, spec, constants, &surroundings)
                }
            };
            let held = !source.enabled || !link.enabled || !processor.enabled || processor.version == 0 || provider.status == "paused";
            let disconnected = provider.status == "needs_reconnecting";
            links.insert(link.id, Arc::new(LinkConfig { row: link.clone(), provider: provider.id, held, disconnected, program }));
        }
        let mut sources = HashMap::new();
        for (row, secrets) in rows.sources {
            let Some(provider) = by_id(row.provider) else { continue };
            let declaration = models.get(row.model.as_str());
            let path =
                |key: &str| declaration.and_then(|model| model.get(key)).and_then(Value::as_text).and_then(|path| Path::parse(path).ok());
            let settings_of_source = document(&row.settings);
            let shaping = settings_of_source.as_ref().ok().and_then(|settings| self.shaping(&provider, &row, settings));
            let webhook = settings_of_source.map_err(|error| error.to_string()).and_then(|settings| {
                let defined = settings.get("definition").and_then(Value::as_text).filter(|_| row.kind == "webhook");
                if let Some(name) = defined.filter(|_| shaping.is_none() && settings.get("verification").is_none()) {
                    // How its deliveries are verified is said there alone: without it, none may pass for one that was.
                    return Err(format!("this deployment has no webhook `{name}` of the type `{}`", provider.kind));
                }
                WebhookSettings::read_over(&settings, shaping.as_ref().map(|shaping| &shaping.webhook))
                    .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
            });
            let known = rows.models.iter().find(|model| model.name == row.model);
            let learner = match known {
                Some(SourceModelType { shape: None, .. }) => None,
                known => Some(self.learner(tenant, &row.model, known.and_then(|model| model.shape.as_deref()))),
            };
            let mut of_source: Vec<_> = links
                .values()
                .filter(|link| {
                    let runs = rows.processors.iter().any(|processor| processor.id == link.row.processor && processor.enabled);
                    link.row.source == row.id && link.row.enabled && runs
                })
                .cloned()
                .collect();
            of_source.sort_unstable_by_key(|link| link.row.id);
            let enriched = of_source.iter().any(|link| link.program.as_ref().is_ok_and(|program| !program.wants.is_empty()));
            let (key, version) = (path("key"), path("version"));
            let buckets = Arc::clone(self.buckets.lock().entry(row.id).or_default());
            let (id, secrets) = (row.id, settings::secrets(&secrets));
            let config = SourceConfig {
                row,
                provider: provider.id,
                webhook,
                secrets,
                key,
                version,
                learner,
                buckets,
                links: of_source,
                enriched,
                shaping,
            };
            sources.insert(id, Arc::new(config));
        }
        let key = store.vault(tenant)?.identity_key();
        Ok(TenantConfig { id: tenant, settings, key, sources, links, models })
    }

    fn learner(&self, tenant: i64, model: &str, shape: Option<&str>) -> Arc<Learner> {
        let mut learners = self.learners.lock();
        Arc::clone(learners.entry((tenant, model.to_owned())).or_insert_with(|| Arc::new(Learner::new(shape))))
    }
}

/// Reads everything that a tenant has set up.
fn read(scope: &mut Scope<'_>) -> Result<Rows> {
    let settings = document(&scope.tenant_row()?.settings).unwrap_or_default();
    let (providers, models, processors) = (scope.providers()?, scope.models()?, scope.processors()?);
    let mut sources = Vec::new();
    for source in scope.sources(None)? {
        let secrets = match scope.source_secrets(source.id)?.0 {
            Some(secrets) => document(&secrets)?,
            None => Value::Null,
        };
        sources.push((source, secrets));
    }
    let mut links = Vec::new();
    for link in scope.links(None, None)? {
        let constants = document(&scope.constants(link.id, link.constants)?)?;
        links.push((link, constants));
    }
    let mut specs = HashMap::new();
    for processor in &processors {
        if processor.version > 0 && links.iter().any(|(link, _)| link.processor == processor.id) {
            specs.insert(processor.id, document(&scope.version(processor.id, processor.version)?.spec)?);
        }
    }
    Ok(Rows { settings, providers, sources, models, processors, links, specs })
}
