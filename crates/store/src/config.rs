//! What people set up: providers, sources, models, processors and links.

use crate::Scope;
use crate::error::{Result, StoreError};
use crate::installation::{hash, new_secret};
use crate::params;
use crate::sql::Row;

/// A provider: one workspace in an external system.
#[derive(Clone, Debug)]
pub struct Provider {
    /// Its id.
    pub id: i64,
    /// Its type.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its settings, as JSON.
    pub settings: String,
    /// `active`, `paused` or `needs_reconnecting`.
    pub status: String,
}

/// A source on a provider.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its id.
    pub id: i64,
    /// Its provider.
    pub provider: i64,
    /// `webhook` or `poll`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The source model type that it yields.
    pub model: String,
    /// Its settings, as JSON: how deliveries are verified, where records, event ids, keys and versions are found.
    pub settings: String,
    /// Whether it takes deliveries.
    pub enabled: bool,
}

/// A source model type.
#[derive(Clone, Debug)]
pub struct SourceModelType {
    /// Its name.
    pub name: String,
    /// Its declaration, as JSON: what is inferred, under what people edited.
    pub declaration: String,
    /// What people edited, as JSON.
    pub edits: String,
    /// What was inferred so far, as JSON that can be merged with the next sample.
    pub shape: Option<String>,
    /// Grows with each change.
    pub revision: i64,
}

/// A processor.
#[derive(Clone, Debug)]
pub struct Processor {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// The source model type that it takes.
    pub model: String,
    /// Whether it runs.
    pub enabled: bool,
    /// Its newest version; 0 where it has none yet.
    pub version: i64,
}

/// One immutable version of a processor's spec.
#[derive(Clone, Debug)]
pub struct ProcessorVersion {
    /// Its processor.
    pub processor: i64,
    /// Its number, from 1.
    pub version: i64,
    /// Who saved it.
    pub author: String,
    /// When.
    pub at: i64,
    /// Why.
    pub note: Option<String>,
    /// The spec, as JSON.
    pub spec: String,
}

/// A link: a processor runs on what a source yields.
#[derive(Clone, Debug)]
pub struct Link {
    /// Its id.
    pub id: i64,
    /// The source.
    pub source: i64,
    /// The processor.
    pub processor: i64,
    /// Whether it runs.
    pub enabled: bool,
    /// The version of its constants.
    pub constants: i64,
}

const SECRETS: &str = "secrets";
const URL: &str = "webhook address";

fn provider(row: &dyn Row) -> Result<Provider> {
    Ok(Provider { id: row.int(0)?, kind: row.text(1)?, name: row.text(2)?, settings: row.text(3)?, status: row.text(4)? })
}

const SOURCE: &str = "id, provider, kind, name, model, settings, enabled";

fn source(row: &dyn Row) -> Result<Source> {
    Ok(Source {
        id: row.int(0)?,
        provider: row.int(1)?,
        kind: row.text(2)?,
        name: row.text(3)?,
        model: row.text(4)?,
        settings: row.text(5)?,
        enabled: row.flag(6)?,
    })
}

fn model(row: &dyn Row) -> Result<SourceModelType> {
    Ok(SourceModelType {
        name: row.text(0)?,
        declaration: row.text(1)?,
        edits: row.text(2)?,
        shape: row.maybe_text(3)?,
        revision: row.int(4)?,
    })
}

fn processor(row: &dyn Row) -> Result<Processor> {
    Ok(Processor { id: row.int(0)?, name: row.text(1)?, model: row.text(2)?, enabled: row.flag(3)?, version: row.int(4)? })
}

fn version(row: &dyn Row) -> Result<ProcessorVersion> {
    Ok(ProcessorVersion {
        processor: row.int(0)?,
        version: row.int(1)?,
        author: row.text(2)?,
        at: row.int(3)?,
        note: row.maybe_text(4)?,
        spec: row.text(5)?,
    })
}

fn link(row: &dyn Row) -> Result<Link> {
    Ok(Link { id: row.int(0)?, source: row.int(1)?, processor: row.int(2)?, enabled: row.flag(3)?, constants: row.int(4)? })
}

