//! What concerns the whole installation: its tenants, and whose a token or a webhook URL is.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::crypto::{Vault, random};
use crate::error::{Result, StoreError};
use crate::params;
use crate::sql::{Row, Sql};
use crate::{Scope, Store};

/// A tenant.
#[derive(Clone, Debug)]
pub struct Tenant {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its settings, as JSON: `timezone`, `currency`, `country`, `projects`, `retention_days`.
    pub settings: String,
}

/// An API token, without the token itself: only its hash is stored.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its tenant.
    pub tenant: i64,
    /// Its id.
    pub id: i64,
    /// What its maker calls it.
    pub name: String,
    /// Its role.
    pub role: String,
    /// Whether it may reveal personal data.
    pub reveal: bool,
    /// When it was made.
    pub created: i64,
    /// When it ends.
    pub expires: Option<i64>,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

/// The source that a webhook URL leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its tenant.
    pub tenant: i64,
    /// Its id.
    pub source: i64,
}

/// An entry of the audit log.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// Its id.
    pub id: i64,
    /// When.
    pub at: i64,
    /// Who: a token by its name, or the command line.
    pub actor: String,
    /// What was done.
    pub action: String,
    /// To what.
    pub target: String,
    /// Why, where a reason was asked for.
    pub reason: Option<String>,
    /// More about it, as JSON, without secrets.
    pub details: Option<String>,
}

/// The hash under which a token or a webhook URL is found.
#[must_use]
pub fn hash(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}

/// A new secret of 32 characters that can stand in a URL.
///
/// # Errors
/// Where the system gives no random numbers.
pub fn new_secret() -> Result<String> {
    use base64::Engine;
    Ok(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(random::<24>()?))
}

fn tenant(row: &dyn Row) -> Result<Tenant> {
    Ok(Tenant { id: row.int(0)?, name: row.text(1)?, settings: row.text(2)? })
}

const TOKEN: &str = "tenant, id, name, role, reveal, created, expires, revoked";

fn token(row: &dyn Row) -> Result<Token> {
    Ok(Token {
        tenant: row.int(0)?,
        id: row.int(1)?,
        name: row.text(2)?,
        role: row.text(3)?,
        reveal: row.flag(4)?,
        created: row.int(5)?,
        expires: row.maybe_int(6)?,
        revoked: row.maybe_int(7)?,
    })
}

impl Store {
    /// Reads the tenants' keys and the dictionaries.
    pub(crate) fn load(&self) -> Result<()> {
        let keys = self.database.read(|sql| {
            sql.rows("SELECT tenant, data_key, identity_key FROM tenants", &[], |row| Ok((row.int(0)?, row.blob(1)?, row.blob(2)?)))
        })?;
        for (tenant, data, identity) in keys {
            let vault = Vault::new(&self.master.unwrap(tenant, &data)?, &self.master.unwrap(tenant, &identity)?);
            self.shared.vaults.write().insert(tenant, Arc::new(vault));
            self.read(tenant, |scope| scope.load_dictionaries())?;
            // Ids go on from the last one, even where the clock was set back in the meantime.
            for table in ["source_models", "executions", "enrichments", "jobs", "runs", "audit", "entities"] {
                let query = format!("SELECT MAX(id) FROM {table} WHERE tenant = $1");
                let last = self.database.read(|sql| sql.row(&query, params![tenant], |row| row.int(0)))?.unwrap_or(0);
                self.shared.last_id.fetch_max(last, std::sync::atomic::Ordering::Relaxed);
            }
        }
        // Payloads are kept in the order of their id, whosever they are, and deliveries in that of their source.
        let of_sources = "SELECT MAX((SELECT MAX(d.id) FROM deliveries d WHERE d.tenant = l.tenant AND d.source = l.source)) FROM ledger l";
        for query in ["SELECT MAX(id) FROM payloads", of_sources] {
            let last = self.database.read(|sql| sql.row(query, &[], |row| row.int(0)))?.unwrap_or(0);
            self.shared.last_id.fetch_max(last, std::sync::atomic::Ordering::Relaxed);
        }
        Ok(())
    }

