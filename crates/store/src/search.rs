//! Searching in what is encrypted: names are read page by page and compared here, since the database cannot.

use salesdash_value::IdentityKind;

use crate::entities::Entity;
use crate::error::Result;
use crate::{Page, Paging, Scope};

/// Rows that are read at a time.
const CHUNK: usize = 500;

impl Scope<'_> {
    /// The entities of a kind that `keep` wants, newest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub fn entities_where(&mut self, kind: IdentityKind, paging: Paging, keep: impl Fn(&Entity) -> bool) -> Result<Page<Entity>> {
        let mut found = Vec::new();
        let mut before = paging.before;
        loop {
            let page = self.entities(kind, Paging { before, limit: CHUNK })?;
            let last = page.items.last().map(|entity| entity.id);
            found.extend(page.items.into_iter().filter(|entity| keep(entity)));
            match (page.next, last) {
                (Some(_), Some(last)) if found.len() <= paging.limit => before = last,
                _ => return Ok(paging.page(found, |entity| entity.id)),
            }
        }
    }
}
