//! Reading lists: one page, or all of them.

use salesdash_providers::definition::http::Listing;
use salesdash_providers::interpret::answer::Answer;
use salesdash_providers::interpret::paging::{self, Next, Position, Seen};
use salesdash_providers::interpret::records::{self, Origin, listed, unlisted};
use salesdash_providers::interpret::variables::{Asking, Given, headers};
use salesdash_value::{Instant, Value};

use crate::connection::{Connection, Trouble};

/// The most records of a list that is read whole: a table, or the parts of a poll.
pub const MAX_WHOLE: usize = 100_000;

/// The status that says that there is nothing.
const NO_CONTENT: u16 = 204;

/// A page.
#[derive(Clone, Debug)]
pub struct Page {
    /// The records on it, as they are taken: those that `only` leaves out are not among them.
    pub records: Vec<Value>,
    /// How many there were before any was left out.
    pub count: usize,
    /// What comes after it.
    pub next: Next,
    /// The body of the answer; null where there was none.
    pub body: Value,
    /// Why there are no records, where the answer holds none where they should be: a sentence. It is then no page, and [`Page::sound`] says so.
    pub unlisted: Option<String>,
}

impl Page {
    /// The page, unless its answer does not hold records where they should be.
    ///
    /// # Errors
    /// Where they are not there.
    pub fn sound(self) -> Result<Self, Trouble> {
        match self.unlisted {
            Some(text) => Err(Trouble::Failed(text)),
            None => Ok(self),
        }
    }
}

/// What a page is read for.
#[derive(Clone, Copy, Debug)]
pub struct For<'f> {
    /// The source that asks, where one does.
    pub source: &'f Given,
    /// The partition, or null.
    pub partition: &'f Value,
    /// The pages read in this run, this one included.
    pub pages: u64,
}

/// Reads the page at a position.
///
/// # Errors
/// Why it could not be read.
pub async fn page(
    connection: &Connection,
    listing: &Listing,
    position: &Position,
    asking: Asking,
    reading: For<'_>,
) -> Result<Page, Trouble> {
    let asking = Asking { page: position.variable(listing.paging.as_ref()), ..asking };
    let asked = connection.ask(&listing.request, &asking, Some(reading.source), position.url.as_deref()).await?;
    let at = connection.clock().now();
    let Some(answer) = asked.answer else {
        return Ok(Page { records: Vec::new(), count: 0, next: Next::Done, body: Value::Null, unlisted: None });
    };
    // 204: there is nothing, and that is said.
    let unlisted = if answer.status == NO_CONTENT { None } else { unlisted(&answer.body, listing) };
    if unlisted.is_some() {
        return Ok(Page { records: Vec::new(), count: 0, next: Next::Done, body: answer.body, unlisted });
    }
    let items = listed(&answer.body, listing.records.as_ref()).unwrap_or_default();
    let next = paging::next(
        listing.paging.as_ref(),
        position,
        Seen { answer: &answer, url: &asked.url, count: items.len(), last: items.last() },
        &connection.allowed()?,
        reading.pages,
        at,
    );
    let count = items.len();
    let records = shaped(listing, reading, items, &answer, at)?;
    Ok(Page { records, count, next, body: answer.body, unlisted: None })
}

fn shaped(listing: &Listing, reading: For<'_>, items: Vec<Value>, answer: &Answer, at: Instant) -> Result<Vec<Value>, Trouble> {
    let headers = headers(answer.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let origin = Origin { envelope: &answer.body, headers: &headers, partition: reading.partition, at };
    let mut taken = Vec::with_capacity(items.len());
    for item in items {
        let records = records::each(listing.each.as_ref(), reading.source, item, origin);
        taken.extend(records.map_err(|text| Trouble::Failed(format!("The vendor's answer is not what the definition says: {text}.")))?);
    }
    Ok(taken)
}

/// Reads a list whole.
///
/// # Errors
/// Why it could not be read.
pub async fn whole(connection: &Connection, listing: &Listing, source: &Given) -> Result<Vec<Value>, Trouble> {
    let (mut position, mut rows, mut pages) = (Position::default(), Vec::new(), 0);
    loop {
        pages += 1;
        let reading = For { source, partition: &Value::Null, pages };
        let page = page(connection, listing, &position, Asking::default(), reading).await?.sound()?;
        rows.extend(page.records);
        if rows.len() > MAX_WHOLE {
            return Err(Trouble::Failed(format!("The list has more than {MAX_WHOLE} records, the most that are read whole.")));
        }
        match page.next {
            Next::Page(next) => position = next,
            Next::Done => return Ok(rows),
            Next::Bound(_) => return Err(Trouble::Failed("The list has more pages than the definition allows.".to_owned())),
            Next::Failed(text) => return Err(Trouble::Failed(text)),
        }
    }
}
