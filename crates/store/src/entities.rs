//! The tenant's own agents, teams, projects, segments and propositions, which external identities are linked to.

use salesdash_value::IdentityKind;

use crate::error::{Result, StoreError};
use crate::sql::Row;
use crate::{Page, Paging, Scope, params};

/// An agent, a team, a project, a segment or a proposition.
#[derive(Clone, Debug)]
pub struct Entity {
    /// Its id.
    pub id: i64,
    /// What it is.
    pub kind: IdentityKind,
    /// Its name.
    pub name: String,
    /// An agent's e-mail address.
    pub email: Option<String>,
    /// Whether it is out of use.
    pub archived: bool,
}

const EMAIL: &str = "entity's e-mail address";
const NAME: &str = "entity's name";

fn number(kind: IdentityKind) -> i64 {
    IdentityKind::ALL.iter().position(|known| *known == kind).map_or(0, |place| place as i64 + 1)
}

type Raw = (i64, i64, String, Option<Vec<u8>>, bool);

fn raw(row: &dyn Row) -> Result<Raw> {
    Ok((row.int(0)?, row.int(1)?, row.text(2)?, row.maybe_blob(3)?, row.flag(4)?))
}

impl Scope<'_> {
    fn entity_of(&self, (id, kind, name, email, archived): Raw) -> Result<Entity> {
        let kind = usize::try_from(kind - 1).ok().and_then(|place| IdentityKind::ALL.get(place)).copied();
        let kind = kind.ok_or_else(|| StoreError::Damaged("an entity is of an unknown kind".to_owned()))?;
        let name = if kind == IdentityKind::Agent {
            let sealed = hex::decode(&name).map_err(|_| StoreError::Damaged("an agent's name cannot be read".to_owned()))?;
            self.vault.open_text(NAME, &sealed)?
        } else {
            name
        };
        let email = email.map(|sealed| self.vault.open_text(EMAIL, &sealed)).transpose()?;
        Ok(Entity { id, kind, name, email, archived })
    }

    /// What a person's name is stored as.
    fn sealed_name(&self, kind: IdentityKind, name: &str) -> Result<String> {
        Ok(if kind == IdentityKind::Agent { hex::encode(self.vault.seal(NAME, name.as_bytes())?) } else { name.to_owned() })
    }

    /// Makes an entity.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn create_entity(&mut self, kind: IdentityKind, name: &str, email: Option<&str>) -> Result<Entity> {
        let id = self.next_id();
        let sealed = email.map(|email| self.vault.seal(EMAIL, email.as_bytes())).transpose()?;
        let stored = self.sealed_name(kind, name)?;
        self.sql.execute(
            "INSERT INTO entities (tenant, id, kind, name, email, created, archived) VALUES ($1, $2, $3, $4, $5, $6, 0)",
            params![self.tenant, id, number(kind), &stored, sealed.as_ref(), id],
        )?;
        Ok(Entity { id, kind, name: name.to_owned(), email: email.map(ToOwned::to_owned), archived: false })
    }

    /// An entity.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn entity(&mut self, id: i64) -> Result<Entity> {
        let sql = "SELECT id, kind, name, email, archived FROM entities WHERE tenant = $1 AND id = $2";
        let found = self.sql.row(sql, params![self.tenant, id], raw)?.ok_or(StoreError::Missing("entity"))?;
        self.entity_of(found)
    }

    /// The entities of a kind, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn entities(&mut self, kind: IdentityKind, paging: Paging) -> Result<Page<Entity>> {
        let sql = "SELECT id, kind, name, email, archived FROM entities WHERE tenant = $1 AND kind = $2 AND id < $3 \
                   ORDER BY id DESC LIMIT $4";
        let rows = self.sql.rows(sql, params![self.tenant, number(kind), paging.before, paging.fetch()], raw)?;
        let rows = rows.into_iter().map(|found| self.entity_of(found)).collect::<Result<Vec<_>>>()?;
        Ok(paging.page(rows, |entity| entity.id))
    }

    /// Changes an entity.
    ///
    /// # Errors
    /// Where there is none of this id.
    pub fn update_entity(&mut self, entity: &Entity) -> Result<()> {
        let sealed = entity.email.as_ref().map(|email| self.vault.seal(EMAIL, email.as_bytes())).transpose()?;
        let name = self.sealed_name(entity.kind, &entity.name)?;
        let sql = "UPDATE entities SET name = $1, email = $2, archived = $3 WHERE tenant = $4 AND id = $5";
        match self.sql.execute(sql, params![&name, sealed.as_ref(), entity.archived, self.tenant, entity.id])? {
            0 => Err(StoreError::Missing("entity")),
            _ => Ok(()),
        }
    }
}
