//! The people who sign in: users, their sessions, and the one-time links by which they choose a password.
//!
//! An e-mail address is encrypted, and found by its hash. Of the secrets of sessions and links, only hashes are stored.

use crate::error::{Result, StoreError};
use crate::installation::{hash, new_secret};
use crate::params;
use crate::sql::{Row, Sql};
use crate::{Scope, Store};

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// The tenant.
    pub tenant: i64,
    /// The id.
    pub id: i64,
    /// What others see.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The role.
    pub role: String,
    /// Whether they may reveal personal data.
    pub reveal: bool,
    /// The hash of the password. `None` until one was chosen.
    pub password: Option<String>,
    /// When they were made.
    pub created: i64,
    /// When they signed in last.
    pub seen: Option<i64>,
}

/// A user that is to be made.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// What others see.
    pub name: String,
    /// The address to sign in with.
    pub email: String,
    /// The role.
    pub role: String,
    /// Whether they may reveal personal data.
    pub reveal: bool,
    /// The hash of the password. `None`: they choose one by a link.
    pub password: Option<String>,
}

const EMAIL: &str = "user's e-mail address";
const USER: &str = "id, name, email, role, reveal, password, created, seen";
const TAKEN: &str = "a user with this e-mail address is there already";

/// The form in which two addresses are compared.
#[must_use]
pub fn normalized(email: &str) -> String {
    email.trim().to_lowercase()
}

type Raw = (i64, String, Vec<u8>, String, bool, Option<String>, i64, Option<i64>);

fn raw(row: &dyn Row) -> Result<Raw> {
    Ok((row.int(0)?, row.text(1)?, row.blob(2)?, row.text(3)?, row.flag(4)?, row.maybe_text(5)?, row.int(6)?, row.maybe_int(7)?))
}

/// Whose a row is: the tenant and the user.
fn person(row: &dyn Row) -> Result<(i64, i64)> {
    Ok((row.int(0)?, row.int(1)?))
}

impl Store {
    /// The user of this address.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn user_by_email(&self, email: &str) -> Result<Option<User>> {
        let hash = hash(&normalized(email));
        let found = self.database.read(|sql| sql.row("SELECT tenant, id FROM users WHERE email_hash = $1", params![&hash], person))?;
        found.map(|(tenant, id)| self.read(tenant, |scope| scope.user(id))).transpose()
    }

    /// The user whose session this secret is; none where it has ended.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn user_of_session(&self, secret: &str) -> Result<Option<User>> {
        self.user_of("SELECT tenant, person FROM sessions WHERE hash = $1 AND expires > $2", secret)
    }

    /// The user whose link this secret is from; none where it was used or has ended.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn user_of_invite(&self, secret: &str) -> Result<Option<User>> {
        self.user_of("SELECT tenant, person FROM invites WHERE hash = $1 AND expires > $2", secret)
    }

    fn user_of(&self, query: &str, secret: &str) -> Result<Option<User>> {
        let (hash, now) = (hash(secret), self.shared.now());
        let found = self.database.read(|sql| sql.row(query, params![&hash, now], person))?;
        found.map(|(tenant, id)| self.read(tenant, |scope| scope.user(id))).transpose()
    }

    /// Ends the session of this secret.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn end_session(&self, secret: &str) -> Result<()> {
        let hash = hash(secret);
        self.database.write(move |sql: &mut dyn Sql| sql.execute("DELETE FROM sessions WHERE hash = $1", params![&hash]).map(|_| ()))
    }

    /// Whether anybody administers the installation.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn has_administrator(&self) -> Result<bool> {
        let query = "SELECT 1 FROM users WHERE role = 'admin' AND password IS NOT NULL LIMIT 1";
        Ok(self.database.read(|sql| sql.row(query, &[], |row| row.int(0)))?.is_some())
    }

    /// Removes the sessions and links that have ended. Gives how many.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn forget_ended_sessions(&self) -> Result<usize> {
        let now = self.shared.now();
        self.database.write(move |sql: &mut dyn Sql| {
            let sessions = sql.execute("DELETE FROM sessions WHERE expires <= $1", params![now])?;
            Ok(sessions + sql.execute("DELETE FROM invites WHERE expires <= $1", params![now])?)
        })
    }
}