    /// Every tenant.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn tenants(&self) -> Result<Vec<Tenant>> {
        self.database.read(|sql| sql.rows("SELECT tenant, name, settings FROM tenants ORDER BY tenant", &[], tenant))
    }

    /// Makes a tenant with keys of its own.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn create_tenant(&self, name: &str, settings: &str) -> Result<Tenant> {
        let (data, identity) = (random::<32>()?, random::<32>()?);
        let vault = Arc::new(Vault::new(&data, &identity));
        let (master, created) = (self.master.clone(), self.shared.now());
        let row = (name.to_owned(), settings.to_owned());
        let id = self.database.write(move |sql: &mut dyn Sql| {
            let id = crate::next_number(sql)?;
            let wrapped = (master.wrap(id, &data)?, master.wrap(id, &identity)?);
            sql.execute(
                "INSERT INTO tenants (tenant, name, settings, data_key, identity_key, created) VALUES ($1, $2, $3, $4, $5, $6)",
                params![id, &row.0, &row.1, &wrapped.0, &wrapped.1, created],
            )?;
            Ok(id)
        })?;
        self.shared.vaults.write().insert(id, vault);
        Ok(Tenant { id, name: name.to_owned(), settings: settings.to_owned() })
    }

    /// The token that this is, whether or not it has ended.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn token(&self, secret: &str) -> Result<Option<Token>> {
        let hash = hash(secret);
        self.database.read(|sql| sql.row(&format!("SELECT {TOKEN} FROM tokens WHERE hash = $1"), params![&hash], token))
    }

    /// The source that a webhook URL leads to, by the secret part of the URL.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn route(&self, secret: &str) -> Result<Option<Route>> {
        let hash = hash(secret);
        self.database.read(|sql| {
            sql.row("SELECT tenant, id FROM sources WHERE url_hash = $1", params![&hash], |row| {
                Ok(Route { tenant: row.int(0)?, source: row.int(1)? })
            })
        })
    }

    /// Answers whether the database can be read, for `/ready`.
    ///
    /// # Errors
    /// Where it cannot.
    pub fn ping(&self) -> Result<()> {
        self.database.read(|sql| sql.row("SELECT 1 FROM tenants", &[], |row| row.int(0)).map(|_| ()))
    }
}

impl Scope<'_> {
    /// The tenant itself.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn tenant_row(&mut self) -> Result<Tenant> {
        let sql = "SELECT tenant, name, settings FROM tenants WHERE tenant = $1";
        self.sql.row(sql, params![self.tenant], tenant)?.ok_or(StoreError::Missing("tenant"))
    }

    /// Changes the tenant's name and settings.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn update_tenant(&mut self, name: &str, settings: &str) -> Result<()> {
        let sql = "UPDATE tenants SET name = $1, settings = $2 WHERE tenant = $3";
        self.sql.execute(sql, params![name, settings, self.tenant]).map(|_| ())
    }

    /// Makes a token; gives it with its secret, which is stored nowhere.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn create_token(&mut self, name: &str, role: &str, reveal: bool, expires: Option<i64>) -> Result<(Token, String)> {
        let secret = format!("sd_{}", new_secret()?);
        let id = self.next_id();
        let made =
            Token { tenant: self.tenant, id, name: name.to_owned(), role: role.to_owned(), reveal, created: id, expires, revoked: None };
        self.sql.execute(
            "INSERT INTO tokens (hash, tenant, id, name, role, reveal, created, expires) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            params![&hash(&secret), self.tenant, id, name, role, reveal, id, expires],
        )?;
        Ok((made, secret))
    }

    /// The tenant's tokens, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn tokens(&mut self) -> Result<Vec<Token>> {
        self.sql.rows(&format!("SELECT {TOKEN} FROM tokens WHERE tenant = $1 ORDER BY id DESC"), params![self.tenant], token)
    }

    /// Ends a token.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn revoke_token(&mut self, id: i64) -> Result<()> {
        let sql = "UPDATE tokens SET revoked = $1 WHERE tenant = $2 AND id = $3 AND revoked IS NULL";
        match self.sql.execute(sql, params![self.now(), self.tenant, id])? {
            0 => Err(StoreError::Missing("token")),
            _ => Ok(()),
        }
    }

    /// Notes in the audit log what was done.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn audit(&mut self, actor: &str, action: &str, target: &str, reason: Option<&str>, details: Option<&str>) -> Result<()> {
        let id = self.next_id();
        self.sql
            .execute(
                "INSERT INTO audit (tenant, id, at, actor, action, target, reason, details) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                params![self.tenant, id, id, actor, action, target, reason, details],
            )
            .map(|_| ())
    }

    /// The audit log, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn audit_log(&mut self, paging: crate::Paging) -> Result<crate::Page<AuditEntry>> {
        let sql =
            "SELECT id, at, actor, action, target, reason, details FROM audit WHERE tenant = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
        let rows = self.sql.rows(sql, params![self.tenant, paging.before, paging.fetch()], |row| {
            Ok(AuditEntry {
                id: row.int(0)?,
                at: row.int(1)?,
                actor: row.text(2)?,
                action: row.text(3)?,
                target: row.text(4)?,
                reason: row.maybe_text(5)?,
                details: row.maybe_text(6)?,
            })
        })?;
        Ok(paging.page(rows, |entry| entry.id))
    }
}