/// One row changed, or there is no such thing.
fn found(changed: usize, what: &'static str) -> Result<()> {
    if changed == 0 { Err(StoreError::Missing(what)) } else { Ok(()) }
}

impl Scope<'_> {
    /// Makes a provider.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn create_provider(&mut self, kind: &str, name: &str, settings: &str, credentials: Option<&str>) -> Result<Provider> {
        let (id, created) = (self.next_number()?, self.now());
        let sealed = credentials.map(|text| self.vault.seal("credentials", text.as_bytes())).transpose()?;
        self.sql.execute(
            "INSERT INTO providers (tenant, id, kind, name, settings, credentials, status, created) \
             VALUES ($1, $2, $3, $4, $5, $6, 'active', $7)",
            params![self.tenant, id, kind, name, settings, sealed.as_ref(), created],
        )?;
        self.provider(id)
    }

    /// A provider.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn provider(&mut self, id: i64) -> Result<Provider> {
        let sql = "SELECT id, kind, name, settings, status FROM providers WHERE tenant = $1 AND id = $2";
        self.sql.row(sql, params![self.tenant, id], provider)?.ok_or(StoreError::Missing("provider"))
    }

    /// Every provider, by name.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn providers(&mut self) -> Result<Vec<Provider>> {
        let sql = "SELECT id, kind, name, settings, status FROM providers WHERE tenant = $1 ORDER BY name, id";
        self.sql.rows(sql, params![self.tenant], provider)
    }

    /// Changes a provider.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn update_provider(&mut self, id: i64, name: &str, settings: &str, status: &str) -> Result<()> {
        let sql = "UPDATE providers SET name = $1, settings = $2, status = $3 WHERE tenant = $4 AND id = $5";
        found(self.sql.execute(sql, params![name, settings, status, self.tenant, id])?, "provider")
    }

    /// A provider's credentials, as JSON.
    ///
    /// # Errors
    /// Where there is none of this id, or they cannot be decrypted.
    pub fn credentials(&mut self, id: i64) -> Result<Option<String>> {
        let sql = "SELECT credentials FROM providers WHERE tenant = $1 AND id = $2";
        let sealed = self.sql.row(sql, params![self.tenant, id], |row| row.maybe_blob(0))?.ok_or(StoreError::Missing("provider"))?;
        sealed.map(|sealed| self.vault.open_text("credentials", &sealed)).transpose()
    }

    /// Replaces a provider's credentials.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn set_credentials(&mut self, id: i64, credentials: Option<&str>) -> Result<()> {
        let sealed = credentials.map(|text| self.vault.seal("credentials", text.as_bytes())).transpose()?;
        let sql = "UPDATE providers SET credentials = $1 WHERE tenant = $2 AND id = $3";
        found(self.sql.execute(sql, params![sealed.as_ref(), self.tenant, id])?, "provider")
    }

    /// Changes a provider's status: `active`, `paused` or `needs_reconnecting`.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn set_provider_status(&mut self, id: i64, status: &str) -> Result<()> {
        let sql = "UPDATE providers SET status = $1 WHERE tenant = $2 AND id = $3";
        found(self.sql.execute(sql, params![status, self.tenant, id])?, "provider")
    }

    /// Removes a provider that has no sources and wrote nothing.
    ///
    /// # Errors
    /// Where there is none of this id, or it is in use.
    pub fn delete_provider(&mut self, id: i64) -> Result<()> {
        let used = "SELECT COUNT(*) FROM sources WHERE tenant = $1 AND provider = $2";
        if self.sql.row(used, params![self.tenant, id], |row| row.int(0))?.unwrap_or(0) > 0 {
            return Err(StoreError::Conflict("the provider has sources; remove those first, or pause it".to_owned()));
        }
        found(self.sql.execute("DELETE FROM providers WHERE tenant = $1 AND id = $2", params![self.tenant, id])?, "provider")
    }

    /// Makes a source; gives it with the secret part of its webhook URL.
    ///
    /// # Errors
    /// Where there is no such provider.
    pub fn create_source(
        &mut self,
        provider: i64,
        kind: &str,
        name: &str,
        model: &str,
        settings: &str,
        secrets: Option<&str>,
    ) -> Result<(Source, String)> {
        self.provider(provider)?;
        let (id, created) = (self.next_number()?, self.now());
        let url = new_secret()?;
        let sealed = secrets.map(|text| self.vault.seal(SECRETS, text.as_bytes())).transpose()?;
        let sealed_url = self.vault.seal(URL, url.as_bytes())?;
        self.sql.execute(
            "INSERT INTO sources (tenant, id, provider, kind, name, model, settings, secrets, url_hash, url_token, enabled, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11)",
            params![self.tenant, id, provider, kind, name, model, settings, sealed.as_ref(), &hash(&url), &sealed_url, created],
        )?;
        self.sql.execute(
            "INSERT INTO ledger (tenant, source, received, executed, duplicate, stale, rejected, waiting, failed) \
             VALUES ($1, $2, 0, 0, 0, 0, 0, 0, 0)",
            params![self.tenant, id],
        )?;
        Ok((self.source(id)?, url))
    }

    /// A source.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn source(&mut self, id: i64) -> Result<Source> {
        let sql = format!("SELECT {SOURCE} FROM sources WHERE tenant = $1 AND id = $2");
        self.sql.row(&sql, params![self.tenant, id], source)?.ok_or(StoreError::Missing("source"))
    }

    /// Every source, by name; of one provider where it is given.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn sources(&mut self, of: Option<i64>) -> Result<Vec<Source>> {
        let sql = format!("SELECT {SOURCE} FROM sources WHERE tenant = $1 ORDER BY name, id");
        let mut sources = self.sql.rows(&sql, params![self.tenant], source)?;
        sources.retain(|source| of.is_none_or(|provider| source.provider == provider));
        Ok(sources)
    }

    /// A source's secrets, as JSON, and the secret part of its webhook URL.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn source_secrets(&mut self, id: i64) -> Result<(Option<String>, Option<String>)> {
        let sql = "SELECT secrets, url_token FROM sources WHERE tenant = $1 AND id = $2";
        let (secrets, url) = self
            .sql
            .row(sql, params![self.tenant, id], |row| Ok((row.maybe_blob(0)?, row.maybe_blob(1)?)))?
            .ok_or(StoreError::Missing("source"))?;
        let secrets = secrets.map(|sealed| self.vault.open_text(SECRETS, &sealed)).transpose()?;
        let url = url.map(|sealed| self.vault.open_text(URL, &sealed)).transpose()?;
        Ok((secrets, url))
    }

    /// Changes a source. Secrets that are not given stay.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn update_source(&mut self, id: i64, name: &str, settings: &str, enabled: bool, secrets: Option<&str>) -> Result<()> {
        let sql = "UPDATE sources SET name = $1, settings = $2, enabled = $3 WHERE tenant = $4 AND id = $5";
        found(self.sql.execute(sql, params![name, settings, enabled, self.tenant, id])?, "source")?;
        if let Some(secrets) = secrets {
            let sealed = self.vault.seal(SECRETS, secrets.as_bytes())?;
            let sql = "UPDATE sources SET secrets = $1 WHERE tenant = $2 AND id = $3";
            self.sql.execute(sql, params![&sealed, self.tenant, id])?;
        }
        Ok(())
    }

    /// Removes a source and its links. What it delivered stays.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn delete_source(&mut self, id: i64) -> Result<()> {
        self.sql.execute("DELETE FROM links WHERE tenant = $1 AND source = $2", params![self.tenant, id])?;
        found(self.sql.execute("DELETE FROM sources WHERE tenant = $1 AND id = $2", params![self.tenant, id])?, "source")
    }

    /// A source model type.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn model(&mut self, name: &str) -> Result<Option<SourceModelType>> {
        let sql = "SELECT name, declaration, edits, shape, revision FROM models WHERE tenant = $1 AND name = $2";
        self.sql.row(sql, params![self.tenant, name], model)
    }

    /// Every source model type, by name.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn models(&mut self) -> Result<Vec<SourceModelType>> {
        let sql = "SELECT name, declaration, edits, shape, revision FROM models WHERE tenant = $1 ORDER BY name";
        self.sql.rows(sql, params![self.tenant], model)
    }

    /// Saves a source model type; its revision grows. Where `expected` is given, only if that is its revision (0: there is none).
    ///
    /// # Errors
    /// Where somebody else saved in between.
    pub fn save_model(&mut self, name: &str, declaration: &str, edits: &str, shape: Option<&str>, expected: Option<i64>) -> Result<i64> {
        let revision = self.model(name)?.map_or(0, |model| model.revision);
        if expected.is_some_and(|expected| expected != revision) {
            return Err(StoreError::Conflict("the model was changed in the meantime".to_owned()));
        }
        self.sql.execute(
            "INSERT INTO models (tenant, name, declaration, edits, shape, revision) VALUES ($1, $2, $3, $4, $5, $6) \
             ON CONFLICT (tenant, name) DO UPDATE SET declaration = excluded.declaration, edits = excluded.edits, \
             shape = excluded.shape, revision = excluded.revision",
            params![self.tenant, name, declaration, edits, shape, revision + 1],
        )?;
        Ok(revision + 1)
    }

    /// Makes a processor without a version.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn create_processor(&mut self, name: &str, model: &str) -> Result<Processor> {
        let (id, created) = (self.next_number()?, self.now());
        self.sql.execute(
            "INSERT INTO processors (tenant, id, name, model, enabled, version, created) VALUES ($1, $2, $3, $4, 1, 0, $5)",
            params![self.tenant, id, name, model, created],
        )?;
        self.processor(id)
    }

    /// A processor.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn processor(&mut self, id: i64) -> Result<Processor> {
        let sql = "SELECT id, name, model, enabled, version FROM processors WHERE tenant = $1 AND id = $2";
        self.sql.row(sql, params![self.tenant, id], processor)?.ok_or(StoreError::Missing("processor"))
    }

    /// Every processor, by name.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn processors(&mut self) -> Result<Vec<Processor>> {
        let sql = "SELECT id, name, model, enabled, version FROM processors WHERE tenant = $1 ORDER BY name, id";
        self.sql.rows(sql, params![self.tenant], processor)
    }

    /// Changes a processor's name and switch.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn update_processor(&mut self, id: i64, name: &str, enabled: bool) -> Result<()> {
        let sql = "UPDATE processors SET name = $1, enabled = $2 WHERE tenant = $3 AND id = $4";
        found(self.sql.execute(sql, params![name, enabled, self.tenant, id])?, "processor")
    }

    /// Removes a processor and its links. Its versions stay, so that its executions can still be replayed.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn delete_processor(&mut self, id: i64) -> Result<()> {
        self.sql.execute("DELETE FROM links WHERE tenant = $1 AND processor = $2", params![self.tenant, id])?;
        found(self.sql.execute("DELETE FROM processors WHERE tenant = $1 AND id = $2", params![self.tenant, id])?, "processor")
    }

    /// Saves a new version of a processor's spec, where `expected` is its newest version.
    ///
    /// # Errors
    /// Where there is none of this id, or somebody else saved in between.
    pub fn save_version(
        &mut self,
        processor: i64,
        expected: i64,
        author: &str,
        note: Option<&str>,
        spec: &str,
    ) -> Result<ProcessorVersion> {
        let known = self.processor(processor)?;
        if known.version != expected {
            return Err(StoreError::Conflict(format!("version {} was saved in the meantime", known.version)));
        }
        let (version, at) = (expected + 1, self.now());
        self.sql.execute(
            "INSERT INTO processor_versions (tenant, processor, version, author, at, note, spec) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            params![self.tenant, processor, version, author, at, note, spec],
        )?;
        let sql = "UPDATE processors SET version = $1 WHERE tenant = $2 AND id = $3";
        self.sql.execute(sql, params![version, self.tenant, processor])?;
        self.version(processor, version)
    }

    /// A version of a processor's spec.
    ///
    /// # Errors
    /// Where there is none of this number.
    pub fn version(&mut self, processor: i64, number: i64) -> Result<ProcessorVersion> {
        let sql = "SELECT processor, version, author, at, note, spec FROM processor_versions \
                   WHERE tenant = $1 AND processor = $2 AND version = $3";
        self.sql.row(sql, params![self.tenant, processor, number], version)?.ok_or(StoreError::Missing("version"))
    }

    /// The versions of a processor, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn versions(&mut self, processor: i64, paging: crate::Paging) -> Result<crate::Page<ProcessorVersion>> {
        let sql = "SELECT processor, version, author, at, note, spec FROM processor_versions \
                   WHERE tenant = $1 AND processor = $2 AND version < $3 ORDER BY version DESC LIMIT $4";
        let rows = self.sql.rows(sql, params![self.tenant, processor, paging.before, paging.fetch()], version)?;
        Ok(paging.page(rows, |version| version.version))
    }

    /// Links a source to a processor, with the values of its constants as JSON.
    ///
    /// # Errors
    /// Where there is no such source or processor.
    pub fn create_link(&mut self, source: i64, processor: i64, constants: &str) -> Result<Link> {
        self.source(source)?;
        self.processor(processor)?;
        let id = self.next_number()?;
        self.sql.execute(
            "INSERT INTO links (tenant, id, source, processor, enabled, constants) VALUES ($1, $2, $3, $4, 1, 1)",
            params![self.tenant, id, source, processor],
        )?;
        self.insert_constants(id, 1, constants)?;
        self.link(id)
    }

    fn insert_constants(&mut self, link: i64, version: i64, constants: &str) -> Result<()> {
        self.sql
            .execute(
                "INSERT INTO link_constants (tenant, link, version, document) VALUES ($1, $2, $3, $4)",
                params![self.tenant, link, version, constants],
            )
            .map(|_| ())
    }

    /// A link.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn link(&mut self, id: i64) -> Result<Link> {
        let sql = "SELECT id, source, processor, enabled, constants FROM links WHERE tenant = $1 AND id = $2";
        self.sql.row(sql, params![self.tenant, id], link)?.ok_or(StoreError::Missing("link"))
    }

    /// Every link; of one source or one processor where they are given.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn links(&mut self, source: Option<i64>, processor: Option<i64>) -> Result<Vec<Link>> {
        let sql = "SELECT id, source, processor, enabled, constants FROM links WHERE tenant = $1 ORDER BY id";
        let mut links = self.sql.rows(sql, params![self.tenant], link)?;
        links.retain(|link| source.is_none_or(|id| link.source == id) && processor.is_none_or(|id| link.processor == id));
        Ok(links)
    }

    /// Changes a link's switch, and its constants where they are given: those get a new version.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn update_link(&mut self, id: i64, enabled: bool, constants: Option<&str>) -> Result<Link> {
        let known = self.link(id)?;
        let mut version = known.constants;
        if let Some(constants) = constants {
            version += 1;
            self.insert_constants(id, version, constants)?;
        }
        let sql = "UPDATE links SET enabled = $1, constants = $2 WHERE tenant = $3 AND id = $4";
        self.sql.execute(sql, params![enabled, version, self.tenant, id])?;
        self.link(id)
    }

    /// Removes a link. Its constants stay, so that its executions can still be replayed.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn delete_link(&mut self, id: i64) -> Result<()> {
        found(self.sql.execute("DELETE FROM links WHERE tenant = $1 AND id = $2", params![self.tenant, id])?, "link")
    }

    /// The values of a link's constants, as JSON.
    ///
    /// # Errors
    /// Where there is none of this version.
    pub fn constants(&mut self, link: i64, version: i64) -> Result<String> {
        let sql = "SELECT document FROM link_constants WHERE tenant = $1 AND link = $2 AND version = $3";
        self.sql.row(sql, params![self.tenant, link, version], |row| row.text(0))?.ok_or(StoreError::Missing("version of the constants"))
    }
}