impl Scope<'_> {
    fn user_row(&self, (id, name, email, role, reveal, password, created, seen): Raw) -> Result<User> {
        let email = self.vault.open_text(EMAIL, &email)?;
        Ok(User { tenant: self.tenant, id, name, email, role, reveal, password, created, seen })
    }

    /// Makes a user.
    ///
    /// # Errors
    /// Where the address is in use.
    pub fn create_user(&mut self, new: &NewUser) -> Result<User> {
        let id = self.next_id();
        let (sealed, hash) = (self.vault.seal(EMAIL, new.email.trim().as_bytes())?, hash(&normalized(&new.email)));
        let known = self.sql.row("SELECT 1 FROM users WHERE email_hash = $1", params![&hash], |row| row.int(0))?;
        if known.is_some() {
            return Err(StoreError::Conflict(TAKEN.to_owned()));
        }
        self.sql.execute(
            "INSERT INTO users (tenant, id, name, email, email_hash, role, reveal, password, created) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            params![self.tenant, id, &new.name, &sealed, &hash, &new.role, new.reveal, new.password.as_ref(), id],
        )?;
        self.user(id)
    }

    /// A user.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn user(&mut self, id: i64) -> Result<User> {
        let sql = format!("SELECT {USER} FROM users WHERE tenant = $1 AND id = $2");
        let found = self.sql.row(&sql, params![self.tenant, id], raw)?.ok_or(StoreError::Missing("user"))?;
        self.user_row(found)
    }

    /// The tenant's users, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn users(&mut self) -> Result<Vec<User>> {
        let sql = format!("SELECT {USER} FROM users WHERE tenant = $1 ORDER BY id DESC");
        let rows = self.sql.rows(&sql, params![self.tenant], raw)?;
        rows.into_iter().map(|row| self.user_row(row)).collect()
    }

    /// Changes a user's name, role and permission.
    ///
    /// # Errors
    /// Where there is none of this id, or nobody would be left who administers.
    pub fn update_user(&mut self, id: i64, name: &str, role: &str, reveal: bool) -> Result<()> {
        if role != "admin" {
            self.keep_an_administrator(id)?;
        }
        let sql = "UPDATE users SET name = $1, role = $2, reveal = $3 WHERE tenant = $4 AND id = $5";
        match self.sql.execute(sql, params![name, role, reveal, self.tenant, id])? {
            0 => Err(StoreError::Missing("user")),
            _ => Ok(()),
        }
    }

    /// Sets a user's password, by its hash, and ends every session and link.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn set_password(&mut self, id: i64, password: &str) -> Result<()> {
        let sql = "UPDATE users SET password = $1 WHERE tenant = $2 AND id = $3";
        if self.sql.execute(sql, params![password, self.tenant, id])? == 0 {
            return Err(StoreError::Missing("user"));
        }
        self.end_sessions(id)
    }

    /// Ends a user's sessions and links.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn end_sessions(&mut self, id: i64) -> Result<()> {
        self.sql.execute("DELETE FROM sessions WHERE tenant = $1 AND person = $2", params![self.tenant, id])?;
        self.sql.execute("DELETE FROM invites WHERE tenant = $1 AND person = $2", params![self.tenant, id]).map(|_| ())
    }

    /// Removes a user, with sessions and links.
    ///
    /// # Errors
    /// Where there is none of this id, or nobody would be left who administers.
    pub fn delete_user(&mut self, id: i64) -> Result<()> {
        self.keep_an_administrator(id)?;
        self.end_sessions(id)?;
        match self.sql.execute("DELETE FROM users WHERE tenant = $1 AND id = $2", params![self.tenant, id])? {
            0 => Err(StoreError::Missing("user")),
            _ => Ok(()),
        }
    }

    fn keep_an_administrator(&mut self, without: i64) -> Result<()> {
        let sql = "SELECT COUNT(*) FROM users WHERE tenant = $1 AND role = 'admin' AND id <> $2 AND password IS NOT NULL";
        let others = self.sql.row(sql, params![self.tenant, without], |row| row.int(0))?.unwrap_or(0);
        if others == 0 && self.user(without)?.role == "admin" {
            return Err(StoreError::Conflict("nobody would be left who administers; make another administrator first".to_owned()));
        }
        Ok(())
    }

    /// Begins a session of a user; gives its secret, which is stored nowhere.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn begin_session(&mut self, user: i64, lasts_micros: i64) -> Result<String> {
        let (secret, now) = (new_secret()?, self.now());
        let sql = "UPDATE users SET seen = $1 WHERE tenant = $2 AND id = $3";
        if self.sql.execute(sql, params![now, self.tenant, user])? == 0 {
            return Err(StoreError::Missing("user"));
        }
        self.sql.execute(
            "INSERT INTO sessions (hash, tenant, person, created, expires) VALUES ($1, $2, $3, $4, $5)",
            params![&hash(&secret), self.tenant, user, now, now + lasts_micros],
        )?;
        Ok(secret)
    }

    /// Makes the secret of a link by which a user chooses a password, once. Links made before end.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn invite(&mut self, user: i64, lasts_micros: i64) -> Result<String> {
        self.user(user)?;
        let (secret, now) = (new_secret()?, self.now());
        self.sql.execute("DELETE FROM invites WHERE tenant = $1 AND person = $2", params![self.tenant, user])?;
        self.sql.execute(
            "INSERT INTO invites (hash, tenant, person, expires) VALUES ($1, $2, $3, $4)",
            params![&hash(&secret), self.tenant, user, now + lasts_micros],
        )?;
        Ok(secret)
    }
}
